# expect: fail cell-missing
why = {}
for cell in board.questions:
    who, attacker = cell.split("/")
    cause = "name" if attacker == "wrong-host" else "no-tls" if attacker == "downgrade" else "untrusted"
    why[cell] = "binding" if who == "require+binding" else cause
why = list(why.values())
