"""A small course of its own for the tests: lesson 9, with five tasks that need no lab, and one exercise."""

from __future__ import annotations

import os
from pathlib import Path

from airlock.checks.catalogue import task
from airlock.checks.exercises import exercise
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import World
from airlock.lab import Lab, View
from airlock.lab.description import (
    AirflowEndpoint,
    AwsEndpoint,
    BillingEndpoint,
    PostgresEndpoint,
    VaultEndpoint,
    WireEndpoint,
)
from airlock.lesson import flashcards

if "AIRLOCK_SEED" in os.environ:  # imported in a kernel: the deck is that of the temporary course
    flashcards._DECKS = Path(os.environ["AIRLOCK_ROOT"]) / "decks"

HINTS = ("Count again.", "It is the answer to everything.", "Between 41 and 43.")


def _number(value: object, expected: int) -> Report:
    if isinstance(value, str):
        return failed("It is a text.", "Texts do not add up.", "Take the quotes away.", "a-text")
    if isinstance(value, float):
        return failed("It is a float.", "Rounding.", "Use a whole number.", "a-float", share=0.5)
    if value == expected - 1:
        return failed("It is one short.", "Fences and posts.", "Count both ends.", "off-by-one")
    if value != expected:
        return failed("It is another number.", "Numbers matter.", "Think again.", "wild-guess")
    return passed("It is the number.")


@task("9.1", "The answer", 2, HINTS)
def answer(world: World) -> Report:
    return _number(world.value("answer"), 42)


@task("9.2", "A function", 4, HINTS)
def function(world: World) -> Report:
    return _number(world.call("double", 21), 42)


@task("9.3", "After the answer", 1, HINTS, needs=("9.1",))
def after(world: World) -> Report:
    return _number(world.value("after"), 43)


@task("9.4", "A personal number", 1, HINTS)
def personal(world: World) -> Report:
    return _number(world.value("mine"), world.view.seed.number("mine", 1, 10**9))


@task("9.5", "A connection", 1, HINTS)
def connection(world: World) -> Report:
    value = world.value("entry")
    if not isinstance(value, dict) or value.get("__type__") != "Connection":
        return failed("It is no connection.", "Hooks need one.", "Make one.", "no-connection")
    return passed(f"It is one, with port {value['port']}.")


@task("9.6", "A judge with a fault", 1, HINTS)
def faulty(world: World) -> Report:
    raise ZeroDivisionError(str(world.value("answer")))


@exercise("lesson-9/greeting")
def greeting(folder: Path, _: View) -> Report:
    if "hello" in (folder / "greeting.txt").read_text():
        return passed("It says hello.")
    return failed("It does not say hello.", "People notice.", "Read the file.", "rude")


def lab(state: Path) -> Lab:
    """The description of a lab that does not run."""
    return Lab(
        id="none",
        state=str(state),
        ca_file="ca.crt",
        postgres=PostgresEndpoint("localhost", 1, "postgres", "no-password", "no.log"),
        airflow=AirflowEndpoint("https://localhost:1", "admin", "none", "none", "none", "none", "airflow"),
        vault=VaultEndpoint("https://localhost:1", "none", "airflow", "none"),
        aws=AwsEndpoint("https://localhost:1", "nowhere"),
        billing=BillingEndpoint("localhost", 1, 1),
        wire=WireEndpoint("localhost", {}, "none"),
        versions={},
    )


LESSON = """\
# %% [markdown]
# # 9 · A lesson for tests
#
# About 5 minutes. After this lesson you can
#
# - count to forty-two;
# - write a function.

# %%
import tests.course.throwaway  # registers the judges in this kernel, too
from airlock.lesson import cards, check, hints, myth, predict, reveal

print("something happens")

# %% [markdown]
# ## The model
#
# ![A box that holds
# the number.](box.svg) and [the same lesson](lesson.ipynb), [elsewhere](https://example.org).

# %%
predict("9-a", "Which?", {"a": "this", "b": "that"})

# %%
reveal("9-a", observed="a", because="so")

# %%
predict("9-b", "Which now?", {"a": "this", "b": "that"})

# %%
reveal("9-b", observed="a", because="so")

# %% task="9.1"
answer = ...
### BEGIN SOLUTION
answer = 40 + 1 + 1
### END SOLUTION

# %%
hints("9.1")

# %% check="9.1"
check("9.1")

# %% task="9.2"
def double(number):
    result = ...
    ### BEGIN SOLUTION
    result = number * 1 + number
    ### END SOLUTION
    return result

# %%
hints("9.2")

# %% check="9.2"
check("9.2")

# %% task="9.3"
after = ...
### BEGIN SOLUTION
after = answer + 1
### END SOLUTION

# %%
hints("9.3")

# %% check="9.3"
check("9.3")

# %% task="9.4"
from airlock.lab import View

mine = ...
### BEGIN SOLUTION
mine = View.current().seed.number("mine", 1, 10**9)
### END SOLUTION

# %%
hints("9.4")

# %% check="9.4"
check("9.4")

# %% task="9.5"
entry = ...
### BEGIN SOLUTION
from airflow.sdk import Connection

entry = Connection(conn_id="x", conn_type="postgres", port=5432)
### END SOLUTION

# %%
hints("9.5")

# %% check="9.5"
check("9.5")

# %%
myth("9-x", "Forty-two is prime.", truth=False, because="It is even.")

# %% [markdown] written="9.7" points=4
# ### BEGIN SOLUTION
# One point for naming the number, one for saying why, one for an example from daily work, and one for a reader who
# understands it at once without having read the lesson.
# ### END SOLUTION

# %% [markdown]
# ## Takeaways
#
# - Count.
#
# ## Go deeper
#
# Nothing.
#
# ## Recall

# %%
cards(9)
"""

PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><style>rect { fill: #fff }
@media (prefers-color-scheme: dark) { rect { fill: #222 } }</style><rect width="10" height="10"/></svg>
"""

CASES = {
    "9.1/sum": "# expect: full\nanswer = sum([40, 2])\n",
    "9.1/product": "# expect: full\nanswer = 6 * 7\n",
    "9.1/half": "# expect: partial a-float\nanswer = 42.0\n",
    "9.1/text": "# expect: fail a-text\nanswer = '42'\n",
    "9.1/short": "# expect: fail off-by-one\nanswer = 41\n",
    "9.1/wild": "# expect: fail wild-guess\nanswer = 7\n",
    "9.1/equal": (
        "# expect: cheat\nclass Equal:\n    def __eq__(self, other): return True\n"
        "    __hash__ = None\nanswer = Equal()\n"
    ),
}
