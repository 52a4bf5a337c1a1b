"""Fits to reads do what they promise: simulated experiments with a known truth."""

import numpy as np
import pytest
import scipy.stats
from calibration import EXPERIMENTS, covers, uniform

from qxgap import samples, statistics
from qxgap.problem.bits import index_to_bits
from qxgap.testing import random_feature_selection


@pytest.fixture(scope="module")
def iitis():
    return samples.iitis().problem


@pytest.fixture(scope="module")
def levels(iitis):
    return samples.energy_levels(iitis)


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [0.12, 0.24])
def test_boltzmann_tests_are_uniform_though_the_temperature_is_fitted(levels, temperature):
    rng, law = np.random.default_rng(2), levels.boltzmann(temperature)
    fits = [
        samples.boltzmann_fit(levels, rng.multinomial(1000, law), num_resamples=199, seed=rng)
        for _ in range(EXPERIMENTS)
    ]
    assert uniform([fit.p_value for fit in fits])
    assert np.mean([f.tv_distance for f in fits]) < np.mean([f.tv_by_chance for f in fits])


def test_overdispersion_and_fairness_are_uniform_under_the_null():
    rng = np.random.default_rng(4)
    spread, fair = [], []
    for _ in range(EXPERIMENTS):
        successes = rng.binomial(1000, 0.3, size=20)
        spread.append(statistics.overdispersion(successes, np.full(20, 1000)).p_value)
        counts = rng.multinomial(2000, np.full(6, 1 / 6))
        fair.append(samples.Fairness.from_counts(counts, num_resamples=399, seed=rng).p_value)
    assert uniform(spread)
    assert uniform(fair)


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [0.12, 0.24, 0.6])
def test_temperature_intervals_of_independent_reads_cover(levels, temperature):
    rng, law, inside = np.random.default_rng(7), levels.boltzmann(temperature), []
    for _ in range(EXPERIMENTS):
        low, high = samples.level_temperature(levels, rng.multinomial(300, law)).interval
        inside.append(low <= temperature <= high)
    assert covers(inside)


@pytest.mark.slow
def test_temperature_intervals_of_runs_cover(levels):
    """The pooled temperature is that of the mean energy over runs, not the mean temperature."""
    rng, inside = np.random.default_rng(8), []
    betas = scipy.stats.norm(4.2, 0.4).ppf(np.linspace(0.001, 0.999, 999))
    laws = np.array([levels.of_inverse_temperature(b) for b in betas])
    truth = samples.level_temperature(levels, laws.mean(axis=0) * 1e6).inverse
    for _ in range(EXPERIMENTS):
        runs = [rng.multinomial(1000, law) for law in laws[rng.integers(999, size=8)]]
        low, high = samples.level_temperature(levels, runs, seed=rng).inverse_interval
        inside.append(low <= truth <= high)
    assert covers(inside)


def reads_of(problem, counts):
    rows = np.flatnonzero(counts)
    bits = index_to_bits(rows, problem.num_qubits).astype(np.int64)
    return samples.Reads(problem, bits, counts[rows])


@pytest.mark.slow
@pytest.mark.parametrize("runs", [1, 8])
def test_pseudolikelihood_intervals_cover(runs):
    problem, rng, inside = random_feature_selection(6, 4), np.random.default_rng(9), []
    weights = np.exp(-problem.diagonal / 0.25)
    law = weights / weights.sum()
    for _ in range(EXPERIMENTS):
        drawn = [reads_of(problem, rng.multinomial(400, law)) for _ in range(runs)]
        found = samples.pseudolikelihood_temperature(drawn)
        inside.append(found.interval[0] <= 0.25 <= found.interval[1])
    assert covers(inside)
