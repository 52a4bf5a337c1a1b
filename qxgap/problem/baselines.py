"""Selections that need no annealer, beside the exact one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..statistics.seeds import random_generator
from .accept import ProblemLike, as_problem
from .feature_selection import FeatureSelection
from .optimum import Optimum, minimize, steepest_descent
from .qubo import QuboProblem

if TYPE_CHECKING:
    import pandas as pd

Labels = tuple[Hashable, ...]


@dataclass(frozen=True, eq=False)
class Selections:
    """The selections of one problem by every method; labels in qubit order.

    Attributes
    ----------
    exact : of lowest energy; ``optimum`` says whether that is proven.
    greedy : by steepest descent in single flips from the empty selection.
    top_k : the k most important variables, couplings ignored; k is the size of ``exact``.
    random_k : k variables drawn uniformly.
    all_positive : every variable of positive importance.
    """

    problem: QuboProblem
    optimum: Optimum
    exact: Labels
    greedy: Labels
    top_k: Labels
    random_k: Labels
    all_positive: Labels

    @property
    def k(self) -> int:
        """The size of the exact selection."""
        return len(self.exact)

    @property
    def by_method(self) -> Mapping[str, Labels]:
        """Method -> labels, in the order above, under the names to print."""
        return {
            "exact": self.exact,
            "greedy": self.greedy,
            "top-k": self.top_k,
            "random-k": self.random_k,
            "all positive": self.all_positive,
        }

    def energy(self, labels: Labels) -> float:
        """Energy of a selection, offset included."""
        return float(self.problem.energy(self._occupations(labels)))

    def excess(self, labels: Labels) -> float:
        """Energy of a selection above that of ``exact``."""
        energy = self.problem.energy(self._occupations(labels), offset=False)
        return float(energy - self.problem.energy(self.optimum.occupations, offset=False))

    def is_optimal(self, labels: Labels) -> bool:
        """Whether a selection reaches the lowest energy known, within the ground tolerance."""
        return self.excess(labels) <= self.problem.ground_tolerance

    def _occupations(self, labels: Labels) -> list[bool]:
        chosen = set(labels)
        return [label in chosen for label in self.problem.labels]

    def to_frame(self) -> pd.DataFrame:
        """One row per method: labels, size, energy, excess over ``exact``, is_optimal."""
        import pandas as pd

        rows = [
            {
                "method": name,
                "labels": list(labels),
                "size": len(labels),
                "energy": self.energy(labels),
                "excess": self.excess(labels),
                "is_optimal": self.is_optimal(labels),
            }
            for name, labels in self.by_method.items()
        ]
        return pd.DataFrame(rows).set_index("method")


def selections(
    problem: ProblemLike,
    alpha: ArrayLike | None = None,
    *,
    seed: int | np.random.Generator,
    max_nodes: int = 200_000,
) -> Selections:
    """Select by every method.

    Parameters
    ----------
    alpha : (d,) importance that top-k ranks by; by default that of the problem's ``source`` if it
        has a value for each variable, else ``-h``, which ranks alike but for rounding.
    seed : of random-k, and of the starts of :func:`minimize`.
    max_nodes : of :func:`minimize`.

    Raises
    ------
    InputError : for an alpha of another shape or with values that are not finite.
    """
    problem = as_problem(problem)
    rng = random_generator(seed)
    ranked = _importance(problem, alpha)
    optimum = minimize(problem, max_nodes=max_nodes, seed=rng)
    k = len(optimum.selection)
    drawn = rng.choice(problem.num_qubits, size=k, replace=False)
    descended = steepest_descent(problem, np.zeros((1, problem.num_qubits), dtype=np.int8))[0]
    return Selections(
        problem=problem,
        optimum=optimum,
        exact=optimum.selection,
        greedy=_labels(problem, np.flatnonzero(descended)),
        top_k=top_k(problem, k, ranked),
        random_k=_labels(problem, drawn),
        all_positive=_labels(problem, np.flatnonzero(ranked > 0)),
    )


def top_k(problem: ProblemLike, k: int, alpha: ArrayLike | None = None) -> Labels:
    """Labels of the ``k`` largest ``alpha`` (see :func:`selections`); ties go in qubit order."""
    problem = as_problem(problem)
    if not 0 <= k <= problem.num_qubits:
        raise InputError(f"top {k} asked of {problem.num_qubits} variables")
    ranking = np.argsort(-_importance(problem, alpha), kind="stable")
    return _labels(problem, ranking[:k])


def _importance(problem: QuboProblem, alpha: ArrayLike | None) -> NDArray[np.float64]:
    if alpha is None:
        source = problem.source
        known = source.alpha if isinstance(source, FeatureSelection) else None
        return known if known is not None and known.shape == problem.h.shape else -problem.h
    ranked = np.asarray(alpha, dtype=np.float64)
    if ranked.shape != problem.h.shape or not np.isfinite(ranked).all():
        raise InputError(
            f"alpha has shape {ranked.shape}; give one finite number for each of "
            f"{problem.num_qubits} variables"
        )
    return ranked


def _labels(problem: QuboProblem, qubits: NDArray[np.integer]) -> Labels:
    return tuple(problem.labels[p] for p in np.sort(qubits))
