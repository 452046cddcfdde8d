"""Every judge of lesson 6: importing this module registers them."""

from airlock.checks import (
    lesson6_breakdowns,
    lesson6_hardened,
    lesson6_leak,
    lesson6_renewal,
    lesson6_shortcuts,
    lesson6_watch,
)

__all__ = [
    "lesson6_breakdowns",
    "lesson6_hardened",
    "lesson6_leak",
    "lesson6_renewal",
    "lesson6_shortcuts",
    "lesson6_watch",
]
