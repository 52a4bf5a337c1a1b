"""Effective temperature by maximum pseudo-likelihood: single flips, any number of variables.

If all other variables are fixed, a Boltzmann law sets variable i with probability
``sigma(-(beta f_i + a))``. Here f_i is the energy of setting the variable, and ``a`` is an optional
field that all variables have in common. The pseudo-likelihood is the product of these probabilities
over variables and reads. Its maximum is a logistic regression, which is concave in (beta, a) and
needs no partition function. ``maximum_pseudolikelihood_temperature`` of dwave-system is the same
estimator, without the interval below.

The sandwich interval takes the spread of the scores from the reads. At low temperature the score
depends on the few reads that are not local minima, and the sandwich takes a spread that was not
observed for zero. At low temperature these reads are counted instead. If the other variables are
fixed, variable i lies against its field with probability ``p_i = sigma(-beta |f_i|)``; let m_i be
the number of variables against their fields once i is. A state with m of them is counted 1/m for
each, so for every beta

    P(some variable lies against its field)  =  < sum_i p_i / m_i >,

exactly, whatever the couplings. The right side falls as beta grows and hardly fluctuates at low
temperature, so that an interval of the mean of the Poisson number on the left is one of beta.
Negative temperatures are positive temperatures of the energies with the opposite sign.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import dimod
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ...errors import InputError
from ...problem.accept import ProblemLike, as_problem
from ...problem.proven_levels import MOST_ENUMERATED
from ...statistics.bootstrap import require_confidence_level, student_quantile
from ...statistics.seeds import Seed
from ..alignment import Reads, aligned_runs, pooled, reads_of_one_problem
from ..energies import energy_levels, level_counts
from ..temperature import EffectiveTemperature, level_temperature
from .regression import informative_flips, maximize, sandwich

FEW_FLIPS = 20.0
"""If fewer informative flips than this support the estimate, the reads that show a flip are counted
in addition to the sandwich interval."""

LOWEST, HIGHEST = -1e6, 1e15
"""Ends of the search for an inverse temperature, in units at which the expected number of flips
changes noticeably; a value beyond them counts as infinite."""


def pseudolikelihood_temperature(
    runs: Reads | Sequence[Reads], *, offset: bool = False, confidence_level: float = 0.95
) -> EffectiveTemperature:
    """Estimate the temperature of reads from single flips, by maximum pseudo-likelihood.

    The interval is valid at low temperature too, where few reads carry information. Its ``kind``
    names the method that computed it.

    Parameters
    ----------
    runs : Reads or sequence of Reads
        Aligned reads of one run, or of several runs of one problem. For several runs the interval
        comes from the spread of the scores of the runs (Student's quantile at m - 1 degrees of
        freedom); for one run, from that of the reads. If fewer than 20 flips against a field carry
        the information, the interval comes from the number of reads that show such a flip; for
        several runs it is the hull of both.
    offset : bool
        Whether to fit a field ``a`` that all occupations have in common. It absorbs a bias of the
        hardware towards 0 or 1, which would otherwise distort the temperature.
    confidence_level : float
        Confidence level of the interval, in (0, 1).

    Returns
    -------
    EffectiveTemperature
        The temperature, and the fitted field as ``offset``. Reads that are all local minima give
        T = 0, with an interval from 0 to a finite temperature.

    Raises
    ------
    InputError
        If the reads are of different problems; with ``offset``, if no estimate is finite because
        for some field ``a`` every read is a local minimum, or every read a local maximum.

    References
    ----------
    Besag, The Statistician 24, 179 (1975); Raymond, Yarkoni & Andriyash, Frontiers in ICT 3, 23
    (2016). The intervals: Godambe, Annals of Mathematical Statistics 31, 1208 (1960); Garwood,
    Biometrika 28, 437 (1936).
    """
    aligned = reads_of_one_problem(runs)
    require_confidence_level(confidence_level)
    problem, together = aligned[0].problem, pooled(aligned)
    occupations = together.occupations.astype(np.float64)
    multiplicity = together.multiplicity.astype(np.float64)
    couplings = problem.J + problem.J.T
    fields = problem.h + occupations @ couplings
    scale = float(np.abs(fields).max())
    if scale == 0:
        return EffectiveTemperature.from_inverse(
            0.0, (-math.inf, math.inf), confidence_level, "no fields"
        )
    signs = 2 * occupations - 1
    flips = _Flips(couplings, fields, signs, multiplicity)
    # Without a flip against a field (or along one) the maximum lies at infinity, and the interval
    # comes only from the number of reads.
    if not offset and (extreme := _of_extremes(flips, confidence_level)) is not None:
        return extreme
    regressors = np.stack([fields / scale, np.ones_like(fields)][: 2 if offset else 1], axis=-1)
    theta = maximize(signs, regressors, multiplicity)
    cluster = np.repeat(np.arange(len(aligned)), [len(run.multiplicity) for run in aligned])
    covariance, freedom = sandwich(signs, regressors, multiplicity, cluster, theta)
    margin = student_quantile(freedom, confidence_level) * math.sqrt(covariance[0, 0])
    kind = f"sandwich over {'runs' if len(aligned) > 1 else 'reads'}"
    beta = float(theta[0])
    ends = ((beta - margin) / scale, (beta + margin) / scale)
    p = expit(-beta / scale * np.abs(fields))
    number, cost = informative_flips(p, fields, multiplicity)
    if not offset and number < FEW_FLIPS:
        # Flips that cost far less than the typical one happen all the time and say nothing of the
        # temperature, so only those of at least half its cost are counted.
        counted = flips.interval(math.copysign(1.0, beta), cost / 2, confidence_level)
        several = ends if len(aligned) > 1 else (beta / scale, beta / scale)
        ends = (min(counted[0], several[0]), max(counted[1], several[1]))
        kind = "number of reads with a flip" + (f" and {kind}" if len(aligned) > 1 else "")
    field = float(theta[1]) if offset else 0.0
    return EffectiveTemperature.from_inverse(beta / scale, ends, confidence_level, kind, field)


def effective_temperature(
    problem: ProblemLike,
    samplesets: Sequence[dimod.SampleSet] | Sequence[Reads],
    *,
    confidence_level: float = 0.95,
    seed: Seed = None,
) -> EffectiveTemperature:
    """Estimate the temperature of the reads of one run of a problem or more.

    Up to 24 qubits the temperature is that of all energy levels (:func:`level_temperature`). Beyond
    that it is the one of single flips (:func:`pseudolikelihood_temperature`), which needs no list
    of levels; ``kind`` says so.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem that was sampled.
    samplesets : sequence of dimod.SampleSet or of Reads
        The reads of each run.
    confidence_level : float
        Confidence level of the interval, in (0, 1).
    seed : int, numpy.random.Generator or None
        Seed of the bootstrap over runs.

    Returns
    -------
    EffectiveTemperature
        The temperature in the unit of the problem.

    Raises
    ------
    InputError
        If there are no runs, or if ``align`` refuses a sample set.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(4, seed=1)
    >>> cold = qx.gibbs(problem, s=1.0, temperature=0.2).sample(5000, seed=1)
    >>> round(qx.samples.effective_temperature(problem, [cold]).value, 1)
    0.2
    """
    problem = as_problem(problem)
    aligned = aligned_runs(problem, samplesets, "samplesets")
    if not aligned:
        raise InputError("samplesets is empty; give the reads of one run or more")
    if problem.num_qubits > MOST_ENUMERATED:
        flips = pseudolikelihood_temperature(aligned, confidence_level=confidence_level)
        return replace(flips, kind=f"single flips, {flips.kind}")
    levels = energy_levels(problem)
    counts = [level_counts(levels, run) for run in aligned]
    observed = counts if len(counts) > 1 else counts[0]
    return level_temperature(levels, observed, confidence_level=confidence_level, seed=seed)


@dataclass(frozen=True, eq=False)
class _Flips:
    """Variables that lie against their fields, over all reads.

    Attributes
    ----------
    couplings : ndarray of float, shape (d, d)
        The symmetric couplings J.
    fields : ndarray of float, shape (rows, d)
        The energy of setting each variable.
    signs : ndarray of float, shape (rows, d)
        +1 where the variable is set, -1 where it is not.
    multiplicity : ndarray of float, shape (rows,)
        How often each row was read.
    """

    couplings: NDArray[np.float64]
    fields: NDArray[np.float64]
    signs: NDArray[np.float64]
    multiplicity: NDArray[np.float64]

    def against(self, cost: float) -> NDArray[np.bool_]:
        """Return whether each variable lies against its field at a cost above ``cost``."""
        return self.fields * self.signs > self._above(cost)

    def with_sign(self, sign: float) -> _Flips:
        """Return the same reads for the energies times ``sign``, which is 1 or -1."""
        return replace(self, couplings=sign * self.couplings, fields=sign * self.fields)

    def interval(self, sign: float, cost: float, confidence_level: float) -> tuple[float, float]:
        """Return the inverse temperatures that fit the number of reads with a flip.

        Only flips of more than ``cost`` are counted. The interval is equal-tailed, from the exact
        interval of a Poisson mean. If there is no such read it has no end at low temperature.

        Parameters
        ----------
        sign : float
            1 counts variables against their fields, for positive temperatures; -1 counts those
            that follow them, for negative temperatures.
        cost : float
            Energy above which a flip counts.
        confidence_level : float
            Confidence level of the interval.
        """
        low, high = self.with_sign(sign)._positive_interval(cost, confidence_level)
        return (low, high) if sign > 0 else (-high, -low)

    def _positive_interval(self, cost: float, confidence_level: float) -> tuple[float, float]:
        """Return the interval for positive temperatures."""
        from scipy.special import chdtri

        tail = (1 - confidence_level) / 2
        seen = float(self.multiplicity[self.against(cost).any(axis=1)].sum())
        least = float(chdtri(2 * seen, 1 - tail)) / 2 if seen else 0.0
        most = float(chdtri(2 * seen + 2, tail)) / 2
        shares, costs = self._shares(cost), np.abs(self.fields)
        unit = 1.0 / float(costs.max())

        def expected(beta: float) -> float:
            """Expected number of reads with a flip at an inverse temperature."""
            return float(self.multiplicity @ (shares * expit(-beta * costs)).sum(axis=1))

        low = _argument_of(expected, most, unit)
        return low, _argument_of(expected, least, unit) if seen else math.inf

    def _shares(self, cost: float) -> NDArray[np.float64]:
        """Return ``1 / m_i`` of the module's formula; 0 for variables of too low a cost."""
        shares, above = np.zeros_like(self.fields), self._above(cost)
        for i in range(self.signs.shape[1]):
            turned = np.where(self.fields[:, i] > 0, 1.0, -1.0)  # variable i against its field
            change = (turned - self.signs[:, i]) / 2
            costs = (self.fields + change[:, None] * self.couplings[i]) * self.signs
            costs[:, i] = np.abs(self.fields[:, i])
            number = np.count_nonzero(costs > above, axis=1)
            counts = costs[:, i] > above
            shares[counts, i] = 1.0 / number[counts]
        return shares

    def _above(self, cost: float) -> float:
        """Return ``cost``, or the largest rounding error of a field that is zero, if that is more.

        So a variable without a field never counts as lying against it.
        """
        return max(cost, 1e-12 * float(np.abs(self.fields).max()))


def _of_extremes(flips: _Flips, confidence_level: float) -> EffectiveTemperature | None:
    """Return the temperature if every read is a local minimum, or every one a local maximum.

    The estimate is then infinitely cold and only the number of reads bounds it. Return None for all
    other reads.
    """
    for sign, extreme in ((1.0, "minimum"), (-1.0, "maximum")):
        if not np.any(flips.with_sign(sign).against(0.0)):
            kind = f"every read a local {extreme}: from the number of reads"
            ends = flips.interval(sign, 0.0, confidence_level)
            return EffectiveTemperature.from_inverse(sign * math.inf, ends, confidence_level, kind)
    return None


def _argument_of(falling: Callable[[float], float], value: float, unit: float) -> float:
    """Return the argument at which a falling function has the value; infinite if it nowhere has.

    Parameters
    ----------
    falling : callable
        A monotonically falling function of one number.
    value : float
        The value that it shall have.
    unit : float
        A positive argument at which the function changes noticeably.
    """
    from scipy.optimize import brentq

    # Both ends are doubled until the function has the value between them.
    low, high = -unit, unit
    while falling(low) < value:
        low *= 2
        if low < LOWEST * unit:
            return -math.inf
    while falling(high) > value:
        high *= 2
        if high > HIGHEST * unit:
            return math.inf
    return float(brentq(lambda beta: falling(beta) - value, low, high, rtol=1e-12))
