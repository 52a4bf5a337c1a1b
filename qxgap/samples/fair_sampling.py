"""Are degenerate ground states read equally often?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..statistics.goodness import goodness_of_fit
from ..statistics.seeds import Seed
from .alignment import Reads


@dataclass(frozen=True)
class Fairness:
    """How evenly ground reads spread over the ground states.

    Attributes
    ----------
    counts : reads of each ground state, in state index order.
    p_value : of an even spread, given the number of ground reads; 1 for a single ground state.
    entropy_ratio : entropy of the frequencies over the log of the degeneracy; 1 is perfectly
        even, 0 finds one state only. Biased low for few reads.
    missed : ground states that were never read.
    """

    counts: tuple[int, ...]
    p_value: float
    entropy_ratio: float
    missed: int


def fairness(reads: Reads, *, num_bootstrap: int = 2000, seed: Seed = 0) -> Fairness:
    """Test whether all ground states of the problem are read equally often.

    Raises
    ------
    InputError : if no read is in the ground space.
    MemoryLimitError : if 2^d energies do not fit; :func:`fairness_of_counts` needs none.

    Source: Matsuda, Nishimori & Katzgraber, New J. Phys. 11, 073021 (2009), the question.
    """
    states = reads.problem.ground_indices
    at = np.searchsorted(states, reads.indices)
    ground = (at < states.size) & (states[np.minimum(at, states.size - 1)] == reads.indices)
    counts = np.zeros(states.size, dtype=np.int64)
    np.add.at(counts, at[ground], reads.multiplicity[ground])
    return fairness_of_counts(counts, num_bootstrap=num_bootstrap, seed=seed)


def fairness_of_counts(counts: ArrayLike, *, num_bootstrap: int = 2000, seed: Seed = 0) -> Fairness:
    """As :func:`fairness`, from the reads of every ground state, (degeneracy,)."""
    from scipy.special import entr

    observed = np.asarray(counts, dtype=np.int64)
    if observed.ndim != 1 or observed.sum() < 1:
        raise InputError("no read is in the ground space; fairness needs one")
    g = observed.size
    p_value, ratio = 1.0, 1.0
    if g > 1:
        even = np.full(g, 1 / g)
        p_value = goodness_of_fit(observed, even, num_resamples=num_bootstrap, seed=seed)
        ratio = float(entr(observed / observed.sum()).sum() / np.log(g))
    missed = int(np.count_nonzero(observed == 0))
    return Fairness(tuple(observed.tolist()), p_value, ratio, missed)
