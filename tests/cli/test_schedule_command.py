"""``qxgap schedule``: points for an annealer, in a file."""

import json

import numpy as np
import pytest

import qxgap as qx
from qxgap.annealing import check_anneal_schedule

SOLVER = "Advantage2_system1"


@pytest.fixture
def file(tmp_path):
    return qx.save(qx.testing.random_feature_selection(4, seed=3), tmp_path / "p.npz")


def test_the_file_holds_what_is_printed(run, file, tmp_path):
    out = tmp_path / "points.json"
    status, text, _ = run("schedule", file, "--for", SOLVER, "-o", out, "--json")
    assert status == 0
    (row,) = json.loads(text)
    assert json.loads(out.read_text()) == {k: v for k, v in row.items() if k != "file"}
    check_anneal_schedule(row["anneal_schedule"])
    problem = qx.load(file)
    scale = qx.samplers.scale_without_chains(problem, "zephyr").factor
    assert row["scale"] == scale
    H = qx.AnnealHamiltonian(problem, qx.AnnealSchedule.of_solver(SOLVER, scale=scale))
    waveform = qx.locally_adiabatic(H).to_dwave(SOLVER, 20_000, scale=scale)
    np.testing.assert_allclose(row["anneal_schedule"], waveform.points)
    assert row["mean_distance"] == pytest.approx(waveform.mean_distance)


def test_what_it_says(run, file, tmp_path):
    arguments = ("schedule", file, "--for", SOLVER, "-o", tmp_path / "p.json")
    status, text, _ = run(*arguments)
    assert status == 0
    for words in ("12 points for 20 us", "on average over the time", "time (us)", "p.json"):
        assert words in text
    status, text, _ = run(*arguments, "--kind", "even", "--annealing-time", 0.5, "--loss")
    assert status == 0
    assert "the points are the schedule itself" in text
    assert "without noise, 0.9" in text
    status, text, _ = run(*arguments, "--kind", "pause", "--scale", 1, "--json")
    (row,) = json.loads(text)
    points = np.array(row["anneal_schedule"])
    assert points.shape == (4, 2)
    assert points[2, 0] - points[1, 0] == pytest.approx(10, abs=0.02)
    gap = qx.minimum_gap(
        qx.AnnealHamiltonian(qx.load(file), qx.schedule_named(f"{SOLVER}_standard"))
    )
    np.testing.assert_allclose(points[1:3, 1], gap.s_star, atol=1e-3)


def test_properties_of_a_solver(run, file, tmp_path):
    limits = {"max_anneal_schedule_points": 4, "annealing_time_range": [1.0, 50.0]}
    path = tmp_path / "properties.json"
    arguments = ("schedule", file, "--for", SOLVER, "-o", tmp_path / "p.json", "--json")
    for content in (limits, {"properties": limits}):
        path.write_text(json.dumps(content))
        status, text, _ = run(*arguments, "--properties", path)
        assert status == 0
        assert len(json.loads(text)[0]["anneal_schedule"]) == 4
        status, _, error = run(*arguments, "--properties", path, "--annealing-time", 0.8)
        assert (status, error.count("\n")) == (2, 1)
        assert "between 1000 and 50000 ns" in error
    for content, message in (("[1]", "holds a list"), ("{", "is not JSON"), ("{}", "have no max")):
        path.write_text(content)
        status, _, error = run(*arguments, "--properties", path)
        assert (status, error.count("\n")) == (2, 1)
        assert message in error
    status, _, error = run(*arguments, "--properties", tmp_path / "nosuch.json")
    assert status == 2
    assert "nosuch.json: cannot be read" in error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--for", "Advantage9", "-o", "p.json"), "no table of solver 'Advantage9'"),
        (("--for", SOLVER, "-o", "p.txt"), "ends in .json"),
        (("--for", SOLVER, "-o", "p.json", "--annealing-time", 0.4), "between 500 and 2000000 ns"),
        (("--for", SOLVER, "-o", "p.json", "--max-points", 1), "two points or more"),
        (("--for", SOLVER, "-o", "p.json", "--scale", 0), "above 0"),
        (("--for", SOLVER, "-o", "p.json", "--kind", "pause", "--pause", 1), r"inside \(0, 1\)"),
        (("-o", "p.json"), "--for"),
    ],
)
def test_mistakes(run, file, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    status, _, error = run("schedule", file, *options)
    assert (status, error.count("\n")) == (2, 1)
    import re

    assert re.search(message, error)
    assert not (tmp_path / "p.json").exists()
