"""Runs of order 2 that are extrapolated to vanishing steps: their count, error and fallbacks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.dynamics import reach
from qxgap.dynamics.error_control.extrapolation import MULTIPLES, Extrapolation, extrapolated
from qxgap.dynamics.split import evolution, evolve, step_edges
from qxgap.dynamics.split_run import refinement
from qxgap.dynamics.states import initial_state
from qxgap.testing import random_feature_selection


@pytest.fixture
def layers(monkeypatch):
    """The numbers of layers of all calls."""
    counts, apply = [], evolution.apply_layers

    def counted(layer, psi, phases, angles):
        counts.append(angles.size)
        apply(layer, psi, phases, angles)

    monkeypatch.setattr(evolution, "apply_layers", counted)
    return counts


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_even_powers_of_the_step_vanish(number, seed):
    rng = np.random.default_rng(seed)
    exact, *terms = rng.normal(size=(number, 8)) + 1j * rng.normal(size=(number, 8))
    runs = [
        (k, exact + sum(term / k ** (2 * j) for j, term in enumerate(terms, 1)))
        for k in MULTIPLES[:number]
    ]
    np.testing.assert_allclose(extrapolated(runs), exact / np.linalg.norm(exact), atol=1e-9)


@pytest.mark.parametrize("d", [8, 11, 14])
def test_a_long_anneal_takes_few_layers(d, layers):
    """Runs of order 4 take 1008 layers for the same tolerance."""
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=d))
    run = qx.anneal(H, 50.0)
    assert sum(layers) <= 650
    exact = evolve(H, 50.0, step_edges(H.schedule, np.array([250])), initial_state(H), 4)
    error = np.abs(np.abs(exact) ** 2 - run.probabilities).sum() / 2
    assert error <= run.error_estimate <= 1e-6


SCHEDULES = [
    qx.LINEAR,
    qx.LINEAR.with_pause(0.6, 0.5),
    qx.LINEAR.with_waveform([(0, 0), (1, 0.8), (2, 0.3), (3, 1)]),
    qx.AnnealSchedule([0, 0.3, 0.31, 1], [1, 0.2, 0.9, 0], [0.1, 0.4, 0.2, 1], "kinked"),
]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 6),
    st.integers(0, 2**32 - 1),
    st.one_of(st.floats(1e-7, 1e-3), st.floats(1e-3, 30.0)),
    st.sampled_from(SCHEDULES),
    st.sampled_from([1e-5, 1e-6, 1e-8]),
)
def test_no_error_exceeds_its_estimate(d, seed, tau, schedule, tol):
    rng = np.random.default_rng(seed)
    J = np.triu(rng.normal(size=(d, d)), 1)
    h = -(J + J.T).sum(axis=1) / 2 if rng.random() < 0.3 else rng.normal(size=d)
    H = qx.AnnealHamiltonian(qx.QuboProblem(h, J), schedule)
    run = qx.anneal(H, tau, qx.SplitOperator(tol))
    pieces = schedule.s.size - 1
    finest = max(200, int(60 * tau))
    edges = step_edges(schedule, np.full(pieces, finest))
    exact = evolve(H, tau, edges, initial_state(H), 4)
    error = np.abs(np.abs(exact) ** 2 - run.probabilities).sum() / 2
    assert error <= run.error_estimate + 1e-10
    assert run.error_estimate <= tol
    assert run.norm_error < 1e-12


def test_other_anneals_are_refined(monkeypatch):
    H = qx.AnnealHamiltonian(random_feature_selection(4, seed=1))
    of_order_4 = qx.anneal(H, 10.0, qx.SplitOperator(order=4))
    assert qx.anneal(H, 10.0).steps != of_order_4.steps
    seen = qx.anneal(H, 10.0, at=[0.5], callback=lambda s, state: None)
    monkeypatch.setattr(reach, "fits_in_memory", lambda num_bytes: False)
    short_of_memory = qx.anneal(H, 10.0)
    assert seen.error_estimate <= 1e-6
    for tau, tol in ((9.0, 1e-3), (400.0, 1e-6)):
        refined = qx.anneal(H, tau, qx.SplitOperator(tol, order=4))
        assert qx.anneal(H, tau, qx.SplitOperator(tol)).steps == refined.steps
    assert short_of_memory.steps == of_order_4.steps
    np.testing.assert_array_equal(short_of_memory.state, of_order_4.state)


def test_steps_that_are_too_few_are_reported():
    H = qx.AnnealHamiltonian(random_feature_selection(3, seed=1))
    with pytest.raises(qx.IntegrationError, match="error estimate"):
        qx.anneal(H, 30.0, qx.SplitOperator(1e-10, max_steps=200))
    run = qx.anneal(H, 30.0, qx.SplitOperator(1e-10, max_steps=200), throw=False)
    assert run.status is qx.AnnealStatus.MAX_STEPS
    assert run.steps <= 200


def test_a_continued_extrapolation_is_the_same():
    rng = np.random.default_rng(0)
    states = rng.normal(size=(8, 4)) + 1j * rng.normal(size=(8, 4))
    first = Extrapolation(1e-6, 10_000, np.array([2, 3]))
    for state in states[:5]:
        first.take(state)
    second = Extrapolation(1e-6, 10_000, np.array([2, 3]))
    second.restore(first.numbers(), first.kept)
    for state in states[5:]:
        first.take(state)
        second.take(state)
        np.testing.assert_array_equal(first.state, second.state)
        np.testing.assert_array_equal(first.next_steps, second.next_steps)
    assert first.error == second.error


def test_a_batch_shares_its_grid():
    small, large = (Extrapolation(1e-6, 10_000, np.array(base)) for base in ([2, 3], [4, 1]))
    common = np.max([small.next_steps, large.next_steps], axis=0)
    for one in (small, large):
        one.at_least(common)
    np.testing.assert_array_equal(small.next_steps, large.next_steps)
    np.testing.assert_array_equal(small.next_steps, common)


def test_a_batch_on_a_device_does_not_mix_the_two_ways():
    """Of two problems in one batch, the one with the stronger couplings turns too often."""
    pytest.importorskip("torch")
    weak = random_feature_selection(3, seed=1)
    strong = qx.QuboProblem(5 * weak.h, 5 * weak.J)
    hamiltonians = [qx.AnnealHamiltonian(problem) for problem in (weak, strong)]
    batch = qx.anneal_many(hamiltonians, 60.0, qx.SplitOperator(device="cpu"))
    for H, run in zip(hamiltonians, batch, strict=True):
        alone = qx.anneal(H, 60.0)
        assert run.steps == alone.steps
        np.testing.assert_allclose(run.probabilities, alone.probabilities, atol=1e-9)


def test_refined_runs_keep_to_max_steps_too():
    """An anneal that is watched is refined; its limit is not that of extrapolated runs."""
    H, marks = qx.AnnealHamiltonian(random_feature_selection(4, seed=1)), np.array([0.0, 0.5, 1.0])
    first = int(refinement(H, 60.0, qx.SplitOperator(order=4), marks).next_steps.sum())
    short = qx.SplitOperator(max_steps=first - 1)
    with pytest.raises(qx.InputError, match="allows fewer"):
        qx.anneal(H, 60.0, short, at=[0.5], callback=lambda s, state: None, throw=False)
