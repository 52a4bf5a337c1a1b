"""How alike two explanation maps of the same image are."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter
from scipy.stats import rankdata
from torch import Tensor

from ...errors import InputError

WINDOW = 7
"""Side of the windows of the structural similarity, in pixels."""
LUMINANCE, CONTRAST = 0.01**2, 0.03**2
"""The constants of the structural similarity of maps in [0, 1]."""


def rank_correlation(cams: Tensor, others: Tensor) -> Tensor:
    """Return Spearman's rank correlation of the pixels of explanation maps, pair by pair.

    It is 1 if both maps put the pixels into the same order, whatever their values are, 0 if the
    orders have nothing in common, and -1 if they are opposite.

    Parameters
    ----------
    cams, others : tensor, shape (n, H, W)
        Explanation maps of n images, of two origins.

    Returns
    -------
    tensor of float64, shape (n,)
        The correlations in [-1, 1]; 0 if one of two maps has the same value everywhere, and
        so no order.

    Raises
    ------
    InputError
        If the maps do not pair, or are not finite.

    Examples
    --------
    >>> import torch
    >>> from qxgap import xai
    >>> cams = torch.tensor([[[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]]])
    >>> others = torch.tensor([[[0.0, 1.0, 9.0]], [[3.0, 2.0, 1.0]], [[5.0, 5.0, 5.0]]])
    >>> xai.rank_correlation(cams, others).round(decimals=9).tolist()
    [1.0, -1.0, 0.0]
    """
    first, second = _paired(cams, others)
    ranks = [rankdata(maps.reshape(len(maps), -1), axis=1) for maps in (first, second)]
    centered = [rows - rows.mean(axis=1, keepdims=True) for rows in ranks]
    norms = np.prod([np.sqrt((rows**2).sum(axis=1)) for rows in centered], axis=0)
    products = (centered[0] * centered[1]).sum(axis=1)
    correlations = np.divide(products, norms, out=np.zeros(len(first)), where=norms > 0)
    return torch.from_numpy(correlations.clip(-1, 1))


def structural_similarity(cams: Tensor, others: Tensor) -> Tensor:
    """Return the structural similarity (SSIM) of explanation maps, pair by pair.

    Means, variances and covariances are compared in windows of 7 x 7 pixels, after each map is
    divided by its maximum. Two equal maps have 1.

    Parameters
    ----------
    cams, others : tensor, shape (n, H, W)
        Explanation maps of n images, not negative, of two origins; at least 7 x 7 pixels.

    Returns
    -------
    tensor of float64, shape (n,)
        The means over the windows that lie within the map, in [-1, 1].

    Raises
    ------
    InputError
        If the maps do not pair, are not finite, are negative, or are too small.

    Notes
    -----
    The measure is that of Wang, Bovik, Sheikh and Simoncelli, IEEE Trans. Image Process. 13, 600
    (2004), with windows of equal weights and sample variances, as scikit-image computes it by
    default.

    Examples
    --------
    >>> import torch
    >>> from qxgap import xai
    >>> cams = torch.eye(8)[None]
    >>> round(float(xai.structural_similarity(cams, 5 * cams)), 12)
    1.0
    """
    first, second = _paired(cams, others)
    if min(first.min(), second.min()) < 0:
        raise InputError("the explanation maps hold negative values; apply a ReLU")
    if min(first.shape[1:]) < WINDOW:
        raise InputError(
            f"the maps have {first.shape[1]} x {first.shape[2]} pixels; give at least {WINDOW} x "
            f"{WINDOW}, for instance maps interpolated to the size of the image"
        )
    first, second = _to_unit(first), _to_unit(second)
    unbiased = WINDOW**2 / (WINDOW**2 - 1)
    mean, other_mean = _window_means(first), _window_means(second)
    variance = unbiased * (_window_means(first**2) - mean**2)
    other_variance = unbiased * (_window_means(second**2) - other_mean**2)
    covariance = unbiased * (_window_means(first * second) - mean * other_mean)
    values = (2 * mean * other_mean + LUMINANCE) * (2 * covariance + CONTRAST)
    values /= (mean**2 + other_mean**2 + LUMINANCE) * (variance + other_variance + CONTRAST)
    return torch.from_numpy(values.mean(axis=(1, 2)))


def _paired(cams: Tensor, others: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both sets of maps as arrays, or refuse them."""
    if cams.ndim != 3 or cams.shape != others.shape or not cams.numel():
        raise InputError(
            f"the maps have shapes {tuple(cams.shape)} and {tuple(others.shape)}; give both as "
            "(n, H, W), the maps of the same images"
        )
    first, second = (maps.detach().cpu().double().numpy() for maps in (cams, others))
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise InputError("the explanation maps hold values that are not finite")
    return first, second


def _to_unit(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide each map by its maximum; a map of zeros stays zero."""
    largest = maps.max(axis=(1, 2), keepdims=True)
    return maps / np.where(largest > 0, largest, 1.0)


def _window_means(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means of all windows that lie within the maps."""
    edge = WINDOW // 2
    means = uniform_filter(maps, size=(1, WINDOW, WINDOW))
    return means[:, edge : maps.shape[1] - edge, edge : maps.shape[2] - edge]
