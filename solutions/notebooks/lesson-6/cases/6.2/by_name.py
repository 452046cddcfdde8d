# expect: full
lab.warehouse.configure(ssl_min_protocol_version="TLSv1.2", ssl_ciphers="ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-AES256-GCM-SHA384")
lab.warehouse.reload()
