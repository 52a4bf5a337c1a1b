"""Tests and intervals do what they promise: simulated experiments with a known truth.

P-values are uniform under the null (Kolmogorov-Smirnov over 500 experiments), intervals cover at
their level, and a temperature that is wrong by a fifth is found.
"""

import numpy as np
import pytest
import scipy.stats

import qxgap as qx
from qxgap import samplers, samples, statistics
from qxgap.problem.bits import index_to_bits
from qxgap.testing import random_feature_selection

EXPERIMENTS = 500


@pytest.fixture(scope="module")
def iitis():
    return samples.iitis().problem


@pytest.fixture(scope="module")
def levels(iitis):
    return samples.energy_levels(iitis)


def uniform(p_values):
    """Whether the p-values follow the uniform law."""
    return scipy.stats.kstest(p_values, "uniform").pvalue > 1e-3


def covers(inside, level=0.95):
    """Whether so many of the experiments are those of a nominal interval, to 4 standard errors."""
    error = 4 * np.sqrt(level * (1 - level) / len(inside))
    return level - error < np.mean(inside) < level + error


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


# -- power, and our own sampler -----------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.103, 0.147, 0.241])
@pytest.mark.parametrize("error", [0.8, 1.2])
def test_a_temperature_wrong_by_a_fifth_is_found_in_1000_reads(levels, temperature, error):
    rng, found = np.random.default_rng(11), 0
    law, wrong = levels.boltzmann(temperature), levels.boltzmann(error * temperature)
    for _ in range(200):
        counts = rng.multinomial(1000, law)
        found += statistics.goodness_of_fit(counts, wrong, num_resamples=199, seed=rng) <= 0.05
    assert found / 200 > 0.9


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
def test_schrodinger_reads_follow_the_exact_distribution_in_the_right_bit_order(vartype):
    problem = random_feature_selection(8, 6)
    run = qx.anneal(qx.AnnealHamiltonian(problem), 12.0, qx.SplitOperator(1e-9))
    sampleset = samplers.SchrodingerSampler().sample(
        problem.to_bqm(vartype), tau=12.0, num_reads=100_000, seed=7, tol=1e-9
    )
    counts = samples.align(problem, sampleset).state_counts()
    reversed_bits = index_to_bits(np.arange(256), 8)[:, ::-1].astype(np.int64)
    wrong = counts[qx.problem.bits.bits_to_index(reversed_bits)]
    for statistic in (statistics.likelihood_ratio, statistics.pearson):
        p = statistics.goodness_of_fit(counts, run.probabilities, statistic=statistic, seed=0)
        assert p > 0.01
        assert (
            statistics.goodness_of_fit(wrong, run.probabilities, statistic=statistic, seed=0) < 1e-3
        )
    levels = samples.energy_levels(problem)
    law = np.zeros(levels.energies.size)
    np.add.at(law, levels.index(problem.diagonal, problem.ground_tolerance), run.probabilities)
    by_level = samples.level_counts(levels, samples.align(problem, sampleset))
    assert statistics.goodness_of_fit(by_level, law, seed=0) > 0.01
