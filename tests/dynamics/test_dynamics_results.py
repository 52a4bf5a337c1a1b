"""What the results of dynamics say about themselves, and where their numbers go."""

import dataclasses
import functools
import json

import numpy as np
import pytest

import qxgap as qx
from qxgap import dynamics
from qxgap.observables import Populations
from qxgap.testing import random_feature_selection

H = qx.AnnealHamiltonian(random_feature_selection(3, seed=1))
TAUS = [2.0, 5.0, 12.0]


@functools.cache
def results():
    run = qx.anneal(H, 5.0, levels=4)
    curve = qx.success_curve(H, TAUS)
    return {
        "closed": run,
        "qutip": qx.anneal(H, 5.0, qx.QutipODE()),
        "open": qx.open_anneal(H, 5.0, qx.Dephasing(0.1)),
        "trajectories": qx.open_anneal(H, 5.0, qx.Dephasing(0.1), qx.Trajectories(20)),
        "gibbs": qx.gibbs(H, 0.5, 0.3, quantum=True),
        "populations": run.populations,
        "curve": curve,
        "optimum": qx.optimal_tts(curve),
        "quantile": qx.tts_quantiles([curve, curve], [0.5], seed=1)[0],
        "law": qx.late_time_law(H),
        "collapse": qx.landau_zener_collapse([curve], [qx.landau_zener(H)]),
    }


NAMES = list(results())


@pytest.mark.parametrize("name", NAMES)
def test_a_result_is_frozen_and_prints_itself_in_words(name):
    result = results()[name]
    field = dataclasses.fields(result)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(result, field, None)
    first_sentence = str(result).partition(". ")[0].removesuffix(".")
    assert repr(result) == f"<{type(result).__name__}: {first_sentence}>"
    assert str(result).endswith(".")
    assert "array(" not in repr(result)
    assert len(repr(result)) < 250
    html = result._repr_html_()
    assert html.count("<tr>") == len(result.to_dict())


@pytest.mark.parametrize("name", NAMES)
def test_a_result_becomes_plain_values(name):
    values = results()[name].to_dict()
    assert json.loads(json.dumps(values)) == values


def test_the_dictionary_of_an_anneal_has_the_names_of_the_command_line():
    run = results()["closed"]
    values = run.to_dict()
    for name in ("tau", "success_probability", "residual_energy", "error_estimate", "norm_error"):
        assert values[name] == getattr(run, name)
    assert values["num_qubits"] == 3
    assert values["steps"] == run.steps
    assert values["status"] == "CONVERGED"
    assert values["method"] == repr(qx.SplitOperator())
    assert values["populations"]["weights"] == run.populations.weights.tolist()
    assert results()["qutip"].to_dict()["error_estimate"] is None


def test_a_result_holds_its_method_and_not_a_text():
    method = qx.SplitOperator(1e-4)
    assert qx.anneal(H, 5.0, method).method is method
    assert qx.anneal_many([H], 5.0, method)[0].method is method
    assert qx.success_curve(H, TAUS, method).method is method
    pauli, bath = qx.PauliMaster(0.1), qx.OhmicBath(0.3)
    run = qx.open_anneal(H, 5.0, bath, pauli)
    assert run.method is pauli
    assert run.bath == (bath,)
    assert repr(bath) in run.to_dict()["bath"]


@pytest.mark.parametrize(
    "method",
    [
        qx.SplitOperator,
        qx.QutipODE,
        qx.DensityODE,
        qx.PauliMaster,
        qx.Trajectories,
        qx.OhmicBath,
    ],
)
def test_references_of_methods_are_in_the_bibliography(method):
    from importlib.resources import files

    text = (files("qxgap") / "report" / "data" / "references.bib").read_text(encoding="utf-8")
    assert isinstance(method.references, tuple)
    for key in method.references:
        assert f"{{{key}," in text
    assert "references" not in {field.name for field in dataclasses.fields(method)}


@pytest.mark.parametrize("name", ["closed", "open", "trajectories", "gibbs"])
def test_every_state_is_read_out_alike(name):
    result = results()[name]
    assert isinstance(result, dynamics.ReadOut)
    assert result.probabilities.sum() == pytest.approx(1.0)
    assert result.probabilities[H.problem.ground_indices].sum() == pytest.approx(
        result.success_probability
    )
    reads = result.sample(20, seed=3)
    assert reads.info["instance_hash"] == result.instance_hash == H.instance_hash
    assert result.energy - result.residual_energy == pytest.approx(H.problem.ground_energy)


@pytest.mark.parametrize("seed", ["x", 1.5, [1, "a"], -1])
def test_what_is_no_seed_is_refused(seed):
    table = qx.schedule_named("Advantage_system6_standard")
    for K in (H, qx.AnnealHamiltonian(H.problem, table)):  # with and without an eigen-solve
        for ask in (
            lambda K, s: qx.anneal(K, 1.0, seed=s),
            lambda K, s: qx.anneal(K, [1.0], levels=2, seed=s),
            lambda K, s: qx.anneal_many([K], 1.0, seed=s),
            lambda K, s: qx.success_curve(K, [1.0], seed=s),
            lambda K, s: qx.open_anneal(K, 1.0, qx.Dephasing(0.1), seed=s),
            lambda K, s: qx.level_populations(K, 0.5, np.eye(8)[0], 2, seed=s),
        ):
            with pytest.raises(qx.InputError, match="seed is"):
                ask(K, seed)


def test_seeds_of_every_kind_are_taken():
    H = qx.AnnealHamiltonian(
        random_feature_selection(3, seed=1), qx.schedule_named("Advantage_system6_standard")
    )
    runs = [qx.anneal(H, 1.0, seed=seed) for seed in (0, None, np.random.default_rng(1))]
    for run in runs:
        assert run.success_probability == pytest.approx(runs[0].success_probability, abs=1e-6)


def test_many_populations_are_printed_in_short():
    populations = Populations(1.0, np.arange(20.0), np.full(20, 0.05))
    assert str(populations) == (
        "At s = 1 the state is in the 20 lowest levels with the probabilities 0.05, 0.05, 0.05, "
        "0.05, 0.05 and so on."
    )


def test_unfinished_points_of_a_curve_are_named():
    starved = qx.SplitOperator(1e-9, max_steps=120)
    curve = qx.success_curve(H, [1.0, 30.0], starved, throw=False)
    assert qx.AnnealStatus.MAX_STEPS in curve.statuses
    assert "max_steps reached" in str(curve)
