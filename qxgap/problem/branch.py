"""Branch and bound over selections: the compiled search of :func:`qxgap.minimize`.

A node has selected a set S of variables and left a set C open. Let ``g_p = -(h_p + sum_{q in S}
J_pq)`` be the gain of an open variable. A subset T of C with k variables changes the energy by

    E(S + T) - E(S) = - sum_{p in T} g_p + sum_{p<q in T} J_pq
                   >= - sum_{p in T} (g_p - m_p / 2),    m_p = sum of the k-1 smallest J_pq, q in C

because each p in T is coupled to k-1 others. If T is the best subset, leaving p out of it gains
nothing, so ``g_p >= sum_{q in T} J_pq >= m_p``: a variable with a smaller gain is no candidate at
this k. The bound of the node is the largest sum of k terms ``g_p - m_p / 2`` over the candidates,
maximized over k. All of this holds for couplings of either sign. If no coupling is negative, m_p
grows with k, and the scan over k ends as soon as fewer than k candidates are left. This makes the
search fast for feature selection, where redundancy keeps selections small.
"""

import numpy as np

from ..compiled import njit


@njit(cache=True)
def insert(value, capacity, number, largest):  # type: ignore[no-untyped-def]
    """Insert a value into the descending list ``largest[:number]`` of at most ``capacity``."""
    if number == capacity and value <= largest[capacity - 1]:
        return
    i = min(number, capacity - 1)
    while i > 0 and largest[i - 1] < value:
        largest[i] = largest[i - 1]
        i -= 1
    largest[i] = value


@njit(cache=True)
def _gain_of_size(k, gain, is_open, least_coupling, largest):  # type: ignore[no-untyped-def]
    """Return a bound of the gain of any k open variables; -inf with fewer than k candidates."""
    candidates = 0
    for p in range(gain.size):
        if is_open[p] and gain[p] >= least_coupling[p]:
            insert(gain[p] - 0.5 * least_coupling[p], k, min(candidates, k), largest)
            candidates += 1
    if candidates < k:
        return -np.inf
    total = 0.0
    for i in range(k):
        total += largest[i]
    return total


@njit(cache=True)
def _largest_gain(  # type: ignore[no-untyped-def]
    couplings, ranking, nonnegative, gain, is_open, least_coupling, position, largest
):
    """Return a bound of the gain of any subset of the open variables.

    ``least_coupling``, ``position`` and ``largest`` are scratch arrays of length d.
    """
    d, others = ranking.shape
    num_open = 0
    for p in range(d):
        least_coupling[p] = 0.0
        position[p] = 0
        num_open += is_open[p]
    best = 0.0
    for k in range(1, num_open + 1):
        bound = _gain_of_size(k, gain, is_open, least_coupling, largest)
        best = max(best, bound)
        if nonnegative and bound == -np.inf:
            break
        for p in range(d):  # least_coupling[p] becomes the sum of the k smallest couplings
            if is_open[p]:
                while position[p] < others and not is_open[ranking[p, position[p]]]:
                    position[p] += 1
                if position[p] < others:
                    least_coupling[p] += couplings[p, ranking[p, position[p]]]
                    position[p] += 1
    return best


@njit(cache=True)
def _largest_gain_variable(gain, is_open):  # type: ignore[no-untyped-def]
    """Return the open variable with the largest gain, or -1 if none is open."""
    best = -1
    for p in range(gain.size):
        if is_open[p] and (best < 0 or gain[p] > gain[best]):
            best = p
    return best


@njit(cache=True)
def _take(couplings, reach, gain, is_open, row, p):  # type: ignore[no-untyped-def]
    """Write into row + 1 the node of ``row`` with p selected.

    The gains fall by the couplings to p. A variable whose gain cannot become positive is closed.
    """
    for q in range(reach.size):
        gain[row + 1, q] = gain[row, q] - couplings[p, q]
        is_open[row + 1, q] = is_open[row, q] and gain[row + 1, q] + reach[q] > 0.0


@njit(cache=True, nogil=True)
def search(linear, couplings, ranking, reach, best, best_energy, tolerance, max_nodes):  # type: ignore[no-untyped-def]
    """Search depth first: select the open variable of largest gain, and later leave it out.

    Parameters
    ----------
    linear : ndarray of float, shape (d,)
        Linear coefficients.
    couplings : ndarray of float, shape (d, d)
        Symmetric couplings with a zero diagonal.
    ranking : ndarray of int, shape (d, d - 1)
        For each variable the others, by ascending coupling.
    reach : ndarray of float, shape (d,)
        The largest gain of each variable from the others: minus the sum of its negative couplings.
    best : ndarray of bool, shape (d,)
        A selection to improve; it is overwritten by the best that the search finds.
    best_energy : float
        The energy of ``best``.
    tolerance : float
        A subtree is cut if none of its energies can be lower than the best by more than this.
    max_nodes : int
        The number of nodes after which the search ends in any case.

    Returns
    -------
    bound : float
        A lower bound of the lowest energy. It is infinite if the search is complete: then no
        selection is lower than the best by more than ``tolerance``.
    nodes : int
        The number of nodes that were bounded.
    """
    d = linear.size
    nonnegative = True
    gain, is_open = np.zeros((d + 1, d)), np.zeros((d + 1, d), np.bool_)
    energy, chosen = np.zeros(d + 1), np.zeros(d + 1, np.int64)
    least_coupling, position = np.zeros(d), np.zeros(d, np.int64)
    largest = np.zeros(d)
    # Row 0 is the empty selection; row i has selected chosen[1..i].
    for p in range(d):
        gain[0, p] = -linear[p]
        is_open[0, p] = gain[0, p] + reach[p] > 0.0
        nonnegative = nonnegative and reach[p] == 0.0
    # The rows up to ``top`` are a stack of nodes that still have to be searched.
    top, nodes = 0, 0
    while top >= 0 and nodes < max_nodes:
        nodes += 1
        potential = _largest_gain(
            couplings,
            ranking,
            nonnegative,
            gain[top],
            is_open[top],
            least_coupling,
            position,
            largest,
        )
        p = _largest_gain_variable(gain[top], is_open[top])
        # The node is finished if it has no open variable, or if its bound shows that no selection
        # below it improves on the best one.
        if p < 0 or energy[top] - potential >= best_energy - tolerance:
            top -= 1
            continue
        # The node has two branches. Row ``top`` becomes the branch without p, which is searched
        # later, and a new row above it is the branch with p. The branch with p comes first, because
        # it finds good selections early.
        is_open[top, p] = False
        _take(couplings, reach, gain, is_open, top, p)
        energy[top + 1], chosen[top + 1] = energy[top] - gain[top, p], p
        top += 1
        # The new row is a selection itself, whose open variables all stay out.
        if energy[top] < best_energy:
            best_energy = energy[top]
            best[:] = False
            for row in range(1, top + 1):
                best[chosen[row]] = True
    # The rows that remain were not searched. Every other selection is no better than ``best``, so
    # the least bound of these rows is a lower bound. It is infinite if there are none.
    bound = np.inf
    for row in range(top + 1):
        potential = _largest_gain(
            couplings,
            ranking,
            nonnegative,
            gain[row],
            is_open[row],
            least_coupling,
            position,
            largest,
        )
        bound = min(bound, energy[row] - potential)
    return bound, nodes
