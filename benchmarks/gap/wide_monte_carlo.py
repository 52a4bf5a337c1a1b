"""A peer beyond 2^d: the lowest levels by projection Monte Carlo in continuous imaginary time.

The estimator is the correlation matrix of Ceperley and Bernu (J. Chem. Phys. 89, 6316, 1988): for
trial states f_i the matrices

    N_ij = <f_i| exp(-tau H) |f_j>    and    H_ij = <f_i| exp(-tau H) H |f_j>

are sampled along paths of imaginary time, and their generalised eigenvalues converge to the lowest
levels as tau grows, from any trial states. Brodoloni et al. (arXiv 2602.20108) read the gap of spin
glasses from the same correlations; their models have a symmetry that tells the two levels apart,
which a problem with fields has not, so that several trial states are needed here.

A path moves by flips of single qubits with the rates of ``psi``, a sum of product states, and has
the weight exp(-integral of the local energy of psi). All paths are independent of each other,
because their first points are drawn exactly, from the mixture of the product states: so no
population has to be controlled and no autocorrelation estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
import scipy.linalg
from numba import njit
from numpy.typing import NDArray

import qxgap as qx
from qxgap.annealing.frame import product_frames
from qxgap.problem import lowest_states

Array = NDArray[np.float64]

SOFT = 16
"""Number of qubits, those of lowest excitation energy, that are turned."""
NEARLY = 1 - 1e-6
"""Turn of an excited qubit, in half turns; at 1 an overlap, by which is divided, would vanish."""
SAME = 0.99
"""Product states with a larger overlap count as one."""
CUT = 1e-8
"""Combinations of product states with a smaller eigenvalue of the overlaps are dropped."""
NEGLIGIBLE = 1e-12
"""Share in psi below which a product state is not counted in the rates."""
LEVELS = 3
"""Combinations of trial states, those of lowest energy at tau = 0, that are followed in tau."""
BLOCKS = 32
"""Independent blocks of paths, from which the jackknife estimates standard errors."""


@dataclass(frozen=True)
class TrialStates:
    """Product states and the mixtures of them that the paths start and end in.

    Attributes
    ----------
    amplitudes : ndarray of float, shape (m, d, 2)
        Amplitudes of the states 0 and 1 of every qubit in m product states.
    mixtures : ndarray of float, shape (m, LEVELS)
        The lowest states in the space of the product states.
    energies : ndarray of float, shape (LEVELS,)
        Their energies, upper bounds of the levels.
    guide : ndarray of float, shape (m,)
        Coefficients of psi: those of positive states are positive, and large where the lowest two
        states have a large one; the others are 0.
    """

    amplitudes: Array
    mixtures: Array
    energies: Array
    guide: Array


def trial_states(H: qx.AnnealHamiltonian, s: float, number: int) -> TrialStates:
    """Return the lowest states in the space of ``number`` product states.

    These are the mean-field states that are reached from the lowest classical states, and their
    excitations, in which one or two soft qubits are turned upside down. Those of lowest energy are
    taken. They are positive, as psi has to be; excitations with a qubit in the orthogonal state,
    which are not, are added.
    """
    positive, excited = product_states(H, s, number)
    guide = np.zeros(len(positive) + len(excited))
    _, mixtures = lowest_mixtures(*matrix_elements(H, s, positive))
    guide[: len(positive)] = np.abs(mixtures[:, :2]).sum(axis=1) + 1e-6
    amplitudes = np.concatenate([positive, excited])
    levels, mixtures = lowest_mixtures(*matrix_elements(H, s, amplitudes))
    return TrialStates(amplitudes, mixtures, levels, guide)


def lowest_mixtures(overlaps: Array, energies: Array) -> tuple[Array, Array]:
    """Return the lowest levels in a space of product states, and their coefficients."""
    values, vectors = np.linalg.eigh(overlaps)
    chosen = values > CUT
    independent = vectors[:, chosen] / np.sqrt(values[chosen])
    levels, lowest = np.linalg.eigh(independent.T @ energies @ independent)
    return levels[:LEVELS], independent @ lowest[:, :LEVELS]


def product_states(H: qx.AnnealHamiltonian, s: float, number: int) -> tuple[Array, Array]:
    """Return amplitudes of positive states, shape (number, d, 2), and of excitations of the best.

    An excitation has one soft qubit in the orthogonal state; there are SOFT of them.
    """
    A, B = map(float, H.schedule(s))
    d, weights = H.num_qubits, H.driver.weights(H.num_qubits)
    starts = lowest_states(H.problem, number).occupations.astype(float)
    frames = product_frames(H.problem, weights, A, B, [np.full(d, 0.5), *starts])
    candidates = []
    for frame in frames:
        linear, couplings, energy = frame.quadratic_form()
        soft = np.argsort(linear)[:SOFT]
        for turned in chain.from_iterable(combinations(soft, size) for size in range(3)):
            n = np.isin(np.arange(d), turned)
            theta = np.where(n, np.pi - frame.theta, frame.theta)
            candidates.append((energy + linear @ n + n @ couplings @ n, theta))
    angles: list[Array] = []
    for _, theta in sorted(candidates, key=lambda candidate: candidate[0]):
        if all(np.prod(np.cos((theta - other) / 2)) < SAME for other in angles):
            angles.append(theta)
        if len(angles) == number:
            break
    best = min(frames, key=lambda frame: frame.energy)
    excited = np.repeat(best.theta[None], min(SOFT, d), axis=0)
    for theta, p in zip(excited, np.argsort(best.quadratic_form()[0]), strict=False):
        theta[p] += np.pi * NEARLY
    half, other = np.array(angles) / 2, excited / 2
    return tuple(np.stack([np.cos(x), np.sin(x)], axis=-1) for x in (half, other))


def matrix_elements(H: qx.AnnealHamiltonian, s: float, amplitudes: Array) -> tuple[Array, Array]:
    """Return overlaps and energies between product states, shape (m, m) each."""
    A, B = map(float, H.schedule(s))
    J, weights = H.problem.J, H.driver.weights(H.num_qubits)
    m = len(amplitudes)
    overlaps, energies = np.zeros((m, m)), np.zeros((m, m))
    for i, bra in enumerate(amplitudes):
        for j, ket in enumerate(amplitudes):
            each = (bra * ket).sum(axis=1)
            n = bra[:, 1] * ket[:, 1] / each
            x = (bra[:, 0] * ket[:, 1] + bra[:, 1] * ket[:, 0]) / each
            overlaps[i, j] = each.prod()
            energies[i, j] = overlaps[i, j] * (B * (H.problem.h @ n + n @ J @ n) - A * weights @ x)
    return overlaps, energies


@njit(cache=True)
def _amplitude_tables(amplitudes, state, values):
    """Write the amplitudes of a classical state in every product state."""
    for m in range(amplitudes.shape[0]):
        value = 1.0
        for p in range(state.size):
            value *= amplitudes[m, p, state[p]]
        values[m] = value


@njit(cache=True)
def _rates(amplitudes, guide, values, state, driver, rates):
    """Write the rate of every flip, and return their sum and psi."""
    psi = guide @ values
    rates[:] = 0.0
    for k in range(values.size):
        share = guide[k] * values[k] / psi
        if share > NEGLIGIBLE:
            for p in range(state.size):
                rates[p] += share * amplitudes[k, p, 1 - state[p]] / amplitudes[k, p, state[p]]
    rates *= driver
    return rates.sum(), psi


@njit(cache=True)
def _energies(amplitudes, values, state, driver, energy, products):
    """Write the amplitude of the classical state in H times every product state."""
    for k in range(values.size):
        flips = 0.0
        for p in range(state.size):
            flips += driver[p] * amplitudes[k, p, 1 - state[p]] / amplitudes[k, p, state[p]]
        products[k] = values[k] * (energy - flips)


@njit(cache=True)
def _sample(rng, paths, field, coupling, driver, amplitudes, guide, mixtures, times, shift, N, K):
    """Add to N and K, shape (len(times), LEVELS, LEVELS), what the paths give; return flips."""
    m, d = amplitudes.shape[:2]
    state, local, rates = np.zeros(d, np.int64), np.zeros(d), np.zeros(d)
    values, products = np.zeros(m), np.zeros(m)
    shares = guide**2 / (guide**2).sum()
    cumulated = np.cumsum(shares)
    flips = 0
    for _ in range(paths):
        k = min(np.searchsorted(cumulated, rng.random()), m - 1)
        local[:] = field
        energy = 0.0
        for p in range(d):
            state[p] = 1 if rng.random() < amplitudes[k, p, 1] ** 2 else 0
            if state[p]:
                energy += local[p]
                local += coupling[p]
        _amplitude_tables(amplitudes, state, values)
        total, psi = _rates(amplitudes, guide, values, state, driver, rates)
        first = (values @ mixtures) * psi / (shares @ values**2)
        time, log_weight, step = 0.0, 0.0, 0
        while True:
            wait = rng.exponential() / total
            while step < times.size and times[step] <= time + wait:
                log_weight -= (energy - total - shift) * (times[step] - time)
                time, wait = times[step], time + wait - times[step]
                _energies(amplitudes, values, state, driver, energy - shift, products)
                weight = np.exp(log_weight) / psi
                N[step] += np.outer(first, weight * (values @ mixtures))
                K[step] += np.outer(first, weight * (products @ mixtures))
                step += 1
            if step == times.size:
                break
            log_weight -= (energy - total - shift) * wait
            time += wait
            p = min(np.searchsorted(np.cumsum(rates), rng.random() * total), d - 1)
            if state[p]:
                state[p] = 0
                energy -= local[p]
                local -= coupling[p]
            else:
                state[p] = 1
                energy += local[p]
                local += coupling[p]
            _amplitude_tables(amplitudes, state, values)
            total, psi = _rates(amplitudes, guide, values, state, driver, rates)
            flips += 1
    return flips


@dataclass(frozen=True)
class Projection:
    """The levels against the imaginary time of the projection.

    Attributes
    ----------
    times : ndarray of float, shape (t,)
        Imaginary times.
    levels, errors : ndarray of float, shape (t, LEVELS)
        The lowest levels and their standard errors.
    gaps, gap_errors : ndarray of float, shape (t,)
        The difference of the lowest two, and its standard error.
    flips : int
        Number of flips in all paths.
    """

    times: Array
    levels: Array
    errors: Array
    gaps: Array
    gap_errors: Array
    flips: int


def project(
    H: qx.AnnealHamiltonian,
    s: float,
    trial: TrialStates,
    times: Array,
    paths: int,
    seed: int = 0,
) -> Projection:
    """Sample the matrices along ``paths`` paths, and estimate the levels at every time."""
    A, B = map(float, H.schedule(s))
    shift = float(trial.energies[0])
    N, K = (np.zeros((BLOCKS, len(times), LEVELS, LEVELS)) for _ in range(2))
    flips = 0
    for block in range(BLOCKS):
        flips += _sample(
            np.random.default_rng([seed, block]),
            paths // BLOCKS,
            B * H.problem.h,
            B * (H.problem.J + H.problem.J.T),
            A * H.driver.weights(H.num_qubits),
            trial.amplitudes,
            trial.guide,
            trial.mixtures,
            np.asarray(times, dtype=float),
            shift,
            N[block],
            K[block],
        )
    sums = N.sum(axis=0), K.sum(axis=0)
    levels = np.array([_levels(n, k) for n, k in zip(*sums, strict=True)]) + shift
    without = [(sums[0] - N[b], sums[1] - K[b]) for b in range(BLOCKS)]
    parts = np.array([[_levels(n, k) for n, k in zip(*pair, strict=True)] for pair in without])
    return Projection(
        times=np.asarray(times),
        levels=levels,
        errors=_jackknife(parts),
        gaps=levels[:, 1] - levels[:, 0],
        gap_errors=_jackknife(parts[..., 1] - parts[..., 0]),
        flips=flips,
    )


def _levels(N: Array, K: Array) -> Array:
    """Return the generalised eigenvalues; not-a-numbers if noise has spoilt the overlaps."""
    overlaps, energies = N + N.T, K + K.T
    if np.linalg.eigvalsh(overlaps)[0] <= 0:
        return np.full(len(N), np.nan)
    return np.asarray(scipy.linalg.eigh(energies, overlaps, eigvals_only=True))


def _jackknife(parts: Array) -> Array:
    """Return standard errors from estimates without one block each, shape (blocks, ...)."""
    return np.asarray(np.sqrt((BLOCKS - 1) * parts.var(axis=0)))
