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
# # 4 · How Airflow supports encrypted connections
#
# *Intermediate · about 45 minutes · six checked tasks (19 points), one written answer (4 points)*
#
# ## What you will be able to do
#
# - **show** what Airflow encrypts by default, at rest and in transit, and what it does not;
# - **find** and mend secrets that are stored in clear, and **rotate** the key while a task is running;
# - **write** a policy with which a vault gives Airflow what it needs, and refuses everything else;
# - **move** a connection into a vault, and into AWS Secrets Manager, with no copy left behind;
# - **explain** a failed look-up by asking three witnesses.
#
# Everything is real and your own: a running Airflow, an OpenBao, an AWS API. `lab.reset()` puts it all back.

# %%
import json
import os
import ssl
import time

from cryptography.fernet import Fernet, InvalidToken

from airlock.lesson import cards, check, hints, lab, me, myth, predict, reveal

os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"
lab.status()

# %% tags=["demonstration"]
# Put a secret into a vault, let a task of the running Airflow get it, and see who asked.
first, began = me.conn_id("first"), time.time()
secret = {"conn_type": "generic", "host": me.word("first"), "password": me.word("secret")}
lab.vault.put_connection(first, secret)

run = lab.airflow.run_dag("which_home", {"conn_id": first, "team": me.team})
print("the task got:", lab.airflow.xcom("which_home", run.run_id, "look_up"))

for entry in lab.vault.audit(since=began):
    print(f"the vault noted: {entry.role} asked to {entry.operation} {entry.path}")

lab.vault.delete_connection(first)

# %% [markdown]
# No password in a file, none in the metadata database, an encrypted link, and a line in a log for every read. At the end
# of this lesson your own connections live like that. First, how they live if nobody does anything.
#
# ## Predict: what a fresh Airflow encrypts
#
# Commit to an answer. The reveal comes when both halves of it have been seen.

# %%
predict(
    "4-a",
    "A fresh Airflow, nothing configured. A task gets a connection from the metadata database. What is encrypted?",
    {
        "a": "The stored password, and the way to the task.",
        "b": "The stored password. On the way it is in clear.",
        "c": "The way to the task. Stored, the password is in clear.",
        "d": "Neither. Both need to be set up.",
    },
)

# %% [markdown]
# ## The mental model
#
# ![The parts of an Airflow and the links between them, each with a padlock. Locked by default: the columns password and extra in the metadata database, with Fernet, and what a secrets backend stores, with its own key. Open by default: everything else in a row, the link from browser to API server, and the link over which a task gets its decrypted password. Depending on a setting: the links to the metadata database, to the secrets backend and to the connection's target.](locks.svg)
#
# **A safe and a van.** What lies in the safe is locked until somebody takes it out. What is in the van is locked while it
# drives. Fernet is the safe, TLS is the van. Airflow has both. It comes with the safe closed and the van's doors open.
#
# **Where the analogy breaks:**
#
# - This safe's key hangs beside it: `airflow.cfg` is on the host that reads the database. The safe protects a *backup*
#   that somebody carries away. It does not protect the host.
# - What is stolen from a safe is missed. A copy is not.
#
# ## At rest
#
# One connection, stored by the running Airflow through its API, and the row that is in the database now.

# %% tags=["demonstration"]
one = me.conn_id("one")
lab.airflow.request("DELETE", f"/api/v2/connections/{one}")
row = {"connection_id": one, "conn_type": "http", "host": "api.internal", "login": "robot"}
row |= {"password": me.word("one"), "extra": json.dumps({"api_key": me.word("key")})}
lab.airflow.request("POST", "/api/v2/connections", row)

stored = lab.metadata.row(one)
for column, value in stored.items():
    if value is not None:
        print(f"{column:20}{str(value)[:66]}")

# The key is a setting of Airflow. Whoever has it and the row has the password:
print("\nwith the key:", Fernet(lab.fernet.keys()[0]).decrypt(stored["password"]).decode())

# %% [markdown]
# Two columns are encrypted, `password` and `extra`, and two flags say so. Host, login, schema and description never are.
#
# You may read that Airflow keeps passwords in plain text unless a secrets backend is set up. You have just seen
# otherwise: the first `airflow` command generates a key. The sentence is true of an Airflow **without** one, and that is
# easily had: `AIRFLOW__CORE__FERNET_KEY=''` in a Compose file beats the key in `airflow.cfg`. Then a warning in a log,
# and this row:

# %% tags=["demonstration"]
lab.metadata.store_in_clear(
    one, conn_type="http", password=me.word("one"), extra=json.dumps({"api_key": me.word("key")})
)
clear = lab.metadata.row(one)
columns = ("password", "extra", "is_encrypted", "is_extra_encrypted")
print({column: clear[column] for column in columns})

# %% [markdown]
# And with the *wrong* key? The official command, on the encrypted row, with a key that is not the one (some seconds):

# %% tags=["demonstration", "slow"]
import subprocess
import sys

lab.airflow.request("PATCH", f"/api/v2/connections/{one}", row)
command = [sys.executable, "-m", "airflow", "connections", "get", one, "-o", "plain"]
wrong_key = {"AIRFLOW__CORE__FERNET_KEY": Fernet.generate_key().decode()}
operator = {**os.environ, "AIRFLOW_HOME": me.view.lab.airflow.home, "PYTHONWARNINGS": "ignore"}
done = subprocess.run(command, env=operator | wrong_key, capture_output=True, text=True)
lab.airflow.request("DELETE", f"/api/v2/connections/{one}")

print("airflow connections get:", (done.stdout + done.stderr).strip().splitlines()[-1])
# %% [markdown]
# It is there. It cannot be decrypted, and the message is that of a row that does not exist. Remember that when, after a
# deployment, connections are “gone”.
#
# ### 4.1 Find and mend what is stored in clear
#
# Your Airflow once ran without a key. Of the four connections that `plant()` brings back from that time, some hold a
# secret in clear. Set `in_clear` to the ids of those. Then make Airflow store them encrypted, each with what it holds.

# %%
from airlock.lab.legacy import plant

legacy = plant()
legacy

# %% task="4.1"
in_clear = ...
### BEGIN SOLUTION
in_clear = []
for each in legacy:
    found = lab.metadata.row(each)
    if (found["password"] and not found["is_encrypted"]) or (found["extra"] and not found["is_extra_encrypted"]):
        in_clear.append(each)
        shown = lab.airflow.request("GET", f"/api/v2/connections/{each}").json()
        lab.airflow.request("PATCH", f"/api/v2/connections/{each}", shown)  # what the button Save does
### END SOLUTION

# %% check="4.1"
check("4.1")

# %%
hints("4.1")

# %% [markdown]
# ### A key does not live for ever
#
# Somebody leaves the team, a laptop is lost, a year has passed: the key has to change. Airflow takes several keys,
# `fernet_key = first,second`. The **first** encrypts, **every one** opens.
#
# ![A rotation in three steps. Before: the old key is on the ring, and the rows are encrypted with it. One: the new key is put in front; it encrypts, the old one still opens. Two: airflow rotate-fernet-key encrypts every row with the new key. Three: the old key is taken off the ring. The backup of last night stays encrypted with the old key for ever.](rotation.svg)
#
# `lab.fernet.keys()` shows the ring of the running Airflow, `lab.fernet.configure(first, …)` changes it,
# `lab.fernet.rotate()` runs the command (some seconds). A key that some row still needs stays on the ring, even if you
# leave it out.
#
# To see whether anybody notices, a task has to be looking: `with lab.steady(watched) as seen:` runs the DAG `steady`,
# which looks a connection up again and again while the block lasts. Afterwards `seen.good` and `seen.failed` are known.

# %%
from airlock.lab.canaries import backup

watched = me.conn_id("watched")
row = {"connection_id": watched, "conn_type": "generic", "host": "shop.internal"}
row["password"] = me.word("watched")
lab.airflow.request("POST", "/api/v2/connections", row)

last_night, key_of_last_night = backup(), lab.fernet.keys()[0]  # kept for later

# %% [markdown]
# ### 4.2 Rotate the Fernet key under a running task
#
# Change the key while `steady` is watching your connection `watched`. No look-up may fail, and at the end no key that
# was on the ring before may open anything of your team.

# %% task="4.2" tags=["alone"]
### BEGIN SOLUTION
with lab.steady(watched) as seen:
    new = Fernet.generate_key().decode()
    lab.fernet.configure(new, *lab.fernet.keys())
    lab.fernet.rotate()
    lab.fernet.configure(new)

print(f"{seen.good} look-ups, {len(seen.failed)} failed, the slowest took {seen.slowest:.1f} s")
### END SOLUTION

# %% check="4.2"
check("4.2")

# %%
hints("4.2")

# %% [markdown]
# Everything is new now. Except the backup of last night:


# %% tags=["demonstration"]
def opened(line: str, key: str) -> str:
    token = next(word for word in line.split("\t") if word.startswith("gAAAA"))
    try:
        return Fernet(key).decrypt(token).decode()
    except InvalidToken:
        return "does not open"


for when, text in (("last night", last_night), ("now", backup())):
    line = next(line for line in text.splitlines() if watched in line)
    print(f"the key of last night, the row of {when}:", opened(line, key_of_last_night))

# %% [markdown]
# A rotation protects what is stored from now on. If a key was *stolen*, the passwords have to change as well: they are
# in every old backup, and the old key opens those for ever.
#
# ## In transit
#
# So the row is locked. Now the van. How does the password get from the API server to the task?
#
# ### Watch
#
# The cell starts a second API server on the same metadata, with Airflow's own defaults, and asks it for a connection as
# a worker does. Then it asks the API server of this lab. Each time somebody is on the link. (Half a minute.)

# %% tags=["demonstration", "slow"]
carried = me.conn_id("carried")
row = {"connection_id": carried, "conn_type": "generic", "host": "bank.internal"}
row["password"] = me.word("carried")
lab.airflow.request("POST", "/api/v2/connections", row)

with lab.execution_api.stock() as url:
    plain = lab.execution_api.look_up(carried, url)
encrypted = lab.execution_api.look_up(carried)
lab.airflow.request("DELETE", f"/api/v2/connections/{carried}")

print("AIRFLOW'S DEFAULTS")
for line in plain.text.splitlines():
    if line.startswith(("GET", "Authorization", "HTTP", "content-encoding", "{")):
        print(line if line.startswith("{") else line[:100])
passed = sum(len(chunk.data) for chunk in encrypted.chunks)
print(f"\nTHIS LAB, TLS\n{passed:,} bytes passed; to be read: {encrypted.text or 'nothing'}")

# %% tags=["slow"]
reveal(
    "4-a",
    observed="b" if me.word("carried") in plain.text else "a",
    because="The first command that runs generates a Fernet key, so what is stored is encrypted. Nobody generates a "
    "certificate: the API server speaks http. The server opens the row, and sends what was in it.",
)

# %% [markdown]
# The row of this connection was encrypted, and its password passed in clear all the same. (The answer was packed with
# gzip. That is no encryption either.)
#
# And look at the line `Authorization`. The token is a task's, for ten minutes. Whoever reads it can ask for more than that
# task asked for:

# %% tags=["demonstration", "slow"]
import httpx

token = plain.text.split("Authorization: ")[1].splitlines()[0]
answer = httpx.get(
    f"{lab.airflow.url}/execution/connections/{watched}",
    headers={"Authorization": token},
    verify=ssl.create_default_context(cafile=lab.ca_file),
)
print("another connection, with the token off the wire:", answer.json()["password"])

# %% [markdown]
# What closes the van's doors:
#
# | link | by default | what encrypts it |
# |---|---|---|
# | browser, API → API server | http | `[api] ssl_cert`, `ssl_key` |
# | task → API server | http, with a token; the password in the answer | the same, and `https://` in `[core] execution_api_server_url`; `[api] ssl_ca_file` for your own authority |
# | API server → metadata database | as the driver likes | `?sslmode=verify-full&sslrootcert=…` in `[database] sql_alchemy_conn` |
# | task → its target | as its connection says | lesson 5 |
#
# This lab has all of it turned on:

# %% tags=["demonstration"]
from pathlib import Path
from urllib.parse import unquote

from airlock.lab.postgres import connect_admin

for line in (Path(me.view.lab.airflow.home) / "airflow.cfg").read_text().splitlines():
    if line.startswith(("ssl_", "execution_api_server_url", "sql_alchemy_conn =")):
        name, _, value = line.partition(" = ")
        shown = unquote(value.replace("%%", "%")).rpartition("?")[2]
        print(f"{name:26}{shown.replace(me.view.lab.state, '…')}")

with connect_admin(me.view.lab, "postgres") as session:
    ours = "pg_stat_ssl join pg_stat_activity using (pid) where usename = 'airflow'"
    query = f"select ssl, version, count(*) from {ours} group by 1, 2"
    seen_there = session.execute(query).fetchall()
print("\nAirflow's sessions, as the metadata database sees them:", seen_there)

# %% [markdown]
# ## Not in the database at all
#
# A secret that is nowhere in Airflow cannot leak from it. A **secrets backend** keeps it: a server whose trade it is,
# with a lock per reader and a log per read.
#
# The vault of this lab is OpenBao, the open fork of HashiCorp Vault. Its API is Vault's, and Airflow's `VaultBackend`
# cannot tell them apart: all that follows holds for both.
#
# What a vault keeps lies on **mounts**. Your team has one to itself, `lab.vault.mount`; another one, `airflow`, all teams
# share.
#
# A robot needs a login. In a vault that is an **AppRole**: for a role id and a secret id the robot gets a token, and a
# **policy** says what this token may do. The function makes one for your team's Airflow, and returns what the backend has
# to be told.


# %%
def robot(policy: str, name: str = "airflow") -> dict:
    """Make a role for Airflow that has this policy; returns what Airflow's VaultBackend is told."""
    admin, role = lab.vault.admin, f"{me.team}-{name}"
    admin.sys.create_or_update_policy(role, policy)
    approle = admin.auth.approle
    approle.create_or_update_approle(role, token_policies=[role], token_ttl="10m")
    return {
        "url": lab.vault.url,
        "verify": lab.ca_file,
        "mount_point": lab.vault.mount,
        "connections_path": "connections",
        "auth_type": "approle",
        "role_id": approle.read_role_id(role)["data"]["role_id"],
        "secret_id": approle.generate_secret_id(role)["data"]["secret_id"],
    }


# %% [markdown]
# ### Predict: the vault is sealed
#
# A vault that restarts is **sealed**: its data is encrypted, and the key is not there until somebody brings it. It still
# answers, and says what is wrong. Suppose a connection was moved into the vault in spring. The copy in the tasks'
# environment stayed, with the old password.

# %%
predict(
    "4-b",
    "The vault is sealed. A task looks the connection up. What does it get?",
    {
        "a": "An error that names the vault.",
        "b": "Nothing yet: it waits and tries again until the vault is open.",
        "c": "The copy of spring from the environment, and no word about it.",
        "d": "The current one, which Airflow has kept from the last look-up.",
    },
)

# %% tags=["demonstration"]
spring, mount = me.conn_id("spring"), lab.vault.mount
kv = lab.vault.admin.secrets.kv.v2
lab.environment.set(spring, "generic://host-of-spring")
today = {"conn_uri": "generic://host-of-today"}
kv.create_or_update_secret(f"connections/{spring}", today, mount_point=mount)
lab.backend.use("vault", **robot(f'path "{mount}/*" {{ capabilities = ["read"] }}', "spring"))


def asked() -> tuple:
    """What a task gets, and what its log says about a vault."""
    conf = {"conn_id": spring, "team": me.team}
    run = lab.airflow.run_dag("which_home", conf, on_state=lambda *_: None)
    log = lab.airflow.task_log("which_home", run.run_id, "look_up")
    told = [line for line in log.splitlines() if "vault" in line.lower()]
    return lab.airflow.xcom("which_home", run.run_id, "look_up"), told or "no word about a vault"


open_ = asked()
with lab.vault.sealed():
    got, told = asked()

lab.backend.use(None)
lab.environment.unset(spring)
kv.delete_metadata_and_all_versions(f"connections/{spring}", mount_point=mount)

print("open:  ", *open_)
print("sealed:", got, told)

# %%
reveal(
    "4-b",
    observed="c" if got == "host-of-spring" else "a",
    because="Whatever goes wrong in a backend is “nothing there” to Airflow, and it asks the next home. So a forgotten "
    "copy is worse than none: without it the task would have failed, and somebody would have looked.",
)

# %% [markdown]
# ![The order of search: a task asks the secrets backend first, then its environment, then the API server with the metadata database; the first answer wins. At rest, the backend is encrypted with its own key, the environment is plain text, the database encrypts two columns. On the way, the backend is reached over TLS if its URL says so, the environment is never on the wire, and the API server is reached over http by default. Below: down, sealed, refused and not trusted all look like nothing there.](search.svg)
#
# A notebook, or any other Python process, asks in the same way: Airflow reads the backend from the process's environment.
# What is kept between two look-ups? Let one process look a connection up three times, and ask the vault.

# %% tags=["demonstration", "slow"]
again = me.conn_id("again")
kv.create_or_update_secret(f"connections/{again}", today, mount_point=mount)
lab.backend.use("vault", **robot(f'path "{mount}/*" {{ capabilities = ["read"] }}', "again"))

look_up = f"""
from airflow.sdk import Connection
for _ in range(3): print(Connection.get({again!r}).host)
"""
began, settings = time.time(), operator | lab.backend.settings()
command = [sys.executable, "-c", look_up]
print(subprocess.run(command, env=settings, capture_output=True, text=True).stdout)
for entry in lab.vault.audit(since=began):
    print(f"the vault noted: {entry.operation} {entry.path}")

lab.backend.use(None)
kv.delete_metadata_and_all_versions(f"connections/{again}", mount_point=mount);

# %% [markdown]
# One login, three reads. A process keeps its login, and no value: a changed password reaches the very next look-up, and the
# audit log is complete.
#
# ### 4.3 Write the smallest policy that works
#
# The policy above lets the robot read everything on your mount. Write a better one. Set `policy` to its text, such that
# a token with it reads *any* connection in the folder `connections` of your mount, and is refused everything else: other
# folders and mounts, the list of names, the history of a secret, all writing. A policy looks like this:
#
#     path "some/path/*" {
#       capabilities = ["create", "read", "update", "delete", "list"]
#     }

# %% task="4.3"
policy = ...
### BEGIN SOLUTION
policy = f"""
path "{lab.vault.mount}/data/connections/*" {{
  capabilities = ["read"]
}}
"""
### END SOLUTION

# %% check="4.3"
check("4.3")

# %%
hints("4.3")

# %% [markdown]
# ### 4.4 Move a connection to the vault
#
# `moving` is the shop's database. Your tasks find it in their environment. Somebody has tried to move it before, twice:
# older copies are in the metadata database, and on the mount that all teams share (`lab.vault.get_connection(id)` and
# `delete_connection(id)` work there).
#
# Move it into your own mount, for real: your tasks get what they get today, from there and with your policy, and no other
# copy is left. The check looks into every home, and then runs `orders_report` on it.

# %%
from airlock.lab.scattered import plant as scatter

moving = scatter("orders")
copies = {
    "environment": json.loads(lab.environment.connections()[moving.upper()]),
    "database": lab.metadata.row(moving),
    "shared mount": lab.vault.get_connection(moving),
}
for home, copy in copies.items():
    print(f"{home:14}{copy['login']} at {copy['host']}, password {copy['password'][:8]}…")

# %% task="4.4"
### BEGIN SOLUTION
fields = json.loads(lab.environment.connections()[moving.upper()])
kv = lab.vault.admin.secrets.kv.v2
kv.create_or_update_secret(f"connections/{moving}", fields, mount_point=lab.vault.mount)
lab.backend.use("vault", **robot(policy))

lab.environment.unset(moving)
lab.airflow.request("DELETE", f"/api/v2/connections/{moving}")
lab.vault.delete_connection(moving)
### END SOLUTION

# %% check="4.4"
check("4.4")

# %%
hints("4.4")

# %% [markdown]
# ## The same at AWS
#
# AWS Secrets Manager has no mounts and no folders. A secret has a **name**, a text; the slashes in it are decoration.
# The backend builds it: `connections_prefix`, a slash, the id.
#
# `lab.aws.arguments` is what the backend has to be told to reach the API of this lab, over TLS, as your team:

# %%
leaving = scatter("mail")
{name: value for name, value in lab.aws.arguments.items() if "secret" not in name}

# %% [markdown]
# ### 4.5 The same for AWS Secrets Manager
#
# Another Airflow of yours is to run at AWS. Move the connection `leaving` to Secrets Manager, under a name that begins
# with your team's, and set `at_aws` to the arguments with which Airflow's `SecretsManagerBackend` finds it there. It has
# copies in the same three homes as the other one. `lab.aws.client()` is a `boto3` client.

# %% task="4.5"
at_aws = ...
### BEGIN SOLUTION
prefix = f"{me.team}/connections"
now = lab.environment.connections()[leaving.upper()]
lab.aws.client().create_secret(Name=f"{prefix}/{leaving}", SecretString=now)
at_aws = lab.aws.arguments | {"connections_prefix": prefix}

lab.environment.unset(leaving)
lab.airflow.request("DELETE", f"/api/v2/connections/{leaving}")
lab.vault.delete_connection(leaving)
### END SOLUTION

# %% check="4.5"
check("4.5")

# %%
hints("4.5")

# %% [markdown]
# Who may read what is said at AWS by an IAM policy, and the smallest one is as short as the vault's: allow
# `secretsmanager:GetSecretValue` on `arn:aws:secretsmanager:…:secret:<team>/connections/*`. The API of this lab stores as
# AWS does, and does not enforce IAM; so there is no task about it. And a secret that is deleted at AWS stays for a week or
# more, to be restored, unless the deletion says otherwise.
#
# ## When a look-up fails
#
# You have seen that a task says little. Three witnesses say more, together:
#
# - the **task's log**: did the task get through to a server that it trusts?
# - the vault's **audit log**: what arrived, and what was answered? Passwords in it are hashed.
# - the **health check** `/v1/sys/health`, for which nobody has to log in: is it up, and is it open?
#
# ### 4.6 Explain six failures
#
# The cell lets six look-ups fail, for six reasons. Each time the task says the same: *isn't defined*. Set `why` to a dict
# from letter to cause:
#
# - `"absent"`: all is well, and nothing of that name is stored;
# - `"refused"`: the policy does not allow the read;
# - `"login"`: the robot could not log in;
# - `"untrusted"`: the task does not trust the server's certificate;
# - `"down"`: nobody is listening there;
# - `"sealed"`: the server is up, and sealed.

# %%
from airlock.lab.incidents import happen

incidents = happen()
for letter, seen_by in incidents.items():
    print(f"\n{letter}  health  {seen_by.health}")
    for line in dict.fromkeys(line.split("broken by ")[-1] for line in seen_by.log):
        print(f"   log     {line}")
    for entry in seen_by.audit:
        outcome = f"found: {entry.found}" if entry.operation == "read" else "done"
        print(f"   audit   {entry.operation} {entry.path}: {entry.error or outcome}")

# %% task="4.6"
why = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ..., "f": ...}
### BEGIN SOLUTION
for letter, witness in incidents.items():
    errors = {entry.path for entry in witness.audit if entry.error}
    if "sealed: True" in witness.health:
        why[letter] = "sealed"
    elif "no answer" in witness.health:
        why[letter] = "down"
    elif not witness.audit:
        why[letter] = "untrusted"
    elif "auth/approle/login" in errors:
        why[letter] = "login"
    else:
        why[letter] = "refused" if errors else "absent"
### END SOLUTION

# %% check="4.6"
check("4.6")

# %%
hints("4.6")

# %% [markdown]
# Look once more at the refused one. Its audit log shows two logins and two refusals: the backend takes the refusal for a
# stale token, logs in again, and tries again. At level DEBUG Airflow's log has its last words, *Vault Authentication
# Error!*, and they point at the wrong thing. The audit log does not.
#
# ### 4.7 In your own words
#
# *Four points, marked by a person. Ten lines are enough.*
#
# Your company runs an Airflow with forty connections in its metadata database, some of them older than the Fernet key.
# You have a vault, and a week. Write the plan: in which order you move them so that no task notices, what you do about
# what has been stored in clear or backed up, what the vault's policy for Airflow allows, and **how you would notice** next
# month that the vault is sealed or refuses.

# %% [markdown] written="4.7" points=4
# ### BEGIN SOLUTION
# First look: which rows are in clear (`is_encrypted`, `is_extra_encrypted`), which ids have copies in environments. Save
# the clear rows again so that they are encrypted from today, and put their secrets on a list.
#
# Make a mount and an AppRole for this Airflow with one rule, read on `<mount>/data/connections/*`; the backend over https,
# with `verify` set to our authority. Switching the backend on changes nothing while the vault is empty: every look-up
# falls through to the old home.
#
# Then one connection after the other: write it to the vault, watch the audit log until a task has read it there, delete
# the row and the variable. Never delete first. With `kv metadata delete` for anything that was on another mount.
#
# What was in clear, and what is in backups whose key may be known, gets a *new* password, not just a new place. At the end
# the Fernet key is rotated for whatever stays.
#
# Noticing: no copies are left, so a sealed vault makes tasks fail instead of using old passwords. A check of
# `/v1/sys/health` every minute that alarms on anything but 200, and an alarm on `permission denied` in the audit log.
#
# **Rubric** (one point each)
#
# 1. An order in which no task is ever without the connection: new home first, seen to work, then the old copy away. (Half
#    a point if it is not said how one sees that it works.)
# 2. Clear rows and backups: says that encrypting or moving does not take back what has been copied, and changes the secrets.
# 3. A policy of read on the one folder, for a role of this Airflow's own; TLS that is verified.
# 4. Names the silent fall-through, and a way to notice: a health check, an alarm on the audit log, or a test that looks
#    a known connection up and compares. “We look at the logs” of the tasks is not enough: they say nothing.
# ### END SOLUTION

# %% [markdown]
# ## Myth
#
# Answer, then run the experiment below.

# %%
myth(
    "4-x",
    "The database connection uses TLS with verification, so what is stored through it is encrypted as well.",
    truth=False,
    because="TLS ends where the server begins. It hands over what was sent, in clear, and the server stores that. What is "
    "encrypted at rest was encrypted by somebody before, or is by the disk. The experiment sends a secret over a verified "
    "link and reads the file on the disk.",
)

# %% tags=["demonstration"]
note = f"the password is {me.word('note')}"
with lab.postgres.connect() as session:
    mine = "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"
    link = session.execute(mine).fetchone()
    insert = "insert into reports (run_id, conn_id, orders, revenue) values (%s, 'myth', 0, 0)"
    session.execute(insert, [note])
    file = session.execute("select pg_relation_filepath('reports')").fetchone()[0]
print("the link, as the server sees it:", link)

# The server's administrator reads the file on the disk; whoever takes the disk away can do so, too.
with connect_admin(me.view.lab, me.view.database) as session:
    session.execute("checkpoint")
    stored = bytes(session.execute("select pg_read_binary_file(%s)", [file]).fetchone()[0])
    session.execute("delete from reports where conn_id = 'myth'")
start = stored.index(note.encode())
print("the file on the disk:           ", stored[start : start + len(note)])

# %% [markdown]
# And the other way round: the row of the first half of this lesson was encrypted with Fernet, and its password went over
# the link in clear. At rest and in transit are two locks. One does not do the other's work.
#
# ## Takeaways
#
# - By default Airflow locks what it stores (`password`, `extra`) and leaves its own links open.
# - The first key encrypts, every key opens; rows in clear stay in clear until they are written again.
# - A vault's policy for Airflow is one path and one word: `read`.
# - A backend that fails is passed over in silence. Leave no copy that could answer in its place.
# - A new lock does not take back an old copy: after a leak, change the secret.
#
# ## Go deeper
#
# - [Fernet](https://airflow.apache.org/docs/apache-airflow/stable/security/secrets/fernet.html) in Airflow: keys and rotation
# - [Secrets backends](https://airflow.apache.org/docs/apache-airflow/stable/security/secrets/secrets-backend/index.html): the order of search
# - [HashiCorp Vault backend](https://airflow.apache.org/docs/apache-airflow-providers-hashicorp/stable/secrets-backends/hashicorp-vault.html)
#   and [AWS Secrets Manager backend](https://airflow.apache.org/docs/apache-airflow-providers-amazon/stable/secrets-backends/aws-secrets-manager.html)
# - [Policies](https://openbao.org/docs/concepts/policies/): which rule wins, in OpenBao's words; [Vault's](https://developer.hashicorp.com/vault/docs/concepts/policies) are the same
# - In a terminal: `./airlock practice` has four deployments of this lesson to repair
#
# ## Recall
#
# Turn each of these now, and come back tomorrow. A card that you know returns later, one that you do not returns sooner.

# %%
cards(4)
