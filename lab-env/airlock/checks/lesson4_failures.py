"""Judge of task 4.6: why a look-up failed, by the three witnesses."""

from __future__ import annotations

from airlock.checks.catalogue import task
from airlock.checks.causes import Explained, Riddle
from airlock.checks.report import Report, passed
from airlock.checks.world import World
from airlock.lab.incidents import CAUSES, causes


@task(
    "4.6",
    "Explain six failures",
    3,
    hints=(
        "Ask in this order. Does the server answer at all, and is it open (`health`)? Did the task get through to it "
        "(`log`)? Then something must be in the audit log: what was asked, and what was answered?",
        "Nothing in the audit log means that no request arrived, or that the server was sealed. An entry whose `error` "
        "says `permission denied` is a refusal, on a path; one of a login has the path `auth/approle/login`.",
        "A read without an error that gave nothing is “absent”. `connection refused` is “down”, 503 is “sealed”, "
        "`CERTIFICATE_VERIFY_FAILED` is “untrusted”, an error at the login is “login”, one at the read is “refused”.",
    ),
)
def failures(world: World) -> Report:
    """`why` names the cause of each incident."""
    return _RIDDLE.wrong(world.value("why"), causes(world.view)) or passed(
        "All six are right.",
        "The task said the same six times. One witness alone would not have done.",
    )


_EXPLAINED: dict[tuple[str, str], Explained] = {
    ("refused", "login"): (
        "you say that the login failed. It did not: the audit log has it without an error, twice.",
        "The backend takes a refused read for a bad token. It logs in again, asks again, and then complains about the "
        "*authentication*.",
        "At which path does the entry with the `error` stand?",
        "authentication-error",
    ),
    ("refused", "absent"): (
        "you say that there was nothing. The server did not even look.",
        "A refusal and an empty place look the same to the task. To you they do not: one is mended in the policy, the "
        "other by storing something.",
        "Look for `error` in its audit entries.",
        "refusal-is-absence",
    ),
    ("absent", "refused"): (
        "you say that it was refused. The server answered, and had nothing under that name.",
        "Who widens the policy now has a wider policy, and the same failure.",
        "Is there an `error` in its audit entries?",
        "absence-is-refusal",
    ),
    ("sealed", "down"): (
        "you say that the server was down. It answered: that it is sealed.",
        "A restart does not help here, it is what seals a vault. Somebody has to unseal it.",
        "Read its `health` again.",
        "sealed-is-down",
    ),
    ("down", "sealed"): (
        "you say that it was sealed. A sealed server still answers.",
        "Who looks for the unseal keys now loses an hour: no process is listening there.",
        "Read its `health` again.",
        "down-is-sealed",
    ),
    ("untrusted", "down"): (
        "you say that the server was down. It answered the health check at the same moment.",
        "The *task* did not want to talk to it. That is a setting of the client, not of the server.",
        "What does the warning in its `log` give as the reason?",
        "no-trust-is-down",
    ),
    ("login", "refused"): (
        "you say that a read was refused. No read was asked for.",
        "Without a token there is no policy to refuse anything. Role and secret of the login are to be looked at.",
        "At which path does the entry with the `error` stand?",
        "login-is-policy",
    ),
}
_OTHERWISE: dict[str, Explained] = {
    "absent": (
        "its audit entries show a login and a read, both without an error.",
        "All of it worked, and there was nothing under that name.",
        "Compare the path in the audit log with the path of what is stored.",
        "worked-and-found-nothing",
    ),
    "refused": (
        "one of its audit entries has an `error`, at the path that was read.",
        "The server knew who asked, and did not let him.",
        "Look at `path` and `error` together.",
        "refusal-overlooked",
    ),
    "login": (
        "the only thing that arrived was a login, and it failed.",
        "What comes after a login cannot have gone wrong then.",
        "Look at `path` and `error` of its audit entries.",
        "login-overlooked",
    ),
    "untrusted": (
        "the server was well, and nothing arrived there.",
        "Something kept the task from talking to it. Its log says what.",
        "Read the warning in its `log` to the end.",
        "trust-overlooked",
    ),
    "down": (
        "nobody listens there.",
        "The health check found nobody either, with the right trust and no login at all.",
        "Read its `health`.",
        "down-overlooked",
    ),
    "sealed": (
        "the server answered that it is sealed.",
        "A sealed vault refuses everything, and writes nothing into its audit log: that, too, is behind the seal.",
        "Read its `health`.",
        "seal-overlooked",
    ),
}
_RIDDLE = Riddle(
    CAUSES,
    "Incident",
    "Six times a task said that a connection isn't defined. It was never the same reason.",
    _EXPLAINED,
    _OTHERWISE,
)
