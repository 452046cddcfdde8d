"""What nbgrader knows on a learner's side of the hub: which course, where the exchange is, where hand-ins are."""

import os

c = get_config()  # noqa: F821 - nbgrader defines it
c.CourseDirectory.course_id = "airlock"
c.Exchange.root = os.environ["AIRLOCK_EXCHANGE"]
c.Exchange.assignment_dir = os.environ["AIRLOCK_WORK"]
