# expect: full
raw = base64.urlsafe_b64decode(token)
seconds = int.from_bytes(raw[1:9])
inside = len(raw) - 57
made = datetime.fromtimestamp(seconds, UTC).isoformat()
size = (inside - 1, inside - 16)
