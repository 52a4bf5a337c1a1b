"""Branch and bound for the minimum gap along a schedule."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import scipy.optimize

from .arrays import Array
from .bracket import Node, bracket
from .eigen import DENSE_UP_TO, Davidson, EigenMethod
from .framed import Engines
from .levels import Hamiltonian, lowest_levels
from .path import SchedulePath


class GapStatus(Enum):
    """How a gap search ended; the value is the message."""

    BRACKETED = "bracketed to rtol"
    BUDGET = "stopped at max_eigensolves; the bracket is the one reached"
    RESOLUTION = "the bracket is as narrow as rounding and residuals allow"
    INCOMPLETE = "an eigen-solve may have missed a level; the lower bound is not certified"
    NO_EXCITED_LEVEL = "all states are ground states of the problem; there is no gap"


SLACK_SHARE = 0.15
"""Residuals may widen a bracket by this share of its relative tolerance."""

FINEST, ROUGHEST = 1e-13, 1e-4
"""Residuals relative to the norm are asked to be within these."""

POLISHED = 1e-10
"""Residual, relative to the norm, of the node whose gap is reported."""


@dataclass
class NodeSolver:
    """Solves for nodes and keeps them.

    ``asked`` is the finest tolerance asked for at each u, ``latest`` the vectors of the solve
    before.
    """

    H: Hamiltonian
    g: int
    method: EigenMethod | None
    seed: int
    engines: Engines | None = field(default=None, repr=False)
    nodes: list[Node] = field(default_factory=list)
    asked: dict[float, float] = field(default_factory=dict, repr=False)
    eigensolves: int = 0
    matvecs: int = 0
    latest: Array | None = field(default=None, repr=False)

    def __call__(self, u: float, slack: float = math.inf) -> Node:
        """Return the node at ``u``; only complete ones are kept.

        ``slack`` is what the node should leave undecided at most; a ``method`` given by the user
        keeps its own tolerance. Vectors of the solve before are the start.
        """
        return self._solve(u, self._tolerance(u, slack))

    def polish(self, u: float) -> Node:
        """Solve at ``u`` as finely as a reported value should be, or rounding allows."""
        known = next((node for node in self.nodes if node.u == u), None)
        fine = 2 * POLISHED * self.H.norm_bound(1.0 - u, u)
        if known and (
            self.method or self.asked[u] <= POLISHED or np.all(known.levels.residuals <= fine)
        ):
            return known
        return self._solve(u, POLISHED)

    def _tolerance(self, u: float, slack: float) -> float:
        """Residual, relative to the norm, that leaves ``slack``, of second order in it if it can.

        How far apart the next level is, is known of this node or guessed from the nearest one.
        """
        if not math.isfinite(slack):
            return ROUGHEST
        k, norm = self.g + 1, self.H.norm_bound(1.0 - u, u)
        near = min(self.nodes, key=lambda node: abs(node.u - u), default=None)
        apart = near.levels.beyond - near.levels.values[-1] if near else 0.0
        residual = max(math.sqrt(slack * max(apart, 0.0) / k), slack / k)
        return float(np.clip(residual / norm, FINEST, ROUGHEST))

    def _solve(self, u: float, tol: float) -> Node:
        method = self.method or (Davidson(tol=tol) if self.H.dimension > DENSE_UP_TO else None)
        levels, vectors = lowest_levels(
            self.H, 1.0 - u, u, self.g + 1, method, self.seed, self.latest, self.engines
        )
        self.asked[u] = min(tol, self.asked.get(u, math.inf))
        self.latest = self.latest if vectors is None else vectors
        self.eigensolves += levels.matvecs > 0
        self.matvecs += levels.matvecs
        node = Node(u, self.g, levels)
        if node.converged:
            self.nodes = [known for known in self.nodes if known.u != u] + [node]
        return node


def search(
    solve: NodeSolver, path: SchedulePath, rtol: float, max_eigensolves: int
) -> tuple[float, GapStatus]:
    """Split the interval of least lower bound until that is within ``rtol`` of the best gap seen.

    An end of that interval whose residuals matter is solved again, more finely, before any split.
    Returns the lower bound and the status; the nodes are in ``solve``.
    """
    known = {node.u for node in solve.nodes}
    if not all(solve(u).converged for u in (0.0, 1.0) if u not in known):
        return -math.inf, GapStatus.INCOMPLETE
    nodes = sorted(solve.nodes, key=lambda node: node.u)
    best = min(scheduled_gap(path, node)[1] for node in nodes)
    heap = [bracket(path, left, right) for left, right in itertools.pairwise(nodes)]
    heapq.heapify(heap)
    finest: dict[float, float] = {}
    while True:
        worst = heap[0]
        if worst.lower >= best * (1.0 - rtol):
            return worst.lower, GapStatus.BRACKETED
        slack = SLACK_SHARE * rtol * best / float(path.scale.max())
        rough = [
            node
            for node in (worst.left, worst.right)
            if node.slack > 2 * slack and slack < finest.get(node.u, math.inf) / 2
        ]
        if worst.width < 1e-10 and not rough:
            return worst.lower, GapStatus.RESOLUTION
        if solve.eigensolves >= max_eigensolves:
            return worst.lower, GapStatus.BUDGET
        middle = solve(rough[0].u if rough else worst.split, slack)
        if not middle.converged:
            return worst.lower, GapStatus.INCOMPLETE
        finest[middle.u] = slack
        best = min(best, scheduled_gap(path, middle)[1])
        left, right = worst.left, worst.right
        if not rough:
            heapq.heapreplace(heap, bracket(path, left, middle))
            heapq.heappush(heap, bracket(path, middle, right))
        elif rough[0] is left:
            heapq.heapreplace(heap, bracket(path, middle, right))
        else:
            heapq.heapreplace(heap, bracket(path, left, middle))


def scheduled_gap(path: SchedulePath, node: Node) -> tuple[float, float]:
    """(s, gap) of the visit to the node with the least gap; (nan, inf) if there is none."""
    s, scale = path.visits(node.u)
    if s.size == 0:
        return math.nan, math.inf
    at = int(np.argmin(scale))
    return float(s[at]), float(scale[at]) * node.gap


def scheduled_points(path: SchedulePath, nodes: Iterable[Node]) -> list[tuple[float, float]]:
    """(s, gap) of every visit of the schedule to every node, ascending in s."""
    return sorted(
        (float(s), float(scale) * node.gap)
        for node in nodes
        for s, scale in zip(*path.visits(node.u), strict=True)
    )


def interior_minimum(solve: NodeSolver, path: SchedulePath, rtol: float) -> tuple[float, float]:
    """Smallest local minimum of the gap at 0 < s < 1 that the nodes show: (s, gap), or (nan, inf).

    A point lower than its two neighbours proves a local minimum between them, and so do equal
    points in a row, as on both sides of where a schedule turns; the lowest such is refined. Between
    the nodes there may be others, above the lower bound of the search.
    """
    points = scheduled_points(path, solve.nodes)
    gaps = [gap for _, gap in points]
    lows = [i for i in range(1, len(gaps) - 1) if gaps[i] < gaps[i - 1] and _rises(gaps[i:])]
    if not lows:
        return math.nan, math.inf
    at = min(lows, key=lambda i: points[i][1])
    if points[at][1] <= min(gaps):
        return points[at]  # the global minimum, bracketed already

    def gap(s: float) -> float:
        A, B = map(float, path.schedule(s))
        return (A + B) * solve.polish(B / (A + B)).gap

    ends = points[at - 1][0], points[at + 1][0]
    tolerance = math.sqrt(rtol) * (ends[1] - ends[0])
    found = scipy.optimize.minimize_scalar(
        gap, bounds=ends, method="bounded", options={"xatol": tolerance, "maxiter": 20}
    )
    start = points[at][0]
    return min((start, gap(start)), (float(found.x), float(found.fun)), key=lambda point: point[1])


def _rises(gaps: Sequence[float]) -> bool:
    """Whether the first value that differs from the first one is larger."""
    return next((gap > gaps[0] for gap in gaps if gap != gaps[0]), False)
