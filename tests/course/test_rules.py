"""Each rule about a lesson's text: a good lesson keeps it, a small change breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from airlock import paths
from airlock.course.rules import RULES, Lesson, broken
from tests.course.throwaway import LESSON, PICTURE

Make = Callable[..., Lesson]


def test_the_good_lesson_keeps_every_rule(lesson: Make) -> None:
    good = lesson()
    faults = {name: broken(name, good) for name in RULES}
    assert {name: found for name, found in faults.items() if found and name != "tasks"} == {}
    assert [fault.what for fault in faults["tasks"]] == ["task 9.6 has a judge and no cell."]


@pytest.mark.parametrize(
    ("rule", "old", "new", "said"),
    [
        ("title", "# # 9 · A", "# ## 9 · A", "0 headings"),
        ("title", "# ## The model", "# # The model", "2 headings"),
        ("headings", "# ## The model", "# ### The model", "jumps from level 1 to 3"),
        ("objectives", "About 5 minutes.", "Soon.", "how long"),
        ("objectives", "# - write a function.", "# and more", "1 objectives"),
        ("win-first", 'print("something happens")', "", "first three code cells"),
        ("alt-text", "![A box that holds\n# the number.]", "![]", "no alt text"),
        ("alt-text", "![A box that holds\n# the number.](box.svg)", "words", "no picture"),
        ("links", "(lesson.ipynb)", "(elsewhere.ipynb)", "leads nowhere"),
        ("links", "(lesson.ipynb)", "(../../../../etc/passwd)", "leads nowhere"),
        ("links", "(box.svg)", "(https://example.org/box.svg)", "from the network"),
        ("links", "[elsewhere]", '<script src="https://cdn.example/x.js"></script> [elsewhere]', "from the network"),
        ("predictions", 'predict("9-b"', 'print("9-b"', "1 predictions"),
        ("predictions", 'reveal("9-b"', 'print("9-b"', "never revealed"),
        ("myth", "myth(", "print(", "no myth"),
        ("cards", "cards(9)", "cards(8)", "no flash cards"),
        ("sections", "# ## Go deeper", "# ## Otherwise", "Go deeper"),
        ("sections", "# - Count.", "#\n".join("# - Count.\n" for _ in range(6)), "6 lines long"),
        ("tasks", '# %% task="9.5"', "# %% [markdown]\n# ## End\n\n# %%", "graded tasks"),
        ("hints", 'hints("9.2")', 'print("9.2")', "task 9.2 offers no hints"),
        ("written", "# One point for naming the number", "# Yes.\n# ### END SOLUTION\n#", "too short"),
    ],
)
def test_a_broken_rule_is_named(lesson: Make, rule: str, old: str, new: str, said: str) -> None:
    assert old in LESSON
    text = LESSON.replace(old, new, 1)
    if rule == "tasks":
        text = text.replace('# %% check="9.5"\ncheck("9.5")', "# %%")
        text = text.replace("### BEGIN SOLUTION\nfrom airflow", "from airflow").replace(
            "port=5432)\n### END SOLUTION", "port=5432)"
        )
    if rule == "written":
        text = text.replace("# understands it at once without having read the lesson.\n# ### END SOLUTION", "#")
    faults = broken(rule, lesson(text))
    assert any(said in fault.what for fault in faults), faults
    assert all(fault.rule == rule and fault.file.name == "lesson.py" for fault in faults)


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (PICTURE.replace("<rect", "<script>1</script><rect"), "holds a script"),
        (PICTURE.replace("<rect", '<image href="https://example.org/x.png"/><rect'), "loads something"),
        (PICTURE.replace("prefers-color-scheme", "color-scheme"), "light or for dark"),
    ],
)
def test_a_picture_stands_alone(lesson: Make, source: Path, picture: str, said: str) -> None:
    (source.parent / "box.svg").write_text(picture)
    assert any(said in fault.what for fault in broken("pictures", lesson()))


def test_few_cards(lesson: Make, course: Path) -> None:
    (course / "decks" / "lesson-9.toml").write_text('[[card]]\nid = "a"\nfront = "?"\nback = "!"\n')
    assert "1 flash cards" in broken("cards", lesson())[0].what


def test_a_solution_in_the_release(lesson: Make) -> None:
    good = lesson()
    leaky = json.dumps({"cells": [{"source": ["# hint\n", "answer = 40 + 1 + 1\n"]}]})
    faults = broken("solutions-hidden", Lesson(9, good.sources, {"lesson": leaky}))
    assert "answer = 40 + 1 + 1" in faults[0].what


def test_code_blocks_are_no_prose(lesson: Make) -> None:
    text = LESSON.replace("# ## The model", "# ## The model\n#\n# ```\n# # no heading\n# ![](nothing.png)\n# ```")
    good = lesson(text)
    assert broken("title", good) == broken("alt-text", good) == broken("links", good) == []


@pytest.mark.parametrize("file", sorted(paths.course_root().glob("notebooks/*/*.ipynb")), ids=lambda file: file.stem)
def test_no_cell_shows_the_answer_of_a_prediction_before_it_is_run(file: Path) -> None:
    open_ones = [
        "".join(cell["source"])
        for cell in json.loads(file.read_text())["cells"]
        if cell["cell_type"] == "code" and not cell["metadata"].get("jupyter", {}).get("source_hidden")
    ]
    said = [code for code in open_ones for call in ("predict(", "reveal(", "myth(") if f"\n{call}" in f"\n{code}"]
    assert said == [], "Move what stands before the call into the cell above: only a lone call is folded away."
