"""Curves of fast reverse anneals, against qxgap.anneal, QuTiP and closed forms."""

import dimod
import numpy as np
import pytest
import qutip

import qxgap as qx
from qxgap.annealing.background import with_background
from qxgap.dynamics import Imperfections, reverse_curve

TABLE = qx.schedule_named("Advantage2_system4_fast")


def ising(h, J):
    return qx.QuboProblem.from_bqm(dimod.BinaryQuadraticModel.from_ising(h, J))


def random_problem(d, seed):
    rng = np.random.default_rng(seed)
    pairs = {(i, j): rng.normal() for i in range(d) for j in range(i + 1, d)}
    return ising({i: rng.normal() for i in range(d)}, pairs)


@pytest.mark.parametrize(("d", "seed"), [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)])
def test_the_ideal_curve_is_that_of_anneal(d, seed):
    problem = random_problem(d, seed)
    initial = np.random.default_rng(seed).integers(2, size=d)
    targets = [0.21, 0.33, 0.46]
    curve = reverse_curve(problem, targets, TABLE, initial, steps=1000)
    assert np.allclose(curve.sum(axis=1), 1)
    for target, row in zip(targets, curve, strict=True):
        schedule = TABLE.fast_reverse(target)
        H = qx.AnnealHamiltonian(problem, schedule)
        run = qx.anneal(H, schedule.duration, initial=initial)
        assert np.abs(row - run.probabilities).max() < 1e-3


def test_one_free_qubit_turns_by_the_area_of_the_field():
    """Without a problem the spin precesses: P(turned) = sin^2(2 pi int A/2 dt)."""
    problem = ising({0: 0.0}, {})
    for target in (0.3, 0.42):
        schedule = TABLE.fast_reverse(target)
        area = np.trapezoid(schedule.A, schedule.s) * schedule.duration
        curve = reverse_curve(problem, [target], TABLE, [0])
        assert curve[0, 1] == pytest.approx(np.sin(2 * np.pi * area) ** 2, abs=1e-3)


def test_dephasing_is_that_of_qutip():
    problem, target, rate = random_problem(2, 7), 0.36, 0.11
    schedule = TABLE.fast_reverse(target)
    H = qx.AnnealHamiltonian(problem, schedule)
    evo = qx.to_qobjevo(H, schedule.duration)
    sz, one = qutip.sigmaz(), qutip.qeye(2)
    collapse = [np.sqrt(rate / 2) * qutip.tensor(a, b) for a, b in ((sz, one), (one, sz))]
    start = qutip.tensor(qutip.basis(2, 0), qutip.basis(2, 1))
    options = {"atol": 1e-9, "rtol": 1e-8, "nsteps": 200_000, "max_step": 0.02}
    final = qutip.mesolve(evo, start, [0, schedule.duration], collapse, options=options).states[-1]
    curve = reverse_curve(
        problem, [target], TABLE, [0, 1], imperfections=Imperfections(dephasing_rate=rate)
    )
    assert np.abs(curve[0] - final.diag().real).max() < 1e-3


def test_flux_noise_is_the_mean_over_random_fields():
    """One qubit: the mean of exact rotations in short steps, over a fine grid of fields."""
    target, noise = 0.41, 0.2
    schedule = TABLE.fast_reverse(target)
    edges = np.linspace(0, 1, 4001)
    A, B = schedule((edges[1:] + edges[:-1]) / 2)
    x = np.linspace(-5, 5, 1501)
    up, down = np.ones(x.size, dtype=complex), np.zeros(x.size, dtype=complex)
    for a, b in zip(A, B, strict=True):
        field = noise * x / 2 * np.sqrt(2 * b)
        length = np.hypot(a, field)
        angle = 2 * np.pi * length * schedule.duration / (edges.size - 1)
        c, s = np.cos(angle), 1j * np.sin(angle) / length
        up, down = (
            c * up - s * (field * up - a * down),
            c * down - s * (-a * up - field * down),
        )
    density = np.exp(-x * x / 2) / np.exp(-x * x / 2).sum()
    curve = reverse_curve(
        ising({0: 0.0}, {}),
        [target],
        TABLE,
        [0],
        imperfections=Imperfections(flux_noise=noise),
        num_fields=2048,
    )
    assert curve[0, 0] == pytest.approx(density @ abs(up) ** 2, abs=2e-3)


def test_scales_are_those_of_another_schedule():
    problem, target = random_problem(3, 5), 0.35
    device = Imperfections(driver_scale=1.2, problem_scale=0.8, time_scale=1.1, axis_shift=0.01)
    curve = reverse_curve(problem, [target], TABLE, [0, 1, 0], imperfections=device)
    scaled = qx.AnnealSchedule(TABLE.s, 1.2 * TABLE.A, 0.8 * TABLE.B, TABLE.name, "GHz")
    schedule = scaled.fast_reverse(target + 0.01)
    H = qx.AnnealHamiltonian(problem, schedule)
    run = qx.anneal(H, 1.1 * schedule.duration, initial=[0, 1, 0])
    assert np.abs(curve[0] - run.probabilities).max() < 1e-3


def test_background_susceptibility_couples_second_neighbors():
    h, J, chi = {"a": 1.0, "b": -0.5, "c": 0.0}, {("a", "b"): 2.0, ("b", "c"): -1.0}, -0.05
    fields, couplings, _ = with_background(ising(h, J), chi).to_bqm().to_ising()
    assert fields == pytest.approx({"a": 1.0 - chi, "b": -0.5 + 2 * chi, "c": 0.5 * chi})
    pairs = {frozenset(pair): value for pair, value in couplings.items() if abs(value) > 1e-12}
    wanted = {frozenset("ab"): 2.0, frozenset("bc"): -1.0, frozenset("ac"): -2.0 * chi}
    assert pairs == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Imperfections(driver_scale=0.0), "driver_scale = 0.0 must be above 0"),
        (lambda: Imperfections(flux_noise=-1.0), "flux_noise = -1.0 must be at least 0"),
        (lambda: Imperfections(axis_shift=np.nan), "must be finite"),
        (lambda: reverse_curve(random_problem(9, 0), [0.4], TABLE, [0] * 9), "9 variables"),
        (lambda: reverse_curve(random_problem(2, 0), [], TABLE, [0, 0]), "list of numbers"),
        (lambda: reverse_curve(random_problem(2, 0), [1.2], TABLE, [0, 0]), "target = 1.2"),
        (lambda: reverse_curve(random_problem(1, 0), [0.4], TABLE, [0], steps=0), "steps = 0"),
        (
            lambda: reverse_curve(random_problem(1, 0), [0.4], TABLE, [0], num_fields=2.5),
            "num_fields is",
        ),
        (lambda: reverse_curve(random_problem(1, 0), [0.4], TABLE, [0.6, 0.8]), "in one state"),
    ],
)
def test_errors_name_value_and_remedy(wrong, message):
    with pytest.raises(qx.InputError, match=message):
        wrong()
