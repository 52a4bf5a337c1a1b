"""Anneals of many small problems, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
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
from ..linalg.amplitudes import on_host
from ..memory import require_memory
from ..progress import Progress, Say, followed
from ..statistics.seeds import Seed, random_generator
from .closed import final_state, result_of
from .error_control import ErrorControl, converge_together
from .methods import SplitOperator
from .reach import anneal_times, require_reach
from .readout import AnnealResult
from .solve import anneal
from .split import corners, evolve_on, step_edges, strengths
from .split_run import error_control
from .states import starting_state

Array = NDArray[np.float64]

NumberedState = tuple[int, NDArray[np.complex128]]
"""Position of an anneal in a list, and the final state (2^d,) of a run of it."""

CHUNK = 256
"""States that are handed to the threads at once; they take 64 MiB at most."""

STATES = 7
"""States of each anneal that are in memory: those of the runs that are extrapolated, and more."""

DEVICE_AMPLITUDES = 1 << 22
"""Amplitudes of all states that a device propagates at once; they take 64 MiB, and the work space
takes as much."""


@overload
def anneal_many(
    hamiltonians: Sequence[QubitsLike],
    taus: float,
    method: SplitOperator | None = None,
    *,
    seed: Seed = 0,
    throw: bool = True,
    progress: Progress = None,
) -> list[AnnealResult]: ...


@overload
def anneal_many(
    hamiltonians: Sequence[QubitsLike],
    taus: Sequence[float] | Array,
    method: SplitOperator | None = None,
    *,
    seed: Seed = 0,
    throw: bool = True,
    progress: Progress = None,
) -> list[list[AnnealResult]]: ...


def anneal_many(
    hamiltonians: Sequence[QubitsLike],
    taus: float | Sequence[float] | Array,
    method: SplitOperator | None = None,
    *,
    seed: Seed = 0,
    throw: bool = True,
    progress: Progress = None,
) -> list[AnnealResult] | list[list[AnnealResult]]:
    """Anneal many problems; small ones side by side, which is much faster than one by one.

    The results are those of ``[anneal(H, taus, method) for H in hamiltonians]``, to rounding.

    Parameters
    ----------
    hamiltonians : sequence of AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonians of any sizes and schedules, in any order.
    taus : float or sequence of float
        One anneal time, or several, for all of them.
    method : SplitOperator, optional
        Method of integration; by default ``SplitOperator()``.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver, where the ground state of H(0) is computed.
    throw : bool
        Whether to raise IntegrationError if a tolerance is not reached within ``max_steps``.
    progress : callable or bool, optional
        A function such as ``print``, which is called with lines of text about what is going on;
        True for a line on stderr, False for nothing. By default the line is shown after two
        seconds, in terminals and notebooks.

    Returns
    -------
    list of AnnealResult, or list of lists
        A result for each Hamiltonian; a list of results for each if ``taus`` is a sequence.

    Raises
    ------
    InputError
        As :func:`anneal` does, and for another method than SplitOperator.
    MemoryLimitError
        If the results do not fit into the memory: a state takes 16 * 2^d bytes for each Hamiltonian
        and tau.

    Notes
    -----
    Problems of up to 14 qubits are annealed side by side, those of equal size together, each with
    its own steps and error control; larger ones one after another. On a device, problems of equal
    size, schedule, tau and driver form a batch, which takes the steps of the problem that needs
    most.

    Examples
    --------
    >>> import qxgap as qx
    >>> problems = [qx.QuboProblem([-1.0], [[0.0]]), qx.QuboProblem([-0.5], [[0.0]])]
    >>> [round(run.success_probability, 2) for run in qx.anneal_many(problems, 5.0)]
    [0.89, 0.73]
    """
    hamiltonians, method = all_qubits(hamiltonians), method or SplitOperator()
    if not isinstance(method, SplitOperator):
        raise InputError(f"{method!r} cannot anneal many problems together; use SplitOperator")
    times = anneal_times(taus)
    random_generator(seed)  # refuses an invalid seed, even if no random number is needed
    _require_resources(hamiltonians, times, method, throw)
    number = len(hamiltonians) * len(times)
    with followed(progress, f"{number} anneals") as say:
        results = _all_results(hamiltonians, times, method, seed, throw, say)
    table = [[results[i, j] for j in range(len(times))] for i in range(len(hamiltonians))]
    return table if np.ndim(taus) else [row[0] for row in table]


def _all_results(
    hamiltonians: Sequence[AnnealHamiltonian],
    times: Sequence[float],
    method: SplitOperator,
    seed: Seed,
    throw: bool,
    say: Say,
) -> dict[tuple[int, int], AnnealResult]:
    """Anneal every Hamiltonian in every time; the keys are their numbers."""
    results: dict[tuple[int, int], AnnealResult] = {}
    tasks: list[_Task] = []
    for i, H in enumerate(hamiltonians):
        small = H.num_qubits <= MAX_QUBITS
        start = starting_state(H, seed=seed) if small and any(times) else None
        for j, tau in enumerate(times):
            if start is None or tau == 0.0:
                follow = partial(_tell, say, f"tau = {tau:g}")
                results[i, j] = anneal(H, tau, method, seed=seed, throw=throw, progress=follow)
            else:
                tasks.append(_Task(i, j, H, tau, start, error_control(H, tau, method)))
    if method.device is None:
        _converge_on_threads(tasks, say)
    else:
        _converge_on_device(method.device, tasks, method)
    for task in tasks:
        final = final_state(task.H, task.tau, method, task.refinement, throw)
        results[task.instance, task.time] = result_of(task.H, task.tau, method, final)
    return results


def _tell(say: Say, head: str, text: str) -> None:
    say(f"{head}: {text}")


def _require_resources(
    hamiltonians: Sequence[AnnealHamiltonian],
    times: Sequence[float],
    method: SplitOperator,
    throw: bool,
) -> None:
    """Refuse anneals that need too many steps or too much memory, before any is begun."""
    for H in hamiltonians:
        for tau in times:
            require_reach(H, tau, method, to_tol=throw)
    if hamiltonians:  # a single Hamiltonian that is too large is refused with its own remedy
        largest = max(hamiltonians, key=lambda H: H.dimension)
        vectors = f"the state vectors of {largest.num_qubits} qubits"
        require_memory(STATES * 16 * largest.dimension, vectors)
    needed = len(times) * sum(STATES * 16 * H.dimension for H in hamiltonians)
    purpose = f"the states of {len(hamiltonians)} problems at {len(times)} times"
    require_memory(needed, purpose, "give fewer problems, or fewer times, at once")


@dataclass(frozen=True, eq=False)
class _Task:
    """One anneal: position of its Hamiltonian and of its time in the lists, and its refinement."""

    instance: int
    time: int
    H: AnnealHamiltonian
    tau: float
    start: NDArray[np.complex128]
    refinement: ErrorControl

    def layers_key(self) -> tuple:
        """Return what two tasks must have in common to have the same phases and angles."""
        steps = tuple(self.refinement.next_steps.tolist())
        return self.H.schedule, self.tau, self.refinement.order, steps


def _converge_on_threads(tasks: list[_Task], say: Say) -> None:
    """Refine every task until it is done, tasks of equal size and similar length side by side."""

    def propagate(pending: list[int]) -> Iterator[NumberedState]:
        say(f"{len(tasks) - len(pending)} of {len(tasks)} are accurate enough")
        layers: dict[tuple, tuple[Array, Array]] = {}
        keys = {i: tasks[i].layers_key() for i in pending}
        for i, key in keys.items():
            if key not in layers:
                layers[key] = _layers(tasks[i])
        # Threads that work on runs of similar length finish at the same time.
        ordered = sorted(pending, key=lambda i: (tasks[i].H.num_qubits, layers[keys[i]][1].size))
        for _, group in groupby(ordered, key=lambda i: tasks[i].H.num_qubits):
            same_size = list(group)
            for begin in range(0, len(same_size), CHUNK):
                chunk = same_size[begin : begin + CHUNK]
                states = _run([tasks[i] for i in chunk], [layers[keys[i]] for i in chunk])
                yield from zip(chunk, states, strict=True)

    converge_together([task.refinement for task in tasks], propagate)


def _converge_on_device(device: str, tasks: list[_Task], method: SplitOperator) -> None:
    """Refine every task on a device, tasks that can share their layers together."""
    groups: dict[tuple, list[_Task]] = {}
    for task in tasks:
        drivers = task.H.num_qubits, task.H.driver_weights.tobytes()
        key = task.H.schedule, task.tau, task.refinement.order, *drivers
        groups.setdefault(key, []).append(task)
    for group in groups.values():
        size = max(DEVICE_AMPLITUDES >> group[0].H.num_qubits, 1)
        for begin in range(0, len(group), size):
            _refine_batch(device, group[begin : begin + size], method)


def _refine_batch(device: str, tasks: list[_Task], method: SplitOperator) -> None:
    """Refine tasks of one schedule, tau and driver, in the steps of the one that needs most."""
    schedule, tau = tasks[0].H.schedule, tasks[0].tau

    def propagate(pending: list[int]) -> Iterator[NumberedState]:
        batch = [tasks[i] for i in pending]
        steps = np.max([task.refinement.next_steps for task in batch], axis=0)
        for task in batch:
            task.refinement.at_least(steps)
        states = evolve_on(
            [task.H for task in batch],
            tau,
            step_edges(schedule, steps, corners(schedule)),
            np.array([task.start for task in batch]),
            batch[0].refinement.order,
            device,
            method.precision,
        )
        # many small states: their errors are estimated on the host, after one transfer
        yield from zip(pending, on_host(states), strict=True)

    converge_together([task.refinement for task in tasks], propagate)


def _layers(task: _Task) -> tuple[Array, Array]:
    """Phases and rotation angles of the next run of a task."""
    schedule = task.H.schedule
    edges = step_edges(schedule, task.refinement.next_steps, corners(schedule))
    return strengths(schedule, task.tau, edges, task.refinement.order)


def _run(tasks: list[_Task], layers: list[tuple[Array, Array]]) -> Iterator[NDArray[np.complex128]]:
    """Make one run of each task, all of one size, and return the final states in their order."""
    size = tasks[0].H.dimension
    made = [Layer(task.H.problem, task.H.driver_weights) for task in tasks]
    psi = np.zeros((len(tasks), 2, 1 << made[0].h.size))
    psi[:, 0, :size] = [task.start.real for task in tasks]
    psi[:, 1, :size] = [task.start.imag for task in tasks]
    counts = np.array([angles.size for _, angles in layers])
    # Rows are padded to the longest run; ``counts`` says how many layers of each are real.
    phases = np.zeros((len(tasks), counts.max() + 1))
    rotations = np.zeros((len(tasks), counts.max()))
    for i, (phi, angles) in enumerate(layers):
        phases[i, : phi.size], rotations[i, : angles.size] = phi, angles
    h, J = np.array([layer.h for layer in made]), np.array([layer.J for layer in made])
    weights = np.array([layer.weights for layer in made])
    evolve_all(psi, h, J, weights, phases, rotations, counts, get_num_threads())
    return (re[:size] + 1j * im[:size] for re, im in psi)
