# expect: fail contain-fails
def contain(leak):
    return leak["id"]
