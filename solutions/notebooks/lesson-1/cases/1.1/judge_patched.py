# expect: cheat
from airlock.checks import catalogue, lesson1_describe
from airlock.checks.report import passed

lesson1_describe.describe = lambda world: passed("fine")
object.__setattr__(catalogue.find("1.1"), "judge", lambda world: passed("fine"))
shop = Connection(conn_id="shop")
