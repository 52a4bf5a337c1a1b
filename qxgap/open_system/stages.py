"""The stages of an open anneal: parts of it, each in a space of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .systems import Density, Real, System


@dataclass(frozen=True, eq=False)
class Stage:
    """A part of an anneal that takes place in one space.

    Attributes
    ----------
    low, high : float
        Anneal fractions at which the stage begins and ends.
    system : FullSystem or ReducedSystem
        The matrices of the equation of motion.
    entry : ndarray of float, shape (n, p), or None
        Overlaps of the basis vectors of this stage with those of the stage before. None stands for
        the same basis.
    """

    low: float
    high: float
    system: System
    entry: Real | None = None

    def enter(self, density: Density) -> Density:
        """Return a density matrix of the stage before, projected into the space of this stage.

        Parameters
        ----------
        density : ndarray of complex, shape (p, p)
            Density matrix at the end of the stage before.

        Returns
        -------
        ndarray of complex, shape (n, n)
            Its projection; the trace is reduced by the weight outside of the space.
        """
        return density if self.entry is None else self.entry @ density @ self.entry.T

    def enter_levels(self, vectors: Real) -> Real:
        """Return states of the stage before, projected into the space of this stage.

        Parameters
        ----------
        vectors : ndarray of float, shape (p, k)
            States as columns.

        Returns
        -------
        ndarray of float, shape (n, k)
            Their projections.
        """
        return vectors if self.entry is None else self.entry @ vectors


@dataclass(frozen=True, eq=False)
class Outcome:
    """The end of an integration through all stages.

    Attributes
    ----------
    density : ndarray of complex, shape (n, n)
        Final density matrix in the basis of the last stage.
    steps : int or None
        Time steps; None if the method does not say.
    lost : float
        Weight that was lost where one stage follows another.
    top : float
        Largest weight on the way in the levels from number ``levels`` upwards; 0 if no number of
        levels was given.
    """

    density: Density
    steps: int | None
    lost: float = 0.0
    top: float = 0.0


def breakpoints(stage: Stage, s: NDArray[np.float64]) -> list[float]:
    """Return the ends of a stage and the fractions between them at which a schedule bends.

    Parameters
    ----------
    stage : Stage
        The stage.
    s : ndarray of float
        Fractions at which the schedule bends.

    Returns
    -------
    list of float
        Fractions, ascending.
    """
    inside = s[(s > stage.low) & (s < stage.high)]
    return [stage.low, *map(float, inside), stage.high]
