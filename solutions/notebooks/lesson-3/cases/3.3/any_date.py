# expect: cheat
made = datetime(2025, 1, 1, tzinfo=UTC)
size = (1, 100)
