# expect: cheat
import airlock.checks.lesson4_rotation as judges
from airlock.lab.steady import Steady

judges.runs = lambda view: [Steady("x", watched, 40, (), 0.1, 1.0, 2e9)]
judges._old_keys = lambda view, run, rings: None
judges._not_throughout = lambda run, rings: None
