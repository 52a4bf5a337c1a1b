"""The bridge to Quantus: its signature, its metrics against closed forms, and its refusals."""

import sys

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from qxgap import InputError, MissingExtraError, explain, xai
from qxgap.explain import Explainer, ExplanationMethod, quantus_function, quantus_scores

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def explainer():
    network = xai.open_network("digits")
    return Explainer(network.module, network.layer, seed=4, methods=["exact", "random-k"])


@pytest.fixture(scope="module")
def explained(explainer):
    images, labels, _ = xai.pasted_digits(seed=1)
    return list(explainer.explain(["a", "b", "c"], images[:3], labels[:3], first=7))


def as_quantus_gives(explanations):
    pixels = np.stack([item.instance.image for item in explanations])
    return pixels, np.array([item.instance.explained_class for item in explanations])


def test_a_method_in_the_form_of_quantus(explainer, explained):
    """Maps (n, 1, H, W) of the given classes; random-k is that of the images' numbers."""
    images, classes = as_quantus_gives(explained)
    for method in ("exact", "random-k", "Grad-CAM"):
        function = quantus_function(explainer, method, [7, 8, 9])
        found = function(model=explainer.network, inputs=images, targets=classes, device="cpu")
        assert (found.shape, found.dtype) == ((3, 1, 28, 28), np.float64)
        numbers = [item.number for item in explained]
        targets = torch.from_numpy(classes)
        expected = explainer.cams(method, torch.from_numpy(images), targets, numbers)
        np.testing.assert_allclose(found[:, 0], expected)
    other = Explainer(xai.load_network("digits-24"), "norm", seed=4)
    found = quantus_function(explainer, "exact")(other.network, images, classes)
    expected = other.cams("exact", torch.from_numpy(images), torch.from_numpy(classes))
    np.testing.assert_allclose(found[:, 0], expected)  # of the network that is given
    with pytest.raises(InputError, match="method 'LIME' is unknown"):
        quantus_function(explainer, "LIME")


def test_a_map_without_a_place_gets_the_least_one(explainer):
    """In a black image the maps of a network without biases are zero, which Quantus refuses."""
    network = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.Flatten(), nn.Linear(2 * 9, 2))
    function = quantus_function(Explainer(network, "0", seed=1), "LayerCAM")
    found = function(network, np.zeros((2, 1, 5, 5), dtype=np.float32), np.zeros(2, dtype=int))
    expected = np.zeros((2, 1, 5, 5))
    expected[:, 0, 0, 0] = 1e-12
    np.testing.assert_array_equal(found, expected)


def counted(**given):
    """A metric that draws a random number, as those of Quantus do, and checks what it is given."""
    assert given["channel_first"]
    assert given["x_batch"].shape == given["a_batch"].shape == (1, 1, 28, 28)
    again = given["explain_func"](given["model"], given["x_batch"], given["y_batch"])
    np.testing.assert_allclose(again, given["a_batch"], atol=1e-6)  # a batch of another size
    inside = given["s_batch"].sum() if given["s_batch"] is not None else 0
    return {10: float(inside), 50: float(inside) + 2 * np.random.random()}  # noqa: NPY002


def test_the_table_with_a_metric_of_ones_own(explainer, explained):
    _, _, boxes = xai.pasted_digits(seed=1)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    table = quantus_scores(
        explainer, explained, {"own": counted}, boxes[:3], seed=5, progress=False
    )
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    areas = (boxes[:3, 2] - boxes[:3, 0]) * (boxes[:3, 3] - boxes[:3, 1])
    drawn = np.random.RandomState(5).random()
    assert table.method.tolist() == ["exact", "random-k"] * 3
    np.testing.assert_allclose(table.own, np.repeat(areas, 2) + drawn)
    assert list(explain.summary(table).columns) == ["images", "selected", "own"]
    bare = quantus_scores(explainer, explained, {"own": counted}, progress=False)
    assert (bare.own < 1).all()


def test_maps_without_a_place_have_no_value(explainer, explained):
    from dataclasses import replace

    gone = dict.fromkeys(explained[0].cams, torch.zeros(28, 28, dtype=torch.float64))
    table = quantus_scores(
        explainer, [replace(explained[0], cams=gone)], {"own": counted}, progress=False
    )
    assert table.own.isna().all()


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([[0, 0, 5, 5]], r"of shape \(1, 4\); give four whole numbers for each of 3 images"),
        (np.ones((3, 4)), "boxes are float64"),
        ([[0, 0, 5, 5]] * 2 + [[4, 4, 4, 9]], r"box 2 is \(4, 4, 4, 9\)"),
        ([[0, 0, 5, 29]] * 3, "within 28 x 28 pixels"),
    ],
)
def test_boxes_that_do_not_fit(explainer, explained, boxes, message):
    with pytest.raises(InputError, match=message):
        quantus_scores(explainer, explained, {"own": counted}, boxes)


def test_without_quantus(explainer, explained, monkeypatch):
    monkeypatch.setitem(sys.modules, "quantus", None)
    with pytest.raises(MissingExtraError, match="pip install 'qxgap\\[quantus\\]'"):
        quantus_scores(explainer, explained)
    with pytest.raises(InputError, match="no images to score"):
        quantus_scores(explainer, [])


def gini(values):
    """The Gini index of a map, by differences of all pairs of pixels."""
    flat = values.ravel() + 1e-7
    return abs(flat[:, None] - flat).mean() / (2 * flat.mean())


def test_localisation_and_sparseness_in_closed_form(explained, explainer):
    """Where the maximum is, which share of the mass lies in the box, and the Gini index."""
    pytest.importorskip("quantus")
    from qxgap.explain.quantus import default_metrics

    _, _, boxes = xai.pasted_digits(seed=1)
    metrics = default_metrics(located=True)
    assert set(metrics) == {
        *("road", "max_sensitivity", "infidelity", "sparseness", "pointing_game", "mass_accuracy")
    }
    kept = {name: metrics[name] for name in ("pointing_game", "mass_accuracy", "sparseness")}
    table = quantus_scores(explainer, explained, kept, boxes[:3], progress=False)
    for row in table.itertuples():
        item = explained["abc".index(row.name)]
        cam = item.cams[ExplanationMethod(row.method)].numpy()
        top, left, bottom, right = boxes["abc".index(row.name)]
        i, j = np.unravel_index(cam.argmax(), cam.shape)
        assert row.pointing_game == (top <= i < bottom and left <= j < right)
        assert row.mass_accuracy == pytest.approx(cam[top:bottom, left:right].sum() / cam.sum())
        assert row.sparseness == pytest.approx(gini(cam / cam.max()), rel=1e-6)


def test_every_default_metric_has_a_value(explainer, explained):
    pytest.importorskip("quantus")
    _, _, boxes = xai.pasted_digits(seed=1)
    twice = [
        quantus_scores(explainer, explained[:1], boxes=boxes[:1], seed=1, progress=False)
        for _ in range(2)
    ]
    numbers = twice[0].iloc[:, twice[0].columns.get_loc("selected") + 1 :]
    assert np.isfinite(numbers.to_numpy()).all()
    assert numbers.road.between(0, 1).all()
    np.testing.assert_array_equal(numbers, twice[1][numbers.columns])
