"""Compiled loops over the configurations of a :class:`.selected_space.SelectedSpace`.

The transitions of a configuration are numbered: number p < d flips qubit p, and the numbers from d
on flip both qubits of a coupled pair. Which configuration each of them reaches is looked up once.
"""

import numpy as np

from ...compiled import njit
from ...spectra.wide.configuration_kernels import EMPTY, slot_of


@njit(cache=True)
def reach(words, table, flips, found, number, found_table, begin, target):  # type: ignore[no-untyped-def]
    """Write which configuration each transition of each member reaches.

    ``target[i, t]`` is the number of the member that is reached, or ``-1 - j`` for configuration j
    of those outside, which are collected in ``found``. Returns the number of those outside and the
    first member that was not finished because ``found`` is full.
    """
    num_flips = flips.shape[0]
    reached = np.zeros(words.shape[1], np.uint64)
    for i in range(begin, words.shape[0]):
        if number + num_flips > found.shape[0]:
            return number, i
        for t in range(num_flips):
            for w in range(reached.size):
                reached[w] = words[i, w] ^ flips[t, w]
            member = table[slot_of(reached, words, table)]
            if member != EMPTY:
                target[i, t] = member
                continue
            slot = slot_of(reached, found, found_table)
            if found_table[slot] == EMPTY:
                found_table[slot] = number
                found[number] = reached
                number += 1
            target[i, t] = -1 - found_table[slot]
    return number, words.shape[0]


@njit(cache=True)
def excited_lists(words, num_qubits, starts, qubits):  # type: ignore[no-untyped-def]
    """Write the excited qubits of all members, one list after the other."""
    position = 0
    for i in range(words.shape[0]):
        starts[i] = position
        for p in range(num_qubits):
            if (words[i, p >> 6] >> np.uint64(p & 63)) & np.uint64(1):
                qubits[position] = p
                position += 1
    starts[words.shape[0]] = position


@njit(cache=True)
def phases(starts, qubits, unit, out):  # type: ignore[no-untyped-def]
    """Write the product of the unit numbers of the excited qubits of each member."""
    for i in range(out.size):
        product = 1.0 + 0.0j
        for a in range(starts[i], starts[i + 1]):
            product *= unit[qubits[a]]
        out[i] = product


@njit(cache=True)
def _field(p, begin, end, qubits, coupling, slope):  # type: ignore[no-untyped-def]
    """Return what the excited qubits of a member add to the field of qubit p."""
    value = 0.0
    for a in range(begin, end):
        value += coupling[p, qubits[a]] * slope[qubits[a]]
    return value


@njit(cache=True)
def apply(  # type: ignore[no-untyped-def]
    starts, qubits, rows, columns, transitions, constant, coupling, flip, slope, pairs, x, y
):
    """Write the product of the Hamiltonian between members with a vector x into y.

    ``constant[p]`` is an additional field of qubit p, which is zero in the mean-field frame.
    """
    d = flip.size
    for i in range(y.size):
        begin, end = starts[i], starts[i + 1]
        energy = 0.0
        for a in range(begin, end):
            p = qubits[a]
            energy += slope[p] * (
                constant[p] + 0.5 * _field(p, begin, end, qubits, coupling, slope)
            )
        total = energy * x[i]
        for e in range(rows[i], rows[i + 1]):
            t = transitions[e]
            if t < d:
                value = flip[t] * (constant[t] + _field(t, begin, end, qubits, coupling, slope))
            else:
                value = pairs[t - d]
            total += value * x[columns[e]]
        y[i] = total


@njit(cache=True)
def leave(starts, qubits, target, coupling, flip, slope, pairs, x, out):  # type: ignore[no-untyped-def]
    """Write the product of the Hamiltonian with x on the configurations outside."""
    d = flip.size
    out[:] = 0.0
    for i in range(x.size):
        begin, end = starts[i], starts[i + 1]
        amplitude = x[i]
        if amplitude == 0.0:
            continue
        for t in range(d):
            if target[i, t] < 0:
                value = flip[t] * _field(t, begin, end, qubits, coupling, slope)
                out[-1 - target[i, t]] += value * amplitude
        for t in range(d, target.shape[1]):
            if target[i, t] < 0:
                out[-1 - target[i, t]] += pairs[t - d] * amplitude


@njit(cache=True)
def collect(out, weight, importance):  # type: ignore[no-untyped-def]
    """Add ``weight |out|^2`` to the importance of the configurations; return the norm of out."""
    total = 0.0
    for j in range(out.size):
        square = out[j].real ** 2 + out[j].imag ** 2
        importance[j] += weight * square
        total += square
    return np.sqrt(total)


@njit(cache=True)
def product_amplitudes(starts, qubits, zero, one, out):  # type: ignore[no-untyped-def]
    """Write the amplitude of each member in a product state.

    Qubit p contributes the factor ``one[p]`` if it is excited and ``zero[p]`` if it is not.
    """
    d = zero.size
    for i in range(out.size):
        product = 1.0 + 0.0j
        position = starts[i]
        for p in range(d):
            if position < starts[i + 1] and qubits[position] == p:
                product *= one[p]
                position += 1
            else:
                product *= zero[p]
        out[i] = product
