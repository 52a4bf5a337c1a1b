"""State index <-> bits. The only file that knows the bit order.

Qubit 0, the first label, is the leftmost tensor factor and hence the most significant bit:
``|n_0 n_1 ... n_{d-1}>`` has index ``sum_q n_q 2^(d-1-q)``, which is QuTiP's order. The occupation
is ``n = (1 - sigma_z)/2``: bit 0 is spin up, bit 1 is spin down.

Kernels work on *strides*: bit k of the index flips with stride ``2^k`` and belongs to qubit
``d-1-k``, so an array indexed by qubit becomes an array indexed by bit when it is reversed.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def bit_of_qubit(qubit: int, num_qubits: int) -> int:
    """Return the position of ``qubit`` in the state index (0 = least significant)."""
    return num_qubits - 1 - qubit


def qubits_to_bit_order(array: NDArray) -> NDArray:
    """Reorder every axis of a per-qubit array (d,) or (d, d) into bit order; its own inverse."""
    return np.ascontiguousarray(np.flip(array))


def index_to_bits(index: ArrayLike, num_qubits: int) -> NDArray[np.uint8]:
    """Occupations of basis states: index array of shape S -> uint8 array of shape S + (d,)."""
    shifts = np.arange(num_qubits - 1, -1, -1, dtype=np.int64)
    return ((np.asarray(index, dtype=np.int64)[..., None] >> shifts) & 1).astype(np.uint8)


def bits_to_index(bits: ArrayLike) -> NDArray[np.int64]:
    """Index of basis states given as occupations: shape S + (d,) -> int64 array of shape S."""
    occupations = np.asarray(bits, dtype=np.int64)
    weights = np.int64(1) << np.arange(occupations.shape[-1] - 1, -1, -1, dtype=np.int64)
    return occupations @ weights
