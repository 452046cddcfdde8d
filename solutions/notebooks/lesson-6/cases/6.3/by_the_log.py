# expect: full
said = {
    "unknown ca": "chain", "group or world": "mode", "method=trust": "trust",
    "values mismatch": "key", "certificate expired": "expired", "does not match host": "name",
}
why = {}
for letter, witness in breakdowns.items():
    text = " ".join([*witness.log, witness.right])
    why[letter] = next(cause for words, cause in said.items() if words in text)
