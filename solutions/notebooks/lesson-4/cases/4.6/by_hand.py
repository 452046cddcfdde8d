# expect: full
why = {}
for letter, witness in incidents.items():
    text = " ".join(f"{entry.path} {entry.error}" for entry in witness.audit)
    if "503" in witness.health:
        why[letter] = "Sealed"
    elif "200" not in witness.health:
        why[letter] = "down"
    elif "CERTIFICATE_VERIFY_FAILED" in " ".join(witness.log):
        why[letter] = "untrusted"
    elif "permission denied" in text:
        why[letter] = "refused"
    else:
        why[letter] = "absent" if "data/" in text else "login"
