"""Anneals that are solved exactly, and the dense oracles that numbers are held against.

Every system has ``hamiltonian(schedule)``, and ``gap(s)`` on the linear schedule in closed form
where there is one. ``tests/conftest.py`` offers one of each as a fixture: ``one_qubit``,
``grover``, ``p_spin``, ``ising_ring`` and ``anti_crossing``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import dimod
import numpy as np
import scipy.linalg
import scipy.optimize

import qxgap as qx


def dense_levels(H, s, count=None):
    """The lowest ``count`` levels of H(s), or all, by LAPACK's full diagonalisation."""
    matrix = H.to_dense(*(float(strength) for strength in H.schedule(float(s))))
    chosen = None if count is None else [0, count - 1]
    return scipy.linalg.eigvalsh(matrix, subset_by_index=chosen)


def dense_gap(H, s, degeneracy=None):
    """E_g(s) - E_0(s) by full diagonalisation; g is the degeneracy of the problem."""
    g = H.degeneracy if degeneracy is None else degeneracy
    levels = dense_levels(H, s, g + 1)
    return float(levels[g] - levels[0])


def refined_minimum(gap: Callable[[float], float], points=401):
    """The least value of a function of s in [0, 1], and where: a grid, then a bounded search."""
    grid = np.linspace(0, 1, points)
    values = [gap(s) for s in grid]
    at = int(np.argmin(values))
    ends = (grid[max(at - 1, 0)], grid[min(at + 1, points - 1)])
    result = scipy.optimize.minimize_scalar(
        gap, bounds=ends, method="bounded", options={"xatol": 1e-12}
    )
    return min(result.fun, *values), result.x


@dataclass(frozen=True)
class OneQubit:
    """One spin in a field: gap sqrt(4 (1-s)^2 + (field s)^2) and coupling field / gap."""

    field: float = 0.7

    def hamiltonian(self, schedule=qx.LINEAR):
        return qx.AnnealHamiltonian(qx.QuboProblem([-self.field], [[0.0]]), schedule)

    def gap(self, s):
        return np.sqrt(4 * (1 - s) ** 2 + (self.field * s) ** 2)

    def coupling(self, s):
        return self.field / self.gap(s)


@dataclass(frozen=True)
class Grover:
    """Search among N items: driver 1 - |uniform><uniform|, problem 1 - |marked><marked|.

    gap^2 = 1 - 4 (1 - 1/N) s (1 - s), least at s = 1/2, where it is 1/N (Roland and Cerf 2002).
    """

    N: int = 64
    marked: int = 11

    def hamiltonian(self, schedule=qx.LINEAR):
        driver = np.eye(self.N) - np.full((self.N, self.N), 1 / self.N)
        diagonal = np.ones(self.N)
        diagonal[self.marked] = 0.0
        return qx.MatrixHamiltonian(driver, diagonal, schedule)

    def gap(self, s):
        return np.sqrt(1 - 4 * (1 - 1 / self.N) * s * (1 - s))

    def coupling(self, s):
        return math.sqrt(self.N - 1) / self.N / self.gap(s)

    def local(self, x):
        """Roland and Cerf's local schedule, eq. (18), solved for s."""
        root = math.sqrt(self.N - 1)
        return 0.5 + np.tan((2 * x - 1) * np.arctan(root)) / (2 * root)


@dataclass(frozen=True)
class PSpin:
    """The ferromagnetic p-spin model in its sector of maximal spin n/2.

    A first-order transition: the gap falls exponentially in n for p > 2.
    """

    n: int = 40
    p: int = 3

    def hamiltonian(self, schedule=qx.LINEAR):
        m = np.arange(-self.n / 2, self.n / 2 + 1)
        raising = np.sqrt(self.n / 2 * (self.n / 2 + 1) - m[:-1] * (m[:-1] + 1))
        driver = -np.diag(raising, 1) - np.diag(raising, -1)
        return qx.MatrixHamiltonian(driver, -self.n * (2 * m / self.n) ** self.p, schedule)


@dataclass(frozen=True)
class IsingRing:
    """The transverse-field Ising ring of n spins, solved by free fermions."""

    n: int = 6

    def hamiltonian(self, schedule=qx.LINEAR):
        ring = {(i, (i + 1) % self.n): -1.0 for i in range(self.n)}
        bqm = dimod.BinaryQuadraticModel.from_ising({}, ring)
        return qx.AnnealHamiltonian(qx.QuboProblem.from_bqm(bqm), schedule)

    def ground_energy(self, s):
        """-sum_k sqrt(A^2 + B^2 + 2 A B cos k), k = (2j + 1) pi / n, with the QUBO's offset."""
        k = (2 * np.arange(self.n) + 1) * np.pi / self.n
        A, B = (1 - np.asarray(s))[..., None], np.asarray(s)[..., None]
        return -np.sqrt(A**2 + B**2 + 2 * A * B * np.cos(k)).sum(axis=-1)


@dataclass(frozen=True)
class AntiCrossing:
    """A clique that dimod makes: its anneal has an avoided crossing inside, with a tiny gap."""

    n: int = 6
    generator: str = "anti_crossing_clique"

    def problem(self):
        return qx.QuboProblem.from_bqm(getattr(dimod.generators, self.generator)(self.n))

    def hamiltonian(self, schedule=qx.LINEAR):
        return qx.AnnealHamiltonian(self.problem(), schedule)


def weighted_hamiltonian(d, seed=0):
    """A random feature-selection problem with a driver weight of its own for every qubit."""
    weights = np.random.default_rng(seed).uniform(0.5, 2.0, d)
    problem = qx.testing.random_feature_selection(d, seed=seed)
    return qx.AnnealHamiltonian(problem, driver=qx.TransverseField(tuple(weights)))
