"""Digits on textures: the boxes hold the digits, and a seed repeats them."""

import numpy as np
import pytest
import torch

import qxgap as qx
from qxgap import xai


@pytest.mark.parametrize(("side", "shift"), [(16, 3), (20, 0), (28, 5), (1, 40)])
def test_boxes_and_digits(side, shift):
    images, labels, boxes = xai.pasted_digits(seed=3, side=side, shift=shift, contrast=0.0)
    assert torch.equal(labels, xai.digits_images()[1])
    assert (boxes >= 0).all()
    assert (boxes <= 28).all()
    sizes = boxes[:, 2:] - boxes[:, :2]
    assert sizes.max() <= max(side, 1)
    assert sizes.min() >= 1
    middle = (28 - sizes) // 2
    assert abs(boxes[:, :2] - middle).max() <= shift
    for image, (top, left, bottom, right) in zip(images[:, 0], boxes, strict=True):
        inside = image[top:bottom, left:right]
        assert inside.sum() == pytest.approx(float(image.sum()), rel=1e-6)  # the rest is black
        assert inside.max() > 0


def test_at_its_own_size_a_digit_is_only_moved():
    """Of side 20 no pixel is resampled."""
    images, _, boxes = xai.pasted_digits(seed=1, side=20, shift=4, contrast=0.0)
    originals, _ = xai.digits_images()
    for image, original, box in zip(images[:50, 0], originals[:50, 0], boxes, strict=False):
        top, left, bottom, right = box
        rows = original.amax(dim=1).nonzero()[:, 0]
        columns = original.amax(dim=0).nonzero()[:, 0]
        expected = original[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        torch.testing.assert_close(image[top:bottom, left:right], expected)


def test_textures_and_seeds():
    one, _, boxes = xai.pasted_digits(seed=1)
    again, _, same = xai.pasted_digits(seed=1)
    other, _, _ = xai.pasted_digits(seed=2)
    assert torch.equal(one, again)
    np.testing.assert_array_equal(boxes, same)
    assert not torch.equal(one, other)
    background = one[0, 0].clone()
    top, left, bottom, right = boxes[0]
    background[top:bottom, left:right] = 0
    assert 0.2 < background.max() <= 0.4
    assert (background > 0).float().mean() > 0.6


@pytest.mark.parametrize("given", [{"side": 0}, {"side": 29}, {"shift": -1}, {"contrast": 1.5}])
def test_numbers_out_of_range(given):
    with pytest.raises(qx.InputError, match="give a side from 1 to 28"):
        xai.pasted_digits(**given)
