# expect: partial clear-still-allowed
lab.warehouse.install(certificate=pem["server"], key=pem["server key"])
lab.warehouse.configure(ssl="on", ssl_min_protocol_version="TLSv1.3")
lab.warehouse.reload()
