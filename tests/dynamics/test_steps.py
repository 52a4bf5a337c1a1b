"""Time steps across breakpoints, and what their error estimate is worth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.dynamics.error_control import Refinement, state_distance
from qxgap.dynamics.split import corners, evolve, moments, step_edges, strengths
from qxgap.dynamics.split_run import refinement
from qxgap.dynamics.states import initial_state
from qxgap.testing import random_feature_selection

TABLE = qx.schedule_named("Advantage_system6_standard")
COLUMNS = np.stack([TABLE.A, TABLE.B], axis=1)


@pytest.mark.parametrize("which", [0, 1])
def test_moments_of_a_table_against_quadrature(which):
    s = np.array([0.0, 0.1234, 0.5, 0.98765, 1.0])
    x = (np.arange(2_000_000) + 0.5) / 2_000_000
    f = TABLE(x)[which]
    zeroth, first = (moment[:, which] for moment in moments(TABLE.s, COLUMNS, s))
    for i in range(1, s.size):
        inside = x < s[i]
        assert zeroth[i] == pytest.approx(f[inside].sum() / x.size, rel=1e-5)
        assert first[i] == pytest.approx((x * f)[inside].sum() / x.size, rel=1e-5)


@pytest.mark.parametrize("order", [2, 4])
def test_the_angles_of_a_step_carry_the_mean_of_A(order):
    edges = step_edges(TABLE, np.array([7]))
    layers = {2: 1, 4: 6}[order]
    phases, angles = strengths(TABLE, 1.0, edges, order)
    areas = np.diff(moments(TABLE.s, COLUMNS, edges)[0], axis=0).T
    turned = angles.reshape(7, layers).sum(axis=1)
    np.testing.assert_allclose(turned, TABLE.angular * areas[0], rtol=1e-12)
    assert phases.sum() == pytest.approx(TABLE.angular * areas[1].sum(), rel=1e-12)


def test_corners_are_kept_and_tables_are_not():
    assert list(corners(qx.LINEAR)) == [0.0, 1.0]
    assert list(corners(TABLE)) == [0.0, 1.0]
    pause = TABLE.with_pause(0.5, 0.25)
    assert list(corners(pause)) == [0.0, 0.4, 0.6, 1.0]
    edges = step_edges(pause, np.array([5, 2, 3]))
    assert edges.size == 11
    assert np.all(np.isin(corners(pause), edges))
    np.testing.assert_allclose(step_edges(qx.LINEAR, np.array([8])), np.arange(9) / 8, atol=1e-15)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**32), st.floats(0.3, 6.0), st.sampled_from([1e-4, 1e-6]))
def test_steps_across_a_table_keep_an_honest_estimate(d, seed, tau, tol):
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=seed), TABLE)
    run = qx.anneal(H, tau, qx.SplitOperator(tol))
    assert run.steps < TABLE.s.size
    halves = np.union1d(TABLE.s, (TABLE.s[1:] + TABLE.s[:-1]) / 2)
    exact = np.abs(evolve(H, tau, halves, initial_state(H), 4)) ** 2
    error = np.abs(run.probabilities - exact).sum() / 2
    assert error <= run.error_estimate + 1e-10
    assert run.error_estimate <= tol


@pytest.mark.parametrize(("first", "begun"), [(1, 4), (7, 28), (900, 124)])
def test_refinement_begins_where_it_is_told_with_room_to_go_on(first, begun):
    H = qx.AnnealHamiltonian(random_feature_selection(2, seed=0))
    method = qx.SplitOperator(1e-6, max_steps=1000)
    runs = refinement(H, 0.1, method, distance=state_distance, first=first)
    assert runs.next_steps.tolist() == [begun]
    while not runs.done:  # an error that falls as it should
        runs.take(np.array([[1.0], [error_at(runs.next_steps)]], dtype=complex))
    assert error_at(runs.steps_taken) <= runs.error <= 1e-6
    assert runs.steps <= 1000


def error_at(steps):
    return 100.0 * float(steps.sum()) ** -4


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=5),
    st.sampled_from([1e-3, 1e-6, 1e-9]),
    st.integers(300, 10**6),
    st.floats(1e-3, 1e6),
    st.floats(1.0, 20.0),
)
def test_refinement_ends_with_an_estimate_above_the_error(first, tol, most, scale, faster):
    # pieces whose errors fall by order 4, and one part that falls faster at first
    runs = Refinement(tol, 4, most, np.array(first), distance=state_distance)

    def error(steps):
        coarse = float((steps / np.array(first)).min())
        return scale * (float((steps**-4.0).sum()) + np.exp(-faster * coarse))

    while not runs.done:
        before = runs.next_steps.copy()
        assert np.all(before > runs.steps_taken)
        runs.take(np.array([[1.0], [error(runs.next_steps)]], dtype=complex))
    assert runs.steps <= max(most, sum(first))
    if runs.error <= tol:
        assert error(runs.steps_taken) <= runs.error


def test_a_slow_anneal_takes_few_steps():
    H = qx.AnnealHamiltonian(random_feature_selection(8, seed=0))
    runs = refinement(H, 50.0, qx.SplitOperator(1e-6))
    start, total = initial_state(H), 0
    while not runs.done:
        total += int(runs.next_steps.sum())
        runs.take(evolve(H, 50.0, step_edges(H.schedule, runs.next_steps), start, 4))
    assert total <= 200
