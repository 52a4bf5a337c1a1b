"""The anneal time at which the time to solution, or to near-optima, is smallest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...digits import percent, rounded
from ...observables import NearOptimum
from ...results import Result, plain
from ..curve import SuccessCurve, require_curve
from .runs import positive_times, runs_to_solution, times_to_solution

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class OptimalTTS(Result):
    """The smallest time to solution over the anneal times of a curve.

    Attributes
    ----------
    tau : float
        Anneal time at which the time to solution is smallest.
    runs : float
        Number of runs there.
    tts : float
        Their total time, from the computed probabilities; inf if every probability is 0.
    lower : float
        Lower bound of the smallest time to solution, given the errors of the probabilities.
    upper : float
        Upper bound of it.
    at_end : bool
        Whether ``tau`` is the first or the last of the curve, so that the optimum may lie outside.
    taus, times : tuple of float
        All anneal times of the curve, and the time to solution at each.
    confidence : float
        Probability with which at least one run should have succeeded.
    near : NearOptimum or None
        Which states are solutions beside the ground states; the time is then a time to epsilon.
    """

    tau: float
    runs: float
    tts: float
    lower: float
    upper: float
    at_end: bool
    taus: tuple[float, ...] = ()
    times: tuple[float, ...] = ()
    confidence: float = 0.99
    near: NearOptimum | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers by the names of the attributes.

        Returns
        -------
        dict of str
            Numbers.
        """
        return plain(dict(vars(self)))

    def to_dataframe(self) -> pd.DataFrame:
        """Return the times to solution as a table.

        Returns
        -------
        pandas.DataFrame
            The columns tau and tts, a row for each anneal time.
        """
        import pandas as pd

        return pd.DataFrame({"tau": self.taus, "tts": self.times})

    def plot(self, ax: Any = None) -> Any:
        """Draw the time to solution against the anneal time, with its smallest value.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ...plotting import time_against_tau  # loads matplotlib

        interval = (self.lower, self.upper)
        solution = "a solution" if self.near is None else self.near.of_solution()
        return time_against_tau(
            self.taus, self.times, self.tau, interval, self.confidence, solution, ax=ax
        )

    def __str__(self) -> str:
        if not math.isfinite(self.tts):
            return "At none of these anneal times does a run ever succeed."
        end = " It is at an end of the curve, so that a better tau may lie outside."
        return (
            f"{_solution(self.near)} takes the least time with anneals of the time tau = "
            f"{self.tau:g}: {rounded(self.runs, 4)} of them, {rounded(self.tts, 4)} in all, "
            f"contain one with a probability of {percent(self.confidence)} %."
            f"{end if self.at_end else ''}"
        )


def optimal_tts(curve: SuccessCurve, confidence: float = 0.99) -> OptimalTTS:
    """Minimize ``tau * ceil(ln(1 - c) / ln(1 - P))`` over the anneal times of a curve.

    Parameters
    ----------
    curve : SuccessCurve
        Success probabilities at anneal times larger than 0.
    confidence : float
        Probability c with which at least one run should have succeeded.

    Returns
    -------
    OptimalTTS
        The smallest time to solution, its bounds, and where it is.

    Raises
    ------
    InputError
        For a curve with tau = 0, where the time to solution would be 0.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> best = qx.optimal_tts(qx.success_curve(problem, [1.0, 3.0, 10.0]))
    >>> best.tau, best.tts, best.at_end
    (1.0, 14.0, True)
    """
    require_curve(curve)
    taus = positive_times(curve.taus)
    tts = times_to_solution(taus, curve.success, confidence)
    best = int(np.argmin(tts))
    above, below = np.minimum(curve.success + curve.errors, 1.0), curve.success - curve.errors
    return OptimalTTS(
        tau=float(taus[best]),
        runs=runs_to_solution(float(curve.success[best]), confidence),
        tts=float(tts[best]),
        lower=float(times_to_solution(taus, above, confidence).min()),
        upper=float(times_to_solution(taus, np.maximum(below, 0.0), confidence).min()),
        at_end=best in (0, taus.size - 1),
        taus=tuple(taus.tolist()),
        times=tuple(tts.tolist()),
        confidence=confidence,
        near=curve.near,
    )


def _solution(near: NearOptimum | None) -> str:
    """Return what counts as a solution, as the beginning of a sentence."""
    return "A solution" if near is None else f"A state {near.in_words()}"
