"""One problem, all four questions: how hard, will it succeed, do reads agree, was it needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...annealing.drivers import Convention
from ...annealing.hamiltonian import AnnealHamiltonian
from ...annealing.schedules import AnnealSchedule
from ...checks import require_number
from ...problem import FeatureSelection, QuboProblem, reduce
from ...problem.accept import ProblemLike
from ...statistics.seeds import Seed, integer_seed
from ...study.config import Study
from ..findings import Answer, answers, unpredicted_answer, with_independent_qubits
from ..results_table import Results
from ..sidefiles import SideFiles
from .check_parts import CheckParts
from .check_parts import CheckStatus as CheckStatus
from .check_rows import (
    NANOSECONDS,
    TASK_NAMES,
    TAUS,
    CheckRows,
    SamplesLike,
    Say,
    Setting,
    given_reads,
    source_name,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class ProblemCheck(CheckParts):
    """The answers to all four questions about one problem, and the results behind them.

    Attributes
    ----------
    name : str
        Name of the problem.
    problem : QuboProblem
        The problem.
    schedule : AnnealSchedule
        The anneal schedule.
    convention : Convention
        The convention of the driver.
    taus : tuple of float
        The anneal times that were asked for.
    answers : tuple of Answer
        The answers to the four questions, in the order of :class:`qxgap.report.Question`.
    gap : MinimumGap or None
        The minimum gap, certified, or an :class:`~qxgap.spectra.EstimatedGap` above ``max_qubits``;
        None if it is not computed.
    anneals : tuple of AnnealResult
        The closed anneals, by rising anneal time; empty if they are not computed.
    success : SuccessCurve or None
        Their success probabilities with null models; None if they are not computed.
    selections : Selections or None
        The exact optimum, and what simple rules select; None if they are not computed.
    reduction : Reduction
        The variables that have the same value in every optimum.
    reads : mapping of str to Reads
        The reads of each source; ``"sa"`` is simulated annealing.
    comparisons : mapping of str to tuple of Comparison
        The comparison of the reads of each source with the anneals, by rising anneal time.
    ground_shares : mapping of str to GroundComparison
        The reads of each source beside the proven optimum, and beside qubits that do not interact,
        where the problem is too large for a prediction; else empty.
    null_success : mapping of float to float
        Success probability of qubits that do not interact, at each anneal time, where the problem
        is too large for its success probability; else empty.
    missing : tuple of str
        A sentence for each thing that is not computed, with the reason.
    frame : DataFrame
        A row for each task, anneal time and source of reads, as a study writes them.
    seed : int
        Seed of all random numbers.

    Examples
    --------
    >>> import qxgap as qx
    >>> check = qx.check(qx.testing.random_feature_selection(4, seed=1), [10.0], seed=1)
    >>> [str(answer.question) for answer in check.answers][:2]
    ['How hard is it?', 'Will it succeed?']
    >>> check.gap.degeneracy, check.status.name
    (1, 'COMPLETE')
    """

    def plot(self, ax: Any = None) -> Figure:
        """Draw gap, success, reads and baselines, a panel for each question.

        Parameters
        ----------
        ax : sequence of four matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from .check_figure import draw_check  # loads matplotlib

        return draw_check(self, ax)

    def write_page(self, folder: str | Path) -> Path:
        """Write the page of the problem, one HTML file that loads nothing, and its figures.

        Parameters
        ----------
        folder : str or Path
            Folder to write to, which is made if needed.

        Returns
        -------
        Path
            The page, which has the name of the problem.

        Raises
        ------
        InputError
            If the folder cannot be written.
        """
        from .check_page import write_check  # loads matplotlib

        return write_check(self, Path(folder)).path

    def _repr_html_(self) -> str:
        """Return the answers, the figure, and the numbers folded away, as notebooks show it."""
        from .check_page import notebook_html  # loads matplotlib

        return notebook_html(self)


def check(
    problem: ProblemLike | FeatureSelection | AnnealHamiltonian,
    taus: float | list[float] | tuple[float, ...] | None = None,
    *,
    schedule: AnnealSchedule | None = None,
    convention: Convention | None = None,
    samples: SamplesLike | None = None,
    num_reads: int = 1000,
    rtol: float = 1e-3,
    tol: float = 1e-6,
    max_qubits: int = 20,
    seed: Seed = 1,
    name: str = "problem",
    progress: Say | None = None,
) -> ProblemCheck:
    """Answer all four questions about one problem.

    They are: how hard is it (the minimum gap, certified, or estimated for a large problem), will it
    succeed (the success probability at several anneal times), does reality agree (reads of
    simulated annealing, and your own, against the prediction), and was annealing needed at all (the
    exact optimum and simple rules).

    Parameters
    ----------
    problem : QuboProblem, FeatureSelection, dimod.BinaryQuadraticModel or AnnealHamiltonian
        The problem. An AnnealHamiltonian also gives schedule and driver.
    taus : float or sequence of float, optional
        Anneal times; by default 10, 50 and 100, or 5, 20 and 100 ns if the schedule is in GHz.
    schedule : AnnealSchedule, optional
        The anneal schedule; by default the linear one.
    convention : Convention, optional
        The weight of the driver; by default that of the paper, 1 on each qubit.
    samples : dimod.SampleSet, or a list or dict of them, optional
        Your own reads of the problem, such as those of an annealer, by their names if it is a dict.
        They are compared with the prediction as those of simulated annealing are.
    num_reads : int
        Number of reads that simulated annealing draws.
    rtol : float
        Relative width of the bracket of the gap; an estimated gap has at least 0.02.
    tol : float
        Error that is tolerated in the success probability.
    max_qubits : int
        Largest number of qubits for which the 2^d amplitudes of the states are computed. The gap of
        a larger problem is estimated, which takes minutes beyond 100 qubits, and its success
        probability is left out; exact selection, simple rules and reads remain.
    seed : int, numpy.random.Generator or None
        Seed of all random numbers.
    name : str
        Name of the problem, for the page.
    progress : callable, optional
        Called with a short text on what is going on; by default a progress bar shows it.

    Returns
    -------
    ProblemCheck
        The answers, and the results behind them. A notebook shows the answers first.

    Raises
    ------
    InputError
        For an argument that is not as described here, and for reads of another problem.

    See Also
    --------
    qxgap.minimum_gap, qxgap.success_curve, qxgap.compare, qxgap.selections : The single results.

    Notes
    -----
    Every number equals that of a study (:mod:`qxgap.study`) with the same settings and seed.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.8], [[0.0, 0.5], [0.0, 0.0]])
    >>> check = qx.check(problem, seed=1)
    >>> check.taus, round(check.gap.value, 3)
    ((10.0, 50.0, 100.0), 0.297)
    >>> check.selections.exact
    (0, 1)
    """
    rows = plan_check(
        problem,
        taus,
        schedule=schedule,
        convention=convention,
        samples=samples,
        num_reads=num_reads,
        rtol=rtol,
        tol=tol,
        max_qubits=max_qubits,
        seed=seed,
        name=name,
    )
    rows.run(progress)
    return result_of(rows)


def plan_check(
    problem: Any,
    taus: Any = None,
    *,
    schedule: AnnealSchedule | None = None,
    convention: Convention | None = None,
    samples: SamplesLike | None = None,
    seed: Seed = 1,
    name: str = "problem",
    **settings: Any,
) -> CheckRows:
    """Return the rows of a check, none of them computed; the arguments are those of :func:`check`.

    A program that wants the rows before an interruption calls ``run`` itself, then
    :func:`result_of`.
    """
    setting = Setting.of(problem, schedule, convention)
    in_nanoseconds = setting.schedule.unit == "GHz"
    if taus is None:
        taus = NANOSECONDS if in_nanoseconds else TAUS
    if isinstance(taus, str):
        require_number(taus, "taus", "one anneal time or a list of them")
    study = Study(
        instances=[setting.problem],
        tasks=TASK_NAMES,
        conventions=[setting.convention],
        schedules=[setting.schedule],
        tau=[taus] if isinstance(taus, bool) else taus,
        seed=integer_seed(seed),
        **settings,
    )
    return CheckRows(study, name, given_reads(setting.problem, samples))


def result_of(rows: CheckRows) -> ProblemCheck:
    """Return the result of the rows that are computed so far."""
    study, frame = rows.study, rows.frame
    (problem,), (schedule,), (convention,) = study.instances, study.schedules, study.conventions
    assert isinstance(problem, QuboProblem)
    return ProblemCheck(
        name=rows.name,
        problem=problem,
        schedule=schedule,
        convention=convention,
        taus=tuple(sorted(study.tau)),
        answers=_answers(rows, frame),
        gap=rows.minimum_gap(),
        anneals=rows.anneals(),
        success=rows.success_curve(),
        selections=rows.selections(),
        reduction=reduce(problem),
        reads=rows.reads(),
        comparisons=rows.comparisons(),
        ground_shares=rows.ground_shares(),
        null_success=rows.null_success(),
        missing=tuple(rows.missing()),
        frame=frame,
        seed=study.seed,
    )


def _answers(rows: CheckRows, frame: pd.DataFrame) -> tuple[Answer, ...]:
    """Return the answers of the table, and what is known of a problem too large for its states."""
    hardness, success, reality, need = answers(Results(frame), SideFiles(), seed=rows.study.seed)
    success = with_independent_qubits(success, rows.null_success())
    if shares := rows.ground_shares():
        named = {source_name(name): one for name, one in shares.items()}
        reality = unpredicted_answer(named)
    return hardness, success, reality, need
