# expect: full
stolen = 0
