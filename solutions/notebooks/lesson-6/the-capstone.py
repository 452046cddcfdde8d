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
# # 6 · The capstone: somebody else's deployment
#
# *Expert · 60 to 90 minutes · three checked tasks (17 points), one written answer (4 points)*
#
# You take over an Airflow. A dozen connections, set up over five years by people who have left. It works. Nobody knows
# what else it does.
#
# ## What you will be able to do
#
# - **write** an auditor that finds faults in deployments it has never seen, and raises no false alarm;
# - **repair** a deployment while it goes on working;
# - **prove** the repair by letting attackers loose, and counting what they read.
#
# The deployment is yours: no other learner has the same. Everything is real, so you can break it.
# `lab.deployment.reset()` puts the beginning back.

# %%
import json
import os
import textwrap

# What hooks say about refusals would drown everything else.
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "ERROR"

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from airlock.lesson import check, hints, lab, me, predict, reveal

lab.deployment.open()

# %%
predict(
    "6-p",
    "Every connection of this deployment works. Twenty-two attackers are about to come. Who gets something?",
    {
        "a": "Those on the wire. What is stored is encrypted by default.",
        "b": "Those who read what is stored. The wire has TLS.",
        "c": "Both, and some who need neither wire nor file.",
        "d": "Nobody without an administrator's password.",
    },
)

# %% tags=["demonstration", "slow"]
before = lab.deployment.let_loose()

# %% tags=["slow"]
reveal(
    "6-p",
    observed="c" if before else "d",
    because="A link, a copy, a rule, a token: each of them is enough. Whoever knows a login that the database trusts, or "
    "has a task's token, needs neither wire nor file.",
)

# %% [markdown]
# That is how it is today. At the end of this notebook the same attackers come again.
#
# ## The picture
#
# ![A task in the middle. To its left the homes of its connections: the vault's own mount, the shared mount, the environment and the metadata database; attackers stand at a backup, at the environment file, at the shared mount and in the vault's place. To its right the links to the database and to the API, with attackers in the middle of each. At the far right the database's rules, where an old client and somebody without a password try to log in.](deployment.svg)
#
# `lab.deployment.describe()` reads the running services, and says what is there **now**, as plain data:

# %%
plain = lab.deployment.describe()
for name, part in plain.items():
    print(f"{name:12}{type(part).__name__}, {len(part)}")

for entry in plain["connections"]:
    shown = {name: value for name, value in entry.items() if name not in ("conn_id", "home", "password")}
    print(f"\n{entry['conn_id']}  in the {entry['home']}\n   {shown}")

# %%
print("\n".join(plain["pg_hba"]))
print("\n", json.dumps(plain["settings"] | {"policy": plain["policy"]}, indent=1))
for path, text in plain["files"].items():
    certificates = x509.load_pem_x509_certificates(text.encode())
    print("\n", path, [each.subject.rfc4514_string() for each in certificates])

# %% [markdown]
# How to read it:
#
# - `connections`: one entry for each copy. **The same id may be there twice**, in two homes. The homes are `vault` (your
#   team's own mount), `shared mount` (of all teams), `environment` and `database`. A row of the database also says what
#   Airflow encrypted (`is_encrypted` is the password's flag), and it has a `description`.
# - `files`: the text of every certificate file that is named somewhere and exists. `authorities`: the company's own, the
#   one of today and the one of before.
# - `pg_hba`: the database's rules for these logins, one line each, the first that fits decides. `settings`: what tasks are
#   told of the vault; a team has one backend, so going back to `lab.backend.use` of lesson 4 changes it here as well.
#   `policy`: what their token may do there, as JSON.
# - Every host name is another machine, also `localhost`: that is where this lab's servers happen to be. A host that
#   begins with `/` is a socket, and leads nowhere else. Nobody listens at this one, so no working day calls it.
#
# And this is what may be wrong with it. The words on the left are what an auditor has to say:

# %%
from airlock.lab.deployment import FAULTS

for kind, meaning in FAULTS.items():
    print(textwrap.fill(f"{kind:28}{meaning}", 100, subsequent_indent=" " * 28))

# %% [markdown]
# The first five are about a connection's link. A connection has one of them at most: the first that fits. Which settings
# have which effect you know from the matrix of lesson 5, from lessons 2 and 4, or you try it:
#
# ### Predict: two settings that look alike
#
# Two connections say `sslmode=require`. One of them also has `sslrootcert`, with the company's authority.

# %%
predict(
    "6-q",
    "An attacker shows a certificate that he signed himself. Who lets him in?",
    {
        "a": "Both: `require` never verifies.",
        "b": "Only the one without a root file.",
        "c": "Neither: `require` is enough.",
        "d": "Only the one with a root file: it verifies nothing, and says more.",
    },
)

# %% tags=["demonstration"]
import psycopg

who = {"host": "localhost", "dbname": me.shop.database, "user": me.shop.user, "password": me.shop.password}
let_in = []
for extra in ({}, {"sslrootcert": lab.ca_file}):
    try:
        door = me.view.lab.wire.doors["self-signed"]
        psycopg.connect(**who, port=door, sslmode="require", **extra).close()
        let_in.append(bool(extra))
    except psycopg.OperationalError as refusal:
        print(str(refusal).strip().splitlines()[-1])
print("let him in:", *("with a root file" if each else "without a root file" for each in let_in))

# %%
reveal(
    "6-q",
    observed={(False, True): "a", (False,): "b", (): "c", (True,): "d"}[tuple(let_in)],
    because="Where its root file is there, libpq lets `require` verify as `verify-ca` does. Where the file is missing, or "
    "its name is mistyped, it verifies nothing, and says nothing. Name and authority are two questions.",
)

# %% [markdown]
# ## The auditor
#
# ### 6.8 Write an auditor
#
# Write `audit(deployment)`. It gets plain data as above, and returns its findings: a list of pairs, *subject* and *kind*.
# The subject is the id of a connection, the login for the two kinds of `pg_hba`, `"vault"` or `"policy"`.
#
# The check runs it on deployments that you have not seen. They have other names, other ports, other faults, and much that
# only looks wrong. Found faults earn points. Missed ones and false alarms cost as much. Write it kind by kind, and run the
# check as often as you like: it names what it missed.


# %% task="6.8"
def audit(deployment: dict) -> list[tuple[str, str]]:
    """Every fault of a deployment: subject and kind."""
    ### BEGIN SOLUTION
    found = set()
    company = {fingerprint for text in deployment["authorities"] for fingerprint in fingerprints(text)}
    for entry in deployment["connections"]:
        link = http_link if entry["conn_type"] == "http" else postgres_link
        for fault in (link(entry, deployment["files"], company), home_of(entry)):
            if fault:
                found.add((entry["conn_id"], fault))
    for login in {entry["login"] for entry in deployment["connections"] if entry["password"]}:
        if fault := rule_for(login, deployment["pg_hba"]):
            found.add((login, fault))
    arguments = deployment["settings"]["secrets"].get("backend_kwargs", {})
    if arguments.get("verify") is False:
        found.add(("vault", "vault-not-verified"))
    needed = f"{arguments.get('mount_point')}/data/connections/"
    for path, rule in deployment["policy"]["path"].items():
        if "read" in rule["capabilities"] and not path.startswith(needed):
            found.add(("policy", "policy-too-wide"))
    return sorted(found)


def fingerprints(text: str) -> set[bytes]:
    return {each.fingerprint(hashes.SHA256()) for each in x509.load_pem_x509_certificates(text.encode())}


def stranger(path: object, files: dict, company: set) -> str | None:
    return "trusts-a-stranger" if path in files and fingerprints(files[path]) - company else None


def postgres_link(entry: dict, files: dict, company: set) -> str | None:
    extra = entry["extra"]
    mode, root = extra.get("sslmode", "prefer"), extra.get("sslrootcert")
    if entry["host"].startswith("/"):
        return None
    if mode == "disable":
        return "never-encrypted"
    if mode in ("allow", "prefer"):
        return "may-fall-back"
    if mode == "require" and root not in files:
        return "not-verified"
    return "name-not-checked" if mode in ("require", "verify-ca") else stranger(root, files, company)


def http_link(entry: dict, files: dict, company: set) -> str | None:
    scheme, separator, _ = entry["host"].partition("://")
    if (scheme if separator else entry["schema"] or "http") == "http":
        return "never-encrypted"
    verify = entry["extra"].get("verify", entry["extra"].get("verify_ssl", True))
    return "not-verified" if verify is False else stranger(verify, files, company)


def home_of(entry: dict) -> str | None:
    if not entry["password"]:
        return None
    if entry["home"] == "environment":
        return "secret-in-the-environment"
    if entry["home"] == "shared mount":
        return "copy-on-the-shared-mount"
    if entry["home"] == "database" and not entry["is_encrypted"]:
        return "stored-in-clear"
    in_clear = entry["home"] == "database" and entry["password"] in entry["description"] + entry["host"]
    return "secret-in-a-clear-column" if in_clear else None


def rule_for(login: str, lines: list[str]) -> str | None:
    mine = [line.split() for line in lines if line.split()[:1] != ["#"] and login in line.split()]
    clear = next((words[-1] for words in mine if words[0] in ("host", "hostnossl")), "reject")
    secure = next((words[-1] for words in mine if words[0] in ("host", "hostssl")), "reject")
    if secure == "trust":
        return "server-trusts-anybody"
    return None if clear == "reject" else "server-takes-clear-text"
    ### END SOLUTION


# %%
for subject, fault in audit(plain) or []:  # your own deployment, as it was described above
    print(f"{fault:28}{subject}")

# %% check="6.8"
check("6.8")

# %%
hints("6.8")

# %% [markdown]
# ## The repair
#
# Where the two servers are, and which file is the company's authority:

# %%
print("database  ", f"{me.shop.host}:{me.shop.port}, TLS on request")
print("API       ", me.view.lab.billing.http, "in clear,", me.view.lab.billing.https, "over TLS")
print("authority ", lab.ca_file)
print("your mount", lab.vault.mount)

# %% [markdown]
# What you change things with, all of it known from the lessons before:
#
# | what | with |
# |---|---|
# | a connection in the environment | `lab.environment.set(conn_id, json.dumps(…))`, `.unset(conn_id)` |
# | a row of the database | `lab.airflow.request("PATCH", path, {…})`, `POST`, `DELETE`, with the path `f"/api/v2/connections/{conn_id}"`; `extra` is text there |
# | your mount of the vault | `kv.create_or_update_secret(path, {…}, mount_point=lab.vault.mount)`, with `kv = lab.vault.admin.secrets.kv.v2` and the path `f"connections/{conn_id}"`; it replaces the whole secret |
# | the shared mount | `lab.vault.delete_connection(conn_id)` |
# | how tasks reach the vault | `lab.backend.settings()` shows it, `lab.backend.use("vault", **arguments)` |
# | the tasks' policy | `lab.vault.admin.sys.create_or_update_policy(name, …)`, with the name `f"{me.team}-deployment"` |
# | the database's rules | `lab.deployment.rules(lines)`: all lines of `pg_hba`, as they shall be |
# | does everything still work? | `lab.deployment.working_day()` |
#
# A real repair would change the passwords, too: what has been read cannot be unread. Here the attackers only count what
# they can read from now on.

# %% tags=["demonstration", "slow"]
lab.deployment.working_day()

# %% [markdown]
# ### 6.9 Repair your deployment
#
# Repair every fault, in the lab. Every connection has to do its job afterwards, under its id, and every task has to find
# it: who deletes a connection has repaired nothing. The check lets all of them work in the running Airflow, and then sends
# each attacker who lived off one of your faults. A fault that the repair brings in counts like one that it left.

# %% task="6.9"
### BEGIN SOLUTION
now = lab.deployment.describe()
asked_last = ["shared mount", "database", "environment", "vault"]
current = {each["conn_id"]: each for each in sorted(now["connections"], key=lambda each: asked_last.index(each["home"]))}

kv = lab.vault.admin.secrets.kv.v2
for conn_id, entry in current.items():
    fields = {name: entry[name] for name in ("conn_type", "host", "port", "login", "password", "schema")}
    if entry["conn_type"] == "http":
        secure = {"host": "localhost", "port": me.view.lab.billing.tls_port, "schema": "https"}
        fields |= secure | {"extra": {"verify": lab.ca_file}}
    elif entry["host"].startswith("/"):
        fields |= {"extra": entry["extra"]}
    else:
        fields |= {"extra": {"sslmode": "verify-full", "sslrootcert": lab.ca_file}}
    kv.create_or_update_secret(f"connections/{conn_id}", fields, mount_point=lab.vault.mount)
    lab.environment.unset(conn_id)
    lab.airflow.request("DELETE", f"/api/v2/connections/{conn_id}")
    lab.vault.delete_connection(conn_id)

logins = sorted(entry["login"] for entry in current.values() if entry["password"])
lab.deployment.rules([f"hostssl {me.shop.database} {login} 127.0.0.1/32 scram-sha-256" for login in logins])

arguments = json.loads(lab.backend.settings()["AIRFLOW__SECRETS__BACKEND_KWARGS"])
lab.backend.use("vault", **(arguments | {"verify": lab.ca_file}))
smallest = f'path "{lab.vault.mount}/data/connections/*" {{ capabilities = ["read"] }}'
lab.vault.admin.sys.create_or_update_policy(f"{me.team}-deployment", smallest)
### END SOLUTION

# %%
for subject, fault in audit(lab.deployment.describe()) or []:  # as it is now
    print(f"{fault:28}{subject}")

# %% check="6.9"
check("6.9")

# %%
hints("6.9")

# %% [markdown]
# ## The proof
#
# ### 6.10 Let the attackers loose
#
# Now all of them, with everything they have: also those who had nothing to live off, and those who read what you did while
# repairing. Set `stolen` to what `let_loose()` returns. The check sends them once more, and counts itself: zero bytes is a
# pass, and each factor of ten costs a fifth of the points.

# %% task="6.10"
stolen = ...
### BEGIN SOLUTION
stolen = lab.deployment.let_loose()
### END SOLUTION

# %% check="6.10"
check("6.10")

# %%
hints("6.10")

# %% [markdown]
# ### 6.11 In your own words
#
# *Four points, marked by a person. One page.*
#
# Write the report after the incident, for the people who own the data and for those who run the Airflow. What was wrong,
# and what could somebody have read since when? What did you change, in which order, and how do you know that it works and
# that it holds? What is still open: what do you not know, and which secrets have to change although nothing is wrong any more?
# What will notice it next time?

# %% [markdown] written="6.11" points=4
# ### BEGIN SOLUTION
# Twelve connections, of which five could be read on the link, five had their secret in a place that others read, and two of
# the database's rules let somebody in without TLS or without a password. The tasks' token read the payroll as well. We do
# not know that anybody read anything; there is no log on the wire that would say so. We have to act as if.
#
# Changed: first the links, one connection after the other, each followed by a working day; then the homes, the new one
# before the old one was taken away; then the rules of the database, when no client came in clear any more; the policy at
# last. The auditor finds nothing, and twenty-two attackers read 0 bytes, on that evening.
#
# Open: all passwords of the ten connections have to change, since each was readable for years, and so do the tasks'
# secret id and whatever was on the mount. Old dumps still hold rows in clear. The old script that comes without TLS is
# refused now, and its owner will call. Nobody has checked other copies, such as laptops.
#
# From tomorrow: the auditor runs each night on `describe()` and raises an alarm on any finding; certificates are watched;
# refusals in the server's and the vault's log are read.
#
# **Rubric** (one point each)
#
# 1. What was wrong and what it meant, in terms of data and time: which secrets or rows, for whom readable. Separates what
#    is known from what is assumed. A list of settings alone is half a point.
# 2. What was changed, in an order that kept the work going, with evidence: the working day, the auditor, the attackers'
#    bytes. Names at least one limit of that evidence (one evening, these attackers, these paths).
# 3. What is still open: the secrets that were readable have to change; backups and logs keep what they held.
# 4. How it is noticed next time: something that runs without being asked, and an owner for its alarms.
# ### END SOLUTION

# %% [markdown]
# ## A second deployment
#
# Would your auditor have found the faults of a deployment that somebody sets up next year? Here is one that nobody has
# seen before. Run the cell again, and it is another.

# %% tags=["demonstration"]
from airlock.lab import Seed
from airlock.lab.deployment import generate, invented

seed = Seed.random()
other = generate(seed, invented(seed))
said = {tuple(each) for each in audit(other.plain) or []}
print(f"team {seed.prefix}: {len(other.pairs)} faults, {len(said & other.pairs)} of them found, ", end="")
print(f"{len(said - other.pairs)} false alarms, {len(other.oddities)} things that only look wrong")

# %% [markdown]
# ## Takeaways
#
# - Working and safe are two questions. Only one of them is asked every day.
# - Half of the faults are what nobody wrote: a default, a missing file, a second copy.
# - An auditor is worth as much as its false alarms are few.
# - A repair is done when the work goes on and the attackers come back with nothing.
#
# ## Go deeper
#
# - [libpq: SSL support](https://www.postgresql.org/docs/17/libpq-ssl.html), with the table of what each `sslmode` protects from
# - [pg_hba.conf](https://www.postgresql.org/docs/17/auth-pg-hba-conf.html): which record is used, and which is never reached
# - [The HTTP connection](https://airflow.apache.org/docs/apache-airflow-providers-http/stable/connections/http.html) and [the PostgreSQL connection](https://airflow.apache.org/docs/apache-airflow-providers-postgres/stable/connections/postgres.html) of Airflow
# - `lab.deployment.reset()` breaks your deployment again, and a colleague's auditor can be tried on it
