"""D-Wave's annealers: what they can be programmed with, connecting to one, and mocks of them.

Needs dwave-system (``pip install qxgap[dwave]``), which is loaded when first used.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import dimod

from ...annealing.schedule import SCHEDULES
from ...errors import InputError, MissingExtraError
from ..simulated_annealing import SimulatedAnnealingSampler


class StructuredSampler(Protocol):
    """What is used of a ``DWaveSampler`` or of its mock."""

    parameters: dict[str, Any]
    properties: dict[str, Any]
    nodelist: list[int]
    edgelist: list[tuple[int, int]]
    adjacency: Mapping[int, Any]

    def to_networkx_graph(self) -> Any:
        """Its working graph."""

    def sample(self, bqm: dimod.BinaryQuadraticModel, **kwargs: Any) -> dimod.SampleSet:
        """Draw reads of a model on its qubits."""


@dataclass(frozen=True)
class Annealer:
    """A generation of annealers: its full graph, and the ranges and schedule of one of them.

    Attributes
    ----------
    topology, shape : of the graph without defects.
    solver : whose ranges and schedule these are.
    ranges : solver properties that limit the programmed h and J.
    """

    topology: str
    shape: tuple[int, ...]
    solver: str
    ranges: Mapping[str, tuple[float, float]]

    @property
    def schedule_name(self) -> str:
        """Of the standard anneal, as ``schedule_named`` takes it."""
        return f"{self.solver}_standard"


J_RANGES = {"j_range": (-1.0, 1.0), "extended_j_range": (-2.0, 1.0)}

ANNEALERS: Mapping[str, Annealer] = MappingProxyType(
    {
        "pegasus": Annealer(
            "pegasus",
            (16,),
            "Advantage_system6.4",
            {**J_RANGES, "h_range": (-4.0, 4.0), "per_qubit_coupling_range": (-18.0, 15.0)},
        ),
        "zephyr": Annealer(
            "zephyr",
            (12, 4),
            "Advantage2_system1",
            {**J_RANGES, "h_range": (-6.0, 6.0), "per_group_coupling_range": (-13.0, 10.0)},
        ),
    }
)
"""Advantage and Advantage2, by topology; ranges as these solvers tell them of themselves."""


def annealer_named(topology: str) -> Annealer:
    """Look up a generation by its topology; InputError lists those known."""
    if topology not in ANNEALERS:
        raise InputError(f"unknown topology {topology!r}; known: {', '.join(ANNEALERS)}")
    return ANNEALERS[topology]


def published_schedule(solver: str, *, fast: bool = False) -> str | None:
    """Name of the schedule that D-Wave publishes for a solver or its series; None if it has none.

    Versions that are not listed take the table of their series: ``Advantage_system6.5`` that of
    ``Advantage_system6``.
    """
    protocol = "fast" if fast else "standard"
    names = (f"{name}_{protocol}" for name in (solver, solver.rpartition(".")[0]))
    return next((name for name in names if name in SCHEDULES), None)


def require_dwave() -> None:
    """Raise MissingExtraError unless dwave-system is installed."""
    if importlib.util.find_spec("dwave.system") is None:
        raise MissingExtraError.of("the sampler dwave", "dwave-system", "dwave")


class _Substitute(dimod.Sampler):  # type: ignore[name-defined, misc]
    """A sampler that is not told what only hardware knows, such as anneal times."""

    parameters: Mapping[str, Any] = MappingProxyType({})
    properties: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, child: dimod.Sampler) -> None:  # type: ignore[name-defined]
        self.child = child
        self.parameters = child.parameters

    def sample(self, bqm: dimod.BinaryQuadraticModel, **kwargs: Any) -> dimod.SampleSet:
        known = {name: value for name, value in kwargs.items() if name in self.parameters}
        return self.child.sample(bqm, **known)


def mock_annealer(
    topology: str = "pegasus",
    shape: Sequence[int] | None = None,
    substitute: dimod.Sampler | None = None,  # type: ignore[name-defined]
) -> StructuredSampler:
    """An annealer without hardware: D-Wave's graph and ranges, reads of ``substitute``.

    Parameters
    ----------
    topology, shape : ``"pegasus"``, by default P16, or ``"zephyr"``, by default Z12; no defects.
    substitute : draws the reads of the embedded model; simulated annealing by default.
        dwave-system's own default puts the ground state in.

    Raises InputError for another topology, or without dwave-system.
    """
    annealer = annealer_named(topology)
    require_dwave()
    from dwave.system.testing import MockDWaveSampler

    mock: StructuredSampler = MockDWaveSampler(
        topology_type=topology,
        topology_shape=list(shape or annealer.shape),
        substitute_sampler=_Substitute(substitute or SimulatedAnnealingSampler()),
        parameter_warnings=False,
        properties={
            "chip_id": f"mock-{topology}",
            "topology": {"type": topology, "shape": list(shape or annealer.shape)},
            **{name: list(limits) for name, limits in annealer.ranges.items()},
        },
    )
    if "per_group_coupling_range" in annealer.ranges:
        del mock.properties["per_qubit_coupling_range"]
    return mock


def connect(solver: str | None = None) -> StructuredSampler:
    """Return an annealer, or with a warning a mock of one if no credentials are configured.

    Parameters
    ----------
    solver : name of a solver; ``"mock-pegasus"`` or ``"mock-zephyr"`` asks for a mock; None takes
        D-Wave's default solver.

    Raises InputError without dwave-system, or if D-Wave refuses the credentials or the solver.
    """
    require_dwave()
    if solver and solver.startswith("mock-"):
        return mock_annealer(solver.removeprefix("mock-"))
    from dwave.cloud.config import load_config
    from dwave.cloud.exceptions import ConfigFileError, SolverError
    from dwave.system import DWaveSampler

    try:
        if load_config().get("token"):
            return DWaveSampler(solver=solver) if solver else DWaveSampler()
    except (ConfigFileError, SolverError) as error:
        raise InputError(f"D-Wave solver {solver or '(default)'}: {error}") from error
    if solver:
        raise InputError(
            f"solver {solver!r} needs credentials (`dwave config create`); without them use "
            "mock-pegasus or mock-zephyr"
        )
    warnings.warn(
        "no D-Wave credentials are configured: these are reads of a mock, not of hardware",
        stacklevel=2,
    )
    return mock_annealer()
