# expect: fail beats-the-next-too
beaten = dict.fromkeys(("disable", "prefer", "require", "verify-ca"), "stolen-key")
climbed = connection(me.shop, me.shop.port, sslmode="verify-full", sslrootcert=lab.ca_file, channel_binding="require")
