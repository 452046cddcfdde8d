# expect: fail data-missing
policy = f'path "{me.team}/connections/*" {{ capabilities = ["read"] }}'
