# expect: fail no-pair
won = {letter: who_answers(conn_id) for letter, conn_id in mystery.items()}
