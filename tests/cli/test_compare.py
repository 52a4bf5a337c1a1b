"""``qxgap compare``: sources of runs, models of a solver, the page."""

import json
import re
from xml.etree import ElementTree

import dimod
import numpy as np
import pytest
from sampled import SOLVER, as_ocean, two_sources, write

import qxgap as qx
from qxgap import samples
from qxgap.samples import model_sets
from qxgap.testing import random_feature_selection


@pytest.fixture
def reads(tmp_path, monkeypatch):
    """A problem of two components, and four runs of two sources; path integrals are drawn few."""
    monkeypatch.setattr(model_sets, "MOST_WORLDLINES", 60)
    return two_sources(tmp_path)


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
    assert text.count("best model ") == 2
    assert text.count("\nSchrödinger ") == 2
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


@pytest.fixture
def problem():
    return random_feature_selection(4, seed=3)


@pytest.fixture
def repeated(problem, tmp_path, monkeypatch):
    """A problem and three runs of it, on disk; path integrals are drawn few."""
    monkeypatch.setattr(model_sets, "MOST_WORLDLINES", 60)
    files = [write(as_ocean(problem, n), tmp_path / f"ta20us_{n}.json") for n in range(3)]
    return qx.save(problem, tmp_path / "problem.json"), files


def test_reads_of_ocean_need_no_tau_and_repeated_runs_are_pooled(repeated, run):
    problem, files = repeated
    status, text, error = run("compare", problem, *files, "--solver", SOLVER, "--json")
    assert (status, error) == (0, "")
    (row,) = json.loads(text)
    assert row["source"] == f"{SOLVER}, 20 us"
    assert (row["num_runs"], row["num_reads"], row["tau"]) == (3, 600, 20_000.0)
    counts = [
        samples.align(qx.load(problem), samples.load_sampleset(file)).ground_reads()
        for file in files
    ]
    assert row["ground_probability"] == pytest.approx(sum(counts) / 600)


def test_runs_of_says_which_files_belong_together(repeated, run):
    problem, files = repeated
    status, text, _ = run("compare", problem, *files, "--runs-of", "mine=*us_[01].json", "--json")
    assert status == 0
    mine, other = json.loads(text)
    assert (mine["source"], mine["num_runs"], mine["num_reads"]) == ("mine, 20 us", 2, 400)
    assert (other["source"], other["num_runs"]) == (str(files[2]), 1)
    loaded = [samples.load_sampleset(file) for file in files[:2]]
    measured = samples.ground_probability(qx.load(problem), loaded, seed=1)
    assert mine["ground_probability"] == measured.value
    assert mine["ground_probability_interval"] == list(measured.interval)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--runs-of", "mine"], "give NAME=PATTERN"),
        (["--runs-of", "mine=nothing*"], "no sample file fits 'nothing*'"),
        (["--runs-of", "a=*0.json", "--runs-of", "b=*us*"], "a run of a and of b"),
        (["--solver", "DW_9000"], "DW_9000"),
        (["--tau", "10", "--tau", "50"], "--tau is given 2 times; give it once"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_what_compare_refuses_of_runs(repeated, run, options, message):
    problem, files = repeated
    status, text, error = run("compare", problem, *files, *options)
    assert (status, text, error.count("\n")) == (2, "", 1)
    assert message in error


def test_an_unknown_solver_is_refused_before_the_anneal_time_is(problem, run, tmp_path):
    silent = qx.sample(problem, qx.samplers.GibbsSampler(), num_reads=5, seed=1, temperature=0.3)
    path = samples.save_sampleset(silent, tmp_path / "silent.json")
    _, _, error = run(
        "compare", qx.save(problem, tmp_path / "a.npz"), path, "--solver", "Advantage9"
    )
    assert "Advantage9" in error
    assert SOLVER.partition(".")[0] in error


def test_reads_of_another_solver_are_noted(repeated, problem, tmp_path, run):
    file, _ = repeated
    drawn = as_ocean(problem, 0)
    drawn.info["chip_id"] = "Advantage_system6.4"
    path = write(drawn, tmp_path / "six.json")
    status, text, error = run("compare", file, path, "--solver", SOLVER, "--json")
    assert status == 0
    assert f"{path} was drawn by Advantage_system6.4" in error
    assert json.loads(text)[0]["source"] == "Advantage_system6.4, 20 us"


def test_states_only_counts_states_of_other_energies(problem, tmp_path, run):
    """The remedy that the message names exists on the command line."""
    drawn = as_ocean(problem, 0)
    drawn.record.energy += 3.0
    path, file = write(drawn, tmp_path / "a.json"), qx.save(problem, tmp_path / "p.json")
    status, _, error = run("compare", file, path, "--tau", 5)
    assert status == 2
    assert "--states-only" in error
    status, text, _ = run("compare", file, path, "--tau", 5, "--states-only", "--json")
    assert status == 0
    drawn.record.energy -= 3.0
    _, same, _ = run("compare", file, write(drawn, path), "--tau", 5, "--json")
    assert text == same


def test_a_folder_is_no_sample_file(problem, tmp_path, run):
    file = qx.save(problem, tmp_path / "p.json")
    status, _, error = run("compare", file, tmp_path)
    assert (status, error.count("\n")) == (2, 1)
    assert f"{tmp_path}: a folder; give the sample files in it" in error


def test_a_model_that_cannot_be_integrated_is_left_out_with_a_note(tmp_path, run, monkeypatch):
    """Energies so small that the closed anneal is not adiabatic after 100 ns."""
    monkeypatch.setattr(model_sets, "MOST_WORLDLINES", 60)
    plain = random_feature_selection(3, 1)
    problem = qx.QuboProblem(plain.h / 300, plain.J / 300)
    file = qx.save(problem, tmp_path / "p.json")
    path = write(as_ocean(problem, 0), tmp_path / "a.json")
    status, text, error = run("compare", file, path, "--solver", SOLVER, "--json")
    assert (status, error.count("\n")) == (0, 1)
    assert error.startswith(
        "qxgap: the model 'Schrödinger' is left out: a closed anneal of 20000 ns"
    )
    (row,) = json.loads(text)
    names = {model["model"] for model in row["models"]}
    assert "Schrödinger" not in names
    assert len(names) == 8


def test_compare_works_at_150_qubits_by_the_share_of_ground_states(run, tmp_path):
    problem = random_feature_selection(150, seed=3)
    file, out = qx.save(problem, tmp_path / "p.npz"), tmp_path / "page"
    reads = qx.sample(problem, num_reads=60, seed=1, num_sweeps=50)
    path = samples.save_sampleset(reads, tmp_path / "reads.json")
    status, text, _ = run("compare", file, path, "--tau", 20, "-o", out)
    assert status == 0
    assert "have the proven optimum, -2.83" in text
    assert "need all 2^d energies" in text
    assert "independent qubits" in text
    page = (out / "comparison.html").read_text(encoding="utf-8")
    ElementTree.fromstring(page.split("\n", 1)[1])
    assert "proven by branch and bound" in page
    status, text, _ = run("compare", file, path, "--tau", 20, "--json")
    (row,) = json.loads(text)
    assert (row["num_reads"], row["tau"], row["ground_status"]) == (60, 20.0, "PROVEN")
    assert row["tv_distance"] is None
    assert row["left_out"]
    found = samples.ground_probability(problem, [reads])
    assert row["ground_probability"] == found.value
    assert [model["model"] for model in row["models"]] == [
        "independent qubits",
        "simulated annealing",
        "uniform guess",
    ]
    status, _, error = run("compare", file, path, "--solver", SOLVER)
    assert (status, error.count("\n")) == (2, 1)
    assert "--tau in ns" in error


def test_compare_without_a_proof_says_so(run, tmp_path):
    rng = np.random.default_rng(5)
    glass = qx.QuboProblem(rng.normal(size=60), np.triu(rng.normal(size=(60, 60)), 1))
    file = qx.save(glass, tmp_path / "p.json")
    path = samples.save_sampleset(qx.sample(glass, num_reads=20, seed=1), tmp_path / "r.json")
    status, text, error = run("compare", file, path, "-o", tmp_path / "page")
    assert status == 0
    assert "the lowest energy known" in text
    assert "not proven to be the lowest" in text
    assert "optimum" not in text
    assert "'independent qubits' is left out" in error
    assert "not tested" in text
    page = (tmp_path / "page" / "comparison.html").read_text(encoding="utf-8")
    assert "which is not proven to be the lowest" in page


def test_reads_that_are_nearly_the_best_have_a_time_to_epsilon(run, tmp_path):
    problem = qx.QuboProblem([-1.0, -0.005], [[0.0, 0.0], [0.0, 0.0]])
    file = qx.save(problem, tmp_path / "two.bqm")
    rows = dimod.SampleSet.from_samples_bqm([{0: 1, 1: 0}] * 9 + [{0: 0, 1: 0}], problem.to_bqm())
    reads = qx.samples.save_sampleset(rows, tmp_path / "reads.json")
    status, out, _ = run("compare", file, reads, "--tau", 5)
    assert status == 0
    assert "unknown; 10 of annealing find a state within 1 % of it" in " ".join(out.split())
    (row,) = json.loads(run("compare", file, reads, "--tau", 5, "--json")[1])
    assert row["tts99"] is None
    assert (row["epsilon"], row["near_probability"], row["tte99"]) == (0.01, 0.9, 10.0)
