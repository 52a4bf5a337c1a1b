"""The frame in which the mean-field ground state is the first basis state.

In the best product state of ``A H_D + B H_P`` qubit p is turned by an angle theta_p from spin up
towards ``+x``. Along the anneal this state follows the ground state from the uniform state (theta =
pi / 2) to a computational state (theta = 0 or pi). Let R be the product of these rotations. The
diagonal of ``R^T H R`` contains the energies of mean-field theory. At the ends of the path these
are the exact levels, and in between the low levels are close to product states with few flips. So
this diagonal preconditions an eigen-solve at every s, whereas that of H does so near s = 1 only.

With ``n_p = (1 - sigma_z) / 2`` the diagonal is again a quadratic form of the new occupations m_p:
``n_p -> a_p + c_p m_p`` and ``sigma_x -> sin theta_p (1 - 2 m_p)``, where ``c_p = cos theta_p`` and
``a_p = (1 - c_p) / 2``.
"""

from __future__ import annotations

from collections.abc import Iterable
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
"""Largest number of sweeps of the self-consistency loop.

Each sweep lowers the energy, and every frame is valid, so that a loop cut short costs only time.
"""
SETTLED = 1e-10
"""The loop ends when no occupation changes by more than this in a sweep."""


@dataclass(frozen=True, eq=False)
class ProductFrame:
    """The rotation of every qubit about y by its own angle.

    Attributes
    ----------
    problem : QuboProblem
        The problem H_P.
    weights : ndarray of float, shape (d,)
        The weights of the driver, in qubit order.
    A : float
        Strength of the driver.
    B : float
        Strength of the problem.
    theta : ndarray of float, shape (d,)
        The angles in [0, pi], in qubit order.
    """

    problem: QuboProblem
    weights: Array
    A: float
    B: float
    theta: Array

    @property
    def energy(self) -> float:
        """The expectation ``<A H_D + B H_P>`` of the product state, without the offset."""
        n = (1 - np.cos(self.theta)) / 2
        quadratic = float(self.problem.energy(n, offset=False))
        return self.B * quadratic - self.A * float(self.weights @ np.sin(self.theta))

    def quadratic_form(self) -> tuple[Array, Array, float]:
        """Return the coefficients of the diagonal as a quadratic form, in qubit order.

        Returns
        -------
        linear : ndarray of float, shape (d,)
            The linear coefficients.
        couplings : ndarray of float, shape (d, d)
            The couplings, in the strict upper triangle.
        energy : float
            The constant, which is the energy of the product state.
        """
        c, s = np.cos(self.theta), np.sin(self.theta)
        J, a = self.problem.J + self.problem.J.T, (1 - c) / 2
        linear = self.B * c * (self.problem.h + J @ a) + 2 * self.A * self.weights * s
        return linear, self.B * self.problem.J * np.outer(c, c), self.energy

    def diagonal(self) -> Array:
        """Return the diagonal of ``R^T (A H_D + B H_P) R`` in bit order, shape (2^d,)."""
        return quadratic_form_diagonal(*self.quadratic_form())

    @cached_property
    def half_angles(self) -> tuple[Array, Array]:
        """The cosines and the sines of ``theta / 2`` in bit order, shape (d,) each."""
        half = qubits_to_bit_order(self.theta / 2)
        return np.cos(half), np.sin(half)

    def to_lab(self, v: Array, source: Array | None = None) -> Array:
        """Replace v by ``R v``, or by ``R source``, a vector of the original frame; return it."""
        cosines, sines = self.half_angles
        return rotate(cosines, sines, v, source)

    def from_lab(self, v: Array) -> Array:
        """Replace v by ``R^T v``, a vector of this frame, and return it."""
        cosines, sines = self.half_angles
        return rotate(cosines, -sines, v)


def mean_field_frame(problem: QuboProblem, weights: Array, A: float, B: float) -> ProductFrame:
    """Return the frame of the best product state.

    The self-consistency loop is started from the uniform state and from a ground state of the
    problem; the result of lower energy is taken.

    Parameters
    ----------
    problem : QuboProblem
        The problem H_P.
    weights : ndarray of float, shape (d,)
        The weights of the driver, in qubit order.
    A : float
        Strength of the driver, positive.
    B : float
        Strength of the problem, positive.

    Returns
    -------
    ProductFrame
        The frame.
    """
    starts = (problem.ground_states[0].astype(np.float64), np.full(problem.num_qubits, 0.5))
    frames = product_frames(problem, weights, A, B, starts)
    return min(frames, key=lambda frame: frame.energy)


def product_frames(
    problem: QuboProblem, weights: Array, A: float, B: float, starts: Iterable[Array]
) -> list[ProductFrame]:
    """Return the frame that the self-consistency loop reaches from each start.

    Parameters
    ----------
    problem : QuboProblem
        The problem H_P.
    weights : ndarray of float, shape (d,)
        The weights of the driver, in qubit order.
    A, B : float
        Strengths of driver and problem, positive.
    starts : iterable of ndarray of float, shape (d,)
        Occupations in [0, 1].

    Returns
    -------
    list of ProductFrame
        The frames, in the order of the starts.
    """
    return [
        ProductFrame(problem, weights, A, B, _self_consistent(problem, weights, A, B, n))
        for n in starts
    ]


def _self_consistent(problem: QuboProblem, weights: Array, A: float, B: float, n: Array) -> Array:
    """Return the angles of a product state that is reached from the occupations n.

    In every sweep each qubit in turn gets the angle of lowest energy in the field of the others.
    """
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
