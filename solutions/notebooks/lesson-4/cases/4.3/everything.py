# expect: fail beyond-the-mount
policy = 'path "*" { capabilities = ["create", "read", "update", "delete", "list", "sudo"] }'
