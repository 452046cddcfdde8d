"""Every judge of lesson 6's exercises: importing this module registers them."""

from airlock.checks import exercises6_fallback, exercises6_renewal, exercises6_watch

__all__ = ["exercises6_fallback", "exercises6_renewal", "exercises6_watch"]
