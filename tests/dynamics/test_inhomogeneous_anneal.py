"""Anneals in which each qubit has its own schedule, against independent integrations."""

import itertools

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from qubit_schedules import random_qubit_schedules

import qxgap as qx
from qxgap.dynamics.split import evolution, evolve, step_edges
from qxgap.testing import random_feature_selection


def random_hamiltonian(d, seed, pieces=4):
    problem = random_feature_selection(d, seed=seed % 10_000)
    schedules = random_qubit_schedules(d, np.random.default_rng(seed), pieces)
    return qx.InhomogeneousHamiltonian(problem, schedules)


def by_small_steps(H, tau, steps):
    """The final state, by products of exponentials of H at the middle of short steps.

    ``steps`` is the number of steps in each linear piece of the schedules.
    """
    s = H.schedules.s
    pieces = [np.linspace(low, high, steps + 1) for low, high in itertools.pairwise(s)]
    state = np.full(H.dimension, H.dimension**-0.5, dtype=complex)
    for low, high in (step for piece in pieces for step in itertools.pairwise(piece)):
        here, A, B = H.at(float((low + high) / 2))
        phase = -1j * H.schedules.angular * tau * (high - low)
        state = scipy.linalg.expm(phase * here.to_dense(A, B)) @ state
    return state


def read_out(H, tau):
    """The read-out distribution, from two runs by small steps whose errors are of second order."""
    coarse, fine = (np.abs(by_small_steps(H, tau, steps)) ** 2 for steps in (60, 120))
    return (4 * fine - coarse) / 3


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1), st.floats(0.5, 12.0))
def test_the_read_out_is_within_its_estimate(d, seed, tau):
    H = random_hamiltonian(d, seed)
    start = np.full(2**d, 2 ** (-d / 2))
    run = qx.anneal(H, tau, qx.SplitOperator(1e-5), initial=start)
    error = np.abs(run.probabilities - read_out(H, tau)).sum() / 2
    assert error <= run.error_estimate + 1e-6


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1), st.floats(0.3, 20.0), st.integers(2, 90))
def test_the_estimate_is_honest(d, seed, tau, pieces):
    """Also where the schedules have so many breakpoints that steps span them."""
    H = random_hamiltonian(d, seed, pieces)
    start = np.full(2**d, 2 ** (-d / 2), dtype=complex)
    run = qx.anneal(H, tau, qx.SplitOperator(1e-5), initial=start)
    inside = np.union1d(H.schedules.s, np.linspace(0, 1, 8 * run.steps))
    exact = np.abs(evolve(H, tau, inside, start, 4)) ** 2
    assert np.abs(run.probabilities - exact).sum() / 2 <= run.error_estimate


@pytest.mark.parametrize("order", [2, 4])
def test_the_order_is_kept_within_the_pieces(order):
    H, tau = random_hamiltonian(3, 5), 3.0
    start = np.full(8, 8**-0.5, dtype=complex)
    pieces = H.schedules.s.size - 1
    states = [
        evolve(H, tau, step_edges(H.schedules, np.full(pieces, n)), start, order)
        for n in (10, 20, 400)
    ]
    errors = [np.linalg.norm(state - states[2]) for state in states[:2]]
    assert errors[0] / errors[1] == pytest.approx(2**order, rel=0.25)


@pytest.mark.parametrize("d", [2, 5])
def test_equal_schedules_are_one_schedule(d):
    problem = random_feature_selection(d, seed=d)
    table = qx.schedule_named("Advantage2_system1_fast")
    H = qx.InhomogeneousHamiltonian(problem, qx.QubitSchedules.from_schedules([table] * d))
    one, other = qx.anneal(qx.AnnealHamiltonian(problem, table), 3.0), qx.anneal(H, 3.0)
    np.testing.assert_allclose(other.probabilities, one.probabilities, atol=1e-7)


@pytest.mark.parametrize("d", [3, 6])
def test_qutip_and_torch_agree(d):
    pytest.importorskip("torch")
    H = random_hamiltonian(d, 3)
    start = np.full(2**d, 2 ** (-d / 2))
    own = qx.anneal(H, 5.0, qx.SplitOperator(1e-8), initial=start)
    ode = qx.QutipODE("vern9", rtol=1e-9, atol=1e-11)
    for method, allowed in (
        (ode, 1e-6),
        (qx.SplitOperator(1e-8, device="cpu"), 1e-10),
        (qx.SplitOperator(1e-3, device="cpu", precision=qx.Precision.SINGLE), 1e-3),
    ):
        run = qx.anneal(H, 5.0, method, initial=start)
        assert np.abs(run.probabilities - own.probabilities).sum() / 2 < allowed


def test_qutip_integrates_by_our_layers():
    qutip = pytest.importorskip("qutip")
    H = random_hamiltonian(3, 8)
    start = qutip.Qobj(np.full((8, 1), 8**-0.5), dims=[[2] * 3, [1] * 3])
    options = {"method": "qxgap_split", "tol": 1e-7}
    end = qutip.sesolve(qx.to_qobjevo(H, 4.0), start, [0, 1.0, 4.0], options=options).final_state
    read = np.abs(end.full().ravel()) ** 2
    assert np.linalg.norm(read - read_out(H, 4.0)) < 2e-6
    changed = 1.1 * qx.to_qobjevo(H, 4.0)
    with pytest.raises(qx.InputError, match="scaled or changed"):
        qutip.sesolve(changed, start, [0, 4.0], options=options)


def test_many_qubits_take_the_same_layers():
    """Beyond 14 qubits a state no longer fits into one block."""
    d = 15
    H = random_hamiltonian(d, 1)
    problem_of_one = random_feature_selection(d, seed=1)
    equal = qx.InhomogeneousHamiltonian(
        problem_of_one, qx.QubitSchedules.from_schedules([qx.LINEAR] * d)
    )
    start, edges = np.full(2**d, 2 ** (-d / 2), dtype=complex), np.linspace(0, 1, 4)
    one = evolve(qx.AnnealHamiltonian(problem_of_one), 2.0, edges, start, 4)
    np.testing.assert_allclose(evolve(equal, 2.0, edges, start, 4), one, atol=1e-12)
    pytest.importorskip("torch")
    np.testing.assert_allclose(
        evolve(H, 2.0, edges, start, 2, device="cpu"), evolve(H, 2.0, edges, start, 2), atol=1e-12
    )


def test_observables_and_populations_are_those_of_H():
    H = random_hamiltonian(3, 21)
    start = np.full(8, 8**-0.5)
    energy, variance = qx.observables.MeanEnergy(), qx.observables.EnergyVariance()
    levels = qx.observables.LevelPopulations(k=3)
    run = qx.anneal(
        H, 4.0, initial=start, at=[0.0, 0.37, 1.0], observe=[energy, variance, levels], levels=2
    )
    half = []
    qx.anneal(H, 4.0, initial=start, at=[0.37], callback=lambda s, state: half.append(state))
    here, A, B = H.at(0.37)
    dense = here.to_dense(A, B)
    mean = np.vdot(half[0], dense @ half[0]).real
    assert run.observations["mean_energy"][1] == pytest.approx(mean, abs=1e-4)
    square = np.linalg.norm(dense @ half[0]) ** 2 - mean**2
    assert run.observations["energy_variance"][1] == pytest.approx(square, abs=1e-4)
    vectors = np.linalg.eigh(dense)[1][:, :3]
    np.testing.assert_allclose(
        run.observations["level_population"][1], np.abs(vectors.T @ half[0]) ** 2, atol=1e-4
    )
    assert run.populations is not None


def test_the_ground_state_of_the_beginning_is_the_default():
    early = qx.AnnealSchedule([0, 0.5, 1], [1, 0.2, 0], [0.1, 1, 1], "early")
    problem = random_feature_selection(3, seed=2)
    own = qx.QubitSchedules.from_schedules([early, qx.LINEAR, qx.LINEAR])
    H = qx.InhomogeneousHamiltonian(problem, own)
    here, A, B = H.at(0.0)
    ground = np.linalg.eigh(here.to_dense(A, B))[1][:, 0]
    first = []
    qx.anneal(H, 1.0, at=[0.0], callback=lambda s, state: first.append(state))
    assert abs(np.vdot(ground, first[0])) == pytest.approx(1.0, abs=1e-8)


def test_an_interrupted_anneal_goes_on(tmp_path, monkeypatch):
    H = random_hamiltonian(3, 4)
    start, path = np.full(8, 8**-0.5), tmp_path / "kept.npz"
    whole = qx.anneal(H, 5.0, initial=start)
    apply, calls = evolution.apply_varying_layers, []
    monkeypatch.setattr(evolution, "LAYERS_PER_CALL", 4)

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 20:
            raise KeyboardInterrupt
        apply(*arguments)

    monkeypatch.setattr(evolution, "apply_varying_layers", interrupted)
    kept = qx.Checkpoint(path, every=0.0)
    with pytest.raises(KeyboardInterrupt):
        qx.anneal(H, 5.0, initial=start, checkpoint=kept)
    assert path.exists()
    again = qx.anneal(H, 5.0, initial=start, checkpoint=kept)
    np.testing.assert_array_equal(again.state, whole.state)
    assert not path.exists()


def test_other_anneals_are_refused():
    H = random_hamiltonian(2, 0)
    for call in (
        lambda: qx.anneal_many([H], 1.0),
        lambda: qx.open_anneal(H, 1.0, qx.Dephasing(0.1)),
    ):
        with pytest.raises(qx.InputError, match="needs one for all"):
            call()
    with pytest.raises(qx.InputError, match="SelectedDynamics"):
        qx.anneal(H, 1.0, qx.SelectedDynamics())
    with pytest.raises(qx.InputError, match="needs about"):
        qx.anneal(H, 1e9)
    with pytest.raises(qx.InputError, match="Runge-Kutta"):
        qx.anneal(H, 1e9, qx.QutipODE())
