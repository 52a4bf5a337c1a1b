"""Time to solution of a sampler, in the two times that a run on hardware costs."""

from __future__ import annotations

from dataclasses import dataclass

from ..dynamics.tts import runs_to_solution as runs_to_solution
from ..dynamics.tts import time_to_solution as time_to_solution
from ..errors import InputError
from .ground import GroundProbability


@dataclass(frozen=True)
class TimeToSolution:
    """Reads and times until a ground state has been read with ``confidence``.

    Attributes
    ----------
    reads : least number; 1 where one read suffices, inf if none was ever in the ground space.
    reads_interval : (low, high), from the ends of the probability's interval.
    anneal_time : ``reads`` times the anneal time: what the physics needs.
    anneal_interval : of it.
    access_time : ``reads`` times the access time per read (programming, delay and read-out
        included): what a user waits and pays for. None if it is not known.
    access_interval : of it.
    confidence : probability of having read a ground state by then.
    """

    reads: float
    reads_interval: tuple[float, float]
    anneal_time: float
    anneal_interval: tuple[float, float]
    access_time: float | None
    access_interval: tuple[float, float] | None
    confidence: float


def solution_time(
    probability: GroundProbability,
    anneal_time: float,
    access_time_per_read: float | None = None,
    *,
    confidence: float = 0.99,
) -> TimeToSolution:
    """Time to solution with its interval, from a measured ground probability.

    Parameters
    ----------
    anneal_time : of one read.
    access_time_per_read : a run's whole access time over its reads, in the same unit.
    confidence : in (0, 1).

    Raises InputError for times that are not positive, or a confidence outside (0, 1).

    Source: Ronnow et al., Science 345, 420 (2014).
    """
    if anneal_time <= 0 or (access_time_per_read is not None and access_time_per_read <= 0):
        raise InputError(f"times {anneal_time}, {access_time_per_read} per read must be positive")
    low, high = probability.interval
    reads = runs_to_solution(probability.value, confidence)
    ends = (runs_to_solution(high, confidence), runs_to_solution(low, confidence))

    access = access_interval = None
    if access_time_per_read is not None:
        access = reads * access_time_per_read
        access_interval = (ends[0] * access_time_per_read, ends[1] * access_time_per_read)
    return TimeToSolution(
        reads=reads,
        reads_interval=ends,
        anneal_time=reads * anneal_time,
        anneal_interval=(ends[0] * anneal_time, ends[1] * anneal_time),
        access_time=access,
        access_interval=access_interval,
        confidence=confidence,
    )
