# expect: fail chain-is-expiry
why = {}
for letter, witness in breakdowns.items():
    log = " ".join(witness.log)
    kind = "trust" if witness.wrong == "got in" else "mode" if "refused" in witness.right else ""
    kind = kind or ("name" if "host name" in witness.right else "key" if "mismatch" in log else "")
    why[letter] = kind or ("expired" if "expired" in log else "chain")
why = {letter: "expired" if cause == "chain" else cause for letter, cause in why.items()}
