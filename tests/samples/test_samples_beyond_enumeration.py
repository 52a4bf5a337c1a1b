"""Statistics of reads without the spectrum: against the exact path, and at 150 qubits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap import samples
from qxgap.problem import AllStates, BranchAndBound, LevelStatus, known_levels
from qxgap.testing import random_feature_selection

EXACT, SEARCH = AllStates(), BranchAndBound()


def reads_of(problem, num_reads, seed, sweeps=3):
    drawn = qx.sample(problem, num_reads=num_reads, seed=seed, num_sweeps=sweeps)
    return samples.align(problem, drawn)


def degenerate(d, seed):
    rng = np.random.default_rng(seed)
    return qx.QuboProblem(rng.integers(-1, 2, d), np.triu(rng.integers(-1, 2, (d, d)), 1))


@pytest.fixture(scope="module")
def wide():
    return random_feature_selection(150, seed=3)


@pytest.fixture(scope="module")
def wide_runs(wide):
    return [reads_of(wide, 100, seed, sweeps=30) for seed in range(6)]


def glass(d=60):
    rng = np.random.default_rng(5)
    return qx.QuboProblem(rng.normal(size=d), np.triu(rng.normal(size=(d, d)), 1))


@settings(max_examples=25, deadline=None)
@given(d=st.integers(5, 14), seed=st.integers(0, 10**4), kind=st.sampled_from(["maps", "levels"]))
def test_the_numbers_are_those_of_the_spectrum(d, seed, kind):
    problem = random_feature_selection(d, seed=seed) if kind == "maps" else degenerate(d, seed)
    runs = [reads_of(problem, 60, seed + k) for k in range(3)]
    exact = samples.ground_probability(problem, runs, ground=EXACT, seed=1)
    found = samples.ground_probability(problem, runs, ground=SEARCH, seed=1)
    assert found.value == exact.value
    assert found.interval == exact.interval
    assert found.values == exact.values
    assert found.ground is LevelStatus.PROVEN
    residual = [samples.residual_energy(runs, ground=g, seed=1) for g in (EXACT, SEARCH)]
    assert residual[1].value == pytest.approx(residual[0].value, abs=1e-12)
    assert residual[1].interval == pytest.approx(residual[0].interval, abs=1e-12)
    times = [samples.solution_time(p, 20.0) for p in (exact, found)]
    assert times[0].anneal_interval == times[1].anneal_interval
    if exact.value > 0:
        pooled = samples.alignment.pooled(runs)
        pair = [
            samples.fairness(pooled, ground=ground, num_resamples=50, seed=1)
            for ground in (EXACT, SEARCH)
        ]
        assert pair[0] == pair[1]
    assert qx.random_guess(problem, SEARCH) == qx.random_guess(problem)


@pytest.mark.parametrize("seed", range(6))
def test_the_null_model_of_independent_qubits_needs_no_spectrum(seed):
    problem = random_feature_selection(8, seed=seed) if seed % 2 else degenerate(7, seed)
    for convention in qx.Convention:
        H = qx.AnnealHamiltonian(problem, driver=convention.driver(problem.num_qubits))
        exact = qx.product_success(H, 20.0)
        assert qx.product_success(H, 20.0, ground=SEARCH) == pytest.approx(exact, abs=1e-9)


def test_ground_states_of_150_qubits(wide, wide_runs):
    found = samples.ground_probability(wide, wide_runs, seed=1)
    optimum = qx.minimize(wide, seed=9)
    assert optimum.status.name == "OPTIMAL"
    assert found.ground is LevelStatus.PROVEN
    assert found.ground_energy == pytest.approx(optimum.energy)
    energies = np.concatenate([run.energies for run in wide_runs])
    hits = np.count_nonzero(energies <= optimum.energy + 1e-9)
    assert 0 < hits < 600
    assert found.value == hits / 600
    assert found.interval[0] < found.value < found.interval[1]
    assert "proven by branch and bound" in str(found)
    residual = samples.residual_energy(wide_runs, seed=1)
    assert residual.value == pytest.approx(energies.mean() - optimum.energy)
    assert residual.interval[0] <= residual.value <= residual.interval[1]
    time = samples.solution_time(found, 20.0)
    assert 20 < time.anneal_interval[0] <= time.anneal_time <= time.anneal_interval[1] < math.inf
    even = samples.fairness(samples.alignment.pooled(wide_runs))
    assert even.counts == (hits,)


def test_the_temperature_of_150_qubits_is_that_of_single_flips(wide):
    drawn = qx.sample(wide, num_reads=300, seed=2, num_sweeps=200, beta_range=(12.0, 12.0))
    found = samples.effective_temperature(wide, [drawn])
    low, high = found.interval
    assert low < 1 / 12 < high
    assert high / low < 1.1
    assert found.kind.startswith("single flips")
    flips = samples.pseudolikelihood_temperature(samples.align(wide, drawn))
    assert (found.value, found.interval) == (flips.value, flips.interval)


def test_null_models_of_150_qubits(wide):
    assert qx.random_guess(wide) == 2.0**-150
    guess, slow = qx.product_success(wide, 5.0), qx.product_success(wide, 50.0)
    assert 0 < guess < slow < 1


def test_an_energy_that_is_not_proven_is_never_called_the_ground_energy():
    problem, few = glass(), BranchAndBound(max_nodes=3)
    runs = [reads_of(problem, 50, seed, sweeps=50) for seed in range(2)]
    lowest = min(run.energies.min() for run in runs)
    found = samples.ground_probability(problem, runs, ground=few)
    assert found.status is samples.GroundStatus.NOT_PROVEN
    assert found.ground is LevelStatus.BEST_KNOWN
    assert found.ground_energy <= lowest
    assert "are ground states" not in str(found)
    assert "lowest energy known, which is not proven" in str(found)
    assert found.to_dict()["ground_status"] == "BEST_KNOWN"
    residual = samples.residual_energy(runs, ground=few)
    assert "lowest energy known, which is not proven" in str(residual)
    assert residual.value == pytest.approx(
        np.mean([run.energies for run in runs]) - found.ground_energy
    )
    time = samples.solution_time(found, 1.0)
    assert time.status is samples.SolutionStatus.NOT_PROVEN
    assert "ground state" not in str(time) or "No ground state was read" in str(time)
    for call in (qx.random_guess, lambda p, ground: qx.product_success(p, 5.0, ground=ground)):
        with pytest.raises(qx.InputError, match="not all known"):
            call(problem, ground=few)
    with pytest.raises(qx.InputError, match="not all known"):
        samples.fairness(runs[0], ground=few)


def test_a_read_below_an_energy_that_is_not_proven_becomes_the_lowest_known():
    problem = glass()
    lowest = samples.align(problem, qx.sample(problem, num_reads=20, seed=1))
    start = known_levels(problem, BranchAndBound(max_nodes=1))
    levels = samples.ground_levels([lowest], start)
    assert levels.lowest_energy == min(start.lowest_energy, lowest.energies.min())
    assert lowest.ground_reads(start) == lowest.ground_reads(levels) > 0


def test_levels_of_another_problem_are_refused(wide_runs):
    with pytest.raises(qx.InputError, match="another problem"):
        wide_runs[0].ground_reads(known_levels(random_feature_selection(150, seed=4)))
    for wrong in ("exact", True, [1.0]):
        with pytest.raises(qx.InputError, match="ground is"):
            wide_runs[0].ground_reads(wrong)
