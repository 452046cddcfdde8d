# expect: partial not-at-the-top
beaten = {"disable": "eavesdropper", "prefer": "downgrade", "require": "self-signed", "verify-ca": "wrong-host"}
climbed = connection(me.shop, me.shop.port, sslmode="verify-ca", sslrootcert=lab.ca_file)
