"""Null models of the success probability: what needs no quantum many-body effect to explain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import QubitsLike, as_qubits
from ..annealing.drivers import TransverseField
from ..annealing.hamiltonian import AnnealHamiltonian
from ..problem.accept import ProblemLike, as_problem
from ..problem.bits import bits_to_index
from ..problem.qubo import QuboProblem
from .closed import AnnealMethod, SplitOperator, anneal
from .many import anneal_many


def random_guess(problem: ProblemLike) -> float:
    """Probability that a uniformly random state is a ground state."""
    problem = as_problem(problem)
    return problem.degeneracy / 2**problem.num_qubits


def product_success(H: QubitsLike, tau: float, method: AnnealMethod | None = None) -> float:
    """Success probability if every qubit were swept alone: ``sum_g prod_p F_1(eps_p, tau)``.

    For each ground state g, ``eps_p`` is the energy of flipping variable p, and F_1 the success
    probability of one qubit in the same driver and schedule with that splitting (1/2 for
    ``eps_p = 0``). Exact for uncoupled variables; at most 1.
    """
    H = as_qubits(H)
    costs, weights = _sweeps(H)
    pairs = np.stack([costs.ravel(), weights.ravel()], axis=1)
    distinct, inverse = np.unique(pairs, axis=0, return_inverse=True)
    alone = [
        anneal(_one_qubit(H, e, w), tau, method).success_probability if e else 0.5
        for e, w in distinct.tolist()
    ]
    return _product(costs.shape, np.array(alone)[inverse])


def product_success_many(
    hamiltonians: Sequence[AnnealHamiltonian], tau: float, method: SplitOperator | None = None
) -> list[float]:
    """Return what ``[product_success(H, tau, method) for H in hamiltonians]`` gives, but faster."""
    sweeps = [_sweeps(H) for H in hamiltonians]
    alone = [
        _one_qubit(H, e, w)
        for H, (costs, weights) in zip(hamiltonians, sweeps, strict=True)
        for e, w in zip(costs.ravel().tolist(), weights.ravel().tolist(), strict=True)
        if e
    ]
    runs = iter(anneal_many(alone, tau, method))
    return [
        _product(costs.shape, [next(runs).success_probability if e else 0.5 for e in costs.flat])
        for costs, _ in sweeps
    ]


def _sweeps(H: AnnealHamiltonian) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cost of flipping each qubit in each ground state, and its driver weight: (g, d) each."""
    energies, lowest = H.problem.diagonal, H.problem.diagonal.min()
    flips = bits_to_index(np.eye(H.num_qubits, dtype=np.uint8))
    costs = np.maximum(energies[H.problem.ground_indices[:, None] ^ flips] - lowest, 0.0)
    costs[costs <= H.problem.ground_tolerance] = 0.0
    return costs, np.broadcast_to(H.driver.weights(H.num_qubits), costs.shape)


def _one_qubit(H: AnnealHamiltonian, eps: float, weight: float) -> AnnealHamiltonian:
    problem = QuboProblem(np.array([-eps]), np.zeros((1, 1)))
    return AnnealHamiltonian(problem, H.schedule, TransverseField(weight))


def _product(shape: tuple[int, ...], alone: ArrayLike) -> float:
    return min(float(np.reshape(alone, shape).prod(axis=1).sum()), 1.0)
