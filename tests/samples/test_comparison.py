"""`qxgap compare` with models and its page."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import qxgap as qx
from qxgap import samples
from qxgap.samplers import group_runs
from qxgap.samples import model_sets
from qxgap.testing import random_feature_selection

SOLVER = "Advantage2_system1.4"


@pytest.fixture
def reads(tmp_path, monkeypatch):
    """A problem of two components, and four runs of two sources on disk."""
    monkeypatch.setattr(model_sets, "MOST_WORLDLINES", 60)
    J = np.zeros((5, 5))
    J[:3, :3] = random_feature_selection(3, 1).J
    J[3:, 3:] = random_feature_selection(2, 2).J
    problem = qx.QuboProblem([-1.0, -0.5, -0.7, -1.0, -0.9], J, labels=[7, 3, 11, 2, 5])
    qx.save(problem, tmp_path / "problem.bqm")
    files = []
    for number, (source, temperature) in enumerate([("cold", 0.1)] * 2 + [("warm", 0.5)] * 2):
        drawn = qx.sample(
            problem, qx.samplers.GibbsSampler(), num_reads=400, seed=number, temperature=temperature
        )
        drawn.info.update(source=source, annealing_time_us=20.0)
        files.append(samples.save_sampleset(drawn, tmp_path / f"run{number}.json"))
    return problem, tmp_path / "problem.bqm", files


def test_runs_of_one_source_belong_together(reads):
    _, _, files = reads
    drawn = {str(path): samples.load_sampleset(path) for path in files}
    groups = group_runs(drawn)
    assert {name: len(runs) for name, runs in groups.items()} == {
        "cold, 20 us": 2,
        "warm, 20 us": 2,
    }
    for sampleset in drawn.values():
        del sampleset.info["source"]
    assert set(group_runs(drawn)) == set(drawn)


def test_compare_with_a_solver_writes_a_page(reads, run, tmp_path):
    _, problem, files = reads
    out = tmp_path / "page"
    status, text, _ = run("compare", problem, *files, "--solver", SOLVER, "-o", out, "--json")
    assert status == 0
    cold, warm = json.loads(text)
    assert (cold["num_runs"], cold["num_reads"], cold["tau"]) == (2, 800, 20_000.0)
    assert cold["effective_temperature"] == pytest.approx(0.1, rel=0.2)
    assert warm["effective_temperature"] == pytest.approx(0.5, rel=0.2)
    assert {"classical Gibbs, fitted"} <= set(warm["acceptable"])
    names = [row["model"] for row in cold["models"]]
    assert {"Schrödinger", "path integral", "uniform guess", "simulated annealing"} <= set(names)
    assert cold["model"] == cold["nearest"] == names[0]
    page = (out / "comparison.html").read_text(encoding="utf-8")
    ElementTree.fromstring(page.split("\n", 1)[1])
    assert not re.search(r"(src|href)=\"(?!#)", page)
    for source in ("cold, 20 us", "warm, 20 us"):
        assert source in page
    assert len(list((out / "figures").glob("*.png"))) == 4
    assert len(list((out / "figures").glob("*.svg"))) == 4


def test_compare_without_a_solver_prints_a_ladder_for_each_source(reads, run, tmp_path):
    _, problem, files = reads
    out = tmp_path / "page"
    status, text, _ = run("compare", problem, *files[1:3], "--tau", 5, "-o", out)
    assert status == 0
    assert text.count("nearest: ") == 2
    assert "Schrödinger" in text
    assert (out / "comparison.html").is_file()


def test_what_compare_refuses(reads, run, tmp_path):
    problem, file, files = reads
    silent = qx.sample(problem, qx.samplers.GibbsSampler(), num_reads=50, seed=1, temperature=0.3)
    path = samples.save_sampleset(silent, tmp_path / "silent.json")
    status, _, error = run("compare", file, path, "--solver", SOLVER)
    assert (status, error.count("\n")) == (2, 1)
    assert "--tau in ns" in error
    status, _, error = run("compare", file, files[0], "--solver", "DW_9000")
    assert status == 2
    assert "DW_9000" in error
    (tmp_path / "taken").write_text("")
    status, _, error = run("compare", file, files[0], "-o", tmp_path / "taken")
    assert status == 2
    assert "taken" in error


def test_headings_are_names_of_files_with_as_many_folders_as_tell_them_apart():
    from qxgap.report.samples_page import short_names

    sources = ["/data/a/run.json", "/data/b/run.json", "/data/b/other.json", "cold, 20 us"]
    assert list(short_names(sources).values()) == [
        "a/run.json",
        "b/run.json",
        "other.json",
        "cold, 20 us",
    ]
    assert list(short_names(["run.json", "a/run.json"]).values()) == ["run.json", "a/run.json"]
