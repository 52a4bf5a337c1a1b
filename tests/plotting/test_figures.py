"""Labels of figures that once lay on each other."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from study_table import study_table

from qxgap import plotting
from qxgap.dynamics.tts import time_to_solution
from qxgap.report.results_table import Results


def drawn(figure):
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    return renderer


def boxes(renderer, texts):
    return [text.get_window_extent(renderer) for text in texts if text.get_text()]


def overlapping(found):
    return [pair for pair in itertools.combinations(found, 2) if pair[0].overlaps(pair[1])]


@pytest.mark.parametrize("ratio", [1.05, 1.5, 3, 10, 25, 60, 1e3, 1e6])
@pytest.mark.parametrize("low", [1e-3, 0.027, 0.4])
def test_numbers_of_logarithmic_axes_do_not_lie_on_each_other(low, ratio):
    values = np.geomspace(low, low * ratio, 7)
    pair = pd.DataFrame({"first": values, "second": values[::-1]})
    figure = plotting.setting_comparison(dict.fromkeys("abc", pair), "one", "other")
    renderer = drawn(figure)
    for axis in figure.axes:
        for line in (axis.xaxis, axis.yaxis):
            ticks = [*line.get_major_ticks(), *line.get_minor_ticks()]
            limits = axis.get_xlim() if line is axis.xaxis else axis.get_ylim()
            shown = [t.label1 for t in ticks if limits[0] <= t.get_loc() <= limits[1]]
            assert not overlapping(boxes(renderer, shown))
            assert sum(bool(label.get_text()) for label in shown) >= 2


def test_names_of_lines_do_not_lie_on_each_other():
    """All ends at one height, which is the worst case."""
    sizes, taus = range(3, 11), (5.0, 20.0)
    frame = pd.DataFrame(
        [
            {"setting": "s", "num_qubits": d, "tau": tau, "tts": 100.0 * (1 + (tau == 5) * d)}
            for d in sizes
            for tau in taus
        ]
    )
    figure = plotting.time_to_solution(frame)
    named = [text for text in figure.axes[0].texts if text.get_text().startswith("d = ")]
    assert sorted(text.get_text() for text in named) == sorted(f"d = {d}" for d in sizes)
    renderer = drawn(figure)
    assert not overlapping(boxes(renderer, named))
    panel = figure.axes[0].get_window_extent(renderer)
    assert max(box.y0 for box in boxes(renderer, named)) < panel.y1
    assert time_to_solution(0.5, 5.0) > 0


def test_lines_of_times_fill_their_panel_though_2_to_the_d_is_far_below():
    frame = pd.DataFrame(
        [
            {"setting": "s", "num_qubits": d, "tau": tau, "tts": 400.0 + 30 * d + tau}
            for d in (3, 6)
            for tau in (5.0, 20.0)
        ]
    )
    upper, lower = plotting.time_to_solution(frame).axes
    assert upper.get_ylim()[0] > 300
    assert lower.get_ylim()[0] < 2**3


def test_the_figure_of_agreement_shows_how_far_reads_are_from_the_prediction():
    rows = Results(study_table()).compare
    (axis,) = plotting.prediction_errors(rows).axes
    names = [label.get_text() for label in axis.get_yticklabels()]
    assert len(names) == len(set(names)) == rows.model.nunique()
    shown = np.concatenate([dots.get_offsets()[:, 0] for dots in axis.collections[:1]])
    expected = rows.ground_probability - rows.predicted
    np.testing.assert_allclose(np.sort(shown), np.sort(expected))


def test_the_legend_names_only_bars_that_are_there():
    square = np.zeros((4, 4))
    for picked, name in ((True, "chosen"), (False, "not chosen")):
        rewards = [("3", 1.0, picked), ("5", 0.4, picked)]
        cams = {"QUBO": (square, "note")}
        figure = plotting.explanation_picture("title", square, cams, [], rewards)
        (legend,) = [axis.get_legend() for axis in figure.axes if axis.get_legend()]
        assert [text.get_text() for text in legend.get_texts()] == [name]


def explanation(num_maps, num_selected=0, cam=None):
    """A picture with ``num_maps`` bars, of which every third is selected, and one method."""
    ramp = np.arange(16.0).reshape(4, 4)
    rewards = [(str(i), np.exp(-i / 50), i % 3 == 0) for i in range(num_maps)]
    selected = [(f"map {3 * i}", ramp) for i in range(num_selected)]
    cams = dict.fromkeys("abcde", (ramp if cam is None else cam, "note"))
    return plotting.explanation_picture("title", ramp / 15, cams, selected, rewards, "the guide")


def bars_of(figure):
    (axis,) = [axis for axis in figure.axes if axis.containers]
    return axis


def test_thumbnails_are_found_among_many_bars():
    """The bars of the maps shown one by one have their numbers, which do not overlap."""
    figure = explanation(150, 6)
    axis, renderer = bars_of(figure), drawn(figure)
    assert [text.get_text() for text in axis.texts] == ["0", "3", "6", "9", "12", "15"]
    assert [round(text.xy[0]) for text in axis.texts] == [0, 3, 6, 9, 12, 15]
    found = [text.get_window_extent(renderer) for text in axis.texts]
    centers = [(box.x0 + box.x1) / 2 for box in found]
    assert centers == sorted(centers)
    few = bars_of(explanation(20))
    assert [label.get_text() for label in few.get_xticklabels()] == [str(i) for i in range(20)]


def test_a_few_bars_do_not_spread_over_the_panel():
    axis = bars_of(explanation(4))
    left, right = axis.get_xlim()
    assert right - left >= 7
    assert (left + right) / 2 == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("cam", "words"),
    [
        (np.full((4, 4), 0.57), "no place stands out"),
        (np.full((4, 4), 1e-30), "no place stands out"),
        (np.zeros((4, 4)), "no positive pixel"),
    ],
    ids=["constant", "tiny", "empty"],
)
def test_a_map_that_is_the_same_everywhere_is_not_painted(cam, words):
    for axis in explanation(5, cam=cam).axes[1:6]:
        assert len(axis.images) == 1  # the image only
        (text,) = axis.texts
        assert words in text.get_text()
    for axis in explanation(5).axes[1:6]:
        assert len(axis.images) == 2
        assert not axis.texts


def test_all_explanations_are_drawn_in_the_same_colors():
    """White strokes on black in every figure, and the heat of a map is visible on both."""
    image, cam = np.eye(4), np.tri(4)
    titled = plotting.explanation_picture("", image, {"QUBO": (cam, "")}, [], []).axes[:2]
    listed = plotting.explanation_maps([image], {"QUBO": [cam]}, ["a"]).axes
    for first, second in zip(titled, listed, strict=True):
        for one, other in zip(first.images, second.images, strict=True):
            assert one.get_cmap().name == other.get_cmap().name
            np.testing.assert_array_equal(one.get_array(), other.get_array())


def test_tiny_predictions_stand_on_a_logarithmic_scale_that_holds_them_all():
    reads = {"sampler": "sa", "model": "null", "predicted": [0.0, 3e-9, 0.2]}
    table = pd.DataFrame(reads).assign(ground_probability=[0.9, 0.6, 0.2])
    (axis,) = plotting.agreement_of_instances(table, across="null", log=True).axes
    assert axis.get_xscale() == "log"
    assert axis.get_xlabel() == "null"
    drawn = np.concatenate([c.get_offsets()[:, 0] for c in axis.collections])
    assert drawn.min() == pytest.approx(1e-9)
    assert axis.get_xlim()[0] < 1e-9 < 1 < axis.get_xlim()[1]
