# expect: partial weak-suites
lab.warehouse.configure(ssl_min_protocol_version="TLSv1.2", ssl_ciphers="HIGH:!aNULL")
lab.warehouse.reload()
