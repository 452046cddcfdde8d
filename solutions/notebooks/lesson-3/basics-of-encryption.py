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
# # 3 · Basics of encryption
#
# *Intermediate · about 45 minutes · seven checked tasks (19 points), one written answer (4 points)*
#
# ## What you will be able to do
#
# - **seal** a line so that nobody reads it, changes it, or files it under another name;
# - **read** from a Fernet token what it tells without its key, and **rotate** the key of stored ones;
# - **agree** on a key with somebody over a link that everybody reads;
# - **take over** such an agreement, and then **refuse** whoever tries it with you;
# - **open** the TLS session that you had a moment ago, and say what in it was hidden from whom.
#
# Everything runs on this machine. `lab.reset()` puts your part of the lab back.

# %%
import base64
import hashlib
import json
import os
import socket
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from airlock.lesson import cards, check, handshake, hints, lab, me, myth, predict, reveal
from airlock.wire import decode

os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"
lab.status()

# %%
# Seal a line, flip one bit of it on the way, and watch the receiver refuse it.
key, nonce = AESGCM.generate_key(bit_length=256), os.urandom(12)
line = f"pay 100 EUR to {me.word('win')}".encode()

sealed = AESGCM(key).encrypt(nonce, line, None)
print("on the way:", sealed.hex())
print("received:  ", AESGCM(key).decrypt(nonce, sealed, None).decode())

changed = bytes([sealed[0] ^ 1]) + sealed[1:]
try:
    AESGCM(key).decrypt(nonce, changed, None)
except InvalidTag as refusal:
    print("one bit changed:", type(refusal).__name__)

# %% [markdown]
# The receiver did not get a wrong amount. It got nothing, and knows that somebody was there. That is what encryption
# has to give today: not only *nobody reads it*, but *nobody changes it unnoticed*.
#
# ## The mental model
#
# ![On the left a line in clear is put in a box and locked with a key; the box travels; on the right the same key opens it. Under the box stand three things that everybody on the way sees: how large it is, when it passed, and from where to where. Two warnings: a box can be copied, and a box does not say who packed it.](box.svg)
#
# **A locked box with a seal.** Only who has the key can open it, and a broken seal shows.
#
# **Where the analogy breaks:**
#
# - A box exists once. Ciphertext can be copied, kept for years, and delivered twice or to somebody else.
# - A box may be half empty. Ciphertext is as long as what is in it: lengths show.
# - A box says nothing about who packed it. Anybody with the key may have, and anybody at all may offer you a key.
#
# The first point is settled in the first half of this lesson, the last one in the second. The lengths always show.
#
# ## Three things that look alike
#
# One line, written in three ways. Which of them can somebody undo who has only what is printed?

# %% tags=["demonstration"]
secret = f"PIN {me.number('pin', 0, 9999):04}".encode()
encoded = base64.b64encode(secret)
hashed = hashlib.sha256(secret).hexdigest()
encrypted = AESGCM(key).encrypt(os.urandom(12), secret, None)

print("encoded:      ", encoded.decode())
print("hashed:       ", hashed)
print("encrypted:    ", encrypted.hex())

print("\nundo encoding:", base64.b64decode(encoded).decode())
guesses = (f"PIN {number:04}" for number in range(10_000))
found = next(guess for guess in guesses if hashlib.sha256(guess.encode()).hexdigest() == hashed)
print("undo hashing: ", found)

# %% [markdown]
# | | key | who can undo it | what it is for |
# |---|---|---|---|
# | **encoding** (base64, hex, URL) | none | everybody | carrying bytes where only text fits |
# | **hashing** (SHA-256) | none | nobody; but whoever guesses right sees it | recognising the same thing again |
# | **encryption** (AES, ChaCha20) | yes | who has the key | keeping a secret |
#
# The hash was undone by guessing: ten thousand guesses take a blink. There are not many PINs. There are 2<sup>256</sup> keys.
#
# ## Three promises in one call
#
# `AESGCM` and `ChaCha20Poly1305` are **AEAD**: authenticated encryption with associated data. They promise three things:
#
# 1. **Confidentiality**: without the key, nobody reads the line.
# 2. **Integrity**: a tag of 16 bytes at the end fits this ciphertext and no other.
# 3. **Binding**: associated data, the third argument, is not sent and not hidden. The receiver has to name the same, or
#    the box stays closed. It says what the box is *about*.

# %% tags=["demonstration"]
fresh = os.urandom(12)
salary = AESGCM(key).encrypt(fresh, b"4200 EUR", b"salary of ada")
for about in (b"salary of ada", b"salary of bob"):
    try:
        print(about.decode(), "->", AESGCM(key).decrypt(fresh, salary, about).decode())
    except InvalidTag:
        print(about.decode(), "-> refused: this box is about something else")

# %% [markdown]
# One thing is yours to get right: the **nonce**, a *n*umber used *once*. It is not secret. It makes the same line under
# the same key look different every time. What if it is used twice?

# %%
predict(
    "3-a",
    "Two lines were sealed under the same key and the same nonce. You know the first line, and have no key. "
    "What do you learn about the second?",
    {
        "a": "Nothing: AES-256 stays AES-256.",
        "b": "Whether it is the same line. Nothing else.",
        "c": "The line itself, as far as the first one is long.",
        "d": "The key.",
    },
)

# %%
# The first order is yours: you placed it. The other one is somebody else's.
known = b"ORDER 0001: 40 boxes to dock 7, by Monday"
unknown = f"ORDER 0002: {me.number('boxes', 10, 99)} boxes to {me.word('dock')}".encode()
one, two = (AESGCM(key).encrypt(bytes(12), text, None) for text in (known, unknown))

# All that an eavesdropper does: ciphertext ⊕ ciphertext ⊕ the line he knows.
recovered = bytes(a ^ b ^ c for a, b, c in zip(one, two, known))[: len(unknown)]
print(recovered.decode(errors="replace"))

# %%
reveal(
    "3-a",
    observed="c" if recovered == unknown else "a",
    because="Both ciphers are streams: key and nonce give a stream of bytes, and ciphertext is line ⊕ stream. "
    "The same nonce gives the same stream, and ⊕ takes it out again. With GCM, the key of the tags falls, too.",
)

# %% [markdown]
# ## Do
#
# ### 3.1 Seal a line for one purpose
#
# Write `seal(key, line, about)`. All three are bytes, the key has 32. It returns **nonce ‖ ciphertext and tag** as one
# piece of bytes: the nonce's 12 bytes first, then what `encrypt` gives. `about` is the associated data. AES-256-GCM or
# ChaCha20-Poly1305, as you like.


# %% task="3.1"
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    sealed = ...
    ### BEGIN SOLUTION
    nonce = os.urandom(12)
    sealed = nonce + AESGCM(key).encrypt(nonce, line, about)
    ### END SOLUTION
    return sealed


# %% check="3.1"
check("3.1")

# %%
hints("3.1")

# %% [markdown]
# ### 3.2 Find what was tampered with
#
# Six records have come from the depot, in the form of 3.1, sealed with AES-256-GCM under `arrived.key`. Each is bound to
# its order's id (as bytes). On the way, somebody changed some, cut one, and filed others under an id that is not theirs.
#
# Set `genuine` to a dict from id to line, of the records that the depot did seal for that id.

# %%
from airlock.lab.sealed import old_token, records, stored

arrived = records(me.view)
for each, record in arrived.records.items():
    print(each, record.hex()[:90], "…")

# %% task="3.2"
genuine = ...
### BEGIN SOLUTION
genuine = {}
for each, record in arrived.records.items():
    try:
        genuine[each] = AESGCM(arrived.key).decrypt(record[:12], record[12:], each.encode())
    except InvalidTag:
        print(each, "is not genuine")
### END SOLUTION

# %% check="3.2"
check("3.2")

# %%
hints("3.2")

# %% [markdown]
# ### Integrity alone
#
# Sometimes a message is no secret, and only its sender has to be certain: a webhook, a signed cookie. An **HMAC** is
# the tag without the box. Two lines:

# %% tags=["demonstration"]
import hmac

tag = hmac.digest(key, b"start the DAG", "sha256")
print(hmac.compare_digest(tag, hmac.digest(key, b"start the DAG", "sha256")), tag.hex())

# %% [markdown]
# ## Fernet, byte by byte
#
# Airflow encrypts the columns `password` and `extra` of a connection with **Fernet**: AES-128-CBC and an HMAC in a fixed
# form. Here is a token out of the metadata database of your Airflow, one second old.

# %% tags=["demonstration"]
from airlock.lab.canaries import backup

payroll, scratch = me.conn_id("payroll"), me.conn_id("scratch")
for conn_id in (payroll, scratch):
    lab.airflow.request("DELETE", f"/api/v2/connections/{conn_id}")
    row = {"connection_id": conn_id, "conn_type": "generic", "password": me.word(conn_id)}
    lab.airflow.request("POST", "/api/v2/connections", row)

row = next(line for line in backup().splitlines() if payroll in line)
token = next(column for column in row.split("\t") if column.startswith("gAAAA"))
raw = base64.urlsafe_b64decode(token)
print("token      ", token)
print("version    ", raw[0])
print("time       ", datetime.fromtimestamp(int.from_bytes(raw[1:9]), UTC), "in clear")
print("IV         ", raw[9:25].hex())
ciphertext = raw[25:-32]
print("ciphertext ", ciphertext.hex())
print("           ", len(ciphertext), "bytes, for a password of", len(me.word(payroll)))
print("HMAC       ", raw[-32:].hex())

# %% [markdown]
# - The time stands there in clear. Everybody with a backup sees how old each secret is.
# - CBC fills up to whole blocks of 16 bytes, and always fills at least one byte. The length shows within 16.
# - The HMAC covers all of it. No bit can be changed.
#
# And what is the token *about*? Nothing. There is no associated data in Fernet. So take the token of one row, and put it
# into another one, as somebody could who may write to the table and has no key. (The command takes a few seconds.)

# %% tags=["demonstration"]
import subprocess
import sys

from airlock.lab.postgres import connect_admin

copy = """
update connection set password = (select password from connection where conn_id = %s)
where conn_id = %s
"""
with connect_admin(me.view.lab, me.view.lab.airflow.metadata_database) as session:
    session.execute(copy, [payroll, scratch])

command = [sys.executable, "-m", "airflow", "connections", "get", scratch, "-o", "yaml"]
quiet = {"PYTHONWARNINGS": "ignore", "FORCE_COLOR": ""}
operator = {**os.environ, "AIRFLOW_HOME": me.view.lab.airflow.home, **quiet}
said = subprocess.run(command, env=operator, capture_output=True, text=True).stdout
print("stored: ", {conn_id: me.word(conn_id) for conn_id in (payroll, scratch)})
lines = [line[2:] for line in said.splitlines()]
opened_there = [line for line in lines if line.startswith(("conn_id", "password"))]
print("Airflow:", *opened_there)

for conn_id in (payroll, scratch):
    lab.airflow.request("DELETE", f"/api/v2/connections/{conn_id}")

# %% [markdown]
# Airflow opened it there without a word. Fernet keeps a backup of the table secret. It does not keep rows in their place:
# that is the database's task, with its own permissions.
#
# ### 3.3 Date a token without its key
#
# `token` turned up in an old dump. Nobody has its key any more. Set `made` to when it was made (a datetime, seconds since
# 1970, or ISO text), and `size` to a pair: the smallest and the largest number of bytes that can be in it.

# %%
token = old_token(me.view)
print(token.decode())

# %% task="3.3"
made = ...
size = (..., ...)
### BEGIN SOLUTION
raw = base64.urlsafe_b64decode(token)
made = datetime.fromtimestamp(int.from_bytes(raw[1:9]), UTC)
ciphertext = raw[25:-32]
size = (len(ciphertext) - 16, len(ciphertext) - 1)
### END SOLUTION

# %% check="3.3"
check("3.3")

# %%
hints("3.3")

# %% [markdown]
# ### 3.4 Rotate with MultiFernet
#
# `rows` holds the stored passwords of five connections, an `old_key` and a `new_key`. The rotation stopped half way: one
# token is under the new key already, and one opens with neither.
#
# `MultiFernet` holds several keys: it encrypts with its first and opens with any that fits. Its `rotate(token)` does both.
#
# Set `rotated` to a dict from connection to token, so that the old key can be thrown away. What no key opens stays as it is.

# %%
rows = stored(me.view)
for name, stored_token in rows.tokens.items():
    print(f"{name:10}", stored_token.decode()[:60], "…")

# %% task="3.4"
rotated = ...
### BEGIN SOLUTION
both = MultiFernet([Fernet(rows.new_key), Fernet(rows.old_key)])
rotated = {}
for name, stored_token in rows.tokens.items():
    try:
        rotated[name] = both.rotate(stored_token)
    except InvalidToken:
        rotated[name] = stored_token
### END SOLUTION

# %% check="3.4"
check("3.4")

# %%
hints("3.4")

# %% [markdown]
# ## A key for two who have never met
#
# So far, both sides had the key. How did it get there? Over the same link, while everybody listens: that is **key
# agreement**. Each side makes a private number and sends a public *share*. From one's own private number and the other's
# share, both compute the same secret. Nobody else can.

# %%
ada, bob = X25519PrivateKey.generate(), X25519PrivateKey.generate()

from_ada = ada.public_key().public_bytes_raw()  # these two pass in clear
from_bob = bob.public_key().public_bytes_raw()

at_ada = ada.exchange(X25519PublicKey.from_public_bytes(from_bob))
at_bob = bob.exchange(X25519PublicKey.from_public_bytes(from_ada))
print("the same secret:", at_ada == at_bob)


def derive(secret: bytes, info: bytes = b"a lesson") -> bytes:
    """A key out of a shared secret: HKDF spreads it evenly, and `info` says what the key is for."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


print("one key: ", derive(at_ada).hex())
print("another: ", derive(at_ada, b"another purpose").hex())

# %% [markdown]
# ### 3.5 Agree on a key
#
# A depot on this machine takes orders. Write `agree(port)`: connect to `127.0.0.1` at that port, agree on a key, and return
# it (32 bytes). The protocol, exactly:
#
# 1. You send your X25519 share, 32 bytes as they are. A new one in every session.
# 2. The depot sends its share, 32 bytes.
# 3. The key is HKDF-SHA256 of the shared secret: 32 bytes long, no salt, `info=b"airlock depot"`.
#
# `receive(link, 32)` reads exactly 32 bytes from a socket. The check runs a depot of its own, and asks it for its key. To
# try it before: `with Depot() as depot: print(agree(depot.port) == depot.last.key)`.

# %%
from airlock.wire.channel import CONTEXT, Courier, Depot, receive


# %% task="3.5"
def agree(port: int) -> bytes:
    key = ...
    ### BEGIN SOLUTION
    mine = X25519PrivateKey.generate()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(mine.public_key().public_bytes_raw())
        theirs = receive(link, 32)
    key = derive(mine.exchange(X25519PublicKey.from_public_bytes(theirs)), b"airlock depot")
    ### END SOLUTION
    return key


# %% check="3.5"
check("3.5")

# %%
hints("3.5")

# %% [markdown]
# ## Somebody in between
#
# Whoever only listens gets nothing. Whoever sits *in* the link need not pass anything on.

# %%
predict(
    "3-b",
    "Somebody in the link answers both sides with shares of his own. What do courier and depot notice?",
    {
        "a": "Their keys do not fit, so the first line cannot be opened.",
        "b": "The shares are too short, or of a wrong form.",
        "c": "Nothing. Both agree on a key, and every line opens.",
    },
)

# %%
courier, depot, attacker = (X25519PrivateKey.generate() for _ in range(3))


def key_between(mine: X25519PrivateKey, theirs: X25519PrivateKey) -> bytes:
    """The key that the owner of `mine` has after the share of `theirs` came in."""
    return derive(mine.exchange(theirs.public_key()))


courier_key, depot_key = key_between(courier, attacker), key_between(depot, attacker)
left, right = key_between(attacker, courier), key_between(attacker, depot)

first, second = os.urandom(12), os.urandom(12)
sent = AESGCM(courier_key).encrypt(first, b"40 boxes to dock 7", None)
read = AESGCM(left).decrypt(first, sent, None)
forged = AESGCM(right).encrypt(second, read.replace(b"dock 7", b"dock 9"), None)
opened = AESGCM(depot_key).decrypt(second, forged, None)
print("in between, somebody reads:", read.decode())
print("the depot opens:           ", opened.decode())

# %%
reveal(
    "3-b",
    observed="c" if read and opened else "a",
    because="A share says “somebody”. It does not say who. Both agreements are perfect, and both are with the "
    "wrong person.",
)

# %% [markdown]
# ![Above: courier and depot exchange shares over a link, an eavesdropper below it sees both shares and cannot compute the key. Below: the link is cut, and somebody sits in the gap. The courier agrees on key 1 with him, the depot agrees on key 2 with him. Both sides see a proper agreement.](between.svg)

# %% [markdown]
# ### 3.6 Take the channel over
#
# Now over real sockets. A courier wants to send the depot a line, with the protocol of 3.5. You have cut its cable: one end
# comes out at `courier_port`, the other at `depot_port`. Connect to both. The courier speaks first: its share, 32 bytes.
#
# Write `attack(courier_port, depot_port)`. It returns the courier's line as bytes, and the depot gets the same order, but
# with `drop` as its address. The line is JSON: `{"parcel": 4711, "to": "…", "code": "…"}`.
#
# After the agreement, the line is one sealed record: `receive_line(link, key)` takes the next one off a socket and opens
# it, `send_line(link, key, line)` seals one and sends it. To try your attack before the check does:
#
# ```python
# order = b'{"parcel": 1, "to": "dock 7", "code": "x"}'
# with Courier(order) as courier, Depot() as depot:
#     print(attack(courier.port, depot.port))
# print(depot.last.line)  # what the depot believes
# ```

# %%
from airlock.wire.channel import receive_line, send_line

drop = me.word("takeover/drop")
print("your address:", drop)


# %% task="3.6"
def attack(courier_port: int, depot_port: int) -> bytes:
    line = ...
    ### BEGIN SOLUTION
    mine = X25519PrivateKey.generate()
    share = mine.public_key().public_bytes_raw()
    keys = []
    with (
        socket.create_connection(("127.0.0.1", courier_port), timeout=5) as left,
        socket.create_connection(("127.0.0.1", depot_port), timeout=5) as right,
    ):
        for link in (left, right):
            link.sendall(share)
            theirs = X25519PublicKey.from_public_bytes(receive(link, 32))
            keys.append(derive(mine.exchange(theirs), b"airlock depot"))
        line = receive_line(left, keys[0])
        send_line(right, keys[1], json.dumps(json.loads(line) | {"to": drop}).encode())
    ### END SOLUTION
    return line


# %% check="3.6"
check("3.6")

# %%
hints("3.6")

# %% [markdown] tags=["exam"]
# ## A signature, and whose key it is
#
# What was missing is a proof of *who*. A **signature** is made with a private key, and everybody who has the public key
# can verify it. The depot signs what both sides have sent: this session's two shares, and nothing older.
#
# The depot's answer is 160 bytes now:
#
# | bytes | what |
# |---|---|
# | 0–31 | your share, as it arrived |
# | 32–63 | the depot's share |
# | 64–95 | its public key |
# | 96–159 | its signature over `CONTEXT` ‖ your share ‖ its share |

# %%
signing = Ed25519PrivateKey.generate()  # this depot's; in the check it is another one
with Depot(signing) as at_work:
    with socket.create_connection(("127.0.0.1", at_work.port), timeout=5) as link:
        link.sendall(from_ada)
        answer = receive(link, 160)

verify = signing.public_key().verify
verify(answer[96:], CONTEXT + from_ada + answer[32:64])
print(CONTEXT, "… fits: verify said nothing")
try:
    verify(answer[96:], CONTEXT + from_bob + answer[32:64])
except InvalidSignature as refusal:
    print("with another share in it:", type(refusal).__name__)

# %% [markdown]
# ### 3.7 Refuse the attacker
#
# Write `agree_signed(port, depot_key)`. `depot_key` is the depot's public Ed25519 key, 32 bytes that you were given
# beforehand, by hand. Agree as in 3.5, with the answer above. Return the key **only** when you know that it is the
# depot. Otherwise raise something, or return None.
#
# The check lets you talk to a real depot, and to some who are not: they have keys of their own, spliced answers, old ones.


# %% task="3.7"
def agree_signed(port: int, depot_key: bytes) -> bytes:
    key = ...
    ### BEGIN SOLUTION
    mine = X25519PrivateKey.generate()
    share = mine.public_key().public_bytes_raw()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(share)
        answer = receive(link, 160)
    theirs, signature = answer[32:64], answer[96:160]
    Ed25519PublicKey.from_public_bytes(depot_key).verify(signature, CONTEXT + share + theirs)
    key = derive(mine.exchange(X25519PublicKey.from_public_bytes(theirs)), b"airlock depot")
    ### END SOLUTION
    return key


# %% check="3.7"
check("3.7")

# %%
hints("3.7")

# %% [markdown]
# “Given beforehand, by hand” does not reach far: a task that talks to twenty services cannot know twenty keys. A
# **certificate** is a note that says *this public key belongs to this name*, signed by an authority. Then it is enough
# to know the authority's key beforehand. Lesson 5 makes some, good and bad.
#
# ## Watch: your own TLS session
#
# You have built TLS 1.3 in small: two fresh shares, a key derived from them, a signature over what both sides said, and
# AEAD records with a counter as the nonce. Here is the real one: your own login to the shop's database, past the
# eavesdropper. Your client writes the session's keys down for you, in a *key log*. The eavesdropper has none.

# %%
predict(
    "3-c",
    "A TLS 1.3 handshake passes an eavesdropper. Which of these does he read: the server's name, its "
    "certificate, your login?",
    {
        "a": "None of them: it is encrypted from the first byte.",
        "b": "The server's name. Neither certificate nor login.",
        "c": "The server's name and the certificate. Not the login.",
        "d": "All three: encryption starts after the login.",
    },
)

# %%
from airlock.lab.handshakes import own_handshake

mine = {version: own_handshake(me.view, version) for version in ("TLSv1.3", "TLSv1.2")}


def in_clear(version: str) -> list:
    """The messages that an eavesdropper reads of the session of that version: he has no keys."""
    said = decode(mine[version].chunks())
    return [message for message in said if message.kind != "EncryptedRecord"]


said = decode(mine["TLSv1.3"].chunks())
closed = [message for message in said if message.kind == "EncryptedRecord"]
print("in clear: ", ", ".join(dict.fromkeys(message.kind for message in in_clear("TLSv1.3"))))
print("encrypted:", len(closed), "records,", sum(message.size for message in closed), "bytes")

wire = b"".join(chunk.data for chunk in mine["TLSv1.3"].chunks())
seen = (
    any(message.get("host_name") for message in in_clear("TLSv1.3")),
    any(message.kind == "Certificate" for message in in_clear("TLSv1.3")),
    me.shop.user.encode() in wire,
)
print("server name, certificate, login:", seen)

# %%
reveal(
    "3-c",
    observed={(False, False, False): "a", (True, False, False): "b", (True, True, False): "c"}.get(seen, "d"),
    because="Both hellos are in clear, because there is no key yet: they bring the shares. The client's names the "
    "server (SNI). After the ServerHello everything is encrypted, the certificate, too.",
)

# %% [markdown]
# ![Two handshakes, message by message. TLS 1.2, on the left: ClientHello, ServerHello, the server's certificate and both shares are in clear; from the first Finished on it is encrypted. TLS 1.3, on the right: ClientHello with a share and the server's name, and ServerHello with a share, are in clear; certificate, signature, both Finished and the login are encrypted.](handshake.svg)
#
# Now step through both, on the same sides as in the picture. Each byte of a message is explained. With the keys, look
# into the encrypted records; then take them away again, and see what the eavesdropper has.

# %%
handshake()

# %% tags=["demonstration"]
shown = next(message for message in in_clear("TLSv1.2") if message.kind == "Certificate")
whose, hosts = shown.get("subject"), shown.get("subject_alternative_name")
print("TLS 1.2 shows the certificate:", whose, "for", hosts)

# %% [markdown]
# | | TLS 1.2 | TLS 1.3 |
# |---|---|---|
# | server name (SNI), what both sides offer | in clear | in clear |
# | certificates of server *and client* | **in clear** | encrypted |
# | round trips before the first line | two | one (here two: the server asked for another kind of share) |
# | key agreement | may be RSA: a stolen key opens old recordings | always fresh shares |
# | what the server's signature covers | its share, and two random numbers | everything said so far |
# | lengths and times | show | show |
#
# ### 3.8 In your own words
#
# *Four points, marked by a person. Ten lines are enough.*
#
# A colleague connects Airflow to an old system over a protocol of his own. For the connection's password he proposes: XOR
# with a long secret that both sides have in their code, base64 for the transport, and an MD5 of the message as its check
# sum. “Nobody knows the algorithm, so nobody can break it. And it needs no certificates.” Write your answer: what somebody
# on the link can do to this scheme, **one experiment** that shows it, what TLS gives that no patch of the scheme
# does, and what to do when the old system cannot speak TLS.

# %% [markdown] written="3.8" points=4
# ### BEGIN SOLUTION
# XOR with a fixed secret is the nonce used twice, in every message: two messages laid over each other give one from the
# other, and one known message gives the secret. Base64 is no lock. An MD5 without a key can be computed anew by whoever
# changes the message: it finds accidents, not attackers. And the password can simply be sent again tomorrow.
#
# Experiment: record two log-ins of which you know one password, XOR the decoded messages with each other and with the
# known one, and read the other. Ten lines of Python, no key, no algorithm needed but what is in every client.
#
# The algorithm is in each client, each container image, each backup of the repository: it is not secret for long, and it
# cannot be changed like a key. TLS gives a fresh key for every session, so that nothing that is stolen later opens what was
# recorded; it authenticates the other side, so that nobody sits in between; and thousands of people have tried to break it,
# whose findings arrive as an update. Certificates are the price of knowing whom one talks to. Without them there is the
# attack of 3.6.
#
# If the old system cannot speak TLS: put something in front of it that does (stunnel, a sidecar, a reverse proxy on the same
# host), or SSH or WireGuard between the two hosts; and give the connection a password of its own with few rights.
#
# **Rubric** (one point each)
#
# 1. Names what breaks it without the algorithm being known: reuse of the same stream, a known message, replay, or that MD5
#    has no key and can be computed anew. (One of them, explained, is enough. “XOR is weak” is not.)
# 2. An experiment that somebody else can repeat, with what one has to see.
# 3. Two things that TLS gives and a patched scheme does not: fresh keys and forward secrecy, authentication of the other
#    side, review by many, updates, agility of algorithms. And why a secret algorithm is no key (half a point).
# 4. A realistic way for the old system: a TLS proxy in front of it, a tunnel, a separate network *with* one of these. Not
#    “then leave it”.
# ### END SOLUTION

# %% [markdown]
# ## Myth
#
# Answer, then run the experiment below.

# %%
myth(
    "3-x",
    "TLS encrypts the data with the key in the certificate. Whoever steals the server's private key can read "
    "what was recorded before.",
    truth=False,
    because="In TLS 1.3 the certificate's key *signs*, and does nothing else. The data is under keys from two shares "
    "that were made for this session and thrown away: forward secrecy. (Only TLS 1.2 with RSA key agreement was so.) "
    "The experiment steals your server's key, and tries.",
)

# %% [markdown]
# The recording of your session is still here. Three keys are tried on it: the private key of the lab's server, taken from
# its disk and put in the place of its share; the key log of another session; the key log of this one.

# %% tags=["demonstration"]
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from airlock.wire.stolen import keys_with

stolen = load_pem_private_key(Path(me.view.lab.state, "postgres", "server.key").read_bytes(), None)
recorded = mine["TLSv1.3"]
tries = {
    "the server's private key": keys_with(stolen, recorded.chunks()),
    "another session's key log": own_handshake(me.view).keys["client"],
    "this session's key log": recorded.keys["client"],
}
for whose, keys in tries.items():
    messages = decode(recorded.chunks(), keys=keys)
    tried = [each for each in messages if each.kind == "EncryptedRecord"]
    print(f"{whose:27}opens {sum(bool(each.inside) for each in tried):2} of {len(tried)} records")

# %% [markdown]
# So the stolen key is harmless? No. From now on, whoever has it can *be* the server, towards everybody who calls: that is the
# attack of 3.6 with a signature that verifies, until the certificate has expired or is no longer trusted.
#
# ## Takeaways
#
# - Encoding has no key, hashing has no way back, encryption has both. Base64 protects nothing.
# - Seal with AEAD: a fresh nonce every time, and associated data that says what the box is about.
# - A Fernet token tells its age and its length, and opens in any row. Rotation: the new key first.
# - Key agreement keeps listeners out. Only a verified signature keeps out whoever sits in between.
# - TLS keys are made for one session and forgotten. The certificate's key proves who it is, and opens nothing.
#
# ## Go deeper
#
# - [RFC 8446](https://www.rfc-editor.org/rfc/rfc8446): TLS 1.3; section 2 in one picture, appendix E for what it promises
# - [RFC 5116](https://www.rfc-editor.org/rfc/rfc5116): what an AEAD is, and [RFC 8439](https://www.rfc-editor.org/rfc/rfc8439): ChaCha20-Poly1305
# - [RFC 7748](https://www.rfc-editor.org/rfc/rfc7748): X25519, and [RFC 5869](https://www.rfc-editor.org/rfc/rfc5869): HKDF
# - [Fernet's specification](https://github.com/fernet/spec/blob/master/Spec.md): one page
# - [cryptography](https://cryptography.io/en/latest/hazmat/primitives/aead/): the library that you used, and its warnings
# - In a terminal: `./airlock practice` has three deployments of this lesson to repair
#
# ## Recall
#
# Turn each of these now, and come back tomorrow. A card that you know returns later, one that you do not returns sooner.

# %%
cards(3)
