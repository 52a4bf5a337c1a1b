"""Eigen-solves of qubits in the mean-field frame, on the host or on a device.

Davidson's method computes the vectors in the frame of :mod:`qxgap.annealing.frame`, whose diagonal
preconditions it. One backend computes the vectors. Another one, the judge, computes all numbers
that are reported of them. The two differ where the vectors are in single precision. Values,
residuals and expectations are then those of the single-precision vectors, computed in double
precision; they are as reliable as any others, with residuals that rounding keeps near 1e-6 of the
norm. A sum of levels, and so a bracket, is affected only by the square of the residuals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from ..annealing.frame import mean_field_frame
from ..annealing.hamiltonian import AnnealHamiltonian
from ..linalg.arrays import Array, CountedOperator, FloatArray, pieces_of, to_numpy
from ..linalg.davidson import Problem, davidson
from ..linalg.eigenpairs import Eigenpairs, EigenStatus
from ..linalg.eigensolve import bounded_pairs
from ..linalg.methods import Davidson
from ..statistics.seeds import Seed, random_generator
from .backends import Backend, Backends


@dataclass(frozen=True, eq=False)
class FramedPairs:
    """Eigenpairs of qubits with the expectations of driver and problem.

    Attributes
    ----------
    pairs : Eigenpairs
        Levels, vectors and bounds.
    driver, problem : ndarray of float, shape (k,)
        Expectations of H_D and H_P in the vectors.
    """

    pairs: Eigenpairs
    driver: FloatArray
    problem: FloatArray


def lowest_pairs_in_frame(
    H: AnnealHamiltonian,
    backends: Backends,
    A: float,
    B: float,
    k: int,
    method: Davidson,
    seed: Seed,
    start: Array | None,
) -> FramedPairs:
    """Compute the lowest ``k`` levels of ``A H_D + B H_P`` with A, B > 0.

    ``start``, (n, m), and the vectors of the result, (n, k), are arrays of the judging backend, in
    the laboratory frame of H. Raises MemoryLimitError if the work space does not fit.
    """
    n, norm = H.dimension, H.norm_bound(A, B)
    search, judge = backends.search, backends.judge
    num_bytes = method.num_bytes(n, k, search.arrays.dtype.itemsize)
    if search is not judge:
        num_bytes += 8 * n * (4 * k + 10)
    search.require_memory(num_bytes, f"a Davidson basis of dimension {n}")
    frame = mean_field_frame(H.problem, H.driver.weights(H.num_qubits), A, B)

    def operator(backend: Backend) -> CountedOperator:
        return CountedOperator(backend.product_in_frame(frame, A, B), n, norm, backend.arrays)

    rng, exact = random_generator(seed), None
    if search is not judge:
        exact = Problem(operator(judge), judge.frame_diagonal(frame), method, rng)
    problem = Problem(operator(search), search.frame_diagonal(frame), method, rng, exact)
    rows = None
    if start is not None:
        rows = (search.from_lab(frame, search.arrays.copy(column)) for column in start.T)
    vectors, beyond, status = davidson(problem, k, rows)
    # Values and residuals are those that the judge computes, in double precision. Its products are
    # counted together with those of the search.
    op = exact.op if exact else problem.op
    op.count += problem.op.count if exact else 0
    vectors = judge.arrays.array(vectors)
    for row in vectors:
        row[:] = judge.to_lab(frame, row)
    return _judged(judge, op, A, B, vectors, beyond, status, method)


def _judged(
    judge: Backend,
    op: CountedOperator,
    A: float,
    B: float,
    vectors: Array,
    beyond: float,
    status: EigenStatus,
    method: Davidson,
) -> FramedPairs:
    """Diagonalize ``A H_D + B H_P`` in the span of ``vectors``, (k, n) in the laboratory frame.

    No rotation is needed there, and the expectations of H_D and H_P come without another product.
    The vectors are overwritten.
    """
    k, n = vectors.shape
    arrays, energies = judge.arrays, judge.diagonal
    images, small = arrays.empty(k, n), arrays.empty(3 * k, k)
    for row, image in zip(vectors, images, strict=True):
        judge.apply_driver(row, image)
    op.count += k
    small[:] = 0.0
    for part in pieces_of(n, arrays):
        v = vectors[:, part]
        small[:k] += v @ v.T
        small[k : 2 * k] += v @ images[:, part].T
        small[2 * k :] += (v * energies[part]) @ v.T
    inner, driver, problem = to_numpy(small).reshape(3, k, k)
    whole = A * driver + B * problem
    values, rotation = scipy.linalg.eigh((whole + whole.T) / 2, (inner + inner.T) / 2)
    weights, column = arrays.array(rotation.T), arrays.array(values)[:, None]
    squares = arrays.empty(1, k)[0]
    squares[:] = 0.0
    for part in pieces_of(n, arrays):
        image = A * images[:, part] + B * (vectors[:, part] * energies[part])
        vectors[:, part] = weights @ vectors[:, part]
        residual = weights @ image - column * vectors[:, part]
        squares += (residual * residual).sum(1)
    residuals = np.sqrt(to_numpy(squares))
    pairs = bounded_pairs(op, values, vectors, residuals, k, beyond, status, method)
    driver, problem = (
        np.einsum("ip,ij,jp->p", rotation, matrix, rotation) for matrix in (driver, problem)
    )
    return FramedPairs(pairs, driver, problem)
