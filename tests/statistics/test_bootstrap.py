"""Cluster bootstrap against numpy on repeated data; coverage; exponents of known laws; claims."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import qxgap as qx
from qxgap.analysis.claims import against, difference, share
from qxgap.analysis.exponents import median_slope, pooled_slope, power_laws
from qxgap.statistics.bootstrap import Estimate, Resampling, weighted_quantile

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


def power_table(exponent, noise=0.0, clusters=12):
    rng = np.random.default_rng(3)
    sizes = np.tile(np.arange(4, 10), clusters)
    gap = 0.7 * sizes**-exponent * np.exp(noise * rng.normal(size=sizes.size))
    return pd.DataFrame(
        {
            "num_qubits": sizes,
            "gap": gap,
            "cluster": np.repeat(np.arange(clusters), 6).astype(str),
            "group": np.repeat(np.arange(clusters) % 3, 6),
        }
    )


@pytest.mark.parametrize("exponent", [-0.5, 1.0, 1.42])
def test_every_choice_finds_the_exponent_of_a_power_law(exponent):
    found = power_laws(power_table(exponent), "gap", seed=1)
    assert len(found) == 7
    for slope in found.values():
        assert slope.value == pytest.approx(exponent)
        assert slope.estimate.low == pytest.approx(exponent)
    noisy = power_laws(power_table(exponent, 0.3), "gap", seed=1)
    for slope in noisy.values():
        assert slope.estimate.low < slope.value < slope.estimate.high
    first = next(iter(noisy.values()))
    assert first.minus(first) == Estimate(0.0, 0.0, 0.0, 12)


def test_slopes_are_those_of_numpy():
    frame = power_table(1.0, 0.5)
    x, y = np.log(frame.num_qubits), np.log(frame.gap)
    resampling = Resampling.of(frame.cluster, seed=0, num_resamples=50)
    pooled = pooled_slope(x, y, resampling)
    assert pooled.value == pytest.approx(np.polyfit(x, y, 1)[0])
    rows = np.repeat(np.arange(len(frame)), resampling.weights[0])
    assert pooled.draws[0] == pytest.approx(np.polyfit(x[rows], y[rows], 1)[0])
    plain = median_slope(x, y, resampling)
    for found, drawn in ((plain.value, frame), (plain.draws[0], frame.iloc[rows])):
        medians = np.log(drawn.gap).groupby(drawn.num_qubits).median()
        assert found == pytest.approx(np.polyfit(np.log(medians.index), medians, 1)[0])


def test_a_constant_for_each_group_takes_its_level_out():
    frame = power_table(1.0)
    y = np.log(frame.gap) + 5.0 * frame.group
    resampling = Resampling.of(frame.cluster, seed=0)
    found = pooled_slope(np.log(frame.num_qubits), y, resampling, frame.group)
    assert found.value == pytest.approx(-1.0)


def test_one_size_has_no_exponent():
    frame = power_table(1.0)
    assert power_laws(frame[frame.num_qubits == 5], "gap", seed=0) == {}


@settings(deadline=None)
@given(st.floats(-5, 5), st.floats(0, 5), st.floats(0, 5), st.booleans(), st.floats(-2, 2))
def test_a_difference_is_claimed_only_if_its_interval_excludes_it(
    value, below, above, known, reference
):
    low, high = (value - below, value + above) if known else (np.nan, np.nan)
    estimate = Estimate(value, low, high, 5)
    told = difference("The gap", "A", "B", estimate)
    assert ("is larger" in told) == (known and low > 0)
    assert ("is smaller" in told) == (known and high < 0)
    told = against("The slope", reference, "no trend", estimate)
    assert (", above the" in told) == (known and low > reference)
    assert (", below the" in told) == (known and high < reference)
    assert "nan" not in told


@given(st.lists(st.booleans(), max_size=30))
def test_shares_give_the_jeffreys_interval(hits):
    told = share(hits)
    assert told.startswith(f"{sum(hits)} of {len(hits)} ")
    if hits:
        low, high = stats.beta(sum(hits) + 0.5, len(hits) - sum(hits) + 0.5).ppf([0.025, 0.975])
        low, high = (low if any(hits) else 0), (high if not all(hits) else 1)
        assert told.endswith(f"({low:.0%} to {high:.0%})")
