"""``qxgap anneal``: what it shows, keeps and refuses."""

import json
import os
import signal
from contextlib import contextmanager

import pytest

import qxgap as qx
from qxgap.cli import running
from qxgap.cli.commands.anneal import Observed
from qxgap.dynamics.split import evolution as split
from qxgap.testing import random_feature_selection


@pytest.fixture
def file(tmp_path):
    return qx.save(random_feature_selection(4, seed=1), tmp_path / "four.npz")


def test_a_time_out_of_reach_is_one_line(run, file):
    for options in ((), ("--method", "qutip"), ("--schedule", "Advantage2_system1.1_standard")):
        status, out, err = run("anneal", file, "--tau", 1e9, *options)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert "max_steps = 1000000 allows fewer" in err
        assert "PauliMaster" in err


def test_more_steps_can_be_allowed(run, file):
    assert run("anneal", file, "--tau", 50, "--max-steps", 50)[0] == 2
    status, out, _ = run("anneal", file, "--tau", 50, "--max-steps", 5000, "--json")
    assert status == 0
    assert json.loads(out)[0]["steps"] > 50
    status, _, err = run("anneal", file, "--tau", 50, "--max-steps", 0)
    assert (status, err) == (2, "qxgap: max_steps = 0; allow at least 1 time step\n")


def test_qutip_prints_nothing_that_it_does_not_know(run, file):
    status, out, _ = run("anneal", file, "--tau", 5, "--method", "qutip")
    assert status == 0
    assert "None" not in out
    assert "uncertain" not in out
    (row,) = json.loads(run("anneal", file, "--tau", 5, "--method", "qutip", "--json")[1])
    assert row["error_estimate"] is row["steps"] is None
    assert 0 < row["norm_error"] < 1e-4


def test_ctrl_c_keeps_a_checkpoint_and_the_same_command_goes_on(run, file, tmp_path, monkeypatch):
    path, applied, apply = tmp_path / "kept.npz", [], split.apply_layers
    monkeypatch.setattr(split, "LAYERS_PER_CALL", 4)

    def interrupted(*arguments):
        apply(*arguments)
        applied.append(1)
        if len(applied) == 20:
            os.kill(os.getpid(), signal.SIGINT)

    command = ("anneal", file, "--tau", 50, "--json")
    whole = json.loads(run(*command)[1])
    monkeypatch.setattr(split, "apply_layers", interrupted)
    status, out, err = run(*command, "--checkpoint", path)
    assert (status, out) == (130, "")
    assert err == (
        f"qxgap: interrupted; {path} stores the progress: the same command continues from there\n"
    )
    status, out, _ = run(*command, "--checkpoint", path)
    assert (status, json.loads(out)) == (0, whole)
    assert not path.exists()
    applied.clear()
    status, out, err = run(*command)
    assert (status, out, err.count("\n")) == (130, "", 1)
    assert "the progress of this anneal is lost; --checkpoint FILE stores it" in err


def test_checkpoints_that_cannot_be_are_refused(run, file, tmp_path):
    for more, match in (
        (("--tau", 5, "--checkpoint", "/proc/x"), "cannot be written"),
        (("--tau", 5, "--tau", 6, "--checkpoint", tmp_path / "x"), "stores one anneal"),
        ((file, "--tau", 5, "--checkpoint", tmp_path / "x"), "stores one anneal"),
        (("--tau", 5, "--method", "qutip", "--checkpoint", tmp_path / "x"), "cannot save its pos"),
    ):
        status, out, err = run("anneal", file, *more)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert match in err


def test_the_progress_line_tells_of_the_runs(run, file, monkeypatch):
    texts = []

    @contextmanager
    def line():
        yield texts.append

    monkeypatch.setattr(running, "progress_line", line)
    monkeypatch.setattr("qxgap.dynamics.split_run.REPORT_INTERVAL", 0.0)
    status, out, _ = run("anneal", file, "--tau", 5, "--json")
    assert (status, len(json.loads(out))) == (0, 1)
    assert any(text.startswith("four.npz  tau = 5: run 3") for text in texts)


def test_selected_configurations_prove_an_interval(run, file):
    command = ("anneal", file, "--tau", 10, "--method", "selected")
    (row,) = json.loads(run(*command, "--json")[1])
    exact = qx.anneal(qx.AnnealHamiltonian(qx.load(file)), 10.0).success_probability
    low, high = row["success_probability_interval"]
    assert low - 1e-6 <= exact <= high + 1e-6
    assert row["status"] == "CONVERGED"
    assert "of the anneals end in a state of lowest energy; qubits annealed" in run(*command)[1]
    out = run(*command, "--max-configurations", 2, "--tau", 5)[1]
    assert "the anneal spreads over more than the 2 configurations that were followed" in out
    assert "none of the" not in out.lower()
    (few,) = json.loads(run(*command, "--max-configurations", 2, "--tau", 5, "--json")[1])[1:]
    crossing = qx.landau_zener(qx.AnnealHamiltonian(qx.load(file)))
    assert few["landau_zener"] == pytest.approx(crossing.success_probability(5.0))
    assert few["crossing_s"] == pytest.approx(crossing.s0)
    assert "By Landau and Zener's law" in out
    assert "This is no proof" in out
    assert "qubits that feel the mean field of the others" in out


def test_beyond_memory_the_method_is_selected(run, tmp_path):
    large = qx.save(random_feature_selection(45, seed=1), tmp_path / "large.npz")
    status, out, _ = run("anneal", large, "--tau", 0.01, "--json")
    (row,) = json.loads(out)
    assert status == 0
    assert row["num_configurations"] >= 1
    assert row["success_probability_interval"][1] < 1e-3
    text = run("anneal", large, "--tau", 0.01)[1]
    assert "of the anneals end in a state of lowest energy (proven)" in text
    assert "Landau" not in text
    status, _, err = run("anneal", large, "--tau", 0.01, "--method", "split")
    assert (status, err.count("\n")) == (2, 1)
    assert "no memory for the state vectors of 45 qubits" in err


def test_a_checkpoint_needs_a_state(run, file, tmp_path):
    options = ("--checkpoint", tmp_path / "kept.npz", "--method", "selected")
    status, _, err = run("anneal", file, "--tau", 1, *options)
    assert (status, err.count("\n")) == (2, 1)
    assert "SelectedDynamics gives no state" in err


def test_the_way_of_an_anneal_is_observed(run, file):
    options = ("--observe", "kinks", "--observe", "magnetization", "--at", 0.5, "--at", 1)
    status, out, _ = run("anneal", file, "--tau", 5, *options)
    assert status == 0
    lines = [line.strip() for line in out.splitlines()]
    assert any(line.startswith("kinks") and "at s = 0.5" in line for line in lines)
    (row,) = json.loads(run("anneal", file, "--tau", 5, *options, "--json")[1])
    obs = qx.observables
    expected = qx.anneal(
        qx.load(file), 5.0, at=[0.5, 1.0], observe=[obs.Kinks(), obs.Magnetization()]
    )
    assert row["observations"]["s"] == [0.5, 1.0]
    assert row["observations"]["values"]["kinks"] == pytest.approx(
        expected.observations["kinks"].tolist()
    )
    assert len(row["observations"]["values"]["magnetization"][1]) == 4
    (end,) = json.loads(run("anneal", file, "--tau", 5, "--observe", "levels", "--json")[1])
    assert end["observations"]["s"] == [1.0]
    every = [word for name in Observed for word in ("--observe", name.value)]
    assert run("anneal", file, "--tau", 5, *every, "--method", "qutip")[0] == 0


def test_what_cannot_be_observed_is_refused(run, file, tmp_path):
    for more, match in (
        (("--at", 0.5), "--at 0.5 needs --observe"),
        (("--observe", "kinks", "--at", 1.5), "must lie in"),
        (("--observe", "kinks", "--checkpoint", tmp_path / "x"), "leave out --checkpoint"),
        (("--observe", "colors"), "colors"),
        (("--observe", "kinks", "--method", "selected"), "gives no state"),
    ):
        status, out, err = run("anneal", file, "--tau", 5, *more)
        assert (status, out) == (2, "")
        assert match in err
