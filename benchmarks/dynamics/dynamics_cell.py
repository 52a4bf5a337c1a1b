"""One cell of the dynamics benchmark in a process of its own: one solver on one instance.

    python -m benchmarks.dynamics.dynamics_cell SOLVER NUM_QUBITS SEED LIMIT

prints a JSON object for each stage that it finishes; the last one counts. SOLVER is ``ours``,
``fixed`` (ours without error control), ``reference``, ``layer``, ``qokit-layer`` or a peer. A peer
runs 6 %, then 20 %, then all of the anneal, as far as LIMIT seconds seem to suffice, and scales up
from what it has. The parts are windows spread over the anneal, each begun in the state that the
anneal has there.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from unittest import mock

import numpy as np
from numpy.typing import NDArray

import qxgap as qx
from benchmarks.common.cells import Growth, Row
from benchmarks.common.machine import medians
from benchmarks.dynamics.dynamics_peers import OWN, PEERS, TAU, Evolve, Peer, qokit_layers
from qxgap.annealing import layers
from qxgap.dynamics import split_run
from qxgap.dynamics.split import COEFFICIENTS, step_edges, strengths
from qxgap.testing import random_feature_selection

TOL = 1e-6
REFERENCE_TOL = 1e-10
CROSS_CHECK_UP_TO = 12
WINDOWS = ((3, 0.02), (5, 0.04))
"""Windows of a stage and their length, as part of the anneal."""
NOTHING = 1e-6
"""Part of the anneal that takes no time but what it costs to begin."""
REPEATS, REPEAT_WITHIN = 5, 1.0
"""A run is repeated so often, and its median taken, unless that takes longer (seconds)."""
SAMPLED = 12
"""Layers, evenly spread over an anneal, that are timed and whose bytes are counted."""
PASSES = ("whole_layer", "_low_pass", "_sweep", "_high_pass")
"""The functions of :mod:`qxgap.annealing.layers` that read and write the state once."""
Result = TypeVar("Result")
Stage = tuple[int, float]


def instance(num_qubits: int, seed: int) -> qx.AnnealHamiltonian:
    return qx.AnnealHamiltonian(random_feature_selection(num_qubits, seed=seed))


def uniform(H: qx.AnnealHamiltonian) -> NDArray[np.complex128]:
    """(2^d,) ground state of the driver."""
    return np.full(H.dimension, H.dimension**-0.5, dtype=np.complex128)


def success(H: qx.AnnealHamiltonian, state: NDArray) -> float:
    return float((np.abs(state[H.problem.ground_indices]) ** 2).sum())


def timed(make: Callable[[], Any], task: Callable[[Any], Result]) -> tuple[Result, float]:
    """The first result of ``task(make())`` and the median of its seconds; ``make`` is not timed."""
    results, seconds = [], []
    while len(seconds) < REPEATS and sum(seconds) <= REPEAT_WITHIN * (len(seconds) > 0):
        made, begin = make(), time.perf_counter()
        result = task(made)
        seconds.append(time.perf_counter() - begin)
        results = results or [result]
    return results[0], float(np.median(seconds))


class CountedLayers:
    """``qxgap.dynamics.split.evolve``, with the layers of each run counted."""

    def __init__(self) -> None:
        self.evolve, self.runs = split_run.evolve, []

    def __call__(
        self,
        H: Any,
        tau: float,
        edges: NDArray,
        start: NDArray,
        order: int,
        *rest: Any,
        **options: Any,
    ) -> NDArray:
        """What ``evolve`` returns."""
        self.runs.append((edges.size - 1) * len(COEFFICIENTS[order][1]))
        return self.evolve(H, tau, edges, start, order, *rest, **options)


def ours(num_qubits: int, seed: int, tol: float = TOL) -> Row:
    """An anneal with its error control, everything compiled beforehand; the diagonal is not."""
    method = qx.SplitOperator(tol=tol)
    qx.anneal(instance(num_qubits, seed), 0.1, qx.SplitOperator(tol=0.01))
    counted, growth = CountedLayers(), Growth()

    def task(H: qx.AnnealHamiltonian) -> qx.AnnealResult:
        counted.runs.clear()
        return qx.anneal(H, TAU, method)

    with mock.patch.object(split_run, "evolve", counted):
        result, seconds = timed(lambda: instance(num_qubits, seed), task)
    return {
        "status": result.status.name.lower(),
        "steps": result.steps,
        "applications": sum(counted.runs),
        "last": counted.runs[-1],
        "seconds": seconds,
        "success": result.success_probability,
        "estimate": result.error_estimate,
        **growth.row(),
    }


def reference(num_qubits: int, seed: int) -> Row:
    """The success probability to about 1e-10, and how far QuTiP at rtol = 1e-12 is from it."""
    H = instance(num_qubits, seed)
    found = qx.anneal(H, TAU, qx.SplitOperator(tol=REFERENCE_TOL))
    row: Row = {"status": "reference", "success": found.success_probability, "steps": found.steps}
    row["estimate"] = found.error_estimate
    if num_qubits <= CROSS_CHECK_UP_TO:
        other = qx.anneal(H, TAU, qx.QutipODE("vern9", rtol=1e-12, atol=1e-14))
        row["deviation"] = abs(other.success_probability - found.success_probability)
    return row


def starts(stage: Stage) -> NDArray[np.float64]:
    """Fractions s at which a stage's windows begin."""
    count, part = stage
    return (np.arange(count) + 0.5) / count - part / 2


def states_at(H: qx.AnnealHamiltonian, fractions: NDArray) -> dict[float, NDArray]:
    """The state (2^d,) of the anneal at each fraction s."""
    found: dict[float, NDArray] = {}
    qx.anneal(H, TAU, qx.SplitOperator(tol=1e-4), at=fractions, callback=found.__setitem__)
    return found


def peer_rows(peer: Peer, num_qubits: int, seed: int, limit: float) -> Iterator[Row]:
    """One row for each stage, the next only if it should end within the limit."""
    H, knob = instance(num_qubits, seed), peer.knob(num_qubits)
    states = states_at(H, np.concatenate([starts(stage) for stage in WINDOWS]))
    small = instance(4, seed)
    peer.prepare(small, knob)(uniform(small), 0.0, 1e-3 * TAU)  # loads its library
    growth = Growth()
    run = peer.prepare(H, knob)
    run(uniform(H), 0.0, 1e-3 * TAU)  # compiles
    begin = time.perf_counter()
    for stage in WINDOWS:
        row = run_windows(peer, run, states, stage)
        yield row | {"knob": knob, **growth.row()}
        following = 1.0 if stage is WINDOWS[-1] else WINDOWS[-1][0] * WINDOWS[-1][1]
        if time.perf_counter() - begin + row["seconds"] * following > limit:
            return
    yield run_whole(run, H) | {"knob": knob, **growth.row()}


def run_windows(peer: Peer, run: Evolve, states: dict[float, NDArray], stage: Stage) -> Row:
    """Seconds and counts of a stage's windows, scaled up to the whole anneal.

    What it costs an adaptive method to begin is measured on windows of no length, and taken off.
    """
    count, part = stage
    outcomes, scale = [], 1.0 / (count * part)
    seconds = 0.0
    for s in starts(stage).tolist():
        for length, sign in ((part, 1), (NOTHING, -1))[: 1 + peer.adaptive]:
            begin = time.perf_counter()
            outcome = run(states[s], s * TAU, (s + length) * TAU)
            seconds += sign * (time.perf_counter() - begin)
            outcomes.append((sign, outcome))
    row: Row = {"status": "extrapolated", "seconds": seconds * scale}
    for key in ("steps", "applications"):
        values = [(sign, getattr(outcome, key)) for sign, outcome in outcomes]
        if all(value is not None for _, value in values):
            row[key] = round(sum(sign * value for sign, value in values) * scale)
    return row


def run_whole(run: Evolve, H: qx.AnnealHamiltonian) -> Row:
    """The whole anneal."""
    outcome, seconds = timed(lambda: uniform(H), lambda psi: run(psi, 0.0, TAU))
    return {
        "status": "complete",
        "steps": outcome.steps,
        "applications": outcome.applications,
        "seconds": seconds,
        "success": success(H, outcome.state),
    }


def fixed(num_qubits: int, seed: int) -> Row:
    """Ours at the fewest steps that hindsight allows, as the peers are used."""
    H, peer = instance(num_qubits, seed), OWN["fixed"]
    knob = peer.knob(num_qubits)
    run = peer.prepare(H, knob)
    run(uniform(H), 0.0, 1e-3 * TAU)
    growth = Growth()
    return run_whole(run, H) | {"knob": knob, **growth.row()}


def sampled_layers(num_qubits: int) -> tuple[NDArray, NDArray]:
    """Phases and angles of some layers of an anneal."""
    steps = round(OWN["fixed"].knob(num_qubits))
    phases, angles = strengths(qx.LINEAR, TAU, step_edges(qx.LINEAR, np.array([steps])), 4)
    every = angles.size // SAMPLED
    return phases[:-1:every], angles[::every]


def bytes_moved(task: Callable[[], None]) -> int:
    """Bytes of the state that ``task`` reads and writes, counted by its passes over it."""
    moved = 0

    def counting(one_pass: Callable[..., None]) -> Callable[..., None]:
        def counted(re: NDArray, im: NDArray, *rest: Any) -> None:
            nonlocal moved
            moved += 2 * (re.nbytes + im.nbytes)
            one_pass(re, im, *rest)

        return counted

    with mock.patch.multiple(layers, **{name: counting(getattr(layers, name)) for name in PASSES}):
        task()
    return moved


def layer(num_qubits: int, seed: int) -> Row:
    """Seconds and bytes of a layer of ours, and seconds of two copies of the state."""
    H, (phases, angles) = instance(num_qubits, seed), sampled_layers(num_qubits)
    psi = np.stack([uniform(H).real, np.zeros(H.dimension)])
    apply = layers.Layer(H.problem, H.driver_weights)

    def all_layers() -> None:
        for phi, angle in zip(phases.tolist(), angles.tolist(), strict=True):
            apply(psi, phi, angle)

    return layer_row(all_layers, angles.size, psi) | {
        "bytes": bytes_moved(all_layers) / angles.size
    }


def qokit_layer(num_qubits: int, seed: int) -> Row:
    """Seconds of a layer of QOKit, and of two copies of the state."""
    H, (phases, angles) = instance(num_qubits, seed), sampled_layers(num_qubits)
    psi = np.stack([uniform(H).real, np.zeros(H.dimension)])
    apply = qokit_layers(H)
    # the last one of n + 1 layers has no angle
    return layer_row(lambda: apply(psi, phases[:3], angles[:2]), 3, psi)


def layer_row(task: Callable[[], None], count: int, psi: NDArray) -> Row:
    """Medians of the seconds of one of ``count`` layers and of two copies, taking turns."""
    other = np.zeros_like(psi)
    taken = medians({"copy": lambda: np.copyto(other, psi), "layers": task}, REPEATS)
    return {
        "status": "complete",
        "seconds": taken["layers"] / count / 1e3,
        "two_copies": 2 * taken["copy"] / 1e3,
    }


SINGLE = {
    "ours": ours,
    "fixed": fixed,
    "reference": reference,
    "layer": layer,
    "qokit-layer": qokit_layer,
}


def rows_of(solver: str, num_qubits: int, seed: int, limit: float) -> Iterator[Row]:
    """The rows of a cell, one for each stage."""
    if solver in SINGLE:
        return iter([SINGLE[solver](num_qubits, seed)])
    return peer_rows(PEERS[solver], num_qubits, seed, limit)


def main() -> None:
    solver, num_qubits, seed, limit = sys.argv[1:5]
    for row in rows_of(solver, int(num_qubits), int(seed), float(limit)):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
