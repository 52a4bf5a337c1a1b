"""A fixed set of configurations, with the Hamiltonian inside it and what leads out of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...memory import require_memory
from ...spectra.wide.configuration_kernels import EMPTY, rehash
from ...spectra.wide.configurations import Words, words_of
from .flow_kernels import (
    apply,
    collect,
    excited_lists,
    leave,
    phases,
    product_amplitudes,
    reach,
)
from .mean_field import Array, Complex, Frame

REMEDY = "give a smaller max_configurations"

BYTES_OUTSIDE = 96
"""Memory for a configuration outside: its words twice, hash table, amplitude and importance."""


class SelectedSpace:
    """The space that is spanned by a set of configurations of the mean-field frame.

    Parameters
    ----------
    coupling : ndarray of float, shape (d, d)
        The couplings J of the problem, symmetric.
    words : ndarray of uint64, shape (n, w)
        The configurations, as :func:`qxgap.spectra.wide.configurations.words_of` makes them.

    Attributes
    ----------
    words : ndarray of uint64, shape (n, w)
        The configurations.
    outside : ndarray of uint64, shape (m, w)
        The configurations outside the set that some member reaches in one step.
    """

    def __init__(self, coupling: Array, words: Words) -> None:
        self.coupling, self.words = coupling, words
        d = len(coupling)
        self._first, self._second = (
            part.astype(np.int64) for part in np.nonzero(np.triu(coupling, 1))
        )
        pairs = list(zip(self._first.tolist(), self._second.tolist(), strict=True))
        flips = words_of([*([p] for p in range(d)), *pairs], d)
        moves = len(words) * len(flips)
        needed = 8 * moves + BYTES_OUTSIDE * min(moves, 1 << d)
        require_memory(needed, f"{len(words):,} configurations and their neighbors", REMEDY)
        target = self._find_targets(flips)
        inside = target >= 0
        self._rows = np.concatenate([[0], np.cumsum(inside.sum(axis=1))])
        self._transitions = np.nonzero(inside)[1].astype(np.int32)
        self._columns = target[inside]
        self._target = target
        count = int(np.bitwise_count(words).sum())
        self._starts = np.zeros(len(words) + 1, np.int64)
        self._qubits = np.zeros(count, np.int64)
        excited_lists(words, d, self._starts, self._qubits)
        self._out = np.zeros(len(self.outside), np.complex128)

    def __len__(self) -> int:
        return len(self.words)

    def _find_targets(self, flips: Words) -> NDArray[np.int32]:
        """Return the configuration that each transition of each member reaches."""
        n, num_flips = len(self.words), len(flips)
        table = _table(n)
        rehash(self.words, n, table)
        target = np.zeros((n, num_flips), np.int32)
        found = np.zeros((max(1024, 2 * num_flips), flips.shape[1]), np.uint64)
        found_table, number, begin = _table(len(found)), 0, 0
        while True:
            number, begin = reach(
                self.words, table, flips, found, number, found_table, begin, target
            )
            if begin == n:
                break
            wider = np.zeros((2 * len(found), found.shape[1]), np.uint64)
            require_memory(wider.nbytes, f"{len(wider):,} configurations", REMEDY)
            wider[:number] = found[:number]
            found, found_table = wider, _table(len(wider))
            rehash(found, number, found_table)
        self.outside = found[:number].copy()
        return target

    def apply(self, frame: Frame, psi: Complex, constant: Array | None = None) -> Complex:
        """Return the product of the Hamiltonian within the set with a state.

        Parameters
        ----------
        frame : Frame
            The frame.
        psi : ndarray of complex, shape (n,)
            The state.
        constant : ndarray of float, shape (d,), optional
            Additional terms ``sum_p constant_p nu_p``.

        Returns
        -------
        ndarray of complex, shape (n,)
            The product.
        """
        turn, result = self._turn(frame), np.empty_like(psi)
        apply(
            self._starts,
            self._qubits,
            self._rows,
            self._columns,
            self._transitions,
            np.zeros(len(self.coupling)) if constant is None else constant,
            frame.B * self.coupling,
            frame.flip,
            frame.slope,
            self._pairs(frame),
            turn.conj() * psi,
            result,
        )
        return turn * result

    def leaving(self, frame: Frame, psi: Complex, weight: float, importance: Array) -> float:
        """Return the norm of what the Hamiltonian brings from a state out of the set.

        Parameters
        ----------
        frame : Frame
            The frame.
        psi : ndarray of complex, shape (n,)
            The state.
        weight : float
            Weight with which the squares are added to ``importance``.
        importance : ndarray of float, shape (m,)
            Sum over time of ``|(H psi)_j|^2`` for each configuration j outside; it is changed.

        Returns
        -------
        float
            The norm of ``Q H psi``, where Q projects on what is outside.
        """
        leave(
            self._starts,
            self._qubits,
            self._target,
            frame.B * self.coupling,
            frame.flip,
            frame.slope,
            self._pairs(frame),
            self._turn(frame).conj() * psi,
            self._out,
        )
        return float(collect(self._out, weight, importance))

    def amplitudes(self, frame: Frame, occupations: NDArray[np.uint8]) -> Complex:
        """Return the amplitude of a classical state in each configuration.

        Parameters
        ----------
        frame : Frame
            The frame.
        occupations : ndarray of int, shape (d,)
            The classical state.

        Returns
        -------
        ndarray of complex, shape (n,)
            ``<state|K>`` for each configuration K.
        """
        result = np.zeros(len(self), np.complex128)
        product_amplitudes(self._starts, self._qubits, *frame.factors(occupations), result)
        return result

    def _turn(self, frame: Frame) -> Complex:
        """Return the phase of each configuration, with which the elements become real."""
        result = np.empty(len(self), np.complex128)
        phases(self._starts, self._qubits, frame.unit, result)
        return result

    def _pairs(self, frame: Frame) -> Array:
        """Return the moduli, with sign, of the elements of two flips."""
        flip, strength = frame.flip, self.coupling[self._first, self._second]
        return np.asarray(frame.B * strength * flip[self._first] * flip[self._second])


def _table(number: int) -> NDArray[np.int64]:
    """Return an empty hash table for so many configurations, less than half full."""
    return np.full(1 << int(np.ceil(np.log2(max(4 * number, 16)))), EMPTY, np.int64)
