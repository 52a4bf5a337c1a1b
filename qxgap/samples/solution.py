"""Time to solution or to near-optima of a sampler, as anneal time and as access time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..digits import rounded
from ..dynamics.tts import runs_to_solution
from ..dynamics.tts.runs import time_of_runs
from ..errors import InputError
from ..observables import NearOptimum
from ..problem.proven_levels import LevelStatus
from ..results import Result, plain
from .ground import GroundProbability


class SolutionStatus(Enum):
    """Whether a time to solution is known; the value is the message."""

    NOT_PROVEN = (
        "the lowest energy known is not proven to be the lowest, so the time to a ground state may "
        "be longer; the time given is that to the lowest energy known"
    )
    FINITE = "solutions were read, and the time to solution is finite"
    NO_GROUND_READ = (
        "no solution was read: only a lower end of the time to solution is known; measure more "
        "reads or anneal longer"
    )


@dataclass(frozen=True, repr=False)
class TimeToSolution(Result):
    """The number of reads and the time until a solution has been read.

    A solution is a ground state or, with ``near``, a state that is nearly as good. The time is then
    the time to epsilon of the literature.

    Attributes
    ----------
    reads : float
        Smallest number of reads that contains a solution with probability ``confidence``; 1 if one
        read suffices, inf if no solution was ever read.
    reads_interval : tuple of float
        Its interval (low, high), from the ends of the interval of the probability.
    anneal_time : float
        ``reads`` times the anneal time of a read.
    anneal_interval : tuple of float
        Interval of ``anneal_time``.
    access_time : float or None
        ``reads`` times the access time per read, for which a user pays. It includes programming,
        delay and read-out. None if the access time is not known.
    access_interval : tuple of float or None
        Interval of ``access_time``.
    confidence : float
        Probability that a solution has been read by then.
    ground : LevelStatus
        How the ground energy is known. If it is not proven, the times are those until the lowest
        energy known has been read.
    near : NearOptimum or None
        Which states are solutions beside the ground states; None if only these are.
    """

    reads: float
    reads_interval: tuple[float, float]
    anneal_time: float
    anneal_interval: tuple[float, float]
    access_time: float | None
    access_interval: tuple[float, float] | None
    confidence: float
    ground: LevelStatus
    near: NearOptimum | None = None

    @property
    def status(self) -> SolutionStatus:
        """Whether a solution was read at all, and whether it is proven to be one."""
        if not self.ground.is_proven:
            return SolutionStatus.NOT_PROVEN
        finite = math.isfinite(self.reads)
        return SolutionStatus.FINITE if finite else SolutionStatus.NO_GROUND_READ

    def to_dict(self) -> dict[str, Any]:
        """Return the times as plain Python values.

        Returns
        -------
        dict
            The attributes by their names, and the status.
        """
        return plain(
            {
                "reads": self.reads,
                "reads_interval": self.reads_interval,
                "anneal_time": self.anneal_time,
                "anneal_interval": self.anneal_interval,
                "access_time": self.access_time,
                "access_interval": self.access_interval,
                "confidence": self.confidence,
                "ground_status": self.ground.name,
                "status": self.status.name,
                **({} if self.near is None else {"near": self.near}),
            }
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the probability that a solution has been read, against the number of reads.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import reads_needed  # loads matplotlib

        solution = "a solution" if self.near is None else self.near.of_solution()
        return reads_needed(
            self.reads, self.reads_interval, self.confidence, solution=solution, ax=ax
        )

    def __str__(self) -> str:
        state = "ground state" if self.near is None else f"state {self.near.in_words()}"
        if not math.isfinite(self.reads):
            return (
                f"No {state} was read, so the time to a solution is unknown; it takes at least "
                f"{rounded(self.reads_interval[0])} reads."
            )
        low, high = self.anneal_interval
        one = self.reads == 1
        number = "One read contains" if one else f"{rounded(self.reads, 4)} reads contain"
        if not self.ground.is_proven:
            known = "known, which is not proven to be the lowest,"
            of_lowest = "state of the lowest energy" if self.near is None else state
            state = f"{of_lowest} {known}"
        text = (
            f"{number} a {state} with a probability of {self.confidence:g}: an anneal time of "
            f"{rounded(self.anneal_time)} in all (interval {rounded(low)} to {rounded(high)})."
        )
        if self.access_time is not None:
            text += f" With programming and read-out it takes {rounded(self.access_time)}."
        return text


def solution_time(
    probability: GroundProbability,
    anneal_time: float,
    access_time_per_read: float | None = None,
    *,
    confidence: float = 0.99,
) -> TimeToSolution:
    """Compute the time to solution, with its interval, from a measured probability of solutions.

    Of a probability that counts states near the optimum too, it is the time to epsilon.

    Parameters
    ----------
    probability : GroundProbability
        The measured probability of ground states, or with ``near`` of states that are nearly as
        good.
    anneal_time : float
        Anneal time of one read, in any unit; the result has the same. It may be 0, as for reads of
        the initial state.
    access_time_per_read : float or None
        The whole access time of a run over its number of reads, in the same unit.
    confidence : float
        Probability, in (0, 1), with which a solution is to be read.

    Returns
    -------
    TimeToSolution
        Number of reads, anneal time and access time, each with its interval.

    Raises
    ------
    InputError
        If a time is negative, an access time 0, or the confidence outside (0, 1).

    References
    ----------
    Ronnow et al., Science 345, 420 (2014); for the time to epsilon Munoz-Bauza and Lidar, Phys.
    Rev. Lett. 134, 160601 (2025).

    Examples
    --------
    >>> import qxgap as qx
    >>> recorded = qx.samples.iitis()
    >>> runs = recorded.select("Advantage_system6.4", annealing_time_us=200)
    >>> exact, close = (
    ...     qx.samples.ground_probability(recorded.problem, runs, near=near, seed=0)
    ...     for near in (None, qx.observables.NearOptimum(0.05))
    ... )
    >>> [qx.samples.solution_time(each, 200.0).reads for each in (exact, close)]
    [13.0, 4.0]
    """
    if anneal_time < 0 or (access_time_per_read is not None and access_time_per_read <= 0):
        raise InputError(
            f"anneal time {anneal_time} and access time {access_time_per_read} per read: give an "
            "anneal time of at least 0 and an access time above 0"
        )
    low, high = probability.interval
    reads = runs_to_solution(probability.value, confidence)
    fewest, most = runs_to_solution(high, confidence), runs_to_solution(low, confidence)
    access = access_interval = None
    if access_time_per_read is not None:
        access = reads * access_time_per_read
        access_interval = (fewest * access_time_per_read, most * access_time_per_read)
    return TimeToSolution(
        reads=reads,
        reads_interval=(fewest, most),
        anneal_time=time_of_runs(reads, anneal_time),
        anneal_interval=(time_of_runs(fewest, anneal_time), time_of_runs(most, anneal_time)),
        access_time=access,
        access_interval=access_interval,
        confidence=confidence,
        ground=probability.ground,
        near=probability.near,
    )


def near_keys(near: GroundProbability, tau: float) -> dict[str, Any]:
    """Return the keys of ``qxgap compare --json`` about states near the optimum.

    Parameters
    ----------
    near : GroundProbability
        The measured probability of these states.
    tau : float
        Anneal time of one read.
    """
    time, states = solution_time(near, tau), near.near
    return plain(
        {
            "epsilon": None if states is None else states.epsilon,
            "near_probability": near.value,
            "near_probability_interval": near.interval,
            "tte99": time.anneal_time,
            "tte99_interval": time.anneal_interval,
        }
    )
