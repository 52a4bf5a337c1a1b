"""Time kernels, gaps and anneals on a GPU, with counts that do not depend on the machine.

    python -m benchmarks.device [--device cuda] [--parts kernels gap anneal] [--budget 200]

It needs one NVIDIA GPU, on an H100 or H200 less than four minutes, and prints Markdown tables:

* kernels: the time of a layer, of an application of the Hamiltonian and of a rotation, over that of
  a copy of the vector, with the kernels of this project and with PyTorch's matrix products;
* anneal: seconds for tau = 50 at tol = 1e-6 and its layers, success probability and error estimate;
* gap: seconds for the minimum gap on the linear schedule, products, and its bracket.

Kernels run once before they are timed; anneals and gaps, once on 14 qubits. After the seconds of
``--budget`` no further line is begun.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch

import qxgap as qx
from qxgap.annealing import torch_kernels
from qxgap.annealing.torch_kernels import TorchHamiltonian, TorchLayers, rotate
from qxgap.testing import random_feature_selection

LAYERS = 24
"""Layers of one timed call."""


def hamiltonian(d: int) -> qx.AnnealHamiltonian:
    return qx.AnnealHamiltonian(random_feature_selection(d, seed=d))


def seconds(task: Callable[[], object], device: torch.device, repeats: int = 5) -> float:
    """Median time of a task on a device, after one that is not timed."""
    times = []
    for repeat in range(repeats + 1):
        synchronize(device)
        begin = time.perf_counter()
        task()
        synchronize(device)
        if repeat:
            times.append(time.perf_counter() - begin)
    return float(np.median(times))


def synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def kernels(device: torch.device, sizes: list[int]) -> Iterator[str]:
    """Times over that of a copy of what the kernel changes."""
    yield "| d | precision | by | copy (ms) | layer | application | rotation |"
    yield "|---|---|---|---|---|---|---|"
    for d in sizes:
        for dtype in (torch.float64, torch.float32):
            for fused in (True, False):
                yield one_row(device, d, dtype, fused)


def one_row(device: torch.device, d: int, dtype: torch.dtype, fused: bool) -> str:
    H, known = hamiltonian(d), torch_kernels.program_for
    v = torch.rand(1 << d, dtype=dtype, device=device)
    out = torch.empty_like(v)
    copied = seconds(lambda: out.copy_(v), device)
    if not fused:
        torch_kernels.program_for = lambda device, dtype: None
    try:
        layers = TorchLayers([H.problem], H.driver_weights, device, dtype)
        start = np.broadcast_to(np.complex128(1.0), (1 << d,))
        run = [
            seconds(
                lambda n=n: layers.propagate(start, np.full(n + 1, 0.1), np.full(n, 0.3)), device
            )
            for n in (0, LAYERS)
        ]
        operator = TorchHamiltonian(H.problem, H.driver_weights, device, dtype)
        applied = seconds(lambda: operator.apply(0.7, 0.4, v), device)
        angles = np.linspace(0.1, 1.0, d)
        turned = seconds(lambda: rotate(np.cos(angles), np.sin(angles), v), device)
    finally:
        torch_kernels.program_for = known
    layer = (run[1] - run[0]) / LAYERS / (2 * copied)  # a state is two such vectors
    return (
        f"| {d} | {str(dtype).removeprefix('torch.')} | "
        f"{'kernels' if fused else 'matrix products'} | {1e3 * copied:.3f} | {layer:.1f} | "
        f"{applied / copied:.1f} | {turned / copied:.1f} |"
    )


def anneals(device: torch.device, cases: list[tuple[int, str]]) -> Iterator[str]:
    """Seconds of anneals with error control."""
    yield "| d | precision | seconds | steps | success | error estimate | peak memory (GB) |"
    yield "|---|---|---|---|---|---|---|"
    for d, precision in cases:
        tol = 1e-6 if precision == "double" else 1e-3
        method = qx.SplitOperator(tol, device=str(device), precision=qx.Precision(precision))
        qx.anneal(hamiltonian(14), 50.0, method)
        H = hamiltonian(d)
        begin = time.perf_counter()
        run = qx.anneal(H, 50.0, method)
        took = time.perf_counter() - begin
        yield (
            f"| {d} | {precision}, tol {tol:g} | {took:.2f} | {run.steps} | "
            f"{run.success_probability:.8f} | {run.error_estimate:.1e} | {peak(device)} |"
        )


def gaps(device: torch.device, cases: list[tuple[int, str]]) -> Iterator[str]:
    """Seconds of certified gaps."""
    yield "| d | precision | seconds | products | minimum gap | bracket | peak memory (GB) |"
    yield "|---|---|---|---|---|---|---|"
    for d, precision in cases:
        method = qx.Davidson(device=str(device), precision=qx.Precision(precision))
        qx.minimum_gap(hamiltonian(14), method=method)
        H = hamiltonian(d)
        begin = time.perf_counter()
        gap = qx.minimum_gap(H, method=method)
        took = time.perf_counter() - begin
        yield (
            f"| {d} | {precision} | {took:.2f} | {gap.matvecs} | {gap.value:.8f} | "
            f"{gap.lower:.8f} to {gap.value:.8f} | {peak(device)} |"
        )


def peak(device: torch.device) -> str:
    """Largest memory that PyTorch held since the last call, in GB."""
    if device.type != "cuda":
        return "-"
    held = torch.cuda.max_memory_allocated(device) / 1e9
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    return f"{held:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--parts", nargs="+", default=["kernels", "anneal", "gap"])
    parser.add_argument("--kernel-sizes", type=int, nargs="+", default=[20, 24, 28])
    parser.add_argument("--anneals", nargs="+", default=["20", "24", "28", "24s", "28s", "30s"])
    parser.add_argument("--gaps", nargs="+", default=["16", "20", "24", "24s", "26s", "28s"])
    parser.add_argument("--budget", type=float, default=200.0, help="seconds")
    arguments = parser.parse_args()
    device, begin = torch.device(arguments.device), time.perf_counter()
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    print(f"{name}, torch {torch.__version__}, numpy {np.__version__}", flush=True)
    parts = {
        "kernels": kernels(device, arguments.kernel_sizes),
        "anneal": anneals(device, [case(text) for text in arguments.anneals]),
        "gap": gaps(device, [case(text) for text in arguments.gaps]),
    }
    for part in arguments.parts:
        print(f"\n## {part}\n")
        for line in parts[part]:
            print(line, flush=True)
            if time.perf_counter() - begin > arguments.budget:
                print(f"\n(the budget of {arguments.budget:g} s is over)")
                break


def case(text: str) -> tuple[int, str]:
    """Return qubits and precision of a case: 24, or 24s in single precision."""
    return int(text.rstrip("s")), "single" if text.endswith("s") else "double"


if __name__ == "__main__":
    main()
