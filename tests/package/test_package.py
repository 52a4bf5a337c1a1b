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


def loaded_after(code):
    """Names of the modules that a new Python has loaded after ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_loads_nothing_before_it_is_used():
    assert not {"numpy", "scipy", "numba", "dimod"} & loaded_after("import qxgap")


def test_the_packages_for_physics_load_nothing_heavy():
    physics = ["problem", "annealing", "spectra", "observables", "dynamics", "open_system"]
    physics += ["samplers", "samples"]
    loaded = loaded_after("import qxgap as qx\n" + "\n".join(f"qx.{name}" for name in physics))
    assert {f"qxgap.{name}" for name in physics} < loaded
    assert not {"torch", "matplotlib", "qutip", "dask", "pandas", "neal", "scipy.stats"} & loaded


HELP = """
import contextlib, io
from qxgap.cli import main
sys.argv = ["qxgap", "--help"]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
"""


def test_help_loads_no_numerics():
    loaded = loaded_after(HELP)
    assert "qxgap.cli.app" in loaded
    assert not {"numpy", "scipy", "numba", "dimod"} & loaded


def test_every_name_that_is_offered_is_there():
    for name in qx.__all__:
        if name in ("xai", "explain"):
            pytest.importorskip("torch")
        assert getattr(qx, name) is not None
    assert {"minimum_gap", "spectra", "study", "plotting", "__version__"} <= set(dir(qx))
    assert not {"Any", "annotations"} & set(dir(qx))


def test_the_readme_example_prints_what_it_says():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code, output = re.search(r"```python\n(.*?)```\s*```text\n(.*?)```", readme, re.S).groups()
    assert len(code.strip().splitlines()) <= 10
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert printed.getvalue() == output


def test_xai_is_reached_lazily():
    pytest.importorskip("torch")
    assert qx.xai.feature_selection
    with pytest.raises(AttributeError, match="qxgap attribute nothing"):
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
