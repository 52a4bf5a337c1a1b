"""The rate equation of populations against closed forms, Gibbs states and the density matrix."""

import math

import numpy as np
import pytest

import qxgap as qx
from qxgap.testing import random_feature_selection

BATH = qx.OhmicBath(0.2, 1e-3)
METHOD = qx.PauliMaster(1e-4)
s = np.linspace(0.0, 1.0, 101)


def steady(A, B):
    return qx.AnnealSchedule([0, 1], [A, A], [B, B], "steady")


def test_one_qubit_relaxes_at_the_golden_rules_rates():
    # H = -A sigma_x with its ground state occupied; w = 2 A
    kT, coupling, cutoff, A, tau = 0.5, 0.02, 3.0, 0.4, 30.0
    H = qx.AnnealHamiltonian(qx.QuboProblem([0.0], np.zeros((1, 1))), steady(A, 0.1))
    run = qx.open_anneal(H, tau, qx.OhmicBath(kT, coupling, cutoff), qx.PauliMaster(1e-6))
    w = 2 * A
    scale = 2 * math.pi * coupling * w * math.exp(-w / cutoff)
    down, up = scale / (1 - math.exp(-w / kT)), scale / (math.exp(w / kT) - 1)
    excited = up / (up + down) * (1 - math.exp(-(up + down) * tau))
    coherence = run.density[0, 1].real
    assert coherence == pytest.approx(0.5 - excited, abs=1e-6)


@pytest.mark.parametrize("d", [1, 2, 4])
def test_long_at_constant_h_it_is_the_quantum_gibbs_state(d):
    H = qx.AnnealHamiltonian(random_feature_selection(d, d), steady(0.6, 0.4))
    run = qx.open_anneal(H, 1e7, BATH, qx.PauliMaster(1e-7))
    thermal = qx.gibbs(H, 0.5, BATH.temperature, quantum=True)
    np.testing.assert_allclose(run.probabilities, thermal.probabilities, atol=1e-6)


def test_without_coupling_it_stays_in_the_ground_state():
    H = qx.AnnealHamiltonian(random_feature_selection(4, 2))
    run = qx.open_anneal(H, 100.0, qx.OhmicBath(0.2, 0.0), qx.PauliMaster(1e-3))
    assert run.success_probability == pytest.approx(1.0, abs=3e-3)


def test_levels_that_cross_exactly_are_followed():
    """Uncoupled qubits stay independent, though levels of one cross those of the other."""
    weights, h, bath = (1.0, 0.4), [-0.5, -1.0], qx.OhmicBath(0.3, 1e-2)
    whole = qx.QuboProblem(h, np.zeros((2, 2)))
    driver = qx.TransverseField(weights)
    joint = qx.open_anneal(qx.AnnealHamiltonian(whole, driver=driver), 300.0, bath, METHOD)
    spacings = [np.hypot(2 * (1 - s) * w, s * e) for w, e in zip(weights, h, strict=True)]
    assert np.any(np.diff(np.sign(spacings[0] - spacings[1])))
    each = [
        qx.open_anneal(
            qx.AnnealHamiltonian(
                qx.QuboProblem([e], np.zeros((1, 1))), driver=qx.TransverseField(w)
            ),
            300.0,
            bath,
            METHOD,
        ).probabilities
        for w, e in zip(weights, h, strict=True)
    ]
    np.testing.assert_allclose(joint.probabilities, np.kron(*each), atol=2e-4)


@pytest.mark.parametrize("d", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_slower_anneals_agree_better_with_the_density_matrix(d):
    H = qx.AnnealHamiltonian(random_feature_selection(d, 3))
    apart = []
    for tau in (60.0, 600.0):
        full = qx.open_anneal(H, tau, BATH, qx.DensityODE(1e-6, 1e-8)).probabilities
        rates = qx.open_anneal(H, tau, BATH, METHOD).probabilities
        apart.append(np.abs(full - rates).sum() / 2)
    assert apart[1] < max(apart[0] / 3, 2e-3)


def test_microseconds_on_hardware_end_between_closed_and_thermal():
    schedule = qx.schedule_named("Advantage_system6_standard")
    H = qx.AnnealHamiltonian(random_feature_selection(4, 7), schedule)
    run = qx.open_anneal(H, 20_000.0, qx.OhmicBath(16.0), qx.PauliMaster())
    assert run.trace_error < 1e-9
    assert run.lowest_eigenvalue > -1e-15
    assert run.probabilities.min() > 0.0
    assert run.method == qx.PauliMaster()
    warm = qx.gibbs(H, 0.4, 16.0, quantum=True).success_probability
    assert warm < run.success_probability < 1.0


def test_it_says_what_it_cannot_do():
    H = qx.AnnealHamiltonian(random_feature_selection(2, 1))
    with pytest.raises(qx.InputError, match="OhmicBath only"):
        qx.open_anneal(H, 10.0, [BATH, qx.Dephasing(0.1)], qx.PauliMaster())
    with pytest.raises(qx.IntegrationError, match="raise max_steps"):
        qx.open_anneal(H, 1000.0, BATH, qx.PauliMaster(1e-12, max_steps=256))
    with pytest.raises(qx.InputError, match="without a bath"):
        qx.anneal(H, 10.0, qx.PauliMaster())
    with pytest.raises(qx.InputError, match="tol"):
        qx.PauliMaster(0.0)
    with pytest.raises(qx.InputError, match="max_steps = 3"):
        qx.PauliMaster(max_steps=3)
    assert qx.open_anneal(H, 0.0, BATH, qx.PauliMaster()).success_probability == pytest.approx(0.25)
