"""`airlock site`: the lessons with their output, and the documentation, as pages to be read offline, without a kernel.

Sphinx makes the pages, with MyST-NB and the theme Furo. What is recorded of a lesson is kept until its source changes.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

from airlock import paths
from airlock.course import layout, recording
from airlock.course.bench import scratch_view
from airlock.course.fault import Fault
from airlock.course.source import Source
from airlock.course.unfit import unfit
from airlock.lab import Lab

MARK = ".buildinfo"  # Sphinx's own: a folder that holds it was made by this command
# Sphinx calls the captions of a list of pages headings and does not say of which level, which screen readers need.
_CAPTION = 'class="caption" role="heading"'
_nbformat: Any = nbformat  # its functions carry no types

_INDEX = """\
# Airlock

**Connection encryption in Apache Airflow, hands on**: the lessons for reading, with the output of a real run. To *do*
them, clone the course and run `./airlock learn`.

The pages were made on {day}, from a lab that was set up for them. Passwords, tokens, keys and ports in them are that
lab's and open nothing else; the lab is thrown away. Yours has others. The tasks are as a learner gets them: without
answers, and without what the checks say.

```{{toctree}}
:caption: Lessons
:maxdepth: 1

{lessons}
```

```{{toctree}}
:caption: Guides
:maxdepth: 1

{guides}
```
"""


class SiteFailed(Exception):
    """The pages could not be made, or are not fit to be shown; each fault says why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


def build(output: Path, lab: Lab, tell: Callable[[str], None], again: bool = False) -> list[Path]:
    """Run the lessons and make the site in ``output``; returns its pages. A site that is there already is replaced.

    Args:
        output: a folder that does not exist, is empty, or holds an earlier site.
        lab: where lessons are run.
        tell: is called with what is happening, for a progress line.
        again: run also lessons that were recorded before and have not changed.

    Raises:
        BadSource: a lesson does not run.
        SiteFailed: as `publish`.
    """
    _ours(output)
    sources = [source for number in layout.lessons() for source in layout.read_lesson(number)]
    recordings = {source: _recording(source, lab, tell, again) for source in sources}
    tell("making the pages")
    return publish(recordings, output)


def publish(recordings: dict[Source, Path], output: Path) -> list[Path]:
    """Make the site of lessons that were recorded, each a notebook; returns its pages.

    Raises:
        SiteFailed: Sphinx refused, a page would load something from elsewhere or names this machine, or ``output`` is
            somebody else's folder.
    """
    _ours(output)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        _lay_out(root, recordings)
        _sphinx(root, root / "build")
        if faults := list(unfit(root / "build")):
            raise SiteFailed(faults)
        shutil.rmtree(output, ignore_errors=True)
        shutil.copytree(root / "build", output, ignore=shutil.ignore_patterns(".doctrees"))
    return sorted(output.rglob("*.html"))


def _ours(output: Path) -> None:
    if output.exists() and any(output.iterdir()) and not (output / MARK).exists():
        raise SiteFailed(
            [Fault("output", output, 0, "the folder holds something else.", "Name another: --output DIR.")]
        )


def _recording(source: Source, lab: Lab, tell: Callable[[str], None], again: bool) -> Path:
    """The recorded notebook, made when there is none of this source."""
    digest = hashlib.sha256(source.file.read_bytes()).hexdigest()[:16]
    folder = paths.state_dir() / "course" / "recorded" / f"lesson-{source.lesson}"
    file = folder / f"{source.name}-{digest}.ipynb"
    if again or not file.exists():
        with scratch_view(lab) as view:
            made = recording.recorded(source, view, tell)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in folder.glob(f"{source.name}-*.ipynb"):
            old.unlink()
        file.write_text(_nbformat.writes(made, version=4), encoding="utf-8")
    return file


def _lay_out(root: Path, recordings: dict[Source, Path]) -> None:
    """The folders as in the clone, so that links between its pages hold."""
    here = paths.course_root()
    shutil.copytree(here / "lab-env" / "site", root, dirs_exist_ok=True)
    shutil.copytree(here / "docs", root / "docs")
    shutil.copy(here / "README.md", root / "README.md")
    for source, file in recordings.items():
        folder = root / "notebooks" / f"lesson-{source.lesson}"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / f"{source.name}.ipynb")
        for name in layout.companions(layout.lesson_dir(source.lesson)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(layout.lesson_dir(source.lesson) / name, folder / name)
    lessons = [f"notebooks/lesson-{source.lesson}/{source.name}" for source in recordings]
    # As the README lists them; it leads to all.
    named = dict.fromkeys(re.findall(r"\]\(docs/([\w-]+)\.md\)", (root / "README.md").read_text(encoding="utf-8")))
    guides = ["About the course <README>", *(f"docs/{name}" for name in named)]
    page = _INDEX.format(day=f"{datetime.now(UTC):%d %B %Y}", lessons="\n".join(lessons), guides="\n".join(guides))
    (root / "index.md").write_text(page, encoding="utf-8")


def _sphinx(root: Path, target: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", str(root), str(target)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line.replace(f"{root}/", "") for line in done.stderr.strip().splitlines()[-12:]]
        raise SiteFailed([Fault("sphinx", paths.course_root() / "docs", 0, line) for line in said])
    for page in target.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace(_CAPTION, f'{_CAPTION} aria-level="2"'), encoding="utf-8")
