"""Open anneals in the lowest levels: published curves, the full equation, and more than 8 qubits.

    python -m benchmarks.dynamics.level_anneals [--sizes 10 12 14 16] [--output FILE.md]

Four tables. The first compares with two published curves of HOQST's tutorials, which were read off
the figures by the positions of their pixels. The second compares with the full equation at 6 to 8
qubits, the third with a closed form at 10 and 12, and the fourth shows at 10 to 16 qubits how the
numbers change with m. The wall time of an anneal includes its second run with fewer levels.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

import qxgap as qx
from benchmarks.common.machine import machine
from qxgap.annealing.schedules import MILLIKELVIN_PER_GHZ
from qxgap.testing import random_feature_selection

PUBLISHED: dict[float, dict[float, float]] = {
    10.0 * math.sqrt(2.0): {2.5: 0.9904, 5.0: 0.9838, 7.5: 0.9871, 10.0: 0.9850, 12.5: 0.9880},
    5000.0: {500.0: 0.717, 1000.0: 0.634, 2000.0: 0.594, 3000.0: 0.587, 5000.0: 0.588},
}
"""Population of the ground level at times t of anneals of the given length, in ns."""

COLD = qx.OhmicBath(temperature=0.05, coupling=1e-3)
ACCURACY = (1e-5, 1e-7)
"""rtol and atol of the master equation."""


def published() -> Iterator[str]:
    """Rows for the single qubit of HOQST: the population of the ground level on the way."""
    kT = 2.0 * math.pi * 16.0 / MILLIKELVIN_PER_GHZ  # 16 mK in rad/ns
    bath = qx.OhmicBath(kT, coupling=1e-4, cutoff=2.0 * math.pi * 4.0)
    qubit, driver = qx.QuboProblem([1.0], [[0.0]]), qx.TransverseField(0.5)
    for tau, curve in PUBLISHED.items():
        for t, read in curve.items():
            share = t / tau  # the anneal up to the time t
            schedule = qx.AnnealSchedule([0, 1], [1, 1 - share], [0, share], "beginning")
            H = qx.AnnealHamiltonian(qubit, schedule, driver)
            run = qx.open_anneal(H, t, bath, qx.DensityODE(levels=2))
            full = qx.open_anneal(H, t, bath)
            _, states = np.linalg.eigh(H.to_dense(*map(float, schedule(1.0))))
            whole = float((states[:, 0] @ full.density @ states[:, 0]).real)
            ours = run.populations.weights[0]
            yield f"| {tau:.4g} | {t:g} | {read:g} | {ours:.4f} | {whole:.4f} |"


def timed(anneal: Callable[[], qx.LevelAnnealResult]) -> tuple[qx.LevelAnnealResult, float]:
    """The result and the seconds it took."""
    begin = time.perf_counter()
    run = anneal()
    return run, time.perf_counter() - begin


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Total variation distance."""
    return float(np.abs(one - other).sum() / 2)


def method(name: str, levels: int | None = None) -> qx.DensityODE | qx.PauliMaster:
    """The master equation or the rate equation."""
    if name == "DensityODE":
        return qx.DensityODE(*ACCURACY, levels=levels)
    return qx.PauliMaster(levels=levels)


def against_full() -> Iterator[str]:
    """Rows that compare with the full equation, for both drivers and both methods."""
    for d, name, tau in (
        (6, "DensityODE", 100.0),
        (7, "DensityODE", 100.0),
        (8, "DensityODE", 30.0),
    ):
        for driver in (qx.Convention.PAPER.driver(d), qx.Convention.AUTHORS_CODE.driver(d)):
            yield from compared(d, name, tau, driver)
    yield from compared(5, "PauliMaster", 2000.0, qx.Convention.PAPER.driver(5))
    yield from compared(5, "PauliMaster", 2000.0, qx.Convention.AUTHORS_CODE.driver(5))


def compared(d: int, name: str, tau: float, driver: qx.TransverseField) -> Iterator[str]:
    """Rows of one anneal for several numbers of levels."""
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=2), driver=driver)
    full, whole = timed(lambda: qx.open_anneal(H, tau, COLD, method(name)))
    label = "1" if driver.weight == 1.0 else "1/d"
    for m in (4, 6, 10, 16):
        run, seconds = timed(lambda m=m: qx.open_anneal(H, tau, COLD, method(name, m)))
        apart = distance(run.probabilities, full.probabilities)
        yield (
            f"| {d} | {name} | {tau:g} | {label} | {m} | {full.success_probability:.4f} | "
            f"{run.success_probability:.4f} | {apart:.1e} | {numbers(run)} | "
            f"{run.eigensolves} | {seconds / whole:.2g} |"
        )


def numbers(run: qx.LevelAnnealResult) -> str:
    """What the result says about the levels that were left out."""
    return f"{run.truncation:.1e} | {run.top_weight:.1e} | {run.lost_weight:.1e}"


def uncoupled() -> Iterator[str]:
    """Rows that compare with single qubits, each annealed for itself."""
    bath = qx.OhmicBath(0.08, 2e-3)
    for d in (10, 12):
        h = np.linspace(-1.0, -0.4, d)
        alone = [qx.open_anneal(qx.QuboProblem([e], [[0.0]]), 60.0, bath).probabilities for e in h]
        exact = np.ones(1)
        for one in alone:
            exact = np.kron(exact, one)
        for m in (6, 13, 30):
            problem = qx.QuboProblem(h, np.zeros((d, d)))
            run = qx.open_anneal(problem, 60.0, bath, method("DensityODE", m))
            apart = distance(run.probabilities, exact)
            yield (
                f"| {d} | {m} | {exact.max():.4f} | {run.success_probability:.4f} | {apart:.1e} | "
                f"{numbers(run)} |"
            )


def beyond(sizes: Sequence[int]) -> Iterator[str]:
    """Rows of anneals of more qubits than the full equation takes."""
    for d in sizes:
        H = qx.AnnealHamiltonian(random_feature_selection(d, seed=2))
        for name, tau in (("DensityODE", 200.0), ("PauliMaster", 20_000.0)):
            for m in (6, 10, 16):
                run, seconds = timed(
                    lambda m=m, H=H, tau=tau, name=name: qx.open_anneal(
                        H, tau, COLD, method(name, m)
                    )
                )
                yield (
                    f"| {d} | {name} | {tau:g} | {m} | {run.success_probability:.4f} | "
                    f"{numbers(run)} | {run.basis_size} | {run.eigensolves} | {run.matvecs} | "
                    f"{run.steps} | {seconds:.2g} |"
                )


def table(head: str, rows: Iterator[str]) -> str:
    """A table in Markdown; every row is printed as soon as it is known."""
    lines = [head, "|---" * (head.count("|") - 1) + "|"]
    for row in rows:
        print(row, flush=True)
        lines.append(row)
    return "\n".join(lines) + "\n"


INTRODUCTION = """\
`DensityODE(levels=m)` and `PauliMaster(levels=m)` follow an anneal with an ohmic bath in its lowest
m levels. `truncation` is the total variation distance from a second run with two thirds of the
levels, `top weight` the largest weight on level m and above, and `lost weight` what projections
lost. They are estimates and no bounds. The problems are feature selections,
`random_feature_selection(d, seed=2)`; the bath has kT = 0.05 and the coupling 0.001, and rtol is
1e-5, unless another value is given.

## Published curves

One qubit, H = -(1 - s)/2 sigma_x - s/2 sigma_z in rad/ns, an ohmic bath of 16 mK with the coupling
1e-4 and the cutoff 4 GHz: the adiabatic master equation of HOQST (Chen and Lidar, Commun. Phys. 5,
112 (2022)), in the tutorial `introduction/03-single_qubit_ame` of
[HOQSTTutorials.jl](https://github.com/USCqserver/HOQSTTutorials.jl) at the commit fc07ce8c. The
population of the ground level was read off its figures; one pixel is 0.00005 for tau = 14 ns and
0.0013 for 5,000 ns. HOQST's equation is secular and has the Lamb shift; ours is not secular and has
no Lamb shift. A qubit has two levels, so that the equation in the lowest two must be the full one.
Figures of HOQST's larger examples could not be obtained.
"""

AGAINST_FULL = """\
## Against the full equation

The driver has the weight 1 or 1/d. `distance` is the total variation distance of the read-out from
that of the full equation; `time` is the wall time in units of that of the full equation.
"""

AGAINST_QUBITS = """\
## Against single qubits

Qubits that do not interact, with fields of -1 to -0.4; tau = 60, kT = 0.08, coupling 0.002. The
exact read-out is the product of those of single qubits. At the start of the anneal d levels above
the lowest are equal, so that fewer than d + 1 levels cut through them.
"""


def page(sizes: Sequence[int], command: str) -> str:
    """The whole page."""
    left_out = "truncation | top weight | lost weight"
    blocks = [
        f"""\
# Open anneals in the lowest levels

* command: {command}
* machine: {machine()}
* versions: qxgap {qx.__version__}
""",
        INTRODUCTION,
        table("| tau in ns | t | read off | two levels | full equation |", published()),
        AGAINST_FULL,
        table(
            "| d | method | tau | driver | m | full | success | distance | "
            f"{left_out} | eigen-solves | time |",
            against_full(),
        ),
        AGAINST_QUBITS,
        table(f"| d | m | exact | success | distance | {left_out} |", uncoupled()),
        "## Beyond 8 qubits\n",
        table(
            f"| d | method | tau | m | success | {left_out} | basis | eigen-solves | products | "
            "steps | s |",
            beyond(sizes),
        ),
    ]
    return "\n".join(blocks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 12, 14, 16])
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    sizes = " ".join(map(str, arguments.sizes))
    command = f"python -m benchmarks.dynamics.level_anneals --sizes {sizes}"
    text = page(arguments.sizes, command)
    if arguments.output:
        arguments.output.write_text(text)


if __name__ == "__main__":
    main()
