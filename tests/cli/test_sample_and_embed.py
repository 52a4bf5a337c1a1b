"""``qxgap sample`` and ``qxgap embed``: options that cannot be."""

import json

import numpy as np
import pytest

import qxgap as qx
from qxgap import samples
from qxgap.testing import random_feature_selection


@pytest.fixture
def problem():
    return random_feature_selection(4, seed=3)


@pytest.mark.parametrize("name", ["x.parquet", "x", "x.json.gz"])
def test_samples_are_written_as_json_or_csv(problem, tmp_path, run, name):
    file = qx.save(problem, tmp_path / "p.json")
    status, _, error = run("sample", file, "-o", tmp_path / name)
    assert (status, error.count("\n")) == (2, 1)
    assert ".json or .csv" in error
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("time", [-1, 0, 1e9, "nan"])
def test_an_anneal_time_that_no_annealer_can_do_is_refused(problem, tmp_path, run, time):
    pytest.importorskip("dwave.system")
    file, out = qx.save(problem, tmp_path / "p.json"), tmp_path / "r.json"
    options = ("--sampler", "dwave", "--solver", "mock-pegasus", "--annealing-time", time)
    status, _, error = run("sample", file, "-o", out, *options)
    assert (status, error.count("\n")) == (2, 1)
    assert "0.5 to 2000 us" in error
    assert not out.exists()


def test_noise_takes_no_negative_number(problem, tmp_path, run):
    status, _, error = run("embed", qx.save(problem, tmp_path / "p.json"), "--noise", "-1")
    assert (status, error.count("\n")) == (2, 1)
    assert "--noise -1" in error


def test_the_exact_sampler_names_a_way_that_works(run, tmp_path):
    """158 variables: no enumeration, but ``qxgap select`` proves the optimum."""
    file = qx.save(random_feature_selection(30, seed=1), tmp_path / "p.json")
    status, _, error = run("sample", file, "-o", tmp_path / "x.json", "--sampler", "exact")
    assert status == 2
    assert "qxgap select" in error
    assert run("select", file)[0] == 0


def test_sample_says_how_many_reads_reach_the_proven_optimum(run, tmp_path):
    problem = random_feature_selection(150, seed=3)
    file, out = qx.save(problem, tmp_path / "p.npz"), tmp_path / "r.json"
    options = ("--reads", 50, "--num-sweeps", 50)
    status, text, _ = run("sample", file, "-o", out, *options)
    assert status == 0
    assert "of 50 reads reached the proven optimum, -2.83 (" in text
    status, text, _ = run("sample", file, "-o", out, *options, "--json")
    row = json.loads(text)
    reads = samples.align(qx.load(file), samples.load_sampleset(out))
    assert row["ground_status"] == "PROVEN"
    assert row["ground_energy"] == pytest.approx(qx.minimize(problem, seed=4).energy)
    assert row["num_ground_reads"] == reads.ground_reads(row["ground_energy"])
    assert row["ground_probability"] == row["num_ground_reads"] / 50
    low, high = row["ground_probability_interval"]
    assert low <= row["ground_probability"] <= high
    status, text, _ = run("sample", file, "-o", out, "--reads", 5, "--sampler", "rotor")
    assert "none of 5 reads reached the proven optimum, -2.83" in text


def test_sample_never_calls_an_energy_without_proof_the_optimum(run, tmp_path):
    rng = np.random.default_rng(5)
    glass = qx.QuboProblem(rng.normal(size=60), np.triu(rng.normal(size=(60, 60)), 1))
    file, out = qx.save(glass, tmp_path / "p.json"), tmp_path / "r.json"
    status, text, _ = run("sample", file, "-o", out, "--reads", 20)
    assert status == 0
    assert "the lowest energy known, which is not proven to be the lowest" in text
    assert "optimum" not in text
    status, text, _ = run("sample", file, "-o", out, "--reads", 20, "--json")
    assert json.loads(text)["ground_status"] == "BEST_KNOWN"


def test_sample_lists_no_ground_reads_of_an_enumeration(run, tmp_path, problem):
    file, out = qx.save(problem, tmp_path / "p.json"), tmp_path / "r.json"
    status, text, _ = run("sample", file, "-o", out, "--sampler", "exact", "--json")
    assert status == 0
    row = json.loads(text)
    assert row["num_reads"] == 16
    assert row["ground_status"] is row["ground_probability"] is row["num_ground_reads"] is None


def test_sample_seeks_no_optimum_of_thousands_of_variables(run, tmp_path, monkeypatch):
    from qxgap.cli.commands import sample

    monkeypatch.setattr(sample, "MOST_SOUGHT", 20)
    file = qx.save(random_feature_selection(30, seed=1), tmp_path / "p.json")
    status, text, _ = run("sample", file, "-o", tmp_path / "r.json", "--reads", 5)
    assert status == 0
    assert "not checked beyond 20 variables" in text
