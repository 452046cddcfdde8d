# expect: cheat
import airlock.checks.lesson2_overheard as judges

judges._lets_in = lambda view, answer: True
stolen = (f"clerk_{me.team}", "anything")
