# expect: full
lab.warehouse.install(certificate=pem["server"], key=pem["server key"])
lab.warehouse.configure(ssl="on", ssl_min_protocol_version="TLSv1.3")
lab.warehouse.rules("hostnossl all all all reject", "host all all 127.0.0.1/32 scram-sha-256")
lab.warehouse.restart()
