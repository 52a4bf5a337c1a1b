"""Gaps near an avoided crossing, estimated in selected configurations."""

from __future__ import annotations

import numpy as np

from ...errors import InputError
from ..search import Report, interior_minimum, reported
from .estimate_search import search_estimates
from .expansion import Array, Expansion
from .nodes import ERRORS, SelectedNodes

GAP_SHARE = 0.005
"""Standard error of a gap that is asked for, relative to the gap."""

MOST_POINTS = 500
"""Largest number of points of the search for an avoided crossing."""

ROUNDING = 1e-12
"""Distances of levels below this one, relative to the norm of H, may be due to rounding."""


class EstimatedGaps:
    """Gaps ``E_g - E_0`` along an anneal, with their standard errors.

    Parameters
    ----------
    nodes : SelectedNodes
        The levels at points of the canonical path; more points are added to it.

    Attributes
    ----------
    H : AnnealHamiltonian
        Qubits in a transverse field.
    g : int
        Degeneracy of the final ground subspace.
    """

    def __init__(self, nodes: SelectedNodes) -> None:
        self._nodes, self.H, self.g = nodes, nodes.H, nodes.g

    def __call__(self, s: float) -> tuple[float, float]:
        """Return the gap at s and its standard error.

        Parameters
        ----------
        s : float
            Anneal fraction.
        """
        u, scale = self._nodes.path.at(s)
        gap, error = self._nodes.gap_within(u, GAP_SHARE)
        return scale * gap, scale * error

    def search(self, rtol: float, progress: Report | bool | None = None) -> float:
        """Return the anneal fraction of the smallest interior minimum; nan if there is none.

        Parameters
        ----------
        rtol : float
            Relative width of the estimated bracket at which the search ends.
        progress : callable or bool, optional
            As in :func:`qxgap.minimum_gap`.
        """
        with reported(progress, f"avoided crossing, {self.H.num_qubits} qubits") as report:
            search_estimates(self._nodes, rtol, MOST_POINTS, report)
        return interior_minimum(self._nodes, rtol)[0]

    def multiplicity(self, s: float) -> int:
        """Return the number of followed levels within 1.96 standard errors of E_g.

        Parameters
        ----------
        s : float
            Anneal fraction inside (0, 1).

        Raises
        ------
        InputError
            If driver or problem is switched off there.
        """
        u, scale = self._nodes.path.at(s)
        if u in (0.0, 1.0):
            raise InputError(
                f"at s = {s:g} only one of driver and problem is switched on, which is no avoided "
                "crossing; give the s of a minimum of the gap"
            )
        gap, error = self(s)
        point = self._nodes.points[u]
        least, number = self.resolution(np.array([s])), 1
        for j in range(self.g + 1, point.steps[-1].corrected.size):
            other, other_error = (scale * part for part in point.gap(j))
            number += other - gap <= max(ERRORS * error, ERRORS * other_error, least)
        return int(number)

    def width(self, s: float) -> float:
        """Return about the width of the crossing if the gap is smallest at s.

        There both levels are equal mixtures of the two states that cross, so that ``dH/ds`` has
        half the slope of their distance between the levels. Because H has no element between two
        levels, the one of the problem follows from that of the driver.

        Parameters
        ----------
        s : float
            Anneal fraction inside (0, 1) with driver and problem switched on.
        """
        gap, _ = self(s)
        point = self._nodes.points[self._nodes.path.at(s)[0]]
        schedule = self.H.schedule
        (A, B), (dA, dB) = map(float, schedule(s)), map(float, schedule.derivative(s))
        driver = self._driver_between(point.expansion, 0, self.g)
        slope = 2 * abs((dA - dB * A / B) * driver)
        return gap / slope if slope > 0 else np.inf

    def resolution(self, s: Array) -> float:
        """Return a bound of the rounding errors of a gap at any of several points.

        Parameters
        ----------
        s : ndarray of float
            Anneal fractions.
        """
        A, B = self.H.schedule(s)
        problem = self.H.problem
        energies = np.abs(problem.h).sum() + np.abs(problem.J).sum()
        return ROUNDING * float(A.max() * self.H.driver_weights.sum() + B.max() * energies)

    def _driver_between(self, expansion: Expansion, i: int, j: int) -> float:
        """Return the element of the driver between two levels, but for its sign."""
        pair = expansion.vectors[:, [i, j]]
        sums = np.column_stack([pair, pair.sum(axis=1) / np.sqrt(2)])
        excited, flipped = (
            part[:, 2] - part[:, :2].mean(axis=1)
            for part in expansion.configurations.one_qubit(sums)
        )
        theta = expansion.frame.theta
        flips = np.cos(theta) * flipped - 2 * np.sin(theta) * excited
        return float(self.H.driver_weights @ flips)
