"""Thermal states against brute force and matrix exponentials."""

import itertools
import math

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.annealing.schedules import MILLIKELVIN_PER_GHZ
from qxgap.testing import random_feature_selection


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(0, 2**32 - 1), st.floats(0.0, 1.0), st.floats(1e-3, 100.0))
def test_the_classical_state_is_boltzmanns(d, seed, s, temperature):
    problem = random_feature_selection(d, seed=seed)
    state = qx.gibbs(qx.AnnealHamiltonian(problem), s, temperature)
    states = list(itertools.product([0, 1], repeat=d))
    energies = np.array([float(problem.energy(np.array(n))) for n in states]) - problem.offset
    weights = np.exp(-s * (energies - energies.min()) / temperature)
    expected = weights / weights.sum()
    np.testing.assert_allclose(state.probabilities, expected, rtol=1e-9, atol=1e-15)
    ground = energies <= energies.min() + problem.ground_tolerance
    assert state.success_probability == pytest.approx(expected[ground].sum())
    assert state.energy == pytest.approx(expected @ energies + problem.offset, abs=1e-12)
    assert state.residual_energy == pytest.approx(expected @ energies - energies.min(), abs=1e-12)
    log_partition = math.log(weights.sum()) - s * energies.min() / temperature
    assert state.log_partition == pytest.approx(log_partition, rel=1e-9)


@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("s", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("temperature", [0.3, 4.0])
def test_the_quantum_state_is_a_matrix_exponential(d, s, temperature):
    driver = qx.TransverseField(tuple(np.linspace(0.5, 1.5, d)))
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=d), driver=driver)
    matrix = scipy.linalg.expm(-H.to_sparse(*H.schedule(s)).toarray() / temperature)
    state = qx.gibbs(H, s, temperature, quantum=True)
    np.testing.assert_allclose(state.probabilities, np.diag(matrix) / np.trace(matrix), rtol=1e-10)
    assert state.log_partition == pytest.approx(math.log(np.trace(matrix)), abs=1e-10)
    if s == 1.0:
        classical = qx.gibbs(H, s, temperature)
        np.testing.assert_allclose(state.probabilities, classical.probabilities, rtol=1e-9)


def test_one_qubit_in_a_transverse_field():
    # <sigma_z> = (h / E) tanh(E / kT) for H = -A sigma_x - h sigma_z
    A, h, T = 0.6, 0.4, 0.5
    schedule = qx.AnnealSchedule([0, 1], [A, A], [1.0, 1.0], "steady")
    H = qx.AnnealHamiltonian(qx.QuboProblem([2 * h], [[0.0]]), schedule)
    p = qx.gibbs(H, 0.5, T, quantum=True).probabilities
    E = math.hypot(A, h)
    assert p[0] - p[1] == pytest.approx(h / E * math.tanh(E / T))


def test_millikelvin_and_gigahertz():
    # 12 mK is 0.25 GHz
    schedule = qx.schedule_named("Advantage_system6_standard")
    H = qx.AnnealHamiltonian(random_feature_selection(4, seed=0), schedule)
    state = qx.gibbs(H, 0.6, 12.0)
    weights = np.exp(-float(schedule(0.6)[1]) * H.diagonal / (12.0 / MILLIKELVIN_PER_GHZ))
    np.testing.assert_allclose(state.probabilities, weights / weights.sum(), rtol=1e-9)
    assert schedule.thermal_energy(12.0) == pytest.approx(0.25, rel=1e-3)
    assert float(schedule.to_millikelvin(schedule.thermal_energy(12.0))) == pytest.approx(12.0)


def test_hot_and_cold_limits():
    H = qx.AnnealHamiltonian(random_feature_selection(16, seed=3))
    assert qx.gibbs(H, 1.0, 1e-6).success_probability == pytest.approx(1.0)
    assert qx.gibbs(H, 1.0, 1e9).success_probability == pytest.approx(2.0**-16, rel=1e-6)
    assert qx.gibbs(H, 0.0, 1.0).success_probability == pytest.approx(2.0**-16)


def test_reads_follow_the_state():
    H = qx.AnnealHamiltonian(random_feature_selection(3, seed=2))
    state = qx.gibbs(H, 1.0, 0.4)
    reads = state.sample(5000, seed=1)
    counts = np.bincount(reads.record.sample @ [4, 2, 1], minlength=8)
    assert scipy.stats.chisquare(counts, 5000 * state.probabilities).pvalue > 1e-4
    np.testing.assert_allclose(reads.record.energy, H.problem.to_bqm().energies(reads), atol=1e-12)
    with pytest.raises(qx.InputError, match="num_reads"):
        state.sample(0)


def test_bad_requests_are_refused():
    H = qx.AnnealHamiltonian(random_feature_selection(3, seed=2))
    for temperature in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(qx.InputError, match="temperature"):
            qx.gibbs(H, 1.0, temperature)
    with pytest.raises(qx.InputError, match="outside"):
        qx.gibbs(H, 1.1, 1.0)
    large = qx.AnnealHamiltonian(qx.QuboProblem(-np.ones(13), np.zeros((13, 13))))
    with pytest.raises(qx.InputError, match="at most 12 qubits"):
        qx.gibbs(large, 1.0, 1.0, quantum=True)
    forty = qx.AnnealHamiltonian(qx.QuboProblem(-np.ones(40), np.zeros((40, 40))))
    with pytest.raises(qx.MemoryLimitError, match="40 qubits"):
        qx.gibbs(forty, 1.0, 1.0)
