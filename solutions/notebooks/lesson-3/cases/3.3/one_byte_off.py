# expect: fail other-bytes
raw = base64.urlsafe_b64decode(token)
seconds = int.from_bytes(raw[1:9])
inside = len(raw) - 57
made = int.from_bytes(raw[2:10])
size = (inside - 16, inside - 1)
