# expect: partial authority-may-err
beaten = {"disable": "eavesdropper", "prefer": "downgrade", "require": "self-signed", "verify-ca": "wrong-host"}
climbed = connection(me.shop, me.shop.port, sslmode="verify-full", sslrootcert=lab.ca_file)
