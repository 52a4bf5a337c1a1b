"""Distances between distributions, and what chance alone gives, against scipy and enumeration."""

import math

import numpy as np
import pytest
import scipy.signal
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap import statistics


def test_total_variation_and_what_chance_gives():
    assert statistics.total_variation([0.5, 0.5, 0.0], [0.5, 0.0, 0.5]) == 0.5
    assert statistics.total_variation([1.0, 0.0], [0.0, 1.0]) == 1.0
    assert statistics.expected_total_variation([1.0, 0.0], 7) == 0.0
    assert statistics.expected_total_variation([0.5, 0.5], 1) == 0.5
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.full(200, 0.3))
    drawn = rng.multinomial(150, p, size=4000) / 150
    distances = np.abs(drawn - p).sum(axis=1) / 2
    mean, error = distances.mean(), distances.std() / math.sqrt(4000)
    assert statistics.expected_total_variation(p, 150) == pytest.approx(mean, abs=4 * error)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.just(0.0) | st.floats(1e-9, 1))
def test_expected_total_variation_by_enumeration(n, p):
    k = np.arange(n + 1)
    exact = (scipy.stats.binom.pmf(k, n, p) * np.abs(k / n - p)).sum()
    assert statistics.expected_total_variation([p, 1 - p], n) == pytest.approx(exact, abs=1e-11)


def test_distances_against_scipy():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(9)), rng.dirichlet(np.ones(9))
    assert statistics.kullback_leibler(p, q) == pytest.approx(scipy.stats.entropy(p, q))
    assert statistics.kullback_leibler([0.5, 0.5], [1.0, 0.0]) == math.inf
    assert statistics.hellinger(p, q) == pytest.approx(
        np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / math.sqrt(2)
    )
    assert statistics.hellinger(p, p) == pytest.approx(0, abs=1e-7)
    assert statistics.hellinger(p, q) ** 2 <= statistics.total_variation(p, q)


@pytest.mark.parametrize(
    "distance", [statistics.total_variation, statistics.hellinger, statistics.kullback_leibler]
)
def test_the_bias_of_finite_reads_is_stated(distance):
    rng = np.random.default_rng(5)
    p = rng.dirichlet(np.ones(30))
    null = statistics.measured_distance(rng.multinomial(500, p), p, distance, seed=0)
    assert null.value == pytest.approx(null.by_chance, rel=0.5)
    q = rng.dirichlet(np.ones(30))
    truth, inside = distance(q, p), 0
    for _ in range(60):
        far = statistics.measured_distance(
            rng.multinomial(500, q), p, distance, num_resamples=200, seed=0
        )
        assert far.interval[0] > 3 * far.by_chance
        inside += far.interval[0] <= truth <= far.interval[1]
    assert inside >= 48


def test_distances_by_chance_and_of_runs():
    rng = np.random.default_rng(5)
    p = rng.dirichlet(np.ones(30))
    found = statistics.measured_distance(rng.multinomial(500, p), p, num_resamples=4000, seed=0)
    assert found.by_chance == pytest.approx(statistics.expected_total_variation(p, 500), rel=0.02)
    runs = np.array([rng.multinomial(500, rng.dirichlet(50 * p)) for _ in range(8)])
    together = statistics.measured_distance(runs.sum(axis=0), p, seed=0)
    apart = statistics.measured_distance(runs, p, seed=0)
    assert apart.value == together.value
    assert np.ptp(apart.interval) > 2 * np.ptp(together.interval)
    impossible = statistics.measured_distance(
        [5, 5], [1.0, 0.0], statistics.kullback_leibler, seed=0
    )
    assert impossible.interval == (math.inf, math.inf)


@pytest.mark.parametrize(
    "call",
    [
        lambda: statistics.total_variation([1.0], [0.5, 0.5]),
        lambda: statistics.expected_total_variation([1.0], 0),
        lambda: statistics.measured_distance([1, 2], [1.0]),
        lambda: statistics.measured_distance([0, 0], [0.5, 0.5]),
    ],
)
def test_senseless_distances_are_refused(call):
    with pytest.raises(qx.InputError):
        call()
