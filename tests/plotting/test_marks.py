"""The names of instances in the SVG of a figure."""

import re
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from study_table import study_table

from qxgap import plotting
from qxgap.analysis import collapse_points
from qxgap.plotting.style import MANY_POINTS, scatter
from qxgap.report.results_table import Results

USE = "{http://www.w3.org/2000/svg}use"


def marked(figure, folder):
    """Return the attributes of every element of the figure's SVG that names an instance."""
    text = plotting.save(figure, folder / "figure")
    shown = plotting.inline_svg(text, "name", "a figure", 400)
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    page = f"<p {namespaces if 'xmlns=' not in shown else ''}>{shown}</p>"
    return [
        element.attrib
        for element in ElementTree.fromstring(page).iter(USE)
        if "data-instance" in element.attrib
    ]


def test_every_point_has_the_name_of_its_instance_in_order(tmp_path):
    figure = Figure()
    axis = figure.add_subplot()
    x = [0.1, 0.2, np.nan, 0.4, 0.5, 0.6]
    y = [1.0, 2.0, 3.0, np.inf, 5.0, 4.0]
    names = ["a", 'b "<&>"', "not a number", "infinite", "#0b0c0d url(#id", 'x id="e"']
    details = pd.DataFrame({"tau": [5.0, 20, 1, 1, 0.5, np.nan], "class_name": list("012345")})
    scatter(axis, x, y, names, details)
    found = marked(figure, tmp_path)
    assert [element["data-instance"] for element in found] == [names[i] for i in (0, 1, 4, 5)]
    assert [element.get("data-tau") for element in found] == ["5", "20", "0.5", None]
    assert [element["data-class"] for element in found] == list("0145")
    place = np.array([[float(element["x"]), float(element["y"])] for element in found])
    assert np.all(np.diff(place[:, 0]) > 0)
    assert list(np.argsort(-place[:, 1])) == [0, 1, 3, 2]  # an SVG counts from above


def test_points_that_the_axes_leave_out_are_not_mistaken_for_others(tmp_path):
    """Lines from points outside the figure to points inside enter it between them."""
    figure = Figure()
    axis = figure.add_subplot()
    x, y = [1.0, 50.0, 2.0, -40.0, 3.0], [1.0, 90.0, 2.0, -60.0, 3.0]
    scatter(axis, x, y, list("abcde"))
    axis.set(xlim=(0, 4), ylim=(0, 4))
    assert [element["data-instance"] for element in marked(figure, tmp_path)] == list("ace")


def test_a_logarithmic_axis_names_only_what_it_shows(tmp_path):
    figure = Figure()
    axis = figure.add_subplot()
    scatter(axis, [1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 10.0, -1.0], list("abcd"))
    axis.set_yscale("log")
    assert [element["data-instance"] for element in marked(figure, tmp_path)] == ["a", "c"]


def test_points_that_cannot_be_named_are_an_error(tmp_path):
    axis = Figure().add_subplot()
    with pytest.raises(ValueError, match="2 names for 3 points"):
        scatter(axis, [1, 2, 3], [1, 2, 3], ["a", "b"])
    scatter(axis, [1, 2, 3], [1, 2, 3], ["a", "b", "c"], rasterized=True)
    with pytest.raises(RuntimeError, match="3 of the 3 points of points-1 are no elements"):
        plotting.save(axis.figure, tmp_path / "figure")


def test_very_many_points_are_pixels_without_names(tmp_path):
    figure = Figure()
    values = np.linspace(0, 1, MANY_POINTS + 1)
    scatter(figure.add_subplot(), values, values, [str(value) for value in values])
    assert not marked(figure, tmp_path)


NAMES = {
    "gap_by_size",
    "gap_against_classical",
    "minimum_position",
    "interior_gaps",
    "setting_comparison",
    "success_by_size",
    "success_by_class",
    "success_collapse",
    "prediction_errors",
    "selection_sizes",
}


@cache
def tables():
    """A figure by each name, and its number of points."""
    results = Results(study_table())
    gap, success = results.gap, results.success
    points = collapse_points(success, gap)
    first, second = dict.fromkeys(gap.setting)
    pairs = gap[gap.setting == first].assign(first=1.0, second=lambda rows: rows.gap)
    sizes = results.instances.assign(mean_field=1.0, true_size=2.0, status="OPTIMAL")
    known = points[["landau_zener", "gap_squared", "independent"]] > 0
    return {
        "gap_by_size": (plotting.gap_by_size(gap), len(gap)),
        "gap_against_classical": (plotting.gap_against_classical(gap), len(gap)),
        "minimum_position": (plotting.minimum_position(gap), int(gap.s_star.notna().sum())),
        "interior_gaps": (
            plotting.interior_gaps(gap),
            int(np.isfinite(gap.interior_gap.astype(float)).sum()),
        ),
        "setting_comparison": (plotting.setting_comparison({"a": pairs}, first, second), 10),
        "success_by_size": (plotting.success_by_size(success), len(success)),
        "success_by_class": (plotting.success_by_class(success), len(success)),
        "success_collapse": (plotting.success_collapse(points), int(known.to_numpy().sum())),
        "prediction_errors": (plotting.prediction_errors(results.compare), len(results.compare)),
        "selection_sizes": (plotting.selection_sizes(sizes), 10),
    }


@pytest.mark.parametrize("name", sorted(NAMES))
def test_figures_with_a_point_for_each_instance_name_them(name, tmp_path):
    figure, number = tables()[name]
    found = marked(figure, tmp_path)
    assert len(found) == number
    assert {element["data-instance"] for element in found} <= set(
        Results(study_table()).gap.instance
    )
    assert all(element["data-d"] in "3456" for element in found)
    text = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert len(re.findall(" data-instance=", text)) == number
