"""The figure with a slider over the anneal fraction."""

import html
import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from qxgap import plotting

S = np.array([0.0, 0.4, 1.0])
LEVELS = np.array([[0.0, 2.0, 4.0], [0.0, 0.5, 1.5], [0.0, 1.0, 1.0]])
GROUND = np.array([[0.5, 0.5], [0.7, 0.3], [1.0, 0.0]])
ANNEALS = {
    5.0: ([1.0, 0.9, 0.8], [[0.5, 0.5], [0.6, 0.4], [0.8, 0.2]]),
    50.0: ([1.0, 1.0, 0.99], [[0.5, 0.5], [0.7, 0.3], [0.99, 0.01]]),
}


def slider(**options):
    options = {"anneals": ANNEALS, "start": 0.45} | options
    return plotting.anneal_slider(S, LEVELS, 1, ["01", "<b>"], GROUND, **options)


def elements(figure, css_class):
    svgs = re.findall(r"<svg viewBox.*?</svg>\n</figure>", figure.html, re.S)
    roots = [ElementTree.fromstring(text.removesuffix("\n</figure>")) for text in svgs]
    assert len(roots) == 2
    return [e for root in roots for e in root.iter() if e.get("class") == css_class]


def test_data_of_the_script_are_the_arguments():
    text = re.search(r'data-course="([^"]*)"', slider().html)[1]
    data = json.loads(html.unescape(text))
    assert data["s"] == S.tolist()
    assert data["gap"] == [2.0, 0.5, 1.0]
    assert data["ground"] == GROUND.tolist()
    assert [run["tau"] for run in data["anneals"]] == ["5", "50"]
    assert data["anneals"][1]["in_ground"] == [1.0, 1.0, 0.99]


def test_without_a_script_the_nearest_fraction_is_shown():
    figure = slider()
    heights = [float(bar.get("height")) for bar in elements(figure, "ground")]
    assert heights[0] / heights[1] == pytest.approx(0.7 / 0.3)
    annealed = [float(bar.get("height")) for bar in elements(figure, "annealed")]
    assert annealed[0] / annealed[1] == pytest.approx(0.6 / 0.4)
    (bar,) = elements(figure, "gap")
    assert (float(bar.get("y1")) - float(bar.get("y2"))) / 204 == pytest.approx(0.5 / 2.8, abs=1e-3)
    assert '<b data-part="s">0.400</b>' in figure.html
    assert 'class="controls" hidden' in figure.html


def test_an_anneal_time_can_be_chosen_where_there_are_several():
    assert slider().html.count("<option") == 2
    assert "<select" not in slider(anneals={5.0: ANNEALS[5.0]}).html
    alone = slider(anneals=None)
    assert not elements(alone, "annealed")
    assert '<b data-part="in-ground">' not in alone.html


def test_names_are_escaped_and_nothing_is_loaded(tmp_path):
    figure = slider(unit="GHz")
    assert "&lt;b&gt;" in figure.html
    assert "<b>" not in figure.html
    assert "http" not in figure.html
    assert " GHz" in figure.html
    figure.save(tmp_path / "anneal.html")
    page = (tmp_path / "anneal.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert figure.html in page
    assert figure._repr_html_() == figure.html
