# expect: fail partner-locked-out
lab.warehouse.configure(ssl_min_protocol_version="TLSv1.3", ssl_ciphers="ECDHE+AESGCM")
lab.warehouse.reload()
