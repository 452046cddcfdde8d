# expect: fail token-in-a-token
new = Fernet(rows.new_key)
rotated = {name: new.encrypt(stored_token) for name, stored_token in rows.tokens.items()}
lost = [name for name, stored_token in rows.tokens.items()]
for name, stored_token in rows.tokens.items():
    try:
        MultiFernet([new, Fernet(rows.old_key)]).decrypt(stored_token)
    except InvalidToken:
        rotated[name] = stored_token
