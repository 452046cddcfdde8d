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
# # 6 · Pitfalls and advanced practice
#
# *Expert · about 45 minutes · six checked tasks (20 points), one written answer (4 points)*
#
# ## What you will be able to do
#
# - **repair** the three usual shortcuts, and prove that nobody reads along any more;
# - **scan** a server's TLS, **harden** it, and scan again;
# - **tell** six breakdowns apart by what the client and the server's log say;
# - **renew** certificates with a DAG while clients call, and lose no connection;
# - **contain** a leaked login that lives for minutes, its open sessions included;
# - **keep watch**, so that you hear of it before somebody else does.
#
# Lesson 5 made a link safe. This one keeps it safe next month. `lab.reset()` puts everything back.

# %%
import json
import os
import time

import psycopg

from airlock.lesson import cards, check, hints, lab, me, myth, predict, reveal

os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"
lab.status()

# %%
# Your own server, with a certificate from your own authority, which may sign for one name, for an hour.
server = lab.warehouse
server.reset()
lab.pki.open(ttl="1h")
first = lab.pki.issue()
server.install(certificate=first.certificate, key=first.key)
server.configure(ssl="on")
server.reload()


def call(**libpq):
    """A session with it as the application; verified unless told otherwise."""
    login = server.login
    given = {"host": login.host, "port": login.port, "dbname": login.database}
    trust = {"sslmode": "verify-full", "sslrootcert": lab.pki.ca_file}
    return psycopg.connect(**given, user=login.user, password=login.password, **(libpq or trust))


# %% tags=["demonstration"]
# It gets a new certificate while clients call it all the time.
with lab.callers() as seen:
    lab.airflow.run_dag("renew_certificate", {"team": me.team})
print(f"{seen.good} sessions opened and verified, {len(seen.failed)} failed")
print("certificates that the clients saw:", " then ".join(serial[:8] for serial in seen.serials))

# %% [markdown]
# Nobody wrote a mail, nobody restarted anything, and no client noticed. It can be like that every hour. This lesson shows
# how it works, and first, what people do when it does not.
#
# ## The mental model
#
# ![A time line: three certificates of one server overlap; each is replaced when its last third begins. Sessions run on across each renewal and keep the certificate they began with. Below, the five steps of a renewal: issue, rehearse, install, reload, shake hands. If a step fails, the old pair stays or comes back, the run is red, and somebody is told.](renewal.svg)
#
# **A lift, not a wall.** A wall is built once. A lift is safe because somebody inspects it, on a date that is written in
# it. A TLS link has such a date too, and like a lift it stands still when the date has passed.
#
# **Where the analogy breaks:**
#
# - A lift that is switched off carries nobody. A link whose verification is switched off carries everything, and looks
#   the same.
# - Nobody swaps the cable of a lift with people in it. A certificate can be swapped under load.

# %%
predict(
    "6-a",
    "A session is open. The server's certificate expires, and nobody renews it. What happens?",
    {
        "a": "The session ends at that moment, and no new one begins.",
        "b": "The session goes on. No new one begins where the certificate is verified.",
        "c": "The session goes on, unencrypted.",
        "d": "Nothing, until the server is restarted.",
    },
)

# %% tags=["demonstration", "slow"]
# A certificate for some seconds: for longer than a renewal takes on this machine. (Half a minute.)
usual = lab.airflow.run_dag("renew_certificate", {"team": me.team}).seconds
run = lab.airflow.run_dag("renew_certificate", {"team": me.team, "ttl": f"{10 + 3 * usual:.0f}s"})
ends = lab.airflow.xcom("renew_certificate", run.run_id, "renew")["ends"]

session = call()
link = "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"
print("before it expires:      ", session.execute(link).fetchone())
time.sleep(max(0, ends + 1 - time.time()))
print("and after, the open one:", session.execute(link).fetchone())
try:
    call().close()
    new = "gets in"
except psycopg.OperationalError as error:
    new = str(error).strip().splitlines()[-1].rpartition(": ")[2]
print("a new one:              ", new)
session.close()

lab.airflow.run_dag("renew_certificate", {"team": me.team})
call().close()
print("after a renewal a new one gets in again")

# %% tags=["slow"]
reveal(
    "6-a",
    observed="b" if "verify" in new else "a",
    because="A certificate is looked at once, when a session begins. So an expiry is noticed by whoever connects next: a "
    "pool of old sessions can hide it for days, until a restart makes everybody connect at the same time.",
)

# %% [markdown]
# ## Three shortcuts
#
# It is two in the morning, a certificate has expired, and a report is due. `plant()` stores three connections of that
# night in your Airflow. All three call billing, and all three work.
#
# ### Watch
#
# The same connections, with somebody on the link: one who only listens, then one with a certificate of his own making.

# %%
from airlock.lab.shortcuts import NAMES, plant, stored

shortcuts = plant()
shortcuts

# %% tags=["demonstration"]
doors = {"listening": "http-strip", "self-signed": "http-self-signed"}
for each in NAMES:
    row = stored(me.view, each)
    print(f"\n{each}: {row['schema'] or 'no schema'}, {row['host']}, {row['port']}, extra {row['extra']}")
    print("   alone:       ", "works" if lab.attack(row).answered else "fails")
    for what, door in doors.items():
        took = lab.attack(row, door).gained
        gained = f"has the password {took.password[:5]}…" if took.password else "reads nothing"
        print(f"   {what + ':':13}", gained)

# %% [markdown]
# 1. **Plain HTTP.** It is what `HttpHook` speaks where nobody says otherwise.
# 2. **A secret in clear.** The link is good. The password is in the URL, which is the column `host`: not encrypted,
#    not masked, on the connection's page, in the API, in the log of whoever prints it.
# 3. **Verification off.** The padlock is there, and the key is given to whoever asks.
#
# The third is the worst, for it looks repaired. The certificate was renewed the next day. The flag is still there.
#
# ### 6.1 Repair three shortcuts
#
# Repair all three in the running Airflow. Each has to get its invoices, to give nothing to anybody on the link, and to
# show its password to nobody who looks at connections.

# %% task="6.1" tags=["alone"]
### BEGIN SOLUTION
billing = me.view.lab.billing
for each in shortcuts:
    row = {"connection_id": each, "conn_type": "http", "schema": "https"}
    row |= {"host": billing.host, "port": billing.tls_port, "login": me.shop.user, "password": me.shop.password}
    row["extra"] = json.dumps({"verify": lab.ca_file})
    lab.airflow.request("PATCH", f"/api/v2/connections/{each}", row)
### END SOLUTION

# %% check="6.1"
check("6.1")

# %%
hints("6.1")

# %% [markdown]
# ## Weak, and encrypted all the same
#
# TLS has a version and a **cipher suite**, and the server decides how old they may be. Somebody had a client from 2009, and
# found this on the web:

# %%
server.configure(ssl_min_protocol_version="TLSv1", ssl_ciphers="ALL:@SECLEVEL=0")
server.reload()

# %% tags=["demonstration", "slow"]
found = lab.scan()
print("accepted:", *found.versions, sep="  ")
reasons: dict = {}
for suite, reason in found.weak.items():
    reasons.setdefault(reason, []).append(suite)
for reason, suites in reasons.items():
    print(f"{len(suites):3} × {reason}\n      such as {suites[0]}")

# %% [markdown]
# The scanner is sslyze: one handshake for every version and every suite there is. What does not belong there any more:
#
# - **TLS 1.0 and 1.1**: deprecated (RFC 8996), with known attacks.
# - **`anon`**: no certificate at all. Encrypted, to whomever. The word `ALL` in the setting means all.
# - **CBC**: encrypted and authenticated in the wrong order. Of TLS 1.2 keep what has `GCM` or `CHACHA20` in its name.
# - **No forward secrecy** (`TLS_RSA_…`, with RSA keys): who steals the server's key some day opens every old recording.
#
# Every suite of TLS 1.3 is good. PostgreSQL's `ssl_ciphers` is about TLS 1.2 and older.
#
# ### 6.2 Harden what the scan found
#
# Configure your warehouse so that a scan finds nothing weak. One partner speaks TLS 1.2 and nothing newer: he has to get
# in, with something good.

# %% task="6.2" tags=["alone"]
### BEGIN SOLUTION
server.configure(ssl_min_protocol_version="TLSv1.2", ssl_ciphers="ECDHE+AESGCM:ECDHE+CHACHA20")
server.reload()
print(lab.scan().suites)
### END SOLUTION

# %% check="6.2"
check("6.2")

# %%
hints("6.2")

# %% [markdown]
# ## It does not work
#
# The client says *certificate verify failed*, and that is all it says. Turning verification off makes it work. Finding out
# what is wrong takes two witnesses: the **client's error** and the **server's log**.
#
# A third question belongs to every test: does it *fail* when it should? A rule `trust` for loopback, left over from an
# installation, lets everybody in, with any password and with none. Whoever tests from the server itself tests nothing.
#
# ### 6.3 Tell six breakdowns apart
#
# A colleague's server breaks down six times. Each time one client calls with the right password, and once more with a
# wrong one. Set `why` to a dict from letter to cause:
#
# - `"name"`: the certificate is for another host;
# - `"chain"`: the server does not send the intermediate certificate;
# - `"expired"`: the certificate has expired;
# - `"mode"`: the key file can be read by others;
# - `"key"`: the key belongs to another certificate;
# - `"trust"`: a rule lets everybody in.

# %% tags=["alone"]
from airlock.lab.breakdowns import happen

breakdowns = happen()
for letter, seen_by in breakdowns.items():
    print(f"\n{letter}  client, right password: {seen_by.right}")
    print(f"   client, wrong password: {seen_by.wrong}")
    for line in seen_by.log:
        print("   server:", line)

# %% task="6.3"
why = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ..., "f": ...}
### BEGIN SOLUTION
for letter, witness in breakdowns.items():
    log = " ".join(witness.log)
    if witness.wrong == "got in":
        why[letter] = "trust"
    elif "group or world access" in log:
        why[letter] = "mode"
    elif "values mismatch" in log:
        why[letter] = "key"
    elif "does not match host name" in witness.right:
        why[letter] = "name"
    else:
        why[letter] = "expired" if "expired" in log else "chain"
### END SOLUTION

# %% check="6.3"
check("6.3")

# %%
hints("6.3")

# %% [markdown]
# ## Renewal
#
# What is done by hand once a year is forgotten once a year. So let certificates live for an hour, and let a DAG renew them.
# `renew_certificate` is in your Airflow; its log tells the steps of the picture above. It may do one thing at OpenBao: have
# a request signed, for the names that the role allows. `server.reload()` makes PostgreSQL read its files again, and no session ends.
#
# And when something is wrong? Let it ask for a name that the role does not allow:

# %% tags=["demonstration", "slow"]
run = lab.airflow.run_dag("renew_certificate", {"team": me.team, "name": "billing.internal"})
log = lab.airflow.task_log("renew_certificate", run.run_id, "renew")
print(next(line for line in log.splitlines() if "OpenBao refused" in line))
call().close()
print("the old certificate is still served")

# %% [markdown]
# ### 6.4 Renew three times under load
#
# Renew your warehouse's certificate three times with the DAG, while clients call all the time (`with lab.callers() as
# seen:`). No call may fail, and what is served at the end lives for an hour at most. The check looks at the runs and at
# the server's log, and then renews once more, with clients of its own.

# %% task="6.4" tags=["alone"]
### BEGIN SOLUTION
with lab.callers() as seen:
    for _ in range(3):
        lab.airflow.run_dag("renew_certificate", {"team": me.team})

print(f"{seen.good} sessions, {len(seen.failed)} failed, {len(seen.serials)} certificates seen")
### END SOLUTION

# %% check="6.4"
check("6.4")

# %%
hints("6.4")

# %% [markdown]
# ## Logins that live for minutes
#
# The same idea for passwords. OpenBao's **database engine** makes a login when somebody asks for one, and drops it when
# its **lease** is over. What the login may do comes from a group that it joins. There is nothing to rotate, and what leaks is
# soon worth nothing.

# %%
# From now on OpenBao alone knows the password that makes logins.
lab.dynamic.open(ttl="2m", max_ttl="10m")

# %% tags=["demonstration"]
lease = lab.dynamic.credentials()
print(lease.user, "for", lease.seconds, "s")
lease = lab.dynamic.renew(lease, 300)
print("renewed:", lease.seconds, "s more")

# %%
predict(
    "6-b",
    "The login has leaked, and the lease is revoked: OpenBao drops the login. A session is open with it. What becomes of it?",
    {
        "a": "It ends at once.",
        "b": "It stays open, and goes on reading the orders.",
        "c": "It stays open, and may read nothing that its group was allowed to.",
        "d": "Revoking fails as long as the session is open.",
    },
)

# %% tags=["demonstration"]
open_session = lab.dynamic.connect(lease)
query = "select count(*) from public.orders"
print("before:", open_session.execute(query).fetchone()[0], "orders")
lab.dynamic.revoke(lease)

try:
    after = f"{open_session.execute(query).fetchone()[0]} orders"
except psycopg.Error as error:
    after = str(error).strip().splitlines()[0]
print("after, the open session:", after)
print("still there:", open_session.execute("select pg_backend_pid()").fetchone())
try:
    lab.dynamic.connect(lease).close()
except psycopg.OperationalError as error:
    print("a new session:", str(error).strip().splitlines()[-1].rpartition("FATAL:  ")[2])

with server.admin() as admin:
    mine = "select pid, usesysid, usename from pg_stat_activity where pid = %s"
    its_user = admin.execute(mine, [open_session.info.backend_pid]).fetchone()
    print("pid, number and name of its user:", its_user)
open_session.close()

# %%
reveal(
    "6-b",
    observed="b" if after.endswith(" orders") else "c",
    because="A login is checked when a session begins; dropping it ends none. What this one was allowed to do came from a "
    "group, and membership goes with the login. What it has read already, and its place at the table, stay.",
)

# %% [markdown]
# Look at the last line. The session is there, and its user has no name any more: a query for the sessions *of that user*
# finds nothing. A database that is asked to end sessions by name, after the revocation, ends none.
#
# ### 6.5 Contain a leaked login
#
# Write `contain(leak)`. `leak` is a dict: `leak["lease"]` is the id of the lease, `leak["user"]` the login's name. When it
# returns, the login is gone, no session of the thief's is open, and everybody else works on. The thief is awake: when he
# is thrown out, he comes back at once, if he can. The check is the thief.
#
# `lab.vault.admin.write_data("sys/leases/revoke", data={"lease_id": …, "sync": True})` revokes, and returns when OpenBao
# has done it; without `sync` it returns at once. `server.admin()` is a session as the superuser.


# %% task="6.5"
def contain(leak: dict) -> int:
    """Returns how many sessions were ended."""
    ended = ...
    ### BEGIN SOLUTION
    with server.admin() as admin:
        number = admin.execute("select oid from pg_roles where rolname = %s", [leak["user"]]).fetchone()[0]
        lab.vault.admin.write_data("sys/leases/revoke", data={"lease_id": leak["lease"], "sync": True})
        end = "select pg_terminate_backend(pid) from pg_stat_activity where usesysid = %s"
        ended = len(admin.execute(end, [number]).fetchall())
    ### END SOLUTION
    return ended


# %% check="6.5"
check("6.5")

# %%
hints("6.5")

# %% [markdown]
# (`lab.dynamic.open(end_sessions=True)` tells OpenBao to do that by itself. It is off by default, everywhere: the end of a
# lease would also end the report that is almost done.)
#
# ## Keep watch
#
# ![Certificates, sessions, the server's log and the vault's audit log are read by one DAG, keep_watch. If it finds something, a notifier wakes somebody; if not, there is a green run with a time on it. No run at all is an alarm too.](watch.svg)
#
# Everything so far can stop being true without an error: a certificate that was not renewed, a rule that lets clear text
# in, a robot that asks for what it may not have. Refusals are not noise. They are the first sign, sometimes the only one.
#
# `keep_watch` is a DAG like any other. It fails when it finds something, and its `on_failure_callback` is one of Airflow's
# own notifiers, which sends a message: here to an inbox of the lab.

# %%
lab.watch.open()  # a login of its own, which sees every session and no data, and a pager

# %% tags=["demonstration", "slow"]
run = lab.airflow.run_dag("keep_watch", {"team": me.team, "since": time.time()})
print("all is well:", run.state)

# %% [markdown]
# What does the watch see of a client that **verifies nothing**? Two sessions, and the server's view of each:

# %% tags=["demonstration"]
mine = "select ssl, version, cipher from pg_stat_ssl where pid = pg_backend_pid()"
for mode, session in {"require": call(sslmode="require"), "verify-full": call()}.items():
    print(f"{mode + ':':12}", *session.execute(mine).fetchone())
    session.close()

# %% [markdown]
# The same. Verifying happens inside the client, and no server can tell: `pg_stat_ssl` says TLS or none, never `sslmode`.
# So the watch finds clear sessions at the server. **Unverified** ones are found at the client: in the extras of its
# connections. That is what the auditor of the capstone reads.
#
# Now let four things go wrong. In production each of them would have a different author, and none would say a word.

# %%
from airlock.lab.troubles import make

began = time.time()
make()
run = lab.airflow.run_dag("keep_watch", {"team": me.team, "since": began})
print("the watch:", run.state)
for alert in lab.alerts(since=began):
    for finding in alert.findings:
        print(f"  {finding['kind']:14} {finding['where']}: {finding['what']}")

# %% [markdown]
# ### 6.6 From the alert to silence
#
# Mend the causes, so that the watch finds nothing new. `server.rules(…)` takes the lines of `pg_hba.conf`; the robot is the
# AppRole `<team>-robot`, and it needs nothing any more. The check runs the watch, and then tries the same troubles again:
# what cannot happen any more must not happen, and what can must be seen.

# %% task="6.6"
### BEGIN SOLUTION
lab.airflow.run_dag("renew_certificate", {"team": me.team})
server.rules("hostssl all all 127.0.0.1/32 scram-sha-256", "hostssl all all ::1/128 scram-sha-256")
server.reload()
lab.vault.admin.auth.approle.delete_role(f"{me.team}-robot")
lab.airflow.run_dag("keep_watch", {"team": me.team, "since": time.time()})
### END SOLUTION

# %% check="6.6"
check("6.6")

# %%
hints("6.6")

# %% [markdown]
# ## Where encryption ends
#
# | what | what it adds | what it does not |
# |---|---|---|
# | VPN, private network | nobody else reaches the port | everybody inside reads along; the other end of the tunnel is clear text |
# | firewall | fewer callers | says nothing about what they carry, or who answers |
# | HSM, PKCS#11 | the key signs and cannot be copied | whoever is on the host can still let it sign |
# | TLS | nobody on the link reads or changes anything | both ends see everything: logs, dumps, memory |
#
# They are layers, not alternatives. Where no link leaves the host, a Unix socket is better than TLS on loopback: it has
# no port, and the kernel says who calls. And a key that must never be stolen belongs where it cannot be read:

# %% tags=["demonstration"]
if tried := lab.hsm():
    print("signed inside, verified outside:", tried.signed)
    print("the key, taken out:             ", "yes" if tried.exported else f"no: {tried.refusal}")
    print(tried.key)

# %% [markdown]
# ### 6.7 In your own words
#
# *Four points, marked by a person. Ten lines are enough.*
#
# A team runs forty connections over TLS. Certificates are renewed by hand, once a year, by Nadia. Last month one expired on
# a Sunday; somebody set `verify` to false in eleven connections, and nobody knows which ones are still like that. Write what
# you change: how it is **found** what is still open, how certificates are **renewed** without Nadia, who **hears** of it
# when that fails, and what you put in the place of `verify=False` for the next Sunday.

# %% [markdown] written="6.7" points=4
# ### BEGIN SOLUTION
# Find: list every connection's extra for `verify`, `sslmode` and a missing authority, in all homes. Then do not believe the
# list: try each through a proxy with a forged certificate in a test network; what still works is open. On the servers,
# `pg_stat_ssl` and the logs show sessions without TLS. The passwords of those eleven are changed: anybody may have them.
#
# Renew: an authority that answers by API (OpenBao's PKI, ACME), certificates of days, a DAG at two thirds of their life
# that rehearses, installs both files in one step, reloads, shakes hands, and rolls back. Nadia owns the DAG, not the date.
#
# Hear: the DAG's failure notifies; a second, independent watch looks at what is *served* and warns at a third of the life;
# and no run of the watch is an alarm too. Both have been seen red once.
#
# Next Sunday: a written way that takes minutes, and does not end in `verify=False`: issue by hand from the same authority,
# or trust the one old certificate for a day by name (pin it), with a ticket that expires. Turning it off needs two people
# and is found by the watch.
#
# **Rubric** (one point each)
#
# 1. Finds what is open by *effect* (a forged certificate; the server's view for links in clear, it shows no more than
#    that), not only by reading settings; changes the secrets that were exposed. (Half a point for reading settings only.)
# 2. Renewal by a machine before the end of life, with a check before it goes live and a way back.
# 3. Somebody hears of a failed renewal *and* of a watch that does not run.
# 4. Another way out than `verify=False`: renewal by hand, a pinned certificate, a longer overlap; and it ends by itself.
# ### END SOLUTION

# %% [markdown]
# ## Myths
#
# Answer each, then run the experiment below.

# %%
myth(
    "6-x",
    "TLS with verification makes a connection completely safe, for ever.",
    truth=False,
    because="It is safe against whoever is on the link and does not have the server's key, as long as the certificate is "
    "good. The experiment lets your verified client meet somebody who has stolen the key.",
)

# %% tags=["demonstration"]
row = stored(me.view, NAMES[0])
for what, door in {"on the link": "http-strip", "with the server's own key": "http-stolen-key"}.items():
    took = lab.attack(row, door).gained
    gained = f"has the password {took.password[:5]}…" if took.password else "reads nothing"
    print(f"somebody {what}:", gained)

# %% [markdown]
# The same client, the same settings. “Completely” ends where the key is; “for ever” you have seen end after some
# seconds. (Old recordings stay closed: lesson 3 tried that key on one.)

# %%
myth(
    "6-y",
    "A self-signed certificate is worse than one from an authority.",
    truth=False,
    because="What it lacks is not strength, it is somebody who vouches for it. A client that was given *this very "
    "certificate* beforehand needs nobody. The mistake is to accept *any*.",
)

# %% tags=["demonstration"]
from airlock.pki import Authority

alone = Authority.self_signed("localhost", ["localhost"])
server.install(certificate=alone.certificate_pem, key=alone.key_pem)
server.reload()
pinned = server.folder / "pinned.pem"
pinned.write_bytes(alone.certificate_pem)

call(sslmode="verify-full", sslrootcert=str(pinned)).close()
print("with this certificate as its authority: gets in")
pinning = {"sslmode": "verify-full", "sslrootcert": str(pinned)}
impostors = server.attack(**pinning, doors=["self-signed", "mis-issued"])
for door, tried in impostors.items():
    print(f"somebody in between, {door}: {tried.outcome}, {tried.reason.name}")
careless = {"sslmode": "require", "channel_binding": "disable"}
careless = server.attack(**careless, doors=["self-signed"])["self-signed"]
print("a client that verifies nothing, through the first of them:", careless.outcome)

pinned.unlink()
lab.airflow.run_dag("renew_certificate", {"team": me.team});

# %% [markdown]
# Pinned like this it is the best certificate there is, for a link between two machines of yours. It does not scale, and
# nobody renews it: that is what authorities are for.
#
# ## Takeaways
#
# - A shortcut that works is not repaired by time: look for it by its effect, and change what it has shown.
# - Scan what a server accepts; keep TLS 1.2 and 1.3, forward secrecy, and nothing older.
# - Renew long before the end: rehearse, switch in one step, reload, shake hands, or go back.
# - Revoking ends the login. Sessions that are open are ended by somebody, and in the right order.
# - A watch is worth what its silence is worth. See it red once, and hear of it when it stops.
#
# ## Go deeper
#
# - [RFC 9325](https://www.rfc-editor.org/rfc/rfc9325): which versions and suites, and why; [RFC 8996](https://www.rfc-editor.org/rfc/rfc8996): the end of TLS 1.0 and 1.1
# - [PostgreSQL: secure TCP/IP connections with SSL](https://www.postgresql.org/docs/17/ssl-tcp.html), and [pg_stat_ssl](https://www.postgresql.org/docs/17/monitoring-stats.html)
# - OpenBao's [PKI engine](https://openbao.org/docs/secrets/pki/) and [database engine](https://openbao.org/docs/secrets/databases/postgresql/)
# - Airflow's [notifiers](https://airflow.apache.org/docs/apache-airflow/stable/howto/notifications.html)
# - In a terminal: `./airlock practice` has the deployments of this lesson to repair; [the capstone](the-capstone.ipynb) is the next notebook
#
# ## Recall
#
# Turn each of these now, and come back tomorrow. A card that you know returns later, one that you do not returns sooner.

# %%
cards(6)
