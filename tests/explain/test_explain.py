"""Images explained by every method: selections, tables, pictures."""

import json
from collections import Counter

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")

import torch

from qxgap import InputError, explain, selections, xai
from qxgap.explain import DEFAULT_METHODS, Explainer, ExplanationMethod, Metrics, score, summary
from qxgap.report.citations import references
from qxgap.testing import random_feature_selection
from qxgap.xai import DigitsNet

torch.set_num_threads(1)

METHODS = [method.value for method in DEFAULT_METHODS]


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
        "target",
        "target_name",
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
        assert len(repr(result)) < 200
        assert "<table>" in result._repr_html_()
    figure = item.plot(method=ExplanationMethod.GRAD_CAM)
    assert [axis.get_title() for axis in figure.axes] == ["image", "Grad-CAM"]
    shown = [axis.get_title() for axis in item.plot().axes]
    assert shown[:2] == ["image", "exact"]
    alpha = item.instance.alpha
    chosen_maps = sorted(item.selections[ExplanationMethod.EXACT], key=lambda a: -alpha[a])
    assert shown[2:] == [f"map {number}" for number in chosen_maps[:4]]
    axis = figure.add_subplot()
    assert item.plot(axis) is figure
    assert axis.get_title() == "d0: exact"


def test_methods_have_one_name_each():
    names = ["exact", "greedy", "top-k", "random-k", "all positive", "Grad-CAM", "Grad-CAM++"]
    assert names == METHODS
    assert list(ExplanationMethod) == [*names, "HiResCAM", "LayerCAM", "Score-CAM"]
    assert ExplanationMethod("score-cam") is ExplanationMethod.SCORE_CAM
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
    kept, lost = row.coverage_soft, row.drop_soft
    assert f"soft: keeps {kept:.0f} %, loses {lost:.0f} %" in figure.axes[1].get_xlabel()
    assert f"chooses {k} of {item.instance.num_qubits} selectable maps" in figure.get_suptitle()
    (bars,) = [axis.containers for axis in figure.axes if axis.containers]
    assert [len(bar) for bar in bars] == [k, item.instance.num_qubits - k]
    *_, color_bar, words = figure.axes
    assert color_bar.get_xticklabels()[1].get_text() == "maximum of the map"
    (guide,) = words.texts
    for word in ("importance h", "keeps", "loses", "soft", "threshold", "area", "ADCC"):
        assert word in guide.get_text()


def test_every_image_is_saved_before_the_next_is_explained(explainer, explained, tmp_path):
    """The rows are those of all images scored together, random-k's second draw included."""
    images, labels = xai.digits_images()
    source = xai.ImageSource([f"d{i}" for i in range(5)], labels[:5], lambda rows: images[rows])
    steps = explain.explain_images(explainer, source, tmp_path, Metrics(steps=0), limit=3)
    tables = []
    for number, table in enumerate(steps):
        tables.append(table)
        assert sorted(path.name for path in tmp_path.glob("*.png")) == [
            f"d{i}-{what}.png" for i in range(number + 1) for what in ("explained", "overlay")
        ]
        assert not (tmp_path / "index.html").exists()
        written = pd.read_csv(tmp_path / "metrics.csv")
        assert len(written) == (number + 1) * len(METHODS)
    together = score(explainer, explained[:3], Metrics(steps=0), progress=False)
    pd.testing.assert_frame_equal(
        pd.concat(tables, ignore_index=True), together, rtol=1e-3, check_exact=False
    )
    page = (tmp_path / "index.html").read_text()
    assert "3 of 5\n  images explained" in page
    for i in range(3):
        assert f'href="d{i}-explained.png"' in page
        assert f'src="d{i}-overlay.png"' in page
        assert explained[i].instance.classes() in page


def test_files_are_named_after_the_image_without_its_suffix():
    names = ["cats/tom.jpg", "astronaut.png", "a.png", "a.jpg", "digits-0001", "v1.5"]
    files = explain.image_files(names)
    assert list(files) == names
    assert files["cats/tom.jpg"] == explain.ImageFiles(
        "cats_tom-explained.png", "cats_tom-overlay.png", "cats_tom.npz"
    )
    assert files["astronaut.png"].picture == "astronaut-explained.png"
    assert [files[name].problem for name in names[2:]] == [
        "a.png.npz",
        "a.jpg.npz",
        "digits-0001.npz",
        "v1.5.npz",
    ]


def test_the_page_of_pictures_escapes_names(explainer, tmp_path):
    images, labels = xai.digits_images()
    source = xai.ImageSource(["<b> #1&.png"], labels[:1], lambda rows: images[:1][rows])
    list(
        explain.explain_images(explainer, source, tmp_path, Metrics(masks={}, steps=0, adcc=False))
    )
    page = (tmp_path / "index.html").read_text()
    assert "<b> #1" not in page
    assert 'src="%3Cb%3E%20%231%26-overlay.png"' in page
    assert (tmp_path / "<b> #1&-overlay.png").exists()


def test_an_overlay_has_the_image_alone_and_many_pixels(explained, tmp_path):
    from matplotlib.image import imread

    explain.overlay(explained[0]).savefig(tmp_path / "overlay.png")
    pixels = imread(tmp_path / "overlay.png")[..., :3]
    assert pixels.shape == (644, 644, 3)  # 23 for each of the 28
    corner = pixels[:23, :23]  # black in the image, and drawn as a dark grey
    assert np.ptp(corner, axis=(0, 1)).max() < 0.02
    assert corner.mean() == pytest.approx(0.25, abs=0.01)
    strongest = int(explained[0].cams[ExplanationMethod.EXACT].argmax())
    row, column = 23 * (strongest // 28) + 11, 23 * (strongest % 28) + 11
    red, green, blue = pixels[row, column]
    assert min(red, green) > 2 * blue  # yellow


def test_another_class_than_the_predicted_one(explainer):
    """The logit of the target is differentiated, and its probability is what masks lower."""
    images, labels = xai.digits_images()
    other = Explainer(explainer.network, "norm", seed=4, target=3, class_names=list("abcdefghij"))
    found = list(other.explain(["a", "b"], images[:2], labels[:2]))
    captured = xai.capture(explainer.network, images[:2], "norm", targets=[3, 3])
    shares = captured.logits.double().softmax(1)[:, 3]
    for item, gradients, share in zip(found, captured.gradients, shares, strict=True):
        seen = item.instance
        np.testing.assert_allclose(seen.alpha, xai.importance(gradients))
        assert (seen.explained_class, seen.target) == (3, 3)
        assert seen.pred != 3
        assert seen.confidence == pytest.approx(float(share))
        assert (seen.problem.source.target, seen.problem.source.pred) == (3, seen.pred)
        predicted = f"{'abcdefghij'[seen.pred]} (class {seen.pred})"
        assert f"d (class 3) (predicted: {predicted}, true: " in str(seen)
        assert seen.to_dict()["target_name"] == "d"
    table = score(other, found, Metrics(steps=0))
    assert set(table.target) == {3}
    cams = torch.stack([item.cams["exact"] for item in found])
    soft = xai.mask_scores(explainer.network, images[:2], cams, torch.tensor([3, 3]))
    np.testing.assert_allclose(table[table.method == "exact"].drop_soft, soft.drop)


def test_the_summary_begins_with_what_the_images_show(table):
    first, second, third, *_ = explain.describe(table, seed=1).splitlines()
    means = summary(table)
    chosen, selectable = means.selected[["exact", "all positive"]]
    maps = f"{chosen:.2g} of {selectable:.2g} selectable maps"
    assert first == f"In 5 images the QUBO chooses {maps} in the mean."
    many = table.assign(num_qubits=254)
    assert f"chooses {chosen:.2g} of 254 selectable maps" in explain.describe(many, seed=1)
    assert f"loses {means.drop_soft['exact']:.2g} % of its confidence" in second
    assert third.startswith("No difference from greedy")
    assert third.endswith("Grad-CAM++ is shown.")
    far = table.method.eq("Grad-CAM")
    apart = table.assign(drop_soft=np.where(far, 90.0, 10.0) + np.arange(len(table)) % 5)
    *_, last = explain.describe(apart, seed=1).splitlines()
    assert "It loses less than with the maps of Grad-CAM, by 80 percentage points" in last
    assert "No difference from greedy, top-k, random-k, all positive, Grad-CAM++ is shown." in last
    first, second = explain.describe(table[table.name == "d0"]).splitlines()
    assert first.startswith("In 1 image the QUBO chooses")
    assert second.endswith("a smaller loss is better.")
    empty = table.assign(num_qubits=np.where(table.name == "d1", 0, table.num_qubits))
    assert explain.describe(empty).endswith("\n1 image has no map to select and is left out.")


def test_a_later_batch_goes_on_with_the_numbers_of_its_images(explainer, explained, monkeypatch):
    """Random-k of image i is drawn with seed + i, whatever batch the image is in."""
    from qxgap.explain import folder

    images, labels = xai.digits_images()
    names = [f"d{i}" for i in range(5)]
    source = xai.ImageSource(names, labels[:5], lambda rows: images[:5][rows])
    monkeypatch.setattr(folder, "BATCH", 2)
    found = list(folder._explanations(explainer, source, 5))
    assert [item.number for item in found] == [0, 1, 2, 3, 4]
    assert [item.instance.name for item in found] == names
    for item, expected in zip(found, explained, strict=True):
        assert item.selections["random-k"] == expected.selections["random-k"]


def test_an_interval_of_a_difference_holds_only_what_can_be(table):
    """Two images of opposite drops: Student's interval would go to -1271 and 1271."""
    exact = table.method == "exact"
    extreme = table[table.name.isin(["d0", "d1"])].assign(target=0)
    first = extreme.name == "d0"
    extreme["drop_soft"] = np.where(exact[extreme.index] == first, 100.0, 0.0)
    found = explain.differences(extreme, seed=1).loc["Grad-CAM", "soft"]
    assert found.mean == 0
    assert found.interval == (-100, 100)


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


def test_one_image_is_explained_in_one_call(explainer, tmp_path):
    """From a file, or from pixels of the network's size, 8-bit ones and standardized ones too."""
    from PIL import Image

    images, _labels = xai.digits_images()
    (expected,) = explainer.explain(["image"], images[:1])
    found = explain.explain_image("digits", images[0], seed=4)
    assert found.selections == expected.selections
    for method, cam in expected.cams.items():
        torch.testing.assert_close(found.cams[method], cam)
    bytes_ = (images[0].numpy() * 255).round().astype(np.uint8)
    Image.fromarray(bytes_[0]).save(tmp_path / "eight.png")
    for given in (bytes_, tmp_path / "eight.png"):
        assert explain.explain_image("digits", given, seed=4).selections == expected.selections
    shifted = xai.open_network("digits", mean=0.5, std=0.5, class_names=list("abcdefghij"))
    by_name = explain.explain_image(shifted, images[0], target="D")
    (outside,) = Explainer(explainer.network, "norm", target=3).explain(["b"], 2 * images[:1] - 1)
    np.testing.assert_allclose(by_name.instance.alpha, outside.instance.alpha, rtol=1e-5)
    assert by_name.instance.title_of(3) == "d (class 3)"
    assert by_name.plot().axes


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda image: explain.explain_image(xai.load_network("digits"), image), "open_network"),
        (lambda image: explain.explain_image("digits", image[:, 1:]), r"\(1, 27, 28\)"),
        (lambda image: explain.explain_image("digits", image[None]), r"\(1, 1, 28, 28\)"),
        (lambda image: explain.explain_image("digits", {}), "image is a dict"),
        (lambda image: explain.explain_image("digits", None), "image is None"),
        (lambda image: explain.explain_image("digits", "digits"), "500 images; give one"),
        (lambda image: explain.explain_image("digits", image, target=10), "target 10 is no class"),
        (lambda image: explain.explain_image("digits", image, target="x"), "'x'"),
        (lambda image: xai.open_network("digits", class_names=3), "class_names is an int, 3"),
        (lambda image: xai.open_network("digits", mean="x"), "mean is text"),
    ],
)
def test_what_one_image_cannot_be(call, message):
    images, _ = xai.digits_images()
    with pytest.raises(InputError, match=message) as caught:
        call(images[0])
    assert "\n" not in str(caught.value)


def test_drops_by_convention_are_those_of_the_metrics(explainer, explained, table):
    drops = explain.drops_by_convention(explainer, explained)
    names = [f"drop_{convention.name}" for convention in xai.AverageDrop.ALL]
    assert [name for name in drops.columns if name.startswith("drop_")] == names
    columns = ["name", "target", "method", "num_qubits"]
    pd.testing.assert_frame_equal(drops[columns], table[columns])
    pd.testing.assert_series_equal(drops["drop_standard"], table.drop_soft, check_names=False)
    clipped = drops["drop_authors, signed"].clip(lower=0)
    np.testing.assert_allclose(clipped, drops["drop_authors, clipped"], atol=1e-12)
    assert list(explain.summary(drops).columns) == ["images", "selected", *names]
    few = drops.groupby("method", sort=False).head(2).assign(num_qubits=4)
    few["drop_standard"] = 100.0 * (few.method == "exact")
    few["drop_authors, signed"] = np.where(few.method == "exact", few.index * 90.0, -900.0)
    found = explain.differences(few, seed=1)
    assert found["standard"]["greedy"].interval[1] <= 100
    assert found["authors, signed"]["greedy"].mean > 900  # a gain may exceed 100 %
    with pytest.raises(InputError, match="no images to score"):
        explain.drops_by_convention(explainer, [])
