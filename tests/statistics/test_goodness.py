"""P-values of counts against exact tests and simulation."""

import math

import numpy as np
import pytest
import scipy.signal
import scipy.stats

import qxgap as qx
from qxgap import statistics


@pytest.mark.parametrize(("cells", "reads"), [(8, 300), (1000, 400)])
def test_p_values_are_uniform_under_the_prediction(cells, reads):
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.full(cells, 0.5))
    values = [
        statistics.goodness_of_fit(rng.multinomial(reads, p), p, num_resamples=199, seed=rng)
        for _ in range(300)
    ]
    assert scipy.stats.kstest(values, "uniform").pvalue > 1e-3


def test_p_values_tell_a_wrong_model():
    rng = np.random.default_rng(2)
    p, q = rng.dirichlet(np.ones(64)), rng.dirichlet(np.ones(64))
    counts = rng.multinomial(1000, p)
    assert statistics.goodness_of_fit(counts, q, num_resamples=999, seed=0) == 1e-3
    assert statistics.goodness_of_fit(counts, p, seed=0) > 0.01
    assert statistics.goodness_of_fit(counts, p, seed=5) == statistics.goodness_of_fit(
        counts, p, seed=5
    )


def test_the_p_value_is_that_of_the_exact_test():
    # two cells of 10 and 30 expected reads: enumerate the binomial
    k = np.arange(41)
    G = 2 * (scipy.special.xlogy(k, k / 10) + scipy.special.xlogy(40 - k, (40 - k) / 30))
    exact = scipy.stats.binom.pmf(k, 40, 0.25)[G[14] - 1e-9 <= G].sum()
    value = statistics.goodness_of_fit([14, 26], [0.25, 0.75], num_resamples=20_000, seed=0)
    assert value == pytest.approx(exact, abs=4 * math.sqrt(exact / 20_000))


@pytest.mark.parametrize("nothing", [0.0, 1e-30, 1e-15])
def test_reads_in_impossible_cells(nothing):
    p = np.array([0.5, nothing, 0.5 - nothing])
    assert statistics.goodness_of_fit([50, 1, 49], p, num_resamples=99, seed=0) == 0.01
    assert statistics.goodness_of_fit([50, 0, 50], p, num_resamples=99, seed=0) == 1.0


def test_very_many_cells_are_pooled_further():
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.full(30_000, 20.0))
    counts = rng.multinomial(600_000, p)
    assert statistics.goodness_of_fit(counts, p, num_resamples=50, seed=0) > 0.02
    wrong = rng.permutation(p)
    assert statistics.goodness_of_fit(counts, wrong, num_resamples=19, seed=0) == 0.05


def test_too_few_reads_are_no_evidence():
    assert statistics.goodness_of_fit([3, 0, 0], [0.2, 0.4, 0.4], seed=0) == 1.0
    assert statistics.goodness_of_fit([0, 9], [0.0, 1.0], seed=0) == 1.0
    assert statistics.goodness_of_fit([1, 0, 99], [0.01, 0.01, 0.98], seed=0) > 0.3


def test_the_permutation_test_is_fisher_s_exact_test():
    table = np.array([[30, 70], [48, 52]])
    found = statistics.same_distribution(*table, num_resamples=40_000, seed=0)
    G = scipy.stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
    k = np.arange(79)
    tables = [np.array([[i, 100 - i], [78 - i, 22 + i]]) for i in k]
    every = np.array(
        [2 * scipy.special.xlogy(t, t / np.outer(t.sum(1), t.sum(0)) * 200).sum() for t in tables]
    )
    exact = scipy.stats.hypergeom.pmf(k, 200, 78, 100)[every >= G - 1e-9].sum()
    assert found == pytest.approx(exact, abs=4 * math.sqrt(exact / 40_000))
    assert statistics.same_distribution(*table, statistic=statistics.pearson, seed=0) < 0.05


def test_runs_are_dealt_out_whole():
    rng = np.random.default_rng(0)
    pooled, whole, shifted = [], [], []
    for _ in range(200):  # runs differ by more than their reads let expect, samplers do not
        k = rng.binomial(1000, np.clip(rng.normal(0.5, 0.1, size=12), 0, 1))
        runs = np.stack([k, 1000 - k], axis=1)
        other = np.stack([k // 2, 1000 - k // 2], axis=1)
        options = {"num_resamples": 199, "seed": rng}
        pooled.append(statistics.same_distribution(runs[:6].sum(0), runs[6:].sum(0), **options))
        whole.append(statistics.same_distribution(runs[:6], runs[6:], **options))
        shifted.append(statistics.same_distribution(runs[:6], other[6:], **options))
    assert np.mean(np.array(pooled) < 0.05) > 0.5
    assert scipy.stats.kstest(whole, "uniform").pvalue > 1e-3
    assert np.mean(np.array(shifted) < 0.05) > 0.9
    assert statistics.same_distribution([5, 0], [9, 0], seed=0) == 1.0


def test_false_discoveries_are_kept_to_their_rate():
    rng = np.random.default_rng(0)
    false, found = 0, 0
    for _ in range(200):
        p = np.concatenate([rng.random(40), rng.random(10) * 1e-4])
        below = statistics.adjusted_p_values(p) < 0.1
        false, found = false + below[:40].sum(), found + below.sum()
    assert false / found < 0.1
    assert statistics.adjusted_p_values([0.01, 0.5]).tolist() == [0.02, 0.5]
    assert statistics.adjusted_p_values([0.01, 0.5], independent=False).tolist() == [0.03, 0.75]


def test_reads_where_hardly_any_are_expected_are_evidence():
    """A law that puts all but 1e-6 on one cell does not explain a tenth of the reads elsewhere."""
    law = np.array([1 - 1e-6, 4e-7, 6e-7])
    assert statistics.goodness_of_fit([900, 60, 40], law, seed=0) < 1e-3
    assert (
        statistics.goodness_of_fit([900, 60, 40], law, statistic=statistics.pearson, seed=0) < 1e-3
    )
    assert statistics.goodness_of_fit([1000, 0, 0], law, seed=0) == 1.0
    assert statistics.same_distribution([900, 100, 0], [9000, 0, 0], seed=0) < 1e-3


@pytest.mark.parametrize(
    "call",
    [
        lambda: statistics.goodness_of_fit([0, 0], [0.5, 0.5]),
        lambda: statistics.goodness_of_fit([1, 1], [0.5, 0.6]),
        lambda: statistics.goodness_of_fit([1], [0.5, 0.5]),
        lambda: statistics.same_distribution([1, 2], [1]),
        lambda: statistics.same_distribution([1, 2], [0, 0]),
        lambda: statistics.adjusted_p_values([1.5]),
    ],
)
def test_senseless_tests_are_refused(call):
    with pytest.raises(qx.InputError):
        call()
