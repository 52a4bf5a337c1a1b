"""The lessons: sources without outputs, and what comes out of a clean kernel in reduced size."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

jupytext = pytest.importorskip("jupytext")
nbformat = pytest.importorskip("nbformat")

FOLDER = Path(__file__).parents[2] / "notebooks"


def number_of(source):
    """The number of a lesson, as text."""
    return source.stem.partition("_")[0]


SOURCES = sorted(FOLDER.glob("*.py"), key=lambda source: int(number_of(source)))
PICTURES = {
    "1": 4,
    "2": 4,
    "3": 7,
    "4": 2,
    "5": 7,
    "6": 4,
    "7": 5,
    "8": 2,
    "9": 5,
    "10": 4,
    "11": 5,
}
"""The least number of figures, by the number of the lesson."""
LONGEST_CELL = 14
ANSWER = re.compile(r"<details>.*?</details>", re.S)

each_lesson = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def cells_of(source, kind):
    return [cell.source for cell in jupytext.read(source).cells if cell.cell_type == kind]


def answers_of(source):
    """The code of the folded answers."""
    folded = ANSWER.findall("\n".join(cells_of(source, "markdown")))
    return [code for text in folded for code in re.findall(r"```python\n(.*?)```", text, re.S)]


def test_there_is_one_of_each_number():
    assert [number_of(source) for source in SOURCES] == list(PICTURES)


@each_lesson
def test_a_lesson_begins_with_a_question_and_a_picture(source):
    cells = jupytext.read(source).cells
    assert [cell.cell_type for cell in cells[:2]] == ["markdown", "code"]
    title, *_ = cells[0].source.splitlines()
    assert title.startswith(f"# {number_of(source)}. ")
    assert title.endswith("?")
    assert "**For whom:**" in cells[0].source
    assert "**Afterwards you know**" in cells[0].source
    assert cells[2].source.startswith("**"), "one sentence of meaning follows the picture"


@each_lesson
def test_a_lesson_ends_with_exercises_and_what_was_learned(source):
    exercises, learned = cells_of(source, "markdown")[-2:]
    assert exercises.startswith("## Try it")
    assert 2 <= len(ANSWER.findall(exercises)) <= 4
    assert learned.startswith("## What did you learn?")
    for name in re.findall(r"\]\((\w+)\.ipynb\)", "\n".join(cells_of(source, "markdown"))):
        assert (FOLDER / f"{name}.py").exists()


@each_lesson
def test_cells_are_short_and_explained(source):
    code, text = cells_of(source, "code"), cells_of(source, "markdown")
    assert len(text) >= 0.8 * len(code)  # what is asked and seen is said
    assert max(len(cell.splitlines()) for cell in code) <= LONGEST_CELL
    assert sum("QXGAP_NOTEBOOK_SIZE" in cell for cell in code[1:]) == 0


@each_lesson
def test_only_public_names_are_imported(source):
    for node in ast.walk(ast.parse("\n".join(cells_of(source, "code") + answers_of(source)))):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("qxgap"):
            assert node.module.count(".") <= 1, node.module
        if isinstance(node, ast.Attribute):
            assert not node.attr.startswith("_"), node.attr
        if isinstance(node, ast.Import):
            assert "warnings" not in [name.name for name in node.names]


@pytest.mark.slow
@each_lesson
def test_runs_from_a_clean_kernel_with_its_answers(source, tmp_path):
    executed = tmp_path / f"{source.stem}.ipynb"
    notebook = jupytext.read(source)
    number = len(notebook.cells)
    notebook.cells += [nbformat.v4.new_code_cell(code) for code in answers_of(source)]
    jupytext.write(notebook, executed)
    command = [sys.executable, "-m", "pytest", "--nbmake", "--overwrite", "--nbmake-timeout=1800"]
    ended = subprocess.run(
        [*command, "-p", "no:cacheprovider", str(executed)],
        env=os.environ | {"QXGAP_NOTEBOOK_SIZE": "small"},
        cwd=FOLDER.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-3000:]
    cells = nbformat.read(executed, 4).cells
    outputs = [out for cell in cells[:number] for out in cell.get("outputs", [])]
    shown = [out for out in outputs if _is_picture(out.get("data", {}))]
    warned = [out.text for out in outputs if out.get("name") == "stderr"]
    assert len(shown) >= PICTURES[number_of(source)]
    assert not warned


def _is_picture(data):
    return "image/png" in data or "<svg" in data.get("text/html", "")
