# expect: full
beaten = {"disable": "eavesdropper", "prefer": "downgrade", "require": "cleartext-forged", "verify-ca": "wrong-host"}
climbed = connection(me.shop, me.shop.port, sslmode="verify-full", sslrootcert=lab.ca_file, channel_binding="require", sslnegotiation="direct")
