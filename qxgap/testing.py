"""Random instances for tests and benchmarks, made as real ones are."""

from __future__ import annotations

import numpy as np

from .checks import require_whole
from .errors import InputError
from .problem.feature_selection import FeatureSelection
from .problem.qubo import QuboProblem
from .statistics.seeds import random_generator


def random_feature_selection(
    num_qubits: int,
    seed: int | np.random.Generator | None = None,
    *,
    tradeoff: float = 0.7,
    num_pixels: int = 196,
) -> QuboProblem:
    """Feature-selection QUBO of non-negative random maps: cosine couplings, h in (0, 1].

    Parameters
    ----------
    num_qubits : d >= 1.
    seed : int or numpy Generator.
    tradeoff : the paper's beta.
    num_pixels : size of each map, >= 1; J has at most this rank. Maps that are zero everywhere, as
        happens with few pixels, are drawn again: they have no cosine.

    Raises
    ------
    InputError : for fewer than one qubit or pixel.
    """
    require_whole(num_qubits, "num_qubits", "a whole number of at least 1")
    require_whole(num_pixels, "num_pixels", "a whole number of at least 1")
    if min(num_qubits, num_pixels) < 1:
        raise InputError(
            f"num_qubits = {num_qubits}, num_pixels = {num_pixels}; ask for at least one of each"
        )
    rng = random_generator(seed)
    maps = np.maximum(rng.normal(size=(num_qubits, num_pixels)), 0.0)
    while (dead := ~maps.any(axis=1)).any():
        maps[dead] = np.maximum(rng.normal(size=(int(dead.sum()), num_pixels)), 0.0)
    maps /= np.linalg.norm(maps, axis=1, keepdims=True)
    redundancy = maps @ maps.T
    np.fill_diagonal(redundancy, 0.0)
    redundancy = np.minimum((redundancy + redundancy.T) / 2, 1.0)
    rewards = rng.uniform(0.05, 1.0, num_qubits)
    return FeatureSelection(rewards / rewards.max(), redundancy, tradeoff).qubo()
