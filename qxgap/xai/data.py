"""Images: the embedded digits, folders of files, arrays."""

from __future__ import annotations

import json
import zipfile
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


def load_images(path: str | Path, channels: int, size: int | tuple[int, int]) -> Images:
    """Read images and bring them to the shape that a network expects.

    Parameters
    ----------
    path : ``"digits"``, the embedded ones (``"./digits"`` is a folder of that name); a folder of
        .png and .jpg files, or of one folder of them for each class; or an .npz file with
        ``images`` (N, C, H, W) or (N, H, W), uint8 or floating point, and optionally ``labels``.
    channels : grey images are repeated to 3 channels, colour images weighted to 1.
    size : side, or (height, width); other sizes are resampled bilinearly with antialiasing.

    Returns
    -------
    names : n names: paths relative to the folder in sorted order, or ``stem-0000``.
    images : (n, channels, height, width) float32; 8-bit values are divided by 255, others kept.
    labels : (n,) int64, or None if there are none. Class folders whose names all are integers
        carry these; others are numbered in sorted order.

    Raises
    ------
    InputError : naming the file or folder, what is wrong with it, and the remedy.
    """
    height, width = (size, size) if isinstance(size, int) else size
    if min(channels, height, width) < 1:
        raise InputError(f"channels = {channels}, size = {size}; give at least 1 of each")
    place = Path(path)
    if path != "digits" and place.is_dir():
        return _read_folder(place, channels, (height, width))
    if path == "digits":
        names, images, labels = _numbered("digits", *digits_images())
    elif place.suffix == ".npz" and place.is_file():
        names, images, labels = _read_npz(place)
    else:
        raise InputError(f"{path}: no such images; give 'digits', a folder or an .npz file")
    return names, _fit(images, channels, (height, width), str(path)), labels


def _read_folder(folder: Path, channels: int, size: tuple[int, int]) -> Images:
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
    images = torch.cat([_fit(_read_image(p), channels, size, str(p)) for p in paths])
    names = [p.relative_to(folder).as_posix() for p in paths]
    if not classes:
        return names, images, None
    integers = all(sub.name.isdecimal() for sub in classes)
    numbers = [int(sub.name) if integers else i for i, sub in enumerate(classes)]
    return names, images, torch.tensor(np.repeat(numbers, [len(inside) for inside in found]))


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


def _read_npz(path: Path) -> Images:
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
    scale = 255 if images.dtype == np.uint8 else 1
    pixels = torch.from_numpy(images.astype(np.float32)) / scale
    classes = None if labels is None else torch.from_numpy(labels.astype(np.int64))
    return _numbered(path.stem, pixels if pixels.ndim == 4 else pixels[:, None], classes)


def _numbered(stem: str, images: Tensor, labels: Tensor | None) -> Images:
    return [f"{stem}-{i:04d}" for i in range(len(images))], images, labels


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
