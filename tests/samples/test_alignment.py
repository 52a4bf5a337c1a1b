"""Alignment: labels, vartypes, energies and the ground subspace, on 12 to 16 shuffled variables."""

import dataclasses

import dimod
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap import samples
from qxgap.problem.bits import index_to_bits
from qxgap.testing import random_feature_selection

LABELS = {
    "text": tuple(f"f{i}" for i in range(12)),  # sorted as text, f10 comes before f2
    "integers": (40, 3, 17, 8, 0, 99, 5, 12, 61, 2, 30, 11),
    "mixed": ("a", 3, "10", 10, "b", 1, "1", 7, "c", 20, "d", 2),
}


def shuffled(problem, occupations, vartype, seed, counts=None):
    """Samples as a foreign solver would return them, energies from dimod in its own order."""
    order = np.random.default_rng(seed).permutation(problem.num_qubits)
    labels = [problem.labels[i] for i in order]
    values = occupations[:, order].astype(np.int8)
    if vartype == "SPIN":
        values = 2 * values - 1
    energies = problem.to_bqm(vartype).energies((values, labels))
    return dimod.SampleSet.from_samples(
        (values, labels), vartype, energy=energies, num_occurrences=counts, sort_labels=False
    )


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("d", [12, 16])
def test_golden_states_come_back_in_the_problem_s_order(labels, vartype, d):
    names = LABELS[labels] + tuple(f"more{i}" for i in range(d - 12))
    plain = random_feature_selection(d, 5)
    problem = qx.QuboProblem(plain.h, plain.J, labels=names, offset=-0.75)
    indices = np.random.default_rng(1).choice(1 << d, size=40, replace=False)
    indices[:1] = problem.ground_indices
    counts = np.arange(1, 41)
    for seed in range(3):
        sampleset = shuffled(problem, index_to_bits(indices, d), vartype, seed, counts)
        assert list(sampleset.variables) != list(names)
        reads = samples.align(problem, sampleset)
        assert np.array_equal(reads.indices, indices)
        assert np.array_equal(reads.multiplicity, counts)
        np.testing.assert_allclose(reads.energies, problem.diagonal[indices] - 0.75, atol=1e-12)
        assert reads.num_reads == 820
        assert reads.ground_reads() == counts[np.isin(indices, problem.ground_indices)].sum()
        assert reads.state_counts()[indices].tolist() == counts.tolist()
        assert reads.state_counts().sum() == 820


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
def test_a_reversed_bit_order_is_told_with_its_first_rows(vartype):
    plain = random_feature_selection(12, 0)
    problem = qx.QuboProblem(plain.h, plain.J, labels=LABELS["text"])
    right = shuffled(problem, index_to_bits(np.arange(100, 150), 12), vartype, 0)
    wrong = dimod.SampleSet.from_samples(
        (right.record.sample[:, ::-1], list(right.variables)),
        vartype,
        energy=right.record.energy,
        sort_labels=False,
    )
    with pytest.raises(qx.InputError, match=r"of 50 sample energies .*row \d+: .*, not .*; row"):
        samples.align(problem, wrong)
    assert samples.align(problem, wrong, check_energies=False).num_reads == 50


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 14), st.integers(0, 2**32), st.sampled_from(["SPIN", "BINARY"]))
def test_alignment_undoes_any_order(d, seed, vartype):
    rng = np.random.default_rng(seed)
    J = np.triu(rng.normal(size=(d, d)), 1)
    problem = qx.QuboProblem(rng.normal(size=d), J, offset=rng.normal())
    occupations = rng.integers(2, size=(9, d))
    reads = samples.align(problem, shuffled(problem, occupations, vartype, seed))
    assert np.array_equal(reads.occupations, occupations)
    np.testing.assert_allclose(reads.energies, problem.energy(occupations))


def test_the_ground_space_is_taken_by_tolerance():
    h = np.array([-0.1, -0.1 + 1e-15, 0.3])  # degenerate but for rounding
    problem = qx.QuboProblem(h, np.diag([0.3, 0.0], 1), offset=5.0)
    rows = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0]])
    reads = samples.align(problem, shuffled(problem, rows, "BINARY", 0, [3, 4, 5]))
    assert reads.ground_reads() == 7
    assert reads.ground_reads(4.9) == 7
    with pytest.raises(qx.InputError, match="7 reads lie below the ground energy 5"):
        reads.ground_reads(5.0)


def test_large_problems_align_without_all_states():
    problem = qx.QuboProblem(-np.ones(70), np.zeros((70, 70)))
    reads = samples.align(problem, shuffled(problem, np.ones((2, 70), int), "SPIN", 0, [2, 3]))
    assert reads.ground_reads(-70.0) == 5
    assert reads.energies.tolist() == [-70.0, -70.0]
    with pytest.raises(qx.InputError, match="state indices end at 62"):
        _ = reads.indices


def test_levels_by_brute_force():
    problem = qx.QuboProblem([1.0, 1.0, 0.5], np.zeros((3, 3)), offset=2.0)
    levels = samples.energy_levels(problem)
    assert levels.energies.tolist() == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert levels.degeneracies.tolist() == [1, 1, 2, 2, 1, 1]
    rows = np.array([[1, 0, 0], [0, 1, 1], [0, 1, 0]])
    reads = samples.align(problem, shuffled(problem, rows, "SPIN", 0, [3, 4, 5]))
    assert samples.level_counts(levels, reads).tolist() == [0, 0, 8, 4, 0, 0]


@pytest.mark.parametrize("temperature", [0.05, 1.0, -0.3, np.inf])
def test_boltzmann_laws_on_levels_are_sums_over_states(temperature):
    problem = random_feature_selection(9, 2)
    weights = np.exp(-problem.diagonal / temperature)
    levels = samples.energy_levels(problem)
    law = levels.boltzmann(temperature)
    assert law @ levels.energies == pytest.approx(
        weights @ problem.diagonal / weights.sum(), rel=1e-9
    )
    assert law.sum() == pytest.approx(1)
    assert levels.boltzmann(0.0)[0] == 1.0
    with pytest.raises(qx.InputError, match="below the lowest level"):
        levels.index([levels.energies[0] - 1], 1e-9)
    with pytest.raises(qx.InputError, match="must ascend"):
        samples.Levels(levels.energies[::-1], levels.degeneracies)


# -- offsets ---------------------------------------------------------------------------------------


def with_offset(problem, offset):
    return qx.QuboProblem(problem.h, problem.J, labels=problem.labels, offset=offset)


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize("offset", [1e11, -1e12, 1e15])
def test_an_offset_enters_no_statistic(offset, vartype):
    plain = random_feature_selection(7, 3)
    shifted = with_offset(plain, offset)
    rng = np.random.default_rng(0)
    index = rng.choice(128, size=600, p=samples.boltzmann_model(plain, 0.15, "law").probabilities)
    rows = index_to_bits(index, 7)
    energies = rows @ plain.h + np.einsum("xp,pq,xq->x", rows, plain.J, rows)
    ground = int((energies <= energies.min() + 1e-9).sum())
    assert 50 < ground < 550
    results = []
    for problem in (plain, shifted):
        reads = samples.align(problem, shuffled(problem, rows, vartype, 1))
        levels = samples.energy_levels(problem)
        counts = samples.level_counts(levels, reads)
        assert reads.ground_reads() == counts[0] == ground
        residual = samples.residual_energy(reads)
        assert residual.value == pytest.approx(energies.mean() - energies.min(), rel=1e-12)
        prediction = qx.anneal(qx.AnnealHamiltonian(problem), 5.0)
        comparison = qx.compare(
            prediction, shuffled(problem, rows, vartype, 2), seed=1, num_resamples=100
        )
        results.append(
            (
                comparison,
                residual,
                samples.level_temperature(levels, counts),
                samples.pseudolikelihood_temperature(reads),
                samples.ground_probability(problem, [reads]),
                samples.boltzmann_fit(levels, counts, num_resamples=100, seed=0),
                counts.tolist(),
                reads.level_energies.tolist(),
            )
        )
    left, right = results
    right = (dataclasses.replace(right[0], instance_hash=left[0].instance_hash), *right[1:])
    assert left == right


def test_a_ground_energy_that_the_offset_rounds_away_is_refused():
    plain = random_feature_selection(6, 1)
    rows = index_to_bits(np.arange(64), 6)
    for offset in (0.0, 1e3, -1e6):
        problem = with_offset(plain, offset)
        reads = samples.align(problem, shuffled(problem, rows, "BINARY", 0))
        assert reads.ground_reads(problem.ground_energy) == 1
    problem = with_offset(plain, 1e15)
    reads = samples.align(problem, shuffled(problem, rows, "BINARY", 0))
    with pytest.raises(qx.InputError, match="remove the offset from the problem"):
        reads.ground_reads(problem.ground_energy)


@pytest.mark.parametrize("offset", [0.0, 1e3, -1e11])
def test_an_offset_hides_no_wrong_energy(offset):
    problem = with_offset(random_feature_selection(6, 1), offset)
    rows = index_to_bits(np.arange(64), 6)
    right = shuffled(problem, rows, "BINARY", 0)
    wrong = right.copy()
    wrong.record.energy[5] += 0.01
    with pytest.raises(qx.InputError, match=r"1 of 64 sample energies .*row 5"):
        samples.align(problem, wrong)
    rounded = dimod.SampleSet.from_samples(
        (right.record.sample, list(right.variables)),
        "BINARY",
        energy=right.record.energy.astype(np.float32),
        sort_labels=False,
    )
    assert samples.align(problem, rounded).num_reads == 64  # as far as its energies allow
