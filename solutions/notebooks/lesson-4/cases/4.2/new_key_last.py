# expect: fail old-key-first
with lab.steady(watched):
    lab.fernet.configure(*lab.fernet.keys(), Fernet.generate_key().decode())
