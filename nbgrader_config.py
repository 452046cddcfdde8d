"""Read by every `nbgrader` command that is run in this folder, and by `./airlock grade`.

The course's settings are in the package, with their reasons. Your own go below them.
"""

from airlock.grading.config import configure

c = get_config()  # noqa: F821 - nbgrader defines it
configure(c)

# Late hand-ins (a due date is set with ./airlock grade --lesson 1 --due 2026-12-01T18:00):
# c.LatePerDay.share = 0.1  # a tenth of the score for each day begun
# c.LatePerDay.most = 0.5  # and never more than half of it
