"""Spectra and certified gaps against dense diagonalization and closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.linalg import LinearOperator
from systems import dense_gap, refined_minimum

import qxgap as qx
from qxgap import Convention
from qxgap.linalg import lowest_eigenpairs
from qxgap.spectra import GapStatus
from qxgap.testing import random_feature_selection


def test_too_many_levels_and_too_much_memory_are_refused():
    H = qx.AnnealHamiltonian(random_feature_selection(3, seed=1))
    with pytest.raises(qx.InputError, match="9 levels"):
        qx.spectrum(H, [0.5], levels=9)
    huge = LinearOperator((1 << 26, 1 << 26), matvec=lambda v: v, dtype=np.float64)
    with pytest.raises(qx.MemoryLimitError, match="dense matrix"):
        lowest_eigenpairs(huge, 1, qx.Dense(), norm_bound=1.0)


# -- spectrum ----------------------------------------------------------------------------------


@pytest.mark.parametrize("convention", ["paper", "authors-code"])
def test_spectrum_agrees_with_dense_at_the_ends_and_between(convention):
    d = 6
    driver = qx.Convention(convention).driver(d)
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=0), driver=driver)
    s = np.linspace(0, 1, 7)
    spec = qx.spectrum(H, s, levels=9)
    expected = [np.linalg.eigvalsh(H.to_sparse(*H.schedule(x)).toarray())[:9] for x in s]
    np.testing.assert_allclose(spec.energies, expected, atol=1e-12)


# -- minimum gap -------------------------------------------------------------------------------


def test_one_qubit_in_closed_form():
    problem = qx.QuboProblem([-0.7], [[0.0]])
    gap = qx.minimum_gap(qx.AnnealHamiltonian(problem), rtol=1e-8)
    # sqrt(4 (1-s)^2 + (0.7 s)^2) is least at s = 4 / 4.49
    assert gap.value == pytest.approx(2 * 0.7 / math.sqrt(4.49), rel=1e-8)
    assert gap.s_star == pytest.approx(4 / 4.49, abs=1e-3)
    assert gap.lower <= 2 * 0.7 / math.sqrt(4.49) <= gap.value * (1 + 1e-14)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(2, 6),
    st.integers(0, 2**32),
    st.sampled_from(list(Convention)),
    st.sampled_from([1e-1, 1e-3, 1e-6]),
)
def test_bracket_holds_the_dense_minimum(d, seed, convention, rtol):
    driver = qx.Convention(convention).driver(d)
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=seed), driver=driver)
    gap = qx.minimum_gap(H, rtol=rtol)
    true = refined_minimum(lambda s: dense_gap(H, s), points=101)[0]
    assert gap.status in (GapStatus.BRACKETED, GapStatus.RESOLUTION)
    assert gap.lower <= true + 1e-12
    assert gap.value >= true - 1e-10
    assert gap.value <= true * (1 + 1.01 * rtol) + 1e-12


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 6), st.integers(0, 2**32))
def test_degenerate_ground_spaces_give_the_gap_above_them(d, seed):
    rng = np.random.default_rng(seed)
    J = np.triu(rng.integers(0, 3, (d, d)), 1)
    problem = qx.QuboProblem(-rng.integers(0, 3, d), J)
    H = qx.AnnealHamiltonian(problem)
    gap = qx.minimum_gap(H)
    if problem.degeneracy == 2**d:
        assert gap.status is GapStatus.NO_EXCITED_LEVEL
        return
    true = refined_minimum(lambda s: dense_gap(H, s), points=101)[0]
    assert gap.degeneracy == problem.degeneracy
    assert gap.lower - 1e-12 <= true <= gap.value + 1e-10
    assert gap.value <= true * 1.00101


def test_identical_feature_maps():
    J = np.array([[0, 1.0, 0.2], [1.0, 0, 0.2], [0.2, 0.2, 0]])
    problem = qx.FeatureSelection([0.6, 0.6, 1.0], J, tradeoff=0.5).qubo()
    assert problem.degeneracy == 2
    H = qx.AnnealHamiltonian(problem)
    gap = qx.minimum_gap(H)
    assert gap.value == pytest.approx(
        refined_minimum(lambda s: dense_gap(H, s), points=101)[0], rel=1e-3
    )
    assert gap.classical_gap == pytest.approx(problem.classical_gap)


def test_a_large_instance_is_bracketed_by_the_default_iteration():
    H = qx.AnnealHamiltonian(random_feature_selection(11, seed=4))
    gap = qx.minimum_gap(H)
    near = np.linspace(max(gap.s_star - 0.02, 0), min(gap.s_star + 0.02, 1), 5)
    assert gap.lower <= min(dense_gap(H, s) for s in near)
    assert gap.value == pytest.approx(dense_gap(H, gap.s_star), abs=1e-10)
    assert str(gap).startswith(f"The smallest gap is {gap.value:.3g} (proven: at least ")


def test_any_piecewise_linear_schedule_is_bracketed():
    schedule = qx.AnnealSchedule([0, 0.3, 0.6, 1], [2, 0.5, 0.5, 0], [0, 0.8, 0.8, 1.5], "pause")
    H = qx.AnnealHamiltonian(random_feature_selection(5, seed=8), schedule=schedule)
    gap = qx.minimum_gap(H, rtol=1e-4)
    true = refined_minimum(lambda s: dense_gap(H, s), points=401)[0]
    assert gap.lower <= true + 1e-12
    assert true - 1e-12 <= gap.value <= true * 1.0002


def test_statuses_and_bad_arguments():
    H = qx.AnnealHamiltonian(random_feature_selection(4, seed=0))
    with pytest.raises(qx.InputError, match="rtol"):
        qx.minimum_gap(H, rtol=0.0)
    with pytest.raises(qx.ConvergenceError, match="max_eigensolves"):
        qx.minimum_gap(H, rtol=1e-6, max_eigensolves=3)
    short = qx.minimum_gap(H, rtol=1e-6, max_eigensolves=3, throw=False)
    assert short.status is GapStatus.BUDGET
    assert short.lower <= refined_minimum(lambda s: dense_gap(H, s), points=101)[0] <= short.value
    flat = qx.minimum_gap(qx.AnnealHamiltonian(qx.QuboProblem([0.0, 0.0], np.zeros((2, 2)))))
    assert flat.status is GapStatus.NO_EXCITED_LEVEL
    assert math.isinf(flat.value)


def test_the_interior_minimum_is_solved_finely():
    # the waveform turns back at u = 0.97: a local minimum inside, beside that at s = 1
    schedule = qx.LINEAR.with_waveform([(0, 0), (1, 0.97), (2, 0.6), (3, 1)])
    problem = random_feature_selection(10, seed=9)
    H = qx.AnnealHamiltonian(problem, schedule)
    gap = qx.minimum_gap(H)
    assert gap.s_star == 1.0
    assert gap.interior_s == pytest.approx(1 / 3, abs=0.02)
    levels = np.linalg.eigvalsh(H.to_sparse(*H.schedule(gap.interior_s)).toarray())
    assert gap.interior_gap == pytest.approx(levels[1] - levels[0], abs=1e-11)
    turned = np.linalg.eigvalsh(H.to_sparse(*H.schedule(1 / 3)).toarray())
    assert gap.interior_gap == pytest.approx(turned[1] - turned[0], rel=0.03)
    assert gap.value == pytest.approx(gap.classical_gap, abs=1e-12)


def test_the_gap_of_a_reverse_anneal_covers_what_it_visits():
    problem = random_feature_selection(5, seed=1)
    turn = 0.8
    reverse = qx.LINEAR.with_waveform([(0, 1), (1, turn), (2, 1)])
    found = qx.minimum_gap(qx.AnnealHamiltonian(problem, reverse), rtol=1e-4)
    H = qx.AnnealHamiltonian(problem)
    values = [
        np.linalg.eigvalsh(H.to_sparse(*H.schedule(s)).toarray()) for s in np.linspace(turn, 1, 801)
    ]
    least = min(v[1] - v[0] for v in values)
    assert found.lower <= least + 1e-12
    assert found.value == pytest.approx(least, rel=2e-3)
