"""The 2^d energies of a quadratic form, by bit doubling."""

import numpy as np
from numpy.typing import NDArray

from ..compiled import njit
from .bits import qubits_to_bit_order


@njit(cache=True)
def _double_bits(linear, couplings, offset, energies, field):  # type: ignore[no-untyped-def]
    # E[x + 2^k] = E[x] + f_k(x),  f_k(x) = h_k + sum_{j<k} J_jk x_j,  f_k(x + 2^j) = f_k(x) + J_jk
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
    """Energies ``offset + sum h_p n_p + sum_{p<q} J_pq n_p n_q`` of all 2^d basis states.

    Parameters
    ----------
    linear : (d,) float64, indexed by qubit.
    couplings : (d, d) float64, strict upper triangle, indexed by qubit.
    offset : added to every energy.

    Returns
    -------
    (2^d,) float64 in the index order of :mod:`qxgap.problem.bits`. Needs 1.5 * 2^d doubles.
    """
    d = linear.size
    energies = np.empty(1 << d)
    field = np.empty(1 << max(d - 1, 0))
    bitwise = qubits_to_bit_order(couplings)  # strict lower: [k, j] couples bit k > bit j
    _double_bits(
        qubits_to_bit_order(linear), np.ascontiguousarray(bitwise.T), offset, energies, field
    )
    return energies
