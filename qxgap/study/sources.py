"""The instances of a study: files, problems given in Python, and images of networks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..problem.feature_selection import FeatureSelection, feature_selection_of
from ..problem.formats import load
from ..problem.qubo import QuboProblem
from ..problem.rules import PAPER_TRADEOFF
from ..progress import Say, silent
from .config import Network, Study
from .instance import Instance
from .network_images import NetworkImage, open_network_images
from .open_network import OpenNetwork


@dataclass(frozen=True, eq=False)
class Instances:
    """All instances of a study, in its order, and facts about its networks.

    Attributes
    ----------
    items : list of Instance
        The instances, at every tradeoff.
    facts : dict
        Group of a network -> facts: test_images, test_accuracy, num_images, num_without_problem,
        head (result of the check of the head), layer, num_maps, and the training history.
    shown : dict
        Group of a network -> arrays of the first image of each predicted class: names (n,), label
        (-1 if unknown), pred, images (n, C, H, W), maps (n, N_f, h, w), alpha (n, N_f).
    """

    items: list[Instance]
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)


def open_instances(study: Study, say: Say = silent) -> Instances:
    """Load every file and pass every image through its network.

    A file that cannot be read becomes an instance that failed, as long as another one can be read.

    Parameters
    ----------
    study : Study
        The study.
    say : callable, optional
        Called with a line of text about what is going on.

    Returns
    -------
    Instances
        The instances and facts about the networks.

    Raises
    ------
    InputError
        If a path or pattern matches nothing, if networks cannot be loaded, if images do not exist,
        and if no instance can be read.
    """
    instances = _from_entries(study, say)
    facts, shown = {}, {}
    for network in study.networks:
        images = open_network_images(network, study.folder, say)
        instances += [_from_image(image, images.network, network) for image in images.items]
        facts[network.group], shown[network.group] = images.facts, images.shown
    items = [new for item in instances for new in _at_tradeoffs(item, study.tradeoff)]
    if items and all(item.failed for item in items):
        number = f"none of the {len(items)} instances can be read; the first: "
        raise InputError((number if len(items) > 1 else "") + items[0].reason)
    return Instances(items, facts, shown)


def _from_entries(study: Study, say: Say) -> list[Instance]:
    """Return the files and problems of the study; a file that is named twice counts once."""
    instances: list[Instance] = []
    seen: set[Path] = set()
    for number, entry in enumerate(study.instances):
        if isinstance(entry, QuboProblem):
            instances.append(instance_of(f"instance-{number:04d}", "python", "", entry))
            continue
        for path, source in _matching(str(entry), study):
            if path.resolve() not in seen:
                seen.add(path.resolve())
                say(f"reading problem {len(instances) + 1}  {path.name}")
                instances.append(_from_file(path, source, study))
    return instances


def _matching(entry: str, study: Study) -> list[tuple[Path, str]]:
    """Return the files that a path, a pattern or a folder of .npz files names, sorted.

    Each comes with its source, which is its name in results: the path within the study's folder,
    or for other files a path that begins with the last folder.
    """
    folder = study.folder
    place = folder / entry
    if place.is_dir():
        paths = sorted(place.rglob("*.npz"))
    elif place.exists() or not any(c in entry for c in "*?["):
        paths = [place] if place.exists() else []
    else:
        base = Path(place.anchor) if Path(entry).is_absolute() else folder
        paths = sorted(base.glob(str(Path(entry).relative_to(Path(entry).anchor))))
    if not paths:
        raise InputError(f"instances: nothing matches {entry!r} in {folder}; give files or folders")
    above = place.parent if place.is_dir() else None
    return [(path, _source(path, folder, above)) for path in paths]


def _source(path: Path, folder: Path, above: Path | None) -> str:
    if path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return path.relative_to(above or path.parent.parent).as_posix()


def _from_file(path: Path, source: str, study: Study) -> Instance:
    group = path.resolve().parent.name
    try:
        problem = load(path, pair_weight=study.pair_weight if path.suffix == ".npz" else 1)
    except InputError as error:
        return Instance(path.stem, source, group, None, str(error), failed=True)
    return instance_of(path.stem, source, group, problem)


def instance_of(name: str, source: str, group: str, problem: QuboProblem) -> Instance:
    """Return the instance of a problem, with what its feature selection says of the image.

    Parameters
    ----------
    name, source, group : str
        Names of the instance, of where it comes from, and of its folder or network.
    problem : QuboProblem
        The problem.
    """
    selection = problem.source
    if not isinstance(selection, FeatureSelection):
        return Instance(name, source, group, replace(problem, meta={}))
    selection = selection.without_arrays()  # workers need no image
    return Instance(
        name,
        source,
        group,
        replace(problem, source=selection, meta={}),
        label=_integer(selection.label),
        # the rows of a study are grouped by the class that was explained
        pred=_integer(selection.pred if selection.target is None else selection.target),
        num_maps=_integer(selection.num_maps),
        tradeoff=selection.tradeoff,
    )


def _integer(value: int | str | None) -> int | None:
    return value if isinstance(value, int) else None


def _from_image(image: NetworkImage, opened: OpenNetwork, network: Network) -> Instance:
    seen, place = image.instance, (network.images, network.group)
    if seen.problem:
        instance = instance_of(seen.name, *place, seen.problem)
    else:
        reason = str(seen.selectable)
        instance = Instance(seen.name, *place, None, reason, tradeoff=PAPER_TRADEOFF)
    return replace(
        instance,
        label=seen.label,
        pred=seen.explained_class,  # as for files
        num_maps=len(seen.alpha),
        picture=image.picture,
        network=opened,
    )


def _at_tradeoffs(item: Instance, tradeoffs: Sequence[float]) -> Iterator[Instance]:
    """Yield the instance as it is, or rebuilt at every tradeoff."""
    if not tradeoffs or item.failed:
        yield item
        return
    for tradeoff in tradeoffs:
        if item.problem is None:
            yield replace(item, tradeoff=tradeoff)
            continue
        try:
            yield replace(item, problem=_reweighted(item.problem, tradeoff), tradeoff=tradeoff)
        except InputError as error:
            yield replace(item, problem=None, tradeoff=tradeoff, reason=str(error), failed=True)


def _reweighted(problem: QuboProblem, tradeoff: float) -> QuboProblem:
    return feature_selection_of(problem).with_tradeoff(tradeoff).qubo()
