"""Judge of lesson 6's exercise about a watch over certificates."""

from __future__ import annotations

import secrets
import tempfile
from datetime import timedelta
from pathlib import Path

from airlock.checks.exercises import exercise
from airlock.checks.report import Report, failed, passed
from airlock.checks.script import Ran, run
from airlock.lab import View
from airlock.pki import Authority, Identity, Validity

_ZONES = ("UTC", "Pacific/Auckland", "America/Los_Angeles")


def _period(hours_ago: float, hours_left: float) -> Validity:
    return Validity(timedelta(hours=-hours_ago), timedelta(hours=hours_left))


_YEAR, _DAY = 365 * 24, 24
# By kind: whether it is due, and its validity.
_LEAVES: dict[str, tuple[bool, Validity]] = {
    "fresh": (False, _period(10, 90 * _DAY)),
    "long": (True, _period(9 * _YEAR, _YEAR)),
    "daily-fresh": (False, _period(6, 18)),
    "daily-late": (True, _period(19, 5)),
    "expired": (True, Validity.expired()),
    "month-left": (False, _period(20 * _DAY, 20 * _DAY)),
}


class _Folder:
    """A folder of certificates, with names that nobody could have foreseen."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.kinds: dict[str, str] = {}
        self.expected: set[str] = set()
        root = Authority.root("Root", _period(2 * _YEAR, 20 * _YEAR))
        issuer, old = (root.intermediate("Issuing", _period(begun, 5 * _DAY)) for begun in (2 * _DAY, 4 * _YEAR))
        for kind, (due, validity) in _LEAVES.items():
            self._add(kind, due, f"{_name()}.crt", issuer.server("db", ["db.internal"], validity).certificate_pem)
        late = old.server("db", ["db.internal"], _period(6, 18))
        self._add("behind-a-late-issuer", True, f"{_name()}.crt", late.certificate_pem)
        self._add("other-name", True, f"{_name()}.pem", self._due(issuer).certificate_pem)
        self._add("in-a-folder", True, f"{_name()}/{_name()}.crt", self._due(issuer).certificate_pem)
        both = self._due(issuer)
        self._add("with-its-key", True, f"{_name()}.pem", both.key_pem + both.certificate_pem)
        self._add("no-certificate", False, f"{_name()}.txt", b"Certificates are renewed on Mondays.\n")
        self._add("key-alone", False, f"{_name()}.key", both.key_pem)
        self._add("damaged", None, f"{_name()}.crt", both.certificate_pem.replace(b"MII", b"M?I", 1))

    @staticmethod
    def _due(issuer: Authority) -> Identity:
        return issuer.server("db", ["db.internal"], _period(3 * _DAY, 10))

    def _add(self, kind: str, due: bool | None, name: str, content: bytes) -> None:
        file = self.place / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        self.kinds[name] = kind
        if due is None or due:
            self.expected.add(f"{'unreadable' if due is None else 'renew'} {name}")


def _name() -> str:
    return f"c{secrets.token_hex(4)}"


@exercise("lesson-6/blind-watch")
def blind_watch(folder: Path, _: View) -> Report:
    """The script names each file that has to be renewed, and no other, in whatever time zone."""
    with tempfile.TemporaryDirectory() as place:
        site = _Folder(Path(place))
        for zone in _ZONES:
            ran = run(folder / "watch.py", place, given={"TZ": zone})
            if report := _judged(ran, site, zone):
                return report
        return passed(
            f"Of {len(site.kinds)} files the watch named the {len(site.expected)} that somebody has to look at, and no "
            "other, in three time zones.",
            "A watch is worth what its silence is worth. Both have to be right: what it says, and what it leaves out.",
        )


def _judged(ran: Ran, site: _Folder, zone: str) -> Report | None:
    if ran.trouble:
        return failed(
            f"`watch.py` {ran.trouble}",
            "One file that cannot be read, and the others are not looked at. Whoever hears nothing thinks that all is "
            "well.",
            "Catch what reading *one* file raises, and say so in a line.",
            "watch-fails",
        )
    said = {" ".join(line.split()) for line in ran.output.splitlines() if line.strip()}
    wrong = {name: kind for name, kind in site.kinds.items() if _line(said, name) != _line(site.expected, name)}
    if not wrong:
        if strange := sorted(said - site.expected):
            return failed(
                f"`watch.py` prints a line that says nothing of a file here: {strange[0][:80]!r}.",
                "A machine reads this.",
                "`renew <file>` or `unreadable <file>`, with the path below the folder.",
                "other-lines",
            )
        return None
    if zone != "UTC" and set(wrong.values()) <= set(_LEAVES):
        return failed(
            f"On a host in the time zone {zone} the watch says something else than in UTC.",
            "Certificates are in UTC, `datetime.now()` is in the zone of the host. Of a day that is half.",
            "`datetime.now(UTC)`, and the attributes that end in `_utc`.",
            "local-time",
        )
    kind = next(kind for kind in _ORDER if kind in wrong.values())
    saw, why, look, misconception = _EXPLAINED[kind]
    return failed(saw, why, look, misconception)


def _line(lines: set[str], name: str) -> str:
    return next((line for line in lines if line.split()[-1] == name), "")


_FIXED = (
    "Thirty days are an age to a certificate that lives for one day, and nothing to one that lives for ten years.",
    "Compare what is left with a third of the whole lifetime.",
    "fixed-days",
)
_EXPLAINED: dict[str, tuple[str, str, str, str]] = {
    "behind-a-late-issuer": (
        "A file holds a fresh certificate, and behind it an intermediate that is due. The watch says nothing.",
        "The chain is as good as the one that ends first. This is what happened on Sunday.",
        "How many certificates does `load_pem_x509_certificate` read?",
        "chain-not-looked-at",
    ),
    "daily-fresh": ("The watch names a certificate of one day that was made six hours ago.", *_FIXED),
    "month-left": ("The watch names a certificate that has half of its lifetime left.", *_FIXED),
    "long": ("The watch does not name a certificate that has a tenth of its lifetime left.", *_FIXED),
    "daily-late": ("The watch does not name a certificate of one day with five hours left.", *_FIXED),
    "expired": (
        "The watch does not name a certificate that has expired.",
        "Nothing is more urgent.",
        "What is left of it is less than nothing, and less than a third.",
        "expired-left-out",
    ),
    "fresh": (
        "The watch names a certificate that was made today.",
        "Whoever is woken for nothing turns the alarm off.",
        "Which of its two times is compared?",
        "cries-wolf",
    ),
    "other-name": (
        "The watch does not open a file whose name does not end in `.crt`.",
        "What a file is, it says inside.",
        "`-----BEGIN CERTIFICATE-----`",
        "by-file-name",
    ),
    "in-a-folder": (
        "The watch does not look into a folder within the folder.",
        "Where nobody looks, things expire.",
        "`rglob`",
        "top-folder-only",
    ),
    "with-its-key": (
        "The watch says something else of a file in which a key stands before the certificate.",
        "Many servers want both in one file.",
        "Look for certificates in the whole text of a file.",
        "key-in-front",
    ),
    "damaged": (
        "A file begins with a certificate and cannot be read. The watch does not say so.",
        "It may be the one that a server reads at its next start.",
        "The line is `unreadable <file>`.",
        "silent-about-damage",
    ),
    "no-certificate": (
        "The watch says something about a file that holds no certificate.",
        "Whoever is woken for nothing turns the alarm off.",
        "Only what claims to be a certificate matters: `-----BEGIN CERTIFICATE-----`.",
        "cries-wolf",
    ),
    "key-alone": (
        "The watch says something about a file that holds a key and no certificate.",
        "Whoever is woken for nothing turns the alarm off.",
        "Only what claims to be a certificate matters: `-----BEGIN CERTIFICATE-----`.",
        "cries-wolf",
    ),
}
_ORDER = tuple(_EXPLAINED)
