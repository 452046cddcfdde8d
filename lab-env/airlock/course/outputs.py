"""A cell's outputs, from what its kernel says is shown. Nothing of a wrong shape gets into a notebook."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import nbformat
from nbformat import NotebookNode

_node: Any = NotebookNode
_JSON = re.compile(r"^application/(.*\+)?json$")
"""Kinds whose data may be anything: the pattern of nbformat's schema."""


class Outputs:
    """What the cells of one notebook show (nbformat 4; Messaging in Jupyter's documentation)."""

    def __init__(self) -> None:
        self._cell: list[NotebookNode] = []
        self._displayed: dict[str, list[NotebookNode]] = defaultdict(list)
        self._clear_next = False

    def begin(self) -> list[NotebookNode]:
        """The list of the next cell, which `show` fills."""
        self._cell, self._clear_next = [], False
        return self._cell

    def show(self, kind: str, content: dict[str, Any]) -> None:
        """Take in a message; one that is none of the known ones changes nothing."""
        match kind, content:
            case "clear_output", {"wait": bool(wait)}:
                self._clear_next = True
                if not wait:
                    self._cleared()
            case "update_display_data", {"data": dict(data), "transient": {"display_id": str(name)}}:
                for shown in self._displayed[name]:
                    shown.data, shown.metadata = _bundle(data), _plain(content.get("metadata"))
            case _:
                if made := _made(kind, content):
                    self._append(made)
                    match content:
                        case {"transient": {"display_id": str(name)}}:
                            self._displayed[name].append(made)

    def _append(self, output: NotebookNode) -> None:
        if self._clear_next:
            self._cleared()
        last = self._cell[-1] if self._cell else {}
        if output.output_type == "stream" and last.get("output_type") == "stream" and last["name"] == output.name:
            last["text"] += output.text
        else:
            self._cell.append(output)

    def _cleared(self) -> None:
        self._cell.clear()
        self._clear_next = False


def _made(kind: str, content: dict[str, Any]) -> NotebookNode | None:
    """Of the schema's shape by these patterns; asking the schema each time would cost a tenth of grading."""
    made: NotebookNode | None = None
    match kind, content:
        case "stream", {"name": "stdout" | "stderr" as name, "text": str(text)}:
            made = _node(output_type=kind, name=name, text=text)
        case "display_data", {"data": dict(data)}:
            made = _node(output_type=kind, metadata=_plain(content.get("metadata")), data=_bundle(data))
        case "execute_result", {"data": dict(data), "execution_count": count} if type(count) is int and count >= 0:
            bundle, metadata = _bundle(data), _plain(content.get("metadata"))
            made = _node(output_type=kind, metadata=metadata, data=bundle, execution_count=count)
        case "error", {"ename": str(name), "evalue": str(value), "traceback": list(lines)}:
            made = _node(output_type=kind, ename=name, evalue=value, traceback=[str(line) for line in lines])
    return made


def _bundle(data: dict[str, Any]) -> NotebookNode:
    """Text of every kind; anything else only where the kind is JSON."""
    return _plain({kind: value for kind, value in data.items() if isinstance(value, str) or _JSON.search(kind)})


def _plain(value: Any) -> NotebookNode:
    return nbformat.from_dict(value if isinstance(value, dict) else {})  # type: ignore[no-untyped-call,no-any-return]
