"""Reads that exist already, as a sampler."""

import dimod
import numpy as np

import qxgap as qx
from qxgap.samplers.registry import sampler_name

PROBLEM = qx.QuboProblem([-1.0, 0.4], [[0.0, 0.3], [0.0, 0.0]], labels=["a", "b"])


def test_the_reads_are_returned_whatever_number_is_asked_for():
    drawn = qx.sample(PROBLEM, num_reads=7, seed=1)
    given = qx.samplers.GivenReads("chip", drawn)
    reads = qx.sample(PROBLEM, given, num_reads=99, seed=5)
    assert reads.record.sample.tolist() == drawn.record.sample.tolist()
    assert sampler_name(given) == "chip"


def test_the_users_own_sample_set_stays_as_it_is():
    drawn = dimod.SampleSet.from_samples({"a": 1, "b": -1}, "SPIN", energy=-1.0, info={"mine": 1})
    reads = qx.sample(PROBLEM, qx.samplers.GivenReads("chip", drawn))
    assert reads.info["sampler"] == "chip"
    assert reads.info["mine"] == 1
    assert dict(drawn.info) == {"mine": 1}
    assert reads.vartype is dimod.SPIN
    assert np.array_equal(qx.samples.align(PROBLEM, reads).occupations, [[1, 0]])
