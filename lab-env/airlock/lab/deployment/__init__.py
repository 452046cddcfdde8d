"""The capstone's deployment: a dozen connections of a team with a dozen kinds of fault, and those who live off them.

`generate` makes one from a seed, as pure data; `plant` puts it into the lab's own services; `snapshot` reads back what
is there now, in the same form; `raid` lets the attackers loose on it and counts what they read.
"""

from airlock.lab.deployment.faults import FAULTS, LINKS, Finding
from airlock.lab.deployment.generate import Deployment, generate
from airlock.lab.deployment.place import Place, invented, of

__all__ = ["FAULTS", "LINKS", "Deployment", "Finding", "Place", "generate", "invented", "of"]
