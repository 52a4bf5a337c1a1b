"""Null models of the success probability: what needs no quantum many-body effect to explain."""

from __future__ import annotations

import numpy as np

from ..anneal.hamiltonian import AnnealHamiltonian
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
    flips = 1 << np.arange(H.num_qubits)
    costs = np.maximum(energies[H.problem.ground_indices[:, None] ^ flips] - lowest, 0.0)
    costs[costs <= H.problem.ground_tolerance] = 0.0
    splittings, inverse = np.unique(costs, return_inverse=True)
    single = [_one_qubit(H, float(eps), tau, method) for eps in splittings]
    return min(float(np.prod(np.array(single)[inverse.reshape(costs.shape)], axis=1).sum()), 1.0)


def _one_qubit(H: AnnealHamiltonian, eps: float, tau: float, method: AnnealMethod | None) -> float:
    if eps == 0.0:
        return 0.5
    alone = AnnealHamiltonian(QuboProblem(np.array([-eps]), np.zeros((1, 1))), H.schedule, H.driver)
    return anneal(alone, tau, method).success_probability
