# expect: cheat
from airlock.lab import Seed
from airlock.lab.overheard import voucher

code = voucher(Seed("f0" * 16))
