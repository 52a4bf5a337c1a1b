"""The lowest energy levels of a problem, from all 2^d states or proven by branch and bound.

Statistics of reads need the ground energy, and little else of the spectrum. Up to 24 qubits the
energies of all states are computed. Beyond that :func:`qxgap.minimize` proves the lowest energy and
:func:`lowest_states` the levels above it, at sizes at which 2^d numbers fit into no memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import kind_of, require_whole
from ..digits import counted, rounded
from ..errors import InputError
from ..memory import fits_in_memory
from ..results import Result, plain
from .accept import ProblemLike, as_problem
from .bits import index_to_bits
from .low_states import MOST_GROUND_STATES, ListedLevels, levels_of_states, proven_states
from .optimum import Optimum, OptimumStatus, minimize
from .qubo import QuboProblem

if TYPE_CHECKING:
    import pandas as pd

MOST_ENUMERATED = 24
"""Largest number of qubits at which all states are taken where no method is asked for."""

DEFAULT_STATES = 100
"""Number of lowest states from which the levels are made, where nobody asks for more."""

MOST_NODES = 200_000
"""Largest number of nodes of a search whose number of nodes nobody chose."""

NODES_PER_STATE = 5
"""The search for the levels may visit so many times the nodes of the search for the optimum."""


class LevelStatus(Enum):
    """How the lowest energy is known; the value is the message.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(6, seed=1)
    >>> qx.problem.known_levels(problem).status.name
    'ALL_STATES'
    """

    ALL_STATES = "the lowest energy is that of all 2^d states"
    PROVEN = "the lowest energy is proven by branch and bound"
    GIVEN = "the lowest energy was given, and is taken as it is"
    BEST_KNOWN = (
        "the lowest energy known is not proven to be the lowest: the search ended at its number of "
        "nodes; give BranchAndBound a larger max_nodes"
    )

    @property
    def is_proven(self) -> bool:
        """Whether no state can lie lower; a given energy is taken as proven."""
        return self is not LevelStatus.BEST_KNOWN


@dataclass(frozen=True)
class AllStates:
    """The energies of all 2^d states.

    Parameters
    ----------
    num_states : int
        Number of the lowest states from which the list of levels is made.
    """

    num_states: int = DEFAULT_STATES
    references: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        _require_positive(num_states=self.num_states)


@dataclass(frozen=True)
class BranchAndBound:
    """A search that rules out, part by part, all states but the lowest.

    It needs no numbers of size 2^d. Problems of feature selection are solved in less than a second
    at 250 qubits; spin glasses with dense couplings of both signs are proven up to about 50 qubits.

    Parameters
    ----------
    max_nodes : int or None
        Number of nodes after which the search for the lowest energy ends. None takes 200,000, or
        fewer if these would take more than about ten seconds. The search for the levels above it
        may visit five times as many.
    num_states : int
        Number of the lowest states from which the list of levels is made.
    seed : int
        Seed of the random starts. A proven energy does not depend on it.
    """

    max_nodes: int | None = None
    num_states: int = DEFAULT_STATES
    seed: int = 0
    references: ClassVar[tuple[str, ...]] = ("boros2002",)

    def __post_init__(self) -> None:
        _require_positive(num_states=self.num_states)
        if self.max_nodes is not None:
            _require_positive(max_nodes=self.max_nodes)

    def nodes_for(self, problem: QuboProblem) -> int:
        """Return the number of nodes after which the search for the lowest energy ends.

        Parameters
        ----------
        problem : QuboProblem
            The problem. A node takes a time that grows with d^2, and with d^3 if couplings are
            negative.

        Returns
        -------
        int
            At least 1.
        """
        if self.max_nodes is not None:
            return self.max_nodes
        d = problem.num_qubits
        affordable = 4e10 / d**2 if problem.J.min() >= 0 else 6e11 / d**3
        return max(1, min(MOST_NODES, int(affordable)))


LevelMethod = AllStates | BranchAndBound
"""The methods of :func:`known_levels`."""


def _require_positive(**counts: Any) -> None:
    """Raise InputError unless these are whole numbers above 0."""
    for name, number in counts.items():
        require_whole(number, name, "a whole number above 0")
        if number < 1:
            raise InputError(f"{name} = {number}; give a whole number above 0")


@dataclass(frozen=True, eq=False, repr=False)
class KnownLevels(Result):
    """The lowest energy levels of a problem, as far as they are known.

    States whose energies differ by no more than the ground tolerance of the problem are one level.

    Attributes
    ----------
    problem : QuboProblem
        The problem.
    energies : ndarray of float, shape (k,)
        The lowest energy of each known level, ascending, without the problem's offset; the first
        one is the lowest energy known.
    degeneracies : ndarray of int, shape (k,)
        The number of states of each level; 0 for a level of which it is not known.
    ceiling : float
        Every state below this energy belongs to one of the levels. It is inf if these are all
        levels, and the lowest energy itself if nothing above it is known.
    lower : float
        No state has an energy below this one, which is without the offset too. It equals
        ``energies[0]`` unless the status is BEST_KNOWN.
    state : ndarray of uint8, shape (d,)
        A state of the lowest energy known.
    ground_states : ndarray of uint8, shape (g, d), or None
        All ground states, in the order of the state index; None if they are not all known, or more
        than 10,000.
    status : LevelStatus
        How the lowest energy is known.
    method : AllStates, BranchAndBound or None
        How the levels were computed; None for a given energy.

    Examples
    --------
    >>> import qxgap as qx
    >>> levels = qx.problem.known_levels(qx.testing.random_feature_selection(150, seed=1))
    >>> levels.status.name, levels.degeneracy, levels.classical_gap > 0
    ('PROVEN', 1, True)
    """

    problem: QuboProblem
    energies: NDArray[np.float64]
    degeneracies: NDArray[np.int64]
    ceiling: float
    lower: float
    state: NDArray[np.uint8] | None
    ground_states: NDArray[np.uint8] | None
    status: LevelStatus
    method: LevelMethod | None

    @property
    def lowest_energy(self) -> float:
        """The lowest energy known, with the problem's offset."""
        return float(self.energies[0]) + self.problem.offset

    @property
    def degeneracy(self) -> int | None:
        """The number of ground states; None if it is not known."""
        return int(self.degeneracies[0]) or None

    @property
    def classical_gap(self) -> float | None:
        """The distance of the first excited level; inf if there is none, None if not known."""
        if self.energies.size > 1:
            return float(self.energies[1] - self.energies[0])
        if self.degeneracy is None:
            return None
        return float(self.ceiling - self.energies[0])

    def including(self, occupations: ArrayLike) -> KnownLevels:
        """Return the levels with the knowledge of further states, such as those that were read.

        Only the lowest energy known can change, and only if it is not proven.

        Parameters
        ----------
        occupations : array_like of int, shape (m, d)
            States of the problem.

        Returns
        -------
        KnownLevels
            These levels, or those whose lowest energy is that of the lowest of the states.
        """
        states = np.asarray(occupations)
        if self.status is not LevelStatus.BEST_KNOWN or not len(states):
            return self
        energies = self.problem.energy(states, offset=False)
        best = int(np.argmin(energies))
        if energies[best] >= self.energies[0]:
            return self
        lowest = float(energies[best])
        return replace(
            self,
            energies=np.array([lowest]),
            degeneracies=np.zeros(1, dtype=np.int64),
            ceiling=lowest,
            state=states[best].astype(np.uint8),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the levels as plain Python values.

        Returns
        -------
        dict of str
            ground_energy (with the offset), ground_status, degeneracy, classical_gap, energies and
            degeneracies of the levels, ceiling, lower and method.
        """
        return plain(
            {
                "ground_energy": self.lowest_energy,
                "ground_status": self.status,
                "degeneracy": self.degeneracy,
                "classical_gap": self.classical_gap,
                "energies": self.energies,
                "degeneracies": self.degeneracies,
                "ceiling": self.ceiling,
                "lower": self.lower,
                "method": self.method,
            }
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the number of states of each known level.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import level_shares  # loads matplotlib

        return level_shares(self.energies, self.degeneracies, ylabel="number of states", ax=ax)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the known levels as a table.

        Returns
        -------
        pandas.DataFrame
            The columns energy (without the offset) and states, a row for each level.
        """
        import pandas as pd

        return pd.DataFrame({"energy": self.energies, "states": self.degeneracies})

    def __str__(self) -> str:
        energy = f"{self.lowest_energy:.4g}"
        if self.status is LevelStatus.GIVEN:
            return f"The lowest energy was given: {energy}."
        if self.status is LevelStatus.BEST_KNOWN:
            return (
                f"The lowest energy known is {energy}, and it is not proven to be the lowest; no "
                f"state has an energy below {self.lower + self.problem.offset:.4g}."
            )
        proven = self.status is LevelStatus.PROVEN
        proof = "proven by branch and bound" if proven else "from the energies of all states"
        text = f"The lowest energy is {energy} ({proof})."
        if self.degeneracy is not None:
            text += f" {counted(self.degeneracy, 'state')} of the problem "
            text += "has it." if self.degeneracy == 1 else "have it."
        gap = self.classical_gap
        if gap is not None and np.isfinite(gap):
            text += f" The next level lies {rounded(gap, 2)} higher."
        return text


def known_levels(problem: ProblemLike, method: LevelMethod | None = None) -> KnownLevels:
    """Compute the lowest energy levels of a problem of any size.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    method : AllStates, BranchAndBound or None
        How they are computed. None takes all states up to 24 qubits, and branch and bound beyond;
        if that proves nothing, all states where memory holds them.

    Returns
    -------
    KnownLevels
        The levels. The status says whether the lowest energy is proven.

    Raises
    ------
    InputError
        If ``method`` is none of these.
    MemoryLimitError
        If all states are asked for and do not fit into memory.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.problem import BranchAndBound, known_levels
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 0.7], [0.0, 0.0]])
    >>> print(known_levels(problem, BranchAndBound()))
    The lowest energy is -1 (proven by branch and bound). 1 state of the problem has it. The next
    level lies 0.2 higher.
    """
    problem = as_problem(problem)
    if isinstance(method, AllStates):
        return _of_all_states(problem, method)
    if isinstance(method, BranchAndBound):
        return _of_branch_and_bound(problem, method)
    if method is not None:
        raise InputError(f"method is {kind_of(method)}; give AllStates(), BranchAndBound() or None")
    if problem.num_qubits <= MOST_ENUMERATED:
        return _of_all_states(problem, AllStates())
    levels = _of_branch_and_bound(problem, BranchAndBound())
    if levels.status.is_proven or not _fits(problem):
        return levels
    return _of_all_states(problem, AllStates())


def given_level(problem: QuboProblem, energy: float) -> KnownLevels:
    """Return the knowledge of a lowest energy that a caller gave, with the problem's offset."""
    lowest = float(energy) - problem.offset
    return KnownLevels(
        problem=problem,
        energies=np.array([lowest]),
        degeneracies=np.zeros(1, dtype=np.int64),
        ceiling=lowest,
        lower=lowest,
        state=None,
        ground_states=None,
        status=LevelStatus.GIVEN,
        method=None,
    )


def _fits(problem: QuboProblem) -> bool:
    """Return whether the energies of all states fit into memory."""
    return fits_in_memory(20 << problem.num_qubits)


def _of_all_states(problem: QuboProblem, method: AllStates) -> KnownLevels:
    """Return the levels from the energies of all states."""
    diagonal = problem.diagonal

    def lowest(count: int) -> NDArray[np.float64]:
        if count >= diagonal.size:
            return np.sort(diagonal)
        return np.sort(np.partition(diagonal, count - 1)[:count])

    count = method.num_states
    found = levels_of_states(lowest(count), problem, count >= diagonal.size)
    while found.degeneracies[0] == 0:  # all these states are ground states
        count *= 10
        found = levels_of_states(lowest(count), problem, count >= diagonal.size)
    listed = problem.degeneracy <= MOST_GROUND_STATES
    return KnownLevels(
        problem=problem,
        energies=found.energies,
        degeneracies=found.degeneracies,
        ceiling=found.ceiling,
        lower=float(found.energies[0]),
        state=index_to_bits(int(np.argmin(diagonal)), problem.num_qubits),
        ground_states=problem.ground_states if listed else None,
        status=LevelStatus.ALL_STATES,
        method=method,
    )


def _of_branch_and_bound(problem: QuboProblem, method: BranchAndBound) -> KnownLevels:
    """Return the levels that branch and bound proves, or the lowest energy known."""
    nodes = method.nodes_for(problem)
    optimum = minimize(_strict(problem), max_nodes=nodes, seed=method.seed, progress=False)
    return levels_above(problem, optimum, method)


def _strict(problem: QuboProblem) -> QuboProblem:
    """Return the problem with the smallest tolerance.

    Searches end within the tolerance of a problem. With the smallest one, states that the caller's
    tolerance counts as ground states are told apart.
    """
    return QuboProblem(problem.h, problem.J, problem.labels)


def levels_above(
    problem: QuboProblem, optimum: Optimum, method: BranchAndBound | None = None
) -> KnownLevels:
    """Return the lowest levels of a problem whose optimum was searched before.

    Parameters
    ----------
    problem : QuboProblem
        The problem.
    optimum : Optimum
        What :func:`~qxgap.minimize` found. It is not searched again.
    method : BranchAndBound or None
        How far the levels above it are searched; None takes ``BranchAndBound()``.

    Returns
    -------
    KnownLevels
        The levels, or the lowest energy known if the optimum is not proven.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.problem.proven_levels import levels_above
    >>> problem = qx.testing.random_feature_selection(60, seed=1)
    >>> levels = levels_above(problem, qx.minimize(problem, seed=1))
    >>> levels.status.name, levels.degeneracy
    ('PROVEN', 1)
    """
    method = method or BranchAndBound()
    strict, nodes = _strict(problem), method.nodes_for(problem)
    lowest = float(problem.energy(optimum.occupations, offset=False))
    proven = optimum.status is OptimumStatus.OPTIMAL
    found = ListedLevels(np.array([lowest]), np.zeros(1, dtype=np.int64), lowest)
    known = KnownLevels(
        problem=problem,
        energies=found.energies,
        degeneracies=found.degeneracies,
        ceiling=found.ceiling,
        lower=lowest if proven else lowest - (optimum.energy - optimum.lower),
        state=optimum.occupations,
        ground_states=None,
        status=LevelStatus.PROVEN if proven else LevelStatus.BEST_KNOWN,
        method=method,
    )
    if not proven:
        return known
    tolerance = problem.ground_tolerance
    states = proven_states(strict, tolerance, method.num_states, NODES_PER_STATE * nodes)
    if states is None:
        return known
    is_ground = states.energies <= states.energies[0] + tolerance
    complete = len(states.energies) == 2**problem.num_qubits
    found = levels_of_states(states.energies, problem, complete)
    ground = states.occupations[is_ground]
    return replace(
        known,
        energies=found.energies,
        degeneracies=found.degeneracies,
        ceiling=found.ceiling,
        lower=float(found.energies[0]),
        state=states.occupations[0],
        ground_states=ground[np.lexsort(ground.T[::-1])] if found.degeneracies[0] else None,
    )
