"""Every judge of lesson 3: importing this module registers them."""

from airlock.checks import (
    lesson3_agree,
    lesson3_records,
    lesson3_rotation,
    lesson3_seal,
    lesson3_signed,
    lesson3_takeover,
    lesson3_token,
)

__all__ = [
    "lesson3_agree",
    "lesson3_records",
    "lesson3_rotation",
    "lesson3_seal",
    "lesson3_signed",
    "lesson3_takeover",
    "lesson3_token",
]
