"""Time to solution, of a probability, of a success curve, and of many instances."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..checks import kind_of, require_number
from ..digits import percent, rounded
from ..errors import InputError
from ..results import Result, plain
from ..statistics.bootstrap import cluster_draws, require_confidence_level, require_resamples
from ..statistics.seeds import Seed, random_generator
from .curve import SuccessCurve, require_curve, require_curves

if TYPE_CHECKING:
    import pandas as pd


def runs_to_solution(p: float, confidence: float = 0.99) -> float:
    """Return the number of runs until one succeeds: ``ceil(ln(1 - c) / ln(1 - p))``.

    Parameters
    ----------
    p : float
        Success probability of one run.
    confidence : float
        Probability c with which at least one run should have succeeded.

    Returns
    -------
    float
        Number of runs: 1 for p >= c, and inf for p = 0.

    Raises
    ------
    InputError
        For p outside [0, 1] and a confidence outside (0, 1).

    References
    ----------
    Ronnow et al., Science 345, 420 (2014).

    Examples
    --------
    >>> from qxgap.dynamics import runs_to_solution
    >>> runs_to_solution(0.5), runs_to_solution(0.995)
    (7.0, 1.0)
    """
    require_number(p, "probability", "one number in [0, 1]")
    require_number(confidence, "confidence", "a number inside (0, 1), such as 0.99")
    if not 0 <= p <= 1:
        raise InputError(f"probability {p} lies outside [0, 1]")
    if not 0 < confidence < 1:
        raise InputError(f"confidence = {confidence} lies outside (0, 1)")
    if p >= confidence:
        return 1.0
    if p == 0:
        return math.inf
    ratio = math.log1p(-confidence) / math.log1p(-p)
    return float(math.ceil(ratio * (1 - 1e-12))) if ratio < 1e15 else ratio


def time_to_solution(p: float, tau: float, confidence: float = 0.99) -> float:
    """Return the total anneal time until one run succeeds, ``tau * runs_to_solution(p)``.

    Parameters
    ----------
    p : float
        Success probability of one run.
    tau : float
        Time of one run.
    confidence : float
        Probability with which at least one run should have succeeded.

    Returns
    -------
    float
        Time in the unit of tau; inf for p = 0.

    Raises
    ------
    InputError
        For a tau that is negative or not finite, and as :func:`runs_to_solution` does.
    """
    require_number(tau, "tau", "one anneal time")
    if not 0 <= tau < math.inf:
        raise InputError(f"tau = {tau}; give one anneal time that is finite and not negative")
    runs = runs_to_solution(p, confidence)
    return tau * runs if math.isfinite(runs) else math.inf


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
        from ..plotting import time_against_tau  # loads matplotlib

        interval = (self.lower, self.upper)
        return time_against_tau(self.taus, self.times, self.tau, interval, self.confidence, ax=ax)

    def __str__(self) -> str:
        if not math.isfinite(self.tts):
            return "At none of these anneal times does a run ever succeed."
        end = " It is at an end of the curve, so that a better tau may lie outside."
        return (
            f"A solution takes the least time with anneals of the time tau = {self.tau:g}: "
            f"{rounded(self.runs, 4)} of them, {rounded(self.tts, 4)} in all, contain one with a "
            f"probability of {percent(self.confidence)} %.{end if self.at_end else ''}"
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
    taus = _positive(curve.taus)
    tts = _times(taus, curve.success, confidence)
    best = int(np.argmin(tts))
    above, below = np.minimum(curve.success + curve.errors, 1.0), curve.success - curve.errors
    return OptimalTTS(
        tau=float(taus[best]),
        runs=runs_to_solution(float(curve.success[best]), confidence),
        tts=float(tts[best]),
        lower=float(_times(taus, above, confidence).min()),
        upper=float(_times(taus, np.maximum(below, 0.0), confidence).min()),
        at_end=best in (0, taus.size - 1),
        taus=tuple(taus.tolist()),
        times=tuple(tts.tolist()),
        confidence=confidence,
    )


@dataclass(frozen=True, repr=False)
class QuantileTTS(Result):
    """A quantile over instances of the time to solution, at the anneal time that is best for it.

    Attributes
    ----------
    quantile : float
        Order of the quantile.
    tau : float
        Anneal time at which the quantile is smallest.
    tts : float
        The quantile of the time to solution there.
    interval : tuple of float
        Bootstrap interval of ``tts`` over the instances; the best tau is chosen anew each time.
    num_instances : int
        Number of instances.
    """

    quantile: float
    tau: float
    tts: float
    interval: tuple[float, float]
    num_instances: int

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers by the names of the attributes.

        Returns
        -------
        dict of str
            Numbers, and the interval as a list.
        """
        return plain(dict(vars(self)))

    def __str__(self) -> str:
        low, high = self.interval
        return (
            f"A share of {self.quantile:.2g} of {self.num_instances} instances is solved within "
            f"{rounded(self.tts)} (interval {rounded(low)} to {rounded(high)}), with anneals of "
            f"the time tau = {self.tau:g}."
        )


def tts_quantiles(
    curves: Sequence[SuccessCurve],
    quantiles: Sequence[float] = (0.5,),
    *,
    confidence: float = 0.99,
    confidence_level: float = 0.95,
    num_resamples: int = 2000,
    seed: Seed = None,
) -> list[QuantileTTS]:
    """Return quantiles over instances of the time to solution, minimized over a common tau.

    Parameters
    ----------
    curves : sequence of SuccessCurve
        One curve for each instance, all at the same anneal times larger than 0.
    quantiles : sequence of float
        Orders in (0, 1). A quantile is the smallest time that so large a part of the instances
        does not exceed.
    confidence : float
        Probability with which at least one run should have succeeded.
    confidence_level : float
        Level of the percentile interval.
    num_resamples : int
        Number of bootstrap samples.
    seed : int, numpy.random.Generator or None
        Seed of the bootstrap.

    Returns
    -------
    list of QuantileTTS
        One for each order.

    Raises
    ------
    InputError
        For curves at different times, and orders or a level outside (0, 1).

    References
    ----------
    Ronnow et al., Science 345, 420 (2014). The bootstrap over instances is that of Albash and
    Lidar, Phys. Rev. X 8, 031016 (2018). Their Beta distribution for each instance is not needed,
    because probabilities are computed here and not counted.

    Examples
    --------
    >>> import qxgap as qx
    >>> problems = [qx.QuboProblem([-h, -0.5], [[0.0, 1.2], [0.0, 0.0]]) for h in (0.7, 1.0, 1.3)]
    >>> curves = [qx.success_curve(problem, [1.0, 3.0, 10.0]) for problem in problems]
    >>> (median,) = qx.tts_quantiles(curves, [0.5], seed=1)
    >>> median.tau, median.tts
    (1.0, 14.0)
    """
    require_curves(curves)
    if not isinstance(quantiles, Sequence | np.ndarray):
        raise InputError(f"quantiles is {kind_of(quantiles)}; give a list of numbers in (0, 1)")
    for q in quantiles:
        require_number(q, "a quantile", "numbers inside (0, 1)")
    require_confidence_level(confidence_level)
    require_resamples(num_resamples)
    if not curves or any(not np.array_equal(c.taus, curves[0].taus) for c in curves):
        raise InputError("give at least one curve, all over the same taus")
    if not all(0 < q < 1 for q in quantiles):
        raise InputError(f"quantiles {list(quantiles)} must lie inside (0, 1)")
    taus, rng = _positive(curves[0].taus), random_generator(seed)
    tts = np.array([_times(taus, curve.success, confidence) for curve in curves])
    drawn = np.concatenate(list(cluster_draws(len(curves), num_resamples, rng)))
    results, tails = [], [(1 - confidence_level) / 2, (1 + confidence_level) / 2]
    for q in quantiles:
        over_taus = _quantile(tts, q)
        best = int(np.argmin(over_taus))
        least = np.array([_quantile(tts[rows], q).min() for rows in drawn])
        low, high = (float(_quantile(least, tail)) for tail in tails)
        results.append(
            QuantileTTS(q, float(taus[best]), float(over_taus[best]), (low, high), len(curves))
        )
    return results


def _quantile(tts: NDArray[np.float64], q: float) -> Any:
    """Quantile of each column, without interpolation, because times may be infinite."""
    rank = max(math.ceil(q * len(tts) * (1 - 1e-12)), 1) - 1
    return np.partition(tts, rank, axis=0)[rank]


def _times(taus: NDArray, success: NDArray, confidence: float) -> NDArray[np.float64]:
    """Time to solution at each anneal time."""
    pairs = zip(success.tolist(), taus.tolist(), strict=True)
    return np.array([time_to_solution(min(p, 1.0), tau, confidence) for p, tau in pairs])


def _positive(taus: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the anneal times; InputError if one is 0."""
    if not np.all(taus > 0):
        raise InputError("tau = 0 has no time to solution; leave it out of the curve")
    return taus
