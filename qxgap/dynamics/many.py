"""Anneals of many small problems together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import overload

import numpy as np
from numba import get_num_threads
from numpy.typing import NDArray

from ..annealing.accept import QubitsLike, all_qubits
from ..annealing.batch import MAX_QUBITS, evolve_all
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.layers import Layer
from ..errors import InputError
from ..memory import require_memory
from .closed import SplitOperator, anneal, end_of, result_of
from .initial import starting_state
from .reach import anneal_times, require_reach
from .refine import Refinement
from .result import AnnealResult
from .run import refinement
from .split import corners, evolve_on, step_edges, strengths

Array = NDArray[np.float64]

CHUNK = 256
"""States handed to the threads at once: 64 MiB at most."""

DEVICE_AMPLITUDES = 1 << 22
"""Of all states that a device propagates at once: 64 MiB, and as many for the work."""


@overload
def anneal_many(
    hamiltonians: Sequence[QubitsLike],
    taus: float,
    method: SplitOperator | None = None,
    *,
    seed: int = 0,
    throw: bool = True,
) -> list[AnnealResult]: ...


@overload
def anneal_many(
    hamiltonians: Sequence[QubitsLike],
    taus: Sequence[float] | Array,
    method: SplitOperator | None = None,
    *,
    seed: int = 0,
    throw: bool = True,
) -> list[list[AnnealResult]]: ...


def anneal_many(
    hamiltonians: Sequence[QubitsLike],
    taus: float | Sequence[float] | Array,
    method: SplitOperator | None = None,
    *,
    seed: int = 0,
    throw: bool = True,
) -> list[AnnealResult] | list[list[AnnealResult]]:
    """What ``[anneal(H, taus, method) for H in hamiltonians]`` gives, to rounding, but faster.

    Problems of up to 14 qubits are annealed side by side, those of equal size together, each with
    steps and error control of its own; larger ones one after another. On a device those of equal
    size, schedule, tau and driver make one batch, in the steps of the one that needs most, which
    may be more than alone. All results are held: a state of 16 * 2^d bytes for each problem and
    tau.

    Parameters
    ----------
    hamiltonians : of any sizes and schedules, in any order.
    taus, method, seed, throw : as in :func:`anneal`; the method must be a SplitOperator.
    """
    hamiltonians = all_qubits(hamiltonians)
    method = method or SplitOperator()
    if not isinstance(method, SplitOperator):
        raise InputError(f"{method!r} takes no batches; use SplitOperator")
    times = anneal_times(taus)
    for H in hamiltonians:
        for tau in times:
            require_reach(H, tau, method, to_tol=throw)
    if hamiltonians:  # else one that fits nowhere would be told to come alone
        largest = max(hamiltonians, key=lambda H: H.dimension)
        vectors = f"the state vectors of {largest.num_qubits} qubits"
        require_memory(3 * 16 * largest.dimension, vectors)
    needed = len(times) * sum(3 * 16 * H.dimension for H in hamiltonians)
    what = f"the states of {len(hamiltonians)} problems at {len(times)} times"
    require_memory(needed, what, "give fewer problems, or fewer times, at once")
    results: dict[tuple[int, int], AnnealResult] = {}
    tasks: list[_Task] = []
    for i, H in enumerate(hamiltonians):
        small = H.num_qubits <= MAX_QUBITS
        start = starting_state(H, seed=seed) if small and any(times) else None
        for j, tau in enumerate(times):
            if start is None or tau == 0.0:
                results[i, j] = anneal(H, tau, method, seed=seed, throw=throw)
            else:
                tasks.append(_Task(i, j, H, tau, start, refinement(H, tau, method)))
    if method.device is None:
        _converge(tasks, method.order)
    else:
        _converge_on(method.device, tasks, method)
    for task in tasks:
        end = end_of(task.H, task.tau, method, task.runs, throw)
        results[task.instance, task.time] = result_of(task.H, task.tau, method, end)
    table = [[results[i, j] for j in range(len(times))] for i in range(len(hamiltonians))]
    return table if np.ndim(taus) else [row[0] for row in table]


@dataclass(eq=False)
class _Task:
    """One anneal: of which problem, at which time, and how far it has been refined."""

    instance: int
    time: int
    H: AnnealHamiltonian
    tau: float
    start: NDArray[np.complex128]
    runs: Refinement

    def key(self) -> tuple:
        """What two tasks must share to have the same phases and angles."""
        return self.H.schedule, self.tau, tuple(self.runs.next.tolist())


def _converge(tasks: list[_Task], order: int) -> None:
    """Refine every task until it is done, those of equal size and like length side by side."""
    while tasks:
        layers: dict[tuple, tuple[Array, Array]] = {}
        for task in tasks:
            if task.key() not in layers:
                layers[task.key()] = _layers(task, order)
        tasks.sort(key=lambda task: (task.H.num_qubits, layers[task.key()][1].size))
        for _, group in groupby(tasks, key=lambda task: task.H.num_qubits):
            same = list(group)
            for begin in range(0, len(same), CHUNK):
                chunk = same[begin : begin + CHUNK]
                _run(chunk, [layers[task.key()] for task in chunk])
        tasks = [task for task in tasks if not task.runs.done]


def _converge_on(device: str, tasks: list[_Task], method: SplitOperator) -> None:
    """Refine every task on a device, those together that can share layers."""
    groups: dict[tuple, list[_Task]] = {}
    for task in tasks:
        key = task.H.schedule, task.tau, task.H.num_qubits, task.H.driver_weights.tobytes()
        groups.setdefault(key, []).append(task)
    for group in groups.values():
        size = max(DEVICE_AMPLITUDES >> group[0].H.num_qubits, 1)
        for begin in range(0, len(group), size):
            _refine_together(device, group[begin : begin + size], method)


def _refine_together(device: str, tasks: list[_Task], method: SplitOperator) -> None:
    """Make runs of all tasks, in the steps of the finest of them, until each is done."""
    schedule, tau = tasks[0].H.schedule, tasks[0].tau
    while tasks:
        steps = np.max([task.runs.next for task in tasks], axis=0)
        for task in tasks:
            task.runs.at_least(steps)
        edges = step_edges(schedule, steps, corners(schedule))
        hamiltonians, starts = [task.H for task in tasks], np.array([task.start for task in tasks])
        how = method.order, device, method.precision
        for task, state in zip(
            tasks, evolve_on(hamiltonians, tau, edges, starts, *how), strict=True
        ):
            task.runs.take(state)
        tasks = [task for task in tasks if not task.runs.done]


def _layers(task: _Task, order: int) -> tuple[Array, Array]:
    schedule = task.H.schedule
    edges = step_edges(schedule, task.runs.next, corners(schedule))
    return strengths(schedule, task.tau, edges, order)


def _run(tasks: list[_Task], layers: list[tuple[Array, Array]]) -> None:
    """Make one run of each task, all of one size."""
    size = tasks[0].H.dimension
    made = [Layer(task.H.problem, task.H.driver_weights) for task in tasks]
    psi = np.zeros((len(tasks), 2, 1 << made[0].h.size))
    psi[:, 0, :size] = [task.start.real for task in tasks]
    psi[:, 1, :size] = [task.start.imag for task in tasks]
    counts = np.array([angles.size for _, angles in layers])
    phases = np.zeros((len(tasks), counts.max() + 1))
    turned = np.zeros((len(tasks), counts.max()))
    for i, (phi, angles) in enumerate(layers):
        phases[i, : phi.size], turned[i, : angles.size] = phi, angles
    h, J = np.array([layer.h for layer in made]), np.array([layer.J for layer in made])
    weights = np.array([layer.weights for layer in made])
    evolve_all(psi, h, J, weights, phases, turned, counts, get_num_threads())
    for task, (re, im) in zip(tasks, psi, strict=True):
        task.runs.take(re[:size] + 1j * im[:size])
