# expect: fail time-zone
raw = base64.urlsafe_b64decode(token)
seconds = int.from_bytes(raw[1:9])
inside = len(raw) - 57
from datetime import timedelta

made = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None) + timedelta(hours=2)
size = (inside - 16, inside - 1)
