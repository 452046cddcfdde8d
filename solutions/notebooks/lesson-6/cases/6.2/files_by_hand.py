# expect: full
settings = lab.warehouse.folder / "postgresql.conf"
kept = [line for line in settings.read_text().splitlines() if not line.startswith(("ssl_min", "ssl_ciphers"))]
kept += ["ssl_ciphers = 'HIGH:!aNULL:!kRSA:!SHA1:!SHA256:!SHA384:!CAMELLIA:!ARIA:!AESCCM'"]
settings.write_text("\n".join(kept) + "\n")
lab.warehouse.reload()
