"""The three forms of H(s) against an independent tensor product of Pauli matrices."""

import functools

import numpy as np
import pytest

import qxgap as qx
from qxgap.testing import random_feature_selection

X = np.array([[0.0, 1.0], [1.0, 0.0]])
N = np.diag([0.0, 1.0])


def embed(op, q, d):
    return functools.reduce(np.kron, [op if p == q else np.eye(2) for p in range(d)])


def dense(problem, weight, A, B):
    d = problem.num_qubits
    n = [embed(N, q, d) for q in range(d)]
    H_P = sum(problem.h[p] * n[p] for p in range(d)) + sum(
        problem.J[p, q] * n[p] @ n[q] for p in range(d) for q in range(p + 1, d)
    )
    return -A * weight * sum(embed(X, q, d) for q in range(d)) + B * H_P


@pytest.mark.parametrize("d", [1, 2, 5, 8])
@pytest.mark.parametrize("convention", ["paper", "authors-code"])
@pytest.mark.parametrize("s", [0.0, 0.37, 1.0])
def test_all_forms_agree_with_pauli_products(d, convention, s):
    problem = random_feature_selection(d, seed=d)
    driver = qx.Convention(convention).driver(d)
    H = qx.AnnealHamiltonian(problem, driver=driver)
    expected = dense(problem, 1.0 if convention == "paper" else 1 / d, 1 - s, s)
    np.testing.assert_allclose(H.to_sparse(*H.schedule(s)).toarray(), expected, atol=1e-13)
    np.testing.assert_allclose(
        H.to_linear_operator(*H.schedule(s)) @ np.eye(2**d), expected, atol=1e-13
    )
    np.testing.assert_allclose(H.to_qobjevo(7.0)(7.0 * s).full(), expected, atol=1e-13)
    v = np.random.default_rng(0).normal(size=2**d) + 1j
    np.testing.assert_allclose(H.matvec(s, v), expected @ v, atol=1e-12)
    assert H.norm_bound(1 - s, s) >= np.linalg.norm(expected, 2) - 1e-12


def test_parallel_matvec_agrees_with_sparse():
    problem = random_feature_selection(15, seed=1)
    H = qx.AnnealHamiltonian(problem)
    v = np.random.default_rng(0).normal(size=2**15)
    np.testing.assert_allclose(H.matvec(0.4, v), H.to_sparse(*H.schedule(0.4)) @ v, atol=1e-12)


def test_bad_input_is_named():
    H = qx.AnnealHamiltonian(random_feature_selection(3, seed=0))
    with pytest.raises(qx.InputError, match="outside"):
        H.matvec(1.2, np.ones(8))
    with pytest.raises(qx.InputError, match="shape"):
        H.matvec(0.2, np.ones(7))
    with pytest.raises(qx.InputError, match="unknown convention"):
        qx.Convention("mine")
    with pytest.raises(qx.InputError, match="rise strictly"):
        qx.AnnealSchedule([0, 0.5, 0.5, 1], [1, 1, 1, 0], [0, 0, 0, 1], "bad")
    with pytest.raises(qx.InputError, match="at least one"):
        random_feature_selection(-1)


def test_an_inhomogeneous_driver_follows_the_qubits():
    problem = random_feature_selection(3, seed=5)
    H = qx.AnnealHamiltonian(problem, driver=qx.TransverseField([0.5, 1.0, 2.0]))
    expected = -sum(w * embed(X, q, 3) for q, w in enumerate([0.5, 1.0, 2.0]))
    np.testing.assert_allclose(H.to_sparse(*H.schedule(0.0)).toarray(), expected, atol=1e-14)
    assert np.linalg.eigvalsh(expected)[:2] == pytest.approx(qx.spectrum(H, 0.0).energies[0])
    with pytest.raises(qx.InputError, match="3 weights for 4 qubits"):
        qx.AnnealHamiltonian(random_feature_selection(4, seed=0), driver=H.driver)
    with pytest.raises(qx.InputError, match="positive"):
        qx.TransverseField([1.0, 0.0])
