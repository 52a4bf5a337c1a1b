"""The best selections at all tradeoffs against enumeration, and the hardness along them."""

import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.testing import random_feature_selection


def lines(source):
    """Energies at the tradeoff 0 and slopes of all 2^d selections, from two problems."""
    low, high = (source.with_tradeoff(t).qubo() for t in (0.0, 1.0))
    at_zero, at_one = (p.diagonal + p.offset for p in (low, high))
    return at_zero, at_one - at_zero


def require_path(source, path, tolerance=1e-10):
    """Check a path against all selections on a grid, and that no breakpoint is superfluous."""
    at_zero, slopes = lines(source)
    rows = path.occupations.astype(np.int64)
    numbers = [qx.problem.bits_to_index(row) for row in rows]
    assert path.breakpoints[0] == 0
    assert path.breakpoints[-1] == 1
    assert np.all(np.diff(path.breakpoints) > 0)
    grid = np.union1d(np.linspace(0.0, 1.0, 201), path.breakpoints)
    lowest = np.min(at_zero + np.outer(grid, slopes), axis=1)
    of_path = np.array(
        [
            at_zero[numbers[i]] + t * slopes[numbers[i]]
            for t, i in zip(grid, path.at(grid), strict=True)
        ]
    )
    np.testing.assert_allclose(of_path, lowest, rtol=0, atol=tolerance)
    assert len(set(numbers)) == len(numbers)
    for crossing, left, right in zip(path.breakpoints[1:-1], numbers, numbers[1:], strict=False):
        energies = at_zero[[left, right]] + crossing * slopes[[left, right]]
        assert energies[0] == pytest.approx(energies[1], abs=tolerance)
        assert slopes[right] < slopes[left]


def test_a_tie_at_the_end_is_no_part_of_the_path():
    rewards = np.array([1.0, 0.0])  # the second feature has no reward: a tie at the tradeoff 1
    for rounding in (0.0, 1e-17, 1e-15):
        source = qx.FeatureSelection(rewards + rounding, [[0.0, 0.5], [0.5, 0.0]], 0.7)
        require_path(source, qx.tradeoff_path(source))


@settings(max_examples=40, deadline=None)
@example(4, 11442560, True, 1, qx.SizeTerm(2, 0.3))  # the last part was left out
@given(
    st.integers(1, 7),
    st.integers(0, 2**32),
    st.booleans(),
    st.sampled_from([1, 2]),
    st.sampled_from([None, qx.SizeTerm(2, 0.3)]),
)
def test_the_path_is_the_lower_envelope_of_all_selections(d, seed, coarse, pair_weight, term):
    rng = np.random.default_rng(seed)
    rewards, redundancy = rng.uniform(0, 1, d), rng.uniform(0, 1, (d, d))
    if coarse:  # many ties, and features without a reward
        rewards, redundancy = np.round(3 * rewards) / 3, np.round(2 * redundancy) / 2
    redundancy = np.triu(redundancy, 1) + np.triu(redundancy, 1).T
    source = qx.FeatureSelection(rewards, redundancy, 0.7, pair_weight, term)
    path = qx.tradeoff_path(source)
    require_path(source, path)
    assert path.is_proven


def test_a_larger_problem_is_the_optimum_at_each_tradeoff():
    problem = random_feature_selection(30, seed=4)
    path = qx.tradeoff_path(problem)
    assert path.is_proven
    assert path.num_searches <= 2 * len(path.sizes) + 1
    for tradeoff in (0.05, 0.3, 0.7, 0.93):
        here = problem.source.with_tradeoff(tradeoff).qubo()
        best = qx.minimize(here, seed=9)
        chosen = path.occupations[path.at(tradeoff)]
        assert here.energy(chosen) == pytest.approx(best.energy, abs=1e-12)


def test_the_path_says_how_stable_a_selection_is():
    path = qx.tradeoff_path(random_feature_selection(8, seed=1))
    low, high = path.stable_interval
    assert low < 0.7 < high
    assert (low, high) == tuple(path.breakpoints[path.at(0.7) : path.at(0.7) + 2])
    table = path.to_dataframe()
    assert list(table["size"]) == list(path.sizes)
    now = set(table.selection[0])
    for row in table.itertuples():
        now = (now | set(row.added)) - set(row.removed)
        assert now == set(row.selection)
    values = json.loads(json.dumps(path.to_dict()))
    assert values["selections"][0] == list(path.selections[0])
    assert f"from {low:.3g} to {high:.3g}" in str(path)
    assert str(path) in path._repr_html_()


def test_hardness_is_that_of_each_problem():
    problem = random_feature_selection(5, seed=2)
    path = qx.tradeoff_path(problem)
    hardness = qx.tradeoff_hardness(path, [0.2, 0.7], tau=12.0, rtol=1e-3)
    for row in hardness.to_dataframe().itertuples():
        here = problem.source.with_tradeoff(row.tradeoff).qubo()
        gap = qx.minimum_gap(here)
        assert (row.gap, row.gap_lower) == (gap.value, gap.lower)
        assert row.classical_gap == here.classical_gap
        assert row.size == len(here.ground_labels()[0])
        success = qx.anneal(here, 12.0).success_probability
        assert row.success_probability == pytest.approx(success, abs=1e-9)
    assert hardness.hardest in (0.2, 0.7)
    assert json.dumps(hardness.to_dict())
    assert "hardest for an annealer" in str(hardness)


def test_gaps_close_towards_a_breakpoint():
    path = qx.tradeoff_path(random_feature_selection(4, seed=3))
    crossing = path.breakpoints[1]
    near = crossing + np.array([1e-2, 1e-3, 1e-4]) * (1 - crossing)
    hardness = qx.tradeoff_hardness(path, near, tau=1.0)
    rates = hardness.classical_gap / (hardness.tradeoffs - crossing)
    np.testing.assert_allclose(rates, np.full(3, rates[0]), rtol=1e-6)
    assert len(qx.tradeoff_hardness(path, tau=1.0, rtol=0.1).tradeoffs) >= 3 * len(path.sizes)


def test_bad_input_is_refused():
    path = qx.tradeoff_path(random_feature_selection(3, seed=1))
    with pytest.raises(qx.InputError, match="no feature-selection problem"):
        qx.tradeoff_path(qx.QuboProblem([-1.0], [[0.0]]))
    with pytest.raises(qx.InputError, match=r"selection is .*; give a FeatureSelection"):
        qx.tradeoff_path([1.0])
    with pytest.raises(qx.InputError, match=r"tradeoff = .*1\.5.*from 0 to 1"):
        path.at([0.2, 1.5])
    with pytest.raises(qx.InputError, match=r"from 0 to 1"):
        qx.tradeoff_hardness(path, [-0.1])
    with pytest.raises(qx.InputError, match="give a result of tradeoff_path"):
        qx.tradeoff_hardness(path.source)
