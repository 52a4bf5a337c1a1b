"""The embedded network and its images; networks and images of the user's own."""

import importlib
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import qxgap as qx
from qxgap import xai
from qxgap.xai import DigitsNet

torch.set_num_threads(1)


# -- networks -------------------------------------------------------------------------------------


def test_embedded_network_reaches_its_stated_accuracy(digits):
    network = xai.load_network("digits")
    images, labels = digits
    metadata = xai.digits_metadata()
    assert not network.training
    assert len(images) == metadata["num_test"] == 500
    assert labels.bincount().tolist() == [50] * 10
    assert (images.min(), images.max(), images.dtype) == (0, 1, torch.float32)
    with torch.no_grad():
        correct = int((network(images).argmax(dim=1) == labels).sum())
    assert correct / len(labels) == metadata["test_accuracy"]
    assert metadata["num_train"] + metadata["num_validation"] == 4500


def test_networks_of_the_users_own(monkeypatch, tmp_path):
    source = "import torch\ntiny = lambda: torch.nn.ReLU()\nnumber = 3\nthree = lambda: 3\n"
    (tmp_path / "own_network.py").write_text(source + "broken = lambda: 1 / 0\n")
    (tmp_path / "bad_network.py").write_text("raise RuntimeError('at import')")
    monkeypatch.syspath_prepend(tmp_path)
    own = xai.load_network("own_network:tiny")
    assert isinstance(own, nn.ReLU)
    assert not own.training
    for spec, message in {
        "resnet": "use 'digits'",
        "own_network:": "use 'digits'",
        "no_such_module:f": "PYTHONPATH",
        "bad_network:f": "RuntimeError: at import",
        "own_network:absent": "has no 'absent'",
        "own_network:number": "cannot call its 'number'",
        "own_network:three": r"three\(\) returns int",
        "own_network:broken": "ZeroDivisionError",
    }.items():
        with pytest.raises(qx.InputError, match=message):
            xai.load_network(spec)
    with pytest.raises(qx.InputError, match="num_maps = 0"):
        DigitsNet(0)


def test_without_torch(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("qxgap.xai")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"pip install 'qxgap\[xai\]'"):
        importlib.import_module("qxgap.xai")


# -- images ---------------------------------------------------------------------------------------


def write_image(path, value, mode="L", size=(6, 4)):
    path.parent.mkdir(exist_ok=True)
    Image.new(mode, size, value).save(path)


def test_embedded_images_as_a_network_wants_them(digits):
    names, images, labels = xai.load_images("digits", 1, 28)
    assert (names[7], len(names)) == ("digits-0007", 500)
    assert torch.equal(images, digits[0])
    assert torch.equal(labels, digits[1])
    assert xai.load_images("digits", 3, (20, 32))[1].shape == (500, 3, 20, 32)


def test_folder_of_images(tmp_path):
    write_image(tmp_path / "b.png", 51)
    write_image(tmp_path / "a.PNG", (255, 0, 0), "RGB")
    (tmp_path / "notes.txt").write_text("no image")
    names, images, labels = xai.load_images(tmp_path, 1, (4, 6))
    assert (names, labels) == (["a.PNG", "b.png"], None)
    assert images[:, 0, 0, 0].tolist() == pytest.approx([0.299, 0.2])
    names, images, _ = xai.load_images(str(tmp_path), 3, 8)
    assert images.shape == (2, 3, 8, 8)
    assert images[0, :, 3, 3].tolist() == pytest.approx([1, 0, 0])


@pytest.mark.parametrize(
    ("folders", "expected"), [(("cat", "ant"), [0, 0, 1]), (("10", "7"), [10, 10, 7])]
)
def test_class_folders(tmp_path, folders, expected):
    first, second = sorted(folders)
    for path in (
        tmp_path / first / "1.png",
        tmp_path / first / "0.jpg",
        tmp_path / second / "0.png",
    ):
        write_image(path, 0)
    (tmp_path / ".cache").mkdir()
    names, _, labels = xai.load_images(tmp_path, 1, 4)
    assert names == [f"{first}/0.jpg", f"{first}/1.png", f"{second}/0.png"]
    assert labels.tolist() == expected


def test_batches_read_only_what_they_hold(tmp_path, monkeypatch):
    for i in range(7):
        write_image(tmp_path / "images" / f"{i}.png", 10 * i)
    opened = []
    original = Image.open
    monkeypatch.setattr(Image, "open", lambda path: opened.append(path.name) or original(path))
    source = xai.open_images(tmp_path / "images", 1, 4)
    assert (len(source), opened) == (7, [])
    whole = xai.load_images(tmp_path / "images", 1, 4)[1]
    opened.clear()
    for first, (names, images, labels) in zip((0, 3, 6), source.batches(3), strict=True):
        assert names == source.names[first : first + 3]
        assert labels is None
        assert torch.equal(images, whole[first : first + 3])
        assert opened == names
        opened.clear()


@pytest.mark.parametrize("kind", ["digits", "array", "classes"])
def test_batches_carry_their_labels(tmp_path, kind):
    path = "digits" if kind == "digits" else tmp_path / "images"
    if kind == "array":
        path = path.with_suffix(".npz")
        pixels = np.arange(5 * 16, dtype=np.uint8).reshape(5, 4, 4)
        np.savez(path, images=pixels, labels=[4, 3, 2, 1, 0])
    elif kind == "classes":
        path.mkdir()
        for name in ("a/0.png", "a/1.png", "b/0.png"):
            write_image(path / name, len(name))
    names, images, labels = xai.load_images(path, 1, 4)
    batches = list(xai.open_images(path, 1, 4).batches(2))
    assert [name for part, _, _ in batches for name in part] == names
    assert torch.equal(torch.cat([part for _, part, _ in batches]), images)
    assert torch.equal(torch.cat([part for _, _, part in batches]), labels)


def test_one_image(tmp_path):
    write_image(tmp_path / "x" / "one.PNG", 51)
    names, images, labels = xai.load_images(tmp_path / "x" / "one.PNG", 3, 5)
    assert (names, labels) == (["one.PNG"], None)
    assert images.shape == (1, 3, 5, 5)
    torch.testing.assert_close(images, torch.full((1, 3, 5, 5), 0.2))


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_array_file(tmp_path, dtype):
    pixels = (np.arange(2 * 16).reshape(2, 4, 4) / (1 if dtype == np.uint8 else 255)).astype(dtype)
    np.savez(tmp_path / "a.npz", images=pixels, labels=[4, 2])
    names, images, labels = xai.load_images(tmp_path / "a.npz", 1, 4)
    assert (names, labels.tolist()) == (["a-0000", "a-0001"], [4, 2])
    np.testing.assert_allclose(
        images.numpy()[:, 0] * 255, np.arange(32).reshape(2, 4, 4), rtol=1e-6
    )
    np.savez(tmp_path / "b.npz", images=pixels[:, None])
    _, images, labels = xai.load_images(tmp_path / "b.npz", 3, 2)
    assert (images.shape, labels) == ((2, 3, 2, 2), None)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": np.ones((2, 4, 4))}, r"no array images; it has \['pictures'\]"),
        ({"images": np.ones((4, 4))}, r"shape \(4, 4\)"),
        ({"images": np.ones((1, 4, 4), dtype=int)}, "int64"),
        ({"images": np.array([[[None]]])}, "not a readable"),
        ({"images": np.ones((1, 2, 4, 4))}, "2 channels and the network takes 1"),
        ({"images": np.ones((1, 4, 4)), "labels": [1, 2]}, "1 images"),
        ({"images": np.ones((1, 4, 4)), "labels": [0.5]}, "float64"),
    ],
)
def test_array_file_errors(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(qx.InputError, match=message):
        xai.load_images(tmp_path / "a.npz", 1, 4)


def test_image_errors(tmp_path):
    def refuses(path, message, channels=1):
        with pytest.raises(qx.InputError, match=message):
            xai.load_images(path, channels, 4)

    refuses(tmp_path / "absent", "no such images")
    refuses(tmp_path, "no .png or .jpg")
    refuses("digits", "channels = 0", channels=0)
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04 cut short")
    refuses(tmp_path / "bad.npz", "not a readable .npz")
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.png").write_text("no image")
    refuses(tmp_path / "text", "a.png: not a readable image")
    write_image(tmp_path / "deep" / "a.png", 700, "I;16")
    refuses(tmp_path / "deep", "I;16 pixels; convert it to 8 bits")
    write_image(tmp_path / "mixed" / "a.png", 0)
    (tmp_path / "mixed" / "empty").mkdir()
    refuses(tmp_path / "mixed", "remove this folder or fill it")
    write_image(tmp_path / "mixed" / "empty" / "a.png", 0)
    refuses(tmp_path / "mixed", "holds images and folders")
