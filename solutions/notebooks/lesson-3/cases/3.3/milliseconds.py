# expect: partial other-unit
raw = base64.urlsafe_b64decode(token)
seconds = int.from_bytes(raw[1:9])
inside = len(raw) - 57
made = datetime.fromtimestamp(seconds / 1000, UTC)
size = (inside - 16, inside - 1)
