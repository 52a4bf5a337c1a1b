"""Explanations by HiResCAM, LayerCAM and Score-CAM, and by any set of methods."""

import pytest

pytest.importorskip("torch")

import torch

from qxgap import InputError, explain, xai
from qxgap.explain import Explainer, ExplanationMethod, Metrics

torch.set_num_threads(1)

ALL = tuple(ExplanationMethod)


@pytest.fixture(scope="module")
def network():
    return xai.open_network("digits")


@pytest.fixture(scope="module")
def explained(network):
    images, labels = xai.digits_images()
    explainer = Explainer(network.module, network.layer, seed=4, methods=ALL)
    return list(explainer.explain(["a", "b"], images[:2], labels[:2]))


def test_the_maps_of_every_method(network, explained):
    images, _ = xai.digits_images()
    seen = xai.capture(network.module, images[:2], network.layer)
    for i, item in enumerate(explained):
        assert tuple(item.cams) == ALL
        maps, gradients, size = seen.maps[i], seen.gradients[i], (28, 28)
        target = item.instance.pred
        expected = {
            "HiResCAM": xai.hires_cam(maps, gradients, size),
            "LayerCAM": xai.layer_cam(maps, gradients, size),
            "Score-CAM": xai.score_cam(network.module, images[i], maps, target, size),
        }
        for method, cam in expected.items():
            torch.testing.assert_close(item.cams[method], cam)
            assert method not in item.selections
            assert not ExplanationMethod(method).selects_maps


def test_the_maps_of_a_class_on_request(network, explained):
    """Another class has other maps, also by Score-CAM, which takes no gradient."""
    images, _ = xai.digits_images()
    explainer = Explainer(network.module, network.layer, seed=4)
    for method in ("HiResCAM", "LayerCAM", "Score-CAM"):
        own = [item.instance.pred for item in explained]
        found = explainer.cams(method, images[:2], torch.tensor(own))
        torch.testing.assert_close(found, torch.stack([item.cams[method] for item in explained]))
        other = explainer.cams(method, images[:2], torch.tensor([(one + 1) % 10 for one in own]))
        assert (other - found).abs().max() > 1e-3


@pytest.mark.parametrize("methods", [["exact"], ["Score-CAM", "exact"], ["greedy", "exact"]])
def test_tables_and_pictures_with_any_set_of_methods(network, methods):
    images, labels = xai.digits_images()
    explainer = Explainer(network.module, network.layer, seed=4, methods=methods)
    assert set(explainer.methods) == set(methods)
    assert explainer.methods[0] == "exact"
    explained = list(explainer.explain(["a", "b"], images[:2], labels[:2]))
    assert list(explained[0].cams) == list(explainer.methods)
    assert set(explained[0].selections) <= set(methods)
    table = explain.score(explainer, explained, Metrics(steps=0, adcc=False), progress=False)
    assert table.method.tolist() == list(explainer.methods) * 2
    assert list(explain.summary(table).index) == list(explainer.methods)
    assert list(explain.differences(table, seed=1).index) == list(explainer.methods)[1:]
    assert set(explain.mean_overlaps(table).index) == {"exact", "greedy"} & set(methods)
    drops = explain.drops_by_convention(explainer, explained)
    assert drops.method[: len(methods)].tolist() == [*explainer.methods]
    selectable = sum(item.instance.num_qubits for item in explained) / 2
    assert f"of {selectable:.2g} selectable maps in the mean" in explain.describe(table, seed=1)
    rows = table[table.name == "a"]
    titles = [axis.get_title() for axis in explain.picture(explained[0], rows).axes]
    assert titles[:2] == ["image", "QUBO, exact"]
    assert ("Score-CAM" in titles) is ("Score-CAM" in methods)


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        (["Grad-CAM", "top-k"], "methods Grad-CAM, top-k: 'exact' is missing"),
        ([], "methods are empty: 'exact' is missing"),
        (["exact", "LIME"], "method 'LIME' is unknown; there are exact, greedy"),
    ],
)
def test_sets_that_cannot_be_compared(network, methods, message):
    with pytest.raises(InputError, match=message):
        Explainer(network.module, network.layer, methods=methods)
