"""`lab`: what a notebook may say about the running lab.

It looks the lab up at every use, so it stays right across `airlock down` and `up`, and a lab that is not there is
told in one line. What there is lies in one module a group of lessons; the clients are imported when first used.
"""

from __future__ import annotations

from airlock.lab import Lab, View
from airlock.lesson.errors import lab_needed
from airlock.lesson.lab_automation import Automation
from airlock.lesson.lab_capstone import Capstone
from airlock.lesson.lab_encryption import Encryption
from airlock.lesson.lab_services import Services


class LabFacade(Automation, Capstone, Encryption, Services):
    """The running lab, as a lesson uses it."""

    def status(self) -> None:
        """Show every service and whether it answers."""
        from airlock.lesson.status import show_status

        show_status()

    def reset(self) -> None:
        """Put your part of the lab back to how it was at the beginning. Your notebooks and answers stay."""
        from airlock.lab.provision import reset_view

        with lab_needed():
            view = View.current()
            reset_view(view)
        print(f"Team {view.prefix}: the database, connections and DAG runs are back to the beginning.")

    @property
    def ca_file(self) -> str:
        """The certificate authority that every service of the lab is to be verified by, as a PEM file."""
        with lab_needed():
            return Lab.current().ca_file

    def __repr__(self) -> str:
        return "The lab: lab.status() shows its services, lab.reset() puts your part of it back."


lab = LabFacade()
