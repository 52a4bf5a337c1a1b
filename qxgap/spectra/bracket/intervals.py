"""A lower bound of the gap between two points with known levels.

Let S_m = E_0 + ... + E_{m-1} be the sum of the m lowest levels of ``A H_D + B H_P``. It is the
minimum over m-dimensional subspaces of a trace that is linear in (A, B) (Ky Fan 1949). Hence S_m is
concave in (A, B) and of first degree, S_m(c A, c B) = c S_m(A, B). The gap above a final ground
space of degeneracy g is

    E_g - E_0 = S_{g+1} - S_g - E_0.

Take the levels at two points u_a < u_b of the canonical path A = (1 - u) / a, B = u / b.
Between them S_{g+1} lies above its chord, while S_g and E_0 lie below the expectation of H in *any*
g orthonormal states, or any one state. The states at the two ends are used here; if they are exact,
these expectations are the tangents of Hellmann and Feynman:

    gap(u) >= chord(u) - min(tangents of S_g)(u) - min(tangents of E_0)(u).

The bound is convex and piecewise linear in u, with kinks where two tangents cross. A schedule
multiplies both sides by its scale a A + b B. On a piece where A and B are linear, the product is
again convex and piecewise linear in s (all terms are linear in A and B), so its minimum over an
interval is at the schedule's breakpoints, the interval's ends or the crossings.

Estimated levels may all lie too high or too low by about the same amount, which their differences
do not feel. Such levels are moved against each other until the rise of E_0 between two points is
the mean of its slopes there, and by no more than the error that they share.

If each qubit has its own schedule, s itself takes the place of u, and the chord is lowered by what
:meth:`.FractionPath.bend` says where H(s) is no line.

Solver and rounding errors enter the chord: the sum of m lowest levels lies below that of the Ritz
values by no more than an amount of second order in their residuals, if no level was missed
(:func:`qxgap.linalg.eigenpairs.deficit_of_sum`). The tangents hold for any vectors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ...linalg.arrays import FloatArray
from ...linalg.eigenpairs import EigenStatus
from ..low_levels import LowLevels
from .canonical_path import SchedulePath
from .fraction_path import FractionPath

GapPath = SchedulePath | FractionPath
"""The path of an anneal: with one schedule for all qubits, or with one for each."""

KEEP_INSIDE = 0.05
"""A split keeps this distance from both ends, as a fraction of the width."""


@dataclass(frozen=True, eq=False)
class Node:
    """The g + 1 lowest levels at one point of the canonical path.

    Attributes
    ----------
    u : float
        Coordinate on the path, from 0 (driver) to 1 (problem).
    g : int
        Degeneracy of the final ground subspace.
    levels : LowLevels
        The levels of ``G(u)``.
    shared_error : float
        Error that all levels have in common, if they are estimated.
    """

    u: float
    g: int
    levels: LowLevels
    shared_error: float = 0.0

    @property
    def gap(self) -> float:
        """The gap ``E_g - E_0`` of ``G(u)``."""
        return float(self.levels.values[self.g] - self.levels.values[0])

    @property
    def converged(self) -> bool:
        """Whether the levels are complete, as far as the check can tell."""
        return self.levels.status is EigenStatus.CONVERGED

    @property
    def slack(self) -> float:
        """Largest distance of the sum of the g + 1 levels below the sum of their Ritz values."""
        return self.levels.deficit

    def tangent(self, strengths: tuple[float, float] | FloatArray, count: int) -> float:
        """Bound the sum of the ``count`` lowest levels at other ``strengths`` (A, B) from above."""
        A, B = map(float, strengths)
        driver = self.levels.driver[:count].sum()
        problem = self.levels.problem[:count].sum()
        return float(A * driver + B * problem)


def scheduled_gap(path: GapPath, node: Node) -> tuple[float, float]:
    """Return (s, gap) of the visit to the node with the least gap; (nan, inf) without a visit."""
    s, scale = path.visits(node.u)
    if s.size == 0:
        return math.nan, math.inf
    at = int(np.argmin(scale))
    return float(s[at]), float(scale[at]) * node.gap


@dataclass(frozen=True, order=True)
class Bracket:
    """An interval of u with a lower bound of the scheduled gap, by which intervals are ordered.

    Attributes
    ----------
    lower : float
        Lower bound of ``scale * gap`` over all points of the schedule between the nodes; inf if the
        schedule does not visit them.
    split : float
        The u at which a split of the interval raises the bound most.
    left, right : Node
        The ends of the interval.
    """

    lower: float
    split: float
    left: Node = field(compare=False)
    right: Node = field(compare=False)

    @property
    def width(self) -> float:
        """Length of the interval in u."""
        return self.right.u - self.left.u

    def ceiling(self, path: GapPath) -> float:
        """Return the lower of the bounds at the two ends, which no split can raise.

        The bound at an end is the gap there minus the effect of the residuals.
        """
        bounds = [
            float(scale.min()) * (node.gap - node.slack)
            for node in (self.left, self.right)
            for _, scale in [path.visits(node.u)]
            if scale.size
        ]
        return min(bounds, default=np.inf)

    def with_node(self, path: GapPath, node: Node) -> Bracket:
        """Return the interval with its end replaced by ``node``, if that lies at the same u."""
        if node.u == self.left.u:
            return bracket(path, node, self.right)
        return bracket(path, self.left, node) if node.u == self.right.u else self


def bracket(path: GapPath, left: Node, right: Node) -> Bracket:
    """Bound the gap of a schedule between two nodes from below.

    The bound is convex and piecewise linear in s, so its minimum lies at an end, at a breakpoint of
    the schedule or at a kink, where two tangents cross.
    """
    g, ends = left.g, (left, right)
    # every line is represented by its values at the left and at the right end
    chord = np.array([node.levels.values.sum() - node.slack for node in ends])
    strengths = [path.strengths(node.u) for node in ends]
    low_sum = np.array([[node.tangent(at, g) for at in strengths] for node in ends])
    ground = np.array([[node.tangent(at, 1) for at in strengths] for node in ends])
    moved = _shift(ground, left.shared_error + right.shared_error)
    chord += (g + 1) * moved
    low_sum += g * moved[:, None]
    ground += moved[:, None]
    width = right.u - left.u
    kinks = [left.u + x * width for x in (*_crossing(low_sum), *_crossing(ground))]
    u, scale = _candidates(path, left.u, right.u, kinks)
    if u.size == 0:
        return Bracket(np.inf, (left.u + right.u) / 2, left, right)
    x = (u - left.u) / width
    bound = _line(chord, x) - _line(low_sum, x).min(axis=0) - _line(ground, x).min(axis=0)
    bound = scale * (bound - path.bend(left.u, right.u))
    at = int(np.argmin(bound))
    return Bracket(float(bound[at]), _split(path, left.u, right.u, float(u[at])), left, right)


def _shift(ground: FloatArray, most: float) -> FloatArray:
    """Return by how much the levels at each end are moved, for the tangents of E_0 at both ends."""
    rise = ground[1, 1] - ground[0, 0]
    wanted = (ground[:, 1] - ground[:, 0]).mean() - rise
    return np.array([0.0, np.clip(wanted, -most, most)])


def _candidates(
    path: GapPath, low: float, high: float, kinks: list[float]
) -> tuple[FloatArray, FloatArray]:
    """Return (u, scale) of all points of the schedule where the bound may be least."""
    us, scales = path.within(low, high)
    parts = [(us, scales)]
    for u in (low, high, *kinks):
        _, scale = path.visits(u)
        parts.append((np.full(scale.size, u), scale))
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _split(path: GapPath, low: float, high: float, at: float) -> float:
    """Move ``at`` away from both ends, but not from an end that the schedule does not reach."""
    first, last = path.span
    inside = (low + KEEP_INSIDE * (high - low), high - KEEP_INSIDE * (high - low))
    least = first if low < first < high else inside[0]
    most = last if low < last < high else inside[1]
    return float(np.clip(at, least, most))


def _line(ends: FloatArray, x: FloatArray) -> FloatArray:
    """Return the values at x in [0, 1] of lines given by their ends, (..., 2) -> (..., n)."""
    return ends[..., :1] * (1.0 - x) + ends[..., 1:] * x


def _crossing(lines: FloatArray) -> list[float]:
    """Return where two lines cross strictly inside (0, 1): one number, or none."""
    at_left, at_right = lines[0] - lines[1]
    if min(at_left, at_right) >= 0.0 or max(at_left, at_right) <= 0.0:
        return []
    return [float(at_left / (at_left - at_right))]
