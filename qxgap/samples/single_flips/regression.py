"""Logistic regression of single flips: the maximum of the pseudo-likelihood, and its covariance."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ...errors import InputError


def maximize(signs: NDArray, regressors: NDArray, multiplicity: NDArray) -> NDArray[np.float64]:
    """Return the coefficients theta (k,) that maximize the pseudo-likelihood.

    Its negative logarithm ``sum w ln(1 + exp(sign (x . theta)))`` is minimized.

    Parameters
    ----------
    signs : ndarray of float, shape (rows, d)
        +1 where a variable is set, -1 where it is not.
    regressors : ndarray of float, shape (rows, d, k)
        By how much each term grows when the variable is set.
    multiplicity : ndarray of float, shape (rows,)
        How often each row was read.

    Raises
    ------
    InputError
        If there is no finite maximum.
    """
    from scipy.optimize import minimize

    total = multiplicity.sum()

    def loss(theta: NDArray) -> tuple[float, NDArray]:
        margin = signs * (regressors @ theta)
        gradient = np.einsum("r,rd,rdp->p", multiplicity, signs * expit(margin), regressors)
        return float(multiplicity @ np.logaddexp(0.0, margin).sum(axis=1)) / total, gradient / total

    def hessian(theta: NDArray) -> NDArray:
        return curvature(regressors, multiplicity, theta) / total

    start = np.zeros(regressors.shape[-1])
    result = minimize(
        loss, start, jac=True, hess=hessian, method="trust-exact", options={"gtol": 1e-10}
    )
    # If theta separates the data, a larger theta is still more likely: there is no maximum.
    separates = np.all(signs * (regressors @ result.x) < 0)
    if separates or np.abs(result.jac).max() > 1e-7:
        raise InputError(
            f"the pseudo-likelihood has no finite maximum ({result.message}): no read shows a flip "
            "against its field; give more reads, or fit fewer terms"
        )
    return np.asarray(result.x)


def curvature(regressors: NDArray, multiplicity: NDArray, theta: NDArray) -> NDArray[np.float64]:
    """Return the second derivatives of the negative log pseudo-likelihood, shape (k, k).

    Parameters
    ----------
    regressors, multiplicity : ndarray of float
        As :func:`maximize` takes them.
    theta : ndarray of float, shape (k,)
        The coefficients.
    """
    p = expit(regressors @ theta)
    weights = multiplicity[:, None] * p * (1 - p)
    return np.einsum("rd,rdp,rdq->pq", weights, regressors, regressors)


def sandwich(
    signs: NDArray, regressors: NDArray, multiplicity: NDArray, cluster: NDArray, theta: NDArray
) -> tuple[NDArray[np.float64], int]:
    """Return the covariance ``H^-1 (sum of squared scores) H^-1`` and its degrees of freedom.

    Scores are summed over each cluster first, where there are several.

    Parameters
    ----------
    signs, regressors, multiplicity : ndarray of float
        As :func:`maximize` takes them.
    cluster : ndarray of int, shape (rows,)
        The run of each row, ascending from 0.
    theta : ndarray of float, shape (k,)
        The coefficients at the maximum.
    """
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
    inverse = np.linalg.inv(curvature(regressors, multiplicity, theta))
    return inverse @ middle @ inverse, number - 1


def informative_flips(p: NDArray, fields: NDArray, multiplicity: NDArray) -> tuple[float, float]:
    """Return the effective number of flips behind a temperature, and their typical cost.

    A flip of cost f is expected ``w = p (1 - p)`` times and adds ``w f^2`` to the information. The
    number is that of equal flips with the same spread: ``(sum w f^2)^2 / sum w f^4``.

    Parameters
    ----------
    p : ndarray of float, shape (rows, d)
        The probability of each variable, if the others are fixed, to lie against its field.
    fields : ndarray of float, shape (rows, d)
        The energy of setting each variable.
    multiplicity : ndarray of float, shape (rows,)
        How often each row was read.
    """
    weights, squares = multiplicity[:, None] * p * (1 - p), np.square(fields)
    second, fourth = float((weights * squares).sum()), float((weights * squares**2).sum())
    return (second**2 / fourth, math.sqrt(fourth / second)) if fourth > 0 else (0.0, 0.0)
