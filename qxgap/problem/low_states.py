"""The lowest states of a problem, proven by branch and bound.

A node has selected a set S of variables and left a set C open, as in :mod:`qxgap.problem.branch`.
Here every state counts, not only the best one, so no variable is closed because it gains nothing.
A subset T of C with k >= 1 variables lowers the energy by at most the sum of the k largest
``g_p - m_p / 2`` over *all* open variables, where ``g_p`` is the gain of p and ``m_p`` the sum of
its k - 1 smallest couplings within C. A subtree is cut if that cannot bring it below the highest
of the states that are wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import require_whole
from ..compiled import njit
from ..errors import InputError
from ..results import Result, plain
from .accept import ProblemLike, as_problem
from .branch import insert
from .qubo import QuboProblem

MOST_GROUND_STATES = 10_000
"""Largest number of ground states that are listed one by one."""

MAX_NODES = 20_000_000
"""Number of nodes after which a search ends without a proof."""


@dataclass(frozen=True, eq=False, repr=False)
class LowStates(Result):
    """The lowest states of a problem.

    Attributes
    ----------
    energies : ndarray of float, shape (m,)
        Their energies, ascending, without the problem's offset.
    occupations : ndarray of uint8, shape (m, d)
        The states, in the order of the energies.
    is_proven : bool
        Whether no other state has a lower energy than the highest of these, to rounding, or none
        up to the energy that was given as the highest.
    nodes : int
        Number of nodes that were searched.
    """

    energies: NDArray[np.float64]
    occupations: NDArray[np.uint8]
    is_proven: bool
    nodes: int

    def to_dict(self) -> dict[str, Any]:
        """Return energies, states, proof and nodes as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name; arrays as lists.
        """
        return plain(vars(self))

    def __str__(self) -> str:
        proof = "proven" if self.is_proven else "not proven: the search was cut short"
        levels = ", ".join(f"{energy:.6g}" for energy in self.energies[:3])
        more = ", ..." if self.energies.size > 3 else ""
        return f"{self.energies.size} lowest states with energies {levels}{more} ({proof})"


@njit(cache=True)
def _largest_change(  # type: ignore[no-untyped-def]
    couplings, ranking, gain, is_open, needed, nonnegative, least_coupling, position, largest
):
    """Return a bound of the gain of any subset of at least one open variable.

    The scan over the size of the subset ends early once the bound exceeds ``needed``.
    """
    d, others = ranking.shape
    num_open = 0
    for p in range(d):
        least_coupling[p] = 0.0
        position[p] = 0
        num_open += is_open[p]
    best = -np.inf
    for k in range(1, num_open + 1):
        count = 0
        for p in range(d):
            if is_open[p]:
                insert(gain[p] - 0.5 * least_coupling[p], k, min(count, k), largest)
                count += 1
        total = 0.0
        for i in range(k):
            total += largest[i]
        best = max(best, total)
        # With couplings that are not negative every term falls as k grows; if the k-th term is
        # negative already, larger subsets gain less.
        if best > needed or (nonnegative and largest[k - 1] < 0.0):
            return best
        for p in range(d):
            if is_open[p]:
                while position[p] < others and not is_open[ranking[p, position[p]]]:
                    position[p] += 1
                if position[p] < others:
                    least_coupling[p] += couplings[p, ranking[p, position[p]]]
                    position[p] += 1
    return best


@njit(cache=True)
def _keep(energy, chosen, top, energies, states, number):  # type: ignore[no-untyped-def]
    """Insert the selection of the stack's top into the sorted list; return the list's length."""
    if number == energies.size and energy >= energies[number - 1]:
        return number
    i = min(number, energies.size - 1)
    while i > 0 and energies[i - 1] > energy:
        energies[i] = energies[i - 1]
        states[i] = states[i - 1]
        i -= 1
    energies[i] = energy
    states[i] = False
    for row in range(1, top + 1):
        states[i, chosen[row]] = True
    return min(number + 1, energies.size)


@njit(cache=True)
def _enumerate(  # type: ignore[no-untyped-def]
    linear, couplings, ranking, tolerance, highest, max_nodes, energies, states
):
    """Fill ``energies`` and ``states`` with the lowest states; return nodes and completeness."""
    d = linear.size
    gain, is_open = np.zeros((d + 1, d)), np.ones((d + 1, d), np.bool_)
    energy, chosen = np.zeros(d + 1), np.zeros(d + 1, np.int64)
    least_coupling, position = np.zeros(d), np.zeros(d, np.int64)
    largest = np.zeros(d)
    nonnegative = couplings.min() >= 0.0
    gain[0] = -linear
    number = _keep(0.0, chosen, 0, energies, states, 0) if highest >= 0.0 else 0
    top, nodes = 0, 0
    while top >= 0 and nodes < max_nodes:
        nodes += 1
        wanted = energies[-1] if number == energies.size else highest
        # A subset below this node is of interest if energy - gain < wanted.
        needed = energy[top] - wanted + tolerance
        potential = _largest_change(
            couplings,
            ranking,
            gain[top],
            is_open[top],
            needed,
            nonnegative,
            least_coupling,
            position,
            largest,
        )
        if potential <= needed:
            top -= 1
            continue
        p = -1
        for q in range(d):
            if is_open[top, q] and (p < 0 or gain[top, q] > gain[top, p]):
                p = q
        is_open[top, p] = False
        gain[top + 1] = gain[top] - couplings[p]
        is_open[top + 1] = is_open[top]
        energy[top + 1], chosen[top + 1] = energy[top] - gain[top, p], p
        top += 1
        if energy[top] <= highest:
            number = _keep(energy[top], chosen, top, energies, states, number)
    return nodes, top < 0


def lowest_states(
    problem: ProblemLike,
    count: int,
    *,
    highest: float = np.inf,
    max_nodes: int = MAX_NODES,
) -> LowStates:
    """Find the lowest states of a problem, with a proof that none was missed.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    count : int
        Number of states. Of states with equal energies at the end of the list, some are returned.
    highest : float
        Only states up to this energy are wanted, offset not included.
    max_nodes : int
        Number of nodes after which the search ends; ``is_proven`` is then False.

    Returns
    -------
    LowStates
        The states, the lowest first; 2^d of them if there are no more.

    Raises
    ------
    InputError
        If ``count`` or ``max_nodes`` is less than 1.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.problem import lowest_states
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 0.7], [0.0, 0.0]])
    >>> states = lowest_states(problem, 3)
    >>> states.energies.round(6).tolist(), states.is_proven
    ([-1.0, -0.8, -0.5], True)
    """
    problem = as_problem(problem)
    for name, value in (("count", count), ("max_nodes", max_nodes)):
        require_whole(value, name, "a whole number above 0")
        if value < 1:
            raise InputError(f"{name} = {value}; give a whole number above 0")
    d = problem.num_qubits
    count = min(count, 2**d)
    symmetric = problem.J + problem.J.T
    others = symmetric + np.diag(np.full(d, np.inf))
    energies, states = np.full(count, np.inf), np.zeros((count, d), np.bool_)
    nodes, complete = _enumerate(
        problem.h,
        symmetric,
        np.argsort(others, axis=1, kind="stable")[:, : d - 1],
        problem.ground_tolerance,
        highest,
        max_nodes,
        energies,
        states,
    )
    found = np.isfinite(energies)
    exact = problem.energy(states[found], offset=False)
    order = np.argsort(exact, kind="stable")
    return LowStates(exact[order], states[found][order].astype(np.uint8), complete, int(nodes))


def proven_states(
    problem: QuboProblem, tolerance: float, count: int, max_nodes: int
) -> LowStates | None:
    """Return the lowest states, more of them if they all are one level; None without proof."""
    states = lowest_states(problem, count, max_nodes=max_nodes)
    if not states.is_proven:
        states = lowest_states(problem, 2, max_nodes=max_nodes)
        return states if states.is_proven else None
    is_level = np.diff(states.energies).max(initial=0.0) <= tolerance
    listed = len(states.energies)
    if not is_level or listed == 2**problem.num_qubits or count >= MOST_GROUND_STATES:
        return states
    return proven_states(problem, tolerance, 10 * count, max_nodes) or states


@dataclass(frozen=True, eq=False)
class ListedLevels:
    """Levels made of the lowest states, complete below the ceiling."""

    energies: NDArray[np.float64]
    degeneracies: NDArray[np.int64]
    ceiling: float


def levels_of_states(
    states: NDArray[np.float64], problem: QuboProblem, complete: bool
) -> ListedLevels:
    """Return the levels of the ascending energies of the lowest states.

    Unless these are all states, the highest level may have more states than are listed. It is left
    out then, and its energy is the ceiling.
    """
    starts = np.flatnonzero(np.diff(states, prepend=-np.inf) > problem.ground_tolerance)
    energies, degeneracies = states[starts], np.diff(starts, append=states.size)
    if complete:
        return ListedLevels(energies, degeneracies, np.inf)
    if len(energies) == 1:
        return ListedLevels(energies, np.zeros(1, dtype=np.int64), float(energies[0]))
    return ListedLevels(energies[:-1], degeneracies[:-1], float(energies[-1]))
