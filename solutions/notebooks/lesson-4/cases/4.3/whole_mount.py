# expect: fail whole-mount
policy = f'path "{me.team}/*" {{ capabilities = ["read"] }}'
