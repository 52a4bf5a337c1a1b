"""Branch and bound over selections: the compiled search behind ``minimize``.

A node has chosen a set S and left a set C open. With the gain ``g_p = -(h_p + sum_{q in S} J_pq)``
of an open variable, the best that T, a subset of C of k variables, adds to the energy of S is

    E(S + T) - E(S) = - sum_{p in T} g_p + sum_{p<q in T} J_pq
                   >= - sum_{p in T} (g_p - m_p / 2),    m_p = sum of the k-1 smallest J_pq, q in C

since each p in T meets k-1 others. If T is the best subset, dropping p from it gains nothing, so
``g_p >= sum_{q in T} J_pq >= m_p``: variables below that are no candidates at this k. The bound of
the node is the largest sum of k terms ``g_p - m_p / 2`` over the candidates, maximised over k. All
of this holds for couplings of either sign. Without negative ones m_p grows with k, and the scan
over k ends when fewer than k candidates are left; that makes it fast for feature selection, where
redundancy keeps selections small.
"""

import numpy as np

from ..compiled import njit


@njit(cache=True)
def _insert(value, kept, number, largest):  # type: ignore[no-untyped-def]
    """Insert a value into the descending ``largest[:number]`` if it belongs to the top ``kept``."""
    if number == kept and value <= largest[kept - 1]:
        return
    at = min(number, kept - 1)
    while at > 0 and largest[at - 1] < value:
        largest[at] = largest[at - 1]
        at -= 1
    largest[at] = value


@njit(cache=True)
def _gain_of_size(k, gain, is_open, met, largest):  # type: ignore[no-untyped-def]
    """Bound on what any k open variables gain; -inf if there are fewer than k candidates."""
    candidates = 0
    for p in range(gain.size):
        if is_open[p] and gain[p] >= met[p]:
            _insert(gain[p] - 0.5 * met[p], k, min(candidates, k), largest)
            candidates += 1
    if candidates < k:
        return -np.inf
    total = 0.0
    for i in range(k):
        total += largest[i]
    return total


@njit(cache=True)
def _largest_gain(couplings, ranking, nonnegative, gain, is_open, met, place, largest):  # type: ignore[no-untyped-def]
    """Bound on what any subset of the open variables gains; the last three arrays are scratch."""
    d, others = ranking.shape
    num_open = 0
    for p in range(d):
        met[p] = 0.0
        place[p] = 0
        num_open += is_open[p]
    best = 0.0
    for k in range(1, num_open + 1):
        gained = _gain_of_size(k, gain, is_open, met, largest)
        best = max(best, gained)
        if nonnegative and gained == -np.inf:
            break
        for p in range(d):  # met[p] becomes the sum of the k smallest couplings
            if is_open[p]:
                while place[p] < others and not is_open[ranking[p, place[p]]]:
                    place[p] += 1
                if place[p] < others:
                    met[p] += couplings[p, ranking[p, place[p]]]
                    place[p] += 1
    return best


@njit(cache=True)
def _most_gainful(gain, is_open):  # type: ignore[no-untyped-def]
    """Return the open variable of the largest gain, -1 if none is open."""
    best = -1
    for p in range(gain.size):
        if is_open[p] and (best < 0 or gain[p] > gain[best]):
            best = p
    return best


@njit(cache=True)
def _take(couplings, reach, gain, is_open, row, p):  # type: ignore[no-untyped-def]
    """Row + 1 is row with p taken: gains fall by its couplings, hopeless variables are closed."""
    for q in range(reach.size):
        gain[row + 1, q] = gain[row, q] - couplings[p, q]
        is_open[row + 1, q] = is_open[row, q] and gain[row + 1, q] + reach[q] > 0.0


@njit(cache=True)
def search(linear, couplings, ranking, reach, best, best_energy, tolerance, max_nodes):  # type: ignore[no-untyped-def]
    """Depth-first search, the most gainful open variable first taken, then left out.

    Parameters
    ----------
    linear, couplings : (d,) and symmetric (d, d) with zero diagonal.
    ranking : (d, d-1) for each variable the others by ascending coupling.
    reach : (d,) the most that a variable can gain from the others: minus its negative couplings.
    best, best_energy : (d,) bool, a selection to improve on, overwritten, and its energy.
    tolerance : subtrees that cannot be lower than the best by more than this are cut.
    max_nodes : nodes to bound before giving up.

    Returns
    -------
    lower bound on the lowest energy (infinite if the search is complete: no selection is lower
    than the best by more than ``tolerance``), nodes bounded.
    """
    d = linear.size
    nonnegative = True
    gain, is_open = np.zeros((d + 1, d)), np.zeros((d + 1, d), np.bool_)
    energy, chosen = np.zeros(d + 1), np.zeros(d + 1, np.int64)
    met, place, largest = np.zeros(d), np.zeros(d, np.int64), np.zeros(d)
    for p in range(d):  # row 0 is the empty selection; row i has taken chosen[1..i]
        gain[0, p] = -linear[p]
        is_open[0, p] = gain[0, p] + reach[p] > 0.0
        nonnegative = nonnegative and reach[p] == 0.0
    top, nodes = 0, 0
    while top >= 0 and nodes < max_nodes:
        nodes += 1
        gained = _largest_gain(
            couplings, ranking, nonnegative, gain[top], is_open[top], met, place, largest
        )
        p = _most_gainful(gain[top], is_open[top])
        if p < 0 or energy[top] - gained >= best_energy - tolerance:
            top -= 1
            continue
        is_open[top, p] = False  # row ``top`` goes on as the branch that leaves p out
        _take(couplings, reach, gain, is_open, top, p)
        energy[top + 1], chosen[top + 1] = energy[top] - gain[top, p], p
        top += 1
        if energy[top] < best_energy:
            best_energy = energy[top]
            best[:] = False
            for row in range(1, top + 1):
                best[chosen[row]] = True
    bound = np.inf
    for row in range(top + 1):
        gained = _largest_gain(
            couplings, ranking, nonnegative, gain[row], is_open[row], met, place, largest
        )
        bound = min(bound, energy[row] - gained)
    return bound, nodes
