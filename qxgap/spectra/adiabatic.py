"""Adiabatic criteria for the anneal time, and the schedules that follow from them.

Energies are in the unit of the schedule. Times are in 1/energy, divided by ``schedule.angular``: in
units of hbar = 1 for dimensionless schedules, in ns for schedules in GHz.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..annealing.accept import HamiltonianLike, as_hamiltonian
from ..annealing.schedules import AnnealSchedule
from ..checks import require_number
from ..digits import rounded
from ..errors import InputError
from ..linalg.arrays import FloatArray
from ..linalg.methods import EigenMethod
from ..results import Result, plain
from ..statistics.seeds import Seed
from .gap import minimum_gap
from .profile import DEGENERATE, AdiabaticProfile, adiabatic_profile, largest_strengths

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEAST_DWELL = 1e-6
"""A local schedule spends at every s at least this fraction of its longest time per unit of s."""


def adiabatic_time(
    source: AdiabaticProfile | HamiltonianLike,
    *,
    method: EigenMethod | None = None,
    seed: Seed = 0,
) -> float:
    """Compute the time scale ``max_s |<g| dH/ds |0>| / gap^2`` of the traditional criterion.

    An anneal much longer than this is adiabatic as a rule, not by theorem.

    Parameters
    ----------
    source : AdiabaticProfile, AnnealHamiltonian, MatrixHamiltonian or QuboProblem
        A profile, or a Hamiltonian or problem for which the profile is computed by
        :func:`qxgap.adiabatic_profile`.
    method : Dense, Davidson, Lanczos or Lobpcg, optional
        The eigensolver, if a profile must be computed.
    seed : int, numpy.random.Generator or None
        Seed of its start vectors.

    Returns
    -------
    float
        The maximum over the grid of the profile; infinite if the gap closes on it.

    Examples
    --------
    >>> import qxgap as qx
    >>> round(qx.adiabatic_time(qx.QuboProblem([-1.0], [[0.0]])), 3)
    1.398
    """
    profile = (
        source
        if isinstance(source, AdiabaticProfile)
        else adiabatic_profile(source, method=method, seed=seed)
    )
    if profile.gap.min() <= 0:
        return math.inf
    return float(np.max(profile.gap_coupling / profile.gap**2)) / profile.schedule.angular


@dataclass(frozen=True, repr=False)
class AdiabaticBound(Result):
    """The bound ``||(1 - P) psi|| <= time / tau``; P projects onto the final ground subspace.

    Attributes
    ----------
    boundary : float
        Part of ``time`` from the two ends of the anneal.
    kinks : float
        Part of ``time`` from the kinks of the schedule.
    integral : float
        Part of ``time`` from the integral along the anneal.

    Examples
    --------
    >>> import qxgap as qx
    >>> bound = qx.jansen_ruskai_seiler(qx.QuboProblem([-1.0], [[0.0]]))
    >>> bound.failure_probability(100 * bound.time)
    0.0001
    """

    boundary: float
    kinks: float
    integral: float

    references: ClassVar[tuple[str, ...]] = ("jansen2007",)

    @property
    def time(self) -> float:
        """Sum of the parts; inf if the band of g levels touches the rest of the spectrum."""
        return self.boundary + self.kinks + self.integral

    def failure_probability(self, tau: float) -> float:
        """Return an upper bound of 1 - success probability.

        Parameters
        ----------
        tau : float
            Anneal time.

        Returns
        -------
        float
            A number in [0, 1].
        """
        return min(1.0, (self.time / tau) ** 2) if tau > 0 else 1.0

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain Python values.

        Returns
        -------
        dict of str
            ``time`` and its three parts; infinite ones are None.
        """
        return plain(
            {
                "time": self.time,
                "boundary": self.boundary,
                "kinks": self.kinks,
                "integral": self.integral,
            }
        )

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the bound of the failure probability against the anneal time.

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

        scale = self.time if 0 < self.time < math.inf else 1.0
        taus = np.geomspace(scale / 10, 1000 * scale, 200)
        series = {"no more than this": [self.failure_probability(tau) for tau in taus.tolist()]}
        return curves(taus, series, "anneal time tau", "failure probability", log="xy", ax=ax)

    def __str__(self) -> str:
        if math.isinf(self.time):
            return "There is no bound: the ground levels touch the rest of the spectrum."
        return (
            f"An anneal of length tau fails with a probability of at most ({rounded(self.time)} / "
            f"tau)^2; it is proven, and mostly far above the true one. The ends of the anneal "
            f"contribute {rounded(self.boundary, 2)}, the kinks "
            f"{rounded(self.kinks, 2)} and the path between them "
            f"{rounded(self.integral, 2)}."
        )


def jansen_ruskai_seiler(
    H: HamiltonianLike,
    s: ArrayLike | None = None,
    *,
    method: EigenMethod | None = None,
    seed: Seed = 0,
) -> AdiabaticBound:
    """Bound the failure of an anneal by theorem 3 of Jansen, Ruskai and Seiler.

    Parameters
    ----------
    H : AnnealHamiltonian, MatrixHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        The Hamiltonian, or a problem, to be annealed by the linear schedule and ``-sum sigma_x``.
    s : array_like of float, shape (n,), optional
        Strictly rising fractions from 0 to 1. The default is
        :func:`~qxgap.spectra.adiabatic_grid`.
    method : Dense, Davidson, Lanczos or Lobpcg, optional
        The eigensolver; the default is Dense up to dimension 512 and Davidson beyond.
    seed : int, numpy.random.Generator or None
        Seed of its start vectors.

    Returns
    -------
    AdiabaticBound
        The bound and its three parts.

    Raises
    ------
    InputError
        For a grid that does not go from 0 to 1, and for a problem without an excited level.
    ConvergenceError
        If an eigen-solve may have missed a level.

    Notes
    -----
    For m = g levels, G their gap ``E_g - E_{g-1}`` to the rest, and a twice differentiable H::

        tau ||(1 - P) psi|| <= m |H'(0)| / G(0)^2 + m |H'(1)| / G(1)^2
                               + int m |H''| / G^2 + 7 m sqrt(m) |H'|^2 / G^3 ds.

    A piecewise linear schedule is a limit of smooth ones whose H'' is a spike at each kink: there
    ``int m |H''| / G^2`` becomes ``m |H'(s+) - H'(s-)| / G(s)^2``, summed over the kinks.

    Norms are upper bounds, ``|A'| ||H_D|| + |B'| r`` with r half the spread of H_P (shifting its
    midpoint to zero changes no dynamics) and ``||H_D||`` by row sums. The integral is a trapezoid
    sum, in which G is interpolated between the points of the grid: refine ``s`` around narrow gaps.
    For g > 1 the band must be separated from the rest at every s, 0 included; else the bound is
    infinite.

    References
    ----------
    Jansen, Ruskai, Seiler, J. Math. Phys. 48, 102111 (2007).

    Examples
    --------
    >>> import qxgap as qx
    >>> bound = qx.jansen_ruskai_seiler(qx.QuboProblem([-1.0], [[0.0]]))
    >>> round(bound.boundary, 3), bound.kinks
    (1.875, 0.0)
    """
    H = as_hamiltonian(H)
    profile = adiabatic_profile(H, s, method=method, seed=seed)
    schedule, m = H.schedule, profile.degeneracy
    if profile.s[0] != 0 or profile.s[-1] != 1:
        raise InputError(
            f"the grid of the bound must go from s = 0 to s = 1, but it covers {profile.s[0]:g} to "
            f"{profile.s[-1]:g}"
        )
    band = profile.energies[:, m] - profile.energies[:, m - 1]
    if np.any(band <= DEGENERATE * H.norm_bound(*largest_strengths(schedule, profile.s))):
        return AdiabaticBound(math.inf, math.inf, math.inf)
    grid = np.union1d(profile.s, schedule.s)
    G = np.interp(grid, profile.s, band)
    dA, dB = schedule.derivative(grid[:-1])
    spread = float(np.ptp(H.diagonal)) / 2

    def norm(a: FloatArray, b: FloatArray) -> FloatArray:
        return np.abs(a) * H.norm_bound(1.0, 0.0) + np.abs(b) * spread

    speed = norm(dA, dB)
    jumps = norm(np.diff(dA), np.diff(dB)) / G[1:-1] ** 2
    cubes = np.diff(grid) * (G[1:] ** -3 + G[:-1] ** -3) / 2
    return AdiabaticBound(
        boundary=m * float(speed[0] / G[0] ** 2 + speed[-1] / G[-1] ** 2) / schedule.angular,
        kinks=m * float(jumps.sum()) / schedule.angular,
        integral=7 * m**1.5 * float((speed**2 * cubes).sum()) / schedule.angular,
    )


def locally_adiabatic(
    H: HamiltonianLike,
    profile: AdiabaticProfile | None = None,
    *,
    power: float = 2.0,
    coupling: bool = False,
    method: EigenMethod | None = None,
    seed: Seed = 0,
) -> AnnealSchedule:
    """Return a schedule that follows the same path slowly where the gap is small.

    On the linear schedule its pace is ``ds/dt ~ gap^power``; with ``coupling`` it is ``gap^power /
    |<g| dH/ds |0>|``.

    Parameters
    ----------
    H : AnnealHamiltonian, MatrixHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        The Hamiltonian, or a problem, to be annealed by the linear schedule and ``-sum sigma_x``.
    profile : AdiabaticProfile, optional
        Profile of this H from s = 0 to 1; the default is computed on
        :func:`~qxgap.spectra.adiabatic_grid`. Between its points the pace is interpolated
        geometrically.
    power : float
        Exponent of the gap.
    coupling : bool
        Whether to divide by the coupling to the first level above the ground states; the pace is
        limited where the coupling vanishes. By default the coupling is taken as constant on the
        path ``(1 - u) H_D + u H_P``, so that the waveform does not depend on the scale A + B.
    method : Dense, Davidson, Lanczos or Lobpcg, optional
        The eigensolver, if a profile must be computed.
    seed : int, numpy.random.Generator or None
        Seed of its start vectors.

    Returns
    -------
    AnnealSchedule
        The schedule over the time fraction, through eight points between neighbors of the profile
        and all breakpoints of ``H.schedule``.

    Raises
    ------
    InputError
        For a profile of another problem or schedule, one that does not go from 0 to 1, and one on
        which the gap closes or, with ``coupling``, the coupling vanishes everywhere.

    Notes
    -----
    Where the coupling to the first level is small while higher levels are coupled, dividing by it
    makes the schedule too fast. On feature selections of digits a constant coupling succeeds more
    often (benchmarks, ``gap_schedules``).

    References
    ----------
    Roland and Cerf, Phys. Rev. A 65, 042308 (2002), with power 2 and, for search, a constant
    coupling.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0, -0.8], [[0.0, 0.5], [0.0, 0.0]]))
    >>> qx.locally_adiabatic(H).name
    'linear*local'
    """
    H = as_hamiltonian(H)
    profile = profile or adiabatic_profile(H, method=method, seed=seed)
    if profile.schedule != H.schedule or profile.instance_hash != H.instance_hash:
        raise InputError(
            f"the profile must be one of this problem and schedule, but it is of "
            f"{profile.instance_hash} and {profile.schedule!r}, and H of {H.instance_hash} and "
            f"{H.schedule!r}; compute it with adiabatic_profile(H)"
        )
    if profile.s[0] != 0 or profile.s[-1] != 1:
        raise InputError(
            f"the profile must be one from s = 0 to s = 1, but it covers {profile.s[0]:g} to "
            f"{profile.s[-1]:g}"
        )
    if profile.gap.min() <= 0 or (coupling and not profile.gap_coupling.any()):
        raise InputError(
            "the gap closes, or the coupling vanishes everywhere, on this profile, so no pace "
            "follows from it; give another schedule or coupling=False"
        )
    # ``dwell`` is the time per unit of s at the points of the profile. It is limited from below,
    # because the coupling may vanish at a point, and interpolated geometrically between the points.
    pull = profile.gap_coupling if coupling else _path_speed(H.schedule, profile.s, power)
    dwell = profile.gap**-power * pull
    dwell = np.maximum(dwell, LEAST_DWELL * dwell.max())
    index = np.arange(profile.s.size)
    fine = np.interp(np.linspace(0, index[-1], 8 * index[-1] + 1), index, profile.s)
    fine_dwell = np.exp(np.interp(fine, profile.s, np.log(dwell)))
    steps = np.diff(fine) * (fine_dwell[1:] + fine_dwell[:-1]) / 2
    t = np.concatenate([[0.0], np.cumsum(steps)])
    return H.schedule.with_waveform(np.column_stack([t, fine]), name="local")


def _path_speed(schedule: AnnealSchedule, s: FloatArray, power: float) -> FloatArray:
    """What a coupling that is constant on the path amounts to at each s.

    With ``H = (A + B) G(u)`` the coupling is ``(A + B) du/ds`` times that of G; the gap is A + B
    times that of G, of which any further powers are divided out.
    """
    (A, B), (dA, dB) = schedule(s), schedule.derivative(s)
    speed: FloatArray = np.abs(A * dB - B * dA) * (A + B) ** (power - 3.0)
    return speed


def paused_at_gap(
    H: HamiltonianLike,
    s_star: float | None = None,
    *,
    share: float = 0.5,
    method: EigenMethod | None = None,
) -> AnnealSchedule:
    """Return a schedule that pauses where the gap is smallest.

    Parameters
    ----------
    H : AnnealHamiltonian, MatrixHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        The Hamiltonian, or a problem, to be annealed by the linear schedule and ``-sum sigma_x``.
    s_star : float, optional
        Where to pause, inside (0, 1); by default the anneal fraction of the minimum gap.
    share : float
        Share of the whole anneal time that the pause takes, inside (0, 1).
    method : Dense, Davidson, Lanczos or Lobpcg, optional
        The eigensolver, if the minimum gap must be computed.

    Returns
    -------
    AnnealSchedule
        The schedule over the time fraction of the whole anneal. Before and after the pause it is
        faster than ``H.schedule`` in the same time.

    Raises
    ------
    InputError
        For a share outside (0, 1), and for a gap that is smallest at an end of the anneal.

    Notes
    -----
    A closed system does not move between levels during a pause, because H does not change; what a
    pause can gain comes from relaxation in a bath [1]_, and then mostly later than the minimum gap.

    References
    ----------
    .. [1] Marshall, Venturelli, Hen and Rieffel, Phys. Rev. Applied 11, 044083 (2019).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.8], [[0.0, 0.5], [0.0, 0.0]])
    >>> qx.paused_at_gap(qx.AnnealHamiltonian(problem), share=0.5).name
    'linear*pause'
    """
    H = as_hamiltonian(H)
    require_number(share, "share", "the share of the time, inside (0, 1)")
    if not 0 < share < 1:
        raise InputError(f"share = {share}: a pause takes a share of the time inside (0, 1)")
    place = minimum_gap(H, method=method).s_star if s_star is None else s_star
    if not 0 < place < 1:
        raise InputError(
            f"the gap is smallest at s = {place:g}, an end of the anneal, where nothing can pause; "
            "give s_star inside (0, 1)"
        )
    return H.schedule.with_pause(place, share / (1 - share))
