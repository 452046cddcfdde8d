"""Five learners on one hub, at once: sign in, lesson 1 to full marks, hand in; the teacher collects and grades.

Real accounts of this machine, made for the test and deleted. Asked for, as root: ./airlock test -m hub
"""

from __future__ import annotations

import csv
import os
import pwd
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from tests.hub import lesson
from tests.hub.browser import Browser
from tests.hub.workshop import Workshop, obstacle, opened

pytestmark = [pytest.mark.hub, pytest.mark.timeout(5400)]

LEARNERS = 5
T = TypeVar("T")


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    if why := obstacle():
        if os.environ.get("AIRLOCK_REQUIRE_HUB"):
            pytest.fail(f"no hub: {why}")
        pytest.skip(f"no hub: {why}")
    with opened(LEARNERS) as workshop:
        yield workshop


@pytest.fixture(scope="module")
def learners(workshop: Workshop) -> list[Browser]:
    """Five browsers that are signed in, with their servers and labs up: all five began at the same moment."""
    browsers = [workshop.browser(name) for name in workshop.passwords]

    def arrive(browser: Browser) -> None:
        assert browser.sign_in().url.path == "/hub/home"
        browser.start_server()
        workshop.await_lab(browser.name, 900)

    together(arrive, browsers)
    return browsers


def together(what: Callable[[Browser], T], browsers: list[Browser]) -> list[T]:
    """All learners do it at the same time."""
    with ThreadPoolExecutor(len(browsers)) as pool:
        return list(pool.map(what, browsers))


def test_nobody_else_gets_in(workshop: Workshop, learners: list[Browser]) -> None:
    name = learners[0].name
    assert Browser(workshop.address, name, "guessed").sign_in().status_code == 403
    assert Browser(workshop.address, "root", "guessed").sign_in().status_code == 403
    other = workshop.browser(name)
    other.sign_in()
    assert other.page(f"/user/{learners[1].name}/lab").status_code == 403  # signed in, and not theirs


def test_each_has_ports_and_a_home_of_their_own(workshop: Workshop, learners: list[Browser]) -> None:
    mine, others = learners[0].name, [browser.name for browser in learners[1:]]
    listening = {name: _listening(workshop, name) for name in (mine, *others)}
    assert all(len(ports) > 20 for ports in listening.values())
    assert len(set().union(*listening.values())) == sum(map(len, listening.values()))
    for name in others:
        for closed in (f"/home/{name}", f"/home/{name}/work", f"/home/{name}/.airlock"):
            assert "Permission denied" in workshop.as_learner(mine, "ls", closed).stderr


def test_what_is_shared_can_be_read_and_not_written(workshop: Workshop, learners: list[Browser]) -> None:
    mine, course = learners[0].name, workshop.course
    assert workshop.as_learner(mine, "ls", str(course / "notebooks")).returncode == 0
    for closed in (course / "solutions", workshop.folder / "state"):
        assert "Permission denied" in workshop.as_learner(mine, "ls", str(closed)).stderr
    written = workshop.as_learner(
        mine, "find", str(course), str(Path(os.sys.prefix)), "-writable", "-not", "-type", "l"
    )
    assert written.stdout == ""


def test_secrets_of_the_hub_are_root_s(workshop: Workshop, learners: list[Browser]) -> None:
    hub = workshop.folder / "state" / "hub"
    assert stat.S_IMODE(hub.stat().st_mode) == 0o700
    assert stat.S_IMODE((hub / "cookie-secret").stat().st_mode) == 0o600
    for process in workshop.processes(learners[0].name):
        assert "CONFIGPROXY_AUTH_TOKEN" not in process.environ()


def test_learners_do_not_see_formgrader(learners: list[Browser]) -> None:
    page = learners[0].page("lab").text
    for name in ("formgrader", "create-assignment", "course-list"):
        assert f"@jupyter/nbgrader:{name}" in page.partition('"disabledExtensions"')[2].partition("]")[0]
    assert learners[0].page("formgrader").status_code == 404


def test_five_do_lesson_1_at_once_to_full_marks_and_hand_in(workshop: Workshop, learners: list[Browser]) -> None:
    workshop.teacher("release_assignment", "lesson-1", module="nbgrader")
    done = together(lesson.work_through, learners)
    print("seconds of lesson 1, five at once:", sorted(round(each.seconds) for each in done))
    assert [each.lost for each in done] == [{}] * LEARNERS
    for browser in learners:
        [offered] = browser.page("assignments?course_id=airlock").json()["value"]
        assert (offered["assignment_id"], offered["status"]) == ("lesson-1", "fetched")
        assert browser.post("assignments/submit", course_id="airlock", assignment_id="lesson-1")["success"]
    inbound = workshop.folder / "exchange" / "airlock" / "inbound"
    assert "Permission denied" in workshop.as_learner(learners[0].name, "ls", str(inbound)).stderr
    theirs = next(each for each in inbound.iterdir() if each.name.startswith(learners[1].name))
    moved = workshop.as_learner(learners[0].name, "mv", str(theirs), str(inbound / "gone"))
    assert moved.returncode  # not even by who knows the name


def test_a_server_that_is_stopped_takes_its_lab_along(workshop: Workshop, learners: list[Browser]) -> None:
    name = learners[0].name
    assert len(workshop.processes(name)) > 8
    assert learners[0].stop_server() in (202, 204)
    gone_within(180, workshop, name)
    assert len(workshop.processes(learners[1].name)) > 8


def test_the_hub_takes_all_of_them_along(workshop: Workshop, learners: list[Browser]) -> None:
    assert workshop.hub is not None
    workshop.stop()
    assert [process.cmdline() for name in workshop.passwords for process in workshop.processes(name)] == []
    assert not psutil.pid_exists(workshop.hub.pid) or workshop.hub.poll() is not None
    assert all(pwd.getpwnam(name) for name in workshop.passwords)


def test_who_is_idle_loses_server_and_lab_and_no_file(workshop: Workshop) -> None:
    workshop.stop()
    workshop.start("--idle", "1")
    [name, *_] = workshop.passwords
    browser = workshop.browser(name)
    browser.sign_in()
    browser.start_server()
    assert len(workshop.processes(name)) > 1
    gone_within(360, workshop, name)
    assert (Path("/home") / name / "work" / "lesson-1" / "learner.json").exists()
    workshop.stop()


def test_the_teacher_collects_and_grades_all_of_them_to_full_marks(workshop: Workshop) -> None:
    workshop.teacher("collect", "lesson-1", module="nbgrader")
    workshop.teacher("up")
    workshop.teacher("grade", "--lesson", "1", timeout=3600)
    with (workshop.course / "grades.csv").open(newline="") as file:
        scores = {line["learner"]: float(line["score"]) for line in csv.DictReader(file)}
    assert scores == dict.fromkeys(workshop.passwords, lesson.points())


def gone_within(seconds: float, workshop: Workshop, name: str) -> None:
    """Wait until nothing runs under a learner's account."""
    deadline = time.monotonic() + seconds
    while left := workshop.processes(name):
        assert time.monotonic() < deadline, left
        time.sleep(1)


def _listening(workshop: Workshop, name: str) -> set[int]:
    found: set[int] = set()
    for process in workshop.processes(name):
        for connection in process.net_connections():
            if connection.status == psutil.CONN_LISTEN:
                assert connection.laddr.ip in ("127.0.0.1", "::1"), (process.cmdline(), connection.laddr)
                found.add(connection.laddr.port)
    return found
