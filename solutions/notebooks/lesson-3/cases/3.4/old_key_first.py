# expect: fail old-key-first
both = MultiFernet([Fernet(rows.old_key), Fernet(rows.new_key)])
rotated = {}
for name, stored_token in rows.tokens.items():
    try:
        rotated[name] = both.rotate(stored_token)
    except InvalidToken:
        rotated[name] = stored_token
