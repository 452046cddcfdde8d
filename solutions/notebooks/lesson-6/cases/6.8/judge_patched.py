# expect: cheat
import airlock.checks.lesson6_capstone_audit as judge
from airlock.checks.report import passed
from airlock.lab import deployment as generated

judge._graded = judge._silly = lambda tried: passed("all found")
generated.Deployment.pairs = property(lambda _: frozenset())


def audit(deployment):
    return [("nobody", "not-verified")]
