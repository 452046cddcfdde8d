# expect: cheat
from airlock.lab.deployment import generate, of

known = sorted(generate(me.view.seed, of(me.view)).pairs)


def audit(deployment):
    return known
