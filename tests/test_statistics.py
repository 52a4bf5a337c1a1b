"""Statistics of counts against scipy, enumeration and simulation."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap import samples
from qxgap.testing import random_feature_selection


@given(st.integers(1, 10_000), st.floats(0, 1), st.floats(0.5, 0.999))
def test_jeffreys_intervals_are_beta_quantiles(reads, fraction, level):
    successes = round(fraction * reads)
    low, high = samples.jeffreys_interval(successes, reads, level)
    beta = scipy.stats.beta(successes + 0.5, reads - successes + 0.5)
    assert low == (pytest.approx(beta.ppf((1 - level) / 2), rel=1e-8) if successes else 0.0)
    assert high == (pytest.approx(beta.ppf((1 + level) / 2), rel=1e-8) if successes < reads else 1)
    assert 0 <= low <= successes / reads <= high <= 1


@pytest.mark.parametrize("n", [20, 200])
def test_jeffreys_intervals_cover_what_they_say(n):
    intervals = np.array([samples.jeffreys_interval(k, n) for k in range(n + 1)])
    p = np.linspace(0.002, 0.998, 499)
    inside = (intervals[:, :1] <= p) & (p <= intervals[:, 1:])
    coverage = (scipy.stats.binom.pmf(np.arange(n + 1)[:, None], n, p) * inside).sum(axis=0)
    assert coverage.mean() == pytest.approx(0.95, abs=0.01)
    assert coverage.min() > 0.85


def test_runs_and_time_to_solution_at_the_edges():
    assert samples.runs_to_solution(0.0) == math.inf
    assert samples.time_to_solution(0.0, 0.0) == math.inf
    assert samples.runs_to_solution(1.0) == samples.runs_to_solution(0.99) == 1.0
    assert samples.runs_to_solution(0.9) == 2.0  # 1 - 0.1^2 is 0.99 exactly
    assert samples.runs_to_solution(0.5) == 7.0
    assert samples.time_to_solution(0.5, 20.0, confidence=0.75) == 40.0
    assert samples.runs_to_solution(1e-300) == pytest.approx(4.605e300, rel=1e-3)


@given(st.floats(1e-9, 1 - 1e-9), st.floats(0.01, 0.9999))
def test_runs_to_solution_are_the_fewest(p, confidence):
    runs = samples.runs_to_solution(p, confidence)
    assert -math.expm1(runs * math.log1p(-p)) >= confidence * (1 - 1e-9)
    assert -math.expm1((runs - 1) * math.log1p(-p)) < confidence * (1 + 1e-9)


def test_total_variation_and_what_chance_gives():
    assert samples.total_variation([0.5, 0.5, 0.0], [0.5, 0.0, 0.5]) == 0.5
    assert samples.total_variation([1.0, 0.0], [0.0, 1.0]) == 1.0
    assert samples.expected_total_variation([1.0, 0.0], 7) == 0.0
    assert samples.expected_total_variation([0.5, 0.5], 1) == 0.5
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.full(200, 0.3))
    drawn = rng.multinomial(150, p, size=4000) / 150
    distances = np.abs(drawn - p).sum(axis=1) / 2
    mean, error = distances.mean(), distances.std() / math.sqrt(4000)
    assert samples.expected_total_variation(p, 150) == pytest.approx(mean, abs=4 * error)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.just(0.0) | st.floats(1e-9, 1))
def test_expected_total_variation_by_enumeration(n, p):
    k = np.arange(n + 1)
    exact = (scipy.stats.binom.pmf(k, n, p) * np.abs(k / n - p)).sum()
    assert samples.expected_total_variation([p, 1 - p], n) == pytest.approx(exact, abs=1e-11)


@pytest.mark.parametrize(("cells", "reads"), [(8, 300), (1000, 400)])
def test_p_values_are_uniform_under_the_prediction(cells, reads):
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.full(cells, 0.5))
    values = [
        samples.goodness_of_fit(rng.multinomial(reads, p), p, num_bootstrap=199, seed=rng)
        for _ in range(300)
    ]
    assert scipy.stats.kstest(values, "uniform").pvalue > 1e-3


def test_p_values_tell_a_wrong_model():
    rng = np.random.default_rng(2)
    p, q = rng.dirichlet(np.ones(64)), rng.dirichlet(np.ones(64))
    counts = rng.multinomial(1000, p)
    assert samples.goodness_of_fit(counts, q, num_bootstrap=999) == 1e-3
    assert samples.goodness_of_fit(counts, p) > 0.01
    assert samples.goodness_of_fit(counts, p, seed=5) == samples.goodness_of_fit(counts, p, seed=5)


def test_the_p_value_is_that_of_the_exact_test():
    # two cells of 10 and 30 expected reads: enumerate the binomial
    k = np.arange(41)
    G = 2 * (scipy.special.xlogy(k, k / 10) + scipy.special.xlogy(40 - k, (40 - k) / 30))
    exact = scipy.stats.binom.pmf(k, 40, 0.25)[G[14] - 1e-9 <= G].sum()
    value = samples.goodness_of_fit([14, 26], [0.25, 0.75], num_bootstrap=20_000)
    assert value == pytest.approx(exact, abs=4 * math.sqrt(exact / 20_000))


@pytest.mark.parametrize("nothing", [0.0, 1e-30, 1e-15])
def test_reads_in_impossible_cells(nothing):
    p = np.array([0.5, nothing, 0.5 - nothing])
    assert samples.goodness_of_fit([50, 1, 49], p, num_bootstrap=99) == 0.01
    assert samples.goodness_of_fit([50, 0, 50], p, num_bootstrap=99) == 1.0


def test_very_many_cells_are_pooled_further():
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.full(30_000, 20.0))
    counts = rng.multinomial(600_000, p)
    assert samples.goodness_of_fit(counts, p, num_bootstrap=50) > 0.02
    wrong = rng.permutation(p)
    assert samples.goodness_of_fit(counts, wrong, num_bootstrap=19) == 0.05


def test_too_few_reads_are_no_evidence():
    assert samples.goodness_of_fit([3, 0, 0], [0.2, 0.4, 0.4]) == 1.0
    assert samples.goodness_of_fit([0, 9], [0.0, 1.0]) == 1.0
    assert samples.goodness_of_fit([1, 0, 99], [0.01, 0.01, 0.98]) == 1.0  # all in one pool


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.floats(-30, 30), st.floats(1e-6, 1e6))
def test_the_effective_temperature_is_that_of_a_boltzmann_law(seed, beta, unit):
    rng = np.random.default_rng(seed)
    energies, degeneracies = np.sort(rng.normal(size=9)), rng.integers(1, 50, size=9)
    weights = degeneracies * np.exp(-beta * (energies - energies.mean()))
    found = samples.effective_inverse_temperature(unit * energies, degeneracies, 1e6 * weights)
    assert found * unit == pytest.approx(beta, rel=1e-6, abs=1e-6)


def test_the_effective_temperature_of_drawn_states():
    problem = random_feature_selection(10, 4)
    weights = np.exp(-5.0 * problem.diagonal)
    counts = np.random.default_rng(0).multinomial(100_000, weights / weights.sum())
    ones = np.ones(counts.size)
    found = samples.effective_inverse_temperature(problem.diagonal, ones, counts)
    assert found == pytest.approx(5.0, rel=0.02)


def test_the_effective_temperature_at_the_edges():
    beta = samples.effective_inverse_temperature
    assert beta([0, 1], [1, 3], [5, 0]) == math.inf
    assert beta([0, 1], [1, 3], [0, 5]) == -math.inf
    assert beta([0, 1], [1, 3], [10, 30]) == pytest.approx(0, abs=1e-12)
    assert beta([0, 1], [1, 1], [1, 3]) == pytest.approx(-math.log(3))
    assert beta([2.0], [4], [5]) == 0.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: samples.jeffreys_interval(1, 0),
        lambda: samples.jeffreys_interval(3, 2),
        lambda: samples.jeffreys_interval(1, 2, 1.0),
        lambda: samples.runs_to_solution(math.nan),
        lambda: samples.runs_to_solution(0.5, 1.0),
        lambda: samples.total_variation([1.0], [0.5, 0.5]),
        lambda: samples.expected_total_variation([1.0], 0),
        lambda: samples.goodness_of_fit([0, 0], [0.5, 0.5]),
        lambda: samples.goodness_of_fit([1, 1], [0.5, 0.6]),
        lambda: samples.goodness_of_fit([1], [0.5, 0.5]),
        lambda: samples.effective_inverse_temperature([0, 1], [1, 1], [0, 0]),
        lambda: samples.effective_inverse_temperature([0, 1], [1], [1, 0]),
    ],
)
def test_senseless_statistics_are_refused(call):
    with pytest.raises(qx.InputError):
        call()
