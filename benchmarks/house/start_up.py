"""How long it takes until something can be done: imports, help, and the first commands.

    python -m benchmarks.house.start_up [--source DIR ...] [--repeats 7]

DIR is the root of a checkout; with several, the checkouts take turns. Each task is a new process:
medians of processor seconds and of wall-clock seconds. Then, for every command in an environment
without compiled code, the same command twice: the number of functions that are compiled (a count,
which does not depend on the machine), and the seconds until the first line that it prints.
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from qxgap.problem import save
from qxgap.testing import random_feature_selection

TASKS = {
    "import qxgap": ("-c", "import qxgap"),
    "qxgap --help": ("-m", "qxgap", "--help"),
    "qxgap gap --help": ("-m", "qxgap", "gap", "--help"),
    "qxgap check --help": ("-m", "qxgap", "check", "--help"),
    "import qxgap as qx; qx.minimum_gap": ("-c", "import qxgap as qx; qx.minimum_gap"),
}

PROBLEM = "problem.npz"
COMMANDS = (("gap", PROBLEM), ("anneal", PROBLEM, "--tau", "5"), ("demo", "--per-class", "1"))
"""The commands that are run twice. The first line of the demo is the gap of its first problem."""


def compilations(source: Path, folder: Path, command: tuple[str, ...]) -> tuple[int, float]:
    """The number of functions that a command compiles, and the seconds until its first line."""
    environment = os.environ | {
        "PYTHONPATH": str(source.resolve()),
        "NUMBA_CACHE_DIR": str(folder / "compiled"),
        "NUMBA_DEBUG_CACHE": "1",
    }
    begin, first, count = time.perf_counter(), float("nan"), 0
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "qxgap", *command],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            if line.startswith("[cache]"):
                count += "data saved" in line
            elif math.isnan(first):
                first = time.perf_counter() - begin
    return count, first


def print_compilations(source: Path) -> None:
    """Print what each command compiles when it is run first and again."""
    print("\n| command | compiled | first line s | compiled again | first line s |")
    print("|---|---|---|---|---|")
    for command in COMMANDS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            save(random_feature_selection(9, seed=1), folder / PROBLEM)
            (one, first), (two, again) = (
                compilations(source, folder, (*command, *more))
                for more in ((), ("--overwrite",) if command[0] == "demo" else ())
            )
        print(f"| `qxgap {' '.join(command)}` | {one} | {first:.1f} | {two} | {again:.1f} |")


def seconds(source: Path, arguments: tuple[str, ...]) -> tuple[float, float]:
    """Processor and wall-clock seconds of one new Python that sees the checkout."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, *arguments],
            env=os.environ | {"PYTHONPATH": str(source.resolve())},
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return processor, wall


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, nargs="+", default=[Path(__file__).parents[2]])
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    print("| source | what | processor s | wall s |")
    print("|---|---|---|---|")
    for name, task in TASKS.items():
        rows = [[seconds(s, task) for s in arguments.source] for _ in range(arguments.repeats)]
        for source, runs in zip(arguments.source, zip(*rows, strict=True), strict=True):
            processor, wall = (statistics.median(values) for values in zip(*runs, strict=True))
            print(f"| {source.name} | `{name}` | {processor:.2f} | {wall:.2f} |")
    print_compilations(arguments.source[-1])


if __name__ == "__main__":
    main()
