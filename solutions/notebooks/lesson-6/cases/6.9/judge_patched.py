# expect: cheat
import airlock.checks.lesson6_capstone_repair as judge
from airlock.lab.deployment import raid

raid.raid = judge.raid = lambda *_: []
lab.environment.set(f"{me.team}_status", "http://")
