"""Each learner's own board of the matrix: which server it is tried against, and which refusals are asked about."""

from __future__ import annotations

from dataclasses import dataclass

from airlock.lab.view import View
from airlock.wire.matrix import CORE, ServerRule

CLIENTS = ("prefer", "require", "verify-ca", "verify-full", "require+binding")
_KINDS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("require", "verify-ca", "verify-full"), ("downgrade",)),
    (("verify-ca", "verify-full"), ("self-signed",)),
    (("verify-ca", "verify-full"), ("expired",)),
    (("verify-full",), ("wrong-host",)),
    (("require+binding",), ("mis-issued",)),
    (("require+binding",), ("self-signed", "wrong-host", "expired")),
)


@dataclass(frozen=True)
class OwnBoard:
    """A board for `airlock.lesson.matrix`, always with SCRAM.

    Attributes:
        rule: whether this learner's server takes connections in clear (``host``) or demands TLS (``hostssl``).
        clients, situations: its rows and columns.
        questions: six cells, ``<client>/<situation>``, in which the client is refused, whatever the rule.
    """

    rule: ServerRule
    clients: tuple[str, ...]
    situations: tuple[str, ...]
    questions: tuple[str, ...]

    def user(self, view: View) -> str:
        """The login that the lab makes for the run (`airlock.lab.rules.ruled_logins`)."""
        return f"{self.rule}_scram_{view.prefix}"


def own_board(view: View) -> OwnBoard:
    """The learner's board; the same every time."""
    rule: ServerRule = "hostssl" if view.seed.number("board/rule", 0, 1) else "host"
    cells = []
    for number, parts in enumerate(_KINDS):
        chosen = [part[view.seed.number(f"board/{number}/{n}", 0, len(part) - 1)] for n, part in enumerate(parts)]
        cells.append("/".join(chosen))
    order = sorted(cells, key=lambda cell: view.seed.number(f"board/{cell}", 0, 10**9))
    return OwnBoard(rule, CLIENTS, CORE, tuple(order))
