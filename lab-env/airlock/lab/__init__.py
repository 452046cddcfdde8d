"""The lab: real services, started, watched and described.

Everything above this part sees the lab through three names: `Lab` (what is running and where), `View` (one
learner's own part of it) and `LabDown` (it is not there, and the command that mends that).
"""

from airlock.lab.description import Lab, LabDown
from airlock.lab.seed import Seed
from airlock.lab.view import Login, View

__all__ = ["Lab", "LabDown", "Login", "Seed", "View"]
