"""A selector of scikit-learn that solves a feature-selection QUBO exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ..annealing import AnnealHamiltonian
from ..dynamics import AnnealResult, anneal
from ..problem import FeatureSelection, SizeTerm, minimize
from ..spectra import MinimumGap, minimum_gap
from ..tradeoff import TradeoffPath, tradeoff_path
from .measures import Redundancy, Score, redundancy_of, scores_of

MARGIN = 1.01
"""The penalty on a wrong number of features, over the largest gain that one feature can bring."""


class QuboSelector(SelectorMixin, BaseEstimator):  # type: ignore[misc]
    """Select features that matter, and no two that say the same, by an exact optimum.

    The energy of a selection n is ``(1 - tradeoff) sum_{p<q} J_pq n_p n_q - tradeoff sum_p h_p
    n_p``. The rewards h are the scores over the largest one, J is the redundancy.

    Parameters
    ----------
    score_func : str or callable
        The importance of each feature: ``"mutual_info"`` (with the target), ``"f"`` (F statistic),
        or a function of X and y as those of :mod:`sklearn.feature_selection`. By name, y counts as
        real numbers if some are not whole or there are more than 20 values, else as classes.
    redundancy : str, array_like of shape (n_features, n_features), or callable
        How much two features say the same: ``"correlation"`` (absolute value), ``"mutual_info"``, a
        symmetric matrix, or a function of X that returns one.
    tradeoff : float
        The weight of the rewards, from 0 to 1: 1 counts rewards only, 0 counts redundancy only.
    k : int or None
        The number of features to select; by default the optimum decides.
    max_nodes : int
        As in :func:`qxgap.minimize`: the effort after which the search ends without a proof.
    random_state : int, numpy.random.RandomState or None
        Seed of mutual information, whose estimate breaks ties at random.

    Attributes
    ----------
    scores_ : ndarray of float, shape (n_features,)
        The score of each feature, not negative.
    selection_ : FeatureSelection
        Rewards and redundancy.
    problem_ : QuboProblem
        The problem; its labels are the names of the features if X has names, else their numbers.
    optimum_ : Optimum
        The best selection, and whether it is proven to be the best.
    support_ : ndarray of bool, shape (n_features,)
        Which features are selected.
    n_features_in_ : int
        Number of features seen by ``fit``.
    feature_names_in_ : ndarray of str
        Names of the features, if X has names.

    Notes
    -----
    With ``tradeoff=1`` and a number k it selects what ``SelectKBest`` selects. Some hundred
    features take seconds; whether the optimum of more is proven, ``optimum_.status`` tells.

    References
    ----------
    Mücke et al., Quantum Machine Intelligence 5, 11 (2023), arXiv 2203.13261: mutual information as
    rewards and redundancy of a QUBO. Venturelli et al., arXiv 2604.25649: the tradeoff.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from qxgap.tabular import QuboSelector
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> selector = QuboSelector(score_func="f", k=4).fit(X, y)
    >>> list(selector.get_feature_names_out())
    ['alcohol', 'flavanoids', 'od280/od315_of_diluted_wines', 'proline']
    >>> selector.optimum_.status.name, selector.transform(X).shape
    ('OPTIMAL', (178, 4))
    """

    def __init__(
        self,
        score_func: str | Score = "mutual_info",
        *,
        redundancy: str | ArrayLike | Redundancy = "correlation",
        tradeoff: float = 0.7,
        k: int | None = None,
        max_nodes: int = 200_000,
        random_state: Any = None,
    ) -> None:
        self.score_func = score_func
        self.redundancy = redundancy
        self.tradeoff = tradeoff
        self.k = k
        self.max_nodes = max_nodes
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> QuboSelector:
        """Score the features, and find the best selection.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            The features, real numbers.
        y : array_like of shape (n_samples,)
            The target: classes or real numbers.

        Returns
        -------
        QuboSelector
            The selector itself.

        Raises
        ------
        InputError
            For unknown names of scores or redundancy, and values of the wrong shape.
        """
        columns, target = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        self.scores_ = scores_of(columns, target, self.score_func, self.random_state)
        redundancy = redundancy_of(columns, self.redundancy, self.random_state)
        names = getattr(self, "feature_names_in_", range(columns.shape[1]))
        largest = float(self.scores_.max())
        free = FeatureSelection(
            self.scores_ / (largest or 1.0),
            redundancy,
            self.tradeoff,
            labels=tuple(str(name) if isinstance(name, str) else name for name in names),
        )
        self.selection_ = free if self.k is None else _with_size(free, self.k)
        self.problem_ = self.selection_.qubo()
        self.optimum_ = minimize(self.problem_, max_nodes=self.max_nodes, seed=0)
        self.support_ = self.optimum_.occupations.astype(bool)
        return self

    def _get_support_mask(self) -> NDArray[np.bool_]:
        """Return which features are selected."""
        check_is_fitted(self)
        return self.support_

    def __sklearn_tags__(self) -> Any:
        """Return the tags of scikit-learn: a target is required."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    def minimum_gap(self, **options: Any) -> MinimumGap:
        """Compute the minimum gap of an anneal of the problem: how hard it is for an annealer.

        Parameters
        ----------
        **options
            As in :func:`qxgap.minimum_gap`.

        Returns
        -------
        MinimumGap
            The gap with its bracket; above about 24 features an estimate.
        """
        check_is_fitted(self)
        return minimum_gap(AnnealHamiltonian(self.problem_), **options)

    def anneal(self, tau: float, **options: Any) -> AnnealResult:
        """Anneal the problem, to see whether an annealer would find the best selection.

        Parameters
        ----------
        tau : float
            The anneal time.
        **options
            As in :func:`qxgap.anneal`.

        Returns
        -------
        AnnealResult
            The success probability and the rest.
        """
        check_is_fitted(self)
        return anneal(AnnealHamiltonian(self.problem_), tau, **options)

    def tradeoff_path(self, **options: Any) -> TradeoffPath:
        """Find the best selection at every tradeoff, to see how much depends on it.

        Parameters
        ----------
        **options
            As in :func:`qxgap.tradeoff_path`.

        Returns
        -------
        TradeoffPath
            The selections, and where they change.
        """
        check_is_fitted(self)
        return tradeoff_path(self.selection_, **options)


def _with_size(selection: FeatureSelection, size: int) -> FeatureSelection:
    """Return the features with a penalty that makes every optimum have a size."""
    h, J, _ = selection.coefficients()
    gains = np.abs(h) + np.abs(J).sum(axis=0) + np.abs(J).sum(axis=1)
    weight = MARGIN * float(gains.max()) or 1.0
    return replace(selection, size_term=SizeTerm(size, weight))
