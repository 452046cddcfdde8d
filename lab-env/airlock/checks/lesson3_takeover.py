"""Judge of task 3.6: a courier and a depot on a cut link, and the learner's attack in between."""

from __future__ import annotations

import json
import secrets
from typing import Any

from airlock.checks.catalogue import task
from airlock.checks.lesson3_agree import TRIES, late, share_form, silent
from airlock.checks.plain import from_plain
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import CallFailed, Plain, World
from airlock.wire.channel import Courier, Depot

DROP = "takeover/drop"
"""Label of the code word that is the learner's own address."""


@task(
    "3.6",
    "Take the channel over",
    4,
    hints=(
        "Nobody asks you who you are. Be the depot towards the courier, and the courier towards the depot: two "
        "agreements, two keys, and the line in clear between them.",
        "Connect to both. Receive the courier's share, send yours; send your share to the depot, receive its. One key "
        'for each side, as in 3.5: `derive(mine.exchange(…), b"airlock depot")`. Then `receive_line` on one side and '
        "`send_line` on the other.",
        '`line = receive_line(courier, courier_key)`, `order = json.loads(line)`, `order["to"] = drop`, '
        "`send_line(depot, depot_key, json.dumps(order).encode())`, `return line`.",
    ),
)
def attack(world: World) -> Report:
    """`attack(courier_port, depot_port)` returns the courier's line, and the depot believes another one."""
    order = {
        "parcel": secrets.randbelow(9000) + 1000,
        "to": f"dock-{secrets.token_hex(3)}",
        "code": secrets.token_hex(5),
    }
    line, drop = json.dumps(order).encode(), world.view.seed.word(DROP)
    for _ in range(TRIES):
        said, answer = "", None
        with Courier(line) as courier, Depot() as depot:
            try:
                answer = world.call("attack", courier.port, depot.port)
            except CallFailed as error:
                said = str(error)
        if not late(said):
            break
    read = _same(from_plain(answer), line)
    if read and depot.last.line:
        return _delivered(order, depot.last.line, drop)
    if _delivered(order, depot.last.line, drop).share == 1.0:
        return failed(
            "The depot sends the parcel to you, and your function does not return what the courier wrote.",
            "The attacker wants both: the parcel, and nobody who notices that he read along.",
            "Return the line as `receive_line` gave it.",
            "line-not-returned",
            share=0.75,
        )
    if read:
        return _only_read(courier, depot)
    return _not_read(said, answer, courier, depot)


def _delivered(order: dict[str, Any], delivered: bytes, drop: str) -> Report:
    try:
        new = json.loads(delivered)
    except ValueError:
        new = None
    if not isinstance(new, dict) or any(new.get(name) != order[name] for name in ("parcel", "code")):
        return failed(
            "The depot opened your line. It is no order for the courier's parcel.",
            "A line that cannot be carried out starts a telephone call, and then somebody looks at the link.",
            'Change `"to"`, and leave the rest as it was. The line is JSON.',
            "order-spoiled",
            share=0.5,
        )
    if new.get("to") == order["to"]:
        return failed(
            "You read the line, and the depot got it as the courier wrote it.",
            "That is an eavesdropper on an encrypted channel, which is bad enough. The attacker can do more.",
            'Put your own address into `"to"` before you seal it for the depot.',
            "unchanged",
            share=0.5,
        )
    if new.get("to") != drop:
        return failed(
            "The depot sends the parcel to an address that is neither the courier's nor yours.",
            "It worked, and somebody else has the parcel.",
            "Your address is in `drop`.",
            "other-address",
            share=0.5,
        )
    return passed(
        "You read the courier's line. The depot opened another one, and sends the parcel to you. Courier and depot "
        "each have a fresh key of 256 bits and nothing to complain about.",
        "Encrypted, authenticated, and with the wrong person. What was missing is a name that can be checked.",
    )


def _only_read(courier: Courier, depot: Depot) -> Report:
    if depot.last.record and depot.last.record == courier.record:
        return failed(
            "You read the line, and passed the courier's record on. The depot cannot open it.",
            "You have two keys, one for each side. The depot has never seen the courier's.",
            "Seal the line anew, with the key that you share with the depot.",
            "record-passed-on",
            share=0.5,
        )
    return failed(
        "You read the line. The depot got none that it could open.",
        "A parcel that never arrives is missed by somebody.",
        "Agree on a key with the depot, too, and send it a line.",
        "read-only",
        share=0.5,
    )


def _not_read(said: str, answer: Plain, courier: Courier, depot: Depot) -> Report:
    if courier.depot_share and courier.depot_share == depot.last.depot_share:
        return failed(
            "You passed the shares on as they were. Courier and depot have agreed on a key, without you.",
            "Somebody who only relays is a cable. X25519 keeps him out, and that is what it is for.",
            "Do not pass a share on: answer each side with your own.",
            "shares-passed-on",
        )
    if said.startswith("InvalidTag") and courier.depot_share:
        return failed(
            "You and the courier have agreed, and its line does not open with the key that you use.",
            "Its key comes from the two shares on *its* side, by the protocol of 3.5. A key that differs in one bit "
            "opens nothing.",
            'One key for each side, each with `info=b"airlock depot"`: open with the courier\'s.',
            "other-key",
        )
    if said:
        return failed(
            f"`attack` stopped: {said}",
            "An attack that stops half way is a broken link, and a broken link is looked at.",
            "The courier speaks first: 32 bytes. The depot waits for 32 of yours. Each hangs up after some seconds.",
            "raises",
        )
    if not courier.depot_share:
        return failed(
            "The courier got no share from you, so it never sent its line.",
            "It waits for a depot. Whoever answers will do.",
            "After its 32 bytes have come in, send it 32 of your own.",
            "no-answer-to-the-courier",
        )
    if report := silent(depot.last) or share_form(depot.last):
        return report
    return failed(
        "Your function returns nothing." if answer is None else "What your function returns is not the courier's line.",
        "Only the line in clear shows that you were in the middle.",
        "Return what `receive_line(courier, key)` gives, as bytes.",
        "line-not-returned",
    )


def _same(answer: object, line: bytes) -> bool:
    if isinstance(answer, str):
        answer = answer.encode()
    return answer == line or (isinstance(answer, dict) and answer == json.loads(line))
