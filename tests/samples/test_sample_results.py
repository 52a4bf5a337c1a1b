"""What every result on samples offers: a short repr, plain values, a status, a table, a figure."""

import json
import math

import matplotlib.figure
import numpy as np
import pytest

import qxgap as qx
from qxgap import samples
from qxgap.samples import model_sets
from qxgap.testing import random_feature_selection

COMPARED = {
    *("source", "num_reads", "ground_probability", "ground_probability_interval", "predicted"),
    *("tv_distance", "p_value", "effective_temperature", "tts99", "tts99_interval"),
}
"""Keys that a row of `qxgap compare --json` has beside the instance."""


@pytest.fixture(scope="module")
def problem():
    return random_feature_selection(3, 1)


@pytest.fixture(scope="module")
def prediction(problem):
    return qx.anneal(qx.AnnealHamiltonian(problem), 10.0)


@pytest.fixture(scope="module")
def runs(problem):
    gibbs = qx.samplers.GibbsSampler()
    drawn = [qx.sample(problem, gibbs, num_reads=300, seed=n, temperature=0.2) for n in range(3)]
    for sampleset in drawn:
        sampleset.info["annealing_time_us"] = 20.0
    return drawn


@pytest.fixture(scope="module")
def by_anneal(prediction, runs):
    return samples.compare_with_anneal(prediction, runs, source="gibbs", seed=1)


@pytest.fixture(scope="module")
def results(problem, prediction, runs, by_anneal):
    reads = [samples.align(problem, run) for run in runs]
    levels = samples.energy_levels(problem)
    counts = samples.level_counts(levels, reads[0])
    ground = samples.ground_probability(problem, reads, seed=1)
    return [
        *(reads[0], levels, ground, by_anneal, by_anneal.ladder),
        samples.fairness(reads[0], seed=1),
        samples.residual_energy(reads, seed=1),
        samples.solution_time(ground, 20.0, 30.0),
        samples.level_temperature(levels, counts),
        samples.pseudolikelihood_temperature(reads),
        samples.boltzmann_fit(levels, counts, seed=1),
        qx.compare(prediction, runs[0], seed=1),
        samples.boltzmann_model(problem, 0.2, "cold"),
        samples.iitis(),
    ]


def test_results_are_shown_in_a_line_a_table_and_as_json(results):
    for result in results:
        assert "array(" not in repr(result)
        assert "\n" not in repr(result)
        assert type(result).__name__ in repr(result)
        values = result.to_dict()
        assert json.loads(json.dumps(values, allow_nan=False)) == values
        assert "<table>" in result._repr_html_()
        if (status := getattr(result, "status", None)) is not None:
            assert values.get("status", status.name) == status.name
            assert len(status.value.split()) > 5


def test_results_draw_themselves(by_anneal, problem, runs):
    measured = samples.ground_probability(problem, runs, seed=1)
    for draw in (by_anneal.plot, by_anneal.ladder.plot_levels, measured.plot):
        assert isinstance(draw(), matplotlib.figure.Figure)
        axis = matplotlib.figure.Figure().subplots()
        assert draw(axis) is axis.figure


def test_a_comparison_has_the_same_keys_with_a_solver_and_without(
    problem, runs, by_anneal, monkeypatch
):
    monkeypatch.setattr(model_sets, "MOST_WORLDLINES", 60)
    by_solver = samples.compare_with_solver(
        problem, runs[:2], "Advantage2_system1.4", source="gibbs", seed=1
    )
    rows = [by_anneal.to_dict(), by_solver.to_dict()]
    assert rows[0].keys() == rows[1].keys() >= COMPARED
    assert [row["num_runs"] for row in rows] == [3, 2]
    assert rows[0]["model"] == "Schrödinger"
    assert rows[1]["model"] == rows[1]["nearest"] == by_solver.ladder.nearest
    assert rows[1]["tau"] == 20_000.0


def test_the_spread_of_runs_enters_the_comparison(problem, prediction, runs, by_anneal):
    measured = samples.ground_probability(problem, runs, seed=1)
    assert by_anneal.comparison.ground_probability_interval == measured.interval
    table = by_anneal.ladder.table.set_index("model")
    assert by_anneal.comparison.p_value == table.p_value["Schrödinger"]
    single = samples.compare_with_anneal(prediction, runs[:1], seed=1)
    assert single.comparison == qx.compare(prediction, runs[0], seed=1)


def test_a_status_says_what_a_number_hides(problem):
    levels = samples.energy_levels(problem)
    ground = np.zeros(levels.energies.size, int)
    ground[0] = 50
    cold = samples.level_temperature(levels, ground)
    assert cold.status is samples.TemperatureStatus.ONE_SIDED
    uniform = samples.level_temperature(levels, levels.degeneracies)
    assert uniform.status is samples.TemperatureStatus.INFINITE_POSSIBLE
    warm = samples.level_temperature(levels, 1e4 * levels.boltzmann(0.3))
    assert warm.status is samples.TemperatureStatus.DETERMINED
    excited = samples.Reads(problem, 1 - problem.ground_states[:1].astype(int), np.array([9]))
    never = samples.solution_time(samples.ground_probability(problem, [excited]), 1.0)
    assert never.status is samples.SolutionStatus.NO_GROUND_READ
    assert never.to_dict()["reads"] is None
    assert math.isinf(never.reads)


@pytest.mark.parametrize(
    ("number", "status"), [(1, "SINGLE_RUN"), (4, "FEW_RUNS"), (6, "MEASURED"), (0, "OUTLIERS")]
)
def test_the_status_of_a_ground_probability(number, status):
    recorded = samples.iitis()
    runs = recorded.select("Advantage2_system1.4", 200.0)
    runs = runs if number == 0 else recorded.select("Advantage_system6.4", 200.0)[:number]
    found = samples.ground_probability(recorded.problem, runs, seed=0)
    assert found.status.name == status


def test_an_enumeration_is_refused_as_a_run(problem, prediction):
    states = qx.sample(problem, qx.samplers.ExactSampler())
    with pytest.raises(qx.InputError, match="enumerate all states"):
        samples.compare_with_anneal(prediction, [states])
