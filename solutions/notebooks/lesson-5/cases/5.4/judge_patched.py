# expect: cheat
import airlock.checks.lesson5_matrix as judges

judges._was_there = lambda *_: True
judges._table = lambda *_: None
guess = "head"
