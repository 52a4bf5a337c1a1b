"""Time to solution: of one probability, of a curve, of many instances."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import kind_of, require_number
from ..errors import InputError
from ..statistics.bootstrap import cluster_draws, require_confidence_level, require_resamples
from ..statistics.seeds import Seed, random_generator
from .curve import SuccessCurve, require_curve, require_curves


def runs_to_solution(p: float, confidence: float = 0.99) -> float:
    """Runs until one has succeeded with ``confidence``: ``ceil(ln(1-c) / ln(1-p))``.

    1 for p >= c, inf for p = 0. Source: Ronnow et al., Science 345, 420 (2014).
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
    """``tau`` times :func:`runs_to_solution`, in the unit of tau; inf for p = 0."""
    require_number(tau, "tau", "one anneal time")
    if not 0 <= tau < math.inf:
        raise InputError(f"tau = {tau}; give one anneal time that is finite and not negative")
    runs = runs_to_solution(p, confidence)
    return tau * runs if math.isfinite(runs) else math.inf


@dataclass(frozen=True)
class OptimalTTS:
    """The least time to solution over the times of a curve.

    Attributes
    ----------
    tau, runs, tts : where it is least, the runs there, and their product; all from the computed
        probabilities. inf if every probability is 0.
    lower, upper : bounds of the least ``tts``, given the error estimates of the probabilities.
    at_end : whether ``tau`` is the first or last of the curve, so that the optimum may lie outside.
    """

    tau: float
    runs: float
    tts: float
    lower: float
    upper: float
    at_end: bool


def optimal_tts(curve: SuccessCurve, confidence: float = 0.99) -> OptimalTTS:
    """Minimise ``tau * ceil(ln(1-c) / ln(1-P))`` over the curve's times.

    Raises InputError for a curve with tau = 0, whose time to solution would read 0.
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
    )


@dataclass(frozen=True)
class QuantileTTS:
    """A quantile over instances of the time to solution, at the tau that is best for it.

    Attributes
    ----------
    quantile, tau, tts : the quantile's order, and where it is least.
    interval : of ``tts``, by bootstrap over the instances, the best tau chosen anew each time.
    num_instances : how many there are.
    """

    quantile: float
    tau: float
    tts: float
    interval: tuple[float, float]
    num_instances: int


def tts_quantiles(
    curves: Sequence[SuccessCurve],
    quantiles: Sequence[float] = (0.5,),
    *,
    confidence: float = 0.99,
    confidence_level: float = 0.95,
    num_resamples: int = 2000,
    seed: Seed = None,
) -> list[QuantileTTS]:
    """Quantiles of the time to solution over instances, minimised over a common tau.

    Sources: Ronnow et al., Science 345, 420 (2014); the bootstrap over instances as in Albash and
    Lidar, Phys. Rev. X 8, 031016 (2018), whose Beta for each instance is not needed: probabilities
    are computed here, not counted.

    Parameters
    ----------
    curves : one for each instance, all over the same taus > 0.
    quantiles : orders in (0, 1); the smallest time that so many instances do not exceed.
    confidence_level, num_resamples, seed : of the bootstrap's percentile interval.
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
    """Per column, without interpolation, which infinite times would not bear."""
    rank = max(math.ceil(q * len(tts) * (1 - 1e-12)), 1) - 1
    return np.partition(tts, rank, axis=0)[rank]


def _times(taus: NDArray, success: NDArray, confidence: float) -> NDArray[np.float64]:
    pairs = zip(success.tolist(), taus.tolist(), strict=True)
    return np.array([time_to_solution(min(p, 1.0), tau, confidence) for p, tau in pairs])


def _positive(taus: NDArray[np.float64]) -> NDArray[np.float64]:
    if not np.all(taus > 0):
        raise InputError("tau = 0 costs no time; leave it out of the curve")
    return taus
