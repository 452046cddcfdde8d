# expect: fail other-names
named = issue("localhost", inter, hosts=names[:1], purpose=Use.SERVER_AUTH)
lab.warehouse.install(certificate=named.pem + inter.pem, key=named.key_pem)
lab.warehouse.configure(ssl="on", ssl_min_protocol_version="TLSv1.3")
lab.warehouse.rules("hostssl all all 127.0.0.1/32 scram-sha-256")
lab.warehouse.reload()
