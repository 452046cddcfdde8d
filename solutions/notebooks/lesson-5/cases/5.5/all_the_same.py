# expect: cheat
why = dict.fromkeys(board.questions, "name")
