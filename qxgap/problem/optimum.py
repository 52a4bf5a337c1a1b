"""The optimum of a QUBO that is too large to enumerate, or the best known state with a bound."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..progress import Progress, followed
from ..results import Result, plain
from ..statistics.seeds import Seed, random_generator
from .accept import ProblemLike, as_problem
from .branch import search
from .qubo import QuboProblem
from .reduction import reduce

PROOF_SHARE = 0.25
"""The share of the ground tolerance by which the search may miss the optimum.

The merging of equivalent variables, see :mod:`.reduction`, uses another share.
"""


class OptimumStatus(Enum):
    """Whether a selection is proven to be optimal; the value is the message.

    Attributes
    ----------
    OPTIMAL
        No selection has a lower energy, to within ``problem.ground_tolerance`` (1e-13 of the energy
        scale unless the problem has another one): the selection is a ground state.
    BEST_KNOWN
        The search visited its largest number of nodes before it had ruled out all other selections.
    """

    OPTIMAL = "optimal"
    BEST_KNOWN = "best known: the search ended before it had ruled out all others"


@dataclass(frozen=True, eq=False, repr=False)
class Optimum(Result):
    """A selection of low energy, and how far it can be from the best one.

    Attributes
    ----------
    selection : tuple of hashable
        The labels with n = 1, in qubit order.
    occupations : ndarray of uint8, shape (d,)
        The selection as bits, in qubit order.
    energy : float
        The energy of the selection, offset included.
    lower : float
        A lower bound of the energy of every selection. If the status is OPTIMAL it equals
        ``energy``; see :class:`OptimumStatus` for the accuracy.
    status : OptimumStatus
        OPTIMAL or BEST_KNOWN.
    nodes : int
        The number of nodes that branch and bound visited; 0 if reduction solves the problem.
    num_fixed : int
        The number of variables that reduction fixed before the search.

    Examples
    --------
    >>> import qxgap as qx
    >>> optimum = qx.minimize(qx.testing.random_feature_selection(30, seed=1), seed=1)
    >>> print(optimum.status.value)
    optimal
    >>> optimum.energy == optimum.lower
    True
    """

    selection: tuple[Hashable, ...]
    occupations: NDArray[np.uint8]
    energy: float
    lower: float
    status: OptimumStatus
    nodes: int
    num_fixed: int

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain Python values.

        Returns
        -------
        dict of str
            selection, size, energy, lower, status, nodes and num_fixed.
        """
        return {
            "selection": plain(self.selection),
            "size": len(self.selection),
            "energy": self.energy,
            "lower": self.lower,
            "status": self.status.name,
            "nodes": self.nodes,
            "num_fixed": self.num_fixed,
        }

    def __str__(self) -> str:
        selected = f"{len(self.selection)} of {self.occupations.size} variables"
        if self.status is OptimumStatus.OPTIMAL:
            return (
                f"The best selection has {selected}, at energy {self.energy:.4g}; it is proven "
                "that no other is lower."
            )
        return (
            f"The best selection found has {selected}, at energy {self.energy:.4g}; it is not "
            f"proven to be the best, but none is below {self.lower:.4g}."
        )


def minimize(
    problem: ProblemLike,
    *,
    max_nodes: int = 200_000,
    num_starts: int = 100,
    seed: Seed = None,
    progress: Progress = None,
) -> Optimum:
    """Find the selection of lowest energy by reduction, local search, and branch and bound.

    Feature-selection problems are solved quickly, because redundancy keeps their optima small.
    Problems whose optimum selects a third of several hundred variables may not be solved.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    max_nodes : int
        The number of nodes after which the search ends. A node takes about 0.05 ms at d = 170. It
        is a number and not a time, so that results can be repeated.
    num_starts : int
        The number of random starts of the steepest descent with which the search begins.
    seed : int, numpy.random.Generator or None
        Seed of these starts. If the optimum is proven and unique, it does not depend on the seed.
    progress : callable or bool, optional
        A function such as ``print``, which is called with lines of text about what is going on;
        True for a line on stderr, False for nothing. By default the line is shown after two
        seconds, in terminals and notebooks.

    Returns
    -------
    Optimum
        The selection, and a lower bound of every energy.

    Raises
    ------
    InputError
        If ``max_nodes`` is less than 1, ``num_starts`` is negative, or ``seed`` is no seed.

    Notes
    -----
    The bound is derived in :mod:`qxgap.problem.branch`.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 0.7], [0.0, 0.0]], labels=["a", "b"])
    >>> print(qx.minimize(problem))
    The best selection has 1 of 2 variables, at energy -1; it is proven that no other is lower.
    """
    problem = as_problem(problem)
    if max_nodes < 1 or num_starts < 0:
        raise InputError(
            f"max_nodes = {max_nodes}, num_starts = {num_starts}; give at least 1 and at least 0"
        )
    rng = random_generator(seed)
    # Reduction often solves the whole problem. Otherwise the search gets the remaining variables.
    reduction = reduce(problem)
    rest, bound, nodes = np.zeros(0, dtype=bool), np.inf, 0
    if reduction.problem is not None:
        left = f"{reduction.problem.num_qubits} of {problem.num_qubits} variables"
        with followed(progress, "branch and bound") as say:
            say(f"{left}, at most {max_nodes} nodes")
            rest, bound, nodes = _search(reduction.problem, max_nodes, num_starts, rng)
    occupations = reduction.lift(rest)
    energy = float(problem.energy(occupations))
    proven = bool(np.isinf(bound))
    return Optimum(
        selection=tuple(label for label, n in zip(problem.labels, occupations, strict=True) if n),
        occupations=occupations,
        energy=energy,
        lower=energy if proven else min(energy, bound - problem.ground_tolerance),
        status=OptimumStatus.OPTIMAL if proven else OptimumStatus.BEST_KNOWN,
        nodes=nodes,
        num_fixed=reduction.num_fixed,
    )


def steepest_descent(problem: QuboProblem, states: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Descend from each of the states by the single flip that lowers the energy most.

    The descent is that of ``dwave.samplers.SteepestDescentSampler``.

    Parameters
    ----------
    problem : QuboProblem
        The problem.
    states : ndarray of int, shape (m, d)
        Occupations to start from.

    Returns
    -------
    ndarray of uint8, shape (m, d)
        Occupations that no single flip improves.
    """
    from dwave.samplers import SteepestDescentSampler

    sampler = SteepestDescentSampler()  # type: ignore[no-untyped-call]
    sampleset = sampler.sample(
        problem.to_bqm(), initial_states=(states.astype(np.int8), list(problem.labels))
    )
    order = [list(sampleset.variables).index(label) for label in problem.labels]
    return sampleset.record.sample[:, order].astype(np.uint8)


def _search(
    problem: QuboProblem, max_nodes: int, num_starts: int, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], float, int]:
    """Return the best selection, a lower bound (infinite if it is proven) and the nodes visited."""
    d = problem.num_qubits
    starts = np.concatenate([np.zeros((1, d), int), rng.integers(0, 2, (num_starts, d))])
    minima = steepest_descent(problem, starts)
    energies = problem.energy(minima, offset=False)
    best = int(np.argmin(energies))
    selection = minima[best].astype(bool)
    symmetric = problem.J + problem.J.T
    others = symmetric + np.diag(np.full(d, np.inf))
    bound, nodes = search(
        problem.h,
        symmetric,
        np.argsort(others, axis=1, kind="stable")[:, : d - 1],
        -np.minimum(symmetric, 0.0).sum(axis=1),
        selection,
        float(energies[best]),
        PROOF_SHARE * problem.ground_tolerance,
        max_nodes,
    )
    return selection, float(bound) + problem.offset, int(nodes)
