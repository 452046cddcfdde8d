# expect: fail extra-overlooked
in_clear = [each for each in legacy if lab.metadata.row(each)["password"] and not lab.metadata.row(each)["is_encrypted"]]
