"""Hand-ins as they come from an LMS, from a mailbox, from somebody who means harm."""

from __future__ import annotations

import io
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from airlock.grading import collect
from airlock.grading.collect import Collected, Unreadable
from airlock.grading.times import NoTimes, Times, stamped

NOTEBOOK = b'{"cells": []}'


@pytest.fixture
def school(course: Path) -> Path:
    """A course with lesson 9, released."""
    folder = course / "notebooks" / "lesson-9"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lesson.ipynb").write_bytes(NOTEBOOK)
    return course


def packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


HAND_IN = packed({"lesson-9/lesson.ipynb": NOTEBOOK, "lesson-9/learner.json": b"{}", "lesson-9/sub/a.py": b""})


@pytest.mark.parametrize(
    ("entries", "learner"),
    [
        ({"Ada Lovelace_4711_assignsubmission_file_/lesson-9.zip": HAND_IN}, "ada-lovelace"),
        ({"Zoë Å_4711_assignsubmission_file_lesson-9.zip": HAND_IN}, "zoe-a"),
        ({"lovelaceada_4711_991_lesson-9.zip": HAND_IN}, "lovelaceada"),
        ({"lovelaceada_LATE_4711_991_lesson-9-2.zip": HAND_IN}, "lovelaceada"),
        (
            {
                "Lesson 9_alovelace_attempt_2026-11-28-10-30-00.txt": b"Name: Ada",
                "Lesson 9_alovelace_attempt_2026-11-28-10-30-00_lesson-9.zip": HAND_IN,
            },
            "alovelace",
        ),
        (
            {"ada/lesson-9/lesson.ipynb": NOTEBOOK, "ada/lesson-9/learner.json": b"{}", "ada/lesson-9/sub/a.py": b""},
            "ada",
        ),
        ({"ada.zip": HAND_IN}, "ada"),
        ({"ada_lesson-9.zip": packed({"lesson.ipynb": NOTEBOOK, "learner.json": b"{}", "sub/a.py": b""})}, "ada"),
        ({"ada/lesson.ipynb": NOTEBOOK, "ada/learner.json": b"{}"}, "ada"),
        ({"lesson-9/lesson.ipynb": NOTEBOOK, "lesson-9/learner.json": b"{}"}, "download"),
    ],
    ids=["moodle", "moodle-flat", "canvas", "canvas-late", "blackboard", "folders", "zips", "own", "loose", "one"],
)
@pytest.mark.parametrize("unpacked", [False, True], ids=["zip", "folder"])
def test_each_shape_is_sorted(
    school: Path, tmp_path: Path, entries: dict[str, bytes], learner: str, unpacked: bool
) -> None:
    origin = tmp_path / ("download" if unpacked else "download.zip")
    if unpacked:
        for name, content in entries.items():
            (origin / name).parent.mkdir(parents=True, exist_ok=True)
            (origin / name).write_bytes(content)
    else:
        origin.write_bytes(packed(entries))
    assert collect.collect(origin) == ([Collected(learner, "lesson-9", "new")], [])
    folder = school / "submitted" / learner / "lesson-9"
    assert (folder / "lesson.ipynb").read_bytes() == NOTEBOOK
    assert (folder / "learner.json").read_bytes() == b"{}"


def test_a_later_hand_in_replaces_and_the_older_is_kept(school: Path, tmp_path: Path) -> None:
    origin = tmp_path / "class.zip"
    states = []
    for content in (b"1", b"1", b"2"):
        origin.write_bytes(packed({"ada/lesson-9/lesson.ipynb": content}))
        states += [each.state for each in collect.collect(origin)[0]]
    assert states == ["new", "unchanged", "replaced"]
    assert (school / "submitted/ada/lesson-9/lesson.ipynb").read_bytes() == b"2"
    [past] = (school / collect.PAST / "ada").iterdir()
    assert (past / "lesson.ipynb").read_bytes() == b"1"


def test_one_bad_entry_does_not_stop_the_others(school: Path, tmp_path: Path) -> None:
    origin = tmp_path / "class.zip"
    origin.write_bytes(
        packed(
            {
                "ada/lesson-9.zip": b"PK no zip at all",
                "bob/essay.docx": b"x",
                "cyd/lesson-9/lesson.ipynb": NOTEBOOK,
                "eve/lesson-9/lesson.ipynb": b"\0" * (collect.MAX_BYTES + 1),
                "fay/lesson-9.zip": packed({"lesson.ipynb": b"\0" * (collect.MAX_BYTES + 1)}),
                "gus/lesson-77/lesson.ipynb": NOTEBOOK,
                "Zoe/lesson-9/lesson.ipynb": NOTEBOOK,
                "zoë/lesson-9/lesson.ipynb": NOTEBOOK,
            }
        )
    )
    done, remarks = collect.collect(origin)
    assert [each.learner for each in done] == ["zoe", "cyd", "gus"]  # gus: the notebook's own name says lesson 9
    said = dict(zip(("ada", "bob", "eve", "fay", "zoë"), sorted(remarks, key=lambda each: each[1]), strict=True))
    assert "cannot be unpacked" in said["ada"]
    assert "no notebook of this course" in said["bob"]
    assert "more than" in said["eve"]
    assert "more than" in said["fay"]
    assert "are both zoe" in said["zoë"]


def test_nothing_leaves_the_hand_in_and_no_link_comes_along(school: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("eve/lesson-9/key.pem")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    origin = tmp_path / "class.zip"
    with zipfile.ZipFile(origin, "w") as archive:
        archive.writestr("eve/lesson-9/lesson.ipynb", NOTEBOOK)
        archive.writestr("eve/lesson-9/../../../gradebook.db", b"all A")
        archive.writestr("/abs/lesson-9/lesson.ipynb", NOTEBOOK)
        archive.writestr("..\\up/lesson-9/lesson.ipynb", NOTEBOOK)
        archive.writestr(link, "/etc/shadow")
    done, _ = collect.collect(origin)
    assert [each.learner for each in done] == ["eve"]
    assert [file.name for file in (school / "submitted").rglob("*") if file.is_file()] == ["lesson.ipynb"]
    assert not (school / "gradebook.db").exists()
    folder = tmp_path / "inbox" / "eve" / "lesson-9"
    folder.mkdir(parents=True)
    (folder / "lesson.ipynb").symlink_to("/etc/passwd")
    assert collect.collect(tmp_path / "inbox")[0] == []


def test_a_file_and_a_folder_of_one_name(school: Path, tmp_path: Path) -> None:
    origin = tmp_path / "class.zip"
    origin.write_bytes(packed({"ada/lesson-9/lesson.ipynb": NOTEBOOK, "ada/lesson-9/a": b"", "ada/lesson-9/a/b": b""}))
    done, remarks = collect.collect(origin)
    assert done == []
    assert "cannot be written" in remarks[0]
    assert not (school / "submitted" / "ada" / "lesson-9").exists()


def test_no_archive_at_all(school: Path, tmp_path: Path) -> None:
    file = tmp_path / "class.rar"
    file.write_bytes(b"Rar!")
    with pytest.raises(Unreadable, match="neither a folder nor a zip"):
        collect.read(file)


BLACKBOARD = "Lesson 9_alovelace_attempt_2026-11-28-10-30-00_lesson-9.zip"
MOODLE = "Ada Lovelace_4711_assignsubmission_file_/lesson-9.zip"
CANVAS = "lovelaceada_LATE_4711_991_lesson-9.zip"
HERE = datetime(2026, 11, 28, 10, 30).astimezone()  # an LMS writes no zone
WORKSHEET = (
    'Identifier,"Full name","Email address",Status,"Last modified (submission)"\n'
    'Participant 4711,"Lovelace, Ada",a@b.org,Submitted,"Saturday, 28 November 2026, 10:30 AM"\n'
    'Participant 4712,"Builder, Bob",b@b.org,"No submission",-\n'
)


@pytest.mark.parametrize(
    ("name", "worksheet", "zip_times", "expected"),
    [
        (BLACKBOARD, "", False, HERE),
        (MOODLE, "", False, None),
        (MOODLE, WORKSHEET, False, HERE),
        (MOODLE, "learner,time\nAda Lovelace,2026-11-28T09:30:00Z\n", False, datetime(2026, 11, 28, 9, 30, tzinfo=UTC)),
        (MOODLE, "", True, datetime(2026, 11, 27, 8, 0).astimezone()),
        (MOODLE, WORKSHEET, True, HERE),
        (CANVAS, "", False, None),
    ],
    ids=["blackboard", "moodle", "worksheet", "own table", "zip", "worksheet before zip", "canvas"],
)
def test_when_it_was_handed_in(
    school: Path, tmp_path: Path, name: str, worksheet: str, zip_times: bool, expected: datetime | None
) -> None:
    forged = packed({"lesson-9/lesson.ipynb": NOTEBOOK, "lesson-9/timestamp.txt": b"2026-01-01 00:00:00 UTC"})
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 11, 27, 8, 0, 0)), forged)
    known = Times()
    if worksheet:
        (tmp_path / "times.csv").write_text(worksheet, encoding="utf-8-sig")
        known.read_worksheet(tmp_path / "times.csv")
    if zip_times:
        known.read_archive(tmp_path / "class.zip")
    [done] = collect.collect(tmp_path / "class.zip", known)[0]
    assert stamped(school / "submitted" / done.learner / "lesson-9") == expected


def test_the_same_files_sent_again_count_from_the_first_time(school: Path, tmp_path: Path) -> None:
    moments = []
    for hour, content in ((12, b"1"), (14, b"1"), (11, b"1"), (15, b"2")):
        name = f"Lesson 9_ada_attempt_2026-11-28-{hour}-00-00_lesson-9.zip"
        (tmp_path / "class.zip").write_bytes(packed({name: packed({"lesson-9/lesson.ipynb": content})}))
        collect.collect(tmp_path / "class.zip")
        found = stamped(school / "submitted" / "ada" / "lesson-9")
        assert found
        moments.append(found.astimezone().hour)
    assert moments == [12, 12, 11, 15]


def test_a_worksheet_without_times(tmp_path: Path) -> None:
    (tmp_path / "times.csv").write_text("Vollständiger Name,Zuletzt geändert\nAda,heute\n")
    with pytest.raises(NoTimes, match="Last modified"):
        Times().read_worksheet(tmp_path / "times.csv")
    (tmp_path / "times.csv").write_text("learner,time\nAda,heute\n")
    known = Times()
    known.read_worksheet(tmp_path / "times.csv")
    assert known.unread == ["'Ada': 'heute' is no time that is understood."]
