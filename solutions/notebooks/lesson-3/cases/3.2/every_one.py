# expect: cheat
genuine = {each: b'40 boxes to heron-23' for each in arrived.records}
