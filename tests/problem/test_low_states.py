"""The lowest states by branch and bound, against enumeration of all states."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.errors import InputError
from qxgap.problem import lowest_states
from qxgap.testing import random_feature_selection


def problem_of(d, seed, kind):
    rng = np.random.default_rng(seed)
    h, J = rng.normal(size=d), np.triu(rng.normal(size=(d, d)), 1)
    if kind == "redundant":
        J = np.abs(J)
    if kind == "degenerate":
        h, J = np.round(h), np.round(J)
    if kind == "ferromagnetic":
        J = -np.abs(J)
    return qx.QuboProblem(h, J)


@settings(max_examples=60, deadline=None)
@given(
    d=st.integers(1, 10),
    count=st.integers(1, 40),
    seed=st.integers(0, 10**6),
    kind=st.sampled_from(["glass", "redundant", "degenerate", "ferromagnetic"]),
)
def test_the_states_are_the_lowest_of_all(d, count, seed, kind):
    problem = problem_of(d, seed, kind)
    states = lowest_states(problem, count)
    expected = np.sort(problem.diagonal)[:count]
    assert states.is_proven
    np.testing.assert_allclose(states.energies, expected, atol=1e-9)
    np.testing.assert_allclose(
        problem.energy(states.occupations, offset=False), states.energies, atol=1e-12
    )
    assert len({tuple(row) for row in states.occupations}) == min(count, 2**d)


def test_beyond_two_to_the_d_the_first_state_is_the_proven_optimum():
    problem = random_feature_selection(120, seed=3)
    states, optimum = lowest_states(problem, 5), qx.minimize(problem, seed=0)
    assert states.is_proven
    assert optimum.status.name == "OPTIMAL"
    assert states.energies[0] + problem.offset == pytest.approx(optimum.energy, abs=1e-12)
    assert np.all(np.diff(states.energies) >= 0)
    flips = problem.energy(states.occupations[0] ^ np.eye(120, dtype=np.uint8), offset=False)
    assert states.energies[1] <= flips.min() + 1e-12


def test_a_search_that_is_cut_short_proves_nothing():
    states = lowest_states(random_feature_selection(60, seed=1), 5, max_nodes=3)
    assert not states.is_proven
    assert states.nodes == 3


@pytest.mark.parametrize("wrong", [{"count": 0}, {"count": 2, "max_nodes": 0}])
def test_numbers_below_one_are_refused(wrong):
    with pytest.raises(InputError, match="give a whole number above 0"):
        lowest_states(random_feature_selection(4, seed=1), **wrong)
