"""Open anneals in the lowest levels: against the full equation, closed forms and bookkeeping."""

import json
import math

import dimod
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.annealing.schedules import MILLIKELVIN_PER_GHZ
from qxgap.open_system.moving_basis import RESIDUAL, moving_basis
from qxgap.open_system.systems import FullSystem, ReducedSystem
from qxgap.testing import random_feature_selection

BATH = qx.OhmicBath(0.1, 1e-3)
KINK = qx.AnnealSchedule([0, 0.4, 0.6, 1], [1, 0.3, 0.6, 0], [0, 0.7, 0.4, 1], "kink")
HARDWARE = qx.schedule_named("Advantage_system6_standard")


def ode(levels=None):
    return qx.DensityODE(1e-6, 1e-8, levels=levels)


def ising(h, J, *arguments):
    return qx.AnnealHamiltonian(dimod.BinaryQuadraticModel.from_ising(h, J), *arguments)


def distance(one, other):
    return float(np.abs(one.probabilities - other.probabilities).sum() / 2)


def steady(A, B, unit="dimensionless"):
    return qx.AnnealSchedule([0, 1], [A, A], [B, B], "steady", unit)


@pytest.mark.parametrize("method", [qx.DensityODE, qx.PauliMaster])
def test_all_levels_are_the_full_equation(method):
    H = qx.AnnealHamiltonian(random_feature_selection(3, 3), KINK)
    tau, tol = (30.0, 1e-6) if method is qx.DensityODE else (300.0, 1e-3)
    full = qx.open_anneal(H, tau, BATH, method(tol))
    run = qx.open_anneal(H, tau, BATH, method(tol, levels=8))
    assert isinstance(run, qx.LevelAnnealResult)
    assert isinstance(full, qx.OpenAnnealResult)
    np.testing.assert_allclose(run.probabilities, full.probabilities, atol=2e-6)
    assert run.basis_size == 8
    assert run.lost_weight < 1e-10


@pytest.mark.parametrize(
    ("H", "tau", "bath"),
    [
        (qx.AnnealHamiltonian(random_feature_selection(5, 2)), 100.0, BATH),
        (
            qx.AnnealHamiltonian(
                random_feature_selection(5, 2), driver=qx.Convention.AUTHORS_CODE.driver(5)
            ),
            200.0,
            qx.OhmicBath(0.05, 1e-3),
        ),
        (
            qx.AnnealHamiltonian(random_feature_selection(5, 2), qx.LINEAR.with_pause(0.7, 0.3)),
            60.0,
            BATH,
        ),
        (qx.AnnealHamiltonian(random_feature_selection(5, 2), KINK), 60.0, BATH),
        (qx.AnnealHamiltonian(random_feature_selection(4, 7), HARDWARE), 3.0, qx.OhmicBath(12.0)),
    ],
    ids=["linear", "driver-of-1/d", "pause", "kink", "GHz"],
)
def test_more_levels_agree_better_with_the_full_equation(H, tau, bath):
    full = qx.open_anneal(H, tau, bath, ode())
    few, more = (qx.open_anneal(H, tau, bath, ode(m)) for m in (4, 8))
    assert distance(few, full) < 0.05
    assert distance(more, full) < max(distance(few, full) / 2, 1e-4)
    assert distance(more, full) < max(2 * more.truncation, 1e-5)
    assert more.top_weight < few.top_weight
    assert few.trace_error < 1e-8
    levels = np.linalg.eigvalsh(H.to_dense(*map(float, H.schedule(1.0))))
    np.testing.assert_allclose(more.populations.energies, levels[:8], atol=1e-4 * np.ptp(levels))
    closest = full.probabilities[np.argmin(H.diagonal)]
    assert more.populations.weights[0] == pytest.approx(closest, abs=0.01)


def test_a_waveform_that_turns_back_passes_the_same_bases_again():
    waveform = qx.LINEAR.with_waveform([(0, 0), (4, 0.8), (6, 0.4), (10, 1)])
    H = qx.AnnealHamiltonian(random_feature_selection(4, 2), waveform)
    full = qx.open_anneal(H, 60.0, BATH, ode())
    run = qx.open_anneal(H, 60.0, BATH, ode(8))
    assert distance(run, full) < 2e-3
    basis, _ = moving_basis(H, np.full(16, 0.25), (4,), (5,), 0, str)
    systems = [id(stage.system) for stage in basis[0].stages()]
    assert len(set(systems)) < len(systems)


def test_the_rate_equation_in_few_levels():
    H = qx.AnnealHamiltonian(random_feature_selection(4, 1))
    full = qx.open_anneal(H, 3000.0, BATH, qx.PauliMaster())
    run = qx.open_anneal(H, 3000.0, BATH, qx.PauliMaster(levels=6))
    assert distance(run, full) < 2e-3
    assert run.is_converged
    assert run.lowest_eigenvalue > -1e-12
    assert "matter little" in str(run)


@pytest.mark.parametrize(
    ("h", "J", "levels"),
    [
        ({}, {(i, i + 1): -1.0 for i in range(4)}, 6),  # two ground states, symmetric
        ({}, {(i, j): 1.0 for i in range(4) for j in range(i)}, 9),  # six ground states
        ({0: 0.0, 1: -1.0, 2: -1.0, 3: -1.0}, {}, 8),  # a qubit without energy
    ],
    ids=["ferromagnet", "frustrated", "free-qubit"],
)
def test_degenerate_ground_states(h, J, levels):
    H, bath = ising(h, J), qx.OhmicBath(0.3, 1e-3)
    full = qx.open_anneal(H, 40.0, bath, ode())
    run = qx.open_anneal(H, 40.0, bath, ode(levels))
    assert run.success_probability == pytest.approx(full.success_probability, abs=2e-3)
    assert distance(run, full) < 5e-3
    short = qx.open_anneal(H, 40.0, bath, qx.DensityODE(1e-4, 1e-6, levels=2))
    if len(h) == 0 and len(J) == 6:  # two levels of six hold no ground space
        assert not short.is_converged
        assert "take more of them" in str(short)


def test_ten_uncoupled_qubits_are_ten_single_ones():
    h, d = np.linspace(-1.0, -0.4, 10), 10
    bath = qx.OhmicBath(0.08, 2e-3)
    run = qx.open_anneal(
        qx.QuboProblem(h, np.zeros((d, d))), 60.0, bath, qx.DensityODE(1e-4, 1e-6, levels=12)
    )
    alone = [
        qx.open_anneal(qx.QuboProblem([e], [[0.0]]), 60.0, bath).success_probability for e in h
    ]
    assert run.success_probability == pytest.approx(math.prod(alone), abs=0.01)
    assert run.intervals == run.eigensolves or run.intervals + 1 == run.eigensolves
    assert run.matvecs < 1024 * run.eigensolves


@pytest.mark.parametrize("unit", ["dimensionless", "GHz"])
def test_long_at_constant_h_nine_qubits_are_the_gibbs_state(unit):
    H = qx.AnnealHamiltonian(random_feature_selection(9, 2), steady(0.4, 0.6, unit))
    kT = 0.12
    temperature = kT * MILLIKELVIN_PER_GHZ if unit == "GHz" else kT
    run = qx.open_anneal(H, 1e7, qx.OhmicBath(temperature, 1e-3), qx.PauliMaster(levels=6))
    weights = np.exp(-(run.populations.energies - run.populations.energies[0]) / kT)
    ratios = run.populations.weights / run.populations.weights[0]
    np.testing.assert_allclose(ratios, weights, rtol=1e-6)
    gibbs = qx.gibbs(H, 0.5, temperature, quantum=True)
    assert distance(run, gibbs) < 2e-3
    assert run.intervals == 1


@settings(max_examples=12, deadline=None)
@given(st.integers(2, 6), st.integers(0, 10**6), st.integers(2, 6), st.floats(0.02, 0.98))
def test_the_basis_holds_the_lowest_levels(d, seed, levels, s):
    rng = np.random.default_rng(seed)
    problem = random_feature_selection(d, seed=rng)
    driver = qx.TransverseField(tuple(rng.uniform(0.5, 1.5, d)))
    H, levels = qx.AnnealHamiltonian(problem, KINK, driver), min(levels, 2**d)
    count = min(2**d, levels + 2)
    start = np.full(H.dimension, H.dimension**-0.5)
    (basis,), snapshots = moving_basis(H, start, (levels,), (count,), 0, str)
    stages = basis.stages()
    assert (stages[0].low, stages[-1].high) == (0.0, 1.0)
    assert [one.high for one in stages[:-1]] == [one.low for one in stages[1:]]
    assert snapshots.solves <= len(basis.intervals) + 1
    assert basis.residual <= RESIDUAL
    np.testing.assert_allclose(np.linalg.norm(basis.basis_at(stages[0]).T @ start), 1.0)
    (stage,) = (one for one in stages if one.low <= s < one.high)
    A, B = map(float, KINK(s))
    exact = np.linalg.eigvalsh(H.to_dense(A, B))[:levels]
    ours = np.linalg.eigvalsh(stage.system.matrices(A, B))[:levels]
    assert np.all(ours >= exact - 1e-9)
    np.testing.assert_allclose(ours, exact, atol=3 * RESIDUAL * (A + B))
    for one in stages[1:]:  # a projection never makes a state longer
        assert one.entry is None or np.linalg.norm(one.entry, 2) <= 1 + 1e-9


def test_matrices_in_another_basis_give_the_same_equation():
    rng = np.random.default_rng(3)
    H = qx.AnnealHamiltonian(random_feature_selection(3, 3))
    full, (Q, _) = FullSystem(H), np.linalg.qr(rng.normal(size=(8, 8)))
    z = np.stack([Q.T @ (diagonal[:, None] * Q) for diagonal in full._z])
    P, D = H.problem_matrix().toarray(), H.driver_matrix().toarray()
    reduced = ReducedSystem(Q.T @ D @ Q, Q.T @ P @ Q, z)
    half = rng.normal(size=(8, 8)) + 1j * rng.normal(size=(8, 8))
    rho, rates = half @ half.conj().T, rng.uniform(size=(8, 8))
    A, B = np.float64(0.3), np.float64(0.7)
    vectors = np.linalg.eigh(full.matrices(A, B))[1]
    turned = Q.T @ rho @ Q
    np.testing.assert_allclose(reduced.matrices(A, B), Q.T @ full.matrices(A, B) @ Q, atol=1e-12)
    np.testing.assert_allclose(full.matrices(A, B), H.to_dense(0.3, 0.7), atol=0)
    pairs = [
        (reduced.apply(0.3, 0.7, turned), full.apply(0.3, 0.7, rho)),
        (reduced.redfield(Q.T @ vectors, rates, turned), full.redfield(vectors, rates, rho)),
    ]
    for ours, expected in pairs:
        np.testing.assert_allclose(ours, Q.T @ expected @ Q, atol=1e-12)
    np.testing.assert_allclose(
        reduced.couplings((Q.T @ vectors)[None]), full.couplings(vectors[None]), atol=1e-12
    )


def test_what_is_lost_and_what_is_left_make_one():
    H = qx.AnnealHamiltonian(random_feature_selection(5, 1))
    run = qx.open_anneal(H, 5.0, BATH, ode(3))  # fast: much leaves the lowest levels
    assert run.lost_weight > 0.01
    assert run.top_weight > 0.1
    assert run.truncation > 0.01
    assert run.trace_error < 1e-10
    assert run.probabilities.sum() == pytest.approx(1.0)
    assert not run.is_converged
    assert "Note: the other levels matter" in str(run)


def test_the_result_is_told_read_and_stored():
    H = qx.AnnealHamiltonian(random_feature_selection(4, 3))
    run = qx.open_anneal(H, 20.0, BATH, qx.DensityODE(1e-4, 1e-6, levels=4), seed=1)
    values = json.loads(json.dumps(run.to_dict()))
    assert values["levels"] == 4
    assert values["fewer_levels"] == 2
    assert len(values["populations"]["weights"]) == 4
    assert values["eigensolves"] > 1
    reads = run.sample(50, seed=1)
    assert reads.info["levels"] == 4
    assert qx.compare(run, reads).predicted == run.success_probability
    assert run.plot().axes
    with pytest.raises(ValueError, match="read-only"):
        run.weights[0] = 1.0
    for method in (ode(4), qx.PauliMaster(levels=4)):
        quench = qx.open_anneal(H, 0.0, BATH, method)  # the state stays, the levels do not
        assert quench.success_probability == pytest.approx(1 / 16, abs=0.01)
        assert quench.top_weight > 0.3
    assert "herbst2022" in run.method.references
    assert "herbst2022" not in qx.DensityODE().references


def test_bad_requests_are_refused():
    H = qx.AnnealHamiltonian(random_feature_selection(4, 1))
    ten = qx.AnnealHamiltonian(random_feature_selection(10, 1))
    cases = [
        (lambda: qx.open_anneal(ten, 1.0, BATH), r"DensityODE\(levels=10\)"),
        (lambda: qx.open_anneal(ten, 1.0, BATH, qx.PauliMaster()), "at most 8 qubits"),
        (lambda: qx.open_anneal(ten, 1.0, qx.Dephasing(0.1), ode(4)), "needs an OhmicBath"),
        (lambda: qx.open_anneal(ten, 1.0, BATH, ode(500)), r"levels = 500 .* at most 102"),
        (lambda: qx.open_anneal(H, 1.0, BATH, ode(17)), "17 levels"),
        (lambda: qx.open_anneal(H, 1e9, BATH, ode(4)), r"PauliMaster\(levels=4\)"),
        (lambda: qx.DensityODE(levels=1), "levels = 1"),
        (lambda: qx.PauliMaster(levels=2.5), "levels is a float"),
    ]
    for request, message in cases:
        with pytest.raises(qx.InputError, match=message) as refused:
            request()
        assert "\n" not in str(refused.value)
    with pytest.raises(qx.IntegrationError, match="max_steps reached"):
        qx.open_anneal(H, 20.0, BATH, qx.DensityODE(levels=4, max_steps=9))
