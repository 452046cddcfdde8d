# expect: cheat
import airlock.checks.lesson6_hardened as judges

judges._old = judges._weak = judges._partner = lambda found: None
judges.FOUND = {"no": "such"}
