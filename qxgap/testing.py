"""Random problems for tests, benchmarks and examples, of the same kind as those of images."""

from __future__ import annotations

import numpy as np

from .checks import require_whole
from .errors import InputError
from .problem.feature_selection import FeatureSelection
from .problem.qubo import QuboProblem
from .problem.rules import PAPER_TRADEOFF
from .statistics.seeds import Seed, random_generator


def random_feature_selection(
    num_qubits: int,
    seed: Seed = None,
    *,
    tradeoff: float = PAPER_TRADEOFF,
    num_pixels: int = 196,
) -> QuboProblem:
    """Return the feature-selection problem of random maps that are not negative.

    The redundancy of two maps is their cosine, the rewards are random numbers in (0, 1].

    Parameters
    ----------
    num_qubits : int
        The number of maps d, at least 1.
    seed : int, numpy.random.Generator or None
        Seed of the maps and the rewards.
    tradeoff : float
        The paper's beta, in [0, 1].
    num_pixels : int
        The size of each map, at least 1, which is the largest rank of the matrix of cosines. A map
        of zeros, which occurs if there are few pixels, is drawn again: it has no cosine.

    Returns
    -------
    QuboProblem
        The problem; its ``source`` is a :class:`qxgap.FeatureSelection`.

    Raises
    ------
    InputError
        For less than one qubit or pixel, and for a tradeoff outside [0, 1].

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(6, seed=3)
    >>> problem.num_qubits, problem.source.tradeoff
    (6, 0.7)
    >>> print(qx.minimize(problem, seed=1).status.value)
    optimal
    """
    require_whole(num_qubits, "num_qubits", "a whole number of at least 1")
    require_whole(num_pixels, "num_pixels", "a whole number of at least 1")
    if min(num_qubits, num_pixels) < 1:
        raise InputError(
            f"num_qubits = {num_qubits}, num_pixels = {num_pixels}; give at least one of each"
        )
    rng = random_generator(seed)
    maps = np.maximum(rng.normal(size=(num_qubits, num_pixels)), 0.0)
    while (is_zero := ~maps.any(axis=1)).any():
        maps[is_zero] = np.maximum(rng.normal(size=(int(is_zero.sum()), num_pixels)), 0.0)
    maps /= np.linalg.norm(maps, axis=1, keepdims=True)
    redundancy = maps @ maps.T
    np.fill_diagonal(redundancy, 0.0)
    redundancy = np.minimum((redundancy + redundancy.T) / 2, 1.0)
    rewards = rng.uniform(0.05, 1.0, num_qubits)
    return FeatureSelection(rewards / rewards.max(), redundancy, tradeoff).qubo()
