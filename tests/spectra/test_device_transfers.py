"""What a solve on a device sends to the host and back, counted on PyTorch's CPU device."""

import collections

import pytest

import qxgap as qx
from qxgap.linalg import completeness, subspace
from qxgap.linalg.methods import Davidson
from qxgap.spectra.low_levels import LevelSolver
from qxgap.testing import random_feature_selection

torch = pytest.importorskip("torch")
dispatch = pytest.importorskip("torch.utils._python_dispatch")


class Transfers(dispatch.TorchDispatchMode):
    """Counts transfers of few numbers, and records the sizes of all others."""

    def __init__(self, patch):
        super().__init__()
        self.to_host, self.sizes = 0, collections.Counter()
        original = torch.Tensor.cpu

        def cpu(tensor):
            self.to_host += 1
            self.sizes["to host", tensor.numel()] += 1
            return original(tensor)

        patch.setattr(torch.Tensor, "cpu", cpu)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = str(func)
        if "_local_scalar_dense" in name:
            self.to_host += 1
        if "lift_fresh" in name:  # numbers of the host become a tensor
            self.sizes["to device", args[0].numel()] += 1
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("precision", [qx.Precision.DOUBLE, qx.Precision.SINGLE])
def test_a_step_waits_twice_and_no_vector_leaves_the_device(precision, monkeypatch):
    steps = collections.Counter()
    join, step = subspace.Subspace.join, completeness.Recurrence.step

    def counted(name, function):
        def wrapped(self, *args):
            steps[name] += 1
            return function(self, *args)

        return wrapped

    monkeypatch.setattr(subspace.Subspace, "join", counted("join", join))
    monkeypatch.setattr(completeness.Recurrence, "step", counted("check", step))
    H = qx.AnnealHamiltonian(random_feature_selection(10, seed=1))
    solver = LevelSolver(H, Davidson(device="cpu", precision=precision))
    _, start = solver.solve(0.45, 0.55, 2)
    steps.clear()
    with Transfers(monkeypatch) as transfers:
        levels, _ = solver.solve(0.4, 0.6, 2, start)
    assert levels.status is qx.linalg.EigenStatus.CONVERGED
    assert steps["join"] > 5
    assert steps["check"] > 5
    # a step of the search waits for the products of its direction and for those of its vector and
    # image, a step of the check once; about ten numbers are asked for once in a solve
    assert transfers.to_host <= 2 * steps["join"] + steps["check"] + 15
    assert max(size for _, size in transfers.sizes) <= 256
