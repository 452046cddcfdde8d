"""From what an LMS, a mailbox or a stick brings to ``submitted/<learner>/<assignment>/``, where grading looks.

Two things are asked of each entry: whose is it, and which assignment. The first is in its name, which each LMS writes
in its own way; the second in the hand-in itself, by the names of its folder or its notebooks.
"""

from __future__ import annotations

import io
import re
import shutil
import stat
import tempfile
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from airlock import paths
from airlock.course import exam, layout
from airlock.grading import times
from airlock.grading.times import Times

MAX_BYTES = 50_000_000  # of one learner's files, unpacked
MAX_FILES = 500
_MAX_ARCHIVE = 2_000_000_000  # of a whole class
PAST = "past-submissions"

# Names of the files in an LMS's archive of one assignment. `file` is what the learner uploaded.
_NAMES = (
    # Moodle: a folder for each learner, or a prefix when the teacher switched folders off.
    re.compile(r"(?P<learner>.+?)_\d+_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?"),
    # Blackboard: "Lesson 1_alovelace_attempt_2026-11-28-10-30-00_lesson-1.zip", and a .txt beside it.
    re.compile(r".+_(?P<learner>[^_]+)_attempt_\d{4}(?:-\d\d){5}(?:_(?P<file>.+)|\.txt)"),
    # Canvas: "lovelaceada_LATE_4711_99120_lesson-1.zip".
    re.compile(r"(?P<learner>[^_]+)_(?:LATE_)?\d+_\d+_(?P<file>.+)"),
)
_ASSIGNMENT = re.compile(r"(?:^|.*?[\W_])(?P<name>lesson-\d+|exam-\d+(?:-\d+)*)(?:$|[\W_].*)")


class Unreadable(Exception):
    """What was given holds nothing that can be collected; the message says what is wrong and what to do."""


@dataclass
class HandIn:
    """One learner's files for one assignment: name inside the hand-in to content; and when, where that is known."""

    learner: str
    assignment: str
    files: dict[str, bytes] = field(default_factory=dict)
    when: datetime | None = None


@dataclass(frozen=True)
class Collected:
    """What came of one hand-in. ``state``: ``new``, ``replaced`` (the older one is kept aside) or ``unchanged``."""

    learner: str
    assignment: str
    state: str


def collect(origin: Path, known: Times | None = None) -> tuple[list[Collected], list[str]]:
    """Sort everything in ``origin`` into ``submitted/``.

    Args:
        origin: a folder or a ``.zip`` with one entry (folder, zip or prefixed files) for each learner.
        known: what is known of when the hand-ins came, beside what their names say.

    Returns:
        What was collected, and a sentence about each entry that was not.

    Raises:
        Unreadable: ``origin`` is neither, or is damaged.
    """
    hand_ins, remarks = read(origin, known)
    done: list[Collected] = []
    for each in hand_ins:
        try:
            done.append(_keep(each))
        except OSError as error:  # such as a file and a folder of one name
            remarks.append(f"{each.learner!r}: {each.assignment} cannot be written ({error}).")
    return done, remarks


def read(origin: Path, known: Times | None = None) -> tuple[list[HandIn], list[str]]:
    """Find out what ``origin`` holds; changes nothing. See `collect`."""
    if origin.is_dir():
        entries = list(_of_folder(origin))
    elif zipfile.is_zipfile(origin):
        entries = list(_of_zip(origin.read_bytes(), PurePosixPath(), _MAX_ARCHIVE))
    else:
        raise Unreadable(f"{origin} is neither a folder nor a zip archive. Give what your LMS let you download.")
    whose: dict[str, list[tuple[PurePosixPath, bytes]]] = defaultdict(list)
    came: dict[str, datetime] = {}
    for path, content in entries:
        learner, rest = _owner(path, origin.stem)
        if moment := (known or Times()).of(path, learner):
            came[learner] = max(moment, came.get(learner, moment))
        whose[learner] += [(rest, content)] if rest.name else []  # Blackboard's receipt is no file of the learner's
    hand_ins: list[HandIn] = []
    remarks: list[str] = []
    spelled: dict[str, str] = {}
    for written, files in sorted(whose.items()):
        learner = _identifier(written)
        if spelled.setdefault(learner, written) != written:
            remarks.append(f"{written!r} and {spelled[learner]!r} are both {learner} here: rename one of them.")
            continue
        try:
            found = _assignments(learner, files)
        except Unreadable as why:
            remarks.append(f"{written!r}: {why}")
            continue
        if not found:
            remarks.append(f"{written!r}: no notebook of this course is in it.")
        for each in found:
            each.files.pop(times.FILE, None)  # the learner's own word
            each.when = came.get(written)
        hand_ins += found
    return hand_ins, remarks


def _owner(path: PurePosixPath, origin: str) -> tuple[str, PurePosixPath]:
    """Whose file this is, as the LMS writes it, and the file's path inside the hand-in."""
    first, rest = path.parts[0], PurePosixPath(*path.parts[1:])
    if _known(first) and path.parts[1:]:  # ada.zip with lesson-1/ in it: one learner's, packed by hand
        return origin, path
    for pattern in _NAMES:
        if match := pattern.fullmatch(first):
            inner = match["file"]
            return match["learner"], PurePosixPath(inner) / rest if inner else rest
    if path.parts[1:]:
        return first, rest
    learner, _, assignment = first.removesuffix(".zip").rpartition("_")  # ada_lesson-1.zip, as the guide advises
    return (learner, path) if learner and _ASSIGNMENT.fullmatch(assignment) else (PurePosixPath(first).stem, path)


def _assignments(learner: str, files: list[tuple[PurePosixPath, bytes]]) -> list[HandIn]:
    found: dict[str, HandIn] = {}
    pending: list[tuple[PurePosixPath, bytes]] = []
    left = MAX_BYTES
    unpacked: list[tuple[PurePosixPath, bytes]] = []
    for path, content in files:
        inside = list(_of_zip(content, path.with_suffix(""), left)) if path.suffix == ".zip" else [(path, content)]
        left -= sum(len(each) for _, each in inside)
        unpacked += inside
        if left < 0 or len(unpacked) > MAX_FILES:
            limit = f"{MAX_BYTES // 1_000_000} MB or {MAX_FILES} files"
            raise Unreadable(f"it unpacks to more than {limit}. Not collected: ask for the lesson's folder alone.")
    for path, content in unpacked:
        name, inner = _assignment(path)
        if name:
            found.setdefault(name, HandIn(learner, name)).files[str(inner)] = content
        else:
            pending.append((path, content))
    # A file that names no assignment (learner.json beside a loose notebook) belongs to the only one there is.
    if len(found) == 1:
        [only] = found.values()
        for path, content in pending:
            only.files.setdefault(path.name, content)
    return [each for _, each in sorted(found.items()) if any(name.endswith(".ipynb") for name in each.files)]


def _assignment(path: PurePosixPath) -> tuple[str, PurePosixPath]:
    """The assignment that a file belongs to, by a folder above it or its own name, and its path in there."""
    parts = path.parts
    for depth in range(len(parts) - 2, -1, -1):
        match = _ASSIGNMENT.fullmatch(parts[depth])
        if match and _known(match["name"]):
            return match["name"], PurePosixPath(*parts[depth + 1 :])
    return _by_notebook().get(path.name, ""), PurePosixPath(path.name)


def _known(assignment: str) -> bool:
    match = re.fullmatch(r"lesson-(\d+)", assignment)
    return int(match[1]) in layout.lessons() if match else bool(exam.lessons_of(assignment))


def _by_notebook() -> dict[str, str]:
    return {file.name: file.parent.name for file in layout.released_dir().glob("lesson-*/*.ipynb")}


def _of_folder(folder: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    for file in sorted(folder.rglob("*")):
        inside = PurePosixPath(file.relative_to(folder).as_posix())
        if file.is_file() and not file.is_symlink() and not _noise(inside):
            yield inside, file.read_bytes() if file.stat().st_size <= MAX_BYTES else b"\0" * (MAX_BYTES + 1)


def _of_zip(content: bytes, below: PurePosixPath, limit: int) -> Iterator[tuple[PurePosixPath, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in sorted(archive.infolist(), key=lambda each: each.filename):
                inside = PurePosixPath(member.filename.replace("\\", "/"))
                link = stat.S_ISLNK(member.external_attr >> 16)
                if member.is_dir() or link or inside.is_absolute() or ".." in inside.parts or _noise(inside):
                    continue
                limit -= member.file_size  # what the archive says of itself; zipfile reads no more than that
                if limit < 0:
                    raise Unreadable(f"{below or 'the archive'} unpacks to more than it should. Not collected.")
                yield below / inside, archive.read(member)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise Unreadable(f"{below or 'the archive'} cannot be unpacked ({error}). Ask for it again.") from None


def _noise(path: PurePosixPath) -> bool:
    return any(part in ("__MACOSX", ".ipynb_checkpoints") or part.startswith("._") for part in path.parts)


def _identifier(written: str) -> str:
    """A learner's name as nbgrader and every file system take it."""
    plain = unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode().strip().lower()
    return re.sub(r"[^a-z0-9.-]+", "-", plain).strip("-.") or "nameless"


def _keep(each: HandIn) -> Collected:
    root = paths.course_root()
    target = root / "submitted" / each.learner / each.assignment
    there = {str(f.relative_to(target)): f.read_bytes() for f in target.rglob("*") if f.is_file()}
    earlier = times.stamped(target)
    there.pop(times.FILE, None)
    if there == each.files:
        if each.when and (earlier is None or each.when < earlier):  # the same files, sent twice: the first time counts
            (target / times.FILE).write_bytes(times.stamp(each.when))
        return Collected(each.learner, each.assignment, "unchanged")
    files = each.files | ({times.FILE: times.stamp(each.when)} if each.when else {})
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".") as scratch:
        for name, content in files.items():
            file = Path(scratch) / "made" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        state = "replaced" if target.is_dir() else "new"
        if target.is_dir():
            aside = root / PAST / each.learner / f"{each.assignment}-{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%f}"
            aside.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(target, aside)
        (Path(scratch) / "made").rename(target)
    return Collected(each.learner, each.assignment, state)
