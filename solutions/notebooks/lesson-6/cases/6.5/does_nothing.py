# expect: fail nothing-done
def contain(leak):
    return 1
