"""What ``--help`` says: an answer first, a sentence for every option, an example that runs."""

import importlib
import inspect
import re
import shlex
import subprocess
import sys

import dimod
import numpy as np
import pytest

import qxgap as qx
from qxgap import dynamics
from qxgap.cli.app import COMMANDS, load_command
from qxgap.cli.commands import anneal, embed, sample
from qxgap.cli.options import DriverName, PrecisionName
from qxgap.testing import random_feature_selection

NETWORKS = {"qubo", "explain", "demo"}
"""Commands that need PyTorch."""


def function(name):
    return getattr(importlib.import_module(f"qxgap.cli.commands.{name}"), f"{name}_command")


def paragraphs(name):
    return [" ".join(part.split()) for part in inspect.getdoc(function(name)).split("\n\n")]


def example(name):
    (line,) = [part for part in paragraphs(name) if part.startswith("Example: ")]
    return shlex.split(line.removeprefix("Example: "))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_begins_with_what_the_list_of_commands_says(name):
    assert paragraphs(name)[0] == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_described_by_a_sentence(name):
    for parameter in load_command(name).params:
        if parameter.name != "help":
            assert re.fullmatch(r"[A-Z].*[.]", parameter.help, re.S), parameter.name


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_is_printed_in_full(run, name):
    status, out, error = run(name, "--help")
    words = re.sub(r"[\s│╭╮╰╯─]+", " ", out)
    assert (status, error) == (0, "")
    assert all(part in words for part in paragraphs(name))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The files that the examples name."""
    problem = random_feature_selection(4, seed=1)
    qx.save(problem, tmp_path / "problem.npz")
    drawn = dimod.ExactSolver().sample(problem.to_bqm())
    qx.samples.save_sampleset(drawn, tmp_path / "samples.json")
    (tmp_path / "study.toml").write_text('instances = ["problem.npz"]\ntasks = ["gap"]\n')
    images = np.random.default_rng(0).random((2, 1, 16, 16)).astype(np.float32)
    np.savez(tmp_path / "images.npz", images=images)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n == "demo")) for n in COMMANDS]
)
def test_the_example_runs(run, folder, name):
    if name in NETWORKS:
        pytest.importorskip("torch")
    if name in ("report", "cite"):
        assert run(*example("study")[1:])[0] == 0
    program, command, *arguments = example(name)
    assert (program, command) == ("qxgap", name)
    status, out, error = run(command, *arguments)
    assert status == 0, error
    assert out


def test_the_list_of_commands_needs_none_of_the_libraries_that_compute():
    code = (
        "import sys; sys.argv = ['qxgap', '--help']\n"
        "from _qxgap_command import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'numba', 'dimod', 'pandas', 'matplotlib', 'torch', 'qutip'}\n"
        "sys.exit(repr(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_command_line_names_every_embedded_network():
    pytest.importorskip("torch")
    from qxgap.cli.network_options import Model
    from qxgap.xai.digits import EMBEDDED

    (option,) = Model.__metadata__
    assert all(repr(name) in option.help for name in (*EMBEDDED, "efficientnet-lite0"))


def test_the_command_line_and_the_library_take_the_same_network_for_the_demo():
    from qxgap.cli.commands import demo
    from qxgap.report.demo import DEMO_NETWORK

    assert demo.DEMO_NETWORK == DEMO_NETWORK


def test_help_and_mistakes_in_options_import_nothing_that_computes():
    lines = [["--help"], ["--version"], ["gap", "--rtol", "small"], ["gap", "a.npz", "--nonsense"]]
    lines += [[name, "--help"] for name in ("gap", "anneal", "check", "select", "reduce")]
    lines += [[name, "--help"] for name in ("demo", "study", "report", "cite", "qubo", "explain")]
    lines += [[name, "--help"] for name in ("compare", "embed", "sample", "schedule")]
    code = (
        "import contextlib, io, sys\n"
        "from qxgap.cli import main\n"
        f"for line in {lines!r}:\n"
        "    sys.argv = ['qxgap', *line]\n"
        "    with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):\n"
        "        with contextlib.redirect_stdout(io.StringIO()):\n"
        "            main()\n"
        "heavy = {'numpy', 'scipy', 'numba', 'dimod', 'pandas', 'matplotlib', 'qutip', 'torch'}\n"
        "print(sorted(heavy & sys.modules.keys()), 'qxgap.cli.commands.gap' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[] True\n"


def test_the_names_of_the_options_are_those_of_the_library():
    assert [name.value for name in DriverName] == [name.value for name in qx.Convention]
    assert set(embed.TOPOLOGIES) == set(qx.samplers.ANNEALERS)
    assert set(sample.SAMPLERS) == set(qx.samplers.SAMPLERS)
    assert [name.value for name in PrecisionName] == [name.value for name in qx.Precision]
    assert qx.SelectedDynamics.max_configurations == anneal.MAX_CONFIGURATIONS
    assert dynamics.AnnealStatus.CONVERGED.name == anneal.CONVERGED
    assert anneal.OBSERVABLES.keys() == set(anneal.Observed)
    assert all(hasattr(qx.observables, name) for name in anneal.OBSERVABLES.values())
