"""How slowly it must be annealed: adiabatic criteria and the schedules that follow from them.

Energies are in the unit of the schedule. Times are in 1/energy, divided by ``schedule.angular``: in
units of hbar = 1 for dimensionless schedules, in ns for schedules in GHz.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..annealing.accept import HamiltonianLike, as_hamiltonian
from ..annealing.schedule import AnnealSchedule
from ..errors import InputError
from ..linalg.eigen import EigenMethod
from .levels import Hamiltonian
from .profile import DEGENERATE, AdiabaticProfile, Array, adiabatic_profile, largest_strengths

LEAST_DWELL = 1e-6
"""A local schedule spends everywhere at least this fraction of its longest time per s."""


def adiabatic_time(
    source: AdiabaticProfile | Hamiltonian, *, method: EigenMethod | None = None, seed: int = 0
) -> float:
    """Time scale ``max_s |<g| dH/ds |0>| / gap^2`` of the traditional criterion.

    An anneal much longer than this is adiabatic as a rule, not by theorem. The maximum is over the
    grid of the profile; infinite if the gap closes on it.
    """
    profile = _profile(source, method, seed)
    if profile.gap.min() <= 0:
        return math.inf
    return float(np.max(profile.gap_coupling / profile.gap**2)) / profile.schedule.angular


@dataclass(frozen=True)
class AdiabaticBound:
    """``||(1 - P) psi|| <= time / tau`` at the end of an anneal, P onto the ground space.

    Attributes
    ----------
    boundary, kinks, integral : the three parts of ``time``.
    """

    boundary: float
    kinks: float
    integral: float

    @property
    def time(self) -> float:
        """Sum of the parts; inf if the band of g levels touches the rest of the spectrum."""
        return self.boundary + self.kinks + self.integral

    def failure_probability(self, tau: float) -> float:
        """Upper bound of 1 - success probability after ``tau``."""
        return min(1.0, (self.time / tau) ** 2) if tau > 0 else 1.0


def jansen_ruskai_seiler(
    H: HamiltonianLike,
    s: ArrayLike | None = None,
    *,
    method: EigenMethod | None = None,
    seed: int = 0,
) -> AdiabaticBound:
    """Theorem 3 of Jansen, Ruskai, Seiler, J. Math. Phys. 48, 102111 (2007).

    For m = g levels, G their gap ``E_g - E_{g-1}`` to the rest, and a twice differentiable H::

        tau ||(1 - P) psi|| <= m |H'(0)| / G(0)^2 + m |H'(1)| / G(1)^2
                               + int m |H''| / G^2 + 7 m sqrt(m) |H'|^2 / G^3 ds.

    A piecewise linear schedule is a limit of smooth ones whose H'' is a spike at each kink: there
    ``int m |H''| / G^2`` becomes ``m |H'(s+) - H'(s-)| / G(s)^2``, summed over the kinks.

    Norms are upper bounds, ``|A'| ||H_D|| + |B'| r`` with r half the spread of H_P (shifting its
    midpoint to zero changes no dynamics) and ``||H_D||`` by row sums. The integral is a trapezoid
    sum, G being interpolated between the points of the grid: refine ``s`` around narrow gaps. For
    g > 1 the band must stay apart from the rest at every s, 0 included; else the bound is infinite.
    """
    H = as_hamiltonian(H)
    profile = adiabatic_profile(H, s, method=method, seed=seed)
    schedule, m = H.schedule, profile.degeneracy
    if profile.s[0] != 0 or profile.s[-1] != 1:
        raise InputError("the grid of the bound must go from s = 0 to s = 1")
    band = profile.energies[:, m] - profile.energies[:, m - 1]
    if np.any(band <= DEGENERATE * H.norm_bound(*largest_strengths(schedule, profile.s))):
        return AdiabaticBound(math.inf, math.inf, math.inf)
    grid = np.union1d(profile.s, schedule.s)
    G = np.interp(grid, profile.s, band)
    dA, dB = schedule.derivative(grid[:-1])
    spread = float(np.ptp(H.diagonal)) / 2

    def norm(a: Array, b: Array) -> Array:
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
    coupling: bool = True,
    method: EigenMethod | None = None,
    seed: int = 0,
) -> AnnealSchedule:
    """Follow the same path at the pace ``ds/dt ~ gap^power / |<g| dH/ds |0>|``.

    Source: Roland and Cerf, Phys. Rev. A 65, 042308 (2002), with power 2; without the coupling it
    is taken as constant, as they do for search.

    Parameters
    ----------
    profile : of this H from s = 0 to 1; default on :func:`adiabatic_grid`. Between its points the
        pace is interpolated geometrically.
    coupling : divide by the coupling; where that vanishes the pace is capped.

    Returns
    -------
    The schedule over the time fraction, through eight points between neighbours of the profile and
    all breakpoints of ``H.schedule``.
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
        raise InputError("the gap closes, or the coupling vanishes everywhere, on this profile")
    time = profile.gap**-power * (profile.gap_coupling if coupling else 1.0)
    time = np.maximum(time, LEAST_DWELL * time.max())
    index = np.arange(profile.s.size)
    fine = np.interp(np.linspace(0, index[-1], 8 * index[-1] + 1), index, profile.s)
    spent = np.exp(np.interp(fine, profile.s, np.log(time)))
    t = np.concatenate([[0.0], np.cumsum(np.diff(fine) * (spent[1:] + spent[:-1]) / 2)])
    return H.schedule.with_waveform(np.column_stack([t, fine]), name="local")


def _profile(
    source: AdiabaticProfile | Hamiltonian, method: EigenMethod | None, seed: int
) -> AdiabaticProfile:
    if isinstance(source, AdiabaticProfile):
        return source
    return adiabatic_profile(source, method=method, seed=seed)
