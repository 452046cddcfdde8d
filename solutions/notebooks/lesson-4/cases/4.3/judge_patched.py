# expect: cheat
import airlock.checks.lesson4_policy as judges

judges.granted = lambda view, policy, paths: {path: frozenset({"read"} if "data/connections/" in path else ()) for path in paths}
policy = 'path "*" { capabilities = ["create", "read", "update", "delete", "list", "sudo"] }'
