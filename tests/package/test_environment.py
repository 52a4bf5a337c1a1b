"""Where qxgap runs: no folder that can be written, extras that are not installed, no metadata."""

import importlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

import qxgap as qx
from benchmarks.house.start_up import compilations
from qxgap import compiled
from qxgap.errors import MissingExtraError
from qxgap.testing import random_feature_selection
from qxgap.version import versions

PACKAGE = Path(qx.__file__).parent


# -- numba's cache --------------------------------------------------------------------------------


@pytest.fixture
def no_cache_variable(monkeypatch):
    """Neither ``NUMBA_CACHE_DIR`` nor a cache folder; what a test sets is undone."""
    monkeypatch.setenv(compiled.CACHE_VARIABLE, "")
    monkeypatch.delenv(compiled.CACHE_VARIABLE)
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")


@pytest.mark.usefixtures("no_cache_variable")
def test_where_numba_can_write_nothing_changes(tmp_path):
    assert compiled.choose_cache(lambda: True, tmp_path) == (True, None)
    assert compiled.CACHE_VARIABLE not in os.environ
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_cache_variable")
def test_where_it_cannot_write_a_private_folder_is_taken(tmp_path):
    """The folder is this user's alone, and the processes that are started have it too."""
    cached, note = compiled.choose_cache(lambda: bool(numba.config.CACHE_DIR), tmp_path)
    (folder,) = tmp_path.iterdir()
    assert cached
    assert str(folder) in note
    assert "NUMBA_CACHE_DIR" in note
    assert folder.stat().st_mode & 0o077 == 0
    assert os.environ[compiled.CACHE_VARIABLE] == numba.config.CACHE_DIR == str(folder)
    assert compiled.private_folder(tmp_path) == folder  # the next process takes it again


@pytest.mark.usefixtures("no_cache_variable")
def test_without_any_folder_kernels_are_not_kept(tmp_path):
    missing = tmp_path / "nothing"
    cached, note = compiled.choose_cache(lambda: False, missing)
    assert not cached
    assert "every command compiles" in note
    assert compiled.CACHE_VARIABLE not in os.environ
    cached, _ = compiled.choose_cache(lambda: False, tmp_path)  # numba refuses the folder too
    assert not cached
    assert compiled.CACHE_VARIABLE not in os.environ


def test_a_folder_that_others_can_write_is_not_taken(tmp_path):
    """Compiled code is run when it is loaded: nobody else may put it there."""
    folder = compiled.private_folder(tmp_path)
    folder.chmod(0o770)
    assert compiled.private_folder(tmp_path) is None
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    assert compiled.private_folder(tmp_path) is None


def test_a_kernel_without_cache_computes_the_same(monkeypatch):
    monkeypatch.setattr(compiled, "CACHED", False)
    kernel = compiled.njit(cache=True)(lambda x: x + 1.0)
    assert kernel(1.0) == 2.0
    assert "NullCache" in type(kernel._cache).__name__


def test_every_kernel_is_compiled_by_the_one_njit():
    """A decorator of numba's own would fail again where nothing can be written."""
    direct = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if re.search(r"from numba import .*\bnjit\b|numba\.(njit|jit)\(", path.read_text())
    ]
    assert direct == ["compiled.py"]


def test_the_command_line_says_once_where_compiled_code_is(run, monkeypatch, tmp_path):
    file = qx.save(random_feature_selection(3, seed=0), tmp_path / "a.npz")
    monkeypatch.setattr("qxgap.compiled.CACHE_NOTE", "compiled code is stored in /x")
    status, _, err = run("gap", file)
    assert status == 0
    assert err == "qxgap: compiled code is stored in /x\n"


@pytest.mark.slow
def test_the_second_command_of_an_environment_compiles_nothing(tmp_path):
    qx.save(random_feature_selection(9, seed=1), tmp_path / "a.npz")
    for command in (("gap", "a.npz"), ("anneal", "a.npz", "--tau", "5")):
        first, again = (compilations(PACKAGE.parent, tmp_path, command)[0] for _ in range(2))
        assert first > 0
        assert again == 0


SCRIPT = """
import sys, numpy
import qxgap as qx
from qxgap import compiled
print(qx.__file__, compiled.CACHED, compiled.CACHE_NOTE)
problem = qx.QuboProblem.from_symmetric([-1.0, -0.5], [[0.0, 0.2], [0.2, 0.0]])
print(float(problem.diagonal.min()))
"""


@pytest.mark.slow
def test_it_works_where_nothing_can_be_written(tmp_path):
    """A copy of the source without metadata that cannot be written, and no HOME."""
    copy = tmp_path / "qxgap"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [tmp_path, copy, *copy.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    for folder in tmp_path.parents:  # pytest's own folders are closed to other users
        if folder.owner() == tmp_path.owner() and folder != Path("/") and "pytest" in str(folder):
            folder.chmod(folder.stat().st_mode | 0o055)
    command = [sys.executable, "-W", "error", "-c", SCRIPT]
    if os.geteuid() == 0:  # a user who may read everything and write nothing
        if shutil.which("setpriv") is None:
            pytest.skip("as root this test needs setpriv")
        reads = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        user = ["--reuid=65534", "--regid=65534", "--clear-groups"]
        command = ["setpriv", *user, *reads, *command]
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    first, energy = done.stdout.splitlines()
    assert first.startswith(f"{copy / '__init__.py'} True neither the package folder nor HOME")
    assert float(energy) == pytest.approx(-1.3)


def test_chains_are_found_where_the_cache_of_busclique_cannot_be_written(monkeypatch, tmp_path):
    pytest.importorskip("dwave.system")
    from minorminer import busclique

    from qxgap import samplers
    from qxgap.samplers.dwave import embedding

    def refused(*_):
        raise PermissionError(13, "Permission denied", "/x/data")

    problem, child = random_feature_selection(3, seed=0), samplers.mock_annealer("pegasus", (2,))
    usual = samplers.CliqueEmbedding()(problem.to_bqm(), child, 0)
    monkeypatch.setattr(busclique.busgraph_cache, "cache_rootdir", staticmethod(refused))
    monkeypatch.setattr(embedding, "private_folder", lambda: tmp_path)
    assert samplers.CliqueEmbedding()(problem.to_bqm(), child, 0) == usual
    assert list((tmp_path / "busclique").rglob("*"))
    assert busclique.busgraph_cache.cache_rootdir is refused
    monkeypatch.setattr(embedding, "private_folder", lambda: None)
    with pytest.raises(qx.InputError, match="--embedding minor"):
        samplers.CliqueEmbedding()(problem.to_bqm(), child, 0)


# -- extras that are not installed ----------------------------------------------------------------


class Hiding:
    """A finder of modules that does not find torch."""

    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, *arguments):
        return None if name == "torch" else self.finder.find_spec(name, *arguments)

    def __getattr__(self, name):
        return getattr(self.finder, name)


@pytest.fixture
def without_torch(monkeypatch):
    """An installation without the extra xai; scipy looks into ``sys.modules``, so no None there."""
    for name in [name for name in sys.modules if name.startswith("qxgap.xai")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(vars(qx), "xai", raising=False)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Hiding(finder) for finder in sys.meta_path])


def test_a_missing_extra_is_both_kinds_of_error():
    error = MissingExtraError.of("a device", "PyTorch", "xai")
    assert isinstance(error, qx.InputError)
    assert isinstance(error, ImportError)
    assert str(error).endswith("pip install 'qxgap[xai]'")
    assert qx.MissingExtraError is MissingExtraError


@pytest.mark.usefixtures("without_torch")
def test_without_torch_xai_says_what_to_install():
    with pytest.raises(MissingExtraError, match=r"PyTorch.*pip install 'qxgap\[xai\]'"):
        importlib.import_module("qxgap.xai")


@pytest.mark.usefixtures("without_torch")
@pytest.mark.parametrize(
    "words",
    [
        ["demo", "-o", "out"],
        ["qubo", "--model", "digits", "--images", "digits", "-o", "out"],
        ["explain", "digits", "--model", "digits", "-o", "out"],
        ["study", "networks.toml", "-o", "out"],
        ["gap", "a.npz", "--device", "cpu"],
        ["anneal", "a.npz", "--tau", "1", "--device", "cpu"],
    ],
    ids=lambda words: words[0],
)
def test_without_torch_a_command_ends_in_one_line(run, monkeypatch, tmp_path, words):
    monkeypatch.chdir(tmp_path)
    for name in ("qxgap.annealing.torch_device", "qxgap.spectra.torch_backend"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    qx.save(random_feature_selection(3, seed=0), "a.npz")
    Path("networks.toml").write_text(
        '[[networks]]\nmodel = "digits"\nimages = "digits"\n', encoding="utf-8"
    )
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "pip install 'qxgap[xai]'" in err
    assert not Path("out").exists()


@pytest.mark.usefixtures("without_torch")
def test_without_torch_tables_of_explanations_are_still_read():
    """Names of the methods, class overlap and summaries are numbers and need no network."""
    from qxgap import explain, statistics

    assert explain.ExplanationMethod("top-k").selects_maps
    assert statistics.class_overlap([[0], [1]], [0, 1], 2, 2).tolist() == [[1, 0], [0, 1]]
    assert "torch" not in sys.modules


def test_without_torch_problems_are_still_solved(run, without_torch, tmp_path):
    file = qx.save(random_feature_selection(3, seed=0), tmp_path / "a.npz")
    assert run("gap", file)[0] == 0


def test_without_dwave_system_the_sampler_says_what_to_install(run, monkeypatch, tmp_path):
    file = qx.save(random_feature_selection(3, seed=0), tmp_path / "a.npz")
    monkeypatch.setitem(sys.modules, "dwave.system", None)
    out = tmp_path / "reads.json"
    status, _, err = run("sample", file, "-o", out, "--sampler", "dwave")
    assert status == 2
    assert err.count("\n") == 1
    assert "pip install 'qxgap[dwave]'" in err
    assert not out.exists()


def test_without_distributed_and_xarray(monkeypatch):
    from qxgap.study import to_xarray
    from qxgap.study.executors import pool_named

    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(MissingExtraError, match=r"qxgap\[dask\]"):
        pool_named("dask=tcp://127.0.0.1:1").open()
    with pytest.raises(MissingExtraError, match="pip install xarray"):
        to_xarray(None, "gap")


# -- source without metadata ----------------------------------------------------------------------


@pytest.fixture
def without_metadata(monkeypatch):
    """A copy of the source on ``PYTHONPATH``: no installation knows of qxgap."""
    usual = importlib.metadata.distribution

    def distribution(name):
        if name == "qxgap":
            raise importlib.metadata.PackageNotFoundError(name)
        return usual(name)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    versions.cache_clear()
    yield
    versions.cache_clear()


@pytest.mark.usefixtures("without_metadata")
def test_source_without_metadata_works(run, tmp_path):
    file = qx.save(random_feature_selection(3, seed=0), tmp_path / "a.npz")
    assert run("gap", file)[0] == 0
    assert run("anneal", file, "--tau", 1)[0] == 0
    assert run("--help")[0] == 0
    assert versions()["qxgap"] == qx.__version__
