"""`airlock grade` for the throw-away course: as a command of its own, to be killed. No lab is asked for a view."""

import tests.course.throwaway  # noqa: F401 - registers the judges
from airlock.cli.main import main
from airlock.lab import provision

# Where they come from: to import what calls them takes a second, in which the command itself does something else.
for name in ("open_view", "close_view", "reset_view"):
    setattr(provision, name, lambda _: None)

if __name__ == "__main__":
    main()
