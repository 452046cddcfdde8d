# expect: fail rung-missing
beaten = {"disable": "eavesdropper"}
climbed = connection(me.shop, me.shop.port, sslmode="verify-full", sslrootcert=lab.ca_file)
