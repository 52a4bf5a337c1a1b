"""The order of basis states: conversion between state indices and bits.

This is the only file that defines the bit order.

Qubit 0, which has the first label, is the leftmost tensor factor and therefore the most significant
bit: ``|n_0 n_1 ... n_{d-1}>`` has the index ``sum_q n_q 2^(d-1-q)``, as in QuTiP. The occupation
is ``n = (1 - sigma_z)/2``: bit 0 is spin up, bit 1 is spin down.

Kernels work on *strides*: bit k of the index flips with stride ``2^k`` and belongs to qubit
``d-1-k``. An array that is indexed by qubit becomes an array indexed by bit when it is reversed.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def bit_of_qubit(qubit: int, num_qubits: int) -> int:
    """Return the position of ``qubit`` in the state index; 0 is the least significant bit."""
    return num_qubits - 1 - qubit


def qubits_to_bit_order(array: NDArray) -> NDArray:
    """Return a (d,) or (d, d) array, indexed by qubit, in bit order; twice gives the original."""
    return np.ascontiguousarray(np.flip(array))


def index_to_bits(index: ArrayLike, num_qubits: int) -> NDArray[np.uint8]:
    """Return the occupations of basis states.

    Parameters
    ----------
    index : array_like of int, shape (...)
        State indices.
    num_qubits : int
        The number of qubits d.

    Returns
    -------
    ndarray of uint8, shape (..., d)
        The occupations, in qubit order.

    Examples
    --------
    >>> from qxgap.problem import index_to_bits
    >>> index_to_bits(4, num_qubits=3)
    array([1, 0, 0], dtype=uint8)
    """
    shifts = np.arange(num_qubits - 1, -1, -1, dtype=np.int64)
    return ((np.asarray(index, dtype=np.int64)[..., None] >> shifts) & 1).astype(np.uint8)


def bits_to_index(bits: ArrayLike) -> NDArray[np.int64]:
    """Return the state indices of occupations.

    Parameters
    ----------
    bits : array_like of int, shape (..., d)
        Occupations, in qubit order.

    Returns
    -------
    ndarray of int, shape (...)
        The state indices.

    Examples
    --------
    >>> from qxgap.problem import bits_to_index
    >>> int(bits_to_index([1, 0, 0]))
    4
    """
    occupations = np.asarray(bits, dtype=np.int64)
    weights = np.int64(1) << np.arange(occupations.shape[-1] - 1, -1, -1, dtype=np.int64)
    return occupations @ weights


def spins_of(index: ArrayLike, num_qubits: int) -> NDArray[np.float64]:
    """Return the spins ``1 - 2 n`` of basis states.

    Parameters
    ----------
    index : array_like of int, shape (...)
        State indices.
    num_qubits : int
        The number of qubits d.

    Returns
    -------
    ndarray of float, shape (..., d)
        The spins, in qubit order.
    """
    return np.asarray(1.0 - 2.0 * index_to_bits(index, num_qubits), dtype=np.float64)


def spin_moments(
    weights: NDArray[np.float64], num_qubits: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the means of all spins and of the products of all pairs.

    Parameters
    ----------
    weights : ndarray of float, shape (2^d,)
        Probabilities of the states, in index order.
    num_qubits : int
        Number of qubits d.

    Returns
    -------
    means : ndarray of float, shape (d,)
        ``<sigma_z^p>``, in qubit order.
    products : ndarray of float, shape (d, d)
        ``<sigma_z^p sigma_z^q>``.
    """
    # The qubits are divided into two halves, so that no array is larger than the weights.
    half = num_qubits // 2
    left, right = (spins_of(np.arange(1 << n), n) for n in (half, num_qubits - half))
    grid = weights.reshape(len(left), len(right))
    of_left, of_right = grid.sum(axis=1), grid.sum(axis=0)
    means = np.concatenate([of_left @ left, of_right @ right])
    across = left.T @ (grid @ right)
    products = np.block(
        [
            [left.T @ (of_left[:, None] * left), across],
            [across.T, right.T @ (of_right[:, None] * right)],
        ]
    )
    return means, products
