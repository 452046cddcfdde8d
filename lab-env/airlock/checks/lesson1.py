"""Every judge of lesson 1: importing this module registers them."""

from airlock.checks import lesson1_airflow, lesson1_decode, lesson1_describe, lesson1_homes

__all__ = ["lesson1_airflow", "lesson1_decode", "lesson1_describe", "lesson1_homes"]
