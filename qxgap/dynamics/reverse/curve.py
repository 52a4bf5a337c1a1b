"""What is read after fast reverse anneals to many targets, with an annealer's imperfections."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...annealing.background import with_background
from ...annealing.hamiltonian import AnnealHamiltonian
from ...annealing.schedules import AnnealSchedule, FastReverseWaveform, fast_reverse_waveform
from ...annealing.schedules.fast_reverse import NANOSECONDS
from ...checks import real_array, require_whole
from ...errors import InputError
from ...problem.bits import index_to_bits
from ...problem.qubo import QuboProblem
from ...statistics.seeds import Seed, random_generator
from ..split import COEFFICIENTS
from ..states import Initial, starting_state
from .imperfections import IDEAL, Imperfections
from .kernel import final_distributions

MAX_QUBITS = 8
"""The largest problem; a density matrix of 8 qubits has 65536 elements."""

ORDER = 4
"""The order of the splitting."""

STEPS = 400
"""The number of steps of an anneal, by default; each has six layers."""

FIELD_DRAWS = 64
"""The number of random fields that stand for flux noise, by default."""

Array = NDArray[np.float64]


def reverse_curve(
    problem: QuboProblem,
    targets: ArrayLike,
    schedule: AnnealSchedule,
    initial: Initial,
    waveform: FastReverseWaveform | None = None,
    imperfections: Imperfections = IDEAL,
    *,
    num_fields: int = FIELD_DRAWS,
    steps: int = STEPS,
    seed: Seed = 0,
) -> Array:
    """Return what is read after fast reverse anneals to each of several targets.

    Parameters
    ----------
    problem : QuboProblem
        A problem of up to 8 variables.
    targets : array_like of float, shape (n,)
        The targets: the smallest normalized control bias of each anneal, in [0, 1).
    schedule : AnnealSchedule
        A table for fast anneals, in GHz, such as ``schedule_named("Advantage2_system4_fast")``.
    initial : array_like or mapping
        Occupations of the initial state, (d,) in qubit order or by label.
    waveform : FastReverseWaveform, optional
        The waveform; the default is the published one of the schedule's solver.
    imperfections : Imperfections
        How the annealer differs from its published tables; by default in nothing.
    num_fields : int
        Number of random fields over which flux noise is averaged. They are points of a
        quasi-random sequence.
    steps : int
        Number of steps of each anneal. There is no error control: compare with twice the number, or
        with :func:`qxgap.anneal`. With the default, the probabilities of the documented ring are
        right to 1e-3.
    seed : int, numpy.random.Generator or None
        Seed of the random fields.

    Returns
    -------
    ndarray of float, shape (n, 2^d)
        The probability of each state of the computational basis, in index order.

    Raises
    ------
    InputError
        For more than 8 variables, targets outside [0, 1) after the axis is shifted, an initial
        state that is not one of the computational basis, and fewer than one step or field.

    Examples
    --------
    A ring of four ferromagnetic spins that all point up, as D-Wave documents it:

    >>> import qxgap as qx
    >>> ring = qx.samples.larmor().problem
    >>> table = qx.schedule_named("Advantage2_system4_fast")
    >>> curve = qx.dynamics.reverse_curve(ring, [0.45, 0.39], table, initial=[0, 0, 0, 0])
    >>> curve[:, 0].round(2).tolist()
    [1.0, 0.03]
    """
    if problem.num_qubits > MAX_QUBITS:
        raise InputError(
            f"{problem.num_qubits} variables; a curve of reverse anneals takes {MAX_QUBITS} at "
            "most: anneal larger problems one by one with qxgap.anneal"
        )
    for name, number in (("steps", steps), ("num_fields", num_fields)):
        require_whole(number, name, "a whole number of at least 1")
        if number < 1:
            raise InputError(f"{name} = {number}; give at least 1")
    places = real_array("targets", targets)
    if places.ndim != 1 or places.size == 0:
        raise InputError(f"targets have the shape {places.shape}; give a list of numbers")
    real = with_background(problem, imperfections.background_susceptibility)
    H = AnnealHamiltonian(real, schedule)
    start = np.flatnonzero(starting_state(H, initial))
    if start.size != 1:
        raise InputError("a reverse anneal begins in one state: give occupations as initial=")
    waveform = waveform or fast_reverse_waveform(schedule.name)
    layers = _layers(schedule, waveform, places + imperfections.axis_shift, imperfections, steps)
    bits = index_to_bits(np.arange(H.dimension), H.num_qubits).astype(np.int64)
    distances = np.abs(bits[:, None] - bits[None]).sum(axis=-1)
    fields = _random_fields(bits, imperfections.flux_noise, num_fields, seed)
    return np.asarray(final_distributions(H.diagonal, fields, distances, int(start[0]), *layers))


def _layers(
    schedule: AnnealSchedule,
    waveform: FastReverseWaveform,
    targets: Array,
    device: Imperfections,
    steps: int,
) -> tuple[Array, Array, Array, Array]:
    """The phases of problem, random fields and dephasing, and the angles, one row per target.

    They are those of ``split.strengths``, by quadrature for all targets at once: to make a schedule
    for each target, with all its breakpoints, would take longer than the anneals.
    """
    a, b = (np.array(c) for c in COEFFICIENTS[ORDER])
    spans = np.array([waveform.span(target) for target in targets])
    start, length = spans[:, :1], np.diff(spans, axis=1)
    edges = np.arange(steps)[:, None] / steps
    nodes = (edges + np.cumsum(np.concatenate([[0.0], a])) / steps).reshape(steps, -1)

    def strengths(x: Array) -> tuple[Array, Array]:
        c = targets[:, None] + waveform.above(start + length * x.ravel())
        return schedule(np.clip(c, 0.0, 1.0))

    middles, halves = (nodes[:, :-1] + nodes[:, 1:]) / 2, np.diff(nodes, axis=1) / 2
    roots, shares = np.polynomial.legendre.leggauss(3)
    B = strengths(middles[..., None] + halves[..., None] * roots)[1]
    B = B.reshape(len(targets), steps, a.size, roots.size)
    # D-Wave's B is twice the strength here; a field of 1 GHz splits the qubit by +-1/2 GHz.
    areas = [(f @ shares) * halves for f in (B, np.sqrt(2.0 * B) / 2.0, np.ones_like(B))]
    time = schedule.angular * length * NANOSECONDS * device.time_scale
    phases, weights, clock = (time * _merged(area) for area in areas)
    A = strengths(nodes[:, 1:-1])[0].reshape(len(targets), steps, b.size)
    angles = time * (A * b).reshape(len(targets), -1) / steps
    decays = device.dephasing_rate * clock / schedule.angular
    return phases * device.problem_scale, weights, decays, angles * device.driver_scale


def _merged(areas: Array) -> Array:
    """Return the areas (n, steps, m + 1) in order, with the last of a step added to the next."""
    last = areas[:, -1, -1:]
    areas = areas.copy()
    areas[:, 1:, 0] += areas[:, :-1, -1]
    return np.concatenate([areas[:, :, :-1].reshape(len(areas), -1), last], axis=1)


def _random_fields(
    bits: NDArray[np.int64], noise: float, num_fields: int, seed: Seed
) -> NDArray[np.float64]:
    """Energies (m, 2^d) of random fields with standard deviation ``noise`` of each qubit."""
    if noise == 0:
        return np.zeros((1, len(bits)))
    from scipy.stats import norm, qmc

    count = 2 ** max(math.ceil(math.log2(num_fields)), 0)
    sequence: Any = qmc.Sobol(bits.shape[1], rng=random_generator(seed))
    normal = norm.ppf(np.clip(sequence.random(count), 1e-12, 1 - 1e-12))
    return np.asarray(noise * normal @ (1.0 - 2.0 * bits).T)
