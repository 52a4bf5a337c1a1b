"""Metrics on networks whose answer is known in closed form, and their properties."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch import nn

import qxgap as qx
from qxgap import xai
from qxgap.xai import AreaMask, Constant, GaussianBlur, MinMaxMask, SoftMask, ThresholdMask
from qxgap.xai.metrics.adcc import coherency, complexity
from qxgap.xai.metrics.masks import keep

torch.set_num_threads(1)


class Additive(nn.Module):
    """Two classes, logits (sum of weight * pixel, 0): confidence = sigmoid of that sum."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(torch.as_tensor(weight, dtype=torch.float64))
        self.drop = nn.Dropout(0.5)

    def forward(self, images):
        total = self.drop(images * self.weight).sum(dim=(1, 2, 3))
        return torch.stack([total, torch.zeros_like(total)], dim=1)


@pytest.fixture
def scene():
    """An additive positive network, three images of 2 channels, their classes and maps."""
    rng = np.random.default_rng(3)
    model = Additive(rng.uniform(0.1, 0.6, size=(2, 4, 5))).train()
    images = torch.from_numpy(rng.uniform(0, 1, size=(3, 2, 4, 5)))
    cams = torch.from_numpy(rng.uniform(0, 3, size=(3, 4, 5)))
    return model, images, cams, torch.zeros(3, dtype=torch.long)


# -- masks ----------------------------------------------------------------------------------------


def test_masks_by_hand():
    cams = torch.tensor([[[4.0, 2.0, 1.0, 0.0]], [[0.0, 0.0, 0.0, 0.0]]])
    assert SoftMask()(cams).tolist() == [[[1, 0.5, 0.25, 0]], [[0, 0, 0, 0]]]
    assert ThresholdMask(0.5)(cams).tolist() == [[[1, 1, 0, 0]], [[0, 0, 0, 0]]]
    assert ThresholdMask(0.0)(cams).tolist() == [[[1, 1, 1, 0]], [[0, 0, 0, 0]]]
    assert AreaMask(0.5)(cams).tolist() == [[[1, 1, 0, 0]], [[0.5] * 4]]
    assert AreaMask(0.375)(cams).tolist() == [[[1, 0.5, 0, 0]], [[0.375] * 4]]
    with pytest.raises(qx.InputError, match=r"share = 1\.5"):
        AreaMask(1.5)
    with pytest.raises(qx.InputError, match="fraction = -1"):
        ThresholdMask(-1)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), min_size=1, max_size=3),
    st.floats(0, 1),
)
def test_area_masks_have_their_area_and_keep_the_order(rows, share):
    cams = torch.tensor(rows, dtype=torch.float64).reshape(-1, 2, 3)
    masks = AreaMask(share)(cams)
    torch.testing.assert_close(masks.mean((1, 2)), torch.full((len(rows),), share).double())
    assert ((masks >= 0) & (masks <= 1 + 1e-12)).all()
    for cam, mask in zip(cams.flatten(1), masks.flatten(1), strict=True):
        for i, j in np.ndindex(6, 6):
            if cam[i] > cam[j]:
                assert mask[i] == pytest.approx(1) or mask[j] == pytest.approx(0)
            elif cam[i] == cam[j]:
                assert mask[i] == mask[j]


def test_fills(scene):
    _, images, cams, _ = scene
    nothing = torch.zeros_like(cams)
    assert torch.equal(keep(images, nothing + 1, Constant(0.5)), images)
    assert (keep(images, nothing, Constant(0.5)) == 0.5).all()
    filled = keep(images, nothing, Constant((0.1, 0.2)))
    assert filled[:, 0].unique().tolist() == [0.1]
    assert filled[:, 1].unique().tolist() == [0.2]
    blurred = keep(images, nothing, GaussianBlur(50.0))
    torch.testing.assert_close(blurred.mean((2, 3)), images.mean((2, 3)), rtol=1e-2, atol=1e-3)
    assert blurred.std(dim=(2, 3)).max() < 0.02
    with pytest.raises(qx.InputError, match="1 of 2 channels"):
        keep(images, nothing, Constant((0.1,)))
    with pytest.raises(qx.InputError, match=r"masks have shape \(3, 2, 5\)"):
        keep(images, nothing[:, :2], Constant())


# -- drop, increase, coverage ---------------------------------------------------------------------


@pytest.mark.parametrize("mask", [SoftMask(), ThresholdMask(0.3), AreaMask(0.4)], ids=str)
@pytest.mark.parametrize("fill", [0.0, 0.7])
def test_drop_and_increase_of_an_additive_network(scene, mask, fill):
    model, images, cams, targets = scene
    found = xai.mask_scores(model, images, cams, targets, mask, fill=Constant(fill), batch_size=2)
    m = mask(cams).numpy()[:, None]
    weight, pixels = model.weight.detach().numpy(), images.numpy()
    full = 1 / (1 + np.exp(-(weight * pixels).sum(axis=(1, 2, 3))))
    left = 1 / (1 + np.exp(-(weight * (m * pixels + (1 - m) * fill)).sum(axis=(1, 2, 3))))
    np.testing.assert_allclose(found.confidence, full, rtol=1e-12)
    np.testing.assert_allclose(found.drop, 100 * np.maximum(0, full - left) / full, atol=1e-10)
    assert found.average_drop == pytest.approx(100 * np.mean(np.maximum(0, full - left) / full))
    assert found.average_increase == pytest.approx(100 * np.mean(left > full))
    np.testing.assert_allclose(found.coverage, 100 * m.mean(axis=(1, 2, 3)))
    assert f"keeps {found.average_coverage:.1f} % of the image" in str(found)
    assert model.training


def test_limits_of_the_mask(scene):
    model, images, cams, targets = scene
    whole = xai.mask_scores(model, images, torch.ones_like(cams), targets)
    assert (whole.average_drop, whole.average_increase, whole.average_coverage) == (0, 0, 100)
    empty = xai.mask_scores(model, images, torch.zeros_like(cams), targets)
    np.testing.assert_allclose(empty.masked, 0.5)
    np.testing.assert_allclose(empty.drop, 100 * (1 - 0.5 / empty.confidence))
    assert empty.average_coverage == 0
    other = xai.mask_scores(model, images, torch.zeros_like(cams), targets + 1)
    assert (other.average_drop, other.average_increase) == (0, 100)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3))
def test_the_scale_of_a_map_does_not_count(seed, scale):
    rng = np.random.default_rng(seed)
    model, images = Additive(rng.normal(size=(1, 3, 3))), torch.from_numpy(rng.random((2, 1, 3, 3)))
    cams = torch.from_numpy(rng.random((2, 3, 3)))
    targets = torch.tensor([0, 1])
    one, other = (xai.mask_scores(model, images, c, targets) for c in (cams, cams * scale))
    torch.testing.assert_close(one.drop, other.drop, atol=1e-9, rtol=1e-9)


def test_no_confidence_to_lose():
    model = Additive(np.full((1, 2, 2), -500.0))
    images, cams = torch.ones(1, 1, 2, 2, dtype=torch.float64), torch.ones(1, 2, 2)
    assert xai.mask_scores(model, images, cams, torch.tensor([0])).drop.tolist() == [0]


def test_nothing_leaks(scene):
    model, images, cams, targets = scene
    model.weight.grad = None
    for _ in range(3):
        found = xai.mask_scores(model, images, cams, targets)
        curve = xai.insertion_curve(model, images, cams, targets, steps=2)
    assert not any(t.requires_grad for t in (found.confidence, found.masked, curve.confidence))
    assert model.weight.grad is None
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
def test_maps_that_are_none(scene, bad):
    model, images, cams, targets = scene
    cams[1, 2, 3] = bad
    with pytest.raises(qx.InputError, match="apply a ReLU"):
        xai.mask_scores(model, images, cams, targets)
    with pytest.raises(qx.InputError, match="targets of shape"):
        xai.confidence(model, images, targets[:2])


# -- curves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 4, 20])
def test_curves_of_an_additive_network(scene, steps):
    model, images, cams, targets = scene
    inserted = xai.insertion_curve(model, images, cams, targets, steps=steps, start=Constant())
    deleted = xai.deletion_curve(model, images, cams, targets, steps=steps)
    full = xai.confidence(model, images, targets)
    for curve, ends in ((inserted, (0.5, full)), (deleted, (full, 0.5))):
        assert curve.share.tolist() == pytest.approx(np.linspace(0, 1, steps + 1))
        np.testing.assert_allclose(curve.confidence[:, 0], ends[0])
        np.testing.assert_allclose(curve.confidence[:, -1], ends[1])
        expected = 100 * np.trapezoid(curve.confidence, curve.share)
        np.testing.assert_allclose(curve.area, expected)
    assert (inserted.confidence.diff(dim=1) > 0).all()
    assert (deleted.confidence.diff(dim=1) < 0).all()


def test_no_order_beats_that_of_the_contributions(scene):
    model, images, cams, targets = scene
    best = (images * model.weight.detach()).sum(dim=1)
    blank = Constant()
    for curve, sign in ((xai.insertion_curve, 1), (xai.deletion_curve, -1)):
        option = {"start": blank} if sign == 1 else {"end": blank}
        areas = [curve(model, images, c, targets, **option).area for c in (best, cams, 1 / best)]
        assert (sign * areas[0] > sign * areas[1]).all()
        assert (sign * areas[1] > sign * areas[2]).all()
    with pytest.raises(qx.InputError, match="steps = 0"):
        xai.insertion_curve(model, images, cams, targets, steps=0)


def test_curve_values_by_hand():
    """Two pixels of logit 1 and 2: the order of the map decides which comes first."""
    model = Additive([[[1.0, 2.0]]])
    images, targets = torch.ones(1, 1, 1, 2, dtype=torch.float64), torch.tensor([0])
    for cam, middle in (([0.1, 0.9], 2.0), ([0.9, 0.1], 1.0), ([0.5, 0.5], 1.5)):
        cams = torch.tensor([[cam]], dtype=torch.float64)
        curve = xai.insertion_curve(model, images, cams, targets, steps=2, start=Constant())
        expected = [1 / (1 + math.exp(-z)) for z in (0.0, middle, 3.0)]
        assert curve.confidence[0].tolist() == pytest.approx(expected)


# -- ADCC -----------------------------------------------------------------------------------------


def test_coherency_against_scipy():
    rng = np.random.default_rng(0)
    one, other = rng.random((4, 3, 5)), rng.random((4, 3, 5))
    expected = [
        50 * (1 + stats.pearsonr(a.ravel(), b.ravel()).statistic)
        for a, b in zip(one, other, strict=True)
    ]
    one, other = torch.from_numpy(one), torch.from_numpy(other)
    np.testing.assert_allclose(coherency(one, other), expected)
    np.testing.assert_allclose(coherency(one, 3 * one + 1), 100)
    np.testing.assert_allclose(coherency(one, -one), 0, atol=1e-12)
    assert coherency(one, torch.ones_like(one)).tolist() == [0] * 4


def test_adcc_by_hand(scene):
    model, images, cams, targets = scene
    asked = []

    def explain(masked, classes):
        asked.append((masked, classes))
        return cams + 0.3 * masked[:, 0]

    found = xai.adcc_scores(model, images, cams, targets, explain)
    masked = images * (cams / cams.amax((1, 2), keepdim=True))[:, None]
    torch.testing.assert_close(asked[0][0], masked)
    assert asked[0][1] is targets
    np.testing.assert_allclose(
        complexity(cams), 100 * (cams / cams.amax((1, 2))[:, None, None]).mean((1, 2))
    )
    torch.testing.assert_close(found.drop, xai.mask_scores(model, images, cams, targets).drop)
    for i in range(3):
        parts = [found.coherency[i], 100 - found.complexity[i], 100 - found.drop[i]]
        assert found.adcc[i].item() == pytest.approx(stats.hmean(parts))
    worst = xai.AdccScores(torch.tensor([50.0]), torch.tensor([100.0]), torch.tensor([0.0]))
    assert worst.adcc.tolist() == [0]


# -- conventions of Average Drop ------------------------------------------------------------------


def test_min_max_masks_by_hand():
    cams = torch.tensor([[[1.0, 2.0, 3.0, 5.0]], [[2.0, 2.0, 2.0, 2.0]]])
    assert MinMaxMask()(cams).tolist() == [[[0, 0.25, 0.5, 1]], [[0, 0, 0, 0]]]
    assert MinMaxMask(3)(cams).tolist() == [[[0, 0, 0.5, 1]], [[0, 0, 0, 0]]]
    pixels = (255 * MinMaxMask()(cams)[0, 0].double()).numpy().astype(np.uint8)  # as an image
    np.testing.assert_allclose(MinMaxMask(256)(cams.double())[0, 0], pixels / 255, atol=1e-12)
    with pytest.raises(qx.InputError, match="levels = 1; give at least 2"):
        MinMaxMask(1)


def test_conventions_of_average_drop_differ_as_they_say(scene):
    model, images, cams, targets = scene
    signs = torch.tensor([1.0, -1.0, 0.3])[:, None, None, None]  # the second image only gains
    model, images = Additive(model.weight.detach()), signs * images
    whole = xai.confidence(model, images, targets)
    found = {c.name: c(model, images, cams, targets) for c in xai.AverageDrop.ALL}
    for convention in xai.AverageDrop.ALL:
        kept = keep(images, convention.mask(cams), Constant())
        change = (whole - xai.confidence(model, kept, targets)) / whole
        assert change.min() < 0 < change.max()
        expected = change if convention.signed else change.clamp(min=0)
        torch.testing.assert_close(found[convention.name].drop, 100 * expected)
    signed, clipped = found["authors, signed"], found["authors, clipped"]
    torch.testing.assert_close(signed.drop.clamp(min=0), clipped.drop)
    assert signed.average_drop < clipped.average_drop
    standard = xai.mask_scores(model, images, cams, targets)
    torch.testing.assert_close(found["standard"].drop, standard.drop)
    torch.testing.assert_close(
        found["Score-CAM, half of the pixels"].coverage, torch.full((3,), 50.0).double()
    )
