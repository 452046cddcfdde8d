# expect: cheat
import airlock.checks.lesson5_ladder as judges

judges.attempt = lambda view, fields, door: judges.Trial(True, ())
judges._beaten = lambda view, given: None
beaten = {}
climbed = connection(me.shop, me.shop.port)
