# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1 · What is a connection in Airflow
#
# *Foundation · about 40 minutes · seven checked tasks (20 points), one written answer (4 points)*
#
# ## What you will be able to do
#
# - **describe** a connection so that a real hook logs in to a real database with it;
# - **write** an awkward password into a URI that Airflow reads back unchanged, and **repair** one that it misreads;
# - **register** a connection in a running Airflow and **make** a DAG succeed with it;
# - **show**, by experiment, which of three homes answers when a task asks for a connection.
#
# Everything below runs against services on your machine. You can do no harm: `lab.reset()` puts your part back.

# %%
import json
import os
import subprocess
import sys
from urllib.parse import quote, urlencode

from airlock.lesson import cards, check, hints, lab, me, myth, predict, reveal, watch

os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"  # or hooks narrate every query
lab.status()
me

# %%
# Describe where the shop's database is and who is calling, then ask it something.
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.sdk import Connection

courier = Connection(
    conn_id="courier",
    conn_type="postgres",
    host=me.courier.host,
    port=me.courier.port,
    schema=me.courier.database,
    login=me.courier.user,
    password=me.courier.password,
)
hook = PostgresHook(connection=courier)
hook.get_records("select customer, quantity from orders order by id desc limit 3")

# %% [markdown]
# Those rows came from a PostgreSQL server. Your code never named a driver, opened a socket or sent a password: you
# described a connection, and a *hook* did the rest.
#
# ## The mental model
#
# ![A connection drawn as an entry of an address book, with its id, type, host, port, schema, login, password and extra. A task asks for it by id; the hook reads the entry, gives its fields to the driver, and the driver calls the server. The server is the first one to find out whether the entry is right.](address-book.svg)
#
# **A connection is an entry in an address book.** A task knows only the name, `courier`. The hook looks the name up
# and dials. When the database moves, you change the entry and no DAG.
#
# **Where the analogy breaks:**
#
# - A lost address book is a nuisance. This one has the *keys* next to the addresses.
# - Nobody dials a number while writing it down. An entry may be wrong for months, until a task uses it.
# - There is more than one book. Airflow opens them in a fixed order and stops at the first one that has the name.
#
# | field | holds, for PostgreSQL | left out |
# |---|---|---|
# | `conn_id` | the name that tasks ask for | there is nothing to ask for |
# | `conn_type` | `postgres`: decides which hook reads the entry | no hook |
# | `host`, `port` | which machine, which door | a local socket file, 5432 |
# | `schema` | the **database** (not a schema in PostgreSQL's sense) | a database named like the login |
# | `login`, `password` | who is calling, and the proof | refused |
# | `extra` | everything else, as the *text* of one JSON object | nothing else |

# %% [markdown]
# ## Predict: a password in a URI
#
# The fields have to fit into one line to travel: into an environment variable, a command, a file. That line is a URI.
#
# The courier's password holds `@`, `/`, `:`, `%`, `#`, `?` and a space. The next cell but one pastes it into a URI
# as it is. Commit to an answer first.

# %%
predict(
    "1-a",
    "The password goes into the URI as it is. What does Airflow make of that URI?",
    {
        "a": "It raises an error: this is no valid URI.",
        "b": "It reads it right: the last `@` before the host is the one that counts.",
        "c": "It accepts it, with another host and a shorter password, and says nothing.",
    },
)

# %%
raw = (
    f"postgres://{me.courier.user}:{me.courier.password}"
    f"@{me.courier.host}:{me.courier.port}/{me.courier.database}"
)
print(raw)
misread = Connection(conn_id="courier", uri=raw)
for field in ("login", "password", "host", "port", "schema"):
    print(f"{field:9}{getattr(misread, field)!r}")

# %%
reveal(
    "1-a",
    observed="b" if misread.password == me.courier.password else "c",
    because="`/` ends the part of a URI that holds login and host, so the rest is taken for a path, "
    "and everything after `#` is thrown away. The result is a valid connection to a host that nobody meant.",
)

# %% [markdown]
# The cure is **percent encoding**: every character that has a meaning in a URI is written as `%` and two digits.
# `@` becomes `%40`, `/` becomes `%2F`.
#
# ![The URI postgres://courier:password@localhost:5432/shop?sslmode=require taken apart: scheme becomes conn_type, then login, a colon, password, an at sign, host, a colon, port, a slash, schema, a question mark and the extras. The password p@ss/w is written p%40ss%2Fw and arrives whole. Below it the same URI with the password as it is: the host has become ss, the password p, the port is gone, and nothing has complained.](uri.svg)
#
# Airflow can write the line itself, and has a second form that needs no codes:

# %%
print("URI  ", courier.get_uri())
print("JSON ", courier.as_json())

again = Connection(conn_id="courier", uri=courier.get_uri())
print("\nThe round trip gives the same password:", again.password == me.courier.password)

# In the query of a URI, every value is text: here, `false` is a word of five letters.
print(Connection(conn_id="x", uri="http://shop.example/?verify=false").extra_dejson)

# %% [markdown]
# Prefer JSON where you can choose. And notice what you just did: **both forms, and the mere `repr` of a Connection,
# show the password in clear.** A notebook that is shared is a password that is shared.

# %% [markdown]
# ## Watch
#
# A description says *where* and *who*. Does it say whether anybody can read along? The same login, the same query,
# twice through a machine in the middle: on the left with the setting `sslmode=disable`, on the right with TLS. What
# `extra` says is the whole difference. Lessons 2 and 5 are about that setting.

# %%
watch("select customer, quantity from orders order by id limit 3")

# %% [markdown]
# ## Do
#
# Every task has a check. It does not read what you typed: it looks at what your answer *does*. Run it as often as you
# like, and take the hints in order.
#
# ### 1.1 Describe a connection that logs in
#
# Make a Connection called `shop` for the shop *application*: the login `me.shop`, in the same database. The database
# administrator wants to see who is calling, so put `application_name` into `extra`, with the value `me.word("desk")`.

# %% task="1.1"
shop = ...
### BEGIN SOLUTION
shop = Connection(
    conn_id="shop",
    conn_type="postgres",
    host=me.shop.host,
    port=me.shop.port,
    schema=me.shop.database,
    login=me.shop.user,
    password=me.shop.password,
    extra=json.dumps({"application_name": me.word("desk")}),
)
### END SOLUTION

# %% check="1.1"
check("1.1")

# %%
hints("1.1")

# %% [markdown]
# ### 1.2 Write an awkward password into a URI
#
# Set `courier_uri` to a URI, as text, with which the courier (`me.courier`) can log in.

# %% task="1.2"
courier_uri = ...
### BEGIN SOLUTION
password = quote(me.courier.password, safe="")
courier_uri = (
    f"postgres://{me.courier.user}:{password}@{me.courier.host}:{me.courier.port}/{me.courier.database}"
)
### END SOLUTION

# %% check="1.2"
check("1.2")

# %%
hints("1.2")

# %% [markdown]
# ### 1.3 Decode any connection URI
#
# Write `decode(uri)`. It returns a dict with the keys `conn_type`, `login`, `password`, `host`, `port` (a number),
# `schema` and `extra` (a dict); what is missing in the URI is `None`, and `{}` for `extra`. The check calls it with
# URIs you have not seen.

# %% task="1.3"
def decode(uri: str) -> dict:
    fields = ...
    ### BEGIN SOLUTION
    found = Connection(conn_id="any", uri=uri)
    fields = {
        name: getattr(found, name) for name in ("conn_type", "login", "password", "host", "port", "schema")
    }
    fields["extra"] = found.extra_dejson
    ### END SOLUTION
    return fields


# %% check="1.3"
check("1.3")

# %%
hints("1.3")

# %% [markdown]
# ### 1.4 Repair a URI that is misread in silence
#
# A colleague left this one behind. It should let the courier in and tell the server the job's name: all that stands behind
# `application_name=`, `R&D #` and a code word. Airflow reads the line without a word of complaint. Nothing works.

# %%
from airlock.lab.mystery import broken_uri

broken = broken_uri(me.view)
print(broken)

# %% task="1.4"
fixed_uri = ...
### BEGIN SOLUTION
job = broken.split("application_name=")[1]
query = urlencode({"sslmode": "require", "application_name": job})
fixed_uri = f"{courier.get_uri()}?{query}"
### END SOLUTION

# %% check="1.4"
check("1.4")

# %%
hints("1.4")

# %% [markdown]
# After the `?`, a space may be written `+`, and `urlencode` does so. In the password `+` is a plus sign; a space there is
# `%20`.
#
# ### The Airflow that is running
#
# So far the notebook was alone: a Connection object lives in this process, and Airflow has never heard of it. There
# are two ways to tell it, the command and the API.
#
# Many pages show the command as `airflow connections add --conn-id mydb --conn-uri …`. Try that first. (Each call
# takes a few seconds: it loads all of Airflow.)


# %%
def airflow_command(*words: str) -> None:
    """Run `airflow …` as the operator of this lab's Airflow, and show the line that counts."""
    operator = {**os.environ, "AIRFLOW_HOME": me.view.lab.airflow.home, "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "airflow", *words]
    done = subprocess.run(command, env=operator, capture_output=True, text=True)
    lines = (done.stderr if done.returncode else done.stdout).strip().splitlines()
    print("$ airflow", *words)
    print(*(lines[-1:] if done.returncode else lines[:1]), "\n")


note = me.conn_id("note")  # an id that begins with your team: others use this Airflow, too

# %% tags=["demonstration"]
airflow_command("connections", "add", "--conn-id", note, "--conn-uri", "generic://pigeonhole")
airflow_command("connections", "add", note, "--conn-uri", "generic://pigeonhole")

# The API removes what the command has added: both write to the same database.
lab.airflow.request("DELETE", f"/api/v2/connections/{note}").status_code

# %% [markdown]
# The id has no flag: it is the first word after `add`. `--conn-json` takes the other form. A secret on a command line
# is visible to everybody on the machine (`ps`) and stays in the shell's history: with a secret in it, import a file that
# only you can read, or use the API.
#
# The API speaks HTTPS with a certificate of the lab's own authority, and answers JSON:

# %% tags=["demonstration"]
answer = lab.airflow.request("GET", "/api/v2/version")
print(lab.airflow.url, answer.status_code, answer.json()["version"])

one = {"connection_id": note, "conn_type": "generic", "host": "pigeonhole", "password": "swordfish"}
for method, path, body in (
    ("POST", "/api/v2/connections", one),
    ("POST", "/api/v2/connections", one),
    ("GET", f"/api/v2/connections/{note}", None),
    ("DELETE", f"/api/v2/connections/{note}", None),
):
    answer = lab.airflow.request(method, path, body)
    print(method, answer.status_code, answer.json().get("password", "") if answer.content else "")

# %% [markdown]
# 201 is stored, 409 is "there is one already", 204 is gone. A password comes back as `***`, always: the API never
# gives it away, so it cannot tell you whether it is right.
#
# ### 1.5 Register a connection in the running Airflow
#
# This Airflow is shared by several teams. Yours begins every name with the team: register the *application's* login
# (`me.shop`) under the id `me.conn_id("shop")`. To correct a row, delete it and send it again: 409 has changed nothing.

# %% task="1.5"
### BEGIN SOLUTION
shop_id = me.conn_id("shop")
lab.airflow.request("DELETE", f"/api/v2/connections/{shop_id}")
stored = lab.airflow.request(
    "POST",
    "/api/v2/connections",
    {
        "connection_id": shop_id,
        "conn_type": "postgres",
        "host": me.shop.host,
        "port": me.shop.port,
        "schema": me.shop.database,
        "login": me.shop.user,
        "password": me.shop.password,
    },
)
print(stored.status_code)
### END SOLUTION

# %% check="1.5"
check("1.5")

# %%
hints("1.5")

# %% [markdown]
# ### 1.6 Make the DAG succeed with it
#
# The DAG `orders_report` counts your shop's orders through the connection it is told, and writes the result into the
# table `reports`. Trigger it with the conf `{"conn_id": …, "team": me.team}`: `lab.airflow.run_dag(dag_id, conf)`
# follows the run and returns it. Keep it in `run`. What its task has to say is in
# `lab.airflow.task_log("orders_report", run.run_id, "report")`.

# %% task="1.6"
run = ...
### BEGIN SOLUTION
run = lab.airflow.run_dag("orders_report", {"conn_id": me.conn_id("shop"), "team": me.team})
log = lab.airflow.task_log("orders_report", run.run_id, "report")
print(*[line for line in log.splitlines() if "revenue" in line], sep="\n")
### END SOLUTION

# %% check="1.6"
check("1.6")

# %%
hints("1.6")

# %% [markdown]
# ### Three homes
#
# A connection can live in the **metadata database** (what API, pages and the command write), in the **environment**
# of the task (`AIRFLOW_CONN_` and the id in capitals), or in a **secrets backend** (here OpenBao, a Vault). The next
# cells put a different answer under the same id into all three, and let a task in the running Airflow look it up.

# %%
predict(
    "1-b",
    "All three homes have an entry under the same id. Which one does a task get?",
    {
        "a": "The one in the metadata database: it is Airflow's own.",
        "b": "The one in the environment: it is closest to the task.",
        "c": "The one in the secrets backend.",
        "d": "None: Airflow refuses an id that is not unique.",
    },
)


# %%
def who_answers(conn_id: str) -> str:
    """Let a task in the running Airflow look the id up, and return the host it got."""
    conf = {"conn_id": conn_id, "team": me.team}
    run = lab.airflow.run_dag("which_home", conf, on_state=lambda *_: None)
    return lab.airflow.xcom("which_home", run.run_id, "look_up")


# %% tags=["demonstration"]
three = me.conn_id("three")
lab.airflow.request("DELETE", f"/api/v2/connections/{three}")  # in case it is still there
lab.vault.put_connection(three, {"conn_type": "generic", "host": "answer-from-the-secrets-backend"})
lab.environment.set(three, "generic://answer-from-the-environment")
lab.airflow.request(
    "POST",
    "/api/v2/connections",
    {"connection_id": three, "conn_type": "generic", "host": "answer-from-the-database"},
)

winner = who_answers(three)
print(winner)
lab.vault.delete_connection(three)  # the winner leaves …
print(who_answers(three))
lab.environment.unset(three)  # … and the next one, too
print(who_answers(three))

# %%
reveal(
    "1-b",
    observed={
        "answer-from-the-database": "a",
        "answer-from-the-environment": "b",
        "answer-from-the-secrets-backend": "c",
    }[winner],
    because="Secrets backend, then environment, then metadata database. The first home that has a copy answers, "
    "the others are not asked, and the task's log says nothing about it.",
)

# %% [markdown]
# ![The order of search. A task asks for an id. First home: the secrets backend, here OpenBao. Second home: the environment of the task, variables named AIRFLOW_CONN_. Third home: the metadata database, behind the API server. The first home that has a copy answers; the others are never asked, and nothing says so.](homes.svg)
#
# **A story that happens every week.** The database moved. Ana opens Airflow's page, corrects the host, and reads it
# back: right. The DAG still calls the old host. She asks the command line: right again. An hour later somebody
# remembers a variable in the deployment file, from before there was a page. Here is that hour in one cell:

# %% tags=["demonstration"]
lab.environment.set(three, "generic://old-host")
lab.airflow.request(
    "PATCH",
    f"/api/v2/connections/{three}?update_mask=host",
    {"connection_id": three, "conn_type": "generic", "host": "new-host"},
)

page = lab.airflow.request("GET", f"/api/v2/connections/{three}").json()["host"]
print("the page says     ", page)
print("a task is told    ", who_answers(three))

lab.environment.unset(three)
print("stale copy removed", who_answers(three))
lab.airflow.request("DELETE", f"/api/v2/connections/{three}");

# %% [markdown]
# This is called **shadowing**. The page and the command line are not wrong: they run in another process, with another
# environment, and answer another question. Only a task knows what a task gets. One more trap: a copy that *cannot be
# read* (a URI with a broken port) is passed over in silence, too.
#
# ### 1.7 Say which home answered
#
# Somebody planted three ids. For each letter, find out which home answers and with which host: a pair, the home first.
# The homes are called `vault`, `environment` and `database`. You have all the tools: `who_answers`,
# `lab.vault.get_connection(id)`, `lab.environment.connections()`, and the API.

# %%
from airlock.lab.mystery import plant

mystery = plant(me.view)
mystery

# %% task="1.7"
won = {"a": (..., ...), "b": (..., ...), "c": (..., ...)}
### BEGIN SOLUTION
def home_of(conn_id: str, host: str) -> str:
    secret = lab.vault.get_connection(conn_id)
    if secret and secret["host"] == host:
        return "vault"
    if lab.environment.connections().get(conn_id.upper(), "").endswith(host):
        return "environment"
    return "database"


won = {}
for letter, conn_id in mystery.items():
    host = who_answers(conn_id)
    won[letter] = (home_of(conn_id, host), host)
### END SOLUTION

# %% check="1.7"
check("1.7")

# %%
hints("1.7")

# %% [markdown]
# ### 1.8 In your own words
#
# *Four points, marked by a person. Eight lines are enough.*
#
# The password of a database was changed. A colleague has corrected the connection in Airflow's page, and the tasks
# still fail with `password authentication failed`. Write what you would tell them: what may be going on, **one
# experiment** that shows which copy the task gets, what you would change, and what keeps it from happening again.

# %% [markdown] written="1.8" points=4
# ### BEGIN SOLUTION
# The page shows the metadata database, which a task asks last. A copy under the same id in the secrets backend or in
# the task's environment (`AIRFLOW_CONN_…`) answers first and still holds the old password; nothing in the log says so.
#
# Experiment: let a task look the id up and report something of the answer that is no secret (the host, the login, the
# length of the password), then take the copy out of one home and look again. What `airflow connections get` prints on
# my machine proves nothing: another process, another environment.
#
# Change: remove the stale copy, do not correct it, so that the secret has one home. From then on: one home per kind of
# connection, written down, and a check that lists every id found in two homes.
#
# **Rubric** (one point each)
#
# 1. Names the order of search, or says clearly that another home is asked before the metadata database.
# 2. An experiment that asks from *within a task* (or the task's environment), with an observable result; no secret is printed.
# 3. Removes the second copy. (Half a point for correcting it in place.)
# 4. Something that prevents the next time: one home per connection, a scan for duplicate ids, rotation in the backend only.
#
# Other causes that are argued well (a password mis-encoded in a URI, a home passed over because it cannot be read)
# may replace point 1.
# ### END SOLUTION

# %% [markdown]
# ## Myth
#
# Answer, then run the experiment below.

# %%
myth(
    "1-x",
    "A connection that Airflow has stored without an error has been tried out: host and password are right.",
    truth=False,
    because="Airflow stores text. Nobody is called until a hook needs the connection, and the built-in test is "
    "off unless an administrator turns it on. The experiment stores a connection to a host that does not exist.",
)

# %% tags=["demonstration"]
nowhere = {
    "connection_id": me.conn_id("nowhere"),
    "conn_type": "postgres",
    "host": "nowhere.invalid",
}
print("stored:", lab.airflow.request("POST", "/api/v2/connections", nowhere).status_code)
tested = lab.airflow.request("POST", "/api/v2/connections/test", nowhere)
print("tested:", tested.status_code, tested.json()["detail"])
try:
    PostgresHook(connection=Connection(conn_id="x", uri="postgres://nowhere.invalid/x")).get_conn()
except Exception as error:
    print("used:  ", type(error).__name__, str(error).splitlines()[0])
lab.airflow.request("DELETE", f"/api/v2/connections/{me.conn_id('nowhere')}");

# %% [markdown]
# ## Takeaways
#
# - A connection is a description. It is tried out when a hook uses it, not before.
# - A URI needs percent codes, exactly once, part by part. JSON needs none.
# - A misread URI is not an error. Read it back and compare.
# - Secrets backend, environment, metadata database: the first copy answers, in silence.
# - Only a task can say what a task gets.
#
# ## Go deeper
#
# - [Managing Connections](https://airflow.apache.org/docs/apache-airflow/stable/howto/connection.html): the forms, the
#   encoding, and the homes, in Airflow's documentation
# - [Secrets Backend](https://airflow.apache.org/docs/apache-airflow/stable/security/secrets/secrets-backend/index.html):
#   the order of search, and what a backend has to offer
# - [PostgreSQL connection](https://airflow.apache.org/docs/apache-airflow-providers-postgres/stable/connections/postgres.html):
#   what this hook reads from `extra`
# - [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2.1), section 2.1: percent encoding, by those who defined it
# - In a terminal: `./airlock practice` has two deployments of this lesson to repair
#
# ## Recall
#
# Turn each of these now, and come back tomorrow. A card that you know returns later, one that you do not returns sooner.

# %%
cards(1)
