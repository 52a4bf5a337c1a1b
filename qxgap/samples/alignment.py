"""Reads in the order of the problem's variables: the form that every statistic of samples needs.

A sample set has its own order of the variables, one of two vartypes, and energies that its sampler
computed. :func:`align` matches the columns by label, turns spins into occupations, computes the
energies anew, and compares them with those of the sample set. So a reversed bit order, a doubled
coupling, or the reads of another instance give an error instead of a wrong number.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import dimod
import numpy as np
from numpy.typing import NDArray

from ..checks import kind_of
from ..errors import InputError
from ..memory import require_memory
from ..observables import NearOptimum
from ..problem.accept import ProblemLike, as_problem
from ..problem.bits import bits_to_index
from ..problem.proven_levels import (
    AllStates,
    BranchAndBound,
    KnownLevels,
    LevelMethod,
    LevelStatus,
    given_level,
    known_levels,
)
from ..problem.qubo import QuboProblem
from ..results import Result, plain
from ..samplers.sampleset import require_runs, require_sampleset

if TYPE_CHECKING:
    import pandas as pd

ENERGY_RTOL = 1e-6
"""Largest accepted difference between an energy of a sample set and the problem's energy of the
same state, relative to the energy scale of the problem. Next to a large offset the rounding error
of the sum is accepted in addition."""

EPS = float(np.finfo(np.float64).eps)

MOST_NAMED = 5
"""Largest number of labels that a message lists."""

GROUND_ENERGY_ROUNDINGS = 4
"""Number of rounding errors (each of relative size EPS) that a ground energy may carry which the
caller computed with the offset included."""

MAX_INDEX_BITS = 62
"""Largest number of variables whose states have an index that fits into a 64-bit integer."""

Ground = KnownLevels | LevelMethod | float | None
"""What a caller may know of the ground energy: levels, a method that finds them, or a number."""


@dataclass(frozen=True, eq=False, repr=False)
class Reads(Result):
    """The reads of one run, in the order of the problem's variables.

    :func:`align` makes it from a dimod ``SampleSet``; every statistic of this package takes it.

    Attributes
    ----------
    problem : QuboProblem
        The problem whose states were read.
    occupations : ndarray of int, shape (rows, d)
        The states as occupations n in {0, 1}; the columns are in the problem's order.
    multiplicity : ndarray of int, shape (rows,)
        How often each row was read.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, 0.5], [[0.0, 0.3], [0.0, 0.0]])
    >>> reads = qx.samples.align(problem, qx.sample(problem, num_reads=50, seed=1))
    >>> reads.num_reads, reads.ground_reads()
    (50, 50)
    """

    problem: QuboProblem
    occupations: NDArray[np.int64]
    multiplicity: NDArray[np.int64]

    @cached_property
    def level_energies(self) -> NDArray[np.float64]:
        """Energy of each row *without* the problem's offset, shape (rows,).

        All counts and means are computed from these energies: next to a large offset the digits
        that distinguish two levels would be lost.
        """
        return self.problem.energy(self.occupations, offset=False)

    @property
    def energies(self) -> NDArray[np.float64]:
        """Energy of each row with the problem's offset, shape (rows,)."""
        return self.problem.offset + self.level_energies

    @property
    def num_reads(self) -> int:
        """Number of reads: the sum of the multiplicities."""
        return int(self.multiplicity.sum())

    @cached_property
    def indices(self) -> NDArray[np.int64]:
        """State index of each row, shape (rows,), for problems of up to 62 variables."""
        if self.problem.num_qubits > MAX_INDEX_BITS:
            raise InputError(
                f"the problem has {self.problem.num_qubits} variables, but state indices end at "
                f"{MAX_INDEX_BITS}; use the rows of occupations instead"
            )
        return bits_to_index(self.occupations)

    def ground_reads(self, ground: Ground = None, near: NearOptimum | None = None) -> int:
        """Count the reads of the lowest energy, to the problem's ground tolerance, or near it.

        Parameters
        ----------
        ground : KnownLevels, AllStates, BranchAndBound, float or None
            The ground energy, or the method that finds it; see :func:`ground_levels`.
        near : NearOptimum, optional
            What counts beside the ground states.

        Returns
        -------
        int
            The number of ground reads, counted with their multiplicity. If the ground energy is not
            proven, they are the reads of the lowest energy known.

        Raises
        ------
        InputError
            If a read lies below the ground energy, or if ``ground`` is a number that lost so many
            digits next to the offset that it is known to less than 1e-6 of the energy scale.
        MemoryLimitError
            If all states are asked for and do not fit into memory.
        """
        levels = ground_levels([self], ground)
        lowest, tolerance = float(levels.energies[0]), self.problem.ground_tolerance
        if levels.status is LevelStatus.GIVEN:
            # The caller's number was rounded together with the offset.
            rounding = GROUND_ENERGY_ROUNDINGS * EPS
            rounding *= abs(levels.lowest_energy) + abs(self.problem.offset)
            if rounding > ENERGY_RTOL * self.problem.energy_scale:
                raise InputError(
                    f"ground = {levels.lowest_energy:.16g} is known to {rounding:.2g} only, next "
                    f"to the offset {self.problem.offset:g}; leave it out, or remove the offset "
                    "from the problem"
                )
            tolerance += rounding
        below = self.level_energies < lowest - tolerance
        if np.any(below):
            raise InputError(
                f"{int(self.multiplicity[below].sum())} reads lie below the ground energy "
                f"{levels.lowest_energy:.16g}, the lowest at {self.energies.min():.16g}; correct "
                "the ground energy"
            )
        width = 0.0 if near is None else near.width(self.problem, lowest)
        return int(self.multiplicity[self.level_energies <= lowest + width + tolerance].sum())

    def state_counts(self) -> NDArray[np.int64]:
        """Count the reads of every state.

        Returns
        -------
        ndarray of int, shape (2^d,)
            Number of reads of each state, in the order of the state index.

        Raises
        ------
        MemoryLimitError
            If the counts of all 2^d states do not fit into memory.
        """
        require_memory(8 << self.problem.num_qubits, "the reads of every state")
        counts = np.zeros(1 << self.problem.num_qubits, dtype=np.int64)
        np.add.at(counts, self.indices, self.multiplicity)
        return counts

    def to_sampleset(self, info: Mapping[str, Any] | None = None) -> dimod.SampleSet:
        """Return the reads as a BINARY sample set with the problem's own energies.

        Parameters
        ----------
        info : mapping or None
            Entries of ``SampleSet.info``, such as the info of the original sample set.

        Returns
        -------
        dimod.SampleSet
            One row for each row of the reads, with its multiplicity.
        """
        return dimod.SampleSet.from_samples(  # type: ignore[no-untyped-call]
            (self.occupations, list(self.problem.labels)),
            "BINARY",
            energy=self.energies,
            num_occurrences=self.multiplicity,
            info=dict(info or {}),
            sort_labels=False,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the reads as plain Python values.

        Returns
        -------
        dict
            The instance hash and the labels of the problem, the number of reads, and the rows.
        """
        return {
            "instance_hash": self.problem.content_hash,
            "labels": plain(self.problem.labels),
            "num_reads": self.num_reads,
            "occupations": plain(self.occupations),
            "multiplicity": plain(self.multiplicity),
            "energies": plain(self.energies),
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw how often each energy was read.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import level_shares  # loads matplotlib

        energies, place = np.unique(self.energies.round(9), return_inverse=True)
        counts = np.bincount(place, weights=self.multiplicity)
        return level_shares(energies, counts, ylabel="reads", xlabel="energy", ax=ax)

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table with one row for each row of the reads.

        Returns
        -------
        pandas.DataFrame
            A column for each variable, energy and num_occurrences.
        """
        import pandas as pd

        table = pd.DataFrame(self.occupations, columns=list(self.problem.labels))
        return table.assign(energy=self.energies, num_occurrences=self.multiplicity)

    def __str__(self) -> str:
        return (
            f"{self.num_reads} reads of {self.problem.num_qubits} variables, with energies from "
            f"{self.energies.min():.4g} to {self.energies.max():.4g}."
        )


def ground_levels(runs: Sequence[Reads], ground: Ground = None) -> KnownLevels:
    """Return what is known of the lowest energy of a problem, with the states of its reads.

    Parameters
    ----------
    runs : sequence of Reads
        Reads of one problem. They matter only if the lowest energy is not proven: the lowest energy
        known is then the lowest of the search and of the reads.
    ground : KnownLevels, AllStates, BranchAndBound, float or None
        Levels that are known already, the method of :func:`~qxgap.problem.known_levels` that
        computes them, or the ground energy with the problem's offset, in full precision. None takes
        all 2^d states up to 24 qubits, and branch and bound beyond.

    Returns
    -------
    KnownLevels
        The levels, as far as they are known.

    Raises
    ------
    InputError
        If ``ground`` is none of these, or belongs to another problem.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(100, seed=1)
    >>> reads = qx.samples.align(problem, qx.sample(problem, num_reads=20, seed=1))
    >>> levels = qx.samples.ground_levels([reads])
    >>> levels.status.name, reads.ground_reads(levels) > 0
    ('PROVEN', True)
    """
    problem = runs[0].problem
    _require_ground(ground)
    if isinstance(ground, float | int):
        return given_level(problem, float(ground))
    if isinstance(ground, KnownLevels):
        if ground.problem.content_hash != problem.content_hash:
            raise InputError("ground is of another problem; give the levels of the problem read")
        levels = ground
    else:
        levels = known_levels(problem, ground)
    for run in runs:
        levels = levels.including(run.occupations)
    return levels


def _require_ground(ground: Any) -> None:
    """Raise InputError unless this says how the ground energy is known."""
    kinds = (KnownLevels, AllStates, BranchAndBound, float, int)
    if ground is not None and (isinstance(ground, bool) or not isinstance(ground, kinds)):
        raise InputError(
            f"ground is {kind_of(ground)}; give an energy, known levels, AllStates() or "
            "BranchAndBound()"
        )


def align(
    problem: ProblemLike, sampleset: dimod.SampleSet, *, check_energies: bool = True
) -> Reads:
    """Bring the reads of a sample set into the order of the problem's variables.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem that was sampled.
    sampleset : dimod.SampleSet
        Its reads: BINARY or SPIN (``s = 2n - 1``, as in dimod), with columns in any order.
    check_energies : bool
        Whether to refuse samples whose own energies differ from the problem's by more than 1e-6 of
        its energy scale. No statistic is computed from the energies of the sample set.

    Returns
    -------
    Reads
        The states as occupations, with their multiplicities.

    Raises
    ------
    InputError
        If the labels are not those of the problem, if values do not belong to the vartype, if there
        are no reads, or if the energies are those of another problem; the message then shows the
        first rows that differ.

    See Also
    --------
    load_sampleset : Reads a sample set from a file.

    Examples
    --------
    >>> import qxgap as qx
    >>> recorded = qx.samples.iitis()
    >>> reads = qx.samples.align(recorded.problem, recorded.runs[0])
    >>> reads.num_reads, reads.occupations.shape[1]
    (1000, 16)
    """
    problem = as_problem(problem)
    require_sampleset(sampleset)
    occupations = _occupations(problem, sampleset)
    if check_energies:
        _check_energies(problem, occupations, sampleset)
    multiplicity = np.asarray(sampleset.record.num_occurrences, dtype=np.int64)
    if np.any(multiplicity < 0) or multiplicity.sum() < 1:
        raise InputError(
            "the sample set holds no reads (or negative num_occurrences); give a set with reads"
        )
    return Reads(problem, occupations, multiplicity)


def aligned_runs(
    problem: ProblemLike, runs: Sequence[dimod.SampleSet] | Sequence[Reads], name: str = "runs"
) -> list[Reads]:
    """Return the reads of each run, aligned where they are not yet.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem that was sampled.
    runs : sequence of dimod.SampleSet or of Reads
        The runs.
    name : str
        Name of the argument in error messages.
    """
    require_runs(runs, name)
    return [run if isinstance(run, Reads) else align(problem, run) for run in runs]


def reads_of_one_problem(runs: Reads | Sequence[Reads]) -> list[Reads]:
    """Return one run or several as a list; raise InputError unless all are of the same problem."""
    listed = [runs] if isinstance(runs, Reads) else list(runs)
    if len({run.problem.content_hash for run in listed}) != 1:
        raise InputError("give reads of one problem, as one run or as a list of runs")
    return listed


def pooled(runs: Sequence[Reads]) -> Reads:
    """Return the reads of all runs as one run; the runs must be of one problem."""
    return Reads(
        runs[0].problem,
        np.concatenate([run.occupations for run in runs]),
        np.concatenate([run.multiplicity for run in runs]),
    )


def require_reads(sampleset: dimod.SampleSet) -> None:
    """Raise InputError for a sample set that lists every state once, which is no set of reads."""
    if sampleset.info.get("sampler") == "exact":
        raise InputError("the samples enumerate all states once; give reads of a sampler instead")


def _occupations(problem: QuboProblem, sampleset: dimod.SampleSet) -> NDArray[np.int64]:
    """Return the rows as occupations n, with columns in the problem's order, shape (rows, d)."""
    if not len(sampleset):
        raise InputError("the sample set holds no reads; give a set with reads")
    variables = list(sampleset.variables)
    missing = [label for label in problem.labels if label not in sampleset.variables]
    extra = [label for label in variables if label not in problem.labels]
    if missing or extra:
        raise InputError(
            f"the samples lack the labels {_named(missing)} and have {_named(extra)} beside the "
            "problem's; relabel them as the problem is (1 and '1' differ)"
        )
    if sampleset.vartype not in (dimod.BINARY, dimod.SPIN):
        raise InputError(f"the samples are of vartype {sampleset.vartype}; use BINARY or SPIN")
    values = sampleset.record.sample[:, [variables.index(label) for label in problem.labels]]
    if not np.isin(values, list(sampleset.vartype.value)).all():
        raise InputError(
            f"the samples hold values that are not {sampleset.vartype.name}; correct the vartype"
        )
    return (values > 0).astype(np.int64)


def _named(labels: Sequence[Hashable]) -> str:
    """Return labels in brackets; of many the first ones, and the number of the others."""
    rest = len(labels) - MOST_NAMED
    return f"{list(labels[:MOST_NAMED])}{f' (and {rest} more)' if rest > 0 else ''}"


def _check_energies(
    problem: QuboProblem, occupations: NDArray[np.int64], sampleset: dimod.SampleSet
) -> None:
    """Compare the energies of the sample set with the problem's, both without the offset.

    The sampler summed up to d + d(d-1)/2 terms and the offset. Each addition may round as much as
    the precision of the sum allows, and so may writing the energy and reading it back.
    """
    recorded = sampleset.record.energy
    precision = float(np.finfo(recorded.dtype).eps) if recorded.dtype.kind == "f" else EPS
    energies = np.asarray(recorded, dtype=np.float64)
    expected = problem.energy(occupations, offset=False)
    terms = 1 + np.count_nonzero(problem.h) + np.count_nonzero(problem.J)
    tolerance = ENERGY_RTOL * problem.energy_scale + terms * precision * abs(problem.offset)
    # the negated comparison finds NaN too
    wrong = np.flatnonzero(~(np.abs(energies - problem.offset - expected) <= tolerance))
    if wrong.size:
        rows = "; ".join(
            f"row {row}: {energies[row]:.12g}, not {problem.offset + expected[row]:.12g}"
            for row in wrong[:3]
        )
        raise InputError(
            f"{wrong.size} of {len(expected)} sample energies are not the problem's ({rows}); give "
            "samples of this very problem (same couplings, pair weight, offset, unit); if only the "
            "states are to count, say so by --states-only (in Python check_energies=False)"
        )
