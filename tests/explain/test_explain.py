"""Images explained by every method: selections, tables, pictures, the command, the benchmark."""

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")

import torch
from PIL import Image

from qxgap import InputError, explain, load, plotting, selections, xai
from qxgap.explain import Explainer, ExplanationMethod, Metrics, score, summary
from qxgap.report.citations import references
from qxgap.testing import random_feature_selection
from qxgap.xai import DigitsNet

torch.set_num_threads(1)

METHODS = [method.value for method in ExplanationMethod]


@pytest.fixture(scope="module")
def explainer():
    return Explainer(xai.load_network("digits"), DigitsNet.HOOK, seed=4)


@pytest.fixture(scope="module")
def explained(explainer):
    images, labels = xai.digits_images()
    return list(explainer.explain([f"d{i}" for i in range(5)], images[:5], labels[:5]))


@pytest.fixture(scope="module")
def table(explainer, explained):
    return score(explainer, explained, Metrics(steps=2))


def images_and_classes(explanations):
    """The images explained and the classes that are explained, as a network takes them."""
    seen = [item.instance for item in explanations]
    images = torch.stack([torch.from_numpy(one.image) for one in seen])
    return images, torch.tensor([one.pred for one in seen])


def test_selections_and_maps(explainer, explained):
    images, _ = xai.digits_images()
    captured = xai.capture(explainer.network, images[:5], "norm")
    for i, item in enumerate(explained):
        maps, gradients = captured.maps[i], captured.gradients[i]
        problem = xai.feature_selection(maps, gradients)
        chosen = item.selections
        assert list(chosen["exact"]) in problem.ground_labels()
        seen = item.instance
        assert seen.num_qubits == problem.num_qubits == len(chosen["all positive"])
        k = len(chosen["exact"])
        ranked = sorted(problem.labels, key=lambda a: -seen.alpha[a])
        assert set(chosen["top-k"]) == set(ranked[:k])
        assert len(set(chosen["random-k"])) == k
        torch.testing.assert_close(item.cams["Grad-CAM"], xai.grad_cam(maps, gradients, (28, 28)))
        plus = xai.grad_cam_plus_plus(maps, gradients, (28, 28))
        torch.testing.assert_close(item.cams["Grad-CAM++"], plus)
        for method in ("exact", "greedy", "top-k", "random-k", "all positive"):
            expected = xai.subset_cam(maps, seen.alpha, chosen[method], (28, 28))
            torch.testing.assert_close(item.cams[method], expected)
        classes = (int(captured.predicted[i]), int(xai.digits_images()[1][i]))
        assert (seen.pred, seen.label) == classes
        assert seen.confidence == pytest.approx(float(captured.logits[i].softmax(0).max()))


def test_the_same_maps_on_request(explainer, explained):
    images, targets = images_and_classes(explained)
    for method in METHODS:
        found = explainer.cams(method, images, targets)
        torch.testing.assert_close(found, torch.stack([item.cams[method] for item in explained]))
    with pytest.raises(InputError, match="method 'LIME' is unknown; there are exact"):
        explainer.cams("LIME", images, targets)


def test_random_maps_are_drawn_alike_for_an_image_and_its_masked_copy(explainer, monkeypatch):
    """Images of a later batch: ADCC compares the maps of one draw."""
    images, labels = xai.digits_images()
    later = list(explainer.explain(["a", "b", "c"], images[:3], labels[:3], first=40))
    assert [item.number for item in later] == [40, 41, 42]
    drawn = []
    original = Explainer._select

    def select(self, problem, number):
        drawn.append(number)
        return original(self, problem, number)

    monkeypatch.setattr(Explainer, "_select", select)
    score(explainer, later, Metrics(masks={}, steps=0), progress=False)
    assert set(drawn) == {40, 41, 42}
    stacked, targets = images_and_classes(later)
    found = explainer.cams("random-k", stacked, targets, [40, 41, 42])
    torch.testing.assert_close(found, torch.stack([item.cams["random-k"] for item in later]))


@pytest.fixture
def calls(monkeypatch):
    """How often the network runs, and maps are judged, built into a problem and selected from."""
    from qxgap.explain import explainer as module

    counts = Counter()

    def count(owner, name):
        original = getattr(owner, name)

        def counted(*args, **options):
            counts[name] += 1
            return original(*args, **options)

        monkeypatch.setattr(owner, name, counted)

    count(xai, "selectable_maps")
    count(xai, "feature_selection")
    count(xai.features, "selectable_maps")
    count(xai.features, "importance")
    count(xai.cam, "importance")
    count(xai.hooks, "capture")
    count(module, "selections")
    return counts


def test_nothing_is_computed_twice(calls):
    """Two images: one pass of the network, and one problem and one importance for each."""
    network = xai.open_network("digits")
    images, labels = xai.digits_images()
    once = {"capture": 1, "selectable_maps": 2, "importance": 2, "feature_selection": 2}
    names = ["a", "b"]
    made = list(
        explain.image_instances(network.module, network.layer, names, images[:2], labels[:2])
    )
    assert calls == once
    calls.clear()
    explainer = Explainer(network.module, network.layer, seed=1)
    found = list(explainer.explain(names, images[:2], labels[:2]))
    assert calls == {**once, "selections": 2}
    for item, instance in zip(found, made, strict=True):
        assert item.instance.problem.content_hash == instance.problem.content_hash
        assert item.instance.to_dict() == instance.to_dict()


def test_what_is_known_of_an_image_and_its_explanation(explained):
    item = explained[0]
    facts = item.instance.to_dict()
    assert list(facts) == [
        "image",
        "label",
        "pred",
        "confidence",
        "d",
        "num_maps",
        "num_nonpositive",
        "num_dead",
        "num_constant",
        "num_nonfinite",
        "status",
    ]
    assert (facts["image"], facts["d"]) == ("d0", item.instance.num_qubits)
    assert facts["status"].startswith(item.instance.status.value)
    assert json.loads(json.dumps(item.to_dict())) == item.to_dict()
    assert list(item.to_dict()["selections"]) == METHODS[:5]
    chosen = len(item.selections[ExplanationMethod.EXACT])
    assert str(item).endswith(f"maps can be selected, and the QUBO selects {chosen}")
    for result in (item, item.instance):
        assert len(repr(result)) < 150
        assert "<table>" in result._repr_html_()
    figure = item.plot(method=ExplanationMethod.GRAD_CAM)
    assert figure.axes[0].get_title() == "d0: Grad-CAM"
    axis = figure.add_subplot()
    assert item.plot(axis) is figure
    assert axis.get_title() == "d0: exact"


def test_methods_have_one_name_each():
    assert METHODS == [
        "exact",
        "greedy",
        "top-k",
        "random-k",
        "all positive",
        "Grad-CAM",
        "Grad-CAM++",
    ]
    selecting = [method for method in ExplanationMethod if method.selects_maps]
    problem = random_feature_selection(4, seed=0)
    assert selecting == list(selections(problem, seed=1).by_method)
    for method in ExplanationMethod:
        assert set(method.references) <= set(references())


def test_a_seed_that_is_not_given_is_drawn_once(explainer):
    drawn = Explainer(explainer.network, "norm")
    assert isinstance(drawn.seed, int)
    assert drawn.seed == Explainer(explainer.network, "norm", seed=drawn.seed).seed


def test_the_table_is_what_the_metrics_say(explainer, explained, table):
    assert len(table) == 5 * len(METHODS)
    assert table.method.tolist() == list(METHODS) * 5
    assert table.name.tolist() == [item.instance.name for item in explained for _ in METHODS]
    images, targets = images_and_classes(explained)
    for method in ("exact", "Grad-CAM"):
        own = table[table.method == method]
        cams = torch.stack([item.cams[method] for item in explained])
        soft = xai.mask_scores(explainer.network, images, cams, targets)
        area = xai.mask_scores(explainer.network, images, cams, targets, xai.AreaMask(0.25))
        curve = xai.insertion_curve(explainer.network, images, cams, targets, steps=2)
        np.testing.assert_allclose(own.drop_soft, soft.drop)
        np.testing.assert_allclose(own.coverage_soft, soft.coverage)
        np.testing.assert_allclose(own.drop_area, area.drop)
        np.testing.assert_allclose(own.coverage_area, 25, rtol=1e-12)
        np.testing.assert_allclose(own.insertion, curve.area)
        parts = np.array([own.coherency, 100 - own.complexity, 100 - own.drop_soft])
        np.testing.assert_allclose(own.adcc, 3 / (1 / parts).sum(axis=0))
    assert table[table.method == "Grad-CAM"].selected.isna().all()
    means = summary(table)
    assert means.index.tolist() == list(METHODS)
    assert means.loc["Grad-CAM", "selected"] == 16
    exact = table[table.method == "exact"]
    assert means.loc["exact", "selected"] == exact.selected.map(len).mean()
    assert means.loc["exact", "drop_area"] == pytest.approx(exact.drop_area.mean())
    without = score(explainer, explained, Metrics(masks={}, steps=0, adcc=False), progress=False)
    assert without.columns[-1] == "selected"
    with pytest.raises(InputError, match="no images to score"):
        score(explainer, [])


def test_images_without_a_problem(explained):
    network = DigitsNet(4).eval()
    network.head.weight.data.fill_(-1.0)
    images, _ = xai.digits_images()
    explainer = Explainer(network, DigitsNet.HOOK)
    found = list(explainer.explain(["a", "b"], images[:2]))
    assert [
        (item.instance.num_qubits, item.instance.label, dict(item.selections)) for item in found
    ] == [(0, None, {})] * 2
    assert not found[0].cams["exact"].any()
    table = score(explainer, found, Metrics(steps=0))
    assert table[table.method == "exact"].coverage_soft.eq(0).all()
    assert summary(table).empty
    figure = explain.picture(found[0], table[table.name == "a"])
    assert "d = 0" in figure.get_suptitle()
    assert any("no map was chosen" in text.get_text() for ax in figure.axes for text in ax.texts)


def test_picture(explained, table):
    item = max(explained, key=lambda one: len(one.selections["exact"]))
    figure = explain.picture(item, table[table.name == item.instance.name])
    titles = [axis.get_title() for axis in figure.axes]
    names = ["image", "QUBO, exact", "top-k", "all positive", "Grad-CAM", "Grad-CAM++"]
    assert titles[:6] == names
    k = len(item.selections["exact"])
    assert sum(title.startswith("map ") for title in titles) == min(k, 6)
    row = table[(table.name == item.instance.name) & (table.method == "exact")].iloc[0]
    assert f"soft: drop {row.drop_soft:.0f} %" in figure.axes[1].get_xlabel()
    assert f"chooses {k} of {item.instance.num_qubits} selectable maps" in figure.get_suptitle()
    bars = figure.axes[-1].containers
    assert [len(bar) for bar in bars] == [k, item.instance.num_qubits - k]
    assert "purple to yellow" in figure.axes[0].get_xlabel()


def test_the_legend_names_only_bars_that_are_there():
    square = np.zeros((4, 4))
    for picked, name in ((True, "chosen"), (False, "not chosen")):
        rewards = [("3", 1.0, picked), ("5", 0.4, picked)]
        cams = {"QUBO": (square, "note")}
        figure = plotting.explanation_picture("title", square, cams, [], rewards)
        assert [text.get_text() for text in figure.axes[-1].get_legend().get_texts()] == [name]


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
        "digits-0000.npz",
        "digits-0000.png",
        "digits-0001.npz",
        "digits-0001.png",
        "metrics.csv",
    ]
    written = pd.read_csv(out / "metrics.csv")
    assert written.adcc.tolist() == pytest.approx([row["adcc"] for row in rows])
    status, text, _ = run(*arguments, "--limit", 1, "--fill", 0.5)
    assert status == 0
    assert "means over 1 image\n" in text
    assert "coverage_area" in text
    assert "minus" not in text
    status, text, error = run(*arguments, "--limit", 2)
    assert "means over 2 images" in text
    counts, metrics = text.split("metrics in percent")[:2]
    assert "selected" in counts
    assert "selected" not in metrics.split("class overlap")[0]
    assert "Average Drop of the QUBO minus that of the others" in text
    assert "class overlap" in text
    assert "alpha cannot depend on the image" in error
    assert "hook layer 'conv'" in error


def test_every_image_is_saved_before_the_next_is_explained(explainer, explained, tmp_path):
    """The rows are those of all images scored together, random-k's second draw included."""
    images, labels = xai.digits_images()
    source = xai.ImageSource([f"d{i}" for i in range(5)], labels[:5], lambda rows: images[rows])
    steps = explain.explain_images(explainer, source, tmp_path, Metrics(steps=0), limit=3)
    tables = []
    for number, table in enumerate(steps):
        tables.append(table)
        assert sorted(path.name for path in tmp_path.glob("*.png")) == [
            f"d{i}.png" for i in range(number + 1)
        ]
        written = pd.read_csv(tmp_path / "metrics.csv")
        assert len(written) == (number + 1) * len(METHODS)
    together = score(explainer, explained[:3], Metrics(steps=0), progress=False)
    pd.testing.assert_frame_equal(
        pd.concat(tables, ignore_index=True), together, rtol=1e-3, check_exact=False
    )


def test_a_later_batch_goes_on_with_the_numbers_of_its_images(explainer, explained, monkeypatch):
    """Random-k of image i is drawn with seed + i, whatever batch the image is in."""
    from qxgap.explain import pictures

    images, labels = xai.digits_images()
    names = [f"d{i}" for i in range(5)]
    source = xai.ImageSource(names, labels[:5], lambda rows: images[:5][rows])
    monkeypatch.setattr(pictures, "BATCH", 2)
    found = list(pictures._explanations(explainer, source, 5))
    assert [item.number for item in found] == [0, 1, 2, 3, 4]
    assert [item.instance.name for item in found] == names
    for item, expected in zip(found, explained, strict=True):
        assert item.selections["random-k"] == expected.selections["random-k"]


def test_an_interruption_keeps_the_images_that_are_done(run, tmp_path, monkeypatch):
    from qxgap.explain import pictures

    drawn = pictures.picture

    def interrupted_at_the_third(item, rows):
        if item.instance.name == "digits-0002":
            raise KeyboardInterrupt
        return drawn(item, rows)

    monkeypatch.setattr(pictures, "picture", interrupted_at_the_third)
    arguments = ["explain", "digits", "--model", "digits", "-o", tmp_path, "--steps", 0]
    status, text, error = run(*arguments, "--limit", 5)
    assert (status, text) == (130, "")
    assert error == f"qxgap: interrupted; what was explained is kept in {tmp_path} (images: 2)\n"
    assert sorted(path.name for path in tmp_path.glob("*.png")) == [
        "digits-0000.png",
        "digits-0001.png",
    ]
    assert len(pd.read_csv(tmp_path / "metrics.csv")) == 2 * len(METHODS)


def test_an_interval_of_a_difference_holds_only_what_can_be(table):
    """Two images of opposite drops: Student's interval would go to -1271 and 1271."""
    exact = table.method == "exact"
    extreme = table[table.name.isin(["d0", "d1"])].assign(pred=0)
    first = extreme.name == "d0"
    extreme["drop_soft"] = np.where(exact[extreme.index] == first, 100.0, 0.0)
    found = explain.differences(extreme, seed=1).loc["Grad-CAM", "soft"]
    assert found.mean == 0
    assert found.interval == (-100, 100)
    assert "[-100.00, 100.00]" in explain.describe(extreme, seed=1)


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


def test_differences_and_overlaps(table):
    found = explain.differences(table, seed=1)
    assert found.index.tolist() == list(METHODS[1:])
    assert found.columns.tolist() == ["soft", "threshold", "area"]
    exact = table[table.method == "exact"]
    for method in METHODS[1:]:
        other = table[table.method == method]
        for mask in found:
            gap = exact[f"drop_{mask}"].to_numpy() - other[f"drop_{mask}"].to_numpy()
            cell = found.loc[method, mask]
            assert cell.mean == pytest.approx(gap.mean())
            assert cell.num_clusters == exact.pred.nunique()
            low, high = cell.wider_interval
            assert low <= cell.mean + 1e-12
            assert cell.mean <= high + 1e-12
    overlaps = explain.mean_overlaps(table)
    classes = {}
    for row in exact.itertuples():
        classes.setdefault(row.pred, []).extend(row.selected)
    shares = [np.bincount(labels, minlength=16) / len(labels) for labels in classes.values()]
    pairs = [(p, q) for i, p in enumerate(shares) for q in shares[i + 1 :]]
    assert overlaps["exact"] == pytest.approx(np.mean([np.sqrt(p * q).sum() for p, q in pairs]))
    with pytest.raises(InputError, match="selection by 'exact'"):
        explain.differences(table.assign(num_qubits=0), seed=1)


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
    assert (status, "no HOOK and INPUT; give layer, channels and size" in error) == (2, True)
    base += ["--layer", "0", "--channels", 1, "--size", 8]
    status, _, error = run(*base, "--steps", 0)
    assert status == 0, error
    assert (tmp_path / "d" / "one-0000.png").exists()
    for bad, message in ((["--limit", 0], "--limit 0"), (["--steps", -1], "--steps -1")):
        status, _, error = run(*base, *bad)
        assert (status, message in error) == (2, True)


# -- the benchmark's tables -----------------------------------------------------------------------


def rows(shift, seeds=(1, 2), images=40):
    """A table in which Grad-CAM drops ``shift`` more than the QUBO, and all else is equal."""
    rng = np.random.default_rng(0)
    parts = []
    for seed in seeds:
        base = rng.uniform(0, 60, images)
        for method in METHODS:
            more = shift if method == "Grad-CAM" else 0
            part = pd.DataFrame({"name": [f"i{i}" for i in range(images)], "method": method})
            part["pred"] = np.arange(images) % 4
            for mask in ("soft", "threshold", "area"):
                part[f"drop_{mask}"] = base + more + rng.normal(0, 1, images)
                part[f"increase_{mask}"] = part[f"coverage_{mask}"] = 10.0
            for name in ("insertion", "deletion", "coherency", "complexity", "adcc"):
                part[name] = 50.0
            part["selected"] = None if method.startswith("Grad") else "[0, 3]"
            parts.append(part.assign(seed=seed, num_qubits=5, num_maps=16, network="net"))
    found = pd.concat(parts).assign(layer="norm", tradeoff=0.7, alpha_spread=1e-7, steps=20)
    return found.sort_values(["seed", "name"], kind="stable")


@pytest.mark.parametrize(
    ("shift", "verdict"), [(8.0, "lower"), (-8.0, "higher"), (0.0, "undecided")]
)
def test_verdicts(shift, verdict):
    from benchmarks.xai import average_drop_table

    found = average_drop_table.compare(rows(shift))
    own = found[found.method == "Grad-CAM"]
    assert own.verdict.eq(verdict).all()
    assert own["mean"].tolist() == pytest.approx([-shift] * 3, abs=1)
    assert found[found.method != "Grad-CAM"].verdict.eq("undecided").mean() > 0.8


def test_a_sign_that_changes_with_the_seed_is_no_difference():
    from benchmarks.xai import average_drop_table

    mixed = pd.concat([rows(20.0, [1]), rows(-2.0, [2])])
    found = average_drop_table.compare(mixed)
    own = found[found.method == "Grad-CAM"]
    assert (own.high < 0).all()
    assert own.verdict.eq("undecided").all()


def test_tables(tmp_path):
    from benchmarks.xai import average_drop_table

    average_drop_table.write_tables(rows(8.0), tmp_path / "t.md")
    text = (tmp_path / "t.md").read_text()
    assert "* Against Grad-CAM: better (soft mask: 1 lower, 0 higher, 0 undecided; half" in text
    assert "* Against greedy: no difference shown" in text
    assert "| 10 % against 10 % |" in text
    assert "| class | QUBO exact | greedy | top-k |" in text
    assert "2 seeds, 80 explained images, 0 of them without" in text
    assert "constant of the class" in text
    assert "Insertion and deletion in 20 steps." in text
    assert average_drop_table.labels_of("[0, 13]") == [0, 13]
    assert average_drop_table.labels_of("[]") == []
    assert math.isclose(average_drop_table.overlap_of(rows(0.0, [1]), "exact"), 1.0)
