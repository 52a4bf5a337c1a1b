"""Sums over the change of a state, against numpy, on one thread and on several."""

import numpy as np
import pytest

from qxgap.linalg import amplitude_sums, amplitudes
from qxgap.linalg.amplitude_sums import BINS, BY_CHANGE, BY_MODULUS, SQUARE, change_sums


def states(n, seed):
    """A state with many equal moduli, some zeros, and a copy that has changed a little."""
    rng = np.random.default_rng(seed)
    moduli = rng.choice(10.0 ** rng.uniform(-11, 0, max(n // 3, 1)), n)
    moduli[rng.random(n) < 0.1] = 0.0
    psi = moduli * np.exp(2j * np.pi * rng.random(n))
    psi /= max(np.linalg.norm(psi), 1e-300)
    return psi, psi + 1e-3 * (rng.normal(size=n) + 1j * rng.normal(size=n)) * n**-0.5


@pytest.mark.parametrize("n", [1, 2, 511, 512, 1300])
@pytest.mark.parametrize("parallel", [False, True])
def test_the_sums_are_those_of_numpy(n, parallel, monkeypatch):
    monkeypatch.setattr(amplitude_sums, "PARALLEL_FROM", 1 if parallel else 1 << 40)
    monkeypatch.setattr(amplitude_sums, "get_num_threads", lambda: 3)
    psi, phi = states(n, n)
    phase = np.exp(0.7j)
    sums, bins = change_sums(psi, phi, phase, 9)
    change, sizes = np.abs(psi - phase * phi), np.abs(psi) + np.abs(phi)
    assert sums[SQUARE] == pytest.approx((change**2).sum(), rel=1e-12)
    assert sums[BY_CHANGE] == pytest.approx((change * sizes).sum() / 2, rel=1e-12)
    by_modulus = np.abs(np.abs(psi) - np.abs(phi)) * sizes / 2
    assert sums[BY_MODULUS] == pytest.approx(by_modulus.sum(), rel=1e-11)
    assert bins.shape == (BINS,)
    assert bins.sum() == pytest.approx(sums[BY_CHANGE], rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_bins_hold_whole_groups_of_equal_moduli(seed):
    psi, phi = states(3000, seed)
    _, bins = change_sums(psi, phi, 1.0, 9)
    changes = np.abs(psi - phi) * (np.abs(psi) + np.abs(phi)) / 2
    groups = amplitudes.total_by_value(np.round(np.abs(psi), 9), changes)
    # merging groups can only lower the participation number
    number, least = (x.sum() ** 2 / (x**2).sum() for x in (groups, bins))
    assert least <= number * (1 + 1e-12)
    assert least > 0.05 * number


def test_a_device_has_the_same_bins():
    torch = pytest.importorskip("torch")
    psi, phi = states(2000, 7)
    _, bins = change_sums(psi, phi, 1.0, 9)
    changes = np.abs(psi - phi) * (np.abs(psi) + np.abs(phi)) / 2
    on_device = amplitudes.total_by_bin(torch.tensor(psi), torch.tensor(changes), 9)
    np.testing.assert_allclose(on_device, bins, rtol=1e-12, atol=1e-300)
