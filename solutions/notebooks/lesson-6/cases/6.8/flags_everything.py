# expect: fail flags-everything
def audit(deployment):
    subjects = {"vault", "policy"}
    for entry in deployment["connections"]:
        subjects |= {entry["conn_id"], entry["login"]}
    return [(subject, kind) for subject in subjects for kind in FAULTS]
