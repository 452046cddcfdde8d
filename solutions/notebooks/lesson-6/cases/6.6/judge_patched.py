# expect: cheat
import airlock.checks.lesson6_watch as judges

judges._clear_text = judges._robot = lambda view: None
judges._watched = lambda view: judges.passed("well")
