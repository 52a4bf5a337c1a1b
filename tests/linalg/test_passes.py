"""The passes over the vectors of an eigen-solve, against the formulas that they stand for."""

import collections

import numba
import numpy as np
import pytest

import qxgap as qx
from qxgap.linalg import arrays as arrays_module
from qxgap.linalg import passes
from qxgap.linalg.arrays import HOST, Arrays, CountedOperator
from qxgap.linalg.passes import passes_for
from qxgap.linalg.subspace import Subspace
from qxgap.testing import random_feature_selection


def kinds():
    yield HOST
    try:
        import torch
    except ImportError:
        return
    yield Arrays(torch, torch.float64, "cpu")


EACH_KIND = pytest.mark.parametrize("arrays", list(kinds()), ids=lambda a: a.xp.__name__)
N = 5000  # more than two pieces, and no multiple of them


def some_rows(arrays, m, seed=0):
    rows = np.random.default_rng(seed).normal(size=(2 * m + 2, N)) / N**0.5
    return rows, arrays.copy(rows), np.random.default_rng(seed + 1)


@EACH_KIND
@pytest.mark.parametrize("m", [1, 2, 5, 8])
@pytest.mark.parametrize("preconditioned", [True, False])
def test_a_direction_is_olsens_correction_and_becomes_orthogonal(m, preconditioned, arrays):
    known, rows, rng = some_rows(arrays, m)
    weights, diagonal, value, least = rng.normal(size=m), rng.uniform(-1, 9, N), 0.2, 0.1
    basis, images = known[: 2 * m : 2], known[1 : 2 * m : 2]
    x, r = weights @ basis, weights @ images - value * (weights @ basis)
    shifted = diagonal - value
    shifted[np.abs(shifted) < least] = least
    expected = r / shifted - (x @ (r / shifted)) / (x @ (x / shifted)) * x / shifted
    ours = passes_for(arrays)
    given = arrays.array(diagonal) if preconditioned else None
    found = ours.direction(rows, weights, value, least, given, 10.0)
    t = expected if preconditioned else r
    assert found.residual == pytest.approx(np.linalg.norm(r), rel=1e-12)
    np.testing.assert_allclose(found.products, basis @ t, atol=1e-12)
    assert found.square == pytest.approx(t @ t, rel=1e-12)
    parts = rng.normal(size=m)
    products = np.asarray(ours.orthogonalize(rows, found, parts, 3.0))
    w = 3.0 * (t - parts @ basis)
    np.testing.assert_allclose(np.asarray(rows[2 * m]), w, atol=1e-12)
    np.testing.assert_allclose(products, [*(basis @ w), w @ w], atol=1e-11)


@EACH_KIND
@pytest.mark.parametrize("m", [1, 3, 8])
def test_residuals_and_restarts_are_combinations_of_the_rows(m, arrays):
    known, rows, rng = some_rows(arrays, m)
    weights, values, ours = rng.normal(size=(m, 2)), np.array([0.3, -2.0]), passes_for(arrays)
    basis, images = known[: 2 * m : 2], known[1 : 2 * m : 2]
    expected = np.linalg.norm(weights.T @ images - values[:, None] * (weights.T @ basis), axis=1)
    np.testing.assert_allclose(ours.residuals(rows, weights, values), expected, rtol=1e-12)
    np.testing.assert_allclose(
        np.asarray(ours.project(rows, m, rows[1])), basis @ known[1], atol=1e-12
    )
    retained = rng.normal(size=(m, max(m - 1, 1)))
    ours.restart(rows, retained)
    count = 2 * retained.shape[1]
    np.testing.assert_allclose(np.asarray(rows[:count:2]), retained.T @ basis, atol=1e-12)
    np.testing.assert_allclose(np.asarray(rows[1:count:2]), retained.T @ images, atol=1e-12)


@EACH_KIND
def test_the_recurrence_is_that_of_lanczos(arrays):
    known, rows, rng = some_rows(arrays, 3)
    ours, threshold, least = passes_for(arrays), 0.4, 0.05
    diagonal, lifted = rng.uniform(-1, 5, N), rng.normal(size=2)
    inverse = np.maximum(diagonal - threshold, least)
    vectors = known[4:6]
    expectations, numbers = ours.enter_recurrence(
        rows[0], rows[4:6], arrays.array(diagonal), threshold, least
    )
    y = known[0] / inverse**0.5
    np.testing.assert_allclose(np.asarray(rows[0]), y, atol=1e-13)
    np.testing.assert_allclose(expectations, (vectors**2) @ inverse, rtol=1e-12)
    expected = [*(vectors @ y), y @ y, known[0] @ known[0]]
    np.testing.assert_allclose(numbers, expected, atol=1e-12)
    numbers = ours.recur(
        rows[1],
        rows[0],
        rows[2],
        rows[4:6],
        lifted,
        arrays.array(diagonal),
        threshold,
        least,
        (1.5, 0.25, 0.7),
    )
    alpha = 1.5**2 * (y @ known[1] + 0.25)
    z = (1.5 * (known[1] - threshold * y) + lifted @ vectors) / inverse
    z -= 1.5 * alpha * y + 0.7 * known[2]
    np.testing.assert_allclose(np.asarray(rows[2]), z, atol=1e-10)
    expected = [*(vectors @ z), z @ z, z @ (z * inverse), alpha]
    np.testing.assert_allclose(numbers, expected, rtol=1e-10, atol=1e-10)


def test_no_result_depends_on_the_number_of_threads(monkeypatch):
    monkeypatch.setattr(passes, "THREADS_FROM", N)
    monkeypatch.setattr(arrays_module, "THREADS_FROM", N)
    found = []
    for threads in (1, 2, 5):
        monkeypatch.setattr(numba, "get_num_threads", lambda threads=threads: threads)
        _, rows, rng = some_rows(HOST, 4)
        diagonal = rng.uniform(-1, 9, N)
        direction = passes_for(HOST).direction(rows, np.ones(4), 0.2, 0.1, diagonal, 9.0)
        random = HOST.random(N, np.random.default_rng(0))
        found.append([*direction.products, direction.residual, *rows[8], *random])
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


@EACH_KIND
@pytest.mark.parametrize("apart", [1.0, 1e-4, 1e-9, 1e-12])
def test_ritz_vectors_are_orthonormal_however_close_the_vectors_are(apart, arrays):
    rng = np.random.default_rng(3)
    diagonal = arrays.array(np.arange(N) / N)

    def multiply(v, out):
        out[:] = diagonal * v

    space = Subspace(CountedOperator(multiply, N, 1.0, arrays), 9)
    first = rng.normal(size=N)
    for _ in range(8):
        vector = first + apart * rng.normal(size=N)
        assert space.append(arrays.array(vector))
        inside = np.asarray(space.rows[: 2 * space.size : 2])
        assert np.linalg.norm(vector - inside.T @ (inside @ vector)) <= 1e-11 * N**0.5
    values, coefficients = space.ritz()
    vectors = np.asarray(space.vectors(coefficients))
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(8), atol=1e-13)
    expectations = np.sum(vectors**2 * np.arange(N) / N, axis=1)
    np.testing.assert_allclose(values, expectations, atol=1e-13)
    assert not space.append(space.vectors(coefficients[:, :1])[0])


def test_a_step_reads_its_vectors_three_times_and_a_step_of_the_check_once(monkeypatch):
    calls, original = collections.Counter(), passes._over_ranges

    def counted(kernel, *arguments):
        calls[kernel.__name__] += 1
        return original(kernel, *arguments)

    monkeypatch.setattr(passes, "_over_ranges", counted)
    H = qx.AnnealHamiltonian(random_feature_selection(11, seed=2))
    pairs = qx.lowest_eigenpairs(
        H.to_linear_operator(0.3, 0.7),
        2,
        qx.Davidson(tol=1e-9),
        norm_bound=H.norm_bound(0.3, 0.7),
        diagonal=0.7 * H.diagonal,
    )
    assert pairs.status is qx.linalg.EigenStatus.CONVERGED
    # the last products are those of the vectors that are returned
    steps = pairs.matvecs - calls["recur"] - 2
    assert steps > 20
    # the three start vectors are projected first; the direction that shows that the target has
    # converged does not join the basis
    assert calls["direction"] <= steps - 3 + 8
    assert calls["orthogonalize"] <= steps + 2
    assert calls["project"] <= steps + 3
    assert calls["restart"] <= steps / 3
    assert calls["residuals"] <= 8
