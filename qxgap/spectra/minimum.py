"""The result of a search for the minimum gap, and the search in the whole space of 2^d states."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..annealing.accept import HamiltonianLike, as_hamiltonian, assumed_note
from ..annealing.inhomogeneous import InhomogeneousHamiltonian
from ..annealing.protocol import Hamiltonian
from ..annealing.schedules import AnnealSchedule
from ..checks import kind_of, require_number, require_whole
from ..digits import at_least, fraction, suffix_of
from ..errors import InputError
from ..linalg.arrays import FloatArray
from ..linalg.eigenpairs import ConvergenceError
from ..linalg.methods import EigenMethod, require_method
from ..results import Result, plain
from ..statistics.seeds import Seed, integer_seed
from ..version import versions
from .bracket import Node, path_hash
from .low_levels import LevelSolver, require_levels
from .node_solver import NodeSolver
from .search import GapStatus, Report, Search, interior_minimum, reported, scheduled_points
from .wide.selection import SelectedConfigurations

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

REMEDY = {
    GapStatus.BUDGET: "raise max_eigensolves or rtol",
    GapStatus.INCOMPLETE: "use method=Dense() or another seed",
}


RTOL = 1e-3
"""Relative width of a certified bracket."""

NEAR_CLASSICAL = 1.1
"""A minimum above the classical gap over this factor counts as the classical gap."""


NARROW = 0.99
"""A lower bound of at least this share of the gap leaves no room for another meaning."""


class GapMeaning(Enum):
    """What a minimum gap says about the anneal; the value is a caption."""

    CLASSICAL = "no quantum bottleneck: the gap is that of the problem itself"
    CROSSING = "an avoided crossing inside the anneal"
    DRIVER = "the smallest gap is that of the driver, at the start"
    OPEN = "a narrower gap is not excluded"
    NONE = "no gap: all states are ground states"


@dataclass(frozen=True, eq=False)
class SolvedLevels:
    """The levels that a search solved for, from which other schedules are certified too.

    Attributes
    ----------
    nodes : tuple of Node
        Levels at points of the canonical path.
    tolerances : mapping of float
        The finest residual tolerance of the solves, by the coordinate u of the point.
    path_hash : str
        16 hexadecimal digits that name driver and problem.
    """

    nodes: tuple[Node, ...]
    tolerances: Mapping[float, float]
    path_hash: str


@dataclass(frozen=True, eq=False, repr=False)
class MinimumGap(Result):
    """A minimum gap with its bracket: ``lower <= min over s <= value``.

    Attributes
    ----------
    value : float
        Smallest gap that was computed, at ``s_star``; inf if there is no excited level.
    lower : float
        Certified lower bound over all s, given the residuals and complete eigen-solves.
    s_star : float
        Anneal fraction of ``value``.
    interior_gap, interior_s : float
        Smallest local minimum strictly inside 0 < s < 1 among the computed points; inf and nan if
        there is none. When ``s_star`` is 1 the global minimum is no avoided crossing but the
        classical gap; these numbers then say whether there is an avoided crossing as well.
    classical_gap : float
        The gap at s = 1 with the driver off, from the diagonal.
    degeneracy : int
        Degeneracy g of the final ground subspace. The gap is E_g - E_0, to the first level above
        those that end in the ground subspace.
    ground_energy : float
        Ground energy of the problem, offset included.
    status : GapStatus
        How the search ended.
    eigensolves, matvecs : int
        Numbers of eigen-solves and operator products of this search. Levels that are known from an
        earlier search cost nothing.
    s, gaps : ndarray of float, shape (n,)
        All points where levels were computed, ascending in s, and the gaps there. Only at
        ``s_star`` and ``interior_s`` are they computed finely; elsewhere as finely as the bracket
        needs.
    unit : str
        Unit of all energies: ``"GHz"`` or ``"dimensionless"``.
    schedule : str
        Name of the schedule; ``"linear (assumed)"`` where only a problem was given.
    rtol : float
        Requested width of the bracket, relative to the gap.
    method : Dense, Davidson, Lanczos or Lobpcg
        The eigensolver that ran.
    requested_method : Dense, Davidson, Lanczos, Lobpcg or None
        The eigensolver that was requested; None if its choice was left to the dimension.
    seed : int
        Seed of the eigensolver's start vectors.
    instance_hash : str
        Content hash of the problem.
    versions : mapping of str
        Versions of the packages that the numbers rest on.
    known : SolvedLevels
        The levels themselves; :meth:`for_schedule` uses them.

    Examples
    --------
    >>> import qxgap as qx
    >>> gap = qx.minimum_gap(qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]])))
    >>> print(gap)
    The smallest gap is 0.895 (proven: at least 0.894), at s = 0.809. It is an avoided crossing
    inside the anneal, 1.1 times narrower than the spacing of the problem's own two lowest energies.
    >>> gap.to_dict()["status"]
    'BRACKETED'
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
    s: FloatArray
    gaps: FloatArray
    unit: str
    schedule: str
    rtol: float
    method: EigenMethod | SelectedConfigurations
    requested_method: EigenMethod | SelectedConfigurations | None
    seed: int
    instance_hash: str
    versions: Mapping[str, str]
    known: SolvedLevels = field(repr=False)

    references: ClassVar[tuple[str, ...]] = ("fan1949",)

    def for_schedule(
        self,
        H: HamiltonianLike,
        schedule: AnnealSchedule,
        *,
        max_eigensolves: int = 500,
        throw: bool = True,
        progress: Report | bool | None = None,
    ) -> MinimumGap:
        """Certify the same driver and problem under another schedule, from all known levels.

        All schedules of one driver and problem take their levels from one path, so most levels that
        the other schedule needs are known already. Tolerance, method and seed are those of this
        result.

        Parameters
        ----------
        H : AnnealHamiltonian, MatrixHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
            The Hamiltonian of this result; its own schedule plays no part.
        schedule : AnnealSchedule
            The other schedule.
        max_eigensolves : int
            Largest number of new eigen-solves.
        throw : bool
            Whether to raise ConvergenceError, as in :func:`qxgap.minimum_gap`.
        progress : callable or bool, optional
            As in :func:`qxgap.minimum_gap`.

        Returns
        -------
        MinimumGap
            The gap under the other schedule, in its unit.

        Raises
        ------
        InputError
            If H has another driver or problem.
        ConvergenceError
            As :func:`qxgap.minimum_gap`.

        Examples
        --------
        >>> import qxgap as qx
        >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0, -0.8], [[0.0, 0.5], [0.0, 0.0]]))
        >>> linear = qx.minimum_gap(H)
        >>> on_chip = linear.for_schedule(H, qx.schedule_named("Advantage2_system1.4_fast"))
        >>> on_chip.unit
        'GHz'
        """
        if not isinstance(schedule, AnnealSchedule):
            raise InputError(
                f"schedule is {kind_of(schedule)}; give H and an AnnealSchedule: "
                "gap.for_schedule(H, schedule)"
            )
        other = as_hamiltonian(H).with_schedule(schedule)
        if path_hash(other) != self.known.path_hash:
            raise InputError(
                f"H has another driver or problem ({other.instance_hash}) than this result "
                f"({self.instance_hash}); give the Hamiltonian that it was computed for"
            )
        assert not isinstance(self.requested_method, SelectedConfigurations)
        solver = NodeSolver.along(LevelSolver(other, self.requested_method, self.seed), schedule)
        solver.nodes = list(self.known.nodes)
        solver.tolerances = dict(self.known.tolerances)
        return certify(solver, self.rtol, max_eigensolves, throw, progress)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers under the names that JSON output and the tables of studies use.

        Returns
        -------
        dict of str
            Plain Python values; infinite and undefined numbers are None.
        """
        return plain(
            {
                "gap": self.value,
                "gap_lower": self.lower,
                "s_star": self.s_star,
                "classical_gap": self.classical_gap,
                "degeneracy": self.degeneracy,
                "ground_energy": self.ground_energy,
                "status": self.status,
                "eigensolves": self.eigensolves,
                "matvecs": self.matvecs,
                "unit": self.unit,
                "interior_gap": self.interior_gap,
                "interior_s": self.interior_s,
                "curve_s": self.s,
                "curve_gap": self.gaps,
                "schedule": self.schedule,
                "method": self.method,
                "tolerance": self.rtol,
                "seed": self.seed,
                "instance_hash": self.instance_hash,
                "versions": self.versions,
            }
        )

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the gap at all computed points, and the proven interval of its minimum as a band.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import gap_bracket  # loads matplotlib

        title = self.meaning.value.capitalize()
        bounds = (self.lower, self.classical_gap)
        return gap_bracket(self.s, self.gaps, *bounds, self.unit, title, ax=ax)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the computed gaps as a table.

        Returns
        -------
        pandas.DataFrame
            The columns s and gap, a row for each computed point, ascending in s.
        """
        import pandas as pd

        return pd.DataFrame({"s": self.s, "gap": self.gaps})

    @property
    def meaning(self) -> GapMeaning:
        """What the minimum is, as far as it is proven."""
        if self.status is GapStatus.NO_EXCITED_LEVEL:
            return GapMeaning.NONE
        if self.value * NEAR_CLASSICAL < self.classical_gap:
            return GapMeaning.DRIVER if self.s_star == 0 else GapMeaning.CROSSING
        proven = self.status is not GapStatus.INCOMPLETE
        # a bracket that is narrow excludes a much smaller gap, even if it lies across the threshold
        sufficient = min(self.classical_gap / NEAR_CLASSICAL, NARROW * self.value)
        if proven and self.lower >= sufficient:
            return GapMeaning.CLASSICAL
        return GapMeaning.OPEN

    def __str__(self) -> str:
        if self.status is GapStatus.NO_EXCITED_LEVEL:
            return "All states are ground states of the problem, so there is no gap."
        unit = suffix_of(self.unit)
        bound = f"proven: at least {at_least(self.lower)}{unit}"
        if self.status is GapStatus.INCOMPLETE or self.lower <= 0:
            bound = "no lower bound is proven"
        at = fraction(self.s_star)
        text = f"The smallest gap is {self.value:.3g}{unit} ({bound}), at s = {at}."
        text += f" {self.explanation()}"
        if self.degeneracy > 1:
            text += f" The gap is the one above all {self.degeneracy} ground states of the problem."
        text += assumed_note(self.schedule)
        if self.status is GapStatus.BRACKETED:
            return text
        return f"{text} The search did not end as requested: {self.status.value}."

    def explanation(self) -> str:
        """Return what the minimum is near, in a sentence.

        Returns
        -------
        str
            The sentence, as far as the lower bound proves it; for a result with an excited level.
        """
        own = "the spacing of the problem's own two lowest energies"
        ratio = self.classical_gap / self.value if self.value > 0 else math.inf
        match self.meaning:
            case GapMeaning.CROSSING:
                return (
                    f"It is an avoided crossing inside the anneal, {ratio:.2g} times narrower than "
                    f"{own}."
                )
            case GapMeaning.DRIVER:
                return "It is the gap of the driver alone, at the start of the anneal."
            case GapMeaning.OPEN:
                return f"It is near {own}, but a narrower gap elsewhere is not excluded."
        near = "is" if ratio <= 1 + self.rtol else f"lies only {100 * (1 - 1 / ratio):.2g} % below"
        return f"It {near} {own}: no quantum bottleneck."


def certified_gap(
    H: Hamiltonian | InhomogeneousHamiltonian,
    rtol: float = RTOL,
    *,
    method: EigenMethod | None = None,
    max_eigensolves: int = 500,
    seed: Seed = 0,
    throw: bool = True,
    progress: Report | bool | None = None,
) -> MinimumGap:
    """Compute the minimum gap in the whole space, which is never estimated.

    Parameters
    ----------
    H : AnnealHamiltonian or MatrixHamiltonian
        The Hamiltonian.
    rtol, method, max_eigensolves, seed, throw, progress
        As in :func:`qxgap.minimum_gap`.

    Returns
    -------
    MinimumGap
        The gap with its bracket, and the levels that it rests on.

    Raises
    ------
    MemoryLimitError
        If the vectors of the whole space do not fit in memory.
    ConvergenceError
        As :func:`qxgap.minimum_gap`.
    """
    require_method(method)
    require_limits(rtol, max_eigensolves)
    seed = integer_seed(seed)
    if isinstance(H, InhomogeneousHamiltonian):
        solver = NodeSolver.along_fractions(H, method, seed)
    else:
        solver = NodeSolver.along(LevelSolver(H, method, seed), H.schedule)
    return certify(solver, rtol, max_eigensolves, throw, progress)


def require_limits(rtol: float, max_eigensolves: int) -> None:
    """Raise InputError unless these are the limits of a search.

    Parameters
    ----------
    rtol : float
        Relative width of the bracket.
    max_eigensolves : int
        Largest number of solves.
    """
    require_number(rtol, "rtol", "the relative width of the bracket, such as 1e-3")
    if not 0 < rtol < 1:
        raise InputError(f"rtol = {rtol} lies outside (0, 1)")
    require_whole(max_eigensolves, "max_eigensolves", "the largest number of eigen-solves")


def certify(
    solve: NodeSolver,
    rtol: float,
    max_eigensolves: int,
    throw: bool,
    progress: Report | bool | None,
) -> MinimumGap:
    """Search the path of a solver, starting from its nodes.

    Parameters
    ----------
    solve : NodeSolver
        The solver, with the path and with known nodes.
    rtol, max_eigensolves, throw, progress
        As in :func:`qxgap.minimum_gap`.

    Returns
    -------
    MinimumGap
        The gap with its bracket.

    Raises
    ------
    ConvergenceError
        As :func:`qxgap.minimum_gap`.
    """
    made_by = versions()  # before the work, so that nothing is lost if it fails
    H = solve.H
    if solve.g == H.dimension:
        lower, status = math.inf, GapStatus.NO_EXCITED_LEVEL
    else:
        require_levels(H, solve.g + 1)
        with reported(progress, f"minimum gap, dimension {H.dimension}") as report:
            lower, status = Search(solve, rtol, max_eigensolves, report).run()
    result = _result(solve, rtol, lower, status, made_by)
    if throw and status in (GapStatus.BUDGET, GapStatus.INCOMPLETE):
        remedy = f"{REMEDY[status]}, or throw=False to continue with this result"
        raise ConvergenceError(f"{str(result).removesuffix('.')}; {remedy}", result)
    return result


def _result(
    solve: NodeSolver, rtol: float, lower: float, status: GapStatus, made_by: Mapping[str, str]
) -> MinimumGap:
    """Collect the result of a search that has ended."""
    solver, H, schedule = solve.solver, solve.H, solve.path.schedule
    interior_s, interior = interior_minimum(solve, rtol)
    points = scheduled_points(solve.path, solve.nodes)
    s_star, value = min(points, key=lambda point: point[1], default=(math.nan, math.inf))
    excited = H.diagonal[H.diagonal > H.diagonal.min() + H.ground_tolerance]
    classical = float(excited.min() - H.diagonal.min()) if excited.size else math.inf
    lowest = float(H.diagonal.min()) + H.offset
    if isinstance(H, InhomogeneousHamiltonian):
        lowest = H.problem.ground_energy
    return MinimumGap(
        value=value,
        lower=max(min(lower, value), 0.0),
        s_star=s_star,
        interior_gap=interior,
        interior_s=interior_s,
        classical_gap=solve.path.final_strength * classical,
        degeneracy=solve.g,
        ground_energy=lowest,
        status=status,
        eigensolves=solve.eigensolves,
        matvecs=solve.matvecs,
        s=np.array([s for s, _ in points]),
        gaps=np.array([gap for _, gap in points]),
        unit=schedule.unit,
        schedule=schedule.name,
        rtol=rtol,
        method=solver.method_for(solve.g + 1),
        requested_method=solver.method,
        seed=integer_seed(solver.seed),
        instance_hash=H.instance_hash,
        versions=made_by,
        known=SolvedLevels(tuple(solve.nodes), dict(solve.tolerances), path_hash(H)),
    )
