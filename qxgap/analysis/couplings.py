"""Distribution of the couplings of problems, and the sizes of selections that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ..errors import InputError
from ..problem import QuboProblem, feature_selection_of, mean_field_size, minimize
from ..statistics import Seed

LAWS = {
    "normal": (stats.norm, {}),
    "half-normal": (stats.halfnorm, {"floc": 0.0}),
    "exponential": (stats.expon, {"floc": 0.0}),
}
"""Name -> scipy's distribution and its parameters that are not fitted; the last two begin at 0."""


@dataclass(frozen=True, eq=False)
class CouplingStatistics:
    """The redundancies of one problem or many, and laws fitted to them by maximum likelihood.

    Attributes
    ----------
    values : ndarray of float, shape (m,)
        Redundancies J_pq of all pairs p < q of all problems, in [0, 1].
    num_instances : int
        Number of problems that they come from.
    fits : DataFrame
        A row for each law, as :func:`fit_laws` returns it.

    Notes
    -----
    There is no p-value: the laws are fitted to the values that they are compared with, and
    couplings that share a map are not independent.
    """

    values: NDArray[np.float64]
    num_instances: int
    fits: pd.DataFrame

    @property
    def best(self) -> str:
        """Name of the law of lowest AIC."""
        return str(self.fits.aic.idxmin())

    def __str__(self) -> str:
        return (
            f"{self.values.size} couplings of {self.num_instances} instances, mean "
            f"{self.values.mean():.3g}; lowest AIC: {self.best}\n{self.fits.to_string()}"
        )


def coupling_statistics(problems: QuboProblem | Iterable[QuboProblem]) -> CouplingStatistics:
    """Pool the redundancies J of feature-selection problems and fit three laws.

    Size term, pair weight and tradeoff are taken out: J is the absolute cosine of two maps.

    Parameters
    ----------
    problems : QuboProblem or iterable of QuboProblem
        One problem or many.

    Returns
    -------
    CouplingStatistics
        The redundancies and the fits.

    Raises
    ------
    InputError
        For problems without rewards, and for fewer than two different redundancies in all.

    Examples
    --------
    >>> from qxgap.analysis import coupling_statistics
    >>> from qxgap.testing import random_feature_selection
    >>> statistics = coupling_statistics([random_feature_selection(5, seed=s) for s in (1, 2)])
    >>> statistics.values.size, statistics.num_instances
    (20, 2)
    """
    listed = [problems] if isinstance(problems, QuboProblem) else list(problems)
    selections = [feature_selection_of(problem) for problem in listed]
    parts = [each.redundancy[np.triu_indices(len(each.labels), 1)] for each in selections]
    values = np.concatenate([*parts, np.zeros(0)])
    if np.unique(values).size < 2:
        raise InputError(
            f"{values.size} couplings of {len(listed)} instances do not differ; give instances "
            "with different ones"
        )
    return CouplingStatistics(values, len(listed), fit_laws(values))


def fit_laws(values: NDArray[np.float64]) -> pd.DataFrame:
    """Fit the laws that can describe the couplings of a problem.

    The half-normal and the exponential law begin at 0. They are left out if a coupling is negative,
    as in most Ising problems.

    Parameters
    ----------
    values : ndarray of float, shape (m,)
        Finite couplings, at least two of them different.

    Returns
    -------
    DataFrame
        A row for each law, with columns location, scale, num_parameters, log_likelihood, aic
        (Akaike's criterion, lower is better) and ks_distance, the largest distance between the two
        distribution functions.

    Examples
    --------
    >>> import numpy as np
    >>> from qxgap.analysis import fit_laws
    >>> fit_laws(np.array([0.1, 0.2, 0.4])).round(2).scale.to_dict()
    {'normal': 0.12, 'half-normal': 0.26, 'exponential': 0.23}
    """
    rows = {
        name: _fit(values, law, fixed)
        for name, (law, fixed) in LAWS.items()
        if law.support(loc=fixed.get("floc", 0.0))[0] <= values.min()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("law")


def _fit(
    values: NDArray[np.float64], law: stats.rv_continuous, fixed: dict[str, float]
) -> dict[str, float]:
    location, scale = law.fit(values, **fixed)
    frozen = law(location, scale)
    log_likelihood, number = float(frozen.logpdf(values).sum()), 2 - len(fixed)
    return {
        "location": float(location),
        "scale": float(scale),
        "num_parameters": number,
        "log_likelihood": log_likelihood,
        "aic": 2 * number - 2 * log_likelihood,
        "ks_distance": float(stats.ks_1samp(values, frozen.cdf).statistic),
    }


def subset_sizes(
    problems: Sequence[QuboProblem], *, max_nodes: int = 200_000, seed: Seed = None
) -> pd.DataFrame:
    """Compare the mean-field size with the size of the optimum.

    Parameters
    ----------
    problems : sequence of QuboProblem
        The problems.
    max_nodes : int
        Limit of the search for the optimum, as in :func:`qxgap.minimize`.
    seed : int, numpy.random.Generator or None
        Seed of that search.

    Returns
    -------
    DataFrame
        A row for each problem: instance_hash, num_qubits, mean_gain = mean(-h), mean_coupling,
        mean_field (:func:`qxgap.problem.mean_field_size`), true_size, error = mean_field -
        true_size, and status of the optimum: OPTIMAL, or BEST_KNOWN if true_size is that of the
        best selection optimum.

    Examples
    --------
    >>> from qxgap.analysis import subset_sizes
    >>> from qxgap.testing import random_feature_selection
    >>> subset_sizes([random_feature_selection(5, seed=1)], seed=1).status.item()
    'OPTIMAL'
    """
    rows = []
    for problem in problems:
        optimum = minimize(problem, max_nodes=max_nodes, seed=seed)
        size = mean_field_size(problem)
        pairs = problem.J[np.triu_indices(problem.num_qubits, 1)]
        rows.append(
            {
                "instance_hash": problem.content_hash,
                "num_qubits": problem.num_qubits,
                "mean_gain": -float(problem.h.mean()),
                "mean_coupling": float(pairs.mean()) if pairs.size else np.nan,
                "mean_field": size,
                "true_size": len(optimum.selection),
                "error": size - len(optimum.selection),
                "status": optimum.status.name,
            }
        )
    return pd.DataFrame(rows)
