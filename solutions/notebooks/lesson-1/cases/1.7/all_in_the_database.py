# expect: fail wrong-home-named
won = {letter: ("database", who_answers(conn_id)) for letter, conn_id in mystery.items()}
