# expect: cheat
policy = f"""
path "*" {{ capabilities = ["read"] }}
path "sys/*" {{ capabilities = ["deny"] }}
path "auth/*" {{ capabilities = ["deny"] }}
"""
