"""Judge of task 5.1: certificates of the learner's own authority, for a server and for a client.

No file format, key type, tool or depth of chain is asked for: OpenSSL shakes hands with what was made. Only where it
refuses are the fields looked at, to say why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from airlock.checks.catalogue import task
from airlock.checks.plain import Plain, from_plain
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import World
from airlock.lab import View
from airlock.lab.warehouse import Warehouse
from airlock.pki.trial import End, Handshake, handshake

PARTS = ("root", "root key", "server", "server key", "client", "client key")
_LEAST_RSA = 2048


@dataclass(frozen=True)
class Papers:
    """What the learner made, as PEM, and the certificates that are in it, in the order of the text."""

    root: bytes
    root_key: bytes
    server: End
    client: End
    roots: list[x509.Certificate]
    servers: list[x509.Certificate]
    clients: list[x509.Certificate]


def server_names(view: View) -> tuple[str, str]:
    """The names by which clients call the learner's own server."""
    return "localhost", f"warehouse.{view.prefix}.internal"


def papers(value: Plain) -> Papers | Report:
    """The dict of PEM texts, once every part can be read; else a report."""
    if not isinstance(value, dict) or (missing := [part for part in PARTS if part not in value]):
        return failed(
            f"`pem` has no entry {missing[0]!r}." if isinstance(value, dict) else "`pem` is no dict.",
            "The check hands the parts to a TLS server and to a TLS client, and lets them talk.",
            f"Six entries: {', '.join(PARTS)}.",
            "entry-missing",
        )
    raw = {part: _bytes(value[part]) for part in PARTS}
    try:
        chains = {part: x509.load_pem_x509_certificates(raw[part]) for part in ("root", "server", "client")}
        for part in PARTS[1::2]:
            load_pem_private_key(raw[part], None)
    except (ValueError, TypeError) as error:
        return failed(
            f"A part of `pem` is not what a server could load: {str(error)[:120]}.",
            "Servers and clients read PEM: base64 between two lines with dashes. A key must not ask for a "
            "passphrase here.",
            "`certificate.public_bytes(Encoding.PEM)`, and `key.private_bytes(…)` with `NoEncryption()`.",
            "not-pem",
        )
    server, client = End(raw["server"], raw["server key"]), End(raw["client"], raw["client key"])
    return Papers(raw["root"], raw["root key"], server, client, chains["root"], chains["server"], chains["client"])


@task(
    "5.1",
    "Issue certificates that a server and a client accept",
    3,
    hints=(
        "Three questions for each leaf: who signs it, which name does it carry, and what is it for? And what "
        "does a peer "
        "have that knows nothing but the root: can it get from your leaf to the root with what you send?",
        "`issue(…)` takes `hosts` for the names and `purpose` for the use. An intermediate is one with "
        "`ca=True`, signed by "
        "the root. The entries `server` and `client` hold the leaf *first*, then the intermediate; the root is "
        "not sent.",
        '`office = issue(f"{me.team} office", root, ca=True)`, then `issue(names[0], office, hosts=names, '
        'purpose=Use.SERVER_AUTH)` and `issue(login, office, purpose=Use.CLIENT_AUTH)`. `"server": server.pem + '
        "office.pem`, and `client` in the same way.",
    ),
)
def certificates(world: World) -> Report:
    """A client that trusts the root accepts the server by both names, and the server accepts the client by its
    login."""
    made = papers(world.value("pem"))
    if isinstance(made, Report):
        return made
    return (
        _parts(made)
        or _server(made, server_names(world.view))
        or _client(made, Warehouse(world.view).login.user)
        or passed(
            f"A TLS client that knows only your root accepted the server by both names ({_path(made)}). The server "
            "accepted your client, and read its login in the certificate.",
            "OpenSSL judged it, in a real handshake. It has no opinion about the tool that you used.",
        )
    )


def _parts(made: Papers) -> Report | None:
    if _public(load_pem_private_key(made.root_key, None).public_key()) != _public(made.roots[0].public_key()):
        return failed(
            "`root key` is not the key of the certificate in `root`.",
            "Then this authority can sign nothing any more.",
            "Both come from the same certificate: the one that signs itself.",
            "key-of-another-root",
        )
    for what, chain, end in (("server", made.servers, made.server), ("client", made.clients, made.client)):
        if report := _leaf(what, chain, end):
            return report
    if _public(made.servers[0].public_key()) == _public(made.clients[0].public_key()):
        return failed(
            "Server and client have the same key.",
            "What is stolen from the one opens the other, and a log cannot tell them apart.",
            "Two leaves, two keys.",
            "one-for-both",
        )
    return None


def _leaf(what: str, chain: list[x509.Certificate], end: End) -> Report | None:
    key = load_pem_private_key(end.key, None).public_key()
    fits = [_public(each.public_key()) == _public(key) for each in chain]
    if any(fits[1:]) and not fits[0]:
        return failed(
            f"`{what}` begins with an authority's certificate; the leaf comes later.",
            "The first certificate is the one that is meant. What follows only leads from it to the root.",
            "Leaf first, then the intermediate that signed it.",
            "chain-order",
        )
    if not fits[0]:
        return failed(
            f"`{what} key` is not the key of the first certificate in `{what}`.",
            "A certificate is public; whoever shows it has to prove that the key is his.",
            "Each leaf has a key of its own: the one whose public half is in the certificate.",
            "key-of-another",
        )
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _LEAST_RSA:
        return failed(
            f"`{what}` has an RSA key of {key.key_size} bits.",
            "Keys of that size have been factored, or nearly. Clients refuse them.",
            "2048 bits or more, or an elliptic curve.",
            "weak-key",
        )
    if _is_authority(chain[0]):
        return failed(
            f"The {what}'s certificate may sign other certificates.",
            "Whoever steals this one key can make a certificate for every name that your clients call.",
            "A leaf is no authority: `ca=False`, which is what `BasicConstraints` says.",
            "leaf-is-an-authority",
        )
    return None


def _server(made: Papers, names: tuple[str, ...]) -> Report | None:
    for name in names:
        came = handshake(made.server, made.root, name)
        if not came.works:
            shown = "the second name" if name == names[1] else f"`{name}`"
            return _explained(f"A client called your server by {shown}", came, made.servers, made.roots)
    return None


def _client(made: Papers, login: str) -> Report | None:
    came = handshake(made.server, made.root, "localhost", made.client)
    if not came.works:
        return _explained("Your client called", came, made.clients, made.roots)
    named = [str(each.value) for each in made.clients[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if named != [login]:
        return failed(
            "The server accepted the client's certificate. It is in a name that is no login of yours.",
            "PostgreSQL compares the certificate's common name with the user who wants to log in.",
            "Compare the subject's common name with `login`.",
            "client-is-somebody-else",
            share=0.5,
        )
    return None


def _explained(begin: str, came: Handshake, chain: list[x509.Certificate], roots: list[x509.Certificate]) -> Report:
    saw = f"{begin}, and the {came.refused_by} refused: {came.said.rstrip('.')}."
    for found, why, look, misconception in _CAUSES:
        if found(came.said, chain, roots):
            return failed(saw, why, look, misconception)
    return failed(
        saw,
        "Whatever one side does not understand, it refuses. That is what verification is for.",
        "Build the chain once more from `issue(…)` as it stands above, and change one thing at a time.",
        "handshake-fails",
    )


Cause = Callable[[str, list[x509.Certificate], list[x509.Certificate]], bool]
# What OpenSSL says comes first; where it says the same for two causes, the chain tells them apart.
_CAUSES: tuple[tuple[Cause, str, str, str], ...] = (
    (
        lambda said, *_: "ostname mismatch" in said or "IP address mismatch" in said,
        "The certificate is good, and for somebody else. Any holder of a good certificate could stand there.",
        "`names` are two. Both belong into the subject alternative name; the common name does not count.",
        "name-missing",
    ),
    (
        lambda said, *_: "expired" in said or "not yet valid" in said,
        "Dates are compared with the clock of whoever verifies. It may be some minutes behind yours.",
        "Let every certificate of the chain begin a little in the past, and end in the future.",
        "not-valid-now",
    ),
    (
        lambda said, *_: "purpose" in said,
        "A certificate says what it is for. A server's does not let anybody log in, a client's does not make a server.",
        "`Use.SERVER_AUTH` for the one, `Use.CLIENT_AUTH` for the other.",
        "wrong-purpose",
    ),
    (
        lambda _, __, roots: not any(each.issuer == each.subject for each in roots),
        "Trust has to end somewhere: in a certificate that signs itself. This one was signed by somebody else.",
        "`root` is the self-signed one. The intermediate is sent along by the server.",
        "root-is-an-intermediate",
    ),
    (
        lambda _, chain, roots: any(not _is_authority(each) for each in [*chain[1:], *roots]),
        "Without that flag, every holder of a leaf could sign leaves for the whole world.",
        "`ca=True` for what signs: the root and the intermediate.",
        "no-authority",
    ),
    (
        lambda _, chain, roots: chain[-1].issuer not in [each.subject for each in roots],
        "The other side knows the root, and nothing else. What lies between, it has to be sent.",
        "Leaf and intermediate belong into one text. Which certificate signed the last one that you send?",
        "chain-incomplete",
    ),
    (
        lambda said, chain, _: len(chain) > 1 or "signature" in said,
        "The names fit together, the signatures do not. An authority that was made anew has the old name and a "
        "new key.",
        "Run everything from the root on once more, so that each certificate is signed by the one above it.",
        "signed-by-another",
    ),
)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _path(made: Papers) -> str:
    between = len(made.servers) - 1
    return "signed by the root itself" if not between else f"{between} intermediate{'s' * (between > 1)} in between"


def _public(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined, no-any-return]


def _bytes(value: Plain) -> bytes:
    value = from_plain(value)
    return value if isinstance(value, bytes) else str(value).encode()
