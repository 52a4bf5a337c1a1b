"""Gaps on a torch device, in double and single precision, against those of the host."""

import numpy as np
import pytest

import qxgap as qx
from qxgap.errors import InputError
from qxgap.linalg.arrays import LEAST_RESIDUAL, CountedOperator, to_numpy
from qxgap.linalg.eigenpairs import EigenStatus
from qxgap.linalg.methods import Davidson, Dense
from qxgap.linalg.subspace import Subspace
from qxgap.spectra.low_levels import LevelSolver
from qxgap.spectra.torch_backend import torch_backends
from qxgap.testing import random_feature_selection

torch = pytest.importorskip("torch")

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
ON_EACH_DEVICE = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=GPU)])
DOUBLE, SINGLE = qx.Precision.DOUBLE, qx.Precision.SINGLE
IN_EACH_PRECISION = pytest.mark.parametrize("precision", [DOUBLE, SINGLE])


def hamiltonian(d, seed, schedule=qx.LINEAR):
    weights = tuple(np.random.default_rng(seed).uniform(0.5, 2.0, d))
    problem = random_feature_selection(d, seed=seed)
    return qx.AnnealHamiltonian(problem, schedule, qx.TransverseField(weights))


@ON_EACH_DEVICE
@IN_EACH_PRECISION
@pytest.mark.parametrize("u", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize(("d", "k"), [(3, 2), (9, 3), (10, 5), (10, 2)])
def test_levels_are_those_of_lapack_within_their_residuals(d, k, u, precision, device):
    H = hamiltonian(d, d)
    expected = np.linalg.eigvalsh(H.to_sparse(*H.schedule(u)).toarray())
    method = Davidson(tol=1e-10, device=device, precision=precision)
    found, vectors = LevelSolver(H, method).solve(1 - u, u, k)
    assert found.status is EigenStatus.CONVERGED
    norm = H.norm_bound(1 - u, u)
    asked = max(1e-10, LEAST_RESIDUAL[4] if precision is SINGLE else 0.0)
    assert np.all(found.residuals <= 2 * asked * norm)
    assert abs(found.values.sum() - expected[:k].sum()) <= found.deficit
    assert found.beyond <= expected[k] + 1e-12
    columns = to_numpy(vectors)
    np.testing.assert_allclose(columns.T @ columns, np.eye(k), atol=1e-12)
    true = np.linalg.norm(H.to_sparse(*H.schedule(u)) @ columns - columns * found.values, axis=0)
    assert np.all(true <= found.residuals)
    np.testing.assert_allclose(
        (1 - u) * found.driver + u * found.problem, found.values, rtol=0, atol=1e-11 * norm
    )


@ON_EACH_DEVICE
@IN_EACH_PRECISION
@pytest.mark.parametrize("seed", range(3))
def test_a_bracket_is_that_of_the_host(seed, precision, device):
    H = hamiltonian(10, seed)
    host = qx.minimum_gap(H, rtol=1e-4)
    found = qx.minimum_gap(H, rtol=1e-4, method=Davidson(device=device, precision=precision))
    assert found.status is qx.GapStatus.BRACKETED
    assert found.lower <= host.value * (1 + 1e-9)
    assert host.lower <= found.value * (1 + 1e-9)
    s = found.s_star
    levels = np.linalg.eigvalsh(H.to_sparse(*H.schedule(s)).toarray())
    assert found.value == pytest.approx(levels[1] - levels[0], abs=1e-9 * H.norm_bound(1, 1))


@ON_EACH_DEVICE
@IN_EACH_PRECISION
def test_other_schedules_and_degenerate_ground_spaces(precision, device):
    table = qx.schedule_named("Advantage_system6_standard")
    spins = qx.QuboProblem.from_bqm(ferromagnetic_ring(10))
    H = qx.AnnealHamiltonian(spins)
    host = qx.minimum_gap(H)
    found = qx.minimum_gap(H, method=Davidson(device=device, precision=precision))
    assert found.degeneracy == host.degeneracy == 2
    assert found.value == pytest.approx(host.value, rel=2e-3)
    in_ghz = found.for_schedule(H, table)
    assert in_ghz.value == pytest.approx(host.for_schedule(H, table).value, rel=2e-3)


@ON_EACH_DEVICE
@IN_EACH_PRECISION
def test_a_spectrum_along_the_anneal(precision, device):
    H, s = hamiltonian(10, 4), np.linspace(0, 1, 7)
    host = qx.spectrum(H, s, 4, method=Dense())
    found = qx.spectrum(H, s, 4, method=Davidson(device=device, precision=precision))
    np.testing.assert_allclose(found.energies, host.energies, rtol=0, atol=1e-9)


def test_single_precision_takes_single_products():
    H = hamiltonian(10, 0)
    backends = torch_backends(H, "cpu", SINGLE)
    arrays = backends.search.arrays
    assert arrays.dtype is torch.float32
    assert backends.judge.arrays.dtype is torch.float64
    space = Subspace(CountedOperator(lambda v, out: out.copy_(v), 8, 1.0, arrays), 4)
    assert space.append(torch.ones(8))
    assert space.rows.dtype is torch.float32
    assert not space.append(3 * torch.ones(8))


def test_small_solves_agree_with_those_without_a_device():
    H = hamiltonian(5, 0)
    assert str(qx.minimum_gap(H, method=Davidson(device="cpu"))) == str(qx.minimum_gap(H))


def test_what_cannot_be_done_is_said():
    H = hamiltonian(10, 0)
    with pytest.raises(InputError, match="single precision needs a device"):
        Davidson(precision=SINGLE)
    with pytest.raises(InputError, match=r"'single'; give Precision\.DOUBLE"):
        Davidson(device="cpu", precision="single")
    subspace = qx.FixedSizeSubspace(2).hamiltonian(H.problem)
    with pytest.raises(InputError, match="qubits in a transverse field and Davidson"):
        qx.spectrum(subspace, [0.5], method=Davidson(device="cpu"))
    with pytest.raises(InputError, match="qubits in a transverse field and Davidson"):
        qx.minimum_gap(subspace, method=Davidson(device="cpu"))
    with pytest.raises(InputError, match="'tpu'"):
        qx.minimum_gap(H, method=Davidson(device="tpu"))


def test_one_solver_serves_numpy_and_torch_alike():
    H = hamiltonian(11, 7)
    host, device = qx.minimum_gap(H), qx.minimum_gap(H, method=Davidson(device="cpu"))
    assert device.matvecs == pytest.approx(host.matvecs, rel=0.02)
    assert device.value == pytest.approx(host.value, rel=1e-9)


def ferromagnetic_ring(n):
    import dimod

    return dimod.BinaryQuadraticModel({}, {(i, (i + 1) % n): -1.0 for i in range(n)}, 0.0, "SPIN")
