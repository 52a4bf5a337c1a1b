"""Runs and time until one succeeds, from the success probability of a run."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...checks import require_number
from ...errors import InputError


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
    return time_of_runs(runs_to_solution(p, confidence), tau)


def time_of_runs(runs: float, each: float) -> float:
    """Return the time of several runs; infinitely many never end, even if each takes no time.

    Parameters
    ----------
    runs : float
        The number of runs, which may be infinite.
    each : float
        The time of one run.
    """
    return runs * each if math.isfinite(runs) else math.inf


def times_to_solution(taus: NDArray, success: NDArray, confidence: float) -> NDArray[np.float64]:
    """Return the time to solution at each anneal time.

    Parameters
    ----------
    taus : ndarray of float, shape (n,)
        Anneal times.
    success : ndarray of float, shape (n,)
        Success probability at each.
    confidence : float
        Probability with which at least one run should have succeeded.
    """
    pairs = zip(success.tolist(), taus.tolist(), strict=True)
    return np.array([time_to_solution(min(p, 1.0), tau, confidence) for p, tau in pairs])


def positive_times(taus: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return anneal times.

    Parameters
    ----------
    taus : ndarray of float, shape (n,)
        Anneal times of a curve.

    Raises
    ------
    InputError
        If one is 0.
    """
    if not np.all(taus > 0):
        raise InputError("tau = 0 has no time to solution; leave it out of the curve")
    return taus
