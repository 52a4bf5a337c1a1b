"""Eigenpairs of anneals against dense diagonalization."""

import numpy as np
import pytest
from scipy.sparse.linalg import aslinearoperator

import qxgap as qx
from qxgap.linalg import EigenStatus, lowest_eigenpairs
from qxgap.linalg.arrays import Arrays
from qxgap.spectra import GapStatus
from qxgap.testing import random_feature_selection


@pytest.mark.parametrize(
    ("d", "k", "method"),
    [
        (1, 1, None),
        (1, 2, None),
        (3, 8, None),
        (7, 5, qx.Dense()),
        (7, 5, qx.Lanczos()),
        (11, 3, qx.Dense()),
        (11, 3, qx.Lanczos()),
        (11, 3, None),
    ],
)
@pytest.mark.parametrize("s", [0.2, 0.99])
def test_eigenpairs_agree_with_lapack(method, d, k, s):
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=d))
    op, norm = H.to_linear_operator(*H.schedule(s)), H.norm_bound(1 - s, s)
    pairs = lowest_eigenpairs(op, k, method, norm_bound=norm, seed=3)
    matrix = H.to_sparse(*H.schedule(s)).toarray()
    assert pairs.status is EigenStatus.CONVERGED
    np.testing.assert_allclose(pairs.values, np.linalg.eigvalsh(matrix)[:k], atol=1e-11)
    np.testing.assert_allclose(pairs.vectors.T @ pairs.vectors, np.eye(k), atol=1e-12)
    true_residuals = np.linalg.norm(matrix @ pairs.vectors - pairs.vectors * pairs.values, axis=0)
    assert np.all(true_residuals <= pairs.residuals)


@pytest.mark.parametrize("seed", range(12))
def test_lanczos_misses_no_member_of_a_cluster(seed):
    # close levels, of which plain ARPACK skips some and reports convergence
    H = qx.AnnealHamiltonian(random_feature_selection(10, seed=seed))
    op, norm = H.to_linear_operator(*H.schedule(0.99)), H.norm_bound(0.01, 0.99)
    pairs = lowest_eigenpairs(op, 6, qx.Lanczos(), norm_bound=norm, seed=seed)
    expected = np.linalg.eigvalsh(H.to_sparse(*H.schedule(0.99)).toarray())[:6]
    np.testing.assert_allclose(pairs.values, expected, atol=1e-10)


def test_deflation_finds_copies_of_an_eigenvalue():
    # a Krylov space holds one vector of each eigenspace: copies are found by deflation only
    values = np.repeat([-2.0, -1.0, 0.0, 3.0], [3, 4, 93, 100])
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(200, 200)))[0]
    op = aslinearoperator(rotation @ np.diag(values) @ rotation.T)
    pairs = lowest_eigenpairs(op, 7, qx.Lanczos(padding=0), norm_bound=3.0)
    np.testing.assert_allclose(pairs.values, [-2.0] * 3 + [-1.0] * 4, atol=1e-10)


def test_a_starved_lanczos_says_so():
    H = qx.AnnealHamiltonian(random_feature_selection(11, seed=1))
    starved = qx.Lanczos(max_restarts=1)
    norm = H.norm_bound(0.01, 0.99)
    pairs = lowest_eigenpairs(H.to_linear_operator(*H.schedule(0.99)), 2, starved, norm_bound=norm)
    assert pairs.status is EigenStatus.NOT_CONVERGED
    with pytest.raises(qx.ConvergenceError, match="max_restarts"):
        qx.spectrum(H, [0.99], method=starved)
    with pytest.raises(qx.ConvergenceError, match="missed a level"):
        qx.minimum_gap(H, method=starved)
    assert qx.minimum_gap(H, method=starved, throw=False).status is GapStatus.INCOMPLETE


def test_arrays_are_copied_only_where_asked():
    values = np.arange(3.0)
    assert Arrays().array(values) is values
    assert Arrays().copy(values) is not values
