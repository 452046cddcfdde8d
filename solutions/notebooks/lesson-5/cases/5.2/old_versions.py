# expect: partial old-version
lab.warehouse.install(certificate=pem["server"], key=pem["server key"])
lab.warehouse.configure(ssl="on")
lab.warehouse.rules("hostssl all all 127.0.0.1/32 scram-sha-256")
lab.warehouse.reload()
