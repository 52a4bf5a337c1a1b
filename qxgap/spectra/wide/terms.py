"""The Hamiltonian of an anneal in the mean-field frame, term by term.

In the frame of :mod:`qxgap.annealing.frame` qubit p is turned by the angle theta_p, and a basis
state is named by the set K of its excited qubits. With ``c = cos theta`` and ``sigma = sin theta /
2``, occupations become ``n -> (1 - c) / 2 + c m + sigma x``, where m is the new occupation and x
flips the qubit. So

``H = E + sum_p omega_p m_p + sum_p l_p x_p
+ sum_{p<q} B J_pq (c_p m_p + sigma_p x_p) (c_q m_q + sigma_q x_q)``.

Two basis states are connected only if they differ in one qubit or in two. The element of one flip
is ``l_p + sigma_p sum_q B J_pq c_q`` over the other excited qubits q; that of two flips is
``B J_pq sigma_p sigma_q``. At the self-consistent angles all ``l_p`` vanish.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...annealing.frame import ProductFrame

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FrameTerms:
    """Coefficients of the Hamiltonian in a product frame.

    Attributes
    ----------
    energy : float
        The energy of the product state, without the problem's offset.
    excitation : ndarray of float, shape (d,)
        The energies ``omega`` of single excited qubits.
    flip : ndarray of float, shape (d,)
        The elements ``l`` between the product state and single excitations.
    flip_coupling : ndarray of float, shape (d, d)
        ``B J_pq sigma_p c_q``: what an excited qubit q adds to the flip of qubit p.
    excitation_coupling : ndarray of float, shape (d, d)
        ``B J_pq c_p c_q``: the energy of a pair of excited qubits.
    pair_flip : ndarray of float, shape (d, d)
        ``B J_pq sigma_p sigma_q``: the elements of two flips.
    pairs : ndarray of int, shape (m, 2)
        The pairs p < q with an element of two flips that is not zero, the largest element first.
    pair_values : ndarray of float, shape (m,)
        Their elements.
    """

    energy: float
    excitation: Array
    flip: Array
    flip_coupling: Array
    excitation_coupling: Array
    pair_flip: Array
    pairs: NDArray[np.int64]
    pair_values: Array

    @property
    def num_qubits(self) -> int:
        """The number of qubits d."""
        return self.excitation.size


def frame_terms(frame: ProductFrame) -> FrameTerms:
    """Return the coefficients of the Hamiltonian in a frame, exact for any angles.

    Parameters
    ----------
    frame : ProductFrame
        The angles, with problem, driver weights and strengths.

    Returns
    -------
    FrameTerms
        The coefficients.
    """
    c, sigma = np.cos(frame.theta), np.sin(frame.theta) / 2
    coupling = frame.B * (frame.problem.J + frame.problem.J.T)
    field = frame.B * frame.problem.h + coupling @ ((1 - c) / 2)
    strength = frame.A * frame.weights
    pair_flip = coupling * np.outer(sigma, sigma)
    first, second = np.nonzero(np.triu(pair_flip, 1))
    values = pair_flip[first, second]
    order = np.argsort(-np.abs(values), kind="stable")
    return FrameTerms(
        energy=frame.energy,
        excitation=c * field + 4 * strength * sigma,
        flip=sigma * field - strength * c,
        flip_coupling=coupling * np.outer(sigma, c),
        excitation_coupling=coupling * np.outer(c, c),
        pair_flip=pair_flip,
        pairs=np.stack([first, second], axis=1)[order].astype(np.int64),
        pair_values=np.ascontiguousarray(values[order]),
    )
