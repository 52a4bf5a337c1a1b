"""Networks of other libraries by name, with stand-ins for the libraries."""

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


def fake_transformers(folder, processor):
    def stored(name, **options):
        if name != str(folder):
            raise OSError(f"{name} is no folder")
        number = options.get("num_labels", 3)
        return SimpleNamespace(number=number, id2label=dict(enumerate("abcdefg"[:number])))

    def from_config(config, trained=False):
        network = Small(config.number, trained)
        network.config = config
        return network

    def load_processor(name):
        if processor is None:
            raise OSError("no processor")
        return processor

    transformers = ModuleType("transformers")
    transformers.AutoConfig = SimpleNamespace(from_pretrained=stored)
    transformers.AutoImageProcessor = SimpleNamespace(from_pretrained=load_processor)
    transformers.AutoModelForImageClassification = SimpleNamespace(
        from_pretrained=lambda name: from_config(stored(name), trained=True),
        from_config=from_config,
    )
    return transformers


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


def processor(**values):
    usual = {"size": {"height": 8, "width": 8}, "do_normalize": True, "image_mean": [0.5] * 3}
    return SimpleNamespace(**{**usual, "image_std": [0.25] * 3, **values})


@pytest.mark.parametrize(
    ("stored", "size", "mean"),
    [
        (processor(), 8, (0.5,) * 3),
        (processor(crop_size=SimpleNamespace(height=4, width=4)), 4, (0.5,) * 3),
        (processor(size={"shortest_edge": 6}, do_normalize=False), 6, ()),
    ],
)
def test_a_folder_of_transformers(stored, size, mean, tmp_path, monkeypatch):
    folder = tmp_path / "stored"
    folder.mkdir()
    monkeypatch.setitem(sys.modules, "transformers", fake_transformers(folder, stored))
    options = {"channels": 3, "folder": tmp_path}
    opened = xai.open_network("transformers:stored", "conv", **options)
    assert (opened.size, opened.mean, opened.class_names) == (size, mean, ("a", "b", "c"))
    assert opened.module.fc.bias.tolist() == [7.0] * 3
    torch.save(Small(5, trained=False).state_dict(), tmp_path / "w.pt")
    opened = xai.open_network("transformers:stored", "conv", weights="w.pt", **options)
    assert (opened.module.fc.out_features, opened.class_names) == (5, ())
    with pytest.raises(qx.InputError, match=r"cannot get its weights \(absent is no folder\)"):
        xai.open_network("transformers:absent", folder=tmp_path)


def test_a_network_of_transformers_without_a_processor(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", fake_transformers(tmp_path, None))
    opened = xai.open_network(f"transformers:{tmp_path}", "conv", 3, 8)
    assert (opened.mean, opened.std, len(opened.class_names)) == ((), (), 3)


def test_names_that_no_library_knows(monkeypatch):
    with pytest.raises(qx.InputError, match=r"no network 'small19'; perhaps small18"):
        xai.load_network("timm:small19")
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(qx.InputError, match=r"timm cannot be imported .* pip install timm"):
        xai.load_network("timm:small18")
