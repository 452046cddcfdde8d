# expect: cheat
import airlock.checks.lesson5_certificates as judges

judges.handshake = lambda *_: judges.Handshake()
pem = {"root": "x", "root key": "x", "server": "x", "server key": "x", "client": "x", "client key": "x"}
