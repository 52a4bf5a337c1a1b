"""Energy levels of a problem, Boltzmann laws on them, and the residual energy of reads.

The levels and their degeneracies are exact: they come from the energies of all 2^d states.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from ..digits import percent
from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from ..problem.proven_levels import LevelStatus
from ..results import Result, plain
from ..statistics.bootstrap import require_confidence_level
from ..statistics.intervals import cluster_interval, jeffreys_interval
from ..statistics.seeds import Seed
from .alignment import Ground, Reads, ground_levels, reads_of_one_problem

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Levels(Result):
    """The distinct energies of a problem in ascending order, with the number of states of each.

    States whose energies differ by no more than the ground tolerance of the problem are one level.

    Attributes
    ----------
    energies : ndarray of float, shape (k,)
        The lowest energy of each level, without the problem's offset.
    degeneracies : ndarray of int or float, shape (k,)
        The number of states of each level.
    """

    energies: NDArray[np.float64]
    degeneracies: NDArray[np.int64] | NDArray[np.float64]

    def __post_init__(self) -> None:
        energies = np.asarray(self.energies, dtype=np.float64)
        degeneracies = np.asarray(self.degeneracies)
        if energies.ndim != 1 or energies.shape != degeneracies.shape or energies.size == 0:
            raise InputError("levels need energies and degeneracies of one shape (k,), k >= 1")
        if np.any(degeneracies < 1) or np.any(np.diff(energies) < 0):
            raise InputError("level energies must ascend, and degeneracies must be at least 1")
        object.__setattr__(self, "energies", energies)
        object.__setattr__(self, "degeneracies", degeneracies)

    def boltzmann(self, temperature: float) -> NDArray[np.float64]:
        """Return the probability of each level at a temperature: ``g exp(-E / T) / Z``.

        Parameters
        ----------
        temperature : float
            Temperature in the unit of the energies, Boltzmann's constant included. 0 puts all
            weight on the lowest level, inf makes all states equally probable, and a negative
            temperature prefers high levels.

        Returns
        -------
        ndarray of float, shape (k,)
            Probabilities of the levels, which sum to 1.
        """
        if temperature == 0:
            return (np.arange(self.energies.size) == 0).astype(np.float64)
        return self.of_inverse_temperature(1 / temperature)

    def of_inverse_temperature(self, beta: float) -> NDArray[np.float64]:
        """Return the probability of each level at an inverse temperature of either sign.

        Parameters
        ----------
        beta : float
            Inverse temperature, finite, in the inverse unit of the energies.

        Returns
        -------
        ndarray of float, shape (k,)
            Probabilities of the levels, which sum to 1.

        Raises
        ------
        InputError
            If ``beta`` is not finite; ``boltzmann`` takes the temperatures 0 and inf.
        """
        if not math.isfinite(beta):
            raise InputError(
                f"inverse temperature {beta} is not finite; use boltzmann(0.0) for its limit"
            )
        exponents = np.log(self.degeneracies) - beta * (self.energies - self.energies[0])
        return np.exp(exponents - logsumexp(exponents))

    def index(self, energies: ArrayLike, tolerance: float) -> NDArray[np.int64]:
        """Return the level of each energy: the highest that is not above it.

        Parameters
        ----------
        energies : array_like of float
            Energies without the problem's offset, in any shape.
        tolerance : float
            A level may lie above the energy by this much.

        Returns
        -------
        ndarray of int
            Number of the level of each energy, in the shape of ``energies``.

        Raises
        ------
        InputError
            If an energy lies below all levels.
        """
        values = np.asarray(energies, dtype=np.float64)
        index = np.searchsorted(self.energies, values + tolerance, side="right") - 1
        if np.any(index < 0):
            raise InputError(
                "an energy lies below the lowest level; give the levels of the same problem"
            )
        return index.astype(np.int64)

    def to_dict(self) -> dict[str, Any]:
        """Return the levels as plain Python values.

        Returns
        -------
        dict
            The energies and the degeneracies as lists.
        """
        return {"energies": plain(self.energies), "degeneracies": plain(self.degeneracies)}

    def plot(self, ax: Any = None) -> Any:
        """Draw the number of states of each energy level.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import level_shares  # loads matplotlib

        count, states = "number of states", self.degeneracies
        return level_shares(self.energies, states, ylabel=count, ax=ax)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the levels as a table.

        Returns
        -------
        pandas.DataFrame
            The columns energy and states, a row for each level.
        """
        import pandas as pd

        return pd.DataFrame({"energy": self.energies, "states": self.degeneracies})

    def __str__(self) -> str:
        return (
            f"The {self.degeneracies.sum():g} states have {self.energies.size} energy levels, from "
            f"{self.energies[0]:.4g} to {self.energies[-1]:.4g}; {self.degeneracies[0]:g} "
            f"{'is a ground state' if self.degeneracies[0] == 1 else 'are ground states'}."
        )


def energy_levels(problem: ProblemLike) -> Levels:
    """Return all energy levels of a problem, from the energies of its 2^d states.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.

    Returns
    -------
    Levels
        Energies, without the offset, and degeneracies.

    Raises
    ------
    MemoryLimitError
        If the energies of all 2^d states do not fit into memory.

    Examples
    --------
    >>> import qxgap as qx
    >>> levels = qx.samples.energy_levels(qx.QuboProblem([1.0, 1.0], [[0, 0], [0, 0]]))
    >>> levels.energies.tolist(), levels.degeneracies.tolist()
    ([0.0, 1.0, 2.0], [1, 2, 1])
    """
    problem = as_problem(problem)
    energies = np.sort(problem.diagonal)
    starts = np.flatnonzero(np.diff(energies, prepend=-np.inf) > problem.ground_tolerance)
    return Levels(energies[starts], np.diff(starts, append=energies.size))


def level_counts(levels: Levels, reads: Reads) -> NDArray[np.int64]:
    """Count the reads of each energy level.

    Parameters
    ----------
    levels : Levels
        The energy levels of the problem.
    reads : Reads
        Reads of the same problem.

    Returns
    -------
    ndarray of int, shape (k,)
        Number of reads of each level.

    Raises
    ------
    InputError
        If a read lies below the lowest level.
    """
    counts = np.zeros(levels.energies.size, dtype=np.int64)
    index = levels.index(reads.level_energies, reads.problem.ground_tolerance)
    np.add.at(counts, index, reads.multiplicity)
    return counts


@dataclass(frozen=True, repr=False)
class ResidualEnergy(Result):
    """The mean energy of the reads above the ground energy, with its interval.

    Attributes
    ----------
    value : float
        Mean energy above the ground energy, in the problem's unit.
    interval : tuple of float
        Interval (low, high) of the mean. For several runs it comes from a bootstrap over the runs;
        for a single run it is normal, from the variance of the reads, and cut at 0. Reads that
        all have one energy show no variance. Then the interval assumes that a part of the reads may
        have had other energies, which differ by up to the energy scale of the problem. This part is
        the upper end of the Jeffreys interval for no such read among all reads.
    confidence_level : float
        Confidence level of the interval.
    ground : LevelStatus
        How the ground energy is known. If it is not proven, ``value`` is the mean energy above the
        lowest energy known.
    """

    value: float
    interval: tuple[float, float]
    confidence_level: float
    ground: LevelStatus = LevelStatus.ALL_STATES

    def to_dict(self) -> dict[str, Any]:
        """Return the residual energy as plain Python values.

        Returns
        -------
        dict
            The mean energy, its interval as a list, the confidence level, and how the ground energy
            is known.
        """
        return {
            "residual_energy": self.value,
            "residual_energy_interval": list(self.interval),
            "confidence_level": self.confidence_level,
            "ground_status": self.ground.name,
        }

    def __str__(self) -> str:
        low, high = self.interval
        ground = "the ground energy"
        if not self.ground.is_proven:
            ground = "the lowest energy known, which is not proven to be the lowest,"
        return (
            f"The reads lie {self.value:.2g} above {ground} on average "
            f"({percent(self.confidence_level)} % interval {low:.2g} to {high:.2g})."
        )


def residual_energy(
    runs: Reads | Sequence[Reads],
    *,
    ground: Ground = None,
    confidence_level: float = 0.95,
    seed: Seed = None,
) -> ResidualEnergy:
    """Measure how far above the ground energy the reads lie on average: ``<E> - E_0``.

    Parameters
    ----------
    runs : Reads or sequence of Reads
        Aligned reads of one run, or of several runs of one problem.
    ground : KnownLevels, AllStates, BranchAndBound, float or None
        The ground energy with the problem's offset, or the method that finds it. None takes all
        2^d states up to 24 qubits, and branch and bound beyond.
    confidence_level : float
        Confidence level of the interval, in (0, 1).
    seed : int, numpy.random.Generator or None
        Seed of the bootstrap over runs.

    Returns
    -------
    ResidualEnergy
        The mean and its interval.

    Raises
    ------
    InputError
        If there are no runs, or runs of different problems.
    MemoryLimitError
        If all states are asked for and do not fit into memory.
    """
    from scipy.special import ndtri

    aligned = reads_of_one_problem(runs)
    require_confidence_level(confidence_level)
    problem = aligned[0].problem
    levels = ground_levels(aligned, ground)
    lowest = float(levels.energies[0])
    totals = np.array([run.multiplicity @ (run.level_energies - lowest) for run in aligned])
    sizes = np.array([run.num_reads for run in aligned])
    value = float(totals.sum() / sizes.sum())
    seen = np.concatenate([run.level_energies[run.multiplicity > 0] for run in aligned])
    if np.ptp(seen) <= problem.ground_tolerance:
        # The reads show no spread. A part that was not observed may differ by up to the energy
        # scale.
        unseen = jeffreys_interval(0, int(sizes.sum()), confidence_level)[1]
        highest = problem.energy_scale
        interval = (value * (1 - unseen), value + unseen * (highest - value))
    elif len(aligned) > 1:
        interval = cluster_interval(totals, sizes, confidence_level=confidence_level, seed=seed)
    else:
        squares = aligned[0].multiplicity @ np.square(aligned[0].level_energies - lowest - value)
        quantile = float(ndtri((1 + confidence_level) / 2))
        error = math.sqrt(squares / max(1, sizes[0] - 1) / sizes[0]) * quantile
        interval = (max(0.0, value - error), value + error)
    return ResidualEnergy(value, interval, confidence_level, levels.status)
