# expect: partial date-overlooked
why = {}
for cell in board.questions:
    who, attacker = cell.split("/")
    cause = "name" if attacker == "wrong-host" else "no-tls" if attacker == "downgrade" else "untrusted"
    why[cell] = "binding" if who == "require+binding" else cause
why = {c: "name" if c.endswith("expired") and c[0] == "v" else v for c, v in why.items()}
