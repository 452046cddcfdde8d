"""Judge of task 6.2: a scan of the learner's own server finds nothing weak."""

from __future__ import annotations

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import NotAttempted, World
from airlock.lab.scan import Scan, scan
from airlock.lab.warehouse import Warehouse

FOUND = {"ssl_min_protocol_version": "TLSv1", "ssl_ciphers": "ALL:@SECLEVEL=0"}
"""What the lesson sets before the task."""

_PARTNER = "TLS 1.2"


@task(
    "6.2",
    "Harden what the scan found",
    3,
    hints=(
        "Two settings of PostgreSQL: which version is the oldest, and which suites of TLS 1.2 are offered. After "
        "`server.configure(…)` comes `server.reload()`; read what it returns.",
        "`ssl_min_protocol_version` is `TLSv1.2` for the partner's sake. `ssl_ciphers` is a list in OpenSSL's words: "
        "key agreement and cipher joined by a plus, such as `ECDHE+AESGCM`, separated by colons.",
        '`server.configure(ssl_min_protocol_version="TLSv1.2", ssl_ciphers="ECDHE+AESGCM:ECDHE+CHACHA20")`, then '
        "`server.reload()`.",
    ),
)
def hardened(world: World) -> Report:
    """Only TLS 1.2 with good suites, and TLS 1.3."""
    server = Warehouse(world.view)
    if not server.status().running:
        raise NotAttempted("Your warehouse does not run: `lab.warehouse.start()` starts it.")
    if FOUND.items() <= server.settings().items():
        raise NotAttempted("Your warehouse has the settings that were found on the web.")
    try:
        found = scan(server.host, server.port, "postgres")
    except ValueError as why:
        return failed(
            f"The scanner finds no TLS: {why}.",
            "A server without TLS has no weak suites. It has none.",
            '`server.configure(ssl="on")`, and what the log says after a `server.reload()`.',
            "no-tls",
        )
    return (
        _old(found)
        or _partner(found)
        or _weak(found)
        or passed(
            f"The scanner tried every version and every suite. What gets in: {', '.join(found.versions)}, "
            f"{sum(map(len, found.suites.values()))} suites, all of them with forward secrecy and authenticated.",
            "Lists age. Scan again when the calendar says so, not when somebody asks.",
        )
    )


def _old(found: Scan) -> Report | None:
    old = [version for version in found.versions if version not in (_PARTNER, "TLS 1.3")]
    if not old:
        return None
    return failed(
        f"The server still accepts {' and '.join(old)}.",
        "Client and server agree on the best that *both* have. Somebody in between, or an old library, makes that the "
        "worst.",
        "`ssl_min_protocol_version`, and whether the server has read it: what does `server.reload()` return?",
        "old-versions",
    )


def _partner(found: Scan) -> Report | None:
    if _PARTNER in found.versions:
        return None
    return failed(
        "Nothing weak is accepted, and nothing of TLS 1.2 either: the partner stays outside.",
        "He will ask for an exception, and the next one will turn everything back on.",
        "TLS 1.2 with forward secrecy and GCM or ChaCha20 is good. Does your list of suites fit the server's key, too?",
        "partner-locked-out",
        share=0.5,
    )


def _weak(found: Scan) -> Report | None:
    if not found.weak:
        return None
    suite, why = next(iter(found.weak.items()))
    return failed(
        f"The versions are right. Of the suites the server still accepts {len(found.weak)} weak ones, such as "
        f"{suite.removeprefix('TLS 1.2 ')}: {why}.",
        "Which suite is used is decided anew in each handshake, and not by you.",
        "`ssl_ciphers` names what may be used, rather than what may not.",
        "weak-suites",
        share=0.5,
    )
