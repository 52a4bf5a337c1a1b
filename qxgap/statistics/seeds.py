"""The rule for seeds, with which every random result can be repeated and records its seed.

Everywhere in qxgap a ``seed`` is a whole number, a numpy Generator, or None for a fresh one. None
is the default wherever the seed changes the result. The functions that use a seed only to begin an
iteration, such as the eigensolvers for their first vectors, have the default 0: their result does
not depend on it within the tolerance.
"""

from __future__ import annotations

import numpy as np

from ..checks import kind_of
from ..errors import InputError

SEED_LIMIT = 2**31
"""Seeds that are handed to a sampler lie below this number, which simulated annealing requires."""

Seed = int | np.random.Generator | None
"""A seed: a whole number, a numpy Generator, or None for a fresh random one."""


def random_generator(seed: Seed) -> np.random.Generator:
    """Return the numpy Generator of a seed.

    Parameters
    ----------
    seed : int, numpy.random.Generator or None
        A Generator is returned as it is; None takes fresh entropy from the system.

    Returns
    -------
    numpy.random.Generator
        Two calls with the same whole number return generators of the same stream.

    Raises
    ------
    InputError
        For a value that is no seed, and for negative numbers.

    Examples
    --------
    >>> from qxgap.statistics import random_generator
    >>> random_generator(5).random() == random_generator(5).random()
    True
    """
    _require_seed(seed)
    return np.random.default_rng(seed)


def integer_seed(seed: Seed) -> int:
    """Return a seed as a whole number that a sampler takes and that a result can record.

    Parameters
    ----------
    seed : int, numpy.random.Generator or None
        A whole number is returned as it is; from a Generator, or for None from the system's
        entropy, one is drawn.

    Returns
    -------
    int
        A number in [0, 2^31).

    Raises
    ------
    InputError
        For a value that is no seed, and for numbers outside [0, 2^31).

    Examples
    --------
    >>> from qxgap.statistics import integer_seed
    >>> integer_seed(5), 0 <= integer_seed(None) < 2**31
    (5, True)
    """
    _require_seed(seed)
    if seed is None or isinstance(seed, np.random.Generator):
        return int(np.random.default_rng(seed).integers(SEED_LIMIT))
    if seed >= SEED_LIMIT:
        raise InputError(f"seed = {seed} lies outside [0, 2^31); give a smaller number")
    return int(seed)


def _require_seed(seed: Seed) -> None:
    """Raise InputError unless ``seed`` is a whole number >= 0, a Generator, or None."""
    if seed is None or isinstance(seed, np.random.Generator):
        return
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if not whole or seed < 0:
        raise InputError(
            f"seed is {kind_of(seed)}; give an integer of at least 0 or a numpy Generator"
        )
