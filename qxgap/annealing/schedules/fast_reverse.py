"""Waveforms of fast reverse anneals: back from c = 1 to a target, and at once to c = 1 again.

D-Wave publishes an approximation of the waveform that its control lines give, with parameters for
each solver and nominal pause:

    c(t) = c_target + (2 c2 / a^2) (exp(a (t - t_min)) - a (t - t_min) - 1), and at most 1.

c is the normalized control bias, the anneal fraction s of the tables for fast anneals.
"""

from __future__ import annotations

import functools
import json
import math
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from ...checks import require_number
from ...errors import InputError
from .published_tables import listed_solver

ACCURACY = 1e-6
"""The largest deviation of the points, between which c is linear, from the law."""

NANOSECONDS = 1e3
"""Nanoseconds in a microsecond, the unit of the published parameters."""


@dataclass(frozen=True)
class FastReverseWaveform:
    """The waveform of a fast reverse anneal, as D-Wave approximates it.

    Parameters
    ----------
    solver : str
        The solver for which the parameters were published.
    nominal_pause : float
        The nominal pause at the target, in us, for which they were published.
    a : float
        The rate of the exponential, in 1/us; not zero.
    c2 : float
        The curvature at the target, in 1/us^2; above 0.

    Raises
    ------
    InputError
        For a rate of zero and for a curvature that is not above 0.

    Notes
    -----
    Source: ``fast_reverse_anneal_schedules.json`` of D-Wave's package dwave-experimental. The
    published time ``t_min`` of the minimum is left out, because it only moves the anneal in time.

    Examples
    --------
    >>> import qxgap as qx
    >>> waveform = qx.annealing.fast_reverse_waveform("Advantage2_system4")
    >>> round(waveform.duration(target=0.38), 1)
    15.0
    """

    solver: str
    nominal_pause: float
    a: float
    c2: float

    def __post_init__(self) -> None:
        require_number(self.a, "a", "one number, in 1/us")
        require_number(self.c2, "c2", "one number, in 1/us^2")
        if self.a == 0 or not math.isfinite(self.a) or not 0 < self.c2 < math.inf:
            raise InputError(
                f"waveform with a = {self.a}, c2 = {self.c2}: a must not be 0, c2 must be above 0"
            )

    def above(self, x: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return how far c lies above the target before and after the minimum.

        Parameters
        ----------
        x : float or ndarray of float
            Times in us, measured from the minimum.

        Returns
        -------
        ndarray of float
            The values of ``c - target``, of the shape of ``x``, without the limit c = 1.
        """
        y = self.a * np.asarray(x, dtype=np.float64)
        return 2.0 * self.c2 / self.a**2 * (np.expm1(y) - y)

    def span(self, target: float) -> tuple[float, float]:
        """Return between which times c lies below 1.

        Parameters
        ----------
        target : float
            The smallest c, in [0, 1).

        Returns
        -------
        start, end : float
            Times in us, measured from the minimum.

        Raises
        ------
        InputError
            For a target outside [0, 1).
        """
        require_number(target, "target", "one number in [0, 1)")
        if not 0 <= target < 1:
            raise InputError(f"target = {target}: a fast reverse anneal goes back to c in [0, 1)")
        return self._edge(float(target), -1.0), self._edge(float(target), 1.0)

    def points(self, target: float) -> NDArray[np.float64]:
        """Return the points of the waveform from the time at which c leaves 1 until it is back.

        Parameters
        ----------
        target : float
            The smallest c, in [0, 1).

        Returns
        -------
        ndarray of float, shape (n, 2)
            Pairs (t, c) with t in ns from 0. Linear in between, they deviate from the law by 1e-6
            at most.

        Raises
        ------
        InputError
            For a target outside [0, 1).
        """
        start, end = self.span(target)
        curvature = 2.0 * self.c2 * math.exp(max(self.a * start, self.a * end))
        count = math.ceil((end - start) / math.sqrt(8.0 * ACCURACY / curvature))
        x = np.linspace(start, end, count + 1)
        c = target + self.above(x)
        c[[0, -1]] = 1.0
        return np.column_stack([(x - start) * NANOSECONDS, np.minimum(c, 1.0)])

    def duration(self, target: float) -> float:
        """Return for how long c lies below 1.

        Parameters
        ----------
        target : float
            The smallest c, in [0, 1).

        Returns
        -------
        float
            The time in ns.

        Raises
        ------
        InputError
            For a target outside [0, 1).
        """
        start, end = self.span(target)
        return (end - start) * NANOSECONDS

    def _edge(self, target: float, side: float) -> float:
        """Return the time in us, from the minimum, at which c is 1, before (-1) or after it (1)."""
        far = side * math.sqrt((1.0 - target) / self.c2)
        while self.above(far) < 1.0 - target:
            far *= 2.0
        return float(brentq(lambda x: self.above(x) - (1.0 - target), 0.0, far, xtol=1e-15))


def fast_reverse_waveform(solver: str, nominal_pause: float = 0.0) -> FastReverseWaveform:
    """Return the waveform that D-Wave published for a solver.

    Parameters
    ----------
    solver : str
        Name of the solver, such as ``"Advantage2_system4"``; a version such as
        ``"Advantage2_system4.1"`` takes that of its series. The name of a schedule, such as
        ``"Advantage2_system4_fast"``, means its solver.
    nominal_pause : float
        The nominal pause at the target, in us: 0, 0.01, 0.02, 0.03, 0.04 or 0.05.

    Returns
    -------
    FastReverseWaveform
        The waveform.

    Raises
    ------
    InputError
        For a solver or a pause without published parameters; the message lists those that there
        are.

    Examples
    --------
    >>> import qxgap as qx
    >>> waveform = qx.annealing.fast_reverse_waveform("Advantage2_system4", nominal_pause=0.05)
    >>> round(waveform.duration(target=0.38))
    38
    """
    table = _published()
    name = listed_solver(solver.removesuffix("_fast"), table)
    if name is None:
        raise InputError(
            f"no fast reverse waveform is published for {solver!r}; known: {', '.join(table)}"
        )
    waveforms = {entry["nominal_pause_time"]: entry for entry in table[name]["waveforms"]}
    if nominal_pause not in waveforms:
        known = ", ".join(f"{pause:g}" for pause in waveforms)
        raise InputError(f"nominal_pause = {nominal_pause} us is not published; take {known}")
    entry = waveforms[nominal_pause]
    return FastReverseWaveform(name, float(nominal_pause), entry["a"], entry["c2"])


@functools.cache
def _published() -> dict[str, Any]:
    """Return the published parameters by solver; ``data/NOTICE.txt`` has the source."""
    text = (files(__package__) / "data" / "fast_reverse.json").read_text(encoding="utf-8")
    return dict(json.loads(text))
