"""Judge of task 3.4: the stored passwords open with the new key alone, and say what they said."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken

from airlock.checks.catalogue import task
from airlock.checks.plain import from_plain
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import Plain, World
from airlock.lab.sealed import row_keys, row_password, stored


@task(
    "3.4",
    "Rotate with MultiFernet",
    2,
    hints=(
        "`MultiFernet([first, second, …])` decrypts with whichever key fits, and encrypts with the first. Which of "
        "your two keys has to be the first?",
        "`both.rotate(token)` returns the token under the first key. It raises `InvalidToken` when no key fits: such a "
        "row is left as it is.",
        "`both = MultiFernet([Fernet(rows.new_key), Fernet(rows.old_key)])`; then for each row `try: rotated[name] = "
        "both.rotate(token)` and `except InvalidToken: rotated[name] = token`.",
    ),
)
def rotated(world: World) -> Report:
    """Every row of `rotated` opens with the new key alone; the one that opens with neither is untouched."""
    given, seed = world.value("rotated"), world.view.seed
    rows, whose = stored(world.view), row_keys(seed)
    if not isinstance(given, dict) or set(given) - set(whose):
        return failed(
            "`rotated` is no dict from the five connections to their tokens.",
            "It is written back into the table, row by row.",
            '`rotated = {"archive": b"gAAAA…", …}`, with the same names as `rows.tokens`.',
            "no-dict",
        )
    if missing := sorted(set(whose) - set(given)):
        lost = whose[missing[0]] == "lost"
        return failed(
            f"The row `{missing[0]}` is gone.",
            "No key opens it today. Perhaps a backup of the old keys does tomorrow, if the row is still there."
            if lost
            else "Its password is lost. Somebody has to ask the other side for a new one.",
            "Keep every row: what cannot be opened stays as it is.",
            "row-dropped" if lost else "row-lost",
        )
    new, old = Fernet(rows.new_key), Fernet(rows.old_key)
    for name, which in sorted(whose.items(), key=lambda each: each[1], reverse=True):
        token = _token(given[name])
        if which == "lost":
            if token == rows.tokens[name]:
                continue
            return failed(
                f"The row `{name}`, which neither key opens, is not what it was.",
                "Whatever you put there, the password is not in it. The old token at least could be opened one day.",
                "Leave such a row as it is, and tell somebody.",
                "unreadable-changed",
            )
        if report := _row(name, token, row_password(seed, name), new, old):
            return report
    return passed(
        "Four rows open with the new key alone and say what they said. The fifth was left as it is.",
        "The old key can go. Whoever still has it opens nothing of what is stored from now on; a backup of "
        "yesterday he still opens, so change those passwords, too.",
    )


def _row(name: str, token: bytes | None, password: str, new: Fernet, old: Fernet) -> Report | None:
    if token == password.encode():
        return failed(
            f"The row `{name}` holds the password in clear.",
            "Between two keys there is a moment without one: in memory, never in the table.",
            "Encrypt again before you store it. `rotate` does both.",
            "left-in-clear",
        )
    found = _opened(new, token)
    if found == password.encode():
        return None
    if found is not None and _opened(old, found) is not None:
        return failed(
            f"The row `{name}` holds a token in a token.",
            "Airflow opens the outer one and sends what is inside as the password.",
            "Decrypt first, then encrypt. `rotate` does both.",
            "token-in-a-token",
        )
    if found is not None:
        return failed(
            f"The row `{name}` opens with the new key. The password in it is another one.",
            "The connection fails with “wrong password”, and nobody suspects the rotation.",
            "Encrypt what was decrypted, byte by byte, each under its own name.",
            "other-password",
        )
    if _opened(old, token) is not None:
        return failed(
            f"The row `{name}` still needs the old key.",
            "The day the old key is taken out of the configuration, this connection stops.",
            "MultiFernet encrypts with its *first* key.",
            "old-key-first",
        )
    return failed(
        f"The new key does not open the row `{name}`.",
        "The connection is lost the moment that the row is written back.",
        "`both.rotate(token)` for each row; a token is bytes or text that begins with gAAAA.",
        "does-not-open",
    )


def _token(value: Plain) -> bytes | None:
    plain = from_plain(value)
    if isinstance(plain, str):
        return plain.encode()
    return plain if isinstance(plain, bytes) else None


def _opened(key: Fernet, token: bytes | None) -> bytes | None:
    try:
        return None if token is None else key.decrypt(token)
    except InvalidToken:
        return None
