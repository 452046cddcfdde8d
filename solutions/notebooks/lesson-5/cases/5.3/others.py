# expect: full
beaten = {"disable": "eavesdropper", "prefer": "cleartext", "require": "expired", "verify-ca": "wrong-host"}
climbed = connection(me.shop, me.shop.port, sslmode="verify-full", sslrootcert=lab.ca_file, channel_binding="require", require_auth="scram-sha-256")
