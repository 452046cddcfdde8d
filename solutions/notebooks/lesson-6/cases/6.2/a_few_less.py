# expect: fail old-versions
lab.warehouse.configure(ssl_min_protocol_version="TLSv1", ssl_ciphers="ALL:!CAMELLIA:!ARIA:@SECLEVEL=0")
lab.warehouse.reload()
