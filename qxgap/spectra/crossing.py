"""Avoided crossings: the Landau-Zener form of the gap and the success it predicts.

Energies are in the unit of the schedule. Times are in 1/energy, divided by ``schedule.angular``: in
units of hbar = 1 for dimensionless schedules, in ns for schedules in GHz.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from ..annealing.accept import HamiltonianLike, as_hamiltonian
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.protocol import Hamiltonian
from ..checks import require_number
from ..errors import InputError
from ..linalg.arrays import FloatArray
from ..linalg.methods import EigenMethod
from ..results import Result, plain
from ..statistics.seeds import Seed, integer_seed
from .bracket import SchedulePath
from .gap import method_for
from .low_levels import LevelSolver
from .minimum import RTOL, certified_gap
from .profile import (
    DEGENERATE,
    largest_strengths,
    level_tolerance,
    require_excited_level,
    whole_levels,
)
from .search import Report
from .wide import SelectedConfigurations
from .wide.crossing_gaps import EstimatedGaps
from .wide.nodes import ERRORS, ESTIMATE_RTOL, SelectedNodes
from .wide.starts import low_states_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FIRST_WINDOW = 0.02
"""Half width in s of the first fit, at most."""

POINTS = 11
"""Number of points of a fit."""


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
    is_estimated : bool
        Whether the gaps of the fit are estimates in selected configurations, with errors.
    gap_error, slope_error : float
        Standard errors of ``gap`` and ``slope`` that follow from those of the gaps, however these
        depend on each other; zero if the gaps were computed in the whole space.
    exponent_error : float
        Standard error of ``gap^2 / slope``, relative to it, likewise.

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
    is_estimated: bool = False
    gap_error: float = 0.0
    slope_error: float = 0.0
    exponent_error: float = 0.0

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

    def success_interval(self, tau: float) -> tuple[float, float]:
        """Return the 95 % interval of the law's success probability.

        It holds the errors of estimated gaps only. How well the law describes the anneal is another
        question: it leaves out all other levels, and the ends of the anneal.

        Parameters
        ----------
        tau : float
            Anneal time, as in :func:`qxgap.anneal`.

        Returns
        -------
        tuple of float
            The ends of the interval; they are equal if the gaps were computed in the whole space.
        """
        exponent = landau_zener_exponent(self.gap, self.slope, tau, self.angular)
        reach = ERRORS * self.exponent_error
        low, high = max(1.0 - reach, 0.0) * exponent, (1.0 + reach) * exponent
        return -math.expm1(-low), -math.expm1(-high)

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
                "is_estimated": self.is_estimated,
                "gap_error": self.gap_error,
                "lz_slope_error": self.slope_error,
                "exponent_error": self.exponent_error,
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
        text = (
            f"The two levels avoid each other at s = {self.s0:.4f}, with a gap of {self.gap:.3g} "
            f"over a width of {self.width:.2g} in s. A two-level crossing describes the gap there "
            f"within {max(100 * self.misfit, 0.01):.2g} %."
        )
        if self.is_estimated:
            gap, slope = self.gap_error / self.gap, self.slope_error / self.slope
            text += (
                " The gaps are estimates in selected configurations: the standard error of the gap "
                f"is {max(100 * gap, 0.01):.2g} %, and that of the slope of the two levels that "
                f"cross {max(100 * slope, 0.01):.2g} %."
            )
        return text


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
    method: EigenMethod | SelectedConfigurations | None = None,
    seed: Seed = 0,
    progress: Report | bool | None = None,
) -> LandauZener:
    """Fit the avoided crossing at ``s_star``.

    Parameters
    ----------
    H : AnnealHamiltonian, MatrixHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        The Hamiltonian, or a problem, to be annealed by the linear schedule and ``-sum sigma_x``.
    s_star : float, optional
        Anneal fraction strictly inside (0, 1), such as the ``s_star`` of a minimum gap that was
        computed before. The default is the smallest interior minimum of the gap, which takes a
        search.
    window : float, optional
        Half width of the fit in s. The default is twice the width of the crossing.
    method : Dense, Davidson, Lanczos, Lobpcg or SelectedConfigurations, optional
        The eigensolver; the default is Dense up to dimension 512 and Davidson beyond.
        SelectedConfigurations estimates the gaps in a small part of the space, with errors; it is
        the default where the vectors of the whole space do not fit in memory.
    seed : int, numpy.random.Generator or None
        Seed of its start vectors. It affects the last digits only; the default is fixed, so that
        equal calls give equal digits.
    progress : callable or bool, optional
        Follows the search where ``s_star`` is None, as in :func:`qxgap.minimum_gap`.

    Returns
    -------
    LandauZener
        The fit, which predicts success probabilities.

    Raises
    ------
    InputError
        If there is no interior minimum (a gap that is least at s = 1 is the classical gap, and no
        crossing), or the fit has none within the window. Also if E_g is degenerate there, within
        the error of the levels, since the law is one of two levels and would take the part of one
        state for the whole.

    Examples
    --------
    >>> import qxgap as qx
    >>> crossing = qx.landau_zener(qx.QuboProblem([-1.0], [[0.0]]))
    >>> round(crossing.gap, 4), round(crossing.slope, 4), round(crossing.s0, 4)
    (0.8944, 2.2361, 0.8)

    Estimated gaps, as they are used beyond the memory of 2^d amplitudes:

    >>> problem = qx.testing.random_feature_selection(8, seed=3)
    >>> exact = qx.landau_zener(problem)
    >>> crossing = qx.landau_zener(problem, method=qx.SelectedConfigurations())
    >>> abs(crossing.slope / exact.slope - 1) < 0.05
    True
    >>> low, high = crossing.success_interval(20.0)
    >>> low <= crossing.success_probability(20.0) <= high
    True
    """
    H = as_hamiltonian(H)
    method = method_for(H, method)
    seed = integer_seed(seed)
    if s_star is not None:
        require_number(s_star, "s_star", "one anneal fraction inside (0, 1), or None")
    if window is not None:
        require_number(window, "window", "the half width of the fit in s, or None")
        if not window > 0:
            raise InputError(f"window = {window}; give the half width of the fit in s, above 0")
    gaps = _gaps_of(H, method, seed)
    if s_star is None:
        rtol = ESTIMATE_RTOL if isinstance(gaps, EstimatedGaps) else RTOL
        s_star = gaps.search(rtol, progress)
    if not 0 < s_star < 1:
        end = "" if math.isnan(s_star) else f" at s = {s_star:g}"
        raise InputError(
            f"there is no avoided crossing{end}; give an s_star at which the gap has a minimum "
            "inside 0 < s < 1"
        )
    _require_two_levels(gaps, s_star)
    widest = min(s_star, 1 - s_star)
    if window is not None:
        return _fit(gaps, s_star, min(window, widest))
    # The window should be twice the width of the crossing, but only a fit determines the width. So
    # the fit is repeated until window and width agree.
    half = min(FIRST_WINDOW, 2 * gaps.width(s_star), widest)
    for _ in range(8):
        fit = _fit(gaps, s_star, half)
        half = min(2 * fit.width, widest)
        if abs(half - fit.window) <= 0.1 * half:
            break
    return fit


class _Gaps(Protocol):
    """The gap ``E_g - E_0`` along an anneal, computed or estimated."""

    @property
    def H(self) -> Hamiltonian:
        """The Hamiltonian."""

    @property
    def g(self) -> int:
        """Degeneracy of the final ground subspace."""

    def __call__(self, s: float) -> tuple[float, float]:
        """Return the gap at s and its standard error."""

    def search(self, rtol: float, progress: Report | bool | None) -> float:
        """Return the anneal fraction of the smallest interior minimum; nan if there is none."""

    def multiplicity(self, s: float) -> int:
        """Return the number of levels at s that cannot be told from E_g."""

    def width(self, s: float) -> float:
        """Return about the width of a crossing at s; inf if it is not known."""

    def resolution(self, s: FloatArray) -> float:
        """Return a bound of the rounding errors of a gap at any of several points."""


@dataclass(frozen=True)
class _ComputedGaps:
    """Gaps of eigen-solves in the whole space."""

    H: Hamiltonian
    solver: LevelSolver

    @property
    def g(self) -> int:
        return self.H.degeneracy

    def __call__(self, s: float) -> tuple[float, float]:
        A, B = map(float, self.H.schedule(s))
        levels, _ = self.solver.solve(A, B, self.g + 1)
        levels.require_converged()
        return float(levels.values[-1] - levels.values[0]), 0.0

    def search(self, rtol: float, progress: Report | bool | None) -> float:
        method, seed = self.solver.method, self.solver.seed
        gap = certified_gap(self.H, rtol, method=method, seed=seed, progress=progress)
        return gap.interior_s

    def multiplicity(self, s: float) -> int:
        A, B = map(float, self.H.schedule(s))
        levels, _ = whole_levels(self.solver, A, B, self.g + 1)
        above = levels.values[self.g :] - levels.values[self.g]
        return int(np.count_nonzero(above <= level_tolerance(self.H, levels)))

    def width(self, s: float) -> float:
        return math.inf

    def resolution(self, s: FloatArray) -> float:
        return DEGENERATE * self.H.norm_bound(*largest_strengths(self.H.schedule, s))


def _gaps_of(
    H: Hamiltonian, method: EigenMethod | SelectedConfigurations | None, seed: int
) -> _Gaps:
    """Return the source of gaps that a method makes."""
    if not isinstance(method, SelectedConfigurations):
        require_excited_level(H)
        return _ComputedGaps(H, LevelSolver(H, method, seed))
    assert isinstance(H, AnnealHamiltonian)
    states, g = low_states_of(H.problem)
    if g >= H.dimension:
        require_excited_level(H)  # it raises, since the states of so small a problem are counted
    path = SchedulePath(H.schedule, H.typical_energies)
    return EstimatedGaps(SelectedNodes(H, path, states, g, method))


def _require_two_levels(gaps: _Gaps, s: float) -> None:
    """Raise InputError if the excited level is degenerate at s."""
    number = gaps.multiplicity(s)
    if number == 1:
        return
    where = f"the excited level E_{gaps.g}"
    if isinstance(gaps, EstimatedGaps):
        where += f" and {number - 1} more lie no further apart at s = {s:g} than their errors"
    else:
        where += f" is {number}-fold degenerate at s = {s:g}"
    raise InputError(
        f"{where}, but the law of Landau and Zener is one of two levels. If the problem has "
        "disconnected parts, fit each of them: qxgap.problem.components"
    )


def _fit(gaps: _Gaps, s_star: float, half: float) -> LandauZener:
    """Fit gap^2 by a parabola in x = (s - s_star) / half, by least squares of relative errors."""
    x = np.linspace(-1.0, 1.0, POINTS)
    s = s_star + half * x
    values, errors = np.array([gaps(point) for point in s.tolist()]).T
    if np.any(values <= ERRORS * errors) and errors.max() > 0:
        raise InputError(
            f"the errors of the estimated gaps within {half:g} of s = {s_star:g} are as large as "
            "the gaps; give SelectedConfigurations a smaller last_threshold and a larger "
            "max_configurations"
        )
    if values.min() <= gaps.resolution(s):
        raise InputError(
            f"the levels cross within {half:g} of s = {s_star:g}, so this is no avoided crossing; "
            "give another s_star or a narrower window"
        )
    c0, c1, c2 = np.polynomial.polynomial.polyfit(x, values**2, 2, w=values**-2.0)
    least = c0 - c1**2 / (4 * c2) if c2 > 0 else math.nan
    if not (least > 0 and abs(c1) <= 2 * c2):
        raise InputError(
            f"the gap within {half:g} of s = {s_star:g} has no minimum of the form of an avoided "
            "crossing; give the s of a minimum, and a narrower window"
        )
    gap, slope = math.sqrt(least), math.sqrt(c2) / half
    in_least, in_square, in_exponent = _relative_errors(x, values, errors, (c0, c1, c2))
    return LandauZener(
        gap=gap,
        slope=slope,
        s0=s_star - half * float(c1 / (2 * c2)),
        window=half,
        misfit=float(np.abs(np.sqrt(c0 + c1 * x + c2 * x**2) / values - 1).max()),
        angular=gaps.H.schedule.angular,
        is_estimated=isinstance(gaps, EstimatedGaps),
        gap_error=gap * in_least / 2,
        slope_error=slope * in_square / 2,
        exponent_error=in_exponent,
    )


def _relative_errors(
    x: FloatArray, gaps: FloatArray, errors: FloatArray, fit: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Return standard errors of the square of the least gap, of c2, and of gap^2 / slope.

    They are relative to the numbers. Each number of the fit is to first order a weighted sum of the
    gaps. Its standard error is at most the sum of those of its terms, however these depend on each
    other; those of neighboring points do.
    """
    c0, c1, c2 = fit
    weights = gaps**-2.0
    design = np.vander(x, 3, increasing=True)
    response = np.linalg.pinv(weights[:, None] * design) * weights * (2 * gaps)
    turn = c1 / (2 * c2)
    least = (response[0] - turn * response[1] + turn**2 * response[2]) / (c0 - c1 * turn / 2)
    square = response[2] / c2
    sums = (np.abs(part) @ errors for part in (least, square, least - square / 2))
    first, second, third = map(float, sums)
    return first, second, third
