"""Every judge of lesson 5's exercises: importing this module registers them."""

from airlock.checks import exercises5_paths, exercises5_renewal, exercises5_rules, exercises5_words

__all__ = ["exercises5_paths", "exercises5_renewal", "exercises5_rules", "exercises5_words"]
