"""What a schedule loses in success probability as points for an annealer."""

import pytest

import qxgap as qx

SOLVER = "Advantage2_system1"
QUICK = {"max_anneal_schedule_points": 12, "annealing_time_range": [0.05, 2000.0]}
"""Properties of an annealer ten times as fast as D-Wave's, so that short anneals can be tested."""

TABLE = qx.schedule_named(f"{SOLVER}_standard")


def hard_problem():
    """Two states whose energies differ by little, so that 200 ns are short."""
    return qx.QuboProblem([-1.0, -0.99], [[0.0, 3.0], [0.0, 0.0]])


def test_the_loss_is_the_difference_of_two_anneals():
    H = qx.AnnealHamiltonian(hard_problem(), schedule=TABLE)
    local = H.with_schedule(qx.locally_adiabatic(H))
    loss = qx.waveform_loss(local, SOLVER, 200, max_points=5, properties=QUICK)
    waveform = local.schedule.to_dwave(SOLVER, 200, max_points=5, properties=QUICK)
    assert loss.waveform.anneal_schedule == waveform.anneal_schedule
    exact = qx.anneal(local, 200.0).success_probability
    points = qx.AnnealSchedule.from_dwave(waveform.points, SOLVER)
    sent = qx.anneal(H.with_schedule(points), 200.0).success_probability
    assert loss.loss == pytest.approx(exact - sent, abs=1e-9)
    ramp = qx.anneal(H, 200.0).success_probability
    assert loss.success_of_ramp == pytest.approx(ramp, abs=1e-9)
    assert ramp < min(loss.success_of_schedule, loss.success_of_points) - 0.02
    text = str(loss)
    assert text.startswith("As 5 points, the schedule Advantage2_system1_standard*local succeeds")
    assert "An even rise of s in the same time" in text
    values = loss.to_dict()
    assert values["loss"] == loss.loss
    assert values["anneal_schedule"] == waveform.anneal_schedule


def test_a_schedule_that_needs_few_points_loses_nothing():
    H = qx.AnnealHamiltonian(hard_problem(), schedule=TABLE.with_pause(0.5, 1.0))
    loss = qx.waveform_loss(H, SOLVER, 200, properties=QUICK)
    assert loss.loss == pytest.approx(0, abs=2 * loss.error_estimate + 1e-9)


def test_a_dimensionless_schedule_and_its_points():
    # the annealer is so slow that both succeed almost always; the point is that the times agree
    problem = qx.testing.random_feature_selection(3, seed=1)
    loss = qx.waveform_loss(problem, SOLVER, 100, properties=QUICK)
    assert loss.waveform.schedule_tau > 1000
    assert abs(loss.loss) < 0.01


def test_a_reverse_anneal_from_its_state():
    reverse = TABLE.with_waveform([(0, 1), (0.1, 0.3), (0.15, 0.3), (0.2, 1)])
    H = qx.AnnealHamiltonian(hard_problem(), schedule=reverse)
    loss = qx.waveform_loss(H, SOLVER, 200, initial={0: 0, 1: 1}, properties=QUICK)
    assert loss.success_of_ramp is None
    assert loss.loss == pytest.approx(0, abs=2 * loss.error_estimate + 1e-6)
    assert "even rise" not in str(loss)
