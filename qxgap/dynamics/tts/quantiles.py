"""Quantiles over instances of the time to solution, or to near-optima."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...checks import kind_of, require_number
from ...digits import rounded
from ...errors import InputError
from ...observables import NearOptimum
from ...results import Result, plain
from ...statistics.bootstrap import cluster_draws, require_confidence_level, require_resamples
from ...statistics.seeds import Seed, random_generator
from ..curve import SuccessCurve, require_curves
from .runs import positive_times, times_to_solution


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
    near : NearOptimum or None
        Which states are solutions beside the ground states; the time is then a time to epsilon.
    """

    quantile: float
    tau: float
    tts: float
    interval: tuple[float, float]
    num_instances: int
    near: NearOptimum | None = None

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
        solved = "is solved" if self.near is None else f"gives a state {self.near.in_words()}"
        return (
            f"A share of {self.quantile:.2g} of {self.num_instances} instances {solved} within "
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
    near = curves[0].near
    if any(curve.near != near for curve in curves):
        raise InputError(
            "the curves count different states as solutions; compute them with one near="
        )
    if not all(0 < q < 1 for q in quantiles):
        raise InputError(f"quantiles {list(quantiles)} must lie inside (0, 1)")
    taus, rng = positive_times(curves[0].taus), random_generator(seed)
    tts = np.array([times_to_solution(taus, curve.success, confidence) for curve in curves])
    drawn = np.concatenate(list(cluster_draws(len(curves), num_resamples, rng)))
    results, tails = [], [(1 - confidence_level) / 2, (1 + confidence_level) / 2]
    for q in quantiles:
        over_taus = _quantile(tts, q)
        best = int(np.argmin(over_taus))
        least = np.array([_quantile(tts[rows], q).min() for rows in drawn])
        low, high = (float(_quantile(least, tail)) for tail in tails)
        results.append(
            QuantileTTS(
                q, float(taus[best]), float(over_taus[best]), (low, high), len(curves), near
            )
        )
    return results


def _quantile(tts: NDArray[np.float64], q: float) -> Any:
    """Quantile of each column, without interpolation, because times may be infinite."""
    rank = max(math.ceil(q * len(tts) * (1 - 1e-12)), 1) - 1
    return np.partition(tts, rank, axis=0)[rank]
