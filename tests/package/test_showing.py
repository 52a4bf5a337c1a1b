"""What results show in notebooks: sentence, figure, folded numbers, and their rows as tables."""

import dataclasses
import functools
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import qxgap as qx
from qxgap.spectra.minimum import GapMeaning

MANY_BYTES = 60_000


@functools.cache
def results():
    """A result of each kind that has a figure or rows, by its name."""
    problem = qx.testing.random_feature_selection(8, seed=4)
    H = qx.AnnealHamiltonian(problem)
    curve = qx.success_curve(H, [1, 5, 20])
    run = qx.anneal(H, 10.0, levels=4)
    reads = [run.sample(60, seed=seed) for seed in range(3)]
    measured = qx.samples.ground_probability(problem, reads, seed=1)
    estimate = qx.samplers.dwave.embedding_estimate(problem)
    return {
        "gap": qx.minimum_gap(H),
        "spectrum": qx.spectrum(H, np.linspace(0, 1, 201), levels=6),
        "profile": qx.adiabatic_profile(H, np.linspace(0.0, 1, 101)),
        "crossing": qx.landau_zener(qx.QuboProblem([-1.0], [[0.0]])),
        "bound": qx.jansen_ruskai_seiler(H),
        "run": run,
        "followed": qx.anneal(H, 30.0, qx.SelectedDynamics(max_configurations=20)),
        "populations": run.populations,
        "observations": qx.anneal(
            H, 10.0, at=np.linspace(0, 1, 11), observe=[qx.observables.Magnetization()]
        ).observations,
        "curve": curve,
        "best tau": qx.optimal_tts(curve),
        "late": qx.late_time_law(H),
        "selections": qx.selections(problem, seed=1),
        "reduction": qx.reduce(problem),
        "comparison": qx.compare(run, reads[0], seed=2),
        "models": qx.samples.compare_with_anneal(run, reads, seed=1),
        "ground": measured,
        "time": qx.samples.solution_time(measured, 10.0),
        "levels": qx.samples.energy_levels(problem),
        "reads": qx.samples.align(problem, reads[0]),
        "chains": estimate,
        "gaps": qx.samplers.dwave.gap_cost(problem, estimate),
    }


ROWS = {
    "gap": ("s", "gap"),
    "spectrum": ("s", "energy_0", "energy_5"),
    "profile": ("s", "gap", "gap_coupling"),
    "run": ("energy", "states", "probability", "guess", "thermal"),
    "followed": ("s", "norm_left"),
    "populations": ("energy", "population"),
    "observations": ("s", "time", "magnetization_0", "magnetization_7"),
    "curve": ("tau", "success_probability", "error_estimate", "null_product", "random_guess"),
    "best tau": ("tau", "tts"),
    "selections": ("labels", "size", "energy", "excess", "is_optimal"),
    "reduction": ("value",),
    "comparison": ("energy", "reads", "share", "low", "high", "predicted"),
    "models": ("model", "tv", "acceptable"),
    "ground": ("cluster", "ground_probability", "reads", "outlier"),
    "levels": ("energy", "states"),
    "reads": ("energy", "num_occurrences"),
    "chains": ("variable", "chain_length"),
}
NAMES = (*ROWS, "crossing", "bound", "late", "time", "gaps")


def test_every_result_here_is_tested():
    assert set(NAMES) == set(results())


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_shows_sentence_figure_and_folded_numbers(name):
    result = results()[name]
    text = result._repr_html_()
    assert len(text) < MANY_BYTES
    page = ElementTree.fromstring(f"<div>{text}</div>")
    sentence, *figure, numbers = list(page)
    assert sentence.text == str(result).splitlines()[0]
    assert sentence.text.endswith(".")
    assert len(figure) == hasattr(result, "plot")
    assert numbers.tag == "details"
    assert numbers.find(".//table") is not None
    assert 'http://www.w3.org/2000/svg"' in text or not figure
    assert not any(word in text for word in ("<script", "<link", "@import", 'src="'))


@pytest.mark.parametrize("name", ROWS)
def test_rows_become_a_table(name):
    table = results()[name].to_dataframe()
    assert isinstance(table, pd.DataFrame)
    assert set(ROWS[name]) <= set(table.columns)
    assert len(table)


def test_a_comparison_by_level_holds_all_reads_and_the_whole_prediction():
    comparison = results()["comparison"]
    table = comparison.to_dataframe()
    assert table.reads.sum() == comparison.num_reads
    assert table.predicted.sum() == pytest.approx(1.0)
    assert table.share[0] == pytest.approx(comparison.ground_probability)
    assert (table.low[0], table.high[0]) == comparison.ground_probability_interval
    assert table.predicted[0] == pytest.approx(comparison.predicted, abs=1e-9)
    assert np.all((table.low <= table.share) & (table.share <= table.high))


def test_a_gap_that_is_the_problems_own_is_no_bottleneck():
    gap = results()["gap"]
    assert gap.meaning is GapMeaning.CLASSICAL
    assert "the spacing of the problem's own two lowest energies: no quantum bottleneck" in str(gap)
    assert gap.plot().axes[0].get_title(loc="left").startswith("No quantum bottleneck")


def test_an_avoided_crossing_says_how_much_narrower_it_is():
    problem = qx.QuboProblem([-1.0], [[0.0]])  # levels sqrt((1 - s)^2 + (s/2)^2) apart
    gap = qx.minimum_gap(qx.AnnealHamiltonian(problem))
    assert gap.meaning is GapMeaning.CROSSING
    ratio = gap.classical_gap / gap.value
    assert f"{ratio:.2g} times narrower than" in str(gap)


def test_a_gap_of_the_driver_is_at_the_start():
    gap = qx.minimum_gap(qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]])))
    start = dataclasses.replace(gap, s_star=0.0)
    assert start.meaning is GapMeaning.DRIVER
    assert "the gap of the driver alone, at the start" in str(start)


def test_what_is_not_proven_is_not_claimed():
    d, c = 5, -0.5
    h, J = np.full(d, -c * (d - 1) / 2) + 1e-6, np.triu(np.full((d, d), c), 1)
    H = qx.AnnealHamiltonian(qx.QuboProblem(h, J))
    gap = qx.minimum_gap(H, max_eigensolves=40, throw=False)
    assert gap.status is qx.GapStatus.BUDGET
    assert gap.meaning is not GapMeaning.CLASSICAL
    assert "no quantum bottleneck" not in str(gap)
