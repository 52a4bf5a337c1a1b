"""Open anneals against closed forms, the Gibbs state, and QuTiP's master equations."""

import math

import numpy as np
import pytest
import scipy.linalg
from hypothesis import example, given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.annealing.schedules import MILLIKELVIN_PER_GHZ
from qxgap.problem.bits import index_to_bits
from qxgap.testing import random_feature_selection

FINE = qx.DensityODE(rtol=1e-10, atol=1e-12)


def steady(A, B, unit="dimensionless"):
    return qx.AnnealSchedule([0, 1], [A, A], [B, B], "steady", unit)


def uncoupled(d, schedule, energy=0.0):
    return qx.AnnealHamiltonian(qx.QuboProblem([energy] * d, np.zeros((d, d))), schedule)


def hamiltonian(d, seed, schedule=qx.LINEAR):
    rng = np.random.default_rng(seed)
    driver = qx.TransverseField(tuple(rng.uniform(0.5, 1.5, d)))
    return qx.AnnealHamiltonian(random_feature_selection(d, seed=rng), schedule, driver)


def thermal(H, s, kT):
    matrix = scipy.linalg.expm(-H.to_sparse(*H.schedule(s)).toarray() / kT)
    return matrix / np.trace(matrix)


@pytest.mark.parametrize("d", [1, 3])
@pytest.mark.parametrize("method", [None, qx.QutipODE()])
def test_dephasing_decays_with_the_qubits_that_differ(d, method):
    # the uniform state is the driver's: sigma_x is conserved but for the dephasing
    rate, tau = 0.3, 2.5
    run = qx.open_anneal(uncoupled(d, steady(1.0, 0.5)), tau, qx.Dephasing(rate), method)
    bits = index_to_bits(np.arange(2**d), d).astype(int)
    differ = np.abs(bits[:, None] - bits[None, :]).sum(axis=2)
    np.testing.assert_allclose(run.density, np.exp(-rate * tau * differ) / 2**d, atol=1e-7)


@pytest.mark.parametrize("method", [None, qx.QutipODE()])
def test_relaxation_in_the_computational_basis(method):
    # the ground state n = 1 decays upwards in energy: this is no thermal bath
    down, up, tau = 0.5, 0.2, 1.7
    H = uncoupled(2, steady(1e-7, 1.0), energy=-1.0)
    run = qx.open_anneal(H, tau, qx.Relaxation(down, up), method)
    left = up / (up + down) + down / (up + down) * math.exp(-(up + down) * tau)
    expected = np.outer([1 - left, left], [1 - left, left]).ravel()
    np.testing.assert_allclose(run.probabilities, expected, atol=1e-6)
    assert run.success_probability == pytest.approx(left**2, abs=1e-6)
    assert run.energy == pytest.approx(-2 * left, abs=1e-6)
    assert run.residual_energy == pytest.approx(2 - 2 * left, abs=1e-6)


@pytest.mark.parametrize("unit", ["dimensionless", "GHz"])
@pytest.mark.parametrize("method", [None, qx.QutipODE()])
def test_one_qubit_relaxes_at_the_golden_rules_rates(unit, method):
    # H = -A sigma_x: sigma_z drives transitions over w = 2 A, and the coherences stay apart
    angular = 2 * math.pi if unit == "GHz" else 1.0
    schedule, tau = steady(0.4, 0.1, unit), 3.0
    kT, coupling, cutoff = 0.5, 0.02, 3.0
    temperature = kT * MILLIKELVIN_PER_GHZ if unit == "GHz" else kT
    bath = qx.OhmicBath(temperature, coupling, cutoff)
    run = qx.open_anneal(uncoupled(1, schedule), tau, bath, method)
    w = angular * 0.8
    scale = 2 * math.pi * coupling * w * math.exp(-0.8 / cutoff)
    down = scale / (1 - math.exp(-0.8 / kT))
    up = scale / (math.exp(0.8 / kT) - 1)
    plus = down / (up + down) + up / (up + down) * math.exp(-(up + down) * tau)
    np.testing.assert_allclose(run.density, [[0.5, plus - 0.5], [plus - 0.5, 0.5]], atol=1e-6)


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("unit", ["dimensionless", "GHz"])
def test_the_adiabatic_master_equation_ends_in_the_gibbs_state(d, unit):
    H = hamiltonian(d, d + 3, steady(0.5, 1.5, unit))
    tau, kT = (40.0, 0.6) if unit == "dimensionless" else (40.0 / (2 * math.pi), 0.6)
    temperature = kT * MILLIKELVIN_PER_GHZ if unit == "GHz" else kT
    run = qx.open_anneal(H, tau, qx.OhmicBath(temperature, coupling=0.3, cutoff=8.0))
    np.testing.assert_allclose(run.density, thermal(H, 1.0, kT), atol=2e-6)
    gibbs = qx.gibbs(H, 1.0, temperature, quantum=True)
    np.testing.assert_allclose(run.probabilities, gibbs.probabilities, atol=2e-6)
    assert run.success_probability == pytest.approx(gibbs.success_probability, abs=4e-6)


def test_the_secular_equation_is_positive_and_ends_in_the_gibbs_state():
    H = hamiltonian(1, 4, steady(0.5, 1.5))
    run = qx.open_anneal(H, 25.0, qx.OhmicBath(0.6, 0.3, 8.0, secular=0.1))
    np.testing.assert_allclose(run.density, thermal(H, 1.0, 0.6), atol=1e-5)
    assert isinstance(run.method, qx.QutipODE)
    sweep = qx.open_anneal(hamiltonian(2, 5), 2.0, qx.OhmicBath(0.05, 0.05, 8.0, secular=0.1))
    assert sweep.lowest_eigenvalue > -1e-7


@pytest.mark.parametrize("bath", [qx.OhmicBath(0.3, 0.0), qx.Dephasing(0.0), qx.Relaxation(0.0)])
@pytest.mark.parametrize("d", [1, 3, 5])
def test_without_coupling_it_is_the_closed_anneal(bath, d):
    H = hamiltonian(d, d, qx.LINEAR.with_pause(0.5, 0.3))
    closed, run = qx.anneal(H, 6.0, qx.SplitOperator(1e-8)), qx.open_anneal(H, 6.0, bath)
    assert run.success_probability == pytest.approx(closed.success_probability, abs=1e-6)
    assert run.residual_energy == pytest.approx(closed.residual_energy, abs=1e-5)
    np.testing.assert_allclose(run.probabilities, closed.probabilities, atol=1e-6)
    purity = float(np.sum(np.abs(run.density) ** 2))
    assert purity == pytest.approx(1.0, abs=1e-5)
    assert run.trace_error < 1e-7
    assert run.lowest_eigenvalue > -1e-6


@pytest.mark.parametrize("d", [1, 2, 4])
@pytest.mark.parametrize("schedule", [qx.LINEAR, qx.LINEAR.with_pause(0.7, 0.2)])
def test_lindblad_agrees_with_mesolve(d, schedule):
    H = hamiltonian(d, 10 + d, schedule)
    bath = (qx.Dephasing(0.2), qx.Relaxation(0.1, 0.05))
    ours = qx.open_anneal(H, 4.0, bath, FINE)
    exact = qx.open_anneal(H, 4.0, bath, qx.QutipODE(rtol=1e-10, atol=1e-12))
    np.testing.assert_allclose(ours.density, exact.density, atol=1e-8)


@pytest.mark.parametrize("d", [1, 2])
def test_bloch_redfield_agrees_with_brmesolve(d):
    H = hamiltonian(d, 20 + d, qx.LINEAR.with_pause(0.7, 0.2))
    bath = (qx.OhmicBath(0.4, 0.02, 5.0), qx.Dephasing(0.1))
    ours = qx.open_anneal(H, 2.0, bath, FINE)
    exact = qx.open_anneal(H, 2.0, bath, qx.QutipODE())
    np.testing.assert_allclose(ours.density, exact.density, atol=1e-6)
    assert not np.allclose(ours.density, qx.open_anneal(H, 2.0, bath[1]).density, atol=1e-3)


def test_a_hardware_schedule_in_nanoseconds_and_millikelvin():
    schedule = qx.schedule_named("Advantage_system6_fast")
    cold, hot = (
        qx.open_anneal(hamiltonian(2, 1, schedule), 0.5, qx.OhmicBath(T, 5e-2))
        for T in (12.0, 500.0)
    )
    assert cold.residual_energy < hot.residual_energy
    mirror = qx.AnnealSchedule(schedule.s, schedule.A, schedule.B, "mirror")
    bath = qx.OhmicBath(12.0 / MILLIKELVIN_PER_GHZ, 5e-2)
    same = qx.open_anneal(hamiltonian(2, 1, mirror), math.pi, bath)
    np.testing.assert_allclose(same.density, cold.density, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-9, 60.0), st.floats(0.1, 50.0), st.floats(0.5, 20.0))
@example(1e-9, 50.0, 4.0)
@example(4e-10, 0.5, 4.0)
def test_the_spectrum_obeys_detailed_balance(w, temperature, cutoff):
    bath = qx.OhmicBath(temperature, 1e-3, cutoff)
    up, down = bath.rate(-w, qx.LINEAR), bath.rate(w, qx.LINEAR)
    assert float(up) == pytest.approx(float(down) * math.exp(-w / temperature), rel=1e-6, abs=0)
    assert float(bath.rate(0.0, qx.LINEAR)) == pytest.approx(2e-3 * math.pi * temperature)
    spontaneous = 2e-3 * math.pi * w * math.exp(-w / cutoff)
    assert float(down - up) == pytest.approx(spontaneous, rel=1e-5, abs=1e-15 * float(down))


def test_the_spectrum_far_from_the_temperature():
    rates = qx.OhmicBath(1e-3, 1.0, 1e3).rate([-10.0, 10.0], qx.LINEAR)
    assert rates[0] == 0.0
    assert rates[1] == pytest.approx(20 * math.pi * math.exp(-0.01))


def test_reads_quenches_and_provenance():
    H = hamiltonian(3, 2)
    run = qx.open_anneal(H, 3.0, qx.Dephasing(0.1))
    reads = run.sample(4000, seed=1)
    assert reads.info["instance_hash"] == run.instance_hash == H.problem.content_hash
    counts = np.bincount(reads.record.sample @ [4, 2, 1], minlength=8)
    np.testing.assert_allclose(counts / 4000, run.probabilities, atol=0.04)
    assert qx.compare(run, reads).predicted == run.success_probability
    assert "Dephasing(rate=0.1)" in str(run)
    assert run.steps > 0
    for method in (None, qx.QutipODE()):
        quench = qx.open_anneal(H, 0.0, qx.Dephasing(0.1), method)
        assert quench.success_probability == pytest.approx(1 / 8)


def test_bad_requests_are_refused():
    H, bath = hamiltonian(2, 1), qx.Dephasing(0.1)
    nine = qx.AnnealHamiltonian(random_feature_selection(9, seed=1))
    five = qx.AnnealHamiltonian(random_feature_selection(5, seed=1))
    secular = qx.OhmicBath(0.3, secular=0.1)
    cases = [
        ("at most 8 qubits", nine, None, bath),
        ("pure states", H, qx.SplitOperator(), bath),
        ("needs method=QutipODE", H, qx.DensityODE(), secular),
        ("brmesolve takes hours", five, qx.QutipODE(), qx.OhmicBath(0.3)),
        ("differ in secular", H, None, (secular, qx.OhmicBath(0.3))),
        ("no bath", H, None, "ohmic"),
    ]
    for message, hamiltonian_, method, bath_ in cases:
        with pytest.raises(qx.InputError, match=message):
            qx.open_anneal(hamiltonian_, 1.0, bath_, method)
    for make in (
        lambda: qx.Dephasing(-1.0),
        lambda: qx.Relaxation(math.nan),
        lambda: qx.OhmicBath(0.0),
        lambda: qx.OhmicBath(1.0, cutoff=0.0),
    ):
        with pytest.raises(qx.InputError):
            make()
    with pytest.raises(qx.InputError, match="without a bath give"):
        qx.anneal(H, 1.0, qx.DensityODE())
    for tau in (-1.0, [], [1.0], "1"):
        with pytest.raises(qx.InputError, match="tau"):
            qx.open_anneal(H, tau, bath)


def test_a_short_budget_is_told():
    H, bath = hamiltonian(2, 1), qx.Dephasing(0.1)
    with pytest.raises(qx.IntegrationError, match="max_steps reached"):
        qx.open_anneal(H, 20.0, bath, qx.DensityODE(max_steps=5))
    with pytest.raises(qx.IntegrationError, match="QuTiP"):
        qx.open_anneal(H, 20.0, bath, qx.QutipODE(max_steps=5))
