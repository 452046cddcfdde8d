# expect: cheat
from airlock.lab.deployment import raid

lab.deployment.reset()
raid.raid = lambda *_: []
stolen = 0
