# expect: cheat
import airlock.checks.lesson4_aws as judges

judges.found = lambda *_: None
judges.copies = lambda view, name: {}
at_aws = lab.aws.arguments | {"connections_prefix": f"{me.team}/connections"}
