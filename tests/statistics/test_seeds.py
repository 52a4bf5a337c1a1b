"""One rule for seeds: the same types, the same default, the same message everywhere."""

import inspect
import typing

import numpy as np
import pytest

import qxgap as qx
from qxgap import samplers, samples, statistics
from qxgap.statistics import Resampling, Seed, integer_seed, random_generator
from qxgap.testing import random_feature_selection

PROBLEM = random_feature_selection(3, 0)
H = qx.AnnealHamiltonian(PROBLEM)


def with_seed(package):
    for name, thing in vars(package).items():
        if inspect.isfunction(thing) and "seed" in inspect.signature(thing).parameters:
            yield name, thing
        sampler = inspect.isclass(thing) and issubclass(thing, samplers.ProblemSampler)
        if sampler and "seed" in inspect.signature(thing.sample).parameters:
            yield f"{name}.sample", thing.sample


FUNCTIONS = dict([*with_seed(statistics), *with_seed(samplers), ("Resampling.of", Resampling.of)])
del FUNCTIONS["random_generator"], FUNCTIONS["integer_seed"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_seeds_have_one_type_and_one_default(name):
    function = FUNCTIONS[name]
    assert typing.get_type_hints(function)["seed"] == Seed
    assert inspect.signature(function).parameters["seed"].default is None


def test_many_functions_have_a_seed():
    assert len(FUNCTIONS) >= 15


@pytest.mark.parametrize("seed", ["x", 1.5, True, -1, [1]])
@pytest.mark.parametrize(
    "call",
    [
        random_generator,
        integer_seed,
        lambda seed: qx.minimum_gap(H, seed=seed),
        lambda seed: qx.minimize(PROBLEM, seed=seed),
        lambda seed: qx.selections(PROBLEM, seed=seed),
        lambda seed: qx.sample(PROBLEM, num_reads=1, seed=seed),
        lambda seed: samplers.GibbsSampler().sample(PROBLEM.to_bqm(), seed=seed),
        lambda seed: samplers.noise_ensemble(PROBLEM, seed=seed),
        lambda seed: qx.gibbs(H, 1.0, 1.0).sample(3, seed),
        lambda seed: samples.Fairness.from_counts([9, 8], seed=seed),
        lambda seed: statistics.goodness_of_fit([9, 8], [0.5, 0.5], seed=seed),
        lambda seed: statistics.same_distribution([9, 8], [8, 9], seed=seed),
        lambda seed: statistics.measured_distance([9, 8], [0.5, 0.5], seed=seed),
        lambda seed: statistics.cluster_interval([9, 8], [10, 10], seed=seed),
        lambda seed: statistics.mean_interval([9.0, 8.0], seed=seed),
        lambda seed: Resampling.of([1, 2], seed=seed),
        lambda seed: random_feature_selection(3, seed),
    ],
)
def test_what_is_no_seed_gives_one_message(call, seed):
    with pytest.raises(qx.InputError) as caught:
        call(seed)
    kind = {"x": "a str, 'x'", 1.5: "a float, 1.5", True: "a bool, True", -1: "an int, -1"}
    name = "a list, [1]" if isinstance(seed, list) else kind[seed]
    wanted = f"seed is {name}; give an integer of at least 0 or a numpy Generator"
    assert str(caught.value) == wanted


def test_numbers_generators_and_none_are_seeds():
    assert integer_seed(5) == integer_seed(np.int64(5)) == 5
    assert random_generator(5).random() == np.random.default_rng(5).random()
    rng = np.random.default_rng(1)
    assert random_generator(rng) is rng
    assert integer_seed(rng) == np.random.default_rng(1).integers(2**31)
    assert 0 <= integer_seed(None) < 2**31
    assert random_generator(2**40).random() == np.random.default_rng(2**40).random()
    with pytest.raises(qx.InputError, match=r"seed = 2147483648 lies outside \[0, 2\^31\)"):
        integer_seed(2**31)
