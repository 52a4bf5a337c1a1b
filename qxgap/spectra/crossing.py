"""Avoided crossings: the Landau-Zener form of the gap and the success it predicts.

Energies are in the unit of the schedule. Times are in 1/energy, divided by ``schedule.angular``: in
units of hbar = 1 for dimensionless schedules, in ns for schedules in GHz.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..annealing.accept import HamiltonianLike, as_hamiltonian
from ..checks import require_number
from ..errors import InputError
from ..linalg.eigen import EigenMethod, require_method
from .gap import minimum_gap
from .levels import Hamiltonian, lowest_levels
from .profile import (
    DEGENERATE,
    largest_strengths,
    level_tolerance,
    require_converged,
    require_excited_level,
    whole_levels,
)


@dataclass(frozen=True)
class LandauZener:
    """An avoided crossing ``E_g - E_0 = sqrt(gap^2 + slope^2 (s - s0)^2)``.

    Attributes
    ----------
    gap, slope, s0 : of the fit; ``slope`` is that of the difference of the diabatic levels in s.
    window : the fit covers ``s* - window`` to ``s* + window``.
    misfit : largest relative deviation of the gap from the fit.
    """

    gap: float
    slope: float
    s0: float
    window: float
    misfit: float
    angular: float

    @property
    def width(self) -> float:
        """``gap / slope``, in s."""
        return self.gap / self.slope

    def success_probability(self, tau: float) -> float:
        """``1 - exp(-pi gap^2 tau / (2 slope))`` (Landau 1932, Zener 1932); tau as in anneal."""
        return -math.expm1(-self.angular * math.pi * self.gap**2 * tau / (2.0 * self.slope))


def landau_zener(
    H: HamiltonianLike,
    s_star: float | None = None,
    window: float | None = None,
    *,
    method: EigenMethod | None = None,
    seed: int = 0,
) -> LandauZener:
    """Fit the avoided crossing at ``s_star``.

    Parameters
    ----------
    s_star : strictly inside (0, 1); default the smallest interior minimum of the gap.
    window : half width of the fit; default twice the width of the crossing.

    Raises
    ------
    InputError : if there is no interior minimum (a gap least at s = 1 is the classical gap, not a
        crossing), or the fit has none within the window; if E_g is degenerate there, since the
        law is of two levels and would take the share of one state for the whole.
    """
    H = as_hamiltonian(H)
    require_method(method)
    require_excited_level(H)
    if s_star is not None:
        require_number(s_star, "s_star", "one anneal fraction inside (0, 1), or None")
    if window is not None:
        require_number(window, "window", "the half width of the fit in s, or None")
        if not window > 0:
            raise InputError(f"window = {window}; give the half width of the fit in s, above 0")
    if s_star is None:
        s_star = minimum_gap(H, method=method, seed=seed).interior_s
    if not 0 < s_star < 1:
        end = "" if math.isnan(s_star) else f" at s = {s_star:g}"
        raise InputError(
            f"no avoided crossing{end}; it takes a minimum of the gap inside 0 < s < 1"
        )
    _require_two_levels(H, s_star, method, seed)
    widest = min(s_star, 1 - s_star)
    if window is not None:
        return _fit(H, s_star, min(window, widest), method, seed)
    half = min(0.02, widest)
    for _ in range(8):
        fit = _fit(H, s_star, half, method, seed)
        half = min(2 * fit.width, widest)
        if abs(half - fit.window) <= 0.1 * half:
            break
    return fit


def _gap(H: Hamiltonian, s: float, method: EigenMethod | None, seed: int) -> float:
    """``E_g - E_0`` at s."""
    A, B = map(float, H.schedule(s))
    levels, _ = lowest_levels(H, A, B, H.degeneracy + 1, method, seed)
    require_converged(levels.status)
    return float(levels.values[-1] - levels.values[0])


def _require_two_levels(H: Hamiltonian, s: float, method: EigenMethod | None, seed: int) -> None:
    A, B = map(float, H.schedule(s))
    g = H.degeneracy
    levels, _ = whole_levels(H, A, B, g + 1, method, seed)
    above = levels.values[g:] - levels.values[g]
    number = int(np.count_nonzero(above <= level_tolerance(H, levels)))
    if number > 1:
        raise InputError(
            f"the excited level E_{g} is {number}-fold degenerate at s = {s:g}; Landau-Zener's law "
            "is of two levels. Disconnected parts may be given one by one: qxgap.problem.components"
        )


def _fit(
    H: Hamiltonian, s_star: float, half: float, method: EigenMethod | None, seed: int
) -> LandauZener:
    """Least squares of gap^2, a parabola in x = (s - s_star) / half, with relative weights."""
    x = np.linspace(-1.0, 1.0, 11)
    gaps = np.array([_gap(H, s, method, seed) for s in (s_star + half * x).tolist()])
    if gaps.min() <= DEGENERATE * H.norm_bound(*largest_strengths(H.schedule, s_star + half * x)):
        raise InputError(f"the levels cross within {half:g} of s = {s_star:g}; nothing is avoided")
    c0, c1, c2 = np.polynomial.polynomial.polyfit(x, gaps**2, 2, w=gaps**-2.0)
    least = c0 - c1**2 / (4 * c2) if c2 > 0 else math.nan
    if not (least > 0 and abs(c1) <= 2 * c2):
        raise InputError(
            f"the gap within {half:g} of s = {s_star:g} is not least there as in an avoided "
            "crossing; give the s of a minimum, and a narrower window"
        )
    model = np.sqrt(c0 + c1 * x + c2 * x**2)
    return LandauZener(
        gap=math.sqrt(least),
        slope=math.sqrt(c2) / half,
        s0=s_star - half * float(c1 / (2 * c2)),
        window=half,
        misfit=float(np.abs(model / gaps - 1).max()),
        angular=H.schedule.angular,
    )
