"""The frame in which the mean-field ground state is the first basis state.

The best product state of ``A H_D + B H_P``, qubit p turned by an angle theta_p from spin up towards
``+x``, follows the ground state from the uniform state (theta = pi / 2) to a computational one
(theta = 0 or pi). With R the product of those rotations, ``R^T H R`` has in its diagonal all that
mean-field theory knows: at the ends of the path that is everything, and in between the low levels
are close to product states of few flips. So its diagonal preconditions an eigen-solve at every s,
where that of H itself does so near s = 1 only.

With ``n_p = (1 - sigma_z) / 2`` the diagonal is again a quadratic form of the new occupations m_p:
``n_p -> a_p + c_p m_p`` and ``sigma_x -> sin theta_p (1 - 2 m_p)``, where ``c_p = cos theta_p`` and
``a_p = (1 - c_p) / 2``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..problem.bits import qubits_to_bit_order
from ..problem.diagonal import quadratic_form_diagonal
from ..problem.qubo import QuboProblem
from .rotation import rotate

Array = NDArray[np.float64]

SWEEPS = 1000
"""Rounds of the self-consistency loop, each of which lowers the energy; any frame is valid."""
SETTLED = 1e-10
"""Largest change of an occupation in a sweep that ends the loop."""


@dataclass(frozen=True, eq=False)
class ProductFrame:
    """Rotation of every qubit by ``theta`` about y.

    Attributes
    ----------
    problem, weights : H_P and the (d,) driver weights, in qubit order.
    A, B : strengths.
    theta : (d,) in [0, pi], in qubit order.
    """

    problem: QuboProblem
    weights: Array
    A: float
    B: float
    theta: Array

    @property
    def energy(self) -> float:
        """``<A H_D + B H_P>`` of the product state, without the offset."""
        n = (1 - np.cos(self.theta)) / 2
        quadratic = float(self.problem.energy(n, offset=False))
        return self.B * quadratic - self.A * float(self.weights @ np.sin(self.theta))

    def quadratic_form(self) -> tuple[Array, Array, float]:
        """Of the diagonal: (d,) fields, (d, d) strict upper couplings, energy of the product state.

        In qubit order.
        """
        c, s = np.cos(self.theta), np.sin(self.theta)
        J, a = self.problem.J + self.problem.J.T, (1 - c) / 2
        linear = self.B * c * (self.problem.h + J @ a) + 2 * self.A * self.weights * s
        return linear, self.B * self.problem.J * np.outer(c, c), self.energy

    def diagonal(self) -> Array:
        """(2^d,) diagonal of ``R^T (A H_D + B H_P) R`` in bit order."""
        return quadratic_form_diagonal(*self.quadratic_form())

    @cached_property
    def half_angles(self) -> tuple[Array, Array]:
        """Cosines and sines of ``theta / 2``, (d,) each, in bit order."""
        half = qubits_to_bit_order(self.theta / 2)
        return np.cos(half), np.sin(half)

    def to_lab(self, v: Array) -> Array:
        """``R v``, in place."""
        cosines, sines = self.half_angles
        return rotate(cosines, sines, v)

    def from_lab(self, v: Array) -> Array:
        """``R^T v``, in place."""
        cosines, sines = self.half_angles
        return rotate(cosines, -sines, v)


def mean_field_frame(problem: QuboProblem, weights: Array, A: float, B: float) -> ProductFrame:
    """Frame of the best product state found from the uniform state and from the final ground state.

    Parameters
    ----------
    weights : (d,) driver weights in qubit order.
    A, B : positive strengths.
    """
    starts = (problem.ground_states[0].astype(np.float64), np.full(problem.num_qubits, 0.5))
    frames = [
        ProductFrame(problem, weights, A, B, _self_consistent(problem, weights, A, B, n))
        for n in starts
    ]
    return min(frames, key=lambda frame: frame.energy)


def _self_consistent(problem: QuboProblem, weights: Array, A: float, B: float, n: Array) -> Array:
    """Angles of a product state, from occupations n, each qubit in turn put in its best state."""
    n, J = n.copy(), problem.J + problem.J.T
    field = problem.h + J @ n
    theta = np.zeros(n.size)
    for _ in range(SWEEPS):
        before = n.copy()
        for p in range(n.size):
            theta[p] = np.arctan2(A * weights[p], B * field[p] / 2)
            change = (1 - np.cos(theta[p])) / 2 - n[p]
            n[p] += change
            field += J[p] * change
        if np.abs(n - before).max() <= SETTLED:
            break
    return theta
