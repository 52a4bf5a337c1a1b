"""Problems against dimod and brute force: bit order, energies, ground subspace, files."""

import io
import itertools
import json

import dimod
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap import samples
from qxgap.problem import components
from qxgap.problem.bits import bits_to_index, index_to_bits
from qxgap.testing import random_feature_selection


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


def test_the_hashes_that_name_stored_results_stay_the_same():
    problem = qx.QuboProblem([0.5, -0.0], [[0, 1.5], [0, 0]], labels=("a", 7), offset=-0.0)
    assert problem.content_hash == "d8a884155de1521b"
    assert random_feature_selection(6, seed=3).content_hash == "3fa67799842a3323"


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
    assert again.source.label == 4


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
    with pytest.raises(qx.MemoryLimitError, match=r"40 qubits: 12\.0 TiB needed, "):
        _ = problem.diagonal


# -- the ground level ------------------------------------------------------------------------------


def integer_energies(h, J):
    """All energies of small integers, in index order; single precision holds them exactly."""
    d = len(h)
    bits = ((np.arange(1 << d)[:, None] >> np.arange(d - 1, -1, -1)) & 1).astype(np.float32)
    weights = (J + np.diag(h)).astype(np.float32)  # n_p n_p = n_p
    return np.einsum("xp,xp->x", bits @ weights, bits).astype(int)


@pytest.mark.parametrize("kind", ["decimal fractions", "sums of decimals", "noise"])
@pytest.mark.parametrize(("d", "seed"), [(10, 0), (10, 1), (10, 2), (20, 0)])
def test_rounding_of_the_input_breaks_no_degeneracy(d, seed, kind):
    """Tenths of integers, whose degeneracy integer arithmetic gives."""
    rng = np.random.default_rng(seed)
    h, J = -rng.integers(1, 6, d), np.triu(rng.integers(0, 4, (d, d)), 1)
    exact = integer_energies(h, J)
    levels, states = np.unique(exact, return_counts=True)
    if kind == "decimal fractions":
        rounded_h, rounded_J = h * 0.1, J * 0.1
    elif kind == "sums of decimals":  # 0.1 + 0.1 + 0.1 is not 0.3
        rounded_h = sum(np.where(k < -h, -0.1, 0.0) for k in range(6))
        rounded_J = sum(np.where(k < J, 0.1, 0.0) for k in range(4))
        assert np.any(rounded_h != h / 10)
    else:
        rounded_h = h / 10 + rng.uniform(-1e-16, 1e-16, d)
        rounded_J = np.triu(J / 10 + rng.uniform(-1e-16, 1e-16, (d, d)), 1)
    problem = qx.QuboProblem(rounded_h, rounded_J)
    assert problem.degeneracy == states[0]
    assert np.array_equal(problem.ground_indices, np.flatnonzero(exact == levels[0]))
    assert problem.classical_gap == pytest.approx((levels[1] - levels[0]) / 10)
    if d == 10:
        reduced = qx.reduce(problem)
        optima = reduced.problem.ground_states if reduced.problem else np.zeros((1, 0))
        assert len(reduced.lift_optima(optima)) == states[0]
        assert list(qx.minimize(problem).selection) in problem.ground_labels()


@pytest.mark.parametrize("weight", [1e2, 1e5, 1e8])
@pytest.mark.parametrize(("d", "seed"), [(10, 3), (10, 4), (20, 3)])
def test_a_large_size_term_merges_no_levels(d, seed, weight):
    rng = np.random.default_rng(seed)
    J = np.triu(rng.random((d, d)), 1)
    rewards = rng.random(d)
    term = qx.SizeTerm(4, weight)
    problem = qx.FeatureSelection(rewards, J + J.T, 0.7, size_term=term).qubo()
    inside = [
        -0.7 * rewards[list(chosen)].sum() + 0.3 * J[np.ix_(chosen, chosen)].sum()
        for chosen in itertools.combinations(range(d), 4)
    ]
    lowest, second = sorted(inside)[:2]
    assert second - lowest > 1e-4
    assert problem.degeneracy == 1
    assert problem.classical_gap == pytest.approx(second - lowest, abs=1e-14 * problem.energy_scale)
    if d == 10 and weight < 1e8:
        subspace = qx.FixedSizeSubspace(4).hamiltonian(problem)
        assert subspace.degeneracy == qx.AnnealHamiltonian(problem).degeneracy == 1
        (ground,) = problem.ground_states
        others = np.array([[1, 1, 1, 1, 0, 0, 0, 0, 0, 0], ground])
        first = np.argsort(problem.diagonal)[1]
        read = samples.align(
            problem, dimod.SampleSet.from_samples_bqm(others.astype(np.int8), problem.to_bqm())
        )
        assert read.ground_reads() == 1
        levels = samples.energy_levels(problem)
        assert levels.degeneracies[:2].tolist() == [1, 1]
        assert samples.level_counts(levels, read)[0] == 1
        assert problem.diagonal[first] - problem.diagonal.min() > problem.ground_tolerance


def test_a_reduced_problem_keeps_the_rounding_of_its_original():
    """A variable of weight 1e6 is fixed; the fields it leaves behind are rounded as it was."""
    remaining, d = 0, 6
    for seed in range(30):
        rng = np.random.default_rng(seed)
        h, J = -rng.integers(1, 4, d) / 10, np.triu(rng.integers(0, 4, (d, d)), 1) / 10
        core = qx.QuboProblem(h, J)
        wider = np.zeros((d + 1, d + 1))
        wider[1:, 1:], wider[0, 1:] = J, 1e6
        problem = qx.QuboProblem(np.concatenate([[-2e7], h - 1e6]), wider)
        assert problem.degeneracy == core.degeneracy
        result = qx.reduce(problem)
        assert result.fixed[0] == 1
        if result.problem is not None:
            remaining += core.degeneracy > 1
            optima = result.lift_optima(result.problem.ground_states)
            expected = map(tuple, problem.ground_states.tolist())
            assert sorted(map(tuple, optima.tolist())) == sorted(expected)
    assert remaining > 3


def test_a_tolerance_of_one_s_own():
    coarse = np.float32(0.1) + np.zeros(2, np.float32)
    h = np.array([-coarse[0], -0.1])
    assert qx.QuboProblem(h, np.diag([1.0], 1)).degeneracy == 1
    rounded = qx.QuboProblem(h, np.diag([1.0], 1), tolerance=1e-6)
    assert (rounded.degeneracy, rounded.ground_tolerance) == (2, 1e-6)
    assert qx.FixedSizeSubspace(1).hamiltonian(rounded).degeneracy == 2
    assert [part.tolerance for part in components(rounded)] == [1e-6]
    assert rounded == qx.QuboProblem(h, np.diag([1.0], 1))
    for tolerance in (-1.0, np.nan, np.inf):
        with pytest.raises(qx.InputError, match="tolerance = "):
            qx.QuboProblem(h, np.diag([1.0], 1), tolerance=tolerance)


# -- files and arguments that are no problem -------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: qx.QuboProblem(["a", "b"], np.zeros((2, 2))), "h is text"),
        (lambda: qx.QuboProblem(["0.1", "0.2"], np.zeros((2, 2))), "h is text"),
        (lambda: qx.QuboProblem([0.1, "0.2"], np.zeros((2, 2))), "h is text"),
        (lambda: qx.QuboProblem([1j, 2.0], np.zeros((2, 2))), "h is complex"),
        (lambda: qx.QuboProblem([1.0, 2.0], np.zeros((2, 2)) + 0j), "J is complex"),
        (lambda: qx.QuboProblem({(0, 0): -1.0, (0, 1): 2.0}), "h is a dict.*from_qubo"),
        (lambda: qx.QuboProblem([1.0, 2.0], {(0, 1): 2.0}), "J is a dict.*from_qubo"),
        (lambda: qx.QuboProblem([1.0, 2.0]), "J is missing"),
        (lambda: qx.QuboProblem([1.0, [2.0]], np.zeros((2, 2))), "h is ragged"),
        (lambda: qx.QuboProblem([1.0], [[0.0]], offset=1j), "offset is complex"),
        (lambda: qx.QuboProblem([1.0], [[0.0]], offset=np.nan), "offset is not a finite"),
        (lambda: qx.QuboProblem([1.0], [[0.0]], offset=[1, 2]), "offset has shape"),
        (lambda: qx.QuboProblem([1.0], [[0.0]], labels=[[0]]), "hashable name"),
        (lambda: qx.QuboProblem([1.0], [[0.0]], labels=3), "hashable name"),
        (lambda: qx.QuboProblem.from_symmetric(["a"], [[0.0]]), "h is text"),
        (lambda: qx.FeatureSelection(["a"], [[0.0]], 0.5), "h is text"),
        (lambda: qx.FeatureSelection([1.0], [[0.0]], "0.5"), "tradeoff is text"),
        (lambda: qx.FeatureSelection([1.0], [[0.0]], None), "tradeoff"),
        (lambda: qx.FeatureSelection([1.0], [[0.0]], np.nan), "tradeoff = nan"),
        (lambda: qx.QuboProblem.from_bqm({(0, 0): -1.0}), "not dict; .*from_qubo"),
        (lambda: qx.QuboProblem.from_bqm(dimod.ConstrainedQuadraticModel()), "cqm_to_bqm"),
        (lambda: qx.QuboProblem.from_bqm(qx.QuboProblem([1.0], [[0.0]])), "no conversion"),
        (lambda: qx.QuboProblem.from_bqm(None), "not NoneType"),
        (lambda: qx.load(None), "None is no path"),
        (lambda: qx.load(3), "3 is no path"),
        (lambda: qx.save(qx.QuboProblem([1.0], [[0.0]]), None), "None is no path"),
    ],
)
def test_mistaken_arguments_are_input_errors_of_one_line(make, message):
    with pytest.raises(qx.InputError, match=message) as error:
        make()
    assert "\n" not in str(error.value)


def npy_bytes(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def test_numbers_of_any_real_type_are_taken():
    from fractions import Fraction

    problem = qx.QuboProblem([Fraction(1, 2), True], np.array([[0, 1], [0, 0]], dtype=np.int8))
    assert problem.h.tolist() == [0.5, 1.0]


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: path.write_bytes(b"this is no archive"), "not a readable .npz file; save"),
        (lambda path: path.write_bytes(b""), "not a readable .npz file; save"),
        (lambda path: path.write_bytes(npy_bytes(np.zeros(3))), "single array"),
        (lambda path: np.savez(path, h=[1 + 0j], J=[[0.0]], tradeoff=0.5), "h is complex"),
        (lambda path: np.savez(path, h=[1.0], J=[[0j]], tradeoff=0.5), "J is complex"),
        (lambda path: np.savez(path, h=[1.0], J=[[0.0]], tradeoff="x"), "tradeoff is text"),
        (lambda path: np.savez(path, h=np.array([{}]), J=[[0.0]], tradeoff=0.5), "Python objects"),
    ],
)
def test_what_is_no_npz_problem_says_what_it_is(tmp_path, write, message):
    path = tmp_path / "p.npz"
    write(path)
    with pytest.raises(qx.InputError, match=message) as error:
        qx.load(path)
    assert str(path) in str(error.value)
    assert "pickle" not in str(error.value)
    assert "\n" not in str(error.value)
