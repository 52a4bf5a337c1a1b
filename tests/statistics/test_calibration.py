"""Tests and intervals do what they promise: simulated experiments with a known truth.

P-values are uniform under the null (Kolmogorov-Smirnov over 500 experiments), intervals cover at
their level, and a temperature that is wrong by a fifth is found.
"""

import numpy as np
import pytest
from calibration import EXPERIMENTS, covers, uniform

import qxgap as qx
from qxgap import samples, statistics
from qxgap.testing import random_feature_selection


@pytest.fixture(scope="module")
def iitis():
    return samples.iitis().problem


@pytest.fixture(scope="module")
def levels(iitis):
    return samples.energy_levels(iitis)


# -- p-values -----------------------------------------------------------------------------------


@pytest.mark.parametrize("statistic", [statistics.likelihood_ratio, statistics.pearson])
@pytest.mark.parametrize("temperature", [0.12, 0.24])
def test_level_tests_are_uniform_under_the_null(levels, statistic, temperature):
    rng, law = np.random.default_rng(0), levels.boltzmann(temperature)
    options = {"statistic": statistic, "num_resamples": 399, "seed": rng}
    assert uniform(
        [
            statistics.goodness_of_fit(rng.multinomial(1000, law), law, **options)
            for _ in range(EXPERIMENTS)
        ]
    )


@pytest.mark.slow
def test_histogram_tests_are_uniform_under_the_null():
    run = qx.anneal(qx.AnnealHamiltonian(random_feature_selection(10, 3)), 15.0)
    rng, p = np.random.default_rng(1), np.asarray(run.probabilities)
    assert uniform(
        [
            statistics.goodness_of_fit(
                rng.multinomial(2000, p / p.sum()), p, num_resamples=399, seed=rng
            )
            for _ in range(EXPERIMENTS)
        ]
    )


def test_permutation_tests_are_uniform_under_the_null(levels):
    rng, law = np.random.default_rng(3), levels.boltzmann(0.24)
    assert uniform(
        [
            statistics.same_distribution(
                rng.multinomial(600, law),
                rng.multinomial(1000, law),
                num_resamples=399,
                seed=rng,
            )
            for _ in range(EXPERIMENTS)
        ]
    )


@pytest.mark.parametrize("spread", [0.0, 0.05])
@pytest.mark.parametrize("runs", [6, 28])
def test_outliers_are_a_false_alarm_as_rarely_as_stated(runs, spread):
    rng, alarms = np.random.default_rng(5), 0
    for _ in range(2000):
        p = np.clip(rng.normal(0.5, spread, size=runs), 0, 1)
        named = statistics.outlier_runs(
            rng.binomial(1000, p), np.full(runs, 1000), false_alarm=0.05
        )
        alarms += named.size > 0
    assert alarms / 2000 < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 2000)


# -- intervals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("runs", "coverage"), [(3, 0.77), (5, 0.93), (8, 0.95), (20, 0.95)])
def test_cluster_intervals_cover_where_jeffreys_does_not(runs, coverage):
    rng, clustered, independent = np.random.default_rng(6), [], []
    for _ in range(EXPERIMENTS):
        p = rng.beta(30, 20, size=runs)  # 7 % spread: 4.6 times binomial at 1000 reads
        k, n = rng.binomial(1000, p), np.full(runs, 1000)
        low, high = statistics.cluster_interval(k, n, num_resamples=4000, seed=rng)
        clustered.append(low <= 0.6 <= high)
        low, high = statistics.jeffreys_interval(int(k.sum()), int(n.sum()))
        independent.append(low <= 0.6 <= high)
    assert covers(clustered, coverage)
    assert np.mean(independent) < 0.6


@pytest.mark.slow
@pytest.mark.parametrize(
    "distance", [statistics.total_variation, statistics.hellinger, statistics.kullback_leibler]
)
def test_distance_intervals_cover_for_distances_above_chance(levels, distance):
    rng, inside = np.random.default_rng(10), []
    law, other = levels.boltzmann(0.24), levels.boltzmann(0.35)
    truth = distance(law, other)
    for _ in range(EXPERIMENTS):
        found = statistics.measured_distance(
            rng.multinomial(2000, law), other, distance, num_resamples=199, seed=rng
        )
        inside.append(found.interval[0] <= truth <= found.interval[1])
    assert 0.9 < np.mean(inside) < 0.99


# -- power --------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.103, 0.147, 0.241])
@pytest.mark.parametrize("error", [0.8, 1.2])
def test_a_temperature_wrong_by_a_fifth_is_found_in_1000_reads(levels, temperature, error):
    rng, found = np.random.default_rng(11), 0
    law, wrong = levels.boltzmann(temperature), levels.boltzmann(error * temperature)
    for _ in range(200):
        counts = rng.multinomial(1000, law)
        found += statistics.goodness_of_fit(counts, wrong, num_resamples=199, seed=rng) <= 0.05
    assert found / 200 > 0.9
