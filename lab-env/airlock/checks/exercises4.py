"""Every judge of lesson 4's exercises: importing this module registers them."""

from airlock.checks import exercises4_aws, exercises4_policy, exercises4_rotation, exercises4_shadow

__all__ = ["exercises4_aws", "exercises4_policy", "exercises4_rotation", "exercises4_shadow"]
