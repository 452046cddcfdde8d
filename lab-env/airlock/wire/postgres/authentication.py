"""How a PostgreSQL client proves who it is: the server's demands (type R) and the client's answers (type p)."""

from __future__ import annotations

from airlock.wire.flow import all_of_it
from airlock.wire.message import Shape
from airlock.wire.notes import Notes, readable
from airlock.wire.postgres import scram
from airlock.wire.postgres.shapes import typed


def demand(code: int) -> Shape:
    """The shape of the server's message with that code."""
    return _DEMANDS.get(code, _UNKNOWN_DEMAND)


def reply(asked: str) -> Shape:
    """The shape of a client's message of type p after the server's demand ``asked`` (its kind; empty if none)."""
    return _REPLIES.get(asked, _UNASKED)


def _code(notes: Notes) -> None:
    notes.number(4, "authentication", "which demand this is", _CODES)


def _md5(notes: Notes) -> None:
    _code(notes)
    notes.take(4, "salt", "four random bytes for the answer; too few to stop a table of answers")


def _sasl(notes: Notes) -> None:
    _code(notes)
    while notes.left > 1:
        notes.string("mechanism", "a way to log in that the server accepts; -PLUS can bind to the TLS channel")
    notes.take(1, "end", "a zero byte ends the list", lambda _: None)


def _sasl_text(notes: Notes) -> None:
    _code(notes)
    with notes.group("scram", "the server's SCRAM message", notes.left):
        scram.attributes(notes)


def _with_data(notes: Notes) -> None:
    _code(notes)
    if notes.left:
        notes.rest("data", "belongs to the mechanism")


def _password(notes: Notes) -> None:
    notes.string("password", "the password itself: whoever reads this needs nothing else to log in")


def _hashed(notes: Notes) -> None:
    notes.string("password", "'md5' and md5(md5(password + user) + salt): guesses can be tried against it offline")


def _unasked(notes: Notes) -> None:
    notes.rest("password", "an answer to a demand that was not seen", readable)


def _initial(notes: Notes) -> None:
    mechanism = notes.string("mechanism", "the way to log in that the client chose")
    size = notes.signed(4, "data_length", "bytes of the first message; -1 for none")
    if size == -1:
        return
    with notes.group("scram" if mechanism.startswith("SCRAM") else "data", "the client's first message", size):
        if mechanism.startswith("SCRAM"):
            scram.client_first(notes)
        else:
            notes.rest("data", f"as {mechanism} wants it", readable)


def _token(notes: Notes) -> None:
    notes.rest("data", "a token of GSSAPI or SSPI")


def _final(notes: Notes) -> None:
    with notes.group("scram", "the client's SCRAM proof", notes.left):
        scram.attributes(notes)


_DEMANDS = {
    0: typed("AuthenticationOk", "the login succeeded", _code),
    2: typed("AuthenticationKerberosV5", "asks for Kerberos V5; no server does any more", _code),
    3: typed("AuthenticationCleartextPassword", "asks for the password itself", _code),
    5: typed("AuthenticationMD5Password", "asks for a salted MD5 hash of the password", _md5),
    7: typed("AuthenticationGSS", "asks for GSSAPI", _code),
    8: typed("AuthenticationGSSContinue", "goes on with GSSAPI or SSPI", _with_data),
    9: typed("AuthenticationSSPI", "asks for SSPI", _code),
    10: typed("AuthenticationSASL", "asks for SASL, and says which mechanisms will do", _sasl),
    11: typed("AuthenticationSASLContinue", "the server's challenge: nonce, salt and iterations", _sasl_text),
    12: typed("AuthenticationSASLFinal", "the server proves that it knows the verifier", _sasl_text),
}
_CODES = {code: shape.kind.removeprefix("Authentication") for code, shape in _DEMANDS.items()}
_UNKNOWN_DEMAND = typed("Authentication", "asks for something that is not documented", all_of_it, known=False)

_GSS_REPLY = typed("GSSResponse", "the client's side of GSSAPI or SSPI", _token)
_REPLIES = {
    "AuthenticationCleartextPassword": typed("PasswordMessage", "the password, in the clear", _password),
    "AuthenticationMD5Password": typed("PasswordMessage", "a salted hash of the password", _hashed),
    "AuthenticationSASL": typed("SASLInitialResponse", "chooses a mechanism and begins", _initial),
    "AuthenticationSASLContinue": typed("SASLResponse", "answers the server's challenge", _final),
    "AuthenticationGSS": _GSS_REPLY,
    "AuthenticationGSSContinue": _GSS_REPLY,
    "AuthenticationSSPI": _GSS_REPLY,
}
_UNASKED = typed("PasswordMessage", "an answer to a demand that was not seen", _unasked)
