"""Figures as notebooks show them, without a magic command."""

from xml.etree import ElementTree

from matplotlib.figure import Figure

from qxgap import plotting


def figure(title="energy"):
    return plotting.curves([0.0, 1.0], {"first": [0, 1], "second": [1, 0]}, "s", title)


def test_a_figure_is_an_svg_in_the_text_color_of_the_page():
    text = figure()._repr_html_()
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    assert root.get("aria-label") == "energy against s"
    assert "max-width:100%" in root.get("style")
    assert "currentColor" in text
    assert plotting.style.INK not in text


def test_ids_of_two_figures_on_one_page_differ():
    def ids(text):
        return {e.get("id") for e in ElementTree.fromstring(text).iter() if e.get("id")}

    assert not ids(figure()._repr_html_()) & ids(figure("gap")._repr_html_())
    assert figure()._repr_html_() == figure()._repr_html_()


def test_axes_of_a_caller_keep_the_figure_of_the_caller():
    own = Figure()
    assert plotting.curves([0, 1], {"": [0, 1]}, "s", "gap", ax=own.subplots()) is own
    assert own._repr_html_() is None
