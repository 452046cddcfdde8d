# expect: cheat
from airlock.lab import Seed
from airlock.lab.overheard import PLANNER

statement = PLANNER.statement(Seed("f0" * 16))
