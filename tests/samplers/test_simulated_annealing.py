"""Simulated annealing, and the rule of its temperatures."""

import math

import numpy as np
import pytest
from sampled import NAMES

import qxgap as qx
from qxgap import samplers
from qxgap.testing import random_feature_selection


@pytest.mark.parametrize("unit", [1.0, 1e-4, 1e4])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_simulated_annealing_finds_the_ground_state_in_any_unit(unit, seed):
    plain = random_feature_selection(12, seed)
    problem = qx.QuboProblem(unit * plain.h, unit * plain.J, labels=NAMES)
    sampleset = samplers.sample(problem, num_reads=200, seed=1)
    ground = problem.ground_energy + problem.classical_gap / 2
    assert (sampleset.record.energy < ground).mean() > 0.9
    assert sampleset.info["beta_range"] == list(samplers.beta_range(problem))


def test_the_beta_range_follows_its_rule():
    problem = qx.QuboProblem([-2.0, 1.0], [[0.0, 0.5], [0.0, 0.0]])
    assert samplers.beta_range(problem) == pytest.approx((math.log(2) / 2, 500 * math.log(200)))
    frustrated = qx.QuboProblem([1.0, -1.0, 0.0], [[0, 2, -4], [0, 0, 0], [0, 0, 0]])
    assert samplers.beta_range(frustrated)[0] == pytest.approx(math.log(2) / 4)  # of qubit 2
    flat = qx.QuboProblem(np.zeros(3), np.zeros((3, 3)))
    assert samplers.beta_range(flat) == (1.0, 1.0)
    assert len(samplers.sample(flat, num_reads=4, seed=0)) == 4


def test_dwave_neal_is_the_class_that_is_imported():
    import dwave.samplers
    import neal

    assert neal.SimulatedAnnealingSampler.__mro__[
        1
    ] is dwave.samplers.SimulatedAnnealingSampler or (
        neal.SimulatedAnnealingSampler is dwave.samplers.SimulatedAnnealingSampler
    )
