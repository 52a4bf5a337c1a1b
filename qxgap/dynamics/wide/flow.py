"""The Schrödinger equation in a fixed set of configurations, forwards and backwards in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.integrate import DOP853

from .mean_field import LONGEST_STEP, Array, Complex, MeanFieldPath, TooManySteps
from .selected_space import SelectedSpace

RTOL = 1e-13
"""Relative tolerance of an amplitude in one step; it is as small as rounding permits."""


@dataclass(frozen=True, eq=False)
class Flow:
    """A state that was followed through an anneal, and what left the set on the way.

    Attributes
    ----------
    state : ndarray of complex, shape (n,)
        The state at the end.
    s : ndarray of float, shape (k,)
        Anneal fractions at the ends of the time steps, in rising order.
    rate : ndarray of float, shape (k,)
        ``||Q H psi||`` there, times the phase per unit of s: the norm that leaves per unit of s.
    importance : ndarray of float, shape (m,)
        Integral over s of the square of the rate for each configuration outside.
    time_error : float
        Sum of the estimated errors of all time steps.
    """

    state: Complex
    s: Array
    rate: Array
    importance: Array
    time_error: float

    @property
    def steps(self) -> int:
        """The number of time steps."""
        return self.s.size - 1


def follow(
    space: SelectedSpace,
    path: MeanFieldPath,
    start: Complex,
    tol_step: float,
    max_steps: int,
    *,
    backwards: bool = False,
) -> Flow:
    """Integrate ``i dpsi/dt = P H P psi`` from s = 0 to 1, or from 1 to 0.

    Parameters
    ----------
    space : SelectedSpace
        The set P.
    path : MeanFieldPath
        The frame along the anneal.
    start : ndarray of complex, shape (n,)
        The state at the beginning.
    tol_step : float
        Error allowed in one time step, in norm.
    max_steps : int
        Largest number of time steps.
    backwards : bool
        Whether to begin at s = 1.

    Returns
    -------
    Flow
        The state at the end, and what left the set.

    Raises
    ------
    TooManySteps
        If more time steps are needed.
    """
    speed = path.tau * path.H.schedule.angular
    importance = np.zeros(len(space.outside))

    def rate(s: float, psi: Complex, weight: float) -> float:
        return speed * space.leaving(path(s), psi, speed**2 * weight, importance)

    marks = path.marks[::-1] if backwards else path.marks
    times, psi, error = [float(marks[0])], start, 0.0
    rates: list[float] = []
    for s, psi in _steps(space, path, start, tol_step, marks):
        if not rates:
            rates.append(rate(times[0], start, abs(s - times[0])))
        rates.append(rate(s, psi, abs(s - times[-1])))
        times.append(s)
        error += tol_step
        if len(times) > max_steps:
            raise TooManySteps
    order = slice(None, None, -1) if backwards else slice(None)
    return Flow(psi, np.array(times)[order], np.array(rates)[order], importance, error)


def _steps(
    space: SelectedSpace, path: MeanFieldPath, psi: Complex, tol_step: float, marks: Array
) -> Iterator[tuple[float, Complex]]:
    """Yield the end of each time step and the state there."""
    speed = path.tau * path.H.schedule.angular
    # The integrator bounds the root mean square of the errors of the n amplitudes.
    atol = tol_step / np.sqrt(psi.size)

    def derivative(s: float, psi: Complex) -> Complex:
        return -1j * speed * space.apply(path(min(max(s, 0.0), 1.0)), psi)

    for begin, end in zip(marks[:-1].tolist(), marks[1:].tolist(), strict=True):
        solver = DOP853(derivative, begin, psi, end, rtol=RTOL, atol=atol, max_step=LONGEST_STEP)
        while solver.status == "running":
            solver.step()
            yield float(solver.t), solver.y
        psi = solver.y


def integral(x: Array, y: Array) -> Array:
    """Return the integral of y from x[0] to each x, with a margin for the error of the rule.

    The margin is the difference of the trapezoidal rule from that with every second point, which is
    about three times the error.

    Parameters
    ----------
    x : ndarray of float, shape (k,)
        Rising points.
    y : ndarray of float, shape (k,)
        Values, not negative.
    """
    fine = np.concatenate([[0.0], np.cumsum(np.diff(x) * (y[1:] + y[:-1]) / 2)])
    # the same with every second point, at the points of which it is known
    known = np.unique(np.append(np.arange(0, x.size, 2), x.size - 1))
    pieces = np.diff(x[known]) * (y[known][1:] + y[known][:-1]) / 2
    coarse = np.concatenate([[0.0], np.cumsum(pieces)])
    margin = np.maximum.accumulate(np.abs(fine[known] - coarse))
    return np.asarray(fine + np.interp(x, x[known], margin))
