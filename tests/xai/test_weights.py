"""Weights from files: every kind of file, prefixes, and messages about files that do not fit."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import qxgap as qx
from qxgap import xai


def network(seed, num_classes=3):
    torch.manual_seed(seed)
    parts = {"conv": nn.Conv2d(1, 2, 3), "norm": nn.BatchNorm2d(2), "flat": nn.Flatten()}
    net = nn.Sequential()
    for name, part in {**parts, "head": nn.Linear(2 * 4, num_classes)}.items():
        net.add_module(name, part)
    return net


def equal(one, other):
    return all(map(torch.equal, one.state_dict().values(), other.state_dict().values()))


def prefixed(state, prefix):
    return {prefix + name: tensor for name, tensor in state.items()}


def save_npz(state, file):
    np.savez(file, **{name: tensor.numpy() for name, tensor in state.items()})


WRITERS = {
    "weights.safetensors": save_file,
    "weights.npz": save_npz,
    "weights.pt": torch.save,
    "parallel.pth": lambda state, file: torch.save(prefixed(state, "module."), file),
    "nested.ckpt": lambda state, file: torch.save(
        {"epoch": 3, "state_dict": prefixed(state, "model.module."), "optimizer": {"lr": 0.1}}, file
    ),
    "authors.pth": lambda state, file: torch.save({"epoch": 3, "model_state_dict": state}, file),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file(name, tmp_path):
    trained, other = network(0), network(1)
    trained.train()(torch.rand(4, 1, 4, 4))  # moves the statistics of the BatchNorm
    WRITERS[name](trained.state_dict(), tmp_path / name)
    assert not equal(trained, other)
    xai.load_weights(other, tmp_path / name)
    assert equal(trained, other)


def test_names_that_begin_as_a_part_of_the_network_are_kept(tmp_path):
    one, other = nn.Sequential(network(0)), nn.Sequential(network(1))
    torch.save(one.state_dict(), tmp_path / "w.pt")  # every name begins with "0."
    xai.load_weights(other, tmp_path / "w.pt")
    assert equal(one, other)


def test_files_without_the_counter_of_batch_norm_fit(tmp_path):
    state = {name: value for name, value in network(0).state_dict().items() if "num_b" not in name}
    save_file(state, tmp_path / "w.safetensors")
    other = network(1)
    xai.load_weights(other, tmp_path / "w.safetensors")
    assert torch.equal(other.head.weight, state["head.weight"])


def test_files_that_do_not_fit_leave_the_network_as_it_was(tmp_path):
    state = network(0, num_classes=5).state_dict()
    del state["conv.bias"]
    torch.save({**state, "extra.weight": torch.zeros(1)}, tmp_path / "w.pt")
    other = network(1)
    with pytest.raises(qx.InputError) as error:
        xai.load_weights(other, tmp_path / "w.pt")
    message = str(error.value)
    assert "lacks conv.bias" in message
    assert "no extra.weight" in message
    assert "head.weight (file (5, 8), network (3, 8))" in message
    assert equal(other, network(1))
    many = nn.Sequential(*(nn.Linear(1, 1) for _ in range(3)))
    with pytest.raises(qx.InputError, match=r"lacks 0.weight, 0.bias, 1.weight and 3 more"):
        xai.load_weights(many, tmp_path / "w.pt")


def test_files_that_hold_no_weights(tmp_path):
    torch.save(network(0), tmp_path / "whole.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    for name in ("broken.pt", "broken.npz", "broken.safetensors", "weights.h5"):
        (tmp_path / name).write_bytes(b"no weights")
    for name, message in {
        "absent.pt": "no such file",
        "whole.pt": "holds more than weights",
        "list.pt": "holds no state dict",
        "broken.pt": "weights",
        "broken.npz": "cannot be read",
        "broken.safetensors": "no file of safetensors",
        "weights.h5": "another kind",
    }.items():
        with pytest.raises(qx.InputError, match=message):
            xai.load_weights(network(0), tmp_path / name)


def test_weights_of_networks_by_name_and_of_modules(tmp_path):
    (tmp_path / "mynet.py").write_text(
        "from qxgap.xai import DigitsNet\n\n\ndef make():\n    return DigitsNet(16)\n"
    )
    packaged = xai.load_network("digits")
    torch.save(packaged.state_dict(), tmp_path / "digits.pt")
    by_file = xai.open_network("mynet.py:make", folder=tmp_path, weights="digits.pt")
    given = xai.open_network(xai.DigitsNet(16), weights=tmp_path / "digits.pt")
    assert equal(by_file.module, packaged)
    assert equal(given.module, packaged)
    with pytest.raises(qx.InputError, match=r"shapes differ in conv\.weight"):
        xai.load_network("digits-24", weights=tmp_path / "digits.pt")
    with pytest.raises(qx.InputError, match="for networks of torchvision, timm, transformers"):
        xai.load_network("digits", weights="none")
