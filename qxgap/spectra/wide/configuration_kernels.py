"""Compiled loops over a set of configurations and its hash table.

A hash table holds the number of each configuration in the array ``stored``. A search compares all
words, so that two configurations are never confused.
"""

import numpy as np

from ...compiled import njit

EMPTY = -1
"""Entry of a hash table that holds no number."""

_DE_BRUIJN = 0x03F79D71B4CB0A89
"""A number whose 64 sixes of consecutive bits are all different."""
_PLACES = np.zeros(64, np.int64)
_PLACES[[((_DE_BRUIJN << p) & (2**64 - 1)) >> 58 for p in range(64)]] = np.arange(64)
"""The place of a single bit, by the six highest bits of its product with that number."""


@njit(cache=True)
def _hash(words):  # type: ignore[no-untyped-def]
    """Return a 64-bit hash of a configuration, by the finalizer of SplitMix64 on every word."""
    value = np.uint64(0x9E3779B97F4A7C15)
    for word in words:
        value ^= word
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        value ^= value >> np.uint64(31)
    return value


@njit(cache=True)
def slot_of(words, stored, table):  # type: ignore[no-untyped-def]
    """Return the slot of a configuration: the one that holds its number, or else a free one."""
    mask = np.uint64(table.size - 1)
    slot = np.int64(_hash(words) & mask)
    while table[slot] != EMPTY:
        number, equal = table[slot], True
        for w in range(words.size):
            if stored[number, w] != words[w]:
                equal = False
                break
        if equal:
            return slot
        slot = (slot + 1) & np.int64(mask)
    return slot


@njit(cache=True)
def _toggle(words, p):  # type: ignore[no-untyped-def]
    """Excite qubit p, or put it back, in place."""
    words[p >> 6] ^= np.uint64(1) << np.uint64(p & 63)


@njit(cache=True)
def _excited(words, qubits):  # type: ignore[no-untyped-def]
    """Write the numbers of the excited qubits, ascending, and return how many there are."""
    count = 0
    for w in range(words.size):
        rest = words[w]
        while rest:
            low = rest & (~rest + np.uint64(1))
            place = _PLACES[(low * np.uint64(_DE_BRUIJN)) >> np.uint64(58)]
            qubits[count] = 64 * w + place
            count += 1
            rest ^= low
    return count


@njit(cache=True)
def _flip_element(p, qubits, count, flip, flip_coupling):  # type: ignore[no-untyped-def]
    """Return the element of the flip of qubit p, from the excited qubits of one of the states."""
    value = flip[p]
    for a in range(count):
        if qubits[a] != p:
            value += flip_coupling[p, qubits[a]]
    return value


@njit(cache=True)
def rehash(stored, number, table):  # type: ignore[no-untyped-def]
    """Fill an empty table with the first ``number`` configurations."""
    for i in range(number):
        table[slot_of(stored[i], stored, table)] = i


@njit(cache=True)
def grow(  # type: ignore[no-untyped-def]
    stored, number, table, begin, weights, threshold, flip, flip_coupling, pairs, pair_values
):
    """Add all configurations that some member reaches with ``|H_ij| weights_i > threshold``.

    Members from ``begin`` on are used. Returns the new number of configurations and the first
    member that was not finished because the store is full (the number of weights if none is left).
    """
    d = flip.size
    qubits = np.zeros(d, np.int64)
    words = np.zeros(stored.shape[1], np.uint64)
    for i in range(begin, weights.size):
        weight = weights[i]
        count = _excited(stored[i], qubits)
        if number + d + pairs.shape[0] > stored.shape[0]:
            return number, i
        words[:] = stored[i]
        for p in range(d):
            element = _flip_element(p, qubits, count, flip, flip_coupling)
            if abs(element) * weight > threshold:
                _toggle(words, p)
                slot = slot_of(words, stored, table)
                if table[slot] == EMPTY:
                    table[slot] = number
                    stored[number] = words
                    number += 1
                _toggle(words, p)
        for t in range(pair_values.size):
            if abs(pair_values[t]) * weight <= threshold:
                break
            _toggle(words, pairs[t, 0])
            _toggle(words, pairs[t, 1])
            slot = slot_of(words, stored, table)
            if table[slot] == EMPTY:
                table[slot] = number
                stored[number] = words
                number += 1
            _toggle(words, pairs[t, 0])
            _toggle(words, pairs[t, 1])
    return number, weights.size


@njit(cache=True)
def diagonal(stored, number, excitation, excitation_coupling):  # type: ignore[no-untyped-def]
    """Return the diagonal elements, relative to the energy of the product state."""
    energies = np.zeros(number)
    qubits = np.zeros(excitation.size, np.int64)
    for i in range(number):
        count = _excited(stored[i], qubits)
        for a in range(count):
            energies[i] += excitation[qubits[a]]
            for b in range(a):
                energies[i] += excitation_coupling[qubits[a], qubits[b]]
    return energies


@njit(cache=True)
def _bucket(words, stored, owner, removed, heads):  # type: ignore[no-untyped-def]
    """Return the slot of the bucket of ``words``: configurations that have these and one more."""
    mask = np.uint64(heads.size - 1)
    slot = np.int64(_hash(words) & mask)
    other = np.zeros(words.size, np.uint64)
    while heads[slot] != EMPTY:
        entry = heads[slot]
        other[:] = stored[owner[entry]]
        _toggle(other, removed[entry])
        equal = True
        for w in range(words.size):
            if other[w] != words[w]:
                equal = False
                break
        if equal:
            return slot
        slot = (slot + 1) & np.int64(mask)
    return slot


@njit(cache=True)
def elements(  # type: ignore[no-untyped-def]
    stored, number, table, heads, following, owner, removed, flip, flip_coupling, pair_flip, out
):
    """Write row, column and value of every element between two members, each pair once.

    Members that differ by a swap of two excited qubits share a bucket: the excited qubits without
    the swapped one. Of members that differ in one flip, or in two of one kind, one contains the
    other, so it is looked up from the larger one. So the work grows as the number of elements, not
    as all pairs of qubits. Returns the number of elements; if it exceeds the length of ``out``,
    only that many were written.
    """
    rows, columns, values = out
    d = flip.size
    qubits = np.zeros(d, np.int64)
    words = np.zeros(stored.shape[1], np.uint64)
    entries = np.int64(0)
    found = np.int64(0)
    for i in range(number):
        count = _excited(stored[i], qubits)
        words[:] = stored[i]
        for a in range(count):
            p = qubits[a]
            _toggle(words, p)
            j = table[slot_of(words, stored, table)]
            if j != EMPTY:
                value = _flip_element(p, qubits, count, flip, flip_coupling)
                if value != 0.0:
                    if found < rows.size:
                        rows[found], columns[found], values[found] = i, j, value
                    found += 1
            slot = _bucket(words, stored, owner, removed, heads)
            entry = heads[slot]
            while entry != EMPTY:
                value = pair_flip[p, removed[entry]]
                if value != 0.0:
                    if found < rows.size:
                        rows[found], columns[found], values[found] = i, owner[entry], value
                    found += 1
                entry = following[entry]
            owner[entries], removed[entries] = i, p
            following[entries] = heads[slot]
            heads[slot] = entries
            entries += 1
            for b in range(a):
                q = qubits[b]
                if pair_flip[p, q] == 0.0:
                    continue
                _toggle(words, q)
                j = table[slot_of(words, stored, table)]
                if j != EMPTY:
                    if found < rows.size:
                        rows[found], columns[found], values[found] = i, j, pair_flip[p, q]
                    found += 1
                _toggle(words, q)
            _toggle(words, p)
    return found


@njit(cache=True)
def num_contributions(  # type: ignore[no-untyped-def]
    stored, weights, threshold, flip, flip_coupling, pair_values
):
    """Return how many elements ``|H_ji| weights_i`` exceed the threshold, from members i."""
    qubits = np.zeros(flip.size, np.int64)
    total = np.int64(0)
    for i in range(weights.size):
        count = _excited(stored[i], qubits)
        for p in range(flip.size):
            element = _flip_element(p, qubits, count, flip, flip_coupling)
            total += abs(element) * weights[i] > threshold
        for value in pair_values:
            if abs(value) * weights[i] <= threshold:
                break
            total += 1
    return total


@njit(cache=True)
def outside(  # type: ignore[no-untyped-def]
    stored,
    table,
    vectors,
    weights,
    begin,
    part,
    keys,
    threshold,
    flip,
    flip_coupling,
    qubits_of_key,
    first_qubits,
    pairs,
    pair_values,
    first_pairs,
    found,
    number,
    found_table,
    couplings,
):
    """Add ``H_ji vectors_i`` to all configurations j outside the set, as far as they matter.

    A contribution counts if ``|H_ji| weights_i > threshold``. Only configurations of one part are
    considered: those whose excited qubits have ``keys`` that add up, bit by bit, to ``part``.
    Qubits and pairs are sorted by their keys, so a member reaches only flips into this part; those
    of one key begin at ``first_qubits`` and ``first_pairs``, pairs with the largest element first.
    Members from ``begin`` on are used; returns the number of configurations and the first member
    that was not finished because the store ``found`` is full.
    """
    d = flip.size
    qubits = np.zeros(d, np.int64)
    words = np.zeros(stored.shape[1], np.uint64)
    for i in range(begin, weights.size):
        weight = weights[i]
        count = _excited(stored[i], qubits)
        key = part
        for a in range(count):
            key ^= keys[qubits[a]]
        low, high = first_pairs[key], first_pairs[key + 1]
        singles = first_qubits[key + 1] - first_qubits[key]
        if number + singles + high - low > found.shape[0]:
            return number, i
        words[:] = stored[i]
        for t in range(-singles, high - low):
            if t < 0:
                p, q = qubits_of_key[first_qubits[key] + singles + t], np.int64(-1)
                element = _flip_element(p, qubits, count, flip, flip_coupling)
                if abs(element) * weight <= threshold:
                    continue
            else:
                element = pair_values[low + t]
                if abs(element) * weight <= threshold:
                    break
                p, q = pairs[low + t, 0], pairs[low + t, 1]
                _toggle(words, q)
            _toggle(words, p)
            if table[slot_of(words, stored, table)] == EMPTY:
                slot = slot_of(words, found, found_table)
                j = found_table[slot]
                if j == EMPTY:
                    j = number
                    found_table[slot] = j
                    found[j] = words
                    number += 1
                for k in range(vectors.shape[1]):
                    couplings[j, k] += element * vectors[i, k]
            _toggle(words, p)
            if q >= 0:
                _toggle(words, q)
    return number, weights.size


@njit(cache=True)
def flips_inside(stored, number, table, vectors, excited, flipped):  # type: ignore[no-untyped-def]
    """Add the expectations of "qubit p is excited" and of the flip of qubit p, for all states."""
    qubits = np.zeros(excited.shape[0], np.int64)
    words = np.zeros(stored.shape[1], np.uint64)
    for i in range(number):
        count = _excited(stored[i], qubits)
        words[:] = stored[i]
        for a in range(count):
            p = qubits[a]
            _toggle(words, p)
            j = table[slot_of(words, stored, table)]
            _toggle(words, p)
            for k in range(vectors.shape[1]):
                excited[p, k] += vectors[i, k] ** 2
                if j != EMPTY:
                    flipped[p, k] += 2.0 * vectors[i, k] * vectors[j, k]


@njit(cache=True)
def rim(  # type: ignore[no-untyped-def]
    stored,
    table,
    begin,
    end,
    num_qubits,
    found,
    number,
    found_table,
    rows,
    columns,
    flipped,
    raises,
):
    """List every single flip that leads from the members ``begin`` to ``end`` out of the set.

    Writes the configuration outside, the member and the qubit of each, and whether the qubit is
    then excited. Returns how many configurations and how many flips there are.
    """
    words = np.zeros(stored.shape[1], np.uint64)
    count = np.int64(0)
    for i in range(begin, end):
        words[:] = stored[i]
        for p in range(num_qubits):
            _toggle(words, p)
            if table[slot_of(words, stored, table)] == EMPTY:
                slot = slot_of(words, found, found_table)
                if found_table[slot] == EMPTY:
                    found_table[slot] = number
                    found[number] = words
                    number += 1
                rows[count], columns[count], flipped[count] = found_table[slot], i, p
                raises[count] = (words[p >> 6] >> np.uint64(p & 63)) & np.uint64(1)
                count += 1
            _toggle(words, p)
    return number, count


@njit(cache=True)
def sums_of_excited(stored, number, values):  # type: ignore[no-untyped-def]
    """Return for every configuration the sum of the values of its excited qubits."""
    sums = np.zeros(number)
    qubits = np.zeros(values.size, np.int64)
    for i in range(number):
        for a in range(_excited(stored[i], qubits)):
            sums[i] += values[qubits[a]]
    return sums
