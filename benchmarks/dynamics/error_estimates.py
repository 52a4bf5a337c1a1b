"""Random anneals against an independent integration: is an error estimate ever exceeded?

    python -m benchmarks.dynamics.error_estimates [--anneals 20000] [--seed 0] [--output FILE.md]

Every anneal is drawn from a seed of its own: a problem, a driver, a schedule, a time and a method.
Its read-out distribution is compared with that of ``exact_state``, which shares no code with qxgap:
it sums the Taylor series of the Schrödinger equation on every linear piece of the schedule, to
rounding. The table counts the anneals whose distance in total variation exceeds ``error_estimate``,
and those of status CONVERGED whose distance exceeds ``tol``. Exit status 1 if there is any.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray
from tqdm import tqdm

import qxgap as qx
from benchmarks.common.machine import machine
from qxgap.annealing.schedules import SCHEDULES as SCHEDULE_TABLES
from qxgap.testing import random_feature_selection

EXACT = 3e-12
"""What rounding contributes to the reference and to the phases of a long anneal, at most."""

Rng = np.random.Generator


def energies_of(problem: qx.QuboProblem) -> NDArray:
    """Energy of every state; variable 0 is the most significant bit of an index."""
    d = problem.num_qubits
    n = np.arange(1 << d)[:, None] >> np.arange(d)[::-1] & 1
    return n @ problem.h + np.einsum("xp,pq,xq->x", n, problem.J, n)


def exact_state(
    problem: qx.QuboProblem,
    weights: NDArray,
    schedule: qx.AnnealSchedule,
    time: float,
    start: NDArray,
) -> NDArray:
    """Final state of ``i psi' = (-A sum_q w_q sigma_x^q + B E) psi`` over s in [0, 1].

    Parameters
    ----------
    problem : QuboProblem
        E.
    weights : ndarray of shape (d,)
        Driver weights w.
    schedule : AnnealSchedule
        Breakpoints s and strengths A, B there.
    time : float
        Phase per energy over the whole anneal.
    start : ndarray of shape (2^d,)
        Initial state.
    """
    energies = energies_of(problem)
    energies -= (energies.min() + energies.max()) / 2
    by_bit = np.array(weights, dtype=float)[::-1].copy()
    strengths = np.stack([schedule.s, schedule.A, schedule.B])
    return _taylor(start.astype(np.complex128), energies, by_bit, strengths, time)


@njit(cache=True)
def _taylor(psi, energies, weights, strengths, time):  # type: ignore[no-untyped-def]
    s, A, B = strengths
    total, high = weights.sum(), energies.max()
    for piece in range(s.size - 1):
        span = time * (s[piece + 1] - s[piece])
        norm = max(A[piece], A[piece + 1]) * total + max(B[piece], B[piece + 1]) * high
        steps = int(np.ceil(norm * span / 2.0)) + 1
        h = span / steps
        a1, b1 = (A[piece + 1] - A[piece]) / steps, (B[piece + 1] - B[piece]) / steps
        for step in range(steps):
            a0, b0 = A[piece] + a1 * step, B[piece] + b1 * step
            psi = _step(psi, energies, weights, (a0, a1, b0, b1), h)
    return psi


@njit(cache=True)
def _step(psi, energies, weights, strengths, h):  # type: ignore[no-untyped-def]
    """Sum the series of one step, ``H = H0 + x H1``: c_{k+1} = -i h (H0 c_k + H1 c_{k-1})/(k+1)."""
    a0, a1, b0, b1 = strengths
    before, term, result = np.zeros_like(psi), psi.copy(), psi.copy()
    for k in range(60):
        after = np.empty_like(psi)
        for i in range(psi.size):
            now, then = b0 * energies[i] * term[i], b1 * energies[i] * before[i]
            for q in range(weights.size):
                now -= a0 * weights[q] * term[i ^ (1 << q)]
                then -= a1 * weights[q] * before[i ^ (1 << q)]
            after[i] = -1j * h * (now + then) / (k + 1)
        result += after
        before, term = term, after
        if max(np.abs(term).max(), np.abs(before).max()) < 1e-19:
            break
    return result


def uniform(d: int, rng: Rng) -> qx.QuboProblem:
    J = np.triu(rng.uniform(-1, 1, (d, d)), 1)
    return qx.QuboProblem(rng.uniform(-1, 1, d), J)


def selection(d: int, rng: Rng) -> qx.QuboProblem:
    return random_feature_selection(d, rng)


def glass(d: int, rng: Rng) -> qx.QuboProblem:
    J = np.triu(rng.choice([-1.0, 1.0], (d, d)), 1)
    return _ising(rng.choice([-1.0, 0.0, 1.0], d), J)


def ferromagnet(d: int, rng: Rng) -> qx.QuboProblem:
    c = rng.uniform(0.1, 3.0)
    field = rng.choice([0.0, 1e-3, 0.3]) * rng.random()
    return qx.QuboProblem(np.full(d, c * (d - 1) / 2 - field), np.triu(np.full((d, d), -c), 1))


def one_hot(d: int, rng: Rng) -> qx.QuboProblem:
    c = rng.uniform(0.1, 3.0)
    noise = rng.choice([0.0, 1e-6, 0.1]) * rng.normal(size=d)
    return qx.QuboProblem(np.full(d, -c) + noise, np.triu(np.full((d, d), 2 * c), 1))


def duplicates(d: int, rng: Rng) -> qx.QuboProblem:
    """All variables equal, or the first two."""
    if rng.random() < 0.5:
        h, c = np.full(d, -rng.uniform(0.1, 2.0)), rng.uniform(0.0, 2.0)
        return qx.QuboProblem(h, np.triu(np.full((d, d), c), 1))
    problem = uniform(d, rng)
    h, J = problem.h.copy(), problem.J + problem.J.T
    if d > 1:
        h[1] = h[0]
        J[1, 2:] = J[2:, 1] = J[0, 2:]
    return qx.QuboProblem(h, np.triu(J, 1))


def pair(d: int, rng: Rng) -> qx.QuboProblem:
    """Mapped to itself when all values are flipped: one free number at d = 2."""
    c = rng.uniform(-2.0, 2.0)
    J = np.triu(np.full((d, d), c), 1)
    return qx.QuboProblem(-(J + J.T).sum(axis=0) / 2, J)


def strong(d: int, rng: Rng) -> qx.QuboProblem:
    problem = uniform(d, rng)
    h = problem.h.copy()
    h[rng.integers(d)] *= 10 ** rng.uniform(0.5, 1.5)
    return qx.QuboProblem(h, problem.J)


def free(d: int, rng: Rng) -> qx.QuboProblem:
    return qx.QuboProblem(rng.uniform(-1, 1, d), np.zeros((d, d)))


def _ising(field: NDArray, J: NDArray) -> qx.QuboProblem:
    """Of spins sigma = 1 - 2 n."""
    rows = J + J.T
    return qx.QuboProblem(-2 * field - 2 * rows.sum(axis=0), 4 * J)


PROBLEMS = (uniform, selection, glass, ferromagnet, one_hot, duplicates, strong, free)
SYMMETRIC = (ferromagnet, one_hot, duplicates, selection)
ONE_NUMBER = (pair, ferromagnet, one_hot, duplicates)


def linear(rng: Rng) -> qx.AnnealSchedule:
    return qx.LINEAR


def paused(rng: Rng) -> qx.AnnealSchedule:
    return qx.LINEAR.with_pause(rng.uniform(0.05, 0.95), 10 ** rng.uniform(-2, 1))


def bent(rng: Rng) -> qx.AnnealSchedule:
    s = np.concatenate([[0.0], np.sort(rng.uniform(0.05, 0.95, rng.integers(1, 6))), [1.0]])
    if np.diff(s).min() < 1e-3:
        return qx.LINEAR
    A, B = rng.uniform(0.02, 2.0, (2, s.size))
    A[-1], B[0] = rng.choice([0.0, 0.1]), rng.choice([0.0, 0.1])
    return qx.AnnealSchedule(s, A, B, "bent")


def curved(rng: Rng) -> qx.AnnealSchedule:
    """Smooth, by a table of many rows."""
    s = np.linspace(0.0, 1.0, int(rng.integers(20, 300)))
    x, y = rng.uniform(0.6, 3.0, 2)
    return qx.AnnealSchedule(s, (1 - s) ** x, s**y, "curved")


def jagged(rng: Rng) -> qx.AnnealSchedule:
    """Some breakpoints too many to be the ends of steps, none of them sharp."""
    s = np.linspace(0.0, 1.0, int(rng.integers(18, 150)))
    noise = 1 + rng.choice([0.01, 0.1]) * rng.uniform(-1, 1, (2, s.size)) / s.size**0.5
    return qx.AnnealSchedule(s, (1 - s) * noise[0], s * noise[1], "jagged")


def quenched(rng: Rng) -> qx.AnnealSchedule:
    at = rng.uniform(0.2, 0.9)
    return qx.LINEAR.with_waveform([(0, 0), (at, at), (at + 0.01, 1)], "quench")


def back(rng: Rng) -> qx.AnnealSchedule:
    """Forward, some way back, and on; not from A = 0."""
    there, here = rng.uniform(0.5, 0.9), rng.uniform(0.1, 0.4)
    return qx.LINEAR.with_waveform([(0, 0), (1, there), (2, here), (3, 1)], "back")


def table(rng: Rng) -> qx.AnnealSchedule:
    names = [name for name in sorted(SCHEDULE_TABLES) if name != "linear"]
    return qx.schedule_named(str(rng.choice(names)))


def steady(rng: Rng) -> qx.AnnealSchedule:
    A, B = rng.uniform(0.3, 1.5, 2)
    return qx.AnnealSchedule([0.0, 1.0], [A, A], [0.0, 2 * B], "steady")


SCHEDULES = (linear, paused, bent, curved, jagged, quenched, back, table, steady)


@dataclass(frozen=True)
class Kind:
    """A part of the campaign: which sizes, problems, schedules, and how many of all anneals."""

    name: str
    share: float
    sizes: tuple[int, ...]
    problems: tuple[Callable[[int, Rng], qx.QuboProblem], ...]
    schedules: tuple[Callable[[Rng], qx.AnnealSchedule], ...]
    most: float
    """Largest anneal time."""


KINDS = (
    Kind("random", 0.4, (1, 2, 3, 4), PROBLEMS, SCHEDULES, 1e3),
    Kind("one number", 0.35, (2, 3), ONE_NUMBER, (linear, linear, paused, bent), 1e2),
    Kind("symmetric", 0.2, (2, 3, 4), SYMMETRIC, (linear, paused, curved), 1e2),
    Kind("larger", 0.05, (5, 6, 7, 8, 9), (*SYMMETRIC, uniform, pair), SCHEDULES[:7], 50.0),
)


def draw(kind: Kind, rng: Rng) -> tuple[qx.AnnealHamiltonian, float, qx.SplitOperator]:
    """One anneal of a kind."""
    d = int(rng.choice(kind.sizes))
    problem = kind.problems[rng.integers(len(kind.problems))](d, rng)
    schedule = kind.schedules[rng.integers(len(kind.schedules))](rng)
    weight = (1.0, 1.0, 1.0 / d, tuple(rng.uniform(0.3, 1.5, d)))[rng.integers(4)]
    lowest = -6.0 if rng.random() < 0.2 else -1.0
    tau = 10 ** rng.uniform(lowest, np.log10(kind.most))
    if schedule.unit == "GHz":
        tau = min(tau, 10.0)
    tol = float(rng.choice([1e-6, 1e-6, 1e-6, 1e-4, 1e-3, 1e-8]))
    order = 2 if rng.random() < 0.1 and tol >= 1e-4 and tau < 100 else None
    order = 4 if order is None and rng.random() < 0.3 else order
    H = qx.AnnealHamiltonian(problem, schedule, qx.TransverseField(weight))
    return H, tau, qx.SplitOperator(tol, order)


def ground_state(H: qx.AnnealHamiltonian) -> NDArray:
    """Ground state of H(0) by a dense eigen-solve, or the uniform state where B(0) = 0."""
    n, d, A, B = H.dimension, H.num_qubits, H.schedule.A[0], H.schedule.B[0]
    if B == 0.0:
        return np.full(n, n**-0.5)
    matrix = np.diag(B * energies_of(H.problem))
    for q, weight in enumerate(H.driver.weights(d)):
        matrix[np.arange(n), np.arange(n) ^ (1 << (d - 1 - q))] -= A * weight
    return np.linalg.eigh(matrix)[1][:, 0]


def compare(kind: Kind, seed: int, index: int) -> dict[str, object]:
    """One anneal, its distance from the truth, and its estimate of that."""
    H, tau, method = draw(kind, np.random.default_rng((seed, KINDS.index(kind), index)))
    run = qx.anneal(H, tau, method, throw=False)
    time = tau * (2 * np.pi if H.schedule.unit == "GHz" else 1.0)
    weights = H.driver.weights(H.num_qubits)
    exact = exact_state(H.problem, weights, H.schedule, time, ground_state(H))
    return {
        **{"kind": kind.name, "index": index, "d": H.num_qubits, "tau": tau, "tol": method.tol},
        **{"order": method.order or "open", "schedule": H.schedule.name, "steps": run.steps},
        "error": float(np.abs(np.abs(exact) ** 2 - run.probabilities).sum()) / 2,
        "estimate": run.error_estimate,
        "converged": run.status is qx.AnnealStatus.CONVERGED,
    }


def campaign(anneals: int, seed: int) -> pd.DataFrame:
    """One row for each anneal, the kinds in their shares."""
    tasks = [(kind, i) for kind in KINDS for i in range(round(anneals * kind.share))]
    rows = pd.DataFrame([compare(kind, seed, i) for kind, i in tqdm(tasks, disable=None)])
    rows["exceeded"] = rows.error > rows.estimate + EXACT
    rows["missed"] = rows.converged & (rows.error > rows.tol + EXACT)
    rows["share"] = rows.error / rows.estimate
    return rows


def summary(rows: pd.DataFrame) -> str:
    """Table in Markdown: a line for each kind of anneal and one for all."""
    lines = [
        "| kind | anneals | converged | estimate exceeded | tol exceeded | worst ratio |",
        "|---|---|---|---|---|---|",
    ]
    groups = [*rows.groupby("kind", sort=False), ("all", rows)]
    for name, group in groups:
        counts = len(group), group.converged.sum(), group.exceeded.sum(), group.missed.sum()
        lines.append(
            f"| {name} | " + " | ".join(map(str, counts)) + f" | {group.share.max():.2f} |"
        )
    return "\n".join(lines)


def report(rows: pd.DataFrame, seed: int) -> str:
    """The whole result: what was drawn, the table, and the anneals that fail."""
    kinds = [
        f"* {kind.name}: d = {', '.join(map(str, kind.sizes))}, tau up to {kind.most:g}; "
        f"{', '.join(dict.fromkeys(problem.__name__ for problem in kind.problems))}; schedules "
        f"{', '.join(dict.fromkeys(schedule.__name__ for schedule in kind.schedules))}"
        for kind in KINDS
    ]
    parts = [
        "# Error estimates of anneals against an independent integration",
        f"* command: python -m benchmarks.dynamics.error_estimates --anneals {len(rows)} "
        f"--seed {seed}\n"
        f"* machine: {machine()}\n* versions: qxgap {qx.__version__}",
        "The error is the total variation distance of the read-out distribution from that of a\n"
        "Taylor integration to rounding, which shares no code with qxgap. The worst ratio is that\n"
        "of an error to its estimate. `tol` is 1e-8, 1e-6, 1e-4 or 1e-3. The order is 2, 4\n"
        "or left open, which extrapolates where that takes fewer layers. A fifth of the anneals\n"
        "have times from 1e-6 on.",
        "\n".join(kinds),
        summary(rows),
    ]
    failed = rows[rows.exceeded | rows.missed]
    if len(failed):
        parts.append(f"```\n{failed.to_string(index=False)}\n```")
    return "\n\n".join(parts) + "\n"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--anneals", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, help="where the table goes, as Markdown")
    arguments = parser.parse_args(argv)
    rows = campaign(arguments.anneals, arguments.seed)
    text = report(rows, arguments.seed)
    print(text)
    if arguments.output:
        arguments.output.write_text(text)
    return int((rows.exceeded | rows.missed).any())


if __name__ == "__main__":
    sys.exit(main())
