"""Capture against captum and analytic heads, QUBOs against the formula, explanations."""

import gc
import itertools
import math
import weakref
from fractions import Fraction

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch import nn

import qxgap as qx
from qxgap import xai
from qxgap.xai import DigitsNet, SelectionStatus

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def network():
    return xai.load_network("digits")


@pytest.fixture(scope="module")
def digits():
    return xai.digits_images()


@pytest.fixture(scope="module")
def captured(network, digits):
    return xai.capture(network, digits[0][:60], DigitsNet.HOOK)


def tiny_network(inplace=False):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.ReLU(inplace=inplace),
        nn.Dropout(0.5),
        nn.Conv2d(4, 3, 3),
        nn.ReLU(inplace=inplace),
        nn.Flatten(),
        nn.Linear(3 * 4 * 4, 5),
    )


# -- capture --------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", [DigitsNet.HOOK, DigitsNet.NONLINEAR_HOOK, "backbone.3"])
def test_grad_cam_equals_captum(network, digits, layer):
    images = digits[0][:12]
    found = xai.capture(network, images, layer, batch_size=5)
    expected = LayerGradCam(network, network.get_submodule(layer)).attribute(
        images, target=found.predicted, relu_attributions=True
    )
    for maps, gradients, cam in zip(found.maps, found.gradients, expected[:, 0], strict=True):
        mine = xai.grad_cam(maps, gradients)
        torch.testing.assert_close(mine, cam.detach().double(), atol=1e-6, rtol=1e-6)


def test_gradients_equal_finite_differences():
    network = tiny_network().double().eval()
    images = torch.rand(2, 1, 8, 8, dtype=torch.float64)
    found = xai.capture(network, images, "3", targets=[2, 4])
    step = torch.rand(found.maps.shape, dtype=torch.float64) * 1e-6
    with torch.no_grad():
        rise = network[4:](found.maps + step) - network[4:](found.maps - step)
    expected = (rise / 2)[[0, 1], [2, 4]]
    torch.testing.assert_close((found.gradients * step).sum((1, 2, 3)), expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("layer", ["0", "1", "3", "4"])
def test_in_place_relu_changes_nothing(layer):
    images = torch.randn(3, 1, 8, 8)
    one, other = (xai.capture(tiny_network(flag), images, layer) for flag in (False, True))
    for name in ("maps", "gradients", "logits", "predicted", "targets"):
        assert torch.equal(getattr(one, name), getattr(other, name))


def test_alpha_of_a_linear_head_is_the_mean_of_its_weights(network, captured):
    weights = network.head.weight.detach().double().reshape(10, 16, 14 * 14)
    expected = weights.mean(dim=2)[captured.predicted]
    torch.testing.assert_close(xai.importance(captured.gradients), expected, rtol=0, atol=1e-12)


def test_batches_targets_and_dtypes(network, digits):
    images = digits[0][:7]
    whole = xai.capture(network, images, "conv", targets=[3] * 7)
    parts = xai.capture(network, images.double(), "conv", targets=torch.full((7,), 3), batch_size=2)
    assert whole.targets.tolist() == [3] * 7
    assert torch.equal(whole.predicted, whole.logits.argmax(1))
    assert whole.maps.shape == whole.gradients.shape == (7, 16, 14, 14)
    for name in ("maps", "gradients", "logits"):
        torch.testing.assert_close(getattr(whole, name), getattr(parts, name), rtol=1e-4, atol=1e-5)
        assert not getattr(whole, name).requires_grad


def state_of(network):
    return (
        [module.training for module in network.modules()],
        [(p.requires_grad, id(p.grad), p.detach().clone().tolist()) for p in network.parameters()],
        [buffer.clone().tolist() for buffer in network.buffers()],
        [len(module._forward_hooks) for module in network.modules()],
        torch.is_grad_enabled(),
    )


@pytest.mark.parametrize("size", [28, 20], ids=["runs", "raises"])
@pytest.mark.parametrize("outside", [torch.enable_grad, torch.no_grad, torch.inference_mode])
def test_the_network_is_left_as_it_was(size, outside):
    network = DigitsNet(4).train()
    network.norm.eval()
    network.head.weight.requires_grad_(False)
    network.conv.weight.grad = torch.ones_like(network.conv.weight)
    with outside():
        before, images = state_of(network), torch.rand(2, 1, size, size)
        if size == 28:
            assert xai.capture(network, images, "norm").gradients.abs().sum() > 0
        else:
            with pytest.raises(qx.InputError, match=r"shape \(1, 20, 20\)"):
                xai.capture(network, images, "norm")
        assert state_of(network) == before
    assert torch.equal(network.conv.weight.grad, torch.ones_like(network.conv.weight))


def live_tensors():
    gc.collect()
    return sum(issubclass(type(item), torch.Tensor) for item in gc.get_objects())


@pytest.mark.parametrize("frozen", [False, True])
def test_a_thousand_images_leave_nothing_behind(frozen):
    network = tiny_network().requires_grad_(not frozen)
    images = torch.rand(1000, 1, 8, 8)
    xai.capture(network, images[:1], "3")
    before, tensors = state_of(network), live_tensors()
    for batch in xai.capture_batches(network, images.split(10), "3"):
        assert batch.gradients.abs().sum() > 0
        assert state_of(network) == before
    del batch
    assert state_of(network) == before
    assert live_tensors() == tensors


def test_batches_are_read_one_at_a_time_and_let_go():
    network, read, kept = tiny_network(), [], []

    def source():
        for i in range(12):
            read.append(i)
            yield torch.full((3, 1, 8, 8), i / 12)

    for i, found in enumerate(xai.capture_batches(network, source(), "1")):
        kept.append(weakref.ref(found))
        assert read == list(range(i + 1))
        assert sum(ref() is not None for ref in kept) <= 2  # this one and the one before
    assert len(read) == 12
    whole = xai.capture(network, torch.full((3, 1, 8, 8), 11 / 12), "1")
    for name in ("maps", "gradients", "logits", "predicted", "targets"):
        assert torch.equal(getattr(found, name), getattr(whole, name))


class Trap(nn.Module):
    """Raises for the last of five images, after the hooked layer or inside it."""

    def __init__(self, inside):
        super().__init__()
        self.conv, self.inside = nn.Conv2d(1, 2, 3), inside
        self.relu, self.norm = nn.ReLU(inplace=True), nn.BatchNorm2d(2)
        self.conv.register_forward_hook(lambda *_: self.spring(inside=True))
        self.left = 5

    def spring(self, inside):
        if inside == self.inside:
            self.left -= 1
            if not self.left:
                raise KeyError("sprung")

    def forward(self, images):
        maps = self.norm(self.relu(self.conv(images)))
        self.spring(inside=False)
        return maps.flatten(1)


@pytest.mark.parametrize("inside", [False, True])
def test_a_network_that_raises_half_way_is_left_as_it_was(inside):
    network = Trap(inside).train()
    network.norm.eval()
    network.conv.bias.requires_grad_(False)
    network.conv.weight.grad = torch.ones_like(network.conv.weight)
    before = state_of(network)
    with torch.no_grad(), pytest.raises(KeyError, match="sprung"):
        xai.capture(network, torch.rand(5, 1, 6, 6), "conv", batch_size=1)
    assert network.left == 0
    assert state_of(network) == before


def test_a_network_whose_only_state_counts_gets_images_that_are_not_rounded():
    class Counter(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("seen", torch.zeros((), dtype=torch.int64))
            self.relu = nn.ReLU()

        def forward(self, images):
            return self.relu(images).flatten(1)

    images = torch.rand(2, 1, 2, 2)
    assert torch.equal(xai.capture(Counter(), images, "relu").maps, images)


class Detour(nn.Module):
    """A network with layers that cannot be hooked."""

    def __init__(self):
        super().__init__()
        self.twice, self.unused, self.aside, self.part = (nn.ReLU() for _ in range(4))
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))

    def forward(self, images):
        self.aside(images)
        self.part(images[:1])
        return self.head(self.twice(self.twice(images)))


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("haed", "no layer 'haed'; there are head, "),
        ("", "no layer ''"),
        ("head", r"layer 'head' returns \(2, 2\)"),
        ("part", r"returns \(1, 1, 4, 4\) for 2 images"),
        ("twice", "more than once"),
        ("unused", "takes no part"),
    ],
)
def test_unsuitable_layers(layer, message):
    with pytest.raises(qx.InputError, match=message):
        xai.capture(Detour(), torch.rand(2, 1, 4, 4), layer)


@pytest.mark.parametrize("frozen", [False, True])
def test_a_layer_beside_the_logits_has_no_gradient(frozen):
    with pytest.raises(qx.InputError, match="do not depend on layer 'aside'"):
        xai.capture(Detour().requires_grad_(not frozen), torch.rand(2, 1, 4, 4), "aside")


IMAGE = torch.zeros(1, 1, 28, 28)


def test_a_long_list_of_layers_is_cut():
    network = nn.Sequential(*(nn.ReLU() for _ in range(30)))
    with pytest.raises(qx.InputError, match=r"there are 29, .* and 6 more"):
        xai.capture(network, IMAGE, "29x")


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (IMAGE[0], {}, r"shape \(1, 28, 28\)"),
        (IMAGE[:0], {}, r"shape \(0, 1, 28, 28\)"),
        (IMAGE.byte(), {}, "uint8"),
        (torch.cat([IMAGE, IMAGE / 0]), {}, "image 1 holds"),
        (IMAGE.expand(1, 3, 28, 28), {}, r"shape \(3, 28, 28\)"),
        (IMAGE, {"targets": [10]}, "target 10 is no class; they are 0 to 9"),
        (IMAGE, {"targets": [-1]}, "target -1"),
        (IMAGE, {"targets": [0.0]}, "float32"),
        (IMAGE, {"targets": [0, 1]}, "1 images"),
        (IMAGE, {"batch_size": 0}, "batch_size = 0"),
    ],
)
def test_capture_errors(network, images, options, message):
    with pytest.raises(qx.InputError, match=message):
        xai.capture(network, images, "norm", **options)


def test_a_network_without_logits():
    with pytest.raises(qx.InputError, match=r"returns \(1, 1, 28, 28\); it must return logits"):
        xai.capture(nn.Sequential(nn.ReLU()), IMAGE, "0")


# -- QUBO -----------------------------------------------------------------------------------------


def cosine(f, g):
    dot = math.fsum(x * y for x, y in zip(f.flat, g.flat, strict=True))
    size = math.sqrt(math.fsum(x * x for x in f.flat) * math.fsum(x * x for x in g.flat))
    return abs(dot) / size if size else 0.0


@settings(max_examples=50, deadline=None)
@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.just(2), st.integers(1, 4)),
                  elements=st.floats(-1e3, 1e3).map(lambda x: round(x, 3))))  # fmt: skip
def test_redundancy_by_brute_force(maps):
    J = xai.redundancy(maps)
    assert np.array_equal(J, J.T)
    assert not np.diag(J).any()
    assert J.min() >= 0
    assert J.max() <= 1
    for p, q in itertools.combinations(range(len(maps)), 2):
        assert J[p, q] == pytest.approx(cosine(maps[p], maps[q]), abs=1e-12)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_redundancy_neither_overflows_nor_underflows(scale):
    maps = np.random.default_rng(0).normal(size=(4, 3, 3))
    np.testing.assert_allclose(xai.redundancy(maps * scale), xai.redundancy(maps), atol=1e-14)


def test_cosines_of_duplicate_maps_do_not_exceed_one():
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(20, 1, 7, 7)) * rng.uniform(-2, 2, size=(20, 30, 1, 1))
    redundancies = np.array([xai.redundancy(copies) for copies in maps])
    assert redundancies.max() == 1
    np.testing.assert_allclose(redundancies + np.eye(30), 1, atol=1e-14)


@pytest.mark.parametrize("pair_weight", [1, 2])
@pytest.mark.parametrize("tradeoff", [0.3, 0.7])
def test_energies_of_the_real_network_by_brute_force(captured, tradeoff, pair_weight):
    for maps, gradients in zip(captured.maps[:10], captured.gradients[:10], strict=True):
        problem = xai.feature_selection(maps, gradients, tradeoff, pair_weight=pair_weight)
        f = maps.double().numpy()
        alpha = gradients.double().numpy().mean(axis=(1, 2))
        labels = [a for a in range(16) if alpha[a] > 0]
        assert list(problem.labels) == labels
        h = [alpha[a] / max(alpha) for a in labels]
        J = {pq: cosine(*f[list(pq)]) for pq in itertools.combinations(labels, 2)}
        for bits, energy in zip(
            itertools.product((0, 1), repeat=len(labels)), problem.diagonal, strict=True
        ):
            n = dict(zip(labels, bits, strict=True))
            pairs = sum(value * n[p] * n[q] for (p, q), value in J.items())
            gain = sum(value * bit for value, bit in zip(h, bits, strict=True))
            expected = (1 - tradeoff) * pair_weight * pairs - tradeoff * gain
            assert energy == pytest.approx(expected, abs=1e-12)


def test_meta_and_file_round_trip(tmp_path, captured):
    problem = xai.feature_selection(
        captured.maps[0], captured.gradients[0], label=3, pred=int(captured.targets[0])
    )
    assert problem.source.tradeoff == 0.7
    assert problem.source.num_maps == 16
    assert problem.meta["status"] == "OK"
    again = qx.load(qx.save(problem, tmp_path / "digit.npz"))
    np.testing.assert_allclose(again.diagonal, problem.diagonal, atol=1e-12)
    np.testing.assert_array_equal(again.source.alpha, problem.source.alpha)
    assert again.labels == problem.labels
    assert again.source.label == 3
    assert again.source.pred == int(captured.targets[0])
    assert again == problem


def image(alpha, maps=None):
    """Maps (C, 2, 2) and gradients whose means are ``alpha``."""
    gradients = np.broadcast_to(np.reshape(alpha, (-1, 1, 1)), (len(alpha), 2, 2)).astype(float)
    rng = np.random.default_rng(5)
    return (rng.normal(size=gradients.shape) if maps is None else maps), gradients


@pytest.mark.parametrize("alpha", [[0.5, 1.0, -1.0, 2.0], [3.0, 3.0, 3.0, 3.0], [2.0, -1, -1, -1]])
def test_reward_rules(alpha):
    maps, gradients = image(alpha)
    kept = np.array([a for a in alpha if a > 0])
    span = kept.max() - kept.min()
    expected = {
        qx.RewardRule.MAX: kept / kept.max(),
        qx.RewardRule.MIN_MAX: (kept - kept.min()) / span if span else np.ones_like(kept),
    }
    for rule, rewards in expected.items():
        problem = xai.feature_selection(maps, gradients, 0.6, reward_rule=rule)
        np.testing.assert_allclose(problem.h, -0.6 * rewards, atol=1e-15)
        assert problem.meta["reward_rule"] == rule.value
        assert np.isfinite(problem.J).all()


def test_a_scaled_tradeoff_selects_the_same_fraction_of_maps_at_every_size():
    scaled = qx.ScaledTradeoff(0.7, 8)
    assert scaled.value_at(8) == pytest.approx(0.7)
    sizes = np.array([4, 8, 16, 64])
    tradeoffs = np.array([scaled.value_at(d) for d in sizes])
    np.testing.assert_allclose((1 - tradeoffs) / tradeoffs * sizes, 8 * 0.3 / 0.7)
    # maps all alike: the optimum has 1/2 + h / ((1-t)/t J) maps, here 1/2 + d/8 h/J 0.7/0.3
    fractions = []
    for d, tradeoff in zip(sizes[:3], tradeoffs, strict=False):
        problem = qx.FeatureSelection(np.ones(d), 0.9 * (1 - np.eye(d)), tradeoff).qubo()
        fractions.append(len(problem.ground_labels()[0]) / d)
    np.testing.assert_allclose(fractions, 0.7 / 0.3 / 0.9 / 8, atol=0.5 / 4 + 0.5 / 4)
    assert xai.feature_selection(*image([0.5, 1.0, -1.0, 2.0]), scaled).source.tradeoff == (
        pytest.approx(scaled.value_at(3))
    )
    for value, reference in ((0.0, 8), (1.1, 8), (0.5, 0)):
        with pytest.raises(qx.InputError, match="scaled tradeoff"):
            qx.ScaledTradeoff(value, reference)


def test_a_size_term_is_added_to_the_maps_energies():
    maps, gradients = image([0.5, 1.0, -1.0, 2.0])
    plain = xai.feature_selection(maps, gradients)
    sized = xai.feature_selection(maps, gradients, size_term=qx.SizeTerm(1, 3.0))
    assert sized.labels == plain.labels == (0, 1, 3)
    for n in itertools.product((0, 1), repeat=3):
        assert sized.energy(n) == pytest.approx(plain.energy(n) + 3 * (sum(n) - 1) ** 2)
    assert [len(labels) for labels in sized.ground_labels()] == [1]


def test_limits_of_the_tradeoff():
    maps, gradients = image([0.5, 1.0, -1.0, 2.0])
    assert xai.feature_selection(maps, gradients, 1.0).ground_labels() == [[0, 1, 3]]
    assert [] in xai.feature_selection(maps, gradients, 0.0).ground_labels()


@pytest.mark.parametrize(
    ("alpha", "labels", "status"),
    [
        ([1.0, 2.0, -1.0], (0, 1), SelectionStatus.OK),
        ([-1.0, 2.0, 0.0], (1,), SelectionStatus.SINGLE_MAP),
        ([-1.0, -2.0, 0.0], (), SelectionStatus.NO_POSITIVE_MAP),
        ([np.nan, -1.0, 2.0], (2,), SelectionStatus.SINGLE_MAP),
        ([np.nan, np.inf, -np.inf], (), SelectionStatus.NON_FINITE),
    ],
)
def test_statuses(alpha, labels, status):
    maps, gradients = image(alpha)
    found = xai.selectable_maps(maps, gradients)
    assert (found.labels, found.status) == (labels, status)
    assert found.num_nonfinite == np.sum(~np.isfinite(alpha))
    assert len(labels) + found.num_nonpositive + found.num_dead + found.num_nonfinite == 3
    assert status.value in str(found)
    if labels:
        problem = xai.feature_selection(maps, gradients)
        assert problem.labels == labels
        assert problem.meta["status"] == status.name
    else:
        with pytest.raises(qx.InputError, match=status.value.split("(")[0]):
            xai.feature_selection(maps, gradients)


def test_dead_constant_and_non_finite_maps():
    maps, gradients = image([1.0] * 6)
    maps[0], maps[1], maps[2], maps[3, 0, 0] = 0.0, 2.0, -3.0, np.nan
    found = xai.selectable_maps(maps, gradients)
    assert found.labels == (1, 2, 4, 5)
    assert (found.num_dead, found.num_constant, found.num_nonfinite) == (1, 2, 1)
    problem = xai.feature_selection(maps, gradients, 0.5)
    assert problem.J[0, 1] == pytest.approx(0.5, abs=1e-15)  # constant maps are duplicates
    assert problem.meta["num_dead"] == 1
    assert xai.selectable_maps(maps * 0, gradients).num_dead == 5
    with pytest.raises(qx.InputError, match="d = 0"):
        xai.feature_selection(np.zeros((2, 3, 3)), np.ones((2, 3, 3)))


ANY_FLOAT = st.sampled_from(
    [0.0, -0.0, 1.0, -2.5, 5e-324, -3e-310, 1e-160, 1e308, -1.7e308, np.inf, -np.inf, np.nan]
)


@settings(max_examples=200, deadline=None)
@given(
    hnp.arrays(np.float64, (4, 2, 2), elements=ANY_FLOAT),
    hnp.arrays(np.float64, (4, 2, 2), elements=ANY_FLOAT),
    st.sampled_from(list(qx.RewardRule)),
)
def test_no_value_of_a_map_or_a_gradient_puts_a_nan_into_the_problem(maps, gradients, rule):
    found = xai.selectable_maps(maps, gradients)
    counts = found.counts
    assert len(found.labels) + sum(counts.values()) - counts["num_constant"] == 4
    if not found.labels:
        with pytest.raises(qx.InputError, match="there is no problem to build"):
            xai.feature_selection(maps, gradients)
        return
    problem = xai.feature_selection(maps, gradients, 0.5, reward_rule=rule)
    h, J = problem.source.rewards, problem.source.redundancy
    assert ((h >= 0) & (h <= 1)).all()
    assert ((J >= 0) & (J <= 1)).all()
    for p, q in itertools.combinations(range(len(found.labels)), 2):
        exact = [[Fraction(x) for x in maps[found.labels[i]].flat] for i in (p, q)]
        dot = sum(x * y for x, y in zip(*exact, strict=True))
        square = dot**2 / math.prod(sum(x * x for x in f) for f in exact)
        assert J[p, q] == pytest.approx(math.sqrt(square), abs=1e-12)


@pytest.mark.parametrize("shapes", [((3, 2, 2), (3, 2, 1)), ((2, 2), (2, 2)), ((0, 2, 2),) * 2])
def test_wrong_shapes_of_maps(shapes):
    with pytest.raises(qx.InputError, match="maps of one image"):
        xai.feature_selection(*map(np.ones, shapes))


# -- head -----------------------------------------------------------------------------------------


def test_check_head(network, digits, captured):
    linear = xai.check_head(captured)
    assert linear.linear
    assert linear.max_within_class_spread < 1e-6
    assert "cannot depend on the image" in str(linear)
    assert "hook the layer before" in str(linear)
    before = xai.check_head(xai.capture(network, digits[0][:60], DigitsNet.NONLINEAR_HOOK))
    assert not before.linear
    assert before.max_within_class_spread > 0.01
    assert str(before).startswith("alpha depends on the image")
    single = xai.check_head(captured.gradients[:2], [0, 1])
    assert (single.linear, single.num_classes_checked) == (False, 0)
    assert "cannot tell" in str(single)


def test_the_suggested_layer_is_one_whose_alpha_depends_on_the_image(network, digits):
    images = digits[0][:60]
    found = xai.check_layer(network, images, DigitsNet.HOOK)
    # the ReLU between feeds a linear head too (BatchNorm in eval mode is linear): not suggested
    assert xai.check_layer(network, images, "relu").linear
    assert found.linear
    assert found.suggestion == DigitsNet.NONLINEAR_HOOK
    assert "hook layer 'conv'" in str(found)
    assert not xai.check_layer(network, images, found.suggestion).linear
    assert not [module for module in network.modules() if module._forward_hooks]


def test_no_layer_is_suggested_where_none_helps():
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, 3), nn.Flatten(), nn.Linear(32, 2))
    found = xai.check_layer(network, torch.rand(40, 1, 8, 8), "1")
    assert (found.linear, found.suggestion) == (True, None)
    assert "hook the layer before" in str(found)


@pytest.mark.parametrize(("layer", "linear"), [("norm", True), ("conv", False)])
def test_a_single_image_is_compared_with_its_mirror_image(network, digits, layer, linear):
    image = digits[0][:1]
    found = xai.check_layer(network, image, layer)
    assert (found.linear, found.num_classes_checked) == (linear, 1)
    assert found.suggestion == ("conv" if linear else None)
    one = xai.capture(network, image, layer)
    other = xai.capture(network, image.flip(-1), layer, targets=one.targets)
    alpha = xai.importance(torch.cat([one.gradients, other.gradients]))
    spread = (alpha[0] - alpha[1]).abs().max() / alpha.abs().max()
    assert found.max_within_class_spread == pytest.approx(float(spread))
    even = image + image.flip(-1)  # its own mirror image: nothing to compare it with
    assert xai.check_layer(network, even, layer).num_classes_checked == 0


def test_the_variance_is_that_of_alpha_within_a_class():
    alpha = torch.tensor([[1.0, -4.0], [3.0, -4.0], [7.0, 0.5], [7.0, 0.25]])
    found = xai.check_head(alpha[:, :, None, None].expand(4, 2, 3, 3), [0, 0, 1, 1])
    assert found.max_within_class_variance == pytest.approx(1.0 / 16)  # var(1, 3) / 4^2
    assert found.max_within_class_spread == pytest.approx(2.0 / 4)


def test_check_head_ignores_what_is_not_finite():
    gradients = torch.ones(3, 2, 2, 2)
    gradients[2] = torch.nan
    assert xai.check_head(gradients, [0, 0, 0]).linear
    assert xai.check_head(0 * gradients, [0, 0, 0]).max_within_class_spread == 0
    for classes, message in ((None, "without classes"), ([0, 1], "classes")):
        with pytest.raises(qx.InputError, match=message):
            xai.check_head(gradients, classes)


# -- explanations and metrics ---------------------------------------------------------------------


def test_subset_cam(captured):
    maps, gradients = captured.maps[0].double(), captured.gradients[0]
    alpha = xai.importance(gradients)
    expected = np.maximum(sum(alpha[p].item() * maps[p].numpy() for p in (2, 5)), 0)
    np.testing.assert_allclose(xai.subset_cam(maps, alpha, (2, 5)), expected, atol=1e-14)
    assert not xai.subset_cam(maps, alpha, ()).any()
    whole = xai.subset_cam(maps, alpha.numpy(), range(16), size=(28, 30))
    assert torch.equal(whole, xai.grad_cam(maps, gradients, size=(28, 30)))
    assert whole.shape == (28, 30)
    scaled = xai.normalize(whole)
    assert (scaled.min() >= 0, scaled.max()) == (True, 1)
    assert torch.equal(xai.normalize(whole * 0), whole * 0)


def test_interpolation_is_bilinear_between_pixel_centres():
    cam = xai.subset_cam(np.array([[[0.0, 4.0]]]), [1.0], [0], size=(1, 4))
    assert cam.tolist() == [[0.0, 1.0, 3.0, 4.0]]


@pytest.mark.parametrize(
    ("alpha", "labels", "size", "message"),
    [
        ([1.0], [0], None, r"alpha \(1,\)"),
        ([1.0, 2.0], [2], None, "label 2 is no map; they are 0 to 1"),
        ([1.0, 2.0], [-1], None, "label -1"),
        ([1.0, 2.0], [0, 0], None, "repeat"),
        ([1.0, 2.0], [0], (0, 3), r"size = \(0, 3\)"),
    ],
)
def test_subset_cam_errors(alpha, labels, size, message):
    with pytest.raises(qx.InputError, match=message):
        xai.subset_cam(np.ones((2, 3, 3)), alpha, labels, size)
