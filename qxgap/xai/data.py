"""Images for networks: the embedded digits, folders of files, and arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ..errors import UNREADABLE, InputError, MissingExtraError
from .digits import digits_images
from .hooks import num_classes

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg")
"""Suffixes of the files that are read as images."""
PHOTOGRAPHS = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "chelsea.png",
    "clock_motion.png",
    "coffee.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "motorcycle_left.png",
    "rocket.jpg",
)
"""Photographs of scenes at ordinary scale in scikit-image's wheel."""
MAX_ENLARGEMENT = 4
"""Largest factor by which a side may grow without a note; images that grow more are very
blurred."""
ENLARGED_NOTE = (
    "images are enlarged more than 4 times, so that explanations show where in a blur, not in an "
    "image; give larger ones"
)
MAX_FLOAT_PIXEL = 16.0
"""Largest floating-point pixel without a note; standardized pixels are much smaller."""
BRIGHT_NOTE = (
    "the images are floating-point numbers that look like 0 to 255, and most networks take 0 to 1; "
    "save them as uint8 or divide by 255, unless this network is made for them"
)
OUTSIDE_NOTE = (
    "the images have values outside 0 to 1, and the network gets them as they are: right if it was "
    "trained on such values; else save the images as uint8"
)
LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in a grey value (ITU-R BT.601)."""

Images = tuple[list[str], Tensor, Tensor | None]
"""Names, pixels (n, channels, height, width), and classes (n,) or None."""


@dataclass(frozen=True, eq=False, repr=False)
class ImageSource:
    """Images that are read, and brought to the shape of a network, a batch at a time.

    Attributes
    ----------
    names : list of str
        Name of each image: the path of a file relative to its folder, in sorted order, or
        ``stem-0000``.
    labels : tensor of int64, shape (n,), or None
        Class of each image, if it is known. If the names of all class folders are integers, these
        are the classes; other folders are numbered in sorted order.
    read : callable
        Function from a slice of the images to their pixels, float32 of shape (b, channels, height,
        width). 8-bit values are divided by 255, others are unchanged. It raises InputError with the
        name of an image that cannot be read.
    folders : tuple of str
        Names of the class folders, if the labels are their numbers in sorted order; else empty.
    notes : list of str
        Sentences for the user about possible faults of the images that were read so far.
    mean, std : tuple of float
        The numbers with which :meth:`standardized` changed the pixels, one for each channel; empty
        if they are unchanged.
    """

    names: list[str]
    labels: Tensor | None
    read: Callable[[slice], Tensor]
    folders: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    def __repr__(self) -> str:
        labelled = "without classes" if self.labels is None else "with their classes"
        return f"<{type(self).__name__}: {len(self)} images {labelled}>"

    def for_network(self, network: nn.Module) -> ImageSource:
        """Return this source without labels if they are no classes of the network.

        Class folders are numbered in sorted order, as is usual. That makes the numbers the classes
        of the network only if there are as many folders as classes. A note reports if the labels
        are left out.

        Parameters
        ----------
        network : torch.nn.Module
            Network from these images to logits.
        """
        if self.labels is None or not len(self.labels):
            return self
        number = num_classes(network, self.read(slice(0, 1)))
        largest = int(self.labels.max())
        if self.folders and len(self.folders) != number:
            reason = f"the network has {number} classes and there are {len(self.folders)} folders"
            remedy = "name each folder by the number of its class to have them"
        elif largest >= number or int(self.labels.min()) < 0:
            reason = f"label {largest} is none of the {number} classes of the network"
            remedy = f"number them from 0 to {number - 1} to have them"
        else:
            return self
        self.notes.append(f"{reason}, so that true classes are left out; {remedy}")
        return replace(self, labels=None, folders=())

    def standardized(self, mean: Sequence[float], std: Sequence[float]) -> ImageSource:
        """Return this source with the pixels x of each channel as (x - mean) / std.

        Parameters
        ----------
        mean, std : sequence of float
            The numbers of each channel.
        """
        shift, scale = (torch.tensor(values)[:, None, None] for values in (mean, std))
        return replace(
            self,
            read=lambda rows: (self.read(rows) - shift) / scale,
            mean=tuple(mean),
            std=tuple(std),
        )

    def pixels(self, image: NDArray[Any]) -> NDArray[Any]:
        """Return an image as it was before :meth:`standardized`.

        Parameters
        ----------
        image : ndarray, shape (C, H, W)
            An image of this source, as the network takes it.
        """
        if not self.mean:
            return image
        shift, scale = (np.reshape(values, (-1, 1, 1)) for values in (self.mean, self.std))
        return image * scale + shift

    def __len__(self) -> int:
        return len(self.names)

    def batches(self, batch_size: int = 64) -> Iterator[Images]:
        """Yield names, pixels and classes of the images, batch by batch.

        Parameters
        ----------
        batch_size : int, optional
            Number of images in a batch; the last one can be smaller.

        Yields
        ------
        tuple
            Names, pixels (b, channels, height, width) and classes (b,) or None.
        """
        for first in range(0, len(self), batch_size):
            rows = slice(first, first + batch_size)
            labels = None if self.labels is None else self.labels[rows]
            yield self.names[rows], self.read(rows), labels


def open_images(
    path: str | Path, channels: int, size: int | tuple[int, int], *, crop: bool = False
) -> ImageSource:
    """Find images and prepare to read them for a network; folders are not read into memory.

    Parameters
    ----------
    path : str or Path
        ``"digits"``, the embedded ones (``"./digits"`` is a folder of that name);
        ``"photographs"``, those of scikit-image if it is installed; a .png or .jpg file; a folder
        of these, or with one folder of them for each class; or an .npz file with ``images``
        (N, C, H, W) or (N, H, W), uint8 or floating point, and optionally ``labels``.
    channels : int
        Number of channels of the network. Gray images are repeated to 3 channels, color images are
        weighted to 1.
    size : int or tuple of int
        Side, or height and width. Images of another size are resampled bilinearly with
        antialiasing.
    crop : bool, optional
        Whether to cut out, before resampling, the largest centered part that has the proportions of
        ``size``, so that nothing is distorted.

    Returns
    -------
    ImageSource
        The images.

    Raises
    ------
    InputError
        With the name of the file or folder, what is wrong with it, and the remedy.

    Examples
    --------
    >>> from qxgap import xai
    >>> source = xai.open_images("digits", channels=1, size=28)
    >>> source
    <ImageSource: 500 images with their classes>
    >>> source.read(slice(0, 2)).shape
    torch.Size([2, 1, 28, 28])
    """
    height, width = (size, size) if isinstance(size, int) else size
    if min(channels, height, width) < 1:
        raise InputError(f"channels = {channels}, size = {size}; give at least 1 of each")
    file, shape = Path(path), _Shape(channels, (height, width), crop)
    if path == "digits":
        pixels, digits = digits_images()
        return _array_source("digits", "digits", pixels, digits, shape)
    if path == "photographs":
        paths = photograph_files()
        return _file_source(paths, [photograph.stem for photograph in paths], shape)
    if file.is_dir():
        return _folder_source(file, shape)
    if file.suffix.lower() in IMAGE_SUFFIXES and file.is_file():
        return _file_source([file], [file.name], shape)
    if file.suffix == ".npz" and file.is_file():
        pixels, labels = _read_npz(file)
        return _array_source(str(path), file.stem, pixels, labels, shape)
    raise InputError(
        f"{path}: no such images; give 'digits', 'photographs', an image, a folder or an .npz file"
    )


def load_images(
    path: str | Path, channels: int, size: int | tuple[int, int], *, crop: bool = False
) -> Images:
    """Read all images into memory.

    Parameters
    ----------
    path : str or Path
        Where the images are, as in :func:`open_images`.
    channels : int
        Number of channels of the network.
    size : int or tuple of int
        Side, or height and width.
    crop : bool, optional
        Whether to crop before resampling, as in :func:`open_images`.

    Returns
    -------
    names : list of str
        Name of each image.
    images : tensor of float32, shape (n, channels, height, width)
        Pixels.
    labels : tensor of int64, shape (n,), or None
        Class of each image, if it is known.
    """
    source = open_images(path, channels, size, crop=crop)
    return source.names, source.read(slice(None)), source.labels


def photograph_files() -> list[Path]:
    """Return the paths of the photographs that come with scikit-image.

    Raises
    ------
    MissingExtraError
        If scikit-image is not installed.
    """
    package = find_spec("skimage")
    if package is None or package.origin is None:
        raise MissingExtraError.of("the set 'photographs'", "scikit-image", "imagenet")
    folder = Path(package.origin).parent / "data"
    return [folder / name for name in PHOTOGRAPHS]


@dataclass(frozen=True)
class _Shape:
    """The shape of the images that a network takes, and notes on images that fit it badly."""

    channels: int
    size: tuple[int, int]
    crop: bool
    notes: list[str] = field(default_factory=list)

    def read(self, path: Path) -> Tensor:
        """Read one file, as (1, channels, height, width)."""
        return self.fit(_read_image(path), str(path))

    def fit(self, images: Tensor, source: str) -> Tensor:
        """Bring images (N, C, H, W) to this shape; ``source`` names them in messages."""
        if self.crop:
            images = _center(images, self.size)
        height, width = images.shape[2:]
        if max(self.size[0] / height, self.size[1] / width) > MAX_ENLARGEMENT:
            self.note(
                ENLARGED_NOTE,
                f"({source}: {height} x {width} pixels became {self.size[0]} x {self.size[1]})",
            )
        return _fit(images, self.channels, self.size, source)

    def note(self, text: str, example: str) -> None:
        """Add a note once only, with its first example."""
        if not any(note.startswith(text) for note in self.notes):
            self.notes.append(f"{text} {example}")


def _center(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the largest centered part of images (N, C, H, W) with the proportions of ``size``."""
    height, width = images.shape[2:]
    scale = min(height / size[0], width / size[1])
    rows, columns = max(1, round(scale * size[0])), max(1, round(scale * size[1]))
    top, left = (height - rows) // 2, (width - columns) // 2
    return images[:, :, top : top + rows, left : left + columns]


def _array_source(
    path: str, stem: str, images: Tensor, labels: Tensor | None, shape: _Shape
) -> ImageSource:
    """Return a source of images (N, C, H, W) in memory; ``path`` names them in messages."""

    def read(rows: slice) -> Tensor:
        pixels = images[rows]
        scaled = pixels / 255 if pixels.dtype == torch.uint8 else pixels.float()
        return shape.fit(scaled, path)

    shape.fit(images[:1].float(), path)  # a wrong number of channels is refused at once
    if images.is_floating_point() and (images.min() < 0 or images.max() > 1):
        bright = images.min() >= 0 and images.max() > MAX_FLOAT_PIXEL
        example = f"({path}: from {float(images.min()):.3g} to {float(images.max()):.3g})"
        shape.note(BRIGHT_NOTE if bright else OUTSIDE_NOTE, example)
    names = [f"{stem}-{i:04d}" for i in range(len(images))]
    return ImageSource(names, labels, read, notes=shape.notes)


def _file_source(
    paths: list[Path],
    names: list[str],
    shape: _Shape,
    labels: Tensor | None = None,
    folders: tuple[str, ...] = (),
) -> ImageSource:
    """Return a source of files, which are read when their rows are needed."""

    def read(rows: slice) -> Tensor:
        return torch.cat([shape.read(path) for path in paths[rows]])

    return ImageSource(names, labels, read, folders, shape.notes)


def _folder_source(folder: Path, shape: _Shape) -> ImageSource:
    """Return a source of the files in a folder, or in its class folders."""
    classes = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    files_of_classes, loose = [_image_files(sub) for sub in classes], _image_files(folder)
    for sub, inside in zip(classes, files_of_classes, strict=True):
        if not inside:
            raise InputError(f"{sub}: no .png or .jpg files; remove this folder or fill it")
    if loose and classes:
        raise InputError(
            f"{folder}: holds images and folders; put each image into a class folder or none"
        )
    if not loose and not classes:
        raise InputError(f"{folder}: no .png or .jpg files; name a folder that has some")
    paths = loose + [file for inside in files_of_classes for file in inside]
    names = [path.relative_to(folder).as_posix() for path in paths]
    if not classes:
        return _file_source(paths, names, shape)
    integers = all(sub.name.isdecimal() for sub in classes)
    numbers = [int(sub.name) if integers else i for i, sub in enumerate(classes)]
    labels = torch.tensor(np.repeat(numbers, [len(inside) for inside in files_of_classes]))
    folders = () if integers else tuple(sub.name for sub in classes)
    return _file_source(paths, names, shape, labels, folders)


def _image_files(folder: Path) -> list[Path]:
    """Return the images in a folder, sorted."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file())


def _read_image(path: Path) -> Tensor:
    """Return an 8-bit image as (1, 1 or 3, H, W) in [0, 1]."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            if image.mode.startswith(("I", "F")):
                raise InputError(f"{path}: {image.mode} pixels; convert it to 8 bits a channel")
            pixels = np.array(image.convert("L" if image.mode in ("1", "L", "LA") else "RGB"))
    except InputError:
        raise
    except (*UNREADABLE, Image.DecompressionBombError) as error:
        raise InputError(f"{path}: not a readable image ({error})") from error
    return torch.from_numpy(pixels.reshape(1, *pixels.shape[:2], -1)).permute(0, 3, 1, 2) / 255


def _read_npz(path: Path) -> tuple[Tensor, Tensor | None]:
    """Return the images (N, C, H, W) and labels (N,) of an .npz file."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except UNREADABLE as error:
        raise InputError(f"{path}: not a readable .npz file of numbers ({error})") from error
    if "images" not in arrays:
        raise InputError(f"{path}: no array images; it has {sorted(arrays)}")
    images, labels = arrays["images"], arrays.get("labels")
    if images.ndim not in (3, 4) or not images.size:
        raise InputError(f"{path}: images have shape {images.shape}; give (N, C, H, W)")
    if images.dtype != np.uint8 and not np.issubdtype(images.dtype, np.floating):
        raise InputError(f"{path}: images are {images.dtype}; give uint8 or floating point")
    if labels is not None and (
        labels.shape != images.shape[:1] or not np.issubdtype(labels.dtype, np.integer)
    ):
        raise InputError(
            f"{path}: labels are {labels.dtype} of shape {labels.shape}; "
            f"give one integer for each of {len(images)} images"
        )
    if images.dtype != np.uint8:
        with np.errstate(over="ignore"):  # infinite pixels are refused when they are captured
            images = images.astype(np.float32)
    pixels = torch.from_numpy(images)
    classes = None if labels is None else torch.from_numpy(labels.astype(np.int64))
    return pixels if pixels.ndim == 4 else pixels[:, None], classes


def _fit(images: Tensor, channels: int, size: tuple[int, int], source: str) -> Tensor:
    """Bring images (N, C, H, W) to ``channels`` and ``size``."""
    if images.shape[1] == 3 and channels == 1:
        images = torch.einsum("c,nchw->nhw", torch.tensor(LUMA), images)[:, None]
    elif images.shape[1] == 1 and channels == 3:
        images = images.expand(-1, 3, -1, -1)
    elif images.shape[1] != channels:
        raise InputError(
            f"{source}: images have {images.shape[1]} channels and the network takes {channels}"
        )
    if images.shape[2:] != size:
        images = functional.interpolate(
            images, size, mode="bilinear", align_corners=False, antialias=True
        )
    return images.contiguous()
