"""Energy levels with their degeneracies, and Boltzmann laws on them: exact sums over all states."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from .alignment import Reads


@dataclass(frozen=True, eq=False)
class Levels:
    """Distinct energies in ascending order; states closer than the tolerance are one level.

    Attributes
    ----------
    energies : (k,) the lowest energy of each level, without the problem's offset.
    degeneracies : (k,) states in each.
    """

    energies: NDArray[np.float64]
    degeneracies: NDArray[np.int64] | NDArray[np.float64]

    def __post_init__(self) -> None:
        energies = np.asarray(self.energies, dtype=np.float64)
        degeneracies = np.asarray(self.degeneracies)
        if energies.ndim != 1 or energies.shape != degeneracies.shape or energies.size == 0:
            raise InputError("levels need energies and degeneracies of one shape (k,), k >= 1")
        if np.any(degeneracies < 1) or np.any(np.diff(energies) < 0):
            raise InputError("level energies must ascend, and degeneracies be at least 1")
        object.__setattr__(self, "energies", energies)
        object.__setattr__(self, "degeneracies", degeneracies)

    def boltzmann(self, temperature: float) -> NDArray[np.float64]:
        """Probabilities of the levels, (k,): ``g exp(-E / T) / Z``.

        Parameters
        ----------
        temperature : in the unit of the energies, Boltzmann's constant included. 0 puts all on
            the lowest level, inf makes all states equal, negative ones prefer high levels.
        """
        if temperature == 0:
            return (np.arange(self.energies.size) == 0).astype(np.float64)
        return self.of_inverse_temperature(1 / temperature)

    def of_inverse_temperature(self, beta: float) -> NDArray[np.float64]:
        """Probabilities of the levels, (k,), at a finite inverse temperature of either sign."""
        if not math.isfinite(beta):
            raise InputError(f"inverse temperature {beta} is not finite")
        exponents = np.log(self.degeneracies) - beta * (self.energies - self.energies[0])
        return np.exp(exponents - logsumexp(exponents))

    def index(self, energies: ArrayLike, tolerance: float) -> NDArray[np.int64]:
        """Highest level not above each energy (offset removed) by more than ``tolerance``, S -> S.

        Raises InputError for an energy below all levels.
        """
        values = np.asarray(energies, dtype=np.float64)
        found = np.searchsorted(self.energies, values + tolerance, side="right") - 1
        if np.any(found < 0):
            raise InputError("an energy lies below the lowest level; these are not its levels")
        return found.astype(np.int64)


def energy_levels(problem: ProblemLike) -> Levels:
    """All levels of a problem, from its 2^d energies.

    Raises MemoryLimitError if they do not fit.
    """
    problem = as_problem(problem)
    energies = np.sort(problem.diagonal)
    starts = np.flatnonzero(np.diff(energies, prepend=-np.inf) > problem.ground_tolerance)
    return Levels(energies[starts], np.diff(starts, append=energies.size))


def level_counts(levels: Levels, reads: Reads) -> NDArray[np.int64]:
    """Reads per level, (k,)."""
    counts = np.zeros(levels.energies.size, dtype=np.int64)
    index = levels.index(reads.level_energies, reads.problem.ground_tolerance)
    np.add.at(counts, index, reads.multiplicity)
    return counts
