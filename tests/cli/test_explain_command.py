"""``qxgap explain`` and ``qxgap qubo`` on images and networks."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")

import torch
from PIL import Image

from qxgap import load, xai
from qxgap.explain import DEFAULT_METHODS

torch.set_num_threads(1)

METHODS = [method.value for method in DEFAULT_METHODS]


def test_the_command(run, tmp_path):
    out = tmp_path / "out"
    arguments = ["explain", "digits", "--model", "digits-24", "-o", out, "--steps", 0]
    status, text, _ = run(*arguments, "--limit", 2, "--json")
    rows = json.loads(text)
    assert status == 0
    assert len(rows) == 2 * len(METHODS)
    assert {row["method"] for row in rows} == set(METHODS)
    for row in rows:
        assert 0 <= row["drop_soft"] <= 100
        assert (row["selected"] is None) == row["method"].startswith("Grad-CAM")
    assert sorted(path.name for path in out.iterdir()) == [
        "digits-0000-explained.png",
        "digits-0000-overlay.png",
        "digits-0000.npz",
        "digits-0001-explained.png",
        "digits-0001-overlay.png",
        "digits-0001.npz",
        "index.html",
        "metrics.csv",
    ]
    written = pd.read_csv(out / "metrics.csv")
    assert written.adcc.tolist() == pytest.approx([row["adcc"] for row in rows])
    status, text, _ = run(*arguments, "--limit", 1, "--fill", 0.5)
    assert status == 0
    assert "a smaller loss is better" in text
    assert "difference" not in text
    assert f"picture   {out / 'digits-0000-explained.png'}" in text
    status, text, error = run(*arguments, "--limit", 2)
    words = " ".join(text.split())
    assert "In 2 images the QUBO chooses" in words
    assert "No difference from greedy" in words
    assert "digits-0001\n" in text
    assert [line.split()[0] for line in text.splitlines() if line.startswith("Grad-CAM")] == [
        "Grad-CAM",
        "Grad-CAM++",
    ]
    assert "alpha cannot depend on the image" in error
    assert "hook layer 'conv'" in error


def test_the_methods_that_are_asked_for(run, tmp_path):
    asked = ["explain", "digits", "--model", "digits", "-o", tmp_path, "--steps", 0, "--limit", 1]
    status, text, _ = run(*asked, "--methods", "score-cam, exact", "--json")
    assert status == 0
    assert [row["method"] for row in json.loads(text)] == ["exact", "Score-CAM"]
    status, text, _ = run(*asked, "--methods", "all", "--csv")
    assert status == 0
    assert {line.split(",")[7] for line in text.splitlines()[1:]} >= {"HiResCAM", "LayerCAM"}
    status, _, error = run(*asked, "--methods", "Grad-CAM")
    assert status == 2
    assert "'exact' is missing; add it" in error


def test_an_interruption_keeps_the_images_that_are_done(run, tmp_path, monkeypatch):
    from qxgap.explain import folder

    drawn = folder.picture

    def interrupted_at_the_third(item, *others):
        if item.instance.name == "digits-0002":
            raise KeyboardInterrupt
        return drawn(item, *others)

    monkeypatch.setattr(folder, "picture", interrupted_at_the_third)
    arguments = ["explain", "digits", "--model", "digits", "-o", tmp_path, "--steps", 0]
    status, text, error = run(*arguments, "--limit", 5)
    assert (status, text) == (130, "")
    assert (
        error
        == f"qxgap: interrupted; the explanations so far are stored in {tmp_path} (images: 2)\n"
    )
    assert sorted(path.name for path in tmp_path.glob("*-explained.png")) == [
        "digits-0000-explained.png",
        "digits-0001-explained.png",
    ]
    assert "2 of 500\n  images explained" in (tmp_path / "index.html").read_text()
    assert len(pd.read_csv(tmp_path / "metrics.csv")) == 2 * len(METHODS)


def test_explain_and_qubo_write_the_same_problems_and_gap_reads_them(run, tmp_path):
    """A folder of classes; the files hold the image's class and the prediction."""
    images, labels = xai.digits_images()
    for i in range(3):
        folder = tmp_path / "images" / str(int(labels[i]))
        folder.mkdir(parents=True, exist_ok=True)
        wide = np.pad((images[i, 0].numpy() * 255).astype(np.uint8), ((0, 0), (5, 5)))
        Image.fromarray(wide).save(folder / f"{i}.png")
    terms = ("--layer", "conv", "--reward-rule", "min-max", "--select", 3, "--tradeoff-at", 8)
    asked = ("--model", "digits", *terms, "--json")
    status, text, _ = run("qubo", "--images", tmp_path / "images", "-o", tmp_path / "q", *asked)
    rows = json.loads(text)
    assert (status, len(rows)) == (0, 3)
    arguments = ("explain", tmp_path / "images", "-o", tmp_path / "e", "--steps", 0, *asked)
    status, text, _ = run(*arguments)
    chosen = {row["name"]: row["selected"] for row in json.loads(text) if row["method"] == "exact"}
    assert status == 0
    files = sorted((tmp_path / "e").glob("*.npz"))
    assert [path.name for path in files] == sorted(Path(row["file"]).name for row in rows)
    for path, name in zip(files, sorted(chosen), strict=True):
        mine, other = load(path), load(tmp_path / "q" / path.name)
        assert mine.content_hash == other.content_hash
        assert mine.source.label == int(name.split("/")[0])
        assert mine.source.size_term.size == 3
        assert chosen[name] in [list(labels) for labels in mine.ground_labels()]
    status, text, _ = run("gap", *files, "--json")
    assert status == 0
    assert [row["num_qubits"] for row in json.loads(text)] == [load(f).num_qubits for f in files]


def test_a_network_of_the_users_own(run, tmp_path, monkeypatch):
    (tmp_path / "plain_network.py").write_text(
        "from torch import nn\n"
        "def build():\n"
        "    return nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(108, 2))\n"
    )
    monkeypatch.chdir(tmp_path)
    xai_images = xai.digits_images()[0][:1]
    np.savez(tmp_path / "one.npz", images=xai_images.numpy())
    base = ["explain", "one.npz", "--model", "plain_network:build", "-o", "d"]
    status, _, error = run(*base)
    assert (status, "no INPUT; give channels and size" in error) == (2, True)
    base += ["--channels", 1, "--size", 8]
    torch.manual_seed(0)
    head = {"3.weight": torch.randn(2, 108), "3.bias": torch.zeros(2)}
    torch.save({"0.weight": torch.randn(3, 1, 3, 3), "0.bias": torch.zeros(3), **head}, "w.pt")
    status, _, error = run(*base, "--steps", 0, "--weights", "w.pt")
    assert status == 0, error
    assert "the maps are those of layer '1'" in error
    assert (tmp_path / "d" / "one-0000-explained.png").exists()
    for bad, message in ((["--limit", 0], "--limit 0"), (["--steps", -1], "--steps -1")):
        status, _, error = run(*base, *bad)
        assert (status, message in error) == (2, True)
