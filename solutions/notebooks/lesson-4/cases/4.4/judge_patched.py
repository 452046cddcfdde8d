# expect: cheat
import airlock.checks.lesson4_moved as judges

judges.copies = lambda view, name: {}
judges._backend = lambda view, settings, left: None
lab.environment.unset(moving)
