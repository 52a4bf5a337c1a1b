"""Class activation maps, which show the parts of an image that support a class."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn import functional

from ..errors import InputError
from .features import as_double, importance


class CamRelu(Enum):
    """Position of the ReLU in a class activation map; the value describes it in words."""

    OF_SUM = "ReLU of the sum over the maps (the text of arXiv 2604.25649)"
    PER_MAP = "sum over the maps of their ReLUs (the authors' older code)"


def subset_cam(
    maps: Tensor | ArrayLike,
    alpha: Tensor | ArrayLike,
    labels: Iterable[int],
    size: tuple[int, int] | None = None,
    *,
    relu: CamRelu = CamRelu.OF_SUM,
) -> Tensor:
    """Return the ReLU of the sum of ``alpha_p f_p`` over the selected feature maps (fGrad-CAM).

    Parameters
    ----------
    maps : tensor or array_like, shape (C, H, W)
        Feature maps of one image.
    alpha : tensor or array_like, shape (C,)
        Importance of every channel.
    labels : iterable of int
        Channel numbers of the selected maps, each once. Without any the result is a map of zeros.
    size : tuple of int, optional
        Height and width to which the map is interpolated, bilinearly with
        ``align_corners=False``. By default it keeps the size of the feature maps.
    relu : CamRelu, optional
        Whether the ReLU acts on the sum, or on each ``alpha_p f_p`` before the sum. The two agree
        where no summand is negative; otherwise the second is the larger.

    Returns
    -------
    tensor of float64, shape (H, W) or ``size``
        The explanation map, not normalized.

    Raises
    ------
    InputError
        If shapes do not fit, or a label is repeated or out of range.

    Notes
    -----
    The map is that of Venturelli et al., arXiv 2604.25649, with the ReLU on the sum as in the text.

    Examples
    --------
    >>> from qxgap import xai
    >>> maps = [[[1.0, 0.0]], [[0.0, 4.0]]]
    >>> xai.subset_cam(maps, alpha=[2.0, -0.5], labels=[0, 1]).tolist()
    [[2.0, 0.0]]
    """
    maps, alpha, chosen = as_double(maps), as_double(alpha), list(labels)
    if maps.ndim != 3 or alpha.shape != maps.shape[:1]:
        raise InputError(
            f"maps have shape {tuple(maps.shape)} and alpha {tuple(alpha.shape)}; "
            "give (C, H, W) and (C,)"
        )
    outside = [label for label in chosen if not 0 <= label < len(maps)]
    if outside:
        raise InputError(f"label {outside[0]} is no map; they are 0 to {len(maps) - 1}")
    if len(set(chosen)) < len(chosen):
        raise InputError(f"labels {chosen} repeat a map; give each once")
    if relu is CamRelu.PER_MAP:
        cam = (alpha[chosen, None, None] * maps[chosen]).relu().sum(dim=0)
    else:
        cam = torch.einsum("p,pij->ij", alpha[chosen], maps[chosen]).relu()
    return _resized(cam, size)


def grad_cam(
    maps: Tensor | ArrayLike, gradients: Tensor | ArrayLike, size: tuple[int, int] | None = None
) -> Tensor:
    """Return the Grad-CAM map: the ReLU of the sum of ``alpha_a f_a`` over all feature maps.

    Parameters
    ----------
    maps : tensor or array_like, shape (C, H, W)
        Feature maps of one image.
    gradients : tensor or array_like, shape (C, H, W)
        Gradients of the explained logit with respect to the maps.
    size : tuple of int, optional
        Height and width to which the map is interpolated, as in :func:`subset_cam`.

    Returns
    -------
    tensor of float64, shape (H, W) or ``size``
        The explanation map, not normalized.

    Notes
    -----
    The definition is that of Selvaraju et al., ICCV 2017, eq. 1 and 2
    (doi:10.1109/ICCV.2017.74).
    """
    alpha = importance(gradients)
    return subset_cam(maps, alpha, range(len(alpha)), size)


def grad_cam_plus_plus(
    maps: Tensor | ArrayLike, gradients: Tensor | ArrayLike, size: tuple[int, int] | None = None
) -> Tensor:
    """Return the Grad-CAM++ map: the ReLU of the sum of ``w_a f_a`` over all feature maps.

    Parameters
    ----------
    maps : tensor or array_like, shape (C, H, W)
        Feature maps of one image.
    gradients : tensor or array_like, shape (C, H, W)
        Gradients of the explained logit with respect to the maps.
    size : tuple of int, optional
        Height and width to which the map is interpolated, as in :func:`subset_cam`.

    Returns
    -------
    tensor of float64, shape (H, W) or ``size``
        The explanation map, not normalized.

    Raises
    ------
    InputError
        If maps and gradients are not both of shape (C, H, W).

    Notes
    -----
    The weights are those of Chattopadhay et al., WACV 2018, arXiv 1710.11063, eq. 5 and 19, for the
    score exp(z) of a logit z with g = dz/df:

        a_ij = g_ij^2 / (2 g_ij^2 + sum_kl f_kl g_ij^3),   w = sum_ij a_ij ReLU(g_ij)

    in every map. The common factor exp(z) of all w is left out; it cancels when the map is
    normalized. The weights are exact where z is piecewise linear in the maps, so that its second
    and third derivatives vanish. Pixels with g = 0, or with a zero denominator, have no weight. The
    derivation assumes maps that come from a ReLU. Where a map has a negative sum (before the ReLU,
    after BatchNorm), the denominator can come close to zero, and the weight of that map diverges.
    """
    maps, gradients = _of_one_image(maps, gradients)
    # numerator and denominator of a_ij are both divided by g_ij^2
    denominator = 2 + maps.sum(dim=(1, 2), keepdim=True) * gradients
    pixels = torch.where(denominator == 0, 0.0, gradients.relu() / denominator)
    return subset_cam(maps, pixels.sum(dim=(1, 2)), range(len(maps)), size)


def hires_cam(
    maps: Tensor | ArrayLike, gradients: Tensor | ArrayLike, size: tuple[int, int] | None = None
) -> Tensor:
    """Return the HiResCAM map: the ReLU of the sum of ``g_a f_a`` over all maps, pixel by pixel.

    Where Grad-CAM weights a whole map by the mean of its gradient, here every pixel has its own
    gradient as its weight.

    Parameters
    ----------
    maps : tensor or array_like, shape (C, H, W)
        Feature maps of one image.
    gradients : tensor or array_like, shape (C, H, W)
        Gradients of the explained logit with respect to the maps.
    size : tuple of int, optional
        Height and width to which the map is interpolated, as in :func:`subset_cam`.

    Returns
    -------
    tensor of float64, shape (H, W) or ``size``
        The explanation map, not normalized.

    Raises
    ------
    InputError
        If maps and gradients are not both of shape (C, H, W).

    Notes
    -----
    The definition is that of Draelos and Carin, arXiv 2011.08891, followed by a ReLU as in
    Grad-CAM. If everything behind the hooked layer is linear, the sum before the ReLU, over all
    pixels, is the logit without its bias.

    Examples
    --------
    >>> from qxgap import xai
    >>> xai.hires_cam([[[1.0, 2.0]], [[3.0, 1.0]]], [[[0.5, 1.0]], [[0.0, -3.0]]]).tolist()
    [[0.5, 0.0]]
    """
    maps, gradients = _of_one_image(maps, gradients)
    return _resized((maps * gradients).sum(dim=0).relu(), size)


def layer_cam(
    maps: Tensor | ArrayLike, gradients: Tensor | ArrayLike, size: tuple[int, int] | None = None
) -> Tensor:
    """Return the LayerCAM map: the ReLU of the sum of ``ReLU(g_a) f_a`` over all maps.

    It is HiResCAM without the pixels in which a larger value would make the class less likely.

    Parameters
    ----------
    maps : tensor or array_like, shape (C, H, W)
        Feature maps of one image.
    gradients : tensor or array_like, shape (C, H, W)
        Gradients of the explained logit with respect to the maps.
    size : tuple of int, optional
        Height and width to which the map is interpolated, as in :func:`subset_cam`.

    Returns
    -------
    tensor of float64, shape (H, W) or ``size``
        The explanation map, not normalized.

    Raises
    ------
    InputError
        If maps and gradients are not both of shape (C, H, W).

    Notes
    -----
    The definition is that of Jiang et al., IEEE Trans. Image Process. 30, 5875 (2021).

    Examples
    --------
    >>> from qxgap import xai
    >>> xai.layer_cam([[[1.0, 2.0]], [[3.0, 1.0]]], [[[0.5, 1.0]], [[0.0, -3.0]]]).tolist()
    [[0.5, 2.0]]
    """
    maps, gradients = _of_one_image(maps, gradients)
    return _resized((maps * gradients.relu()).sum(dim=0).relu(), size)


def normalize(cam: Tensor) -> Tensor:
    """Divide each explanation map by its largest value; a map of zeros stays zero.

    Parameters
    ----------
    cam : tensor, shape S + (H, W)
        Non-negative explanation maps.

    Returns
    -------
    tensor, shape S + (H, W)
        The maps in [0, 1].
    """
    largest = cam.amax(dim=(-2, -1), keepdim=True)
    return cam / torch.where(largest > 0, largest, 1.0)


def _of_one_image(maps: Tensor | ArrayLike, gradients: Tensor | ArrayLike) -> tuple[Tensor, Tensor]:
    """Return maps and gradients of one image as tensors, or refuse them."""
    maps, gradients = as_double(maps), as_double(gradients)
    if maps.ndim != 3 or maps.shape != gradients.shape:
        raise InputError(
            f"maps have shape {tuple(maps.shape)} and gradients {tuple(gradients.shape)}; "
            "give both as (C, H, W), the maps of one image"
        )
    return maps, gradients


def _resized(cam: Tensor, size: tuple[int, int] | None) -> Tensor:
    """Return a map (H, W) as it is, or interpolated to ``size``."""
    return cam if size is None else resize(cam[None], size)[0]


def resize(cams: Tensor, size: tuple[int, int]) -> Tensor:
    """Interpolate maps (n, H, W) bilinearly to ``size``, with ``align_corners=False``.

    Raises
    ------
    InputError
        If the size has not two numbers of at least 1.
    """
    if len(size) != 2 or min(size) < 1:
        raise InputError(f"size = {size}; give a height and a width of at least 1")
    return functional.interpolate(cams[:, None], size, mode="bilinear", align_corners=False)[:, 0]
