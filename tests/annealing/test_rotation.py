"""Rotations of single bits against Kronecker products."""

import functools

import numpy as np
import pytest

from qxgap.annealing import kernels, rotation
from qxgap.annealing.rotation import rotate


def random_case(d, seed=0):
    rng = np.random.default_rng(seed)
    angles = rng.uniform(-np.pi, np.pi, d)
    return np.cos(angles), np.sin(angles), rng.normal(size=1 << d)


def product(cosines, sines, v):
    """One matrix per bit on the axes of a tensor, bit 0 the last axis."""
    tensor = v.reshape((2,) * cosines.size)
    for k, (c, s) in enumerate(zip(cosines, sines, strict=True)):
        axis = cosines.size - 1 - k
        tensor = np.moveaxis(np.tensordot([[c, -s], [s, c]], tensor, (1, axis)), 0, axis)
    return tensor.ravel()


@pytest.mark.parametrize("d", range(1, 10))
def test_a_rotation_is_a_kronecker_product(d):
    cosines, sines, v = random_case(d)
    factors = [np.array([[c, -s], [s, c]]) for c, s in zip(cosines, sines, strict=True)]
    expected = functools.reduce(np.kron, reversed(factors)) @ v
    np.testing.assert_allclose(rotate(cosines, sines, v), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("parallel_from", [1, 1 << 17])
@pytest.mark.parametrize("d", range(1, 18))
def test_rotations_are_orthogonal_and_agree_with_tensor_contractions(monkeypatch, d, parallel_from):
    monkeypatch.setattr(kernels, "PARALLEL_FROM", parallel_from)
    cosines, sines, v = random_case(d)
    turned = v.copy()
    assert rotate(cosines, sines, turned) is turned
    np.testing.assert_allclose(turned, product(cosines, sines, v), rtol=0, atol=1e-13)
    assert np.linalg.norm(turned) == pytest.approx(np.linalg.norm(v), rel=1e-14)
    other, before = np.full_like(v, np.nan), v.copy()
    assert rotate(cosines, sines, other, v) is other
    np.testing.assert_array_equal(other, turned)
    np.testing.assert_array_equal(v, before)
    np.testing.assert_allclose(rotate(cosines, -sines, turned), v, rtol=0, atol=1e-13)


@pytest.mark.parametrize("block_bits", [4, 5, 8, 11])
@pytest.mark.parametrize("tile_bits", [5, 10])
def test_rotations_reach_many_high_bits(monkeypatch, block_bits, tile_bits):
    monkeypatch.setattr(kernels, "PARALLEL_FROM", 1)
    monkeypatch.setattr(rotation, "BLOCK_BITS", block_bits)
    monkeypatch.setattr(rotation, "TILE_BITS", tile_bits)
    cosines, sines, v = random_case(13)
    expected = product(cosines, sines, v)
    np.testing.assert_allclose(rotate(cosines, sines, v), expected, rtol=0, atol=1e-13)
