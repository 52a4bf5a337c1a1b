"""Second-order symmetric splitting of the anneal into diagonal phases and one-qubit rotations.

    psi <- exp(-i b/2 H_P) exp(-i a H_D) exp(-i b/2 H_P) psi,   a, b = integrals of A, B over a step

Neighbouring half phases are merged, so a step costs one phase and d rotations.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..anneal.hamiltonian import AnnealHamiltonian
from ..anneal.kernels import apply_phase, apply_rotations
from ..anneal.schedule import AnnealSchedule


def evolve(H: AnnealHamiltonian, tau: float, steps: int, start: NDArray) -> NDArray:
    """Propagate ``start`` (2^d,) complex128 from s = 0 to 1 in ``steps`` equal steps."""
    edges = np.linspace(0.0, 1.0, steps + 1)
    time = tau * H.schedule.angular
    driver, problem = (time * np.diff(area) for area in integrals(H.schedule, edges))
    phases = np.concatenate([problem[:1], problem[:-1] + problem[1:], problem[-1:]]) / 2
    energies = H.diagonal
    psi = start.copy()
    apply_phase(energies, phases[0], psi)
    for angle, phase in zip(driver, phases[1:], strict=True):
        apply_rotations(angle * H.driver_weights, psi)
        apply_phase(energies, phase, psi)
    return psi


def integrals(
    schedule: AnnealSchedule, s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Integrals of A and B from 0 to each s (n,), exact for the piecewise linear schedule."""
    grid = np.union1d(schedule.s, s)
    at = np.searchsorted(grid, s)
    A, B = schedule(grid)

    def area(values: NDArray) -> NDArray[np.float64]:
        pieces = np.diff(grid) * (values[1:] + values[:-1]) / 2
        return np.concatenate([[0.0], np.cumsum(pieces)])[at]

    return area(A), area(B)


def initial_steps(H: AnnealHamiltonian, tau: float) -> int:
    """Steps to begin with: about four per turn of the fastest single qubit."""
    fields = np.abs(H.problem.h) + np.abs(H.problem.J).sum(axis=0) + np.abs(H.problem.J).sum(axis=1)
    rate = max(
        float(H.schedule.A.max()) * 2 * float(H.driver_weights.max()),
        float(H.schedule.B.max()) * float(fields.max()),
    )
    return max(8, math.ceil(4 * rate * tau * H.schedule.angular / math.tau))
