"""Levels at one anneal fraction, with what is needed to bound those at every other fraction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...annealing.inhomogeneous import InhomogeneousHamiltonian
from ...linalg.arrays import Array, FloatArray, to_numpy
from ...problem.bits import index_to_bits, spin_moments
from ..low_levels import LowLevels
from .intervals import Node


@dataclass(frozen=True, eq=False)
class MomentNode(Node):
    """The levels at one anneal fraction, with the expectation of every term in their states.

    Attributes
    ----------
    moments : ndarray of float, shape (k, terms)
        Expectations in the order of :attr:`.FractionPath.terms`.
    """

    moments: FloatArray | None = None

    def tangent(self, strengths: tuple[float, float] | FloatArray, count: int) -> float:
        """Bound the sum of the ``count`` lowest levels of other coefficients from above."""
        assert self.moments is not None
        return float(self.moments[:count].sum(axis=0) @ np.asarray(strengths))


def moment_node(
    H: InhomogeneousHamiltonian, s: float, g: int, levels: LowLevels, vectors: Array | None
) -> MomentNode:
    """Return the node of levels that were solved for.

    Parameters
    ----------
    H : InhomogeneousHamiltonian
        The Hamiltonian.
    s : float
        Anneal fraction.
    g : int
        Degeneracy of the final ground subspace.
    levels : LowLevels
        The g + 1 lowest levels of H(s).
    vectors : ndarray of float, shape (2^d, g + 1), or None
        Their vectors; None where the levels are known in closed form.

    Returns
    -------
    MomentNode
        The node.
    """
    k = levels.values.size
    if vectors is not None:
        rows = [_of_vector(column, H.num_qubits) for column in to_numpy(vectors).T]
    elif levels.A == 0.0:
        diagonal = H.at(s)[0].diagonal
        lowest = np.argpartition(diagonal, k - 1)[:k]
        lowest = lowest[np.argsort(diagonal[lowest])]
        rows = [_of_basis_state(index, H.num_qubits) for index in lowest.tolist()]
    else:
        weights = H.at(s)[0].driver_weights
        rows = [_of_flips(flips, H.num_qubits) for flips in _lowest_flips(weights, k)]
    return MomentNode(s, g, levels, moments=np.array(rows))


def _of_vector(vector: FloatArray, d: int) -> FloatArray:
    """Return the expectations of all terms in a normalized vector."""
    means, products = spin_moments(vector * vector, d)
    flips = []
    for bit in range(d):
        pairs = vector.reshape(-1, 2, 1 << bit)
        flips.append(-2.0 * float(np.vdot(pairs[:, 0], pairs[:, 1])))
    z, zz = means[::-1], products[::-1, ::-1]
    both = (1.0 - z[:, None] - z[None, :] + zz) / 4.0
    return np.concatenate([flips, (1.0 - z) / 2.0, both[np.triu_indices(d, 1)]])


def _of_basis_state(index: int, d: int) -> FloatArray:
    """Return the expectations of all terms in a state of the computational basis."""
    n = index_to_bits(index, d)[::-1].astype(np.float64)
    return np.concatenate([np.zeros(d), n, np.outer(n, n)[np.triu_indices(d, 1)]])


def _of_flips(flips: int, d: int) -> FloatArray:
    """Return the expectations of all terms in a state of the driver with some qubits flipped."""
    turned = (flips >> np.arange(d)) & 1
    pairs = d * (d - 1) // 2
    return np.concatenate([2.0 * turned - 1.0, np.full(d, 0.5), np.full(pairs, 0.25)])


def _lowest_flips(weights: FloatArray, k: int) -> list[int]:
    """Return the ``k`` subsets of bits, as numbers, whose weights have the smallest sums."""
    subsets = [(0.0, 0)]
    for bit, weight in enumerate(weights.tolist()):
        subsets += [(total + weight, mask | 1 << bit) for total, mask in subsets]
        subsets = sorted(subsets)[:k]
    return [mask for _, mask in subsets]
