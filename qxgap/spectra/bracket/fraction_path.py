"""The path of an anneal in which each qubit has its own schedule, with s itself as coordinate.

Such anneals lie on no common path. But their strengths are piecewise linear in s, so that H(s) is a
line between two breakpoints, and the same bounds hold there as on the canonical path. Over several
breakpoints H(s) leaves its chord. By Weyl's inequality a gap differs from that of the chord by no
more than the distance between the highest and the lowest level of the difference, which is bounded
by the sum of the moduli of its terms. Only the chord of the sum of levels needs that: the other two
bounds are expectations of H(s) itself, at any s.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...annealing.inhomogeneous import InhomogeneousHamiltonian, QubitSchedules
from ...linalg.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class FractionPath:
    """The terms of H(s) along an anneal.

    Parameters
    ----------
    H : InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    """

    H: InhomogeneousHamiltonian

    @property
    def schedule(self) -> QubitSchedules:
        """The schedules of the qubits."""
        return self.H.schedules

    @cached_property
    def terms(self) -> FloatArray:
        """The coefficients of all terms at the breakpoints, in bit order, (n, terms).

        They are those of ``-sigma_x``, of the occupations and of the pairs of occupations, in the
        order of :attr:`~qxgap.annealing.InhomogeneousHamiltonian.problem_terms`.
        """
        return np.concatenate([self.H.transverse, self.H.problem_terms], axis=1)

    @cached_property
    def _spins(self) -> FloatArray:
        """The coefficients of all terms in spins at the breakpoints, up to their signs."""
        linear, couplings = self.H.quadratic_forms
        rows, columns = np.triu_indices(self.H.num_qubits, 1)
        fields = linear / 2 + couplings.sum(axis=2) / 4
        return np.concatenate([self.H.transverse, fields, couplings[:, rows, columns] / 4], axis=1)

    @property
    def scale(self) -> FloatArray:
        """The scale of the Hamiltonian on the path, which is 1."""
        return np.ones(1)

    @property
    def span(self) -> tuple[float, float]:
        """Smallest and largest coordinate."""
        return 0.0, 1.0

    @property
    def final_strength(self) -> float:
        """The number by which the energies of H_P are multiplied at s = 1; H(1) is H_P here."""
        return 1.0

    def strengths(self, u: float) -> FloatArray:
        """Return the coefficients of all terms of H at the fraction ``u``."""
        return self._between(self.terms, u)

    def at(self, s: float) -> tuple[float, float]:
        """Return (coordinate, scale) at the anneal fraction ``s``."""
        return s, 1.0

    def visits(self, u: float) -> tuple[FloatArray, FloatArray]:
        """Return the (s, scale) at which the anneal passes ``u``: itself."""
        return np.array([u]), np.ones(1)

    def within(self, low: float, high: float) -> tuple[FloatArray, FloatArray]:
        """Return the points between two coordinates where a bound may be least: none.

        The bound is convex there.
        """
        return np.empty(0), np.empty(0)

    def bend(self, low: float, high: float) -> float:
        """Return how much the gap may lie below that of the chord from ``low`` to ``high``.

        Parameters
        ----------
        low, high : float
            Two anneal fractions.

        Returns
        -------
        float
            The bound; 0 if no breakpoint lies between.
        """
        knots = self.schedule.s
        inside = (knots > low) & (knots < high)
        if not inside.any():
            return 0.0
        begin, end = (self._between(self._spins, u) for u in (low, high))
        x = (knots[inside, None] - low) / (high - low)
        away = np.abs(self._spins[inside] - (1 - x) * begin - x * end).sum(axis=1)
        return 2.0 * float(away.max())

    def _between(self, rows: FloatArray, u: float) -> FloatArray:
        """Return rows that are known at the breakpoints at the fraction ``u``."""
        low, x = self.schedule.piece(u)
        return np.asarray((1 - x) * rows[low] + x * rows[low + 1])
