"""Every judge of lesson 5: importing this module registers them."""

from airlock.checks import (
    lesson5_certificates,
    lesson5_https,
    lesson5_ladder,
    lesson5_matrix,
    lesson5_mutual,
    lesson5_paths,
    lesson5_server,
)

__all__ = [
    "lesson5_certificates",
    "lesson5_https",
    "lesson5_ladder",
    "lesson5_matrix",
    "lesson5_mutual",
    "lesson5_paths",
    "lesson5_server",
]
