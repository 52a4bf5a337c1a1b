"""Eigen-solves of qubits in the mean-field frame, on the host or on a device.

Davidson's method looks for the vectors in the frame of :mod:`qxgap.annealing.frame`, whose diagonal
preconditions it, with the rough engine; what is reported of them is computed with the exact one.
The two differ where the search runs in single precision: then values, residuals and expectations
are those of its vectors in double precision, as sure as any, with residuals that rounding keeps
near 1e-6 of the norm. A sum of levels, and so a bracket, feels the square of that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..annealing.frame import ProductFrame, mean_field_frame
from ..annealing.hamiltonian import AnnealHamiltonian
from ..linalg.arrays import HOST, Array, Arrays
from ..linalg.counted import CountedOperator
from ..linalg.davidson import Davidson, Problem, davidson
from ..linalg.eigen import Eigenpairs, rayleigh_ritz
from ..memory import require_memory
from ..statistics.seeds import random_generator


class Engine(Protocol):
    """An anneal's Hamiltonian where the vectors live."""

    @property
    def arrays(self) -> Arrays:
        """Their kind."""
        ...

    @property
    def diagonal(self) -> Array:
        """(2^d,) of H_P."""
        ...

    def require_memory(self, num_bytes: int, purpose: str) -> None:
        """MemoryLimitError if so much is not free."""
        ...

    def frame_diagonal(self, frame: ProductFrame) -> Array:
        """(2^d,) diagonal in the frame."""
        ...

    def apply(self, A: float, B: float, v: Array) -> Array:
        """``(A H_D + B H_P) v``, new."""
        ...

    def to_lab(self, frame: ProductFrame, v: Array) -> Array:
        """``R v``, new."""
        ...

    def from_lab(self, frame: ProductFrame, v: Array) -> Array:
        """``R^T v``, which may overwrite v."""
        ...


@dataclass(frozen=True, eq=False)
class HostEngine:
    """numpy and numba."""

    H: AnnealHamiltonian
    arrays: Arrays = HOST

    @property
    def diagonal(self) -> NDArray[np.float64]:
        """(2^d,) of H_P."""
        return self.H.diagonal

    def require_memory(self, num_bytes: int, purpose: str) -> None:
        """MemoryLimitError if so much is not free."""
        require_memory(num_bytes, purpose)

    def frame_diagonal(self, frame: ProductFrame) -> NDArray[np.float64]:
        """(2^d,) diagonal in the frame."""
        return frame.diagonal()

    def apply(self, A: float, B: float, v: Array) -> Array:
        """``(A H_D + B H_P) v``, new."""
        return self.H.apply(A, B, v)

    def to_lab(self, frame: ProductFrame, v: Array) -> Array:
        """``R v``, new."""
        return frame.to_lab(self.arrays.copy(v))

    def from_lab(self, frame: ProductFrame, v: Array) -> Array:
        """``R^T v``, in place if v is contiguous."""
        return frame.from_lab(np.ascontiguousarray(v))


@dataclass(frozen=True, eq=False)
class Engines:
    """What the vectors are sought with, and what they are judged with; often the same."""

    rough: Engine
    exact: Engine


def framed_pairs(
    H: AnnealHamiltonian,
    engines: Engines,
    A: float,
    B: float,
    k: int,
    method: Davidson,
    seed: int | np.random.Generator,
    start: Array | None,
) -> Eigenpairs:
    """Lowest ``k`` levels of ``A H_D + B H_P``, A, B > 0.

    ``start`` and the vectors returned are (n, m) and (n, k) of the exact engine's arrays, and in
    the frame of H itself.

    Raises
    ------
    MemoryLimitError : if the work space does not fit.
    """
    n, norm, rough, exact = H.dimension, H.norm_bound(A, B), engines.rough, engines.exact
    num_bytes = method.num_bytes(n, k, rough.arrays.dtype.itemsize)
    if rough is not exact:
        num_bytes += 8 * n * (4 * k + 10)
    rough.require_memory(num_bytes, f"a Davidson basis of dimension {n}")
    frame = mean_field_frame(H.problem, H.driver.weights(H.num_qubits), A, B)

    def operator(engine: Engine, count: int) -> CountedOperator:
        def multiply(v: Array) -> Array:
            return engine.from_lab(frame, engine.apply(A, B, engine.to_lab(frame, v)))

        return CountedOperator(multiply, n, norm, engine.arrays, count)

    rng, judge = random_generator(seed), None
    if rough is not exact:
        judge = Problem(operator(exact, 0), exact.frame_diagonal(frame), method, rng)
    sought = operator(rough, 0)
    problem = Problem(sought, rough.frame_diagonal(frame), method, rng, judge)
    rows = None
    if start is not None:
        rows = [rough.from_lab(frame, rough.arrays.copy(column)) for column in start.T]
    found, beyond, status = davidson(problem, k, rows)
    judged = operator(exact, sought.count + (judge.op.count if judge else 0))
    pairs = rayleigh_ritz(judged, exact.arrays.array(found).T, k, beyond, status)
    columns = [exact.to_lab(frame, column) for column in pairs.vectors.T]
    return replace(pairs, vectors=exact.arrays.xp.stack(columns, 1))
