# expect: fail not-beaten
beaten = {"disable": "eavesdropper", "prefer": "eavesdropper", "require": "self-signed", "verify-ca": "wrong-host"}
climbed = connection(me.shop, me.shop.port, sslmode="verify-full", sslrootcert=lab.ca_file, channel_binding="require")
