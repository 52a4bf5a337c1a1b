"""Cluster bootstrap against numpy on repeated data; coverage of its intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import qxgap as qx
from qxgap.statistics import Resampling, bootstrap
from qxgap.statistics.bootstrap import weighted_quantile

values = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12)


@given(values, st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.05, 0.25, 0.5, 0.9, 1.0]))
def test_weighted_quantiles_are_those_of_repeated_values(data, seed, q):
    weights = np.random.default_rng(seed).integers(0, 4, size=(5, len(data)))
    found = weighted_quantile(np.array(data), weights, q)
    for row, value in zip(weights, found, strict=True):
        repeated = np.repeat(data, row)
        if repeated.size:
            assert value == pytest.approx(np.quantile(repeated, q), rel=1e-12, abs=1e-9)
        else:
            assert np.isnan(value)


def test_infinite_values_have_infinite_quantiles():
    data, ones = np.array([1.0, 2.0, np.inf, np.inf]), np.ones((1, 4), int)
    assert weighted_quantile(data, ones, 0.5) == np.inf
    assert weighted_quantile(data, ones, 0.25) == pytest.approx(1.75)


@pytest.mark.parametrize("clusters", [5, 10, 30])
def test_intervals_of_medians_cover_and_know_that_clusters_are_few(clusters):
    rng, hits, rounds = np.random.default_rng(clusters), 0, 200
    names = np.repeat(np.arange(clusters), 4)
    for _ in range(rounds):
        data = np.repeat(rng.normal(size=clusters), 4) + 0.3 * rng.normal(size=names.size)
        found = Resampling.of(names, seed=rng, num_resamples=400).median(data)
        hits += found.low <= 0.0 <= found.high
    assert hits >= stats.binom(rounds, 0.90).ppf(0.001)
    alone = Resampling.of(np.arange(names.size), seed=0).mean(data)
    together = Resampling.of(names, seed=0).mean(data)
    assert together.high - together.low > 1.3 * (alone.high - alone.low)


def test_without_two_clusters_there_is_no_interval_and_no_claim():
    found = Resampling.of(["one"] * 5, seed=0).median(np.arange(5.0))
    assert found.value == 2
    assert np.isnan([found.low, found.high]).all()
    assert found.side() == 0
    assert "no interval" in str(found)
    with pytest.raises(qx.InputError, match="row"):
        Resampling.of([], seed=0)


def test_rank_correlations_are_scipys():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=40), rng.normal(size=40)
    found = Resampling.of(np.arange(40), seed=0).rank_correlation(x, y)
    assert found[0] == pytest.approx(stats.spearmanr(x, y).statistic)
    assert np.isnan(Resampling.of(np.arange(40), seed=0).rank_correlation(x, np.ones(40))).all()


def test_batches_do_not_change_the_stream(monkeypatch):
    p = np.array([0.2, 0.3, 0.5])

    def draws():
        rng = np.random.default_rng(4)
        parts = [bootstrap.cluster_draws(7, 30, rng), bootstrap.histogram_draws(50, p, 30, rng)]
        return [np.concatenate(list(part)) for part in parts]

    whole = draws()
    monkeypatch.setattr(bootstrap, "MAX_DRAWS", 7)
    monkeypatch.setattr(bootstrap, "MAX_COUNTS", 10)
    for part, expected in zip(draws(), whole, strict=True):
        np.testing.assert_array_equal(part, expected)
    rng = np.random.default_rng(4)
    assert np.array_equal(whole[0], rng.integers(7, size=(30, 7)))
    assert np.array_equal(whole[1], rng.multinomial(50, p, size=30))


def test_frequencies_resample_reads_of_one_run_and_whole_runs_of_several():
    runs = np.array([[9, 1, 0], [0, 5, 5]])
    rng = np.random.default_rng(2)
    one = np.array(list(bootstrap.frequency_draws(runs[0], 400, rng)))
    assert one.mean(axis=0) == pytest.approx([0.9, 0.1, 0.0], abs=0.02)
    both = np.array(list(bootstrap.frequency_draws(runs, 400, rng)))
    assert {tuple(row) for row in both} == {(0.9, 0.1, 0.0), (0.45, 0.3, 0.25), (0.0, 0.5, 0.5)}
