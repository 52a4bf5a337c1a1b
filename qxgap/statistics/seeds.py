"""One rule for seeds, so that a sample set can always say which one made it."""

from __future__ import annotations

import numpy as np

from ..checks import kind_of
from ..errors import InputError

SEED_LIMIT = 2**31
"""Seeds lie below this, the limit of the simulated annealer."""

Seed = int | np.random.Generator | None


def integer_seed(seed: Seed) -> int:
    """Return ``seed`` itself, or one drawn from a Generator or, for None, from the system.

    Raises InputError for integers outside [0, 2^31).
    """
    if seed is None or isinstance(seed, np.random.Generator):
        return int(np.random.default_rng(seed).integers(SEED_LIMIT))
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise InputError(f"seed is {kind_of(seed)}; give an integer in [0, 2^31) or a Generator")
    if not 0 <= int(seed) < SEED_LIMIT:
        raise InputError(f"seed = {seed} lies outside [0, 2^31)")
    return int(seed)


def random_generator(seed: int | np.random.Generator | None) -> np.random.Generator:
    """Return numpy's generator of a seed, or the one given; InputError for what is no seed."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"seed is {kind_of(seed)}; give an integer of at least 0 or a numpy Generator"
        ) from error
