"""A basis of few vectors that holds the lowest levels along an anneal.

All schedules lie on one path, on which the levels depend on the ratio of B and A only. The path is
cut into intervals. In each of them the basis is fixed: it is spanned by the lowest eigenvectors,
the snapshots, at both ends of the interval. Where the lowest levels of the matrices in this basis
leave a residual inside the interval, the interval is halved. This is the reduced-basis method of
Herbst, Stamm, Wessel and Rizzi, Phys. Rev. E 105, 045303 (2022), with several levels and a basis
for each interval.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.schedules import AnnealSchedule
from ..linalg.arrays import to_numpy
from ..progress import Say
from ..spectra.low_levels import LevelSolver
from ..statistics.seeds import Seed
from .stages import Stage
from .systems import Real, ReducedSystem

RESIDUAL = 2e-2
"""Largest residual norm of the wanted levels, relative to the energy of one qubit."""

SOLVE_TOL = 1e-5
"""Residual of the snapshots, relative to the norm of H. Their energies are more exact by far."""

NARROWEST = 2.0**-12
"""Smallest width of an interval of the path, whose whole length is 1."""

INSIDE = (0.25, 0.5, 0.75)
"""Places in an interval at which the residuals are computed."""

NEAR_DRIVER = 1e-3
"""Position near B = 0 of the snapshot that stands for it. At B = 0 itself the levels above the
lowest are degenerate, and their states are not determined."""

DEPENDENT = 1e-4
"""Part of a snapshot outside of the other vectors below which it is left out."""


@dataclass(frozen=True)
class LevelPath:
    """The path of all schedules: position x in [0, 1], where 0 is the driver and 1 the problem.

    Strengths are measured in the typical energies of one qubit, so that H changes evenly.

    Attributes
    ----------
    driver_energy, problem_energy : float
        The typical energies of one qubit in H_D and of one variable in H_P.
    """

    driver_energy: float
    problem_energy: float

    def strengths(self, x: float) -> tuple[float, float]:
        """Return A and B at a position, such that the energy of one qubit is about 1."""
        return (1.0 - x) / self.driver_energy, x / self.problem_energy

    def position(self, A: Real, B: Real) -> Real:
        """Return the positions of strengths that are not both zero."""
        driver, problem = self.driver_energy * A, self.problem_energy * B
        return np.asarray(problem / (driver + problem))

    def crossings(self, schedule: AnnealSchedule, x: float) -> list[float]:
        """Return the fractions s at which a schedule passes the position x."""
        A, B = self.strengths(x)
        # x is passed where f = 0, which is linear in s between the breakpoints of the schedule
        f = A * self.driver_energy * self.problem_energy * schedule.B
        f = f - B * self.driver_energy * self.problem_energy * schedule.A
        low, high = f[:-1], f[1:]
        piece = np.flatnonzero((low < 0) & (high >= 0) | (low > 0) & (high <= 0))
        share = low[piece] / (low[piece] - high[piece])
        return list(map(float, schedule.s[piece] + share * np.diff(schedule.s)[piece]))


@dataclass(frozen=True, eq=False)
class Frame:
    """A fixed basis of an interval and the matrices in it.

    Attributes
    ----------
    basis : ndarray of float, shape (2^d, r)
        Orthonormal vectors.
    driver, problem : ndarray of float, shape (r, r)
        H_D and H_P between these vectors.
    squares : ndarray of float, shape (3, r, r)
        ``H_D^2``, ``H_D H_P + H_P H_D`` and ``H_P^2`` between these vectors.
    """

    basis: Real
    driver: Real
    problem: Real
    squares: Real

    def residual(self, A: float, B: float, levels: int) -> float:
        """Return the largest residual norm of the lowest levels in this basis."""
        energies, states = np.linalg.eigh(A * self.driver + B * self.problem)
        energies, states = energies[:levels], states[:, :levels]
        square = A * A * self.squares[0] + A * B * self.squares[1] + B * B * self.squares[2]
        norms = np.einsum("ij,ij->j", states, square @ states) - energies**2
        return math.sqrt(max(0.0, float(norms.max())))

    def system(self, num_qubits: int) -> ReducedSystem:
        """Return the matrices of the equation of motion."""
        r = self.basis.shape[1]
        z = np.empty((num_qubits, r, r))
        for q in range(num_qubits):
            # sigma_z is 1 - 2 n, where n selects the states with bit 1
            ones = self.basis.reshape(1 << q, 2, -1, r)[:, 1].reshape(-1, r)
            z[q] = np.eye(r) - 2.0 * (ones.T @ ones)
        return ReducedSystem(self.driver, self.problem, z)


def frame_of(H: AnnealHamiltonian, vectors: Sequence[Real]) -> Frame:
    """Return the frame that vectors (2^d, k) span; all but independent ones are left out."""
    left, sizes, _ = np.linalg.svd(np.hstack(vectors), full_matrices=False)
    basis = np.ascontiguousarray(left[:, sizes > DEPENDENT])
    moved = np.empty_like(basis)
    for column, vector in enumerate(basis.T):
        moved[:, column] = H.apply(1.0, 0.0, np.ascontiguousarray(vector))
    scaled = H.diagonal[:, None] * basis
    mixed = moved.T @ scaled
    squares = np.stack([moved.T @ moved, mixed + mixed.T, scaled.T @ scaled])
    driver = basis.T @ moved
    return Frame(basis, (driver + driver.T) / 2, basis.T @ scaled, squares)


@dataclass(frozen=True, eq=False)
class Interval:
    """A part of the path with its fixed basis.

    Attributes
    ----------
    low, high : float
        Positions at its ends.
    system : ReducedSystem
        The matrices of the equation of motion.
    onward : ndarray of float, shape (p, r), or None
        Overlaps of the basis of the next interval with this one; None for the last interval.
    basis : ndarray of float, shape (2^d, r), or None
        The basis, where the anneal begins or ends here.
    """

    low: float
    high: float
    system: ReducedSystem
    onward: Real | None
    basis: Real | None


class Snapshots:
    """Solves for the lowest vectors at positions of the path, and counts the work.

    Parameters
    ----------
    H : AnnealHamiltonian
        The Hamiltonian; its schedule plays no part.
    path : LevelPath
        The path.
    count : int
        Number of vectors at each position.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver.
    """

    def __init__(self, H: AnnealHamiltonian, path: LevelPath, count: int, seed: Seed) -> None:
        self.path, self.count = path, count
        self.solves, self.products = 0, 0
        self._solver = LevelSolver(H, seed=seed)

    def at(self, x: float, start: Real | None = None) -> Real:
        """Return the lowest vectors at x, (2^d, count); vectors nearby save work."""
        H = self._solver.H
        A, B = self.path.strengths(max(x, NEAR_DRIVER))
        if A == 0.0:
            vectors = np.zeros((H.dimension, self.count))
            lowest = np.argsort(H.diagonal, kind="stable")[: self.count]
            vectors[lowest, np.arange(self.count)] = 1.0
            return vectors
        found, vectors_ = self._solver.solve(A, B, self.count, start, SOLVE_TOL)
        found.require_converged(f"{self.count} lowest levels at A / B = {A / B:.3g}: ")
        self.solves, self.products = self.solves + 1, self.products + found.matvecs
        return np.asarray(to_numpy(vectors_))


@dataclass(frozen=True, eq=False)
class MovingBasis:
    """Bases of all intervals of the path that an anneal passes.

    Attributes
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    path : LevelPath
        The path.
    intervals : tuple of Interval
        Intervals in the order of their positions.
    residual : float
        Largest residual norm of the wanted levels at the places where it was computed, relative to
        the energy of one qubit.
    """

    H: AnnealHamiltonian
    path: LevelPath
    intervals: tuple[Interval, ...]
    residual: float

    def stages(self) -> tuple[Stage, ...]:
        """Return the stages of the anneal: the intervals that the schedule passes, in turn."""
        schedule, borders = self.H.schedule, [one.low for one in self.intervals[1:]]
        marks = {0.0, 1.0}.union(*(self.path.crossings(schedule, x) for x in borders))
        stages: list[Stage] = []
        at = -1
        for low, high in itertools.pairwise(sorted(marks)):
            A, B = schedule((low + high) / 2)
            index = int(np.searchsorted(borders, self.path.position(A, B), side="right"))
            if index == at:
                stages[-1] = Stage(stages[-1].low, high, stages[-1].system, stages[-1].entry)
                continue
            stages.append(Stage(low, high, self.intervals[index].system, self._entry(at, index)))
            at = index
        return tuple(stages)

    def _entry(self, before: int, index: int) -> Real | None:
        """Overlaps of the basis of an interval with that of the interval before, a neighbour.

        A schedule that passes an interval within the last digit of s skips it; the state is then
        projected into that interval too.
        """
        if before < 0:
            return None
        low, high = min(before, index), max(before, index)
        overlaps = [one.onward for one in self.intervals[low:high] if one.onward is not None]
        onward = functools.reduce(lambda total, one: one @ total, overlaps)
        return onward if index > before else onward.T

    def basis_at(self, stage: Stage) -> Real:
        """Return the basis (2^d, r) of the first or the last stage."""
        (basis,) = (one.basis for one in self.intervals if one.system is stage.system)
        assert basis is not None
        return basis


def moving_basis(
    H: AnnealHamiltonian,
    start: Real,
    levels: Sequence[int],
    counts: Sequence[int],
    seed: Seed,
    say: Say,
) -> tuple[list[MovingBasis], Snapshots]:
    """Return bases that hold the lowest levels along an anneal, from the same snapshots.

    Parameters
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    start : ndarray of float, shape (2^d,)
        Initial state, which is part of the basis where the anneal begins.
    levels : sequence of int
        Numbers of levels, in falling order; there is a basis for each. The intervals are halved
        until every basis holds its levels.
    counts : sequence of int
        Number of vectors that the basis for each number of levels takes of a snapshot.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver.
    say : callable
        It is called with a line of text before each eigen-solve.

    Returns
    -------
    bases : list of MovingBasis
        A basis for each number of levels.
    snapshots : Snapshots
        The eigen-solves that were made.

    Raises
    ------
    ConvergenceError
        If an eigen-solve fails.
    """
    path = LevelPath(*H.typical_energies)
    snapshots = Snapshots(H, path, counts[0], seed)
    builders = [_Builder(H) for _ in counts]
    positions = path.position(H.schedule.A, H.schedule.B)
    first, end = float(positions[0]), float(positions[-1])
    low, last = float(positions.min()), float(positions.max())
    vectors = snapshots.at(low)
    pending = [(last, vectors if last == low else snapshots.at(last))]
    residuals = np.zeros(len(levels))
    while pending:
        high, beyond = pending[-1]
        extra = [start[:, None]] if low <= first <= high else []
        frames = [frame_of(H, [vectors[:, :count], beyond[:, :count], *extra]) for count in counts]
        inside = [path.strengths(low + share * (high - low)) for share in INSIDE]
        worst = np.array(
            [
                max(frame.residual(A, B, number) for A, B in inside)
                for frame, number in zip(frames, levels, strict=True)
            ]
        )
        if worst.max() > RESIDUAL and high - low > NARROWEST:
            middle = (low + high) / 2
            say(f"lowest levels, eigen-solve {snapshots.solves + 1}")
            pending.append((middle, snapshots.at(middle, vectors)))
            continue
        residuals = np.maximum(residuals, worst)
        keep = bool(extra) or low <= end <= high
        for builder, frame in zip(builders, frames, strict=True):
            builder.add(low, high, frame, keep)
        low, vectors = pending.pop()
    bases = [
        MovingBasis(H, path, builder.intervals(), float(residual))
        for builder, residual in zip(builders, residuals, strict=True)
    ]
    return bases, snapshots


class _Builder:
    """Collects the intervals of a basis; only two of their bases are in memory at a time."""

    def __init__(self, H: AnnealHamiltonian) -> None:
        self.H = H
        self._done: list[Interval] = []
        self._open: tuple[float, float, Frame, bool] | None = None

    def add(self, low: float, high: float, frame: Frame, keep: bool) -> None:
        """Add an interval; its basis is kept after the next one is added if ``keep`` is true."""
        self._close(frame)
        self._open = (low, high, frame, keep)

    def intervals(self) -> tuple[Interval, ...]:
        """Return all intervals."""
        self._close(None)
        return tuple(self._done)

    def _close(self, onward: Frame | None) -> None:
        """Finish the interval that was added last."""
        if self._open is None:
            return
        low, high, frame, keep = self._open
        overlaps = None if onward is None else onward.basis.T @ frame.basis
        system = frame.system(self.H.num_qubits)
        self._done.append(Interval(low, high, system, overlaps, frame.basis if keep else None))
