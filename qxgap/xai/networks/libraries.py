"""Networks of other libraries by their names, with what the libraries know about them."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from ...errors import InputError, MissingExtraError
from ..class_names import imagenet_classes
from .weights import apply_weights, num_classes_in, read_weights, without_prefix

UNTRAINED = "none"
"""The word for random weights, in place of a file."""


@dataclass(frozen=True)
class _Library:
    """A library of networks.

    Attributes
    ----------
    names : callable or None
        Function from the library to the names of its networks; None if it takes folders too, so
        that only loading shows what there is.
    build : callable
        Function from the library, a name, whether the library's own weights are loaded, and the
        number of classes if it is not the library's, to a network.
    facts : callable
        Function from the library, a name and a network to the attributes ``INPUT``, ``STANDARD``
        and ``CLASSES``, as far as they are known.
    """

    names: Callable[[Any], list[str]] | None
    build: Callable[..., nn.Module]
    facts: Callable[[Any, str, nn.Module], dict[str, Any]]


def library_network(library: str, name: str, weights: Path | str | None) -> nn.Module:
    """Return a network of a library, with the attributes that :func:`open_network` reads.

    Parameters
    ----------
    library : str
        ``"torchvision"``, ``"timm"`` or ``"transformers"``.
    name : str
        Name of the network, as the library knows it; for transformers also a folder that
        ``save_pretrained`` has written.
    weights : Path, ``"none"`` or None
        A file of weights, random weights, or the library's own, which it downloads if it has not
        stored them. A file may be of another number of classes.

    Returns
    -------
    torch.nn.Module
        The network. ``INPUT``, ``STANDARD`` (mean and standard deviation of the pixels in training)
        and ``CLASSES`` hold what the library knows; there are no ``CLASSES`` for random weights,
        and for a file of another number of classes.

    Raises
    ------
    InputError
        If the library is not installed, has no such network or no weights of it, or if the file
        does not fit.
    """
    module, spec = _import(library), f"{library}:{name}"
    methods = LIBRARIES[library]
    names = methods.names(module) if methods.names else None
    if names is not None and name.partition(".")[0] not in names:
        close = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
        remedy = f"perhaps {', '.join(close)}" if close else f"{len(names)} others are known"
        raise InputError(f"network {spec!r}: {library} has no network {name!r}; {remedy}")
    try:
        network = methods.build(module, name, weights is None)
    except Exception as error:  # what a failed download raises depends on library and version
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        problem, remedy = (
            (
                "cannot get its weights",
                f"give weights, a file or {UNTRAINED!r} for random ones (--weights)",
            )
            if weights is None
            else ("cannot build it", "give a function that builds the network, file.py:callable")
        )
        raise InputError(f"network {spec!r}: {library} {problem} ({reason}); {remedy}") from error
    facts = methods.facts(module, name, network)
    if isinstance(weights, Path):
        state = without_prefix(network, read_weights(weights))
        number = num_classes_in(network.state_dict(), state)
        if number is not None:
            network = methods.build(module, name, False, num_classes=number)
            facts.pop("CLASSES", None)
        apply_weights(network, state, weights)
    elif weights == UNTRAINED:
        facts.pop("CLASSES", None)
    for key, value in facts.items():
        setattr(network, key, value)
    return network


def _import(library: str) -> Any:
    """Import a library of networks."""
    try:
        return importlib.import_module(
            "torchvision.models" if library == "torchvision" else library
        )
    except (ImportError, RuntimeError) as error:  # a torchvision for another torch: RuntimeError
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise MissingExtraError(
            f"{library} cannot be imported ({reason}); install one that fits your torch: "
            f"pip install {library}"
        ) from error


def _torchvision_network(
    models: Any, name: str, trained: bool, num_classes: int | None = None
) -> nn.Module:
    options = {} if num_classes is None else {"num_classes": num_classes}
    network: nn.Module = models.get_model(name, weights="DEFAULT" if trained else None, **options)
    return network


def _torchvision_facts(models: Any, name: str, network: nn.Module) -> dict[str, Any]:
    """Return the facts that torchvision states with the weights of a network."""
    weights = models.get_model_weights(name).DEFAULT
    used = weights.transforms()
    return _facts(
        getattr(used, "crop_size", [None])[0],
        getattr(used, "mean", None),
        getattr(used, "std", None),
        weights.meta.get("categories"),
    )


def _timm_network(timm: Any, name: str, trained: bool, num_classes: int | None = None) -> nn.Module:
    options = {} if num_classes is None else {"num_classes": num_classes}
    network: nn.Module = timm.create_model(name, pretrained=trained, **options)
    return network


def _timm_facts(timm: Any, name: str, network: nn.Module) -> dict[str, Any]:
    """Return the facts of a network's configuration in timm.

    timm keeps no names of classes with a network; 1000 classes are those of ImageNet, as timm's own
    ``infer_imagenet_subset`` takes it.
    """
    known: Mapping[str, Any] = getattr(network, "pretrained_cfg", {})
    classes = imagenet_classes() if known.get("num_classes") == 1000 else None
    size = known.get("input_size", (None,))[-1]
    return _facts(size, known.get("mean"), known.get("std"), classes)


def _transformers_network(
    transformers: Any, name: str, trained: bool, num_classes: int | None = None
) -> nn.Module:
    """Return an image classifier of transformers, from its hub or from a folder."""
    classifier = transformers.AutoModelForImageClassification
    if trained:
        loaded: nn.Module = classifier.from_pretrained(name)
        return loaded
    options = {} if num_classes is None else {"num_labels": num_classes}
    known = transformers.AutoConfig.from_pretrained(name, **options)
    made: nn.Module = classifier.from_config(known)
    return made


def _transformers_facts(transformers: Any, name: str, network: Any) -> dict[str, Any]:
    """Return the facts of the image processor that is stored with a network, and its labels."""
    labels: Mapping[int, str] = network.config.id2label
    names = [labels[number] for number in sorted(labels)]
    given = any(label != f"LABEL_{number}" for number, label in enumerate(names))
    classes = names if given else None
    try:
        used = transformers.AutoImageProcessor.from_pretrained(name)
    except (OSError, ValueError):  # none is stored; the configuration may know the size
        return _facts(getattr(network.config, "image_size", None), None, None, classes)
    sizes = getattr(used, "crop_size", None) or used.size
    sides = dict(sizes) if isinstance(sizes, Mapping) else vars(sizes)
    side = sides.get("height") or sides.get("shortest_edge")
    if not used.do_normalize:
        return _facts(side, None, None, classes)
    return _facts(side, used.image_mean, used.image_std, classes)


def _facts(size: Any, mean: Any, std: Any, classes: Any) -> dict[str, Any]:
    """Return the attributes of a network that are known."""
    facts: dict[str, Any] = {}
    if size is not None:
        facts["INPUT"] = (3 if mean is None else len(mean), int(size))
    if mean is not None and std is not None:
        facts["STANDARD"] = (tuple(mean), tuple(std))
    if classes is not None:
        facts["CLASSES"] = tuple(classes)
    return facts


LIBRARIES = {
    "torchvision": _Library(
        lambda models: list(models.list_models()), _torchvision_network, _torchvision_facts
    ),
    "timm": _Library(lambda timm: list(timm.list_models()), _timm_network, _timm_facts),
    "transformers": _Library(None, _transformers_network, _transformers_facts),
}
"""The libraries of which networks are known by name."""
