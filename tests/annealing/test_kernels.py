"""The matrix-free product against a sparse matrix, for every size its blocking treats apart."""

import functools

import numpy as np
import pytest
import scipy.sparse as sp

from qxgap.annealing import kernels
from qxgap.annealing.kernels import matvec


def sparse_hamiltonian(energies, b, weights):
    """Kronecker products, bit 0 the rightmost factor."""
    flip, d = sp.csr_array([[0.0, 1.0], [1.0, 0.0]]), weights.size
    total = sp.diags_array(b * energies, format="csr")
    for k in range(d):
        factors = [sp.eye_array(1 << (d - 1 - k)), flip, sp.eye_array(1 << k)]
        total = total - weights[k] * functools.reduce(sp.kron, factors)
    return total


def random_case(d, dtype, seed=0):
    rng = np.random.default_rng(seed)
    v = rng.normal(size=1 << d)
    if dtype is np.complex128:
        v = v + 1j * rng.normal(size=1 << d)
    return rng.normal(size=1 << d), rng.uniform(0.1, 2.0, d), v


@pytest.mark.parametrize("parallel_from", [1, 1 << 17])
@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
@pytest.mark.parametrize("d", range(1, 17))
def test_matvec_agrees_with_a_sparse_matrix(monkeypatch, d, dtype, parallel_from):
    monkeypatch.setattr(kernels, "PARALLEL_FROM", parallel_from)
    energies, weights, v = random_case(d, dtype)
    out = np.full_like(v, np.nan)
    expected = sparse_hamiltonian(energies, 0.7, weights) @ v
    assert matvec(energies, 0.7, weights, v, out) is out
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-13 * (1 + weights.sum()))


@pytest.mark.parametrize("block_bits", [8, 9, 10, 11, 12, 13])
def test_matvec_reaches_many_high_bits(monkeypatch, block_bits):
    # small blocks bring the number of high bits of d = 22 to 27 down to a small vector
    monkeypatch.setattr(kernels, "PARALLEL_FROM", 1)
    monkeypatch.setattr(kernels, "BLOCK_BITS", block_bits)
    monkeypatch.setattr(kernels, "TILE_BITS", 7)
    monkeypatch.setattr(kernels, "ONE_PASS_BITS", 0)
    energies, weights, v = random_case(15, np.float64)
    out = np.full_like(v, np.nan)
    expected = sparse_hamiltonian(energies, 1.3, weights) @ v
    matvec(energies, 1.3, weights, v, out)
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-13 * (1 + weights.sum()))


def test_matvec_takes_strided_and_read_only_arrays():
    energies, weights, v = random_case(15, np.float64)
    expected = sparse_hamiltonian(energies, 1.0, weights) @ v
    energies.flags.writeable = False
    columns = np.stack([v, v], axis=1)
    out = np.full_like(v, np.nan)
    matvec(energies, 1.0, weights, columns[:, 0], out)
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-12)
