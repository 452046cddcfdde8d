# expect: fail flags-nothing
def audit(deployment):
    return []
