"""Judge of task 3.1: what the learner's `seal` returns is opened by the judge, with keys and lines of its own."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from airlock.checks.catalogue import task
from airlock.checks.plain import Plain, from_plain, to_plain
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import CallFailed, World

NONCE, TAG = 12, 16
_OPENERS: tuple[Callable[[bytes], AESGCM | ChaCha20Poly1305], ...] = (AESGCM, ChaCha20Poly1305)


@dataclass(frozen=True)
class Sample:
    """One call of the learner's function, and what came of it."""

    key: bytes
    line: bytes
    about: bytes
    sealed: bytes

    def opens(self, data: bytes, about: bytes | None) -> bool:
        """Whether nonce ‖ ciphertext ‖ tag in ``data`` gives the line back under either cipher."""
        for opener in _OPENERS:
            try:
                if opener(self.key).decrypt(data[:NONCE], data[NONCE:], about) == self.line:
                    return True
            except (InvalidTag, ValueError):
                continue
        return False


class Unsealed(Exception):
    """The function did not return bytes: the report is the argument."""

    def __init__(self, report: Report) -> None:
        self.report = report


def sample(world: World, key: bytes, line: bytes, about: bytes) -> Sample:
    """Call `seal` once. Raises `Unsealed`."""
    try:
        answer = world.call("seal", to_plain(key), to_plain(line), to_plain(about))
    except CallFailed as error:
        raise Unsealed(_raised(str(error))) from None
    if not isinstance(sealed := from_plain(answer), bytes):
        raise Unsealed(_no_bytes(answer))
    return Sample(key, line, about, sealed)


@task(
    "3.1",
    "Seal a line for one purpose",
    2,
    hints=(
        "`AESGCM(key).encrypt(nonce, line, about)` gives ciphertext and tag in one. Where does the nonce come from, "
        "and how does the receiver learn it?",
        "A new nonce for every call: `os.urandom(12)`. It is no secret: put it in front. `about` is the third "
        "argument, the associated data: it is protected and not sent.",
        "`nonce = os.urandom(12)`, then `return nonce + AESGCM(key).encrypt(nonce, line, about)`.",
    ),
)
def seal(world: World) -> Report:
    """`seal(key, line, about)` gives nonce ‖ ciphertext ‖ tag: fresh each time, bound to ``about``, unreadable."""
    key, about = secrets.token_bytes(32), f"order-{secrets.token_hex(4)}".encode()
    line = f"{secrets.randbelow(90) + 2} boxes to {secrets.token_hex(6)}".encode()
    try:
        samples = [sample(world, key, each, about) for each in (line, line, secrets.token_bytes(40), b"")]
        samples.append(sample(world, secrets.token_bytes(32), line, b"another purpose"))
    except Unsealed as instead:
        return instead.report
    for each in samples:
        if not each.opens(each.sealed, each.about):
            return _not_open(each)
    nonces = [each.sealed[:NONCE] for each in samples]
    if len(set(nonces)) < len(nonces):
        return failed(
            "Two calls came with the same nonce.",
            "Under one key a nonce may be used once. Two lines under the same one can be read from each other, and "
            "with GCM the key of the tags is lost, too.",
            "Take new random bytes inside the function, in every call: `os.urandom(12)`.",
            "nonce-repeats",
        )
    return passed(
        f"The check opened {len(samples)} records of yours with keys of its own. Every nonce was new, and none opened "
        "for another purpose.",
        "Nobody else can read the line, change it, or file it under another order.",
    )


def _not_open(each: Sample) -> Report:
    sealed, line = each.sealed, each.line
    if line and line in sealed:
        return failed(
            "The line stands in what you return, as it is.",
            "Everybody on the way reads it.",
            "Return nonce and ciphertext, and nothing else.",
            "line-in-clear",
        )
    if replace(each, line=each.about).opens(sealed, line):
        return failed(
            "You encrypt `about`, and bind it to the line.",
            "The line is not in the record at all. The receiver knows what it is about, and nothing else.",
            "The order is `encrypt(nonce, line, about)`.",
            "arguments-swapped",
        )
    for about, how in ((None, "nothing"), (b"", "nothing"), (each.line, "the line itself")):
        if each.opens(sealed, about):
            return failed(
                f"Your record opens, and it is bound to {how} instead of `about`.",
                "It can be filed under another order, and the receiver will believe it. Lesson 3's table of Fernet "
                "tokens has the same hole.",
                "`encrypt` has a third argument for that. The receiver gives the same to `decrypt`.",
                "about-not-bound",
            )
    if each.opens(sealed[-NONCE:] + sealed[:-NONCE], each.about):
        return failed(
            "The nonce is at the end. The form is nonce, then ciphertext and tag.",
            "The receiver cuts off the first 12 bytes and gets something else.",
            "Swap the two: `nonce + …`.",
            "nonce-at-the-end",
        )
    if each.opens(sealed.replace(each.about, b"", 1), each.about):
        return failed(
            "`about` is sent along in the record. The form is nonce, ciphertext and tag.",
            "The receiver knows what it is about: from the file name, the row, the message around it. If it read it "
            "from the record, an attacker would choose it.",
            "Give it to `encrypt`, and leave it out of the result.",
            "about-sent-along",
        )
    return _other_form(sealed, line)


def _other_form(sealed: bytes, line: bytes) -> Report:
    if sealed.startswith(b"gAAAA"):
        return failed(
            "You return a Fernet token.",
            "It is a good lock, and it has no place for `about`: a token copied to another row opens there.",
            "Use `AESGCM(key)`, with `about` as its associated data.",
            "fernet-token",
        )
    for decoded in (_from_base64(sealed), _from_base64(sealed[::-1])):
        if decoded is not None and line and line in decoded:
            return failed(
                "What you return is the line in base64.",
                "Base64 has no key. Everybody undoes it.",
                "Encrypt: `AESGCM(key).encrypt(…)`.",
                "base64-is-no-lock",
            )
    if len(sealed) == len(line) + TAG:
        return failed(
            "What you return is as long as ciphertext and tag: there is no nonce in it.",
            "A receiver who does not know the nonce cannot open it. It is no secret, and it has to travel.",
            "Put the nonce in front: `nonce + AESGCM(key).encrypt(nonce, …)`.",
            "nonce-missing",
        )
    if len(sealed) < NONCE + len(line) + TAG:
        return failed(
            f"Of a line of {len(line)} bytes you make {len(sealed)}. There is no room for a nonce and a tag in that.",
            "Without a tag, whoever flips a bit on the way is not noticed.",
            "An AEAD cipher makes both: AES-GCM or ChaCha20-Poly1305.",
            "no-tag",
        )
    return failed(
        "Neither AES-256-GCM nor ChaCha20-Poly1305 opens what you return, with the key, the first 12 bytes as the "
        "nonce and `about` as associated data.",
        "Both sides have to do exactly the same. There is no almost.",
        "`nonce + AESGCM(key).encrypt(nonce, line, about)`: compare each of the three arguments with yours.",
        "does-not-open",
    )


def _no_bytes(answer: Plain) -> Report:
    if isinstance(answer, str):
        return failed(
            "`seal` returns text.",
            "Ciphertext is bytes, of any value. As text it grows by a third or does not survive.",
            "Return the bytes as they are, without `.hex()`, `.decode()` or base64.",
            "text-for-bytes",
        )
    what = "a pair or a list" if isinstance(answer, list) else f"{type(answer).__name__}, not bytes"
    return failed(
        f"`seal` returns {what if answer is not None else 'nothing'}.",
        "A record is one piece of bytes that can be stored or sent.",
        "Join nonce and ciphertext with `+`, and `return` the result.",
        "no-bytes",
    )


def _raised(said: str) -> Report:
    if "Fernet key" in said:
        return failed(
            f"`seal` stopped: {said}",
            "A Fernet key is another form of key, and a Fernet token has no place for `about`.",
            "Use `AESGCM(key)`: it takes the 32 bytes as they are.",
            "fernet-token",
        )
    return failed(
        f"`seal` stopped: {said}",
        "The check calls it with a key of 32 bytes, a line and a purpose, all three bytes. A line may be empty.",
        'Try it yourself: `seal(bytes(32), b"a line", b"a purpose")`.',
        "raises",
    )


def _from_base64(data: bytes) -> bytes | None:
    try:
        return base64.b64decode(data, altchars=b"-_" if b"-" in data or b"_" in data else None, validate=True)
    except ValueError:
        return None
