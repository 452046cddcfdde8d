# expect: fail row-lost
old, new = Fernet(rows.old_key), Fernet(rows.new_key)


def password(token: bytes):
    for fernet in (new, old):
        try:
            return fernet.decrypt(token)
        except InvalidToken:
            continue
    return None


known = {name: password(token) for name, token in rows.tokens.items()}
rotated = {name: new.encrypt(word) if word else rows.tokens[name] for name, word in known.items()}
for name, token in rows.tokens.items():
    try:
        new.decrypt(token)
        del rotated[name]
    except InvalidToken:
        pass
