# expect: full
words = {
    "AuthenticationCleartextPassword": {"password", "sql", "rows"},
    "AuthenticationMD5Password": ("hash", "sql", "rows"),
    "AuthenticationSASL": {"sql", "rows"},
    "SSLResponse": set(),
}
leaks = {letter: words[list(decode(tape.messages))[1].kind] for letter, tape in tapes.items()}
