"""Reads against the prediction of an anneal, by enumeration and simulation."""

import json
import math

import dimod
import dimod.testing
import numpy as np
import pytest
from sampled import NAMES, named_problem

import qxgap as qx
from qxgap import dynamics, samples, statistics
from qxgap.problem.bits import bits_to_index, index_to_bits
from qxgap.testing import random_feature_selection


def sampleset_of(problem, occupations, **kwargs):
    kwargs.setdefault("energy", problem.energy(occupations))
    return dimod.SampleSet.from_samples(
        (np.asarray(occupations, dtype=np.int8), list(problem.labels)), "BINARY", **kwargs
    )


@pytest.fixture(scope="module")
def run():
    return qx.anneal(qx.AnnealHamiltonian(named_problem()), 20.0)


@pytest.fixture(scope="module")
def reads(run):
    return run.sample(1000, seed=3)


def test_own_samples_agree_with_the_prediction(run, reads):
    result = samples.compare(run, reads, seed=0)
    problem = run.problem
    index = bits_to_index(reads.record.sample[:, [reads.variables.index(v) for v in NAMES]])
    ground = np.isin(index, problem.ground_indices).sum()
    assert result.num_reads == 1000
    assert result.ground_probability == ground / 1000
    assert result.ground_probability_interval == statistics.jeffreys_interval(ground, 1000)
    assert result.predicted == run.success_probability
    assert result.p_value > 0.01
    assert result.tv_distance == pytest.approx(result.tv_expected, rel=0.2)
    assert result.tts99 == dynamics.time_to_solution(ground / 1000, 20.0)
    assert result.tts99_interval[0] <= result.tts99 <= result.tts99_interval[1]
    assert str(result).startswith("The reads agree with the prediction, as far as 1000 can tell: ")
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False)) == result.to_dict()
    assert result.effective_temperature > 0


def test_another_anneal_time_does_not_agree(run):
    other = qx.anneal(qx.AnnealHamiltonian(run.problem), 5.0)
    result = samples.compare(run, other.sample(1000, seed=0), num_resamples=999, seed=0)
    assert result.p_value == 1e-3
    assert result.tv_distance > 1.5 * result.tv_expected


@pytest.mark.parametrize("seed", [0, 1])
def test_neither_order_nor_vartype_matters(run, reads, seed):
    order = np.random.default_rng(seed).permutation(12)
    columns = [reads.variables.index(NAMES[i]) for i in order]
    shuffled = dimod.SampleSet.from_samples(
        (reads.record.sample[:, columns], [NAMES[i] for i in order]),
        "BINARY",
        energy=reads.record.energy,
        sort_labels=False,
    )
    assert list(shuffled.variables) != list(run.problem.labels)
    spin = shuffled.change_vartype("SPIN", inplace=False)
    expected = samples.compare(run, reads, seed=0)
    assert samples.compare(run, shuffled, seed=0) == samples.compare(run, spin, seed=0) == expected


def test_rows_count_as_often_as_they_occurred(run, reads):
    assert samples.compare(run, reads.aggregate(), seed=0) == samples.compare(run, reads, seed=0)
    state = index_to_bits(run.problem.ground_indices[:1], 12)
    rows = np.concatenate([state, 1 - state])
    result = samples.compare(run, sampleset_of(run.problem, rows, num_occurrences=[30, 10]), seed=0)
    assert result.num_reads == 40
    assert result.ground_probability == 0.75


def test_the_effective_temperature_of_boltzmann_reads(run):
    problem = run.problem
    weights = np.exp(-problem.diagonal / 0.3)
    rng = np.random.default_rng(0)
    index = rng.choice(weights.size, size=20_000, p=weights / weights.sum())
    result = samples.compare(run, sampleset_of(problem, index_to_bits(index, 12)), seed=0)
    assert result.effective_temperature == pytest.approx(0.3, rel=0.03)


def test_degenerate_grounds_and_no_ground_read_at_all():
    problem = qx.QuboProblem([-0.1, -0.1, 0.3], np.diag([0.3, 0.0], 1))
    run = qx.anneal(qx.AnnealHamiltonian(problem), 10.0)
    both = sampleset_of(problem, [[1, 0, 0], [0, 1, 0]])
    assert samples.compare(run, both, seed=0).ground_probability == 1.0
    assert samples.compare(run, both, seed=0).effective_temperature == 0.0
    worst = samples.compare(run, sampleset_of(problem, [[1, 1, 1]] * 5), seed=0)
    assert worst.tts99 == worst.tts99_interval[1] == math.inf
    assert worst.to_dict()["tts99"] is None
    assert worst.to_dict()["tts99_interval"][1] is None
    assert worst.ground_probability_interval[0] == 0.0


def test_energies_of_another_problem_are_refused(run, reads):
    doubled = qx.QuboProblem(run.problem.h, 2 * run.problem.J, labels=NAMES, offset=0.25)
    foreign = sampleset_of(doubled, index_to_bits(np.arange(4088, 4096), 12))
    with pytest.raises(qx.InputError, match=r"8 of 8 .*row 0: .*row 2: .*check_energies=False"):
        samples.compare(run, foreign, seed=0)
    assert samples.compare(run, foreign, check_energies=False, seed=0).num_reads == 8
    unknown = sampleset_of(run.problem, [[0] * 12], energy=[math.nan])
    with pytest.raises(qx.InputError, match="1 of 1"):
        samples.compare(run, unknown, seed=0)
    rounded = sampleset_of(run.problem, index_to_bits(np.arange(9), 12))
    rounded.record.energy[:] = rounded.record.energy.astype(np.float32)
    assert samples.compare(run, rounded, seed=0).num_reads == 9


def test_an_enumeration_is_no_sample(run):
    everything = qx.sample(run.problem, qx.samplers.ExactSampler(), num_reads=1)
    with pytest.raises(qx.InputError, match="enumerate all states"):
        qx.compare(run, everything, seed=0)


def test_what_cannot_be_aligned_is_refused(run, reads):
    with pytest.raises(qx.InputError, match=r"lack the labels \['f3'\] and have \['g'\]"):
        samples.compare(run, reads.relabel_variables({"f3": "g"}, inplace=False), seed=0)
    many = random_feature_selection(150, seed=1)
    part = qx.sample(random_feature_selection(4, seed=1), num_reads=3, seed=1)
    words = r"lack the labels \[4, 5, 6, 7, 8\] \(and 141 more\) and have \[\] beside"
    with pytest.raises(qx.InputError, match=words):
        samples.align(many, part)
    empty = dimod.SampleSet.from_samples(([], list(NAMES)), "BINARY", energy=[])
    with pytest.raises(qx.InputError, match="no reads"):
        samples.compare(run, empty, seed=0)
    never = sampleset_of(run.problem, [[0] * 12], num_occurrences=[0])
    with pytest.raises(qx.InputError, match="no reads"):
        samples.compare(run, never, seed=0)
    mislabelled = sampleset_of(run.problem, [[-1] * 12], energy=[0.0])
    with pytest.raises(qx.InputError, match="not BINARY"):
        samples.compare(run, mislabelled, seed=0)
