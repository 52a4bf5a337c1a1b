"""Images: the embedded digits, folders of files, arrays."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ..problem import InputError

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg")
LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in a grey value (ITU-R BT.601)."""

Images = tuple[list[str], Tensor, Tensor | None]


def digits_images() -> tuple[Tensor, Tensor]:
    """Return the embedded MNIST digits that the embedded network has never seen.

    Returns
    -------
    images : (n, 1, 28, 28) float32 in [0, 1].
    labels : (n,) int64, the digits.

    Source: MNIST (LeCun, Cortes, Burges), the test split of ``benchmarks/train_digits.py``.
    """
    arrays = _embedded("digits_test.npz")
    images = torch.from_numpy(arrays["images"]).float()[:, None] / 255
    return images, torch.from_numpy(arrays["labels"]).long()


def digits_metadata() -> dict[str, Any]:
    """How the embedded network was trained: seed, split sizes, accuracies, source of the images."""
    metadata: dict[str, Any] = json.loads(str(_embedded("digits_nf16.npz")["metadata"]))
    return metadata


def digits_weights() -> dict[str, NDArray[np.float32]]:
    """Return the embedded network's parameters and BatchNorm statistics, by name."""
    arrays = _embedded("digits_nf16.npz")
    return {name: array for name, array in arrays.items() if name != "metadata"}


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
    """

    names: list[str]
    labels: Tensor | None
    read: Callable[[slice], Tensor]

    def __len__(self) -> int:
        return len(self.names)

    def batches(self, batch_size: int = 64) -> Iterator[Images]:
        """Yield names, images and labels of the next ``batch_size`` images until all are read."""
        for first in range(0, len(self), batch_size):
            rows = slice(first, first + batch_size)
            labels = None if self.labels is None else self.labels[rows]
            yield self.names[rows], self.read(rows), labels


def open_images(path: str | Path, channels: int, size: int | tuple[int, int]) -> ImageSource:
    """Find images and prepare to read them for a network. Folders are not read into memory.

    Parameters
    ----------
    path : ``"digits"``, the embedded ones (``"./digits"`` is a folder of that name); a .png or .jpg
        file; a folder of these, or of one folder of them for each class; or an .npz file with
        ``images`` (N, C, H, W) or (N, H, W), uint8 or floating point, and optionally ``labels``.
    channels : grey images are repeated to 3 channels, colour images weighted to 1.
    size : side, or (height, width); other sizes are resampled bilinearly with antialiasing.

    Raises
    ------
    InputError : naming the file or folder, what is wrong with it, and the remedy.
    """
    height, width = (size, size) if isinstance(size, int) else size
    if min(channels, height, width) < 1:
        raise InputError(f"channels = {channels}, size = {size}; give at least 1 of each")
    place, shape = Path(path), (height, width)
    if path == "digits":
        return _array_source("digits", "digits", *digits_images(), channels, shape)
    if place.is_dir():
        return _folder_source(place, channels, shape)
    if place.suffix.lower() in IMAGE_SUFFIXES and place.is_file():
        return _file_source([place], [place.name], None, channels, shape)
    if place.suffix == ".npz" and place.is_file():
        return _array_source(str(path), place.stem, *_read_npz(place), channels, shape)
    raise InputError(f"{path}: no such images; give 'digits', an image, a folder or an .npz file")


def load_images(path: str | Path, channels: int, size: int | tuple[int, int]) -> Images:
    """Read all images into memory: names, images and labels of :func:`open_images`."""
    source = open_images(path, channels, size)
    return source.names, source.read(slice(None)), source.labels


def _array_source(
    path: str,
    stem: str,
    images: Tensor,
    labels: Tensor | None,
    channels: int,
    size: tuple[int, int],
) -> ImageSource:
    def read(rows: slice) -> Tensor:
        pixels = images[rows]
        scaled = pixels / 255 if pixels.dtype == torch.uint8 else pixels.float()
        return _fit(scaled, channels, size, path)

    _fit(images[:1].float(), channels, size, path)  # a wrong number of channels is told at once
    return ImageSource([f"{stem}-{i:04d}" for i in range(len(images))], labels, read)


def _file_source(
    paths: list[Path],
    names: list[str],
    labels: Tensor | None,
    channels: int,
    size: tuple[int, int],
) -> ImageSource:
    def read(rows: slice) -> Tensor:
        return torch.cat([_fit(_read_image(p), channels, size, str(p)) for p in paths[rows]])

    return ImageSource(names, labels, read)


def _folder_source(folder: Path, channels: int, size: tuple[int, int]) -> ImageSource:
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
    labels = None
    if classes:
        integers = all(sub.name.isdecimal() for sub in classes)
        numbers = [int(sub.name) if integers else i for i, sub in enumerate(classes)]
        labels = torch.tensor(np.repeat(numbers, [len(inside) for inside in found]))
    return _file_source(paths, names, labels, channels, size)


def _image_files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file())


def _read_image(path: Path) -> Tensor:
    from PIL import Image

    try:
        with Image.open(path) as image:
            if image.mode.startswith(("I", "F")):
                raise InputError(f"{path}: {image.mode} pixels; convert it to 8 bits a channel")
            pixels = np.array(image.convert("L" if image.mode in ("1", "L", "LA") else "RGB"))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{path}: not a readable image ({error})") from error
    return torch.from_numpy(pixels.reshape(1, *pixels.shape[:2], -1)).permute(0, 3, 1, 2) / 255


def _read_npz(path: Path) -> tuple[Tensor, Tensor | None]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, AttributeError) as error:
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
    pixels = torch.from_numpy(images if images.dtype == np.uint8 else images.astype(np.float32))
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
