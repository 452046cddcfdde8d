# expect: full
# The lab keeps a key that a row still needs, so the ring is (new, old) after the first step here too.
fresh = Fernet.generate_key().decode()
with lab.steady(watched):
    lab.fernet.configure(fresh)
    lab.fernet.rotate()
    lab.fernet.configure(fresh)
