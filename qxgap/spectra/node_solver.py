"""Eigen-solves at points of the canonical path, each as exact as a search needs it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ..annealing.inhomogeneous import InhomogeneousHamiltonian
from ..annealing.protocol import Hamiltonian
from ..annealing.schedules import AnnealSchedule
from ..linalg.arrays import Array
from ..linalg.methods import EigenMethod
from ..statistics.seeds import Seed
from .bracket import FractionPath, GapPath, Node, SchedulePath, moment_node
from .low_levels import LevelSolver, solver_at

FINEST, ROUGHEST = 1e-13, 1e-4
"""Smallest and largest residual tolerance of a solve, relative to the operator norm."""

POLISHED = 1e-10
"""Largest residual, relative to the operator norm, of the node whose gap is reported."""


@dataclass(frozen=True)
class GapProgress:
    """The state of a search, for the callback ``progress``.

    Attributes
    ----------
    eigensolves, matvecs : int
        Numbers of eigen-solves and operator products so far.
    lower, value : float
        The bracket so far: the minimum gap lies between them. ``value`` may still change a little
        in both directions when the level it comes from is solved more finely.
    s_star : float
        Anneal fraction of ``value``.
    rtol : float
        The relative width at which the search ends.

    Examples
    --------
    >>> import qxgap as qx
    >>> steps = []
    >>> gap = qx.minimum_gap(qx.QuboProblem([-1.0], [[0.0]]), progress=steps.append)
    >>> steps[-1].eigensolves == gap.eigensolves
    True
    """

    eigensolves: int
    matvecs: int
    lower: float
    value: float
    s_star: float
    rtol: float

    def __str__(self) -> str:
        width = 1.0 - self.lower / self.value if 0 < self.value < math.inf else math.inf
        return (
            f"gap in [{self.lower:.4g}, {self.value:.4g}], {100 * width:.3g} % wide, "
            f"{self.eigensolves} solves, {self.matvecs} products"
        )


@dataclass
class NodeSolver:
    """A solver for the levels at points of the canonical path, which stores all of them.

    Attributes
    ----------
    solver : LevelSolver
        Driver and problem, method and seed; the driver and problem of s = 1 if they move.
    path : SchedulePath or FractionPath
        The schedule on the canonical path, or the schedules of the qubits.
    g : int
        Degeneracy of the final ground subspace; g + 1 levels are solved for.
    nodes : list of Node
        The latest solve at each u. Only complete ones are stored.
    tolerances : dict
        The finest residual tolerance so far, by u.
    eigensolves, matvecs : int
        Numbers of solves and of operator products so far.
    latest : Array or None
        Vectors of the latest solve, from which the next one starts.
    """

    solver: LevelSolver
    path: GapPath
    g: int
    nodes: list[Node] = field(default_factory=list)
    tolerances: dict[float, float] = field(default_factory=dict)
    eigensolves: int = 0
    matvecs: int = 0
    latest: Array | None = None

    @classmethod
    def along_fractions(
        cls, H: InhomogeneousHamiltonian, method: EigenMethod | None, seed: Seed
    ) -> NodeSolver:
        """Return a solver for an anneal in which each qubit has its own schedule."""
        return cls(LevelSolver(H.at(1.0)[0], method, seed), FractionPath(H), H.degeneracy)

    @classmethod
    def along(cls, solver: LevelSolver, schedule: AnnealSchedule) -> NodeSolver:
        """Return a solver for the path of ``schedule``, without nodes."""
        H = solver.H
        return cls(solver, SchedulePath(schedule, H.typical_energies), H.degeneracy)

    def __call__(self, u: float, slack: float = math.inf) -> Node:
        """Solve at ``u`` so exactly that residuals lower the sum of levels by ``slack`` at most.

        A ``method`` with a tolerance of its own uses that one.
        """
        return self._solve(u, self._tolerance(u, slack))

    def polish(self, u: float, slack: float) -> Node:
        """Return the node at ``u`` as exact as a reported value should be, or rounding allows.

        The stored node is returned if it is so exact, or if another solve could not improve it.
        """
        known = next((node for node in self.nodes if node.u == u), None)
        tol = min(POLISHED, self._tolerance(u, slack))
        if known and (self._is_final(u, tol) or self._is_fine(known, slack)):
            return known
        return self._solve(u, tol)

    def progress(self, lower: float, value: float, s_star: float, rtol: float) -> GapProgress:
        """Return the state of a search for its callback."""
        return GapProgress(self.eigensolves, self.matvecs, lower, value, s_star, rtol)

    def _is_final(self, u: float, tol: float) -> bool:
        """Whether the tolerance is fixed by the method, or was as fine as ``tol`` at ``u``."""
        return not self.solver.is_adaptive or self.tolerances[u] <= tol

    def _is_fine(self, node: Node, slack: float) -> bool:
        fine = 2 * POLISHED * self._norm(node.u)
        return node.slack <= slack and bool(np.all(node.levels.residuals <= fine))

    @property
    def H(self) -> Hamiltonian | InhomogeneousHamiltonian:
        """The Hamiltonian whose levels are solved for."""
        return self.path.H if isinstance(self.path, FractionPath) else self.solver.H

    def _point(self, u: float) -> tuple[LevelSolver, float, float]:
        """Return the solver at ``u`` and the strengths of its driver and problem."""
        if isinstance(self.path, FractionPath):
            return solver_at(self.solver, self.path.H, u)
        return (self.solver, *self.path.strengths(u))

    def _norm(self, u: float) -> float:
        solver, A, B = self._point(u)
        return solver.H.norm_bound(A, B)

    def _tolerance(self, u: float, slack: float) -> float:
        """Return the residual tolerance at which a solve widens the bracket by at most ``slack``.

        It is relative to the operator norm. If the next level is separated from the solved ones,
        the sum of levels, and so the bracket, is affected by residuals only in second order, as
        ``k residual^2 / separation``; in any case by no more than ``k residual``. The separation is
        that of the stored node nearest to u.
        """
        if not math.isfinite(slack):
            return ROUGHEST
        k, norm = self.g + 1, self._norm(u)
        nearest = min(self.nodes, key=lambda node: abs(node.u - u), default=None)
        separation = nearest.levels.beyond - nearest.levels.values[-1] if nearest else 0.0
        separation = min(max(separation, 0.0), norm)
        residual = max(math.sqrt(slack * separation / k), slack / k)
        return float(np.clip(residual / norm, FINEST, ROUGHEST))

    def _solve(self, u: float, tol: float) -> Node:
        solver, A, B = self._point(u)
        levels, vectors = solver.solve(A, B, self.g + 1, self.latest, tol)
        self.tolerances[u] = min(tol, self.tolerances.get(u, math.inf))
        self.latest = self.latest if vectors is None else vectors
        self.eigensolves += levels.matvecs > 0
        self.matvecs += levels.matvecs
        if isinstance(self.path, FractionPath):
            node: Node = moment_node(self.path.H, u, self.g, levels, vectors)
        else:
            node = Node(u, self.g, levels)
        if node.converged:
            self.nodes = [known for known in self.nodes if known.u != u] + [node]
        return node
