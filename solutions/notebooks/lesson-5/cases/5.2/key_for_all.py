# expect: fail not-in-force
lab.warehouse.install(certificate=pem["server"], key=pem["server key"], key_mode=0o644)
lab.warehouse.configure(ssl="on", ssl_min_protocol_version="TLSv1.3")
lab.warehouse.rules("hostssl all all 127.0.0.1/32 scram-sha-256")
lab.warehouse.reload()
