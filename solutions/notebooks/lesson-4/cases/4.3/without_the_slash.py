# expect: fail slash-missing
policy = f'path "{me.team}/data/connections*" {{ capabilities = ["read"] }}'
