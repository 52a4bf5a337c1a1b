"""Branch and bound for the minimum gap along a schedule."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np
import scipy.optimize

from ..linalg.arrays import Array
from ..linalg.davidson import Davidson
from ..linalg.eigen import EPS, EigenMethod, default_method
from .bracket import Node, bracket
from .framed import Engines
from .levels import Hamiltonian, lowest_levels
from .path import SchedulePath


class GapStatus(Enum):
    """How a gap search ended; the value is the message."""

    BRACKETED = "bracketed to rtol"
    BUDGET = "stopped at max_eigensolves before the bracket was as narrow as rtol"
    RESOLUTION = "stopped before rtol: double precision resolves no narrower bracket"
    INCOMPLETE = "an eigen-solve may have missed a level; the lower bound is not certified"
    NO_EXCITED_LEVEL = "all states are ground states of the problem; there is no gap"


SLACK_SHARE = 0.15
"""Residuals may widen a bracket by this share of its relative tolerance."""

FINEST, ROUGHEST = 1e-13, 1e-4
"""Residuals relative to the norm are asked to be within these."""

POLISHED = 1e-10
"""Residual, relative to the norm, of the node whose gap is reported, at most."""
POLISHED_SHARE = 1e-3
"""Residuals may change a gap that is reported by this share of the bracket's width, at most."""

NARROWEST = 8 * EPS
"""Intervals of u narrower than this cannot be split in double precision."""


@dataclass(frozen=True)
class GapProgress:
    """How far a search has come, for a ``progress`` callback.

    Attributes
    ----------
    eigensolves, matvecs : int
        What the search has cost so far.
    lower, value : float
        The bracket reached: the minimum gap lies between them. ``value`` may still change a little
        in both directions when the level it comes from is solved more finely.
    s_star : float
        Anneal fraction of ``value``.
    rtol : float
        The relative width at which the search ends.
    """

    eigensolves: int
    matvecs: int
    lower: float
    value: float
    s_star: float
    rtol: float


Report = Callable[[GapProgress], object]


@dataclass
class NodeSolver:
    """Solves for the levels at points of the canonical path, and keeps them.

    Attributes
    ----------
    g : int
        Degeneracy of the final ground space; g + 1 levels are solved for.
    nodes : list of Node
        The latest solve at each u. Only complete ones are kept.
    asked : dict
        The finest tolerance asked for at each u.
    latest : Array or None
        Vectors of the solve before, from which the next one starts.
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

    @property
    def path(self) -> SchedulePath:
        """Where the schedule of H goes on the canonical path."""
        return SchedulePath(self.H.schedule, self.H.typical_energies)

    def __call__(self, u: float, slack: float = math.inf) -> Node:
        """Return the node at ``u``, solved so that it leaves ``slack`` undecided at most.

        A ``method`` given by the user keeps its own tolerance.
        """
        return self._solve(u, self._tolerance(u, slack))

    def polish(self, u: float, slack: float) -> Node:
        """Solve at ``u`` as finely as a reported value should be, or rounding allows."""
        known = next((node for node in self.nodes if node.u == u), None)
        tol = min(POLISHED, self._tolerance(u, slack))
        if known and (self.method or self.asked[u] <= tol or self._is_fine(known, slack)):
            return known
        return self._solve(u, tol)

    def _is_fine(self, node: Node, slack: float) -> bool:
        fine = 2 * POLISHED * self._norm(node.u)
        return node.slack <= slack and bool(np.all(node.levels.residuals <= fine))

    def _norm(self, u: float) -> float:
        return self.H.norm_bound(*self.path.strengths(u))

    def _tolerance(self, u: float, slack: float) -> float:
        """Residual, relative to the norm, at which a solve widens the bracket by ``slack`` at most.

        The bracket feels residuals in second order if the next level is apart. How far it is apart
        is known of this node or guessed from the nearest one.
        """
        if not math.isfinite(slack):
            return ROUGHEST
        k, norm = self.g + 1, self._norm(u)
        near = min(self.nodes, key=lambda node: abs(node.u - u), default=None)
        apart = near.levels.beyond - near.levels.values[-1] if near else 0.0
        apart = min(max(apart, 0.0), norm)
        residual = max(math.sqrt(slack * apart / k), slack / k)
        return float(np.clip(residual / norm, FINEST, ROUGHEST))

    def _solve(self, u: float, tol: float) -> Node:
        k = self.g + 1
        method = self.method or default_method(self.H.dimension, k)
        if self.method is None and isinstance(method, Davidson):
            method = replace(method, tol=tol)
        levels, vectors = lowest_levels(
            self.H, *self.path.strengths(u), k, method, self.seed, self.latest, self.engines
        )
        self.asked[u] = min(tol, self.asked.get(u, math.inf))
        self.latest = self.latest if vectors is None else vectors
        self.eigensolves += levels.matvecs > 0
        self.matvecs += levels.matvecs
        node = Node(u, self.g, levels)
        if node.converged:
            self.nodes = [known for known in self.nodes if known.u != u] + [node]
        return node


@dataclass
class Search:
    """Branch and bound: split the interval of least lower bound until that is near the best gap.

    Attributes
    ----------
    asked : dict
        The least slack that this search asked for at each u.
    """

    solve: NodeSolver
    path: SchedulePath
    rtol: float
    max_eigensolves: int
    report: Report | None = None
    asked: dict[float, float] = field(default_factory=dict)

    def run(self) -> tuple[float, GapStatus]:
        """Return the lower bound and how the search ended; the nodes are in ``solve``."""
        known = {node.u for node in self.solve.nodes}
        if not all(self.solve(u).converged for u in (0.0, 1.0) if u not in known):
            return -math.inf, GapStatus.INCOMPLETE
        while True:
            lower, status = self._split_until_done()
            value = self._value()
            if not self._polish():
                return lower, GapStatus.INCOMPLETE
            # a value that has risen may leave the bracket too wide: then go on
            if status is not GapStatus.BRACKETED or self._value() <= value:
                return lower, status

    def _split_until_done(self) -> tuple[float, GapStatus]:
        nodes = sorted(self.solve.nodes, key=lambda node: node.u)
        heap = [bracket(self.path, left, right) for left, right in itertools.pairwise(nodes)]
        heapq.heapify(heap)
        gaps = {node.u: scheduled_gap(self.path, node)[1] for node in nodes}
        while True:
            worst, best = heap[0], min(gaps.values())
            self._tell(worst.lower)
            enough = best * (1.0 - self.rtol)
            if worst.lower >= enough:
                return worst.lower, GapStatus.BRACKETED
            slack = SLACK_SHARE * self.rtol * best / float(self.path.scale.max())
            # an end whose residuals matter is solved again, more finely, before any split
            rough = [node for node in (worst.left, worst.right) if self._is_rough(node, slack)]
            if not rough and (worst.width <= NARROWEST or worst.ceiling(self.path) < enough):
                return worst.lower, GapStatus.RESOLUTION
            if self.solve.eigensolves >= self.max_eigensolves:
                return worst.lower, GapStatus.BUDGET
            middle = self.solve(rough[0].u if rough else worst.split, slack)
            if not middle.converged:
                return worst.lower, GapStatus.INCOMPLETE
            self.asked[middle.u] = slack
            gaps[middle.u] = scheduled_gap(self.path, middle)[1]
            if rough:
                heap = [part.with_node(self.path, middle) for part in heap]
                heapq.heapify(heap)
            else:
                heapq.heapreplace(heap, bracket(self.path, worst.left, middle))
                heapq.heappush(heap, bracket(self.path, middle, worst.right))

    def _is_rough(self, node: Node, slack: float) -> bool:
        """Whether ``node`` leaves more undecided than ``slack``, and was never asked for less."""
        return node.slack > 2 * slack and slack < self.asked.get(node.u, math.inf) / 2

    def _best(self) -> tuple[float, float, Node]:
        """(s, gap, node) of the least gap known."""
        points = [(*scheduled_gap(self.path, node), node) for node in self.solve.nodes]
        return min(points, key=lambda point: point[1])

    def _value(self) -> float:
        return self._best()[1]

    def _polish(self) -> bool:
        """Solve finely where the gap is least, until that is where it is least; False if it fails.

        Ritz values lie above the levels, so a gap may rise or fall when it is solved more finely.
        """
        while True:
            _, gap, best = self._best()
            polished = self.solve.polish(best.u, polished_slack(self.path, self.rtol, gap))
            if polished is best:
                return True
            if not polished.converged:
                return False

    def _tell(self, lower: float) -> None:
        if self.report:
            s, value, _ = self._best()
            lower = max(min(lower, value), 0.0)
            cost = self.solve.eigensolves, self.solve.matvecs
            self.report(GapProgress(*cost, lower, value, s, self.rtol))


def polished_slack(path: SchedulePath, rtol: float, gap: float) -> float:
    """What residuals may leave undecided of a ``gap`` that is reported."""
    return POLISHED_SHARE * rtol * gap / float(path.scale.max())


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

    slack = polished_slack(path, rtol, points[at][1])

    def gap(s: float) -> float:
        u, scale = path.at(s)
        return scale * solve.polish(u, slack).gap

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
