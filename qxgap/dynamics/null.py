"""Null models of the success probability, which need no quantum many-body effect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import QubitsLike, all_qubits, as_qubits
from ..annealing.drivers import TransverseField
from ..annealing.hamiltonian import AnnealHamiltonian
from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from ..problem.bits import bits_to_index, index_to_bits
from ..problem.proven_levels import (
    MOST_ENUMERATED,
    AllStates,
    KnownLevels,
    LevelMethod,
    known_levels,
)
from ..problem.qubo import QuboProblem
from .many import anneal_many
from .methods import SplitOperator, StateMethod
from .readout import AnnealResult
from .solve import anneal

GroundLike = KnownLevels | LevelMethod | None
"""What a caller may know of the ground states: the levels, or a method that finds them."""

QUBITS_TOGETHER = 4
"""Qubits without couplings that are annealed together: one alone takes as long, because layers
treat 16 amplitudes at a time. Qubits of similar splittings need similar steps."""

_UNKNOWN = (
    "the ground states are not all known, because the lowest energy is not proven or more than "
    "10,000 states have it; in Python give ground=BranchAndBound(max_nodes=...) with more nodes"
)


def random_guess(problem: ProblemLike, ground: GroundLike = None) -> float:
    """Return the probability that a uniformly random state is a ground state.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    ground : KnownLevels, AllStates, BranchAndBound or None
        The ground states, or the method of :func:`~qxgap.problem.known_levels` that finds them.
        None takes all 2^d states up to 24 qubits, and branch and bound beyond.

    Returns
    -------
    float
        Number of ground states divided by 2^d.

    Raises
    ------
    InputError
        If the number of ground states is not known.

    Examples
    --------
    >>> import qxgap as qx
    >>> qx.random_guess(qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]]))
    0.25
    """
    problem = as_problem(problem)
    if _is_enumerated(problem, ground):
        return problem.degeneracy / 2**problem.num_qubits
    degeneracy = _levels(problem, ground).degeneracy
    if degeneracy is None:
        raise InputError(_UNKNOWN)
    return degeneracy / 2**problem.num_qubits


def product_success(
    H: QubitsLike,
    tau: float,
    method: StateMethod | None = None,
    *,
    throw: bool = True,
    ground: GroundLike = None,
) -> float:
    """Return the success probability of qubits that are annealed independently of each other.

    It is ``sum_g prod_p F_1(eps_p, tau)`` over the ground states g. Here ``eps_p`` is the energy of
    flipping variable p, and F_1 the success probability of one qubit with that level splitting in
    the same driver and schedule (1/2 for ``eps_p = 0``). The value is exact for uncoupled
    variables, and at most 1.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian; a problem is given the linear schedule and the driver ``-sum sigma_x``.
    tau : float
        Anneal time.
    method : SplitOperator or QutipODE, optional
        Method of integration; by default ``SplitOperator()``.
    throw : bool
        Whether to raise IntegrationError if the tolerance is not reached within ``max_steps``.
    ground : KnownLevels, AllStates, BranchAndBound or None
        The ground states, or the method of :func:`~qxgap.problem.known_levels` that finds them.
        None takes all 2^d states up to 24 qubits, and branch and bound beyond.

    Returns
    -------
    float
        Success probability of the null model.

    Raises
    ------
    InputError
        If the ground states are not all known.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> round(qx.product_success(problem, tau=10.0), 3)
    0.894
    """
    H = as_qubits(H)
    costs, weights = _flips(H, ground)
    pairs = np.stack([costs.ravel(), weights.ravel()], axis=1)
    distinct, inverse = np.unique(pairs, axis=0, return_inverse=True)
    successes = np.full(len(distinct), 0.5)
    for part in _together(distinct[:, 0]):
        run = anneal(_separate_qubits(H, *distinct[part].T), tau, method, throw=throw)
        successes[part] = _successes(run)
    return _sum_of_products(costs.shape, successes[inverse])


def product_success_many(
    hamiltonians: Sequence[QubitsLike], tau: float, method: SplitOperator | None = None
) -> list[float]:
    """Return :func:`product_success` of many Hamiltonians; their qubits are annealed together.

    Parameters
    ----------
    hamiltonians : sequence of AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonians of any sizes and schedules.
    tau : float
        Anneal time.
    method : SplitOperator, optional
        Method of integration; by default ``SplitOperator()``.

    Returns
    -------
    list of float
        Success probability of the null model of each.

    Examples
    --------
    >>> import qxgap as qx
    >>> problems = [qx.testing.random_feature_selection(d, seed=d) for d in (3, 4)]
    >>> together = qx.dynamics.product_success_many(problems, tau=10.0)
    >>> abs(together[0] - qx.product_success(problems[0], tau=10.0)) < 1e-5
    True
    """
    hamiltonians = all_qubits(hamiltonians)
    flips = [_flips(H) for H in hamiltonians]
    parts = [(i, part) for i, (costs, _) in enumerate(flips) for part in _together(costs.ravel())]
    separate = [
        _separate_qubits(hamiltonians[i], *(values.ravel()[part] for values in flips[i]))
        for i, part in parts
    ]
    successes = [np.full(costs.size, 0.5) for costs, _ in flips]
    for (i, part), run in zip(parts, anneal_many(separate, tau, method), strict=True):
        successes[i][part] = _successes(run)
    shapes = [costs.shape for costs, _ in flips]
    return [_sum_of_products(*pair) for pair in zip(shapes, successes, strict=True)]


def _is_enumerated(problem: QuboProblem, ground: GroundLike) -> bool:
    """Return whether the ground states are those of the problem's list of all energies."""
    return isinstance(ground, AllStates) or (
        ground is None and problem.num_qubits <= MOST_ENUMERATED
    )


def _levels(problem: QuboProblem, ground: GroundLike) -> KnownLevels:
    """Return the levels that were given, or those that the method finds."""
    return ground if isinstance(ground, KnownLevels) else known_levels(problem, ground)


def _flips(
    H: AnnealHamiltonian, ground: GroundLike = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Energy of flipping each qubit in each ground state, and its driver weight, (g, d) each."""
    problem = H.problem
    if _is_enumerated(problem, ground):
        energies, lowest = problem.diagonal, problem.diagonal.min()
        single_bits = bits_to_index(np.eye(H.num_qubits, dtype=np.uint8))
        costs = energies[problem.ground_indices[:, None] ^ single_bits] - lowest
    else:
        states = _levels(problem, ground).ground_states
        if states is None:
            raise InputError(_UNKNOWN)
        n = states.astype(np.float64)
        costs = (1 - 2 * n) * (problem.h + n @ (problem.J + problem.J.T))
    costs = np.maximum(costs, 0.0)
    costs[costs <= problem.ground_tolerance] = 0.0
    return costs, np.broadcast_to(H.driver.weights(H.num_qubits), costs.shape)


def _together(costs: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Positions of the costs above 0, those of qubits that are annealed together side by side."""
    order = np.argsort(costs, kind="stable")
    positive = order[costs[order] > 0]
    firsts = range(0, positive.size, QUBITS_TOGETHER)
    return [positive[first : first + QUBITS_TOGETHER] for first in firsts]


def _separate_qubits(
    H: AnnealHamiltonian, costs: NDArray[np.float64], weights: NDArray[np.float64]
) -> AnnealHamiltonian:
    """Qubits without couplings, of these splittings and driver weights, in the schedule of H."""
    problem = QuboProblem(-costs, np.zeros((costs.size, costs.size)))
    return AnnealHamiltonian(problem, H.schedule, TransverseField(tuple(weights.tolist())))


def _successes(run: AnnealResult) -> NDArray[np.float64]:
    """Probability of each qubit to be read as 1, its ground state."""
    d = run.problem.num_qubits
    return np.asarray(run.probabilities @ index_to_bits(np.arange(1 << d), d))


def _sum_of_products(shape: tuple[int, ...], successes: ArrayLike) -> float:
    """Sum over ground states of the products over qubits of their successes; at most 1."""
    return min(float(np.reshape(successes, shape).prod(axis=1).sum()), 1.0)
