"""Every judge of lesson 4: importing this module registers them."""

from airlock.checks import (
    lesson4_aws,
    lesson4_failures,
    lesson4_moved,
    lesson4_policy,
    lesson4_rest,
    lesson4_rotation,
)

__all__ = ["lesson4_aws", "lesson4_failures", "lesson4_moved", "lesson4_policy", "lesson4_rest", "lesson4_rotation"]
