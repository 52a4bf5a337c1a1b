"""A schedule as a set of points on the canonical path.

With A, B >= 0 and A + B > 0, ``A H_D + B H_P = (A + B) G(u)`` where ``G(u) = (1 - u) H_D + u H_P``
and ``u = B / (A + B)``. So every schedule reads its levels off the same path, u in [0, 1], with the
scale A + B. A piecewise linear schedule moves monotonically in u on each of its pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..anneal.schedule import AnnealSchedule

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SchedulePath:
    """Where a schedule goes on the canonical path."""

    schedule: AnnealSchedule

    @cached_property
    def u(self) -> Array:
        """(n,) canonical coordinate of the schedule's breakpoints."""
        return self.schedule.B / self.scale

    @cached_property
    def scale(self) -> Array:
        """(n,) A + B at the schedule's breakpoints."""
        return self.schedule.A + self.schedule.B

    @property
    def span(self) -> tuple[float, float]:
        """Smallest and largest u that the schedule visits."""
        return float(self.u.min()), float(self.u.max())

    def visits(self, u: float) -> tuple[Array, Array]:
        """Every (s, A + B) at which the schedule passes ``u``; of a pause there, its two ends."""
        A, B, s = self.schedule.A, self.schedule.B, self.schedule.s
        side = B * (1.0 - u) - A * u  # linear in s on a piece, zero at u
        side[self.u == u] = 0.0
        crossed = np.flatnonzero(side[:-1] * side[1:] < 0)
        x = side[crossed] / (side[crossed] - side[crossed + 1])
        at = np.flatnonzero(side == 0)
        between = s[crossed] + x * (s[crossed + 1] - s[crossed])
        scales = self.scale[crossed] + x * (self.scale[crossed + 1] - self.scale[crossed])
        return np.concatenate([s[at], between]), np.concatenate([self.scale[at], scales])

    def within(self, low: float, high: float) -> tuple[Array, Array]:
        """(u, A + B) of the breakpoints with ``low < u < high``."""
        inside = (self.u > low) & (self.u < high)
        return self.u[inside], self.scale[inside]
