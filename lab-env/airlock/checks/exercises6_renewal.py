"""Judge of lesson 6's exercise about a renewal: what the server finds whenever it is told to read its files again."""

from __future__ import annotations

import json
import secrets
import shlex
import sys
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from airlock.checks.exercises import exercise
from airlock.checks.report import Report, failed, passed
from airlock.checks.script import Ran, run
from airlock.lab import View
from airlock.pki import Authority, Identity, Validity

# What PostgreSQL does when it is told to reload, and a client that calls. Writes down what it saw, and never fails.
_RELOAD = """
import json, socket, ssl, sys, threading
live, root, host, seen = sys.argv[1:]
crt, key = f"{live}/server.crt", f"{live}/server.key"
def what():
    import os
    if os.stat(key).st_mode & 0o077: return "mode"
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try: server.load_cert_chain(crt, key)
    except ssl.SSLError as error: return "mismatch" if "MISMATCH" in str(error) else f"unreadable: {error}"
    ours, theirs = socket.socketpair()
    def answer():
        try: server.wrap_socket(theirs, server_side=True).close()
        except OSError: pass
    threading.Thread(target=answer, daemon=True).start()
    try: ssl.create_default_context(cafile=root).wrap_socket(ours, server_hostname=host).close()
    except ssl.SSLError as error: return f"refused: {getattr(error, 'verify_message', '') or error}"
    return "fine"
try: found = what()
except Exception as error: found = f"unreadable: {error}"
with open(seen, "a") as stream: stream.write(json.dumps([found, open(crt).read()]) + "\\n")
"""


@dataclass(frozen=True)
class Night:
    """One run of the script: how it ended, what the server found at each reload, and what lies there now."""

    ran: Ran
    seen: list[tuple[str, str]]
    kept: bool


class _Site:
    """An authority with an intermediate, and a host with a good pair in place."""

    def __init__(self) -> None:
        self.host = f"db-{secrets.token_hex(3)}.internal"
        self.root = Authority.root("Root")
        self.issuer = self.root.intermediate("Issuing")

    def good(self, validity: Validity | None = None) -> Identity:
        return self.issuer.server(self.host, [self.host], validity or Validity.days(1))


@dataclass(frozen=True)
class Inbox:
    """What lies in the inbox: whose certificate, and whose key."""

    certificate: Identity
    key: Identity

    @classmethod
    def of(cls, identity: Identity) -> Inbox:
        """A pair that belongs together."""
        return cls(identity, identity)


def _bad(site: _Site) -> dict[str, Inbox]:
    strangers = Authority.root("Somebody").intermediate("Issuing")
    return {
        "for another host": Inbox.of(site.issuer.server("web", ["web.internal"])),
        "with the key of another one": Inbox(site.good(), site.good()),
        "that has expired": Inbox.of(site.good(Validity.expired())),
        "of an authority that nobody trusts": Inbox.of(strangers.server(site.host, [site.host])),
    }


@exercise("lesson-6/half-renewal")
def half_renewal(folder: Path, _: View) -> Report:
    """A good pair is installed whole; a bad one changes nothing and is an error."""
    site = _Site()
    fresh = site.good()
    night = _night(folder, site, Inbox.of(fresh))
    if report := _good_night(night, fresh):
        return report
    for kind, inbox in _bad(site).items():
        if report := _bad_night(_night(folder, site, inbox), kind):
            return report
    return passed(
        "The good pair was there at the first reload, whole. Four bad ones changed nothing, and each ended with an "
        "error.",
        "Check, then act, then tell: a renewal that can stop anywhere can run every night.",
    )


def _night(folder: Path, site: _Site, inbox: Inbox) -> Night:
    with tempfile.TemporaryDirectory() as place:
        new, live, seen = Path(place, "new"), Path(place, "live"), Path(place, "seen")
        new.mkdir()
        old = site.good(Validity(timedelta(days=-2), timedelta(hours=8)))
        old.write(live, "server")
        own, _, chain = inbox.certificate.certificate_pem.partition(b"-----END CERTIFICATE-----\n")
        (new / "certificate.pem").write_bytes(own + b"-----END CERTIFICATE-----\n")
        (new / "chain.pem").write_bytes(chain)
        (new / "key.pem").write_bytes(inbox.key.key_pem)
        (new / "root.pem").write_bytes(site.root.identity.certificate_pem)
        script = Path(place, "reload.py")
        script.write_text(_RELOAD)
        reload = [sys.executable, str(script), str(live), str(new / "root.pem"), site.host, str(seen)]
        given = {"NEW": str(new), "LIVE": str(live), "HOST": site.host, "RELOAD": shlex.join(reload)}
        ran = run(folder / "install.py", given=given)
        lines = seen.read_text().splitlines() if seen.exists() else []
        files = {path.suffix: path.read_bytes() for path in (live / "server.crt", live / "server.key") if path.exists()}
        kept = files == {".crt": old.certificate_pem, ".key": old.key_pem}
        return Night(ran, [tuple(json.loads(line)) for line in lines], kept)


def _good_night(night: Night, fresh: Identity) -> Report | None:
    for found, _ in night.seen:
        if found != "fine":
            return _broken(found)
    if night.ran.trouble:
        return failed(
            f"With a good pair in the inbox the script {night.ran.trouble}",
            "Tomorrow the old certificate expires, and the server is alone with it.",
            "Run it step by step in a terminal, with folders of your own.",
            "script-fails",
        )
    if not night.seen or night.seen[-1][1].encode() != fresh.certificate_pem:
        return failed(
            "The good pair lies there, and the server was never told." if night.kept is False else "Nothing happened.",
            "A server reads its certificate when it starts, and when it is told to reload. A file alone is nothing.",
            "After both files are in place: `RELOAD`, once.",
            "not-reloaded",
        )
    return None


def _broken(found: str) -> Report:
    if found == "mismatch":
        return failed(
            "At a reload the server found the new certificate and the old key.",
            "PostgreSQL keeps its old ones and writes a line into its log. After a restart at that moment it is down.",
            "Which lines have to lie between the first change and the first `RELOAD`?",
            "reload-in-between",
        )
    if found == "mode":
        return failed(
            "At a reload the server found a key file that others can read, and refused it.",
            "A file that is *made* readable and closed later was readable. And PostgreSQL does not start with it.",
            "Which mode does a file have that `write_bytes` or `copy` makes, and from when on?",
            "key-readable",
        )
    if "unable to get local issuer" in found:
        return failed(
            "At a reload the server had no way from its certificate to the root: clients refuse it.",
            "Some clients have the intermediate from elsewhere, and work. That is why it takes days to find.",
            "What is in `chain.pem`, and where does a server send it from?",
            "chain-missing",
        )
    return failed(
        f"At a reload the server found a pair that clients do not accept ({found[:120]}).",
        "Each of them is an outage for somebody.",
        "`server.crt` is the certificate and then the chain; `server.key` the key that belongs to it.",
        "pair-broken",
    )


def _bad_night(night: Night, kind: str) -> Report | None:
    if night.kept and not night.ran.trouble:
        return failed(
            f"In the inbox was a certificate {kind}. Nothing was installed, and the script ended as if all were well.",
            "Nobody looks, until the old one expires.",
            "End with an error: `raise`, or `sys.exit(…)` with a text.",
            "fails-in-silence",
        )
    if not night.kept:
        return failed(
            f"In the inbox was a certificate {kind}, and the live files are not what they were.",
            "Whoever restarts the server now takes it down. What is checked afterwards is checked too late.",
            "Look at the pair in `NEW` before you touch `LIVE`.",
            "checked-too-late",
        )
    if night.seen:
        return failed(
            f"In the inbox was a certificate {kind}. It was not kept, and yet the server was told to reload.",
            "For a moment the server had it. Clients that called then were turned away.",
            "Look at the pair in `NEW` before you touch `LIVE`; then there is nothing to put back.",
            "checked-too-late",
        )
    return None
