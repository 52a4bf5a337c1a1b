"""The time until a state near the optimum is read, from an anneal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ...checks import kind_of
from ...digits import rounded
from ...errors import InputError
from ...observables import NearOptimum
from ...results import Result, plain
from ..readout import ReadOut
from .runs import runs_to_solution, time_of_runs


@dataclass(frozen=True, repr=False)
class TimeToEpsilon(Result):
    """The number of anneals and the time until a state near the optimum is read.

    Attributes
    ----------
    near : NearOptimum
        Which states are near the optimum.
    probability : float
        Probability that one anneal reads one.
    runs : float
        Number of anneals of which at least one reads such a state, with probability
        ``confidence``; inf if the probability is 0.
    runs_interval : tuple of float, or None
        Bounds (low, high) of this number, from the error estimate of the anneal; None if its method
        gives no estimate.
    tau : float
        Time of one anneal.
    time : float
        ``runs`` times ``tau``.
    confidence : float
        Probability with which such a state has been read by then.
    """

    near: NearOptimum
    probability: float
    runs: float
    runs_interval: tuple[float, float] | None
    tau: float
    time: float
    confidence: float

    @property
    def interval(self) -> tuple[float, float] | None:
        """Bounds (low, high) of the time; None if the method gives no error estimate."""
        if self.runs_interval is None:
            return None
        low, high = self.runs_interval
        return time_of_runs(low, self.tau), time_of_runs(high, self.tau)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers by the names of the attributes, and the bounds of the time.

        Returns
        -------
        dict of str
            Numbers, and lists for the bounds.
        """
        return plain({**vars(self), "interval": self.interval})

    def plot(self, ax: Any = None) -> Any:
        """Draw the probability that such a state has been read, against the number of anneals.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ...plotting import reads_needed  # loads matplotlib

        interval = self.runs_interval or (self.runs, self.runs)
        return reads_needed(
            self.runs,
            interval,
            self.confidence,
            source="the computed probability",
            solution=self.near.of_solution(),
            ax=ax,
        )

    def __str__(self) -> str:
        if not math.isfinite(self.runs):
            return f"No anneal ever ends in a state {self.near.in_words()}."
        one = self.runs == 1
        number = "One anneal contains" if one else f"{rounded(self.runs, 4)} anneals contain"
        return (
            f"{number} a state {self.near.in_words()} with a probability of {self.confidence:g}: "
            f"they take {rounded(self.time, 4)} in all."
        )


def time_to_epsilon(run: ReadOut, near: NearOptimum, confidence: float = 0.99) -> TimeToEpsilon:
    """Return the time until repeated anneals have read a state near the optimum.

    Parameters
    ----------
    run : AnnealResult or OpenAnnealResult
        An anneal. Reads that were drawn have :func:`qxgap.samples.solution_time`.
    near : NearOptimum
        Which states are near the optimum.
    confidence : float
        Probability, in (0, 1), with which such a state is to be read.

    Returns
    -------
    TimeToEpsilon
        Number of anneals and time, with the bounds that follow from the error estimate.

    Raises
    ------
    InputError
        For a state that no anneal has made, and a confidence outside (0, 1).

    References
    ----------
    Munoz-Bauza and Lidar, Phys. Rev. Lett. 134, 160601 (2025).

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.dynamics import time_to_epsilon
    >>> run = qx.anneal(qx.testing.random_feature_selection(8, seed=1), 20.0)
    >>> exact, close = (qx.observables.NearOptimum(epsilon) for epsilon in (0.0, 0.05))
    >>> [time_to_epsilon(run, near).time for near in (exact, close)]
    [1160.0, 380.0]
    """
    tau, error = getattr(run, "tau", None), getattr(run, "error_estimate", None)
    if not isinstance(run, ReadOut) or tau is None:
        raise InputError(f"run is {kind_of(run)}; give a result of anneal or open_anneal")
    probability = run.near_probability(near)
    runs = runs_to_solution(min(probability, 1.0), confidence)
    bounds = None
    if error is not None:
        ends = min(probability + error, 1.0), max(probability - error, 0.0)
        bounds = (runs_to_solution(ends[0], confidence), runs_to_solution(ends[1], confidence))
    time = time_of_runs(runs, tau)
    return TimeToEpsilon(near, probability, runs, bounds, tau, time, confidence)
