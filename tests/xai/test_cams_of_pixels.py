"""HiResCAM, LayerCAM and Score-CAM against captum, closed forms and a loop over the maps."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

import qxgap as qx
from qxgap import xai

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def convolutions():
    """A network with several layers behind the maps, in double precision, and its images."""
    torch.manual_seed(3)
    parts = [nn.Conv2d(2, 5, 3, stride=2), nn.BatchNorm2d(5), nn.Conv2d(5, 4, 2), nn.ReLU()]
    network = nn.Sequential(*parts, nn.Flatten(), nn.Linear(4 * 4 * 5, 3)).double().eval()
    network[1].running_mean += 0.1  # maps of both signs
    return network, torch.rand(4, 2, 11, 13, dtype=torch.float64)


def test_captum_sums_gradient_times_activation(convolutions):
    from captum.attr import LayerGradCam, LayerGradientXActivation

    network, images = convolutions
    seen = xai.capture(network, images, "1")
    products = LayerGradientXActivation(network, network[1]).attribute(images, seen.predicted)
    means = LayerGradCam(network, network[1]).attribute(
        images, seen.predicted, relu_attributions=True
    )
    for maps, gradients, product, mean in zip(
        seen.maps, seen.gradients, products, means, strict=True
    ):
        found = xai.hires_cam(maps, gradients)
        assert found.any()
        torch.testing.assert_close(found, product.sum(0).relu().detach(), rtol=0, atol=1e-12)
        found = xai.grad_cam(maps, gradients)
        torch.testing.assert_close(found, mean[0].detach(), rtol=0, atol=1e-12)


def test_hires_cam_sums_to_the_logit_of_a_linear_head(network, digits):
    """Draelos and Carin: the map adds up to what the logit has beyond its bias."""
    images, _ = digits
    seen = xai.capture(network, images[:20], network.HOOK)
    sums = torch.einsum("bcij,bcij->b", seen.maps.double(), seen.gradients.double())
    bias = [layer.bias for layer in network.modules() if isinstance(layer, nn.Linear)][-1]
    logits = seen.logits.gather(1, seen.targets[:, None])[:, 0]
    torch.testing.assert_close(
        sums, (logits - bias[seen.targets]).detach().double(), rtol=1e-4, atol=1e-4
    )
    for maps, gradients, total in zip(seen.maps, seen.gradients, sums, strict=True):
        assert float(xai.hires_cam(maps, gradients).sum()) >= float(total)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_pixels_one_by_one(seed):
    rng = np.random.default_rng(seed)
    maps, gradients = rng.normal(size=(4, 3, 2)), rng.normal(size=(4, 3, 2))
    hires, layer = np.zeros((3, 2)), np.zeros((3, 2))
    for i, j in np.ndindex(3, 2):
        hires[i, j] = max(sum(maps[a, i, j] * gradients[a, i, j] for a in range(4)), 0)
        terms = [maps[a, i, j] * max(gradients[a, i, j], 0) for a in range(4)]
        layer[i, j] = max(sum(terms), 0)
    np.testing.assert_allclose(xai.hires_cam(maps, gradients), hires, atol=1e-14)
    np.testing.assert_allclose(xai.layer_cam(maps, gradients), layer, atol=1e-14)


def test_equal_gradients_make_all_three_equal(convolutions):
    """Where every pixel of a map has the same positive gradient, nothing tells them apart."""
    network, images = convolutions
    maps = xai.capture(network, images, "1").maps[0]
    gradients = torch.rand(5, 1, 1).expand_as(maps)
    expected = xai.grad_cam(maps, gradients, (11, 13))
    for method in (xai.hires_cam, xai.layer_cam):
        torch.testing.assert_close(method(maps, gradients, (11, 13)), expected)


def test_score_cam_map_by_map(convolutions):
    network, images = convolutions
    seen = xai.capture(network, images, "1")
    for image, maps in zip(images, seen.maps, strict=True):
        logits = []
        for one in maps:
            mask = functional.interpolate(
                one[None, None], (11, 13), mode="bilinear", align_corners=False
            )[0]
            mask = (mask - mask.min()) / (mask.max() - mask.min())
            logits.append(network((image * mask)[None])[0, 2].item())
        weights = np.exp(logits) / np.exp(logits).sum()
        expected = np.maximum(sum(w * one.numpy() for w, one in zip(weights, maps, strict=True)), 0)
        for batch_size in (2, 64):
            found = xai.score_cam(network, image, maps, 2, batch_size=batch_size)
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_a_constant_map_masks_everything():
    """Its weight is that of a black image; a network that counts light gives closed forms."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False)).double()
    with torch.no_grad():
        network[1].weight.copy_(torch.tensor([[1.0] * 4, [0.0] * 4]))
    image = torch.ones(1, 2, 2, dtype=torch.float64)
    maps = torch.tensor([[[3.0, 3.0], [3.0, 3.0]], [[0.0, 2.0], [2.0, 2.0]]])
    weights = torch.tensor([0.0, 3.0], dtype=torch.float64).softmax(0)  # 3 pixels of the mask are 1
    expected = weights[0] * maps[0].double() + weights[1] * maps[1].double()
    torch.testing.assert_close(xai.score_cam(network, image, maps, 0), expected)
    rounded = torch.cat([maps[:1] + 1e-7 * torch.rand(1, 2, 2), maps[1:]])
    found = xai.score_cam(network, image, rounded, 0)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)
    even = (maps[0] + maps[1]).double() / 2
    torch.testing.assert_close(xai.score_cam(network, image, maps, 1), even)


@pytest.mark.parametrize(
    ("image", "maps", "target", "message"),
    [
        (torch.ones(2, 11, 13), torch.ones(5, 5), 0, r"maps have shape \(5, 5\)"),
        (torch.ones(1, 2, 11, 13), torch.ones(5, 5, 6), 0, r"the image \(1, 2, 11, 13\)"),
        (torch.ones(2, 11, 13), torch.full((5, 5, 6), torch.nan), 0, "not finite"),
        (torch.ones(2, 11, 13), torch.ones(5, 5, 6), 3, "target 3 is no class"),
    ],
)
def test_score_cam_refuses(convolutions, image, maps, target, message):
    with pytest.raises(qx.InputError, match=message):
        xai.score_cam(convolutions[0], image, maps, target)


def test_gradients_of_another_shape_are_refused():
    for method in (xai.hires_cam, xai.layer_cam):
        with pytest.raises(qx.InputError, match="give both as"):
            method(np.ones((2, 3, 3)), np.ones((2, 3)))
