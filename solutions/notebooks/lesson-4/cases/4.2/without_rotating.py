# expect: fail rows-not-rotated
with lab.steady(watched):
    new = Fernet.generate_key().decode()
    lab.fernet.configure(new, *lab.fernet.keys())
    lab.fernet.configure(new)
