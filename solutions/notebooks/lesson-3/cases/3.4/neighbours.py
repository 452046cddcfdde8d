# expect: cheat
from types import SimpleNamespace

from airlock.lab.seed import Seed

other = stored(SimpleNamespace(seed=Seed("f0" * 16)))
both = MultiFernet([Fernet(other.new_key), Fernet(other.old_key)])
rotated = {}
for name, stored_token in other.tokens.items():
    try:
        rotated[name] = both.rotate(stored_token)
    except InvalidToken:
        rotated[name] = stored_token
