"""The mean-field frame: its rotation, its diagonal, and the state that makes it."""

import functools

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.annealing.frame import ProductFrame, mean_field_frame
from qxgap.testing import random_feature_selection


def case(d, seed, u):
    weights = np.random.default_rng(seed).uniform(0.2, 2.0, d)
    problem = random_feature_selection(d, seed=seed)
    H = qx.AnnealHamiltonian(problem, driver=qx.TransverseField(tuple(weights)))
    return H, mean_field_frame(problem, weights, 1.0 - u, u)


def rotation(theta):
    """R as a matrix: Kronecker product of rotations about y, qubit 0 leftmost."""
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    return functools.reduce(
        np.kron, [np.array([[a, -b], [b, a]]) for a, b in zip(c, s, strict=True)]
    )


@pytest.mark.parametrize("d", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("u", [0.1, 0.5, 0.9, 0.99])
def test_the_frame_is_a_rotation_whose_diagonal_it_knows(d, u):
    H, frame = case(d, d, u)
    R = rotation(frame.theta)
    matrix = R.T @ H.to_sparse(*H.schedule(u)).toarray() @ R
    np.testing.assert_allclose(frame.diagonal(), np.diag(matrix), rtol=0, atol=1e-12 * d)
    assert frame.energy == pytest.approx(matrix[0, 0], abs=1e-12 * d)
    v = np.random.default_rng(0).normal(size=1 << d)
    np.testing.assert_allclose(frame.to_lab(v.copy()), R @ v, rtol=0, atol=1e-12)
    np.testing.assert_allclose(frame.from_lab(v.copy()), R.T @ v, rtol=0, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(0, 10**6), st.floats(0.05, 0.95))
def test_the_product_state_is_a_minimum_of_the_energy(d, seed, u):
    H, frame = case(d, seed, u)
    problem, weights = H.problem, H.driver.weights(d)

    def energy(theta):
        return ProductFrame(problem, weights, 1.0 - u, u, theta).energy

    best = scipy.optimize.minimize(energy, frame.theta).fun
    assert frame.energy == pytest.approx(best, abs=1e-7)
