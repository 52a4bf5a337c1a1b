"""The sanity check: maps of networks that forget, layer by layer."""

import json
from dataclasses import dataclass

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from scipy.stats import spearmanr
from torch import nn

from qxgap import InputError, xai
from qxgap.explain import Explainer, randomization_check

torch.set_num_threads(1)

METHODS = ["exact", "Grad-CAM", "HiResCAM"]


@pytest.fixture(scope="module")
def explainer():
    network = xai.open_network("digits")
    return Explainer(network.module, network.layer, seed=4, methods=METHODS)


@pytest.fixture(scope="module")
def images():
    return xai.digits_images()[0][:3]


@pytest.fixture(scope="module")
def check(explainer, images):
    before = {name: values.clone() for name, values in explainer.network.state_dict().items()}
    state = torch.random.get_rng_state()
    found = randomization_check(explainer, images, draws=2, seed=3)
    assert torch.equal(state, torch.random.get_rng_state())
    for name, values in explainer.network.state_dict().items():
        assert torch.equal(values, before[name])
    return found


def test_layers_orders_and_rows(check):
    assert check.layers == ("head", "norm", "conv", "backbone.3", "backbone.0")
    assert (check.num_behind, check.hooked, check.methods) == (1, "norm", METHODS)
    assert (check.num_images, check.num_left_out, check.draws) == (3, 0, 2)
    assert len(check.rows) == 2 * 2 * 5 * 3 * 3
    keys = ["draw", "method", "image"]
    first = check.rows[check.rows.number == 1].set_index(keys)
    both = [first[first.order == order].rank_correlation for order in ("cascading", "independent")]
    np.testing.assert_array_equal(*both)  # the first layer is the only random one in both


def test_means_and_words(check):
    table = check.to_dataframe()
    assert len(table) == 2 * 5 * 3
    cell = table[(table.order == "independent") & (table.layer == "conv")].set_index("method")
    rows = check.rows[(check.rows.order == "independent") & (check.rows.layer == "conv")]
    for measure in ("rank_correlation", "structural_similarity"):
        means = rows.groupby("method")[measure].mean()
        np.testing.assert_allclose(cell[measure], means[cell.index])
        assert (cell[f"{measure}_low"] <= cell[measure]).all()
        assert (cell[measure] <= cell[f"{measure}_high"]).all()
        assert cell[f"{measure}_high"].max() <= 1
    words = str(check).splitlines()
    assert words[0].startswith("The maps of every method depend on what the network has learnt")
    assert words[1].startswith("With random weights only behind layer 'norm'")
    assert any(line.startswith("3 images, 2 draws") for line in words)
    facts = check.to_dict()
    assert json.loads(json.dumps(facts))["similarities"][0]["layer"] == "head"
    assert [axis.get_xlabel()[:10] for axis in check.plot().axes] == ["all random", "this layer"]


def test_a_seed_repeats_the_check(explainer, images, check):
    again = randomization_check(explainer, images, draws=2, seed=3, methods=["Grad-CAM"])
    own = check.rows[check.rows.method == "Grad-CAM"].reset_index(drop=True)
    np.testing.assert_array_equal(again.rows.rank_correlation, own.rank_correlation)
    other = randomization_check(explainer, images, draws=1, seed=4, methods=["Grad-CAM"])
    assert (other.rows.rank_correlation != own[own.draw == 0].rank_correlation).any()


class Known(nn.Conv2d):
    """A convolution whose new weights are known."""

    def reset_parameters(self):
        with torch.no_grad():
            self.weight.copy_(torch.linspace(-1, 1, self.weight.numel()).reshape(self.weight.shape))
            self.bias.zero_()


def small_network(seed):
    torch.manual_seed(seed)
    first = nn.Sequential(Known(1, 4, 3), nn.ReLU())
    network = nn.Sequential(first, Known(4, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(50, 3))
    for part in (first[0], network[1]):
        nn.init.normal_(part.weight)
    return network.eval()


def test_maps_of_known_weights():
    """What the rows hold is the correlation with the maps of the network with those weights."""
    network, images = small_network(0), torch.rand(6, 1, 9, 9)
    explainer = Explainer(network, "1", seed=1, methods=["exact", "LayerCAM"])
    targets = torch.zeros(6, dtype=torch.long)
    check = randomization_check(explainer, images, targets, methods=["LayerCAM"], draws=1, seed=1)
    assert (check.layers, check.num_behind) == (("4", "1", "0.0"), 1)
    known = small_network(0)
    known[1].reset_parameters()
    before = explainer.cams("LayerCAM", images, targets)
    after = Explainer(known, "1", seed=1).cams("LayerCAM", images, targets)
    rows = check.rows[(check.rows.order == "independent") & (check.rows.layer == "1")]
    expected = [
        spearmanr(before[i].ravel(), after[i].ravel()).statistic if after[i].any() else 0.0
        for i in rows.image
    ]
    assert any(expected)
    assert rows.vanished.tolist() == [not after[i].any() for i in rows.image]
    np.testing.assert_allclose(rows.rank_correlation, expected, atol=1e-12)


class Scale(nn.Module):
    """A layer with weights and without a way to draw new ones."""

    def __init__(self):
        super().__init__()
        self.factors = nn.Parameter(torch.linspace(1, 8, 8).reshape(8, 1, 1))

    def forward(self, maps):
        return maps * self.factors


def test_weights_that_cannot_be_drawn_are_shuffled(monkeypatch):
    torch.manual_seed(1)
    network = nn.Sequential(nn.Conv2d(1, 8, 3), Scale(), nn.Flatten(), nn.Linear(8 * 49, 2)).eval()
    seen = []
    original = Explainer.cams_by_method

    def cams(self, methods, *others):
        seen.append(self.network[1].factors.flatten().tolist())
        return original(self, methods, *others)

    monkeypatch.setattr(Explainer, "cams_by_method", cams)
    explainer = Explainer(network, "0", seed=1)
    check = randomization_check(explainer, torch.rand(2, 1, 9, 9), methods=["Grad-CAM++"], draws=1)
    assert check.layers == ("3", "1", "0")
    assert all(sorted(factors) == seen[0] for factors in seen)
    assert any(factors != seen[0] for factors in seen)


class Inside(nn.Module):
    """A network with weights of its own, and a part that does not run by itself."""

    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.linspace(0, 1, 81).reshape(9, 9))
        self.maps = nn.Conv2d(1, 4, 3)
        self.block = nn.Sequential(nn.ReLU(), Borrowed())
        self.head = nn.Linear(4, 2)

    def forward(self, images):
        return self.head(self.block(self.maps(images + self.shift)).mean(dim=(2, 3)))


class Borrowed(nn.Module):
    """A module that takes the weights of its part, which it does not call."""

    def __init__(self):
        super().__init__()
        self.part = nn.Conv2d(4, 4, 1)

    def forward(self, maps):
        return nn.functional.conv2d(maps, self.part.weight)


def test_every_weight_is_forgotten_once(monkeypatch):
    """At the end of the cascade no weight is the old one, and each layer changes only its own."""
    torch.manual_seed(1)
    network = Inside().eval()
    before = {name: values.clone() for name, values in network.state_dict().items()}
    changed = []
    original = Explainer.cams_by_method

    def cams(self, methods, *others):
        now = self.network.state_dict()
        changed.append({name for name in now if not torch.equal(now[name], before[name])})
        return original(self, methods, *others)

    monkeypatch.setattr(Explainer, "cams_by_method", cams)
    explainer, images = Explainer(network, "maps", seed=1), torch.rand(4, 1, 9, 9)
    check = randomization_check(explainer, images, methods=["Grad-CAM++"], draws=1, seed=2)
    assert (check.layers, check.num_behind) == (("head", "block.1", "maps", "Inside"), 2)
    own = [
        {"head.weight", "head.bias"},
        {"block.1.part.weight", "block.1.part.bias"},
        {"maps.weight", "maps.bias"},
        {"shift"},
    ]
    assert changed[2::2] == own  # after the network itself, the two orders take turns
    assert changed[1::2] == [set().union(*own[: n + 1]) for n in range(4)]


@dataclass(frozen=True)
class Edges(Explainer):
    """An explainer that shows the edges of the image, whatever the network is."""

    def cams_by_method(self, methods, images, targets, numbers=None):
        edges = images[:, 0].diff(dim=1, prepend=images[:, 0, :1]).abs().double()
        return dict.fromkeys(methods, edges)


def test_a_detector_of_edges_is_found_out(explainer, images):
    edges = Edges(explainer.network, explainer.layer, seed=1)
    check = randomization_check(edges, images, methods=["exact"], draws=2, seed=1)
    np.testing.assert_allclose(check.rows[["rank_correlation", "structural_similarity"]], 1)
    assert str(check).startswith("The maps of exact do not show what the network has learnt")
    assert "So the maps of exact hardly depend on those weights." in str(check)


def test_maps_that_vanish_are_counted(monkeypatch):
    """A network whose new weights are all negative has no map that supports the class."""
    network, images = small_network(0), torch.rand(3, 1, 9, 9)
    monkeypatch.setattr(Known, "reset_parameters", lambda self: self.weight.data.fill_(-1.0))
    targets = torch.zeros(3, dtype=torch.long)
    explainer = Explainer(network, "2", seed=1)
    check = randomization_check(explainer, images, targets, methods=["LayerCAM"], draws=1, seed=1)
    gone = check.rows[(check.rows.order == "independent") & (check.rows.layer == "0.0")]
    assert gone.vanished.all()
    assert (gone.rank_correlation == 0).all()
    assert "which is no merit: LayerCAM up to 100%" in str(check)


def test_images_without_a_place_are_left_out(explainer, images):
    """In a black image the maps of a convolution without a bias are zero."""
    network = small_network(2)
    with torch.no_grad():
        for part in (network[0][0], network[1]):
            part.bias.zero_()
    black = torch.cat([torch.rand(2, 1, 9, 9), torch.zeros(1, 1, 9, 9)])
    plain = Explainer(network, "0.1", seed=1)
    check = randomization_check(plain, black, methods=["LayerCAM"], draws=1, seed=1)
    assert (check.num_images, check.num_left_out) == (2, 1)
    assert set(check.rows.image) == {0, 1}
    assert str(check).endswith("Images left out, because a method marks no place in them: 1.")
    with pytest.raises(InputError, match="in every image some method marks no place"):
        randomization_check(plain, black[2:], methods=["LayerCAM"], draws=1)
    with pytest.raises(InputError, match="draws = 0"):
        randomization_check(explainer, images, draws=0)
    with pytest.raises(InputError, match="method 'LIME' is unknown"):
        randomization_check(explainer, images, methods=["LIME"])
