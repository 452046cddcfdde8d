"""The judges of the capstone: importing this module registers them."""

from airlock.checks import lesson6_capstone_audit, lesson6_capstone_repair

__all__ = ["lesson6_capstone_audit", "lesson6_capstone_repair"]
