"""Brackets rest on the certificate that no level was missed: try to break them."""

import numpy as np
import pytest
import scipy.sparse as sp
from systems import dense_gap

import qxgap as qx
from qxgap.spectra import GapProgress


def hidden_pair(n, top, seed):
    """Driver and problem of n + 2 states; the driver's second level hides high on its diagonal."""
    rng = np.random.default_rng(seed)
    driver = np.r_[-1.0, -0.3, np.maximum(rng.uniform(-0.3, 1.0, n - 2), -0.29), top, top]
    problem = np.r_[-1.0, 0.5, rng.uniform(0.6, 1.5, n - 2), 0.6, 0.6]
    matrix = sp.diags_array(driver).tolil()
    matrix[n, n + 1] = matrix[n + 1, n] = -(top + 0.6)
    return sp.csr_array(matrix), problem


@pytest.mark.parametrize("top", [10.0, 100.0, 1000.0, 1e6])
def test_a_level_that_the_diagonal_hides_is_in_the_bracket(top):
    for seed in range(3):
        H = qx.MatrixHamiltonian(*hidden_pair(600, top, seed))
        result = qx.minimum_gap(H, seed=seed)
        assert result.status is qx.GapStatus.BRACKETED
        # levels -1 and -0.6 of the driver; later the gap is wider
        assert result.lower <= 0.4 * (1 + 1e-9)
        assert result.value == pytest.approx(0.4, rel=1e-3)


def one_huge_field(factor, seed=3, d=10):
    rng = np.random.default_rng(seed)
    J, h = np.triu(0.3 * rng.random((d, d)), 1), -0.7 * rng.random(d)
    h[2] *= factor
    return qx.AnnealHamiltonian(qx.QuboProblem(h, J))


@pytest.mark.parametrize("factor", [1e4, 1e5, 1e6])
def test_one_huge_field_hides_no_level(factor):
    H = one_huge_field(factor)
    results = [qx.minimum_gap(H, seed=seed) for seed in range(3)]
    for result in results:
        assert result.status is qx.GapStatus.BRACKETED
        # a value that rises when it is solved finely must not leave the bracket wider than rtol
        assert result.lower >= result.value * (1 - result.rtol)
        assert result.value == pytest.approx(0.08879, rel=1e-3)
    assert results[0].value == pytest.approx(dense_gap(H, results[0].s_star), rel=1e-6)


@pytest.mark.parametrize("scale", [1e-12, 1e-9, 1e-3, 1.0, 1e12, 1e100, 1e200])
def test_units_of_the_problem_do_not_matter(scale):
    rng = np.random.default_rng(3)
    h, J = -0.7 * rng.random(4), np.triu(0.3 * rng.random((4, 4)), 1)
    driver = qx.TransverseField(scale)
    unit = qx.minimum_gap(qx.AnnealHamiltonian(qx.QuboProblem(h, J)))
    scaled = qx.minimum_gap(
        qx.AnnealHamiltonian(qx.QuboProblem(scale * h, scale * J), driver=driver)
    )
    assert scaled.status is qx.GapStatus.BRACKETED
    assert scaled.value / scale == pytest.approx(unit.value, rel=1e-6)
    # the driver in its own unit: the anneal happens within 1e-9 of an end, and is still resolved
    apart = qx.minimum_gap(qx.AnnealHamiltonian(qx.QuboProblem(scale * h, scale * J)))
    assert apart.status is qx.GapStatus.BRACKETED
    assert 0 < apart.lower <= apart.value <= apart.classical_gap * (1 + 1e-12)


@pytest.mark.parametrize(("scale", "truth"), [(1e-9, 6.869e-11), (1e12, 1.766)])
def test_a_minimum_next_to_an_end_is_found(scale, truth):
    # by a fine scan of 1 - s on a logarithmic grid, dense; 2e-11 and 1.2e-11 from an end
    rng = np.random.default_rng(3)
    h, J = -0.7 * rng.random(4), np.triu(0.3 * rng.random((4, 4)), 1)
    result = qx.minimum_gap(qx.AnnealHamiltonian(qx.QuboProblem(scale * h, scale * J)))
    assert result.status is qx.GapStatus.BRACKETED
    assert result.value == pytest.approx(truth, rel=2e-3)


def test_what_was_reached_comes_with_the_exception():
    d, c = 5, -0.5
    h, J = np.full(d, -c * (d - 1) / 2) + 1e-6, np.triu(np.full((d, d), c), 1)
    H = qx.AnnealHamiltonian(qx.QuboProblem(h, J))
    with pytest.raises(qx.ConvergenceError, match="max_eigensolves") as stopped:
        qx.minimum_gap(H, max_eigensolves=40)
    reached = stopped.value.result
    assert reached.status is qx.GapStatus.BUDGET
    assert 0 <= reached.lower < reached.value
    assert f"The smallest gap is {reached.value:.3g}" in str(stopped.value)
    again = qx.minimum_gap(H, max_eigensolves=40, throw=False)
    assert (again.lower, again.value) == (reached.lower, reached.value)


def test_a_large_ground_space_is_solved_densely():
    # half of the states are ground states: an iteration would hold more vectors than there are
    n = 520
    rng = np.random.default_rng(0)
    driver = sp.random_array((n, n), density=0.02, rng=rng)
    diagonal = np.where(np.arange(n) < n // 2, 0.0, 1.0 + rng.random(n))
    H = qx.MatrixHamiltonian(-(driver + driver.T), diagonal)
    result = qx.minimum_gap(H, rtol=0.3, throw=False, max_eigensolves=1)
    # Dense counts n products, and Rayleigh quotients and expectations one for each level
    assert result.matvecs == result.eigensolves * (n + 2 * (H.degeneracy + 1))


def test_two_levels_that_are_all_there_is_raise_no_warning():
    result = qx.minimum_gap(qx.MatrixHamiltonian(-np.eye(2), np.array([0.0, 1.0])), throw=False)
    assert result.value == pytest.approx(0.0, abs=1e-12)


def test_progress_tells_how_the_bracket_closes():
    H = one_huge_field(1.0, d=6)
    told = []
    result = qx.minimum_gap(H, progress=told.append)
    assert all(isinstance(step, GapProgress) for step in told)
    assert told[-1].eigensolves == result.eigensolves
    assert told[-1].lower == pytest.approx(result.lower)
    assert all(step.lower <= result.value * (1 + 1e-9) for step in told)
    solves = [step.eigensolves for step in told]
    assert solves == sorted(solves)
    assert set(solves) == set(range(result.eigensolves + 1))


def test_what_progress_raises_ends_the_search():
    def stop(step):
        if step.eigensolves == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        qx.minimum_gap(one_huge_field(1.0, d=6), progress=stop)
