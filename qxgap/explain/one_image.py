"""The explanation of a single image in one call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..checks import kind_of
from ..errors import InputError
from ..statistics.seeds import Seed
from .explainer import Explainer, Explanation

if TYPE_CHECKING:
    from ..xai import HookedNetwork


def explain_image(
    network: HookedNetwork | str,
    image: str | Path | Any,
    *,
    target: int | str | None = None,
    seed: Seed = None,
    **options: Any,
) -> Explanation:
    """Explain one image by every method; ``.plot()`` of the result draws it.

    Parameters
    ----------
    network : HookedNetwork or str
        A result of :func:`qxgap.xai.open_network`, or a name as that function takes it.
    image : str, Path, tensor or ndarray
        The file of the image; or an image of shape (C, H, W), of the size that the network takes.
    target : int or str, optional
        Class to explain, by its number or its name; by default the one that the network predicts.
    seed : int, Generator or None, optional
        Seed of random-k.
    **options
        Other parameters of :class:`Explainer`, such as ``tradeoff``.

    Returns
    -------
    Explanation
        The image, the feature maps that each method selects, and the explanation maps.

    Raises
    ------
    InputError
        If the network cannot be opened, the image cannot be read, or there are several images.

    Examples
    --------
    >>> from qxgap import explain, xai
    >>> images, labels = xai.digits_images()
    >>> explanation = explain.explain_image("digits", images[0])
    >>> print(explanation)
    image: class 8, confidence 100.0%; 6 of 16 maps can be selected, and the QUBO selects 5
    >>> figure = explanation.plot()
    """
    from .. import xai

    opened = xai.open_network(network) if isinstance(network, str) else network
    if not isinstance(opened, xai.HookedNetwork):
        raise InputError(f"network is {kind_of(network)}; give a result of qx.xai.open_network")
    names: tuple[str, ...] = opened.class_names
    if isinstance(image, str | Path):
        source = opened.open_images(image)
        if len(source) != 1:
            raise InputError(f"{image}: {len(source)} images; give one, or use Explainer for many")
        name, pixels, labels = source.names[0], source.read(slice(0, 1)), source.labels
    else:
        name, pixels, labels = "image", _as_batch(image, opened), None
    if isinstance(target, str):
        target = xai.class_number(target, names)
    explainer = Explainer(
        opened.module, opened.layer, seed=seed, target=target, class_names=names, **options
    )
    (explanation,) = explainer.explain([name], pixels, labels)
    return explanation


def _as_batch(image: Any, network: HookedNetwork) -> Any:
    """Return an image in memory as a batch of one, standardized if the network needs it."""
    import torch

    try:
        pixels = torch.as_tensor(image)
    except (TypeError, ValueError, RuntimeError):
        raise InputError(f"image is {kind_of(image)}; give a file, a tensor or an array") from None
    shape = (network.channels, network.size, network.size)
    if tuple(pixels.shape) != shape:
        raise InputError(
            f"the image has shape {tuple(pixels.shape)}; the network takes {shape}. A file is "
            "brought to that size"
        )
    scaled = pixels / 255 if pixels.dtype == torch.uint8 else pixels.float()
    if network.mean:
        mean, std = (torch.tensor(values)[:, None, None] for values in (network.mean, network.std))
        scaled = (scaled - mean) / std
    return scaled[None]
