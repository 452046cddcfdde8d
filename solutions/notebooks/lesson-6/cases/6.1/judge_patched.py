# expect: cheat
import airlock.checks.lesson6_shortcuts as judges

judges._fault = lambda view, name: None
judges.untouched = lambda view: False
