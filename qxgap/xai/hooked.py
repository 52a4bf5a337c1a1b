"""A network together with its hooked layer and the size of its images, opened by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..checks import real_array, require_whole
from ..errors import InputError
from .class_names import class_names_of
from .data import ImageSource, open_images
from .head import HeadCheck, check_layer
from .hooks import num_classes
from .last_layer import last_map_layer
from .networks import load_network, load_weights


@dataclass(frozen=True, eq=False, repr=False)
class HookedNetwork:
    """A network, the layer that provides the feature maps, and the size of its images.

    Attributes
    ----------
    module : torch.nn.Module
        The network, in eval mode.
    layer : str
        Name of the submodule whose output maps are selected.
    channels : int
        Number of channels of the images that the network takes.
    size : int
        Height and width of the images that the network takes, in pixels.
    class_names : tuple of str
        Name of each class; empty if the names are not known.
    mean, std : tuple of float
        The numbers, one for each channel, with which pixels x are standardized as (x - mean) / std;
        both are empty if the network takes the pixels as they are.
    notes : tuple of str
        Sentences about what was chosen, such as the layer, because it was neither given nor known.
    """

    module: nn.Module
    layer: str
    channels: int
    size: int
    class_names: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()

    def open_images(self, path: str | Path) -> ImageSource:
        """Find images and prepare to read them at the size that the network takes.

        Parameters
        ----------
        path : str or Path
            A path or name as for :func:`qxgap.xai.open_images`: ``"digits"``, ``"photographs"``,
            an image, a folder or an .npz file. Images of other proportions are cropped around their
            center.

        Returns
        -------
        ImageSource
            The images, standardized if the network needs it, and without labels if these are no
            classes of the network.

        Raises
        ------
        InputError
            If there are no such images, or if there is not one name for each class of the network.
        """
        source = open_images(path, self.channels, self.size, crop=True)
        if self.mean:
            source = source.standardized(self.mean, self.std)
        if self.class_names:
            number = num_classes(self.module, source.read(slice(0, 1)))
            if number != len(self.class_names):
                raise InputError(
                    f"the network has {number} classes and there are {len(self.class_names)} class "
                    "names; give one name for each class, in the order of the classes"
                )
        return source.for_network(self.module)

    def check_layer(self, images: Tensor) -> HeadCheck:
        """Check whether the importance of the hooked maps depends on the image.

        Parameters
        ----------
        images : tensor, shape (B, C, H, W)
            Images as the network takes them.

        Returns
        -------
        HeadCheck
            The result of :func:`qxgap.xai.check_layer`.
        """
        return check_layer(self.module, images, self.layer)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__}: {type(self.module).__name__}, layer {self.layer!r}, images "
            f"of {self.channels} x {self.size} x {self.size}>"
        )


def open_network(
    model: str | nn.Module,
    layer: str | None = None,
    channels: int | None = None,
    size: int | None = None,
    *,
    folder: str | Path | None = None,
    class_names: str | Path | Sequence[str] | None = None,
    mean: float | Sequence[float] | None = None,
    std: float | Sequence[float] | None = None,
    weights: str | Path | None = None,
) -> HookedNetwork:
    """Open a network together with the layer to hook and the size of its images.

    Parameters
    ----------
    model : str or torch.nn.Module
        A name as :func:`load_network` takes it, or a network, which is put into eval mode.
    layer : str, optional
        Name of the submodule whose maps are selected; by default the network's attribute ``HOOK``,
        and without it the layer that :func:`last_map_layer` finds, which ``notes`` then names.
    channels : int, optional
        Number of channels of the images; by default the first value of the network's attribute
        ``INPUT``.
    size : int, optional
        Height and width of the images in pixels; by default the second value of ``INPUT``.
    folder : str or Path, optional
        A folder that may hold the module or the file that ``model`` names, and the weights.
    class_names : str, Path or sequence of str, optional
        The names of the classes, or a file of them as :func:`read_class_names` takes it; by default
        the network's attribute ``CLASSES``.
    mean, std : float or sequence of float, optional
        The numbers with which the network's images were standardized in training, one for each
        channel or one for all: pixels x in [0, 1] become (x - mean) / std. By default they are the
        network's attribute ``STANDARD``, a pair of mean and std; without it the network takes the
        pixels as they are.
    weights : str or Path, optional
        A file of weights for the network, as :func:`load_weights` takes it, or ``"none"`` for
        random weights of a network of another library.

    Returns
    -------
    HookedNetwork
        The network with its layer and the size of its images.

    Raises
    ------
    InputError
        If the network cannot be loaded, if channels or size are neither given nor known, if no
        layer of it has maps, or if an option has a value that it cannot have.

    Examples
    --------
    >>> from qxgap import xai
    >>> network = xai.open_network("digits", layer="conv")
    >>> network
    <HookedNetwork: DigitsNet, layer 'conv', images of 1 x 28 x 28>
    >>> images = network.open_images("digits").read(slice(0, 4))
    >>> xai.capture(network.module, images, network.layer).maps.shape
    torch.Size([4, 16, 14, 14])
    """
    module = _opened(model, folder, weights)
    name = type(module).__name__ if isinstance(model, nn.Module) else model
    channels, size = _input_of(module, name, channels, size)
    notes = []
    layer = layer or getattr(module, "HOOK", None)
    if layer is None:
        seeded = torch.Generator().manual_seed(0)
        layer = last_map_layer(module, torch.rand(1, channels, size, size, generator=seeded))
        notes.append(
            f"the maps are those of layer {layer!r}, the last one whose maps have more than one "
            "pixel; name another layer to have its maps"
        )
    given = getattr(module, "CLASSES", None) if class_names is None else class_names
    if mean is None and std is None:
        mean, std = getattr(module, "STANDARD", (None, None))
    mean, std = _standard(mean, std, channels)
    names = class_names_of(given)
    return HookedNetwork(module, layer, channels, size, names, mean, std, tuple(notes))


def _input_of(
    module: nn.Module, name: str, channels: int | None, size: int | None
) -> tuple[int, int]:
    """Return the number of channels and the side of the images of a network."""
    known_channels, known_size = getattr(module, "INPUT", (None, None))
    values: dict[str, Any] = {
        "channels": known_channels if channels is None else channels,
        "size": known_size if size is None else size,
    }
    missing = [key for key, value in values.items() if value is None]
    if missing:
        raise InputError(f"network {name!r} has no INPUT; give {' and '.join(missing)}")
    for key, value in values.items():
        require_whole(value, key, "a whole number of at least 1")
        if value < 1:
            raise InputError(f"{key} = {value}; give at least 1")
    return int(values["channels"]), int(values["size"])


def _opened(
    model: str | nn.Module, folder: str | Path | None, weights: str | Path | None
) -> nn.Module:
    """Return the network in eval mode, with the weights of a file if one is given."""
    if not isinstance(model, nn.Module):
        return load_network(model, folder, weights)
    if weights is not None:
        load_weights(model, weights)
    return model.eval()


def _standard(
    mean: float | Sequence[float] | None, std: float | Sequence[float] | None, channels: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and standard deviation, one number of each for every channel, if one is given."""
    if mean is None and std is None:
        return (), ()
    values = []
    for name, given, usual in (("mean", mean, 0.0), ("std", std, 1.0)):
        numbers = np.atleast_1d(real_array(name, usual if given is None else given))
        if numbers.shape not in ((1,), (channels,)) or not np.isfinite(numbers).all():
            raise InputError(
                f"{name} = {given}; give one finite number, or one for each of {channels} channels"
            )
        values.append(tuple(np.broadcast_to(numbers, channels).tolist()))
    if min(values[1]) <= 0:
        raise InputError(f"std = {std}; give positive numbers")
    return values[0], values[1]
