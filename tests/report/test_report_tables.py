"""The report of real studies that once took the page down: Ising problems, lone ones, failures."""

import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import qxgap as qx
from qxgap import plotting
from qxgap.analysis import fit_laws
from qxgap.report import Results, read_results, write_report
from qxgap.report.findings import couplings
from qxgap.report.sections import gaps as gaps_section
from qxgap.study import ExistingExecutor, Study, run_study
from qxgap.study.tasks import work
from qxgap.testing import random_feature_selection


def ising(d, seed):
    """A problem with couplings of both signs, as most Ising problems have."""
    rng = np.random.default_rng(seed)
    return qx.QuboProblem(rng.normal(size=d), np.triu(rng.normal(size=(d, d)), 1))


def nothing(d):
    return qx.QuboProblem(np.zeros(d), np.zeros((d, d)))


def page_of(folder):
    """The words of the report, which must be well-formed; nothing in it may have failed."""
    written = write_report(folder)
    assert written.failures == []
    tree = ET.fromstring(written.path.read_text(encoding="utf-8").removeprefix("<!doctype html>"))
    return " ".join("".join(tree.itertext()).split())


def study_page(folder, problems, **changes):
    keys = {"tasks": ["gap", "success", "sample", "compare"], "tau": [0, 2, 5], "num_reads": 20}
    study = Study(instances=problems, **(keys | changes))
    with ThreadPoolExecutor(1) as pool:
        run_study(study, folder, ExistingExecutor(pool))
    return page_of(folder)


def test_ising_problems(tmp_path):
    text = study_page(tmp_path, [ising(d, d) for d in (3, 4, 5)])
    assert "The half-normal and exponential laws are not fitted" in text
    assert "A normal law is fitted to the 19 couplings." in text


@pytest.mark.parametrize(
    "problem",
    [random_feature_selection(4, 1), ising(3, 1), nothing(2), qx.QuboProblem([-1.0], [[0.0]])],
    ids=["feature selection", "Ising", "no excited level", "one qubit"],
)
def test_one_instance(tmp_path, problem):
    assert "The study has 1 problem of" in study_page(tmp_path, [problem])


SIZED = {"tasks": ["select", "sample", "compare"], "tau": [0, 5, 20], "max_qubits": 5}


def test_a_study_of_large_problems_only_says_what_reads_were_compared_with(tmp_path):
    problems = [random_feature_selection(d, d) for d in (7, 30, 40)]
    text = study_page(tmp_path, problems, conventions=["paper", "authors-code"], **SIZED)
    assert not (pd.read_parquet(tmp_path / "results.parquet").status == "FAILED").any()
    assert "No prediction to compare with" in text
    assert "is no test of the quantum model" in text
    assert "7 qubits need 2^7 amplitudes, above the limit max_qubits." in text
    assert "the dots are qubits that do not interact, which is no test of the anneal" in text
    assert "20 reads of simulated annealing" in text
    assert "anneal of independent qubits" in text
    assert (tmp_path / "figures" / "reads_beside_independent_qubits.svg").exists()
    assert not list((tmp_path / "figures").glob("agreement*"))
    assert "Nothing failed, and no problem was left out." in text


def test_a_mixed_study_keeps_both_comparisons_apart(tmp_path):
    problems = [random_feature_selection(d, d) for d in (4, 5, 30)]
    text = study_page(tmp_path / "mixed", problems, **SIZED)
    assert "1 larger problem has no prediction." in text
    assert (
        "The reads of 2 problems are compared with the quantum prediction, those of 1 larger with "
        "the proven optimum and qubits that do not interact." in text
    )
    figures = {path.stem for path in (tmp_path / "mixed" / "figures").glob("*.svg")}
    assert {"agreement_of_instances", "reads_beside_independent_qubits"} <= figures
    assert "No quantum prediction is computed for so many qubits" in text
    study_page(tmp_path / "small", problems[:2], **SIZED)
    rows = [Results(read_results(tmp_path / name)).compare for name in ("mixed", "small")]
    columns = ["instance", "model", "predicted", "p_value", "tv_distance"]
    pd.testing.assert_frame_equal(*(part[columns] for part in rows))


def test_a_study_without_a_proof_counts_no_ground_states(tmp_path, monkeypatch):
    def few(problem, seed):
        return qx.selections(problem, seed=seed, max_nodes=1)

    monkeypatch.setattr(work, "selections", few)
    text = study_page(tmp_path, [ising(45, 1)], **SIZED)
    assert "Whether the reads are ground states is not known" in text
    assert "the lowest energy is not proven, so that ground states cannot be counted" in text
    assert "% are ground states" not in text


def test_a_mixture_with_a_file_that_cannot_be_read_and_one_too_large(tmp_path):
    problems = [ising(4, 1), random_feature_selection(3, 2), nothing(2), ising(6, 3)]
    for number, problem in enumerate(problems):
        qx.save(problem, tmp_path / f"p{number}.bqm")
    (tmp_path / "broken.bqm").write_bytes(b"no model")
    text = study_page(tmp_path / "r", [str(tmp_path / "*.bqm")], max_qubits=5)
    assert "The study has 5 problems of" in text
    assert (
        "1 of 5 instances is left out of success: it takes the 2^d amplitudes of a "
        "state, and d is above the study's max_qubits = 5 (p3)." in text
    )
    assert "8 rows failed (gap, success, sample and compare of broken): " in text
    assert "broken.bqm: not a readable .bqm file" in text


def test_rows_that_all_failed(tmp_path):
    large = qx.QuboProblem(-np.ones(50), np.zeros((50, 50)))
    text = study_page(tmp_path, [large], tasks=["gap", "success"], max_qubits=60)
    assert (
        "1 row failed (gap of instance-0000): MemoryLimitError: no memory for the diagonal of 50 "
        in text
    )
    assert "No gap was computed" in text


def test_instances_that_are_all_left_out(tmp_path):
    text = study_page(tmp_path, [ising(4, 1)], tasks=["success"], tau=1, max_qubits=3)
    assert "1 of 1 instances is left out of success" in text


def test_an_empty_table(tmp_path):
    frame = pd.DataFrame(columns=["task", "instance", "num_qubits", "convention", "schedule"])
    frame.assign(tradeoff=0.7, status="").iloc[:0].to_parquet(tmp_path / "results.parquet")
    assert "The study has 0 problems." in page_of(tmp_path)


@pytest.mark.slow
def test_the_recorded_problem_of_d_wave(tmp_path):
    problem = qx.samples.iitis().problem
    text = study_page(tmp_path, [problem], tasks=["gap"], lz_slope=False, rtol=1e-2)
    assert "Of 3 laws fitted to the 120 couplings, the" in text


def test_the_couplings_of_the_recorded_problems_are_described():
    all_laws = ["normal", "half-normal", "exponential"]
    for recorded, laws in ((qx.samples.iitis(), all_laws), (qx.samples.dwisc(), ["normal"])):
        problem = recorded.problem
        values = problem.J[np.triu_indices(problem.num_qubits, 1)]
        assert (values.min() < 0) == (laws == ["normal"])
        fits = fit_laws(values)
        assert list(fits.index) == laws
        law = fits.loc["normal"]
        expected = stats.norm(values.mean(), values.std()).logpdf(values).sum()
        assert law.log_likelihood == pytest.approx(expected)
        (axis,) = plotting.coupling_histogram(values, fits, "couplings").axes
        assert axis.get_xlim()[0] == pytest.approx(values.min())


def test_files_of_one_name_are_two_instances_and_one_that_is_named_twice_is_one(tmp_path):
    qx.save(ising(3, 1), tmp_path / "a.bqm")
    qx.save(ising(4, 2), tmp_path / "a.coo")
    named = [str(tmp_path / "a.bqm"), str(tmp_path / "a.*")]
    text = study_page(tmp_path / "r", named, conventions=["paper", "authors-code"])
    assert "The study has 2 problems of" in text
    assert "whether the gaps with the driver of the authors' code and with" in text.lower()


def broken(*arguments, **options):
    raise KeyError("out of luck")


def test_a_part_that_fails_says_so_and_the_rest_stands(tmp_path, monkeypatch, run):
    study_page(tmp_path, [ising(3, 1), ising(4, 2)], tasks=["gap"])
    monkeypatch.setattr(couplings, "fit_laws", broken)
    figure = plotting.gap_histogram
    monkeypatch.setattr(gaps_section.plotting, "gap_histogram", lambda *a: unsavable(figure(*a)))
    status, text, error = run("report", tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    tree = ET.fromstring(page.removeprefix("<!doctype html>"))
    assert status == 1
    assert "report.html" in text
    assert "'What are the couplings like?' of the page could not be made (KeyError" in error
    assert "the figure 'gap_histogram' could not be drawn (KeyError" in error
    assert error.count("\n") == 2
    assert "This part of the page could not be made (KeyError" in page
    assert "This figure could not be drawn (KeyError" in page
    words = "".join(tree.itertext()).lower()
    assert "the gap is smallest at the end of the anneal" in words
    assert not (tmp_path / "figures" / "gap_histogram.png").exists()
    assert (tmp_path / "figures" / "gap_by_size.png").exists()


def unsavable(figure):
    figure.savefig = broken
    return figure


@pytest.mark.parametrize(
    ("command", "name", "words"),
    [
        ("report", "a.npz", "a.npz: is a file; give a results folder, as qxgap study STUDY.toml"),
        ("cite", "a.npz", "a.npz: is no results table; give a results folder"),
        ("cite", "nowhere", "nowhere: no such file or folder; give a results folder"),
        ("cite", "empty", "has neither results.parquet nor parts/*.parquet; give a results"),
    ],
)
def test_what_is_no_study_is_refused_with_a_remedy_that_helps(tmp_path, run, command, name, words):
    (tmp_path / "a.npz").write_bytes(b"no table")
    (tmp_path / "empty").mkdir()
    status, text, error = run(command, tmp_path / name)
    assert (status, text, error.count("\n")) == (2, "", 1)
    assert words in error


def test_labels_may_be_words(tmp_path):
    J = [[0.0, 1.5], [0.0, 0.0]]
    named = qx.QuboProblem([-1.0, -0.8], J, labels=("alpha", "beta"))
    text = study_page(tmp_path, [named, random_feature_selection(3, seed=1)], tasks=["gap"])
    assert "alpha" in text
