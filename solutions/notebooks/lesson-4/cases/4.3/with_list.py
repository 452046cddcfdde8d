# expect: fail may-list
policy = f"""
path "{me.team}/data/connections/*" {{ capabilities = ["read"] }}
path "{me.team}/metadata/connections/*" {{ capabilities = ["list", "read"] }}
"""
