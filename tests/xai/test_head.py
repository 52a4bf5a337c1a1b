"""What the head of a network does to the importance of its maps."""

import numpy as np
import pytest
import torch
from torch import nn

import qxgap as qx
from qxgap import xai
from qxgap.xai import DigitsNet

torch.set_num_threads(1)


def image(alpha, maps=None):
    """Maps (C, 2, 2) and gradients whose means are ``alpha``."""
    gradients = np.broadcast_to(np.reshape(alpha, (-1, 1, 1)), (len(alpha), 2, 2)).astype(float)
    rng = np.random.default_rng(5)
    return (rng.normal(size=gradients.shape) if maps is None else maps), gradients


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
    assert f"varies by {before.max_within_class_spread:.2g} of its largest value" in str(before)
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
