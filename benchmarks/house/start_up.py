"""How long it takes until something can be done: imports and help, in new processes.

    python -m benchmarks.house.start_up [--source DIR ...] [--repeats 7]

DIR is the root of a checkout; with several, the checkouts take turns. Medians of processor seconds
and of wall-clock seconds.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TASKS = {
    "import qxgap": ("-c", "import qxgap"),
    "qxgap --help": ("-m", "qxgap", "--help"),
    "import qxgap as qx; qx.minimum_gap": ("-c", "import qxgap as qx; qx.minimum_gap"),
}


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


if __name__ == "__main__":
    main()
