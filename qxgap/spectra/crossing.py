"""Avoided crossings: the Landau-Zener form of the gap and the success it predicts.

Energies are in the unit of the schedule. Times are in 1/energy, divided by ``schedule.angular``: in
units of hbar = 1 for dimensionless schedules, in ns for schedules in GHz.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..annealing.accept import HamiltonianLike, as_hamiltonian
from ..checks import require_number
from ..errors import InputError
from ..linalg.methods import EigenMethod, require_method
from ..results import Result, plain
from ..statistics.seeds import Seed, integer_seed
from .low_levels import LevelSolver
from .minimum import certified_gap
from .profile import (
    DEGENERATE,
    largest_strengths,
    level_tolerance,
    require_excited_level,
    whole_levels,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class LandauZener(Result):
    """An avoided crossing ``E_g - E_0 = sqrt(gap^2 + slope^2 (s - s0)^2)``.

    Attributes
    ----------
    gap : float
        Minimum gap of the fit.
    slope : float
        Slope in s of the difference of the diabatic levels.
    s0 : float
        Anneal fraction of the minimum.
    window : float
        The fit covers ``s_star - window`` to ``s_star + window``.
    misfit : float
        Largest relative deviation of the gap from the fit.
    angular : float
        Factor that turns energy times time into a phase: 1, or 2 pi for GHz and ns.

    Examples
    --------
    >>> import qxgap as qx
    >>> crossing = qx.landau_zener(qx.QuboProblem([-1.0], [[0.0]]))
    >>> round(crossing.success_probability(2.0), 3)
    0.675
    """

    gap: float
    slope: float
    s0: float
    window: float
    misfit: float
    angular: float

    references: ClassVar[tuple[str, ...]] = ("landau1932", "zener1932")

    @property
    def width(self) -> float:
        """Width ``gap / slope`` of the crossing, in s."""
        return self.gap / self.slope

    def success_probability(self, tau: float) -> float:
        """Return ``1 - exp(-pi gap^2 tau / (2 slope))`` (Landau 1932, Zener 1932).

        Parameters
        ----------
        tau : float
            Anneal time, as in :func:`qxgap.anneal`.

        Returns
        -------
        float
            The probability to stay in the ground state of a two-level system.
        """
        exponent = landau_zener_exponent(self.gap, self.slope, tau, self.angular)
        return -math.expm1(-exponent)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain Python values.

        Returns
        -------
        dict of str
            The fit, its width and its misfit.
        """
        return plain(
            {
                "gap": self.gap,
                "lz_slope": self.slope,
                "s0": self.s0,
                "width": self.width,
                "window": self.window,
                "misfit": self.misfit,
                "angular": self.angular,
            }
        )

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the fitted gap, and the two levels that would cross without it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import curves  # loads matplotlib

        reach = 3 * min(self.width, self.window)
        s = np.linspace(max(0.0, self.s0 - reach), min(1.0, self.s0 + reach), 201)
        distance = self.slope * np.abs(s - self.s0)
        series = {
            "gap of the avoided crossing": np.hypot(self.gap, distance),
            "levels that cross": distance,
        }
        return curves(s, series, "anneal fraction s", "gap", ax=ax)

    def __str__(self) -> str:
        return (
            f"The two levels avoid each other at s = {self.s0:.4f}, with a gap of {self.gap:.3g} "
            f"over a width of {self.width:.2g} in s. A two-level crossing describes the gap there "
            f"within {max(100 * self.misfit, 0.01):.2g} %."
        )


def landau_zener_exponent(gap: Any, slope: Any, tau: Any, angular: float = 1.0) -> Any:
    """Return ``pi gap^2 tau / (2 slope)``; ``exp(-exponent)`` is the probability of a transition.

    Landau and Zener's law for two levels that cross with a constant rate. Arguments may be numbers,
    arrays or columns of a data frame that broadcast with each other.

    Parameters
    ----------
    gap : float or array_like of float
        Smallest distance of the two levels.
    slope : float or array_like of float
        Rate in s at which their distance would change without the coupling.
    tau : float or array_like of float
        Anneal time.
    angular : float
        1 for dimensionless energies; 2 pi for energies in GHz and times in ns.

    Returns
    -------
    float or array_like of float
        The exponent.

    References
    ----------
    L. D. Landau, Phys. Z. Sowjetunion 2, 46 (1932); C. Zener, Proc. R. Soc. A 137, 696 (1932).

    Examples
    --------
    >>> from qxgap.spectra import landau_zener_exponent
    >>> round(landau_zener_exponent(0.1, 2.0, 50.0), 4)
    0.3927
    """
    return angular * math.pi * gap**2 * tau / (2.0 * slope)


def landau_zener(
    H: HamiltonianLike,
    s_star: float | None = None,
    window: float | None = None,
    *,
    method: EigenMethod | None = None,
    seed: Seed = 0,
) -> LandauZener:
    """Fit the avoided crossing at ``s_star``.

    Parameters
    ----------
    H : AnnealHamiltonian, MatrixHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        The Hamiltonian, or a problem, to be annealed by the linear schedule and ``-sum sigma_x``.
    s_star : float, optional
        Anneal fraction strictly inside (0, 1). The default is the smallest interior minimum of the
        gap.
    window : float, optional
        Half width of the fit in s. The default is twice the width of the crossing.
    method : Dense, Davidson, Lanczos or Lobpcg, optional
        The eigensolver; the default is Dense up to dimension 512 and Davidson beyond.
    seed : int, numpy.random.Generator or None
        Seed of its start vectors. It affects the last digits only; the default is fixed, so that
        equal calls give equal digits.

    Returns
    -------
    LandauZener
        The fit, which predicts success probabilities.

    Raises
    ------
    InputError
        If there is no interior minimum (a gap that is least at s = 1 is the classical gap, and no
        crossing), or the fit has none within the window. Also if E_g is degenerate there, since the
        law is one of two levels and would take the part of one state for the whole.

    Examples
    --------
    >>> import qxgap as qx
    >>> crossing = qx.landau_zener(qx.QuboProblem([-1.0], [[0.0]]))
    >>> round(crossing.gap, 4), round(crossing.slope, 4), round(crossing.s0, 4)
    (0.8944, 2.2361, 0.8)
    """
    H = as_hamiltonian(H)
    require_method(method)
    require_excited_level(H)
    seed = integer_seed(seed)
    if s_star is not None:
        require_number(s_star, "s_star", "one anneal fraction inside (0, 1), or None")
    if window is not None:
        require_number(window, "window", "the half width of the fit in s, or None")
        if not window > 0:
            raise InputError(f"window = {window}; give the half width of the fit in s, above 0")
    if s_star is None:
        s_star = certified_gap(H, method=method, seed=seed).interior_s
    if not 0 < s_star < 1:
        end = "" if math.isnan(s_star) else f" at s = {s_star:g}"
        raise InputError(
            f"there is no avoided crossing{end}; give an s_star at which the gap has a minimum "
            "inside 0 < s < 1"
        )
    solver = LevelSolver(H, method, seed)
    _require_two_levels(solver, s_star)
    widest = min(s_star, 1 - s_star)
    if window is not None:
        return _fit(solver, s_star, min(window, widest))
    # The window should be twice the width of the crossing, but only a fit determines the width. So
    # the fit is repeated until window and width agree.
    half = min(0.02, widest)
    for _ in range(8):
        fit = _fit(solver, s_star, half)
        half = min(2 * fit.width, widest)
        if abs(half - fit.window) <= 0.1 * half:
            break
    return fit


def _gap(solver: LevelSolver, s: float) -> float:
    """Return ``E_g - E_0`` at s."""
    A, B = map(float, solver.H.schedule(s))
    levels, _ = solver.solve(A, B, solver.H.degeneracy + 1)
    levels.require_converged()
    return float(levels.values[-1] - levels.values[0])


def _require_two_levels(solver: LevelSolver, s: float) -> None:
    """Raise InputError if the excited level is degenerate at s."""
    H = solver.H
    A, B = map(float, H.schedule(s))
    g = H.degeneracy
    levels, _ = whole_levels(solver, A, B, g + 1)
    above = levels.values[g:] - levels.values[g]
    number = int(np.count_nonzero(above <= level_tolerance(H, levels)))
    if number > 1:
        raise InputError(
            f"the excited level E_{g} is {number}-fold degenerate at s = {s:g}, but the law of "
            "Landau and Zener is one of two levels. If the problem has disconnected parts, fit "
            "each of them: qxgap.problem.components"
        )


def _fit(solver: LevelSolver, s_star: float, half: float) -> LandauZener:
    """Fit gap^2 by a parabola in x = (s - s_star) / half, by least squares of relative errors."""
    schedule = solver.H.schedule
    x = np.linspace(-1.0, 1.0, 11)
    gaps = np.array([_gap(solver, s) for s in (s_star + half * x).tolist()])
    norm = solver.H.norm_bound(*largest_strengths(schedule, s_star + half * x))
    if gaps.min() <= DEGENERATE * norm:
        raise InputError(
            f"the levels cross within {half:g} of s = {s_star:g}, so this is no avoided crossing; "
            "give another s_star or a narrower window"
        )
    c0, c1, c2 = np.polynomial.polynomial.polyfit(x, gaps**2, 2, w=gaps**-2.0)
    least = c0 - c1**2 / (4 * c2) if c2 > 0 else math.nan
    if not (least > 0 and abs(c1) <= 2 * c2):
        raise InputError(
            f"the gap within {half:g} of s = {s_star:g} has no minimum of the form of an avoided "
            "crossing; give the s of a minimum, and a narrower window"
        )
    model = np.sqrt(c0 + c1 * x + c2 * x**2)
    return LandauZener(
        gap=math.sqrt(least),
        slope=math.sqrt(c2) / half,
        s0=s_star - half * float(c1 / (2 * c2)),
        window=half,
        misfit=float(np.abs(model / gaps - 1).max()),
        angular=schedule.angular,
    )
