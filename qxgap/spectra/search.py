"""Branch and bound for the minimum gap along a schedule."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

import scipy.optimize

from ..linalg.eigenpairs import EPS
from ..progress import followed
from .bracket import GapPath, Node, bracket, scheduled_gap


class GapStatus(Enum):
    """The outcome of a gap search; the value is the message.

    Examples
    --------
    >>> import qxgap as qx
    >>> print(qx.GapStatus.BRACKETED.value)
    bracketed to rtol
    """

    BRACKETED = "bracketed to rtol"
    BUDGET = "stopped at max_eigensolves before the bracket was as narrow as rtol"
    RESOLUTION = "stopped before rtol: double precision resolves no narrower bracket"
    INCOMPLETE = "an eigen-solve may have missed a level; the lower bound is not certified"
    BRACKETED_ABOVE = "estimated; proven from both sides late in the anneal, from proven_from on"
    ESTIMATED = "estimated, with an error; not bracketed"
    NO_EXCITED_LEVEL = "all states are ground states of the problem; there is no gap"


SLACK_SHARE = 0.15
"""Residuals may widen a bracket by this fraction of its relative tolerance."""

POLISHED_SHARE = 1e-3
"""Residuals may change a reported gap by at most this fraction of the bracket's width."""

NARROWEST = 8 * EPS
"""Intervals of u narrower than this cannot be split in double precision."""


class LevelSource(Protocol):
    """Solves for levels at points of the canonical path, and stores them.

    Attributes
    ----------
    path : GapPath
        The schedule on the canonical path.
    nodes : list of Node
        The latest levels at each u.
    eigensolves : int
        Number of solves so far.
    """

    nodes: list[Node]
    eigensolves: int

    @property
    def path(self) -> GapPath:
        """The schedule on the canonical path."""

    def __call__(self, u: float, slack: float = math.inf) -> Node:
        """Solve at ``u``, with errors that lower the sum of levels by ``slack`` if possible."""

    def polish(self, u: float, slack: float) -> Node:
        """Return the node at ``u`` as exact as a reported value should be."""

    def progress(self, lower: float, value: float, s_star: float, rtol: float) -> object:
        """Return the state of a search for its callback."""


Report = Callable[[Any], object]


@contextlib.contextmanager
def reported(progress: Report | bool | None, head: str) -> Iterator[Report]:
    """Return a context that provides the function which a search calls with its state.

    Parameters
    ----------
    progress : callable, bool or None
        As in :func:`qxgap.minimum_gap`. A callable gets the states; otherwise their sentences are
        shown as a line, or nothing is.
    head : str
        What is computed, for the beginning of the line.
    """
    if callable(progress):
        yield progress
        return
    with followed(progress, head) as say:
        yield lambda step: say(str(step))


@dataclass
class Search:
    """Branch and bound for the minimum gap of one schedule.

    The interval with the least lower bound is split until this bound is within ``rtol`` of the
    least gap that was computed.

    Attributes
    ----------
    solve : LevelSource
        Solves for levels; it stores all nodes, and the path of the schedule.
    rtol : float
        Relative width of the bracket at which the search ends.
    max_eigensolves : int
        Largest number of eigen-solves.
    report : callable, optional
        Called with a GapProgress after every eigen-solve.
    requested : dict
        The least slack that this search has requested, by u.
    ends : tuple of float
        The part of the path that is searched.
    """

    solve: LevelSource
    rtol: float
    max_eigensolves: int
    report: Report | None = None
    requested: dict[float, float] = field(default_factory=dict)
    ends: tuple[float, float] = (0.0, 1.0)

    @property
    def path(self) -> GapPath:
        """The schedule on the canonical path."""
        return self.solve.path

    def run(self) -> tuple[float, GapStatus]:
        """Return the lower bound and how the search ended; the nodes are in ``solve``."""
        # The first interval is the whole part, so both of its ends must be solved for.
        known = {node.u for node in self.solve.nodes}
        if not all(self.solve(u).converged for u in self.ends if u not in known):
            return -math.inf, GapStatus.INCOMPLETE
        while True:
            lower, status = self._split_until_done()
            value = self._value()
            if not self._polish():
                return lower, GapStatus.INCOMPLETE
            # The search ended with a rough value, and ``_polish`` has computed it finely. If the
            # fine value is larger, the bracket may now be wider than rtol. Then the search
            # continues with the nodes that it has.
            if status is not GapStatus.BRACKETED or self._value() <= value:
                return lower, status

    def _split_until_done(self) -> tuple[float, GapStatus]:
        """Refine the interval of least lower bound until the bracket is as narrow as rtol.

        At every return the least lower bound over all intervals is a lower bound of the gap over
        the whole schedule, whatever the status.
        """
        nodes = sorted(self.solve.nodes, key=lambda node: node.u)
        heap = [bracket(self.path, left, right) for left, right in itertools.pairwise(nodes)]
        heapq.heapify(heap)
        gaps = {node.u: scheduled_gap(self.path, node)[1] for node in nodes}
        while True:
            # ``worst`` is the interval with the least lower bound: only its refinement can raise
            # the bound of the whole path. ``best`` is the least gap so far.
            worst, best = heap[0], min(gaps.values())
            self._report(worst.lower)
            sufficient = best * (1.0 - self.rtol)
            if worst.lower >= sufficient:
                return worst.lower, GapStatus.BRACKETED
            # Residuals of a node lower the bound. They may take a small part of rtol; an end that
            # takes more is solved again, more finely, before the interval is split.
            slack = SLACK_SHARE * self.rtol * best / float(self.path.scale.max())
            rough = [node for node in (worst.left, worst.right) if self._is_rough(node, slack)]
            # Neither a finer solve nor a split can raise the bound any further: rounding is the
            # limit.
            if not rough and (worst.width <= NARROWEST or worst.ceiling(self.path) < sufficient):
                return worst.lower, GapStatus.RESOLUTION
            if self.solve.eigensolves >= self.max_eigensolves:
                return worst.lower, GapStatus.BUDGET
            node = self.solve(rough[0].u if rough else worst.split, slack)
            if not node.converged:
                return worst.lower, GapStatus.INCOMPLETE
            self.requested[node.u] = slack
            gaps[node.u] = scheduled_gap(self.path, node)[1]
            if rough:
                # The node is an end of one or two intervals, and the bounds of these change.
                heap = [part.with_node(self.path, node) for part in heap]
                heapq.heapify(heap)
            else:
                # The new node divides the interval; each half has at least the bound of the whole.
                heapq.heapreplace(heap, bracket(self.path, worst.left, node))
                heapq.heappush(heap, bracket(self.path, node, worst.right))

    def _is_rough(self, node: Node, slack: float) -> bool:
        """Whether residuals of ``node`` cost much more than ``slack`` and a finer solve may help.

        A finer solve does not help if this search has requested about this slack already.
        """
        return node.slack > 2 * slack and slack < self.requested.get(node.u, math.inf) / 2

    def _best(self) -> tuple[float, float, Node]:
        """Return (s, gap, node) of the least gap so far."""
        return least_point(self.path, self.solve.nodes)

    def _value(self) -> float:
        """Return the least gap so far."""
        return self._best()[1]

    def _polish(self) -> bool:
        """Solve finely where the gap is least; False if a solve fails.

        Ritz values lie above the levels, so a gap may rise or fall when it is solved more finely.
        If it rises, the least gap may lie at another node, which is then solved finely, until the
        least gap is that of a fine node.
        """
        while True:
            _, gap, best = self._best()
            polished = self.solve.polish(best.u, polished_slack(self.path, self.rtol, gap))
            if polished is best:
                return True
            if not polished.converged:
                return False

    def _report(self, lower: float) -> None:
        if self.report:
            s, value, _ = self._best()
            lower = max(min(lower, value), 0.0)
            self.report(self.solve.progress(lower, value, s, self.rtol))


def polished_slack(path: GapPath, rtol: float, gap: float) -> float:
    """Return how much residuals may change the sum of levels behind a reported ``gap``."""
    return POLISHED_SHARE * rtol * gap / float(path.scale.max())


def least_point(path: GapPath, nodes: Iterable[Node]) -> tuple[float, float, Node]:
    """Return (s, gap, node) of the least gap of a schedule at some nodes."""
    points = ((*scheduled_gap(path, node), node) for node in nodes)
    return min(points, key=lambda point: point[1])


def scheduled_points(path: GapPath, nodes: Iterable[Node]) -> list[tuple[float, float]]:
    """Return (s, gap) of every visit of the schedule to every node, ascending in s."""
    return sorted(
        (float(s), float(scale) * node.gap)
        for node in nodes
        for s, scale in zip(*path.visits(node.u), strict=True)
    )


def interior_minimum(solve: LevelSource, rtol: float) -> tuple[float, float]:
    """Return (s, gap) of the smallest local minimum at 0 < s < 1 of the nodes; else (nan, inf).

    A point lower than its two neighbors proves a local minimum between them. So does a run of equal
    points that is lower than its neighbors, as it occurs where the direction of a schedule turns.
    The lowest such minimum is refined. Other minima between the nodes may remain undiscovered, but
    they lie above the lower bound of the search.
    """
    path = solve.path
    points = scheduled_points(path, solve.nodes)
    gaps = [gap for _, gap in points]
    lows = [i for i in range(1, len(gaps) - 1) if gaps[i] < gaps[i - 1] and _rises(gaps[i:])]
    if not lows:
        return math.nan, math.inf
    at = min(lows, key=lambda i: points[i][1])
    if points[at][1] <= min(gaps):
        return points[at]  # it is the global minimum, which the search has refined already

    slack = polished_slack(path, rtol, points[at][1])

    def gap(s: float) -> float:
        u, scale = path.at(s)
        return scale * solve.polish(u, slack).gap

    ends = points[at - 1][0], points[at + 1][0]
    tolerance = math.sqrt(rtol) * (ends[1] - ends[0])
    minimum = scipy.optimize.minimize_scalar(
        gap, bounds=ends, method="bounded", options={"xatol": tolerance, "maxiter": 20}
    )
    start = points[at][0]
    refined = float(minimum.x), float(minimum.fun)
    return min((start, gap(start)), refined, key=lambda point: point[1])


def _rises(gaps: Sequence[float]) -> bool:
    """Whether the first value that differs from the first one is larger."""
    return next((gap > gaps[0] for gap in gaps if gap != gaps[0]), False)
