"""Eigen-solves in the mean-field frame."""

import numpy as np
import pytest

import qxgap as qx
from qxgap.annealing.frame import mean_field_frame
from qxgap.linalg.methods import Davidson, Dense
from qxgap.problem import QuboProblem
from qxgap.spectra.low_levels import lowest_levels
from qxgap.testing import random_feature_selection


def case(d, seed, u):
    weights = np.random.default_rng(seed).uniform(0.2, 2.0, d)
    problem = random_feature_selection(d, seed=seed)
    H = qx.AnnealHamiltonian(problem, driver=qx.TransverseField(tuple(weights)))
    return H, mean_field_frame(problem, weights, 1.0 - u, u)


@pytest.mark.parametrize("u", [0.2, 0.6, 0.9, 0.97])
@pytest.mark.parametrize("seed", [1, 2])
def test_levels_and_vectors_are_those_of_the_hamiltonian(u, seed):
    H, _ = case(10, seed, u)
    exact, _ = lowest_levels(H, 1.0 - u, u, 4, Dense())
    found, vectors = lowest_levels(H, 1.0 - u, u, 4, Davidson(tol=1e-10))
    np.testing.assert_allclose(found.values, exact.values, rtol=0, atol=1e-10)
    matrix = H.to_sparse(*H.schedule(u))
    residual = np.linalg.norm(matrix @ vectors - vectors * found.values, axis=0)
    assert np.all(residual <= 1e-8)


@pytest.mark.parametrize("convention", ["paper", "authors-code"])
def test_it_saves_most_products_where_neither_end_is_near(convention):
    d, u = 12, 0.5
    driver = qx.Convention(convention).driver(d)
    u = u if convention == "paper" else u / (u + (1 - u) * d)
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=3), driver=driver)
    framed, _ = lowest_levels(H, 1.0 - u, u, 2, Davidson())
    plain = qx.lowest_eigenpairs(
        H.to_linear_operator(1.0 - u, u),
        2,
        Davidson(),
        norm_bound=H.norm_bound(1.0 - u, u),
        diagonal=u * H.diagonal,
    )
    np.testing.assert_allclose(framed.values, plain.values, rtol=0, atol=1e-10)
    assert framed.matvecs < 0.6 * plain.matvecs


def test_a_symmetric_problem_has_a_frame():
    # no fields: the mean field may break the symmetry, the levels do not
    spin = QuboProblem.from_bqm(qx_ring(10))
    H = qx.AnnealHamiltonian(spin)
    exact, _ = lowest_levels(H, 0.4, 0.6, 3, Dense())
    found, _ = lowest_levels(H, 0.4, 0.6, 3, Davidson())
    np.testing.assert_allclose(found.values, exact.values, rtol=0, atol=1e-10)


def qx_ring(n):
    import dimod

    return dimod.BinaryQuadraticModel({}, {(i, (i + 1) % n): -1.0 for i in range(n)}, 0.0, "SPIN")
