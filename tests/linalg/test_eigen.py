"""Every eigen-method against LAPACK: clusters, copies, symmetries, tolerances, warm starts."""

import functools
import tracemalloc

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.linalg import LinearOperator, aslinearoperator

import qxgap as qx
from qxgap.linalg.eigenpairs import EigenStatus, deficit_of_sum
from qxgap.linalg.eigensolve import lowest_eigenpairs
from qxgap.linalg.methods import Davidson, Dense, Lanczos, Lobpcg
from qxgap.spectra.low_levels import LevelSolver
from qxgap.testing import random_feature_selection


def symmetric(values, seed, mixing=1.0):
    """Matrix of these eigenvalues; the less ``mixing``, the closer to diagonal."""
    rng = np.random.default_rng(seed)
    n = len(values)
    antisymmetric = np.triu(rng.normal(size=(n, n)), 1)
    antisymmetric -= antisymmetric.T
    step = mixing * antisymmetric / np.sqrt(n)
    rotation = np.linalg.solve(np.eye(n) + step, np.eye(n) - step)
    matrix = rotation @ np.diag(values) @ rotation.T
    return (matrix + matrix.T) / 2


def solve(matrix, k, method, **options):
    options.setdefault("norm_bound", float(np.abs(np.linalg.eigvalsh(matrix)).max()))
    return lowest_eigenpairs(aslinearoperator(matrix), k, method, **options)


def assert_right(pairs, matrix, k, atol):
    assert pairs.status is EigenStatus.CONVERGED
    np.testing.assert_allclose(pairs.values, np.linalg.eigvalsh(matrix)[:k], rtol=0, atol=atol)
    assert np.all(np.diff(pairs.values) >= 0)
    np.testing.assert_allclose(pairs.vectors.T @ pairs.vectors, np.eye(k), atol=1e-12)
    true = np.linalg.norm(matrix @ pairs.vectors - pairs.vectors * pairs.values, axis=0)
    assert np.all(true <= pairs.residuals)


@st.composite
def clustered_matrices(draw):
    n, seed = draw(st.integers(2, 60)), draw(st.integers(0, 2**32))
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-3, 3, draw(st.integers(1, n)))
    width = draw(st.sampled_from([0.0, 1e-12, 1e-6, 1e-2]))
    values = rng.choice(centres, n) + width * rng.normal(size=n)
    return symmetric(values, rng, draw(st.sampled_from([0.0, 1e-3, 0.1, 1.0])))


@settings(max_examples=60, deadline=None)
@given(clustered_matrices(), st.data())
def test_davidson_agrees_with_lapack(matrix, data):
    k = data.draw(st.integers(1, min(len(matrix), 8)))
    tol = data.draw(st.sampled_from([1e-4, 1e-6, 1e-8, 1e-10]))
    given_diagonal = data.draw(st.booleans())
    norm = max(float(np.abs(np.linalg.eigvalsh(matrix)).max()), 1e-3)
    pairs = solve(
        matrix,
        k,
        Davidson(tol=tol),
        norm_bound=norm,
        seed=data.draw(st.integers(0, 9)),
        diagonal=np.diag(matrix) if given_diagonal else None,
    )
    assert_right(pairs, matrix, k, atol=10 * (tol + 2e-13) * norm * np.sqrt(k))
    # a rotation inside a cluster mixes residuals
    assert np.linalg.norm(pairs.residuals) <= 1.01 * (tol + 2e-13) * norm * np.sqrt(k)


@settings(max_examples=20, deadline=None)
@given(clustered_matrices(), st.sampled_from([Dense(), Lanczos(), None]), st.data())
def test_the_other_methods_agree_with_lapack(matrix, method, data):
    n = len(matrix)
    k = data.draw(st.integers(1, n if not isinstance(method, Lanczos) else max(n // 4, 1)))
    if isinstance(method, Lanczos) and n < 16:
        method = Dense()
    norm = max(float(np.abs(np.linalg.eigvalsh(matrix)).max()), 1e-3)
    assert_right(solve(matrix, k, method, norm_bound=norm), matrix, k, atol=1e-10)


def test_lanczos_takes_the_whole_of_a_small_space():
    # with one vector fewer it did not tell these two clusters apart in 8,000 products
    rng = np.random.default_rng(95)
    values = rng.choice([-2.4857, 1.93106], 17) + 1e-6 * rng.normal(size=17)
    assert_right(solve(np.diag(values), 1, Lanczos(), norm_bound=2.5), np.diag(values), 1, 1e-10)


@pytest.mark.parametrize(("method", "s"), [(Davidson(), 0.5), (Davidson(), 0.99), (Lobpcg(), 0.99)])
def test_fifty_of_fifty_seeds_are_right(method, s):
    # of these, at s = 0.99, plain ARPACK gets 10 right and reports that all converged
    right = 0
    for seed in range(50):
        H = qx.AnnealHamiltonian(random_feature_selection(10, seed=seed))
        pairs = lowest_eigenpairs(
            H.to_linear_operator(*H.schedule(s)),
            6,
            method,
            norm_bound=H.norm_bound(1 - s, s),
            seed=seed,
            diagonal=s * H.diagonal,
        )
        assert pairs.status is EigenStatus.CONVERGED
        right += np.allclose(pairs.values, six_levels(seed, s), rtol=0, atol=1e-10)
    assert right == 50


@functools.cache
def six_levels(seed, s):
    H = qx.AnnealHamiltonian(random_feature_selection(10, seed=seed))
    return scipy.linalg.eigvalsh(H.to_sparse(*H.schedule(s)).toarray(), subset_by_index=[0, 5])


@pytest.mark.parametrize("method", [Davidson(), Lanczos(padding=0), Lobpcg()])
@pytest.mark.parametrize("mixing", [0.01, 1.0])
def test_copies_of_an_eigenvalue_are_found(method, mixing):
    matrix = symmetric(np.repeat([-2.0, -1.0, 0.0, 3.0], [3, 4, 93, 100]), 0, mixing)
    pairs = solve(matrix, 7, method, diagonal=np.diag(matrix))
    assert_right(pairs, matrix, 7, atol=1e-10)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("hidden", [0, 1, 2])
def test_a_level_that_the_start_hides_is_found(seed, hidden):
    # block diagonal, and the start is all of one block's lowest vectors: the other is never met
    rng = np.random.default_rng(seed)
    lower, upper = np.sort(rng.uniform(-1, 3, 80)), np.sort(rng.uniform(-1, 3, 80))
    lower[0] = upper[hidden] - 0.02
    matrix = np.zeros((160, 160))
    matrix[:80, :80], matrix[80:, 80:] = symmetric(lower, rng, 0.1), symmetric(upper, rng, 0.1)
    vectors = np.linalg.eigh(matrix[80:, 80:])[1][:, :4]
    start = np.vstack([np.zeros((80, 4)), vectors])
    pairs = solve(matrix, 4, Davidson(), diagonal=np.diag(matrix), start=start, seed=seed)
    assert_right(pairs, matrix, 4, atol=1e-10)


@pytest.mark.parametrize("s", [0.3, 0.8, 0.99])
@pytest.mark.parametrize("seed", range(4))
def test_identical_maps_hide_the_antisymmetric_level_from_a_symmetric_start(s, seed):
    # maps 0 and 1 are one map twice: H and the preconditioner commute with their exchange, so what
    # starts symmetric stays symmetric
    d, k = 10, 6
    rng = np.random.default_rng(seed)
    J = rng.uniform(0.2, 0.9, (d, d))
    J = np.triu(J + J.T, 1) / 2
    J[0, 2:] *= 0.3
    J[1, 2:] = J[0, 2:]
    J[0, 1] = 0.9
    h = rng.uniform(0.1, 1.0, d)
    h[:2] = 1.0
    H = qx.AnnealHamiltonian(qx.QuboProblem(-h, J))
    matrix = H.to_sparse(*H.schedule(s)).toarray()
    values, vectors = np.linalg.eigh(matrix)
    swapped = vectors.reshape(2, 2, -1, vectors.shape[1]).swapaxes(0, 1).reshape(vectors.shape)
    parity = np.einsum("xi,xi->i", vectors, swapped)
    assert np.any(parity[:k] < -0.99)
    symmetric_start = vectors[:, parity > 0.99][:, :k]
    pairs = solve(matrix, k, Davidson(), diagonal=np.diag(matrix), start=symmetric_start, seed=seed)
    np.testing.assert_allclose(pairs.values, values[:k], rtol=0, atol=1e-10)
    assert pairs.status is EigenStatus.CONVERGED


def large(seed=2, s=0.97, d=11):
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=seed))
    return (
        H.to_linear_operator(*H.schedule(s)),
        {"norm_bound": H.norm_bound(1 - s, s)},
        s * H.diagonal,
    )


@pytest.mark.parametrize("method", [Dense(), Lanczos(), Lobpcg(), Davidson()])
def test_a_warm_start_does_not_change_the_answer(method):
    op, options, diagonal = large()
    near = lowest_eigenpairs(*large(s=0.96)[:1], 3, **large(s=0.96)[1]).vectors
    cold = lowest_eigenpairs(op, 3, method, diagonal=diagonal, **options)
    for start in (near, near[:, :1], -near[:, ::-1], np.zeros_like(near), np.repeat(near, 12, 1)):
        warm = lowest_eigenpairs(op, 3, method, diagonal=diagonal, start=start, **options)
        assert warm.status is EigenStatus.CONVERGED
        np.testing.assert_allclose(warm.values, cold.values, rtol=0, atol=1e-11)
        overlaps = np.abs(np.sum(warm.vectors * cold.vectors, axis=0))
        np.testing.assert_allclose(overlaps, 1.0, atol=1e-10)


def test_warm_starts_and_preconditioning_save_products():
    op, options, diagonal = large(s=0.99)
    plain = lowest_eigenpairs(op, 3, **options)
    cold = lowest_eigenpairs(op, 3, diagonal=diagonal, **options)
    again = lowest_eigenpairs(op, 3, diagonal=diagonal, start=cold.vectors, **options)
    assert again.matvecs < cold.matvecs < plain.matvecs / 2


@pytest.mark.parametrize("method", [Lanczos(), Lobpcg(), Davidson()])
def test_seeds_reproduce(method):
    op, options, diagonal = large()
    one, same, other = (
        lowest_eigenpairs(op, 3, method, seed=seed, diagonal=diagonal, **options)
        for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(one.vectors, same.vectors)
    assert one.matvecs == same.matvecs
    np.testing.assert_allclose(one.values, other.values, rtol=0, atol=1e-11)


def test_what_cannot_be_solved_is_said():
    op, options, diagonal = large()
    for short in (Davidson(max_steps=3), Davidson(tol=1e-12, max_steps=10)):
        pairs = lowest_eigenpairs(op, 3, short, diagonal=diagonal, **options)
        assert pairs.status is EigenStatus.NOT_CONVERGED
        assert pairs.values.shape == (3,)
    matrix = symmetric(np.repeat([-1.0, 1.0], [6, 90]), 0)
    start = np.linalg.eigh(matrix)[1][:, -6:]
    stubborn = Davidson(max_repairs=0)
    found = solve(matrix, 6, stubborn, start=start)
    assert found.status is EigenStatus.INCOMPLETE
    assert_right(solve(matrix, 6, Davidson(), start=start), matrix, 6, atol=1e-10)


def test_arguments_that_do_not_fit_are_refused():
    op, options, diagonal = large()
    with pytest.raises(qx.InputError, match="diagonal has shape"):
        lowest_eigenpairs(op, 2, diagonal=diagonal[:-1], **options)
    with pytest.raises(qx.InputError, match="start has shape"):
        lowest_eigenpairs(op, 2, start=diagonal, **options)
    with pytest.raises(qx.InputError, match="start has shape"):
        lowest_eigenpairs(op, 2, start=np.full((2048, 2), np.nan), **options)
    huge = LinearOperator((1 << 36, 1 << 36), matvec=lambda v: v, dtype=np.float64)
    with pytest.raises(qx.MemoryLimitError, match="Davidson basis"):
        lowest_eigenpairs(huge, 2, norm_bound=1.0)


def test_twenty_six_qubits_fit_in_twenty_gigabytes():
    # the diagonal of the problem and the vectors of the solve before are in memory too
    assert Davidson().num_bytes(1 << 26, 2) + 8 * 3 * (1 << 26) < 20e9


@pytest.mark.parametrize("k", [2, 4])
def test_a_solve_takes_no_more_memory_than_it_asks_for(k):
    H = qx.AnnealHamiltonian(random_feature_selection(14, seed=1))
    _, start = LevelSolver(H, Davidson(tol=1e-4)).solve(0.5, 0.5, k)
    for begin in (None, start):
        tracemalloc.start()
        LevelSolver(H, Davidson(tol=1e-4)).solve(0.4, 0.6, k, begin)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        asked = Davidson().num_bytes(H.dimension, k)
        assert 0.7 * asked < peak < asked


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 5),
    st.integers(1, 30),
    st.integers(0, 10**6),
    st.floats(-0.5, 1.0),
    st.floats(-6.0, 0.5),
)
def test_the_sum_of_levels_lies_within_its_deficit(k, rest, seed, apart, log_coupling):
    # Ritz values of coordinate vectors, complement from ``apart`` above (or below) the highest
    rng = np.random.default_rng(seed)
    values = np.sort(rng.uniform(-1, 0, k))
    beyond = values[-1] + apart
    complement = symmetric(beyond + np.sort(rng.uniform(0, 1, rest)) * rng.integers(0, 2), rng, 1.0)
    coupling = 10**log_coupling * rng.normal(size=(rest, k))
    matrix = np.block([[np.diag(values), coupling.T], [coupling, complement]])
    exact = np.linalg.eigvalsh(matrix)[:k].sum()
    beyond = float(np.linalg.eigvalsh(complement)[0])
    deficit = deficit_of_sum(values, np.linalg.norm(coupling, axis=0), beyond)
    assert -1e-12 <= values.sum() - exact <= deficit + 1e-12
    if apart > 0 and np.linalg.norm(coupling) < 0.1 * apart:
        assert deficit <= 1.001 * np.linalg.norm(coupling) ** 2 / (beyond - values[-1])


def test_the_deficit_without_a_bound_of_the_rest_is_infinite():
    assert deficit_of_sum(np.zeros(2), np.ones(2), -np.inf) == np.inf
    assert deficit_of_sum(np.zeros(2), np.ones(2), np.inf) == 0.0


def test_a_block_too_large_for_lobpcg_is_refused():
    with pytest.raises(qx.InputError, match="use Dense"):
        solve(np.diag(np.arange(20.0)), 2, Lobpcg())
