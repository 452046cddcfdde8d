"""``lab.status()``: the services of the lab, asked now."""

from __future__ import annotations

import html
from pathlib import Path

from airlock.lab import Lab
from airlock.lab.ground import Ground
from airlock.lab.lifecycle import Health, status
from airlock.lab.services import JUPYTER
from airlock.lesson.errors import lab_needed
from airlock.lesson.markup import badge, card, eyebrow, muted, table
from airlock.lesson.show import show


def show_status() -> None:
    """Show every service with its health. Raises `airlock.lesson.errors.LessonLabDown` when there is no lab at all."""
    with lab_needed():
        everything = status(Ground(Path(Lab.current().state)))
    # Whoever reads this has a JupyterLab already, perhaps one of their own.
    services = [each for each in everything if each.service is not JUPYTER]
    show(_as_html(services), _as_text(services))


def _as_text(services: list[Health]) -> str:
    width = max(len(each.service.title) for each in services)
    lines = [f"{each.service.title:<{width}}  {_word(each):<8}  {_detail(each)}".rstrip() for each in services]
    return "\n".join([*lines, *_remedy(services)])


def _as_html(services: list[Health]) -> str:
    lines = [
        [
            f"<strong>{html.escape(each.service.title)}</strong>",
            badge(_word(each), "good" if each.ok else "bad"),
            muted(html.escape(_detail(each))),
        ]
        for each in services
    ]
    remedy = "".join(f'<div style="margin-top:6px">{html.escape(line)}</div>' for line in _remedy(services))
    body = eyebrow("THE LAB") + table(("Service", "State", ""), lines) + remedy
    return card(body, label="Status of the lab")


def _word(health: Health) -> str:
    return "answers" if health.ok else "down"


def _detail(health: Health) -> str:
    return f"for {_duration(health.uptime)}" if health.ok else health.detail


def _duration(seconds: float) -> str:
    minutes = int(seconds // 60)
    return (
        f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min" if minutes else "under a minute"
    )


def _remedy(services: list[Health]) -> list[str]:
    return [] if all(each.ok for each in services) else ["In a terminal, run: ./airlock up"]
