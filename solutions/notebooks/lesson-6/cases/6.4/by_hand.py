# expect: cheat
with lab.callers() as seen:
    for _ in range(3):
        issued = lab.pki.issue()
        server.install(certificate=issued.certificate, key=issued.key)
        server.reload()
