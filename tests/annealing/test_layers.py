"""Layers of a splitting against matrix exponentials, one by one and in batches."""

import math

import numpy as np
import pytest
from scipy.sparse.linalg import expm_multiply

import qxgap as qx
from benchmarks.dynamics.kernels import bytes_moved
from qxgap.annealing import kernels, layers
from qxgap.annealing.batch import apply_layers
from qxgap.annealing.layers import Layer
from qxgap.testing import random_feature_selection


@pytest.mark.parametrize("d", [1, 2, 3, 4, 8, 13, 14, 15, 16])
def test_a_layer_is_the_product_of_its_matrix_exponentials(d):
    rng = np.random.default_rng(d)
    driver = qx.TransverseField(tuple(rng.uniform(0.5, 2.0, d)))
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=d), driver=driver)
    layer, psi = Layer(H.problem, H.driver_weights), rng.normal(size=(2, 2**d))
    expected = np.exp(-0.7j * H.diagonal) * (psi[0] + 1j * psi[1])
    alone = psi.copy()
    layer.phase(alone, 0.7)
    np.testing.assert_allclose(alone[0] + 1j * alone[1], expected, atol=1e-13)
    layer(psi, 0.7, 0.3)
    expected = expm_multiply(-0.3j * H.driver_matrix(), expected, traceA=0.0)
    np.testing.assert_allclose(psi[0] + 1j * psi[1], expected, atol=1e-11)


@pytest.mark.parametrize("d", [1, 3, 4, 14, 15])
@pytest.mark.parametrize(("quarter_turns", "factor"), [(1, 1j), (2, -1), (-3, 1j), (10, -1)])
def test_a_layer_turns_by_any_angle(d, quarter_turns, factor):
    # exp(i n pi/2 X) = i^n X^n, where tangents are infinite or a sign is easily lost
    problem = random_feature_selection(d, seed=d)
    psi = np.random.default_rng(d).normal(size=(2, 2**d))
    expected = np.exp(-0.7j * problem.diagonal) * (psi[0] + 1j * psi[1])
    if quarter_turns % 2:
        expected = expected[::-1]
    Layer(problem, np.ones(d))(psi, 0.7, quarter_turns * math.pi / 2)
    np.testing.assert_allclose(psi[0] + 1j * psi[1], factor**d * expected, atol=1e-12)


@pytest.mark.parametrize("d", [1, 3, 8, 15])
def test_layers_in_one_call_are_the_layers(d):
    rng = np.random.default_rng(d)
    layer = Layer(random_feature_selection(d, seed=d), rng.uniform(0.5, 2.0, d))
    psi, phases, angles = rng.normal(size=(2, 2**d)), rng.normal(size=9), rng.normal(size=9)
    angles[4] = np.pi / 2 / layer.weights[0]  # an infinite tangent
    one_by_one = psi.copy()
    for phi, angle in zip(phases, angles, strict=True):
        layer(one_by_one, phi, angle)
    apply_layers(layer, psi, phases, angles)
    np.testing.assert_allclose(psi, one_by_one, atol=1e-12)


@pytest.mark.parametrize("swept_bits", [0, 6])
@pytest.mark.parametrize("low_bits", [9, 12, 14])
def test_tiles_and_sweeps_of_any_thread_end_in_the_same_state(monkeypatch, low_bits, swept_bits):
    # few low bits bring the many high bits of d = 21 to 26 down to a small state
    problem, weights = random_feature_selection(16, seed=1), np.linspace(0.5, 1.0, 16)
    start = np.random.default_rng(1).normal(size=(2, 1 << 16))
    expected = start.copy()
    Layer(problem, weights)(expected, 0.7, 0.3)
    monkeypatch.setattr(layers, "LOW_BITS", low_bits)
    monkeypatch.setattr(layers, "SWEPT_BITS", swept_bits)
    monkeypatch.setattr(layers, "TILE_BITS", 10)
    ends = []
    for threads in (1, 3):
        layer, psi = Layer(problem, weights), start.copy()
        layer.threads = threads
        layer(psi, 0.7, 0.3)
        ends.append(psi)
    np.testing.assert_allclose(ends[0], expected, atol=1e-13)
    np.testing.assert_array_equal(*ends)


@pytest.mark.parametrize("d", range(14, 31))
def test_a_state_in_memory_is_read_and_written_twice(d):
    moved = bytes_moved(d)
    in_cache = d <= 20  # there the third-level cache may be read more often
    assert moved["layer"] <= (8.0 if in_cache else 4.0)  # a copy of the state is 2
    assert moved["rotate"] <= (3.0 if d <= 23 else 2.0)  # up to 23 in two sweeps without tiles
    assert moved["matvec"] <= 3.0


@pytest.mark.parametrize("d", range(21, 27))
def test_tiles_have_whole_lines_and_fit_into_the_second_level_cache(d):
    low, columns = kernels.partition(d, layers.LOW_BITS, layers.HIGH_BITS, layers.TILE_BITS)
    assert columns >= 64
    assert 16 * (columns << (d - low)) <= 512 << 10
    bits, length = kernels.partition(d, kernels.BLOCK_BITS, kernels.ROW_BITS, kernels.TILE_BITS)
    assert length >= 64
    assert 8 * (length << (d - bits)) <= 256 << 10
