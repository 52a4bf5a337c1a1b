"""The state in which an anneal begins, in a set of configurations, with a bound of its error."""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from ...annealing.hamiltonian import AnnealHamiltonian
from ...errors import InputError
from .mean_field import Array, Complex, Frame, MeanFieldPath
from .selected_space import SelectedSpace

DENSE = 64
"""Largest number of configurations of a dense eigen-solve."""


def ground_state(
    space: SelectedSpace, path: MeanFieldPath, importance: Array
) -> tuple[Complex, float]:
    """Return the ground state of H(0) in a set of configurations, and a bound of its error.

    Parameters
    ----------
    space : SelectedSpace
        The set, of which the product state is the first configuration.
    path : MeanFieldPath
        The frame along the anneal.
    importance : ndarray of float, shape (m,)
        The squares of the couplings to configurations outside are added to it.

    Returns
    -------
    state : ndarray of complex, shape (n,)
        The state, of norm 1.
    error : float
        Bound of its distance from the ground state of H(0); inf if none can be proved.

    Raises
    ------
    InputError
        If the driver is switched off at s = 0.
    """
    H, frame = path.H, path(0.0)
    A, B = map(float, H.schedule(0.0))
    if A == 0.0:
        raise InputError(
            f"schedule {H.schedule.name!r} starts with A(0) = 0, and SelectedDynamics begins in "
            "the ground state of H(0); use a schedule with A(0) > 0"
        )
    state = np.zeros(len(space), np.complex128)
    state[0] = 1.0
    if B == 0.0:
        return state, 0.0
    fields = mean_fields(H, frame)
    second = _second_level(H, frame, fields)
    if len(space) > 1:
        state, next_level = _lowest(space, frame, fields)
        if len(space) == H.dimension:  # the levels of the set are those of H(0)
            second = max(second, next_level)
    product = space.apply(frame, state) + _excitations(space, fields) * state
    energy = float(np.vdot(state, product).real)
    inner = float(np.linalg.norm(product - energy * state))
    residual = math.hypot(inner, space.leaving(frame, state, 1.0, importance))
    return state, _distance(residual, second - energy)


def mean_fields(H: AnnealHamiltonian, frame: Frame) -> Array:
    """Return the energy of exciting each qubit in the mean field of the others at s = 0, (d,).

    Parameters
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    frame : Frame
        The frame at s = 0.
    """
    A, B = map(float, H.schedule(0.0))
    field = H.problem.h + (H.problem.J + H.problem.J.T) @ (np.abs(frame.down) ** 2)
    return np.hypot(B * field, 2 * A * H.driver.weights(H.num_qubits))


def _excitations(space: SelectedSpace, fields: Array) -> Array:
    """Return the sum of the mean-field energies of the excited qubits of each configuration."""
    bits = np.arange(fields.size)
    chosen = (space.words[:, bits >> 6] >> (bits & 63).astype(np.uint64)) & np.uint64(1)
    return np.asarray(chosen.astype(np.float64) @ fields)


def _lowest(space: SelectedSpace, frame: Frame, fields: Array) -> tuple[Complex, float]:
    """Return the lowest eigenvector of H(0) in the set, and the second level if all are computed.

    The second level is -inf for a large set, of which only the lowest level is computed.
    """
    n, diagonal = len(space), _excitations(space, fields)

    def multiply(v: Complex) -> Complex:
        x = np.ascontiguousarray(v, dtype=np.complex128).ravel()
        return space.apply(frame, x) + diagonal * x

    if n <= DENSE:
        matrix = np.array([multiply(row) for row in np.eye(n, dtype=np.complex128)]).T
        levels, vectors = np.linalg.eigh((matrix + matrix.conj().T) / 2)
        vector, second = vectors[:, 0], float(levels[1])
    else:
        operator = LinearOperator((n, n), matvec=multiply, dtype=np.complex128)
        start = np.zeros(n, np.complex128)
        start[0] = 1.0
        vector = eigsh(operator, 1, which="SA", v0=start, tol=1e-13)[1][:, 0]
        second = -math.inf
    return np.asarray(vector / np.linalg.norm(vector)), second


def _second_level(H: AnnealHamiltonian, frame: Frame, fields: Array) -> float:
    """Return a lower bound of the second level of H(0), relative to the product state.

    The couplings ``B sum_{p<q} J_pq nu_p nu_q`` are at least ``B/2`` times the lowest eigenvalue of
    J times the sum of all ``nu_p^2``, because the nu commute. By Weyl's inequality they lower the
    second level of the mean field by no more.
    """
    B = float(H.schedule(0.0)[1])
    lowest = float(np.linalg.eigvalsh(H.problem.J + H.problem.J.T)[0])
    largest = np.maximum(np.abs(frame.up), np.abs(frame.down)) ** 4
    return float(fields.min() + B / 2 * min(lowest, 0.0) * largest.sum())


def _distance(residual: float, gap: float) -> float:
    """Return a bound of the distance of two vectors, from the residual and a bound of the gap.

    The sine of their angle is at most ``residual / gap`` (Davis and Kahan).
    """
    if gap <= 0 or residual >= gap:
        return math.inf
    return 2 * math.sin(math.asin(residual / gap) / 2)
