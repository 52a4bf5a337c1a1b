"""Torch kernels against the numba ones, Kronecker products and matrix exponentials."""

import functools
import subprocess
import sys

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.linalg import expm_multiply
from systems import weighted_hamiltonian as hamiltonian

import qxgap as qx
from qxgap.annealing.layers import Layer
from qxgap.testing import random_feature_selection

torch = pytest.importorskip("torch")

from qxgap.annealing import torch_device  # noqa: E402
from qxgap.annealing.torch_kernels import TorchHamiltonian, TorchLayers, rotate  # noqa: E402

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
DEVICES = ["cpu", pytest.param("cuda", marks=GPU)]
DTYPES = {torch.float64: 1e-14, torch.float32: 1e-6}
ON_EACH_DEVICE = pytest.mark.parametrize("device", DEVICES)
IN_EACH_DTYPE = pytest.mark.parametrize("dtype", DTYPES)


def complex_normal(shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


@ON_EACH_DEVICE
@IN_EACH_DTYPE
@pytest.mark.parametrize("d", range(1, 15))
def test_the_hamiltonian_is_the_numba_one(d, dtype, device):
    H, rng = hamiltonian(d, d), np.random.default_rng(d)
    on_device = TorchHamiltonian(H.problem, H.driver_weights, device, dtype)
    assert on_device.diagonal.dtype == dtype
    tolerance = 10 * DTYPES[dtype] * H.norm_bound(1.0, 1.0)
    np.testing.assert_allclose(on_device.diagonal.cpu(), H.diagonal, rtol=0, atol=tolerance)
    for shape in ((2**d,), (3, 2**d)):
        v = rng.normal(size=shape)
        for A, B in ((0.3, 1.7), (0.0, 1.0), (1.0, 0.0)):
            expected = [H.apply(A, B, row) for row in np.atleast_2d(v)]
            out = on_device.apply(A, B, torch.tensor(v, dtype=dtype, device=device))
            assert (out.shape, out.dtype) == (shape, dtype)
            np.testing.assert_allclose(
                np.atleast_2d(out.cpu()), expected, rtol=0, atol=4 * tolerance
            )


def test_the_diagonal_is_summed_in_double_precision():
    H = hamiltonian(13)
    single = TorchHamiltonian(H.problem, H.driver_weights, "cpu", torch.float32).diagonal
    double = TorchHamiltonian(H.problem, H.driver_weights, "cpu").diagonal
    assert torch.equal(single, double.to(torch.float32))


@ON_EACH_DEVICE
@IN_EACH_DTYPE
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_rotations_are_a_kronecker_product(device, dtype, data):
    angles = data.draw(st.lists(st.floats(-3.2, 3.2), min_size=1, max_size=9))
    rows = data.draw(st.integers(1, 3))
    c, s = np.cos(angles), np.sin(angles)
    v = np.random.default_rng(rows).normal(size=(rows, 2 ** len(angles)))
    turns = [scipy.linalg.expm(angle * np.array([[0, -1], [1, 0]])) for angle in angles]
    expected = v @ functools.reduce(np.kron, turns[::-1]).T
    source = torch.tensor(v, dtype=dtype, device=device)
    before, spare = source.clone(), torch.full_like(source, torch.nan)
    out = rotate(c, s, source)
    assert torch.equal(source, before)
    np.testing.assert_allclose(out.cpu(), expected, rtol=0, atol=40 * DTYPES[dtype])
    reused = rotate(c, s, source, spare)
    assert reused is source or reused is spare
    assert torch.equal(reused, out)


@ON_EACH_DEVICE
@IN_EACH_DTYPE
@pytest.mark.parametrize("d", range(1, 15))
def test_layers_are_the_numba_ones(d, dtype, device):
    H, start = hamiltonian(d, d), complex_normal(2**d, d)
    rng = np.random.default_rng(d)
    phases, angles = rng.uniform(-2, 2, 71), rng.uniform(-2, 2, 70)  # more than a chunk
    psi, layer = np.stack([start.real, start.imag]), Layer(H.problem, H.driver_weights)
    for phi, angle in zip(phases, angles, strict=False):
        layer(psi, phi, angle)
    layer.phase(psi, phases[-1])
    layers = TorchLayers([H.problem], H.driver_weights, device, dtype)
    (out,) = layers.propagate(start, phases, angles)
    assert out.device.type == device
    assert out.dtype == torch_device.COMPLEX[dtype]
    np.testing.assert_allclose(out.cpu(), psi[0] + 1j * psi[1], rtol=0, atol=150 * DTYPES[dtype])


@ON_EACH_DEVICE
@pytest.mark.parametrize("d", [1, 2, 5, 8, 12])
def test_a_layer_is_the_product_of_its_matrix_exponentials(d, device):
    H, start = hamiltonian(d, d), complex_normal(2**d)
    layers = TorchLayers([H.problem], H.driver_weights, device)
    turned = expm_multiply(-0.3j * H.driver_matrix(), np.exp(-0.7j * H.diagonal) * start, traceA=0)
    (out,) = layers.propagate(start, np.array([0.7, 1.1]), np.array([0.3]))
    np.testing.assert_allclose(out.cpu(), np.exp(-1.1j * H.diagonal) * turned, rtol=0, atol=1e-11)


@ON_EACH_DEVICE
@pytest.mark.parametrize("d", [1, 4, 9])
def test_a_batch_holds_problems_of_its_own(d, device):
    problems = [random_feature_selection(d, seed=seed) for seed in range(5)]
    weights, start = np.linspace(0.5, 2.0, d), complex_normal((5, 2**d))
    phases, angles = np.array([0.4, -0.9, 0.2]), np.array([1.1, 0.6])
    together = TorchLayers(problems, weights, device).propagate(start, phases, angles)
    common = TorchLayers(problems, weights, device).propagate(start[0], phases, angles)
    for k, problem in enumerate(problems):
        alone = TorchLayers([problem], weights, device)
        for out, row in ((together[k], start[k]), (common[k], start[0])):
            expected = alone.propagate(row, phases, angles)[0]
            np.testing.assert_allclose(out.cpu(), expected.cpu(), rtol=0, atol=1e-13)


def test_what_a_device_cannot_do_is_refused():
    H = hamiltonian(3)
    with pytest.raises(qx.InputError, match="'qpu' is unknown; use 'cpu'"):
        TorchHamiltonian(H.problem, H.driver_weights, "qpu")
    with pytest.raises(qx.InputError, match="'meta' is not supported"):
        TorchHamiltonian(H.problem, H.driver_weights, "meta")
    with pytest.raises(qx.InputError, match=r"'cuda:99' is not available.*Use 'cpu'"):
        TorchLayers([H.problem], H.driver_weights, "cuda:99")
    with pytest.raises(qx.InputError, match=r"torch\.float16 is not supported"):
        TorchLayers([H.problem], H.driver_weights, "cpu", torch.float16)
    with pytest.raises(qx.InputError, match="variables with 3 driver weights"):
        TorchLayers([H.problem, hamiltonian(4).problem], H.driver_weights, "cpu")
    forty = qx.QuboProblem(-np.ones(40), np.zeros((40, 40)))
    with pytest.raises(qx.MemoryLimitError, match="40 qubits"):
        TorchHamiltonian(forty, np.ones(40), "cpu")
    with pytest.raises(qx.MemoryLimitError, match="1 x 40 qubits"):
        TorchLayers([forty], np.ones(40), "cpu")


def test_rounded_products_are_refused():
    before, H = torch.get_float32_matmul_precision(), hamiltonian(2)
    torch.set_float32_matmul_precision("high")
    try:
        with pytest.raises(qx.InputError, match="set_float32_matmul_precision"):
            TorchHamiltonian(H.problem, H.driver_weights, "cpu", torch.float32)
        assert TorchHamiltonian(H.problem, H.driver_weights, "cpu").dtype is torch.float64
    finally:
        torch.set_float32_matmul_precision(before)
    assert TorchLayers([H.problem], H.driver_weights, "cpu", torch.float32).dtype is torch.float32


def test_a_missing_torch_is_told():
    code = (
        "import sys; sys.modules['torch'] = None; import qxgap as qx\n"
        "H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]))\n"
        "try: qx.anneal(H, 1.0, qx.SplitOperator(device='cpu'))\n"
        "except qx.InputError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'qxgap[xai]'" in done.stdout
