"""How a working day and a raid look: one table each, as HTML and as text."""

from __future__ import annotations

import html
from collections.abc import Mapping, Set

from airlock.lab import View
from airlock.lab.deployment.work import Day
from airlock.lesson.markup import Tone, badge, card, eyebrow, muted, table

TITLES: dict[str, str] = {
    "backup": "carries last night's dump of the metadata database away",
    "audit log": "reads Airflow's audit log",
    "task log": "reads what the tasks logged and returned",
    "environment": "reads the file that sets the tasks' environment",
    "another team": "runs a task of another team, and asks the vault",
    "old client": "listens to an old script that never uses TLS",
    "no password": "knows the logins' names, and no password",
    "stolen token": "has a task's token for the vault",
    "false vault": "answers in the vault's place",
    "eavesdropper": "listens in front of the database",
    "downgrade": "says that the database has no TLS",
    "cleartext": "says that the database has no TLS, and asks for the password in clear",
    "self-signed": "shows a certificate of his own",
    "cleartext-forged": "shows a certificate of his own, and asks for the password in clear",
    "wrong-host": "shows the certificate of another server",
    "cleartext-wrong-host": "shows the certificate of another server, and asks for the password in clear",
    "expired": "shows a certificate that has run out",
    "http-eavesdropper": "listens in front of the API",
    "http-strip": "takes TLS away from who comes in clear",
    "http-self-signed": "shows a certificate of his own, as the API",
    "http-wrong-host": "shows the certificate of another server, as the API",
    "http-expired": "shows a certificate that has run out, as the API",
}
"""What each attacker does."""


def waiting(what: str) -> str:
    """A line to look at until there is something to see."""
    return muted(html.escape(what))


def loot(view: View, read: Mapping[str, int | None], victims: Mapping[str, Set[str]]) -> tuple[str, str]:
    """Bytes by attacker; None for one who is still at work. ``victims`` are named by attacker."""
    total = sum(size or 0 for size in read.values())
    left = sum(size is None for size in read.values())
    state = f"{left} still at work" if left else "all have finished"
    lines, words = [], []
    for attacker, size in sorted(read.items(), key=lambda entry: -(entry[1] or 0)):
        whom = ", ".join(sorted(_short(view, victim) for victim in victims.get(attacker, ())))
        lines.append([_size(size), f"<strong>{attacker}</strong> {muted(TITLES[attacker])}", html.escape(whom)])
        if size:
            words.append(f"{size:>8,} bytes  {attacker:<22}{whom}")
    head = f"{eyebrow('THE ATTACKERS')}<div><strong>{total:,} bytes of secret read</strong>, {state}</div>"
    body = head + table(("Bytes", "Attacker", "Read of"), lines)
    tone: Tone = "wait" if left else "bad" if total else "good"
    quiet = sum(size == 0 for size in read.values())
    text = [*words, f"{total:,} bytes of secret read; {quiet} of {len(read)} attackers read nothing"]
    return card(body, tone, label="What the attackers read"), "\n".join(text)


def day(view: View, done: Day) -> tuple[str, str]:
    """What each connection's job came to."""
    lines, words = [], []
    for conn_id in sorted([*done.done, *done.failed]):
        name, why = _short(view, conn_id), done.failed.get(conn_id, "")
        said = why or f"brought {done.done[conn_id]}"
        lines.append(
            [
                f"<strong>{name}</strong>",
                badge(*(("failed", "bad") if why else ("works", "good"))),
                muted(html.escape(said)),
            ]
        )
        words.append(f"{name:<12}{'FAILED' if why else 'works'}  {said}")
    count = f"{len(done.done)} of {len(lines)} connections did their job, {done.seconds:.0f} s"
    head = f"{eyebrow('A WORKING DAY')}<div>{count}</div>"
    return card(head + table(("Connection", "", ""), lines), label="A working day"), "\n".join(words)


def _size(size: int | None) -> str:
    if size is None:
        return badge("at work", "wait")
    return badge(f"{size:,}", "bad" if size else "good")


def _short(view: View, subject: str) -> str:
    return subject.removeprefix(f"{view.prefix}_").removesuffix(f"_{view.prefix}")
