"""Schedules of single qubits, and the Hamiltonian that they make."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qubit_schedules import random_qubit_schedules

import qxgap as qx
from qxgap.annealing import as_hamiltonian, check_h_gain_schedule
from qxgap.annealing.schedules.published_tables import control_bias
from qxgap.testing import random_feature_selection

X, Z, ONE = np.array([[0, 1], [1, 0]]), np.diag([1.0, -1.0]), np.eye(2)


def on(operators):
    """The tensor product of operators on single qubits, given by qubit; qubit 0 is leftmost."""
    return functools.reduce(np.kron, operators)


def by_hand(problem, schedules, s):
    """H(s) in spins, from the definition, with strengths interpolated here."""
    d = problem.num_qubits
    at = [np.interp(s, schedules.s, column) for column in schedules.A.T]
    field = [np.interp(s, schedules.s, column) for column in schedules.field_strengths.T]
    pairs = problem.J + problem.J.T
    h, J = -problem.h / 2 - pairs.sum(axis=1) / 4, pairs / 4
    total = np.zeros((2**d, 2**d))
    for i in range(d):
        total -= at[i] * on([X if k == i else ONE for k in range(d)])
        total += field[i] * h[i] * on([Z if k == i else ONE for k in range(d)])
        for j in range(i):
            product = np.sqrt(schedules.B[:, i] * schedules.B[:, j])
            both = on([Z if k in (i, j) else ONE for k in range(d)])
            total += np.interp(s, schedules.s, product) * J[i, j] * both
    return total


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_the_hamiltonian_is_that_of_its_definition(d, seed, s):
    rng = np.random.default_rng(seed)
    problem = random_feature_selection(d, seed=seed % 1000)
    schedules = random_qubit_schedules(d, rng)
    H, A, B = qx.InhomogeneousHamiltonian(problem, schedules).at(s)
    wanted = by_hand(problem, schedules, s)
    computed = H.to_dense(A, B)
    constant = np.trace(computed) / 2**d  # the constant in spins is left out
    np.testing.assert_allclose(computed - constant * np.eye(2**d), wanted, atol=1e-12)


@pytest.mark.parametrize("d", [1, 3, 5])
def test_equal_schedules_are_those_of_all_qubits(d):
    problem, s = random_feature_selection(d, seed=d), np.linspace(0, 1, 7)
    table = qx.schedule_named("Advantage2_system1_standard")
    H = qx.InhomogeneousHamiltonian(problem, qx.QubitSchedules.from_schedules([table] * d))
    v = np.random.default_rng(d).normal(size=2**d)
    for at in s:
        np.testing.assert_allclose(
            H.matvec(at, v), qx.AnnealHamiltonian(problem, table).matvec(at, v), atol=1e-11
        )
    both = [one.norm_bounds for one in (H, qx.AnnealHamiltonian(problem, table))]
    assert np.all(both[0] >= both[1] * (1 - 1e-12))


def test_offsets_are_those_of_dwave_system():
    system = pytest.importorskip("dwave.system")
    table = qx.schedule_named("Advantage2_system1_standard")
    c = control_bias("Advantage2_system1_standard")
    offsets = [-0.07, 0.0, 0.04]
    schedules = qx.QubitSchedules.of_solver("Advantage2_system1", offsets)
    for qubit, offset in enumerate(offsets):
        columns = np.column_stack([table.s, 2 * table.A, 2 * table.B, c])
        moved = system.utilities.anneal_schedule_with_offset(offset, columns)
        np.testing.assert_allclose(schedules.A[:, qubit], moved[:, 1] / 2)
        np.testing.assert_allclose(schedules.B[:, qubit], moved[:, 2] / 2)
    np.testing.assert_allclose(schedules.field_strengths[:, 1], table.B)
    np.testing.assert_allclose(
        schedules.field_strengths[:, 0] ** 2, schedules.B[:, 0] * table.B, rtol=1e-12
    )


def test_the_bias_of_a_fast_anneal_is_its_fraction():
    np.testing.assert_allclose(
        control_bias("Advantage2_system4_fast"), qx.schedule_named("Advantage2_system4_fast").s
    )


def test_a_gain_multiplies_fields_only():
    schedules = qx.QubitSchedules.from_schedules([qx.LINEAR] * 2).with_h_gain([(0, 2), (1, -1)])
    A, fields, couplings = schedules(0.5)
    np.testing.assert_allclose(fields, 0.5 * 0.5, rtol=1e-4)
    np.testing.assert_allclose(couplings, 0.5)
    np.testing.assert_allclose(A, 0.5)
    assert schedules(1.0)[1].tolist() == [-1.0, -1.0]


def test_a_waveform_is_followed_by_all_qubits():
    late = qx.AnnealSchedule([0, 0.5, 1], [1, 1, 0], [0, 0.2, 1], "late")
    schedules = qx.QubitSchedules.from_schedules([qx.LINEAR, late])
    paused = schedules.with_waveform([(0, 0), (1, 0.6), (3, 0.6), (4, 1)])
    assert paused(0.5)[0] == pytest.approx(schedules(0.6)[0])
    assert paused(0.125)[0] == pytest.approx(schedules(0.3)[0])


def test_equality_is_that_of_the_numbers():
    one, other = (qx.QubitSchedules.from_schedules([qx.LINEAR] * d) for d in (2, 2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != qx.QubitSchedules.from_schedules([qx.LINEAR] * 3)
    assert one != 3
    assert "2 qubits" in repr(one)


ONES = np.ones((2, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], np.ones(2), np.ones(2)), "give \\(n,\\) and three times"),
        (([0, 0.5, 1], ONES, ONES), "3 breakpoints"),
        (([0, 0.5], ONES, ONES), "from 0 to 1"),
        (([0, 1], -ONES, ONES), "must not be negative"),
        (([0, 1], ONES * np.nan, ONES), "not finite"),
        (([0, 1], [[1, 1], [0, 0]], [[0, 0], [0, 0]]), "at s = 1 all A and B are 0"),
        (([0, 1], ONES, ONES, np.ones((2, 3))), "give \\(n,\\) and three times"),
        (([0, 1], ONES, ONES, None, "x", "MHz"), "'MHz' is unknown"),
    ],
)
def test_wrong_schedules_are_refused(arguments, message):
    with pytest.raises(qx.InputError, match=message):
        qx.QubitSchedules(*arguments)


def test_other_wrong_input_is_refused():
    table = qx.schedule_named("Advantage2_system1_standard")
    with pytest.raises(qx.InputError, match="empty list"):
        qx.QubitSchedules.from_schedules([])
    with pytest.raises(qx.InputError, match="one AnnealSchedule for each"):
        qx.QubitSchedules.from_schedules([qx.LINEAR, 3])
    with pytest.raises(qx.InputError, match="units GHz, dimensionless"):
        qx.QubitSchedules.from_schedules([qx.LINEAR, table])
    with pytest.raises(qx.InputError, match="one number for each qubit"):
        qx.QubitSchedules.of_solver("Advantage2_system1", 0.1)
    with pytest.raises(qx.InputError, match="no table"):
        qx.QubitSchedules.of_solver("unknown", [0.1])
    schedules = qx.QubitSchedules.from_schedules([qx.LINEAR] * 2)
    with pytest.raises(qx.InputError, match="rise strictly from 0 to 1"):
        schedules.with_h_gain([(0, 1), (0.5, 1)])
    with pytest.raises(qx.InputError, match="outside"):
        schedules(1.5)
    problem = random_feature_selection(3, seed=0)
    with pytest.raises(qx.InputError, match="2 qubits for a problem of 3"):
        qx.InhomogeneousHamiltonian(problem, schedules)
    with pytest.raises(qx.InputError, match="give QubitSchedules"):
        qx.InhomogeneousHamiltonian(problem, qx.LINEAR)
    with pytest.raises(qx.InputError, match="give a TransverseField"):
        qx.InhomogeneousHamiltonian(
            problem, qx.QubitSchedules.from_schedules([qx.LINEAR] * 3), driver=2.0
        )
    H = qx.InhomogeneousHamiltonian(
        random_feature_selection(2, seed=0), qx.QubitSchedules.from_schedules([qx.LINEAR] * 2)
    )
    with pytest.raises(qx.InputError, match="need \\(4,\\)"):
        H.matvec(0.5, np.ones(3))
    for function in (as_hamiltonian, qx.adiabatic_time, lambda H: qx.gibbs(H, 1.0, 0.1)):
        with pytest.raises(qx.InputError, match="needs one for all"):
            function(H)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([[0, 1], [1, 2]], "point 2 \\(1 us, gain 2\\): gains lie in \\[-1, 1\\]"),
        ([[1, 1], [2, 1]], "the first time must be 0"),
        ([[0, 1], [2, 1], [2, 0]], "point 3 .* times must rise"),
        ([[t, 0] for t in range(21)], "21 points; the annealer accepts at most 20"),
    ],
)
def test_gains_that_an_annealer_refuses(points, message):
    with pytest.raises(qx.InputError, match=message):
        check_h_gain_schedule(points)


def test_gains_are_held_against_the_solver():
    older = {"max_h_gain_schedule_points": 20, "h_gain_schedule_range": [-4, 4]}
    assert check_h_gain_schedule([[0, 3], [5, -4]], older).shape == (2, 2)
    with pytest.raises(qx.InputError, match="no h_gain_schedule_range"):
        check_h_gain_schedule([[0, 3], [5, -4]], {"max_h_gain_schedule_points": 20})
