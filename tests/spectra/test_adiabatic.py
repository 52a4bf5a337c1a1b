"""Adiabatic criteria, crossings, local schedules and gradients against independent oracles."""

import dataclasses
import math
import pickle

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg
from systems import OneQubit

import qxgap as qx
from qxgap.annealing import schedule_named
from qxgap.spectra import (
    adiabatic_grid,
    adiabatic_profile,
    adiabatic_time,
    gap_gradient,
    jansen_ruskai_seiler,
    landau_zener,
    locally_adiabatic,
)
from qxgap.testing import random_feature_selection

ONE_QUBIT = OneQubit(0.7)
EPS = ONE_QUBIT.field
KINKED = qx.AnnealSchedule([0, 0.3, 0.6, 1], [2, 0.5, 0.5, 0], [0, 0.8, 0.8, 1.5], "kinked")


def random_H(d, seed, schedule=qx.LINEAR):
    return qx.AnnealHamiltonian(random_feature_selection(d, seed=seed), schedule)


def integer_problem(d, seed):
    """With a degenerate ground level."""
    rng = np.random.default_rng(seed)
    return qx.QuboProblem(-rng.integers(1, 3, d), np.triu(rng.integers(1, 3, (d, d)), 1))


def dense_parts(H):
    driver, diagonal = H.driver_matrix().toarray(), np.diag(H.diagonal)
    return driver, diagonal


# -- profile -----------------------------------------------------------------------------------


def test_profile_of_one_qubit_in_closed_form():
    s = np.linspace(0, 1, 21)
    profile = adiabatic_profile(ONE_QUBIT.hamiltonian(), s)
    np.testing.assert_allclose(profile.gap, ONE_QUBIT.gap(s), rtol=1e-12)
    np.testing.assert_allclose(profile.gap_coupling, EPS / ONE_QUBIT.gap(s), rtol=1e-10)


@pytest.mark.parametrize("schedule", [qx.LINEAR, KINKED], ids=lambda schedule: schedule.name)
def test_profile_agrees_with_dense_matrices(schedule):
    H = random_H(5, 3, schedule)
    s = np.array([0.05, 0.29, 0.45, 0.7, 0.99])
    profile = adiabatic_profile(H, s, levels=6)
    for at, energies, coupling in zip(s, profile.energies, profile.coupling, strict=True):
        h = 1e-6
        matrices = [H.to_sparse(*H.schedule(at + side)).toarray() for side in (-h, 0, h)]
        rate = (matrices[2] - matrices[0]) / (2 * h)
        values, vectors = np.linalg.eigh(matrices[1])
        np.testing.assert_allclose(energies, values[:6], atol=1e-12)
        expected = np.abs(vectors[:, 1:6].T @ rate @ vectors[:, 0])
        np.testing.assert_allclose(coupling, expected, atol=1e-8)


def test_lanczos_and_dense_agree_on_the_profile():
    H, s = random_H(9, 2), [0.3, 0.9, 0.97]
    dense = adiabatic_profile(H, s, 3, method=qx.Dense())
    lanczos = adiabatic_profile(H, s, 3, method=qx.Lanczos(), seed=7)
    np.testing.assert_allclose(lanczos.energies, dense.energies, atol=1e-11)
    np.testing.assert_allclose(lanczos.coupling, dense.coupling, atol=1e-7)
    with pytest.raises(qx.ConvergenceError):
        adiabatic_profile(H, [0.97], method=qx.Lanczos(max_restarts=1))


@pytest.mark.parametrize("weight", [1.0, (1.0, 2.0, 0.5, 1.0, 1.5)])
@pytest.mark.parametrize("s", [0.0, 1.0])
def test_closed_forms_at_the_ends(s, weight):
    # each state of a degenerate level carries the coupling to all of them
    J = np.triu(np.random.default_rng(1).integers(0, 3, (5, 5)), 1)
    problem = qx.QuboProblem([-3.0, -2, -2, -1, -2], J)
    assert problem.degeneracy == 1
    H = qx.AnnealHamiltonian(problem, driver=qx.TransverseField(weight))
    driver, diagonal = dense_parts(H)
    profile = adiabatic_profile(H, [s], levels=32)
    values, vectors = np.linalg.eigh(H.to_sparse(*H.schedule(s)).toarray())
    square = (vectors.T @ (diagonal - driver) @ vectors[:, 0]) ** 2
    square[0] = 0.0
    for level in np.unique(values.round(9)):
        expected = square[np.abs(values - level) < 1e-6].sum()
        mine = np.abs(profile.energies[0, 1:] - level) < 1e-6
        np.testing.assert_allclose(profile.coupling[0, mine] ** 2, expected, atol=1e-10)


def test_derivative_is_from_the_right_and_at_the_end_from_the_left():
    H = ONE_QUBIT.hamiltonian(KINKED)
    at_kinks = adiabatic_profile(H, [0.3, 0.6]).coupling[:, 0]
    after = adiabatic_profile(H, [0.3 + 1e-9, 0.6 + 1e-9]).coupling[:, 0]
    np.testing.assert_allclose(at_kinks, after, atol=1e-7)
    assert at_kinks[0] == 0  # H pauses there
    near, end = adiabatic_profile(H, [1 - 1e-9, 1]).coupling[:, 0]
    assert end == pytest.approx(near, abs=1e-7)


def test_grover_levels_and_coupling(grover):
    s = np.linspace(0, 1, 31)
    profile = adiabatic_profile(grover.hamiltonian(), s, levels=3)
    np.testing.assert_allclose(profile.gap, grover.gap(s), atol=1e-12)
    inside = slice(1, -1)  # at the ends E_1 joins the N - 2 other levels
    np.testing.assert_allclose(profile.coupling[inside, 0], grover.coupling(s[inside]), rtol=1e-9)
    np.testing.assert_allclose(profile.coupling[inside, 1], 0, atol=1e-10)
    at_end = profile.coupling[-1, 0]
    assert at_end == pytest.approx(grover.coupling(1.0), rel=1e-9)


def test_degenerate_ground_levels():
    problem = integer_problem(5, 4)
    g = problem.degeneracy
    assert g > 1
    profile = adiabatic_profile(qx.AnnealHamiltonian(problem), [0.5, 0.9, 1.0])
    assert profile.degeneracy == g
    assert profile.energies.shape == (3, g + 1)
    assert profile.gap[-1] == pytest.approx(problem.classical_gap)
    with pytest.raises(qx.InputError, match="do not reach"):
        adiabatic_profile(qx.AnnealHamiltonian(problem), [0.5], levels=g)


def test_bad_grids():
    for s in ([], [[0.1]], [0.5, 0.5], [0.6, 0.5]):
        with pytest.raises(qx.InputError, match="strictly rising"):
            adiabatic_profile(ONE_QUBIT.hamiltonian(), s)
    with pytest.raises(qx.InputError, match="outside"):
        adiabatic_profile(ONE_QUBIT.hamiltonian(), [1.5])


# -- adiabatic time and bound ------------------------------------------------------------------


def test_adiabatic_time_of_one_qubit_and_of_grover(grover):
    # EPS / gap^3 is largest where the gap is least, 2 EPS / sqrt(4 + EPS^2)
    least = 2 * EPS / math.sqrt(4 + EPS**2)
    assert adiabatic_time(ONE_QUBIT.hamiltonian()) == pytest.approx(EPS / least**3, rel=1e-5)
    time = adiabatic_time(adiabatic_profile(grover.hamiltonian(), np.linspace(0, 1, 41)))
    assert time == pytest.approx(math.sqrt(grover.N - 1) * math.sqrt(grover.N), rel=1e-9)


def test_time_scales_are_in_nanoseconds_for_gigahertz():
    s = np.linspace(0, 1, 41)
    in_ghz = qx.AnnealSchedule([0, 1], [1, 0], [0, 1], "fictitious", "GHz")
    for value in (
        adiabatic_time,
        lambda p: 1 / landau_zener(p, 0.9, 0.05).success_probability(1e-9),
    ):
        plain, ghz = (
            value(H if value is not adiabatic_time else adiabatic_profile(H, s))
            for H in (ONE_QUBIT.hamiltonian(), ONE_QUBIT.hamiltonian(in_ghz))
        )
        assert plain / ghz == pytest.approx(2 * np.pi, rel=1e-6)
    bounds = [
        jansen_ruskai_seiler(ONE_QUBIT.hamiltonian(schedule), s) for schedule in (qx.LINEAR, in_ghz)
    ]
    assert bounds[0].time / bounds[1].time == pytest.approx(2 * np.pi)


def test_bound_of_one_qubit_in_closed_form():
    # |H'| <= 1 + EPS / 2, and int gap^-3 ds by quadrature of the closed form
    bound = jansen_ruskai_seiler(ONE_QUBIT.hamiltonian(), np.linspace(0, 1, 2001))
    norm = 1 + EPS / 2
    cubes = scipy.integrate.quad(lambda s: ONE_QUBIT.gap(s) ** -3, 0, 1, epsabs=1e-12)[0]
    assert bound.boundary == pytest.approx(norm / 4 + norm / EPS**2)
    assert bound.kinks == 0
    assert bound.integral == pytest.approx(7 * norm**2 * cubes, rel=1e-5)
    assert bound.time == bound.boundary + bound.kinks + bound.integral


def test_kinks_are_the_limit_of_a_smooth_schedule():
    # rounding the kinks of a schedule with many pieces moves |H''| from spikes to small kinks
    def rounded(width):
        corners = np.array([0.3, 0.6])
        offsets = np.linspace(-width, width, 41)
        s = np.unique(np.concatenate([KINKED.s, (corners[:, None] + offsets).ravel()]))
        around = np.linspace(-width, width, 401)

        def smooth(which):
            pieces = np.clip(s[:, None] + around, 0, 1)
            values = KINKED(pieces)[which].mean(axis=1)
            values[[0, -1]] = KINKED(s[[0, -1]])[which]
            return values

        return qx.AnnealSchedule(s, smooth(0), smooth(1), "rounded")

    sharp = jansen_ruskai_seiler(ONE_QUBIT.hamiltonian(KINKED), np.linspace(0, 1, 801))
    smooth = jansen_ruskai_seiler(ONE_QUBIT.hamiltonian(rounded(1e-3)), np.linspace(0, 1, 801))
    assert sharp.kinks > 0
    assert smooth.kinks == pytest.approx(sharp.kinks, rel=0.01)
    assert smooth.integral == pytest.approx(sharp.integral, rel=0.01)


@pytest.mark.parametrize("schedule", [qx.LINEAR, KINKED], ids=lambda schedule: schedule.name)
def test_the_bound_holds(schedule):
    H = ONE_QUBIT.hamiltonian(schedule)
    bound = jansen_ruskai_seiler(H)
    for tau in (1.0, bound.time, 3 * bound.time):
        failure = 1 - qx.anneal(H, tau).success_probability
        assert failure <= bound.failure_probability(tau)
    assert bound.failure_probability(0.0) == 1.0
    assert bound.failure_probability(10 * bound.time) == pytest.approx(0.01)


def test_no_bound_where_the_band_touches_the_rest():
    problem = integer_problem(5, 4)
    assert math.isinf(jansen_ruskai_seiler(qx.AnnealHamiltonian(problem)).time)
    with pytest.raises(qx.InputError, match="from s = 0"):
        jansen_ruskai_seiler(ONE_QUBIT.hamiltonian(), [0.5, 1.0])


# -- Landau-Zener ------------------------------------------------------------------------------


def test_one_qubit_is_a_perfect_crossing():
    # gap^2 = (4 + EPS^2) (s - s0)^2 + least^2
    crossing = landau_zener(ONE_QUBIT.hamiltonian())
    assert crossing.gap == pytest.approx(2 * EPS / math.sqrt(4 + EPS**2), rel=1e-9)
    assert crossing.slope == pytest.approx(math.sqrt(4 + EPS**2), rel=1e-9)
    assert crossing.s0 == pytest.approx(4 / (4 + EPS**2), abs=1e-9)
    assert crossing.width == pytest.approx(crossing.gap / crossing.slope)
    assert crossing.misfit < 1e-9


def test_grover_is_a_crossing(grover):
    crossing = landau_zener(grover.hamiltonian(), 0.47, 0.05)
    assert crossing.gap == pytest.approx(grover.N**-0.5, rel=1e-9)
    assert crossing.slope == pytest.approx(2 * math.sqrt(1 - 1 / grover.N), rel=1e-9)
    assert crossing.s0 == pytest.approx(0.5, abs=1e-9)


def test_formula_predicts_the_anneal_through_a_narrow_crossing(anti_crossing):
    # a crossing far from both ends, many widths wide
    H = anti_crossing.hamiltonian()
    crossing = landau_zener(H)
    assert crossing.misfit < 0.05
    for tau in (100.0, 200.0):
        expected = qx.anneal(H, tau).success_probability
        assert crossing.success_probability(tau) == pytest.approx(expected, abs=0.03)
    assert crossing.success_probability(0.0) == 0.0


def crossing_levels():
    """Two sectors that do not couple: E_1 - E_0 = |1 - 2 s|."""
    return qx.MatrixHamiltonian(np.diag([0.0, 1.0]), [1.0, 0.0])


def test_a_gap_that_closes():
    H = crossing_levels()
    with pytest.raises(qx.InputError, match="so this is no avoided crossing"):
        landau_zener(H, 0.5, 0.1)
    profile = adiabatic_profile(H, [0.0, 0.5, 1.0])
    assert math.isinf(adiabatic_time(profile))
    assert math.isinf(jansen_ruskai_seiler(H, profile.s).time)
    with pytest.raises(qx.InputError, match="the gap closes"):
        locally_adiabatic(H, profile, coupling=False)


def test_no_crossing_is_said():
    easy = qx.AnnealHamiltonian(qx.QuboProblem([-0.001, -5.0], np.zeros((2, 2))))
    for s_star in (0.0, 1.0):
        with pytest.raises(qx.InputError, match="no avoided crossing"):
            landau_zener(easy, s_star)
    for s_star in (0.3, 0.8):  # before the minimum
        with pytest.raises(qx.InputError, match="has no minimum of the form"):
            landau_zener(random_H(5, 1), s_star, 0.1)
    flat = qx.AnnealSchedule([0, 1], [1, 0.5], [0, 0.01], "no minimum inside")
    with pytest.raises(qx.InputError, match="no avoided crossing"):
        landau_zener(ONE_QUBIT.hamiltonian(flat))


# -- local schedules ---------------------------------------------------------------------------


def test_roland_and_cerf(grover):
    H = grover.hamiltonian()
    profile = adiabatic_profile(H, np.linspace(0, 1, 201))
    schedule = locally_adiabatic(H, profile, coupling=False)
    assert schedule.name == "linear*local"
    x = np.linspace(0, 1, 101)
    A, B = schedule(x)
    np.testing.assert_allclose(B, grover.local(x), atol=1e-3)
    np.testing.assert_allclose(A, 1 - grover.local(x), atol=1e-3)


@pytest.mark.parametrize(("power", "coupling"), [(2.0, True), (2.0, False), (1.0, False)])
def test_local_schedule_of_one_qubit(power, coupling):
    H = ONE_QUBIT.hamiltonian()
    schedule = locally_adiabatic(H, power=power, coupling=coupling)

    def dwell(s):
        return ONE_QUBIT.gap(s) ** -power * (EPS / ONE_QUBIT.gap(s) if coupling else 1.0)

    s = np.linspace(0, 1, 12)
    spent = np.array([scipy.integrate.quad(dwell, 0, at, epsabs=1e-12)[0] for at in s])
    np.testing.assert_allclose(schedule(spent / spent[-1])[1], s, atol=2e-3)


def test_local_schedules_beat_the_linear_one(anti_crossing):
    H = anti_crossing.hamiltonian()
    profile = adiabatic_profile(H)
    tau = adiabatic_time(profile)
    linear = qx.anneal(H, tau).success_probability
    for coupling in (True, False):
        local = dataclasses.replace(H, schedule=locally_adiabatic(H, profile, coupling=coupling))
        assert qx.anneal(local, tau).success_probability > linear + 0.2


def test_local_schedule_of_a_table_keeps_to_its_path():
    table = schedule_named("Advantage_system6_standard")
    H = random_H(4, 0, table)
    schedule = locally_adiabatic(H, adiabatic_profile(H, np.linspace(0, 1, 30)))
    assert (schedule.unit, schedule.name) == ("GHz", "Advantage_system6_standard*local")
    u, scale = schedule.canonical(schedule.s)
    expected_u, expected = table.canonical(table.s)
    assert np.all(np.diff(u) >= 0)
    assert set(table.A) <= set(schedule.A)
    np.testing.assert_allclose(scale, np.interp(u, expected_u, expected), rtol=1e-3)


def test_profiles_that_do_not_fit_a_local_schedule():
    H = ONE_QUBIT.hamiltonian()
    with pytest.raises(qx.InputError, match=r"from s = 0 to s = 1, but it covers 0 to 0\.5"):
        locally_adiabatic(H, adiabatic_profile(H, [0.0, 0.5]))
    with pytest.raises(qx.InputError, match=r"of this problem and schedule.*kinked"):
        locally_adiabatic(H, adiabatic_profile(ONE_QUBIT.hamiltonian(KINKED), [0.0, 1.0]))
    other = qx.AnnealHamiltonian(qx.QuboProblem([-0.1], [[0.0]]))
    with pytest.raises(qx.InputError, match=r"of this problem and schedule"):
        locally_adiabatic(H, adiabatic_profile(other, [0.0, 1.0]))


def test_a_profile_from_another_process_serves():
    H = random_H(3, 1)
    profile = adiabatic_profile(H)
    again = pickle.loads(pickle.dumps(profile))
    assert again.schedule is not profile.schedule
    assert locally_adiabatic(H, again) == locally_adiabatic(H, profile)


def test_the_grid_crowds_around_the_minimum():
    H = random_H(6, 0)
    grid, s_star = adiabatic_grid(H), qx.minimum_gap(H).s_star
    assert (grid[0], grid[-1]) == (0.0, 1.0)
    assert np.count_nonzero(np.abs(grid - s_star) < 1e-3) > 3
    assert set(KINKED.s) <= set(adiabatic_grid(ONE_QUBIT.hamiltonian(KINKED)))


# -- gradients ---------------------------------------------------------------------------------


def gap_of(problem, schedule, s, g):
    H = qx.AnnealHamiltonian(problem, schedule)
    values = np.linalg.eigvalsh(H.to_sparse(*schedule(s)).toarray())
    return values[g] - values[0]


@pytest.mark.parametrize(
    ("problem", "schedule", "s"),
    [
        (random_feature_selection(5, seed=1), qx.LINEAR, 0.6),
        (random_feature_selection(4, seed=2), KINKED, 0.9),
        (random_feature_selection(4, seed=5), qx.LINEAR, 1.0),
        (integer_problem(4, 0), qx.LINEAR, 0.7),
    ],
)
def test_gradient_agrees_with_finite_differences(problem, schedule, s):
    d, g, step = problem.num_qubits, problem.degeneracy, 2e-6
    by_h, by_J = gap_gradient(qx.AnnealHamiltonian(problem, schedule), s)

    def change(array, *at):
        values = []
        for side in (-step, step):
            parts = {"h": problem.h.copy(), "J": problem.J.copy()}
            parts[array][at] += side
            values.append(gap_of(qx.QuboProblem(**parts), schedule, s, g))
        return (values[1] - values[0]) / (2 * step)

    np.testing.assert_allclose(by_h, [change("h", p) for p in range(d)], atol=1e-7)
    expected = np.zeros((d, d))
    for p, q in zip(*np.triu_indices(d, 1), strict=True):
        expected[p, q] = change("J", p, q)
    np.testing.assert_allclose(by_J, expected, atol=1e-7)


def test_gradient_of_the_minimum_gap():
    problem, step = random_feature_selection(5, seed=6), 1e-4
    by_h, _ = gap_gradient(
        qx.AnnealHamiltonian(problem), qx.minimum_gap(qx.AnnealHamiltonian(problem), 1e-9).s_star
    )
    values = []
    for side in (-step, step):
        h = problem.h.copy()
        h[2] += side
        moved = qx.AnnealHamiltonian(qx.QuboProblem(h, problem.J))
        values.append(qx.minimum_gap(moved, rtol=1e-9).value)
    assert by_h[2] == pytest.approx((values[1] - values[0]) / (2 * step), abs=1e-4)


def test_gradient_at_the_ends():
    by_h, by_J = gap_gradient(random_H(4, 0), 0.0)
    assert not by_h.any()
    assert not by_J.any()
    with pytest.raises(qx.InputError, match="degenerate at s = 1"):
        gap_gradient(qx.AnnealHamiltonian(integer_problem(5, 4)), 1.0)
    assert gap_gradient(ONE_QUBIT.hamiltonian(), 1.0)[0] == pytest.approx([-1.0])


def test_a_pause_at_the_gap():
    H = qx.AnnealHamiltonian(qx.testing.random_feature_selection(4, seed=2))
    place = qx.minimum_gap(H).s_star
    paused = qx.paused_at_gap(H, share=0.25)
    u = paused.canonical(paused.s)[0]
    resting = np.flatnonzero(np.diff(u) == 0)
    assert resting.size == 1
    assert u[resting[0]] == pytest.approx(place)
    assert np.diff(paused.s)[resting[0]] == pytest.approx(0.25)
    # before and after the pause, s rises as evenly as it did
    np.testing.assert_allclose(np.diff(u)[[0, 2]] / np.diff(paused.s)[[0, 2]], 1 / 0.75)
    assert qx.paused_at_gap(H, 0.3, share=0.5) == qx.LINEAR.with_pause(0.3, 1.0)
    for share in (0.0, 1.0):
        with pytest.raises(qx.InputError, match="inside"):
            qx.paused_at_gap(H, share=share)
    with pytest.raises(qx.InputError, match="an end of the anneal"):
        qx.paused_at_gap(H, 1.0)
