"""Reads in the problem's own order: the gate that every statistic of samples passes first.

Samples carry labels in an order of their own, one of two vartypes, and energies that whoever drew
them computed. Here columns are matched by label, spins become occupations, and energies are
computed anew and compared, so that a reversed bit order, a doubled coupling or another instance
is an error and not a result.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import dimod
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..memory import require_memory
from ..problem.accept import ProblemLike, as_problem
from ..problem.bits import bits_to_index
from ..problem.qubo import QuboProblem
from ..samplers.sampleset import require_sampleset

ENERGY_RTOL = 1e-6
"""A sample's own energy may differ from the problem's by this fraction of the energy scale.

What the rounding of its sum can do next to a large offset is allowed besides.
"""

EPS = float(np.finfo(np.float64).eps)

GIVEN_ROUNDINGS = 4
"""Roundings that a ground energy given with its offset may carry."""


@dataclass(frozen=True, eq=False)
class Reads:
    """Samples of one problem, aligned with it.

    Attributes
    ----------
    problem : whose states they are.
    occupations : (rows, d) n in {0, 1}, columns in the problem's order.
    multiplicity : (rows,) how often each row was read.
    """

    problem: QuboProblem
    occupations: NDArray[np.int64]
    multiplicity: NDArray[np.int64]

    @cached_property
    def level_energies(self) -> NDArray[np.float64]:
        """(rows,) energies of the problem *without* its offset, computed from the occupations.

        What is counted or averaged here rests on these: next to a large offset the digits that tell
        two levels apart are lost.
        """
        return self.problem.energy(self.occupations, offset=False)

    @property
    def energies(self) -> NDArray[np.float64]:
        """(rows,) energies of the problem, offset included."""
        return self.problem.offset + self.level_energies

    @property
    def num_reads(self) -> int:
        """Reads, with their multiplicities."""
        return int(self.multiplicity.sum())

    @property
    def mean_energy(self) -> float:
        """Mean energy of the reads, offset included."""
        mean = self.multiplicity @ self.level_energies / self.num_reads
        return float(self.problem.offset + mean)

    @cached_property
    def indices(self) -> NDArray[np.int64]:
        """State index of every row, (rows,); for up to 62 variables."""
        if self.problem.num_qubits > 62:
            raise InputError(f"{self.problem.num_qubits} variables; state indices end at 62")
        return bits_to_index(self.occupations)

    def ground_reads(self, ground_energy: float | None = None) -> int:
        """Reads within the problem's ground tolerance of the ground energy.

        Parameters
        ----------
        ground_energy : offset included, with all its digits; None computes it from all 2^d states.

        Raises
        ------
        InputError : if a read lies below ``ground_energy``, or that is rounded to more than 1e-6 of
            the energy scale next to the problem's offset.
        MemoryLimitError : if it is None and 2^d energies do not fit.
        """
        lowest = ground_level(self.problem, ground_energy)
        tolerance = self.problem.ground_tolerance
        if ground_energy is not None:  # it was rounded with its offset
            rounding = GIVEN_ROUNDINGS * EPS * (abs(ground_energy) + abs(self.problem.offset))
            if rounding > ENERGY_RTOL * self.problem.energy_scale:
                raise InputError(
                    f"ground_energy = {ground_energy:.16g} is known to {rounding:.2g} only, next "
                    f"to the offset {self.problem.offset:g}; leave it out, or take the offset off "
                    "the problem"
                )
            tolerance += rounding
        below = self.level_energies < lowest - tolerance
        if np.any(below):
            given = self.problem.ground_energy if ground_energy is None else ground_energy
            raise InputError(
                f"{int(self.multiplicity[below].sum())} reads lie below the ground energy "
                f"{given:.16g}, the lowest at {self.energies.min():.16g}; correct ground_energy"
            )
        return int(self.multiplicity[self.level_energies <= lowest + tolerance].sum())

    def state_counts(self) -> NDArray[np.int64]:
        """Reads per state, (2^d,), in state index order.

        Raises MemoryLimitError if they do not fit.
        """
        require_memory(8 << self.problem.num_qubits, "the reads of every state")
        counts = np.zeros(1 << self.problem.num_qubits, dtype=np.int64)
        np.add.at(counts, self.indices, self.multiplicity)
        return counts


def ground_level(problem: QuboProblem, ground_energy: float | None) -> float:
    """Return the lowest energy without the problem's offset.

    Parameters
    ----------
    ground_energy : float or None
        The lowest energy, offset included; None computes it from all 2^d states.
    """
    if ground_energy is None:
        return float(problem.diagonal.min())
    return ground_energy - problem.offset


def align(
    problem: ProblemLike, sampleset: dimod.SampleSet, *, check_energies: bool = True
) -> Reads:
    """Bring samples into the problem's order, as occupations, with the problem's energies.

    Parameters
    ----------
    sampleset : BINARY or SPIN (``s = 2n - 1``, as in dimod), columns in any order.
    check_energies : refuse samples whose own energies are not the problem's to 1e-6 of its energy
        scale. No number made from :class:`Reads` rests on them.

    Raises
    ------
    InputError : for labels that are not the problem's, values that are not of the vartype, no
        reads, or energies of another problem, with the first rows that differ.
    """
    problem = as_problem(problem)
    require_sampleset(sampleset)
    occupations = _occupations(problem, sampleset)
    if check_energies:
        _check_energies(problem, occupations, sampleset)
    multiplicity = np.asarray(sampleset.record.num_occurrences, dtype=np.int64)
    if np.any(multiplicity < 0) or multiplicity.sum() < 1:
        raise InputError("the sample set holds no reads (or negative num_occurrences)")
    return Reads(problem, occupations, multiplicity)


def _occupations(problem: QuboProblem, sampleset: dimod.SampleSet) -> NDArray[np.int64]:
    """Rows as occupations n, columns in the problem's order: (rows, d)."""
    if not len(sampleset):
        raise InputError("the sample set holds no reads")
    variables = list(sampleset.variables)
    missing = [label for label in problem.labels if label not in sampleset.variables]
    extra = [label for label in variables if label not in problem.labels]
    if missing or extra:
        raise InputError(
            f"the samples lack the labels {missing} and have {extra} beside the problem's; "
            "relabel them as the problem is (1 and '1' differ)"
        )
    if sampleset.vartype not in (dimod.BINARY, dimod.SPIN):
        raise InputError(f"samples of vartype {sampleset.vartype}; use BINARY or SPIN")
    values = sampleset.record.sample[:, [variables.index(label) for label in problem.labels]]
    if not np.isin(values, list(sampleset.vartype.value)).all():
        raise InputError(f"the samples hold values that are not {sampleset.vartype.name}")
    return (values > 0).astype(np.int64)


def _check_energies(
    problem: QuboProblem, occupations: NDArray[np.int64], sampleset: dimod.SampleSet
) -> None:
    """Compare the samples' own energies with the problem's, the offset taken off both.

    Whoever drew the samples summed up to d + d(d-1)/2 terms and the offset; each addition may round
    as much as the precision of the sum allows, and so may reading them back.
    """
    recorded = sampleset.record.energy
    precision = float(np.finfo(recorded.dtype).eps) if recorded.dtype.kind == "f" else EPS
    given = np.asarray(recorded, dtype=np.float64)
    expected = problem.energy(occupations, offset=False)
    terms = 1 + np.count_nonzero(problem.h) + np.count_nonzero(problem.J)
    tolerance = ENERGY_RTOL * problem.energy_scale + terms * precision * abs(problem.offset)
    wrong = np.flatnonzero(~(np.abs(given - problem.offset - expected) <= tolerance))
    if wrong.size:
        rows = "; ".join(
            f"row {row}: {given[row]:.12g}, not {problem.offset + expected[row]:.12g}"
            for row in wrong[:3]
        )
        raise InputError(
            f"{wrong.size} of {len(expected)} sample energies are not the problem's ({rows}); give "
            "samples of this very problem (same couplings, pair weight, offset, unit); if only the "
            "states are to count, say so by --states-only (in Python check_energies=False)"
        )
