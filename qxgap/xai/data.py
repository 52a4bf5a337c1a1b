"""Images: the embedded digits, folders of files, arrays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ..errors import UNREADABLE, InputError, MissingExtraError
from .hooks import num_classes

DIGITS_NUM_MAPS = (16, 24, 32)
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg")
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
MOST_ENLARGED = 4
"""A side that grows by more than this factor gets a note: little of the image is left to see."""
ENLARGED = (
    "images are enlarged more than 4 times, so that explanations show where in a blur, not in an "
    "image; give larger ones"
)
MOST_FLOAT = 16.0
"""Pixels that were normalised by mean and deviation stay far below this."""
BRIGHT = (
    "the images are floating-point numbers that look like 0 to 255, and most networks take 0 to 1; "
    "save them as uint8 or divide by 255, unless this network is made for them"
)
LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in a grey value (ITU-R BT.601)."""

Images = tuple[list[str], Tensor, Tensor | None]


def digits_images() -> tuple[Tensor, Tensor]:
    """Return the embedded MNIST digits that the embedded networks have never seen.

    Returns
    -------
    images : (n, 1, 28, 28) float32 in [0, 1].
    labels : (n,) int64, the digits.

    Source: MNIST (LeCun, Cortes, Burges), the test split of ``benchmarks/xai/train_digits.py``.
    """
    arrays = _embedded("digits_test.npz")
    images = torch.from_numpy(arrays["images"]).float()[:, None] / 255
    return images, torch.from_numpy(arrays["labels"]).long()


def digits_metadata(num_maps: int = 16) -> dict[str, Any]:
    """How an embedded network was trained: seeds, split sizes, accuracies, loss curves, source."""
    metadata: dict[str, Any] = json.loads(str(_embedded(_weights_file(num_maps))["metadata"]))
    return metadata


def digits_weights(num_maps: int = 16) -> dict[str, NDArray[np.float32]]:
    """Return an embedded network's parameters and BatchNorm statistics, by name."""
    arrays = _embedded(_weights_file(num_maps))
    return {name: array.astype(np.float32) for name, array in arrays.items() if name != "metadata"}


def _weights_file(num_maps: int) -> str:
    if num_maps not in DIGITS_NUM_MAPS:
        raise InputError(f"num_maps = {num_maps}; embedded are {DIGITS_NUM_MAPS}")
    return f"digits_nf{num_maps}.npz"


@dataclass(frozen=True, eq=False)
class ImageSource:
    """Images that are read, and brought to the shape of a network, a batch at a time.

    Attributes
    ----------
    names : n names: of files relative to their folder, in sorted order, or ``stem-0000``.
    labels : (n,) int64, or None if there are none. Class folders whose names all are integers
        carry these; others are numbered in sorted order.
    read : rows -> (b, channels, height, width) float32; 8-bit values are divided by 255, others
        kept. Raises InputError naming the image that cannot be read.
    folders : names of the class folders where labels are their numbers in sorted order; else empty.
    notes : sentences on what is doubtful about the images read so far, for the user.
    """

    names: list[str]
    labels: Tensor | None
    read: Callable[[slice], Tensor]
    folders: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    def for_network(self, network: nn.Module) -> ImageSource:
        """Return this source without labels if they are no classes of the network; a note says so.

        Folders are numbered in sorted order, as is usual. That makes them the network's classes
        only if there are as many of each.
        """
        if self.labels is None or not len(self.labels):
            return self
        number = num_classes(network, self.read(slice(0, 1)))
        largest = int(self.labels.max())
        if self.folders and len(self.folders) != number:
            what = f"the network has {number} classes and there are {len(self.folders)} folders"
            remedy = "name each folder by the number of its class to have them"
        elif largest >= number or int(self.labels.min()) < 0:
            what = f"label {largest} is none of the {number} classes of the network"
            remedy = f"number them from 0 to {number - 1} to have them"
        else:
            return self
        self.notes.append(f"{what}, so that true classes are left out; {remedy}")
        return replace(self, labels=None, folders=())

    def __len__(self) -> int:
        return len(self.names)

    def batches(self, batch_size: int = 64) -> Iterator[Images]:
        """Yield names, images and labels of the next ``batch_size`` images until all are read."""
        for first in range(0, len(self), batch_size):
            rows = slice(first, first + batch_size)
            labels = None if self.labels is None else self.labels[rows]
            yield self.names[rows], self.read(rows), labels


def open_images(
    path: str | Path, channels: int, size: int | tuple[int, int], *, crop: bool = False
) -> ImageSource:
    """Find images and prepare to read them for a network. Folders are not read into memory.

    Parameters
    ----------
    path : ``"digits"``, the embedded ones (``"./digits"`` is a folder of that name);
        ``"photographs"``, those of scikit-image if it is installed; a .png or .jpg file; a folder
        of these, or of one folder of them for each class; or an .npz file with ``images``
        (N, C, H, W) or (N, H, W), uint8 or floating point, and optionally ``labels``.
    channels : grey images are repeated to 3 channels, colour images weighted to 1.
    size : side, or (height, width); other sizes are resampled bilinearly with antialiasing.
    crop : before resampling cut out the largest centred part that has the proportions of
        ``size``, so that nothing is distorted.

    Raises
    ------
    InputError : naming the file or folder, what is wrong with it, and the remedy.
    """
    height, width = (size, size) if isinstance(size, int) else size
    if min(channels, height, width) < 1:
        raise InputError(f"channels = {channels}, size = {size}; give at least 1 of each")
    place, shape = Path(path), _Shape(channels, (height, width), crop)
    if path == "digits":
        return _array_source("digits", "digits", *digits_images(), shape)
    if path == "photographs":
        paths = photograph_files()
        return _file_source(paths, [p.stem for p in paths], shape)
    if place.is_dir():
        return _folder_source(place, shape)
    if place.suffix.lower() in IMAGE_SUFFIXES and place.is_file():
        return _file_source([place], [place.name], shape)
    if place.suffix == ".npz" and place.is_file():
        return _array_source(str(path), place.stem, *_read_npz(place), shape)
    raise InputError(
        f"{path}: no such images; give 'digits', 'photographs', an image, a folder or an .npz file"
    )


def load_images(
    path: str | Path, channels: int, size: int | tuple[int, int], *, crop: bool = False
) -> Images:
    """Read all images into memory: names, images and labels of :func:`open_images`."""
    source = open_images(path, channels, size, crop=crop)
    return source.names, source.read(slice(None)), source.labels


def photograph_files() -> list[Path]:
    """Return the photographs that come with scikit-image.

    Raises
    ------
    MissingExtraError : if it is not installed.
    """
    found = find_spec("skimage")
    if found is None or found.origin is None:
        raise MissingExtraError.of("the set 'photographs'", "scikit-image", "imagenet")
    folder = Path(found.origin).parent / "data"
    return [folder / name for name in PHOTOGRAPHS]


@dataclass(frozen=True)
class _Shape:
    """What a network expects of its images."""

    channels: int
    size: tuple[int, int]
    crop: bool
    notes: list[str] = field(default_factory=list)

    def read(self, path: Path) -> Tensor:
        return self.fit(_read_image(path), str(path))

    def fit(self, images: Tensor, source: str) -> Tensor:
        if self.crop:
            images = _centre(images, self.size)
        height, width = images.shape[2:]
        if max(self.size[0] / height, self.size[1] / width) > MOST_ENLARGED:
            self.note(
                ENLARGED,
                f"({source}: {height} x {width} pixels became {self.size[0]} x {self.size[1]})",
            )
        return _fit(images, self.channels, self.size, source)

    def note(self, text: str, example: str) -> None:
        """Keep a note once, with the first example of it."""
        if not any(note.startswith(text) for note in self.notes):
            self.notes.append(f"{text} {example}")


def _centre(images: Tensor, size: tuple[int, int]) -> Tensor:
    """The largest centred part of (N, C, H, W) images with the proportions of ``size``."""
    height, width = images.shape[2:]
    scale = min(height / size[0], width / size[1])
    rows, columns = max(1, round(scale * size[0])), max(1, round(scale * size[1]))
    top, left = (height - rows) // 2, (width - columns) // 2
    return images[:, :, top : top + rows, left : left + columns]


def _array_source(
    path: str, stem: str, images: Tensor, labels: Tensor | None, shape: _Shape
) -> ImageSource:
    def read(rows: slice) -> Tensor:
        pixels = images[rows]
        scaled = pixels / 255 if pixels.dtype == torch.uint8 else pixels.float()
        return shape.fit(scaled, path)

    shape.fit(images[:1].float(), path)  # a wrong number of channels is told at once
    if images.is_floating_point() and images.min() >= 0 and images.max() > MOST_FLOAT:
        shape.note(BRIGHT, f"({path}: from {float(images.min()):g} to {float(images.max()):g})")
    names = [f"{stem}-{i:04d}" for i in range(len(images))]
    return ImageSource(names, labels, read, notes=shape.notes)


def _file_source(
    paths: list[Path],
    names: list[str],
    shape: _Shape,
    labels: Tensor | None = None,
    folders: tuple[str, ...] = (),
) -> ImageSource:
    def read(rows: slice) -> Tensor:
        return torch.cat([shape.read(p) for p in paths[rows]])

    return ImageSource(names, labels, read, folders, shape.notes)


def _folder_source(folder: Path, shape: _Shape) -> ImageSource:
    classes = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    found, loose = [_image_files(sub) for sub in classes], _image_files(folder)
    for sub, inside in zip(classes, found, strict=True):
        if not inside:
            raise InputError(f"{sub}: no .png or .jpg files; remove this folder or fill it")
    if loose and classes:
        raise InputError(
            f"{folder}: holds images and folders; put each image into a class folder or none"
        )
    if not loose and not classes:
        raise InputError(f"{folder}: no .png or .jpg files; name a folder that has some")
    paths = loose + [file for inside in found for file in inside]
    names = [p.relative_to(folder).as_posix() for p in paths]
    labels: Tensor | None = None
    folders: tuple[str, ...] = ()
    if classes:
        integers = all(sub.name.isdecimal() for sub in classes)
        numbers = [int(sub.name) if integers else i for i, sub in enumerate(classes)]
        labels = torch.tensor(np.repeat(numbers, [len(inside) for inside in found]))
        folders = () if integers else tuple(sub.name for sub in classes)
    return _file_source(paths, names, shape, labels, folders)


def _image_files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file())


def _read_image(path: Path) -> Tensor:
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
        with np.errstate(over="ignore"):  # what becomes infinite is refused by its number
            images = images.astype(np.float32)
    pixels = torch.from_numpy(images)
    classes = None if labels is None else torch.from_numpy(labels.astype(np.int64))
    return pixels if pixels.ndim == 4 else pixels[:, None], classes


def _fit(images: Tensor, channels: int, size: tuple[int, int], source: str) -> Tensor:
    """Bring (N, C, H, W) images to ``channels`` and ``size``."""
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


def _embedded(name: str) -> dict[str, NDArray[Any]]:
    with (
        files(__package__).joinpath("data", name).open("rb") as file,
        np.load(file, allow_pickle=False) as archive,
    ):
        return {key: archive[key] for key in archive.files}
