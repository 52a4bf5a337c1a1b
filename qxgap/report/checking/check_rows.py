"""The rows of a check: every task of a study on one problem, and the results behind the rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import dimod
import numpy as np
import psutil

from ...annealing.accept import as_qubits
from ...annealing.drivers import Convention
from ...annealing.hamiltonian import AnnealHamiltonian
from ...annealing.schedules import LINEAR, AnnealSchedule
from ...checks import kind_of
from ...dynamics import AnnealResult, SuccessCurve
from ...errors import InputError
from ...memory import BEYOND_COMPUTERS, format_bytes
from ...problem import FeatureSelection, QuboProblem, Selections
from ...problem.accept import ProblemLike, as_problem
from ...progress import progress_bar
from ...samplers import GivenReads
from ...samplers.sampleset import require_sampleset
from ...samples import Comparison, GroundComparison, Reads, align
from ...samples.alignment import require_reads
from ...spectra import EstimateProgress, GapProgress, MinimumGap
from ...study.cells import FAILED, LEFT_OUT, Cell, ProblemCell, Row
from ...study.computing import compute
from ...study.config import Study
from ...study.plan import Batch, PlannedRow, plan_rows
from ...study.sources import instance_of
from ...study.table import make_table
from ...study.tasks import TASKS
from ...study.tasks.base import WORKSPACE, axis_label
from ...study.tasks.work import Work, is_large
from ..findings.wording import listed, sentence

if TYPE_CHECKING:
    import pandas as pd

Say = Callable[[str], object]
"""A function that shows what is going on."""

TASK_NAMES = ("gap", "success", "select", "sample", "compare")
"""The tasks of a check, in the order of its table."""
ORDER = ("select", "sample", "gap", "success", "compare")
"""The same in the order of the computation: what is possible at any size comes first."""
DOING = {
    "select": "exact selection by branch and bound, and simple rules",
    "sample": "reads of {sampler}",
    "gap": "minimum gap",
    "success": "anneals at tau = {taus}",
    "compare": "reads of {sampler} against {reference}",
}
"""Task -> what is going on while a row of it is computed."""

NEED_STATES = ("the success probability", "the comparison of reads with the prediction")
"""What is not computed of a problem above ``max_qubits``."""

TAUS = (10.0, 50.0, 100.0)
"""Default anneal times of a dimensionless schedule, those of arXiv 2604.25649."""
NANOSECONDS = (5.0, 20.0, 100.0)
"""Default anneal times of a schedule in GHz. D-Wave's fast anneals begin at 5 ns."""

SamplesLike = dimod.SampleSet | Mapping[str, dimod.SampleSet] | list[dimod.SampleSet]
"""Reads of one source, or of several, with or without their names."""


@dataclass(frozen=True, eq=False)
class Setting:
    """The problem of a check, and how it is annealed.

    Attributes
    ----------
    problem : QuboProblem
        The problem.
    schedule : AnnealSchedule
        The anneal schedule.
    convention : Convention
        The convention of the driver.
    """

    problem: QuboProblem
    schedule: AnnealSchedule
    convention: Convention

    @classmethod
    def of(
        cls,
        problem: ProblemLike | FeatureSelection | AnnealHamiltonian,
        schedule: AnnealSchedule | None,
        convention: Convention | None,
    ) -> Setting:
        """Return the setting that the arguments of :func:`qxgap.check` describe.

        Raises
        ------
        InputError
            For anything that is no problem, for a Hamiltonian besides a schedule or convention, and
            for a driver that neither convention has.
        """
        if isinstance(problem, FeatureSelection):
            problem = problem.qubo()
        if isinstance(problem, ProblemLike):
            require_schedule(schedule)
            return cls(
                as_problem(problem),
                schedule or LINEAR,
                Convention.PAPER if convention is None else Convention(convention),
            )
        H = as_qubits(problem, "problem")
        if schedule is not None or convention is not None:
            raise InputError(
                "problem is an AnnealHamiltonian, which has its own schedule and driver; give no "
                "schedule and no convention, or give problem=H.problem"
            )
        return cls(H.problem, H.schedule, _convention_of(H))


def require_schedule(schedule: Any) -> None:
    """Raise InputError unless this is a schedule, or None."""
    if schedule is not None and not isinstance(schedule, AnnealSchedule):
        raise InputError(
            f"schedule is {kind_of(schedule)}; give an AnnealSchedule, such as "
            "qx.schedule_named('linear')"
        )


def _convention_of(H: AnnealHamiltonian) -> Convention:
    """Return the convention that has the driver of a Hamiltonian; InputError if neither has it."""
    for convention in Convention:
        weights = convention.driver(H.num_qubits).weights(H.num_qubits)
        if np.array_equal(weights, H.driver_weights):
            return convention
    raise InputError(
        f"problem has the driver {H.driver!r}; check takes the weight 1 of the paper or the 1/d of "
        "its code. Give another driver to qx.minimum_gap, qx.success_curve and qx.compare"
    )


def given_reads(problem: QuboProblem, samples: SamplesLike | None) -> list[GivenReads]:
    """Return the reads that a user gives, each with a name.

    Raises
    ------
    InputError
        For reads of another problem, for anything but reads, and for the name ``"sa"``.
    """
    if samples is None:
        return []
    if isinstance(samples, dimod.SampleSet):
        samples = {"samples": samples}
    elif not isinstance(samples, Mapping):
        if not isinstance(samples, list | tuple):
            raise InputError(
                f"samples is {kind_of(samples)}; give a dimod.SampleSet, a list of them, or a dict "
                "with their names (qx.samples.load_sampleset reads a file)"
            )
        samples = {f"samples {i}": one for i, one in enumerate(samples, 1)}
    for name, sampleset in samples.items():
        if name == "sa":
            raise InputError("samples 'sa': simulated annealing has this name; give another one")
        require_sampleset(sampleset, f"samples {name!r}")
        try:
            require_reads(sampleset)
            align(problem, sampleset)
        except InputError as error:
            raise InputError(f"samples {name!r}: {error}") from error
    return [GivenReads(str(name), sampleset) for name, sampleset in samples.items()]


@dataclass(eq=False)
class CheckRows:
    """The rows of one problem: planned, then computed one by one, in one process.

    A row equals the row that a study of the same settings writes, except for the name of the
    instance. If :meth:`run` is interrupted, the rows before the interruption remain.

    Parameters
    ----------
    study : Study
        The grid: one problem, convention and schedule.
    name : str
        Name of the problem.
    given : list of GivenReads
        Reads that exist already, which are compared with the prediction too.

    Attributes
    ----------
    planned : list of PlannedRow
        The rows.
    known : dict of str to dict
        Key of each row that is computed, and the row.
    """

    study: Study
    name: str
    given: list[GivenReads]
    planned: list[PlannedRow] = field(init=False)
    known: dict[str, Row] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        (problem,) = self.study.instances
        assert isinstance(problem, QuboProblem)
        instance = instance_of(self.name, "python", "", problem)
        rows = [*plan_rows(self.study, [instance])]
        for reads in self.given:
            for task in (TASKS["sample"], TASKS["compare"]):
                reason = task.reason_left_out(self.study, instance)
                for point in task.positions(self.study):
                    position = {**point, "sampler": reads}
                    cell = None if reason else task.cell(instance, position, self.study.settings)
                    rows.append(PlannedRow(task, instance, position, cell, reason))
        self.planned = rows
        cells = [row.cell for row in rows if row.cell]
        self._cells = [c for name in ORDER for c in cells if c.task == name]
        self._work = Work(self._cells)

    def run(self, say: Say | None = None) -> None:
        """Compute every row that is not computed yet.

        Parameters
        ----------
        say : callable, optional
            Called with what is going on; by default a progress bar shows it.
        """
        pending = [cell for cell in self._cells if cell.key not in self.known]
        seconds = [TASKS[cell.task].seconds(cell) for cell in pending]
        with progress_bar(sum(seconds)) as bar:
            tell = say or bar.set_description_str
            for cell, part in zip(pending, seconds, strict=True):
                text = DOING[cell.task].format(
                    sampler=_sampler_words(cell),
                    reference=_reference(cell),
                    taus=", ".join(f"{tau:g}" for tau in self.study.tau),
                )
                tell(text)
                self._work.follow_gap = partial(_tell_step, tell, text)
                self._work.follow_anneal = partial(_tell_step, tell, "anneal")
                (row,) = compute(Batch([cell], {cell.task: TASKS[cell.task]}), self._work)
                self.known[cell.key] = row
                bar.update(part)

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a results table; a row that is not computed yet is MISSING."""
        return make_table(self.planned, self.known)

    def missing(self) -> list[str]:
        """Return a sentence for each thing that is not computed, with the reason."""
        frame = self.frame
        return [*_too_large(self.study, frame), *_failed(frame)]

    def selections(self) -> Selections | None:
        """Return the selections by every rule; None if they are not computed."""
        return next((self._work.selections(cell) for cell in self._done("select")), None)

    def minimum_gap(self) -> MinimumGap | None:
        """Return the minimum gap; None if it is not computed."""
        return next((self._work.minimum_gap(cell) for cell in self._done("gap")), None)

    def anneals(self) -> tuple[AnnealResult, ...]:
        """Return the anneals that are computed, in the order of the anneal times."""
        runs = [self._work.anneal(cell) for cell in self._done("success")]
        return tuple(sorted(runs, key=lambda run: run.tau))

    def success_curve(self) -> SuccessCurve | None:
        """Return the success probabilities that are computed as one curve; None if there are none.

        Its numbers are those of the rows.
        """
        runs = self.anneals()
        if not runs:
            return None
        rows = {cell.tau: self.known[cell.key] for cell in self._done("success")}
        first = runs[0]
        return SuccessCurve(
            taus=np.array([run.tau for run in runs]),
            success=np.array([run.success_probability for run in runs]),
            errors=np.array([run.error_estimate for run in runs], dtype=np.float64),
            residual_energies=np.array([run.residual_energy for run in runs]),
            random_guess=rows[first.tau]["random_guess"],
            product=np.array([rows[run.tau]["null_product"] for run in runs]),
            statuses=tuple(run.status for run in runs),
            instance_hash=first.instance_hash,
            method=first.method,  # type: ignore[arg-type]
            schedule=first.schedule,
            driver=first.driver,
        )

    def comparisons(self) -> dict[str, tuple[Comparison, ...]]:
        """Return the comparisons of each source of reads, in the order of the anneal times."""
        return {
            source: tuple(self._work.comparison(cell) for cell in cells)
            for source, cells in self._compared(large=False).items()
        }

    def ground_shares(self) -> dict[str, GroundComparison]:
        """Return the reads of each source beside the proven optimum and independent qubits.

        There are none for a problem with a prediction, or without a proof.
        """
        found = {
            source: self._work.ground_comparison(*reversed(cells))
            for source, cells in self._compared(large=True).items()
        }
        return {source: one for source, one in found.items() if one.measured.ground.is_proven}

    def null_success(self) -> dict[float, float]:
        """Return the success probability of independent qubits, if the anneals are left out."""
        rows = {
            cell.tau: self.known[cell.key]
            for cells in self._compared(large=True).values()
            for cell in cells
        }
        shares = {tau: row.get("null_product") for tau, row in sorted(rows.items(), reverse=True)}
        return {tau: share for tau, share in shares.items() if share is not None}

    def _compared(self, *, large: bool) -> dict[str, list[ProblemCell]]:
        """Return the compared cells of each source by rising anneal time."""
        by_source: dict[str, list[ProblemCell]] = {}
        for cell in sorted(self._done("compare"), key=lambda cell: cell.tau):
            if is_large(cell) is large:
                by_source.setdefault(_sampler_label(cell), []).append(cell)
        return by_source

    def reads(self) -> dict[str, Reads]:
        """Return the reads of each source."""
        return {
            _sampler_label(cell): align(self._work.problem(cell), self._work.reads(cell))
            for cell in self._done("sample")
        }

    def _done(self, task: str) -> Iterator[ProblemCell]:
        """Yield the cells of a task that have a result."""
        for cell in self._cells:
            row = self.known.get(cell.key)
            if cell.task == task and row and row["status"] != FAILED:
                assert isinstance(cell, ProblemCell)
                yield cell


def _tell_step(tell: Say, head: str, step: GapProgress | EstimateProgress | str) -> None:
    tell(f"{head}: {step}")


def _sampler_label(cell: Cell) -> str:
    label: str = axis_label(cell.position["sampler"])
    return label


def _sampler_words(cell: Cell) -> str:
    """Return what draws the reads of a cell, for the progress; empty for a cell without reads."""
    if "sampler" not in cell.position:
        return ""
    return source_name(_sampler_label(cell))


def _reference(cell: Cell) -> str:
    """Return what the reads of a cell are compared with, for the progress."""
    if is_large(cell):
        return "the proven optimum"
    return f"the anneal at tau = {cell.position.get('tau', math.nan):g}"


def _too_large(study: Study, frame: pd.DataFrame) -> list[str]:
    """Return a sentence that says which parts of a large problem are left out, and why."""
    if not (frame.status == LEFT_OUT).any():
        return []
    size = int(frame.num_qubits.iloc[0])
    needed = WORKSPACE * 8 << size
    if needed >= BEYOND_COMPUTERS:
        remedy = "which is more than any computer has"
    elif needed > psutil.virtual_memory().total:
        remedy = f"about {format_bytes(needed)} of memory, more than this computer has"
    else:
        remedy = f"about {format_bytes(needed)} of memory; max_qubits = {size} computes them"
    return [
        sentence(
            listed(NEED_STATES),
            f"are not computed: {size} qubits need 2^{size} amplitudes, {remedy}",
        )
    ]


def _failed(frame: pd.DataFrame) -> list[str]:
    """Return a sentence for each reason why rows failed."""
    rows = frame[frame.status == FAILED]
    return [
        f"Not computed ({', '.join(dict.fromkeys(part.task))}): {reason}."
        for reason, part in rows.groupby("reason", sort=False)
    ]


def source_name(source: str) -> str:
    """Return the name of a source of reads in sentences and figures."""
    return "simulated annealing" if source == "sa" else source
