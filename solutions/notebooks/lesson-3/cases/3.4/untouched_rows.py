# expect: fail old-key-first
rotated = dict(rows.tokens)
