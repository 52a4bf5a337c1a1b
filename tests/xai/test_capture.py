"""Capture of maps and gradients against captum and finite differences."""

import gc
import weakref

import pytest
import torch
from captum.attr import LayerGradCam
from torch import nn

import qxgap as qx
from qxgap import xai
from qxgap.xai import DigitsNet

torch.set_num_threads(1)


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
