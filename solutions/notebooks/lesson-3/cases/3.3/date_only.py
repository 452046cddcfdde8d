# expect: partial one-missing
raw = base64.urlsafe_b64decode(token)
seconds = int.from_bytes(raw[1:9])
inside = len(raw) - 57
made = seconds
size = ...
