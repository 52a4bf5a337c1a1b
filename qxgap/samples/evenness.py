"""How evenly the ground states are read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..problem.proven_levels import KnownLevels, LevelMethod
from ..results import Result
from ..statistics.goodness import SIGNIFICANCE_LEVEL, goodness_of_fit
from ..statistics.seeds import Seed
from .alignment import Reads, ground_levels


class FairnessStatus(Enum):
    """Whether ground states are read equally often; the value is the message."""

    EVEN = "so many reads show no difference between the ground states"
    UNEVEN = "some ground states are read more often than others, by more than chance (p < 5 %)"
    SINGLE_STATE = "there is a single ground state, so there is nothing to compare"


@dataclass(frozen=True, repr=False)
class Fairness(Result):
    """The distribution of the ground reads over the ground states, and a test of equality.

    Attributes
    ----------
    counts : tuple of int
        Number of reads of each ground state, in the order of the state index.
    p_value : float
        Probability of counts as uneven as these if all ground states were equally probable, given
        the number of ground reads; 1 for a single ground state.
    entropy_ratio : float
        Entropy of the frequencies over the logarithm of the degeneracy: 1 for equal counts, 0 if
        only one state was read. It is biased low for few reads.
    missed : int
        Number of ground states that were never read.
    """

    counts: tuple[int, ...]
    p_value: float
    entropy_ratio: float
    missed: int

    @classmethod
    def from_counts(
        cls, counts: ArrayLike, *, num_resamples: int = 2000, seed: Seed = None
    ) -> Fairness:
        """Test whether counts of states of one energy are equal, up to chance.

        It serves where the 2^d energies do not fit into memory, and for the states of an excited
        level.

        Parameters
        ----------
        counts : array_like of int, shape (g,)
            Number of reads of each state, states without a read included.
        num_resamples : int
            Number of simulated experiments behind the p-value.
        seed : int, numpy.random.Generator or None
            Seed of these experiments.

        Returns
        -------
        Fairness
            The p-value, the entropy ratio, and the number of states without a read.

        Raises
        ------
        InputError
            If there is no read.
        """
        from scipy.special import entr

        observed = np.asarray(counts, dtype=np.int64)
        if observed.ndim != 1 or observed.sum() < 1:
            raise InputError("no read is in the ground subspace; fairness needs one")
        degeneracy = observed.size
        p_value, ratio = 1.0, 1.0
        if degeneracy > 1:
            even = np.full(degeneracy, 1 / degeneracy)
            p_value = goodness_of_fit(observed, even, num_resamples=num_resamples, seed=seed)
            ratio = float(entr(observed / observed.sum()).sum() / np.log(degeneracy))
        missed = int(np.count_nonzero(observed == 0))
        return cls(tuple(observed.tolist()), p_value, ratio, missed)

    @property
    def status(self) -> FairnessStatus:
        """Whether the counts differ by more than chance, at a significance level of 5 %."""
        if len(self.counts) == 1:
            return FairnessStatus.SINGLE_STATE
        uneven = self.p_value < SIGNIFICANCE_LEVEL
        return FairnessStatus.UNEVEN if uneven else FairnessStatus.EVEN

    def to_dict(self) -> dict[str, Any]:
        """Return the test as plain Python values.

        Returns
        -------
        dict
            The attributes by their names, and the status.
        """
        return {
            "counts": list(self.counts),
            "p_value": self.p_value,
            "entropy_ratio": self.entropy_ratio,
            "missed": self.missed,
            "status": self.status.name,
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw how often each ground state was read, beside the mean.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import bars  # loads matplotlib

        number = len(self.counts)
        mean = sum(self.counts) / number
        return bars(
            range(1, number + 1),
            self.counts,
            "ground state",
            "reads",
            reference=mean,
            reference_name=f"equally often: {mean:.3g} reads each",
            ax=ax,
        )

    def __str__(self) -> str:
        number, reads = len(self.counts), sum(self.counts)
        if number == 1:
            return f"There is one ground state, with {reads} reads, so there is nothing to compare."
        if self.status is FairnessStatus.UNEVEN:
            verdict = f"The {number} states are not read equally often in {reads} reads"
        else:
            verdict = (
                f"The {number} states are read equally often, as far as {reads} reads can tell"
            )
        return (
            f"{verdict}: counts as uneven as these have the probability {self.p_value:.2g} if all "
            f"states are equally probable. {self.missed} of the states were never read."
        )


def fairness(
    reads: Reads,
    *,
    ground: KnownLevels | LevelMethod | None = None,
    num_resamples: int = 2000,
    seed: Seed = None,
) -> Fairness:
    """Test whether all ground states of the problem are read equally often.

    Parameters
    ----------
    reads : Reads
        Aligned reads.
    ground : KnownLevels, AllStates, BranchAndBound or None
        The ground states, or the method that finds them. None takes all 2^d states up to 24 qubits,
        and branch and bound beyond.
    num_resamples : int
        Number of simulated experiments behind the p-value.
    seed : int, numpy.random.Generator or None
        Seed of these experiments.

    Returns
    -------
    Fairness
        The counts of all ground states and the test.

    Raises
    ------
    InputError
        If no read is in the ground subspace, or if the ground states are not all known.
    MemoryLimitError
        If all states are asked for and do not fit into memory; :meth:`Fairness.from_counts` needs
        none.

    References
    ----------
    The question is that of Matsuda, Nishimori & Katzgraber, New J. Phys. 11, 073021 (2009).
    """
    states = ground_levels([reads], ground).ground_states
    if states is None:
        raise InputError(
            "the ground states are not all known, or more than 10,000; give the counts of those "
            "that you know to Fairness.from_counts"
        )
    number = len(states)
    together = np.concatenate([states, reads.occupations.astype(np.uint8)])
    _, place = np.unique(together, axis=0, return_inverse=True)
    totals = np.zeros(len(together), dtype=np.int64)
    np.add.at(totals, place.ravel()[number:], reads.multiplicity)
    counts = totals[place.ravel()[:number]]
    return Fairness.from_counts(counts, num_resamples=num_resamples, seed=seed)
