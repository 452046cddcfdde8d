"""One course for all hostile hand-ins, each of a learner of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from airlock.course.kernel import CELL_SECONDS
from tests.course.conftest import view_of_nobody, write_course
from tests.grading.conftest import Class, in_class


@pytest.fixture(scope="module")
def school(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    """A class that a whole file of tests shares. A file whose cells never end says ``SHORT_SECONDS``."""
    with pytest.MonkeyPatch.context() as patch:
        course = write_course(tmp_path_factory.mktemp("class"), patch)
        yield in_class(
            course, view_of_nobody(course, patch), patch, getattr(request.module, "SHORT_SECONDS", CELL_SECONDS)
        )


@pytest.fixture
def learner(request: pytest.FixtureRequest) -> str:
    """A name nobody else has."""
    return re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
