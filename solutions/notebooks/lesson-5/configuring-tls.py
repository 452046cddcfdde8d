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
# # 5 · Configuring SSL/TLS for Airflow connections
#
# *Advanced · about 45 minutes · eight checked tasks (19 points), one written answer (4 points)*
#
# ## What you will be able to do
#
# - **issue** certificates that a server and a client accept, and **read** from a refusal which field is wrong;
# - **turn on** TLS at a PostgreSQL server of your own, and **force** it;
# - **climb** from `sslmode=disable` to `verify-full`, and beyond, with an attacker on every rung;
# - **predict, run and explain** what every setting is worth against every attacker;
# - **run** a DAG with mutual TLS, and **prove** it on every path, from the server and from the wire.
#
# Everything runs on this machine. `lab.reset()` puts your part of the lab back.

# %%
import json
import os
import textwrap
import warnings
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID as Use
from cryptography.x509.oid import NameOID

from airlock.lesson import cards, check, hints, lab, matrix, me, myth, predict, reveal
from airlock.pki.trial import End, handshake
from airlock.wire.captures import record
from airlock.wire.loot import loot

os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"
warnings.filterwarnings("ignore", message="Unverified HTTPS request")  # the lesson is about it
lab.status()


# %%
# Two connections that differ in one word; an attacker with a forged certificate is on both links.
from airflow.providers.http.hooks.http import HttpHook
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.sdk import Connection


def connection(login, port: int, **extra: str) -> Connection:
    """A connection to the database of `login`, with these extras."""
    who = {"login": login.user, "password": login.password, "schema": login.database}
    return Connection(
        conn_id="any",
        conn_type="postgres",
        host=login.host,
        port=port,
        extra=json.dumps(extra),
        **who,
    )


def attacked(door: str, login=None, **extra: str) -> str:
    """Run a query through a door of the wire: what the attacker has, and what the client said."""
    said = "it works"
    with record(me.view.lab.wire, door) as tape:
        hook = PostgresHook(connection=connection(login or me.shop, tape.port, **extra))
        try:
            hook.get_first("select customer, quantity from orders order by id limit 1")
        except Exception as refusal:
            said = str(refusal).strip().split("failed: ")[-1].splitlines()[0]
    had = loot(tape.connections)
    row = f"the row {had.rows[0]}" if had.rows else "nothing"
    got = f"the password {had.password}" if had.password else row
    return f"he has {got}\n{'':13}(the client: {said})"


print("require     ", attacked("cleartext-forged", sslmode="require"))
print("verify-full ", attacked("cleartext-forged", sslmode="verify-full", sslrootcert=lab.ca_file))

# %% [markdown]
# Both sessions were encrypted. The first one with the attacker. `require` asks for *a* certificate, `verify-full` asks
# *whose* it is. This lesson is about that question: who can answer it, who has to ask it, and where.
#
# ## The mental model
#
# ![On the left three certificates, one above the other: the root signs itself and the intermediate, the intermediate signs the server's leaf, which carries names, dates and a purpose. In the middle the handshake: the server sends leaf and intermediate and proves that it has the key; the root is never sent. On the right the client, who has the root in a file beforehand, and asks four questions: does the chain end at my root, is it valid now, is it for a server, is it for the name I called.](chain.svg)
#
# **A passport.** A state (the root) stands behind an office (the intermediate), which issues passports (leaves): a name, a
# picture, two dates, what it is good for. At the border nobody believes the passport. They look up the *state* in their
# own list, and compare the picture with the face: the key is the face.
#
# **Where the analogy breaks:**
#
# - A face cannot be copied. A key can, and the copy is perfect.
# - Borders ask each other about stolen passports. Most clients, libpq and `requests` among them, ask nobody unless told.
# - A border officer always looks. A client looks only if a setting says so, and most defaults do not.
#
# ## Build the trust
#
# A certificate is a signed form. Here is all that is in it. Read the function: each argument is a field that somebody
# will get wrong one day.


# %%
class Issued(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def issue(
    name, signer=None, *, ca=False, hosts=(), purpose=None, starts=timedelta(minutes=-5), days=90
) -> Issued:
    """A certificate in the name of `name`, signed by `signer`; without one it signs itself."""
    key, now, subject = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC), _named(name)
    builder = (
        x509.CertificateBuilder(subject_name=subject, public_key=key.public_key())
        .issuer_name(signer.certificate.subject if signer else subject)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + starts)
        .not_valid_after(now + starts + timedelta(days=days))
        # May it sign others?
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if hosts:  # the names by which it is called; the name in `subject` is not one of them
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    if purpose:  # a server's, or a client's
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    return Issued(builder.sign(signer.key if signer else key, SHA256()), key)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


# %%
predict(
    "5-a",
    "An intermediate has signed the server's certificate. The server sends its own certificate, and nothing else. "
    "The client knows the root. What does it do?",
    {
        "a": "It accepts: the certificate names its issuer, so the client finds it.",
        "b": "It refuses.",
        "c": "It accepts, and writes a warning into its log.",
    },
)

# %% [markdown]
# Now each field, wrong once. A client that trusts the root calls the server `depot.internal`; OpenSSL has the word.

# %% tags=["demonstration"]
top = issue("a root", ca=True)
office = issue("an office", top, ca=True)
clerk = issue("a clerk", top)  # signed by the root, and no authority itself
right = {"hosts": ["depot.internal"], "purpose": Use.SERVER_AUTH}


def tried(leaf: Issued, sent_along: str, trusted: str = top.pem) -> str:
    """What becomes of a handshake: the server sends this leaf, and these certificates after it."""
    server = End((leaf.pem + sent_along).encode(), leaf.key_pem.encode())
    return handshake(server, trusted.encode(), "depot.internal").said or "accepted"


ago, soon = timedelta(days=-91), timedelta(minutes=5)
for what, leaf, along in (
    ("all is right", issue("depot", office, **right), office.pem),
    ("another name", issue("depot", office, **right | {"hosts": ["shop.internal"]}), office.pem),
    (
        "the name as common name only",
        issue("depot.internal", office, purpose=Use.SERVER_AUTH),
        office.pem,
    ),
    ("a client's", issue("depot", office, **right | {"purpose": Use.CLIENT_AUTH}), office.pem),
    ("expired yesterday", issue("depot", office, **right, starts=ago), office.pem),
    ("made on a clock 5 minutes ahead", issue("depot", office, **right, starts=soon), office.pem),
    ("signed by no authority", issue("depot", clerk, **right), clerk.pem),
):
    print(f"{what:34}{tried(leaf, along)}")

alone = tried(issue("depot", office, **right), "")
print(f"{'the intermediate not sent':34}{alone}")
stranger = tried(issue("depot", office, **right), office.pem, issue("another root", ca=True).pem)
print(f"{'the client trusts another root':34}{stranger}")

# %%
reveal(
    "5-a",
    observed="a" if alone == "accepted" else "b",
    because="Between the leaf and the root is a certificate that the client has never seen. Some browsers go and fetch it, "
    "so the page “works”; libpq, `requests` and OpenSSL do not. Who sends the leaf sends the way to the root.",
)

# %% [markdown]
# You will meet these texts again, in logs, at night. The last two read the same and are not: one is mended at the server,
# the other at the client. And libpq alone still takes the common name where there is no other; `requests` does not.
#
# ## Do
#
# ### 5.1 Issue certificates that a server and a client accept
#
# Soon you will have a PostgreSQL of your own. Make its papers. Set `pem` to a dict of PEM texts:
#
# | entry | what |
# |---|---|
# | `"root"`, `"root key"` | your authority, signed by itself |
# | `"server"`, `"server key"` | the server's leaf, valid for both `names`, with everything after it that a client needs |
# | `"client"`, `"client key"` | a client's leaf, likewise; its common name is `login`. PostgreSQL will let in whom it names |
#
# Use `issue`, or write your own, or run `openssl` with any kind of key and any depth of chain: the check lets a server
# and a client talk.

# %%
names = ["localhost", f"warehouse.{me.team}.internal"]
login = lab.warehouse.login.user
print(names, login)

# %% task="5.1"
pem = ...
### BEGIN SOLUTION
root = issue(f"{me.team} root", ca=True, days=3650)
inter = issue(f"{me.team} office", root, ca=True, days=1825)
server = issue(names[0], inter, hosts=names, purpose=Use.SERVER_AUTH)
client = issue(login, inter, purpose=Use.CLIENT_AUTH)
pem = {
    "root": root.pem,
    "root key": root.key_pem,
    "server": server.pem + inter.pem,
    "server key": server.key_pem,
    "client": client.pem + inter.pem,
    "client key": client.key_pem,
}
### END SOLUTION

# %% check="5.1"
check("5.1")

# %%
hints("5.1")

# %% [markdown]
# ## Turn it on
#
# `lab.warehouse` is a PostgreSQL that belongs to you alone: break it as you like. At the moment it speaks clear text.

# %%
lab.warehouse.start()
lab.warehouse

# %% [markdown]
# Three things turn TLS on, and a fourth one forces it:
#
# | what | where |
# |---|---|
# | certificate and key | `server.crt`, `server.key` |
# | TLS at all | `ssl = on` in `postgresql.conf` |
# | no old versions | `ssl_min_protocol_version`, there, too |
# | nobody in clear | `pg_hba.conf`: `hostssl` instead of `host` |
#
# Here `lab.warehouse.install(certificate=…, key=…)` writes the files, `lab.warehouse.configure(setting="value")` a setting, and
# `lab.warehouse.rules("…")` the lines of `pg_hba.conf`. `lab.warehouse.reload()` puts it in force, and returns what the
# server has to say about it: an empty list is no objection.
#
# A line of `pg_hba.conf` is read from the left: link, database, user, from where, how to log in. At the moment it says
# `host all all 127.0.0.1/32 scram-sha-256`, and `host` fits with TLS and without. The **first** line that fits counts.
#
# ### 5.2 Turn TLS on, and force it
#
# Let your server speak TLS 1.3 with the papers of 5.1, and let nobody in without it. Logging in still takes the password.

# %% task="5.2"
### BEGIN SOLUTION
lab.warehouse.install(certificate=pem["server"], key=pem["server key"])
lab.warehouse.configure(ssl="on", ssl_min_protocol_version="TLSv1.3")
lab.warehouse.rules("hostssl all all 127.0.0.1/32 scram-sha-256")
print(*lab.warehouse.reload(), sep="\n")
### END SOLUTION

# %% check="5.2"
check("5.2")

# %%
hints("5.2")

# %% [markdown]
# Now break it, without harm: make the key readable for others, as a `cp` by somebody in a hurry does.

# %% tags=["demonstration"]
key_file = lab.warehouse.folder / "server.key"
if key_file.exists():
    key_file.chmod(0o644)
    print("MODE 0644", *lab.warehouse.reload(), sep="\n")
    key_file.chmod(0o600)
    print("\nMODE 0600", *lab.warehouse.reload() or ["no objection"], sep="\n")

# %% [markdown]
# A reload that fails changes nothing: the server goes on with what it had. It is the next *restart* that does not come up,
# perhaps months later. So read what a reload says.

# %%
predict(
    "5-b",
    "A server demands TLS (`hostssl`). A task comes with libpq's default, `sslmode=prefer`. Somebody on the link answers "
    "for the server: “no TLS here”. What becomes of the session?",
    {
        "a": "The server refuses it: it takes nothing in clear.",
        "b": "The client refuses it: the server has always had TLS.",
        "c": "It works, and the attacker reads all of it.",
    },
)

# %%
from airlock.lab.rules import ruled_logins

with ruled_logins(me.view) as logins:  # logins at the shop's server; for this one it demands TLS
    deceived = attacked("downgrade", logins["hostssl", "scram"], sslmode="prefer")
print(deceived)

# %%
reveal(
    "5-b",
    observed="c" if "he has the row" in deceived else "a",
    because="There are two links. To the server the attacker speaks perfect TLS, so the server is content, and "
    "`pg_stat_ssl` shows it. To the client he speaks clear text, and `prefer` is content with that. A server protects its "
    "own end. The client has to protect the other one.",
)

# %% [markdown]
# ## The connection, rung by rung
#
# `PostgresHook` hands the extras of a connection to libpq. Six values of `sslmode`, four questions:
#
# | `sslmode` | TLS? | insists? | authority? | name? |
# |---|---|---|---|---|
# | `disable` | no | | | |
# | `allow`, `prefer` (default) | if offered | no | no | no |
# | `require` | yes | **yes** | no | no |
# | `verify-ca` | yes | yes | **yes** | no |
# | `verify-full` | yes | yes | yes | **yes** |
#
# Each rung is there because somebody beat the one below. The shop's server takes TLS and clear text, so every rung can
# be tried at it. `attacked(door, …)` from the top of this lesson does that. The doors:

# %% tags=["demonstration"]
from airlock.wire.explain import ATTACKS

for door, attack in ATTACKS.items():
    name = "eavesdropper" if door == "passive" else door
    print(textwrap.fill(f"{name:20}{attack}", 100, subsequent_indent=" " * 20))

print("\nfor example, require, mis-issued:")
print(" " * 13 + attacked("mis-issued", sslmode="require"))

# %% [markdown]
# ### 5.3 Climb the ladder, and one rung more
#
# Set `beaten` to a dict: for each rung, a door that reads it and that gets nothing out of the *next* rung. Then set `climbed`
# to a connection to the shop (`connection(me.shop, me.shop.port, …)`) that none of these doors reads, `mis-issued` included;
# only `stolen-key` may. The rung above `verify-full` is no `sslmode`. It is an extra of its own, which ties the login to the
# TLS session; the hints lead to it.

# %% task="5.3"
beaten = {"disable": ..., "prefer": ..., "require": ..., "verify-ca": ...}
climbed = ...
### BEGIN SOLUTION
beaten = {"disable": "eavesdropper", "prefer": "downgrade", "require": "self-signed", "verify-ca": "wrong-host"}
top_rung = {"sslmode": "verify-full", "sslrootcert": lab.ca_file, "channel_binding": "require"}
climbed = connection(me.shop, me.shop.port, **top_rung)
### END SOLUTION

# %% check="5.3"
check("5.3")

# %%
hints("5.3")

# %% [markdown]
# `channel_binding=require` ties the proof of the password to the one TLS session in which it is given: an attacker's is
# another one. `require_auth=scram-sha-256` refuses a server that asks for the password itself. And `sslnegotiation=direct`
# begins with TLS at once, so there is no answer “no TLS here”; it verifies nothing.
#
# One thing more: a mistake that nobody sees. The path of the authority has a typing error.

# %% tags=["demonstration"]
typo = lab.ca_file.replace(".crt", ".cert")
for mode in ("require", "verify-full"):
    print(f"{mode:13}" + attacked("self-signed", sslmode=mode, sslrootcert=typo))

# %% [markdown]
# With `require`, libpq takes `sslrootcert` as an offer: if the file is there it verifies the authority, if not it does not. No
# warning. Whoever wants verification has to say `verify-…`.
#
# ## The matrix
#
# All settings, all attackers, in seconds. Your own board: five clients, seven attackers, and a server whose rule is yours.

# %%
from airlock.lab.boards import own_board

board = own_board(me.view)
print("your server's rule:", board.rule)

# %% [markdown]
# ### 5.4 Predict the matrix, and run it
#
# Replace every `?` by `read`, `safe` or `refused`. `read`: the attacker reads the session, or gets the password. `safe`: it
# works, and he sees encrypted bytes. `refused`: the client does not get in. Then run the cell below. Being right is not
# graded; committing is.
#
# You can click instead of typing: run the cell below now, predict in the matrix, press *Copy my predictions*, and paste in
# the place of this cell's text. Then run both. Only what stands in this cell is handed in.

# %% task="5.4"
guess = """
               passive    downgrade  self-signed  wrong-host  expired  mis-issued  stolen-key
prefer           ?        ?          ?            ?           ?        ?           ?
require          ?        ?          ?            ?           ?        ?           ?
verify-ca        ?        ?          ?            ?           ?        ?           ?
verify-full      ?        ?          ?            ?           ?        ?           ?
require+binding  ?        ?          ?            ?           ?        ?           ?
"""
### BEGIN SOLUTION
guess = """
               passive    downgrade  self-signed  wrong-host  expired  mis-issued  stolen-key
prefer           safe     read       read         read        read     read        read
require          safe     refused    read         read        read     read        read
verify-ca        safe     refused    refused      read        refused  read        read
verify-full      safe     refused    refused      refused     refused  read        read
require+binding  safe     refused    refused      refused     refused  refused     read
"""
### END SOLUTION

# %%
ready = isinstance(guess, str) and "stolen-key" in guess and "?" not in guess
committed = guess if ready else None
matrix(board.rule, "scram", board.clients, board.situations, predict=committed, run=ready)

# %% check="5.4"
check("5.4")

# %%
hints("5.4")

# %% [markdown]
# Does the board refuse somebody here whom 5.3 let read? The reason is *channel binding noticed*: libpq binds unasked
# (`channel_binding=prefer`) where the server offers it, and a server offers it over TLS only. The rule `hostssl` makes the man
# in between come with TLS; under `host` he comes in clear, and nothing is offered. Do not lean on it: if he asks for the
# password itself, as in the first cell of this lesson, there is nothing to bind. `channel_binding=require` insists.
#
# ### 5.5 Say why they were refused
#
# The cell below names six refusals of your board. Set `why` to a dict from cell to cause. What the client said stands below
# the matrix when you choose a cell, and in the list of reasons.
#
# - `"no-tls"`: it was told that there is no TLS, and insists on it;
# - `"untrusted"`: the certificate does not verify: its authority, or its dates;
# - `"name"`: the certificate verifies, and is somebody else's;
# - `"binding"`: the login would have ended in another TLS session.

# %%
print(*board.questions, sep="\n")

# %% task="5.5"
why = ...
### BEGIN SOLUTION
why = {}
for cell in board.questions:
    who, attacker = cell.split("/")
    if attacker == "downgrade":
        why[cell] = "no-tls"
    elif who == "require+binding":
        why[cell] = "binding"
    else:
        why[cell] = "name" if attacker == "wrong-host" else "untrusted"
### END SOLUTION

# %% check="5.5"
check("5.5")

# %%
hints("5.5")

# %% [markdown]
# ## Every provider has its own words
#
# You may read that TLS is configured with the extras `ssl_ca_cert`, `ssl_cert` and `ssl_key`. They are placeholders: no hook
# reads all three. What happens if they are used all the same?

# %%
generic = {"ssl_ca_cert": lab.ca_file, "ssl_key": "/keys/billing.key"}
try:
    PostgresHook(connection=connection(me.shop, me.shop.port, **generic)).get_first("select 1")
except Exception as refusal:
    print("PostgresHook says:", str(refusal).strip())


def asked(door: str, schema: str, extra: dict) -> tuple:
    """Call billing through a door of the wire: what HttpHook said, and what was recorded."""
    said = "invoices"
    with record(me.view.lab.wire, door, patience=1) as tape:
        fields = {"conn_type": "http", "host": "localhost", "port": tape.port, "schema": schema}
        fields |= {"login": me.shop.user, "password": me.shop.password, "extra": extra}
        os.environ["AIRFLOW_CONN_BILLING"] = json.dumps(fields)
        try:
            hook = HttpHook(method="GET", http_conn_id="billing")
            hook.run("invoices?limit=1").json()["invoices"]
        except Exception as refusal:
            said = str(refusal).split("Caused by ")[-1]
    return said, tape


_, tape = asked("http-eavesdropper", "http", generic)
sent = tape.sent("client").decode().splitlines()
print("HttpHook sends:   ", *[line for line in sent if line.startswith("ssl_")], sep="\n  ")

# %% [markdown]
# One hook stops. The other one tells the server where your key lies. RedisHook and MySqlHook ignore such names in silence,
# and connect without TLS or unverified. The real names, as read from the providers' source; a dash stands for what no
# extra sets:

# %% tags=["demonstration"]
from airlock.lab.providers import EXTRAS

print(f"{'':15}{'authority':22}{'certificate':26}{'key'}")
for each in EXTRAS:
    name = each.conn_type if len(each.conn_type) < 15 else f"{each.conn_type}\n{'':15}"
    print(f"{name:15}{each.authority or '–':22}{each.certificate or '–':26}{each.key or '–'}")

# %% [markdown]
# ## HTTPS with an authority of your own
#
# Billing listens for TLS, with a certificate of the lab's authority. Nobody outside this machine knows that authority, so
# `requests` refuses. In most places, the repair is this:

# %%
forged, tape = asked("http-self-signed", "https", {"verify": False})
caught = loot(tape.connections).password
print("verify=False, somebody in between:", forged, "| he has the password", caught)

# %% [markdown]
# `verify=False` does not switch off a warning. It switches off the question whose certificate it is.
#
# ### 5.6 Call billing over HTTPS, with a private authority
#
# Set `billing` to a Connection with which `HttpHook` gets the invoices from the real service (`localhost`, TLS on the port below), and
# from nobody else. The check uses it in a process of its own that knows no more than your connection says, and leads it
# past attackers.

# %%
print(me.view.lab.billing.tls_port)

# %% task="5.6"
billing = ...
### BEGIN SOLUTION
billing = Connection(
    conn_id="billing",
    conn_type="http",
    host="localhost",
    port=me.view.lab.billing.tls_port,
    schema="https",
    login=me.shop.user,
    password=me.shop.password,
    extra=json.dumps({"verify": lab.ca_file}),
)
### END SOLUTION

# %% check="5.6"
check("5.6")

# %%
hints("5.6")

# %% [markdown]
# ## Mutual TLS
#
# Until now only the server showed a certificate. It can ask for one as well, and then the key in a file takes the place of
# the password. With the method `cert` in `pg_hba.conf`, PostgreSQL verifies the client's certificate by `root.crt`, and compares
# its common name with the user.
#
# ![Two links. Above, TLS: the server shows its certificate, the client verifies it, then sends its login and a password; a stolen password opens the server from anywhere. Below, mutual TLS: both show a certificate and both verify; the server reads the login from the certificate. An attacker in between, even one with the server's stolen key, has no key of the client, so the server does not let him in.](mutual.svg)
#
# ### 5.7 Make it mutual
#
# 1. Let your server demand a client certificate of your authority, and nothing else: no password opens it any more
#    (`lab.warehouse.install(client_ca=…)`, a rule with `cert`).
# 2. Write the client's files into the folder `files`: `root.crt`, `client.crt`, `client.key`. Keys belong to their owner alone:
#    mode 0600.
# 3. Set `mutual` to a connection to the warehouse: `sslmode` and `sslrootcert` as on the highest rung, `sslcert`, `sslkey`. It
#    needs no password, so it has none.

# %%
files = lab.warehouse.files
print(files)

# %% task="5.7"
mutual = ...
### BEGIN SOLUTION
lab.warehouse.install(client_ca=pem["root"])
lab.warehouse.rules("hostssl all all 127.0.0.1/32 cert")
print(*lab.warehouse.reload(), sep="\n")

for file, part in {"root.crt": "root", "client.crt": "client", "client.key": "client key"}.items():
    (files / file).touch(mode=0o600)
    (files / file).write_text(pem[part])
tls = {
    "sslmode": "verify-full",
    "sslrootcert": str(files / "root.crt"),
    "sslcert": str(files / "client.crt"),
    "sslkey": str(files / "client.key"),
}
mutual = Connection(
    conn_id=me.conn_id("warehouse"),
    conn_type="postgres",
    host="localhost",
    port=lab.warehouse.port,
    login=login,
    schema=lab.warehouse.login.database,
    extra=json.dumps(tls),
)
### END SOLUTION

# %% check="5.7"
check("5.7")

# %%
hints("5.7")

# %%
myth(
    "5-y",
    "With mutual TLS the client need not verify the server: an attacker in between has no client key, so he gets nothing.",
    truth=False,
    because="The server does not let him in. The client did: it finished the handshake with him, and told him its login. "
    "With a server of his own he needs no other one: he may ask for a password, and answer with rows of his own. The "
    "experiment shows who refused whom.",
)

# %% tags=["demonstration"]
if (files / "client.key").exists():
    keys = {"sslcert": str(files / "client.crt"), "sslkey": str(files / "client.key")}
    verifying = {"sslmode": "verify-full", "sslrootcert": str(files / "root.crt")}
    for rung in ({"sslmode": "require"}, verifying):
        seen = lab.warehouse.attack(doors=["self-signed"], **rung, **keys)["self-signed"]
        by = "the server, behind him" if "FATAL" in seen.error else "the client, at once"
        login_seen = seen.loot.user or "(nothing)"
        print(f"{rung['sslmode']:13}refused by {by}; he knows the login {login_seen}")

# %% [markdown]
# ## Every path
#
# A DAG may use one connection in several ways: `get_conn` and what is built on it (`get_records`, `run`), or an SQLAlchemy engine and
# what is built on that (`get_df` with pandas, many operators).

# %%
predict(
    "5-c",
    "A connection says `verify-full`, with the file of a *wrong* authority. `get_records` fails, as it should. What does "
    "`get_sqlalchemy_engine` do with the same connection?",
    {
        "a": "It fails in the same way: it is the same connection.",
        "b": "It connects. Nothing is verified.",
        "c": "It refuses to build an engine from a connection with TLS.",
    },
)

# %%
from sqlalchemy import text

(files / "stranger.crt").write_text(issue("a stranger", ca=True).pem)
wrong = {"sslmode": "verify-full", "sslrootcert": str(files / "stranger.crt")}
hook = PostgresHook(connection=connection(me.shop, me.shop.port, **wrong))
try:
    hook.get_records("select 1")
    records = "worked"
except Exception as refusal:
    records = str(refusal).strip().splitlines()[0].split("failed: ")[-1]
with hook.get_sqlalchemy_engine().connect() as session:
    row = "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"
    engine = session.execute(text(row)).one()
print("get_records:", records)
print("the engine: ", engine)

# %%
reveal(
    "5-c",
    observed="b" if engine else "a",
    because="The engine is built from a URL, and the URL takes its query from *one* extra, `sqlalchemy_query`. Your `sslmode` stays "
    "behind, and libpq's default comes back: `prefer`. It is encrypted, by luck; the server is anybody.",
)

# %% [markdown]
# ![The extras of one connection, and two paths. `get_conn` and what is built on it takes its settings from the extras themselves. The SQLAlchemy engine and what is built on it takes them from one extra, sqlalchemy_query, and from nowhere else. Both lead to the same server.](paths.svg)
#
# So say it twice: once as extras, once more in `sqlalchemy_query`. And believe neither: look at every path.
#
# ### 5.8 The DAG, on every path
#
# Give your tasks the connection `me.conn_id("warehouse")` (`lab.environment.set`), so that the DAG `orders_report` in the running Airflow
# runs on mutual TLS with `verify-full`, and so that every other path does, too. The check runs all of them, past an
# eavesdropper and past attackers who hold certificates of *your own* authority.

# %% task="5.8"
### BEGIN SOLUTION
fields = json.loads(mutual.as_json()) | {"extra": json.dumps(tls | {"sqlalchemy_query": tls})}
lab.environment.set(me.conn_id("warehouse"), json.dumps(fields))
### END SOLUTION

# %% check="5.8"
check("5.8")

# %%
hints("5.8")

# %% [markdown]
# Both proofs on one screen: what the server knows of each session, and what somebody on the link has of it. (Some
# seconds.)

# %% tags=["demonstration", "slow"]
if me.conn_id("warehouse").upper() in lab.environment.connections():
    for path, seen in lab.paths(me.conn_id("warehouse"), through="eavesdropper").items():
        there = seen.session
        known = there and (there.version, there.client_dn, there.client_serial[:8] + "…")
        print(f"{path:12}server: {known or seen.error}")
        print(f"{'':12}wire:   {seen.wire}, he has {seen.loot.rows or 'nothing'}")

# %% [markdown]
# And all attackers at once, with your connection. The one with the server's stolen key included: he can be the server, and
# he cannot be you. What he and the one with a mis-issued certificate read are two names, of a login and a database.

# %% tags=["demonstration"]
if pem is not ... and (files / "client.key").exists():
    lab.warehouse.impostors(pem["root"], pem["root key"])
    keys |= {"sslmode": "verify-full", "sslrootcert": str(files / "root.crt")}
    for door, seen in lab.warehouse.attack(**keys).items():
        reason = seen.reason.name if seen.error else ""
        print(f"{door:22}{seen.outcome:9}{seen.loot.bytes_read:6} bytes read   {reason}")
    lab.warehouse.impostors()

# %% [markdown]
# ### 5.9 In your own words
#
# *Four points, marked by a person. Ten lines are enough.*
#
# A pull request lies before you: “Fix TLS errors after the certificate renewal.” It sets `sslmode=require` at two Postgres connections,
# `verify=False` at an HTTP one, and the pipeline is green again. Its author says: “It is still encrypted, and the server demands
# `hostssl` anyway.” Write your review: **what somebody on the link can do now** that he could not before, **one experiment** that shows it to
# the author, what probably went wrong at the renewal and **how to repair that instead**, and how you would see *on every path* that it
# is repaired, and stays so.

# %% [markdown] written="5.9" points=4
# ### BEGIN SOLUTION
# Encrypted, yes: with whoever answers. With `require` and `verify=False` a certificate that I make in a second is good enough. Somebody
# on the link ends TLS himself, reads the queries and rows, and can ask the client for the password in clear; over HTTP he has the
# Basic login at once. `hostssl` guards the server's leg: to the server he speaks TLS, and `pg_stat_ssl` says `t`.
#
# Experiment: put a proxy with a self-signed certificate (here: the doors `cleartext-forged` and `http-self-signed`) between the task and
# the server, run the task with the old and with the new settings, and look at what the proxy has.
#
# At the renewal probably the intermediate was left out, or it is another one and the clients have the old one as their root, or the
# new name is not in the SAN. `openssl s_client -starttls postgres -showcerts` with our root says which. Repair at the server: send the
# whole chain; or at the clients: trust the *root*, both the old and the new one during the change. Then `verify-full` again.
#
# See: run every path (get_conn, engine, DAG) and look at the server's view and at the wire; and run them once against a forged
# certificate: each has to refuse. Keep that last test in the pipeline, and a look-out for connections with `require` or `verify=False`
# and for certificates that run out in the next 30 days.
#
# **Rubric** (one point each)
#
# 1. Says that encryption without verification is encryption with anybody, what he gets (password or token, rows), and that `hostssl` does
#    not help the client's leg. (Half a point without the last.)
# 2. An experiment with a forged certificate that somebody else can repeat, with what one has to see, before and after.
# 3. A likely cause (chain, root, name, date, permissions) and a repair that keeps verification. Not “until next week”.
# 4. Proof by effect on more than one path, and one thing that notices next time (a test that must be refused, expiry watch, a rule
#    on connections).
# ### END SOLUTION

# %% [markdown]
# ## Myth
#
# Answer, then run the experiment below.

# %%
myth(
    "5-x",
    "Any certificate will do, as long as the connection is encrypted.",
    truth=False,
    because="A certificate that nobody verifies is a piece of paper. The experiment makes one in your server's name, in a "
    "millisecond, and shows it to two clients: one asks whose it is, one does not.",
)

# %% tags=["demonstration"]
paper = issue("localhost", hosts=["localhost"], purpose=Use.SERVER_AUTH)  # signed by itself
trusted = issue("an authority", ca=True).pem.encode()
self_made = End(paper.pem.encode(), paper.key_pem.encode())
print("a client that verifies:       ", handshake(self_made, trusted, "localhost").said)
print("a client that takes any paper:", asked("http-self-signed", "https", {"verify": False})[0])

# %% [markdown]
# ## Takeaways
#
# - Encryption keeps a secret *with somebody*. Verification says with whom: authority, dates, purpose, name.
# - `verify-full` with `sslrootcert`, or a client without verification. There is little in between; add `channel_binding=require`.
# - `hostssl` guards the server's leg, the client's settings the other one. Mutual TLS also takes the password away.
# - Every provider has its own words, and every path its own settings: prove the effect on each.
# - A refusal's text names the field. Mend the certificate, not the client.
#
# ## Go deeper
#
# - [libpq: SSL support](https://www.postgresql.org/docs/17/libpq-ssl.html): the ladder, in PostgreSQL's words
# - [The server's side](https://www.postgresql.org/docs/17/ssl-tcp.html) and [`pg_hba.conf`](https://www.postgresql.org/docs/17/auth-pg-hba-conf.html)
# - [PostgreSQL connection](https://airflow.apache.org/docs/apache-airflow-providers-postgres/stable/connections/postgres.html)
#   and [HTTP connection](https://airflow.apache.org/docs/apache-airflow-providers-http/stable/connections/http.html) of Airflow
# - [RFC 5280](https://www.rfc-editor.org/rfc/rfc5280): certificates and paths; [RFC 9525](https://www.rfc-editor.org/rfc/rfc9525): whose name it is
# - [RFC 5929](https://www.rfc-editor.org/rfc/rfc5929): channel bindings
# - In a terminal: `./airlock practice` has four deployments of this lesson to repair
#
# ## Recall
#
# Turn each of these now, and come back tomorrow. A card that you know returns later, one that you do not returns sooner.

# %%
cards(5)
