"""Levels along an anneal and what couples them to the ground state.

The excited level of an adiabatic criterion is E_g, the first above those that end in the ground
space; g is the degeneracy of the problem, as in :func:`qxgap.minimum_gap`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..annealing.accept import HamiltonianLike, as_hamiltonian
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.protocol import Hamiltonian
from ..annealing.schedules import AnnealSchedule
from ..digits import fraction, label_of, suffix_of
from ..errors import InputError
from ..linalg.arrays import FloatArray, to_numpy
from ..linalg.methods import EigenMethod, require_method
from ..results import Result, plain
from ..statistics.seeds import Seed, integer_seed
from .low_levels import LevelSolver, LowLevels, require_levels
from .minimum import certified_gap

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DEGENERATE = 1e-12
"""Levels this close, relative to the norm of H, are one level, because rounding can split them."""

RESOLVED = 10.0
"""Two levels are different levels if their distance exceeds this many residuals."""


@dataclass(frozen=True, eq=False, repr=False)
class AdiabaticProfile(Result):
    """Levels and their coupling to the ground state, as :func:`adiabatic_profile` returns them.

    Attributes
    ----------
    s : ndarray of float, shape (n,)
        Anneal fractions, ascending.
    energies : ndarray of float, shape (n, k)
        Lowest levels, without the problem's offset.
    coupling : ndarray of float, shape (n, k-1)
        ``|<j| dH/ds |0>|`` for j = 1..k-1. For degenerate levels it is the coupling to all of them
        together, the root of the sum of the squares, and each of them has it: the part of a single
        one would depend on the basis that the eigensolver happened to choose.
    degeneracy : int
        Degeneracy g of the final ground subspace.
    schedule : AnnealSchedule
        The schedule that s belongs to.
    method : Dense, Davidson, Lanczos or Lobpcg
        The eigensolver that ran.
    instance_hash : str
        Content hash of the problem.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]))
    >>> print(qx.adiabatic_profile(H, [0.0, 0.8, 1.0]))
    The smallest gap on a grid of 3 points is 0.894, at s = 0.8; there the sweep couples the two
    levels with 1.1.
    """

    s: FloatArray
    energies: FloatArray
    coupling: FloatArray
    degeneracy: int
    schedule: AnnealSchedule
    method: EigenMethod
    instance_hash: str

    @property
    def gap(self) -> FloatArray:
        """The gap ``E_g - E_0``, shape (n,)."""
        return self.energies[:, self.degeneracy] - self.energies[:, 0]

    @property
    def gap_coupling(self) -> FloatArray:
        """The coupling across the gap, ``|<g| dH/ds |0>|``, shape (n,)."""
        return self.coupling[:, self.degeneracy - 1]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain Python values.

        Returns
        -------
        dict of str
            Lists, numbers and strings.
        """
        return plain(
            {
                "s": self.s,
                "energies": self.energies,
                "coupling": self.coupling,
                "gap": self.gap,
                "gap_coupling": self.gap_coupling,
                "degeneracy": self.degeneracy,
                "unit": self.schedule.unit,
                "schedule": self.schedule.name,
                "method": self.method,
                "instance_hash": self.instance_hash,
            }
        )

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the gap and the coupling across it against the anneal fraction.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import curves

        series = {"gap": self.gap, "coupling across the gap": self.gap_coupling}
        ylabel = f"energy{label_of(self.schedule.unit)}"
        return curves(self.s, series, "anneal fraction s", ylabel, log="y", ax=ax)

    def to_dataframe(self) -> pd.DataFrame:
        """Return gap, coupling and levels as a table.

        Returns
        -------
        pandas.DataFrame
            A row for each point, with the columns s, gap, gap_coupling, energy_0, energy_1 and
            so on.
        """
        import pandas as pd

        levels = {f"energy_{k}": level for k, level in enumerate(self.energies.T)}
        columns = {"s": self.s, "gap": self.gap, "gap_coupling": self.gap_coupling}
        return pd.DataFrame({**columns, **levels})

    def __str__(self) -> str:
        at = int(self.gap.argmin())
        unit = suffix_of(self.schedule.unit)
        return (
            f"The smallest gap on a grid of {self.s.size} points is {self.gap[at]:.3g}{unit}, at "
            f"s = {fraction(self.s[at])}; there the sweep couples the two levels with "
            f"{self.gap_coupling[at]:.2g}{unit}."
        )


def adiabatic_profile(
    H: HamiltonianLike,
    s: ArrayLike | None = None,
    levels: int | None = None,
    *,
    method: EigenMethod | None = None,
    seed: Seed = 0,
) -> AdiabaticProfile:
    """Compute the lowest levels of H(s) and their coupling to the ground state by ``dH/ds``.

    Parameters
    ----------
    H : AnnealHamiltonian, MatrixHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        The Hamiltonian, or a problem, to be annealed by the linear schedule and ``-sum sigma_x``.
    s : array_like of float, shape (n,), optional
        Strictly rising fractions in [0, 1]. The default is :func:`adiabatic_grid`.
    levels : int, optional
        Number of levels k > g; the default is g + 1.
    method : Dense, Davidson, Lanczos or Lobpcg, optional
        The eigensolver; the default is Dense up to dimension 512 and Davidson beyond.
    seed : int, numpy.random.Generator or None
        Seed of the start vectors. It affects the last digits only; the default is fixed, so that
        equal calls give equal digits.

    Returns
    -------
    AdiabaticProfile
        Levels and couplings.

    Raises
    ------
    InputError
        For a grid or a number of levels that is not as described here, and for a problem whose
        states are all ground states, which has no gap.
    ConvergenceError
        If an eigen-solve may have missed a level.

    Notes
    -----
    ``dH/ds = A'(s) H_D + B'(s) H_P`` is taken from the right where the schedule has a kink, and
    from the left at s = 1. Degenerate levels are always taken as a whole, also where only some of
    them are among the k lowest: more levels are solved for until the next one is separated from
    them. Where the lowest level itself is degenerate the coupling is summed over its states, which
    bounds that of each.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]))
    >>> profile = qx.adiabatic_profile(H, [0.0, 0.8, 1.0])
    >>> profile.gap.round(3).tolist(), profile.gap_coupling.round(3).tolist()
    ([2.0, 0.894, 1.0], [0.5, 1.118, 1.0])
    """
    H = as_hamiltonian(H)
    require_method(method)
    require_excited_level(H)
    seed = integer_seed(seed)
    g = H.degeneracy
    levels = g + 1 if levels is None else levels
    require_levels(H, levels)
    if levels <= g:
        raise InputError(f"{levels} levels do not reach above {g} ground states; give {g + 1}")
    if s is not None:
        H.schedule(s)  # raises InputError for what is no anneal fraction
    grid = adiabatic_grid(H, method=method, seed=seed) if s is None else np.array(s, dtype=float)
    if grid.ndim != 1 or grid.size == 0 or np.any(np.diff(grid) <= 0):
        raise InputError(f"s has shape {grid.shape}; give one axis of strictly rising fractions")
    solver = LevelSolver(H, method, seed)
    points = [level_point(solver, float(at), levels) for at in grid]
    energies, coupling = (np.array(column) for column in zip(*points, strict=True))
    return AdiabaticProfile(
        s=grid,
        energies=energies,
        coupling=coupling,
        degeneracy=g,
        schedule=H.schedule,
        method=solver.method_for(levels),
        instance_hash=H.instance_hash,
    )


def adiabatic_grid(
    H: HamiltonianLike,
    points: int = 41,
    *,
    method: EigenMethod | None = None,
    seed: Seed = 0,
) -> FloatArray:
    """Choose anneal fractions for a profile, dense where the gap is small.

    Parameters
    ----------
    H : AnnealHamiltonian, MatrixHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        The Hamiltonian, or a problem, to be annealed by the linear schedule and ``-sum sigma_x``.
    points : int
        Number of equidistant fractions. The breakpoints of the schedule join them if there are no
        more than ``points``.
    method : Dense, Davidson, Lanczos or Lobpcg, optional
        The eigensolver of the search for the minimum gap.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver's start vectors.

    Returns
    -------
    ndarray of float, shape (n,)
        Ascending fractions from 0 to 1, with a geometric sequence of distances around the minimum
        gap and the smallest interior minimum.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.spectra import adiabatic_grid
    >>> grid = adiabatic_grid(qx.QuboProblem([-1.0], [[0.0]]), points=11)
    >>> float(grid[0]), float(grid[-1])
    (0.0, 1.0)
    """
    H = as_hamiltonian(H)
    gap = certified_gap(H, method=method, seed=seed, throw=False)
    distances = np.geomspace(1e-4, 0.25, 14)
    around = [
        center + side * distances for center in (gap.s_star, gap.interior_s) for side in (-1, 0, 1)
    ]
    few = H.schedule.s[: H.schedule.s.size if H.schedule.s.size <= points else 0]
    grid = np.unique(np.concatenate([np.linspace(0.0, 1.0, points), few, *around]))
    return grid[(grid >= 0) & (grid <= 1)]


def level_point(solver: LevelSolver, s: float, k: int) -> tuple[FloatArray, FloatArray]:
    """Return (k,) levels and (k-1,) couplings at s, as in :class:`AdiabaticProfile`."""
    H = solver.H
    A, B = map(float, H.schedule(s))
    dA, dB = map(float, H.schedule.derivative(s))
    levels, vectors = whole_levels(solver, A, B, k)
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
        # without vectors and with the driver on, this is the driver's end of an anneal of qubits
        assert solver.qubits is not None
        states, weights = spin_flips(solver.qubits, A, dB)
    degenerate = np.abs(states - values[1:k, None]) <= tolerance
    return values[:k], np.sqrt(degenerate @ weights)


def whole_levels(
    solver: LevelSolver, A: float, B: float, k: int
) -> tuple[LowLevels, FloatArray | None]:
    """Compute the lowest ``k`` levels and all that are degenerate with the last of them.

    The levels returned may be more; those after the degenerate ones may be an incomplete level. In
    closed form, where there are no vectors, they are ``k``. Raises ConvergenceError if an
    eigen-solve may have missed a level.
    """
    H, number = solver.H, k
    while True:
        levels, vectors = solver.solve(A, B, number)
        levels.require_converged()
        tolerance = level_tolerance(H, levels)
        steps = np.diff(levels.values[k - 1 :], append=levels.beyond)
        # A step above level k shows that its degenerate level is complete. Without one, twice as
        # many levels are solved for.
        if vectors is None or number == H.dimension or np.any(steps > tolerance):
            return levels, None if vectors is None else to_numpy(vectors)
        number = min(2 * number, H.dimension)


def level_tolerance(H: Hamiltonian, levels: LowLevels) -> float:
    """Return the distance below which levels count as one, hidden by rounding or residuals."""
    rounding = DEGENERATE * H.norm_bound(levels.A, levels.B)
    return max(rounding, RESOLVED * float(levels.residuals.max()))


def _computational(H: Hamiltonian, B: float, dA: float) -> tuple[FloatArray, FloatArray]:
    """Return the energies of all states at A = 0 and their squared coupling to the ground."""
    ground = np.flatnonzero(H.diagonal <= H.diagonal.min() + H.ground_tolerance)
    weights = np.zeros(H.dimension)
    for x in ground:
        start = np.zeros(H.dimension)
        start[x] = 1.0
        weights += H.apply(dA, 0.0, start) ** 2
    weights[ground] = 0.0
    return B * H.diagonal, weights


def spin_flips(H: AnnealHamiltonian, A: float, dB: float) -> tuple[FloatArray, FloatArray]:
    """Return energies and squared couplings at B = 0 of the states one or two flips from uniform.

    No other states are coupled to it: up to a constant, H_P is ``- sum_p c_p sigma_z^p + sum_{p<q}
    c_pq sigma_z^p sigma_z^q`` with ``c_p = h_p / 2 + sum_q J_pq / 4`` and ``c_pq = J_pq / 4``.
    """
    h, J = H.problem.h, H.problem.J
    w = H.driver.weights(H.num_qubits)
    p, q = np.triu_indices(H.num_qubits, 1)
    flips = np.concatenate([w, w[p] + w[q]])
    couplings = np.concatenate([h / 2 + (J + J.T).sum(axis=1) / 4, J[p, q] / 4])
    return A * (2 * flips - w.sum()), (dB * couplings) ** 2


def largest_strengths(schedule: AnnealSchedule, s: FloatArray) -> tuple[float, float]:
    """Return the largest A and the largest B at the fractions ``s``."""
    A, B = schedule(s)
    return float(A.max()), float(B.max())


def require_excited_level(H: Hamiltonian) -> None:
    """Raise InputError if there is no level above the final ground subspace."""
    if H.degeneracy >= H.dimension:
        raise InputError(
            f"all {H.dimension} states of the problem are ground states, so there is no gap; give "
            "a problem with two energies or more"
        )
