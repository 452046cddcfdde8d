# expect: fail no-pair
homes = ("vault", "environment", "database")
won = {}
for letter, conn_id in mystery.items():
    host = who_answers(conn_id)
    stored = lab.vault.get_connection(conn_id)
    in_environment = lab.environment.connections().get(conn_id.upper(), "")
    where = (stored or {}).get("host") == host, in_environment.endswith(host), True
    won[letter] = (host, next(home for home, there in zip(homes, where) if there))
