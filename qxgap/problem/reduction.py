"""Variables whose optimal value can be told beforehand: a smaller problem with the same optima."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .accept import ProblemLike, as_problem
from .qubo import QuboProblem
from .roof import roof_duality

FREE = -1

MERGING_SHARE = 0.25
"""What all mergers of duplicates together may change of an energy, in ground tolerances."""


@dataclass(frozen=True, eq=False)
class Reduction:
    """A problem, what could be fixed of it, and what remains.

    Attributes
    ----------
    original, problem : before and after; ``problem`` is None if every variable was fixed. Energies
        are equal, the fixed part is in the offset: ``problem.energy(n) ==
        original.energy(lift(n))``. Gaps and spectra of an anneal are those of another problem.
    fixed : label -> 0 or 1.
    num_first_order, num_dominated, num_roof_duality, num_merged : how many variables each rule
        fixed. They are tried in this order, again and again, so that a rule is credited with what
        those before it did not find.
    merged : (kept, dropped) labels of equivalent variables; see :func:`reduce`.
    unmergeable : pairs of duplicates that remain, because both together may be optimal.
    """

    original: QuboProblem
    problem: QuboProblem | None
    fixed: Mapping[Hashable, int]
    num_first_order: int
    num_dominated: int
    num_roof_duality: int
    num_merged: int
    merged: tuple[tuple[Hashable, Hashable], ...]
    unmergeable: tuple[tuple[Hashable, Hashable], ...]

    @property
    def num_fixed(self) -> int:
        """How many variables are gone."""
        return len(self.fixed)

    @property
    def energy(self) -> float:
        """The fixed part of the energy: the optimum itself if nothing remains."""
        rest = 0 if self.problem is None else self.problem.num_qubits
        return float(self.original.energy(self.lift(np.zeros(rest))))

    def __str__(self) -> str:
        return (
            f"{self.num_fixed} of {self.original.num_qubits} variables fixed "
            f"({self.num_first_order} by first-order persistency, {self.num_dominated} dominated, "
            f"{self.num_roof_duality} by roof duality, {self.num_merged} merged); "
            f"{len(self.unmergeable)} pairs of duplicates remain"
        )

    def lift(self, occupations: ArrayLike) -> NDArray[np.uint8]:
        """Occupations of the reduced problem, S + (d',), as those of the original, S + (d,)."""
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
        """All optima of the original from all of the reduced problem, (m, d') -> (m', d).

        Each lifted state comes with those where a merged variable stands in for the one kept.
        """
        states = self.lift(np.atleast_2d(np.asarray(occupations, dtype=np.uint8)))
        position = {label: i for i, label in enumerate(self.original.labels)}
        for kept, dropped in reversed(self.merged):
            p, q = position[kept], position[dropped]
            swapped = states[states[:, p] == 1]
            swapped[:, [p, q]] = 0, 1
            states = np.concatenate([states, swapped])
        return states


def reduce(problem: ProblemLike) -> Reduction:
    """Fix what can be fixed without losing an optimum.

    Four rules, until none finds anything. ``x`` is any state, J symmetric, r another variable.

    1. *First-order persistency.* If ``h_p + sum_r min(J_pr, 0) > 0`` then taking p always costs,
       so n_p = 0 in every optimum; if ``h_p + sum_r max(J_pr, 0) < 0`` it always pays: n_p = 1.
    2. *Dominance.* n_q = 0 in every optimum if for some p
       (a) ``h_q - h_p + sum_{r != p,q} min(J_qr - J_pr, 0) > 0`` and
       (b) ``h_q + J_pq + sum_{r != p,q} min(J_qr, 0) > 0``.
       Proof: let x have n_q = 1. If n_p = 0, having p in place of q changes the energy by
       ``h_p - h_q + sum_r (J_pr - J_qr) n_r``, negative by (a). If n_p = 1, dropping q changes it
       by ``-(h_q + J_pq + sum_r J_qr n_r)``, negative by (b). So x is no optimum.
    3. *Roof duality*: values that all optima share by the roof dual, the linear relaxation of the
       problem; proof in :mod:`qxgap.problem.roof`. It includes rule 1.
    4. *Merging.* p and q are duplicates if ``J_pr = J_qr`` for all r (equal feature maps, J = 1).
       Their energy depends on n_p, n_q and the field f of the others as ``h_p n_p + h_q n_q +
       J_pq n_p n_q + f (n_p + n_q)``. With h_p < h_q, (a) holds; with h_p = h_q, exchanging them
       changes nothing. In both cases having q alone is never better than having p alone, and if
       (b) holds then both together are no optimum either: one variable, p, stands for the pair,
       exactly. For feature selection (b) reads ``tradeoff h_q < (1 - tradeoff) w``.
       **If (b) fails the pair is not one variable**: none, one and both can each be optimal as f
       varies, and three outcomes need two bits. Such pairs stay, listed as ``unmergeable``.
       (Rule 2 takes the pairs with h_p < h_q; ``merged`` are those with h_p = h_q, where
       :meth:`Reduction.lift_optima` brings the exchanged optima back.)

    Inequalities count when they hold by more than ``problem.ground_tolerance``, so that the whole
    ground space, as ``ground_states`` defines it, is kept. Equalities count when exchanging the
    pair changes no energy by more than a quarter of that tolerance divided by d, so that all
    mergers together change none by more than a quarter of it. What remains keeps the tolerance of
    the original, since its coefficients carry the original's rounding.

    Sources: Hammer, Hansen and Simeone, Math. Program. 28, 121 (1984); Boros and Hammer, Discrete
    Appl. Math. 123, 155 (2002).
    """
    problem = as_problem(problem)
    values = np.full(problem.num_qubits, FREE)
    counts = dict.fromkeys(RULES, 0)
    merged: list[tuple[Hashable, Hashable]] = []
    rest: QuboProblem | None = problem
    while rest is not None:
        name, found = next(
            ((name, found) for name, rule in RULES.items() if (found := rule(rest, problem))),
            ("", {}),
        )
        if not found:
            break
        free = np.flatnonzero(values == FREE)
        counts[name] += len(found)
        if name == "merged":
            merged += [(rest.labels[kept], rest.labels[gone]) for gone, kept in found.items()]
            found = dict.fromkeys(found, 0)
        values[free[list(found)]] = list(found.values())
        rest = _restrict(problem, values)
    return Reduction(
        original=problem,
        problem=rest,
        fixed={problem.labels[i]: int(values[i]) for i in np.flatnonzero(values != FREE)},
        merged=tuple(merged),
        unmergeable=() if rest is None else _duplicate_labels(rest, problem),
        **{f"num_{name}": count for name, count in counts.items()},
    )


def _restrict(problem: QuboProblem, values: NDArray[np.int_]) -> QuboProblem | None:
    """The problem of the free variables, the others at their values."""
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
    symmetric = rest.J + rest.J.T
    costs = rest.h + np.minimum(symmetric, 0.0).sum(axis=1) > original.ground_tolerance
    pays = rest.h + np.maximum(symmetric, 0.0).sum(axis=1) < -original.ground_tolerance
    return {int(p): int(pays[p]) for p in np.flatnonzero(costs | pays)}


def _dominated(rest: QuboProblem, original: QuboProblem) -> dict[int, int]:
    symmetric, tolerance = rest.J + rest.J.T, original.ground_tolerance
    found = {}
    for q in range(rest.num_qubits):
        gain = _swap_cost(rest.h, symmetric, q)
        if np.any((gain > tolerance) & (_both_cost(rest.h, symmetric, q) > tolerance)):
            found[q] = 0
    return found


def _swap_cost(h: NDArray, symmetric: NDArray, q: int) -> NDArray[np.float64]:
    """(a) for every p: the least by which q alone costs more than p alone; -inf at p = q."""
    others = np.minimum(symmetric[q] - symmetric, 0.0)  # [p, r]
    np.fill_diagonal(others, 0.0)
    others[:, q] = 0.0
    cost: NDArray[np.float64] = h[q] - h + others.sum(axis=1)
    cost[q] = -np.inf
    return cost


def _both_cost(h: NDArray, symmetric: NDArray, q: int) -> NDArray[np.float64]:
    """(b) for every p: the least that q costs when p is taken."""
    negative = np.minimum(symmetric[q], 0.0)
    cost: NDArray[np.float64] = h[q] + symmetric[q] + negative.sum() - negative
    return cost


def _roof_duality(rest: QuboProblem, original: QuboProblem) -> dict[int, int]:
    return roof_duality(rest, original.ground_tolerance)[1]


def _duplicates(rest: QuboProblem, original: QuboProblem) -> list[tuple[int, int]]:
    """Pairs p, q, p of the lower h, whose couplings to all others agree."""
    symmetric, tolerance = rest.J + rest.J.T, _merging_tolerance(original)
    pairs = []
    for q in range(rest.num_qubits):
        apart = np.abs(symmetric - symmetric[q])
        np.fill_diagonal(apart, 0.0)
        apart[:, q] = 0.0
        same = np.flatnonzero(apart[:q].sum(axis=1) <= tolerance)
        pairs += [(int(p), q) if rest.h[p] <= rest.h[q] else (q, int(p)) for p in same]
    return pairs


def _merging_tolerance(original: QuboProblem) -> float:
    """By how much the rows of J, or the h, of two variables may differ that are one variable."""
    return MERGING_SHARE * original.ground_tolerance / original.num_qubits


def _duplicate_labels(
    rest: QuboProblem, original: QuboProblem
) -> tuple[tuple[Hashable, Hashable], ...]:
    return tuple((rest.labels[p], rest.labels[q]) for p, q in _duplicates(rest, original))


def _equivalent(rest: QuboProblem, original: QuboProblem) -> dict[int, int]:
    """One variable to drop -> the one that stands for it."""
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
"""Each maps (what remains, original) to values by index; ``merged`` to the index kept."""
