"""Effective temperature by maximum pseudo-likelihood: local flips, any number of variables.

Given all other variables, a Boltzmann law sets variable i with probability
``sigma(-(beta f_i + a))``, f_i being the energy of setting it and ``a`` an optional field that is
common to all variables. The product of these over variables and reads is maximised: a logistic
regression, concave in (beta, a). Needs no partition function. dwave-system's
``maximum_pseudolikelihood_temperature`` is the same estimator, without the interval below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ..problem.errors import InputError
from .align import Reads
from .intervals import require_level
from .temperature import EffectiveTemperature


def pseudolikelihood_temperature(
    runs: Reads | Sequence[Reads], *, offset: bool = False, level: float = 0.95
) -> EffectiveTemperature:
    """Maximum pseudo-likelihood temperature of reads, with a sandwich interval.

    Parameters
    ----------
    runs : aligned reads; or those of several runs of one problem, which then are what is
        independent: the interval comes from the spread of the runs' scores (Student's quantile at
        m - 1 degrees of freedom), else from that of the reads' scores.
    offset : also fit a common field ``a`` on all occupations, which takes up a bias of the
        hardware towards 0 or 1 that would else distort the temperature.
    level : of the interval.

    Raises
    ------
    InputError : for reads of different problems; or if no estimate is finite because every read
        is a local maximum or, for some field ``a``, a local minimum. (Without offset, reads that
        are all local minima give T = 0.)

    Sources: Besag, The Statistician 24, 179 (1975); Raymond, Yarkoni & Andriyash, Frontiers in
    ICT 3, 23 (2016); interval: Godambe, Annals of Mathematical Statistics 31, 1208 (1960).
    """
    aligned = [runs] if isinstance(runs, Reads) else list(runs)
    require_level(level)
    if not aligned or any(r.problem != aligned[0].problem for r in aligned):
        raise InputError("give reads of one problem, one run or more")
    problem = aligned[0].problem
    occupations = np.concatenate([r.occupations for r in aligned]).astype(np.float64)
    multiplicity = np.concatenate([r.multiplicity for r in aligned]).astype(np.float64)
    fields = problem.h + occupations @ (problem.J + problem.J.T)
    scale = float(np.abs(fields).max())
    if scale == 0:
        return EffectiveTemperature.of_inverse(0.0, (-math.inf, math.inf), level, "no fields")
    signs = 2 * occupations - 1
    local_cost = multiplicity @ np.maximum(fields * signs, 0.0)
    if not offset and not np.any(local_cost):
        ends = (math.inf, math.inf)
        return EffectiveTemperature.of_inverse(math.inf, ends, level, "every read a local minimum")
    regressors = np.stack([fields / scale, np.ones_like(fields)][: 2 if offset else 1], axis=-1)
    theta = _maximise(signs, regressors, multiplicity)
    cluster = np.repeat(np.arange(len(aligned)), [len(r.multiplicity) for r in aligned])
    covariance, freedom = _sandwich(signs, regressors, multiplicity, cluster, theta)
    margin = _student(freedom, level) * math.sqrt(covariance[0, 0])
    kind = f"sandwich over {'runs' if len(aligned) > 1 else 'reads'}"
    beta = float(theta[0])
    ends = ((beta - margin) / scale, (beta + margin) / scale)
    field = float(theta[1]) if offset else 0.0
    return EffectiveTemperature.of_inverse(beta / scale, ends, level, kind, field)


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


def _student(freedom: int, level: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + level) / 2))
