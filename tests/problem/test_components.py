"""Disconnected problems: their parts, and the joint state of the parts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.problem import components, joint_probabilities
from qxgap.testing import random_feature_selection


def disconnected(sizes, seed):
    """A problem of parts of these sizes, its variables shuffled, with an offset."""
    rng = np.random.default_rng(seed)
    order, d = rng.permutation(sum(sizes)), sum(sizes)
    symmetric, start = np.zeros((d, d)), 0
    for size in sizes:
        rows = order[start : start + size]
        block = np.triu(rng.uniform(0.1, 1.0, (size, size)), 1)
        symmetric[np.ix_(rows, rows)] = block + block.T
        start += size
    labels = [f"x{i}" for i in rng.permutation(d)]
    return qx.QuboProblem(rng.normal(size=d), np.triu(symmetric, 1), labels=labels, offset=0.7)


def test_a_connected_problem_is_its_own_part():
    problem = random_feature_selection(5, 1)
    assert components(problem) == [problem]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(0, 2**31))
def test_parts_hold_every_variable_once_and_energies_add_up(sizes, seed):
    problem = disconnected(sizes, seed)
    parts = components(problem)
    assert sorted(part.num_qubits for part in parts) == sorted(sizes)
    assert sorted(label for part in parts for label in part.labels) == sorted(problem.labels)
    bits = np.random.default_rng(seed).integers(0, 2, (6, problem.num_qubits))
    place = {label: i for i, label in enumerate(problem.labels)}
    total = sum(part.energy(bits[:, [place[x] for x in part.labels]]) for part in parts)
    np.testing.assert_allclose(total, problem.energy(bits), atol=1e-12)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=3), st.integers(0, 2**31))
def test_the_joint_state_is_that_of_the_whole(sizes, seed):
    """The anneal of the whole, solved at once, and part by part."""
    problem = disconnected(sizes, seed)
    parts, method = components(problem), qx.SplitOperator(1e-9)
    each = [qx.anneal(qx.AnnealHamiltonian(part), 4.0, method).probabilities for part in parts]
    whole = qx.anneal(qx.AnnealHamiltonian(problem), 4.0, method).probabilities
    np.testing.assert_allclose(joint_probabilities(problem, parts, each), whole, atol=1e-8)


def test_parts_that_do_not_fit_are_refused():
    problem = disconnected([2, 1], 3)
    parts = components(problem)
    laws = [np.full(1 << part.num_qubits, 0.5**part.num_qubits) for part in parts]
    with pytest.raises(qx.InputError, match="labels"):
        joint_probabilities(problem, parts[:1], laws[:1])
    with pytest.raises(qx.InputError, match="a part of"):
        joint_probabilities(problem, parts, laws[::-1])
