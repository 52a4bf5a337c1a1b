"""The standard error and the interval of an estimated gap, where much is left out."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds_of_problems import KINDS, hamiltonian_of

import qxgap as qx
from qxgap.problem import lowest_states
from qxgap.spectra.bracket import SchedulePath
from qxgap.spectra.estimated import low_states_of
from qxgap.spectra.minimum import certified_gap
from qxgap.spectra.search import least_point
from qxgap.spectra.wide import estimate_search
from qxgap.spectra.wide.estimate_search import search_estimates, split_uncertain
from qxgap.spectra.wide.expansion import SelectedLevels, expand
from qxgap.spectra.wide.nodes import Point, SelectedNodes
from qxgap.testing import random_feature_selection

LIMITS = {
    "one threshold": {"last_threshold": 1e-2},
    "few thresholds": {"last_threshold": 1e-3},
    "ten": {"max_configurations": 10},
    "forty": {"max_configurations": 40},
}


def limited(name):
    return qx.SelectedConfigurations(max_proof_configurations=30, **LIMITS[name])


@settings(max_examples=30, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    d=st.integers(2, 8),
    seed=st.integers(0, 10**6),
    driver=st.sampled_from(["paper", "authors-code"]),
    schedule=st.sampled_from(["linear", "Advantage2_system1.4_fast"]),
    limit=st.sampled_from(sorted(LIMITS)),
)
def test_no_limit_makes_a_proven_bound_wrong(kind, d, seed, driver, schedule, limit):
    H = hamiltonian_of(kind, d, seed, driver).with_schedule(qx.schedule_named(schedule))
    gap = qx.minimum_gap(H, method=limited(limit), throw=False)
    exact = certified_gap(H, throw=False)
    if exact.status is qx.GapStatus.NO_EXCITED_LEVEL:
        return
    rounding = 1e-10 * H.norm_bound(*map(float, H.schedule(exact.s_star)))
    assert gap.upper >= exact.lower - rounding
    assert gap.lower <= exact.value + rounding
    assert gap.lower == 0 or gap.proven_from == 0
    if np.isfinite(gap.proven_from):
        late = np.linspace(gap.proven_from, 1, 12)
        levels = qx.spectrum(H, late, levels=gap.degeneracy + 1).energies
        assert (levels[:, -1] - levels[:, 0]).min() >= gap.proven_lower - rounding


@pytest.mark.parametrize("seeds", [range(10), pytest.param(range(10, 40), marks=pytest.mark.slow)])
@pytest.mark.parametrize("limit", sorted(LIMITS))
def test_nineteen_of_twenty_intervals_hold_the_exact_gap_and_are_narrow(limit, seeds):
    held, widths = [], []
    for seed in seeds:
        d, driver = 4 + seed % 5, ("paper", "authors-code")[seed % 2]
        H = hamiltonian_of(KINDS[seed % len(KINDS)], d, 100 + seed, driver)
        gap = qx.minimum_gap(H, method=limited(limit), throw=False)
        exact = certified_gap(H, throw=False)
        low, high = gap.interval
        held.append(low <= exact.value * (1 + 1e-9) and high >= exact.lower * (1 - 1e-9))
        widths.append((high - low) / exact.value)
    assert np.mean(held) >= 0.95
    assert np.median(widths) <= 0.05


@pytest.mark.parametrize("limits", [{"max_configurations": 40}, {"last_threshold": 1e-2}])
def test_a_search_whose_sets_are_full_goes_on_to_the_least_estimate(limits):
    H = hamiltonian_of("features", 12, 1, "authors-code")
    gap = qx.minimum_gap(H, method=qx.SelectedConfigurations(max_proof_configurations=30, **limits))
    exact = certified_gap(H)
    assert gap.value == pytest.approx(exact.value, rel=0.02)
    assert gap.standard_error > 0
    assert 0.9 * exact.value <= gap.interval[0] <= exact.value <= gap.interval[1] * 1.0001


@pytest.mark.parametrize("kind", KINDS)
def test_a_correction_counts_what_is_outside_even_if_all_of_it_is_below_the_cut(kind):
    H = hamiltonian_of(kind, 9, 43)
    states = lowest_states(H.problem, 1).occupations
    s = 0.9
    exact = np.linalg.eigvalsh(H.to_dense(1 - s, s))[:3]
    method = qx.SelectedConfigurations(share=1e3, max_configurations=1)
    (step,) = expand(H, 1 - s, s, 3, method, states).levels()
    missing, correction = (step.ritz - other for other in (exact, step.corrected))
    assert missing.sum() > 1e-6
    assert 0.5 * missing.sum() <= correction.sum() <= 2 * missing.sum()


def test_the_standard_error_is_finite_where_the_first_set_is_full_and_infinite_before():
    H = qx.AnnealHamiltonian(random_feature_selection(8, seed=4))
    path = SchedulePath(H.schedule, H.typical_energies)
    method = qx.SelectedConfigurations(max_configurations=1)
    nodes = SelectedNodes(H, path, lowest_states(H.problem, 5), 1, method)
    nodes(0.5)
    point = nodes.points[0.5]
    assert point.is_finished
    assert len(point.steps) == 1
    gap, error = point.gap(1)
    exact = np.linalg.eigvalsh(H.to_dense(*path.strengths(0.5)))
    assert 0 < error < gap
    assert abs(gap - (exact[1] - exact[0])) <= 1.96 * error
    point.is_finished = False
    assert point.gap(1)[1] == np.inf


def test_the_interval_lowers_every_sum_of_levels_by_its_error():
    H = hamiltonian_of("features", 9, 3)
    gap = qx.minimum_gap(H, method=qx.SelectedConfigurations(last_threshold=1e-2))
    assert gap.interval[0] <= gap.value - 1.96 * gap.standard_error
    assert gap.interval[1] <= min(gap.value + 1.96 * gap.standard_error, gap.upper) * (1 + 1e-12)


def step(size, gap, ritz_gap):
    return SelectedLevels(
        threshold=0.1,
        num_configurations=size,
        num_outside=5,
        ritz=np.array([0.0, ritz_gap]),
        corrected=np.array([0.0, gap]),
        variance=np.zeros(2),
        is_complete=False,
    )


def test_a_step_without_growth_says_nothing_of_the_error():
    point = Point(None, iter([step(35, 0.9, 0.92), step(60, 0.7, 0.71)]), [step(35, 0.9, 0.92)])
    point.refine()
    assert point.gap(1) == (0.9, np.inf)
    point.refine()
    assert point.gap(1) == (0.7, pytest.approx(math.hypot(0.5 * 0.2, 0.5 * 0.01, 0.02 * 0.01)))


def test_all_states_of_the_first_excited_energy_are_starts():
    # 15 states lie one unit above four ground states, and mixtures of them are the next levels
    H = hamiltonian_of("degenerate", 10, 1)
    states, g = low_states_of(H.problem)
    energies = states.energies - states.energies[0]
    assert g == 4
    assert np.count_nonzero(np.isclose(energies, 1)) == np.count_nonzero(
        np.isclose(H.problem.diagonal - H.problem.diagonal.min(), 1)
    )
    s = 0.9763
    path = SchedulePath(H.schedule, H.typical_energies)
    u, scale = path.at(s)
    nodes = SelectedNodes(H, path, states, g, qx.SelectedConfigurations())
    gap, error = (scale * part for part in nodes.gap_within(u, 0.005))
    exact = np.linalg.eigvalsh(H.to_dense(1 - s, s))
    assert abs(gap - (exact[g] - exact[0])) <= 1.96 * error + 1e-9


def test_a_level_that_was_missed_early_contradicts_those_found_later():
    # Two wells: early in the anneal the first sets lead to one of them only, and the gap seems to
    # be 2.4 where it is 0.02. The states that are found late show it.
    d = 11
    h, J = np.full(d, 13.6734), np.triu(np.full((d, d), -2.7348), 1)
    h -= 0.0004
    H = qx.AnnealHamiltonian(qx.QuboProblem(h, J))
    nodes = nodes_of(H)
    assert search_estimates(nodes, 0.02, 500) is qx.GapStatus.BRACKETED
    exact = certified_gap(H)
    assert least_point(nodes.path, nodes.nodes)[1] == pytest.approx(exact.value, rel=0.02)
    assert nodes.lower_bound() <= exact.value


def nodes_of(H, method=None):
    states, g = low_states_of(H.problem)
    path = SchedulePath(H.schedule, H.typical_energies)
    return SelectedNodes(H, path, states, g, method or qx.SelectedConfigurations())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_points_are_added_where_errors_leave_room_for_a_smaller_gap(seed):
    # The gap is large early, and so is its error; then the bound beside it lies far too low.
    H = hamiltonian_of("features", 8, seed)
    nodes = nodes_of(H)
    search_estimates(nodes, 0.02, 500)
    path = nodes.path
    s, value, least = least_point(path, nodes.nodes)
    wanted = value * 0.98 - 1.96 * path.at(s)[1] * nodes.errors.get(least.u, 0.0)
    assert nodes.lower_bound() >= wanted
    worst = min(nodes.nodes, key=lambda node: abs(node.u - 0.75 * least.u))
    scale = float(path.visits(worst.u)[1].min())
    nodes.errors[worst.u] = 0.9 * (worst.gap - wanted / scale) / 1.96
    assert nodes.lower_bound() < wanted
    before = nodes.eigensolves
    assert not split_uncertain(nodes, 0.02, before)
    assert nodes.eigensolves == before
    assert split_uncertain(nodes, 0.02, 500)
    assert nodes.eigensolves > before
    assert nodes.lower_bound() >= wanted * (1 - 1e-9)
    nodes.errors[worst.u] *= 2  # now its own error leaves the room, and no point can help
    before = nodes.eigensolves
    assert not split_uncertain(nodes, 0.02, 500)
    assert nodes.eigensolves == before


def test_points_that_are_added_are_checked_for_levels_that_were_missed(monkeypatch):
    nodes = nodes_of(hamiltonian_of("features", 8, 1))
    u, calls = 0.71, []

    def with_a_missed_level(nodes, rtol, max_points):
        calls.append(u)
        if len(calls) > 1:
            return False
        node = nodes(u)
        values = np.add(node.levels.values, [0.0, 2.0])
        nodes.nodes.remove(node)
        nodes.nodes.append(replace(node, levels=replace(node.levels, values=values)))
        nodes.points[u].is_finished = True
        return True

    monkeypatch.setattr(estimate_search, "split_uncertain", with_a_missed_level)
    search_estimates(nodes, 0.02, 500)
    assert len(calls) > 1
    assert 1.0 < 1.96 * nodes.errors[u] <= 2.0
