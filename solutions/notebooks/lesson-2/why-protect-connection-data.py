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
# # 2 · Why protect connection data
#
# *Foundation · about 40 minutes · six checked tasks (17 points), one written answer (4 points)*
#
# ## What you will be able to do
#
# - **read** a password, a statement and a row out of a recording of the wire;
# - **tell apart** what `password`, md5 and SCRAM logins give away, and what none of them protects;
# - **make** a connection that leaves an eavesdropper with nothing;
# - **find** the places of an Airflow in which a secret can be read at rest.
#
# You are going to attack your own lab, on your own machine. `lab.reset()` puts everything back.

# %%
import json
import os
from dataclasses import replace

from airlock.lab.rules import ruled_logins
from airlock.lesson import cards, check, hints, lab, me, myth, predict, reveal, watch
from airlock.wire import decode
from airlock.wire.captures import record
from airlock.wire.loot import loot

os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"
lab.status()


# %%
# A hook runs a query, somebody is on the link, and this is what he reads.
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.sdk import Connection


def overhear(login, door: str = "eavesdropper", **extra: str):
    """Run a query as `login` through a door of the wire, and return what was recorded there."""
    with record(me.view.lab.wire, door) as tape:
        with PostgresHook(connection=connection_of(login, tape.port, extra)).get_conn() as session:
            last = "select customer, quantity from orders order by id desc limit 2"
            session.execute(last).fetchall()
    return tape


def connection_of(login, port: int, extra: dict) -> Connection:
    return Connection(
        conn_id="any",
        conn_type="postgres",
        host=login.host,
        port=port,
        schema=login.database,
        login=login.user,
        password=login.password,
        extra=json.dumps(extra),
    )


# Your logins at a server with several rules; this rule is called `password`
with ruled_logins(me.view) as logins:
    mine = logins["host", "password"]
    mine_heard = overhear(mine, sslmode="disable")

for message in decode(mine_heard.messages):
    if message.get("password"):
        print(message.kind, message.raw)
print("your password:", mine.password)

# %% [markdown]
# Nothing was broken and nothing was guessed. The client sent its password, and a relay in between, which changed not a
# byte and which nobody noticed, wrote it down.
#
# ## The mental model
#
# ![A task on the left, the database on the right, and a link between them. Six places where somebody can stand, numbered: 1 on the task's host, reading environment and memory; 2 on the network, reading what passes; 3 in the link, as a proxy that can also change what passes; 4 at the metadata database and its backups; 5 at the logs and XComs; 6 at the API and the pages.](positions.svg)
#
# **A connection in clear is a password shouted across a crowded room.** The right person hears it. So does everybody
# else, and nobody can tell afterwards who was listening.
#
# **Where the analogy breaks:**
#
# - In a room you see who is there. On a network you do not: a mirror port, a proxy and a Wi-Fi neighbour are silent.
# - A shout is gone. A recording stays, and can be searched next year.
# - Listening is the least of it. Whoever is *in* the link can answer in the server's name.
#
# | where somebody stands | sees | example |
# |---|---|---|
# | 1 the task's host | its environment, its memory, its files | a debugging shell, a core dump |
# | 2 the network | every byte that passes | a mirror port, a shared switch, Wi-Fi |
# | 3 in the link | the same, and may change it | a proxy, a load balancer, a spoofed DNS answer |
# | 4 the metadata database | stored connections, and every backup of them | a dump on a shared drive |
# | 5 logs and XComs | what a task printed or returned | a log collector |
# | 6 API and pages | what Airflow shows to a signed-in user | an export, a screenshot |
#
# The first half of this lesson is about 2 and 3, the second about 4, 5 and 6.

# %% [markdown]
# ## Predict: a better way to log in
#
# Nobody has to send a password. With **md5** the server sends a random salt and the client a hash; with
# **SCRAM-SHA-256**, PostgreSQL's default, both sides prove that they know the password, and neither sends it.
#
# The cell below the question runs the same query three times, each time with TLS turned off.

# %%
predict(
    "2-a",
    "The login uses SCRAM and TLS is off. What does the eavesdropper have after the query?",
    {
        "a": "The password, the SQL and the rows.",
        "b": "The SQL and the rows, not the password.",
        "c": "The SQL, but neither the rows nor the password.",
        "d": "Nothing he can read: SCRAM has set up a key for the session.",
    },
)

# %%
with ruled_logins(me.view) as logins:
    gained = {
        way: loot(overhear(logins["host", way], sslmode="disable").connections)
        for way in ("password", "md5", "scram")
    }

for way, got in gained.items():
    print(f"{way:9}{got.bytes_read} bytes read")
    print(f"{'':9}password {got.password or '–'}   hash {got.hash[:20] or '–'}")
    print(f"{'':9}sql  {'; '.join(got.sql)}\n{'':9}rows {got.rows}\n")
scram = gained["scram"]

# %%
reveal(
    "2-a",
    observed="a" if scram.password else "b" if scram.rows else "c" if scram.sql else "d",
    because="SCRAM is a way to log in. It ends where the session begins, and encrypts nothing: what is asked and "
    "what is answered goes over the same open link.",
)

# %% [markdown]
# | way to log in | gives away | good for an attacker? |
# |---|---|---|
# | `password` | the password | logs in at once |
# | md5 | a hash over password, login and salt | hundreds of thousands of guesses a second on one core |
# | SCRAM | an exchange of proofs | hundreds of guesses a second: a good password holds, a bad one does not |
# | *any of them, without TLS* | every statement and every row | needs no password any more |
#
# ## Watch
#
# The same query with and without TLS, side by side, with your own login. It logs in with SCRAM.

# %%
watch("select customer, quantity from orders order by id desc limit 3")

# %% [markdown]
# ## Do
#
# Four colleagues of yours have been at work, each in a session of their own: `clerk`, `bookkeeper`, `planner` and
# `director`. An eavesdropper recorded all four, and mixed up the tapes. The cell runs the sessions now, for real.

# %%
from airlock.lab.overheard import overheard

tapes = overheard(me.view)
for letter, tape in tapes.items():
    print(letter, " ".join(message.kind for message in decode(tape.messages))[:95], "…")


# %% [markdown]
# `decode` takes a recording's bytes apart. Each message has a `sender`, a `kind` and named fields:
# `message.get("user")` is the first field of that name, `message.all("value")` all of them. Here is everything in the
# first message of your own session, the one from the beginning of this lesson:

# %%
first = next(iter(decode(mine_heard.messages)))
print(first.sender, first.kind, first.raw)
for field in first.fields:
    print(f"  {field.name:15}{field.value!s:26}{field.explanation}")

# %% [markdown]
# ### 2.1 Recover a password from a recording
#
# One of the four sessions gave a password away. Set `stolen` to the pair of login and password. The check logs in
# with it.

# %% task="2.1"
stolen = (..., ...)
### BEGIN SOLUTION
for tape in tapes.values():
    messages = list(decode(tape.messages))
    for message in messages:
        found = message.get("password")
        if message.kind == "PasswordMessage" and not found.startswith("md5"):
            stolen = (messages[0].get("user"), found)
### END SOLUTION

# %% check="2.1"
check("2.1")

# %%
hints("2.1")

# %% [markdown]
# ### 2.2 Read a statement off the wire
#
# The `planner` logs in with SCRAM. Set `statement` to what the planner asked the database, as text.

# %% task="2.2"
statement = ...
### BEGIN SOLUTION
planner = next(tape for tape in tapes.values() if loot([tape]).user == f"planner_{me.team}")
statement = loot([planner]).sql[0]
### END SOLUTION

# %% check="2.2"
check("2.2")

# %%
hints("2.2")

# %% [markdown]
# ### 2.3 Read a row off the wire
#
# The table that the planner asked is closed to your own login. Try it. Then set `code` to the code of the voucher
# that the planner got, as text.

# %% tags=["demonstration"]
try:
    lab.postgres.query("select * from vouchers")
except Exception as error:
    print(type(error).__name__, error)

# %% task="2.3"
code = ...
### BEGIN SOLUTION
code = loot([planner]).rows[0][-1]
### END SOLUTION

# %% check="2.3"
check("2.3")

# %%
hints("2.3")

# %% [markdown]
# ### 2.4 Say what each recording gives away
#
# An incident report needs one line for each session. Set `leaks` to a dict from letter to a set of these words:
# `"password"` (in clear), `"hash"` (an md5 answer), `"sql"` (a statement), `"rows"`. Nothing at all is `set()`.

# %% task="2.4"
leaks = {"a": ..., "b": ..., "c": ..., "d": ...}
### BEGIN SOLUTION
kinds = ("password", "hash", "sql", "rows")
leaks = {letter: {kind for kind in kinds if getattr(loot([tape]), kind)} for letter, tape in tapes.items()}
### END SOLUTION

# %% check="2.4"
check("2.4")

# %%
hints("2.4")

# %% [markdown]
# ### 2.5 Stop the leak
#
# Make a Connection `sealed` for your application's login (`me.shop`, with its own port), such that nobody on the link
# reads anything. The extra `sslmode` decides; it takes `disable`, `allow`, `prefer`, `require`, `verify-ca` and
# `verify-full`. The check runs two sessions with your settings: one past the eavesdropper, and one past somebody who
# answers the client's question for TLS with "not here".

# %% task="2.5"
sealed = ...
### BEGIN SOLUTION
sealed = connection_of(me.shop, me.shop.port, {"sslmode": "verify-full", "sslrootcert": me.view.lab.ca_file})
### END SOLUTION

# %% check="2.5"
check("2.5")

# %%
hints("2.5")

# %% [markdown]
# ## The same over HTTP
#
# Many connections are no database: an API with a user and password, or with a token. The lab has one, **billing**. It
# gives your shop's invoices to whoever comes with your shop's login, or with a token that it issued for it. On the link
# to it, too, somebody listens: `http-eavesdropper`, a cable that changes nothing.
#
# The connection comes from a URI, as it would stand in `AIRFLOW_CONN_BILLING`: `https://user:password@host:port/`.

# %%
predict(
    "2-b",
    "The URI of the connection begins with `https://`. What does HttpHook send?",
    {
        "a": "A TLS handshake, and inside it a request that nobody can read.",
        "b": "A plain HTTP request, with the password in it.",
        "c": "Nothing: the hook refuses, because there is no certificate to check.",
    },
)


# %%
from airflow.providers.http.hooks.http import HttpHook

port = me.view.lab.wire.doors["http-eavesdropper"]


def ask_billing(connection: str, endpoint: str = "invoices?limit=2", method: str = "GET"):
    """Call billing as a task would, past the eavesdropper: its answer, and what was recorded."""
    os.environ["AIRFLOW_CONN_BILLING"] = connection  # as a deployment would hand it to a task
    with record(me.view.lab.wire, "http-eavesdropper") as tape:
        answer = HttpHook(method=method, http_conn_id="billing").run(endpoint).json()
    return answer, tape


as_https = f"https://{me.shop.user}:{me.shop.password}@localhost:{port}/"
_, billed = ask_billing(as_https)
print(billed.sent("client").decode(errors="replace"))
begins = next((message.kind for message in decode(billed.messages)), "nothing")

# %%
reveal(
    "2-b",
    observed={"Request": "b", "ClientHello": "a"}.get(begins, "c"),
    because="In a connection's URI, the scheme is the connection's *type*. The protocol is in the field `schema`, "
    "which this URI leaves empty, and empty means http. The name said https; the bytes did not.",
)

# %% [markdown]
# The line `Authorization: Basic …` is base64: another way to write the same text, not a lock. A bearer token is not even
# that. Whoever reads either one can use it, and billing cannot tell who does:

# %%
import requests

heard = loot(billed.connections)
print("basic auth:", heard.user, heard.password)
print("the answer:", heard.answers[0])

issued, _ = ask_billing(as_https, "token", "POST")
bearer = {"conn_type": "http", "host": "localhost", "port": port}
bearer["extra"] = {"Authorization": f"Bearer {issued['access_token']}"}
_, billed = ask_billing(json.dumps(bearer))
caught = {"Authorization": f"Bearer {loot(billed.connections).token}"}

# Another client, an encrypted link, and no password: all it has is the token off the wire.
invoices = f"{me.view.lab.billing.https}/invoices?limit=1"
replay = requests.get(invoices, headers=caught, verify=me.view.lab.ca_file)
print("a token:   ", caught["Authorization"])
print("the thief: ", replay.status_code, replay.json()["invoices"])

del os.environ["AIRFLOW_CONN_BILLING"]

# %% [markdown]
# What does make it HTTPS: `"schema": "https"` in the JSON form, or a host that begins with `https://`. Lesson 5 turns it
# on and proves it.
#
# ## At rest, and in passing
#
# TLS protects what is in transit. What is at rest needs something else, and so do secrets that somebody shows by accident. Here
# is one connection of yours, seen from three places. (The command takes a few seconds.)

# %% tags=["demonstration"]
import subprocess
import sys

from airlock.lab.canaries import backup

one = me.conn_id("one")
row = {"connection_id": one, "conn_type": "generic", "host": "files.internal", "login": "robot"}
extra = {"api_key": "k-123456", "endpoint": "k-123456"}
row |= {"password": me.word("one"), "extra": json.dumps(extra)}
lab.airflow.request("POST", "/api/v2/connections", row)

print("the API    ", lab.airflow.request("GET", f"/api/v2/connections/{one}").text, "\n")
print("a backup   ", next(line for line in backup().splitlines() if one in line), "\n")
command = [sys.executable, "-m", "airflow", "connections", "export", "-", "--file-format", "env"]
operator = {**os.environ, "AIRFLOW_HOME": me.view.lab.airflow.home, "PYTHONWARNINGS": "ignore"}
exported = subprocess.run(command, env=operator, capture_output=True, text=True).stdout
print("the command", next((line for line in exported.splitlines() if one in line), exported))

lab.airflow.request("DELETE", f"/api/v2/connections/{one}");

# %% [markdown]
# - **The API** puts `***` for the password, and for extras whose *name* it knows (`api_key`). It does not know `endpoint`.
# - **A backup** of the metadata database holds the password and the extra encrypted (`gAAAA…`, Fernet), with a key that
#   is kept elsewhere. Host, login and description are text.
# - **The command** `airflow connections export`, for whoever may run it, decrypts every connection there is and writes
#   them in clear. `airflow connections get` does so for one.
#
# ### Logs have a masker. What does it know?
#
# When a task looks a connection up, Airflow remembers the password and puts `***` wherever the log would show it. The
# task of the DAG `which_home` prints the host and returns it. So put the password into the host, twice: once as it
# is, once backwards.

# %% tags=["demonstration"]
leaky = me.conn_id("leaky")
password = me.word("leaky")
row = {"connection_id": leaky, "conn_type": "generic"}
row |= {"host": f"{password}/{password[::-1]}", "password": password}
lab.airflow.request("POST", "/api/v2/connections", row)

conf = {"conn_id": leaky, "team": me.team}
run = lab.airflow.run_dag("which_home", conf, on_state=lambda *_: None)
log = lab.airflow.task_log("which_home", run.run_id, "look_up")
print("password:", password)
print("log:     ", next(line for line in log.splitlines() if leaky in line))
print("XCom:    ", lab.airflow.xcom("which_home", run.run_id, "look_up"))

lab.airflow.request("DELETE", f"/api/v2/connections/{leaky}");

# %% [markdown]
# The masker compares text. Backwards, in base64, in capitals, or cut in two, it is another text. And it works on the
# *log*: the value that a task returns, its XCom, is stored and shown as it is.
#
# ### 2.6 Find where a secret shows
#
# A **canary** is a secret made only to be looked for. Four connections of your team hold one each, every one in another
# field. Set `shown` to a dict from letter to the set of places that show the canary in clear:
#
# - `"backup"`: the text that `backup()` returns, the table as `pg_dump` writes it;
# - `"api"`: the API's answer about the connection;
# - `"log"`: the log of a `which_home` run with the connection;
# - `"xcom"`: what that run returned.

# %%
from airlock.lab.canaries import backup, plant

canaries = plant(me.view)
canaries

# %% task="2.6"
shown = {"a": ..., "b": ..., "c": ..., "d": ...}
### BEGIN SOLUTION
dump = backup()
for letter, canary in canaries.items():
    conf = {"conn_id": canary.conn_id, "team": me.team}
    run = lab.airflow.run_dag("which_home", conf, on_state=lambda *_: None)
    texts = {
        "backup": dump,
        "api": lab.airflow.request("GET", f"/api/v2/connections/{canary.conn_id}").text,
        "log": lab.airflow.task_log("which_home", run.run_id, "look_up"),
        "xcom": str(lab.airflow.xcom("which_home", run.run_id, "look_up")),
    }
    shown[letter] = {place for place, text in texts.items() if canary.secret in text}
### END SOLUTION

# %% check="2.6"
check("2.6")

# %%
hints("2.6")

# %% [markdown]
# ### 2.7 In your own words
#
# *Four points, marked by a person. Ten lines are enough.*
#
# A colleague runs Airflow and its database in one data centre and says: “No TLS between them. It is only the internal
# network, and the database uses SCRAM anyway.” Write your answer: what SCRAM does and does not do, who can be on
# that network without breaking in, **one thing you would show** as evidence, and what you would change first.

# %% [markdown] written="2.7" points=4
# ### BEGIN SOLUTION
# SCRAM keeps the password off the wire. It does not touch the session: every statement and every row is in clear, and
# somebody who can change what passes may simply ask the client for the password instead, and default clients give it.
#
# The internal network is not one person. A mirror port, a monitoring appliance, a compromised build agent, a
# neighbour on the same virtual switch, an administrator of the hypervisor, a misrouted link between two sites: none of
# them breaks in, and none of them leaves a trace at the server.
#
# Evidence: a recording of one of our own sessions, made with permission, with a statement and a row marked in it. Or
# `pg_stat_ssl` on the server: how many sessions are not encrypted right now.
#
# First change: `sslmode=verify-full` with our own authority on the connections that carry personal data, proved by a
# second recording; then `hostssl` on the server, so that nobody falls back.
#
# **Rubric** (one point each)
#
# 1. Says that SCRAM protects the password only, and that SQL and rows stay readable. (An active attacker who asks for the
#    password in clear is a bonus, not needed.)
# 2. Names two or more realistic positions on an internal network that need no break-in, or says why a trusted network
#    is a claim that nobody can check.
# 3. Evidence that somebody else can repeat: a recording, `pg_stat_ssl`, a packet capture. Not “everybody knows”.
# 4. A concrete first change that encrypts the link *and* a way to see that it did. (Half a point for the change alone.)
#
# An argument about cost that is weighed, not waved away (certificates to renew, load on the database), may replace point 2.
# ### END SOLUTION

# %% [markdown]
# ## Myth
#
# Answer, then run the experiment below.

# %%
myth(
    "2-x",
    "The server accepts SCRAM only, so nobody on the network can get my password.",
    truth=False,
    because="The *server* asks for SCRAM. Whoever is in the link can ask for something else, and a client that was not "
    "told what to accept answers. The experiment is your own login, at a server that wants SCRAM and nothing else.",
)

# %%
asked = loot(overhear(me.shop, "cleartext", sslmode="disable").connections)
print("asked for it in clear, the client sent:", asked.password)
print("your password:                         ", me.shop.password)

try:
    overhear(me.shop, "cleartext", sslmode="disable", require_auth="scram-sha-256")
except Exception as error:
    print("told what to accept, it said:          ", str(error).strip().splitlines()[-1])

# %% [markdown]
# `require_auth` saves the password. The statement and the rows it does not: for those, the link has to be encrypted, and
# the client has to know whom it is talking to.
#
# ## Takeaways
#
# - A link in clear shows everything to everybody on it, and tells nobody who that was.
# - md5 and SCRAM are about the password. Statements and rows need an encrypted link.
# - A client that accepts anything gives anything. `sslmode` and `require_auth` say what it accepts.
# - `https://` at the front of a connection's URI is a type, not a protocol. Look at the bytes.
# - Maskers know names and values, not secrets. A secret belongs in `password`, and in nothing else.
#
# ## Go deeper
#
# - [Password authentication](https://www.postgresql.org/docs/17/auth-password.html): the three ways, in PostgreSQL's words
# - [Message flow](https://www.postgresql.org/docs/17/protocol-flow.html): every message you decoded
# - [RFC 5802](https://www.rfc-editor.org/rfc/rfc5802): SCRAM, and what its authors say it does not protect
# - [RFC 7617](https://www.rfc-editor.org/rfc/rfc7617#section-4), section 4: Basic authentication is not secure, by its own standard
# - [Masking sensitive data](https://airflow.apache.org/docs/apache-airflow/stable/security/secrets/mask-sensitive-values.html)
#   in Airflow: the names it knows
# - In a terminal: `./airlock practice` has two deployments of this lesson to repair
#
# ## Recall
#
# Turn each of these now, and come back tomorrow. A card that you know returns later, one that you do not returns sooner.

# %%
cards(2)
