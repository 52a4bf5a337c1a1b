"""No anneal errs by more than its estimate: random ones, and those that once did."""

import numpy as np
import pytest
import scipy.integrate

import qxgap as qx
from benchmarks.dynamics import error_estimates
from benchmarks.dynamics.error_estimates import KINDS, campaign, exact_state, ground_state
from qxgap.dynamics.error_control.distances import (
    MANY,
    independent_numbers,
    read_out_distance,
    state_distance,
)
from qxgap.dynamics.states import initial_state
from qxgap.testing import random_feature_selection


def equal_pair(field, coupling):
    return qx.QuboProblem(np.full(2, field), np.array([[0.0, coupling], [0.0, 0.0]]))


def equal_three(field, coupling):
    return qx.QuboProblem(np.full(3, field), np.triu(np.full((3, 3), coupling), 1))


BENT = qx.AnnealSchedule([0, 0.35, 0.6, 1], [1.2, 0.9, 0.4, 0.1], [0.0, 0.3, 0.8, 1.5], "bent")
ONCE_EXCEEDED = [
    (equal_pair(-0.6018934972179440, 1.2037869944358799), qx.LINEAR, 10.09529677442531),
    (
        qx.QuboProblem([0.50255, 0.50001], [[0.0, -1.0], [0.0, 0.0]]),
        qx.LINEAR.with_pause(0.7778, 0.02195),
        2.7297,
    ),
    (equal_pair(-0.26821215, 0.53642431), qx.LINEAR, 13.261823090965288),
    (equal_pair(0.6588237, -1.73740216), qx.LINEAR, 10.34075697798733),
    (equal_three(0.72174832, -0.72174832), qx.LINEAR, 11.094703134906503),
]


@pytest.mark.parametrize(("problem", "schedule", "tau"), ONCE_EXCEEDED)
def test_an_estimate_that_was_exceeded_holds(problem, schedule, tau):
    H = qx.AnnealHamiltonian(problem, schedule)
    run = qx.anneal(H, tau)
    weights = H.driver.weights(H.num_qubits)
    exact = exact_state(problem, weights, schedule, tau, ground_state(H))
    error = np.abs(np.abs(exact) ** 2 - run.probabilities).sum() / 2
    assert error <= run.error_estimate <= 1e-6
    assert qx.anneal_many([H], tau)[0].error_estimate == pytest.approx(run.error_estimate)


def test_no_estimate_is_exceeded():
    rows = campaign(240, seed=2026)
    assert not rows[rows.exceeded | rows.missed].to_dict("records")
    assert rows.converged.all()
    assert set(rows.kind) == {kind.name for kind in KINDS}
    assert rows.share.max() > 0.1  # the estimates are no safe guess either


@pytest.mark.slow
def test_no_estimate_is_exceeded_of_many():
    rows = campaign(4000, seed=2027)
    assert not rows[rows.exceeded | rows.missed].to_dict("records")


def test_the_campaign_notices_an_estimate_that_is_too_small(monkeypatch, tmp_path):
    anneal, result = qx.anneal, qx.AnnealResult
    monkeypatch.setattr(
        error_estimates.qx,
        "anneal",
        lambda *given, **more: result(**vars(anneal(*given, **more)) | {"error_estimate": 1e-12}),
    )
    assert error_estimates.main(["--anneals", "20", "--output", str(tmp_path / "table.md")]) == 1
    assert "| all | 20 | 20 | " in (tmp_path / "table.md").read_text()


@pytest.mark.parametrize("schedule", [qx.LINEAR, BENT])
def test_the_reference_against_scipy(schedule):
    H = qx.AnnealHamiltonian(
        random_feature_selection(3, seed=5), schedule, qx.TransverseField((0.5, 1.0, 0.8))
    )
    tau, start = 6.0, ground_state(H)
    assert abs(np.vdot(start, initial_state(H))) == pytest.approx(1.0)
    psi = start.astype(complex)
    for low, high in zip(schedule.s[:-1], schedule.s[1:], strict=True):
        psi = scipy.integrate.solve_ivp(
            lambda t, y: -1j * (H.to_sparse(*H.schedule(min(t / tau, 1.0))) @ y),
            (low * tau, high * tau),
            psi,
            **{"method": "DOP853", "rtol": 1e-12, "atol": 1e-14},
        ).y[:, -1]
    exact = exact_state(H.problem, H.driver.weights(3), schedule, tau, start)
    overlap = np.vdot(exact, psi)  # the reference leaves the mean energy out
    np.testing.assert_allclose(psi * overlap.conj() / abs(overlap), exact, atol=1e-10)


def test_phases_count_where_read_outs_agree_by_chance():
    psi = np.array([0.6, 0.8j, 0.0, 0.0])
    turned = psi * np.exp(1j * np.array([1e-3, -1e-3, 0.0, 0.0]))
    apart = read_out_distance(psi, turned)
    assert 3e-4 < apart.value < 3e-3  # though the two read-outs are the same
    assert apart.numbers <= 2.0
    assert read_out_distance(psi, psi * np.exp(0.3j)).value < 1e-15


@pytest.mark.parametrize("d", [1, 2, 4, 8])
def test_the_distance_of_read_outs_is_never_above_what_it_bounds(d):
    rng = np.random.default_rng(d)
    for size in (1e-6, 1e-2, 1.0):
        psi, step = np.array([1, 1j]) @ rng.normal(size=(2, 2, 2**d)).transpose(1, 0, 2)
        psi, phi = psi / np.linalg.norm(psi), psi + size * step
        phi /= np.linalg.norm(phi)
        variation = np.abs(np.abs(psi) ** 2 - np.abs(phi) ** 2).sum() / 2
        apart = read_out_distance(psi, phi)
        assert apart.value >= variation * (1 - 1e-9)
        if apart.numbers >= MANY:
            assert apart.value == pytest.approx(variation, rel=1e-9)


def test_equal_amplitudes_are_one_number():
    changes = np.ones(8)
    assert independent_numbers(np.full(8, 8**-0.5), changes) == pytest.approx(1.0)
    assert independent_numbers(np.arange(8.0), changes) == pytest.approx(8.0)
    assert independent_numbers(np.arange(8.0), np.zeros(8)) == 1.0
    psi, phi = np.eye(4)[:, :2], np.eye(4)[:, :2].copy()
    phi[3, 1] = 2.0
    assert state_distance(psi, phi).value == pytest.approx(2.0)
