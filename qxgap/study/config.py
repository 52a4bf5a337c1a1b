"""The definition of a study: instances, tasks, and the values of every axis of its grid.

A study file is TOML; every key that takes a list takes one value too::

    instances = ["digits/*.npz"]   # files, patterns or folders, relative to the study file
    conventions = ["paper", "authors-code"]
    schedules = ["linear"]         # linear, the name of a D-Wave table, or a .csv file
    tau = [10, 50, 100]
    tasks = ["gap", "success", "compare"]
    samplers = ["sa"]
    seed = 1

    [[networks]]                   # besides instances, or in their place
    model = "digits-24"            # as in `qxgap qubo --model`
    images = "digits"
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import dimod

from ..annealing.drivers import Convention
from ..annealing.schedules import LINEAR, AnnealSchedule, load_schedule, schedule_named
from ..checks import kind_of
from ..errors import InputError
from ..problem.qubo import QuboProblem
from ..samplers import SAMPLERS, sampler_named
from ..samplers.registry import sampler_name
from ..statistics.seeds import SEED_LIMIT
from .cells import Settings
from .tasks import TASKS, Task


@dataclass(frozen=True)
class Network:
    """A source of instances: a network and images, one instance for each image.

    Attributes
    ----------
    model : str
        ``"digits"``, ``"digits-24"``, ``"digits-32"``, ``"digits-nonlinear"``,
        ``"efficientnet-lite0"``, ``"torchvision:NAME"``, ``"timm:NAME"``,
        ``"transformers:NAME"``, or the callable that
        makes the network:
        ``"package.module:callable"`` or ``"file.py:callable"``.
    images : str
        ``"digits"``, ``"photographs"``, an image, a folder of images or an .npz file.
    layer : str, optional
        Name of the layer that outputs the feature maps; by default the network's ``HOOK``, and
        without it the last layer whose maps have more than one pixel.
    name : str, optional
        Name of the network in results (column ``group``); by default ``model``.
    channels, size : int, optional
        Number of channels and side of the images that the network takes; by default the network's
        ``INPUT``.
    weights : str, optional
        A file of weights, relative to the study file; ``"none"`` for random weights of a network of
        another library.
    mean, std : float or sequence of float, optional
        The numbers with which the network's images were standardized in training, one for each
        channel or one for all; by default what the library of the network states, or none.
    explained_class : int or str, optional
        The class to explain in every image, by its number or its name; by default the one that the
        network predicts for each image.
    per_class : int, optional
        Number of images of each class that are taken, the first ones; by default all.
    limit : int, optional
        Number of images that are taken, the first ones; by default all.
    correct_only : bool
        Whether images that the network classifies wrongly are left out, as in the paper. Images
        without a label are never left out.

    Raises
    ------
    InputError
        For a value of another type, and for counts below 1.
    """

    model: str
    images: str = "digits"
    layer: str | None = None
    name: str | None = None
    channels: int | None = None
    size: int | None = None
    weights: str | None = None
    mean: float | Sequence[float] | None = None
    std: float | Sequence[float] | None = None
    explained_class: int | str | None = None
    per_class: int | None = None
    limit: int | None = None
    correct_only: bool = True

    def __post_init__(self) -> None:
        for name in ("model", "images", "layer", "name", "weights"):
            optional = name not in ("model", "images")
            _require_type(name, getattr(self, name), str, optional=optional)
        for name in ("channels", "size", "per_class", "limit"):
            value = getattr(self, name)
            _require_type(name, value, int, optional=True)
            if value is not None and value < 1:
                raise InputError(f"{name} = {value}; give at least 1")
        _require_type("correct_only", self.correct_only, bool)
        explained = self.explained_class
        if explained is not None and (
            not isinstance(explained, int | str) or isinstance(explained, bool)
        ):
            raise InputError(f"explained_class = {explained!r}; give a number or a name of a class")

    @property
    def group(self) -> str:
        """Name of the network in results."""
        return self.name or self.model


@dataclass(frozen=True, eq=False, init=False)
class Study:
    """A grid of computations on instances. A study is data; :func:`run_study` computes it.

    Names of tasks, conventions, schedules and samplers are turned into objects at construction.
    Every sequence may be given as a single value.

    Parameters
    ----------
    instances : sequence of str, Path or QuboProblem
        Paths, patterns, folders (of .npz files), or problems.
    networks : sequence of Network
        Sources of instances, and of images for the task ``xai``.
    tasks : sequence of str or Task
        Tasks, or names of them. ``gap``: minimum gap, certified up to ``max_qubits`` and estimated
        above, and selections. ``success``: success probability at each tau. ``schedules``: the
        same by schedules made from the gap, in the same time. ``select``: selections
        only, at any size. ``sample``: reads of each sampler. ``compare``: comparison of these reads
        with the prediction at each tau, and above ``max_qubits`` with the proven optimum and
        independent qubits. ``xai``: explanation metrics of the networks' images.
    conventions : sequence of str or Convention
        ``"paper"`` (driver weight 1), ``"authors-code"`` (driver weight 1/d).
    schedules : sequence of str or AnnealSchedule
        Names, .csv files or schedules.
    tau : sequence of float
        Anneal times, in units of hbar = 1, or in ns for schedules in GHz.
    tradeoff : sequence of float
        The paper's beta. By default that of each file, and 0.7 for networks.
    samplers : sequence of str or dimod.Sampler
        Names as in :func:`qxgap.sample`, or new samplers of these kinds.
    num_reads : int
        Number of reads that each sampler draws.
    pair_weight : int
        Pair weight of .npz files, 1 or 2; see :func:`qxgap.load`.
    rtol : float
        Relative width of the bracket of the gap; an estimated gap has at least 0.02.
    tol : float
        Error that is tolerated in the success probability.
    lz_slope : bool
        Whether a Landau-Zener crossing is fitted at each minimum inside 0 < s < 1.
    max_qubits : int
        Largest number of qubits d of a problem that is treated with all its 2^d amplitudes. Above,
        the gap is estimated, compare has no prediction of the anneal, and success leaves the
        instance out.
    seed : int
        Seed of the study, in [0, 2^31). All random numbers follow from it and from the content of
        the instance, never from the order of the computations.
    folder : str or Path, optional
        Folder from which relative paths start; by default the current one.
    text : str
        Content of the study file; empty for a study from Python.
    file : Path, optional
        The study file; None for a study from Python.

    Raises
    ------
    InputError
        For an unknown key or value; the message names it, and the right ones.

    Examples
    --------
    >>> from qxgap.study import Study
    >>> study = Study(instances="digits/*.npz", tasks="gap", conventions=["paper", "authors-code"])
    >>> [str(convention) for convention in study.conventions]
    ['paper', 'authors-code']
    """

    instances: tuple[str | Path | QuboProblem, ...]
    networks: tuple[Network, ...]
    tasks: tuple[Task[Any], ...]
    conventions: tuple[Convention, ...]
    schedules: tuple[AnnealSchedule, ...]
    tau: tuple[float, ...]
    tradeoff: tuple[float, ...]
    samplers: tuple[dimod.Sampler, ...]  # type: ignore[name-defined]
    num_reads: int
    pair_weight: int
    rtol: float
    tol: float
    lz_slope: bool
    max_qubits: int
    seed: int
    folder: Path
    text: str = field(repr=False)
    file: Path | None = field(repr=False)

    def __init__(
        self,
        instances: str | Path | QuboProblem | Sequence[str | Path | QuboProblem] = (),
        networks: Network | Sequence[Network] = (),
        tasks: str | Task[Any] | Sequence[str | Task[Any]] = ("gap", "success"),
        conventions: str | Convention | Sequence[str | Convention] = (Convention.PAPER,),
        schedules: str | AnnealSchedule | Sequence[str | AnnealSchedule] = (LINEAR,),
        tau: float | Sequence[float] = (10.0, 50.0, 100.0),
        tradeoff: float | Sequence[float] = (),
        samplers: Any = ("sa",),
        num_reads: int = 1000,
        pair_weight: int = 1,
        rtol: float = 1e-3,
        tol: float = 1e-6,
        lz_slope: bool = True,
        max_qubits: int = 20,
        seed: int = 1,
        folder: str | Path | None = None,
        text: str = "",
        file: Path | None = None,
    ) -> None:
        values = {
            "instances": _as_tuple(instances),
            "networks": _as_tuple(networks),
            "tasks": _tasks(_as_tuple(tasks)),
            "conventions": _conventions(_as_tuple(conventions)),
            "folder": Path.cwd() if folder is None else Path(folder),
            "tau": _numbers("tau", _as_tuple(tau), 0.0, math.inf),
            "tradeoff": _numbers("tradeoff", _as_tuple(tradeoff), 0.0, 1.0),
            "samplers": _samplers(_as_tuple(samplers)),
            **{"num_reads": num_reads, "pair_weight": pair_weight, "rtol": rtol, "tol": tol},
            **{"lz_slope": lz_slope, "max_qubits": max_qubits, "seed": seed},
            **{"text": text, "file": file},
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self._require_settings()
        object.__setattr__(self, "schedules", _schedules(_as_tuple(schedules), self.folder))
        self._require_grid()

    def _require_settings(self) -> None:
        """Refuse settings of another type or outside their range."""
        for name in ("num_reads", "max_qubits", "pair_weight", "seed"):
            _require_type(name, getattr(self, name), int)
        _require_type("lz_slope", self.lz_slope, bool)
        for name, lowest in (("num_reads", 1), ("max_qubits", 1), ("seed", 0)):
            if getattr(self, name) < lowest:
                raise InputError(f"{name} = {getattr(self, name)}; give at least {lowest}")
        if self.seed >= SEED_LIMIT:
            raise InputError(f"seed = {self.seed}; give one below 2^31")
        if self.pair_weight not in (1, 2):
            raise InputError(f"pair_weight = {self.pair_weight}; use 1 or 2")
        for name in ("rtol", "tol"):
            _numbers(name, (getattr(self, name),), 0.0, 1.0, inside=True)

    def _require_grid(self) -> None:
        """Refuse a study without instances or tasks, and tasks that the study does not provide."""
        anneals = any("tau" in task.axes for task in self.tasks)
        for name in ("tasks", *(["tau"] if anneals else [])):
            if not getattr(self, name):
                raise InputError(f"{name} is empty; give at least one value")
        if not self.instances and not self.networks:
            raise InputError("no instances; give instances (files) or networks (with images)")
        for task in self.tasks:
            if task.needs_images and not self.networks:
                raise InputError(f"task {task.name!r} needs [[networks]]: a model and images")
            task.validate(self)
        _require_distinct("networks", [network.group for network in self.networks])

    @classmethod
    def load(cls, path: str | Path) -> Study:
        """Read a study file; relative paths in it start from its folder.

        Parameters
        ----------
        path : str or Path
            The study file.

        Returns
        -------
        Study
            The study.

        Raises
        ------
        InputError
            For a file that cannot be read, and for an unknown key or value; the message names the
            file, the key or value, and the right ones.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
            table = tomllib.loads(text)
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: not a TOML file ({error})") from error
        try:
            return replace(cls.from_dict(table, folder=path.parent), text=text, file=path)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error

    @classmethod
    def from_dict(cls, table: Mapping[str, Any], folder: str | Path = ".") -> Study:
        """Build a study from the keys of a study file.

        Parameters
        ----------
        table : mapping
            Keys and values as in a study file.
        folder : str or Path
            Folder from which relative paths start.

        Returns
        -------
        Study
            The study.

        Raises
        ------
        InputError
            For an unknown key or value; the message names it, and the right ones.
        """
        _require_keys(table, cls, without=("folder", "text", "file"))
        values = dict(table)
        entries = values.pop("networks", [])
        networks = []
        for entry in [entries] if isinstance(entries, Mapping) else entries:
            if not isinstance(entry, Mapping):
                raise InputError(f"networks = {entries!r}; write each under [[networks]]")
            _require_keys(entry, Network)
            if "model" not in entry:
                raise InputError("[[networks]] has no key 'model'; give the network's name")
            networks.append(Network(**entry))
        return cls(**values, networks=networks, folder=folder)

    def with_instances(self, instances: Sequence[str | Path | QuboProblem]) -> Study:
        """Return the same study of other instances; its networks stay.

        Parameters
        ----------
        instances : sequence of str, Path or QuboProblem
            Paths, patterns, folders, or problems.

        Returns
        -------
        Study
            The new study.
        """
        return replace(self, instances=_as_tuple(instances))

    @property
    def settings(self) -> Settings:
        """Tolerances, limits and seed, on which the values of the rows depend."""
        return Settings(
            self.rtol, self.tol, self.num_reads, self.lz_slope, self.max_qubits, self.seed
        )

    def to_dict(self) -> dict[str, Any]:
        """Return every key as JSON takes it: problems by their hash, other objects by their name.

        Returns
        -------
        dict
            Key -> value; without the folder, the file and its text.
        """
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        del plain["text"], plain["folder"], plain["file"]
        return plain | {
            "instances": [
                entry.content_hash if isinstance(entry, QuboProblem) else str(entry)
                for entry in self.instances
            ],
            "networks": [asdict(network) for network in self.networks],
            "tasks": [task.name for task in self.tasks],
            "conventions": [convention.value for convention in self.conventions],
            "schedules": [schedule.name for schedule in self.schedules],
            "samplers": [sampler_name(sampler) for sampler in self.samplers],
        }


def _tasks(values: Sequence[Any]) -> tuple[Task[Any], ...]:
    """Turn names into tasks."""
    names = [value.name if isinstance(value, Task) else value for value in values]
    for value, name in zip(values, names, strict=True):
        if not isinstance(value, Task):
            _require_known("tasks", name, TASKS)
    _require_distinct("tasks", names)
    return tuple(value if isinstance(value, Task) else TASKS[value] for value in values)


def _conventions(values: Sequence[Any]) -> tuple[Convention, ...]:
    """Turn names into conventions."""
    for value in values:
        _require_known("conventions", value, [convention.value for convention in Convention])
    _require_distinct("conventions", values)
    return tuple(Convention(value) for value in values)


def _samplers(values: Sequence[Any]) -> tuple[dimod.Sampler, ...]:  # type: ignore[name-defined]
    """Turn names into samplers; a sampler needs a name that identifies it, because rows show it."""
    samplers = []
    for value in values:
        if isinstance(value, dimod.Sampler):  # type: ignore[attr-defined]
            name = sampler_name(value)
            if name not in SAMPLERS or vars(value) != vars(sampler_named(name)):
                raise InputError(
                    f"samplers: {kind_of(value)} has no name that identifies its rows; "
                    f"give one of {', '.join(SAMPLERS)}"
                )
            samplers.append(value)
        else:
            _require_known("samplers", value, SAMPLERS)
            samplers.append(sampler_named(value))
    _require_distinct("samplers", [sampler_name(sampler) for sampler in samplers])
    return tuple(samplers)


def _schedules(values: Sequence[Any], folder: Path) -> tuple[AnnealSchedule, ...]:
    """Turn names and .csv files into schedules."""
    schedules = []
    for value in values:
        if isinstance(value, AnnealSchedule):
            schedules.append(value)
            continue
        _require_type("schedules", value, str)
        is_file = value.endswith(".csv")
        schedules.append(load_schedule(folder / value) if is_file else schedule_named(value))
    return tuple(schedules)


def _as_tuple(value: Any) -> tuple:
    """Return a sequence of values, or a single value, as a tuple."""
    if isinstance(value, Iterable) and not isinstance(value, str | Path | Mapping):
        return tuple(value)
    return (value,)


def _require_keys(table: Mapping[str, Any], cls: type, without: Sequence[str] = ()) -> None:
    known = [item.name for item in fields(cls) if item.name not in without]
    for key in table:
        if key not in known:
            raise InputError(f"unknown key {key!r}{_close(key, known)}; keys: {', '.join(known)}")


def _require_known(name: str, value: Any, known: Iterable[str]) -> None:
    names = list(known)
    if value not in names:
        raise InputError(
            f"{name}: unknown value {value!r}{_close(str(value), names)}; known: {', '.join(names)}"
        )


def _require_distinct(name: str, values: Sequence[Any]) -> None:
    for i, value in enumerate(values):
        if value in values[:i]:
            raise InputError(f"{name}: {value!r} is listed twice")


def _close(word: str, known: Sequence[str]) -> str:
    matches = difflib.get_close_matches(word, known, 1)
    return f", perhaps {matches[0]!r}" if matches else ""


def _numbers(
    name: str, values: Sequence[Any], low: float, high: float, *, inside: bool = False
) -> tuple[float, ...]:
    """Return finite numbers in [low, high], or strictly between, each listed once."""
    ends = f"between {low:g} and {high:g}" if high < math.inf else f"of at least {low:g}"
    for i, value in enumerate(values):
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        fits = fits and low <= value <= high and value < math.inf
        if not fits or (inside and value in (low, high)):
            raise InputError(f"{name} = {value!r}; give a number {ends}")
        if value in values[:i]:
            raise InputError(f"{name}: {value!r} is listed twice")
    return tuple(float(value) for value in values)


def _require_type(name: str, value: Any, kind: type, optional: bool = False) -> None:
    if optional and value is None:
        return
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise InputError(f"{name} = {value!r}; give {_NAMES[kind]}")


_NAMES = {int: "an integer", str: "a text", bool: "true or false"}
"""Names of types in error messages."""
