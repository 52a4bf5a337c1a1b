"""A growing set of configurations, with the Hamiltonian between its members.

A configuration is the set of excited qubits of a basis state in the mean-field frame, stored as the
bits of one or more 64-bit words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ...memory import require_memory
from .configuration_kernels import (
    EMPTY,
    diagonal,
    elements,
    flips_inside,
    grow,
    num_contributions,
    outside,
    rehash,
    rim,
    slot_of,
    sums_of_excited,
)
from .terms import FrameTerms

Array = NDArray[np.float64]
Words = NDArray[np.uint64]

PART_SIZE = 1 << 13
"""Number of contributions to configurations outside a set that are collected at a time."""

RIM_MEMBERS = 4096
"""Number of members whose flips are listed at a time."""


def words_of(configurations: Iterable[Iterable[int]], num_qubits: int) -> Words:
    """Return the words of configurations that are given as sets of excited qubits.

    Parameters
    ----------
    configurations : iterable of iterable of int
        The excited qubits of each configuration.
    num_qubits : int
        The number of qubits d.

    Returns
    -------
    ndarray of uint64, shape (n, w)
        Qubit p is bit p modulo 64 of word p // 64.
    """
    sets = [list(qubits) for qubits in configurations]
    words = np.zeros((len(sets), num_words(num_qubits)), np.uint64)
    for row, qubits in zip(words, sets, strict=True):
        for p in qubits:
            row[p >> 6] |= np.uint64(1) << np.uint64(p & 63)
    return words


def num_words(num_qubits: int) -> int:
    """Return the number of 64-bit words of a configuration."""
    return max(1, -(-num_qubits // 64))


class ConfigurationSet:
    """A set of configurations that grows, with the Hamiltonian between its members.

    Parameters
    ----------
    terms : FrameTerms
        The Hamiltonian.
    """

    def __init__(self, terms: FrameTerms) -> None:
        self.terms = terms
        self._stored = np.zeros((1024, num_words(terms.num_qubits)), np.uint64)
        self._table = np.full(4096, EMPTY, np.int64)
        self._number = 0

    def __len__(self) -> int:
        return self._number

    @property
    def words(self) -> Words:
        """The configurations, shape (n, w), in the order in which they were added."""
        return self._stored[: self._number]

    def add(self, words: Words) -> None:
        """Add configurations; those that the set has already are ignored.

        Parameters
        ----------
        words : ndarray of uint64, shape (n, w)
            The configurations, as :func:`words_of` makes them.
        """
        self._reserve(len(words))
        for row in words:
            slot = slot_of(row, self._stored, self._table)
            if self._table[slot] == EMPTY:
                self._table[slot] = self._number
                self._stored[self._number] = row
                self._number += 1

    def grow(self, weights: Array, threshold: float) -> int:
        """Add every configuration that a member reaches with more than a threshold.

        Parameters
        ----------
        weights : ndarray of float, shape (n,)
            Largest modulus of the amplitude of each member in the wanted states.
        threshold : float
            Configuration j is added if ``|H_ij| weights_i`` exceeds it for a member i.

        Returns
        -------
        int
            The number of configurations that were added.
        """
        before, begin, terms = self._number, 0, self.terms
        while begin < weights.size:
            self._reserve(terms.num_qubits + len(terms.pairs))
            self._number, begin = grow(
                self._stored,
                self._number,
                self._table,
                begin,
                weights,
                threshold,
                terms.flip,
                terms.flip_coupling,
                terms.pairs,
                terms.pair_values,
            )
        return self._number - before

    def _reserve(self, number: int) -> None:
        """Make room for ``number`` more configurations, with a table less than half full."""
        need = self._number + number
        rows, width = self._stored.shape
        if need > rows:
            rows = max(need, 2 * rows)
            require_memory(8 * rows * (width + 4), f"{rows:,} configurations")
            stored = np.zeros((rows, width), np.uint64)
            stored[: self._number] = self.words
            self._stored = stored
        if 2 * rows > self._table.size:
            size = 1 << int(np.ceil(np.log2(4 * rows)))
            self._table = np.full(size, EMPTY, np.int64)
            rehash(self._stored, self._number, self._table)

    def diagonal(self) -> Array:
        """Return the diagonal elements of the members, relative to the product state's energy."""
        terms = self.terms
        result: Array = diagonal(
            self._stored, self._number, terms.excitation, terms.excitation_coupling
        )
        return result

    def matrix(self) -> sp.csr_array:
        """Return the Hamiltonian between the members, relative to the product state's energy."""
        n, terms = self._number, self.terms
        entries = int(np.bitwise_count(self.words).sum())
        size = 1 << int(np.ceil(np.log2(max(4 * entries, 16))))
        length = max(1024, 16 * n)
        while True:
            require_memory(48 * length, f"a matrix of {length:,} elements")
            out = np.zeros(length, np.int32), np.zeros(length, np.int32), np.zeros(length)
            found = elements(
                self._stored,
                n,
                self._table,
                np.full(size, EMPTY, np.int64),
                np.full(max(entries, 1), EMPTY, np.int64),
                np.zeros(max(entries, 1), np.int64),
                np.zeros(max(entries, 1), np.int64),
                terms.flip,
                terms.flip_coupling,
                terms.pair_flip,
                out,
            )
            if found <= length:
                break
            length = int(found)
        rows, columns, values = (part[:found] for part in out)
        half = sp.csr_array(sp.coo_array((values, (rows, columns)), shape=(n, n)))
        return sp.csr_array(half + half.T + sp.diags_array(self.diagonal()))

    def num_contributions(self, vectors: Array, threshold: float) -> int:
        """Return the number of contributions that :meth:`outside` would go through.

        Parameters
        ----------
        vectors : ndarray of float, shape (n, k)
            The states, by their amplitudes on the members.
        threshold : float
            As for :meth:`outside`.

        Returns
        -------
        int
            The number of elements from members to configurations in the set or outside.
        """
        terms = self.terms
        return int(
            num_contributions(
                self._stored,
                np.abs(vectors).max(axis=1),
                threshold,
                terms.flip,
                terms.flip_coupling,
                terms.pair_values,
            )
        )

    def outside(
        self, vectors: Array, threshold: float, num_parts: int | None = None
    ) -> Iterator[tuple[Array, Array]]:
        """Yield the couplings of states to configurations outside the set, and their energies.

        The configurations come in parts, each of them in one part, so that memory stays small.

        Parameters
        ----------
        vectors : ndarray of float, shape (n, k)
            The states, by their amplitudes on the members.
        threshold : float
            A contribution ``H_ji v_i`` counts if its largest modulus among the states exceeds it.
        num_parts : int, optional
            The number of parts, a power of two; by default so many that a part has about PART_SIZE
            contributions.

        Yields
        ------
        couplings : ndarray of float, shape (m, k)
            ``sum_i H_ji v_i`` for every configuration j of the part.
        energies : ndarray of float, shape (m,)
            Their diagonal elements, relative to the product state's energy.
        """
        if num_parts is None:
            wanted = self.num_contributions(vectors, threshold) // PART_SIZE
            num_parts = 1 << int(wanted).bit_length()
        flips = _KeyedFlips(self.terms, num_parts)
        weights = np.abs(vectors).max(axis=1)
        for part in range(num_parts):
            yield self._outside(vectors, weights, threshold, part, flips)

    def _outside(
        self, vectors: Array, weights: Array, threshold: float, part: int, flips: _KeyedFlips
    ) -> tuple[Array, Array]:
        """Return the couplings to the configurations of one part, and their energies."""
        terms = self.terms
        other = ConfigurationSet(terms)
        other._reserve(2 * PART_SIZE)
        couplings = np.zeros((0, vectors.shape[1]))
        begin = 0
        while begin < weights.size:
            other._reserve(flips.most)
            if len(couplings) < len(other._stored):
                wider = np.zeros((len(other._stored), vectors.shape[1]))
                wider[: len(couplings)] = couplings
                couplings = wider
            other._number, begin = outside(
                self._stored,
                self._table,
                vectors,
                weights,
                begin,
                part,
                flips.keys,
                threshold,
                terms.flip,
                terms.flip_coupling,
                flips.qubits,
                flips.first_qubits,
                flips.pairs,
                flips.pair_values,
                flips.first_pairs,
                other._stored,
                other._number,
                other._table,
                couplings,
            )
        return couplings[: len(other)], other.diagonal()

    def one_qubit(self, vectors: Array) -> tuple[Array, Array]:
        """Return the expectations of the one-qubit operators m_p and x_p of the frame.

        Parameters
        ----------
        vectors : ndarray of float, shape (n, k)
            The states, by their amplitudes on the members.

        Returns
        -------
        excited : ndarray of float, shape (d, k)
            The probability that a qubit is excited.
        flipped : ndarray of float, shape (d, k)
            The expectation of the flip of a qubit.
        """
        shape = self.terms.num_qubits, vectors.shape[1]
        excited, flipped = np.zeros(shape), np.zeros(shape)
        flips_inside(self._stored, self._number, self._table, vectors, excited, flipped)
        return excited, flipped

    def rim(self) -> Rim:
        """Return all configurations outside the set that one flip leads to.

        Returns
        -------
        Rim
            The configurations, and the flips that lead to them.
        """
        d, n = self.terms.num_qubits, self._number
        others, flips = ConfigurationSet(self.terms), []
        for begin in range(0, n, RIM_MEMBERS):
            end = min(begin + RIM_MEMBERS, n)
            others._reserve((end - begin) * d)
            out = tuple(np.zeros((end - begin) * d, np.int32) for _ in range(4))
            others._number, count = rim(
                self._stored,
                self._table,
                begin,
                end,
                d,
                others._stored,
                others._number,
                others._table,
                *out,
            )
            flips.append([part[:count] for part in out])
        rows, columns, qubits, raises = (np.concatenate(part) for part in zip(*flips, strict=True))
        return Rim(self, others, rows, columns, qubits, raises)


class _KeyedFlips:
    """The flips of one qubit and of two, sorted by what they change at the key of a configuration.

    The key is the sum, bit by bit, of random keys of the excited qubits. Configurations of one key
    are a part of all, and a flip leads from one part into another that is known beforehand.
    """

    def __init__(self, terms: FrameTerms, num_parts: int) -> None:
        self.keys = np.random.default_rng(0).integers(num_parts, size=terms.num_qubits)
        ends = np.arange(num_parts + 1)
        self.qubits = np.argsort(self.keys, kind="stable")
        self.first_qubits = np.searchsorted(self.keys[self.qubits], ends)
        keys = self.keys[terms.pairs[:, 0]] ^ self.keys[terms.pairs[:, 1]]
        order = np.argsort(keys, kind="stable")
        self.first_pairs = np.searchsorted(keys[order], ends)
        self.pairs, self.pair_values = terms.pairs[order], terms.pair_values[order]
        self.most = int((np.diff(self.first_pairs) + np.diff(self.first_qubits)).max())
        """Largest number of flips into a part from one configuration."""


@dataclass(frozen=True, eq=False)
class Rim:
    """The configurations outside a set that one flip of a qubit leads to.

    Attributes
    ----------
    members, others : ConfigurationSet
        The set, and the configurations outside.
    rows, columns, qubits : ndarray of int32, shape (m,)
        The configuration outside, the member and the qubit of each flip.
    raises : ndarray of int32, shape (m,)
        1 where the qubit is excited in the configuration outside, else 0.
    """

    members: ConfigurationSet
    others: ConfigurationSet
    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    qubits: NDArray[np.int32]
    raises: NDArray[np.int32]

    def couplings(self) -> sp.csr_array:
        """Return the elements of single flips between the outside and the set, shape (r, n)."""
        shape = len(self.others), len(self.members)
        values = self.members.terms.flip[self.qubits]
        return sp.csr_array((values, (self.rows, self.columns)), shape=shape)

    def losses(self, down: Array, up: Array) -> Array:
        """Sum over all flips of each configuration that lead to others outside the set.

        Parameters
        ----------
        down, up : ndarray of float, shape (d,)
            What the flip of an excited qubit costs, and of one that is not.

        Returns
        -------
        ndarray of float, shape (r,)
            The sum of each configuration.
        """
        others = self.others
        all_flips = up.sum() + sums_of_excited(others._stored, len(others), down - up)
        into = np.where(self.raises == 1, down[self.qubits], up[self.qubits])
        result: Array = all_flips - np.bincount(self.rows, into, minlength=len(others))
        return result
