"""``sample``: what every sampler returns, its seeds, and what is refused."""

import dimod
import dimod.testing
import numpy as np
import pytest
from sampled import NAMES, named_problem

import qxgap as qx
from qxgap import samplers
from qxgap.problem.bits import bits_to_index
from qxgap.testing import random_feature_selection


@pytest.mark.parametrize("sampler", ["sa", "schrodinger", "exact"])
def test_every_sampler_tells_what_it_did(sampler):
    problem = named_problem()
    sampleset = samplers.sample(problem, samplers.sampler_named(sampler), num_reads=20, seed=4)
    again = samplers.sample(problem, samplers.sampler_named(sampler), num_reads=20, seed=4)
    assert np.array_equal(sampleset.record.sample, again.record.sample)
    assert sampleset.vartype is dimod.BINARY
    assert len(sampleset) == (2**12 if sampler == "exact" else 20)
    assert sampleset.info["sampler"] == sampler
    assert sampleset.info["seed"] == (None if sampler == "exact" else 4)
    assert sampleset.info["instance_hash"] == problem.content_hash
    np.testing.assert_allclose(
        sampleset.record.energy, problem.to_bqm().energies(sampleset), atol=1e-12
    )


def test_a_drawn_seed_is_told():
    problem = random_feature_selection(5, 0)
    first = samplers.sample(problem, num_reads=5, seed=np.random.default_rng(7))
    again = samplers.sample(problem, num_reads=5, seed=first.info["seed"])
    assert np.array_equal(first.record.sample, again.record.sample)
    assert samplers.sample(problem, num_reads=5).info["seed"] >= 0


def test_exact_lists_every_state_once():
    problem = named_problem(labels=NAMES[:5])
    sampleset = samplers.sample(problem, samplers.ExactSampler(), num_reads=1)
    order = [sampleset.variables.index(label) for label in problem.labels]
    index = bits_to_index(sampleset.record.sample[:, order])
    assert sorted(index.tolist()) == list(range(32))
    with pytest.raises(qx.InputError, match="up to 20 variables"):
        samplers.sample(random_feature_selection(21, 0), samplers.ExactSampler(), num_reads=1)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"num_reads": 0}, "num_reads = 0"),
        ({"seed": -1}, "seed is an int, -1; give an integer of at least 0"),
        (
            {"sampler": samplers.SchrodingerSampler(), "convention": "mine"},
            "unknown convention 'mine'",
        ),
        ({"sampler": samplers.SchrodingerSampler(), "tau": -1.0}, "tau = -1"),
    ],
)
def test_bad_requests_are_refused(kwargs, message):
    problem = random_feature_selection(3, 0)
    with pytest.raises(qx.InputError, match=message):
        samplers.sample(problem, **({"num_reads": 1, "seed": 0} | kwargs))
    with pytest.raises(qx.InputError, match="give at least one"):
        samplers.sample(problem, num_reads=1, num_sweeps=0)
