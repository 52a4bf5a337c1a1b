"""Networks opened with their layer and images, and results that print themselves."""

import json

import matplotlib as mpl
import numpy as np
import pytest
import torch
from torch import nn

import qxgap as qx
from qxgap import xai
from qxgap.report.citations import references
from qxgap.xai import DigitsNet, HeadStatus, SelectionStatus

torch.set_num_threads(1)


class Bare(nn.Sequential):
    """A network that names neither its layer nor its images."""

    def __init__(self):
        super().__init__(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(108, 2))


# -- open_network ---------------------------------------------------------------------------------


def test_a_network_knows_its_layer_and_its_images():
    network = xai.open_network("digits-24")
    assert isinstance(network.module, DigitsNet)
    assert (network.layer, network.channels, network.size) == ("norm", 1, 28)
    source = network.open_images("digits")
    assert source.read(slice(0, 2)).shape == (2, 1, 28, 28)
    found = network.check_layer(source.read(slice(0, 20)))
    assert found.status is HeadStatus.CLASS_ONLY
    other = xai.open_network("digits", "conv", 3, 14)
    assert (other.layer, other.channels, other.size) == ("conv", 3, 14)


def test_a_network_at_hand_is_opened_in_eval_mode():
    module = Bare().train()
    network = xai.open_network(module, "0", 1, 8)
    assert network.module is module
    assert not module.training
    assert repr(network) == "<HookedNetwork: Bare, layer '0', images of 1 x 8 x 8>"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "network 'Bare' has no INPUT; give channels and size$"),
        ({"layer": "0", "size": 8}, "network 'Bare' has no INPUT; give channels$"),
        ({"layer": "0", "channels": 0, "size": 8}, "channels = 0; give at least 1"),
        ({"layer": "0", "channels": 1, "size": 8.5}, "size is a float, 8.5; give a whole number"),
    ],
)
def test_what_a_network_does_not_say_must_be_given(options, message):
    with pytest.raises(qx.InputError, match=message):
        xai.open_network(Bare(), **options)


def test_a_file_in_the_folder_comes_first(tmp_path, monkeypatch):
    nets = tmp_path / "nets"
    nets.mkdir()
    text = "from qxgap.xai import DigitsNet\ndef load():\n    return DigitsNet({})\n"
    (tmp_path / "mine.py").write_text(text.format(3))
    (nets / "mine.py").write_text(text.format(5))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", ["."])
    assert xai.open_network("mine.py:load", folder=nets).module.norm.num_features == 5
    assert xai.open_network("mine.py:load").module.norm.num_features == 3
    assert xai.load_network("nets/mine.py:load", nets).norm.num_features == 5
    with pytest.raises(qx.InputError, match=r"network 'other\.py:load': .*no such file: other\.py"):
        xai.open_network("other.py:load", folder=nets)


# -- feature_selection of selectable maps ---------------------------------------------------------


def test_selectable_maps_stand_for_the_gradients():
    rng = np.random.default_rng(0)
    maps, gradients = rng.random((5, 4, 4)), rng.normal(size=(5, 4, 4))
    selectable = xai.selectable_maps(maps, gradients)
    first = xai.feature_selection(maps, gradients, 0.6, label=3)
    second = xai.feature_selection(maps, selectable, 0.6, label=3)
    assert first.content_hash == second.content_hash
    assert dict(first.meta) == dict(second.meta)
    with pytest.raises(qx.InputError, match="5 channels; give both of the same image"):
        xai.feature_selection(maps[:4], selectable)


# -- results --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results():
    network = xai.open_network("digits")
    images, _ = xai.digits_images()
    images = images[:6]
    captured = xai.capture(network.module, images, network.layer)
    cams = torch.stack(
        [
            xai.grad_cam(maps, gradients, (28, 28))
            for maps, gradients in zip(captured.maps, captured.gradients, strict=True)
        ]
    )
    scene = (network.module, images, cams, captured.predicted)
    return {
        "Capture": captured,
        "SelectableMaps": xai.selectable_maps(captured.maps[0], captured.gradients[0]),
        "HeadCheck": network.check_layer(images),
        "MaskScores": xai.mask_scores(*scene),
        "AdccScores": xai.adcc_scores(*scene, lambda images, targets: cams),
        "ConfidenceCurve": xai.insertion_curve(*scene, steps=2),
    }


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Capture", "num_images num_maps map_size num_classes predicted targets"),
        (
            "SelectableMaps",
            "status d num_maps num_nonpositive num_dead num_constant num_nonfinite labels alpha",
        ),
        (
            "HeadCheck",
            "status max_within_class_spread num_classes_checked linear max_within_class_variance "
            "suggestion map_size",
        ),
        (
            "MaskScores",
            "average_drop average_increase average_coverage confidence masked drop increase "
            "coverage",
        ),
        ("AdccScores", "coherency complexity drop adcc"),
        ("ConfidenceCurve", "share confidence area"),
    ],
)
def test_every_result_tells_what_it_is(results, name, keys):
    result = results[name]
    assert type(result).__name__ == name
    values = result.to_dict()
    assert list(values) == keys.split()
    assert json.loads(json.dumps(values)) == values
    assert repr(result).startswith(f"<{name}: ")
    assert len(repr(result)) < 330
    assert "tensor(" not in repr(result)
    assert "<table>" in result._repr_html_()
    assert set(getattr(result, "references", ())) <= set(references())


def test_the_numbers_of_a_dictionary_are_those_of_the_result(results):
    scores, maps = results["MaskScores"], results["SelectableMaps"]
    assert scores.to_dict()["drop"] == scores.drop.tolist()
    assert scores.to_dict()["average_drop"] == scores.average_drop
    assert maps.to_dict()["alpha"] == maps.alpha.tolist()
    assert maps.to_dict()["d"] == len(maps.labels)
    assert maps.to_dict()["status"] == SelectionStatus.OK.name
    assert results["HeadCheck"].to_dict()["status"] == "CLASS_ONLY"


def test_a_confidence_curve_is_drawn(results):
    curve = results["ConfidenceCurve"]
    figure = curve.plot()
    (line,) = figure.axes[0].lines
    np.testing.assert_allclose(line.get_ydata(), curve.confidence.mean(dim=0))
    axis = mpl.figure.Figure().subplots()
    assert curve.plot(axis) is axis.figure
