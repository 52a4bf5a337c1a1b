r"""The frame in which a fast or slow anneal stays close to one product state.

Qubit p moves in the mean field of the others. In the basis of its occupation n its state
``(a_p, b_p)`` obeys ``i d/dt (a_p, b_p) = h_p (a_p, b_p)`` with

``h_p = -A w_p sigma_x - (B f_p / 2) sigma_z``, ``f_p = h_p + sum_q J_pq |b_q|^2``.

The excited state ``(-b_p*, a_p*)`` obeys the same equation. In the frame of these two states the
whole Hamiltonian of mean-field theory has disappeared; what is left of H is, but for a constant,

``B sum_{p<q} J_pq nu_p nu_q``, where ``nu = [[0, (ab)*], [ab, |a|^2 - |b|^2]]``.

So a configuration is connected to those that differ in one or in two excited qubits, and the
product state itself only to those with two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import DOP853, OdeSolution

from ...annealing.frame import product_frames
from ...annealing.hamiltonian import AnnealHamiltonian
from ..split import corners

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

RTOL, ATOL = 1e-11, 1e-12
"""Local tolerances of the integration of the frame, far below those of the state."""

LONGEST_STEP = 1 / 64
"""Longest time step, as a part of the anneal, of the frame and of the state."""


class TooManySteps(Exception):
    """An integration needs more time steps than are allowed."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The frame at one time, with the Hamiltonian in it.

    Attributes
    ----------
    up : ndarray of complex, shape (d,)
        Amplitudes a of n = 0 in the states of the product state.
    down : ndarray of complex, shape (d,)
        Amplitudes b of n = 1.
    B : float
        Strength of the problem.
    """

    up: Complex
    down: Complex
    B: float

    @property
    def slope(self) -> Array:
        """The difference ``|a|^2 - |b|^2``: the change of n when a qubit is excited, (d,)."""
        return np.asarray(np.abs(self.up) ** 2 - np.abs(self.down) ** 2)

    @property
    def flip(self) -> Array:
        """The moduli ``|a b|`` of the elements of n between both states, shape (d,)."""
        return np.asarray(np.abs(self.up * self.down))

    @property
    def unit(self) -> Complex:
        """The phases ``a b / |a b|`` of these elements, shape (d,)."""
        element = self.up * self.down
        size = np.abs(element)
        return np.where(size > 0, element / np.where(size > 0, size, 1.0), 1.0)

    def factors(self, occupations: NDArray[np.uint8]) -> tuple[Complex, Complex]:
        """Return the amplitude of an occupation in the two states of each qubit.

        Parameters
        ----------
        occupations : ndarray of int, shape (d,)
            The occupations n.

        Returns
        -------
        zero, one : ndarray of complex, shape (d,)
            ``<n_p|0>`` and ``<n_p|1>``, of the product state and of the excited state.
        """
        zero = np.where(occupations, self.down, self.up)
        one = np.where(occupations, self.up.conj(), -self.down.conj())
        return zero, one


class MeanFieldPath:
    """The frame along an anneal.

    Parameters
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    max_steps : int
        Largest number of time steps.

    Attributes
    ----------
    coupling : ndarray of float, shape (d, d)
        The couplings J, symmetric.
    marks : ndarray of float
        Fractions s at which a time step must end: the corners of the schedule.
    time_error : float
        Estimated error of a state in this frame, from the errors of all time steps of the frame.

    Raises
    ------
    TooManySteps
        If more time steps are needed.
    """

    def __init__(self, H: AnnealHamiltonian, tau: float, max_steps: int) -> None:
        self.H, self.tau, self._max_steps = H, tau, max_steps
        self.coupling = np.ascontiguousarray(H.problem.J + H.problem.J.T)
        self.marks = corners(H.schedule)
        self._weights = H.driver.weights(H.num_qubits)
        self._solution = self._solve()
        self.time_error = float(len(self._solution.ts) * RTOL * np.sqrt(H.num_qubits))

    def _solve(self) -> OdeSolution:
        """Integrate the mean-field equation, from corner to corner of the schedule."""
        d = self.H.num_qubits
        A, B = map(float, self.H.schedule(0.0))
        half = np.full(d, 0.5)
        (start,) = product_frames(self.H.problem, self._weights, A, B, [half])
        y = np.concatenate([np.cos(start.theta / 2), np.sin(start.theta / 2)]).astype(complex)
        times, pieces = [0.0], []
        for end in self.marks[1:]:
            options = {"rtol": RTOL, "atol": ATOL, "max_step": LONGEST_STEP}
            solver = DOP853(self._derivative, times[-1], y, float(end), **options)
            while solver.status == "running":
                solver.step()
                times.append(float(solver.t))
                pieces.append(solver.dense_output())
                if len(pieces) > self._max_steps:
                    raise TooManySteps
            y = solver.y
        return OdeSolution(times, pieces)

    def _derivative(self, s: float, y: Complex) -> Complex:
        """Return the derivative of the amplitudes (a, b) with respect to s."""
        d = self.H.num_qubits
        A, B = map(float, self.H.schedule(min(max(s, 0.0), 1.0)))
        up, down = y[:d], y[d:]
        field = B / 2 * (self.H.problem.h + self.coupling @ (np.abs(down) ** 2))
        drive = A * self._weights
        speed = -1j * self.tau * self.H.schedule.angular
        change = [-field * up - drive * down, -drive * up + field * down]
        return np.asarray(speed * np.concatenate(change))

    def __call__(self, s: float) -> Frame:
        """Return the frame at an anneal fraction.

        Parameters
        ----------
        s : float
            Anneal fraction in [0, 1].

        Returns
        -------
        Frame
            The frame, with the strength of the problem there.
        """
        d = self.H.num_qubits
        y = self._solution(s)
        norm = np.sqrt(np.abs(y[:d]) ** 2 + np.abs(y[d:]) ** 2)
        return Frame(y[:d] / norm, y[d:] / norm, float(self.H.schedule(s)[1]))
