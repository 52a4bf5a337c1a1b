"""Rows of a study that are to be computed, and the statuses that they can have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dimod
import numpy as np

from ..annealing.drivers import Convention
from ..annealing.schedules import AnnealSchedule
from ..problem.qubo import QuboProblem

FORMAT = 1
"""Version of the computation. It must be raised when rows of an earlier version become invalid."""

DONE = "DONE"
"""Status of a computed row whose task reports no status of its own."""
FAILED = "FAILED"
"""Status of a row whose computation raised an exception, or whose file cannot be read."""
LEFT_OUT = "LEFT_OUT"
"""Status of a row that the study leaves out on purpose; its reason says why."""
MISSING = "MISSING"
"""Status of a row that is not computed yet."""
UNDONE = (FAILED, LEFT_OUT, MISSING)
"""Every status of a row that holds no result."""

Row = dict[str, Any]
"""One row of results: column name -> plain Python value."""
Position = Mapping[str, Any]
"""A point on the grid of a task: axis -> convention, schedule, anneal time, sampler, ..."""


@dataclass(frozen=True)
class Settings:
    """The numbers of a study on which the value of a row may depend.

    Attributes
    ----------
    rtol : float
        Relative width of the certified bracket of the minimum gap.
    tol : float
        Error that is tolerated in the success probability.
    num_reads : int
        Number of reads that each sampler draws.
    lz_slope : bool
        Whether a Landau-Zener crossing is fitted at each minimum inside the anneal.
    max_qubits : int
        Largest number of qubits of a problem that takes 2^d amplitudes.
    seed : int
        Seed of the study.
    """

    rtol: float
    tol: float
    num_reads: int
    lz_slope: bool
    max_qubits: int
    seed: int


@dataclass(frozen=True, eq=False)
class Cell:
    """One row that a worker computes.

    Attributes
    ----------
    task : str
        Name of the task.
    key : str
        16 hexadecimal digits that identify the row by its task, problem and settings. They do not
        depend on the file of the instance.
    subject : str
        Content hash of the problem, or of the image, of the row.
    num_qubits : int
        Number of qubits d of the problem; 0 without a problem.
    position : mapping
        Point on the grid of the task: axis -> value.
    settings : Settings
        Tolerances, numbers of reads, and the seed of the study.
    """

    task: str
    key: str
    subject: str
    num_qubits: int
    position: Position
    settings: Settings

    def seed(self, purpose: str) -> int:
        """Return a seed below 2^31 that the study's seed, the subject and ``purpose`` determine."""
        return seed_of(self.settings.seed, self.subject, purpose)


@dataclass(frozen=True, eq=False)
class ProblemCell(Cell):
    """A row about one problem, at one point of the grid.

    Attributes
    ----------
    problem : QuboProblem
        The problem that is analysed.
    """

    problem: QuboProblem

    @property
    def convention(self) -> Convention:
        """Convention of the driver."""
        convention: Convention = self.position["convention"]
        return convention

    @property
    def schedule(self) -> AnnealSchedule:
        """Anneal schedule."""
        schedule: AnnealSchedule = self.position["schedule"]
        return schedule

    @property
    def tau(self) -> float:
        """Anneal time, in units of hbar = 1, or in ns if the schedule is in GHz."""
        return float(self.position["tau"])

    @property
    def sampler(self) -> dimod.Sampler:  # type: ignore[name-defined]
        """Sampler that draws the reads."""
        return self.position["sampler"]


def seed_of(seed: int, content: str, purpose: str) -> int:
    """Return a seed below 2^31 that depends neither on the order of rows nor on interruptions.

    Parameters
    ----------
    seed : int
        Seed of the study.
    content : str
        Content hash of the problem or image, 16 hexadecimal digits.
    purpose : str
        Name of the use of the seed. Different purposes give independent seeds.
    """
    words = np.frombuffer(bytes.fromhex(content), dtype=">u4").tolist()
    entropy = [seed, *words, *purpose.encode()]
    return int(np.random.SeedSequence(entropy).generate_state(1)[0] >> 1)
