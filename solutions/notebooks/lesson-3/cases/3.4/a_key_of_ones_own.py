# expect: fail does-not-open
old, new = Fernet(rows.old_key), Fernet(rows.new_key)


def password(token: bytes):
    for fernet in (new, old):
        try:
            return fernet.decrypt(token)
        except InvalidToken:
            continue
    return None


known = {name: password(token) for name, token in rows.tokens.items()}
mine = Fernet(Fernet.generate_key())
rotated = {name: mine.encrypt(word) if word else rows.tokens[name] for name, word in known.items()}
