"""Certified gaps of systems that are solved exactly, and the laws that every gap obeys."""

import itertools
import math

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import AntiCrossing, Grover, IsingRing, PSpin, dense_gap, refined_minimum

import qxgap as qx
from qxgap.testing import random_feature_selection


@pytest.mark.parametrize("n", [4, 64, 256])
@pytest.mark.parametrize("rtol", [1e-2, 1e-5])
def test_grover(n, rtol):
    # projectors on the uniform and on one marked state: gap^2 = 1 - 4 (1 - 1/n) s (1 - s)
    gap = qx.minimum_gap(Grover(n, marked=n // 3).hamiltonian(), rtol=rtol)
    true = 1 / math.sqrt(n)
    assert gap.lower <= true * (1 + 1e-12)
    assert true * (1 - 1e-12) <= gap.value <= true * (1 + 1.01 * rtol)
    assert gap.s_star == pytest.approx(0.5, abs=math.sqrt(rtol) / 2)
    assert gap.interior_gap == gap.value


@pytest.mark.parametrize(("n", "p"), [(12, 3), (40, 3), (40, 5)])
def test_ferromagnetic_p_spin(n, p):
    # the sector of maximal spin n/2: a first-order transition with a gap exponentially small in n
    H = PSpin(n, p).hamiltonian()
    gap = qx.minimum_gap(H)
    true, s_star = refined_minimum(lambda s: dense_gap(H, s), points=2001)
    assert gap.lower <= true * (1 + 1e-9)
    assert true * (1 - 1e-6) <= gap.value <= true * 1.0011
    assert gap.s_star == pytest.approx(s_star, abs=1e-3)
    assert gap.value < 0.2 * gap.classical_gap


@pytest.mark.parametrize("n", [4, 6, 8])
def test_the_transverse_field_ising_ring(n):
    ring = IsingRing(n)
    H, s = ring.hamiltonian(), np.linspace(0, 1, 11)
    exact = ring.ground_energy(s)
    levels = qx.spectrum(H, s, levels=3)
    # the Ising energies are those of the QUBO with its offset
    np.testing.assert_allclose(levels.energies[:, 0] + s * H.problem.offset, exact, atol=1e-12)
    gap = qx.minimum_gap(H)
    true, _ = refined_minimum(lambda s: dense_gap(H, s), points=101)
    assert gap.degeneracy == 2
    assert gap.lower <= true + 1e-12
    assert true - 1e-9 <= gap.value <= true * 1.0011


@pytest.mark.parametrize(
    ("make", "n"),
    [("anti_crossing_clique", 6), ("anti_crossing_clique", 8), ("anti_crossing_loops", 8)],
)
def test_anti_crossing_problems_of_dimod(n, make):
    H = AntiCrossing(n, make).hamiltonian()
    gap = qx.minimum_gap(H)
    true, _ = refined_minimum(lambda s: dense_gap(H, s), points=201)
    assert gap.lower <= true + 1e-12
    assert true - 1e-9 <= gap.value <= true * 1.0011
    assert 0 < gap.s_star < 1


def test_a_tiny_gap_is_found_and_bracketed():
    H = PSpin(60, 7).hamiltonian()
    gap = qx.minimum_gap(H)
    ends = (gap.s_star - 1e-3, gap.s_star + 1e-3)
    near = scipy.optimize.minimize_scalar(
        lambda s: dense_gap(H, s), bounds=ends, method="bounded", options={"xatol": 1e-13}
    )
    grid = min(dense_gap(H, s) for s in np.linspace(0, 1, 101))
    assert gap.status is qx.GapStatus.BRACKETED
    assert 0 < gap.lower <= near.fun * (1 + 1e-6) < 1e-4
    assert gap.value == pytest.approx(near.fun, rel=1.1e-3)
    assert grid > 1000 * gap.value  # a 101-point grid does not see it


def test_a_tiny_gap_of_qubits():
    gap = qx.minimum_gap(AntiCrossing(12).hamiltonian())
    assert gap.status is qx.GapStatus.BRACKETED
    assert 0 < gap.lower <= gap.value < 1e-5
    assert gap.interior_gap == gap.value
    assert gap.eigensolves < 25


# -- laws --------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 6), st.integers(0, 2**32), st.floats(0.01, 100))
def test_the_gap_scales_with_the_hamiltonian(d, seed, c):
    problem = random_feature_selection(d, seed=seed)
    scaled = qx.QuboProblem(c * problem.h, c * problem.J)
    one = qx.minimum_gap(qx.AnnealHamiltonian(problem), rtol=1e-5)
    other = qx.minimum_gap(qx.AnnealHamiltonian(scaled, driver=qx.TransverseField(c)), rtol=1e-5)
    assert other.value == pytest.approx(c * one.value, rel=2.1e-5)
    assert other.lower <= c * one.value * (1 + 1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 6), st.integers(0, 2**32))
def test_relabelling_and_spin_reversal_change_nothing(d, seed):
    rng = np.random.default_rng(seed)
    problem = random_feature_selection(d, seed=seed)
    gap = qx.minimum_gap(qx.AnnealHamiltonian(problem), rtol=1e-5)
    order = rng.permutation(d)
    symmetric = (problem.J + problem.J.T)[np.ix_(order, order)]
    moved = qx.QuboProblem.from_symmetric(problem.h[order], symmetric)
    bqm = problem.to_bqm("SPIN")
    for label in problem.labels:
        if rng.random() < 0.5:
            bqm.flip_variable(label)
    for other in (moved, qx.QuboProblem.from_bqm(bqm)):
        again = qx.minimum_gap(qx.AnnealHamiltonian(other), rtol=1e-5)
        assert again.value == pytest.approx(gap.value, rel=2.1e-5)
        assert again.classical_gap == pytest.approx(gap.classical_gap, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_brackets_shrink_with_rtol_around_the_same_gap(seed):
    H = qx.AnnealHamiltonian(random_feature_selection(5, seed=seed))
    brackets = [qx.minimum_gap(H, rtol=rtol) for rtol in (1e-1, 1e-2, 1e-4, 1e-6)]
    for wide, narrow in itertools.pairwise(brackets):
        assert narrow.lower >= wide.lower - 1e-12
        assert narrow.value <= wide.value + 1e-12
        assert narrow.eigensolves >= wide.eigensolves


# -- schedules ---------------------------------------------------------------------------------

SCHEDULES = [
    qx.AnnealSchedule([0, 0.4, 1], [3, 0.5, 0], [0, 0.4, 2], "bent"),
    qx.AnnealSchedule([0, 0.3, 0.6, 1], [2, 0.5, 0.5, 0], [0, 0.8, 0.8, 1.5], "pause"),
    qx.AnnealSchedule([0, 0.5, 1], [0.0, 0.7, 0.0], [1.0, 0.3, 1.0], "reverse"),
    qx.AnnealSchedule(
        np.linspace(0, 1, 301),
        5 * np.exp(-6 * np.linspace(0, 1, 301)),
        0.2 + 4 * np.linspace(0, 1, 301) ** 2,
        "table",
    ),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda s: s.name)
@pytest.mark.parametrize("seed", [0, 3])
def test_one_computation_serves_many_schedules(schedule, seed):
    problem = random_feature_selection(5, seed=seed)
    linear = qx.minimum_gap(qx.AnnealHamiltonian(problem))
    H = qx.AnnealHamiltonian(problem, schedule)
    true, _ = refined_minimum(lambda s: dense_gap(H, s), points=601)
    fresh = qx.minimum_gap(H)
    for gap in (fresh, linear.for_schedule(H, schedule)):
        assert gap.schedule == schedule.name
        assert gap.lower <= true + 1e-12
        assert true - 1e-9 <= gap.value <= true * 1.0011
        assert dense_gap(H, gap.s_star) == pytest.approx(gap.value, rel=1e-9)
    back = fresh.for_schedule(H, qx.LINEAR)
    assert back.value == pytest.approx(linear.value, rel=1e-3)
    assert linear.for_schedule(H, qx.LINEAR).eigensolves == 0


def test_both_drivers_of_the_paper_lie_on_one_path():
    # driver 1/d at s is c times driver 1 at s / c, with c = (1 - s) / d + s
    problem = random_feature_selection(6, seed=2)
    one = qx.AnnealHamiltonian(problem)
    scaled = qx.AnnealHamiltonian(problem, driver=qx.TransverseField(1 / 6))
    weak = qx.AnnealSchedule([0, 1], [1 / 6, 0], [0, 1], "authors-code as a schedule")
    served = qx.minimum_gap(one).for_schedule(one, weak)
    assert served.value == pytest.approx(qx.minimum_gap(scaled).value, rel=1e-3)


# -- the subspace of k selected variables --------------------------------------------------------


@pytest.mark.parametrize(("d", "k"), [(2, 1), (4, 2), (6, 2), (6, 5)])
def test_the_fixed_size_subspace_is_that_of_the_full_xy_hamiltonian(d, k):
    problem = random_feature_selection(d, seed=d)
    H = qx.FixedSizeSubspace(k, weight=0.5).hamiltonian(problem)
    full = np.zeros((2**d, 2**d))
    for x in range(2**d):
        for p, q in itertools.combinations(range(d), 2):
            if (x >> p & 1) != (x >> q & 1):
                full[x, x ^ (1 << p) ^ (1 << q)] -= 0.5
    weights = 2 ** np.arange(d - 1, -1, -1)
    inside = H.states @ weights
    assert sorted(inside) == [x for x in range(2**d) if x.bit_count() == k]
    np.testing.assert_allclose(
        H.to_sparse(*H.schedule(0.0)).toarray(), full[np.ix_(inside, inside)]
    )
    np.testing.assert_allclose(H.diagonal, problem.diagonal[inside], atol=1e-14)
    gap = qx.minimum_gap(H)
    true, _ = refined_minimum(lambda s: dense_gap(H, s), points=101)
    assert gap.lower <= true + 1e-12
    assert true - 1e-9 <= gap.value <= true * 1.0011


def test_bad_matrices_and_subspaces_are_refused():
    problem = random_feature_selection(4, seed=0)
    for k in (0, 4, 9):
        with pytest.raises(qx.InputError, match=f"k = {k}"):
            qx.FixedSizeSubspace(k).hamiltonian(problem)
    with pytest.raises(qx.InputError, match="weight"):
        qx.FixedSizeSubspace(2, weight=-1).hamiltonian(problem)
    with pytest.raises(qx.InputError, match="transpose"):
        qx.MatrixHamiltonian(np.array([[0.0, 1.0], [2.0, 0.0]]), np.zeros(2))
    with pytest.raises(qx.InputError, match="shape"):
        qx.MatrixHamiltonian(np.eye(3), np.zeros(2))
    with pytest.raises(qx.InputError, match="real"):
        qx.MatrixHamiltonian(1j * np.eye(2), np.zeros(2))
    for nothing in (np.zeros((3, 3)), scipy.sparse.csr_array((3, 3))):
        with pytest.raises(qx.InputError, match="the driver is zero"):
            qx.MatrixHamiltonian(nothing, [0.0, 1.0, 2.0])
    with pytest.raises(qx.MemoryLimitError, match="20 out of 40"):
        qx.FixedSizeSubspace(20).hamiltonian(qx.QuboProblem(np.ones(40), np.zeros((40, 40))))
