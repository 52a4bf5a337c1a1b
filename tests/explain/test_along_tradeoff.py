"""Average Drop along the best selections of an image: each as if it were explained by itself."""

import json

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

import qxgap as qx
from qxgap import explain, xai
from qxgap.testing import random_feature_selection

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def scene():
    network = xai.open_network("digits")
    images, labels = xai.digits_images()
    explainer = explain.Explainer(network.module, network.layer, seed=1)
    (one,) = explainer.explain(["a digit"], images[3:4], labels[3:4])
    return explainer, one, explain.drops_along_tradeoff(explainer, one)


def test_each_drop_is_that_of_an_explanation_with_this_tradeoff(scene):
    explainer, one, found = scene
    image = torch.from_numpy(one.instance.image)[None]
    target = torch.tensor([one.instance.explained_class])
    for place in range(len(found.drops)):
        middle = found.path.breakpoints[place : place + 2].mean()
        alone = explain.Explainer(explainer.network, explainer.layer, float(middle), seed=1)
        (there,) = alone.explain(["a digit"], image)
        expected = xai.AverageDrop.STANDARD(
            explainer.network, image, there.cams["exact"][None], target
        )
        assert set(found.path.selections[place]) == set(there.selections["exact"])
        assert found.drops[place] == pytest.approx(expected.average_drop, rel=1e-4)  # batches
        assert found.coverage[place] == pytest.approx(expected.average_coverage)
        assert found.at(middle) == found.drops[place]


def test_another_convention_and_the_words(scene):
    explainer, one, found = scene
    signed = explain.drops_along_tradeoff(
        explainer, one, found.path, convention=xai.AverageDrop.AUTHORS_SIGNED
    )
    assert signed.convention == "authors, signed"
    assert signed.path is found.path
    assert not np.allclose(signed.drops, found.drops)
    best = found.drops.argmin()
    assert found.best_interval == tuple(found.path.breakpoints[best : best + 2])
    here = int(found.path.at(0.7))
    assert f"loses {found.drops[here]:.3g} %" in str(found)
    assert f"is smallest from {found.best_interval[0]:.3g}" in str(found)
    flat = explain.TradeoffDrops("x", found.path, 0 * found.drops, found.coverage, "standard")
    assert str(flat).endswith("No other tradeoff loses less.")
    table = found.to_dataframe()
    assert table["drop"].tolist() == found.drops.tolist()
    assert table["size"].tolist() == found.path.sizes.tolist()
    values = json.loads(json.dumps(found.to_dict()))
    assert values["drops"] == found.drops.tolist()
    assert values["selections"] == [list(labels) for labels in found.path.selections]


def test_it_is_drawn_beside_the_hardness(scene):
    found = scene[2]
    hardness = qx.tradeoff_hardness(found.path, [0.3, 0.7], tau=5.0, rtol=0.1)
    axes = found.plot(hardness=hardness).axes
    assert [axis.get_ylabel() for axis in axes][1:] == [
        "drop in percent",
        "smallest gap",
        "success",
    ]
    assert len(found.plot().axes) == 2


def test_mistakes(scene):
    explainer, one, _ = scene
    path = qx.tradeoff_path(random_feature_selection(3, seed=1))
    with pytest.raises(qx.InputError, match="other features than a digit"):
        explain.drops_along_tradeoff(explainer, one, path)
    instance = explain.ImageInstance(**{**vars(one.instance), "problem": None})
    nothing = explain.Explanation(instance, 0, {}, one.cams)
    with pytest.raises(qx.InputError, match="no selectable map"):
        explain.drops_along_tradeoff(explainer, nothing)
