"""The demo pipeline in small, its table, its findings, its figures and its page."""

import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import qxgap as qx

pytest.importorskip("torch")

from qxgap.study import Given, run_demo
from qxgap.study.findings import cluster_bootstrap


def engine():
    """Run in a thread of this process, which spares the tests the start of others."""
    return Given(ThreadPoolExecutor(1))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "results"
    report, findings = run_demo(folder, per_class=1, num_reads=200, seed=3, engine=engine())
    return folder, report, findings, pd.read_parquet(folder / "results.parquet")


def test_the_table_holds_what_the_library_says(demo):
    _, _, _, frame = demo
    gap, success = frame[frame.task == "gap"], frame[frame.task == "success"]
    assert (len(gap), len(success)) == (20, 60)
    assert set(gap.convention) == {"paper", "authors-code"}
    assert set(gap.label) == set(range(10))
    assert (gap.gap_lower <= gap.gap).all()
    assert (gap.gap <= gap.classical_gap * (1 + 1e-12)).all()
    assert success.error_estimate.max() <= 1e-6
    assert (frame.num_reads[frame.task == "compare"] == 200).all()
    assert frame.versions.str.contains(f"qxgap {qx.__version__}").all()


def test_exact_selections_are_never_worse_than_the_baselines(demo):
    _, _, _, frame = demo
    for row in frame[frame.task == "gap"].itertuples():
        assert len(row.top_k) == len(row.selected)
        assert len(row.random_k) == len(row.selected)
        assert len(row.all_positive) == row.num_qubits
        assert 0 <= row.num_fixed <= row.num_qubits
        assert row.top_k_is_optimal == (set(row.top_k) == set(row.selected)) or row.degeneracy > 1


def test_the_page_is_self_contained_and_says_what_was_found(demo):
    folder, report, findings, _ = demo
    page = report.read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert page.count("data:image/png;base64,") == len(list(folder.glob("*.png"))) == 7
    assert len(findings) > 8
    text = " ".join(findings)
    for words in (
        "median minimum gap",
        "tau = 100",
        "Null model",
        "top-k",
        "Greedy",
        "drawn at random",
        "Reduction before any search",
        "half-normal (AIC",
        "mean-field size",
        "linear head",
    ):
        assert words in text
    assert not re.search(r"\bnan\b", text)


def test_results_are_reproducible(demo, tmp_path):
    _, _, findings, frame = demo
    _, again = run_demo(tmp_path, per_class=1, num_reads=200, seed=3, engine=engine())
    assert again == findings
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "results.parquet"), frame)


def test_the_cluster_bootstrap_covers_and_widens_with_clustering():
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(30), 4)
    hits = 0
    for _ in range(100):
        values = np.repeat(rng.normal(size=30), 4) + 0.1 * rng.normal(size=120)
        low, high = cluster_bootstrap(values, clusters, np.mean, rng)
        hits += low <= 0.0 <= high
    assert hits >= 85
    alone = cluster_bootstrap(values, np.arange(120), np.mean, 0)
    together = cluster_bootstrap(values, clusters, np.mean, 0)
    assert together[1] - together[0] > 1.5 * (alone[1] - alone[0])
