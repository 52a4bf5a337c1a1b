"""The optimum of a QUBO too large to enumerate, or the best known with a bound."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..statistics.seeds import random_generator
from .accept import ProblemLike, as_problem
from .branch import search
from .qubo import QuboProblem
from .reduction import reduce

PROOF_SHARE = 0.25
"""The search may lose this share of the ground tolerance; merging takes as much."""


class OptimumStatus(Enum):
    """Whether a selection is known to be the best; the value says it in words.

    Attributes
    ----------
    OPTIMAL : no selection has a lower energy, to within ``problem.ground_tolerance`` (1e-13 of the
        energy scale unless the problem has another one): the selection is a ground state.
    BEST_KNOWN : the budget of nodes ended the search first.
    """

    OPTIMAL = "optimal"
    BEST_KNOWN = "best known: the search ended before it had ruled out all others"


@dataclass(frozen=True, eq=False)
class Optimum:
    """A selection, and how far from the best it can be.

    Attributes
    ----------
    selection : labels with n = 1, in qubit order; ``occupations`` (d,) the same as bits.
    energy, lower : of the selection, and a lower bound on that of every selection. If the status is
        OPTIMAL they are equal; see :class:`OptimumStatus` for what it is proven to.
    status : OPTIMAL or BEST_KNOWN.
    nodes : nodes that branch and bound visited; 0 if reduction alone settles the problem.
    num_fixed : variables that reduction fixed before the search.
    """

    selection: tuple[Hashable, ...]
    occupations: NDArray[np.uint8]
    energy: float
    lower: float
    status: OptimumStatus
    nodes: int
    num_fixed: int

    def __str__(self) -> str:
        return (
            f"{len(self.selection)} of {self.occupations.size} selected, energy {self.energy:.6g} "
            f"(>= {self.lower:.6g}), {self.status.value}; {self.nodes} nodes, "
            f"{self.num_fixed} variables fixed beforehand"
        )


def minimize(
    problem: ProblemLike,
    *,
    max_nodes: int = 200_000,
    num_starts: int = 100,
    seed: int | np.random.Generator = 0,
) -> Optimum:
    """Find the lowest energy of any selection by reduction, local search, branch and bound.

    Feature-selection problems close quickly, since redundancy keeps their optima small; problems
    whose optimum takes a third of several hundred variables may not.

    Parameters
    ----------
    max_nodes : nodes of the search; a node takes about 0.05 ms at d = 170. It is a number and no
        time, so that results repeat.
    num_starts : random starts of the steepest descent that the search begins with.
    seed : of these starts. A proven optimum depends on it only if there are several.

    Source: the bound is derived in :mod:`qxgap.problem.branch`.
    """
    problem = as_problem(problem)
    if max_nodes < 1 or num_starts < 0:
        raise InputError(
            f"max_nodes = {max_nodes}, num_starts = {num_starts}; give at least 1 and at least 0"
        )
    reduction = reduce(problem)
    rest, bound, nodes = np.zeros(0, dtype=bool), np.inf, 0
    if reduction.problem is not None:
        rest, bound, nodes = _search(reduction.problem, max_nodes, num_starts, seed)
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
    """Single flips from each of the states (m, d), the best first, until none helps -> (m, d).

    Source: ``dwave.samplers.SteepestDescentSampler``.
    """
    from dwave.samplers import SteepestDescentSampler

    sampler = SteepestDescentSampler()  # type: ignore[no-untyped-call]
    found = sampler.sample(
        problem.to_bqm(), initial_states=(states.astype(np.int8), list(problem.labels))
    )
    order = [list(found.variables).index(label) for label in problem.labels]
    return found.record.sample[:, order].astype(np.uint8)


def _search(
    problem: QuboProblem, max_nodes: int, num_starts: int, seed: int | np.random.Generator
) -> tuple[NDArray[np.bool_], float, int]:
    rng, d = random_generator(seed), problem.num_qubits
    starts = np.concatenate([np.zeros((1, d), int), rng.integers(0, 2, (num_starts, d))])
    found = steepest_descent(problem, starts)
    energies = problem.energy(found, offset=False)
    best = int(np.argmin(energies))
    selection = found[best].astype(bool)
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
