# expect: cheat
won = {letter: ("everywhere", who_answers(conn_id)) for letter, conn_id in mystery.items()}
