"""The 2^d energies of a quadratic form, computed by doubling the number of bits."""

import numpy as np
from numpy.typing import NDArray

from ..compiled import njit
from ..memory import aligned_empty
from .bits import qubits_to_bit_order


@njit(cache=True)
def _double_bits(linear, couplings, offset, energies, field):  # type: ignore[no-untyped-def]
    """Fill ``energies``; ``field`` (half as long) is scratch.

    The energies of the states without bit k are known when bit k is added. The field f_k of a state
    is what bit k then costs, and it follows from the field of a state with one bit fewer:

        E[x + 2^k] = E[x] + f_k(x),  f_k(x) = h_k + sum_{j<k} J_jk x_j,
        f_k(x + 2^j) = f_k(x) + J_jk
    """
    energies[0] = offset
    for k in range(linear.size):
        field[0] = linear[k]
        for j in range(k):
            for x in range(1 << j):
                field[x + (1 << j)] = field[x] + couplings[j, k]
        for x in range(1 << k):
            energies[x + (1 << k)] = energies[x] + field[x]


def quadratic_form_diagonal(
    linear: NDArray[np.float64], couplings: NDArray[np.float64], offset: float
) -> NDArray[np.float64]:
    """Return ``offset + sum h_p n_p + sum_{p<q} J_pq n_p n_q`` of all 2^d basis states.

    Parameters
    ----------
    linear : ndarray of float, shape (d,)
        Linear coefficients h, indexed by qubit.
    couplings : ndarray of float, shape (d, d)
        Couplings J in the strict upper triangle, indexed by qubit.
    offset : float
        A constant that is added to every energy.

    Returns
    -------
    ndarray of float, shape (2^d,)
        The energies in the index order of :mod:`qxgap.problem.bits`. They and the work array take
        1.5 * 2^d numbers of double precision.
    """
    d = linear.size
    energies = aligned_empty((1 << d,))
    field = np.empty(1 << max(d - 1, 0))
    bitwise = qubits_to_bit_order(couplings)  # strict lower: [k, j] couples bit k > bit j
    _double_bits(
        qubits_to_bit_order(linear), np.ascontiguousarray(bitwise.T), offset, energies, field
    )
    return energies
