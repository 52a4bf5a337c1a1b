"""Statistics of reads without the spectrum: against the exact path, and at 150 qubits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap import samples
from qxgap.problem import AllStates, BranchAndBound, LevelStatus, known_levels
from qxgap.testing import random_feature_selection

EXACT, SEARCH = AllStates(), BranchAndBound()


def reads_of(problem, num_reads, seed, sweeps=3):
    drawn = qx.sample(problem, num_reads=num_reads, seed=seed, num_sweeps=sweeps)
    return samples.align(problem, drawn)


def degenerate(d, seed):
    rng = np.random.default_rng(seed)
    return qx.QuboProblem(rng.integers(-1, 2, d), np.triu(rng.integers(-1, 2, (d, d)), 1))


@pytest.fixture(scope="module")
def wide():
    return random_feature_selection(150, seed=3)


@pytest.fixture(scope="module")
def wide_runs(wide):
    return [reads_of(wide, 100, seed, sweeps=30) for seed in range(6)]


def glass(d=60):
    rng = np.random.default_rng(5)
    return qx.QuboProblem(rng.normal(size=d), np.triu(rng.normal(size=(d, d)), 1))


@settings(max_examples=25, deadline=None)
@given(d=st.integers(5, 14), seed=st.integers(0, 10**4), kind=st.sampled_from(["maps", "levels"]))
def test_the_numbers_are_those_of_the_spectrum(d, seed, kind):
    problem = random_feature_selection(d, seed=seed) if kind == "maps" else degenerate(d, seed)
    runs = [reads_of(problem, 60, seed + k) for k in range(3)]
    exact = samples.ground_probability(problem, runs, ground=EXACT, seed=1)
    found = samples.ground_probability(problem, runs, ground=SEARCH, seed=1)
    assert found.value == exact.value
    assert found.interval == exact.interval
    assert found.values == exact.values
    assert found.ground is LevelStatus.PROVEN
    residual = [samples.residual_energy(runs, ground=g, seed=1) for g in (EXACT, SEARCH)]
    assert residual[1].value == pytest.approx(residual[0].value, abs=1e-12)
    assert residual[1].interval == pytest.approx(residual[0].interval, abs=1e-12)
    times = [samples.solution_time(p, 20.0) for p in (exact, found)]
    assert times[0].anneal_interval == times[1].anneal_interval
    if exact.value > 0:
        pooled = samples.alignment.pooled(runs)
        pair = [
            samples.fairness(pooled, ground=ground, num_resamples=50, seed=1)
            for ground in (EXACT, SEARCH)
        ]
        assert pair[0] == pair[1]
    assert qx.random_guess(problem, SEARCH) == qx.random_guess(problem)


@pytest.mark.parametrize("seed", range(6))
def test_the_null_model_of_independent_qubits_needs_no_spectrum(seed):
    problem = random_feature_selection(8, seed=seed) if seed % 2 else degenerate(7, seed)
    for convention in qx.Convention:
        H = qx.AnnealHamiltonian(problem, driver=convention.driver(problem.num_qubits))
        exact = qx.product_success(H, 20.0)
        assert qx.product_success(H, 20.0, ground=SEARCH) == pytest.approx(exact, abs=1e-9)


def test_ground_states_of_150_qubits(wide, wide_runs):
    found = samples.ground_probability(wide, wide_runs, seed=1)
    optimum = qx.minimize(wide, seed=9)
    assert optimum.status.name == "OPTIMAL"
    assert found.ground is LevelStatus.PROVEN
    assert found.ground_energy == pytest.approx(optimum.energy)
    energies = np.concatenate([run.energies for run in wide_runs])
    hits = np.count_nonzero(energies <= optimum.energy + 1e-9)
    assert 0 < hits < 600
    assert found.value == hits / 600
    assert found.interval[0] < found.value < found.interval[1]
    assert "proven by branch and bound" in str(found)
    residual = samples.residual_energy(wide_runs, seed=1)
    assert residual.value == pytest.approx(energies.mean() - optimum.energy)
    assert residual.interval[0] <= residual.value <= residual.interval[1]
    time = samples.solution_time(found, 20.0)
    assert 20 < time.anneal_interval[0] <= time.anneal_time <= time.anneal_interval[1] < math.inf
    even = samples.fairness(samples.alignment.pooled(wide_runs))
    assert even.counts == (hits,)


def test_the_temperature_of_150_qubits_is_that_of_single_flips(wide):
    drawn = qx.sample(wide, num_reads=300, seed=2, num_sweeps=200, beta_range=(12.0, 12.0))
    found = samples.effective_temperature(wide, [drawn])
    low, high = found.interval
    assert low < 1 / 12 < high
    assert high / low < 1.1
    assert found.kind.startswith("single flips")
    flips = samples.pseudolikelihood_temperature(samples.align(wide, drawn))
    assert (found.value, found.interval) == (flips.value, flips.interval)


def test_null_models_of_150_qubits(wide):
    assert qx.random_guess(wide) == 2.0**-150
    guess, slow = qx.product_success(wide, 5.0), qx.product_success(wide, 50.0)
    assert 0 < guess < slow < 1


def test_an_energy_that_is_not_proven_is_never_called_the_ground_energy():
    problem, few = glass(), BranchAndBound(max_nodes=3)
    runs = [reads_of(problem, 50, seed, sweeps=50) for seed in range(2)]
    lowest = min(run.energies.min() for run in runs)
    found = samples.ground_probability(problem, runs, ground=few)
    assert found.status is samples.GroundStatus.NOT_PROVEN
    assert found.ground is LevelStatus.BEST_KNOWN
    assert found.ground_energy <= lowest
    assert "are ground states" not in str(found)
    assert "lowest energy known, which is not proven" in str(found)
    assert found.to_dict()["ground_status"] == "BEST_KNOWN"
    residual = samples.residual_energy(runs, ground=few)
    assert "lowest energy known, which is not proven" in str(residual)
    assert residual.value == pytest.approx(
        np.mean([run.energies for run in runs]) - found.ground_energy
    )
    time = samples.solution_time(found, 1.0)
    assert time.status is samples.SolutionStatus.NOT_PROVEN
    assert "ground state" not in str(time) or "No ground state was read" in str(time)
    for call in (qx.random_guess, lambda p, ground: qx.product_success(p, 5.0, ground=ground)):
        with pytest.raises(qx.InputError, match="not all known"):
            call(problem, ground=few)
    with pytest.raises(qx.InputError, match="not all known"):
        samples.fairness(runs[0], ground=few)


def test_a_read_below_an_energy_that_is_not_proven_becomes_the_lowest_known():
    problem = glass()
    lowest = samples.align(problem, qx.sample(problem, num_reads=20, seed=1))
    start = known_levels(problem, BranchAndBound(max_nodes=1))
    levels = samples.ground_levels([lowest], start)
    assert levels.lowest_energy == min(start.lowest_energy, lowest.energies.min())
    assert lowest.ground_reads(start) == lowest.ground_reads(levels) > 0


def test_levels_of_another_problem_are_refused(wide_runs):
    with pytest.raises(qx.InputError, match="another problem"):
        wide_runs[0].ground_reads(known_levels(random_feature_selection(150, seed=4)))
    for wrong in ("exact", True, [1.0]):
        with pytest.raises(qx.InputError, match="ground is"):
            wide_runs[0].ground_reads(wrong)


def prediction_of(problem, share, **settings):
    return samples.GroundPrediction(problem, "model", share, tau=20.0, **settings)


@pytest.mark.parametrize("seed", range(5))
def test_a_comparison_by_shares_has_the_numbers_of_the_one_over_all_states(seed):
    problem = random_feature_selection(6 + seed, seed=seed) if seed % 2 else degenerate(7, seed)
    run = qx.anneal(qx.AnnealHamiltonian(problem), 5.0)
    reads = run.sample(400, seed=seed)
    exact = qx.compare(run, reads, seed=1)
    for ground in (EXACT, SEARCH):
        found = qx.compare(run, reads, ground=ground, seed=1)
        assert isinstance(found, samples.GroundComparison)
        assert found.predicted == exact.predicted
        values, expected = found.to_dict(), exact.to_dict()
        for name in ("num_reads", "ground_probability", "ground_probability_interval", "tau"):
            assert values[name] == expected[name]
        assert values["tts99"] == pytest.approx(expected["tts99"])
        assert values["tts99_interval"] == pytest.approx(expected["tts99_interval"])
        assert values["tv_distance"] is None
        counts = found.counts
        assert counts.sum() + found.num_higher == 400
        np.testing.assert_array_equal(counts, exact.counts[: counts.size])
        np.testing.assert_allclose(found.energies, exact.energies[: counts.size], atol=1e-12)


def test_reads_of_150_qubits_against_a_share(wide, wide_runs):
    hits = sum(run.ground_reads() for run in wide_runs)
    right = samples.compare_ground_shares(
        wide, wide_runs, [prediction_of(wide, hits / 600)], seed=1
    )
    assert right.status is samples.ShareStatus.CONSISTENT
    assert right.acceptable == ["model"]
    assert "agrees with the prediction of model, as far as 600 reads can tell" in str(right)
    assert "proven by branch and bound" in str(right)
    assert "need all 2^d energies" in str(right)
    wrong = samples.compare_ground_shares(wide, wide_runs, [prediction_of(wide, 1e-9)], seed=1)
    assert wrong.status is samples.ShareStatus.REJECTED
    assert wrong.predictions.rejected_runs[0] == 6
    assert "one in a million" in str(wrong)
    values = wrong.to_dict()
    assert values["ground_status"] == "PROVEN"
    assert values["num_runs"] == 6
    assert not any(isinstance(v, float) and math.isnan(v) for v in values.values())
    assert right.counts.sum() + right.num_higher == 600
    assert right.counts[0] == hits
    assert right.plot().axes[0].get_ylabel() == "share of the reads"


def test_one_run_is_tested_by_the_binomial_law(wide, wide_runs):
    from scipy.stats import binomtest

    run = wide_runs[0]
    hits = run.ground_reads()
    found = samples.compare_ground_shares(wide, [run], [prediction_of(wide, 0.5)])
    assert found.p_value == pytest.approx(binomtest(hits, 100, 0.5).pvalue)
    unsure = prediction_of(wide, 0.5, error_estimate=abs(0.5 - hits / 100))
    assert samples.compare_ground_shares(wide, [run], [unsure]).p_value == pytest.approx(1.0)
    twice = samples.compare_ground_shares(wide, [run], [prediction_of(wide, 0.5)] * 2)
    assert twice.p_value >= found.p_value


def test_reads_of_a_model_agree_with_other_reads_of_it():
    """The p-value of a true hypothesis is small in no more cases than it says."""
    problem = random_feature_selection(40, seed=2)
    levels = known_levels(problem)
    drawn = [reads_of(problem, 60, seed, sweeps=10) for seed in range(60)]
    p_values = [
        samples.compare_ground_shares(
            problem, [one], [prediction_of(problem, 0.0, reads=other)], ground=levels
        ).p_value
        for one, other in zip(drawn[::2], drawn[1::2], strict=True)
    ]
    assert np.mean(np.array(p_values) < 0.05) <= 0.1
    assert len(set(p_values)) > 5


def test_predictions_of_150_qubits(wide, wide_runs):
    models = samples.ground_predictions(wide, 50.0, num_reads=30, seed=1)
    product, annealed, guess = models
    assert product.success_probability == pytest.approx(qx.product_success(wide, 50.0), abs=1e-6)
    assert guess.success_probability == 2.0**-150
    assert annealed.reads.num_reads == 30
    found = samples.compare_ground_shares(wide, wide_runs, models, source="sa", seed=1)
    assert found.model == "independent qubits"
    assert list(found.to_dataframe().model) == [model.model for model in models]
    assert found.nearest in {model.model for model in models}


def test_an_anneal_of_a_machine_that_is_too_long_is_left_out_in_words():
    problem = random_feature_selection(26, seed=2)
    H = qx.AnnealHamiltonian(problem, qx.schedule_named("Advantage2_system1.4_standard"))
    short, *_ = samples.ground_predictions(H, 5.0, num_reads=5, seed=1)
    assert short.model == "independent qubits"
    assert short.success_probability == pytest.approx(qx.product_success(H, 5.0), abs=1e-4)
    with pytest.warns(samples.LeftOutModelWarning, match="20000 ns is too long to integrate"):
        models = samples.ground_predictions(H, 20_000.0, num_reads=5, seed=1)
    assert [model.model for model in models] == ["simulated annealing", "uniform guess"]
    assert {model.tau for model in models} == {20_000.0}


def test_without_a_proof_no_share_is_compared():
    problem, few = glass(), BranchAndBound(max_nodes=3)
    with pytest.warns(samples.LeftOutModelWarning, match="not all known"):
        models = samples.ground_predictions(problem, 5.0, ground=few, num_reads=20, seed=1)
    assert [model.model for model in models] == ["simulated annealing"]
    runs = [reads_of(problem, 50, 1, sweeps=50)]
    found = samples.compare_ground_shares(problem, runs, models, ground=few)
    assert found.status is samples.ShareStatus.NOT_PROVEN
    assert found.p_value is None
    assert found.acceptable == []
    assert "not proven to be the lowest" in str(found)
    assert "are ground states, " not in str(found)
    none = samples.compare_ground_shares(problem, runs, [], tau=5.0, ground=few)
    assert (none.predicted, none.model, none.nearest) == (None, None, None)
    assert none.to_dict()["models"] == []
    proven = random_feature_selection(40, seed=2)
    found = samples.compare_ground_shares(proven, [reads_of(proven, 20, 1)], [], tau=5.0)
    assert found.status is samples.ShareStatus.NO_PREDICTION
    assert "no model predicts" in str(found)
    assert found.plot().axes


def test_comparisons_without_runs_or_times_are_refused(wide, wide_runs):
    with pytest.raises(qx.InputError, match="give runs, and a prediction"):
        samples.compare_ground_shares(wide, wide_runs, [])
    with pytest.raises(qx.InputError, match="give a number from 0 to 1"):
        prediction_of(wide, 1.5)


def test_an_anneal_in_selected_configurations_is_a_prediction():
    problem = random_feature_selection(8, seed=3)
    exact = qx.anneal(problem, 10.0)
    run = qx.anneal(problem, 10.0, qx.SelectedDynamics())
    found = qx.compare(run, exact.sample(500, seed=2), seed=1)
    low, high = run.interval
    assert found.model == "Schrödinger"
    assert found.predicted_interval == (low, high)
    assert found.to_dict()["predicted_interval"] == [low, high]
    assert found.status is samples.ShareStatus.CONSISTENT
    wrong = qx.compare(run, qx.sample(problem, num_reads=500, seed=2), seed=1)
    assert wrong.status is samples.ShareStatus.REJECTED
    assert "are predicted" in str(wrong)


def test_a_prediction_that_knows_nothing_is_not_said_to_agree(wide, wide_runs):
    vague = prediction_of(wide, 0.3, error_estimate=1.0)
    found = samples.compare_ground_shares(wide, wide_runs, [vague], seed=1)
    assert found.status is samples.ShareStatus.UNDECIDED
    assert found.predicted_interval == (0.0, 1.0)
    assert "cannot test the prediction" in str(found)
    assert "between 0 and 100 % are predicted" in str(found)
    assert "agrees" not in str(found)


def test_a_solver_of_150_qubits_is_compared_by_ground_states(wide, wide_runs):
    runs = [reads.to_sampleset() for reads in wide_runs[:2]]
    solver = "Advantage2_system1.4"
    result = samples.compare_with_solver(wide, runs, solver, tau=20.0, source="made", seed=1)
    assert isinstance(result, samples.GroundComparison)
    assert result.measured.ground is LevelStatus.PROVEN
    assert list(result.predictions.model) == [
        "independent qubits",
        "simulated annealing",
        "uniform guess",
    ]
    assert result.tau == 20.0
    assert any(solver in sentence and "left out" in sentence for sentence in result.left_out)
    with pytest.raises(qx.InputError, match="Advantage9"):
        samples.compare_with_solver(wide, runs, "Advantage9", tau=20.0)
    with pytest.raises(qx.InputError, match="does not say its anneal time"):
        samples.compare_with_solver(wide, runs, solver)
    small = random_feature_selection(6, seed=1)
    few = [reads_of(small, 50, 1).to_sampleset()]
    forced = samples.compare_with_solver(small, few, solver, tau=20.0, ground=SEARCH, seed=1)
    assert isinstance(forced, samples.GroundComparison)
