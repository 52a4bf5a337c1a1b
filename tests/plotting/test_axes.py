"""Figures drawn in axes that the caller made, or in a figure of their own."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from study_table import study_table

import qxgap as qx
from qxgap import plotting
from qxgap.report.results_table import Results


@cache
def tables():
    """The tables of a small study by name, and those that its figures need besides."""
    results = Results(study_table())
    success = results.success.assign(tts=10.0, class_name="0")
    exponents = pd.DataFrame(
        {"quantity": ["gap"], "choice": ["all"], "value": [1.0], "low": [0.5], "high": [1.5]}
    )
    points = success.assign(y=0.5, landau_zener=0.4, gap_squared=0.3, independent=0.2)
    models = pd.DataFrame(
        {
            "sampler": ["sa", "sa"],
            "model": ["one", "other"],
            "distance": [0.1, 0.2],
            "low": [0.05, 0.1],
            "high": [0.2, 0.3],
            "by_chance": [0.02, 0.02],
        }
    )
    drops = pd.DataFrame(
        {"method": "exact", "class_name": ["", "0"], "value": 1.0, "low": 0.5, "high": 1.5}
    )
    curve = pd.DataFrame({"method": "exact", "tradeoff": [0.5, 0.7], "drop": 1.0, "fraction": 0.5})
    return {
        "gap": results.gap,
        "success": success,
        "compare": results.compare,
        "exponents": exponents,
        "points": points,
        "models": models,
        "distances": models.rename(
            columns={"distance": "tv", "low": "tv_low", "high": "tv_high"}
        ).assign(tv_by_chance=0.02, acceptable=[True, False]),
        "drops": drops,
        "curve": curve,
        "sizes": pd.DataFrame({"mean_field": [1.0], "true_size": [1.0], "status": "OPTIMAL"}),
    }


FIGURES = {
    "gap_histogram": (1, lambda t, **ax: plotting.gap_histogram(t["gap"], **ax)),
    "gap_by_size": (2, lambda t, **ax: plotting.gap_by_size(t["gap"], **ax)),
    "gap_against_classical": (1, lambda t, **ax: plotting.gap_against_classical(t["gap"], **ax)),
    "minimum_position": (2, lambda t, **ax: plotting.minimum_position(t["gap"], **ax)),
    "interior_gaps": (1, lambda t, **ax: plotting.interior_gaps(t["gap"], **ax)),
    "success_by_size": (2, lambda t, **ax: plotting.success_by_size(t["success"], **ax)),
    "success_by_class": (2, lambda t, **ax: plotting.success_by_class(t["success"], **ax)),
    "schedule_gains": (
        2,
        lambda t, **ax: plotting.schedule_gains(
            t["success"].assign(
                even_success=0.4, a_success=t["success"].success_probability, b_success=0.5
            ),
            {"a": "first", "b": "second"},
            **ax,
        ),
    ),
    "time_to_solution": (4, lambda t, **ax: plotting.time_to_solution(t["success"], **ax)),
    "success_collapse": (3, lambda t, **ax: plotting.success_collapse(t["points"], **ax)),
    "gap_exponents": (1, lambda t, **ax: plotting.gap_exponents(t["exponents"], **ax)),
    "prediction_errors": (1, lambda t, **ax: plotting.prediction_errors(t["compare"], **ax)),
    "model_ranking": (1, lambda t, **ax: plotting.model_ranking(t["models"], **ax)),
    "model_distances": (1, lambda t, **ax: plotting.model_distances(t["distances"], **ax)),
    "randomized_layers": (
        2,
        lambda t, **ax: plotting.randomized_layers(
            pd.DataFrame(
                {
                    "order": ["cascading", "independent"],
                    "number": 1,
                    "layer": "head",
                    "method": "exact",
                    "rank_correlation": 0.5,
                    "rank_correlation_low": 0.4,
                    "rank_correlation_high": 0.6,
                }
            ),
            1,
            **ax,
        ),
    ),
    "average_drop": (1, lambda t, **ax: plotting.average_drop(t["drops"], **ax)),
    "selection_path": (
        2,
        lambda t, **ax: plotting.selection_path(
            np.array([0.0, 0.4, 1.0]), np.array([[1, 0], [1, 1]]), ["a", "b"], 0.7, **ax
        ),
    ),
    "hardness_path": (
        2,
        lambda t, **ax: plotting.hardness_path(
            pd.DataFrame({"tradeoff": [0.2, 0.7], "classical_gap": 0.3, "gap": 0.2}).assign(
                success_probability=0.5
            ),
            np.array([0.0, 0.4, 1.0]),
            0.7,
            50.0,
            **ax,
        ),
    ),
    "drop_path": (
        4,
        lambda t, **ax: plotting.drop_path(
            np.array([0.0, 0.4, 1.0]),
            np.array([1, 2]),
            np.array([30.0, 10.0]),
            0.7,
            pd.DataFrame({"tradeoff": [0.2, 0.7], "gap": 0.2, "success_probability": 0.5}),
            **ax,
        ),
    ),
    "tradeoff_curves": (2, lambda t, **ax: plotting.tradeoff_curves(t["curve"], **ax)),
    "selection_sizes": (1, lambda t, **ax: plotting.selection_sizes(t["sizes"], **ax)),
    "setting_comparison": (
        2,
        lambda t, **ax: plotting.setting_comparison(
            dict.fromkeys("ab", pd.DataFrame({"first": [0.1, 0.2], "second": [0.2, 0.1]})),
            "one",
            "other",
            **ax,
        ),
    ),
    "class_overlap": (
        2,
        lambda t, **ax: plotting.class_overlap(dict.fromkeys("ab", np.eye(2)), ["0", "1"], **ax),
    ),
    "explanation_maps": (
        4,
        lambda t, **ax: plotting.explanation_maps(
            [np.ones((4, 4))] * 2, {"exact": [np.eye(2)] * 2}, ["0", "1"], **ax
        ),
    ),
    "explanation_overlay": (
        1,
        lambda t, **ax: plotting.explanation_overlay(np.ones((4, 4)), np.eye(4), "a map", **ax),
    ),
    "loss_curves": (1, lambda t, **ax: plotting.loss_curves([1.0, 0.5], [1.1, 0.7], 2, **ax)),
    "level_histogram": (
        1,
        lambda t, **ax: plotting.level_histogram(
            np.array([3, 1]), np.array([0.0, 1.0]), {"a model": np.array([0.5, 0.5])}, **ax
        ),
    ),
    "values_with_intervals": (
        1,
        lambda t, **ax: plotting.values_with_intervals({"one": (1.0, 0.5, 1.5)}, "a value", **ax),
    ),
    "gap_proof": (
        1,
        lambda t, **ax: plotting.gap_proof([0.0, 1.0], [1.9, 0.9], [0.0, 1.0], [2.0, 1.0], **ax),
    ),
    "baseline_energies": (
        1,
        lambda t, **ax: plotting.baseline_energies(
            pd.DataFrame({"method": ["a", "b"], "excess": [0.0, 0.2], "is_optimal": [True, False]}),
            **ax,
        ),
    ),
    "spectrum_levels": (
        1,
        lambda t, **ax: plotting.spectrum_levels([0.0, 1.0], [[0, 1, 2], [1, 1.2, 3]], "GHz", **ax),
    ),
    "gap_bracket": (
        1,
        lambda t, **ax: plotting.gap_bracket(
            [0.0, 0.5, 1.0], [2.0, 0.3, 0.5], 0.2, 0.5, title="a caption", **ax
        ),
    ),
    "followed_anneal": (
        1,
        lambda t, **ax: plotting.followed_anneal([0, 1], [0, 0.2], (0.3, 0.6), 0.4, 0.8, **ax),
    ),
    "estimated_gap": (
        1,
        lambda t, **ax: plotting.estimated_gap(
            [0.0, 0.99, 1.0], [2.0, 0.03, 0.05], (0.02, 0.03), (0.9, 0.01, 0.04), 0.05, **ax
        ),
    ),
    "level_shares": (
        1,
        lambda t, **ax: plotting.level_shares([0, 1], [0.9, 0.1], {"guess": [0.5, 0.5]}, **ax),
    ),
    "success_by_time": (
        2,
        lambda t, **ax: plotting.success_by_time(
            t["success"],
            t["success"][["setting", "tau"]].drop_duplicates().assign(value=0.5, low=0.4, high=0.6),
            **ax,
        ),
    ),
    "agreement_of_instances": (
        1,
        lambda t, **ax: plotting.agreement_of_instances(t["compare"], **ax),
    ),
    "rule_shares": (
        1,
        lambda t, **ax: plotting.rule_shares(
            pd.DataFrame({"name": ["greedy"], "value": [0.9], "low": [0.8], "high": [0.95]}), **ax
        ),
    ),
    "bars": (1, lambda t, **ax: plotting.bars("ab", [3, 5], "x", "y", reference=4, **ax)),
    "group_values": (
        1,
        lambda t, **ax: plotting.group_values(
            [1, 2], [0.2, 0.9], 0.5, (0.3, 0.7), "run", "share", outliers=[1], **ax
        ),
    ),
    "curves_in_panels": (
        2,
        lambda t, **ax: plotting.curves_in_panels(
            [0, 1],
            [("spin", {key: [1, 2] for key in "abcdefgh"}), ("kinks", {"": [1, 0]})],
            "s",
            **ax,
        ),
    ),
    "success_against_time": (
        1,
        lambda t, **ax: plotting.success_against_time(
            [1, 10], [0.2, 0.9], [0.0, 0.1], {"guess": [0.1, 0.1]}, best=1, **ax
        ),
    ),
    "time_against_tau": (
        1,
        lambda t, **ax: plotting.time_against_tau([1, 10], [90, np.inf], 1.0, (80, 100), **ax),
    ),
    "selection_matrix": (
        2,
        lambda t, **ax: plotting.selection_matrix(
            "abc", {"exact": "ab", "top-k": "b"}, [0, 1], **ax
        ),
    ),
    "reads_needed": (1, lambda t, **ax: plotting.reads_needed(np.inf, (40, np.inf), 0.99, **ax)),
    "two_gaps": (
        1,
        lambda t, **ax: plotting.two_gaps({"one": ([0, 1], [2, 1])}, "GHz", thermal=0.3, **ax),
    ),
    "reads_against_prediction": (
        1,
        lambda t, **ax: plotting.reads_against_prediction(
            [0.0, 1.0], [9, 1], [0.8, 0.2], [[0.6, 0.99], [0.01, 0.4]], **ax
        ),
    ),
    "reads_on_known_levels": (
        1,
        lambda t, **ax: plotting.reads_on_known_levels(
            [0.0, 1.0], [6, 3], 1, {"model": 0.5}, (0.3, 0.8), **ax
        ),
    ),
    "reverse_shares": (
        1,
        lambda t, **ax: plotting.reverse_shares(
            [0.3, 0.4], [0.6, 0.9], {"theory": [0.5, 1.0]}, **ax
        ),
    ),
    "confidence_pairs": (1, lambda t, **ax: plotting.confidence_pairs([0.9], [0.3], **ax)),
    "image_panel": (1, lambda t, **ax: plotting.image_panel(np.ones((4, 4)), "image", **ax)),
    "curves": (
        1,
        lambda t, **ax: plotting.curves([0.0, 1.0], {"E0": [0, 1], "E1": [1, 2]}, "s", "E", **ax),
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_in_the_axes_of_the_caller(name):
    number, draw = FIGURES[name]
    figure = Figure()
    axes = list(figure.subplots(1, number, squeeze=False)[0])
    assert draw(tables(), ax=axes[0] if number == 1 else axes) is figure
    assert all(axis.has_data() for axis in axes)
    assert not figure.legends  # the space around the axes is the caller's
    own = draw(tables())
    assert len([axis for axis in own.axes if axis.has_data()]) >= number
    with pytest.raises(qx.InputError, match=rf"ax has {number + 1} axes; this figure needs one"):
        draw(tables(), ax=list(Figure().subplots(1, number + 1)))


def test_every_figure_is_tested():
    exported = {name for name in vars(plotting) if callable(getattr(plotting, name))}
    assert exported - set(FIGURES) == {
        "bare_overlay",  # has no axes but the image
        "explanation_picture",  # have a layout of their own
        "selected_maps",
        "four_panels",  # empty
        "note",  # text
        "coupling_histogram",  # below
        "anneal_slider",  # HTML
        "HtmlFigure",
        "pixels_for_display",  # no figure
        "save",
        "inline_svg",
        "notebook_svg",
    }


def test_couplings_are_drawn_in_the_axes_of_the_caller():
    fits = pd.DataFrame(
        {"location": [0.0], "scale": [0.5], "aic": [1.0], "ks_distance": [0.1]}, index=["normal"]
    )
    axis = Figure().add_subplot()
    assert plotting.coupling_histogram(np.array([0.1, 0.4]), fits, ax=axis) is axis.figure
    assert axis.patches


def test_intervals_that_hold_the_reference_are_grey():
    values = {
        "apart": (2.0, 1.0, 3.0),
        "not apart": (0.5, -1.0, 2.0),
        "unknown": (1, np.nan, np.nan),
    }
    axis = plotting.values_with_intervals(values, "difference", reference=0.0).axes[0]
    dots = [line for line in axis.lines if line.get_marker() == "D"]
    colors = [dot.get_color() for dot in dots]
    assert colors == [plotting.style.BLUE, plotting.style.GREY, plotting.style.GREY]
    bars = [line for line in axis.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 2]
    assert [bar.get_xdata().tolist() for bar in bars] == [[1.0, 3.0], [-1.0, 2.0]]
