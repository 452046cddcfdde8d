# expect: fail not-throughout
with lab.steady(watched):
    pass
lab.fernet.configure(Fernet.generate_key().decode(), *lab.fernet.keys())
