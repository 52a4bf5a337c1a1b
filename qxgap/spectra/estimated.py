"""The minimum gap beyond 2^d: estimated over the whole anneal, and proven late in it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..annealing.accept import HamiltonianLike, as_hamiltonian, assumed_note
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.schedules import AnnealSchedule
from ..digits import at_least, counted, fraction, suffix_of
from ..errors import InputError
from ..linalg.eigenpairs import ConvergenceError
from ..results import plain
from ..version import versions
from .bracket import SchedulePath, path_hash
from .minimum import MinimumGap, SolvedLevels, require_limits
from .search import (
    GapStatus,
    Report,
    Search,
    interior_minimum,
    least_point,
    reported,
    scheduled_points,
)
from .wide.estimate_search import search_estimates
from .wide.nodes import ERRORS, SelectedNodes
from .wide.proof import ProvenNodes
from .wide.selection import SelectedConfigurations
from .wide.starts import low_states_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


NEAREST_END = 1e-4
"""A proof begins at this distance from the end of the path, if the gap is least at the end or if
nothing can be proven where it is least."""

PROOF_STEP = 1.6
"""A proof goes back along the path by this factor in the distance from the end at a time."""

PROOF_WIDTH = 5.0
"""Relative width of the proven bracket, in units of that of the estimate."""

BACKWARD_SHARE = 0.9
"""A proof goes back as long as the gap is proven to exceed this share of the smallest one."""

MAX_PROOF_POINTS = 60
"""Largest number of points of a proof."""


@dataclass(frozen=True, eq=False, repr=False)
class EstimatedGap(MinimumGap):
    """A minimum gap that is estimated in selected configurations, with what is proven of it.

    Attributes
    ----------
    value : float
        Estimate of the smallest gap, at ``s_star``; inf if there is no excited level.
    lower : float
        Proven lower bound over all s; zero unless it was possible for the whole anneal.
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
        Number of points of both searches that were computed or refined; zero.
    s, gaps : ndarray of float, shape (n,)
        All points where levels were estimated, ascending in s, and the gaps there.
    unit : str
        Unit of all energies: ``"GHz"`` or ``"dimensionless"``.
    schedule : str
        Name of the schedule; ``"linear (assumed)"`` where only a problem was given.
    rtol : float
        Requested width of the bracket, relative to the gap.
    method, requested_method : SelectedConfigurations
        Thresholds and limits.
    seed : int
        Zero; it plays no part.
    instance_hash : str
        Content hash of the problem.
    versions : mapping of str
        Versions of the packages that the numbers rest on.
    known : SolvedLevels
        No levels, and the name of driver and problem.
    standard_error : float
        Standard error of ``value``, from the correction of the levels and its trend.
    interval : tuple of float
        The 95 % interval of the minimum gap: the standard error, and the width of the search.
    upper : float
        Proven upper bound of the minimum gap over all s.
    proven_from : float
        The anneal fraction from which on ``proven_lower`` holds; nan if nothing was proven.
    proven_lower : float
        Proven lower bound of the gap at ``proven_from <= s <= 1``, given complete eigen-solves.
    num_configurations : int
        Number of configurations of the largest expansion.
    gained, lost : tuple of hashable
        Labels of the variables that the ground state selects after ``s_star`` and not before, and
        of those that it selects before and not after. If ``s_star`` is 1, they distinguish the two
        lowest states.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.testing import random_feature_selection
    >>> problem = random_feature_selection(8, seed=3)
    >>> gap = qx.minimum_gap(problem, method=qx.SelectedConfigurations())
    >>> exact = qx.minimum_gap(problem).value
    >>> gap.interval[0] <= exact <= gap.interval[1] and exact <= gap.upper
    True
    """

    standard_error: float
    interval: tuple[float, float]
    upper: float
    proven_from: float
    proven_lower: float
    num_configurations: int
    gained: tuple[Hashable, ...]
    lost: tuple[Hashable, ...]

    references: ClassVar[tuple[str, ...]] = (
        "fan1949",
        *SelectedConfigurations.references,
        "feshbach1958",
        "barta1937",
    )

    def for_schedule(
        self,
        H: HamiltonianLike,
        schedule: AnnealSchedule,
        *,
        max_eigensolves: int = 500,
        throw: bool = True,
        progress: Report | bool | None = None,
    ) -> MinimumGap:
        """Estimate the gap of the same driver and problem under another schedule, from the start.

        Parameters
        ----------
        H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
            The Hamiltonian of this result; its own schedule plays no part.
        schedule : AnnealSchedule
            The other schedule.
        max_eigensolves : int
            Largest number of points.
        throw : bool
            Whether to raise ConvergenceError, as in :func:`qxgap.minimum_gap`.
        progress : callable or bool, optional
            As in :func:`qxgap.minimum_gap`.

        Returns
        -------
        EstimatedGap
            The gap under the other schedule, in its unit.

        Raises
        ------
        InputError
            If H has another driver or problem.
        """
        other = as_hamiltonian(H).with_schedule(schedule)
        if not isinstance(other, AnnealHamiltonian) or path_hash(other) != self.known.path_hash:
            raise InputError(
                f"H has another driver or problem ({other.instance_hash}) than this result "
                f"({self.instance_hash}); give the Hamiltonian that it was computed for"
            )
        assert isinstance(self.method, SelectedConfigurations)
        return estimate(other, self.rtol, self.method, max_eigensolves, throw, progress)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers under the names that JSON output and the tables of studies use.

        Returns
        -------
        dict of str
            Plain Python values; infinite and undefined numbers are None.
        """
        own = {
            "gap_standard_error": self.standard_error,
            "gap_interval": self.interval,
            "gap_upper": self.upper,
            "proven_from": self.proven_from,
            "proven_lower": self.proven_lower,
            "num_configurations": self.num_configurations,
            "gained": self.gained,
            "lost": self.lost,
        }
        return super().to_dict() | plain(own)

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the estimated gap, the interval of its minimum, and what is proven of it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import estimated_gap  # loads matplotlib

        proven = (self.proven_from, self.proven_lower, self.upper)
        title = self.meaning.value.capitalize()
        return estimated_gap(
            self.s, self.gaps, self.interval, proven, self.classical_gap, self.unit, title, ax=ax
        )

    def __str__(self) -> str:
        if self.status is GapStatus.NO_EXCITED_LEVEL:
            return super().__str__()
        unit = suffix_of(self.unit)
        low, high = self.interval
        text = (
            f"The smallest gap is about {self.value:.3g}{unit} (95 %: {low:.3g} to {high:.3g}), at "
            f"s = {fraction(self.s_star)}, estimated in up to {self.num_configurations:,} selected "
            f"configurations. It is proven to be at most {self.upper:.3g}{unit}"
        )
        if math.isfinite(self.proven_from):
            text += (
                f", and at least {at_least(self.proven_lower)}{unit} from s = "
                f"{fraction(self.proven_from)} on"
            )
        text += f". {self.explanation()}"
        if self.gained or self.lost:
            text += f" {self._exchange()}"
        if self.degeneracy > 1:
            text += f" The gap is the one above all {self.degeneracy} ground states of the problem."
        text += assumed_note(self.schedule)
        if self.status in (GapStatus.BUDGET, GapStatus.INCOMPLETE):
            text += f" The search did not end as requested: {self.status.value}."
        return text

    def _exchange(self) -> str:
        """Return in a sentence which variables the two levels exchange."""
        gained, lost = (counted(len(part), "variable") for part in (self.gained, self.lost))
        if self.s_star == 1:
            return f"The two lowest states differ in {gained} one way and {lost} the other."
        return f"There the ground state gains {gained} and loses {lost}."


def estimate(
    H: AnnealHamiltonian,
    rtol: float,
    method: SelectedConfigurations,
    max_points: int,
    throw: bool,
    progress: Report | bool | None,
) -> EstimatedGap:
    """Estimate the minimum gap, and prove what can be proven of it.

    Parameters
    ----------
    H : AnnealHamiltonian
        Qubits in a transverse field.
    rtol : float
        Relative width of the search.
    method : SelectedConfigurations
        Thresholds and limits.
    max_points : int
        Largest number of points of the search.
    throw, progress
        As in :func:`qxgap.minimum_gap`.

    Returns
    -------
    EstimatedGap
        The estimate.

    Raises
    ------
    InputError
        If the problem has too many ground states.
    ConvergenceError
        If ``max_points`` is too small, unless ``throw`` is False.
    """
    require_limits(rtol, max_points)
    made_by = versions()  # before the work, so that nothing is lost if it fails
    states, g = low_states_of(H.problem)
    path = SchedulePath(H.schedule, H.typical_energies)
    nodes = SelectedNodes(H, path, states, g, method, rtol)
    proof = ProvenNodes(nodes)
    status = GapStatus.NO_EXCITED_LEVEL
    proven_from, proven_lower = math.nan, math.nan
    if g < H.dimension:
        with reported(progress, counted(H.num_qubits, "qubit")) as report:
            status = search_estimates(nodes, rtol, max_points, report)
            if status is not GapStatus.BUDGET:
                status = GapStatus.ESTIMATED
                if states.is_proven:
                    status, proven_from, proven_lower = _prove(proof, rtol, report)
    result = _result(nodes, proof, rtol, status, (proven_from, proven_lower), made_by)
    if throw and status is GapStatus.BUDGET:
        remedy = "raise max_eigensolves or rtol, or throw=False to continue with this result"
        raise ConvergenceError(f"{str(result).removesuffix('.')}; {remedy}", result)
    return result


def _prove(proof: ProvenNodes, rtol: float, report: Report) -> tuple[GapStatus, float, float]:
    """Prove a lower bound on the last part of the path, as long as possible.

    Returns
    -------
    tuple
        The status, the anneal fraction where the part begins, and the bound.
    """
    path, nodes = proof.path, proof.estimates.nodes
    if path.span[1] < 1.0:
        return GapStatus.ESTIMATED, math.nan, math.nan
    _, best, least = least_point(path, nodes)
    proof(1.0)
    distance = 1.0 - least.u or NEAREST_END
    begin = _proven_back_from(proof, distance, rtol, best)
    if math.isnan(begin) and distance > NEAREST_END:
        begin = _proven_back_from(proof, NEAREST_END, rtol, best)
    if math.isnan(begin):
        return GapStatus.ESTIMATED, math.nan, math.nan
    proof.nodes = [node for node in proof.nodes if node.u >= begin]
    lower, status = Search(
        proof, min(PROOF_WIDTH * rtol, 0.5), MAX_PROOF_POINTS, report, ends=(begin, 1.0)
    ).run()
    if lower <= 0:
        return GapStatus.ESTIMATED, math.nan, math.nan
    if status is not GapStatus.BRACKETED:
        status = GapStatus.ESTIMATED
    elif begin > path.span[0]:
        status = GapStatus.BRACKETED_ABOVE
    return status, _last_visit(path, begin), lower


def _proven_back_from(proof: ProvenNodes, distance: float, rtol: float, best: float) -> float:
    """Prove gaps further and further back along the path, as long as they are large enough.

    Returns
    -------
    float
        The last u that was proven, or nan.
    """
    path, begin = proof.path, math.nan
    largest = float(path.scale.max())
    while proof.eigensolves < MAX_PROOF_POINTS // 2:
        u = max(1.0 - distance, 0.0)
        node = proof(u, rtol * best / largest)
        scale = path.visits(u)[1]
        if not node.converged or (
            scale.size and scale.min() * (node.gap - node.slack) < BACKWARD_SHARE * best
        ):
            break
        begin = u
        if u <= path.span[0]:
            break
        distance *= PROOF_STEP
    return begin


def _last_visit(path: SchedulePath, u: float) -> float:
    """Return the anneal fraction after which the schedule stays above ``u``; zero if always."""
    s = path.visits(u)[0] if u > path.span[0] else ()
    return float(max(s, default=0.0))


def _result(
    nodes: SelectedNodes,
    proof: ProvenNodes,
    rtol: float,
    status: GapStatus,
    proven: tuple[float, float],
    made_by: Mapping[str, str],
) -> EstimatedGap:
    """Collect the result of both searches."""
    H, path, states, g = nodes.H, nodes.path, nodes.states, nodes.g
    interior_s, interior = interior_minimum(nodes, rtol)
    points = scheduled_points(path, nodes.nodes)
    s_star, value, error = math.nan, math.inf, 0.0
    gained: tuple[Hashable, ...] = ()
    lost: tuple[Hashable, ...] = ()
    if nodes.nodes:
        s_star, value, least = least_point(path, nodes.nodes)
        error = path.at(s_star)[1] * nodes.errors.get(least.u, 0.0)
        gained, lost = _exchanged(nodes, least.u, s_star)
    strength = float(H.schedule(1.0)[1])
    excited = states.energies[g:] - states.energies[0]
    classical = strength * float(excited[0]) if excited.size else math.inf
    uppers = [
        float(part) * gap for u, gap in proof.upper_gaps.items() for part in path.visits(u)[1]
    ]
    if states.is_proven and H.schedule(1.0)[0] == 0:
        uppers.append(classical)
    upper = min(uppers, default=math.inf)
    whole = proven[0] == 0.0
    high = min(value + ERRORS * error, upper)
    low = max(min(nodes.lower_bound(), value), proven[1] if whole else 0.0, 0.0)
    return EstimatedGap(
        value=min(value, upper),
        lower=min(proven[1], value) if whole else 0.0,
        s_star=s_star,
        interior_gap=interior,
        interior_s=interior_s,
        classical_gap=classical,
        degeneracy=g,
        ground_energy=float(states.energies[0]) + H.problem.offset,
        status=status,
        eigensolves=nodes.eigensolves + proof.eigensolves,
        matvecs=0,
        s=np.array([s for s, _ in points]),
        gaps=np.array([gap for _, gap in points]),
        unit=H.schedule.unit,
        schedule=H.schedule.name,
        rtol=rtol,
        method=nodes.method,
        requested_method=nodes.method,
        seed=0,
        instance_hash=H.instance_hash,
        versions=made_by,
        known=SolvedLevels((), {}, path_hash(H)),
        standard_error=error,
        interval=(low, high),
        upper=upper,
        proven_from=proven[0],
        proven_lower=proven[1],
        num_configurations=max(
            (point.steps[-1].num_configurations for point in nodes.points.values()), default=0
        ),
        gained=gained,
        lost=lost,
    )


def _exchanged(
    nodes: SelectedNodes, u: float, s_star: float
) -> tuple[tuple[Hashable, ...], tuple[Hashable, ...]]:
    """Return the labels that the ground state gains and loses at ``s_star``."""
    final = nodes.states.occupations[0].astype(float)
    if u in nodes.points:
        first, second = nodes.points[u].expansion.localized(0, nodes.g)
        if np.abs(first - final).sum() > np.abs(second - final).sum():
            first, second = second, first
    elif u == 1.0 and nodes.states.energies.size > nodes.g:
        first, second = final, nodes.states.occupations[nodes.g].astype(float)
    else:
        return (), ()
    change = first - second
    labels = nodes.H.problem.labels
    gained, lost = (
        tuple(labels[qubit] for qubit in np.flatnonzero(sign * change > 0.5)) for sign in (1, -1)
    )
    return gained, lost
