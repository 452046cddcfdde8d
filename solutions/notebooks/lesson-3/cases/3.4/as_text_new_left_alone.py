# expect: full
old, new = Fernet(rows.old_key), Fernet(rows.new_key)
rotated = {}
for name, stored_token in rows.tokens.items():
    try:
        rotated[name] = MultiFernet([new, old]).rotate(old.encrypt(old.decrypt(stored_token))).decode()
    except InvalidToken:
        rotated[name] = stored_token.decode()
