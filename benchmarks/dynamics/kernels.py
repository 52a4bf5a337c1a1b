"""Time the kernels on a state vector against a copy of it, interleaved in one process.

    python -m benchmarks.dynamics.kernels [--sizes 16 18 20] [--repeats 9]

For each number of qubits d: medians in ms of ``np.copyto`` (one thread), the real matrix-vector
product, the rotation of every bit and one split-operator layer (of a complex state); the ratios
to the copy; and the bytes that each must read and write by its number of passes, in units of the
copy's. Bytes are counts and do not depend on the machine. Numba's threads are what
``NUMBA_NUM_THREADS`` says.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.common.machine import machine, medians
from qxgap.annealing import kernels, layers, rotation
from qxgap.annealing.kernels import matvec
from qxgap.annealing.layers import Layer
from qxgap.annealing.rotation import rotate
from qxgap.memory import aligned_empty
from qxgap.testing import random_feature_selection


def bytes_moved(d: int) -> dict[str, float]:
    """Bytes read and written over those of a copy, 16 2^d."""
    product = kernels.partition(d, kernels.BLOCK_BITS, kernels.ROW_BITS, kernels.TILE_BITS)[0]
    turned = kernels.partition(d, rotation.BLOCK_BITS, rotation.ROW_BITS, rotation.TILE_BITS)[0]
    low = kernels.partition(d, layers.LOW_BITS, layers.HIGH_BITS, layers.TILE_BITS)[0]
    parallel = 1 << d >= kernels.PARALLEL_FROM
    sweeps = 1 if d - turned > rotation.ROW_BITS else -(-(d - turned) // 3)
    turns = 1 if d - low > layers.SWEPT_BITS else -(-(d - low) // 2)
    return {
        "matvec": 3.0 if parallel and d > product else 1.5,
        "rotate": 1.0 + sweeps if parallel else 1.0,
        "layer": 2.0 + 2.0 * turns,
    }


def measure(d: int, repeats: int) -> dict[str, float]:
    rng = np.random.default_rng(d)
    energies, v, out, turned = aligned_empty((4, 1 << d))
    energies[:], v[:], out[:] = rng.normal(size=1 << d), rng.normal(size=1 << d), 0.0
    turned[:] = v
    weights = rng.uniform(0.5, 1.0, d)
    cosines, sines = np.cos(weights), np.sin(weights)
    layer = Layer(random_feature_selection(d, seed=d), weights)
    psi = aligned_empty((2, 1 << d))
    psi[:] = rng.normal(size=psi.shape)
    tasks: dict[str, Callable[[], object]] = {
        "copy": lambda: np.copyto(out, v),
        "matvec": lambda: matvec(energies, 0.7, weights, v, out),
        "rotate": lambda: rotate(cosines, sines, turned),
        "layer": lambda: layer(psi, 0.1, 0.3),
    }
    row = {"d": d} | medians(tasks, repeats)
    for name, moved in bytes_moved(d).items():
        row[f"{name}/copy"] = row[name] / row["copy"]
        row[f"{name} bytes"] = moved
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(range(16, 25)))
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    print(machine())
    table = pd.DataFrame([measure(d, arguments.repeats) for d in arguments.sizes])
    print(table.to_string(index=False, float_format="%.3g"))


if __name__ == "__main__":
    main()
