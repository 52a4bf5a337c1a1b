"""Studies of networks: instances from images, explanation metrics, and what the folder tells."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from qxgap import InputError, xai
from qxgap.explain import DEFAULT_METHODS, Explainer, image_instances, score
from qxgap.study import ExistingExecutor, Network, Study, network_images, run_study, to_xarray
from qxgap.study.open_network import cached_model, weights_of
from qxgap.study.sources import open_instances

METHODS = [method.value for method in DEFAULT_METHODS]
NETWORKS = [
    {"model": "digits", "limit": 4, "name": "first"},
    {"model": "digits", "limit": 3, "layer": "conv"},
]


def study_of(**changes):
    keys = {"networks": NETWORKS, "tasks": ["gap", "xai"], "lz_slope": False}
    return Study.from_dict(keys | changes)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    results = tmp_path_factory.mktemp("results")
    return run_study(study_of(), results, ExistingExecutor(ThreadPoolExecutor(1)))


def test_problems_are_those_of_the_images(done):
    images, labels = xai.digits_images()
    names = [f"digits-{i:04d}" for i in range(8)]
    network = xai.load_network("digits")
    made = [
        item
        for item in image_instances(network, "norm", names, images[:8], labels[:8], tradeoff=0.7)
        if item.pred == item.label
    ][:4]
    rows = done.frame[(done.frame.task == "gap") & (done.frame.group == "first")]
    known = {item.name: item for item in made if item.problem}
    assert list(rows.instance) == list(known)
    for row in rows.itertuples():
        item = known[row.instance]
        assert row.instance_hash == item.problem.content_hash
        assert (row.label, row.pred, row.num_maps) == (item.label, item.pred, 16)
        assert row.tradeoff == 0.7


@pytest.mark.parametrize(
    ("group", "layer", "number"), [("first", "norm", 4), ("digits", "conv", 3)]
)
def test_metrics_are_those_of_each_image_and_layer_alone(done, group, layer, number):
    """Two layers of one network had the scores of the first one."""
    images, labels = xai.digits_images()
    rows = done.frame[(done.frame.task == "xai") & (done.frame.group == group)]
    assert list(rows.explanation) == list(METHODS) * number
    name = rows.instance.iloc[-1]
    own, at = rows[rows.instance == name], int(name[-4:])
    explainer = Explainer(xai.load_network("digits"), layer, 0.7, int(own.seed.iloc[0]))
    found = list(explainer.explain([name], images[at : at + 1], labels[at : at + 1]))
    table = score(explainer, found, progress=False)
    for metric in ("drop_soft", "insertion", "adcc", "confidence"):
        np.testing.assert_allclose(own[metric], table[metric], rtol=1e-5, atol=1e-5)
    assert [None if s is None else list(s) for s in own.selected] == [
        None if s is None else list(s) for s in table.selected
    ]


def test_the_folder_tells_of_the_networks(done):
    told = json.loads((done.results / "study.json").read_text())["networks"]
    assert set(told) == {"first", "digits"}
    assert told["first"]["layer"] == "norm"
    assert "linear head" in told["first"]["head"]
    assert told["digits"]["num_images"] == 3
    with np.load(done.results / "explanations-first.npz") as shown:
        assert shown["images"].shape[1:] == (1, 28, 28)
        assert shown["maps"].shape[1:] == (16, 14, 14)
        assert shown["alpha"].shape == shown["maps"].shape[:2]
        assert set(shown["names"]) <= set(done.frame.instance)


def test_every_image_is_kept_small(done):
    images, labels = xai.digits_images()
    made = image_instances(
        xai.load_network("digits"), "norm", ["digits-0000"], images[:1], labels[:1], tradeoff=0.7
    )
    item = next(iter(made))
    with np.load(done.results / "explanations-first.npz") as kept:
        own = done.frame[done.frame.group == "first"]
        assert list(kept["small_names"]) == list(own.instance.unique())
        assert kept["small_images"].dtype == np.uint8
        assert kept["small_images"].shape == (4, 28, 28)
        np.testing.assert_allclose(kept["small_images"][0] / 255.0, item.image[0], atol=0.01)
        assert kept["small_maps"].shape == (4, 16, 14, 14)
        peaks = kept["small_peaks"][0][:, None, None]
        np.testing.assert_allclose(
            kept["small_maps"][0] / 127.0 * peaks, item.maps, atol=0.005 * peaks.max()
        )
        np.testing.assert_allclose(kept["small_alpha"][0], item.alpha, rtol=1e-6)


@pytest.mark.parametrize(
    ("shape", "small"), [((3, 224, 224), (56, 56, 3)), ((1, 65, 30), (32, 15)), ((2, 8, 8), (8, 8))]
)
def test_large_images_are_reduced_and_maps_stay_within_their_limit(shape, small, monkeypatch):
    monkeypatch.setattr(network_images, "MAX_SMALL", 4)
    monkeypatch.setattr(network_images, "MAX_MAP_BYTES", 3 * 5 * 14 * 14)
    kept, rng = network_images._SmallImages(), np.random.default_rng(0)
    image, maps = rng.normal(size=shape), rng.normal(size=(5, 28, 28))
    for number in range(6):
        kept.add(SimpleNamespace(name=f"i{number}", image=image, maps=maps, alpha=np.ones(5)))
    arrays = kept.arrays()
    assert arrays["small_images"].shape == (4, *small)
    assert arrays["small_maps"].shape == (3, 5, 14, 14)
    assert abs(arrays["small_maps"]).max() == 127


def test_a_second_run_computes_nothing(done):
    again = run_study(study_of(), done.results, ExistingExecutor(None))
    assert again.num_computed == 0


def test_wrong_images_are_left_out_unless_asked_for():
    every = study_of(networks={"model": "digits", "correct_only": False})
    items = open_instances(every).items
    right = [item for item in items if item.label == item.pred]
    assert len(right) < len(items)
    only = open_instances(study_of(networks={"model": "digits", "per_class": 2})).items
    assert len(only) == 20
    assert {item.label for item in only} == set(range(10))
    assert all(item.label == item.pred for item in only)


def test_metrics_have_axes(done):
    pytest.importorskip("xarray")
    data, rows = to_xarray(done.frame, "xai"), done.frame[done.frame.task == "xai"]
    assert data.drop_soft.dims == ("instance", "explanation")
    assert data.drop_soft.size == len(rows) == 7 * len(METHODS)
    for row in rows.to_dict("records"):
        place = {"instance": f"{row['group']}/{row['instance']}", "explanation": row["explanation"]}
        np.testing.assert_equal(data.drop_soft.sel(place).item(), row["drop_soft"])
    assert (data.tradeoff == 0.7).all()


def test_a_picture_travels_with_its_pixels():
    picture = open_instances(study_of(networks={"model": "digits", "limit": 1})).items[0].picture
    sent = pickle.loads(pickle.dumps(picture))
    assert (sent.name, sent.content) == (picture.name, picture.content)
    np.testing.assert_array_equal(sent.pixels, picture.pixels)
    row = int(picture.name[-4:])
    np.testing.assert_array_equal(sent.pixels, xai.digits_images()[0][row].numpy())


def test_a_study_of_one_class(tmp_path):
    entry = {"model": "digits", "limit": 2, "explained_class": 3}
    study = study_of(networks=[entry], tasks=["xai"])
    rows = run_study(study, tmp_path, ExistingExecutor(ThreadPoolExecutor(1))).frame
    assert set(rows.pred) == {3}
    images, labels = xai.digits_images()
    for name, own in rows.groupby("instance"):
        at = slice(int(name[-4:]), int(name[-4:]) + 1)
        seed = int(own.seed.iloc[0])
        explainer = Explainer(xai.load_network("digits"), "norm", 0.7, seed, target=3)
        found = list(explainer.explain([name], images[at], labels[at]))
        table = score(explainer, found, progress=False)
        np.testing.assert_allclose(own.confidence, table.confidence, rtol=1e-5)
        np.testing.assert_allclose(own.drop_soft, table.drop_soft, rtol=1e-5, atol=1e-5)
    for wrong, message in {
        10: "classes 0 to 9",
        "ten": "names of the classes",
        True: "give a n",
    }.items():
        with pytest.raises(InputError, match=message):
            open_instances(study_of(networks=[entry | {"explained_class": wrong}]))


def test_a_network_of_ones_own_with_weights_and_standardized_images(tmp_path):
    packaged = xai.load_network("digits")
    (tmp_path / "plain.py").write_text(
        "import torch\nfrom qxgap.xai import DigitsNet\n\n\n"
        "class Plain(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.inner = DigitsNet(16)\n\n"
        "    def forward(self, images):\n"
        "        return self.inner(0.25 + 0.5 * images)\n"
    )
    options = {"channels": 1, "size": 28, "limit": 2, "mean": 0.25, "std": [0.5]}
    entry = Network("plain.py:Plain", weights="inner.pt", **options)
    inner = {f"inner.{name}": value for name, value in packaged.state_dict().items()}
    torch.save(inner, tmp_path / "inner.pt")
    found = network_images.open_network_images(entry, tmp_path)
    expected = network_images.open_network_images(Network("digits", limit=2), tmp_path)
    for one, other in zip(found.items, expected.items, strict=True):
        np.testing.assert_allclose(one.instance.alpha, other.instance.alpha, rtol=1e-5)
        assert one.instance.pred == other.instance.pred
    assert found.network.layer == "inner.norm"
    assert "the maps are those of layer 'inner.norm'" in found.facts["head"]
    again = cached_model(found.network)
    assert weights_of(again) == found.network.weights
    with pytest.raises(InputError, match="weights = 3; give a text"):
        Network("digits", weights=3)
