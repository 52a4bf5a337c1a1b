"""The reduction of a problem: it fixes variables with a certain optimal value."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..results import Result, plain
from .accept import ProblemLike, as_problem
from .qubo import QuboProblem
from .roof import roof_duality

if TYPE_CHECKING:
    import pandas as pd

FREE = -1
"""The value of a variable that is not fixed."""

MERGING_SHARE = 0.25
"""The most that all mergers together may change an energy, in units of the ground tolerance."""


Pair = tuple[Hashable, Hashable]
"""The labels of two variables."""


@dataclass(frozen=True, eq=False, repr=False)
class Reduction(Result):
    """The variables of a problem that could be fixed, and the problem that remains.

    Attributes
    ----------
    original : QuboProblem
        The problem before the reduction.
    problem : QuboProblem or None
        The problem that remains, or None if every variable is fixed. Its offset contains the energy
        of the fixed variables, so that ``problem.energy(n) == original.energy(lift(n))``. An anneal
        of it has another gap and another spectrum than an anneal of the original.
    fixed : dict of hashable to int
        The value, 0 or 1, of each fixed variable, by its label.
    num_first_order : int
        The number of variables that first-order persistency fixed. The rules are tried in the order
        of these attributes again and again, so that each counts only what those before it did not
        fix.
    num_dominated : int
        The number of variables that dominance fixed.
    num_roof_duality : int
        The number of variables that roof duality fixed.
    num_merged : int
        The number of variables that were merged with an equivalent one.
    merged : tuple of pairs of hashable
        For each merger the label that stays and the label that goes; see :func:`reduce`.
    unmergeable : tuple of pairs of hashable
        Duplicates that both stay, because it can be optimal to select both.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, 0.2, -0.5], [[0, 0, 0.7], [0, 0, 0.1], [0, 0, 0]])
    >>> reduction = qx.reduce(problem)
    >>> reduction.fixed
    {0: 1, 1: 0, 2: 0}
    """

    original: QuboProblem
    problem: QuboProblem | None
    fixed: Mapping[Hashable, int]
    num_first_order: int
    num_dominated: int
    num_roof_duality: int
    num_merged: int
    merged: tuple[Pair, ...]
    unmergeable: tuple[Pair, ...]

    @property
    def num_fixed(self) -> int:
        """The number of fixed variables."""
        return len(self.fixed)

    @property
    def energy(self) -> float:
        """The energy of the fixed variables; the lowest energy if no variable remains."""
        rest = 0 if self.problem is None else self.problem.num_qubits
        return float(self.original.energy(self.lift(np.zeros(rest))))

    def __str__(self) -> str:
        rest = 0 if self.problem is None else self.problem.num_qubits
        solved = "which solves the problem" if rest == 0 else f"and {rest} are left for an annealer"
        return (
            f"{self.num_fixed} of {self.original.num_qubits} variables are decided without a "
            f"search ({self.num_first_order} by first-order persistency, {self.num_dominated} "
            f"dominated, {self.num_roof_duality} by roof duality, {self.num_merged} merged), "
            f"{solved}."
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table with one row for each variable of the original problem.

        Returns
        -------
        pandas.DataFrame
            With the index variable and the column value: 0 or 1 where it is fixed, else missing.
        """
        import pandas as pd

        labels = list(self.original.labels)
        values = [self.fixed.get(label) for label in labels]
        index = pd.Index(labels, name="variable", tupleize_cols=False)
        return pd.DataFrame({"value": pd.array(values, dtype="Int64")}, index=index)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain Python values.

        Returns
        -------
        dict of str
            The keys of ``qxgap reduce --json``: num_qubits, num_fixed, first_order, dominated,
            roof_duality, merged, unmergeable, energy_fixed, and the labels in ones and zeros.
        """
        return {
            "num_qubits": self.original.num_qubits,
            "num_fixed": self.num_fixed,
            "first_order": self.num_first_order,
            "dominated": self.num_dominated,
            "roof_duality": self.num_roof_duality,
            "merged": self.num_merged,
            "unmergeable": len(self.unmergeable),
            "energy_fixed": self.energy,
            "ones": plain([label for label, value in self.fixed.items() if value]),
            "zeros": plain([label for label, value in self.fixed.items() if not value]),
        }

    def lift(self, occupations: ArrayLike) -> NDArray[np.uint8]:
        """Return occupations of the original problem.

        Parameters
        ----------
        occupations : array_like, shape (..., d')
            Occupations of the reduced problem.

        Returns
        -------
        ndarray of uint8, shape (..., d)
            The same occupations, with the fixed variables at their values.

        Raises
        ------
        InputError
            If the last axis does not have one entry for each remaining variable.
        """
        reduced = np.asarray(occupations, dtype=np.uint8)
        rest = [i for i, label in enumerate(self.original.labels) if label not in self.fixed]
        if reduced.shape[-1:] != (len(rest),):
            raise InputError(
                f"occupations have shape {reduced.shape}; the last axis must be {len(rest)}"
            )
        lifted = np.empty((*reduced.shape[:-1], self.original.num_qubits), dtype=np.uint8)
        lifted[..., rest] = reduced
        for i, label in enumerate(self.original.labels):
            if label in self.fixed:
                lifted[..., i] = self.fixed[label]
        return lifted

    def lift_optima(self, occupations: ArrayLike) -> NDArray[np.uint8]:
        """Return all optima of the original problem.

        Parameters
        ----------
        occupations : array_like, shape (m, d')
            All optima of the reduced problem.

        Returns
        -------
        ndarray of uint8, shape (m', d)
            For each of them its lifted state, and the states in which a merged variable takes the
            place of the one that stayed.
        """
        states = self.lift(np.atleast_2d(np.asarray(occupations, dtype=np.uint8)))
        position = {label: i for i, label in enumerate(self.original.labels)}
        for representative, duplicate in reversed(self.merged):
            p, q = position[representative], position[duplicate]
            swapped = states[states[:, p] == 1]
            swapped[:, [p, q]] = 0, 1
            states = np.concatenate([states, swapped])
        return states


def reduce(problem: ProblemLike) -> Reduction:
    """Fix the variables that have the same value in every optimum.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.

    Returns
    -------
    Reduction
        The fixed variables and the problem that remains.

    Notes
    -----
    Four rules are applied until none of them fixes another variable. In the following, x is any
    state, J is symmetric, and r runs over the other variables.

    1. *First-order persistency.* If ``h_p + sum_r min(J_pr, 0) > 0``, selecting p always costs
       energy: n_p = 0 in every optimum. If ``h_p + sum_r max(J_pr, 0) < 0``, selecting p always
       gains energy: n_p = 1 in every optimum.
    2. *Dominance.* n_q = 0 in every optimum if for some p
       (a) ``h_q - h_p + sum_{r != p,q} min(J_qr - J_pr, 0) > 0`` and
       (b) ``h_q + J_pq + sum_{r != p,q} min(J_qr, 0) > 0``.
       Proof: let x have n_q = 1. If n_p = 0, selecting p in place of q changes the energy by
       ``h_p - h_q + sum_r (J_pr - J_qr) n_r``, which is negative by (a). If n_p = 1, leaving q out
       changes it by ``-(h_q + J_pq + sum_r J_qr n_r)``, which is negative by (b). So x is not an
       optimum.
    3. *Roof duality.* All optima share the values that the roof dual, the linear relaxation of the
       problem, fixes; the proof is in :mod:`qxgap.problem.roof`. This rule includes rule 1.
    4. *Merging.* p and q are duplicates if ``J_pr = J_qr`` for all r (equal feature maps, J = 1).
       Their energy depends on n_p, n_q and the field f of the others as ``h_p n_p + h_q n_q +
       J_pq n_p n_q + f (n_p + n_q)``. If h_p < h_q, (a) holds; if h_p = h_q, exchanging them
       changes nothing. In both cases selecting only q is never better than selecting only p. If
       (b) holds too, selecting both is not optimal, and the one variable p represents the pair
       exactly. For feature selection, (b) is ``tradeoff h_q < (1 - tradeoff) w``.
       **If (b) fails, the pair is not one variable**: depending on f, none, one or both can be
       optimal, and three outcomes need two bits. Such pairs remain and are listed in
       ``unmergeable``. (Rule 2 fixes one variable of the pairs with h_p < h_q. ``merged`` lists the
       pairs with h_p = h_q; :meth:`Reduction.lift_optima` returns the exchanged optima too.)

    An inequality must hold by more than ``problem.ground_tolerance``, so that the whole ground
    space, as ``ground_states`` defines it, is preserved. Two variables count as equal if exchanging
    them changes no energy by more than a quarter of that tolerance divided by d, so that all
    mergers together change none by more than a quarter of the tolerance. The problem that remains
    has the tolerance of the original, because its coefficients have the rounding errors of the
    original.

    References
    ----------
    Hammer, Hansen and Simeone, Math. Program. 28, 121 (1984); Boros and Hammer, Discrete Appl.
    Math. 123, 155 (2002).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, 0.2, -0.5], [[0, 0, 0.7], [0, 0, 0.1], [0, 0, 0]])
    >>> print(qx.reduce(problem))
    3 of 3 variables are decided without a search (3 by first-order persistency, 0 dominated, 0 by
    roof duality, 0 merged), which solves the problem.
    """
    problem = as_problem(problem)
    values = np.full(problem.num_qubits, FREE)
    counts = dict.fromkeys(RULES, 0)
    merged: list[Pair] = []
    rest: QuboProblem | None = problem
    while rest is not None:
        # After each success the first rule is tried again: it is cheap, and fixing one variable
        # often fixes others. The loop ends because every round fixes at least one variable.
        name, fixed = _first_success(rest, problem)
        if not fixed:
            break
        free = np.flatnonzero(values == FREE)
        counts[name] += len(fixed)
        if name == "merged":
            merged += [(rest.labels[stays], rest.labels[goes]) for goes, stays in fixed.items()]
            fixed = dict.fromkeys(fixed, 0)
        values[free[list(fixed)]] = list(fixed.values())
        rest = _restrict(problem, values)
    return Reduction(
        original=problem,
        problem=rest,
        fixed={problem.labels[i]: int(values[i]) for i in np.flatnonzero(values != FREE)},
        merged=tuple(merged),
        unmergeable=() if rest is None else _duplicate_labels(rest, problem),
        **{f"num_{name}": count for name, count in counts.items()},
    )


def _first_success(rest: QuboProblem, original: QuboProblem) -> tuple[str, dict[int, int]]:
    """Return the first rule that fixes something, and what it returns; nothing if none does."""
    for name, rule in RULES.items():
        if fixed := rule(rest, original):
            return name, fixed
    return "", {}


def _restrict(problem: QuboProblem, values: NDArray[np.int_]) -> QuboProblem | None:
    """Return the problem of the free variables, or None if there are none."""
    free, ones = values == FREE, values == 1
    if not free.any():
        return None
    symmetric = problem.J + problem.J.T
    return QuboProblem(
        problem.h[free] + symmetric[np.ix_(free, ones)].sum(axis=1),
        problem.J[np.ix_(free, free)],
        labels=tuple(label for label, is_free in zip(problem.labels, free, strict=True) if is_free),
        offset=float(problem.energy(ones)),
        meta={"reduced_from": problem.content_hash},
        tolerance=problem.ground_tolerance,
    )


def _first_order(rest: QuboProblem, original: QuboProblem) -> dict[int, int]:
    """Apply rule 1 of :func:`reduce`."""
    symmetric = rest.J + rest.J.T
    costs = rest.h + np.minimum(symmetric, 0.0).sum(axis=1) > original.ground_tolerance
    pays = rest.h + np.maximum(symmetric, 0.0).sum(axis=1) < -original.ground_tolerance
    return {int(p): int(pays[p]) for p in np.flatnonzero(costs | pays)}


def _dominated(rest: QuboProblem, original: QuboProblem) -> dict[int, int]:
    """Apply rule 2 of :func:`reduce`: q is 0 if (a) and (b) hold for one p."""
    symmetric, tolerance = rest.J + rest.J.T, original.ground_tolerance
    fixed = {}
    for q in range(rest.num_qubits):
        gain = _swap_cost(rest.h, symmetric, q)
        if np.any((gain > tolerance) & (_both_cost(rest.h, symmetric, q) > tolerance)):
            fixed[q] = 0
    return fixed


def _swap_cost(h: NDArray, symmetric: NDArray, q: int) -> NDArray[np.float64]:
    """Return (a) for every p: the least additional cost of q in place of p; -inf at p = q."""
    others = np.minimum(symmetric[q] - symmetric, 0.0)  # [p, r]
    np.fill_diagonal(others, 0.0)
    others[:, q] = 0.0
    cost: NDArray[np.float64] = h[q] - h + others.sum(axis=1)
    cost[q] = -np.inf
    return cost


def _both_cost(h: NDArray, symmetric: NDArray, q: int) -> NDArray[np.float64]:
    """Return (b) for every p: the least cost of selecting q when p is selected."""
    negative = np.minimum(symmetric[q], 0.0)
    cost: NDArray[np.float64] = h[q] + symmetric[q] + negative.sum() - negative
    return cost


def _roof_duality(rest: QuboProblem, original: QuboProblem) -> dict[int, int]:
    """Apply rule 3 of :func:`reduce`."""
    return roof_duality(rest, original.ground_tolerance)[1]


def _duplicates(rest: QuboProblem, original: QuboProblem) -> list[tuple[int, int]]:
    """Return pairs (p, q) with equal couplings to all others; p has the lower h."""
    symmetric, tolerance = rest.J + rest.J.T, _merging_tolerance(original)
    pairs = []
    for q in range(rest.num_qubits):
        difference = np.abs(symmetric - symmetric[q])  # [p, r]
        np.fill_diagonal(difference, 0.0)
        difference[:, q] = 0.0
        same = np.flatnonzero(difference[:q].sum(axis=1) <= tolerance)
        pairs += [(int(p), q) if rest.h[p] <= rest.h[q] else (q, int(p)) for p in same]
    return pairs


def _merging_tolerance(original: QuboProblem) -> float:
    """Return the largest difference of two rows of J, or of two h, that counts as none."""
    return MERGING_SHARE * original.ground_tolerance / original.num_qubits


def _duplicate_labels(rest: QuboProblem, original: QuboProblem) -> tuple[Pair, ...]:
    """Return the labels of all pairs of duplicates."""
    return tuple((rest.labels[p], rest.labels[q]) for p, q in _duplicates(rest, original))


def _equivalent(rest: QuboProblem, original: QuboProblem) -> dict[int, int]:
    """Apply rule 4 of :func:`reduce`: return one variable that goes, and the one that stays."""
    for p, q in _duplicates(rest, original):
        equal = abs(rest.h[p] - rest.h[q]) <= _merging_tolerance(original)
        both = _both_cost(rest.h, rest.J + rest.J.T, q)[p]
        if equal and both > original.ground_tolerance:
            return {q: p}
    return {}


RULES: Mapping[str, Callable[[QuboProblem, QuboProblem], dict[int, int]]] = {
    "first_order": _first_order,
    "dominated": _dominated,
    "roof_duality": _roof_duality,
    "merged": _equivalent,
}
"""The rules, in the order in which they are tried.

Each takes the remaining and the original problem and returns values by index of the remaining one;
``merged`` returns the index of the variable that stays.
"""
