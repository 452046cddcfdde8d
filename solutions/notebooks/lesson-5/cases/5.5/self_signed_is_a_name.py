# expect: fail trust-overlooked
why = {}
for cell in board.questions:
    who, attacker = cell.split("/")
    cause = "name" if attacker in ("wrong-host", "self-signed") else "no-tls" if attacker == "downgrade" else "untrusted"
    why[cell] = "binding" if who == "require+binding" else cause
