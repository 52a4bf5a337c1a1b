"""Reduction, branch and bound, baselines, size terms, against enumeration and linear programs."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

import qxgap as qx
from qxgap.problem import (
    OptimumStatus,
    SizeTerm,
    feature_selection_of,
    minimize,
    reduce,
    selections,
    top_k,
)
from qxgap.problem.branch import search
from qxgap.problem.roof import roof_duality
from qxgap.testing import random_feature_selection


@st.composite
def problems(draw, max_qubits=8):
    """Small integers of both signs, non-negative couplings, or duplicates: ties are common."""
    d = draw(st.integers(1, max_qubits))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    kind = draw(st.sampled_from(["signed", "redundant", "duplicates", "real"]))
    if kind == "signed":
        h, J = rng.integers(-3, 4, d), rng.integers(-2, 3, (d, d))
    elif kind == "redundant":
        h, J = -rng.integers(1, 6, d) * 0.1, rng.integers(0, 5, (d, d)) * 0.1
    elif kind == "real":
        h, J = rng.normal(size=d), rng.normal(size=(d, d)) * (rng.random((d, d)) < 0.6)
    else:
        kinds = rng.random((3, 3)) * 0.9
        kinds = np.triu(kinds, 1) + np.triu(kinds, 1).T + np.eye(3)
        which, weight = rng.integers(0, 3, d), rng.choice([0.3, 0.8])
        J = weight * kinds[np.ix_(which, which)]
        h = -(1 - weight) * rng.integers(1, 3, d) / 2
    return qx.QuboProblem(h, np.triu(J, 1), offset=rng.normal(), labels=[f"f{i}" for i in range(d)])


def feature_problem(maps, rewards, tradeoff):
    unit = maps / np.linalg.norm(maps, axis=1, keepdims=True)
    J = np.abs(unit @ unit.T)
    np.fill_diagonal(J, 0.0)
    return qx.FeatureSelection(rewards, (J + J.T) / 2, tradeoff).qubo()


def rows(states):
    return sorted(map(tuple, np.asarray(states).tolist()))


# -- roof duality and reduction -------------------------------------------------------------------


def linear_relaxation(problem):
    d, pairs = problem.num_qubits, np.argwhere(problem.J)
    A, b = [], []
    for k, (p, q) in enumerate(pairs):
        for limits in ([(p, 1), (q, 1)],) if problem.J[p, q] > 0 else ([(p, -1)], [(q, -1)]):
            row = np.zeros(d + len(pairs))
            row[d + k] = -1 if problem.J[p, q] > 0 else 1
            for at, sign in limits:
                row[at] = sign
            A.append(row)
            b.append(1 if problem.J[p, q] > 0 else 0)
    costs = np.concatenate([problem.h, problem.J[tuple(pairs.T)]])
    return linprog(costs, A or None, b or None, bounds=(0, 1)).fun + problem.offset


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_roof_dual_is_the_linear_relaxation_and_its_values_are_those_of_every_optimum(problem):
    bound, values = roof_duality(problem, problem.ground_tolerance)
    assert bound == pytest.approx(linear_relaxation(problem), abs=1e-9)
    for qubit, value in values.items():
        assert (problem.ground_states[:, qubit] == value).all()


@settings(max_examples=150, deadline=None)
@given(problems(), st.integers(0, 2**32))
def test_reduction_keeps_energies_and_every_optimum(problem, seed):
    result = reduce(problem)
    rest = result.problem
    assert result.num_fixed + (rest.num_qubits if rest else 0) == problem.num_qubits
    rules = (
        result.num_first_order, result.num_dominated, result.num_roof_duality, result.num_merged
    )  # fmt: skip
    assert sum(rules) == result.num_fixed
    optima = rest.ground_states if rest else np.zeros((1, 0))
    assert rows(result.lift_optima(optima)) == rows(problem.ground_states)
    if rest:
        n = np.random.default_rng(seed).integers(0, 2, (3, 2, rest.num_qubits))
        np.testing.assert_allclose(rest.energy(n), problem.energy(result.lift(n)), atol=1e-12)
        assert set(rest.labels) == set(problem.labels) - set(result.fixed)
        assert reduce(rest).num_fixed == 0
    else:
        assert result.energy == pytest.approx(problem.ground_energy)


def test_first_order_persistency_roof_duality_and_dominance_each_fix_what_they_should():
    pair = reduce(qx.QuboProblem([1.0, -1.0], [[0, 0.5], [0, 0]]))
    assert (pair.fixed, pair.num_first_order) == ({0: 0, 1: 1}, 2)
    # a frustrated chain: no field settles a variable, the linear relaxation settles all three
    chain = reduce(qx.QuboProblem([-2.0, -3.0, -2.0], [[0, 2.5, 0], [0, 0, 2.5], [0, 0, 0]]))
    assert (chain.num_first_order, chain.num_roof_duality) == (0, 3)
    assert chain.fixed == {0: 1, 1: 0, 2: 1}
    # equal maps with unequal rewards: the weaker one is dominated, the optimum takes the stronger
    maps = np.array([[3.0, 1, 0, 1], [3, 1, 0, 1], [1, 3, 1, 0], [0, 1, 3, 3], [1, 0, 2, 1]])
    problem = feature_problem(maps, [0.9, 0.8, 1.0, 0.7, 0.6], 0.5)
    assert reduce(problem).fixed[1] == 0
    assert reduce(problem).num_dominated > 0


def test_equal_maps_merge_only_where_both_together_cannot_be_optimal():
    rng = np.random.default_rng(3)
    maps = rng.random((6, 9))
    maps[4] = maps[1]
    rewards = np.array([0.7, 0.9, 1.0, 0.8, 0.9, 0.6])
    small, large = (feature_problem(maps, rewards, t) for t in (0.45, 0.7))
    merged = reduce(small)
    assert merged.merged == ((1, 4),)
    assert rows(merged.lift_optima(merged.problem.ground_states if merged.problem else [[]])) == (
        rows(small.ground_states)
    )
    # tradeoff h > 1 - tradeoff: the second copy pays when little else is taken, so none, one and
    # both are all optimal under some field of the others
    kept = reduce(large)
    assert kept.merged == ()
    assert kept.unmergeable == ((1, 4),)
    outcomes = set()
    for field in (0.0, 0.35, 0.7):
        pair = qx.QuboProblem([field - 0.63] * 2, [[0, 0.3], [0, 0]])
        outcomes |= set(pair.ground_states.sum(axis=1).tolist())
    assert outcomes == {0, 1, 2}


def test_a_merged_problem_reports_the_degeneracy_of_three_copies():
    copies = qx.QuboProblem([-0.4] * 3, np.triu(np.full((3, 3), 0.5), 1), labels="abc")
    result = reduce(copies)
    assert result.num_merged == 2
    assert len(result.lift_optima([[]] if result.problem is None else [[1]])) == 3
    with pytest.raises(qx.InputError, match="the last axis must be"):
        result.lift(np.zeros(3))


# -- branch and bound -----------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(problems(10), st.integers(0, 3))
def test_minimise_by_enumeration(problem, num_starts):
    result = minimize(problem, num_starts=num_starts)
    assert result.status is OptimumStatus.OPTIMAL
    assert result.energy == pytest.approx(problem.ground_energy, abs=1e-9)
    assert result.lower == result.energy
    assert list(result.selection) in problem.ground_labels()


@settings(max_examples=250, deadline=None)
@given(problems(10), st.integers(1, 40))
def test_the_search_itself_from_an_empty_start_without_reduction_or_descent(problem, max_nodes):
    d, symmetric = problem.num_qubits, problem.J + problem.J.T
    ranking = np.argsort(symmetric + np.diag(np.full(d, np.inf)), axis=1)[:, : d - 1]
    reach = -np.minimum(symmetric, 0).sum(axis=1)
    lowest = problem.ground_energy - problem.offset
    for nodes in (max_nodes, 10**6):
        best = np.zeros(d, dtype=bool)
        bound, visited = search(problem.h, symmetric, ranking, reach, best, 0.0, 1e-12, nodes)
        assert visited <= nodes
        result = float(problem.energy(best)) - problem.offset
        assert min(bound, result) <= lowest + 1e-9
        assert result >= lowest - 1e-9
    assert bound == np.inf
    assert result == pytest.approx(lowest, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(problems(9), st.integers(1, 6))
def test_a_search_cut_short_still_brackets_the_optimum(problem, max_nodes):
    result = minimize(problem, max_nodes=max_nodes, num_starts=0)
    assert result.nodes <= max_nodes
    slack = 1e-9 * problem.energy_scale
    assert result.lower - slack <= problem.ground_energy <= result.energy + slack
    if result.status is OptimumStatus.OPTIMAL:
        assert result.energy == pytest.approx(problem.ground_energy, abs=slack)


@pytest.mark.parametrize("seed", range(3))
def test_forty_variables_agree_with_a_mixed_integer_program(seed):
    problem = random_feature_selection(40, seed=seed, tradeoff=0.4, num_pixels=20)
    result = minimize(problem)
    d, pairs = 40, np.argwhere(problem.J)
    A = np.zeros((len(pairs), d + len(pairs)))
    for k, (p, q) in enumerate(pairs):
        A[k, [p, q, d + k]] = 1, 1, -1
    costs = np.concatenate([problem.h, problem.J[tuple(pairs.T)]])
    integer = np.arange(costs.size) < d
    other = milp(
        costs, constraints=LinearConstraint(A, ub=1), integrality=integer, bounds=Bounds(0, 1)
    )
    assert other.status == 0
    assert result.status is OptimumStatus.OPTIMAL
    assert result.energy == pytest.approx(other.fun, abs=1e-4)
    assert result.energy <= other.fun + 1e-9


def test_what_does_not_close_says_so_and_repeats():
    rng = np.random.default_rng(0)
    glass = qx.QuboProblem(rng.normal(size=60), np.triu(rng.normal(size=(60, 60)), 1))
    result, again = (minimize(glass, max_nodes=200, seed=4) for _ in range(2))
    assert result.status is OptimumStatus.BEST_KNOWN
    assert result.nodes == 200
    assert result.lower < result.energy == again.energy
    assert result.lower == again.lower
    assert "not proven to be the best" in str(result)
    assert glass.energy(result.occupations) == pytest.approx(result.energy)
    for options in ({"max_nodes": 0}, {"num_starts": -1}):
        with pytest.raises(qx.InputError, match="give at least"):
            minimize(glass, **options)


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 8), st.sampled_from([1e-9, 1e-8]), st.booleans(), st.integers(0, 2**32))
def test_optimal_means_optimal_for_integers_with_noise(d, noise, copies, seed):
    """Near duplicates: whoever merges them loses up to the noise."""
    rng = np.random.default_rng(seed)
    h, J = -rng.integers(1, 5, d).astype(float), rng.integers(0, 4, (d, d)).astype(float)
    if copies:  # two kinds of variables
        kind, J = rng.integers(0, 2, d), rng.integers(1, 4, (2, 2)).astype(float)
        h, J = -np.array([2.0, 3.0])[kind], (J + J.T)[np.ix_(kind, kind)] / 2
    J = np.triu(J + rng.uniform(-noise, noise, (d, d)), 1)
    problem = qx.QuboProblem(h + rng.uniform(-noise, noise, d), J)
    states = np.array(list(itertools.product((0, 1), repeat=d)))
    energies = states @ problem.h + np.einsum("xp,pq,xq->x", states, J, states)
    result = minimize(problem)
    assert result.status is OptimumStatus.OPTIMAL
    energy = result.occupations @ problem.h + result.occupations @ J @ result.occupations
    assert energy <= energies.min() + 1e-13 * problem.energy_scale
    assert result.energy == result.lower == pytest.approx(energy, rel=1e-14)
    assert selections(problem, seed=0).is_optimal(result.selection)


# -- baselines ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_selections_are_what_they_say(seed):
    problem = random_feature_selection(11, seed=seed)
    result = selections(problem, seed=seed)
    assert list(result.exact) in problem.ground_labels()
    assert result.k == len(result.top_k) == len(result.random_k) == len(set(result.random_k))
    assert result.all_positive == problem.labels
    least = min(-problem.h[p] for p in result.top_k)
    others = [-problem.h[p] for p in problem.labels if p not in result.top_k]
    assert least >= max(others)
    state = np.array([label in result.greedy for label in problem.labels], dtype=float)
    for p in range(11):
        flipped = state.copy()
        flipped[p] = 1 - flipped[p]
        assert problem.energy(flipped) >= problem.energy(state) - 1e-12
    frame = result.to_dataframe()
    assert list(frame.index) == ["exact", "greedy", "top-k", "random-k", "all positive"]
    assert frame.loc["exact", "is_optimal"]
    assert (frame.excess >= -1e-12).all()
    for name, row in frame.iterrows():
        assert row.energy == pytest.approx(result.energy(result.by_method[name]))
        assert row.is_optimal == (row.labels in problem.ground_labels())


def test_random_k_is_uniform_and_follows_the_seed():
    problem = random_feature_selection(6, seed=1)
    drawn = [selections(problem, seed=s, max_nodes=10).random_k for s in range(300)]
    k = len(drawn[0])
    counts = np.array([sum(p in labels for labels in drawn) for p in range(6)])
    assert np.abs(counts - 300 * k / 6).max() < 5 * np.sqrt(300 * k / 6 * (1 - k / 6))
    assert drawn == [selections(problem, seed=s).random_k for s in range(300)]


def test_top_k_follows_alpha_and_breaks_ties_in_qubit_order():
    problem = qx.QuboProblem(
        [-0.2, -0.9, -0.5, -0.9], np.zeros((4, 4)), labels=["a", "b", "c", "d"]
    )
    assert [top_k(problem, k) for k in (0, 2, 3)] == [(), ("b", "d"), ("b", "c", "d")]
    assert top_k(problem, 2, [4.0, 1.0, 3.0, 2.0]) == ("a", "c")
    selection = qx.FeatureSelection(
        -problem.h, problem.J, 1.0, labels=problem.labels, alpha=[5.0, 0.0, -1.0, 6.0]
    )
    known = selection.qubo()
    assert known.content_hash == problem.content_hash
    assert top_k(known, 2) == ("a", "d")
    assert selections(known, seed=0).all_positive == ("a", "d")
    with pytest.raises(qx.InputError, match="top 5"):
        top_k(problem, 5)
    with pytest.raises(qx.InputError, match="one finite number"):
        selections(problem, [1.0, 2.0], seed=0)


# -- size term ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 2, 5, 9])
def test_the_size_term_is_the_squared_distance(size, tmp_path):
    rng = np.random.default_rng(size)
    J = rng.random((5, 5))
    plain, sized = (
        qx.FeatureSelection(
            [0.0, 0.5, 1.0, 0.2, 0.7], np.triu(J, 1) + np.triu(J, 1).T, 0.6, pair_weight=2,
            size_term=term, labels=[3, 1, 4, 15, 9],
        ).qubo()
        for term in (None, SizeTerm(size, 0.4))
    )  # fmt: skip
    for n in itertools.product((0, 1), repeat=5):
        assert sized.energy(n) == pytest.approx(plain.energy(n) + 0.4 * (sum(n) - size) ** 2)
    assert sized.labels == plain.labels
    np.testing.assert_array_equal(sized.source.rewards, plain.source.rewards)
    np.testing.assert_array_equal(sized.source.redundancy, plain.source.redundancy)
    path = qx.save(sized, tmp_path / "sized.npz")
    again = qx.load(path, pair_weight=2)
    np.testing.assert_allclose(again.diagonal, sized.diagonal, atol=1e-12)
    assert again.offset == sized.offset
    assert again.source.size_term == SizeTerm(size, 0.4)
    single = qx.load(path)
    np.testing.assert_allclose(single.J - 0.8 * np.triu(np.ones((5, 5)), 1), plain.J / 2)


def test_a_heavy_size_term_fixes_the_size():
    plain = random_feature_selection(9, seed=2)
    weight = float(np.abs(plain.h).max() + plain.J.sum())
    h, J = plain.source.rewards, plain.source.redundancy
    for size in range(10):
        term = SizeTerm(size, weight)
        sized = qx.FeatureSelection(h, J, 0.7, size_term=term).qubo()
        best = min(itertools.combinations(range(9), size),
                   key=lambda chosen: plain.energy(np.isin(range(9), chosen)))  # fmt: skip
        assert minimize(sized).selection == best


@pytest.mark.parametrize(
    ("size", "weight", "message"),
    [
        (-1, 1.0, "size = -1"),
        (2.5, 1.0, "size = 2.5"),
        (None, 1.0, "size = None"),
        (np.nan, 1.0, "size = nan"),
        ("3", 1.0, "size = '3'"),
        (2, 0.0, "weight = 0"),
        (2, np.inf, "inf"),
        (2, None, "weight = None"),
    ],
)
def test_bad_size_terms(size, weight, message):
    with pytest.raises(qx.InputError, match=message):
        SizeTerm(size, weight)


def test_what_has_no_rewards_says_so():
    with pytest.raises(qx.InputError, match=r"FeatureSelection\(\.\.\.\)\.qubo\(\)"):
        feature_selection_of(qx.QuboProblem([1.0], [[0.0]]))


def test_results_print_themselves_and_give_plain_values():
    problem = random_feature_selection(9, seed=3)
    for result in (minimize(problem, seed=1), reduce(problem), selections(problem, seed=1)):
        values = result.to_dict()
        assert json.loads(json.dumps(values)) == values
        assert repr(result).startswith(f"<{type(result).__name__}: ")
        assert "\n" not in repr(result)
        assert "<table>" in result._repr_html_()
    chosen = selections(problem, seed=1)
    assert str(chosen).startswith(f"The best selection has {chosen.k} of 9 variables, at energy ")
    assert len(chosen.to_dict()["selections"]) == len(chosen.by_method) == 5
    reduction = reduce(problem)
    labels = {*reduction.to_dict()["ones"], *reduction.to_dict()["zeros"]}
    assert labels == set(reduction.fixed)


def with_offset(problem, offset):
    return qx.QuboProblem(problem.h, problem.J, labels=problem.labels, offset=offset)


def test_an_offset_enters_no_optimum_and_no_selection():
    plain = random_feature_selection(9, 4)
    shifted = with_offset(plain, 1e12)
    assert qx.minimize(shifted).selection == qx.minimize(plain).selection
    assert qx.reduce(shifted).fixed == qx.reduce(plain).fixed
    left, right = (
        qx.selections(p, seed=3).to_dataframe().drop(columns="energy") for p in (plain, shifted)
    )
    assert left.equals(right)
    subspaces = [qx.FixedSizeSubspace(3).hamiltonian(p) for p in (plain, shifted)]
    assert np.array_equal(*(H.diagonal for H in subspaces))
