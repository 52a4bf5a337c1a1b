"""Intervals of proportions and of clusters, and the spread of runs, against scipy."""

import math

import numpy as np
import pytest
import scipy.signal
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

import qxgap as qx
from qxgap import statistics


@given(st.integers(1, 10_000), st.floats(0, 1), st.floats(0.5, 0.999))
def test_jeffreys_intervals_are_beta_quantiles(reads, fraction, level):
    successes = round(fraction * reads)
    low, high = statistics.jeffreys_interval(successes, reads, level)
    beta = scipy.stats.beta(successes + 0.5, reads - successes + 0.5)
    assert low == (pytest.approx(beta.ppf((1 - level) / 2), rel=1e-8) if successes else 0.0)
    assert high == (pytest.approx(beta.ppf((1 + level) / 2), rel=1e-8) if successes < reads else 1)
    assert 0 <= low <= successes / reads <= high <= 1


@pytest.mark.parametrize("n", [20, 200])
def test_jeffreys_intervals_cover_what_they_say(n):
    intervals = np.array([statistics.jeffreys_interval(k, n) for k in range(n + 1)])
    p = np.linspace(0.002, 0.998, 499)
    inside = (intervals[:, :1] <= p) & (p <= intervals[:, 1:])
    coverage = (scipy.stats.binom.pmf(np.arange(n + 1)[:, None], n, p) * inside).sum(axis=0)
    assert coverage.mean() == pytest.approx(0.95, abs=0.01)
    assert coverage.min() > 0.85


def test_overdispersion_is_pearson_s():
    k, n = np.array([30, 41, 55, 20]), np.array([100, 100, 120, 90])
    expected = scipy.stats.contingency.chi2_contingency(np.array([k, n - k]), correction=False)
    found = statistics.overdispersion(k, n)
    assert found.factor == pytest.approx(expected.statistic / 3)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert statistics.overdispersion([0, 0], [5, 5]).factor == 1.0
    assert statistics.effective_sample_size(k, n) == pytest.approx(410 / found.factor)
    assert statistics.effective_sample_size([10, 10], [20, 20]) == 40


def test_the_cluster_interval_is_student_s_for_many_normal_totals():
    rng = np.random.default_rng(4)
    y = rng.normal(500, 30, size=40)
    t = scipy.stats.t(39, y.mean(), y.std(ddof=1) / math.sqrt(40)).interval(0.95)
    low, high = statistics.cluster_interval(y, np.ones(40), num_resamples=40_000, seed=0)
    assert (low, high) == pytest.approx(t, abs=0.05 * (t[1] - t[0]))
    assert statistics.cluster_interval(y, np.ones(40), seed=3) == statistics.cluster_interval(
        y, np.ones(40), seed=3
    )


def test_outliers_are_named_and_few():
    rng = np.random.default_rng(0)
    p = rng.normal(0.6, 0.05, size=20)
    k = rng.binomial(1000, p)
    assert statistics.outlier_runs(k, np.full(20, 1000)).size == 0
    k[[4, 11]] = 0, 1000
    assert statistics.outlier_runs(k, np.full(20, 1000)).tolist() == [4, 11]
    assert statistics.outlier_runs([0, 10], [10, 10]).size == 0
    agreeing = [500] * 9 + [502]  # less spread than binomial: the floor of the scale is 1
    assert statistics.outlier_runs(agreeing, [1000] * 10).size == 0
    assert abs(statistics.outlier_scores(agreeing, [1000] * 10)[-1]) < 0.2


def test_serial_sample_sizes_of_an_autoregression():
    rng, rho, n = np.random.default_rng(0), 0.8, 20_000
    x = scipy.signal.lfilter([1], [1, -rho], rng.normal(size=n))
    assert statistics.serial_sample_size(x) == pytest.approx(n * (1 - rho) / (1 + rho), rel=0.15)
    assert statistics.serial_sample_size(rng.normal(size=n)) == pytest.approx(n, rel=0.1)
    assert statistics.serial_sample_size(np.ones(7)) == 7


@pytest.mark.parametrize(
    "call",
    [
        lambda: statistics.jeffreys_interval(1, 0),
        lambda: statistics.jeffreys_interval(3, 2),
        lambda: statistics.jeffreys_interval(1, 2, 1.0),
        lambda: statistics.overdispersion([1], [2]),
        lambda: statistics.overdispersion([3, 1], [2, 2]),
        lambda: statistics.cluster_interval([1.0], [2]),
        lambda: statistics.cluster_interval([1.0, 2.0], [2, 0]),
        lambda: statistics.cluster_interval([1.0, 2.0], [2, 2], confidence_level=1.0),
        lambda: statistics.outlier_runs([1, 1], [2, 2], false_alarm=0.0),
        lambda: statistics.serial_sample_size([1.0]),
    ],
)
def test_senseless_intervals_are_refused(call):
    with pytest.raises(qx.InputError):
        call()
