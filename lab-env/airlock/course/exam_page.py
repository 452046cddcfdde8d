"""``exam()``: begin an exam, see its clock, hand it in, see how it went; in a notebook."""

from __future__ import annotations

import html
from typing import Any

from airlock import paths
from airlock.course import exam as rules
from airlock.course import layout
from airlock.course.exam_result import result
from airlock.lab import Lab, View
from airlock.lab.provision import open_view
from airlock.lab.sitting import Sitting
from airlock.lesson import report_view
from airlock.lesson.errors import LessonError, lab_needed
from airlock.lesson.markup import eyebrow, inline, link, muted
from airlock.lesson.show import live, show_widget
from airlock.lesson.spoken import SAID


def exam() -> None:
    """Show where the learner's exam stands, with what can be done about it."""
    if live():
        show_widget(_Desk().widget, as_text())
    else:
        print(as_text())


def as_text() -> str:
    """The same for a terminal."""
    sittings = Sitting.all(paths.work_dir())
    if not sittings:
        return "No exam was begun. In a terminal: ./airlock exam start --lessons 2,4"
    return "\n".join(f"{each.name}: {'handed in' if each.handed_in else each.left_in_words()}" for each in sittings)


class _Desk:
    """Before, during and after an exam: three faces of one card."""

    def __init__(self) -> None:
        import ipywidgets as widgets

        from airlock.lesson import interactive

        self._kit = interactive
        self.text = interactive.Linked()
        self.said = interactive.Linked()
        self.boxes: dict[int, Any] = {
            number: widgets.Checkbox(description=f"Lesson {number}", indent=False, layout=_narrow(widgets))
            for number in layout.lessons()
        }
        self.usual = {number: rules.minutes_for([number]) for number in layout.lessons()}
        for box in self.boxes.values():
            box.observe(lambda _: self._suggest(), "value")
        self.minutes: Any = widgets.BoundedIntText(
            value=0, min=0, max=600, description="Minutes", layout=widgets.Layout(width="12em")
        )
        self.choice: Any = interactive.row(*self.boxes.values(), self.minutes)
        self.begin = interactive.button("Begin the exam", self._begin, primary=True)
        self.look = interactive.button("Look at the clock", self._draw)
        self.done = interactive.button("Hand in", self._ask)
        self.sure = interactive.button("Yes, all notebooks are saved: hand in", self._hand_in)
        self.result = interactive.button("See how it went", self._result)
        buttons = interactive.row(self.begin, self.look, self.done, self.sure, self.result)
        self.widget = interactive.card(self.text.widget, self.choice, buttons, self.said.widget)
        self._draw()

    def _draw(self) -> None:
        sittings = Sitting.all(paths.work_dir())
        running = next((each for each in sittings if each.running), None)
        last = max(sittings, key=lambda each: each.begun, default=None)
        for widget, shown in (
            (self.choice, not running),
            (self.begin, not running),
            (self.look, bool(running)),
            (self.done, bool(running)),
            (self.sure, False),
            (self.result, bool(last) and not running),
        ):
            self._kit.visible(widget, shown)
        if running:
            self._open(running)
            self.text.value = eyebrow("EXAM") + _running(running)
        else:
            self.text.value = eyebrow("EXAM") + (_over(last) if last else "") + _OFFER

    def _open(self, sitting: Sitting) -> None:
        # After a restart of the machine the lab is there again, and the view of the exam may not be.
        try:
            with lab_needed():
                open_view(View(Lab.current(), sitting.seed))
        except LessonError as error:
            self._say(inline(str(error)))

    def _suggest(self) -> None:
        self.minutes.value = sum(self.usual[number] for number in self._chosen())
        self._say("")

    def _chosen(self) -> list[int]:
        return [number for number, box in self.boxes.items() if box.value]

    def _begin(self) -> None:
        if not self._chosen():
            self._say("Choose the lessons first.")
            return
        self._say(muted("Laying out the exam …"))
        try:
            with lab_needed():
                Lab.current()
            sitting = rules.begin(self._chosen(), int(self.minutes.value) or None)
        except (rules.NoExam, LessonError) as why:
            self._say(inline(str(why)))
            return
        self._draw()
        self.look.focus()  # the button that was pressed is gone, and the focus with it
        self._say(f"It has begun. Receipt {sitting.receipt}: whoever supervises it may want to note that down.")

    def _ask(self) -> None:
        self._kit.visible(self.sure, True)
        self._say("Save every notebook of the exam first (Ctrl+S): what is not saved is not handed in.")
        self.sure.focus()

    def _hand_in(self) -> None:
        running = next((each for each in Sitting.all(paths.work_dir()) if each.running), None)
        if running:
            archive = rules.hand_in(running)
            self._draw()
            self.result.focus()
            self._say(f"Handed in. For whoever grades it: {link(archive.name, archive.name)}")

    def _result(self) -> None:
        sitting = max(Sitting.all(paths.work_dir()), key=lambda each: each.begun)
        reports = []
        try:
            with lab_needed():
                for report in result(sitting, lambda what: self._say(muted(html.escape(f"{what} …")))):
                    reports.append(report)
        except (rules.NoExam, LessonError) as why:
            self._say(inline(str(why)))
            return
        earned, points = sum(each.earned for each in reports), sum(each.points for each in reports)
        total = f"<strong>{earned:g} of {points:g} points.</strong> Written answers wait for a person."
        self._say(total + "".join(report_view.to_html(each) for each in reports))

    def _say(self, text: str) -> None:
        self.said.value = f'<div {SAID} style="margin-top:8px">{text}</div>' if text else ""


def _narrow(widgets: Any) -> Any:
    return widgets.Layout(width="7.5em", margin="4px 0 0")


_OFFER = (
    '<div style="margin-top:4px">All graded tasks of the lessons you choose, with new passwords, names and rows. The '
    "clock runs from the moment you begin, also while the machine is off. There are no hints, and no report before "
    "you hand in.</div>"
)


def _running(sitting: Sitting) -> str:
    left = f"<strong>{html.escape(sitting.left_in_words().capitalize())}</strong>"
    files = [link(f"{sitting.name}/{file.name}", file.stem.replace("-", " ")) for file in _notebooks(sitting)]
    tasks, seen = rules.tasks_of(sitting.lessons), sitting.seen()
    missing = ", ".join(task for task in tasks if task not in seen)
    rest = f"; not yet: {missing}" if missing else ""
    state = f"{len(seen)} of {len(tasks)} answers seen{rest}"
    clock = f"{left} of {sitting.minutes}, until {sitting.ends.astimezone():%H:%M}"
    return f"<div>{clock}. {state}.</div><div>{', '.join(files)}</div>"


def _over(sitting: Sitting) -> str:
    when = f"{sitting.handed_in:%d %B, %H:%M} UTC" if sitting.handed_in else ""
    files = [link(f"{sitting.name}/{file.name}", file.stem.replace("-", " ")) for file in _notebooks(sitting)]
    return (
        f"<div>{sitting.name} was handed in on {when}. Receipt {sitting.receipt}. Its checks show their reports now: "
        f"{', '.join(files)}.</div>"
    )


def _notebooks(sitting: Sitting) -> list[Any]:
    return sorted(sitting.folder.glob("*.ipynb"))
