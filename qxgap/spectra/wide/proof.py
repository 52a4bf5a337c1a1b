"""Proven lower bounds of the lowest levels, at any number of qubits.

Let ``H = A H_D + B H_P`` with the driver ``H_D = -sum_p w_p sigma_x,p``, and ``x_p = A w_p``. A set
P of computational states is kept; Q is the rest. The bound has three parts.

1. *Floor of the rest.* For any positive function phi on the computational states,
   ``H - diag(e)`` with ``e(z) = B E(z) - sum_p x_p phi(z^p) / phi(z)``, where ``z^p`` is z with
   qubit p flipped, is positive semidefinite: its quadratic form is
   ``1/2 sum_(z, p) x_p phi(z) phi(z^p) (f(z) - f(z^p))^2`` for ``v = phi f`` (Jacobi, Barta,
   Collatz and Wielandt). The same holds within Q, where only flips from Q to Q count. Here phi is
   the product ``prod_p tau_p^(z differs from z0 at p)`` with ``x_p / tau_p = eps_p``. Then e is
   again a quadratic form: a flip away from the ground state z0 lowers the diagonal by ``eps_p``
   and no flip by ``x_p^2 / eps_p``.
2. *All low states are kept.* Branch and bound enumerates every z with e(z) below a cut above the
   upper bound of the highest wanted level. These are in P, so e exceeds the cut on all of Q.
3. *Feshbach and Schur.* For E below the floor, the levels of ``F(E) = H_PP - H_PQ (H_QQ - E)^-1
   H_QP`` fall with E, and ``E_j`` is the j-th level of ``F(E_j)``. So with E at an upper bound of
   ``E_j``, and with the smaller diagonal ``e - E`` in place of ``H_QQ - E``, the j-th level is a
   lower bound of ``E_j``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import LinearOperator

from ...annealing.frame import ProductFrame
from ...annealing.hamiltonian import AnnealHamiltonian
from ...linalg.eigenpairs import EigenStatus
from ...problem import QuboProblem, lowest_states
from ..bracket import Node, SchedulePath
from .configurations import Rim, words_of
from .expansion import Array, Expansion
from .nodes import EstimateProgress, SelectedNodes, least_gap, levels_of
from .selection import SelectedConfigurations
from .set_solver import lowest_within

FLOOR_SHARE = 0.2
"""Share of a qubit's flip energy that the floor may lose."""

MARGIN_SHARE = 0.03
"""The cut lies above the highest wanted level by this share of the median flip energy."""

MAX_LOW_STATES = 20_000
"""Largest number of states below the cut; beyond it, nothing is proven."""

LEVEL_TOL = 1e-10
"""Residual of the eigen-solves of a proof, relative to the norm; bounds are lowered by it."""

ERROR_SHARE = 0.03
"""The sum of levels is proven to this share of the gap, where a search does not ask for less."""

FLOOR_NODES = 2_000_000
"""Nodes of branch and bound that the enumeration below the cut may take."""


@dataclass(frozen=True, eq=False)
class Floor:
    """A diagonal below the Hamiltonian, and the states where it is low.

    Attributes
    ----------
    ground : ndarray of float, shape (d,)
        A ground state of the problem, as zeros and ones.
    down, up : ndarray of float, shape (d,)
        What a flip costs the floor at a qubit that differs from the ground state, and at one that
        does not.
    cut : float
        Outside the low states the floor lies above this.
    low_states : ndarray of uint8, shape (m, d)
        All states whose floor may lie below the cut.
    """

    ground: Array
    down: Array
    up: Array
    cut: float
    low_states: np.ndarray


def floor_of(
    H: AnnealHamiltonian, A: float, B: float, ground: Array, highest: float
) -> Floor | None:
    """Return a floor with a cut above an energy, or None if too many states lie below it.

    Parameters
    ----------
    H : AnnealHamiltonian
        Qubits in a transverse field.
    A, B : float
        Strengths of driver and problem.
    ground : ndarray of float, shape (d,)
        A ground state of the problem, as zeros and ones.
    highest : float
        Upper bound of the highest wanted level, without the problem's offset.

    Returns
    -------
    Floor or None
        The floor.
    """
    problem, x = H.problem, A * H.driver_weights
    sign = 1 - 2 * ground
    energies = B * sign * (problem.h + (problem.J + problem.J.T) @ ground)
    down = np.maximum(FLOOR_SHARE * energies, x)
    up = np.divide(x**2, down, out=np.zeros_like(x), where=down > 0)
    cut = highest + max(MARGIN_SHARE * float(np.median(energies)), float(x.mean()))
    # as a problem of its own: sum over p of down_p where z differs from the ground state, else up_p
    form = QuboProblem(B * problem.h + sign * (up - down), B * problem.J)
    constant = -float((ground * down + (1 - ground) * up).sum())
    bound = cut - constant + 2 * form.ground_tolerance
    low = lowest_states(form, MAX_LOW_STATES, highest=bound, max_nodes=FLOOR_NODES)
    if not low.is_proven or low.energies.size == MAX_LOW_STATES < H.dimension:
        return None
    return Floor(ground, down, up, cut, low.occupations)


def proven_lower_levels(
    H: AnnealHamiltonian,
    A: float,
    B: float,
    upper: Array,
    floor: Floor,
    method: SelectedConfigurations,
) -> Iterator[Array]:
    """Yield better and better lower bounds of the lowest levels.

    Parameters
    ----------
    H : AnnealHamiltonian
        Qubits in a transverse field.
    A, B : float
        Strengths of driver and problem.
    upper : ndarray of float, shape (k,)
        Proven upper bounds of the levels, without the problem's offset.
    floor : Floor
        A floor with a cut above them.
    method : SelectedConfigurations
        Thresholds and limits of the estimate, from which those of the proof follow.

    Yields
    ------
    ndarray of float, shape (k,)
        Lower bounds, given complete eigen-solves.
    """
    highest, ground = float(upper[-1]), floor.ground
    frame = ProductFrame(H.problem, H.driver_weights, A, B, np.pi * ground)
    starts = [np.flatnonzero(state != ground) for state in floor.low_states]
    selection = method.for_proof()
    expansion = Expansion(frame, upper.size, selection, words_of(starts, H.num_qubits))
    for threshold in selection.thresholds():
        expansion.grow(threshold)
        lower = _feshbach(expansion, floor, highest)
        if lower is None:
            return
        yield lower
        if len(expansion.configurations) >= selection.max_configurations:
            return


def _feshbach(expansion: Expansion, floor: Floor, highest: float) -> Array | None:
    """Return the lowest levels of the kept states, lowered by all that the rest could add."""
    configurations, k = expansion.configurations, expansion.num_levels
    energy, matrix = expansion.terms.energy, configurations.matrix()
    rim = configurations.rim()
    lowered = _lowered(matrix, rim, floor, highest - energy)
    norm = float(np.abs(matrix).sum(axis=1).max()) + lowered.largest
    pairs = lowest_within(lowered.operator, k, norm, lowered.diagonal, expansion.vectors, LEVEL_TOL)
    if pairs.status is not EigenStatus.CONVERGED:
        return None
    return np.asarray(pairs.values - pairs.residuals + energy)


@dataclass(frozen=True, eq=False)
class _Lowered:
    """The matrix of the kept states, lowered by the rest."""

    operator: LinearOperator
    diagonal: Array
    largest: float


def _lowered(matrix: sp.csr_array, rim: Rim, floor: Floor, energy: float) -> _Lowered:
    """Return ``H_PP - H_QP^T (e - E)^-1 H_QP``."""
    n = matrix.shape[0]
    if len(rim.others) == 0:
        return _Lowered(_operator(n, lambda v: matrix @ v), matrix.diagonal(), 0.0)
    couplings = rim.couplings()
    distance = rim.others.diagonal() - rim.losses(floor.down, floor.up) - energy
    if distance.min() <= 0:  # a state below the cut was missed: this cannot happen
        raise ArithmeticError("the floor of the rest lies below the wanted level")
    transposed, inverse = sp.csr_array(couplings.T), 1.0 / distance

    def apply(v: Array) -> Array:
        inner = couplings @ v
        inner *= inverse if v.ndim == 1 else inverse[:, None]
        return np.asarray(matrix @ v - transposed @ inner)

    sizes = np.abs(couplings)
    largest = float((sizes.T @ (inverse * sizes.sum(axis=1))).max())
    diagonal = matrix.diagonal() - (couplings.power(2).T @ inverse)
    return _Lowered(_operator(n, apply), diagonal, largest)


def _operator(n: int, apply) -> LinearOperator:  # type: ignore[no-untyped-def]
    return LinearOperator((n, n), matvec=apply, matmat=apply, dtype=np.float64)


@dataclass
class ProvenNodes:
    """Levels with proven errors at points of the canonical path, for a search that proves.

    A node has Ritz values, which are proven upper bounds, and their distance from proven lower
    bounds. A point where nothing can be proven is not converged, and ends the search.

    Attributes
    ----------
    estimates : SelectedNodes
        The expansions that give the upper bounds.
    nodes : list of Node
        The proven nodes.
    upper_gaps : dict
        Proven upper bounds of the gap, by u.
    floors : dict
        The floor at each u, or None if there is none.
    runs, best : dict
        The refinement at each u, and its best lower bounds so far.
    eigensolves, matvecs : int
        Number of points that were computed or refined; zero.
    """

    estimates: SelectedNodes
    nodes: list[Node] = field(default_factory=list)
    upper_gaps: dict[float, float] = field(default_factory=dict)
    floors: dict[float, Floor | None] = field(default_factory=dict)
    runs: dict[float, Iterator[Array]] = field(default_factory=dict)
    best: dict[float, Array] = field(default_factory=dict)
    eigensolves: int = 0
    matvecs: int = 0

    @property
    def path(self) -> SchedulePath:
        """The schedule on the canonical path."""
        return self.estimates.path

    def __call__(self, u: float, slack: float = math.inf) -> Node:
        """Return the levels at ``u``, with a proven error of their sum of ``slack`` if possible."""
        if u in (0.0, 1.0):
            node = self.estimates(u)
            self.upper_gaps[u] = node.gap
        else:
            node = self._proven(u, slack)
        if node.converged:
            self.nodes = [known for known in self.nodes if known.u != u] + [node]
        return node

    def polish(self, u: float, slack: float) -> Node:
        """Return the node at ``u``, which the search has made as exact as its bound needs it."""
        known = next((node for node in self.nodes if node.u == u), None)
        return known or self(u, slack)

    def progress(self, lower: float, value: float, s_star: float, rtol: float) -> EstimateProgress:
        """Return the state of a search for its callback."""
        return replace(
            self.estimates.progress(lower, value, s_star, rtol),
            points=self.eigensolves,
            is_proven=True,
        )

    def _proven(self, u: float, slack: float) -> Node:
        """Refine both bounds at ``u`` until their distance is small enough or the sets are full."""
        self.eigensolves += 1
        H, k = self.estimates.H, self.estimates.g + 1
        A, B = self.path.strengths(u)
        rough, ground = self.estimates.upper_levels(u)[:k], self.estimates.states.occupations[0]
        if u not in self.floors:
            self.floors[u] = floor_of(H, A, B, ground.astype(float), float(rough[-1]))
        floor = self.floors[u]
        if floor is None:
            return self._unproven(u, rough)
        least = least_gap(self.path, self.nodes, u)
        wanted = self.estimates.refine_states(u, slack, least, ERROR_SHARE)
        point = self.estimates.points[u]
        upper = point.steps[-1].ritz[:k]
        driver, problem = self.estimates.expectations(point, upper, A, B)
        if u not in self.runs:
            self.runs[u] = proven_lower_levels(H, A, B, upper, floor, self.estimates.method)
        lower = self.best.get(u)
        while lower is None or (upper - lower).sum() > wanted:
            step = next(self.runs[u], None)
            if step is None:
                break
            lower = step if lower is None else np.maximum(lower, step)
        if lower is None:  # an eigen-solve of the proof did not converge
            return self._unproven(u, upper)
        self.best[u] = lower
        self.upper_gaps[u] = float(upper[-1] - lower[0])
        deficit = float(np.maximum(upper - lower, 0.0).sum())
        return Node(u, self.estimates.g, levels_of(A, B, upper, driver, problem, deficit))

    def _unproven(self, u: float, upper: Array) -> Node:
        """Return a node that says that nothing is proven below the levels; it bounds nothing."""
        nothing = np.full(upper.size, np.nan)
        levels = levels_of(*self.path.strengths(u), upper, nothing, nothing, math.inf)
        return Node(u, self.estimates.g, replace(levels, status=EigenStatus.INCOMPLETE))
