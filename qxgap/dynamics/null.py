"""Null models of the success probability: what needs no quantum many-body effect to explain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..anneal.hamiltonian import AnnealHamiltonian, TransverseField
from ..problem.bits import bits_to_index
from ..problem.qubo import QuboProblem
from .closed import AnnealMethod, anneal


def random_guess(problem: QuboProblem) -> float:
    """Probability that a uniformly random state is a ground state."""
    return problem.degeneracy / 2**problem.num_qubits


def product_success(H: AnnealHamiltonian, tau: float, method: AnnealMethod | None = None) -> float:
    """Success probability if every qubit were swept alone: ``sum_g prod_p F_1(eps_p, tau)``.

    For each ground state g, ``eps_p`` is the energy of flipping variable p, and F_1 the success
    probability of one qubit in the same driver and schedule with that splitting (1/2 for
    ``eps_p = 0``). Exact for uncoupled variables; at most 1.
    """
    energies, lowest = H.problem.diagonal, H.problem.diagonal.min()
    costs = np.maximum(energies[H.problem.ground_indices[:, None] ^ _flips(H)] - lowest, 0.0)
    costs[costs <= H.problem.ground_tolerance] = 0.0
    weights = np.broadcast_to(H.driver.weights(H.num_qubits), costs.shape)
    pairs = np.stack([costs.ravel(), weights.ravel()], axis=1)
    distinct, inverse = np.unique(pairs, axis=0, return_inverse=True)
    alone = np.array([_one_qubit(H, float(e), float(w), tau, method) for e, w in distinct])
    return min(float(alone[inverse].reshape(costs.shape).prod(axis=1).sum()), 1.0)


def _flips(H: AnnealHamiltonian) -> NDArray[np.int64]:
    """State-index masks that flip one qubit each, in qubit order."""
    return bits_to_index(np.eye(H.num_qubits, dtype=np.uint8))


def _one_qubit(
    H: AnnealHamiltonian, eps: float, weight: float, tau: float, method: AnnealMethod | None
) -> float:
    if eps == 0.0:
        return 0.5
    problem = QuboProblem(np.array([-eps]), np.zeros((1, 1)))
    alone = AnnealHamiltonian(problem, H.schedule, TransverseField(weight))
    return anneal(alone, tau, method).success_probability
