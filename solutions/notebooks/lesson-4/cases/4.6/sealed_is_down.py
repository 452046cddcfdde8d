# expect: fail sealed-is-down
why = {}
for letter, witness in incidents.items():
    errors = [entry.path for entry in witness.audit if entry.error]
    kind = "down" if "no answer" in witness.health else "sealed" if "503" in witness.health else ""
    kind = kind or ("untrusted" if not witness.audit else "absent" if not errors else "refused")
    why[letter] = "login" if "auth/approle/login" in errors else kind
why = {letter: "down" if cause == "sealed" else cause for letter, cause in why.items()}
