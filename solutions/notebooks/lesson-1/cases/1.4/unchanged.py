# expect: fail extra-cut-off
fixed_uri = broken
