"""The notebooks: sources without outputs, and what comes out of a clean kernel in reduced size."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

jupytext = pytest.importorskip("jupytext")
nbformat = pytest.importorskip("nbformat")

FOLDER = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted(FOLDER.glob("*.py"))
PICTURES = {"1": 3, "3": 7, "5": 8, "6": 4, "7": 4}
"""The least number of figures, by the number of the notebook."""

each_notebook = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def test_there_is_one_of_each_number():
    assert [source.stem[0] for source in SOURCES] == list(PICTURES)


@each_notebook
def test_sources_are_notebooks_of_text_and_code(source):
    cells = jupytext.read(source).cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith(f"# {source.stem[0]}. ")
    assert "QXGAP_NOTEBOOK_SIZE" in code[0]
    assert sum("QXGAP_NOTEBOOK_SIZE" in text for text in code) == 1
    texts = len(cells) - len(code)
    assert texts >= len(code) / 2  # what is asked and seen is said


@pytest.mark.slow
@each_notebook
def test_runs_from_a_clean_kernel(source, tmp_path):
    executed = tmp_path / f"{source.stem}.ipynb"
    jupytext.write(jupytext.read(source), executed)
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
    outputs = [out for cell in nbformat.read(executed, 4).cells for out in cell.get("outputs", [])]
    pictures = [out for out in outputs if "image/png" in out.get("data", {})]
    warned = [out.text for out in outputs if out.get("name") == "stderr"]
    assert len(pictures) >= PICTURES[source.stem[0]]
    assert not warned
