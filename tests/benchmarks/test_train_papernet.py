"""The script that trains the network of the paper."""

import json

import numpy as np
import pytest
import torch
from backbones import ResNetLike, torchvision_or_skip
from PIL import Image

import qxgap as qx
from qxgap import xai
from qxgap.xai import PaperNet, resnet18_to_layer3

torch.set_num_threads(1)


def test_stl10_is_divided_without_leaks(tmp_path, monkeypatch):
    from benchmarks.xai import train_papernet

    STL10 = torchvision_or_skip().datasets.STL10
    with pytest.raises(qx.InputError, match="no STL-10"):
        train_papernet.load_parts(f"stl10={tmp_path}", 96, 1)
    monkeypatch.setattr(STL10, "_check_integrity", lambda self: True)  # of files that are not real
    rng, folder = np.random.default_rng(0), tmp_path / "stl10_binary"
    folder.mkdir()
    train, test = (rng.integers(0, 256, (n, 3, 96, 96), dtype=np.uint8) for n in (42, 8))
    train[40], train[41] = train[0], test[3]
    for name, part in (("train", train), ("test", test)):
        part.transpose(0, 1, 3, 2).tofile(folder / f"{name}_X.bin")  # stored column by column
        (np.arange(len(part), dtype=np.uint8) % 2 + 1).tofile(folder / f"{name}_y.bin")
    (folder / "class_names.txt").write_text("cat\ndog\n")
    parts = train_papernet.load_parts(f"stl10={tmp_path}", 96, 1)
    assert [len(parts[name]) for name in ("train", "validation", "test")] == [34, 6, 8]
    seen = [row.numpy().tobytes() for part in parts.values() for row in part.tensors[0]]
    assert len(set(seen)) == len(seen) == 48
    kept = {(row * 255).round().byte().numpy().tobytes() for row in parts["test"].tensors[0]}
    assert kept == {row.tobytes() for row in test}


def narrow_backbone():
    torch.manual_seed(5)
    return resnet18_to_layer3(ResNetLike())


@pytest.mark.parametrize("as_authors", [False, True])
def test_training_script_of_the_papers_network(as_authors, tmp_path, capsys):
    from benchmarks.xai import train_papernet

    rng = np.random.default_rng(0)
    labels = np.arange(20) % 2
    pixels = rng.integers(0, 120, (20, 24, 24, 3)) + 100 * labels[:, None, None, None]
    for i, (label, image) in enumerate(zip(labels, pixels.astype(np.uint8), strict=True)):
        (tmp_path / "images" / f"c{label}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(tmp_path / "images" / f"c{label}" / f"{i}.png")
    out = tmp_path / "out"
    backbone = f"{__name__}:narrow_backbone"
    options = f"--images {tmp_path / 'images'} --output {out} --num-maps 3 --size 24 --epochs 2"
    options += " --as-authors" if as_authors else ""
    train_papernet.main([*options.split(), "--batch-size", "8", "--backbone", backbone])
    report = json.loads((out / "history.json").read_text())
    assert report["num_train"] + report["num_validation"] + report["num_test"] == 20
    assert len(report["train_loss"]) == 2
    assert f"test accuracy {report['test_accuracy']:.1%}" in capsys.readouterr().out
    assert (out / "loss.png").read_bytes()[:4] == b"\x89PNG"
    network = PaperNet(3, narrow_backbone(), num_classes=2)
    xai.load_weights(network, out / "network.pt")
    before = narrow_backbone()
    frozen = torch.equal(network.backbone.layer3.weight, before.layer3.weight)
    assert frozen == as_authors
    assert not torch.equal(network.backbone.bn1.running_mean, before.bn1.running_mean)
    with pytest.raises(qx.InputError, match="no classes"):
        train_papernet.load_parts(str(tmp_path / "images" / "c0"), 24, 1)
