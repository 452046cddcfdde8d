# expect: fail missed-may-fall-back
def audit(deployment):
    found = set()
    for entry in deployment["connections"]:
        text = json.dumps(entry)
        if "disable" in text:
            found.add((entry["conn_id"], "never-encrypted"))
        elif "require" in text:
            found.add((entry["conn_id"], "not-verified"))
        elif "verify-ca" in text:
            found.add((entry["conn_id"], "name-not-checked"))
        elif "allow" in text or "prefer" in text:
            found.add((entry["conn_id"], "may-fall-back"))
    return list(found)
