"""The certificate that no level was missed: try to break it."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.sparse.linalg import aslinearoperator

from benchmarks.gap.bracket_attack import hidden_pair as hidden_pair_of_the_attack
from qxgap.linalg.arrays import CountedOperator
from qxgap.linalg.completeness import check_completeness
from qxgap.linalg.eigenpairs import EigenStatus
from qxgap.linalg.eigensolve import lowest_eigenpairs
from qxgap.linalg.methods import Davidson, Lobpcg


def rotated(values, seed, size=0.3):
    """A matrix with these eigenvalues and its eigenvectors by rows, far from diagonal."""
    rng = np.random.default_rng(seed)
    n = len(values)
    vectors = np.linalg.qr(np.eye(n) + size * rng.normal(size=(n, n)))[0].T
    matrix = vectors.T @ (values[:, None] * vectors)
    return (matrix + matrix.T) / 2, vectors


def check(matrix, vectors, values, threshold, seed, diagonal=None, failure_probability=1e-8):
    op = CountedOperator.returning(lambda v: matrix @ v, len(matrix), 4.0)
    return check_completeness(
        op,
        vectors,
        values,
        threshold,
        separation=0.1,
        diagonal=diagonal,
        failure_probability=failure_probability,
        rng=np.random.default_rng(seed),
    )


@pytest.mark.parametrize("preconditioned", [True, False])
@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_missing_level_is_found_and_its_vector_lies_below_the_threshold(missing, preconditioned):
    values = np.concatenate([[-1.0, -0.9, -0.8], np.linspace(0.0, 4.0, 150)])
    for seed in range(10):
        matrix, vectors = rotated(values, seed)
        kept = [i for i in range(4) if i != missing]
        diagonal = np.diag(matrix) if preconditioned else None
        found = check(matrix, vectors[kept], values[kept], 0.0, seed, diagonal)
        assert not found.certified
        part = found.missed - vectors[kept].T @ (vectors[kept] @ found.missed)
        assert part @ matrix @ part / (part @ part) < 0.0
        complete = check(matrix, vectors[:3], values[:3], -0.5, seed, diagonal)
        assert complete.missed is None
        assert -0.5 <= complete.beyond <= 0.0


@pytest.mark.parametrize("failure_probability", [0.5, 0.1])
def test_a_level_is_overlooked_no_more_often_than_the_stated_probability(failure_probability):
    # one level lies a little below the threshold, where the check must be luckiest to see it
    values = np.concatenate([[-0.02], np.linspace(0.3, 4.0, 199)])
    matrix, vectors = rotated(values, 0)
    trials, overlooked = 400, 0
    for seed in range(trials):
        none = vectors[:0], values[:0]
        overlooked += check(
            matrix, *none, 0.0, seed, np.diag(matrix), failure_probability
        ).certified
    spread = 3 * np.sqrt(failure_probability * (1 - failure_probability) / trials)
    assert overlooked / trials <= failure_probability + spread
    # and the bound is no idle one: with so large a probability some are overlooked
    assert overlooked > 0


def hidden_pair(n, top, seed):
    """Driver and problem of n + 2 states; the driver's second level hides high on its diagonal."""
    rng = np.random.default_rng(seed)
    driver = np.r_[-1.0, -0.3, np.maximum(rng.uniform(-0.3, 1.0, n - 2), -0.29), top, top]
    problem = np.r_[-1.0, 0.5, rng.uniform(0.6, 1.5, n - 2), 0.6, 0.6]
    matrix = sp.diags_array(driver).tolil()
    matrix[n, n + 1] = matrix[n + 1, n] = -(top + 0.6)
    return sp.csr_array(matrix), problem


@pytest.mark.parametrize("method", [Davidson(), Lobpcg()])
@pytest.mark.parametrize("top", [30.0, 1000.0])
def test_one_solve_finds_the_level_that_the_diagonal_hides(method, top):
    driver, _ = hidden_pair(1000, top, 0)
    for seed in range(5):
        pairs = lowest_eigenpairs(
            aslinearoperator(driver),
            2,
            method,
            norm_bound=2 * top + 1,
            diagonal=driver.diagonal(),
            seed=seed,
        )
        assert pairs.status is EigenStatus.CONVERGED
        np.testing.assert_allclose(pairs.values, [-1.0, -0.6], atol=1e-6)


def test_a_level_far_below_its_diagonal_elements_does_not_stall_the_iteration():
    # a preconditioner by the absolute difference to the diagonal stalled at 3e-7 of the norm here
    rng = np.random.default_rng([0, 117])
    matrix, levels = hidden_pair_of_the_attack(rng)
    k, norm = int(rng.integers(1, 4)), float(abs(matrix).sum(axis=1).max())
    op, diagonal = aslinearoperator(matrix), matrix.diagonal()
    pairs = lowest_eigenpairs(op, k, norm_bound=norm, seed=117, diagonal=diagonal)
    assert pairs.status is EigenStatus.CONVERGED
    np.testing.assert_allclose(pairs.values, levels[:k], atol=2e-8 * norm)
