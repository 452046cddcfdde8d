# expect: fail other-certificate
other = issue("localhost", hosts=names, purpose=Use.SERVER_AUTH)
lab.warehouse.install(certificate=other.pem, key=other.key_pem)
lab.warehouse.configure(ssl="on", ssl_min_protocol_version="TLSv1.3")
lab.warehouse.rules("hostssl all all 127.0.0.1/32 scram-sha-256")
lab.warehouse.reload()
