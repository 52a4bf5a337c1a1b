"""D-Wave's annealers: the ranges of their coefficients, connecting to one, and mocks of them.

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

from ...errors import InputError, MissingExtraError
from ..simulated_annealing import SimulatedAnnealingSampler


class StructuredSampler(Protocol):
    """The part of the interface of a ``DWaveSampler``, or of its mock, that is used here."""

    parameters: dict[str, Any]
    properties: dict[str, Any]
    nodelist: list[int]
    edgelist: list[tuple[int, int]]
    adjacency: Mapping[int, Any]

    def to_networkx_graph(self) -> Any:
        """Return the working graph of qubits and couplers."""

    def sample(self, bqm: dimod.BinaryQuadraticModel, **kwargs: Any) -> dimod.SampleSet:
        """Draw reads of a model on its qubits."""


@dataclass(frozen=True)
class Annealer:
    """A generation of annealers: its full graph, and the ranges and schedule of one of them.

    Parameters
    ----------
    topology : str
        Type of the graph, ``"pegasus"`` or ``"zephyr"``.
    shape : tuple of int
        Parameters of the graph without defects.
    solver : str
        Name of the solver from which the ranges and the schedule are.
    ranges : mapping of str to tuple of float
        Solver properties that limit the programmed h and J.
    """

    topology: str
    shape: tuple[int, ...]
    solver: str
    ranges: Mapping[str, tuple[float, float]]

    @property
    def schedule_name(self) -> str:
        """Name of the schedule of the standard anneal, for :func:`qxgap.schedule_named`."""
        return f"{self.solver}_standard"


J_RANGES = {"j_range": (-1.0, 1.0), "extended_j_range": (-2.0, 1.0)}
"""Ranges of J, the same for both generations."""

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
"""Advantage and Advantage2, by topology; the ranges are those in the solvers' own properties."""


def annealer_named(topology: str) -> Annealer:
    """Return a generation of annealers by its topology.

    Parameters
    ----------
    topology : str
        ``"pegasus"`` (Advantage) or ``"zephyr"`` (Advantage2).

    Returns
    -------
    Annealer
        The graph, ranges and schedule.

    Raises
    ------
    InputError
        For another topology; the message lists the known ones.

    Examples
    --------
    >>> from qxgap.samplers import annealer_named
    >>> annealer_named("zephyr").solver
    'Advantage2_system1'
    """
    if topology not in ANNEALERS:
        raise InputError(f"unknown topology {topology!r}; known: {', '.join(ANNEALERS)}")
    return ANNEALERS[topology]


def require_dwave() -> None:
    """Raise MissingExtraError unless dwave-system is installed."""
    if importlib.util.find_spec("dwave.system") is None:
        raise MissingExtraError.of("the sampler dwave", "dwave-system", "dwave")


class _Substitute(dimod.Sampler):  # type: ignore[name-defined, misc]
    """A sampler that ignores the arguments that only hardware has, such as anneal times."""

    parameters: Mapping[str, Any] = MappingProxyType({})
    properties: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, child: dimod.Sampler) -> None:  # type: ignore[name-defined]
        self.child = child
        self.parameters = child.parameters

    def sample(self, bqm: dimod.BinaryQuadraticModel, **kwargs: Any) -> dimod.SampleSet:
        """Sample with only those arguments that the wrapped sampler has."""
        declared = {name: value for name, value in kwargs.items() if name in self.parameters}
        return self.child.sample(bqm, **declared)


def mock_annealer(
    topology: str = "pegasus",
    shape: Sequence[int] | None = None,
    substitute: dimod.Sampler | None = None,  # type: ignore[name-defined]
) -> StructuredSampler:
    """Make an annealer without hardware, with D-Wave's graph and ranges.

    Parameters
    ----------
    topology : str
        ``"pegasus"`` or ``"zephyr"``.
    shape : sequence of int or None
        Parameters of the graph, which has no defects; None takes P16 or Z12.
    substitute : dimod.Sampler or None
        Draws the reads of the embedded model; None takes simulated annealing. (dwave-system's own
        default adds the ground state to the reads.)

    Returns
    -------
    StructuredSampler
        The mock, for :class:`DWaveAnnealer`.

    Raises
    ------
    InputError
        For another topology, or without dwave-system.

    Examples
    --------
    >>> from qxgap.samplers import mock_annealer
    >>> mock_annealer("pegasus", [3]).properties["chip_id"]
    'mock-pegasus'
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
    """Connect to an annealer; without configured credentials, warn and make a mock of one.

    Parameters
    ----------
    solver : str or None
        Name of a solver; ``"mock-pegasus"`` or ``"mock-zephyr"`` makes a mock; None takes D-Wave's
        default solver.

    Returns
    -------
    StructuredSampler
        The annealer, for :class:`DWaveAnnealer`.

    Raises
    ------
    InputError
        Without dwave-system, or if D-Wave refuses the credentials or the solver.

    Examples
    --------
    >>> from qxgap.samplers import connect
    >>> connect("mock-pegasus").properties["topology"]
    {'type': 'pegasus', 'shape': [16]}
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
