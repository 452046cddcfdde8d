"""Every judge of lesson 2: importing this module registers them."""

from airlock.checks import lesson2_leaks, lesson2_links, lesson2_overheard, lesson2_places

__all__ = ["lesson2_leaks", "lesson2_links", "lesson2_overheard", "lesson2_places"]
