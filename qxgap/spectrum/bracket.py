"""A lower bound of the gap on an interval, from the levels at its two ends.

Let S_m = E_0 + ... + E_{m-1}, the sum of the m lowest levels: the minimum over m-dimensional
subspaces of a trace that is linear in (A, B) (Ky Fan 1949), hence concave wherever A(s) and B(s)
are linear. The gap above a final ground space of degeneracy g is

    E_g - E_0 = S_{g+1} - S_g - E_0.

On an interval between two points with known levels, S_{g+1} lies above its chord, while S_g and
E_0 lie below the expectation of H(s) in *any* g orthonormal states, or any one state; those of the
two ends are taken (Hellmann-Feynman tangents, when exact). So

    E_g - E_0 >= chord(s) - min(tangents of S_g)(s) - min(tangents of E_0)(s),

convex and piecewise linear: its minimum is at an end or where two tangents cross. Solver and
rounding errors enter the chord through the residuals: m Ritz values of orthonormal vectors lie
within the norm of the residual matrix of m eigenvalues (Kahan 1967), which are the lowest ones if
no level was missed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .eigen import EigenStatus
from .levels import Levels

KEEP_INSIDE = 0.05
"""A split stays this fraction of the width away from both ends."""


@dataclass(frozen=True, eq=False)
class Node:
    """The g + 1 lowest levels at anneal fraction s."""

    s: float
    g: int
    levels: Levels

    @property
    def gap(self) -> float:
        """``E_g - E_0``."""
        return float(self.levels.values[self.g] - self.levels.values[0])

    @property
    def converged(self) -> bool:
        """Whether the levels are complete."""
        return self.levels.status is EigenStatus.CONVERGED

    @property
    def slack(self) -> float:
        """How far the sum of the g + 1 levels may lie below that of the Ritz values."""
        return float((self.g + 1) * np.linalg.norm(self.levels.residuals))

    def tangent(self, other: Node, count: int) -> float:
        """At ``other``, an upper bound of the sum of the ``count`` lowest levels."""
        strengths = other.levels
        driver = self.levels.driver[:count].sum()
        problem = self.levels.problem[:count].sum()
        return float(strengths.A * driver + strengths.B * problem)


@dataclass(frozen=True, order=True)
class Bracket:
    """An interval, ordered by its lower bound of the gap; ``split`` is where to look next."""

    lower: float
    split: float
    left: Node = field(compare=False)
    right: Node = field(compare=False)

    @property
    def width(self) -> float:
        """Length in s."""
        return self.right.s - self.left.s


def bracket(left: Node, right: Node) -> Bracket:
    """Bound the gap between two nodes of one linear piece of the schedule."""
    g, ends = left.g, (left, right)
    # every line below is held as its (value at left, value at right)
    chord = np.array([node.levels.values.sum() - node.slack for node in ends])
    low_sum = np.array([[node.tangent(at, g) for at in ends] for node in ends])
    ground = np.array([[node.tangent(at, 1) for at in ends] for node in ends])
    x = np.unique([0.0, 1.0, *_crossing(low_sum), *_crossing(ground)])
    bound = _line(chord, x) - _line(low_sum, x).min(axis=0) - _line(ground, x).min(axis=0)
    at = int(np.argmin(bound))
    inside = float(np.clip(x[at], KEEP_INSIDE, 1.0 - KEEP_INSIDE))
    rounding = left.slack + right.slack
    return Bracket(float(bound[at]) - rounding, left.s + inside * (right.s - left.s), left, right)


def _line(ends: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values at x in [0, 1] of lines given by their ends, (..., 2) -> (..., n)."""
    return ends[..., :1] * (1.0 - x) + ends[..., 1:] * x


def _crossing(lines: NDArray[np.float64]) -> list[float]:
    """Where two lines cross strictly inside (0, 1), if they do."""
    at_left, at_right = lines[0] - lines[1]
    return [float(at_left / (at_left - at_right))] if at_left * at_right < 0 else []
