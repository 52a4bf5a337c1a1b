"""The minimum gap of an anneal, certified by branch and bound."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import HamiltonianLike, as_hamiltonian, assumed_note
from ..annealing.schedule import AnnealSchedule
from ..checks import require_number, require_whole
from ..errors import InputError
from ..linalg.arrays import Precision
from ..linalg.eigen import EigenMethod, require_method
from ..linalg.status import ConvergenceError
from ..version import versions
from .grid import require_levels
from .levels import Hamiltonian, engines_on
from .search import GapStatus, NodeSolver, Report, Search, interior_minimum, scheduled_points

REMEDY = {
    GapStatus.BUDGET: "raise max_eigensolves or rtol",
    GapStatus.INCOMPLETE: "use method=Dense() or another seed",
}


@dataclass(frozen=True, eq=False)
class MinimumGap:
    """A minimum gap with its bracket: ``lower <= min over s <= value``.

    Attributes
    ----------
    value : smallest gap found, at ``s_star``; inf if there is no excited level.
    lower : certified lower bound over all s, given the residuals and complete eigen-solves.
    interior_gap, interior_s : smallest local minimum strictly inside 0 < s < 1 that was found; inf
        and nan if there is none. When ``s_star`` is 1 the global minimum is no avoided crossing but
        the classical gap, and this tells whether there is a crossing besides.
    classical_gap : the gap at s = 1 with the driver off, from the diagonal.
    degeneracy : g of the final ground space. The gap is E_g - E_0, to the first level above those
        that end in the ground space.
    ground_energy : of the problem, offset included.
    eigensolves, matvecs : what this search cost; levels known from an earlier one are free.
    s, gaps : every point where the levels are known, ascending in s. Only at ``s_star`` and
        ``interior_s`` are they solved finely; elsewhere as finely as the bracket needs.
    """

    value: float
    lower: float
    s_star: float
    interior_gap: float
    interior_s: float
    classical_gap: float
    degeneracy: int
    ground_energy: float
    status: GapStatus
    eigensolves: int
    matvecs: int
    s: NDArray[np.float64]
    gaps: NDArray[np.float64]
    unit: str
    schedule: str
    rtol: float
    method: str
    seed: int
    instance_hash: str
    versions: Mapping[str, str]
    solver: NodeSolver = field(repr=False)

    def for_schedule(
        self,
        schedule: AnnealSchedule,
        *,
        max_eigensolves: int = 500,
        throw: bool = True,
        progress: Report | None = None,
    ) -> MinimumGap:
        """Certify the same driver and problem under another schedule, reusing all known levels."""
        H = self.solver.H.with_schedule(schedule)
        return _from_known(self.solver, H, self.rtol, max_eigensolves, throw, progress)

    def __str__(self) -> str:
        if self.status is GapStatus.NO_EXCITED_LEVEL:
            return self.status.value
        unit = "" if self.unit == "dimensionless" else f" {self.unit}"
        text = (
            f"min gap {self.value:.6g}{unit} (>= {self.lower:.6g}) at s* = {self.s_star:.4f}, "
            f"classical gap {self.classical_gap:.6g}, degeneracy {self.degeneracy}"
            f"{assumed_note(self.schedule)}"
        )
        return text if self.status is GapStatus.BRACKETED else f"{text}; {self.status.value}"


def minimum_gap(
    H: HamiltonianLike,
    rtol: float = 1e-3,
    *,
    method: EigenMethod | None = None,
    device: str | None = None,
    precision: Precision = Precision.DOUBLE,
    max_eigensolves: int = 500,
    seed: int = 0,
    throw: bool = True,
    progress: Report | None = None,
) -> MinimumGap:
    """Minimum over s of the gap above the final ground space, with a certified lower bound.

    Branch and bound on the canonical path: the interval whose lower bound is smallest is split
    where that bound is smallest, until the bound is within ``rtol`` of the best gap seen. The
    bounds follow from the concavity of sums of lowest eigenvalues; see
    :mod:`qxgap.spectra.bracket`.

    Parameters
    ----------
    H : qubits in a transverse field, or any driver matrix with a diagonal problem.
    rtol : width of the bracket relative to the gap, in (0, 1).
    method : eigensolver; default by size.
    device : ``"cpu"``, ``"cuda"`` or ``"cuda:N"``, by PyTorch, for qubits in a transverse field and
        Davidson's method; None is the CPU by numba, the faster of the two there.
    precision : of the vectors during a search on a device. What is reported of them is computed in
        double precision; see :mod:`qxgap.spectra.framed`.
    max_eigensolves : budget.
    seed : of the eigensolver's start vectors.
    throw : raise ConvergenceError rather than report BUDGET or INCOMPLETE in ``status``. The
        exception's ``result`` is the MinimumGap with the bracket that was reached.
    progress : called with a :class:`~qxgap.spectra.GapProgress` after every eigen-solve, to show
        how the bracket closes. What it raises ends the search.

    Raises
    ------
    InputError, MemoryLimitError, ConvergenceError
    """
    H = as_hamiltonian(H)
    require_method(method)
    require_number(rtol, "rtol", "the relative width of the bracket, such as 1e-3")
    if not 0 < rtol < 1:
        raise InputError(f"rtol = {rtol} lies outside (0, 1)")
    require_whole(max_eigensolves, "max_eigensolves", "the largest number of eigen-solves")
    solver = NodeSolver(H, H.degeneracy, method, seed, engines_on(H, device, precision, method))
    return _from_known(solver, H, rtol, max_eigensolves, throw, progress)


def _from_known(
    known: NodeSolver,
    H: Hamiltonian,
    rtol: float,
    max_eigensolves: int,
    throw: bool,
    progress: Report | None,
) -> MinimumGap:
    """Search the schedule of ``H`` with levels ``known`` from the same driver and problem."""
    provenance = versions()
    solve = replace(
        known, H=H, nodes=list(known.nodes), asked=dict(known.asked), eigensolves=0, matvecs=0
    )
    if solve.g == H.dimension:
        lower, status = math.inf, GapStatus.NO_EXCITED_LEVEL
    else:
        require_levels(H, solve.g + 1)
        lower, status = Search(solve, solve.path, rtol, max_eigensolves, progress).run()
    result = _result(solve, rtol, lower, status, provenance)
    if throw and status in (GapStatus.BUDGET, GapStatus.INCOMPLETE):
        raise ConvergenceError(
            f"{result}; {REMEDY[status]}, or throw=False to go on with what was reached", result
        )
    return result


def _result(
    solve: NodeSolver,
    rtol: float,
    lower: float,
    status: GapStatus,
    provenance: Mapping[str, str],
) -> MinimumGap:
    H, path = solve.H, solve.path
    interior_s, interior = interior_minimum(solve, path, rtol)
    points = scheduled_points(path, solve.nodes)
    s_star, value = min(points, key=lambda point: point[1], default=(math.nan, math.inf))
    excited = H.diagonal[H.diagonal > H.diagonal.min() + H.ground_tolerance]
    classical = float(excited.min() - H.diagonal.min()) if excited.size else math.inf
    return MinimumGap(
        value=value,
        lower=max(min(lower, value), 0.0),
        s_star=s_star,
        interior_gap=interior,
        interior_s=interior_s,
        classical_gap=float(H.schedule(1.0)[1]) * classical,
        degeneracy=solve.g,
        ground_energy=float(H.diagonal.min()) + H.offset,
        status=status,
        eigensolves=solve.eigensolves,
        matvecs=solve.matvecs,
        s=np.array([s for s, _ in points]),
        gaps=np.array([gap for _, gap in points]),
        unit=H.schedule.unit,
        schedule=H.schedule.name,
        rtol=rtol,
        method=repr(solve.method) if solve.method else "by size",
        seed=solve.seed,
        instance_hash=H.instance_hash,
        versions=provenance,
        solver=solve,
    )
