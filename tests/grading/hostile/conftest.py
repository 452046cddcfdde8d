"""One course for all hostile hand-ins, each of a learner of its own; a cell may take three seconds."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.course.conftest import view_of_nobody, write_course
from tests.grading.conftest import Class, in_class

CELL_SECONDS = 3


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    """A class that a whole file of tests shares."""
    with pytest.MonkeyPatch.context() as patch:
        course = write_course(tmp_path_factory.mktemp("class"), patch)
        yield in_class(course, view_of_nobody(course, patch), patch, CELL_SECONDS)


@pytest.fixture
def learner(request: pytest.FixtureRequest) -> str:
    """A name nobody else has."""
    return re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
