"""`airlock grade` for the throw-away course: as a command of its own, to be killed. No lab is asked for a view."""

import tests.course.throwaway  # noqa: F401 - registers the judges
from airlock.cli.main import main
from airlock.grading import execute

for name in ("open_view", "close_view", "reset_view"):
    setattr(execute, name, lambda _: None)

if __name__ == "__main__":
    main()
