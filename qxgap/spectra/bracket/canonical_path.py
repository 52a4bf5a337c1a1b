"""A schedule as a set of points on the canonical path.

With A, B >= 0 and A + B > 0, ``A H_D + B H_P = (a A + b B) G(u)`` where

    G(u) = (1 - u) H_D / a + u H_P / b,        u = b B / (a A + b B),

for any a, b > 0. So every schedule takes its levels from the same path, u in [0, 1], with the scale
a A + b B. A piecewise linear schedule moves monotonically in u on each of its pieces. With typical
energies of driver and problem for a and b the path stays well resolved also where these differ by
many orders of magnitude; with a = b = 1 all changes would then lie within rounding of one end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...annealing.hamiltonian import AnnealHamiltonian
from ...annealing.inhomogeneous import InhomogeneousHamiltonian
from ...annealing.protocol import Hamiltonian
from ...annealing.schedules import AnnealSchedule
from ...files import digest
from ...linalg.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class SchedulePath:
    """The points of the canonical path that a schedule visits.

    Parameters
    ----------
    schedule : AnnealSchedule
        Piecewise linear A(s) and B(s).
    energies : tuple of float
        Typical energies of H_D and H_P, the a and b of the module's text.
    """

    schedule: AnnealSchedule
    energies: tuple[float, float] = (1.0, 1.0)

    @cached_property
    def A(self) -> FloatArray:
        """``a A`` at the schedule's breakpoints, shape (n,)."""
        return self.energies[0] * self.schedule.A

    @cached_property
    def B(self) -> FloatArray:
        """``b B`` at the schedule's breakpoints, shape (n,)."""
        return self.energies[1] * self.schedule.B

    @cached_property
    def u(self) -> FloatArray:
        """Canonical coordinate of the schedule's breakpoints, shape (n,)."""
        return self.B / self.scale

    @cached_property
    def scale(self) -> FloatArray:
        """``a A + b B`` at the schedule's breakpoints, shape (n,)."""
        return self.A + self.B

    def strengths(self, u: float) -> tuple[float, float]:
        """Return the coefficients of H_D and H_P in ``G(u)``."""
        return (1.0 - u) / self.energies[0], u / self.energies[1]

    @property
    def final_strength(self) -> float:
        """The number by which the energies of H_P are multiplied at s = 1."""
        return float(self.schedule.B[-1])

    def bend(self, low: float, high: float) -> float:
        """Return how much the gap may lie below that of the chord: not at all on a line."""
        return 0.0

    def at(self, s: float) -> tuple[float, float]:
        """Return (u, scale) at the anneal fraction ``s``."""
        A, B = map(float, self.schedule(s))
        A, B = self.energies[0] * A, self.energies[1] * B
        return B / (A + B), A + B

    @property
    def span(self) -> tuple[float, float]:
        """Smallest and largest u that the schedule visits."""
        return float(self.u.min()), float(self.u.max())

    @cached_property
    def _visited(self) -> dict[float, tuple[FloatArray, FloatArray]]:
        """The visits that were computed; a search asks for those of its nodes again and again."""
        return {}

    def visits(self, u: float) -> tuple[FloatArray, FloatArray]:
        """Return every (s, scale) at which the schedule passes ``u``; of a pause, its two ends."""
        if u not in self._visited:
            self._visited[u] = self._visits(u)
        return self._visited[u]

    def _visits(self, u: float) -> tuple[FloatArray, FloatArray]:
        """Compute the visits to ``u``."""
        A, B, s = self.A, self.B, self.schedule.s
        side = B * (1.0 - u) - A * u  # linear in s on a piece, zero at u
        side[self.u == u] = 0.0
        crossed = np.flatnonzero(np.sign(side[:-1]) * np.sign(side[1:]) < 0)
        x = side[crossed] / (side[crossed] - side[crossed + 1])
        at = np.flatnonzero(side == 0)
        between = s[crossed] + x * (s[crossed + 1] - s[crossed])
        scales = self.scale[crossed] + x * (self.scale[crossed + 1] - self.scale[crossed])
        return np.concatenate([s[at], between]), np.concatenate([self.scale[at], scales])

    def within(self, low: float, high: float) -> tuple[FloatArray, FloatArray]:
        """Return (u, scale) of the breakpoints with ``low < u < high``."""
        inside = (self.u > low) & (self.u < high)
        return self.u[inside], self.scale[inside]


def path_hash(H: Hamiltonian | InhomogeneousHamiltonian) -> str:
    """Return a digest of driver and problem, which determine the levels on the canonical path."""
    if isinstance(H, InhomogeneousHamiltonian):
        return digest(H.instance_hash, H.schedules.content_hash, repr(H.driver))
    weights = (H.driver_weights,) if isinstance(H, AnnealHamiltonian) else ()
    return digest(H.instance_hash, *weights)
