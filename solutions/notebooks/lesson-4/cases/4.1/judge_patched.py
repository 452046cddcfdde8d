# expect: cheat
import airlock.checks.lesson4_rest as judges

judges._state = lambda view, planted: None
judges._wrong_names = lambda given, planted: None
in_clear = []
