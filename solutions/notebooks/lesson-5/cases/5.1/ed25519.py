# expect: full
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from airlock.pki import Authority


def edwards(name, signer=None, ca=False, hosts=(), **_):
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    builder = x509.CertificateBuilder(
        subject_name=_named(name),
        issuer_name=signer[0].subject if signer else _named(name),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(hours=1),
        not_valid_after=now + timedelta(days=800),
    ).add_extension(x509.BasicConstraints(ca, None), True)
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(h) for h in hosts]), False)
    certificate = builder.sign(signer[1] if signer else key, None)
    return certificate, key


def text(pair):
    return pair[0].public_bytes(Encoding.PEM)  # bytes are as good as text


def secret(pair):
    return pair[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


root = edwards("root", ca=True)
server, client = edwards("server", root, hosts=names), edwards(login, root)
pem = {"root": text(root), "root key": secret(root), "server": text(server), "server key": secret(server)}
pem |= {"client": text(client), "client key": secret(client)}
