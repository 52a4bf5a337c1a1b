"""Effective temperatures against laws that are known, scipy, and dwave-system."""

import math

import numpy as np
import pytest
import scipy.optimize
import scipy.signal
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap import samplers, samples, statistics
from qxgap.problem.bits import index_to_bits
from qxgap.samples.single_flips.pseudolikelihood import _Flips
from qxgap.testing import random_feature_selection


def boltzmann_reads(problem, temperature, num_reads, rng, field=0.0):
    """Reads of ``exp(-E/T - field * sum n) / Z`` and their counts per state."""
    d = problem.num_qubits
    bits = index_to_bits(np.arange(1 << d), d).astype(np.int64)
    exponents = -problem.diagonal / temperature - field * bits.sum(axis=1)
    weights = np.exp(exponents - exponents.max())
    counts = rng.multinomial(num_reads, weights / weights.sum())
    rows = np.flatnonzero(counts)
    return samples.Reads(problem, bits[rows], counts[rows]), counts


@pytest.fixture(scope="module")
def problem():
    plain = random_feature_selection(8, 1)
    return qx.QuboProblem(plain.h, plain.J, offset=1.5)


@pytest.mark.parametrize("temperature", [0.05, 0.3, 2.0, -0.5])
def test_both_estimators_find_the_temperature(problem, temperature):
    rng = np.random.default_rng(0)
    reads, _ = boltzmann_reads(problem, temperature, 200_000, rng)
    levels = samples.energy_levels(problem)
    by_levels = samples.level_temperature(levels, samples.level_counts(levels, reads))
    by_flips = samples.pseudolikelihood_temperature(reads)
    for found in (by_levels, by_flips):
        low, high = found.inverse_interval
        assert low < found.inverse < high
        margin = 2 * (high - low)
        assert found.inverse == pytest.approx(1 / temperature, abs=margin)
        assert margin < 0.2 / abs(temperature)
        assert found.value == 1 / found.inverse
        assert found.interval == (1 / high, 1 / low)


def test_independent_variables_make_both_estimators_one():
    problem = qx.QuboProblem([0.3, -0.7, 1.1], np.zeros((3, 3)))
    reads, _ = boltzmann_reads(problem, 0.8, 500, np.random.default_rng(3))
    levels = samples.energy_levels(problem)
    by_levels = samples.level_temperature(levels, samples.level_counts(levels, reads))
    by_flips = samples.pseudolikelihood_temperature(reads)
    assert by_flips.value == pytest.approx(by_levels.value, rel=1e-6)
    assert by_flips.interval == pytest.approx(by_levels.interval, rel=0.1)


def test_the_profile_interval_is_where_the_likelihood_has_fallen(problem):
    levels = samples.energy_levels(problem)
    rng = np.random.default_rng(1)
    counts = rng.multinomial(300, levels.boltzmann(0.4))
    found = samples.level_temperature(levels, counts, confidence_level=0.9)

    def log_likelihood(beta):
        return float(counts @ np.log(levels.of_inverse_temperature(beta)))

    best = scipy.optimize.minimize_scalar(
        lambda b: -log_likelihood(b), bracket=(0.1, 5), options={"xtol": 1e-10}
    )
    assert found.inverse == pytest.approx(best.x, rel=1e-6)
    drop = scipy.stats.chi2.ppf(0.9, 1) / 2
    for end in found.inverse_interval:
        assert -best.fun - log_likelihood(end) == pytest.approx(drop, rel=1e-6)


def test_intervals_at_the_edges():
    levels = samples.Levels(np.array([0.0, 1.0]), np.array([1, 1]))
    ground = samples.level_temperature(levels, [50, 0])
    assert (ground.value, ground.inverse) == (0.0, math.inf)
    # the likelihood (1 + e^-b)^-50 falls by 1.92 from its limit 1 at this b
    end = -math.log(math.expm1(scipy.stats.chi2.ppf(0.95, 1) / 100))
    assert ground.inverse_interval == pytest.approx((end, math.inf))
    assert ground.interval == pytest.approx((0.0, 1 / end))
    top = samples.level_temperature(levels, [0, 50])
    assert top.inverse_interval == pytest.approx((-math.inf, -end))
    hot = samples.level_temperature(levels, [25, 25])
    assert hot.inverse == pytest.approx(0, abs=1e-12)
    assert hot.inverse_interval[0] < 0 < hot.inverse_interval[1]
    single = samples.level_temperature(samples.Levels(np.zeros(1), np.array([4])), [9])
    assert single.inverse_interval == (-math.inf, math.inf)


def test_runs_of_different_temperatures_widen_the_interval(problem):
    levels, rng = samples.energy_levels(problem), np.random.default_rng(2)
    runs = np.array(
        [rng.multinomial(1000, levels.boltzmann(t)) for t in rng.normal(0.3, 0.03, size=12)]
    )
    apart = samples.level_temperature(levels, runs, seed=0)
    together = samples.level_temperature(levels, runs.sum(axis=0))
    assert apart.value == together.value
    assert np.ptp(apart.interval) > 2 * np.ptp(together.interval)
    assert "12 runs" in apart.kind


def test_an_offset_takes_up_a_common_field(problem):
    rng = np.random.default_rng(4)
    reads, _ = boltzmann_reads(problem, 0.3, 100_000, rng, field=0.4)
    with_offset = samples.pseudolikelihood_temperature(reads, offset=True)
    without = samples.pseudolikelihood_temperature(reads)
    assert with_offset.value == pytest.approx(0.3, rel=0.02)
    assert with_offset.offset == pytest.approx(0.4, abs=0.03)
    assert abs(without.value - 0.3) > 5 * abs(with_offset.value - 0.3)


def test_local_minima_alone_tell_no_temperature(problem):
    bits = problem.ground_states.astype(np.int64)
    ground = samples.Reads(problem, bits, np.array([100]))
    found = samples.pseudolikelihood_temperature(ground)
    assert (found.value, found.inverse) == (0.0, math.inf)
    assert found.interval[0] == 0 < found.interval[1] < math.inf
    with pytest.raises(qx.InputError, match="no finite maximum"):
        samples.pseudolikelihood_temperature(ground, offset=True)
    other, _ = boltzmann_reads(random_feature_selection(5, 0), 1.0, 9, np.random.default_rng(0))
    with pytest.raises(qx.InputError, match="reads of one problem"):
        samples.pseudolikelihood_temperature([ground, other])
    flat = qx.QuboProblem([0.0], [[0.0]])
    nothing = samples.Reads(flat, np.ones((1, 1), int), np.array([3]))
    assert samples.pseudolikelihood_temperature(nothing).inverse == 0.0


def states_of(problem):
    """All states and their probability of being no local minimum, by definition."""
    d = problem.num_qubits
    bits = index_to_bits(np.arange(1 << d), d).astype(np.int64)
    flipped = problem.diagonal[np.arange(1 << d)[:, None] ^ (1 << np.arange(d))]
    return bits, np.any(flipped < problem.diagonal[:, None] - 1e-12, axis=1)


@pytest.mark.parametrize("temperature", [0.1, 0.5, 3.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_chance_of_a_flip_follows_from_local_minima_alone(seed, temperature):
    """The formula that intervals in the cold rest on, summed over all states."""
    rng = np.random.default_rng(seed)
    J = np.triu(rng.normal(size=(5, 5)) * (rng.random((5, 5)) < 0.7), 1)
    problem = qx.QuboProblem(rng.normal(size=5), J)
    bits, excited = states_of(problem)
    law = np.exp(-(problem.diagonal - problem.diagonal.min()) / temperature)
    law /= law.sum()
    fields = problem.h + bits @ (J + J.T)
    flips = _Flips(J + J.T, fields, 2.0 * bits - 1, law)
    shares = flips._shares(0.0)
    expected = law @ (shares / (1 + np.exp(np.abs(fields) / temperature))).sum(axis=1)
    assert expected == pytest.approx(law[excited].sum(), rel=1e-12)


def cold_cases():
    glass = np.random.default_rng(0)
    six = qx.QuboProblem(glass.normal(size=6), np.triu(glass.normal(size=(6, 6)), 1))
    three = qx.QuboProblem([-0.5, -0.4, -0.3], np.triu(np.full((3, 3), 0.2), 1))
    free = np.pad(three.J, ((0, 1), (0, 1)))
    with_free = qx.QuboProblem([*three.h, 0.001], free)  # one flips for nothing and tells nothing
    yield from ((three, 0.03, 50), (with_free, 0.03, 50))
    yield from ((six, t, n) for t in (0.05, 0.2) for n in (30, 1000))
    maps = random_feature_selection(6, 1)
    yield from ((maps, t, n) for t in (0.05, 0.2) for n in (30, 1000))


@pytest.mark.parametrize(("problem", "temperature", "num_reads"), list(cold_cases()))
def test_pseudo_likelihood_intervals_cover_in_the_cold(problem, temperature, num_reads):
    trials, covered = 150, 0
    rng = np.random.default_rng(8)
    for _ in range(trials):
        reads, _ = boltzmann_reads(problem, temperature, num_reads, rng)
        found = samples.pseudolikelihood_temperature(reads)
        low, high = found.interval
        assert 0 <= low < high
        covered += low <= temperature <= high
    assert covered >= 0.95 * trials - 3 * math.sqrt(trials * 0.95 * 0.05)


def test_intervals_of_energies_turned_over_are_turned_over():
    problem = qx.QuboProblem([-0.5, -0.4, -0.3], np.triu(np.full((3, 3), 0.2), 1))
    opposite = qx.QuboProblem(-problem.h, -problem.J)
    bits = np.array([[1, 1, 0], [1, 0, 1], [1, 0, 0]])
    for counts in ([30, 2, 1], [30, 0, 0]):
        kept = np.flatnonzero(counts)
        left, right = (
            samples.pseudolikelihood_temperature(
                samples.Reads(p, bits[kept], np.array(counts)[kept])
            )
            for p in (problem, opposite)
        )
        assert right.inverse == pytest.approx(-left.inverse)
        low, high = left.inverse_interval
        assert right.inverse_interval == pytest.approx((-high, -low))


def test_the_pseudo_likelihood_is_dwave_system_s(problem):
    dwave = pytest.importorskip("dwave.system.temperatures")
    for seed, temperature in enumerate([0.1, 0.3, 1.0]):
        reads, counts = boltzmann_reads(problem, temperature, 2000, np.random.default_rng(seed))
        index = np.repeat(np.arange(counts.size), counts)
        labels = list(problem.labels)
        theirs, _ = dwave.maximum_pseudolikelihood_temperature(
            problem.to_bqm("SPIN"),
            (2 * index_to_bits(index, 8).astype(np.int8) - 1, labels),
            optimize_method="bisect",
        )
        ours = samples.pseudolikelihood_temperature(reads)
        assert ours.value == pytest.approx(float(theirs), rel=1e-5)


# -- the Boltzmann law itself ---------------------------------------------------------------------


def test_the_fit_describes_boltzmann_reads_and_no_others(problem):
    levels, rng = samples.energy_levels(problem), np.random.default_rng(6)
    law = levels.boltzmann(0.35)
    good = samples.boltzmann_fit(levels, rng.multinomial(2000, law), seed=0)
    assert good.temperature == pytest.approx(0.35, rel=0.1)
    assert good.p_value > 0.01
    assert good.tv_distance < 1.5 * good.tv_by_chance
    mixed = (levels.boltzmann(0.15) + levels.boltzmann(1.5)) / 2
    for statistic in (statistics.likelihood_ratio, statistics.pearson):
        bad = samples.boltzmann_fit(
            levels, rng.multinomial(2000, mixed), statistic=statistic, seed=0
        )
        assert bad.p_value == 1e-3
        assert bad.tv_distance > 1.5 * bad.tv_by_chance


def test_the_fit_of_the_full_histogram_sees_uneven_levels():
    problem = qx.QuboProblem([0.5, 0.5, 0.5], np.zeros((3, 3)))  # levels of 1, 3, 3, 1 states
    order = np.argsort(problem.diagonal, kind="stable")
    states = samples.Levels(problem.diagonal[order], np.ones(8, int))
    counts = np.array([500, 200, 60, 40, 30, 20, 10, 4])  # per level as e^(-1/2T) = 0.2 would
    levels = samples.energy_levels(problem)
    by_level = [counts[:1].sum(), counts[1:4].sum(), counts[4:7].sum(), counts[7:].sum()]
    assert samples.boltzmann_fit(states, counts, seed=0).p_value == 1e-3
    assert samples.boltzmann_fit(levels, by_level, seed=0).p_value > 0.5


def test_fits_without_evidence():
    levels = samples.Levels(np.array([0.0, 1.0, 2.0]), np.array([1, 3, 3]))
    assert samples.boltzmann_fit(levels, [50, 0, 0], seed=0).p_value == 1.0
    assert samples.boltzmann_fit(levels, [4, 1, 0], seed=0).p_value == 1.0
    with pytest.raises(qx.InputError, match="one for each of 3 levels"):
        samples.boltzmann_fit(levels, [1, 2], seed=0)


# -- published temperatures -----------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["Advantage_system6.4", "Advantage2_system1.4"])
def test_the_freeze_out_predicts_the_boltzmann_law_of_the_gibbs_state(solver, problem):
    published = samplers.published_temperature(solver)
    schedule = qx.schedule_named(f"{solver}_standard")
    s, kelvin = published.freezeout_s, published.temperature
    found = samplers.freezeout_temperature(schedule, s, kelvin)
    # 2kT / B in D-Wave's own numbers: kT/h is 0.020837 GHz per mK
    B = 2 * float(schedule(s)[1])
    assert found == pytest.approx(2 * 0.0208366 * kelvin / B, rel=1e-4)
    state = qx.gibbs(qx.AnnealHamiltonian(problem, schedule=schedule), s, kelvin)
    levels = samples.energy_levels(problem)
    assert levels.boltzmann(found)[0] == pytest.approx(state.success_probability)
    assert found == pytest.approx(published.single_qubit_temperature, rel=0.2)
    with pytest.raises(qx.InputError, match="B = 0 at s = 0"):
        samplers.freezeout_temperature(qx.LINEAR, 0.0, 1.0)


def inverse_temperature(energies, degeneracies, counts):
    """Of reads per level, the levels in any order."""
    order = np.argsort(energies, kind="stable")
    levels = samples.Levels(np.asarray(energies)[order], np.asarray(degeneracies)[order])
    return samples.level_temperature(levels, np.asarray(counts)[order]).inverse


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.floats(-30, 30), st.floats(1e-6, 1e6))
def test_the_effective_temperature_is_that_of_a_boltzmann_law(seed, beta, unit):
    rng = np.random.default_rng(seed)
    energies, degeneracies = np.sort(rng.normal(size=9)), rng.integers(1, 50, size=9)
    weights = degeneracies * np.exp(-beta * (energies - energies.mean()))
    found = inverse_temperature(unit * energies, degeneracies, 1e6 * weights / weights.sum())
    assert found * unit == pytest.approx(beta, rel=1e-6, abs=1e-6)


def test_the_effective_temperature_of_drawn_states():
    problem = random_feature_selection(10, 4)
    weights = np.exp(-5.0 * problem.diagonal)
    counts = np.random.default_rng(0).multinomial(100_000, weights / weights.sum())
    ones = np.ones(counts.size)
    found = inverse_temperature(problem.diagonal, ones, counts)
    assert found == pytest.approx(5.0, rel=0.02)


def test_the_effective_temperature_at_the_edges():
    beta = inverse_temperature
    assert beta([0, 1], [1, 3], [5, 0]) == math.inf
    assert beta([0, 1], [1, 3], [0, 5]) == -math.inf
    assert beta([0, 1], [1, 3], [10, 30]) == pytest.approx(0, abs=1e-12)
    assert beta([0, 1], [1, 1], [1, 3]) == pytest.approx(-math.log(3))
    assert beta([2.0], [4], [5]) == 0.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: inverse_temperature([0, 1], [1, 1], [0, 0]),
        lambda: samples.level_temperature(samples.Levels([0, 1], [1]), [1, 0]),
    ],
)
def test_senseless_temperatures_are_refused(call):
    with pytest.raises(qx.InputError):
        call()


def test_temperature_of_runs_is_that_of_their_level_counts():
    recorded = samples.iitis()
    runs = recorded.select("Advantage2_system1.4", 100)[:3]
    levels = samples.energy_levels(recorded.problem)
    counts = [samples.level_counts(levels, samples.align(recorded.problem, run)) for run in runs]
    several = samples.effective_temperature(recorded.problem, runs, seed=1)
    assert several == samples.level_temperature(levels, counts, seed=1)
    one = samples.effective_temperature(recorded.problem, runs[:1], confidence_level=0.9)
    assert one == samples.level_temperature(levels, counts[0], confidence_level=0.9)
    with pytest.raises(qx.InputError, match="samplesets"):
        samples.effective_temperature(recorded.problem, [])
