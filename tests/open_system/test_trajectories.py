"""Quantum-jump trajectories against the master equation, closed forms, and QuTiP's mcsolve."""

import math

import numba
import numpy as np
import pytest
import scipy.linalg

import qxgap as qx
from qxgap.dynamics.states import initial_state
from qxgap.open_system.trajectories.clock import Clock, mirrored
from qxgap.open_system.trajectories.ensemble import Ensemble, Setting
from qxgap.open_system.trajectories.jump_kernels import (
    damp,
    flip_signs,
    move_bit,
    weights_by_ones,
    weights_of_one,
)
from qxgap.open_system.trajectories.jump_rates import JumpRates, jump_rates
from qxgap.open_system.trajectories.one_trajectory import StepGrid
from qxgap.open_system.trajectories.uncertainty import mean_interval_of_probabilities
from qxgap.problem.bits import index_to_bits
from qxgap.testing import random_feature_selection

DEPHASING, RELAXATION = qx.Dephasing(0.2), qx.Relaxation(0.15, 0.05)
BATHS = [DEPHASING, RELAXATION, (DEPHASING, RELAXATION, qx.Dephasing(0.1))]
SUCCESS = 0


def steady(A, B):
    return qx.AnnealSchedule([0, 1], [A, A], [B, B], "steady")


def hamiltonian(d, seed, schedule=qx.LINEAR):
    rng = np.random.default_rng(seed)
    driver = qx.TransverseField(tuple(rng.uniform(0.5, 1.5, d)))
    return qx.AnnealHamiltonian(random_feature_selection(d, seed=rng), schedule, driver)


def ensemble(H, tau, bath, steps, seed=0):
    baths = bath if isinstance(bath, tuple) else (bath,)
    rates = jump_rates(baths, H.num_qubits)
    return Ensemble(Setting(H, tau, initial_state(H), rates, seed), np.array([steps]))


def averaged(H, tau, bath, steps):
    """Return the read-out of the density matrix in these steps, from matrix exponentials."""
    baths = bath if isinstance(bath, tuple) else (bath,)
    one, grid = np.eye(H.dimension), StepGrid(H, tau, np.array([steps]))
    decay = np.zeros((H.dimension**2,) * 2)
    for L in (L.toarray() for bath in baths for L in bath.operators(H.num_qubits)):
        loss = L.T @ L / 2
        decay += np.kron(L, L) - np.kron(loss, one) - np.kron(one, loss)
    E = H.diagonal
    turning = -1j * np.diag(np.subtract.outer(E, E).ravel())
    driver = H.driver_matrix().toarray()
    start = initial_state(H)
    rho = np.outer(start, start.conj()).ravel()
    angles = np.append(grid.angles, 0.0)
    for length, phase, angle in zip(np.diff(grid.marks), grid.phases, angles, strict=True):
        rho = scipy.linalg.expm(length * decay + phase * turning) @ rho
        U = scipy.linalg.expm(-1j * angle * driver)
        rho = (U @ rho.reshape(one.shape) @ U.conj().T).ravel()
    return rho.reshape(one.shape).diagonal().real


@pytest.mark.parametrize("bath", BATHS)
@pytest.mark.parametrize("d", [1, 3, 5])
def test_it_agrees_with_the_master_equation(d, bath):
    H = hamiltonian(d, 30 + d)
    exact = qx.open_anneal(H, 4.0, bath)
    run = qx.open_anneal(H, 4.0, bath, qx.Trajectories(100, step_tol=4e-3), seed=1)
    assert run.step_error <= 4e-3
    miss = abs(run.success_probability - exact.success_probability)
    assert miss < 3.5 * run.standard_error + run.step_error
    miss, span = abs(run.energy - exact.energy), np.ptp(H.diagonal)
    assert miss < 3.5 * run.energy_error + 2 * d * run.step_error * span
    assert np.abs(run.probabilities - exact.probabilities).sum() < 0.25
    assert run.residual_energy == pytest.approx(run.energy - H.problem.offset - H.diagonal.min())


@pytest.mark.parametrize("bath", BATHS)
def test_the_average_is_the_splitting_of_the_master_equation(bath):
    # so few steps that their error is seen: the average must have the same one
    H, tau = hamiltonian(2, 3), 20.0
    coarse = ensemble(H, tau, bath, 4, seed=4)
    coarse.extend(1200, lambda text: None)
    expected = averaged(H, tau, bath, 4)
    exact = qx.open_anneal(H, tau, bath).probabilities
    assert np.abs(expected - exact).max() > 0.01
    success = expected[H.problem.ground_indices].sum()
    error = coarse.success_interval()[2]
    assert error < 0.012
    assert abs(coarse.mean()[SUCCESS] - success) < 3.5 * error
    np.testing.assert_allclose(coarse.weights(), expected, atol=0.045)


@pytest.mark.parametrize("bath", BATHS)
def test_the_steps_are_of_second_order(bath):
    H, tau = hamiltonian(2, 3, qx.LINEAR), 5.0
    exact = qx.open_anneal(H, tau, bath, qx.DensityODE(1e-10, 1e-12)).probabilities
    errors = [np.abs(averaged(H, tau, bath, n) - exact).sum() for n in (20, 40, 80)]
    np.testing.assert_allclose(np.array(errors[:-1]) / errors[1:], 4.0, rtol=0.1)


@pytest.mark.parametrize("bath", BATHS)
def test_the_step_error_bounds_the_error(bath):
    for seed in range(3):
        H = hamiltonian(2, seed)
        exact = qx.open_anneal(H, 5.0, bath).success_probability
        fine, coarse = (ensemble(H, 5.0, bath, n, seed) for n in (24, 12))
        fine.extend(60, lambda text: None)
        error = averaged(H, 5.0, bath, 24)[H.problem.ground_indices].sum() - exact
        bound = fine.step_errors(coarse, lambda text: None)[SUCCESS]
        assert abs(error) < bound
        assert bound < 0.2 * fine.success_interval()[2]


@pytest.mark.parametrize("bath", [qx.Dephasing(0.1), qx.Relaxation(0.1)])
def test_the_standard_error_is_the_spread_of_averages(bath):
    H, runs = hamiltonian(2, 8), []
    for seed in range(60):
        run = ensemble(H, 3.0, bath, 6, seed)
        run.extend(30, lambda text: None)
        runs.append((run.mean()[SUCCESS], *run.success_interval()))
    truth = averaged(H, 3.0, bath, 6)[H.problem.ground_indices].sum()
    means, lows, highs, errors = np.array(runs).T
    assert np.std(means) == pytest.approx(np.sqrt(np.mean(errors**2)), rel=0.25)
    assert abs(means.mean() - truth) < 3.5 * means.std() / math.sqrt(means.size)
    covered = np.mean((lows <= truth) & (truth <= highs))
    assert 0.85 <= covered <= 1.0


@pytest.mark.parametrize(("down", "up"), [(0.5, 0.0), (0.5, 0.2), (0.3, 0.3)])
def test_relaxation_without_a_driver(down, up):
    H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0] * 2, np.zeros((2, 2))), steady(1e-7, 1.0))
    tau, method = 1.7, qx.Trajectories(200)
    run = qx.open_anneal(H, tau, qx.Relaxation(down, up), method, seed=2)
    start = qx.open_anneal(H, 0.0, qx.Relaxation(down, up), method).probabilities[3]
    left = up / (up + down) * (1 - math.exp(-(up + down) * tau))
    left += math.sqrt(start) * math.exp(-(up + down) * tau)
    assert abs(run.success_probability - left**2) < 3.5 * run.standard_error + 1e-6
    assert run.step_error < 1e-6
    assert abs(run.energy + 2 * left) < 3.5 * run.energy_error + 1e-6


def test_a_precessing_qubit_dephases():
    # sigma_z decays as a damped oscillation, because dephasing acts on sigma_y
    A, rate, tau = 0.7, 0.4, 3.0
    schedule = qx.AnnealSchedule([0, 1e-9, 1], [1e-9, A, A], [1, 0, 0], "quench")
    H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]), schedule)
    run = qx.open_anneal(H, tau, qx.Dephasing(rate), qx.Trajectories(tol=0.015, step_tol=1e-4))
    turn = math.sqrt(4 * A * A - rate**2 / 4)
    z = math.cos(turn * tau) + rate / 2 / turn * math.sin(turn * tau)
    z *= math.exp(-rate * tau / 2)
    assert run.standard_error <= 0.015
    assert abs(run.success_probability - (1 + z) / 2) < 3.5 * run.standard_error + 1e-4
    assert run.mean_jumps == pytest.approx(rate / 2 * tau, abs=0.1)


@pytest.mark.parametrize("bath", [qx.Dephasing(0.0), qx.Relaxation(0.0), ()])
@pytest.mark.parametrize("schedule", [qx.LINEAR, qx.LINEAR.with_pause(0.5, 0.3)])
def test_without_coupling_it_is_the_closed_anneal(bath, schedule):
    H = hamiltonian(4, 4, schedule)
    run = qx.open_anneal(H, 6.0, bath, qx.Trajectories(step_tol=1e-5))
    closed = qx.anneal(H, 6.0, qx.SplitOperator(1e-8))
    np.testing.assert_allclose(run.probabilities, closed.probabilities, atol=1e-5)
    assert (run.num_trajectories, run.no_jump_probability, run.standard_error) == (0, 1.0, 0.0)
    assert run.interval == (run.success_probability,) * 2
    assert "nothing is drawn" in str(run)


def test_a_weak_bath_is_known_better_than_the_number_of_trajectories_says():
    H = hamiltonian(3, 1)
    weak, method = qx.Dephasing(1e-4), qx.Trajectories(30)
    run = qx.open_anneal(H, 5.0, weak, method)
    exact = qx.open_anneal(H, 5.0, weak).success_probability
    assert run.no_jump_probability == pytest.approx(math.exp(-3 * 5e-5 * 5.0))
    assert run.standard_error < 1e-4
    assert abs(run.success_probability - exact) < 3.5 * run.standard_error + run.step_error


def test_rare_trajectories_are_not_forgotten():
    # each trajectory ends in one state, and hardly any in the ground state
    H = hamiltonian(4, 2)
    bath, method = qx.Relaxation(60.0, 15.0), qx.Trajectories(20, step_tol=0.01)
    run = qx.open_anneal(H, 1.0, bath, method)
    exact = qx.open_anneal(H, 1.0, bath).success_probability
    assert run.success_probability < exact / 10
    assert exact < run.interval[1] < 0.3
    assert run.standard_error > 0.01
    rng = np.random.default_rng(1)
    covered = []
    for p in (0.002, 0.02, 0.3, 0.98):
        draws = (rng.random((200, 300)) < p).astype(float)
        ends = [mean_interval_of_probabilities(values)[:2] for values in draws]
        covered.append(np.mean([low <= p <= high for low, high in ends]))
    assert min(covered) > 0.9
    low, high, error = mean_interval_of_probabilities(np.full(50, 0.25))
    assert (low, high, error) == (0.25, 0.25, 0.0)


def test_the_interval_of_skewed_probabilities():
    rng = np.random.default_rng(2)
    draws = 0.02 * rng.exponential(size=(500, 60)) ** 1.5
    truth = 0.02 * math.gamma(2.5)
    ends = np.array([mean_interval_of_probabilities(values) for values in draws])
    assert np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1])) > 0.92
    means = draws.mean(axis=1)
    assert np.all(ends[:, 1] - means > means - ends[:, 0])  # what is rare is large


def test_a_seed_repeats_the_result_whatever_the_threads():
    H, bath = hamiltonian(8, 5), (DEPHASING, RELAXATION)
    threads = numba.get_num_threads()
    runs = []
    for number in [*sorted({1, threads}), 1]:
        numba.set_num_threads(number)
        runs.append(qx.open_anneal(H, 1.0, bath, qx.Trajectories(20), seed=7))
    numba.set_num_threads(threads)
    for run in runs[1:]:
        np.testing.assert_array_equal(run.weights, runs[0].weights)
    other = qx.open_anneal(H, 1.0, bath, qx.Trajectories(20), seed=8)
    assert other.success_probability != runs[0].success_probability
    assert (other.seed, runs[0].seed) == (8, 7)


def test_no_time_and_a_degenerate_problem():
    problem = qx.QuboProblem([0.0, 0.0, 0.0], np.zeros((3, 3)))
    run = qx.open_anneal(problem, 0.0, BATHS[2], qx.Trajectories(5))
    np.testing.assert_allclose(run.probabilities, 1 / 8)
    assert run.steps == 3 or run.num_trajectories == 0
    run = qx.open_anneal(problem, 2.0, BATHS[2], qx.Trajectories(5))
    assert run.success_probability == pytest.approx(1.0)
    assert run.interval[1] == pytest.approx(1.0)


def test_a_paused_hardware_schedule():
    schedule = qx.schedule_named("Advantage_system6_fast").with_pause(0.3, 0.4)
    H = hamiltonian(2, 1, schedule)
    bath = (qx.Dephasing(2.0), qx.Relaxation(1.0))
    exact = qx.open_anneal(H, 0.2, bath)
    run = qx.open_anneal(H, 0.2, bath, qx.Trajectories(40), seed=3)
    miss = abs(run.success_probability - exact.success_probability)
    assert miss < 3.5 * run.standard_error + run.step_error


def test_a_tolerance_adds_trajectories():
    H = hamiltonian(2, 8)
    method = qx.Trajectories(50, tol=0.004)
    run = qx.open_anneal(H, 3.0, DEPHASING, method)
    assert run.standard_error <= 0.004
    assert run.num_trajectories > 50
    same = qx.open_anneal(H, 3.0, DEPHASING, qx.Trajectories(run.num_trajectories))
    np.testing.assert_array_equal(same.weights, run.weights)
    with pytest.raises(qx.IntegrationError, match=r"tol = 1e-05 needs about .*Raise tol, or max_c"):
        qx.open_anneal(H, 3.0, DEPHASING, qx.Trajectories(50, tol=1e-5))


def test_refusals():
    H, ohmic = hamiltonian(2, 1), qx.OhmicBath(0.2)
    with pytest.raises(qx.InputError, match=r"knows the jumps of Dephasing.*levels=m"):
        qx.open_anneal(H, 1.0, [DEPHASING, ohmic], qx.Trajectories())
    large = qx.QuboProblem([0.0] * 60, np.zeros((60, 60)))
    with pytest.raises(qx.MemoryLimitError, match="state vectors of 60 qubits"):
        qx.open_anneal(large, 1.0, DEPHASING, qx.Trajectories())
    with pytest.raises(qx.InputError, match=r"tau = 1e\+12 needs about .* time steps"):
        qx.open_anneal(H, 1e12, DEPHASING, qx.Trajectories())
    with pytest.raises(qx.InputError, match=r"jumps in a trajectory.*Lower the rates"):
        qx.open_anneal(H, 1.0, qx.Dephasing(1e9), qx.Trajectories())
    with pytest.raises(qx.IntegrationError, match=r"step_tol = 1e-09: shorten tau"):
        qx.open_anneal(H, 5.0, DEPHASING, qx.Trajectories(2, step_tol=1e-9, max_steps=400))
    with pytest.raises(qx.InputError, match=r"an open anneal of 9 qubits.*Trajectories\(\)"):
        qx.open_anneal(hamiltonian(9, 1), 1.0, DEPHASING)
    for wrong in ({"count": 1}, {"tol": 0.0}, {"step_tol": 2}, {"max_count": 10}, {"count": "x"}):
        with pytest.raises(qx.InputError):
            qx.Trajectories(**wrong)


def test_the_result_says_what_it_rests_on():
    H = hamiltonian(3, 2)
    run = qx.open_anneal(H, 3.0, (DEPHASING, RELAXATION), qx.Trajectories(40), seed=6)
    numbers = run.to_dict()
    assert numbers["interval"] == list(run.interval)
    assert (numbers["seed"], numbers["num_trajectories"]) == (6, 40)
    assert "averages over 40 wave functions that jump at random" in str(run)
    assert "(95 % interval)" in str(run)
    assert run.probabilities.sum() == pytest.approx(1.0)
    assert run.sample(10, seed=1).info["sampler"] == "trajectories"
    with pytest.raises(ValueError, match="read-only"):
        run.weights[0] = 1.0
    lines = []
    qx.open_anneal(H, 3.0, DEPHASING, qx.Trajectories(5), progress=lines.append)
    assert any("trajectory 5 of 5" in line for line in lines)


@pytest.mark.parametrize("d", [1, 3, 10])
def test_the_kernels(d):
    rng = np.random.default_rng(d)
    psi = rng.normal(size=(2, 1 << d))
    bits = index_to_bits(np.arange(1 << d), d)[:, ::-1].astype(int)  # in bit order
    ones, weights = bits.sum(axis=1), (psi**2).sum(axis=0)
    np.testing.assert_allclose(weights_by_ones(psi), np.bincount(ones, weights, d + 1))
    np.testing.assert_allclose(weights_of_one(weights), weights @ bits)
    factors = rng.uniform(0.5, 1.5, d + 1)
    damped = psi.copy()
    assert damp(damped, factors) == pytest.approx(float(weights @ factors[ones] ** 2))
    np.testing.assert_allclose(damped, psi * factors[ones])
    for mask in (1, (1 << d) - 1, 1 << (d - 1), int(rng.integers(1 << d))):
        flipped = psi.copy()
        flip_signs(flipped, mask)
        parity = bits[:, [bool(mask >> k & 1) for k in range(d)]].sum(axis=1) % 2
        np.testing.assert_array_equal(flipped, psi * (1 - 2 * parity))
    for bit in (0, d - 1):
        for up in (False, True):
            moved, x = psi.copy(), np.arange(1 << d)
            move_bit(moved, bit, up)
            np.testing.assert_array_equal(
                moved, np.where(bits[:, bit] == up, psi[:, x ^ (1 << bit)], 0.0)
            )


def test_the_clock_jumps_at_least_once():
    rates = JumpRates(3, 0.01, 0.1, 0.0)
    tau, unrelaxed = 2.0, 0.9
    clocks = [Clock(np.random.SeedSequence(i), rates, tau, unrelaxed) for i in range(3000)]
    flipped = np.mean([clock.times.size > 0 for clock in clocks])
    some = -math.expm1(-0.03 * tau)
    assert flipped == pytest.approx(some / (some + (1 - some) * 0.1), abs=0.03)
    for clock in clocks:
        assert np.all((clock.times >= 0) & (clock.times <= tau))
        assert clock.times.size or clock.first_threshold() >= unrelaxed
    marks = np.array([0.0, 0.5, 1.5, 2.0])
    np.testing.assert_allclose(mirrored(np.array([0.1, 1.4, 1.6]), marks), [0.4, 0.6, 1.9])


@pytest.mark.slow
@pytest.mark.parametrize("bath", BATHS)
def test_it_agrees_with_mcsolve(bath):
    import qutip

    H, tau = hamiltonian(3, 11), 4.0
    baths = bath if isinstance(bath, tuple) else (bath,)
    dims = [[2] * 3, [2] * 3]
    operators = [qutip.Qobj(L.toarray(), dims=dims) for b in baths for L in b.operators(3)]
    ground = np.zeros((8, 8))
    ground[H.problem.ground_indices, H.problem.ground_indices] = 1.0
    solution = qutip.mcsolve(
        qx.to_qobjevo(H, tau),
        qutip.Qobj(initial_state(H)[:, None], dims=[[2] * 3, [1] * 3]),
        [0.0, tau],
        operators,
        e_ops=[qutip.Qobj(ground, dims=dims)],
        ntraj=1000,
        seeds=1,
        options={"progress_bar": "", "improved_sampling": True},
    )
    theirs, spread = solution.average_expect[0][-1], solution.std_expect[0][-1]
    run = qx.open_anneal(H, tau, bath, qx.Trajectories(1000))
    error = math.hypot(run.standard_error, spread / math.sqrt(1000))
    assert abs(run.success_probability - theirs) < 3.5 * error + run.step_error
