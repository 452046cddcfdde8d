"""Read by every `nbgrader` command that is run in this folder. The settings are in the package, with their reasons."""

from airlock.grading.config import configure

configure(get_config())  # noqa: F821 - nbgrader defines it
