"""Explanation maps against captum, direct derivatives and the formula."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import qxgap as qx
from qxgap import xai
from qxgap.xai import CamRelu

torch.set_num_threads(1)


def derivatives(score, maps):
    """First, second and third derivative of ``score`` in every single pixel, by autograd."""
    (first,) = torch.autograd.grad(score, maps, create_graph=True)
    second, third = torch.zeros_like(maps), torch.zeros_like(maps)
    for at in np.ndindex(*maps.shape):
        (row,) = torch.autograd.grad(first[at], maps, create_graph=True)
        second[at] = row[at]
        third[at] = torch.autograd.grad(row[at], maps, retain_graph=True)[0][at]
    return first.detach(), second.detach(), third.detach()


@pytest.mark.parametrize("seed", range(4))
def test_grad_cam_plus_plus_by_three_derivatives(seed):
    torch.manual_seed(seed)
    head = nn.Sequential(
        nn.Conv2d(3, 4, 2), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 2 * 3, 6), nn.ReLU()
    )
    head = nn.Sequential(head, nn.Linear(6, 5)).double()
    maps = torch.rand(3, 3, 4, dtype=torch.float64, requires_grad=True)
    logit = head(maps[None])[0, 2]
    (gradients,) = torch.autograd.grad(logit, maps, retain_graph=True)
    first, second, third = derivatives(logit.exp(), maps)
    closeness = second / (2 * second + maps.detach().sum((1, 2), keepdim=True) * third)
    weights = (closeness.nan_to_num() * first.relu()).sum((1, 2)) / logit.detach().exp()
    expected = torch.einsum("p,pij->ij", weights, maps.detach()).relu()
    found = xai.grad_cam_plus_plus(maps, gradients)
    assert expected.any()
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-14)


def test_grad_cam_plus_plus_divides():
    """Two pixels, one map: a = 1 / (2 + 4 g), and negative gradients weigh nothing."""
    maps, gradients = [[[1.0, 3.0]]], [[[0.5, -1.0]]]
    expected = 0.5 / (2 + 4 * 0.5) * torch.tensor([[1.0, 3.0]], dtype=torch.float64)
    torch.testing.assert_close(xai.grad_cam_plus_plus(maps, gradients), expected)
    singular = xai.grad_cam_plus_plus([[[-4.0, 1.0]], [[1.0, 1.0]]], [[[2 / 3, 0]], [[1.0, 0]]])
    assert singular.tolist() == [[0.25, 0.25]]
    assert xai.grad_cam_plus_plus(maps, gradients, size=(4, 6)).shape == (4, 6)
    with pytest.raises(qx.InputError, match="maps of one image"):
        xai.grad_cam_plus_plus(maps, [[0.5, -1.0]])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sets(st.integers(0, 4)))
def test_relu_per_map(seed, labels):
    rng = np.random.default_rng(seed)
    maps, alpha = rng.normal(size=(5, 3, 2)), rng.normal(size=5)
    found = xai.subset_cam(maps, alpha, labels, relu=CamRelu.PER_MAP)
    expected = sum((np.maximum(alpha[p] * maps[p], 0) for p in labels), np.zeros((3, 2)))
    np.testing.assert_allclose(found, expected, atol=1e-14)
    assert (found >= xai.subset_cam(maps, alpha, labels) - 1e-14).all()
    same = xai.subset_cam(abs(maps), abs(alpha), labels, relu=CamRelu.PER_MAP)
    torch.testing.assert_close(same, xai.subset_cam(abs(maps), abs(alpha), labels))


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
