"""Networks of torchvision and timm by name, with stand-ins for the libraries."""

import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch
from torch import nn

import qxgap as qx
from qxgap import xai


class Small(nn.Module):
    """A network with maps of 2 x 2 pixels; its head tells whether it was downloaded."""

    def __init__(self, num_classes, trained):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 4, 4, stride=4), nn.Linear(16, num_classes)
        nn.init.constant_(self.fc.bias, 7.0 if trained else 0.0)

    def forward(self, images):
        return self.fc(torch.relu(self.conv(images)).flatten(1))


def fake_torchvision():
    models = ModuleType("torchvision.models")
    used = SimpleNamespace(crop_size=[8], mean=[0.5, 0.4, 0.3], std=[0.2, 0.3, 0.4])
    weights = SimpleNamespace(transforms=lambda: used, meta={"categories": ["a", "b", "c", "d"]})
    models.list_models = lambda: ["small18", "small34"]
    models.get_model = lambda name, weights, num_classes=4: Small(num_classes, weights is not None)
    models.get_model_weights = lambda name: SimpleNamespace(DEFAULT=weights)
    return models


def fake_timm():
    def create_model(name, pretrained, num_classes=1000):
        if pretrained:
            raise OSError("no connection")
        network = Small(num_classes, trained=False)
        network.pretrained_cfg = {
            "input_size": (3, 8, 8),
            "mean": (0.5, 0.5, 0.5),
            "std": (0.5, 0.5, 0.5),
            "num_classes": 1000,
        }
        return network

    timm = ModuleType("timm")
    timm.list_models, timm.create_model = lambda: ["small18"], create_model
    return timm


@pytest.fixture(autouse=True)
def libraries(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.models", fake_torchvision())
    monkeypatch.setitem(sys.modules, "timm", fake_timm())


def test_a_network_of_torchvision_with_all_that_the_library_knows(tmp_path):
    opened = xai.open_network("torchvision:small18", "conv")
    assert (opened.channels, opened.size) == (3, 8)
    assert opened.class_names == ("a", "b", "c", "d")
    assert (opened.mean, opened.std) == ((0.5, 0.4, 0.3), (0.2, 0.3, 0.4))
    assert opened.module.fc.bias.tolist() == [7.0] * 4
    given = xai.open_network("torchvision:small18", "conv", size=4, mean=0.1, class_names=["x"])
    assert (given.size, given.class_names) == (4, ("x",))
    assert (given.mean, given.std) == ((0.1,) * 3, (1.0,) * 3)
    random = xai.open_network("torchvision:small18", "conv", weights="none")
    assert (random.class_names, random.module.fc.bias.tolist()) == ((), [0.0] * 4)


@pytest.mark.parametrize(("num_classes", "names"), [(4, ("a", "b", "c", "d")), (10, ())])
def test_a_file_decides_the_number_of_classes(num_classes, names, tmp_path):
    trained = Small(num_classes, trained=False)
    torch.save(trained.state_dict(), tmp_path / "w.pt")
    opened = xai.open_network("torchvision:small18", "conv", weights=tmp_path / "w.pt")
    assert torch.equal(opened.module.fc.weight, trained.fc.weight)
    assert opened.class_names == names
    assert opened.mean == (0.5, 0.4, 0.3)
    state = {**trained.state_dict(), "conv.weight": torch.zeros(4, 3, 2, 2)}
    torch.save(state, tmp_path / "w.pt")
    with pytest.raises(qx.InputError, match=r"conv.weight \(file \(4, 3, 2, 2\)"):
        xai.open_network("torchvision:small18", weights=tmp_path / "w.pt")


def test_a_network_of_timm():
    opened = xai.open_network("timm:small18.tag", "conv", weights="none")
    assert (opened.size, opened.mean, opened.class_names) == (8, (0.5,) * 3, ())
    with pytest.raises(qx.InputError, match=r"weights \(no connection\); give weights, .* 'none'"):
        xai.load_network("timm:small18")


def test_names_that_no_library_knows(monkeypatch):
    with pytest.raises(qx.InputError, match=r"no network 'small19'; perhaps small18"):
        xai.load_network("timm:small19")
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(qx.InputError, match=r"timm cannot be imported .* pip install timm"):
        xai.load_network("timm:small18")
