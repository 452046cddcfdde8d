"""Ask a PKCS #11 module for the value of a private key, and print its answer: ``pkcs11 <module> <pin>``.

A program of its own, so that the module is loaded into no process that goes on. The numbers are those of PKCS #11 2.40.
"""

from __future__ import annotations

import ctypes
import sys

_CKF_SERIAL_SESSION, _CKU_USER = 4, 1
_CKA_CLASS, _CKO_PRIVATE_KEY, _CKA_VALUE = 0x0, 3, 0x11
_ANSWERS = {0x0: "CKR_OK", 0x11: "CKR_ATTRIBUTE_SENSITIVE", 0x12: "CKR_ATTRIBUTE_TYPE_INVALID"}


class _Attribute(ctypes.Structure):
    _fields_ = (("type", ctypes.c_ulong), ("value", ctypes.c_void_p), ("length", ctypes.c_ulong))


def value_of_the_private_key(module: str, pin: str) -> str:
    """Log in to the first token and ask for the value of its private key; returns the module's answer by name.

    Raises:
        RuntimeError: it does not come to the question.
    """
    library = ctypes.CDLL(module)

    def call(function: str, *arguments: object) -> None:
        if code := getattr(library, function)(*arguments):
            raise RuntimeError(f"{function}: 0x{code:x}")

    number, slots = ctypes.c_ulong(8), (ctypes.c_ulong * 8)()
    session, key, found = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_ulong()
    call("C_Initialize", None)
    call("C_GetSlotList", 1, slots, ctypes.byref(number))
    call(
        "C_OpenSession",
        ctypes.c_ulong(slots[0]),
        ctypes.c_ulong(_CKF_SERIAL_SESSION),
        None,
        None,
        ctypes.byref(session),
    )
    call("C_Login", session, ctypes.c_ulong(_CKU_USER), pin.encode(), ctypes.c_ulong(len(pin)))
    kind = ctypes.c_ulong(_CKO_PRIVATE_KEY)
    wanted = _Attribute(_CKA_CLASS, ctypes.addressof(kind), ctypes.sizeof(kind))
    call("C_FindObjectsInit", session, ctypes.byref(wanted), ctypes.c_ulong(1))
    call("C_FindObjects", session, ctypes.byref(key), ctypes.c_ulong(1), ctypes.byref(found))
    room = ctypes.create_string_buffer(256)
    value = _Attribute(_CKA_VALUE, ctypes.addressof(room), ctypes.sizeof(room))
    if found.value != 1:
        raise RuntimeError("the token has no private key")
    code = library.C_GetAttributeValue(session, key, ctypes.byref(value), ctypes.c_ulong(1))
    return _ANSWERS.get(code, f"0x{code:x}")


if __name__ == "__main__":
    print(value_of_the_private_key(*sys.argv[1:3]))
