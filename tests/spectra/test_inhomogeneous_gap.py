"""Gaps of anneals in which each qubit has its own schedule; attempts to break the bracket."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qubit_schedules import random_qubit_schedules

import qxgap as qx
from qxgap.spectra.bracket import FractionPath, bracket
from qxgap.spectra.node_solver import NodeSolver
from qxgap.testing import random_feature_selection


def gaps_on_a_grid(H, points=101):
    """The exact gap above the final ground space, by dense diagonalisation."""
    gaps = []
    for s in np.union1d(np.linspace(0, 1, points), H.schedules.s[:50]):
        here, A, B = H.at(float(s))
        levels = np.linalg.eigvalsh(here.to_dense(A, B))
        gaps.append(levels[H.degeneracy] - levels[0])
    return np.array(gaps)


def random_hamiltonian(d, seed, symmetric=False):
    rng = np.random.default_rng(seed)
    problem = random_feature_selection(d, seed=seed % 10_000)
    if symmetric:  # without fields all levels of the problem come in pairs
        J = np.triu(rng.normal(size=(d, d)), 1)
        problem = qx.QuboProblem(-(J + J.T).sum(axis=1) / 2, J)
    return qx.InhomogeneousHamiltonian(problem, random_qubit_schedules(d, rng))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1), st.booleans())
def test_no_gap_lies_below_the_bracket(d, seed, symmetric):
    H = random_hamiltonian(d, seed, symmetric and d > 1)
    if H.degeneracy == H.dimension:
        return
    gap = qx.minimum_gap(H, throw=False)
    least = gaps_on_a_grid(H).min()
    rounding = 1e-11 * H.norm_bounds.max()
    assert gap.lower <= least + rounding
    if gap.status is qx.GapStatus.BRACKETED:
        assert gap.value <= least * (1 + 1.1e-3) + rounding
    assert gap.lower <= gap.value


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
    st.tuples(st.floats(0, 1), st.floats(0, 1)).filter(lambda ends: abs(ends[0] - ends[1]) > 1e-3),
)
def test_the_bound_of_one_interval_holds_everywhere_in_it(d, seed, ends):
    H = random_hamiltonian(d, seed)
    if H.degeneracy == H.dimension:
        return
    low, high = sorted(ends)
    solve = NodeSolver.along_fractions(H, None, 0)
    part = bracket(solve.path, solve(low), solve(high))
    for s in np.linspace(low, high, 23):
        here, A, B = H.at(float(s))
        levels = np.linalg.eigvalsh(here.to_dense(A, B))
        assert levels[H.degeneracy] - levels[0] >= part.lower - 1e-10 * H.norm_bounds.max()


def test_a_chord_over_a_breakpoint_is_lowered_and_others_are_not():
    late = qx.AnnealSchedule([0, 0.5, 1], [1, 1, 0], [0, 0.2, 1], "late")
    problem = random_feature_selection(2, seed=3)
    H = qx.InhomogeneousHamiltonian(problem, qx.QubitSchedules.from_schedules([qx.LINEAR, late]))
    path = FractionPath(H)
    assert path.bend(0.0, 0.5) == path.bend(0.5, 1.0) == 0.0
    middle = [H.at(s)[0].to_dense(1.0, 1.0) for s in (0.4, 0.5, 0.6)]
    away = np.linalg.eigvalsh(middle[1] - (middle[0] + middle[2]) / 2)
    assert 0 < away[-1] - away[0] <= path.bend(0.4, 0.6) * (1 + 1e-12)


@pytest.mark.parametrize("d", [2, 5, 8])
def test_equal_schedules_have_the_gap_of_one_schedule(d):
    problem = random_feature_selection(d, seed=d)
    H = qx.InhomogeneousHamiltonian(problem, qx.QubitSchedules.from_schedules([qx.LINEAR] * d))
    one, other = qx.minimum_gap(qx.AnnealHamiltonian(problem)), qx.minimum_gap(H)
    assert other.value == pytest.approx(one.value, rel=1e-9)
    assert other.lower == pytest.approx(one.lower, rel=1e-6)
    assert other.eigensolves == one.eigensolves
    assert other.classical_gap == pytest.approx(one.classical_gap)
    assert other.ground_energy == one.ground_energy


@pytest.mark.parametrize("method", [qx.Davidson(), qx.Davidson(device="cpu")])
def test_a_table_with_offsets_at_nine_qubits(method):
    if isinstance(method, qx.Davidson) and method.device:
        pytest.importorskip("torch")
    problem = random_feature_selection(9, seed=1)
    offsets = np.random.default_rng(1).uniform(-0.05, 0.05, 9)
    schedules = qx.QubitSchedules.of_solver("Advantage2_system1", offsets)
    H = qx.InhomogeneousHamiltonian(problem, schedules)
    gap = qx.minimum_gap(H, rtol=0.02, method=method)
    assert gap.status is qx.GapStatus.BRACKETED
    assert gap.unit == "GHz"
    levels = qx.spectrum(H, [gap.s_star], levels=2, method=qx.Dense()).energies[0]
    assert levels[1] - levels[0] == pytest.approx(gap.value, rel=1e-6)


def test_the_levels_of_a_grid_are_exact():
    H = random_hamiltonian(4, 11)
    s = np.linspace(0, 1, 9)
    levels = qx.spectrum(H, s, levels=4).energies
    for row, at in zip(levels, s, strict=True):
        here, A, B = H.at(float(at))
        np.testing.assert_allclose(row, np.linalg.eigvalsh(here.to_dense(A, B))[:4], atol=1e-9)


def test_a_delayed_qubit_opens_the_gap():
    """The example of the documentation: one qubit that is annealed later."""
    h = np.array([-0.91, 0.92, 0.53, 0.99, -0.46])
    J = np.zeros((5, 5))
    J[0, 2], J[1, 2], J[1, 3], J[1, 4] = -0.9, -1.13, -0.81, -1.11
    J[2, 3], J[2, 4] = 0.93, -0.89
    problem = qx.QuboProblem(-2 * h - 2 * (J + J.T).sum(axis=1), 4 * J)
    late = qx.LINEAR.with_waveform([(0, 0), (0.5, 0.3), (1, 1)])
    own = [qx.LINEAR, late, qx.LINEAR, qx.LINEAR, qx.LINEAR]
    H = qx.InhomogeneousHamiltonian(problem, qx.QubitSchedules.from_schedules(own, points=50))
    together = qx.minimum_gap(qx.AnnealHamiltonian(problem))
    apart = qx.minimum_gap(H)
    assert apart.lower > 90 * together.value


def test_what_is_not_possible_is_refused():
    H = random_hamiltonian(2, 0)
    with pytest.raises(qx.InputError, match="SelectedConfigurations"):
        qx.minimum_gap(H, method=qx.SelectedConfigurations())
    gap = qx.minimum_gap(H, throw=False)
    with pytest.raises(qx.InputError, match="needs one for all"):
        gap.for_schedule(H, qx.LINEAR)
