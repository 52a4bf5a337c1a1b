"""Tables and words of the benchmarks of the sanity check and of pasted digits."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")
pytest.importorskip("mlxtend")

from qxgap.explain import RandomizationCheck


def checked(correlations, vanished):
    """A check of two methods, two layers and three draws of two images."""
    rows = [
        {
            "order": order,
            "number": number,
            "layer": layer,
            "draw": draw,
            "method": method,
            "image": image,
            "rank_correlation": correlations[method],
            "structural_similarity": 0.5,
            "vanished": vanished and method == "Grad-CAM",
        }
        for order in ("cascading", "independent")
        for number, layer in enumerate(("head", "conv"), 1)
        for draw in range(3)
        for method in correlations
        for image in range(2)
    ]
    return RandomizationCheck(("head", "conv"), "conv", 1, 2, 0, 3, pd.DataFrame(rows))


def test_a_row_for_each_method_and_a_column_for_each_layer():
    from benchmarks.xai.sanity_check import markdown

    lines = markdown(checked({"exact": 0.25, "Grad-CAM": 0.5}, vanished=True)).splitlines()
    assert lines[0] == "| method | layers to `head` | layers to `conv` | only `conv` |"
    assert lines[2] == f"| exact |{' 0.25 [0.25, 0.25] |' * 3}"
    assert lines[3] == f"| Grad-CAM |{' 0.50 [0.50, 0.50], 100% empty |' * 3}"


def test_words_about_layers():
    words = str(checked({"exact": 0.25, "Grad-CAM": 0.95}, vanished=False))
    assert words.startswith("The maps of Grad-CAM do not show what the network has learnt")
    assert "So the maps of Grad-CAM hardly depend on those weights." in words
    assert "vanish" not in words


def located_rows(shift):
    """60 images of 3 classes, in which the QUBO has ``shift`` more of its map in the box."""
    rng = np.random.default_rng(1)
    base = rng.uniform(0.3, 0.6, 60)
    part = pd.DataFrame({"name": [f"i{i}" for i in range(60)], "target": np.arange(60) % 3})
    mass = {"exact": base + shift, "top-k": base + rng.normal(0, 0.01, 60)}
    return pd.concat(
        [
            part.assign(method=method, pointing_game=1.0, mass_accuracy=values, sparseness=0.5)
            for method, values in mass.items()
        ]
    ).assign(road=0.9, max_sensitivity=1.5, infidelity=20.0)


def test_differences_and_tables_of_pasted_digits():
    from benchmarks.xai.located import said, table_of

    assert "exact minus another method: top-k **+0.20" in said(located_rows(0.2)).splitlines()[1]
    same = said(located_rows(0.0)).splitlines()[1]
    assert "**" not in same
    assert "top-k +0.00 [+0.00, +0.00]." in said(located_rows(0.0)).splitlines()[0]
    lines = table_of(located_rows(0.0)).splitlines()
    assert lines[0].startswith("| method | pointing game | mass accuracy | sparseness | road |")
    assert "| 0.90 [0.90, 0.90] | 1.50 [1.50, 1.50] | 20.00 [20.00, 20.00] |" in lines[2]


def test_the_image_itself_as_a_map():
    """The digit is the brightest part, so that the image itself points at it."""
    from benchmarks.xai.located import control

    found = control()
    assert found["pointing"] == 1.0
    assert 0.4 < found["mass"] < 0.8
