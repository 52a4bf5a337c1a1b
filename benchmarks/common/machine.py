"""The machine in one line, and wall times of tasks that take turns."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np


def machine() -> str:
    """Processor, threads and versions in one line."""
    information = Path("/proc/cpuinfo")
    text = information.read_text() if information.exists() else ""
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if "model name" in line]
    processor = names[0] if names else platform.processor()
    threads = numba.get_num_threads()
    return (
        f"{processor}, {platform.machine()}, {len(names)} processors, {threads} numba threads, "
        f"numpy {np.__version__}, numba {numba.__version__}"
    )


def medians(tasks: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median wall time of each task in ms; the tasks take turns."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for repeat in range(repeats + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            if repeat:  # the first one compiles
                times[name].append(1e3 * (time.perf_counter() - start))
    return {name: float(np.median(values)) for name, values in times.items()}
