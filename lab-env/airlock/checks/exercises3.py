"""Every judge of lesson 3's exercises: importing this module registers them."""

from airlock.checks import exercises3_export, exercises3_tickets, exercises3_webhook

__all__ = ["exercises3_export", "exercises3_tickets", "exercises3_webhook"]
