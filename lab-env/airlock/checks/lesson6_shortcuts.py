"""Judge of task 6.1: three connections that worked at a price work without it."""

from __future__ import annotations

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import NotAttempted, World
from airlock.lab import View
from airlock.lab.shortcuts import DOORS, NAMES, Attack, Row, attack, conn_id, holds_password, shown, stored, untouched

_CLEAR = ("host", "login", "schema", "description")


@task(
    "6.1",
    "Repair three shortcuts",
    3,
    hints=(
        "For each connection ask two questions. Can somebody on its link read the password? Can somebody read it who "
        "may only *look* at connections?",
        "`HttpHook` speaks http unless `schema`, or the beginning of `host`, says https, and billing has a port for "
        "each. A password belongs into `password`. And `verify` in the extra is a path, not a switch: of the file with "
        "the authority that you trust.",
        '`lab.airflow.request("PATCH", f"/api/v2/connections/{each}", row)`, where `row` has `connection_id`, '
        '`conn_type`, `schema="https"`, `host="localhost"`, `port=billing.tls_port`, `login`, `password`, and '
        '`extra=json.dumps({"verify": lab.ca_file})`.',
    ),
)
def repaired(world: World) -> Report:
    """All three connections give invoices, give nothing to anybody on the link, and show their password to nobody."""
    view = world.view
    if not any(stored(view, name) for name in NAMES):
        raise NotAttempted("The three connections are not there yet: run the cell with `plant()`.")
    if untouched(view):
        raise NotAttempted("All three connections are as they were found.")
    faults = {name: fault for name in NAMES if (fault := _fault(view, name))}
    if not faults:
        return passed(
            "All three get their invoices. With somebody listening, and with three kinds of forged certificates on the "
            "link, nobody read anything. Airflow's API and its table show no password.",
            "The password was readable for as long as the shortcuts lived. At work you would now change it, too.",
        )
    first = next(iter(faults.values()))
    done = len(NAMES) - len(faults)
    counted = {0: "", 1: " One of the three is repaired.", 2: " Two of the three are repaired."}[done]
    return failed(first.saw + counted, first.why, first.look, first.misconception, share=done / len(NAMES))


def _fault(view: View, name: str) -> Report | None:
    row = stored(view, name)
    if row is None:
        return failed(
            f"The connection `{conn_id(view, name)}` is gone.",
            "What is gone leaks nothing. The task that used it fails tonight.",
            "Run the cell with `plant()` again and repair it.",
            "deleted",
        )
    return _at_rest(view, name, row) or _no_answer(name, attack(view, row)) or _on_the_link(view, name, row)


def _at_rest(view: View, name: str, row: Row) -> Report | None:
    column = next((column for column in _CLEAR if holds_password(view, str(row.get(column) or ""))), None)
    if column:
        return failed(
            f"`{name}`: the password stands in the column `{column}`, which Airflow does not encrypt.",
            "It is on the connection's page, in every answer of the API, in the log of whoever prints the URL, and in "
            "every backup. No masker knows that it is a secret.",
            "Which field does Airflow encrypt and mask?",
            f"secret-in-{column}",
        )
    if holds_password(view, shown(view, name)):
        return failed(
            f"`{name}`: Airflow's API shows the password to everybody who may look at connections.",
            "In an extra Airflow masks what has the *name* of a secret. Whatever else it is called, it is shown.",
            "The hook makes the header by itself, of `login` and `password`.",
            "shown-by-the-api",
        )
    return None


def _no_answer(name: str, alone: Attack) -> Report | None:
    if alone.answered:
        return None
    if "CERTIFICATE_VERIFY_FAILED" in alone.said:
        return failed(
            f"`{name}` gets no invoices, with nobody on the link: it does not trust billing's certificate.",
            "Verifying is on now, and it was not told whom to trust. This is the moment at which people turn it off.",
            "`verify` takes the path of the authority's file: `lab.ca_file`.",
            "no-trust",
        )
    if "SSL" in alone.said or "wrong version number" in alone.said.lower():
        return failed(
            f"`{name}` gets no invoices: it begins TLS on a port that does not speak it.",
            "One service often has two ports. The scheme alone does not move you from one to the other.",
            "Billing's port for TLS is `me.view.lab.billing.tls_port`.",
            "wrong-port",
        )
    if "invalid path" in alone.said:
        return failed(
            f"`{name}` gets no invoices: it takes the value of `verify` for the path of a file.",
            "Text is a path here, also the text “True”.",
            "`verify` is `lab.ca_file`.",
            "verify-as-text",
        )
    if "401" in alone.said:
        return failed(
            f"`{name}` gets no invoices: billing does not know this user with this password.",
            "A request that sends `***` back means “as it is”; any other text is the new password.",
            "Login and password are those of `me.shop`.",
            "wrong-login",
        )
    return failed(
        f"`{name}` gets no invoices, with nobody on the link: {alone.said[:160]}",
        "A repair that stops the task will be undone by whoever is on call.",
        "Try it with `attack(me.view, row)` before you look at the links.",
        "no-answer",
    )


def _on_the_link(view: View, name: str, row: Row) -> Report | None:
    for door in DOORS:
        trial = attack(view, row, door)
        if not trial.gained.is_session:
            continue
        if door == "http-strip":
            return failed(
                f"`{name}` works, and whoever listens on its link has "
                f"{'the password' if trial.gained.password else 'the invoices'}.",
                "Plain HTTP. It is the default of the hook, so this is what happens where nobody thought about it.",
                "What does the hook do when `schema` is empty? And which port is this?",
                "plain-http",
            )
        return failed(
            f"`{name}` is encrypted, to whomever. Somebody with a {_MADE[door]} certificate took the call, and has "
            f"{'the password' if trial.gained.password else 'the invoices'}.",
            "Turning verification off keeps the padlock and gives the key to whoever asks for it.",
            "What does `verify` say in its extra?",
            "verify-off",
        )
    return None


_MADE = {"http-self-signed": "self-signed", "http-wrong-host": "neighbour's", "http-expired": "expired"}
