"""Answers that are not the depot's: what somebody in the link says to a client that wants a signature."""

from __future__ import annotations

import socket
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from airlock.wire.channel.end import End
from airlock.wire.channel.protocol import SHARE, receive, signed_answer, transcript

Answer = Callable[[bytes], bytes]
"""From the client's share to what it is told."""


class Impostor(End):
    """Answers in the depot's place while its block runs.

    Attributes:
        heard: the first that a client sent after the answer. Who knows whom he is talking to sends nothing.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.heard = b""

    def __enter__(self) -> Impostor:
        super().__enter__()
        return self

    def meet(self, link: socket.socket) -> None:
        """Answer, and keep what follows."""
        link.sendall(self._answer(receive(link, SHARE)))
        while part := link.recv(4096):
            self.heard = self.heard or part  # that there was something is enough, and a flood is not kept


def answers(depot: Ed25519PrivateKey) -> dict[str, Answer]:
    """What an attacker can say, by name. ``depot`` is used only for what the real depot would sign for him.

    ``own key``: his own share, signed with a key of his own, which he sends along.
    ``other key``: the same, but with the depot's public key sent along.
    ``own share``: he called the depot himself, and puts his own share into its signed answer.
    ``replay``: the depot's whole answer of an earlier session.
    """
    own, public = Ed25519PrivateKey.generate(), depot.public_key().public_bytes_raw()
    share = _share()
    for_him = depot.sign(transcript(share, _share()))
    earlier = signed_answer(depot, _share(), _share())
    return {
        "own key": lambda client: signed_answer(own, client, share),
        "other key": lambda client: client + share + public + own.sign(transcript(client, share)),
        "own share": lambda client: client + share + public + for_him,
        "replay": lambda _: earlier,
    }


def _share() -> bytes:
    return X25519PrivateKey.generate().public_key().public_bytes_raw()
