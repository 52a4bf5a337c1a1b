"""Means and paired differences: normal and Student's intervals, clusters, coverage."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import qxgap as qx
from qxgap import statistics


def test_paired_difference_against_the_normal_interval():
    rng = np.random.default_rng(1)
    shared = rng.normal(0, 50, size=400)
    first, second = shared + rng.normal(1, 2, 400), shared
    found = statistics.paired_difference(first, second, seed=2)
    half = 1.96 * (first - second).std(ddof=1) / 20
    assert found.mean == pytest.approx((first - second).mean())
    assert found.interval == pytest.approx((found.mean - half, found.mean + half), abs=0.02)
    assert math.isnan(found.clustered_interval[0])
    assert found.wider_interval == found.interval
    assert found.excludes_zero
    assert found == statistics.paired_difference(first, second, seed=2)
    assert not statistics.paired_difference(
        second, second - 1e-3 * rng.normal(size=400), seed=2
    ).excludes_zero


def test_clusters_widen_the_interval():
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(12), 30)
    values = rng.normal(0, 1, 12)[clusters] + rng.normal(0, 0.1, clusters.size)
    found = statistics.mean_interval(values, clusters, seed=0)
    width, wide = (high - low for low, high in (found.interval, found.clustered_interval))
    assert wide > 3 * width
    spread = values.reshape(12, 30).mean(axis=1).std(ddof=1) / math.sqrt(12)
    assert wide == pytest.approx(2 * stats.t.ppf(0.975, 11) * spread)
    assert found.wider_interval == found.clustered_interval
    assert (found.num_values, found.num_clusters) == (360, 12)
    assert str(found).startswith(f"{found.mean:.2f} [{found.wider_interval[0]:.2f}")


def test_many_clusters_of_unlike_sizes_are_resampled():
    rng = np.random.default_rng(3)
    clusters = np.repeat(np.arange(80), rng.integers(1, 9, 80))
    values = rng.normal(0, 1, 80)[clusters] + rng.normal(0, 0.3, clusters.size)
    found = statistics.mean_interval(values, clusters, seed=0)
    sizes = np.bincount(clusters)
    residuals = np.bincount(clusters, values) - found.mean * sizes
    error = math.sqrt(80 / 79 * (residuals**2).sum()) / sizes.sum()
    low, high = found.clustered_interval
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_few_values_have_students_interval():
    values = np.random.default_rng(5).exponential(1, 11)
    found = statistics.mean_interval(values, np.arange(11), seed=0, confidence_level=0.9)
    expected = stats.t.interval(0.9, 10, values.mean(), stats.sem(values))
    assert found.interval == pytest.approx(expected)
    assert found.clustered_interval == pytest.approx(expected)


@pytest.mark.parametrize("size", [3, 11])
def test_coverage_with_few_values(size):
    rng = np.random.default_rng(size)
    hits = 0
    for _ in range(400):
        low, high = statistics.mean_interval(rng.normal(size=size), seed=rng).interval
        hits += low <= 0 <= high
    assert 0.92 <= hits / 400 <= 0.98


def test_coverage_of_the_interval():
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(200):
        low, high = statistics.mean_interval(
            rng.exponential(1, 60), seed=rng, num_resamples=400
        ).interval
        hits += low <= 1 <= high
    assert 0.88 <= hits / 200 <= 0.985


def test_intervals_of_little_or_equal_data():
    assert statistics.mean_interval([2.0, 2.0, 2.0], [0, 0, 1], seed=0).wider_interval == (2, 2)
    assert statistics.mean_interval([2.0, 2.0], seed=0).excludes_zero
    one = statistics.mean_interval([2.0], seed=0)
    assert (one.mean, one.excludes_zero) == (2.0, False)
    assert math.isnan(one.wider_interval[0])
    assert math.isnan(statistics.mean_interval([1.0, 2.0], [3, 3], seed=0).clustered_interval[0])


@pytest.mark.parametrize(
    ("values", "clusters", "message"),
    [([], None, r"shape \(0,\)"), ([math.nan], None, "finite"), ([1.0], [1, 2], "clusters")],
)
def test_interval_errors(values, clusters, message):
    with pytest.raises(qx.InputError, match=message):
        statistics.mean_interval(values, clusters, seed=0)
    with pytest.raises(qx.InputError, match="cannot be paired"):
        statistics.paired_difference([1.0], [1.0, 2.0], seed=0)


def test_results_print_themselves():
    results = {
        "3.00 [1.04, 4.96]": statistics.mean_interval([1.0, 2.0, 3.0, 4.0, 5.0]),
        "2.5 [no interval]": statistics.Estimate(2.5, math.nan, math.nan, 1),
        "0.2 [0.1, 0.3], 0.05 by chance alone": statistics.MeasuredDistance(
            0.2, 0.05, (0.1, 0.3), 0.95
        ),
        "The 3 runs spread 6.2 times as much as independent reads of one probability would (in "
        "variance; such a spread has the probability 0.0019 there).": (
            statistics.overdispersion([10, 30, 20], [100, 100, 100])
        ),
    }
    for text, result in results.items():
        assert str(result) == text
        assert repr(result) == f"<{type(result).__name__}: {text.removesuffix('.')}>"
        assert text in result._repr_html_()
        assert set(result.to_dict()) == {field.name for field in dataclasses.fields(result)}


def test_the_package_knows_no_physics():
    folder = Path(statistics.__file__).parent
    for file in folder.glob("*.py"):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip().startswith(("from ", "import ")):
                assert "dimod" not in line
                assert "dwave" not in line
                assert not line.startswith("from ..") or line.split()[1] in (
                    "..checks",
                    "..errors",
                    "..results",
                ), line
