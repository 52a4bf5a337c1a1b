"""``qxgap qubo`` and ``explain`` with networks and images that are not as they should be."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from PIL import Image

import qxgap as qx
from qxgap import xai

FILE = '''
"""A small network of five classes, as a user may write it."""
import torch
from torch import nn
from neighbour import CLASSES


class Net(nn.Module):
    def __init__(self, frozen=False):
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 6, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.mix = nn.Sequential(nn.Flatten(), nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, CLASSES))
        self.frozen = frozen

    def forward(self, x):
        with torch.set_grad_enabled(not self.frozen):
            return self.mix(self.pool(self.conv(x)))


def load():
    return Net()


def frozen():
    return Net(frozen=True)


def broken():
    raise RuntimeError("my weights are missing")
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder ``nets`` with the network's file and a neighbour, and ``photos`` of two classes."""
    nets, photos = tmp_path / "nets", tmp_path / "photos"
    nets.mkdir()
    (nets / "mynet.py").write_text(FILE)
    (nets / "neighbour.py").write_text("CLASSES = 5\n")
    rng = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (photos / name).mkdir(parents=True)
        for number in range(2):
            pixels = rng.integers(0, 255, (20, 24, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(photos / name / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("_qxgap_network_")]:
        del sys.modules[name]
    sys.modules.pop("neighbour", None)
    sys.path[:] = [path for path in sys.path if not path.startswith(str(tmp_path))]


WITH = ("--layer", "conv", "--channels", 3, "--size", 16)


def qubo(run, *words, model="nets/mynet.py:load", images="photos"):
    return run("qubo", "--model", model, "--images", images, "-o", "out", *words)


def test_a_network_may_be_a_file(folder, run):
    assert qubo(run, *WITH)[0] == 0
    assert len(list((folder / "out").rglob("*.npz"))) == 4
    first, second = (xai.load_network("nets/mynet.py:load") for _ in range(2))
    assert type(first) is type(second)  # one module, however often it is named


def test_a_study_finds_the_file_beside_it(folder, monkeypatch):
    """The path of a network counts from the folder of the study file."""
    monkeypatch.chdir(folder / "photos")
    assert len(xai.load_network("mynet.py:load", folder / "nets").state_dict()) == 6
    with pytest.raises(qx.InputError, match="no such file"):
        xai.load_network("nets/mynet.py:load", folder / "nets")


def test_a_study_says_that_labels_were_left_out(folder):
    from qxgap.study.config import Network
    from qxgap.study.network_images import open_network_images

    network = Network("mynet.py:load", str(folder / "photos"), layer="conv", channels=3, size=16)
    found = open_network_images(network, folder / "nets")
    assert len(found.items) == 4
    assert found.facts["test_accuracy"] is None
    assert "the network has 5 classes and there are 2 folders" in found.facts["head"]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("nets/nothing.py:load", "no such file: nets/nothing.py; correct the file"),
        ("nets/mynet.py:lod", "has no 'lod'"),
        ("nets/mynet.py:broken", "my weights are missing"),
        ("nets/mynet.py", "'file.py:callable'"),
        ("nets/bad.py:load", "SyntaxError"),
    ],
)
def test_a_file_that_is_no_network(folder, run, model, message):
    (folder / "nets" / "bad.py").write_text("def load(:\n")
    status, out, error = qubo(run, *WITH, model=model)
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert message in error
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("absent.pt", "absent.pt: no such file of weights"),
        ("none", "weights 'none' are for networks of torchvision, timm, transf"),
        ("nets/mynet.py", "weights of another kind; give .safetensors"),
        ("other.npz", "the file lacks conv.weight, conv.bias, mix.1.weight and 3 more"),
    ],
)
def test_weights_that_are_none_of_the_network(folder, run, weights, message):
    np.savez("other.npz", kernel=np.zeros(3))
    status, out, error = qubo(run, *WITH, "--weights", weights)
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert message in error
    assert not (folder / "out").exists()


def test_folders_that_are_no_classes_of_the_network_give_no_labels(folder, run):
    """D18: "class 285 (true: 0)" told a true class that the network does not mean."""
    status, _, error = qubo(run, *WITH)
    assert status == 0
    assert "the network has 5 classes and there are 2 folders" in error
    problem = qx.load(next((folder / "out").rglob("*.npz")))
    assert problem.source.label is None
    for name, number in (("cats", "1"), ("dogs", "4")):
        (folder / "photos" / name).rename(folder / "photos" / number)
    status, _, error = qubo(run, *WITH)
    assert status == 0
    assert "folders" not in error
    labels = {qx.load(path).source.label for path in (folder / "out").rglob("[14]*.npz")}
    assert labels == {1, 4}
    (folder / "photos" / "4").rename(folder / "photos" / "285")
    _, _, error = qubo(run, *WITH)
    assert "label 285 is none of the 5 classes" in error


def test_as_many_folders_as_classes_are_the_classes(folder):
    for name in "abcde":
        (folder / "five" / name).mkdir(parents=True)
        Image.new("RGB", (20, 20)).save(folder / "five" / name / "0.png")
    source = xai.open_images("five", 3, 16).for_network(xai.load_network("nets/mynet.py:load"))
    assert source.labels.tolist() == [0, 1, 2, 3, 4]
    assert source.notes == []


def test_pixels_up_to_255_and_tiny_images_are_noted(folder, run):
    rng = np.random.default_rng(1)
    np.savez("bright.npz", images=rng.uniform(0, 255, (2, 3, 16, 16)))
    _, _, error = qubo(run, *WITH, images="bright.npz")
    assert "look like 0 to 255" in error
    assert "uint8 or divide by 255" in error
    np.savez("normalised.npz", images=rng.normal(size=(2, 3, 16, 16)))
    assert "values outside 0 to 1" in qubo(run, *WITH, images="normalised.npz")[2]
    np.savez("plain.npz", images=rng.random((2, 3, 16, 16)))
    assert "outside" not in qubo(run, *WITH, images="plain.npz")[2]
    np.savez("bytes.npz", images=rng.integers(0, 255, (2, 3, 16, 16), dtype=np.uint8))
    for images in ("normalised.npz", "bytes.npz"):
        assert "255" not in qubo(run, *WITH, images=images)[2]
    Image.new("RGB", (1, 1), "red").save("dot.png")
    status, _, error = qubo(run, *WITH, images="dot.png")
    assert status == 0
    assert "(dot.png: 1 x 1 pixels became 16 x 16)" in error


def test_maps_of_one_pixel_have_no_place(folder, run):
    status, _, error = qubo(run, "--layer", "pool", "--channels", 3, "--size", 16)
    assert status == 0
    assert "have one pixel each" in error
    assert "before the pooling" in error
    assert "one pixel" not in qubo(run, *WITH)[2]


def test_a_network_without_gradients_is_told_why(folder, run):
    status, _, error = qubo(run, *WITH, model="nets/mynet.py:frozen")
    assert (status, error.count("\n")) == (2, 1)
    assert "no_grad()" in error


@pytest.mark.parametrize(("option", "value"), [("--size", 0), ("--channels", -1)])
def test_a_size_of_nothing_is_named(folder, run, option, value):
    status, _, error = qubo(run, "--layer", "conv", option, value)
    assert (status, error.count("\n")) == (2, 1)
    assert f"{option} {value}; give at least 1" in error


def test_a_selection_of_more_maps_than_there_are_is_noted(folder, run):
    _, _, error = qubo(run, *WITH, "--select", 1000)
    assert "--select 1000 is more than the" in error
    assert "--select" not in qubo(run, *WITH, "--select", 1)[2]


# -- the class, its name, and the standardization of the images ------------------------------------

NAMES = ("ant", "bee", "cat", "dog", "emu")


def rows(run, *words, images="photos"):
    status, out, error = qubo(run, *WITH, *words, "--json", images=images)
    assert status == 0, error
    return json.loads(out)


@pytest.mark.parametrize("kind", ["text", "list", "numbers", "pairs"])
def test_class_names_are_read_from_a_file(folder, run, kind):
    file = {
        "text": "\ufeff" + "\n".join(NAMES) + "\n",
        "list": json.dumps(NAMES),
        "numbers": json.dumps({str(i): name for i, name in enumerate(NAMES)}),
        "pairs": json.dumps({str(i): [f"n{i}", name] for i, name in enumerate(NAMES)}),
    }[kind]
    path = Path("names.txt" if kind == "text" else "names.json")
    path.write_text(file, encoding="utf-8")
    found = rows(run, "--class-names", path)
    assert {row["target_name"] for row in found} == {NAMES[row["pred"]] for row in found}
    assert {row["target_name"] for row in rows(run)} == {None}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("four.txt", "a\nb\nc\nd", "the network has 5 classes and there are 4 class names"),
        ("gap.txt", "a\n\nc\nd\ne", "gap.txt, line 2: no name"),
        ("empty.txt", "", "empty.txt, line 1: no name"),
        ("bad.json", "{", "bad.json: holds no class names"),
        ("keys.json", '{"1": "a"}', "keys.json: holds no class names"),
        ("number.json", "[1, 2, 3, 4, 5]", "number.json: holds no class names"),
    ],
)
def test_files_that_hold_no_class_names(folder, run, name, content, message):
    Path(name).write_text(content)
    status, out, error = qubo(run, *WITH, "--class-names", name)
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert message in error
    status, _, error = qubo(run, *WITH, "--class-names", "nosuch.txt")
    assert (status, "nosuch.txt: cannot be read" in error) == (2, True)


def test_class_names_come_from_the_network_or_from_the_folders(folder, run):
    file = folder / "nets" / "mynet.py"
    file.write_text(
        FILE.replace("class Net(nn.Module):", f"class Net(nn.Module):\n    CLASSES = {NAMES}")
    )
    assert {row["target_name"] for row in rows(run)} <= set(NAMES)
    (folder / "nets" / "plain.py").write_text(FILE)
    for name in NAMES:
        (folder / "five" / name).mkdir(parents=True)
        Image.new("RGB", (20, 20), "red").save(folder / "five" / name / "0.png")
    status, out, _ = qubo(run, *WITH, "--json", model="nets/plain.py:load", images="five")
    assert status == 0
    found = json.loads(out)
    assert {row["target_name"] for row in found} == {NAMES[row["pred"]] for row in found}


def test_a_class_is_chosen_by_number_or_name(folder, run):
    Path("names.txt").write_text("\n".join(NAMES))
    by_number = rows(run, "--class", 3)
    files = sorted(Path("out").glob("*.npz"))
    assert files
    hashes = [qx.load(file).content_hash for file in files]
    assert [qx.load(file).source.target for file in files] == [3] * len(files)
    by_name = rows(run, "--class", "Dog", "--class-names", "names.txt")
    assert [qx.load(file).content_hash for file in files] == hashes
    assert [row["target"] for row in by_number] == [row["target"] for row in by_name] == [3] * 4
    assert {row["target_name"] for row in by_name} == {"dog"}
    assert {row["pred"] for row in by_number} != {3}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--class", 5), "--class 5; the network has the classes 0 to 4"),
        (("--class", "dog"), "the names of the classes are not known"),
        (("--class", "bog", "--class-names", "names.txt"), "'bog'; did you mean 'dog'?"),
        (("--class", "-1"), "'-1'"),
        (("--mean", "a"), "--mean a; give a number, or one for each channel"),
        (("--mean", "0.1,0.2"), "mean = [0.1, 0.2]; give one finite number, or one for each of 3"),
        (("--mean", "nan"), "mean = [nan]; give one finite number"),
        (("--std", "0"), "std = [0.0]; give positive numbers"),
    ],
)
def test_a_class_or_a_standardization_that_is_none(folder, run, words, message):
    Path("names.txt").write_text("\n".join(NAMES))
    status, out, error = qubo(run, *WITH, *words)
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert message in error
    assert not (folder / "out").exists()


def test_images_are_standardized_for_the_network_and_drawn_as_they_are(folder, run):
    """The options do what a network does that standardizes its input itself."""
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    words = ("--mean", ",".join(map(str, mean)), "--std", ",".join(map(str, std)))
    found = rows(run, *words)
    hashes = {file.name: qx.load(file).content_hash for file in Path("out").glob("*.npz")}
    wrapped = FILE.replace(
        "return self.mix(",
        f"x = (x - torch.tensor({mean})[:, None, None]) / torch.tensor({std})[:, None, None]\n"
        "            return self.mix(",
    )
    (folder / "nets" / "inside.py").write_text(wrapped)
    status, out, _ = qubo(run, *WITH, "--json", model="nets/inside.py:load")
    assert status == 0
    assert [row["pred"] for row in json.loads(out)] == [row["pred"] for row in found]
    assert {file.name: qx.load(file).content_hash for file in Path("out").glob("*.npz")} == hashes
    plain = xai.open_network("nets/mynet.py:load", "conv", 3, 16).open_images("photos")
    source = xai.open_network("nets/mynet.py:load", "conv", 3, 16, mean=0.5, std=0.25).open_images(
        "photos"
    )
    given = source.read(slice(0, 2))
    np.testing.assert_allclose(given, (plain.read(slice(0, 2)) - 0.5) / 0.25, rtol=1e-6)
    shown = source.pixels(given[1].numpy())
    np.testing.assert_allclose(shown, plain.read(slice(1, 2))[0], rtol=1e-5, atol=1e-7)
    assert plain.pixels(shown) is shown


def test_the_names_of_imagenet():
    names = xai.imagenet_classes()
    assert len(names) == len(set(names)) == 1000
    assert [names[i] for i in (0, 207, 285, 999)] == [
        "tench",
        "golden retriever",
        "Egyptian cat",
        "toilet tissue",
    ]
    assert xai.class_title(285, names) == "Egyptian cat (class 285)"
