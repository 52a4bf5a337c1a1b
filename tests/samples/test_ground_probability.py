"""Ground probability, residual energy, time to solution and fairness of reads."""

import math

import numpy as np
import pytest

import qxgap as qx
from qxgap import dynamics, samples, statistics


def reads_of(problem, index_counts):
    index = np.array(sorted(index_counts))
    occupations = qx.problem.bits.index_to_bits(index, problem.num_qubits).astype(np.int64)
    counts = np.array([index_counts[i] for i in index])
    return samples.Reads(problem, occupations, counts)


def test_ground_probability_over_runs():
    problem = qx.QuboProblem([-1.0, 1.0], np.zeros((2, 2)), offset=3.0)  # ground: index 2
    runs = [reads_of(problem, {2: k, 0: 100 - k}) for k in (50, 61, 70, 44)]
    found = samples.ground_probability(problem, runs, seed=0)
    assert found.value == 225 / 400
    assert found.values == (0.5, 0.61, 0.7, 0.44)
    assert found.jeffreys == statistics.jeffreys_interval(225, 400)
    assert found.interval[0] <= found.clustered[0]
    assert found.interval[1] >= found.jeffreys[1]
    assert found.overdispersion == statistics.overdispersion([50, 61, 70, 44], [100] * 4)
    assert "differ 2.3 times as much as independent reads would" in str(found)
    gauges = samples.ground_probability(problem, runs, clusters=["g1", "g1", "g2", "g2"], seed=0)
    assert gauges.clusters == ("g1", "g2")
    assert gauges.values == (111 / 200, 114 / 200)
    one = samples.ground_probability(problem, runs[:1], seed=0)
    assert one.clustered is None
    assert one.interval == one.jeffreys
    with pytest.raises(qx.InputError, match="3 clusters for 4 runs"):
        samples.ground_probability(problem, runs, clusters=[1, 2, 3], seed=0)


def test_residual_energy():
    problem = qx.QuboProblem([-1.0, 1.0], np.zeros((2, 2)), offset=3.0)
    run = reads_of(problem, {2: 60, 0: 30, 1: 10})
    found = samples.residual_energy(run, seed=0)
    drawn = np.repeat([0.0, 1.0, 2.0], [60, 30, 10])
    margin = 1.959963985 * drawn.std(ddof=1) / 10
    assert found.value == pytest.approx(0.5)
    assert found.interval == pytest.approx((0.5 - margin, 0.5 + margin))
    both = samples.residual_energy([run, reads_of(problem, {2: 90, 0: 10})], ground=2.0, seed=0)
    assert both.value == pytest.approx(0.3)
    assert both.interval[0] <= 0.3 <= both.interval[1]


@pytest.mark.parametrize("runs", [1, 3])
@pytest.mark.parametrize("state", [2, 0])
def test_reads_of_one_energy_leave_room_for_others(runs, state):
    """No variance was seen; that is no proof of none."""
    problem = qx.QuboProblem([-1.0, 1.0], np.zeros((2, 2)), offset=3.0)
    found = samples.residual_energy([reads_of(problem, {state: 50})] * runs, seed=0)
    unseen = statistics.jeffreys_interval(0, 50 * runs)[1]
    value = {2: 0.0, 0: 1.0}[state]
    assert found.value == value
    low, high = found.interval
    assert low == pytest.approx(value * (1 - unseen))
    assert high == pytest.approx(value + unseen * (2.0 - value))


def test_time_to_solution_with_its_two_times():
    problem = qx.QuboProblem([-1.0, 1.0], np.zeros((2, 2)))
    half = samples.ground_probability(problem, [reads_of(problem, {2: 50, 0: 50})], seed=0)
    found = samples.solution_time(half, 20.0, 150.0)
    assert (found.reads, found.anneal_time, found.access_time) == (7, 140, 1050)
    assert found.reads_interval[0] <= 7 <= found.reads_interval[1]
    assert found.access_interval == tuple(150 * r for r in found.reads_interval)
    none = samples.ground_probability(problem, [reads_of(problem, {0: 1000})], seed=0)
    never = samples.solution_time(none, 20.0)
    assert samples.solution_time(half, 0.0).anneal_time == 0.0
    assert math.isinf(samples.solution_time(none, 0.0).anneal_time)
    with pytest.raises(qx.InputError, match="give an anneal time of at least 0"):
        samples.solution_time(half, -1.0)
    assert never.reads == never.anneal_time == never.anneal_interval[1] == math.inf
    assert never.anneal_interval[0] == 20 * dynamics.runs_to_solution(none.interval[1])
    assert never.access_time is None
    every = samples.solution_time(
        samples.ground_probability(problem, [reads_of(problem, {2: 1000})], seed=0), 20.0
    )
    assert (every.reads, every.anneal_time) == (1, 20)


def test_fairness_among_ground_states():
    problem = qx.QuboProblem([-0.1, -0.1, 0.3], np.diag([0.3, 0.0], 1))  # grounds 2 and 4
    even = samples.fairness(reads_of(problem, {2: 500, 4: 510, 0: 77}), seed=0)
    assert even.counts == (500, 510)
    assert even.p_value > 0.05
    assert even.entropy_ratio == pytest.approx(1, abs=1e-3)
    skewed = samples.fairness(reads_of(problem, {2: 700, 4: 300}), seed=0)
    assert skewed.p_value < 1e-3
    assert samples.Fairness.from_counts([0, 9, 9]).missed == 1
    assert samples.Fairness.from_counts([9]).p_value == 1.0
    with pytest.raises(qx.InputError, match="no read is in the ground subspace"):
        samples.fairness(reads_of(problem, {0: 3}), seed=0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: samples.Fairness.from_counts([0, 0]),
        lambda: samples.residual_energy([], seed=0),
    ],
)
def test_senseless_reads_are_refused(call):
    with pytest.raises(qx.InputError):
        call()
