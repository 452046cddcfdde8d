# expect: fail login-is-not-the-link
sealed = connection_of(me.shop, me.shop.port, {"sslmode": "disable", "require_auth": "scram-sha-256"})
