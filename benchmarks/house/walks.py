"""Follow four things through the package: a problem, an anneal time, an instance and an image.

    python -m benchmarks.house.walks [--output FILE.md]

Each walk runs one command in this process and notes, for every call of a function of qxgap by a
function of another file of qxgap, who called whom. The list names the files in the order in which
they are entered for the first time; an arrow back up is a pair of files of which each calls the
other. Counts do not depend on the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import qxgap

SOURCE = Path(qxgap.__file__).parent


@dataclass
class Walk:
    """The files that a command enters, and who calls whom.

    Attributes
    ----------
    rooms : dict
        Files in the order of the first call into them.
    calls : set of tuple
        Pairs (caller, called) of different files.
    """

    rooms: dict[str, None] = field(default_factory=dict)
    calls: set[tuple[str, str]] = field(default_factory=set)

    def note(self, frame: FrameType, event: str, argument: Any) -> None:
        """Note a call, as `sys.setprofile` reports it."""
        if event != "call" or frame.f_code.co_name in ("<module>", "<lambda>"):
            return
        room = _room(frame)
        if room is None:
            return
        self.rooms.setdefault(room)
        caller = frame.f_back
        while caller is not None and _room(caller) is None:
            caller = caller.f_back
        if caller is not None and (other := _room(caller)) != room:
            self.calls.add((other, room))

    @property
    def returns(self) -> list[tuple[str, str]]:
        """Pairs of files that call each other."""
        return sorted((a, b) for a, b in self.calls if a < b and (b, a) in self.calls)


def _room(frame: FrameType) -> str | None:
    """Return the file of a frame below the package, or None if it is elsewhere."""
    return _room_of_file(frame.f_code.co_filename)


@functools.cache
def _room_of_file(name: str) -> str | None:
    path = Path(name)
    if not path.is_relative_to(SOURCE) or path.name == "__init__.py" or path.suffix != ".py":
        return None
    return str(path.relative_to(SOURCE).with_suffix(""))


@contextlib.contextmanager
def followed() -> Iterator[Walk]:
    """Note every call within the block."""
    walk = Walk()
    sys.setprofile(walk.note)
    try:
        yield walk
    finally:
        sys.setprofile(None)


def run(*arguments: str) -> None:
    """Run one command of qxgap in this process; what it prints is dropped."""
    from qxgap.cli import main

    before = sys.argv
    sys.argv = ["qxgap", *arguments]
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            contextlib.suppress(SystemExit),
        ):
            main()
    finally:
        sys.argv = before


def command(*arguments: str) -> Walk:
    """Run one command of qxgap and note its walk."""
    with followed() as walk:
        run(*arguments)
    return walk


def walks(folder: Path) -> Iterator[tuple[str, Walk]]:
    """Yield the title of each walk and the walk itself."""
    from PIL import Image

    from qxgap import xai
    from qxgap.problem import save
    from qxgap.testing import random_feature_selection

    problem = folder / "problem.npz"
    save(random_feature_selection(10, seed=3), problem)
    images, _ = xai.digits_images()
    image = folder / "digit.png"
    pixels = (255 * images[0, 0].numpy()).astype("uint8")
    Image.fromarray(pixels).save(image)
    explained = ("explain", str(image), "--model", "digits", "-o", str(folder / "out"))
    for line in (("gap", str(problem)), ("anneal", str(problem), "--tau", "20"), explained):
        run(*line)  # kernels are compiled and modules loaded before anything is noted
    gap = command("gap", str(problem))
    anneal = command("anneal", str(problem), "--tau", "20")
    explain = command(*explained)
    yield "a problem: `qxgap gap FILE`", gap
    yield "tau: `qxgap anneal FILE --tau 20`", anneal
    yield "an instance: a study of one file with all tasks of files, and its report", study(problem)
    yield "an image: `qxgap explain IMAGE --model digits -o DIR`", explain


def study(problem: Path) -> Walk:
    """Run a study of one file in threads of this process, and its report."""
    import threading
    from concurrent.futures import ThreadPoolExecutor

    from qxgap.report import write_report
    from qxgap.study import ExistingExecutor, Study, run_study

    plan = Study(
        instances=[str(problem)],
        tasks=["gap", "success", "sample", "compare"],
        tau=[20.0],
        num_reads=50,
    )
    folder = problem.parent / "study"
    walk = Walk()
    threading.setprofile(walk.note)
    with ThreadPoolExecutor(1) as pool:
        sys.setprofile(walk.note)
        try:
            run_study(plan, folder, ExistingExecutor(pool))
            write_report(folder)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
    return walk


def markdown(title: str, walk: Walk) -> str:
    """Set one walk as Markdown."""
    rooms = ", ".join(f"`{room}`" for room in walk.rooms)
    back = "; ".join(f"`{a}` and `{b}`" for a, b in walk.returns) or "none"
    return (
        f"* **{title}** enters {len(walk.rooms)} files by {len(walk.calls)} ways.\n"
        f"  Files: {rooms}.\n  Files that call each other: {back}."
    )


def main() -> None:
    """Print the walks, and write them if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, help="Markdown file to write")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = "\n".join(markdown(title, walk) for title, walk in walks(Path(folder)))
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
