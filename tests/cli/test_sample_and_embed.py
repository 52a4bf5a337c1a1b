"""``qxgap sample`` and ``qxgap embed``: options that cannot be."""

import pytest

import qxgap as qx
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
