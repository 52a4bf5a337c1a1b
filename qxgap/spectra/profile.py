"""Levels along an anneal and what couples them to the ground state.

The excited level that counts is E_g, the first above those that end in the ground space, g being
the degeneracy of the problem, as in :func:`qxgap.spectra.minimum_gap`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import HamiltonianLike, as_hamiltonian
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.schedule import AnnealSchedule
from ..errors import InputError
from ..linalg.eigen import EigenMethod, require_method
from ..linalg.status import ConvergenceError, EigenStatus
from .gap import minimum_gap
from .grid import require_levels
from .levels import Hamiltonian, Levels, lowest_levels

Array = NDArray[np.float64]

DEGENERATE = 1e-12
"""Levels this close, relative to the norm of H, are one level: what rounding can do to them."""

TOLD_APART = 10.0
"""Vectors of two levels are told apart if the levels lie further apart than so many residuals."""


@dataclass(frozen=True, eq=False)
class AdiabaticProfile:
    """Levels and what couples them to the ground state, as :func:`adiabatic_profile` returns them.

    Attributes
    ----------
    s : (n,) anneal fractions, ascending.
    energies : (n, k) lowest levels, without the problem's offset.
    coupling : (n, k-1) ``|<j| dH/ds |0>|`` for j = 1..k-1. For degenerate levels it is the coupling
        to all of them together, the root of the sum of the squares, and each of them has it: the
        share of a single one would depend on the basis that the eigensolver happened to choose.
    degeneracy : g of the final ground space.
    schedule : the schedule that s belongs to.
    """

    s: Array
    energies: Array
    coupling: Array
    degeneracy: int
    schedule: AnnealSchedule
    instance_hash: str

    @property
    def gap(self) -> Array:
        """(n,) ``E_g - E_0``."""
        return self.energies[:, self.degeneracy] - self.energies[:, 0]

    @property
    def gap_coupling(self) -> Array:
        """(n,) ``|<g| dH/ds |0>|``, the coupling across the gap."""
        return self.coupling[:, self.degeneracy - 1]


def adiabatic_profile(
    H: HamiltonianLike,
    s: ArrayLike | None = None,
    levels: int | None = None,
    *,
    method: EigenMethod | None = None,
    seed: int = 0,
) -> AdiabaticProfile:
    """Lowest levels of H(s) and their coupling to the ground state by ``dH/ds``.

    ``dH/ds = A'(s) H_D + B'(s) H_P`` is taken from the right where the schedule has a kink, from
    the left at s = 1. Degenerate levels are always taken whole, also where only some of them are
    among the ``levels`` asked for: more levels are solved until the next one lies apart. Where the
    lowest level itself is degenerate the coupling is summed over its states, which bounds each.

    Parameters
    ----------
    s : (n,) strictly rising fractions in [0, 1]; default :func:`adiabatic_grid`.
    levels : k > g; default g + 1.

    Raises
    ------
    InputError : for a grid or a number of levels that does not do, and for a problem whose states
        are all ground states, which has no gap.
    ConvergenceError : if an eigen-solve may have missed a level.
    """
    H = as_hamiltonian(H)
    require_method(method)
    require_excited_level(H)
    g = H.degeneracy
    levels = g + 1 if levels is None else levels
    require_levels(H, levels)
    if levels <= g:
        raise InputError(f"{levels} levels do not reach above {g} ground states; ask for {g + 1}")
    if s is not None:
        H.schedule(s)  # raises InputError for what is no anneal fraction
    grid = adiabatic_grid(H, method=method, seed=seed) if s is None else np.array(s, dtype=float)
    if grid.ndim != 1 or grid.size == 0 or np.any(np.diff(grid) <= 0):
        raise InputError(f"s has shape {grid.shape}; give one axis of strictly rising fractions")
    points = [level_point(H, float(at), levels, method, seed) for at in grid]
    energies, coupling = (np.array(column) for column in zip(*points, strict=True))
    return AdiabaticProfile(grid, energies, coupling, g, H.schedule, H.instance_hash)


def adiabatic_grid(
    H: Hamiltonian, points: int = 41, *, method: EigenMethod | None = None, seed: int = 0
) -> Array:
    """Even fractions, the schedule's breakpoints if few, and points crowded around minimal gaps."""
    found = minimum_gap(H, method=method, seed=seed, throw=False)
    away = np.geomspace(1e-4, 0.25, 14)
    crowd = [at + side * away for at in (found.s_star, found.interior_s) for side in (-1, 0, 1)]
    few = H.schedule.s[: H.schedule.s.size if H.schedule.s.size <= points else 0]
    grid = np.unique(np.concatenate([np.linspace(0.0, 1.0, points), few, *crowd]))
    return grid[(grid >= 0) & (grid <= 1)]


def level_point(
    H: Hamiltonian, s: float, k: int, method: EigenMethod | None, seed: int
) -> tuple[Array, Array]:
    """(k,) levels and (k-1,) couplings at s, as in :class:`AdiabaticProfile`."""
    A, B = map(float, H.schedule(s))
    dA, dB = map(float, H.schedule.derivative(s))
    levels, vectors = whole_levels(H, A, B, k, method, seed)
    values, tolerance = levels.values, level_tolerance(H, levels)
    if vectors is not None:
        # the states of the lowest level, but never E_g, which lies across the gap
        ground = np.count_nonzero(values[: H.degeneracy] - values[0] <= tolerance)
        images = [H.apply(dA, dB, np.ascontiguousarray(vectors[:, i])) for i in range(ground)]
        states, weights = values, ((vectors.T @ np.stack(images, axis=1)) ** 2).sum(axis=1)
        weights[:ground] = 0.0
    elif A == 0.0:
        states, weights = _computational(H, B, dA)
    else:
        assert isinstance(H, AnnealHamiltonian)
        states, weights = spin_flips(H, A, dB)
    together = np.abs(states - values[1:k, None]) <= tolerance
    return values[:k], np.sqrt(together @ weights)


def whole_levels(
    H: Hamiltonian, A: float, B: float, k: int, method: EigenMethod | None, seed: int
) -> tuple[Levels, Array | None]:
    """Lowest ``k`` levels of ``A H_D + B H_P``, and all that are degenerate with the last of them.

    The levels returned may be more: those after the degenerate ones are to be left alone. In
    closed form, where there are no vectors, they are ``k``.

    Raises ConvergenceError if an eigen-solve may have missed a level.
    """
    asked = k
    while True:
        levels, vectors = lowest_levels(H, A, B, asked, method, seed)
        require_converged(levels.status)
        tolerance = level_tolerance(H, levels)
        steps = np.diff(levels.values[k - 1 :], append=levels.beyond)
        if vectors is None or asked == H.dimension or np.any(steps > tolerance):
            return levels, vectors
        asked = min(2 * asked, H.dimension)


def level_tolerance(H: Hamiltonian, levels: Levels) -> float:
    """Levels no further apart than this are one: rounding or residuals hide which is which."""
    rounding = DEGENERATE * H.norm_bound(levels.A, levels.B)
    return max(rounding, TOLD_APART * float(levels.residuals.max()))


def _computational(H: Hamiltonian, B: float, dA: float) -> tuple[Array, Array]:
    """Energies of all states at A = 0 and their squared coupling to the ground states."""
    ground = np.flatnonzero(H.diagonal <= H.diagonal.min() + H.ground_tolerance)
    weights = np.zeros(H.dimension)
    for x in ground:
        start = np.zeros(H.dimension)
        start[x] = 1.0
        weights += H.apply(dA, 0.0, start) ** 2
    weights[ground] = 0.0
    return B * H.diagonal, weights


def spin_flips(H: AnnealHamiltonian, A: float, dB: float) -> tuple[Array, Array]:
    """Energies at B = 0 of the states one or two flips from uniform, and their squared coupling.

    No others are coupled to it: up to a constant, H_P is ``- sum_p c_p sigma_z^p + sum_{p<q} c_pq
    sigma_z^p sigma_z^q`` with ``c_p = h_p / 2 + sum_q J_pq / 4`` and ``c_pq = J_pq / 4``.
    """
    h, J = H.problem.h, H.problem.J
    w = H.driver.weights(H.num_qubits)
    p, q = np.triu_indices(H.num_qubits, 1)
    flips = np.concatenate([w, w[p] + w[q]])
    couplings = np.concatenate([h / 2 + (J + J.T).sum(axis=1) / 4, J[p, q] / 4])
    return A * (2 * flips - w.sum()), (dB * couplings) ** 2


def largest_strengths(schedule: AnnealSchedule, s: Array) -> tuple[float, float]:
    """Largest A and largest B at the fractions ``s``."""
    A, B = schedule(s)
    return float(A.max()), float(B.max())


def require_excited_level(H: Hamiltonian) -> None:
    """Raise InputError if there is no level above the final ground space."""
    if H.degeneracy >= H.dimension:
        raise InputError(
            f"all {H.dimension} states of the problem are ground states, so there is no gap; give "
            "a problem with two energies or more"
        )


def require_converged(status: EigenStatus) -> None:
    """Raise ConvergenceError with the status' message unless a solve is complete."""
    if status is not EigenStatus.CONVERGED:
        raise ConvergenceError(status.value)
