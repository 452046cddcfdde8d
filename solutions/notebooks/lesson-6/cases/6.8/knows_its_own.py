# expect: fail knows-one-by-heart
known = audit_of_my_own = [
    (entry["conn_id"], kind)
    for entry in plain["connections"]
    for kind in ("not-verified", "may-fall-back")
]


def audit(deployment):
    return known
