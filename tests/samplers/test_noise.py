"""The noise ensemble against closed forms and enumeration by dimod."""

import math

import dimod
import numpy as np
import pytest
import scipy.stats

import qxgap as qx
from qxgap import samplers, statistics
from qxgap.testing import random_feature_selection


@pytest.mark.parametrize(("h", "sigma", "scale"), [(0.3, 0.1, 1.0), (-0.3, 0.05, 2.0), (1, 2, 0.3)])
def test_one_variable_flips_with_the_normal_probability(h, sigma, scale):
    problem = qx.QuboProblem([h], [[0.0]])  # Ising field h / 2
    found = samplers.noise_ensemble(problem, num_samples=5000, sigma_h=sigma, scale=scale, seed=1)
    expected = scipy.stats.norm.cdf(-abs(h) / 2 / (sigma * scale))
    assert scipy.stats.binomtest(found.changed, 5000, expected).pvalue > 1e-3
    assert found.probability == found.changed / 5000
    assert found.interval == statistics.jeffreys_interval(found.changed, 5000)
    assert set(np.round(found.excess_energy, 12)) == {0.0, abs(h)}
    assert f"{100 * found.probability:.2g} % of 5000 copies" in str(found)


@pytest.mark.parametrize("shift", [-0.4, 0.4])
def test_one_coupling_flips_with_the_normal_probability(shift):
    # fields of 1 hold the first spin up; the second follows sign(J), J = shift + noise
    bqm = dimod.BQM.from_ising({"a": -3.0}, {("a", "b"): shift})
    problem = qx.QuboProblem.from_bqm(bqm)
    found = samplers.noise_ensemble(problem, num_samples=5000, sigma_h=0, sigma_J=0.3, seed=4)
    expected = scipy.stats.norm.cdf(-0.4 / 0.3)
    assert scipy.stats.binomtest(found.changed, 5000, expected).pvalue > 1e-3


@pytest.mark.parametrize("d", [2, 5])
def test_perturbed_problems_are_those_that_dimod_enumerates(d):
    problem, rng = random_feature_selection(d, 3), np.random.default_rng(0)
    sigma_h, sigma_J = rng.uniform(0, 0.2, d), rng.uniform(0, 0.2, (d, d))
    found = samplers.noise_ensemble(
        problem, num_samples=4000, sigma_h=sigma_h, sigma_J=sigma_J, scale=1.5, seed=1
    )
    changed, copies = 0, 400
    for _ in range(copies):
        ising = problem.to_bqm("SPIN")
        for p in range(d):
            ising.add_linear(p, 1.5 * sigma_h[p] * rng.normal())
            for q in range(p + 1, d):
                ising.add_quadratic(p, q, 1.5 * sigma_J[p, q] * rng.normal())
        best = dimod.ExactSolver().sample(ising).first.sample
        state = np.array([best[label] > 0 for label in problem.labels])
        changed += float(problem.energy(state)) > problem.ground_energy + 1e-9
    table = [[found.changed, 4000 - found.changed], [changed, copies - changed]]
    assert 0.05 < found.probability < 0.95
    assert scipy.stats.fisher_exact(table).pvalue > 1e-3


def test_without_noise_nothing_changes_and_more_noise_changes_more():
    problem = random_feature_selection(8, 5)
    sigmas = (0.0, 0.01, 0.1, 1.0)
    shares = [
        samplers.noise_ensemble(problem, num_samples=500, sigma_h=x, sigma_J=x, seed=2).probability
        for x in sigmas
    ]
    assert shares[0] == 0.0
    assert shares == sorted(shares)
    assert shares[-1] > 0.9


def test_another_ground_state_is_no_change():
    problem = qx.QuboProblem([-0.1, -0.1, 0.5], np.diag([0.3, 0.0], 1))
    assert problem.degeneracy == 2
    found = samplers.noise_ensemble(problem, num_samples=300, sigma_h=1e-3, sigma_J=1e-3, seed=0)
    assert found.changed == 0
    assert np.all(found.excess_energy <= problem.ground_tolerance)


def test_pairs_that_are_not_coupled_stay_uncoupled():
    problem = qx.QuboProblem([-0.1, 0.1], np.zeros((2, 2)))
    assert samplers.noise_ensemble(problem, sigma_h=0.0, sigma_J=9.0, seed=0).changed == 0


def test_a_seed_repeats_the_ensemble():
    problem = random_feature_selection(6, 5)
    first, again, other = (
        samplers.noise_ensemble(problem, sigma_h=0.2, num_samples=50, seed=s) for s in (3, 3, 4)
    )
    assert np.array_equal(first.excess_energy, again.excess_energy)
    assert not np.array_equal(first.excess_energy, other.excess_energy)
    assert (first.seed, first.instance_hash) == (3, problem.content_hash)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_samples": 0}, "num_samples = 0; give at least one"),
        ({"sigma_h": -0.1}, "sigma_h of shape"),
        ({"sigma_J": math.inf}, "sigma_J of shape"),
        ({"sigma_h": np.ones(4)}, r"sigma_h of shape \(4,\)"),
        ({"scale": 0.0}, "scale = 0.0"),
        ({"scale": math.nan}, "scale = nan"),
    ],
)
def test_bad_ensembles_are_refused(options, message):
    with pytest.raises(qx.InputError, match=message):
        samplers.noise_ensemble(random_feature_selection(3, 0), **options)
    with pytest.raises(qx.MemoryLimitError):
        samplers.noise_ensemble(random_feature_selection(40, 0))
