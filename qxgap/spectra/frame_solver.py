"""Eigen-solves of qubits in the mean-field frame, on the host or on a device.

Davidson's method computes the vectors in the frame of :mod:`qxgap.annealing.frame`, whose diagonal
preconditions it. One backend computes the vectors. Another one, the judge, computes all numbers
that are reported of them. The two differ where the vectors are in single precision. Values,
residuals and expectations are then those of the single-precision vectors, computed in double
precision; they are as reliable as any others, with residuals that rounding keeps near 1e-6 of the
norm. A sum of levels, and so a bracket, is affected only by the square of the residuals.
"""

from __future__ import annotations

from dataclasses import replace

from ..annealing.frame import mean_field_frame
from ..annealing.hamiltonian import AnnealHamiltonian
from ..linalg.arrays import Array, CountedOperator
from ..linalg.davidson import Problem, davidson
from ..linalg.eigenpairs import Eigenpairs
from ..linalg.eigensolve import rayleigh_ritz
from ..linalg.methods import Davidson
from ..statistics.seeds import Seed, random_generator
from .backends import Backend, Backends


def lowest_pairs_in_frame(
    H: AnnealHamiltonian,
    backends: Backends,
    A: float,
    B: float,
    k: int,
    method: Davidson,
    seed: Seed,
    start: Array | None,
) -> Eigenpairs:
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

    def operator(backend: Backend, count: int) -> CountedOperator:
        def multiply(v: Array) -> Array:
            return backend.from_lab(frame, backend.apply(A, B, backend.to_lab(frame, v)))

        return CountedOperator(multiply, n, norm, backend.arrays, count)

    rng, exact = random_generator(seed), None
    if search is not judge:
        exact = Problem(operator(judge, 0), judge.frame_diagonal(frame), method, rng)
    problem = Problem(operator(search, 0), search.frame_diagonal(frame), method, rng, exact)
    rows = None
    if start is not None:
        rows = [search.from_lab(frame, search.arrays.copy(column)) for column in start.T]
    vectors, beyond, status = davidson(problem, k, rows)
    # Values and residuals are those that the judge computes, in double precision. Its products are
    # counted together with those of the search.
    spent = problem.op.count + (exact.op.count if exact else 0)
    columns = judge.arrays.array(vectors).T
    pairs = rayleigh_ritz(operator(judge, spent), columns, k, beyond, status, method)
    in_lab = [judge.to_lab(frame, column) for column in pairs.vectors.T]
    return replace(pairs, vectors=judge.arrays.xp.stack(in_lab, 1))
