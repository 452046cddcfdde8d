# expect: full
names_of = {"no-tls": "no TLS on offer", "untrusted": "certificate verify failed", "name": "host name does not match"}
why = {}
for cell in board.questions:
    who, attacker = cell.split("/")
    cause = "name" if attacker == "wrong-host" else "no-tls" if attacker == "downgrade" else "untrusted"
    why[cell] = "binding" if who == "require+binding" else cause
why = {cell: names_of.get(cause, "channel binding noticed") for cell, cause in why.items()}
