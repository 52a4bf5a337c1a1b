"""Effective temperature by maximum pseudo-likelihood: local flips, any number of variables.

Given all other variables, a Boltzmann law sets variable i with probability
``sigma(-(beta f_i + a))``, f_i being the energy of setting it and ``a`` an optional field that is
common to all variables. The product of these over variables and reads is maximised: a logistic
regression, concave in (beta, a). Needs no partition function. dwave-system's
``maximum_pseudolikelihood_temperature`` is the same estimator, without the interval below.

The sandwich interval takes the spread of the scores from the reads. In the cold the score hangs on
the few reads that are no local minima, and a spread that was not observed is taken for none. There
these reads are counted. Given the other variables, variable i lies against its field with
probability ``p_i = sigma(-beta |f_i|)``; let m_i be the number of variables against their fields
once i is. A state with m of them is counted 1/m for each, so for every beta

    P(some variable lies against its field)  =  < sum_i p_i / m_i >,

exactly, whatever the couplings. The right side falls as beta grows and is hardly random in the
cold, so that an interval of the mean of the Poisson number on the left is one of beta. Negative
temperatures are positive ones of the energies turned over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ..errors import InputError
from ..statistics.bootstrap import require_confidence_level, student_quantile
from .alignment import Reads
from .temperature import EffectiveTemperature

FEW_FLIPS = 20.0
"""With fewer informative flips than this the reads that show one are counted as well."""


def pseudolikelihood_temperature(
    runs: Reads | Sequence[Reads], *, offset: bool = False, level: float = 0.95
) -> EffectiveTemperature:
    """Maximum pseudo-likelihood temperature of reads, with an interval that holds in the cold too.

    Parameters
    ----------
    runs : aligned reads; or those of several runs of one problem, which then are what is
        independent: the interval comes from the spread of the runs' scores (Student's quantile at
        m - 1 degrees of freedom), else from that of the reads' scores. Where fewer than 20 flips
        against a field carry the information, it comes from the number of reads that show one, for
        several runs as the hull of both; ``kind`` says so.
    offset : also fit a common field ``a`` on all occupations, which takes up a bias of the
        hardware towards 0 or 1 that would else distort the temperature.
    level : of the interval.

    Raises
    ------
    InputError : for reads of different problems; with offset, if no estimate is finite because for
        some field ``a`` every read is a local minimum, or a local maximum. (Without offset, reads
        that are all local minima give T = 0, with an interval from 0 to a finite temperature.)

    Sources: Besag, The Statistician 24, 179 (1975); Raymond, Yarkoni & Andriyash, Frontiers in
    ICT 3, 23 (2016); intervals: Godambe, Annals of Mathematical Statistics 31, 1208 (1960);
    Garwood, Biometrika 28, 437 (1936).
    """
    aligned = [runs] if isinstance(runs, Reads) else list(runs)
    require_confidence_level(level)
    if len({r.problem.content_hash for r in aligned}) != 1:
        raise InputError("give reads of one problem, one run or more")
    problem = aligned[0].problem
    occupations = np.concatenate([r.occupations for r in aligned]).astype(np.float64)
    multiplicity = np.concatenate([r.multiplicity for r in aligned]).astype(np.float64)
    fields = problem.h + occupations @ (problem.J + problem.J.T)
    scale = float(np.abs(fields).max())
    if scale == 0:
        return EffectiveTemperature.of_inverse(0.0, (-math.inf, math.inf), level, "no fields")
    signs = 2 * occupations - 1
    flips = _Flips(problem.J + problem.J.T, fields, signs, multiplicity)
    if not offset and (extreme := _of_extremes(flips, level)) is not None:
        return extreme
    regressors = np.stack([fields / scale, np.ones_like(fields)][: 2 if offset else 1], axis=-1)
    theta = _maximise(signs, regressors, multiplicity)
    cluster = np.repeat(np.arange(len(aligned)), [len(r.multiplicity) for r in aligned])
    covariance, freedom = _sandwich(signs, regressors, multiplicity, cluster, theta)
    margin = student_quantile(freedom, level) * math.sqrt(covariance[0, 0])
    kind = f"sandwich over {'runs' if len(aligned) > 1 else 'reads'}"
    beta = float(theta[0])
    ends = ((beta - margin) / scale, (beta + margin) / scale)
    number, cost = flips.informative(beta / scale)
    if not offset and number < FEW_FLIPS:
        # flips that cost far less happen all the time and tell nothing of the temperature
        counted = flips.interval(math.copysign(1.0, beta), cost / 2, level)
        several = ends if len(aligned) > 1 else (beta / scale, beta / scale)
        ends = (min(counted[0], several[0]), max(counted[1], several[1]))
        kind = "number of reads with a flip" + (f" and {kind}" if len(aligned) > 1 else "")
    field = float(theta[1]) if offset else 0.0
    return EffectiveTemperature.of_inverse(beta / scale, ends, level, kind, field)


@dataclass(frozen=True, eq=False)
class _Flips:
    """Variables that lie against their fields, over all reads.

    Attributes
    ----------
    couplings : (d, d) symmetric J.
    fields : (rows, d) energies of setting each variable.
    signs : (rows, d) +1 where it is set, else -1.
    multiplicity : (rows,)
    """

    couplings: NDArray[np.float64]
    fields: NDArray[np.float64]
    signs: NDArray[np.float64]
    multiplicity: NDArray[np.float64]

    def against(self, cost: float) -> NDArray[np.bool_]:
        """(rows, d) whether a variable lies against its field, at a cost above ``cost``."""
        return self.fields * self.signs > self._above(cost)

    def informative(self, beta: float) -> tuple[float, float]:
        """Effective number of flips that the estimate rests on at ``beta``, and their typical cost.

        A flip of cost f is expected ``w = p (1 - p)`` times and adds ``w f^2`` to the information;
        the number is that of equal flips of the same spread, ``(sum w f^2)^2 / sum w f^4``.
        """
        p = expit(-beta * np.abs(self.fields))
        weights, squares = self.multiplicity[:, None] * p * (1 - p), np.square(self.fields)
        second, fourth = float((weights * squares).sum()), float((weights * squares**2).sum())
        return (second**2 / fourth, math.sqrt(fourth / second)) if fourth > 0 else (0.0, 0.0)

    def turned_over(self, side: float) -> _Flips:
        """The same reads of the energies times ``side``, which is 1 or -1."""
        return replace(self, couplings=side * self.couplings, fields=side * self.fields)

    def interval(self, side: float, cost: float, level: float) -> tuple[float, float]:
        """Inverse temperatures that fit the number of reads with a flip of more than ``cost``.

        Equal-tailed, by the exact interval of a Poisson mean; open at the cold end for no such
        read.

        Parameters
        ----------
        side : float
            1 counts variables against their fields, for temperatures above zero; -1 those that
            follow them, for temperatures below.
        """
        ends = self.turned_over(side)._interval(cost, level)
        return (ends[0], ends[1]) if side > 0 else (-ends[1], -ends[0])

    def _interval(self, cost: float, level: float) -> tuple[float, float]:
        from scipy.special import chdtri

        seen, tail = float(self.multiplicity[self.against(cost).any(axis=1)].sum()), (1 - level) / 2
        least = float(chdtri(2 * seen, 1 - tail)) / 2 if seen else 0.0
        most = float(chdtri(2 * seen + 2, tail)) / 2
        shares, costs = self._shares(cost), np.abs(self.fields)
        unit = 1.0 / float(costs.max())

        def expected(beta: float) -> float:
            return float(self.multiplicity @ (shares * expit(-beta * costs)).sum(axis=1))

        return _where(expected, most, unit), _where(expected, least, unit) if seen else math.inf

    def _shares(self, cost: float) -> NDArray[np.float64]:
        """(rows, d) ``1 / m_i`` of the module's formula; 0 for variables of too low a cost."""
        shares, above = np.zeros_like(self.fields), self._above(cost)
        for i in range(self.signs.shape[1]):
            turned = np.where(self.fields[:, i] > 0, 1.0, -1.0)  # i against its field
            change = (turned - self.signs[:, i]) / 2
            costs = (self.fields + change[:, None] * self.couplings[i]) * self.signs
            costs[:, i] = np.abs(self.fields[:, i])
            number = np.count_nonzero(costs > above, axis=1)
            counts = costs[:, i] > above
            shares[counts, i] = 1.0 / number[counts]
        return shares

    def _above(self, cost: float) -> float:
        """``cost``, or what rounding can make of a field that is zero."""
        return max(cost, 1e-12 * float(np.abs(self.fields).max()))


def _of_extremes(flips: _Flips, level: float) -> EffectiveTemperature | None:
    """The temperature if every read is a local minimum, or every one a local maximum."""
    for side, extreme in ((1.0, "minimum"), (-1.0, "maximum")):
        if not np.any(flips.turned_over(side).against(0.0)):
            kind = f"every read a local {extreme}: from the number of reads"
            ends = flips.interval(side, 0.0, level)
            return EffectiveTemperature.of_inverse(side * math.inf, ends, level, kind)
    return None


def _where(falling: Callable[[float], float], value: float, unit: float) -> float:
    """Argument at which a falling function has the value; infinite where it nowhere has.

    Parameters
    ----------
    unit : float
        A positive argument at which the function changes noticeably.
    """
    from scipy.optimize import brentq

    low, high = -unit, unit
    while falling(low) < value:
        low *= 2
        if low < -1e6 * unit:
            return -math.inf
    while falling(high) > value:
        high *= 2
        if high > 1e15 * unit:
            return math.inf
    return float(brentq(lambda beta: falling(beta) - value, low, high, rtol=1e-12))


def _maximise(signs: NDArray, regressors: NDArray, multiplicity: NDArray) -> NDArray[np.float64]:
    """Minimise ``sum w ln(1 + exp(sign (x . theta)))`` over theta, (1,) or (2,)."""
    from scipy.optimize import minimize

    total = multiplicity.sum()

    def loss(theta: NDArray) -> tuple[float, NDArray]:
        margin = signs * (regressors @ theta)
        gradient = np.einsum("r,rd,rdp->p", multiplicity, signs * expit(margin), regressors)
        return float(multiplicity @ np.logaddexp(0.0, margin).sum(axis=1)) / total, gradient / total

    def hessian(theta: NDArray) -> NDArray:
        return _hessian(regressors, multiplicity, theta) / total

    start = np.zeros(regressors.shape[-1])
    found = minimize(
        loss, start, jac=True, hess=hessian, method="trust-exact", options={"gtol": 1e-10}
    )
    separates = np.all(signs * (regressors @ found.x) < 0)  # then a larger theta is more likely
    if separates or np.abs(found.jac).max() > 1e-7:
        raise InputError(
            f"the pseudo-likelihood has no finite maximum ({found.message}): no read tells of a "
            "flip against its field. Give more reads, or offset=False"
        )
    return np.asarray(found.x)


def _hessian(regressors: NDArray, multiplicity: NDArray, theta: NDArray) -> NDArray[np.float64]:
    p = expit(regressors @ theta)
    weights = multiplicity[:, None] * p * (1 - p)
    return np.einsum("rd,rdp,rdq->pq", weights, regressors, regressors)


def _sandwich(
    signs: NDArray, regressors: NDArray, multiplicity: NDArray, cluster: NDArray, theta: NDArray
) -> tuple[NDArray[np.float64], int]:
    """Covariance ``H^-1 (sum of squared scores) H^-1`` and its degrees of freedom."""
    margin = signs * (regressors @ theta)
    scores = np.einsum("rd,rdp->rp", signs * expit(margin), regressors)
    if cluster[-1] > 0:
        units = np.zeros((int(cluster[-1]) + 1, scores.shape[1]))
        np.add.at(units, cluster, multiplicity[:, None] * scores)
        number = len(units)
        middle = units.T @ units * (number / (number - 1))
    else:
        number = max(2, int(multiplicity.sum()))
        middle = (scores * multiplicity[:, None]).T @ scores
    inverse = np.linalg.inv(_hessian(regressors, multiplicity, theta))
    return inverse @ middle @ inverse, number - 1
