"""A peer beyond 2^d: the lowest levels by the density matrix renormalisation group (TeNPy).

    pip install physics-tenpy

Matrix product states live on a line. The couplings of all pairs become a matrix product operator:
at every cut of the line, the block of couplings between the two sides is replaced by its best
approximation of low rank, so that one state of the bond carries one sum of occupations to the
right. States above the lowest are found with all lower ones projected out (TeNPy's
``orthogonal_to``).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import qxgap as qx

Array = NDArray[np.float64]

RANK_TOLERANCE = 1e-7
"""Singular values of a block of couplings, relative to the largest, that are dropped."""


def line_order(problem: qx.QuboProblem) -> NDArray[np.int64]:
    """Return an order of the qubits in which strongly coupled ones are close to each other.

    It is that of the second eigenvector of the Laplacian of the couplings (Fiedler's).
    """
    J = np.abs(problem.J + problem.J.T)
    laplacian = np.diag(J.sum(axis=1)) - J
    return np.argsort(np.linalg.eigh(laplacian)[1][:, 1])


def compressed(J: Array) -> tuple[list[Array], Array]:
    """Return a basis of rows for each cut of the line, and the couplings that result.

    The couplings between the first k qubits and the others are ``J[:k, k:]``; the basis of cut k,
    shape (rank, d - k), holds its right singular vectors.
    """
    d = len(J)
    bases: list[Array] = [np.zeros((0, d))]
    for k in range(1, d):
        _, values, rows = np.linalg.svd(J[:k, k:], full_matrices=False)
        bases.append(rows[values > RANK_TOLERANCE * max(values[0], 1e-300)])
    bases.append(np.zeros((0, 0)))
    result = np.zeros_like(J)
    carried = np.zeros((d, 0))
    for k in range(d):
        result[:, k] = carried @ bases[k][:, 0] if k else 0.0
        carried = carried @ bases[k][:, 1:] @ bases[k + 1].T
        carried[k] = J[k, k + 1 :] @ bases[k + 1].T
    return bases, result


def operators(h: Array, J: Array, strength: Array, bases: list[Array]) -> list[Array]:
    """Return the tensors of the matrix product operator, shape (left, right, 2, 2) each.

    State 0 of a bond: nothing has acted yet; the last one: all has acted; between them: one sum of
    occupations waits for its partner.
    """
    one, n, x = np.eye(2), np.diag([0.0, 1.0]), np.array([[0.0, 1.0], [1.0, 0.0]])
    tensors = []
    for k in range(len(h)):
        before, after = bases[k], bases[k + 1]
        W = np.zeros((len(before) + 2, len(after) + 2, 2, 2))
        W[0, 0] = W[-1, -1] = one
        W[0, -1] = h[k] * n - strength[k] * x
        W[0, 1:-1] = np.multiply.outer(J[k, k + 1 :] @ after.T, n)
        if k:
            W[1:-1, 1:-1] = np.multiply.outer(before[:, 1:] @ after.T, one)
            W[1:-1, -1] = np.multiply.outer(before[:, 0], n)
        tensors.append(W)
    return tensors


@dataclass(frozen=True)
class LineStates:
    """The lowest levels as matrix product states.

    Attributes
    ----------
    levels : ndarray of float, shape (k,)
        Energies, ascending. All are upper bounds of the lowest level only, unless the states are
        orthogonal to high precision.
    truncation : float
        Largest sum of dropped Schmidt weights in the last sweeps.
    sweeps : int
        Number of sweeps in all runs.
    rank : int
        Largest bond of the operator.
    coupling_error : float
        Largest error of a coupling by the compression.
    """

    levels: Array
    truncation: float
    sweeps: int
    rank: int
    coupling_error: float


def line_states(
    H: qx.AnnealHamiltonian,
    s: float,
    starts: list[Array],
    bond: int,
    max_sweeps: int = 20,
) -> LineStates:
    """Find as many levels as there are starts, which are occupations of classical states."""
    A, B = map(float, H.schedule(s))
    order = line_order(H.problem)
    J = B * (H.problem.J + H.problem.J.T)[np.ix_(order, order)]
    bases, result = compressed(J)
    strength = A * H.driver.weights(H.num_qubits)[order]
    tensors = operators(B * H.problem.h[order], J, strength, bases)
    states: list[Any] = []
    levels, truncation, sweeps = [], 0.0, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TeNPy warns of its own later releases
        model = _model(tensors)
        for start in starts:
            state, energy, error, number = _run(model, start[order], states, bond, max_sweeps)
            states.append(state)
            levels.append(energy)
            truncation, sweeps = max(truncation, error), sweeps + number
    return LineStates(
        np.sort(levels),
        truncation,
        sweeps,
        max(W.shape[1] for W in tensors),
        float(np.abs(np.triu(J, 1) - np.triu(result, 1)).max()),
    )


def _model(tensors: list[Array]) -> Any:
    """Return TeNPy's model of a matrix product operator."""
    from tenpy.linalg.np_conserved import Array as Tensor
    from tenpy.models.lattice import Chain
    from tenpy.models.model import MPOModel
    from tenpy.networks.mpo import MPO
    from tenpy.networks.site import SpinHalfSite

    d = len(tensors)
    site = SpinHalfSite(conserve=None)
    first, last = tensors[0][:1], tensors[-1][:, -1:]
    legs = ["wL", "wR", "p", "p*"]
    arrays = [Tensor.from_ndarray_trivial(W, labels=legs) for W in (first, *tensors[1:-1], last)]
    operator = MPO([site] * d, arrays, bc="finite", IdL=[0] * d + [None], IdR=[None] + [-1] * d)
    return MPOModel(Chain(d, site, bc="open", bc_MPS="finite"), operator)


def _run(
    model: Any, start: Array, lower: list[Any], bond: int, max_sweeps: int
) -> tuple[Any, float, float, int]:
    """Run one search from a product state; return state, energy, truncation error and sweeps."""
    from tenpy.algorithms.dmrg import TwoSiteDMRGEngine
    from tenpy.networks.mps import MPS

    amplitudes = np.stack([np.where(start > 0.5, 0.1, 1.0), np.where(start > 0.5, 1.0, 0.1)], 1)
    amplitudes /= np.linalg.norm(amplitudes, axis=1)[:, None]
    psi = MPS.from_product_state(model.lat.mps_sites(), list(amplitudes), bc="finite")
    options = {
        "mixer": True,
        "mixer_params": {"amplitude": 1e-4, "decay": 2.0, "disable_after": 6},
        "trunc_params": {"chi_max": bond, "svd_min": 1e-9},
        "max_E_err": 1e-9,
        "max_S_err": 1e-4,
        "max_sweeps": max_sweeps,
        "min_sweeps": 8,
        "N_sweeps_check": 2,
        "combine": True,
    }
    engine = TwoSiteDMRGEngine(psi, model, options, orthogonal_to=lower)
    energy, psi = engine.run()
    return psi, float(energy), float(max(engine.trunc_err_list)), int(engine.sweeps)
