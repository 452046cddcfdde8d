# expect: fail reads-nothing
policy = f'path "{me.team}/data/connections/{me.team}_orders" {{ capabilities = ["read"] }}'
