"""States near the optimum: which ones count, how probable they are, and how long one takes."""

import json
import math

import dimod
import numpy as np
import pytest

import qxgap as qx
from qxgap import dynamics
from qxgap.observables import NearOptimum
from qxgap.testing import random_feature_selection

PROBLEM = random_feature_selection(8, seed=1)


def test_epsilon_is_that_of_the_literature_for_an_ising_problem():
    """Munoz-Bauza and Lidar count E <= E0 + epsilon |E0|; a constant must not matter."""
    rng = np.random.default_rng(4)
    spins = {(p, q): rng.normal() for p in range(6) for q in range(p)}
    for offset in (0.0, -100.0):
        bqm = dimod.BQM.from_ising({0: 0.3}, spins, offset=offset)
        problem = qx.QuboProblem.from_bqm(bqm)
        energies = problem.diagonal + problem.offset - offset
        for epsilon in (0.0, 0.05, 0.3, 1.0):
            expected = energies <= energies.min() + epsilon * abs(energies.min()) + 1e-9
            assert np.array_equal(NearOptimum(epsilon).is_near(problem), expected)


def test_an_absolute_distance_and_ground_states():
    energies = PROBLEM.diagonal - PROBLEM.diagonal.min()
    second = np.sort(energies)[1]
    assert NearOptimum(excess=second + 1e-9).is_near(PROBLEM).sum() == 2
    assert NearOptimum(excess=second / 2).is_near(PROBLEM).sum() == 1
    assert np.flatnonzero(NearOptimum(0.0).is_near(PROBLEM)).tolist() == list(
        PROBLEM.ground_indices
    )
    flat = qx.QuboProblem(np.zeros(2), np.zeros((2, 2)))
    assert NearOptimum(0.0).is_near(flat).all()
    assert NearOptimum(0.01).width(random_feature_selection(150, seed=1), -20.0) > 0


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({}, "not both"),
        ({"epsilon": 0.1, "excess": 0.1}, "not both"),
        ({"epsilon": 1.5}, "epsilon = 1.5 lies outside"),
        ({"epsilon": -0.1}, "epsilon = -0.1"),
        ({"epsilon": "1 %"}, "epsilon is a str"),
        ({"excess": -1.0}, "excess = -1.0"),
        ({"excess": math.nan}, "excess = nan"),
    ],
)
def test_a_distance_that_makes_no_sense_is_refused(arguments, match):
    with pytest.raises(qx.InputError, match=match):
        NearOptimum(**arguments)


def test_the_probability_of_an_anneal_is_the_sum_over_its_states():
    run, near = qx.anneal(PROBLEM, 20.0), NearOptimum(0.05)
    energies = PROBLEM.diagonal - PROBLEM.diagonal.min()
    counts = energies <= 0.05 * PROBLEM.diagonal.mean() - 0.05 * PROBLEM.diagonal.min()
    assert 1 < counts.sum() < 10
    assert run.near_probability(near) == pytest.approx(run.probabilities[counts].sum())
    assert run.near_probability(NearOptimum(0.0)) == pytest.approx(run.success_probability)
    observed = qx.anneal(PROBLEM, 20.0, observe=near).observations
    assert observed[near.name][0] == pytest.approx(run.near_probability(near), abs=2e-6)


def test_the_time_to_epsilon_follows_from_the_probability_and_its_error():
    run, near = qx.anneal(PROBLEM, 20.0, qx.SplitOperator(1e-2)), NearOptimum(0.05)
    found = dynamics.time_to_epsilon(run, near, 0.9)
    p = run.near_probability(near)
    assert found.probability == p
    assert found.runs == dynamics.runs_to_solution(p, 0.9)
    assert found.time == 20.0 * found.runs
    ends = [dynamics.runs_to_solution(p + sign * run.error_estimate, 0.9) for sign in (1, -1)]
    assert list(found.runs_interval) == ends
    assert found.interval == (20.0 * ends[0], 20.0 * ends[1])
    exact = dynamics.time_to_epsilon(qx.anneal(PROBLEM, 20.0, qx.QutipODE()), near, 0.9)
    assert exact.runs_interval is exact.interval is None
    assert ends[0] <= exact.runs <= ends[1]
    assert json.loads(json.dumps(found.to_dict()))["interval"] == list(found.interval)
    assert str(found).startswith(f"{found.runs:g} anneals contain a state within 5 % of the lowest")
    assert found.plot().axes
    assert exact.plot().axes


def test_times_without_an_anneal_are_refused_and_certain_ones_take_one_anneal():
    with pytest.raises(qx.InputError, match="give a result of anneal"):
        dynamics.time_to_epsilon(qx.gibbs(PROBLEM, 1.0, 0.5), NearOptimum(0.1))
    with pytest.raises(qx.InputError, match="confidence"):
        dynamics.time_to_epsilon(qx.anneal(PROBLEM, 1.0), NearOptimum(0.1), 1.0)
    wide = dynamics.time_to_epsilon(qx.anneal(PROBLEM, 5.0), NearOptimum(excess=1e9))
    assert wide.runs == 1.0
    assert str(wide).startswith("One anneal contains a state at most")


def test_a_curve_counts_near_optima():
    taus, near = [2.0, 10.0, 40.0], NearOptimum(0.05)
    curve = qx.success_curve(PROBLEM, taus, near=near)
    exact = qx.success_curve(PROBLEM, taus)
    for tau, p, e in zip(taus, curve.success, curve.errors, strict=True):
        assert p == pytest.approx(qx.anneal(PROBLEM, tau).near_probability(near), abs=e)
    assert np.all(curve.success > exact.success)
    assert curve.random_guess == near.is_near(PROBLEM).mean()
    assert np.isnan(curve.product).all()
    assert "probability of a state within 5 % of the lowest energy" in str(curve)
    assert "annealed alone" not in str(curve)
    (axis,) = curve.plot().axes
    assert axis.get_ylabel() == "probability of a solution within 5 %"
    json.dumps(curve.to_dict())
    best, solved = qx.optimal_tts(curve), qx.optimal_tts(exact)
    assert best.tts < solved.tts
    assert best.near == near
    assert str(best).startswith("A state within 5 % of the lowest energy takes the least time")
    assert "within 5 %" in best.plot().axes[0].get_ylabel()
    (median,) = qx.tts_quantiles([curve, curve], seed=1)
    assert median.tts == best.tts
    assert "gives a state within 5 % of the lowest energy" in str(median)


def test_curves_of_different_solutions_are_not_mixed():
    exact = qx.success_curve(PROBLEM, [2.0, 5.0])
    near = qx.success_curve(PROBLEM, [2.0, 5.0], near=NearOptimum(0.1))
    with pytest.raises(qx.InputError, match="with one near="):
        qx.tts_quantiles([exact, near])
    with pytest.raises(qx.InputError, match="a curve without near="):
        qx.late_time_law(PROBLEM).ratio(near)
    with pytest.raises(qx.InputError, match="a curve without near="):
        qx.landau_zener_collapse([near], [])
    with pytest.raises(qx.InputError, match="leave out near="):
        qx.success_curve(PROBLEM, [2.0], qx.SelectedDynamics(), near=NearOptimum(0.1))
