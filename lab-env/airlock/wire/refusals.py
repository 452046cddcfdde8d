"""Why a client did not get in, read from the error's own words.

The words are those of libpq 17 and 18 and of PostgreSQL 17, and each of them was provoked in the lab. A reason says
what the text says and no more: where one text has several causes, so does the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """Why a connection was refused.

    Attributes:
        name: a few words, e.g. ``host name does not match``; UNKNOWN where the text is none of ours.
        because: one or two sentences on why.
        words: the part of the error's text that says so; empty where nothing does.
        decided: whether anybody decided against this connection. Nobody did where nothing listens, or answers.
    """

    name: str
    because: str
    words: str
    decided: bool = True


UNKNOWN = "not known"

# The pattern that is looked for, the name, the reason; {1} is the pattern's first group. The first one that fits wins.
_REASONS: tuple[tuple[str, str, str], ...] = (
    (
        r"certificate verify failed",
        "certificate verify failed",
        "The client could not verify the certificate it was shown. The text does not say what was wrong with it: "
        "an unknown authority, a self-signed certificate, one that has expired and one that is not valid yet "
        "all read the same. The TLS alert that the client sent says more.",
    ),
    (
        r'certificate for "(.+?)"(?: \(and \d+ other names?\))? does not match host name "(.+?)"',
        "host name does not match",
        "The certificate comes from an authority that the client trusts, but it is {1}'s and not {2}'s. "
        "Only `verify-full` compares the names.",
    ),
    (
        r"server does not support SSL, but SSL was required",
        "no TLS on offer",
        "The client asked for TLS, was told that there is none, and does not go on in clear. "
        "It cannot know who told it so: the server, or somebody in between.",
    ),
    (
        r"(?:rejects connection|no pg_hba\.conf entry) for host .*, no encryption",
        "server's rule: no clear text",
        "The server refused, not the client: no line of its `pg_hba.conf` lets this login in without encryption.",
    ),
    (
        r"SCRAM channel binding check failed",
        "channel binding noticed",
        "The client's proof of its password covers the certificate it saw, and that was not the server's: "
        "there are two TLS sessions, with somebody in between. The server noticed, and refused.",
    ),
    (
        r"server did not offer an authentication method that supports channel binding",
        "channel binding not on offer",
        "The client insists on channel binding, and SCRAM was offered without it (no `SCRAM-SHA-256-PLUS`). "
        "Somebody in between takes it off the list, because it would give him away.",
    ),
    (
        r"channel binding required but not supported by server's authentication request",
        "channel binding required",
        "The client insists on channel binding, which only SCRAM has. It was asked to log in another way, such as "
        "with the password in clear or hashed with md5, and gave nothing.",
    ),
    (
        r"channel binding required, but SSL not in use",
        "channel binding needs TLS",
        "The client insists on channel binding, and without TLS there is no channel to bind to.",
    ),
    (
        r'authentication method requirement "(.+?)" failed: server requested (.+)',
        "not allowed by require_auth",
        "The client was asked for {2}, and its `require_auth={1}` does not allow that: it gave nothing.",
    ),
    (
        r'root certificate file "(.+?)" does not exist',
        "root file missing",
        "The client is told to verify, and the file with the authority's certificate is not there. "
        "With `sslmode=require` the same mistake would pass in silence, and nothing would be verified.",
    ),
    (
        r'weak sslmode "(.+?)" may not be used with sslnegotiation=direct',
        "direct TLS needs require",
        "The client refused its own settings before it sent anything: direct TLS cannot fall back to clear text, and "
        "`sslmode={1}` would.",
    ),
    (
        r"connection requires a valid client certificate",
        "server requires a client certificate",
        "The server asked for a certificate of the client's and got none. Either the client has none, or does not find "
        "its file; or somebody in between, who cannot show it for the client, called the server himself.",
    ),
    (
        r'certificate authentication failed for user "(.+?)"',
        "certificate is somebody else's",
        "The server trusts the client's certificate, but its common name (CN) is not the login {1}.",
    ),
    (
        r"alert unknown ca",
        "other end does not know the authority",
        "The other end could not trace the client's certificate to an authority that it knows: it is from another one, "
        "or the intermediate between the two was not sent along.",
    ),
    (
        r"alert certificate expired",
        "client certificate expired",
        "The client showed its certificate, and the other end refused it: it has expired, by the other end's clock.",
    ),
    (
        r"alert unsupported certificate",
        "certificate is for another purpose",
        "The client showed a certificate that is not for clients: its extended key usage says something else.",
    ),
    (
        r"alert bad certificate",
        "client certificate refused",
        "The other end refused the client's certificate, and the alert does not say why. One that is not valid yet "
        "reads like this.",
    ),
    (
        r'private key file "(.+?)" has group or world access',
        "key file is open to others",
        "The client refused its own key: others on this machine can read the file {1}, so it may be a secret no more.",
    ),
    (
        r'certificate present, but not private key file "(.+?)"',
        "key file missing",
        "The client has a certificate and does not find the key that belongs to it, {1}.",
    ),
    (
        r"could not load private key file .*: key values mismatch",
        "key of another certificate",
        "The client has a certificate and a key that do not belong together.",
    ),
    (
        r'could not (?:load|read) ((?:root )?certificate|private key) file "(.+?)"',
        "file cannot be read",
        "The client cannot read its {1} from {2}: what is in the file is something else.",
    ),
    (
        r"could not find digest for NID",
        "nothing to bind the password to",
        "SCRAM would bind the password to the certificate by the hash in its signature, and an Ed25519 signature names "
        "none. A certificate signed with RSA or ECDSA works, and so does `channel_binding=disable`.",
    ),
    (
        r"alert protocol version",
        "no common TLS version",
        "The client and the other end have no version of TLS in common: each has a lowest and a highest one.",
    ),
    (
        r"alert handshake failure",
        "no common cipher suite",
        "The other end broke off the handshake: most often the two have no cipher suite in common.",
    ),
    (
        r"no protocols available",
        "no common TLS version",
        "The client may only speak versions of TLS that its own OpenSSL does not offer any more.",
    ),
    (
        r"unexpected eof while reading",
        "hung up during the handshake",
        "The client had begun TLS, and the other end hung up instead of answering. The text does not say why: "
        "whoever does not want TLS, or cannot speak it, has no other answer to a handshake.",
    ),
    (
        r"server closed the connection unexpectedly",
        "server hung up",
        "The other end closed the connection without a word. The text does not say why.",
    ),
    (
        r"password authentication failed",
        "wrong password",
        "The server did not accept the password. That has nothing to do with encryption.",
    ),
)
# No experiment took place: these say nothing about a setting.
_NOBODY: tuple[tuple[str, str, str], ...] = (
    (r"Connection refused", "nobody listens", "There is no server on that port: this says nothing about encryption."),
    (r"timeout expired", "no answer", "Nobody answered in time: this says nothing about encryption."),
)


def reason(error: str) -> Reason:
    """Why a client did not get in.

    Args:
        error: the text of the exception, as libpq and the server wrote it.
    """
    for patterns, decided in ((_REASONS, True), (_NOBODY, False)):
        for pattern, name, because in patterns:
            if found := re.search(pattern, error):
                return Reason(name, because.format("", *found.groups()), found[0], decided)
    because = "This text is not one that the course knows. It is shown as it is: read it, and trust nothing else."
    return Reason(UNKNOWN, because, "")
