"""Reads near the optimum: their share with its interval, the time to epsilon, and comparisons."""

import json

import numpy as np
import pytest

import qxgap as qx
from qxgap import samples
from qxgap.observables import NearOptimum
from qxgap.statistics import cluster_interval, jeffreys_interval
from qxgap.testing import random_feature_selection

PROBLEM = random_feature_selection(8, seed=1)
RUN = qx.anneal(PROBLEM, 20.0)
NEAR = NearOptimum(0.05)


def runs(number, reads=200):
    return [RUN.sample(reads, seed=seed) for seed in range(number)]


def near_reads(sampleset):
    limit = PROBLEM.ground_energy + 0.05 * (PROBLEM.diagonal.mean() - PROBLEM.diagonal.min())
    return int((sampleset.record.energy <= limit + 1e-9).sum())


def test_a_share_is_counted_with_its_interval():
    one = runs(1)
    found = samples.ground_probability(PROBLEM, one, near=NEAR)
    counted = near_reads(one[0])
    assert found.value == counted / 200
    assert found.interval == jeffreys_interval(counted, 200)
    assert found.near == NEAR
    values = json.loads(json.dumps(found.to_dict()))
    assert values["near_probability"] == found.value
    assert "ground_probability" not in values
    assert "lie within 5 % of the lowest energy" in str(found)
    assert list(found.to_dataframe())[1] == "near_probability"
    assert found.plot().axes[0].get_ylabel() == "share within 5 % of the lowest energy"


def test_several_runs_take_the_bootstrap_over_runs():
    several = runs(6)
    found = samples.ground_probability(PROBLEM, several, near=NEAR, seed=3)
    counts = np.array([near_reads(run) for run in several])
    assert found.clustered == cluster_interval(counts, np.full(6, 200), seed=3)
    low, high = found.interval
    assert low <= min(found.clustered[0], found.jeffreys[0])
    assert high >= max(found.clustered[1], found.jeffreys[1])


def test_the_time_to_epsilon_of_reads():
    found = samples.ground_probability(PROBLEM, runs(5), near=NEAR, seed=3)
    time = samples.solution_time(found, 20.0, 100.0)
    assert time.near == NEAR
    assert time.reads == qx.dynamics.runs_to_solution(found.value)
    assert time.reads_interval == tuple(
        qx.dynamics.runs_to_solution(end) for end in reversed(found.interval)
    )
    exact = samples.solution_time(samples.ground_probability(PROBLEM, runs(5), seed=3), 20.0)
    assert time.reads < exact.reads
    assert str(time).startswith(f"{time.reads:g} reads contain a state within 5 % of the lowest")
    assert time.to_dict()["near"] == repr(NEAR)
    assert "near" not in exact.to_dict()


def test_no_read_near_the_optimum():
    worst = PROBLEM.to_bqm()
    state = dict(zip(PROBLEM.labels, [0] * 8, strict=True))
    reads = qx.samples.align(PROBLEM, samples_of(state, worst))
    found = samples.ground_probability(PROBLEM, [reads], near=NearOptimum(excess=0.0))
    time = samples.solution_time(found, 1.0)
    assert found.value == 0.0
    assert time.status is samples.solution.SolutionStatus.NO_GROUND_READ
    assert str(time).startswith("No state at most 0 above the lowest energy was read")


def samples_of(state, bqm):
    import dimod

    return dimod.SampleSet.from_samples_bqm(state, bqm)


def test_reads_of_large_problems_are_counted_too():
    problem = random_feature_selection(100, seed=1)
    reads = qx.sample(problem, num_reads=60, seed=1, num_sweeps=20)
    found = samples.ground_probability(problem, [reads], near=NearOptimum(0.02))
    lowest = qx.problem.known_levels(problem).lowest_energy
    mean = problem.offset + problem.h.sum() / 2 + problem.J.sum() / 4
    energies = np.repeat(reads.record.energy, reads.record.num_occurrences)
    assert found.value == np.mean(energies <= lowest + 0.02 * (mean - lowest) + 1e-9)
    assert found.value > 0
    exact = samples.ground_probability(problem, [reads])
    assert found.value >= exact.value


def test_an_optimum_that_is_not_proven_is_said():
    problem = random_feature_selection(60, seed=1)
    reads = qx.sample(problem, num_reads=20, seed=1, num_sweeps=5)
    few = qx.problem.BranchAndBound(max_nodes=1)
    found = samples.ground_probability(problem, [reads], near=NearOptimum(0.1), ground=few)
    if found.ground.is_proven:
        pytest.skip("proven at the first node")
    known = "within 10 % of the lowest energy known, which is not proven to be the lowest"
    assert known in str(found)
    assert known in str(samples.solution_time(found, 1.0))


KEYS = ("epsilon", "near_probability", "near_probability_interval", "tte99", "tte99_interval")


def test_comparisons_have_the_time_to_epsilon():
    one, near = runs(1)[0], NearOptimum(0.05)
    values = qx.compare(RUN, one, seed=1, num_resamples=20, near=near).to_dict()
    assert values["epsilon"] == 0.05
    assert values["near_probability"] == near_reads(one) / 200
    time = samples.solution_time(samples.ground_probability(PROBLEM, [one], near=near), 20.0)
    assert values["tte99"] == time.anneal_time
    assert tuple(values["tte99_interval"]) == time.anneal_interval
    assert qx.compare(RUN, one, seed=1, num_resamples=20).to_dict()["epsilon"] == 0.01
    prediction = samples.GroundPrediction(PROBLEM, "always", 1.0, tau=20.0)
    by_shares = qx.compare(prediction, one, seed=1, near=near).to_dict()
    assert {key: by_shares[key] for key in KEYS} == {key: values[key] for key in KEYS}


def test_comparisons_of_several_runs_include_their_spread():
    several = runs(6)
    found = samples.compare_with_anneal(RUN, several, near=NEAR, seed=3)
    expected = samples.ground_probability(PROBLEM, several, near=NEAR, seed=3)
    assert found.comparison.near == expected
    values = found.to_dict()
    assert tuple(values["near_probability_interval"]) == expected.interval
