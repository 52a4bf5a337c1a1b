"""What a study computes: instances x conventions x schedules x tau x tradeoff x tasks.

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
from typing import TYPE_CHECKING, Any

from ..annealing.drivers import Convention
from ..annealing.schedule import AnnealSchedule, load_schedule, schedule_named
from ..errors import InputError
from ..problem.qubo import QuboProblem
from ..samplers import SAMPLERS
from ..statistics.seeds import SEED_LIMIT

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from .executor import Engine
    from .run import Outcome

TASKS = ("gap", "success", "sample", "compare", "xai")
"""In the order of the rows of one instance."""


@dataclass(frozen=True)
class Network:
    """Instances from a network and images, one for each image.

    Attributes
    ----------
    model : ``"digits"``, ``"digits-24"``, ``"digits-32"``, ``"efficientnet-lite0"``, or
        ``"package.module:callable"`` or ``"file.py:callable"``.
    images : ``"digits"``, ``"photographs"``, an image, a folder or an .npz file.
    layer : whose maps are selected; by default the network's HOOK.
    name : what results call it (``group``); by default ``model``.
    channels, size : of the images that the network takes; by default the network's INPUT.
    per_class : take the first so many images of each class; by default all.
    limit : take the first so many images; by default all.
    correct_only : leave out images that the network gets wrong (as the paper does); those without
        a label are kept.
    """

    model: str
    images: str = "digits"
    layer: str | None = None
    name: str | None = None
    channels: int | None = None
    size: int | None = None
    per_class: int | None = None
    limit: int | None = None
    correct_only: bool = True

    def __post_init__(self) -> None:
        for name in ("model", "images", "layer", "name"):
            _require_type(name, getattr(self, name), str, optional=name in ("layer", "name"))
        for name in ("channels", "size", "per_class", "limit"):
            value = getattr(self, name)
            _require_type(name, value, int, optional=True)
            if value is not None and value < 1:
                raise InputError(f"{name} = {value}; give at least 1")
        _require_type("correct_only", self.correct_only, bool)

    @property
    def group(self) -> str:
        """What results call it."""
        return self.name or self.model


@dataclass(frozen=True, eq=False)
class Study:
    """A grid of computations; see the module's text for the file.

    Attributes
    ----------
    instances : paths, patterns, folders (of .npz files), or problems.
    networks : sources of instances, and of images for the task xai.
    tasks : of ``TASKS``. ``gap``: certified minimum gap and selections. ``success``: success
        probability at each tau. ``sample``: reads of each sampler. ``compare``: these reads against
        the prediction at each tau. ``xai``: explanation metrics of the networks' images.
    conventions : ``"paper"`` (driver weight 1), ``"authors-code"`` (1/d).
    schedules : names, .csv files or schedules.
    tau : anneal times, hbar = 1 (ns for schedules in GHz).
    tradeoff : the paper's beta; by default that of each file, and 0.7 for networks.
    samplers, num_reads : as in :func:`qxgap.sample`.
    pair_weight : of .npz files, see :func:`qxgap.load`.
    rtol : of the gap's bracket. tol : of the success probability.
    lz_slope : whether to fit a Landau-Zener crossing at each minimum inside 0 < s < 1.
    max_qubits : larger instances are left out of gap, success and compare.
    seed : all randomness follows from it and the instance's content, never from order.
    folder : that relative paths start from.
    text : of the study file, if there was one.
    file : the study file, if there was one.

    Raises
    ------
    InputError : naming the wrong key or value, and the right ones.
    """

    instances: Sequence[str | Path | QuboProblem] = ()
    networks: Sequence[Network] = ()
    tasks: Sequence[str] = ("gap", "success")
    conventions: Sequence[str] = ("paper",)
    schedules: Sequence[str | AnnealSchedule] = ("linear",)
    tau: Sequence[float] = (10.0, 50.0, 100.0)
    tradeoff: Sequence[float] = ()
    samplers: Sequence[str] = ("sa",)
    num_reads: int = 1000
    pair_weight: int = 1
    rtol: float = 1e-3
    tol: float = 1e-6
    lz_slope: bool = True
    max_qubits: int = 20
    seed: int = 1
    folder: Path = field(default_factory=Path.cwd)
    text: str = field(default="", repr=False)
    file: Path | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in _LISTS:
            object.__setattr__(self, name, _as_tuple(getattr(self, name)))
        object.__setattr__(self, "folder", Path(self.folder))
        for name, known in (
            ("tasks", TASKS),
            ("conventions", tuple(map(str, Convention))),
            ("samplers", SAMPLERS),
        ):
            _require_known(name, getattr(self, name), known)
        object.__setattr__(self, "tau", _numbers("tau", self.tau, 0.0, math.inf))
        object.__setattr__(self, "tradeoff", _numbers("tradeoff", self.tradeoff, 0.0, 1.0))
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
        for name in ("tasks", *(["tau"] if {"success", "compare"} & set(self.tasks) else [])):
            if not getattr(self, name):
                raise InputError(f"{name} is empty; give at least one value")
        if not self.instances and not self.networks:
            raise InputError("no instances; give instances (files) or networks (with images)")
        if "xai" in self.tasks and not self.networks:
            raise InputError("task 'xai' needs [[networks]]: a model and images")
        if "compare" in self.tasks and "exact" in self.samplers:
            raise InputError("sampler 'exact' enumerates; leave it out of a study that compares")

        _require_distinct("networks", [network.group for network in self.networks])

    @classmethod
    def load(cls, path: str | Path) -> Study:
        """Read a study file; relative paths in it start from its folder.

        Raises InputError naming the file, the wrong key or value, and the right ones.
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
        """Build from the keys of a study file; ``folder`` is where relative paths start."""
        _require_keys(table, cls, without=("folder", "text", "file"))
        given = dict(table)
        networks = given.pop("networks", [])
        made = []
        for entry in [networks] if isinstance(networks, Mapping) else networks:
            if not isinstance(entry, Mapping):
                raise InputError(f"networks = {networks!r}; write each under [[networks]]")
            _require_keys(entry, Network)
            if "model" not in entry:
                raise InputError("[[networks]] has no key 'model'; give the network's name")
            made.append(Network(**entry))
        return cls(**given, networks=made, folder=Path(folder))

    def with_instances(self, instances: Sequence[str | Path | QuboProblem]) -> Study:
        """Return the same study of other instances; its networks stay."""
        return replace(self, instances=instances)

    def settings(self) -> dict[str, Any]:
        """Return every key as JSON takes it; problems and schedules by their hash and name."""
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        del plain["text"], plain["folder"], plain["file"]
        return plain | {
            "instances": [
                entry.content_hash if isinstance(entry, QuboProblem) else str(entry)
                for entry in self.instances
            ],
            "networks": [asdict(network) for network in self.networks],
            "schedules": [schedule.name for schedule in self.anneal_schedules],
        }

    @property
    def anneal_schedules(self) -> list[AnnealSchedule]:
        """The schedules; InputError for names and files that do not exist."""
        return [_schedule(entry, self.folder) for entry in self.schedules]

    def run(
        self,
        results: str | Path,
        engine: Engine | None = None,
        *,
        strict: bool = False,
        overwrite: bool = False,
    ) -> Outcome:
        """Compute what is missing in the folder ``results``; see :func:`qxgap.study.run_study`."""
        from .run import run_study

        return run_study(self, results, engine, strict=strict, overwrite=overwrite)

    def to_dataframe(self, results: str | Path) -> pd.DataFrame:
        """Return the table of this study from what ``results`` holds, finished or not."""
        from .run import collect

        return collect(self, results)

    def to_xarray(self, results: str | Path, task: str) -> xr.Dataset:
        """Return the rows of one task on the axes of the grid; needs xarray."""
        from .table import to_xarray

        return to_xarray(self.to_dataframe(results), task)


_LISTS = (
    *("instances", "networks", "tasks", "conventions", "schedules"),
    *("tau", "tradeoff", "samplers"),
)


def _schedule(entry: str | AnnealSchedule, folder: Path) -> AnnealSchedule:
    if isinstance(entry, AnnealSchedule):
        return entry
    return load_schedule(folder / entry) if entry.endswith(".csv") else schedule_named(entry)


def _as_tuple(value: Any) -> tuple:
    """One value or many."""
    if isinstance(value, Iterable) and not isinstance(value, str | Path | Mapping):
        return tuple(value)
    return (value,)


def _require_keys(table: Mapping[str, Any], cls: type, without: Sequence[str] = ()) -> None:
    known = [item.name for item in fields(cls) if item.name not in without]
    for key in table:
        if key not in known:
            raise InputError(f"unknown key {key!r}{_close(key, known)}; keys: {', '.join(known)}")


def _require_known(name: str, values: Sequence[Any], known: Iterable[str]) -> None:
    names = list(known)
    for value in values:
        if value not in names:
            raise InputError(
                f"{name}: unknown value {value!r}{_close(str(value), names)}; "
                f"known: {', '.join(names)}"
            )
    _require_distinct(name, values)


def _require_distinct(name: str, values: Sequence[Any]) -> None:
    for i, value in enumerate(values):
        if value in values[:i]:
            raise InputError(f"{name}: {value!r} is listed twice")


def _close(word: str, known: Sequence[str]) -> str:
    found = difflib.get_close_matches(word, known, 1)
    return f", perhaps {found[0]!r}" if found else ""


def _numbers(
    name: str, values: Sequence[Any], low: float, high: float, *, inside: bool = False
) -> tuple[float, ...]:
    """Finite numbers in [low, high], or strictly between; each once."""
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
