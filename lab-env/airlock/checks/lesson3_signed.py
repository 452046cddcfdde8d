"""Judge of task 3.7: the real depot, and four who are not, at a port each."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from airlock.checks.catalogue import task
from airlock.checks.lesson3_agree import met, share_form, silent
from airlock.checks.plain import Plain, from_plain, to_plain
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import CallFailed, World
from airlock.wire.channel import Depot
from airlock.wire.channel.impostors import Answer, Impostor, answers


@task(
    "3.7",
    "Refuse the attacker",
    4,
    hints=(
        "The depot signs the two shares. Verify before you derive anything: with the key you were *given*, over the "
        "share you *sent*, and the share that came.",
        "The signature is `answer[96:160]`, over `CONTEXT + share + theirs`: `share` is your own, as you sent it, and "
        "`theirs` is `answer[32:64]`. `Ed25519PublicKey.from_public_bytes(depot_key).verify(signature, message)` "
        "raises `InvalidSignature` when it does not fit: let it.",
        "`answer = receive(link, 160)`, `theirs, signature = answer[32:64], answer[96:160]`, `Ed25519PublicKey."
        "from_public_bytes(depot_key).verify(signature, CONTEXT + share + theirs)`, and only then "
        '`return derive(mine.exchange(X25519PublicKey.from_public_bytes(theirs)), b"airlock depot")`.',
    ),
)
def agree_signed(world: World) -> Report:
    """`agree_signed(port, depot_key)` returns the depot's key, and none to anybody else."""
    signing = Ed25519PrivateKey.generate()
    if report := _honest(world, signing):
        return report
    fooled, heard = [], False
    told = answers(signing)
    for name in sorted(told, key=lambda _: secrets.randbits(32)):
        took, more = _met(world, signing, told[name])
        fooled += [name] if took else []
        heard |= more
    if report := _fooled(set(fooled)):
        return report
    if heard:
        return failed(
            "You refused the attacker, and sent him something first.",
            "What is sent under a key that nobody vouches for is sent to everybody.",
            "Verify right after the answer has come in. Before that, nothing but your share goes out.",
            "sent-before-verified",
            share=0.5,
        )
    # Once more: a function that has learned to refuse must still know the depot.
    return _honest(world, signing) or passed(
        "With the depot you agreed on a key, twice. Four others tried: with a key of their own, under the depot's "
        "name, with a spliced answer and with an old one. None got further than your share.",
        "The attack of task 3.6 ends here. It rests on one thing: that you had the depot's key before.",
    )


def _honest(world: World, signing: Ed25519PrivateKey) -> Report | None:
    public: Plain = to_plain(signing.public_key().public_bytes_raw())
    visit, answer, said = met(world, "agree_signed", lambda: Depot(signing), public)
    if report := silent(visit, said) or share_form(visit):
        return report
    if said:
        return _refused(said)
    key = from_plain(answer)
    if key == visit.key:
        return None
    if not isinstance(key, bytes):
        return _refused("it returned no bytes")
    return failed(
        "You and the real depot have different keys.",
        "You know who it is, and cannot talk to it.",
        "The depot's share is `answer[32:64]`. The key is derived as in task 3.5.",
        "other-key",
    )


def _refused(said: str) -> Report:
    if "InvalidSignature" in said:
        return failed(
            "You refuse the real depot: its signature does not fit what you verify it over.",
            "Both sides have to put the signed bytes together in exactly the same way. Who is refused too often is "
            "sooner or later let in without a check.",
            "`CONTEXT + your share + the depot's share`, in this order, and the last 64 bytes as the signature.",
            "other-transcript",
        )
    if "still running" in said or "no answer within" in said:
        return failed(
            "`agree_signed` waits for something that does not come.",
            "The depot sends 160 bytes and then waits for you.",
            "`receive(link, 160)`, once.",
            "hangs",
        )
    return failed(
        f"With the real depot there is no key: {said}.",
        "A client that refuses everybody is safe, and out of work.",
        "Your share out, 160 bytes in, verify, derive, return the key.",
        "no-key",
    )


def _met(world: World, signing: Ed25519PrivateKey, answer: Answer) -> tuple[bool, bool]:
    """Whether the learner's function took an impostor for the depot, and whether it sent him anything."""
    public: Plain = to_plain(signing.public_key().public_bytes_raw())
    with Impostor(answer) as impostor:
        try:
            took = bool(world.call("agree_signed", impostor.port, public))
        except CallFailed:
            took = False
    return took, bool(impostor.heard)


def _fooled(names: set[str]) -> Report | None:
    if not names:
        return None
    if names >= {"other key", "own share"}:
        return failed(
            "The depot's name is on it, and the signature is not its own. You agreed on a key all the same.",
            "Exactly the attack of task 3.6 works again. A check whose failure changes nothing is no check.",
            "`verify` raises `InvalidSignature`. Call it, and do not catch what it raises.",
            "nothing-verified",
        )
    if "own key" in names:
        return failed(
            "An attacker sent his own public key along, with a signature that fits it. You agreed on a key with him.",
            "Anybody can make a key and sign with it. So does a self-signed certificate, and `verify=False` takes it.",
            "Verify with `depot_key`, which you had before. What comes over the wire cannot vouch for itself.",
            "trusts-the-key-it-was-sent",
            share=0.25,
        )
    if names == {"replay"}:
        return failed(
            "An answer that the depot gave in an earlier session was sent to you again, and you took it.",
            "Its signature is real, and it is about *that* session. Whoever stole that day's share is the depot now.",
            "The signed bytes begin with the client's share. Use the one you sent, not the one that came back.",
            "verifies-what-came",
            share=0.5,
        )
    return failed(
        "Somebody put a share of his own into the depot's signed answer, and you took it.",
        "A signature protects what it was made over. The share you use has to be part of it.",
        "Verify over `CONTEXT + your share + the share you go on with`.",
        "share-not-covered",
        share=0.25,
    )
