"""The three forms of H(s) against an independent tensor product of Pauli matrices."""

import functools

import numpy as np
import pytest

import qxgap as qx
from qxgap.annealing.accept import as_hamiltonian
from qxgap.annealing.protocol import missing_members
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
    np.testing.assert_allclose(qx.to_qobjevo(H, 7.0)(7.0 * s).full(), expected, atol=1e-13)
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


class Doubled:
    """Another implementation of the protocol: twice a Hamiltonian, which it wraps."""

    def __init__(self, H, schedule=None):
        self.H = H
        self.schedule = schedule or H.schedule
        self.dimension, self.degeneracy = H.dimension, H.degeneracy
        self.diagonal, self.driver_diagonal = 2 * H.diagonal, 2 * H.driver_diagonal
        self.offset, self.ground_tolerance = 2 * H.offset, 2 * H.ground_tolerance
        self.typical_energies = tuple(2 * energy for energy in H.typical_energies)
        self.instance_hash = f"2{H.instance_hash[1:]}"

    def with_schedule(self, schedule):
        return Doubled(self.H, schedule)

    def norm_bound(self, A, B):
        return 2 * self.H.norm_bound(A, B)

    def apply(self, A, B, v):
        return 2 * self.H.apply(A, B, v)

    def to_linear_operator(self, A, B):
        return 2 * self.H.to_linear_operator(A, B)

    def to_sparse(self, A, B):
        return 2 * self.H.to_sparse(A, B)

    def to_dense(self, A, B):
        return 2 * self.H.to_dense(A, B)


@pytest.mark.parametrize("method", [None, qx.Davidson(), qx.Lanczos(), qx.Dense()])
def test_any_class_with_the_members_of_a_hamiltonian_is_accepted(method):
    H = qx.AnnealHamiltonian(random_feature_selection(5, seed=2))
    doubled = Doubled(H)
    assert missing_members(doubled) == []
    assert as_hamiltonian(doubled) is doubled
    one, two = qx.minimum_gap(H, method=method), qx.minimum_gap(doubled, method=method)
    assert two.value == pytest.approx(2 * one.value, rel=2e-3)
    assert two.for_schedule(doubled, H.schedule).lower == pytest.approx(two.lower, rel=2e-3)
    with pytest.raises(qx.InputError, match="H is a Doubled, whose driver is no transverse field"):
        qx.anneal(doubled, 1.0)
    with pytest.raises(qx.InputError, match="hamiltonians is a Doubled; give a list of them"):
        qx.anneal_many(doubled, 1.0)
    with pytest.raises(qx.InputError, match=r"hamiltonians\[0\] is a Doubled, whose driver"):
        qx.anneal_many([doubled], 1.0)


def test_what_a_hamiltonian_lacks_is_named(monkeypatch):
    doubled = Doubled(qx.AnnealHamiltonian(random_feature_selection(2, seed=2)))
    monkeypatch.delattr(Doubled, "to_sparse")
    del doubled.offset
    with pytest.raises(qx.InputError, match="H is a Doubled, which lacks offset, to_sparse of a"):
        qx.minimum_gap(doubled)
    with pytest.raises(qx.InputError, match="H is a Doubled, which lacks offset, to_sparse of a"):
        qx.anneal(doubled, 1.0)


def test_no_diagonal_is_computed_to_see_whether_it_is_a_hamiltonian():
    H = qx.AnnealHamiltonian(qx.QuboProblem(np.ones(60), np.zeros((60, 60))))
    assert missing_members(H) == []
    assert as_hamiltonian(H) is H


@pytest.mark.parametrize("kind", ["qubits", "matrix"])
def test_with_schedule_keeps_driver_and_problem(kind):
    problem = random_feature_selection(4, seed=1)
    H = qx.AnnealHamiltonian(problem, driver=qx.TransverseField(0.3))
    if kind == "matrix":
        H = qx.FixedSizeSubspace(2).hamiltonian(problem)
    fast = qx.schedule_named("Advantage2_system2_fast")
    again = H.with_schedule(fast)
    assert (type(again), again.schedule) == (type(H), fast)
    assert again.instance_hash == H.instance_hash
    np.testing.assert_array_equal(again.to_dense(1.0, 2.0), H.to_dense(1.0, 2.0))


def test_the_hash_of_a_matrix_hamiltonian_stays_the_same():
    problem = qx.QuboProblem([0.5, -1.0, 2.0], [[0, 1.5, 0], [0, 0, 1], [0, 0, 0]])
    assert qx.FixedSizeSubspace(2).hamiltonian(problem).instance_hash == "5628a3d07b5e231b"
