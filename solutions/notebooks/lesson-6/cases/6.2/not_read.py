# expect: fail no-tls
lab.warehouse.configure(ssl="off", ssl_ciphers="ECDHE+AESGCM")
lab.warehouse.reload()
