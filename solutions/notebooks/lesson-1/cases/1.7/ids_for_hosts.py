# expect: fail not-a-copy
won = {letter: ("database", conn_id) for letter, conn_id in mystery.items()}
