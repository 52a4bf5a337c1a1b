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
    assert not overlapping(boxes(drawn(figure), named))
    assert time_to_solution(0.5, 5.0) > 0


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
        assert [text.get_text() for text in figure.axes[-1].get_legend().get_texts()] == [name]
