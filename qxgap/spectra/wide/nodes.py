"""Levels at points of the canonical path, estimated in selected configurations.

The search of :mod:`qxgap.spectra.search` takes these nodes as it takes exact ones. Its lower bound
is then an estimate as well: it holds if every gap lies within its estimated error.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ...annealing.hamiltonian import AnnealHamiltonian
from ...linalg.eigenpairs import EigenStatus
from ...problem.low_states import LowStates
from ..bracket import Bracket, Node, SchedulePath, bracket, scheduled_gap
from ..low_levels import LowLevels, subset_sums
from .expansion import Array, Expansion, SelectedLevels, expand
from .selection import SelectedConfigurations

EXTRA_LEVELS = 2
"""Levels that are followed besides those of the gap, because levels cross along the anneal."""

CHANGE_SHARE = 0.5
"""Standard error of a gap, relative to its change by the last growth of the set."""

CORRECTION_SHARE = 0.5
"""Standard error of a gap, relative to its correction."""

LEVELS_SHARE = 0.02
"""Standard error of a gap, relative to the corrections of its two levels together.

The correction of a level is its energy variance, divided by the energy of what is outside.
"""

ERRORS = 1.96
"""Half the width of a 95 % interval, in standard errors."""

ESTIMATE_RTOL = 0.02
"""Relative width of the search in selected configurations, and standard error of a gap in it."""

POLISH_SHARE = 0.1
"""Error of the reported gap, relative to that of the others."""

STATES_SHARE = 0.3
"""The part of a wanted error that may come from the upper bounds of the levels."""

EXCESS_SHARE = 0.2
"""Where a gap exceeds the smallest one, its error may be this share of the difference."""


@dataclass(frozen=True)
class EstimateProgress:
    """The state of a search in selected configurations, for the callback ``progress``.

    Attributes
    ----------
    points : int
        Number of points of the anneal that were computed or refined so far.
    configurations : int
        Number of configurations at the latest point.
    correction : float
        What perturbation theory changed at the latest gap, relative to it.
    lower, value : float
        The estimated bracket so far.
    s_star : float
        Anneal fraction of ``value``.
    rtol : float
        The relative width at which the search ends.
    is_proven : bool
        Whether this search proves its bounds, after the one that estimates.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.testing import random_feature_selection
    >>> steps = []
    >>> problem = random_feature_selection(6, seed=1)
    >>> gap = qx.minimum_gap(problem, method=qx.SelectedConfigurations(), progress=steps.append)
    >>> steps[0].is_proven, steps[-1].is_proven  # first the estimate, then the proof
    (False, True)
    """

    points: int
    configurations: int
    correction: float
    lower: float
    value: float
    s_star: float
    rtol: float
    is_proven: bool = False

    def __str__(self) -> str:
        bracket_text = f"gap {max(self.lower, 0.0):.2g} to {self.value:.2g}"
        if self.is_proven:
            return f"{bracket_text} late in the anneal, proven so far"
        return (
            f"{bracket_text}, {self.configurations:,} states, correction "
            f"{100 * self.correction:.2g} %"
        )


@dataclass
class Point:
    """The expansion at one point of the path, and the levels at every threshold so far."""

    expansion: Expansion
    rest: Iterator[SelectedLevels]
    steps: list[SelectedLevels]
    is_finished: bool = False

    def refine(self) -> None:
        """Go on to the next threshold, if there is one."""
        step = next(self.rest, None)
        if step is None:
            self.is_finished = True
        else:
            self.steps.append(step)

    @property
    def shared_error(self) -> float:
        """The error of the ground level, and about that of the others: that of its correction."""
        last = self.steps[-1]
        shared = CORRECTION_SHARE * abs(float(last.ritz[0] - last.corrected[0]))
        if len(self.steps) > 1:
            shared = max(shared, abs(float(last.corrected[0] - self.steps[-2].corrected[0])))
        return 0.0 if last.is_complete else shared

    def gap(self, g: int) -> tuple[float, float]:
        """Return the corrected gap above g levels, and its standard error.

        Three things show how far the expansion is from its end: what the last growth changed,
        the correction, and the energy variance of the states, which is still there where the
        corrections of two levels happen to be equal. Their shares of the standard error were chosen
        so that 95 % of intervals hold the exact gap of small problems. A change counts from the
        last smaller set, since without growth nothing new can be seen. As long as the set has not
        grown the error is infinite; if it never does, the correction stands for the change.
        """
        last = self.steps[-1]
        gap, ritz = (float(part[g] - part[0]) for part in (last.corrected, last.ritz))
        if last.is_complete:
            return gap, 0.0
        correction, change = abs(gap - ritz), math.inf
        size = last.num_configurations
        smaller = [step.corrected for step in self.steps if step.num_configurations < size]
        if smaller:
            change = abs(gap - float(smaller[-1][g] - smaller[-1][0]))
        elif self.is_finished:
            change = correction
        levels = float(np.abs(last.corrected - last.ritz)[[0, g]].sum())
        return gap, math.hypot(
            CHANGE_SHARE * change, CORRECTION_SHARE * correction, LEVELS_SHARE * levels
        )


@dataclass
class SelectedNodes:
    """Estimated levels at points of the canonical path, which stores all of them.

    Attributes
    ----------
    H : AnnealHamiltonian
        Qubits in a transverse field.
    path : SchedulePath
        The schedule on the canonical path.
    states : LowStates
        The lowest classical states: the levels at the end of the path, and starts before it.
    g : int
        Degeneracy of the final ground subspace.
    method : SelectedConfigurations
        Thresholds and limits.
    rtol : float
        Error that gaps near the smallest one may have, relative to it.
    nodes : list of Node
        The latest levels at each u.
    points : dict
        The expansion at each u.
    errors : dict
        The standard error of the gap of each node inside the path, by u.
    latest : Point or None
        The point that was computed or refined last.
    eigensolves, matvecs : int
        Number of points that were computed or refined; zero.
    """

    H: AnnealHamiltonian
    path: SchedulePath
    states: LowStates
    g: int
    method: SelectedConfigurations
    rtol: float = ESTIMATE_RTOL
    nodes: list[Node] = field(default_factory=list)
    points: dict[float, Point] = field(default_factory=dict)
    errors: dict[float, float] = field(default_factory=dict)
    latest: Point | None = None
    eigensolves: int = 0
    matvecs: int = 0

    def __call__(self, u: float, slack: float = math.inf) -> Node:
        """Return the levels at ``u``, with a gap that is exact enough for the search.

        Its standard error is at most ``rtol`` of the smallest gap so far, but may be larger where
        the gap is large, and if the set of configurations has reached its largest size. The node
        has no slack, so that the search finds where the estimate is least, and ``slack`` plays no
        part; :meth:`lower_bound` takes account of all errors.
        """
        if u in (0.0, 1.0):
            return self._stored(self._end(u))
        self.eigensolves += 1
        return self._estimated(u, self.rtol, EXCESS_SHARE / ERRORS)

    def polish(self, u: float, slack: float) -> Node:
        """Return the node at ``u`` as exact as a reported value should be, if possible."""
        known = next((node for node in self.nodes if node.u == u), None)
        if known and (u in (0.0, 1.0) or self.points[u].is_finished):
            return known
        node = self._estimated(u, POLISH_SHARE * self.rtol, self.rtol)
        if known and node.gap == known.gap:
            return known
        self.eigensolves += 1
        return node

    def gap_within(self, u: float, share: float) -> tuple[float, float]:
        """Return the gap at ``u`` and its standard error, a share of the gap if possible.

        Parameters
        ----------
        u : float
            The point.
        share : float
            The standard error that is wanted, relative to the gap.

        Returns
        -------
        gap : float
            The gap.
        error : float
            Its standard error, which is larger if the set has reached its largest size.
        """
        if u in (0.0, 1.0):
            return self(u).gap, 0.0
        return self._refined(u, lambda gap: share * gap).gap(self.g)

    def lower_bound(self) -> float:
        """Return the lower bound of the scheduled gap, with every sum of levels 1.96 errors lower.

        It is the lower end of the 95 % interval: an estimate, whatever the search has asked for.
        """
        worst = self.lowest_bracket()
        return worst.lower if worst else math.inf

    def lowest_bracket(self) -> Bracket | None:
        """Return the interval that sets :meth:`lower_bound`; None without two points."""
        lowered = [
            replace(
                node, levels=replace(node.levels, deficit=ERRORS * self.errors.get(node.u, 0.0))
            )
            for node in sorted(self.nodes, key=lambda node: node.u)
        ]
        brackets = (bracket(self.path, *ends) for ends in itertools.pairwise(lowered))
        return min(brackets, default=None)

    def progress(self, lower: float, value: float, s_star: float, rtol: float) -> EstimateProgress:
        """Return the state of a search for its callback."""
        configurations, correction = 0, 0.0
        if self.latest:
            step = self.latest.steps[-1]
            configurations = step.num_configurations
            ritz, gap = (float(part[self.g] - part[0]) for part in (step.ritz, step.corrected))
            correction = abs(gap - ritz) / max(abs(ritz), np.finfo(float).tiny)
        return EstimateProgress(
            self.eigensolves, configurations, correction, lower, value, s_star, rtol
        )

    def _stored(self, node: Node) -> Node:
        """Keep a node in place of the one at its u."""
        self.nodes = [known for known in self.nodes if known.u != node.u] + [node]
        return node

    def _end(self, u: float) -> Node:
        """Return the node of the driver alone or of the problem alone, in closed form."""
        (A, B), k, problem = self.path.strengths(u), self.g + 1, self.H.problem
        if A == 0.0:
            driver, energies = np.zeros(k), self.states.energies[:k]
        else:
            weights = self.H.driver_weights
            driver = subset_sums(2.0 * weights, k) - weights.sum()
            energies = np.full(k, problem.h.sum() / 2 + problem.J.sum() / 4)
        levels = levels_of(A, B, A * driver + B * energies, driver, energies, 0.0)
        return Node(u, self.g, levels)

    def _estimated(self, u: float, share: float, excess_share: float) -> Node:
        """Refine the expansion at ``u`` until the gap is exact enough; return the node.

        Its error may be ``share`` of the smallest gap so far, or ``excess_share`` of the difference
        to it.
        """
        least = least_gap(self.path, self.nodes, u)

        def sufficient(gap: float) -> float:
            return max(share * min(gap, least or gap), excess_share * (gap - least))

        self.latest = point = self._refined(u, sufficient)
        (A, B), last, k = self.path.strengths(u), point.steps[-1], self.g + 1
        # The tangents are those of the states in the set, moved to the corrected levels.
        driver, problem = self.expectations(point, last.corrected[:k], A, B)
        self.errors[u] = point.gap(self.g)[1]
        levels = levels_of(A, B, last.corrected[:k], driver, problem, 0.0)
        return self._stored(Node(u, self.g, levels, point.shared_error))

    def _refined(self, u: float, sufficient: Callable[[float], float]) -> Point:
        """Return the expansion at ``u``, with an error of the gap that is sufficient for it."""
        point = self._point(u)
        while not point.is_finished:
            if point.steps:
                gap, error = point.gap(self.g)
                if error <= sufficient(gap):
                    break
            point.refine()
        return point

    def _point(self, u: float) -> Point:
        """Return the expansion at ``u``, a new one if there is none."""
        if u not in self.points:
            k = min(self.g + 1 + EXTRA_LEVELS, self.H.dimension)
            A, B = self.path.strengths(u)
            expansion = expand(self.H, A, B, k, self.method, self.states.occupations)
            self.points[u] = Point(expansion, expansion.levels(), [])
        return self.points[u]

    def upper_levels(self, u: float) -> Array:
        """Return proven upper bounds of the levels at ``u``, inside the path, as far as known."""
        point = self._point(u)
        while len(point.steps) < 2 and not point.is_finished:  # the first set is but a start
            point.refine()
        return point.steps[-1].ritz

    def refine_states(self, u: float, slack: float, least: float, share: float) -> float:
        """Refine the levels within the set at ``u``, which are proven upper bounds.

        They are refined until their sum is about as exact as a lower bound need be.

        Parameters
        ----------
        u : float
            The point, inside the path.
        slack : float
            The error of the sum of the g + 1 levels that a search wants.
        least : float
            The smallest gap so far; where the gap is larger, the error may be larger too.
        share : float
            Share of the gap that the error may have in any case.

        Returns
        -------
        float
            The error that is sufficient at this point.
        """
        point, k = self._point(u), self.g + 1
        while True:
            last = point.steps[-1]
            gap = float(last.corrected[self.g] - last.corrected[0])
            wanted = max(slack, share * gap, EXCESS_SHARE * (gap - least))
            error = float((last.ritz[:k] - last.corrected[:k]).sum())
            if error <= STATES_SHARE * wanted or point.is_finished:
                return wanted
            point.refine()

    def expectations(self, point: Point, levels: Array, A: float, B: float) -> tuple[Array, Array]:
        """Return the expectations of driver and problem in the states of some levels of a point.

        Those of the driver are exact in the states of the set. Those of the problem are what is
        left of the levels, which may be the ones of the set or the corrected ones.
        """
        flips = point.expansion.occupations()[1]
        driver = -(self.H.driver_weights @ flips)[: levels.size]
        return driver, (levels - A * driver) / B


def least_gap(path: SchedulePath, nodes: Iterable[Node], u: float) -> float:
    """Return the gap of ``G(u)`` that would equal the smallest one of the schedule so far.

    Parameters
    ----------
    path : SchedulePath
        The schedule on the canonical path.
    nodes : iterable of Node
        Known levels.
    u : float
        A point of the path.

    Returns
    -------
    float
        The gap; zero if the schedule does not visit ``u`` or nothing is known.
    """
    least = min((scheduled_gap(path, node)[1] for node in nodes), default=0.0)
    own = path.visits(u)[1]
    return least / float(own.min()) if own.size and math.isfinite(least) else 0.0


def levels_of(
    A: float, B: float, values: Array, driver: Array, problem: Array, deficit: float
) -> LowLevels:
    """Return levels whose sum lies above the exact one by no more than ``deficit``."""
    return LowLevels(
        A=A,
        B=B,
        values=values,
        residuals=np.zeros(values.size),
        deficit=deficit if math.isfinite(deficit) else abs(float(values[-1] - values[0])),
        beyond=float(values[-1]),
        driver=driver,
        problem=problem,
        matvecs=0,
        status=EigenStatus.CONVERGED,
        method=None,
    )
