"""Problems against dimod and brute force: bit order, energies, ground space, files."""

import itertools
import json

import dimod
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.problem.bits import bits_to_index, index_to_bits


def random_problem(d, seed, labels=()):
    rng = np.random.default_rng(seed)
    return qx.QuboProblem(
        rng.normal(size=d), np.triu(rng.normal(size=(d, d)), 1), labels=labels, offset=rng.normal()
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(0, 2**32))
def test_bits_round_trip(d, seed):
    index = np.random.default_rng(seed).integers(0, 2**d, size=5)
    assert np.array_equal(bits_to_index(index_to_bits(index, d)), index)


def test_first_qubit_is_the_leftmost_factor():
    assert index_to_bits(0b100, 3).tolist() == [1, 0, 0]


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize("labels", [(), tuple(f"f{i}" for i in range(12))])
def test_every_energy_agrees_with_dimod(vartype, labels):
    problem = random_problem(12, 3, labels)
    bqm = problem.to_bqm(vartype)
    bits = index_to_bits(np.arange(2**12), 12).astype(float)
    samples = bits if vartype == "BINARY" else 2 * bits - 1
    expected = bqm.energies((samples, problem.labels))
    np.testing.assert_allclose(problem.diagonal + problem.offset, expected, atol=1e-12)
    np.testing.assert_allclose(problem.energy(bits), expected, atol=1e-12)
    again = qx.QuboProblem.from_bqm(bqm)
    assert again.labels == problem.labels
    np.testing.assert_allclose(again.diagonal, problem.diagonal, atol=1e-11)


def test_shuffled_string_labels_keep_their_columns():
    labels = [f"f{i}" for i in np.random.default_rng(0).permutation(14)]
    bqm = dimod.BinaryQuadraticModel({v: int(v[1:]) + 1.0 for v in labels}, {}, 0, "BINARY")
    problem = qx.QuboProblem.from_bqm(bqm)
    assert problem.h.tolist() == [int(v[1:]) + 1.0 for v in problem.labels]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 8), st.integers(0, 2**32))
def test_ground_space_and_classical_gap_by_brute_force(d, seed):
    rng = np.random.default_rng(seed)
    h, J = rng.integers(-2, 3, d), np.triu(rng.integers(-2, 3, (d, d)), 1)
    problem = qx.QuboProblem(h, J)
    energies = {
        n: sum(h[p] * n[p] for p in range(d))
        + sum(J[p, q] * n[p] * n[q] for p in range(d) for q in range(p + 1, d))
        for n in itertools.product((0, 1), repeat=d)
    }
    levels = sorted(set(energies.values()))
    expected = {n for n, energy in energies.items() if energy == levels[0]}
    assert {tuple(state) for state in problem.ground_states.tolist()} == expected
    assert problem.degeneracy == len(expected)
    assert problem.classical_gap == (levels[1] - levels[0] if len(levels) > 1 else np.inf)


@pytest.mark.parametrize("suffix", [".bqm", ".coo", ".json", ".qubo"])
def test_files_round_trip(tmp_path, suffix):
    rng = np.random.default_rng(1)
    problem = qx.QuboProblem(rng.normal(size=12), np.triu(rng.normal(size=(12, 12)), 1))
    again = qx.load(qx.save(problem, tmp_path / f"p{suffix}"))
    assert set(again.labels) == set(problem.labels)
    order = [again.labels.index(label) for label in problem.labels]
    np.testing.assert_allclose(again.h[order], problem.h, atol=1e-6)
    full = (again.J + again.J.T)[np.ix_(order, order)]
    np.testing.assert_allclose(np.triu(full), problem.J, atol=1e-6)


def feature_arrays(d, seed):
    rng = np.random.default_rng(seed)
    J = np.triu(rng.uniform(size=(d, d)), 1)
    return rng.uniform(0.1, 1.0, d), J + J.T


def test_npz_reads_both_spellings_and_means_the_stated_energy(tmp_path):
    h, J = feature_arrays(5, 2)
    np.savez(tmp_path / "ours.npz", h=h, J=J, labels=[3, 5, 7, 8, 9], tradeoff=0.7, label=4)
    np.savez(
        tmp_path / "theirs.npz", linear=h, coupling=J, nonzero_indices=[3, 5, 7, 8, 9], n_f=0.7
    )
    ours, theirs = qx.load(tmp_path / "ours.npz"), qx.load(tmp_path / "theirs.npz")
    assert ours == theirs
    assert ours.labels == (3, 5, 7, 8, 9)
    n = np.array([1, 0, 1, 1, 0])
    expected = 0.3 * (J[0, 2] + J[0, 3] + J[2, 3]) - 0.7 * (h[0] + h[2] + h[3])
    assert ours.energy(n) == pytest.approx(expected)
    doubled = qx.load(tmp_path / "ours.npz", pair_weight=2)
    np.testing.assert_allclose(doubled.J, 2 * ours.J)
    again = qx.load(qx.save(doubled, tmp_path / "again.npz"))
    np.testing.assert_allclose(again.J, ours.J, rtol=1e-15)
    assert int(again.meta["label"]) == 4


def test_bqpjson_scale_and_offset(tmp_path):
    content = {
        "version": "1.0.0",
        "variable_ids": [4, 9],
        "variable_domain": "spin",
        "scale": 2.0,
        "offset": 0.5,
        "linear_terms": [{"id": 4, "coeff": 1.0}],
        "quadratic_terms": [{"id_head": 9, "id_tail": 4, "coeff": -3.0}],
    }
    (tmp_path / "p.json").write_text(json.dumps(content))
    problem = qx.load(tmp_path / "p.json")
    # states (s4, s9) = (-1,-1), (-1,1), (1,-1), (1,1): 2 (s4 - 3 s4 s9 + 0.5)
    expected = {(0, 0): -7.0, (0, 1): 5.0, (1, 0): 9.0, (1, 1): -3.0}
    assert problem.labels == (4, 9)
    for n, energy in expected.items():
        assert problem.energy(n) == pytest.approx(energy)


def test_hash_depends_on_content_and_order_not_on_meta():
    problem = random_problem(4, 5)
    assert problem == qx.QuboProblem(
        problem.h, problem.J, offset=problem.offset, meta={"source": "elsewhere"}
    )
    assert problem != random_problem(4, 6)
    assert problem != random_problem(4, 5, labels=("a", "b", "c", "d"))


@pytest.mark.parametrize(
    ("h", "J", "message"),
    [
        ([], np.zeros((0, 0)), "shape"),
        ([1.0, 2.0], np.zeros((3, 3)), "shape"),
        ([1.0, np.nan], np.zeros((2, 2)), r"h\[1\] is not a finite"),
        ([1.0, 2.0], np.ones((2, 2)), "strict upper"),
    ],
)
def test_bad_arrays_are_named(h, J, message):
    with pytest.raises(qx.InputError, match=message):
        qx.QuboProblem(h, J)


def test_bad_files_are_named(tmp_path):
    h, J = feature_arrays(3, 0)
    np.savez(tmp_path / "pickled.npz", h=np.array([{}], dtype=object), J=J, tradeoff=0.7)
    np.savez(tmp_path / "nokey.npz", h=h, tradeoff=0.7)
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 nothing")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "broken.bqm").write_bytes(b"")
    (tmp_path / "p.txt").write_text("")
    for name in ("pickled.npz", "nokey.npz", "broken.npz", "broken.json", "broken.bqm", "p.txt"):
        with pytest.raises(qx.InputError, match=name):
            qx.load(tmp_path / name)
    with pytest.raises(qx.InputError, match="no such file"):
        qx.load(tmp_path / "absent.npz")


def test_forty_qubits_are_refused_before_allocation():
    problem = qx.QuboProblem(np.ones(40), np.zeros((40, 40)))
    with pytest.raises(qx.MemoryLimitError, match="40 qubits needs 12"):
        _ = problem.diagonal
