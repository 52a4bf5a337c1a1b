"""The lowest levels by branch and bound, against those of all states."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.problem import AllStates, BranchAndBound, LevelStatus, known_levels
from qxgap.problem.proven_levels import given_level
from qxgap.testing import random_feature_selection

KINDS = ["glass", "redundant", "degenerate", "ferromagnetic", "free", "features"]


def problem_of(d, seed, kind, tolerance=None):
    rng = np.random.default_rng(seed)
    h, J = rng.normal(size=d), np.triu(rng.normal(size=(d, d)), 1)
    if kind == "features":
        problem = random_feature_selection(d, seed=seed)
        h, J = problem.h, problem.J
    if kind == "redundant":
        J = np.abs(J)
    if kind == "degenerate":
        h, J = np.round(h), np.round(J)
    if kind == "ferromagnetic":
        J = -np.abs(J)
    if kind == "free":
        h, J = np.zeros(d), np.zeros((d, d))
    return qx.QuboProblem(h, J, offset=3.25, tolerance=tolerance)


@settings(max_examples=80, deadline=None)
@given(
    d=st.integers(1, 11),
    num_states=st.integers(1, 60),
    seed=st.integers(0, 10**6),
    kind=st.sampled_from(KINDS),
    tolerance=st.sampled_from([None, None, 0.05]),
)
@example(d=4, num_states=2, seed=2, kind="features", tolerance=0.05)  # both are one level
def test_branch_and_bound_knows_the_levels_of_all_states(d, num_states, seed, kind, tolerance):
    problem = problem_of(d, seed, kind, tolerance)
    exact = known_levels(problem, AllStates(num_states))
    proven = known_levels(problem, BranchAndBound(num_states=num_states))
    assert exact.status is LevelStatus.ALL_STATES
    assert proven.status is LevelStatus.PROVEN
    assert proven.lowest_energy == pytest.approx(problem.ground_energy, abs=1e-10)
    np.testing.assert_allclose(proven.energies, exact.energies, atol=1e-10)
    np.testing.assert_array_equal(proven.degeneracies, exact.degeneracies)
    assert proven.ceiling == pytest.approx(exact.ceiling, abs=1e-10)
    np.testing.assert_array_equal(proven.ground_states, problem.ground_states)
    np.testing.assert_array_equal(exact.ground_states, problem.ground_states)
    if tolerance is None:  # a chain of close states may be longer than the tolerance
        assert proven.degeneracy == problem.degeneracy
        assert proven.classical_gap == pytest.approx(problem.classical_gap, abs=1e-10)


@settings(max_examples=40, deadline=None)
@given(d=st.integers(2, 10), seed=st.integers(0, 10**6), kind=st.sampled_from(KINDS))
def test_every_state_below_the_ceiling_is_on_a_known_level(d, seed, kind):
    problem = problem_of(d, seed, kind)
    levels = known_levels(problem, BranchAndBound(num_states=10))
    below = np.sort(problem.diagonal[problem.diagonal < levels.ceiling - 1e-9])
    if levels.degeneracy is not None:
        np.testing.assert_allclose(
            below, np.repeat(levels.energies, levels.degeneracies), atol=1e-10
        )


def test_a_problem_of_150_qubits_takes_branch_and_bound_by_itself():
    problem = random_feature_selection(150, seed=4)
    levels = known_levels(problem)
    assert levels.method == BranchAndBound()
    assert levels.status is LevelStatus.PROVEN
    assert levels.degeneracy == 1
    assert levels.lowest_energy == pytest.approx(qx.minimize(problem, seed=5).energy)
    assert 0 < levels.classical_gap < np.inf
    assert "proven by branch and bound" in str(levels)
    states = [levels.state, 1 - levels.state]
    assert levels.including(states) is levels


def test_all_states_are_taken_where_they_are_few():
    assert known_levels(random_feature_selection(6, seed=1)).method == AllStates()


def test_a_search_that_ends_early_never_speaks_of_the_ground_state():
    problem = problem_of(60, 1, "glass")
    levels = known_levels(problem, BranchAndBound(max_nodes=5))
    assert levels.status is LevelStatus.BEST_KNOWN
    assert not levels.status.is_proven
    assert levels.degeneracy is None
    assert levels.classical_gap is None
    assert levels.ground_states is None
    assert levels.lower < levels.energies[0] == levels.ceiling
    assert problem.energy(levels.state) == pytest.approx(levels.lowest_energy)
    assert "not proven" in str(levels)
    values = levels.to_dict()
    assert values["ground_status"] == "BEST_KNOWN"
    assert values["degeneracy"] is None


def test_lower_states_that_are_read_replace_an_energy_that_is_not_proven():
    problem = problem_of(60, 1, "glass")
    best = known_levels(problem, BranchAndBound(max_nodes=2000))
    worse = known_levels(problem, BranchAndBound(max_nodes=1))
    poor = np.zeros((1, 60), dtype=np.uint8)
    assert worse.including(poor) is worse
    better = worse.including(np.stack([poor[0], best.state]))
    assert better.lowest_energy == pytest.approx(min(best.lowest_energy, worse.lowest_energy))
    assert better.status is LevelStatus.BEST_KNOWN


def test_a_given_energy_is_taken_as_it_is():
    levels = given_level(problem_of(4, 1, "glass"), -7.0)
    assert levels.lowest_energy == -7.0
    assert levels.status is LevelStatus.GIVEN
    assert levels.state is None
    assert "was given" in str(levels)


def test_more_ground_states_than_are_listed():
    free = known_levels(problem_of(14, 1, "free"), BranchAndBound())
    assert free.status is LevelStatus.PROVEN
    assert free.degeneracy == 2**14 or free.degeneracy is None
    assert known_levels(problem_of(14, 1, "free")).degeneracy == 2**14
    wide = known_levels(problem_of(30, 1, "free"))
    assert wide.degeneracy is None
    assert wide.ground_states is None
    assert wide.lowest_energy == 3.25


def test_levels_have_a_table_and_a_figure():
    levels = known_levels(random_feature_selection(30, seed=2))
    table = levels.to_dataframe()
    assert list(table.columns) == ["energy", "states"]
    assert len(table) == levels.energies.size > 1
    assert levels.plot().axes[0].get_ylabel() == "number of states"
    assert levels.to_dict()["method"].startswith("BranchAndBound(")


@pytest.mark.parametrize(
    "make",
    [
        lambda: AllStates(0),
        lambda: BranchAndBound(max_nodes=0),
        lambda: BranchAndBound(num_states=1.5),
        lambda: known_levels(random_feature_selection(3, seed=1), "exact"),
    ],
)
def test_senseless_methods_are_refused(make):
    with pytest.raises(qx.InputError, match="give "):
        make()
