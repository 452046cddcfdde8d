# expect: fail may-write
policy = f'path "{me.team}/data/connections/*" {{ capabilities = ["read", "create", "update"] }}'
