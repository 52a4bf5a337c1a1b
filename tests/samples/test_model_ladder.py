"""The model ladder finds the model that the reads were drawn from, and the models it compares."""

import numpy as np
import pytest

import qxgap as qx
from qxgap import samplers, samples
from qxgap.problem.bits import index_to_bits
from qxgap.samples import model_sets
from qxgap.testing import random_feature_selection

T = 0.12
FITTED = "classical Gibbs, fitted"


@pytest.fixture(scope="module")
def problem():
    return random_feature_selection(6, 4)


@pytest.fixture(scope="module")
def models(problem):
    return [
        samples.closed_model(problem, qx.LINEAR, 30.0),
        samples.boltzmann_model(problem, T, "cold"),
        samples.boltzmann_model(problem, 6 * T, "warm"),
        samples.uniform_model(problem),
    ]


def runs_of(problem, law, sizes, seed):
    rng = np.random.default_rng(seed)
    for size in sizes:
        counts = rng.multinomial(size, law / law.sum())
        rows = np.flatnonzero(counts)
        bits = index_to_bits(rows, problem.num_qubits).astype(np.int64)
        yield samples.Reads(problem, bits, counts[rows])


def test_laws_sum_to_one_and_agree_with_their_states(problem, models):
    levels = samples.energy_levels(problem)
    for model in models:
        assert model.law.sum() == pytest.approx(1.0)
        assert model.probabilities.sum() == pytest.approx(1.0)
        ground = model.probabilities[problem.ground_indices].sum()
        assert model.ground_probability == pytest.approx(ground)
    np.testing.assert_allclose(models[1].law, levels.boltzmann(T))


@pytest.mark.parametrize("drawn", [0, 1, 2, 3])
@pytest.mark.parametrize("sizes", [[4000], [1500] * 5])
def test_the_model_that_was_drawn_is_nearest_and_acceptable(problem, models, drawn, sizes):
    runs = list(runs_of(problem, models[drawn].probabilities, sizes, 3 + drawn))
    found = samples.model_ladder(problem, runs, models, source="drawn", num_resamples=200, seed=0)
    assert found.nearest == models[drawn].name
    assert found.table.nearest_share.iloc[0] > 0.9
    assert models[drawn].name in found.acceptable
    others = {model.name for model in models} - {models[drawn].name}
    assert not others & set(found.acceptable)
    row = found.table.iloc[0]
    assert row.tv < 2.5 * row.tv_by_chance
    likely = found.table.set_index("model").log_likelihood.drop(FITTED)
    assert likely.idxmax() == models[drawn].name
    assert f"nearest to the model {models[drawn].name};" in str(found)


def test_a_fitted_temperature_is_found_but_does_not_compete(problem, models):
    runs = list(runs_of(problem, models[1].probabilities, [3000], 5))
    found = samples.model_ladder(problem, runs, models[2:], num_resamples=200, seed=0)
    assert found.table.model.iloc[-1] == FITTED
    assert found.nearest == "warm"
    assert found.acceptable == [FITTED]
    assert np.isnan(found.table.nearest_share.iloc[-1])


def test_models_known_by_their_reads_only(problem, models):
    sampled = qx.sample(problem, num_reads=3000, seed=1)
    known = samples.Model.from_reads(problem, "annealer", sampled)
    runs = [qx.sample(problem, num_reads=500, seed=seed) for seed in (2, 3, 4)]
    found = samples.model_ladder(problem, runs, [known, models[2]], num_resamples=200, seed=0)
    assert found.nearest == "annealer"
    assert "annealer" in found.acceptable
    assert np.isnan(found.table.log_likelihood.iloc[0])
    assert found.counts.sum() == found.num_reads == 1500
    warm = list(runs_of(problem, models[2].probabilities, [1500], 5))
    assert (
        "annealer"
        not in samples.model_ladder(problem, warm, [known], num_resamples=200, seed=0).acceptable
    )


def test_a_long_closed_anneal_stands_for_its_limit(problem):
    small = random_feature_selection(3, 1)
    schedule = qx.schedule_named("Advantage_system6_standard")
    model = samples.closed_model(small, schedule, 20_000.0)
    assert model.ground_probability > 0.999
    assert "adiabatic at 100 ns" in model.note
    stretched = qx.AnnealSchedule(schedule.s, schedule.A, schedule.B / 300, "weak", "GHz")
    with pytest.raises(qx.InputError, match="too long to integrate"):
        samples.closed_model(small, stretched, 20_000.0)


def test_what_is_refused(problem, models):
    with pytest.raises(qx.InputError, match="different names"):
        samples.model_ladder(problem, [], models)
    run = list(runs_of(problem, models[0].probabilities, [100], 5))
    with pytest.raises(qx.InputError, match="different names"):
        samples.model_ladder(problem, run, [models[0], models[0]])
    with pytest.raises(qx.InputError, match="no standard schedule of 'DW_9000'"):
        samplers.solver_schedule("DW_9000")
    assert samplers.solver_schedule("Advantage2_system1.4").name == "Advantage2_system1.4_standard"
    assert (
        samplers.solver_schedule("Advantage_system6.9", fast=True).name == "Advantage_system6_fast"
    )


def test_every_model_of_a_solver():
    """All models of two components; path integrals are near the quantum Gibbs state."""
    blocks = [random_feature_selection(3, seed) for seed in (1, 2)]
    J = np.zeros((6, 6))
    J[:3, :3], J[3:, 3:] = blocks[0].J, blocks[1].J
    problem = qx.QuboProblem(np.concatenate([block.h for block in blocks]), J)
    models = samples.solver_models(problem, "Advantage_system6.4", 2000.0, num_reads=400, seed=1)
    names = [model.name for model in models]
    assert len(set(names)) == len(names) == 8
    found = {model.name: model.ground_probability for model in models}
    assert found["Schrödinger"] > 0.999
    assert found["uniform guess"] == pytest.approx(1 / 64)
    assert all(0 < value <= 1 for value in found.values())
    again = samples.solver_models(problem, "Advantage_system6.4", 2000.0, num_reads=400, seed=1)
    for first, second in zip(models, again, strict=True):
        np.testing.assert_array_equal(first.law, second.law)
    runs = [
        samplers.GibbsSampler().sample(problem.to_bqm(), num_reads=300, seed=seed)
        for seed in (1, 2)
    ]
    ladder = samples.model_ladder(problem, runs, models, num_resamples=100, seed=0)
    assert len(ladder.table) == 9


def scaled_problem(scale):
    plain = random_feature_selection(3, 1)
    return qx.QuboProblem(scale * plain.h, scale * plain.J)


@pytest.mark.parametrize(
    ("scale", "reason"), [(1 / 300, "still fails with probability"), (1e3, "Shorten tau")]
)
def test_a_closed_anneal_that_cannot_be_integrated_is_left_out_alone(scale, reason):
    """Energies too small: not adiabatic after 100 ns. Energies too large: too many time steps."""
    problem = scaled_problem(scale)
    message = f"^the model 'Schrödinger' is left out: .*{reason}"
    with pytest.warns(samples.LeftOutModelWarning, match=message) as caught:
        models = samples.solver_models(
            problem, "Advantage_system6.4", 20_000.0, num_reads=100, seed=1
        )
    assert len(caught) == 1
    names = [model.name for model in models]
    assert "Schrödinger" not in names
    assert len(names) == 7
    assert {"open system, coupling 0.001", "path integral", "uniform guess"} <= set(names)


@pytest.mark.parametrize("model", ["closed_model", "open_model"])
def test_an_integrator_that_stops_costs_its_own_models_only(monkeypatch, model):
    def stopped(*arguments):
        raise qx.IntegrationError("stopped at s = 0.5; raise max_steps")

    monkeypatch.setattr(model_sets, model, stopped)
    problem = random_feature_selection(3, 1)
    with pytest.warns(samples.LeftOutModelWarning, match=r"is left out: stopped at s = 0\.5"):
        models = samples.solver_models(
            problem, "Advantage_system6.4", 20_000.0, num_reads=100, seed=1
        )
    assert len(models) == {"closed_model": 7, "open_model": 6}[model]


def test_what_is_wrong_for_every_model_of_a_solver_stops_them_all(monkeypatch):
    problem = random_feature_selection(3, 1)
    with pytest.raises(qx.InputError, match="tau = -1"):
        samples.solver_models(problem, "Advantage_system6.4", -1.0)

    def full(*arguments):
        raise qx.MemoryLimitError("no memory for 2^d numbers")

    monkeypatch.setattr(model_sets, "closed_model", full)
    with pytest.raises(qx.MemoryLimitError):
        samples.solver_models(problem, "Advantage_system6.4", 20_000.0)


def test_a_closed_anneal_that_would_take_hours_is_left_out():
    problem = random_feature_selection(17, seed=1)
    with pytest.warns(samples.LeftOutModelWarning, match=r"17 qubits takes hours.*closed_model"):
        models = samples.solver_models(problem, "Advantage2_system1.4", 1e4, num_reads=5, seed=1)
    names = [model.name for model in models]
    assert "Schrödinger" not in names
    assert {"classical Gibbs, published temperature", "simulated annealing"} <= set(names)
