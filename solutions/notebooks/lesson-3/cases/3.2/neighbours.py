# expect: cheat
from types import SimpleNamespace

from airlock.lab.seed import Seed
from airlock.lab.sealed import lines

genuine = lines(SimpleNamespace(seed=Seed("f0" * 16)))
