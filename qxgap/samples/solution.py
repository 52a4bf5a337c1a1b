"""Time to solution of a sampler, as anneal time and as access time of the hardware."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..digits import rounded
from ..dynamics.tts import runs_to_solution
from ..errors import InputError
from ..problem.proven_levels import LevelStatus
from ..results import Result, plain
from .ground import GroundProbability


class SolutionStatus(Enum):
    """Whether a time to solution is known; the value is the message."""

    NOT_PROVEN = (
        "the lowest energy known is not proven to be the lowest, so the time to a ground state may "
        "be longer; the time given is that to the lowest energy known"
    )
    FINITE = "ground states were read, and the time to solution is finite"
    NO_GROUND_READ = (
        "no ground state was read: only a lower end of the time to solution is known; measure more "
        "reads or anneal longer"
    )


@dataclass(frozen=True, repr=False)
class TimeToSolution(Result):
    """The number of reads and the time until a ground state has been read.

    Attributes
    ----------
    reads : float
        Smallest number of reads that contains a ground state with probability ``confidence``; 1 if
        one read suffices, inf if no ground state was ever read.
    reads_interval : tuple of float
        Its interval (low, high), from the ends of the interval of the ground probability.
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
        Probability that a ground state has been read by then.
    ground : LevelStatus
        How the ground energy is known. If it is not proven, the times are those until the lowest
        energy known has been read.
    """

    reads: float
    reads_interval: tuple[float, float]
    anneal_time: float
    anneal_interval: tuple[float, float]
    access_time: float | None
    access_interval: tuple[float, float] | None
    confidence: float
    ground: LevelStatus

    @property
    def status(self) -> SolutionStatus:
        """Whether a ground state was read at all, and whether it is proven to be one."""
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
            }
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the probability that a ground state has been read, against the number of reads.

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

        return reads_needed(self.reads, self.reads_interval, self.confidence, ax=ax)

    def __str__(self) -> str:
        if not math.isfinite(self.reads):
            return (
                "No ground state was read, so the time to a solution is unknown; it takes at least "
                f"{rounded(self.reads_interval[0])} reads."
            )
        low, high = self.anneal_interval
        one = self.reads == 1
        number = "One read contains" if one else f"{rounded(self.reads, 4)} reads contain"
        state = "a ground state"
        if not self.ground.is_proven:
            state = "a state of the lowest energy known, which is not proven to be the lowest,"
        text = (
            f"{number} {state} with a probability of {self.confidence:g}: an anneal time of "
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
    """Compute the time to solution, with its interval, from a measured ground probability.

    Parameters
    ----------
    probability : GroundProbability
        The measured ground probability.
    anneal_time : float
        Anneal time of one read, in any unit; the result has the same. It may be 0, as for reads of
        the initial state.
    access_time_per_read : float or None
        The whole access time of a run over its number of reads, in the same unit.
    confidence : float
        Probability, in (0, 1), with which a ground state is to be read.

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
    Ronnow et al., Science 345, 420 (2014).
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
        anneal_time=_time_of(reads, anneal_time),
        anneal_interval=(_time_of(fewest, anneal_time), _time_of(most, anneal_time)),
        access_time=access,
        access_interval=access_interval,
        confidence=confidence,
        ground=probability.ground,
    )


def _time_of(reads: float, each: float) -> float:
    """Return the time of several reads; infinitely many take forever, even if each takes none."""
    return reads * each if math.isfinite(reads) else math.inf
