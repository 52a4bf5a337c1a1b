"""Selections that need no annealer: the exact selection, and simple ones for comparison."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..results import Result, plain
from ..statistics.seeds import Seed, random_generator
from .accept import ProblemLike, as_problem
from .feature_selection import FeatureSelection
from .optimum import Optimum, OptimumStatus, minimize, steepest_descent
from .qubo import QuboProblem

if TYPE_CHECKING:
    import pandas as pd

Labels = tuple[Hashable, ...]
"""The labels of the selected variables."""


@dataclass(frozen=True, eq=False, repr=False)
class Selections(Result):
    """The selections that five methods make for one problem; labels are in qubit order.

    Attributes
    ----------
    problem : QuboProblem
        The problem.
    optimum : Optimum
        The result of :func:`minimize`; its status says whether ``exact`` is proven to be optimal.
    exact : tuple of hashable
        The selection of lowest energy.
    greedy : tuple of hashable
        The result of steepest descent by single flips from the empty selection.
    top_k : tuple of hashable
        The k most important variables, without regard to couplings; k is the size of ``exact``.
    random_k : tuple of hashable
        k variables that are drawn at random.
    all_positive : tuple of hashable
        All variables of positive importance.

    Examples
    --------
    >>> import qxgap as qx
    >>> result = qx.selections(qx.testing.random_feature_selection(8, seed=4), seed=1)
    >>> result.is_optimal(result.exact)
    True
    >>> len(result.top_k) == len(result.exact) == result.k
    True
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
        """The selections by the name of the method, in the order of the attributes."""
        return {
            "exact": self.exact,
            "greedy": self.greedy,
            "top-k": self.top_k,
            "random-k": self.random_k,
            "all positive": self.all_positive,
        }

    def energy(self, labels: Labels) -> float:
        """Return the energy of a selection, offset included.

        Parameters
        ----------
        labels : tuple of hashable
            The labels of the selected variables.

        Returns
        -------
        float
            The energy.
        """
        return float(self.problem.energy(self._occupations(labels)))

    def excess(self, labels: Labels) -> float:
        """Return the energy of a selection above that of ``exact``.

        Parameters
        ----------
        labels : tuple of hashable
            The labels of the selected variables.

        Returns
        -------
        float
            The difference of the energies.
        """
        energy = self.problem.energy(self._occupations(labels), offset=False)
        return float(energy - self.problem.energy(self.optimum.occupations, offset=False))

    def is_optimal(self, labels: Labels) -> bool:
        """Return whether a selection has the lowest energy known, to within the ground tolerance.

        Parameters
        ----------
        labels : tuple of hashable
            The labels of the selected variables.

        Returns
        -------
        bool
            Whether it is optimal.
        """
        return self.excess(labels) <= self.problem.ground_tolerance

    def _occupations(self, labels: Labels) -> list[bool]:
        """Return for each variable whether it is selected."""
        selected = set(labels)
        return [label in selected for label in self.problem.labels]

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table with one row for each method.

        Returns
        -------
        pandas.DataFrame
            With the index method and the columns labels, size, energy, excess (over ``exact``) and
            is_optimal.
        """
        import pandas as pd

        return pd.DataFrame(self._rows()).set_index("method")

    def _rows(self) -> list[dict[str, Any]]:
        """Return the columns of each method."""
        return [
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

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain Python values.

        Returns
        -------
        dict of str
            num_qubits, num_fixed, status and lower, as in ``qxgap select --json``, and under
            ``selections`` the rows of :meth:`to_dataframe`.
        """
        return {
            "num_qubits": self.problem.num_qubits,
            "num_fixed": self.optimum.num_fixed,
            "status": self.optimum.status.name,
            "lower": self.optimum.lower,
            "selections": plain(self._rows()),
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw which variables each rule selects, and how far its energy is above the best one.

        Parameters
        ----------
        ax : sequence of two matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import selection_matrix  # loads matplotlib

        excess = [max(self.excess(labels), 0.0) for labels in self.by_method.values()]
        return selection_matrix(self.problem.labels, self.by_method, excess, ax=ax)

    def __str__(self) -> str:
        proven = self.optimum.status is OptimumStatus.OPTIMAL
        text = (
            f"The best selection{'' if proven else ' found'} has {self.k} of "
            f"{self.problem.num_qubits} variables, at energy {self.energy(self.exact):.4g}"
            f"{', which is proven' if proven else ', which is not proven'}."
        )
        others = {name: labels for name, labels in self.by_method.items() if name != "exact"}
        equal = [name for name, labels in others.items() if self.is_optimal(labels)]
        worse = [
            f"{name} by {self.excess(labels):.2g}"
            for name, labels in others.items()
            if name not in equal
        ]
        if equal:
            text += f" The same energy: {', '.join(equal)}."
        if worse:
            text += f" Higher: {', '.join(worse)}."
        return text


def selections(
    problem: ProblemLike,
    alpha: ArrayLike | None = None,
    *,
    seed: Seed = None,
    max_nodes: int = 200_000,
) -> Selections:
    """Select variables exactly and by four simple methods.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    alpha : array_like of float or None, shape (d,)
        The importance by which top-k ranks. None takes ``problem.source.alpha`` if that has a value
        for each variable, else ``-h``, which ranks in the same way except for rounding.
    seed : int, numpy.random.Generator or None
        Seed of random-k, and of the starts of :func:`minimize`.
    max_nodes : int
        The number of nodes after which the exact search ends, see :func:`minimize`.

    Returns
    -------
    Selections
        The selections, with their energies.

    Raises
    ------
    InputError
        If ``alpha`` has another shape or values that are not finite.

    Examples
    --------
    >>> import qxgap as qx
    >>> selection = qx.FeatureSelection([1.0, 0.9, 0.5], [[0, 1, 0], [1, 0, 0], [0, 0, 0]], 0.4)
    >>> result = qx.selections(selection.qubo(), seed=1)
    >>> result.exact, result.top_k
    ((0, 2), (0, 1))
    """
    problem = as_problem(problem)
    rng = random_generator(seed)
    ranked = _importance(problem, alpha)
    optimum = minimize(problem, max_nodes=max_nodes, seed=rng)
    k = len(optimum.selection)
    random = rng.choice(problem.num_qubits, size=k, replace=False)
    descended = steepest_descent(problem, np.zeros((1, problem.num_qubits), dtype=np.int8))[0]
    return Selections(
        problem=problem,
        optimum=optimum,
        exact=optimum.selection,
        greedy=_labels(problem, np.flatnonzero(descended)),
        top_k=top_k(problem, k, ranked),
        random_k=_labels(problem, random),
        all_positive=_labels(problem, np.flatnonzero(ranked > 0)),
    )


def top_k(problem: ProblemLike, k: int, alpha: ArrayLike | None = None) -> Labels:
    """Return the labels of the k most important variables.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    k : int
        The number of variables.
    alpha : array_like of float or None, shape (d,)
        The importance, see :func:`selections`. Of equal values the one that is first in qubit order
        ranks higher.

    Returns
    -------
    tuple of hashable
        The labels, in qubit order.

    Raises
    ------
    InputError
        If k is negative or larger than the number of variables.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.problem import top_k
    >>> top_k(qx.QuboProblem([-0.2, -0.9, -0.5], [[0.0] * 3] * 3), 2)
    (1, 2)
    """
    problem = as_problem(problem)
    if not 0 <= k <= problem.num_qubits:
        raise InputError(
            f"top {k} of {problem.num_qubits} variables; give k from 0 to {problem.num_qubits}"
        )
    ranking = np.argsort(-_importance(problem, alpha), kind="stable")
    return _labels(problem, ranking[:k])


def _importance(problem: QuboProblem, alpha: ArrayLike | None) -> NDArray[np.float64]:
    """Return the importance of each variable, shape (d,), by which top-k ranks."""
    if alpha is None:
        source = problem.source
        stored = source.alpha if isinstance(source, FeatureSelection) else None
        return stored if stored is not None and stored.shape == problem.h.shape else -problem.h
    ranked = np.asarray(alpha, dtype=np.float64)
    if ranked.shape != problem.h.shape or not np.isfinite(ranked).all():
        raise InputError(
            f"alpha has shape {ranked.shape}; give one finite number for each of "
            f"{problem.num_qubits} variables"
        )
    return ranked


def _labels(problem: QuboProblem, qubits: NDArray[np.integer]) -> Labels:
    """Return the labels of qubits, in qubit order."""
    return tuple(problem.labels[p] for p in np.sort(qubits))


def mean_field_size(problem: QuboProblem) -> float:
    """Return the size that the optimum would have if all variables were alike.

    With every coefficient at its mean, k variables have the energy ``mean(h) k + mean(J) k (k - 1)
    / 2``. It is lowest at ``1/2 + mean(-h) / mean(J)``; for feature selection that is ``1/2 +
    tradeoff mean(reward) / ((1 - tradeoff) mean(redundancy))``, whatever d is. A size term is part
    of h and J here.

    Parameters
    ----------
    problem : QuboProblem
        The problem.

    Returns
    -------
    float
        The size, clipped to [0, d].

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.problem import mean_field_size
    >>> mean_field_size(qx.QuboProblem([-1.0, -1.0], [[0.0, 1.0], [0.0, 0.0]]))
    1.5
    """
    d = problem.num_qubits
    gain, pair = -float(problem.h.mean()), problem.J[np.triu_indices(d, 1)]
    if not pair.size or pair.mean() <= 0:
        return float(d) if gain > 0 else 0.0
    return float(np.clip(0.5 + gain / pair.mean(), 0.0, d))
