"""Laws that success curves are held against: Landau and Zener's, and the adiabatic limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import QubitsLike, as_qubits
from ..checks import kind_of
from ..errors import InputError
from ..spectra.crossing import LandauZener
from ..spectra.profile import spin_flips
from .curve import SuccessCurve, require_curve, require_curves

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Collapse:
    """Points of many instances on the axes in which Landau and Zener's law is one line, y = x.

    Attributes
    ----------
    x, y : (n,) ``pi gap^2 tau / (2 slope)``, and ``-ln(1 - P)``.
    instance : (n,) which instance each point is of.
    slope, r_squared : least-squares line through the origin, and the share of the variance of y
        that it explains (negative where a constant does better). The law: 1 and 1.
    rank_correlation : Spearman's, of x and y: whether hardness is at least ordered as the law has
        it. nan for a single value.
    left_out : points whose 1 - P is within the error estimate of 0, so that y is not known.
    """

    x: Array
    y: Array
    instance: NDArray[np.int64]
    slope: float
    r_squared: float
    rank_correlation: float
    left_out: int


def landau_zener_collapse(
    curves: Sequence[SuccessCurve], crossings: Sequence[LandauZener]
) -> Collapse:
    """Test whether one law, ``P = 1 - exp(-pi gap^2 tau / (2 slope))``, describes all curves.

    Parameters
    ----------
    curves, crossings : one each for every instance, of ``success_curve`` and ``landau_zener`` of
        the same Hamiltonian.

    Raises InputError for lists of different length, and if fewer than two points remain.
    """
    require_curves(curves)
    if not isinstance(crossings, Sequence):
        raise InputError(
            f"crossings is {kind_of(crossings)}; give a list of what landau_zener(H) returned"
        )
    for i, fit in enumerate(crossings):
        if not isinstance(fit, LandauZener):
            raise InputError(
                f"crossings[{i}] is {kind_of(fit)}; give what landau_zener(H) returned"
            )
    if len(curves) != len(crossings):
        raise InputError(f"{len(curves)} curves and {len(crossings)} crossings do not pair up")
    x, failure, error, instance = [np.array([])], [np.array([])], [np.array([])], []
    for i, (curve, fit) in enumerate(zip(curves, crossings, strict=True)):
        x.append(fit.angular * math.pi * fit.gap**2 * curve.taus / (2.0 * fit.slope))
        failure.append(1.0 - curve.success)
        error.append(curve.errors)
        instance += [i] * curve.taus.size
    joined, failed = np.concatenate(x), np.concatenate(failure)
    known = failed > np.concatenate(error)
    if known.sum() < 2:
        raise InputError(f"{known.sum()} of {known.size} points are known; a test takes two")
    joined, y = joined[known], -np.log(failed[known])
    slope = float(joined @ y / (joined @ joined))
    variance = float(((y - y.mean()) ** 2).sum())
    misfit = float(((y - slope * joined) ** 2).sum())
    return Collapse(
        x=joined,
        y=y,
        instance=np.array(instance)[known],
        slope=slope,
        r_squared=1.0 - misfit / variance if variance > 0 else math.nan,
        rank_correlation=_rank_correlation(joined, y),
        left_out=int((~known).sum()),
    )


def _rank_correlation(x: Array, y: Array) -> float:
    from scipy.stats import spearmanr

    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    return float(spearmanr(x, y).statistic)


@dataclass(frozen=True)
class LateTimeLaw:
    """``1 - P -> c / tau^2``, from where the sweep begins and ends with a jump of speed.

    Each end leaves amplitudes ``<n|H'|0> / (gap_n^2 tau)`` in the excited states n. Their phases
    turn with tau, so that tau^2 (1 - P) varies between ``least`` and ``largest`` around ``mean``.

    Attributes
    ----------
    start, end : ``sum_n |<n|H'|0>|^2 / gap_n^4`` at s = 0 and 1, in the unit of tau squared.
    """

    start: float
    end: float

    @property
    def mean(self) -> float:
        """The coefficient c, averaged over the phases."""
        return self.start + self.end

    @property
    def least(self) -> float:
        """Lower bound of c at any phases."""
        return (math.sqrt(self.start) - math.sqrt(self.end)) ** 2

    @property
    def largest(self) -> float:
        """Upper bound of c at any phases."""
        return (math.sqrt(self.start) + math.sqrt(self.end)) ** 2

    def ratio(self, curve: SuccessCurve) -> Array:
        """``tau^2 (1 - P) / mean`` along a curve, (n,): tends to [least, largest] / mean."""
        require_curve(curve)
        return curve.taus**2 * (1.0 - curve.success) / self.mean


def late_time_law(H: QubitsLike) -> LateTimeLaw:
    """Return the adiabatic limit of a sweep that is linear from B = 0 to A = 0.

    Both ends are known in closed form: at s = 0 H' leads from the uniform state to those of one or
    two turned qubits, at s = 1 from the ground state to its d neighbours. Source: the first
    boundary term of adiabatic perturbation theory; Lidar, Rezakhani, Hamma, J. Math. Phys. 50,
    102106 (2009).

    Raises
    ------
    InputError : for schedules of more than one linear piece (each kink adds amplitudes), with other
        ends, and for degenerate ground states (in which of them the anneal ends is another matter).
    """
    H = as_qubits(H)
    schedule, problem = H.schedule, H.problem
    if schedule.s.size != 2 or schedule.B[0] != 0.0 or schedule.A[1] != 0.0:
        raise InputError(
            f"schedule {schedule.name!r}: the law is for one linear piece from B = 0 to A = 0"
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
