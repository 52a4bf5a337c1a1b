"""Coupling statistics against known laws and closed forms; mean-field sizes against enumeration."""

import math

import numpy as np
import pytest
from scipy import stats

import qxgap as qx
from qxgap import plotting
from qxgap.analysis import coupling_statistics, subset_sizes
from qxgap.problem import SizeTerm, mean_field_size
from qxgap.testing import random_feature_selection


def problem_of(values, tradeoff=0.7, **options):
    """A problem whose couplings, row by row, are ``values``."""
    d = round((1 + math.sqrt(1 + 8 * len(values))) / 2)
    J = np.zeros((d, d))
    J[np.triu_indices(d, 1)] = values
    return qx.FeatureSelection(np.linspace(0.2, 1, d), J + J.T, tradeoff, **options).qubo()


LAWS = {
    "normal": stats.norm(0.5, 0.08),
    "half-normal": stats.halfnorm(scale=0.2),
    "exponential": stats.expon(scale=0.1),
}


@pytest.mark.parametrize("name", LAWS)
def test_the_law_that_made_the_couplings_is_found(name):
    values = LAWS[name].rvs(435, random_state=np.random.default_rng(1))
    found = coupling_statistics(problem_of(values))
    assert found.best == name
    assert found.best in str(found)
    assert found.fits.ks_distance.idxmin() == name
    assert found.fits.scale[name] == pytest.approx(LAWS[name].kwds.get("scale", 0.08), rel=0.12)
    np.testing.assert_allclose(np.sort(found.values), np.sort(values), atol=1e-15)


def test_fits_are_the_closed_forms():
    values = np.random.default_rng(2).random(190)
    found = coupling_statistics(problem_of(values))
    n, fits = values.size, found.fits
    sigma = values.std()
    assert fits.loc["normal", "location"] == pytest.approx(values.mean())
    expected = {
        "normal": -n / 2 * (math.log(2 * math.pi * sigma**2) + 1),
        "half-normal": n / 2 * (math.log(2 / (math.pi * np.mean(values**2))) - 1),
        "exponential": -n * (math.log(values.mean()) + 1),
    }
    ordered = np.sort(values)
    for name, row in fits.iterrows():
        assert row.log_likelihood == pytest.approx(expected[name])
        assert row.aic == pytest.approx(2 * row.num_parameters - 2 * expected[name])
    cdf = 1 - np.exp(-ordered / values.mean())
    steps = np.arange(n + 1) / n
    distance = max(np.max(steps[1:] - cdf), np.max(cdf - steps[:-1]))
    assert fits.loc["exponential", "ks_distance"] == pytest.approx(distance)
    assert list(fits.num_parameters) == [2, 1, 1]


def test_tradeoff_pair_weight_and_size_term_are_taken_out_and_instances_pooled():
    values = np.random.default_rng(3).random(15)
    dressed = problem_of(values, 0.4, pair_weight=2, size_term=SizeTerm(2, 0.5))
    found = coupling_statistics([dressed, problem_of(values)])
    assert (found.num_instances, found.values.size) == (2, 30)
    np.testing.assert_allclose(found.values, np.tile(values, 2), atol=1e-14)
    for few in ([], [problem_of([0.5])]):
        with pytest.raises(qx.InputError, match="do not differ"):
            coupling_statistics(few)


@pytest.mark.parametrize("tradeoff", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("size_term", [None, SizeTerm(4, 0.2)])
def test_the_mean_field_is_right_where_all_variables_are_alike(tradeoff, size_term):
    d, J = 9, 0.4
    problem = qx.FeatureSelection(
        np.full(d, 0.8), J * (1 - np.eye(d)), tradeoff, size_term=size_term
    ).qubo()
    size = mean_field_size(problem)
    if size_term is None:
        plain = 0.5 + tradeoff * 0.8 / ((1 - tradeoff) * J)
        assert size == pytest.approx(min(plain, d))
    (row,) = subset_sizes([problem]).itertuples()
    assert row.error == pytest.approx(size - row.true_size)
    assert abs(row.error) <= 0.5 + 1e-12
    assert row.status == "OPTIMAL"


def test_sizes_of_unlike_variables_are_those_of_the_ground_states():
    problems = [random_feature_selection(d, seed=d) for d in (1, 5, 9)]
    frame = subset_sizes(problems)
    for problem, row in zip(problems, frame.itertuples(), strict=True):
        assert row.true_size in {int(n.sum()) for n in problem.ground_states}
        assert row.instance_hash == problem.content_hash
    assert mean_field_size(problems[0]) == 1.0
    assert mean_field_size(qx.QuboProblem([1.0, 1.0], [[0, -1.0], [0, 0]])) == 0.0


def test_pictures_show_every_law_and_every_instance():
    statistics = coupling_statistics(problem_of(np.random.default_rng(0).random(45)))
    (axis,) = plotting.coupling_histogram(statistics.values, statistics.fits).axes
    assert len(axis.lines) == 3
    assert axis.patches
    frame = subset_sizes([random_feature_selection(d, seed=d) for d in (3, 4)])
    (axis,) = plotting.selection_sizes(frame).axes
    assert len(axis.collections[0].get_offsets()) == 2
