"""Laws that success curves are compared with: Landau and Zener's, and the adiabatic limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import QubitsLike, as_qubits
from ..checks import kind_of
from ..errors import InputError
from ..results import Result, plain
from ..spectra.crossing import LandauZener, landau_zener_exponent
from ..spectra.profile import spin_flips
from .curve import SuccessCurve, require_curve, require_curves

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Collapse(Result):
    """Points of many instances on the axes in which Landau and Zener's law is the line y = x.

    Attributes
    ----------
    x : ndarray of float, shape (n,)
        ``pi gap^2 tau / (2 slope)`` of each point.
    y : ndarray of float, shape (n,)
        ``-ln(1 - P)`` of each point.
    instance : ndarray of int, shape (n,)
        Position of the point's instance in the list of curves.
    slope : float
        Slope of the least-squares line through the origin. The law has the slope 1.
    r_squared : float
        Part of the variance of y that the line explains; negative where a constant fits better.
        The law has 1.
    rank_correlation : float
        Spearman's rank correlation of x and y, which shows whether the instances are at least
        ordered as the law says; nan for a single value.
    left_out : int
        Number of points left out because their 1 - P is within the error estimate of 0, so that y
        is not known.
    """

    x: Array
    y: Array
    instance: NDArray[np.int64]
    slope: float
    r_squared: float
    rank_correlation: float
    left_out: int

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers and points by the names of the attributes.

        Returns
        -------
        dict of str
            Numbers and lists.
        """
        return plain(dict(vars(self)))

    def to_dataframe(self) -> pd.DataFrame:
        """Return the points as a table.

        Returns
        -------
        pandas.DataFrame
            The columns instance, x and y, a row for each point.
        """
        import pandas as pd

        return pd.DataFrame({"instance": self.instance, "x": self.x, "y": self.y})

    def plot(self, ax: Any = None) -> Any:
        """Draw the points; on the dashed line Landau and Zener's law holds.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        import pandas as pd

        from ..plotting import success_collapse  # loads matplotlib

        names = [f"instance {i}" for i in self.instance.tolist()]
        unknown = np.full(self.x.size, np.nan)
        points = pd.DataFrame({"setting": names, "y": self.y, "landau_zener": self.x})
        return success_collapse(points.assign(gap_squared=unknown, independent=unknown), ax=ax)

    def __str__(self) -> str:
        return (
            f"Over {self.x.size} points of {np.unique(self.instance).size} instances, -ln(1 - P) "
            f"is {self.slope:.2g} times what Landau and Zener's law says, and a line through the "
            f"origin explains the share {self.r_squared:.2g} of its variance; where the law holds, "
            f"both numbers are 1. Rank correlation {self.rank_correlation:.2g}; {self.left_out} "
            "points are left out."
        )


def landau_zener_collapse(
    curves: Sequence[SuccessCurve], crossings: Sequence[LandauZener]
) -> Collapse:
    """Test whether one law, ``P = 1 - exp(-pi gap^2 tau / (2 slope))``, describes all curves.

    Parameters
    ----------
    curves : sequence of SuccessCurve
        One curve for each instance.
    crossings : sequence of LandauZener
        Results of ``landau_zener`` for the same Hamiltonians, in the same order.

    Returns
    -------
    Collapse
        The points, and how well the law describes them.

    Raises
    ------
    InputError
        For lists of different length, and if fewer than two points remain.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.testing import random_feature_selection
    >>> instances = [qx.AnnealHamiltonian(random_feature_selection(4, seed=i)) for i in (1, 4)]
    >>> curves = [qx.success_curve(H, [5.0, 20.0]) for H in instances]
    >>> crossings = [qx.landau_zener(H) for H in instances]
    >>> qx.landau_zener_collapse(curves, crossings).x.size
    4
    """
    require_curves(curves, of_ground_states=True)
    if not isinstance(crossings, Sequence):
        raise InputError(
            f"crossings is {kind_of(crossings)}; give a list of results of landau_zener(H)"
        )
    for i, fit in enumerate(crossings):
        if not isinstance(fit, LandauZener):
            raise InputError(f"crossings[{i}] is {kind_of(fit)}; give a result of landau_zener(H)")
    if len(curves) != len(crossings):
        raise InputError(f"{len(curves)} curves and {len(crossings)} crossings do not pair up")
    none = np.empty(0)  # lets np.concatenate take no curves at all
    x = [
        landau_zener_exponent(fit.gap, fit.slope, curve.taus, fit.angular)
        for curve, fit in zip(curves, crossings, strict=True)
    ]
    failure = np.concatenate([none, *(1.0 - curve.success for curve in curves)])
    error = np.concatenate([none, *(curve.errors for curve in curves)])
    instance = np.repeat(np.arange(len(curves)), [curve.taus.size for curve in curves])
    known = failure > error
    if known.sum() < 2:
        raise InputError(
            f"{known.sum()} of {known.size} points are known; the test needs two: give more curves "
            "or shorter anneals"
        )
    points = np.concatenate([none, *x])[known]
    y = -np.log(failure[known])
    slope = float(points @ y / (points @ points))
    variance = float(((y - y.mean()) ** 2).sum())
    misfit = float(((y - slope * points) ** 2).sum())
    return Collapse(
        x=points,
        y=y,
        instance=instance[known],
        slope=slope,
        r_squared=1.0 - misfit / variance if variance > 0 else math.nan,
        rank_correlation=_rank_correlation(points, y),
        left_out=int((~known).sum()),
    )


def _rank_correlation(x: Array, y: Array) -> float:
    """Spearman's rank correlation; nan if x or y has a single value."""
    from scipy.stats import spearmanr  # slow to load

    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    return float(spearmanr(x, y).statistic)


@dataclass(frozen=True, repr=False)
class LateTimeLaw(Result):
    """The adiabatic limit ``1 - P -> c / tau^2`` of a sweep whose speed jumps at both ends.

    Each end leaves amplitudes ``<n|H'|0> / (gap_n^2 tau)`` in the excited states n. Their phases
    turn with tau, so that tau^2 (1 - P) varies between ``lowest`` and ``highest`` around ``mean``.

    Attributes
    ----------
    start : float
        ``sum_n |<n|H'|0>|^2 / gap_n^4`` at s = 0, in the unit of tau squared.
    end : float
        The same sum at s = 1.
    """

    start: float
    end: float

    @property
    def mean(self) -> float:
        """Coefficient c, averaged over the phases."""
        return self.start + self.end

    @property
    def lowest(self) -> float:
        """Lower bound of c at any phases."""
        return (math.sqrt(self.start) - math.sqrt(self.end)) ** 2

    @property
    def highest(self) -> float:
        """Upper bound of c at any phases."""
        return (math.sqrt(self.start) + math.sqrt(self.end)) ** 2

    def ratio(self, curve: SuccessCurve) -> Array:
        """Return ``tau^2 (1 - P) / mean`` along a curve.

        Parameters
        ----------
        curve : SuccessCurve
            Success probabilities of the same Hamiltonian.

        Returns
        -------
        ndarray of float, shape (n,)
            A value for each tau. For large tau it lies between ``lowest / mean`` and
            ``highest / mean``.
        """
        require_curve(curve, of_ground_states=True)
        return curve.taus**2 * (1.0 - curve.success) / self.mean

    def plot(self, ax: Any = None) -> Any:
        """Draw the probability to fail for long anneals, with its bounds.

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

        taus = math.sqrt(self.highest) * np.geomspace(3.0, 300.0, 60)
        series = {
            "mean over phases": self.mean / taus**2,
            "upper bound": self.highest / taus**2,
            "lower bound": self.lowest / taus**2,
        }
        return curves(taus, series, "anneal time tau", "probability to fail", log="xy", ax=ax)

    def to_dict(self) -> dict[str, Any]:
        """Return the sums at both ends and the coefficient c with its bounds.

        Returns
        -------
        dict of str
            Numbers in the unit of tau squared.
        """
        return {
            "start": self.start,
            "end": self.end,
            "mean": self.mean,
            "lowest": self.lowest,
            "highest": self.highest,
        }

    def __str__(self) -> str:
        return (
            f"For long anneals the probability to fail approaches {self.mean:.3g} / tau^2; "
            f"depending on phases, the factor lies between {self.lowest:.3g} and "
            f"{self.highest:.3g}."
        )


def late_time_law(H: QubitsLike) -> LateTimeLaw:
    """Return the adiabatic limit of a sweep that is linear from B = 0 to A = 0.

    Both ends are known in closed form. At s = 0 the derivative H' leads from the uniform state to
    states in which one or two qubits are flipped; at s = 1 it leads from the ground state to its d
    neighbors.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian; a problem is given the linear schedule and the driver ``-sum sigma_x``.

    Returns
    -------
    LateTimeLaw
        The coefficient and its bounds.

    Raises
    ------
    InputError
        For schedules of more than one linear piece (each kink adds amplitudes), for other ends, and
        for degenerate ground states (the law does not say in which of them the anneal ends).

    References
    ----------
    The first boundary term of adiabatic perturbation theory; Lidar, Rezakhani, Hamma, J. Math.
    Phys. 50, 102106 (2009).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> law = qx.late_time_law(problem)
    >>> round(law.mean, 1)
    5.2
    """
    H = as_qubits(H)
    schedule, problem = H.schedule, H.problem
    if schedule.s.size != 2 or schedule.B[0] != 0.0 or schedule.A[1] != 0.0:
        raise InputError(
            f"schedule {schedule.name!r}: the law is for one linear piece from B = 0 to A = 0, "
            "such as LINEAR"
        )
    if problem.degeneracy != 1:
        raise InputError(
            f"the ground state is {problem.degeneracy}-fold degenerate; the law needs one"
        )
    A, B = float(schedule.A[0]), float(schedule.B[1])
    energies, squares = spin_flips(H, A, B)
    at_start = squares / (energies + A * H.driver_weights.sum()) ** 4
    ground = int(problem.ground_indices[0])
    flips = H.diagonal[ground ^ (1 << np.arange(H.num_qubits))] - H.diagonal[ground]
    at_end = (A * H.driver_weights) ** 2 / (B * flips) ** 4
    square = schedule.angular**2
    return LateTimeLaw(float(at_start.sum()) / square, float(at_end.sum()) / square)
