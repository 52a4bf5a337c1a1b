"""What importing costs, what the README promises, what the package exports."""

import contextlib
import importlib.metadata
import io
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import qxgap as qx
from qxgap import version as provenance

ROOT = Path(__file__).parents[2]


def test_importing_loads_nothing_heavy():
    code = (
        "import sys, qxgap; heavy = {'torch', 'matplotlib', 'qutip', 'dask', 'pandas', 'neal', "
        "'scipy.stats'} & set(sys.modules); sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_readme_example_prints_what_it_says():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code, output = re.search(r"```python\n(.*?)```\s*```text\n(.*?)```", readme, re.S).groups()
    assert len(code.strip().splitlines()) <= 10
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert printed.getvalue() == output


def test_the_readme_table_names_every_command():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    from qxgap.cli import app

    names = {c.name or c.callback.__name__ for c in app.registered_commands}
    assert names == set(re.findall(r"^\| `qxgap (\w+)", readme, re.M))


def test_xai_is_reached_lazily():
    pytest.importorskip("torch")
    assert qx.xai.feature_selection
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = qx.nothing


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert project["project"]["version"] == qx.__version__
    assert re.search(r"^version: (.*)$", citation, re.M)[1].strip("\"'") == qx.__version__


def test_a_package_without_metadata_loses_no_result(monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(provenance, "version", absent)
    provenance.versions.cache_clear()
    try:
        H = qx.AnnealHamiltonian(qx.QuboProblem([-0.7], [[0.0]]))
        made_by = qx.spectrum(H, [0.5]).versions
        assert made_by == qx.minimum_gap(H).versions == qx.anneal(H, 1.0).versions
        assert made_by["qxgap"] == qx.__version__
        assert made_by["numpy"] == "unknown"
    finally:
        provenance.versions.cache_clear()
