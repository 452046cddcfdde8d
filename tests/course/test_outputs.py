"""What a kernel says is shown becomes an output that nbformat's schema accepts, or none: the kernel may be hostile."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

from airlock.course.link import whole
from airlock.course.outputs import Outputs

ODD = ["text", 1, 1.5, True, None, [], ["text"], [1], {}, {"text/plain": "text"}, {"text/plain": 1}]
ODD += [{"application/json": {"a": [1, None]}}, {"application/geo+json": [True]}, {"x/json": {}}, {"json": [1]}]
ODD += [{"application/jsonjson": {}}, {"application/vnd.x+json\n": {}}, {"": ""}, {"text/html": ["<b>", "</b>"]}]
FIELDS = {
    "stream": ("name", "text"),
    "display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata", "execution_count"),
    "error": ("ename", "evalue", "traceback"),
}
SOUND: dict[str, dict[str, Any]] = {
    "stream": {"name": "stdout", "text": "text"},
    "display_data": {"data": {"text/plain": "text"}, "metadata": {}},
    "execute_result": {"data": {"text/plain": "text"}, "metadata": {}, "execution_count": 1},
    "error": {"ename": "E", "evalue": "e", "traceback": ["line"]},
}


def _shown(kind: str, content: dict[str, Any]) -> list[Any]:
    outputs = Outputs()
    cell = outputs.begin()
    outputs.show(kind, content)
    return cell


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_message_is_shown_as_it_is(kind: str) -> None:
    assert _shown(kind, SOUND[kind]) == [{"output_type": kind, **SOUND[kind]}]


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in FIELDS.items() for field in fields])
def test_what_has_another_shape_is_left_out_or_mended(kind: str, field: str) -> None:
    for value in ODD:
        for output in _shown(kind, SOUND[kind] | {field: value}):
            validate: Any = nbformat.validate
            validate(output, ref=kind, version=4)
    missing = {name: value for name, value in SOUND[kind].items() if name != field}
    assert len(_shown(kind, missing)) == (field == "metadata")


def test_an_update_of_another_shape_is_left_out_or_mended() -> None:
    for value in ODD:
        outputs = Outputs()
        cell = outputs.begin()
        named = {"transient": {"display_id": "one"}}
        outputs.show("display_data", SOUND["display_data"] | named)
        outputs.show("update_display_data", {"data": value, "metadata": value} | named)
        (output,) = cell
        validate: Any = nbformat.validate
        validate(output, ref="display_data", version=4)


def test_half_a_character_is_replaced_however_it_is_written() -> None:
    assert whole(r'["a\ud800z", "a\uD800z", {"\uDfff": "\ud83d\uDE00"}]') == ["a?z", "a?z", {"?": "\N{GRINNING FACE}"}]
