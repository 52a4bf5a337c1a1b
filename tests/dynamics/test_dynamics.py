"""Anneals against QuTiP, closed forms and matrix exponentials."""

import math

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
from hypothesis import example, given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.dynamics.split import corners, evolve, step_edges
from qxgap.dynamics.states import initial_state
from qxgap.testing import random_feature_selection

REFERENCE = qx.QutipODE("dop853", rtol=1e-11, atol=1e-13)


def hamiltonian(d, seed, convention="paper", schedule=qx.LINEAR):
    driver = qx.Convention(convention).driver(d)
    return qx.AnnealHamiltonian(random_feature_selection(d, seed=seed), schedule, driver)


@pytest.mark.parametrize("order", [2, 4])
@pytest.mark.parametrize(
    "schedule", [qx.LINEAR, qx.AnnealSchedule([0, 0.5, 1], [2, 0.5, 0], [0, 0.3, 1.5], "bent")]
)
def test_the_splitting_has_its_order(order, schedule):
    H = hamiltonian(3, 3, schedule=schedule)
    start = initial_state(H)
    exact = qx.anneal(H, 6.0, REFERENCE).state
    errors = []
    for n in (16, 32):
        edges = step_edges(schedule, np.full(corners(schedule).size - 1, n))
        errors.append(np.linalg.norm(evolve(H, 6.0, edges, start, order) - exact))
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.35)


@pytest.mark.parametrize("convention", ["paper", "authors-code"])
@pytest.mark.parametrize(("d", "tau"), [(1, 0.5), (2, 30.0), (4, 10.0), (7, 20.0)])
@pytest.mark.parametrize(("tol", "order"), [(1e-4, 2), (1e-4, 4), (1e-8, 4)])
def test_split_operator_keeps_its_tolerance_against_qutip(d, tau, convention, tol, order):
    H = hamiltonian(d, seed=d, convention=convention)
    run, reference = qx.anneal(H, tau, qx.SplitOperator(tol, order)), qx.anneal(H, tau, REFERENCE)
    assert run.status is qx.AnnealStatus.CONVERGED
    assert abs(run.success_probability - reference.success_probability) <= tol
    assert run.residual_energy == pytest.approx(reference.residual_energy, abs=30 * tol)
    assert run.norm_error < 1e-12
    assert run.probabilities.sum() == pytest.approx(1.0, abs=1e-14)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(0, 2**32),
    st.floats(0.1, 40.0),
    st.sampled_from([1e-3, 1e-5, 1e-7]),
    st.sampled_from([2, 4]),
)
@example(d=1, seed=0, tau=15.625, tol=1e-3, order=2)
@example(d=3, seed=341904, tau=25.375, tol=1e-7, order=4)
def test_the_error_estimate_is_honest(d, seed, tau, tol, order):
    H = hamiltonian(d, seed)
    run, reference = qx.anneal(H, tau, qx.SplitOperator(tol, order)), qx.anneal(H, tau, REFERENCE)
    error = abs(run.success_probability - reference.success_probability)
    assert error <= run.error_estimate + 1e-9
    assert run.error_estimate <= tol


def test_an_adiabatic_sweep_of_one_qubit():
    # late-time law 1 - F -> |<1|dH/ds|0>|^2 / (tau^2 gap^4), one term from each end of the sweep
    H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]))
    tau = 4000.0
    run = qx.anneal(H, tau, qx.SplitOperator(1e-10))
    ends = []
    for s in (0.0, 1.0):
        values, vectors = np.linalg.eigh(H.to_sparse(*H.schedule(s)).toarray())
        slope = H.problem_matrix().toarray() - H.driver_matrix().toarray()
        ends.append(abs(vectors[:, 1] @ slope @ vectors[:, 0]) / (values[1] - values[0]) ** 2)
    failure = 1 - run.success_probability
    assert (ends[1] - ends[0]) ** 2 / tau**2 * 0.999 <= failure
    assert failure <= (ends[1] + ends[0]) ** 2 / tau**2 * 1.001


def test_a_quench_leaves_the_uniform_state():
    H = hamiltonian(6, 0)
    for method in (qx.SplitOperator(), qx.QutipODE()):
        run = qx.anneal(H, 0.0, method)
        assert run.success_probability == pytest.approx(2.0**-6)
    assert qx.random_guess(H.problem) == 2.0**-6


def test_kinks_and_pauses_of_a_schedule():
    schedule = qx.AnnealSchedule([0, 0.3, 0.6, 1], [2, 0.5, 0.5, 0], [0, 0.8, 0.8, 1.5], "pause")
    H = hamiltonian(4, 3, schedule=schedule)
    run, reference = qx.anneal(H, 15.0), qx.anneal(H, 15.0, REFERENCE)
    assert run.success_probability == pytest.approx(reference.success_probability, abs=1e-6)


@pytest.mark.parametrize("d", [3, 11])
def test_the_initial_state_is_the_ground_state_of_the_schedule(d):
    lifted = qx.AnnealSchedule([0, 1], [1, 0.2], [0.3, 1], "lifted")
    H = hamiltonian(d, 1, schedule=lifted)
    state = initial_state(H)
    energy = qx.spectrum(H, 0.0, levels=1).energies[0, 0]
    assert np.linalg.norm(state) == pytest.approx(1.0)
    np.testing.assert_allclose(H.matvec(0.0, state), energy * state, atol=1e-7)
    if d < 5:
        run, reference = qx.anneal(H, 8.0), qx.anneal(H, 8.0, REFERENCE)
        assert run.success_probability == pytest.approx(reference.success_probability, abs=1e-6)


def test_nanoseconds_and_gigahertz():
    # one qubit at constant A and B turns at the angular frequency 2 pi times the gap in GHz
    problem, tau = qx.QuboProblem([-1.0], [[0.0]]), 0.37
    steady = qx.AnnealSchedule([0, 0.5, 1], [3.0, 3.0, 3.0], [0.0, 2.0, 2.0], "steady", "GHz")
    H = qx.AnnealHamiltonian(problem, steady)
    ramp = qx.AnnealSchedule([0, 0.5, 1], [3.0, 3.0, 3.0], [0.0, 2.0, 2.0], "steady")
    scaled = qx.anneal(qx.AnnealHamiltonian(problem, ramp), 2 * math.pi * tau)
    for method in (qx.SplitOperator(), qx.QutipODE()):
        run = qx.anneal(H, tau, method)
        assert run.success_probability == pytest.approx(scaled.success_probability, abs=2e-6)


def test_a_hardware_schedule_runs():
    schedule = qx.schedule_named("Advantage_system6_fast")
    H = hamiltonian(3, 1, schedule=schedule)
    run, reference = qx.anneal(H, 2.0), qx.anneal(H, 2.0, REFERENCE)
    assert run.success_probability == pytest.approx(reference.success_probability, abs=1e-5)


def test_success_counts_the_whole_ground_space():
    problem = qx.QuboProblem([-1.0, -1.0], [[0.0, 5.0], [0.0, 0.0]])
    run = qx.anneal(qx.AnnealHamiltonian(problem), 200.0)
    assert problem.degeneracy == 2
    assert run.success_probability == pytest.approx(1.0, abs=1e-3)
    assert run.energy == pytest.approx(-1.0, abs=1e-2)


@pytest.mark.parametrize("tau", [1.0, 12.0])
def test_the_product_null_model_is_exact_without_couplings(tau):
    problem = qx.QuboProblem([-0.7, -0.2, 0.0, 0.4], np.zeros((4, 4)))
    H = qx.AnnealHamiltonian(problem, driver=qx.TransverseField([0.25, 0.5, 1.0, 0.7]))
    success = qx.anneal(H, tau, qx.SplitOperator(1e-9)).success_probability
    null = qx.product_success(H, tau, qx.SplitOperator(1e-9))
    assert problem.degeneracy == 2
    assert null == pytest.approx(success, abs=1e-7)


def test_samples_follow_the_final_state():
    run = qx.anneal(hamiltonian(3, 2), 5.0)
    sampleset = run.sample(20_000, seed=1)
    assert list(sampleset.variables) == list(run.problem.labels)
    weights = 2 ** np.arange(2, -1, -1)
    counts = np.bincount(sampleset.record.sample @ weights, minlength=8)
    assert scipy.stats.chisquare(counts, 20_000 * run.probabilities).pvalue > 1e-4
    energies = run.problem.to_bqm().energies(sampleset)
    np.testing.assert_allclose(sampleset.record.energy, energies, atol=1e-12)
    again = run.sample(20_000, seed=1)
    assert np.array_equal(again.record.sample, sampleset.record.sample)


def test_a_short_budget_is_told():
    H = hamiltonian(4, 1)
    starved = qx.SplitOperator(1e-9, max_steps=100)
    with pytest.raises(qx.IntegrationError, match="loosen tol"):
        qx.anneal(H, 20.0, qx.SplitOperator(1e-14))  # below rounding, told at once
    with pytest.raises(qx.IntegrationError, match="raise max_steps"):
        qx.anneal(H, 20.0, starved)
    run = qx.anneal(H, 20.0, starved, throw=False)
    assert run.status is qx.AnnealStatus.MAX_STEPS
    assert run.steps <= 100
    assert run.error_estimate > 1e-9
    with pytest.raises(qx.IntegrationError, match="QuTiP"):
        qx.anneal(H, 20.0, qx.QutipODE(max_steps=5))


@pytest.mark.parametrize("tau", [-1.0, math.nan, math.inf])
def test_a_senseless_anneal_time_is_refused(tau):
    with pytest.raises(qx.InputError, match="tau"):
        qx.anneal(hamiltonian(2, 0), tau)


def test_bad_requests_are_refused():
    reverse = qx.AnnealSchedule([0, 0.5, 1], [0, 1, 0], [1, 0.1, 1], "reverse")
    with pytest.raises(qx.InputError, match=r"A\(0\) = 0"):
        qx.anneal(hamiltonian(2, 0, schedule=reverse), 1.0)
    with pytest.raises(qx.InputError, match="order 3"):
        qx.SplitOperator(order=3)
    with pytest.raises(qx.InputError, match="tol"):
        qx.SplitOperator(tol=0.0)
    forty = qx.QuboProblem(-np.ones(40), np.zeros((40, 40)))
    with pytest.raises(qx.MemoryLimitError, match="40 qubits"):
        qx.anneal(qx.AnnealHamiltonian(forty), 1.0, qx.SplitOperator())
    with pytest.raises(qx.InputError, match="num_reads"):
        qx.anneal(hamiltonian(2, 0), 1.0).sample(0)
