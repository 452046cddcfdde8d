"""A warehouse for an owner who is shut in, and may start and stop it but not say what is run."""

from __future__ import annotations

from pathlib import Path

from airlock.lab.locks import exclusive
from airlock.lab.view import View
from airlock.lab.warehouse import template
from airlock.lab.warehouse.place import Place
from airlock.lab.warehouse.server import Server, own_folder


def announce(view: View) -> tuple[Path, ...]:
    """Make a team's warehouse known to the supervisor; nothing is started. `remove` takes it back.

    Returns:
        The folders that its owner needs to write to.

    Raises:
        LabDown: the lab is not there.
    """
    place = Place(view.lab, view.prefix)
    with exclusive(view.lab, place.name):
        place.choose_ports(server=True, doors=True)
        template.make(place)
        own_folder(place.socket_folder)
        place.log.touch()
        Server(place).announce()
    return place.main.parent, place.socket_folder
