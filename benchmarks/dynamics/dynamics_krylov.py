"""Magnus integrators whose exponentials are applied by Lanczos: what a splitting competes with.

A step of length h applies one exponential after the other,

    psi <- exp(-i h sum_j w_j H(t + c_j h)) psi,

each a short Lanczos recursion that ends when its own error estimate does (Saad, SIAM J. Numer.
Anal. 29, 209 (1992)). ``CFM4`` is the commutator-free scheme of order 4 with two exponentials,
CF4:2 of Alvermann and Fehske, J. Comput. Phys. 230, 5930 (2011), eq. 43; ``MIDPOINT`` is of order
2. Every product is one application of the Hamiltonian, counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal

MAX_DIMENSION = 60
"""Of a Krylov space; a step that needs more is too long."""

Apply = Callable[[NDArray], NDArray]


@dataclass(frozen=True)
class Magnus:
    """Nodes c_j (in [0, 1]) and, for each exponential in the order of application, weights w_j."""

    nodes: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]


_G = np.sqrt(3.0) / 6.0
MIDPOINT = Magnus((0.5,), ((1.0,),))
CFM4 = Magnus((0.5 - _G, 0.5 + _G), ((0.25 + _G, 0.25 - _G), (0.25 - _G, 0.25 + _G)))


def lanczos_exponential(
    apply: Apply, psi: NDArray, h: float, tol: float
) -> tuple[NDArray[np.complex128], int]:
    """``exp(-i h H) psi`` to ``tol`` in norm, and the products it took.

    Raises
    ------
    RuntimeError : if ``MAX_DIMENSION`` vectors do not suffice.
    """
    norm = float(np.linalg.norm(psi))
    vectors = [psi / norm]
    diagonal, off = [], []
    for m in range(1, MAX_DIMENSION + 1):
        w = apply(vectors[-1])
        diagonal.append(float(np.vdot(vectors[-1], w).real))
        w -= diagonal[-1] * vectors[-1]
        if off:
            w -= off[-1] * vectors[-2]
        beta = float(np.linalg.norm(w))
        levels, modes = eigh_tridiagonal(diagonal, off)
        small = modes @ (np.exp(-1j * h * levels) * modes[0])
        if abs(h) * beta * abs(small[-1]) * norm <= tol:
            return norm * sum(c * v for c, v in zip(small, vectors, strict=True)), m
        off.append(beta)
        vectors.append(w / beta)
    raise RuntimeError(f"{MAX_DIMENSION} Krylov vectors do not reach {tol:.0e}; shorten the step")


def evolve(
    scheme: Magnus,
    apply: Callable[[float, float, NDArray], NDArray],
    strengths: Callable[[float], tuple[float, float]],
    psi: NDArray,
    times: NDArray[np.float64],
    tol: float,
) -> tuple[NDArray[np.complex128], int]:
    """The state at the last of ``times``, each interval one step, and the products spent.

    Parameters
    ----------
    apply : (A, B, v) -> (A H_D + B H_P) v.
    strengths : t -> (A, B).
    psi : (2^d,), at the first time.
    tol : error in norm that each exponential may make.
    """
    spent = 0
    for t, h in zip(times[:-1].tolist(), np.diff(times).tolist(), strict=True):
        at = np.array([strengths(t + c * h) for c in scheme.nodes])
        for weights in scheme.weights:
            A, B = np.array(weights) @ at
            psi, products = lanczos_exponential(lambda v, A=A, B=B: apply(A, B, v), psi, h, tol)
            spent += products
    return psi, spent
