# expect: partial still-in-clear
in_clear = [each for each in legacy if not lab.metadata.row(each)["is_extra_encrypted"]]
