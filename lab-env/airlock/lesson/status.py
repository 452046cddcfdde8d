"""``lab.status()``: the services of the lab, asked now."""

from __future__ import annotations

import html

from airlock.lab.ground import Ground
from airlock.lab.lifecycle import Health, status
from airlock.lesson.errors import LessonLabDown
from airlock.lesson.markup import badge, card, eyebrow, muted, table
from airlock.lesson.show import show


def show_status() -> None:
    """Show every service with its health. Raises `LessonLabDown` when there is no lab at all."""
    services = status(Ground.prepare())
    if not services:
        raise LessonLabDown("The lab is not running. In a terminal, run: ./airlock up")
    show(_as_html(services), _as_text(services))


def _as_text(services: list[Health]) -> str:
    width = max(len(each.service.title) for each in services)
    lines = [
        f"{each.service.title:<{width}}  {_word(each):<8}  {_detail(each)}".rstrip() for each in services
    ]
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
        f"{minutes // 60} h {minutes % 60} min"
        if minutes >= 60
        else f"{minutes} min"
        if minutes
        else "under a minute"
    )


def _remedy(services: list[Health]) -> list[str]:
    return [] if all(each.ok for each in services) else ["In a terminal, run: ./airlock up"]
