"""The spectrum along an anneal and its minimum gap, certified by branch and bound."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..anneal.hamiltonian import AnnealHamiltonian
from ..problem.errors import InputError
from ..problem.provenance import versions
from .bracket import Node, bracket
from .eigen import ConvergenceError, EigenMethod, EigenStatus
from .levels import lowest_levels


class GapStatus(Enum):
    """How a gap search ended; the value is the message."""

    BRACKETED = "bracketed to rtol"
    BUDGET = "stopped at max_eigensolves; the bracket is the one reached"
    RESOLUTION = "the bracket is as narrow as rounding and residuals allow"
    INCOMPLETE = "an eigen-solve may have missed a level; the lower bound is not certified"
    NO_EXCITED_LEVEL = "all states are ground states of the problem; there is no gap"


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Lowest levels on a grid, as :func:`spectrum` returns them.

    Attributes
    ----------
    s : (n,) anneal fractions.
    energies : (n, k) ascending along the second axis, without the problem's offset.
    residuals : (n, k) each level is this close to its value, if ``status`` says so.
    status : the worst one of all eigen-solves.
    """

    s: NDArray[np.float64]
    energies: NDArray[np.float64]
    residuals: NDArray[np.float64]
    status: EigenStatus
    matvecs: int
    unit: str
    instance_hash: str
    versions: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class MinimumGap:
    """A minimum gap with its bracket: ``lower <= min over s <= value``.

    Attributes
    ----------
    value : smallest gap found, at ``s_star``; inf if there is no excited level.
    lower : certified lower bound over all s, given the residuals and complete eigen-solves.
    classical_gap : the gap at s = 1, from the diagonal.
    degeneracy : g of the final ground space. The gap is E_g - E_0, to the first level above those
        that end in the ground space.
    ground_energy : of the problem, offset included.
    eigensolves, matvecs : what the search cost.
    s, gaps : every point where the levels were computed, ascending in s.
    """

    value: float
    lower: float
    s_star: float
    classical_gap: float
    degeneracy: int
    ground_energy: float
    status: GapStatus
    eigensolves: int
    matvecs: int
    s: NDArray[np.float64]
    gaps: NDArray[np.float64]
    unit: str
    rtol: float
    method: str
    seed: int
    instance_hash: str
    versions: Mapping[str, str]

    def __str__(self) -> str:
        if self.status is GapStatus.NO_EXCITED_LEVEL:
            return self.status.value
        text = (
            f"min gap {self.value:.6g} (>= {self.lower:.6g}) at s* = {self.s_star:.4f}, "
            f"classical gap {self.classical_gap:.6g}, degeneracy {self.degeneracy}"
        )
        return text if self.status is GapStatus.BRACKETED else f"{text}; {self.status.value}"


def spectrum(
    H: AnnealHamiltonian,
    s: ArrayLike,
    levels: int = 2,
    *,
    method: EigenMethod | None = None,
    seed: int = 0,
    throw: bool = True,
) -> Spectrum:
    """Lowest ``levels`` levels of H(s) at every ``s``.

    Parameters
    ----------
    s : (n,) anneal fractions in [0, 1].
    method : ``Dense()`` or ``Lanczos(...)``; default by size.
    throw : raise ConvergenceError rather than report a failed solve in ``status``.
    """
    fractions = np.atleast_1d(np.asarray(s, dtype=np.float64))
    if fractions.ndim != 1 or fractions.size == 0:
        raise InputError(f"s has shape {fractions.shape}; give one axis of anneal fractions")
    _require_levels(H, levels)
    strengths = np.stack(H.schedule(fractions), axis=1)
    points = [lowest_levels(H, float(A), float(B), levels, method, seed) for A, B in strengths]
    failed = [p.status for p in points if p.status is not EigenStatus.CONVERGED]
    if failed and throw:
        raise ConvergenceError(failed[0].value)
    return Spectrum(
        s=fractions,
        energies=np.array([p.values for p in points]),
        residuals=np.array([p.residuals for p in points]),
        status=failed[0] if failed else EigenStatus.CONVERGED,
        matvecs=sum(p.matvecs for p in points),
        unit=H.schedule.unit,
        instance_hash=H.problem.content_hash,
        versions=versions(),
    )


def minimum_gap(
    H: AnnealHamiltonian,
    rtol: float = 1e-3,
    *,
    method: EigenMethod | None = None,
    max_eigensolves: int = 500,
    seed: int = 0,
    throw: bool = True,
) -> MinimumGap:
    """Minimum over s of the gap above the final ground space, with a certified lower bound.

    Branch and bound on intervals of s: the interval whose lower bound is smallest is split where
    that bound is smallest, until the bound is within ``rtol`` of the best gap seen. The bounds
    follow from the concavity of sums of lowest eigenvalues; see :mod:`qxgap.spectrum.bracket`.

    Parameters
    ----------
    rtol : width of the bracket relative to the gap, in (0, 1).
    method : eigensolver; default by size.
    max_eigensolves : budget.
    seed : of the eigensolver's start vectors.
    throw : raise ConvergenceError rather than report BUDGET or INCOMPLETE in ``status``.

    Raises
    ------
    InputError, MemoryLimitError, ConvergenceError
    """
    if not 0 < rtol < 1:
        raise InputError(f"rtol = {rtol} lies outside (0, 1)")
    g = H.problem.degeneracy
    if g == H.dimension:
        return _result(H, [], -math.inf, GapStatus.NO_EXCITED_LEVEL, rtol, method, seed)
    _require_levels(H, g + 1)
    nodes, lower, status = _branch_and_bound(H, g, rtol, method, max_eigensolves, seed)
    if throw and status in (GapStatus.BUDGET, GapStatus.INCOMPLETE):
        raise ConvergenceError(status.value)
    return _result(H, nodes, lower, status, rtol, method, seed)


def _branch_and_bound(
    H: AnnealHamiltonian,
    g: int,
    rtol: float,
    method: EigenMethod | None,
    max_eigensolves: int,
    seed: int,
) -> tuple[list[Node], float, GapStatus]:
    def solve(s: float) -> Node:
        A, B = map(float, H.schedule(s))
        return Node(s, g, lowest_levels(H, A, B, g + 1, method, seed))

    nodes = [solve(float(s)) for s in H.schedule.s]
    if not all(node.converged for node in nodes):
        return [node for node in nodes if node.converged], -math.inf, GapStatus.INCOMPLETE
    best = min(node.gap for node in nodes)
    heap = [bracket(left, right) for left, right in itertools.pairwise(nodes)]
    heapq.heapify(heap)
    while True:
        worst = heap[0]
        if best - worst.lower <= rtol * best:
            return nodes, worst.lower, GapStatus.BRACKETED
        if worst.width < 1e-10:
            return nodes, worst.lower, GapStatus.RESOLUTION
        if sum(node.levels.matvecs > 0 for node in nodes) >= max_eigensolves:
            return nodes, worst.lower, GapStatus.BUDGET
        middle = solve(worst.split)
        if not middle.converged:
            return nodes, worst.lower, GapStatus.INCOMPLETE
        nodes.append(middle)
        best = min(best, middle.gap)
        heapq.heapreplace(heap, bracket(worst.left, middle))
        heapq.heappush(heap, bracket(middle, worst.right))


def _result(
    H: AnnealHamiltonian,
    nodes: list[Node],
    lower: float,
    status: GapStatus,
    rtol: float,
    method: EigenMethod | None,
    seed: int,
) -> MinimumGap:
    nodes = sorted(nodes, key=lambda node: node.s)
    best = min(nodes, key=lambda node: node.gap, default=None)
    return MinimumGap(
        value=best.gap if best else math.inf,
        lower=max(min(lower, best.gap), 0.0) if best else math.inf,
        s_star=best.s if best else math.nan,
        classical_gap=float(H.schedule(1.0)[1]) * H.problem.classical_gap,
        degeneracy=H.problem.degeneracy,
        ground_energy=H.problem.ground_energy,
        status=status,
        eigensolves=sum(node.levels.matvecs > 0 for node in nodes),
        matvecs=sum(node.levels.matvecs for node in nodes),
        s=np.array([node.s for node in nodes]),
        gaps=np.array([node.gap for node in nodes]),
        unit=H.schedule.unit,
        rtol=rtol,
        method=repr(method) if method else "Dense() or Lanczos() by size",
        seed=seed,
        instance_hash=H.problem.content_hash,
        versions=versions(),
    )


def _require_levels(H: AnnealHamiltonian, levels: int) -> None:
    if not 1 <= levels <= H.dimension:
        raise InputError(
            f"{levels} levels asked of {H.num_qubits} qubits; ask for 1 to {H.dimension}"
        )
