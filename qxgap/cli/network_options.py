"""Options and checks of the commands that take a network and images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InputError

# What computes is imported where it is needed, so that help and mistakes in options wait for none
# of it.
if TYPE_CHECKING:
    from ..problem.rules import ScaledTradeoff
    from ..xai import HookedNetwork, ImageSource


class RewardName(StrEnum):
    """The names of the rules for rewards, see :class:`qxgap.problem.rules.RewardRule`."""

    MAX = "max"
    MIN_MAX = "min-max"


DEFAULT_TRADEOFF = 0.7
"""The tradeoff of the paper, :data:`qxgap.problem.rules.PAPER_TRADEOFF`."""

CHECKED = 64
"""Number of images, the first ones, for which the head of the network is checked."""

IMAGES = "'digits', 'photographs', an image file, a folder of images, or an .npz file."
Model = Annotated[
    str,
    typer.Option(
        help="The network: one of the embedded ones ('digits', 'digits-24', 'digits-32', "
        "'digits-nonlinear'), 'efficientnet-lite0', one of a library as torchvision:NAME, "
        "timm:NAME or transformers:NAME, or your own as module:callable or file.py:callable."
    ),
]
Weights = Annotated[
    str | None,
    typer.Option(
        help="A file of weights for the network: .safetensors, .pt, .pth or .npz; 'none' for "
        "random weights of a network of a library. By default the libraries download their own, "
        "and other networks keep those with which they are made."
    ),
]
Layer = Annotated[
    str | None,
    typer.Option(
        help="The layer that outputs the feature maps; by default the attribute HOOK of the "
        "network, and without it the last layer whose maps have more than one pixel."
    ),
]
Tradeoff = Annotated[
    float,
    typer.Option(
        help="The weight of the rewards against the redundancies, from 0 to 1; beta in the paper."
    ),
]
TradeoffAt = Annotated[
    int | None,
    typer.Option(
        help="The number of maps for which --tradeoff holds; for d maps (1 - tradeoff)/tradeoff is "
        "then scaled as 1/d. By default --tradeoff holds for any number."
    ),
]
Reward = Annotated[
    RewardName,
    typer.Option(help="The rule by which the importance alpha of a map becomes its reward h."),
]
Select = Annotated[
    int | None,
    typer.Option(
        help="The number K of maps that a size term favors: it adds weight (sum n - K)^2 to the "
        "energy. By default there is no size term."
    ),
]
SizeWeight = Annotated[float, typer.Option(help="The weight of the size term of --select.")]
Channels = Annotated[
    int | None,
    typer.Option(
        max=4096,
        help="The number of channels of the images; by default that of the network's INPUT.",
    ),
]
Side = Annotated[
    int | None,
    typer.Option(
        max=4096,
        help="The side of the square images, in pixels; by default that of the network's INPUT.",
    ),
]
ClassNames = Annotated[
    str | None,
    typer.Option(
        help="A file with the names of the classes: a text file with one name on each line, or "
        ".json. By default the attribute CLASSES of the network, or the names of class folders."
    ),
]
ExplainedClass = Annotated[
    str | None,
    typer.Option(
        "--class",
        help="The class to explain, by its number or its name; by default the one that the "
        "network predicts for each image.",
    ),
]
Mean = Annotated[
    str | None,
    typer.Option(
        help="The mean with which the images were standardized when the network was trained: a "
        "number, or one for each channel, such as 0.485,0.456,0.406. By default what the library "
        "of the network states; pixels from 0 to 1 go to other networks as they are."
    ),
]
Std = Annotated[
    str | None,
    typer.Option(help="The standard deviation that belongs to --mean, such as 0.229,0.224,0.225."),
]


@dataclass(frozen=True)
class Subject:
    """The network, the images, and the class to explain.

    Attributes
    ----------
    network : HookedNetwork
        The network with its layer.
    source : ImageSource
        The images at the size that the network takes.
    class_names : sequence of str
        The names of the classes; empty if they are not known.
    target : int or None
        The class to explain; None for the one that the network predicts.
    """

    network: HookedNetwork
    source: ImageSource
    class_names: Sequence[str]
    target: int | None


def open_subject(
    model: str,
    images: str,
    explained_class: str | None,
    *,
    layer: str | None,
    channels: int | None,
    size: int | None,
    class_names: str | None,
    mean: str | None,
    std: str | None,
    weights: str | None,
) -> Subject:
    """Return the network with its layer, the images at the size that it takes, and the class."""
    from .. import xai

    for option, value in (("--channels", channels), ("--size", size)):
        if value is not None and value < 1:
            raise InputError(f"{option} {value}; give at least 1")
    network = xai.open_network(
        model,
        layer,
        channels,
        size,
        folder=Path(),
        class_names=class_names,
        mean=_numbers("--mean", mean),
        std=_numbers("--std", std),
        weights=weights,
    )
    source = network.open_images(images)
    names = network.class_names or source.folders
    target = None
    if explained_class is not None:
        target = xai.class_number(explained_class, names)
        number = xai.num_classes(network.module, source.read(slice(0, 1)))
        if target >= number:
            raise InputError(f"--class {target}; the network has the classes 0 to {number - 1}")
    return Subject(network, source, names, target)


def _numbers(option: str, text: str | None) -> list[float] | None:
    """Return the numbers of an option, which commas separate."""
    if text is None:
        return None
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise InputError(
            f"{option} {text}; give a number, or one for each channel, as in 0.5,0.5,0.5"
        ) from None


def files_of(images: str) -> list[Path]:
    """Return the files that ``--images`` names: a file, or those of a folder and its class folders.

    A class folder may be a link, which ``rglob`` would not follow. Hidden folders are no classes.
    """
    path = Path(images)
    if not path.is_dir():
        return [path]
    classes = [p for p in path.iterdir() if p.is_dir() and not p.name.startswith(".")]
    return [file for folder in (path, *classes) for file in folder.iterdir() if file.is_file()]


def selection(
    tradeoff: float, tradeoff_at: int | None, rule: RewardName, select: int | None, weight: float
) -> tuple[float | ScaledTradeoff, dict[str, Any]]:
    """Return the tradeoff, and the other arguments of ``xai.feature_selection``."""
    from ..problem.feature_selection import SizeTerm
    from ..problem.rules import RewardRule, ScaledTradeoff

    beta = tradeoff if tradeoff_at is None else ScaledTradeoff(tradeoff, tradeoff_at)
    return beta, {
        "reward_rule": RewardRule(rule),
        "size_term": None if select is None else SizeTerm(select, weight),
    }


def say_head(subject: Subject, limit: int | None = None) -> None:
    """Print on stderr whether alpha depends on the image, according to the first images."""
    images = subject.source.read(slice(0, min(limit or CHECKED, CHECKED)))
    head = str(subject.network.check_layer(images))
    for note in [*subject.network.notes, head, *subject.source.notes]:
        typer.echo(note, err=True)


def say_size(select: int | None, largest: int) -> None:
    """Print a line on stderr if a size term favors more maps than any image has."""
    if select is not None and select > largest:
        typer.echo(
            f"--select {select} is more than the {largest} maps that an image offers at most: the "
            "size term only pulls towards all of them",
            err=True,
        )
