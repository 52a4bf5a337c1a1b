"""The kernels for GPUs, run on the processor, against the numba ones and Kronecker products."""

import functools

import numpy as np
import pytest
import scipy.linalg
from systems import weighted_hamiltonian as hamiltonian

import qxgap as qx
from qxgap.annealing.layers import Layer

torch = pytest.importorskip("torch")

from simulated_gpu import SimulatedProgram  # noqa: E402

from qxgap.annealing import torch_kernels  # noqa: E402
from qxgap.annealing.cuda import FusedLayers  # noqa: E402
from qxgap.annealing.cuda.passes import TILE, groups_of, passes_of  # noqa: E402
from qxgap.annealing.torch_energies import forms_in_bit_order  # noqa: E402
from qxgap.annealing.torch_kernels import TorchHamiltonian, TorchLayers, rotate  # noqa: E402

DTYPES = {torch.float64: 1e-13, torch.float32: 1e-5}
IN_EACH_DTYPE = pytest.mark.parametrize("dtype", DTYPES)


@pytest.fixture
def simulated(monkeypatch):
    """Let the torch kernels run the GPU's kernels on the processor; returns the programs."""
    programs = {dtype: SimulatedProgram(dtype) for dtype in DTYPES}
    monkeypatch.setattr(torch_kernels, "program_for", lambda device, dtype: programs[dtype])
    return programs


def after_layers(H, start, phases, angles):
    psi, layer = np.stack([start.real, start.imag]), Layer(H.problem, H.driver_weights)
    for phi, angle in zip(phases, angles, strict=False):
        layer(psi, phi, angle)
    layer.phase(psi, phases[-1])
    return psi[0] + 1j * psi[1]


def random_layers(d, count, seed):
    rng = np.random.default_rng(seed)
    start = rng.normal(size=2**d) + 1j * rng.normal(size=2**d)
    return start, rng.uniform(-2, 2, count + 1), rng.uniform(-2, 2, count)


@IN_EACH_DTYPE
@pytest.mark.parametrize(
    ("d", "count"),
    [(11, 3), (12, 4), (16, 2), (12, 0), pytest.param(20, 2, marks=pytest.mark.slow)],
)
def test_layers_are_the_numba_ones(d, count, dtype, simulated):
    problems = [hamiltonian(d, seed) for seed in range(1 + (d < 16))]
    weights = problems[0].driver_weights
    start, phases, angles = random_layers(d, count, d)
    layers = TorchLayers([H.problem for H in problems], weights, "cpu", dtype)
    out = layers.propagate(start, phases, angles)
    assert simulated[dtype].launches
    for H, state in zip(problems, out, strict=True):
        one = qx.AnnealHamiltonian(H.problem, driver=problems[0].driver)
        expected = after_layers(one, start, phases, angles)
        np.testing.assert_allclose(state, expected, rtol=0, atol=20 * DTYPES[dtype])


@pytest.mark.parametrize("widest", [1, 2])
def test_many_groups_of_bits_are_turned_in_either_order(widest):
    H = hamiltonian(15, 1)
    start, phases, angles = random_layers(15, 3, 5)
    frame = 1j ** np.array([x.bit_count() for x in range(2**15)])
    psi = torch.tensor(frame.conj() * start).reshape(1, -1)
    h, J = forms_in_bit_order([(H.problem.h, H.problem.J)])
    groups = groups_of(15, widest)
    assert len(groups) == 1 + 4 // widest
    program = SimulatedProgram(torch.float64)
    layers = FusedLayers(program, h, J, psi.device, torch.float64, groups)
    layers.apply(psi, phases, np.outer(angles, H.driver_weights))
    expected = after_layers(H, start, phases, angles)
    np.testing.assert_allclose(psi[0].numpy() * frame, expected, rtol=0, atol=1e-12)


@IN_EACH_DTYPE
@pytest.mark.parametrize("d", [12, 14])
def test_real_rotations_are_a_kronecker_product(d, dtype, simulated):
    rng = np.random.default_rng(d)
    angles, v = rng.uniform(-3, 3, d), rng.normal(size=(2, 2**d))
    expected = v
    for first, last in ((0, d // 2), (d // 2, d)):
        turns = [scipy.linalg.expm(angle * np.array([[0, -1], [1, 0]])) for angle in angles]
        block = functools.reduce(np.kron, turns[first:last][::-1])
        shaped = expected.reshape(2, 2 ** (d - last), len(block), 2**first)
        expected = np.einsum("ij,rajb->raib", block, shaped).reshape(2, -1)
    source = torch.tensor(v, dtype=dtype)
    before = source.clone()
    out = rotate(np.cos(angles), np.sin(angles), source)
    assert torch.equal(source, before)
    np.testing.assert_allclose(out, expected, rtol=0, atol=20 * DTYPES[dtype])
    reused = rotate(np.cos(angles), np.sin(angles), source, before)
    assert reused is before  # the caller's array, so that it need not be copied there
    assert torch.equal(reused, out)
    assert len(simulated[dtype].launches) == 2 * len(groups_of(d - 1))


@IN_EACH_DTYPE
@pytest.mark.parametrize("d", [12, 14])
def test_the_hamiltonian_is_the_numba_one(d, dtype, simulated):
    H, v = hamiltonian(d, d), np.random.default_rng(d).normal(size=(2, 2**d))
    on_device = TorchHamiltonian(H.problem, H.driver_weights, "cpu", dtype)
    for A, B in ((0.3, 1.7), (1.0, 0.0)):
        out = on_device.apply(A, B, torch.tensor(v, dtype=dtype))
        expected = [H.apply(A, B, row) for row in v]
        tolerance = 20 * DTYPES[dtype] * H.norm_bound(A, B)
        np.testing.assert_allclose(out, expected, rtol=0, atol=tolerance)
    assert simulated[dtype].launches == ["flips"] * 2 * len(groups_of(d - 1))


@pytest.mark.parametrize(("d", "passes"), [(11, 1), (20, 1), (21, 2), (29, 2), (30, 3)])
def test_the_passes_of_a_layer_are_counted(d, passes):
    groups, layers = groups_of(d), 100
    assert len(list(passes_of(groups, layers))) == 1 + passes * layers
    turned = [bit for group in groups for bit in group.inside if bit >= TILE or group.run == TILE]
    assert sorted(turned) == list(range(d))
