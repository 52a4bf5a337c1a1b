"""The result of a check without its pictures: answers, single results and rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from ...annealing.drivers import Convention
from ...annealing.schedules import AnnealSchedule
from ...dynamics import AnnealResult, SuccessCurve
from ...problem import QuboProblem, Reduction, Selections
from ...results import Result, plain
from ...samples import Comparison, GroundComparison, Reads
from ...spectra import MinimumGap
from ..findings import Answer, Finding

if TYPE_CHECKING:
    import pandas as pd


class CheckStatus(Enum):
    """Whether a check is complete; the value is the message.

    Attributes
    ----------
    COMPLETE
        Everything was computed.
    PARTIAL
        A part is not computed; ``missing`` says which and why.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(6, seed=1)
    >>> qx.check(problem, num_reads=10, max_qubits=5).status is qx.CheckStatus.PARTIAL
    True
    """

    COMPLETE = "everything was computed"
    PARTIAL = "a part is not computed"


@dataclass(frozen=True, eq=False, repr=False)
class CheckParts(Result):
    """The parts of a :class:`ProblemCheck`, whose attributes it describes."""

    name: str
    problem: QuboProblem
    schedule: AnnealSchedule
    convention: Convention
    taus: tuple[float, ...]
    answers: tuple[Answer, ...]
    gap: MinimumGap | None
    anneals: tuple[AnnealResult, ...]
    success: SuccessCurve | None
    selections: Selections | None
    reduction: Reduction
    reads: Mapping[str, Reads]
    comparisons: Mapping[str, tuple[Comparison, ...]]
    ground_shares: Mapping[str, GroundComparison]
    null_success: Mapping[float, float]
    missing: tuple[str, ...]
    frame: pd.DataFrame = field(repr=False)
    seed: int

    @property
    def status(self) -> CheckStatus:
        """Whether everything was computed."""
        return CheckStatus.PARTIAL if self.missing else CheckStatus.COMPLETE

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every claim behind the answers, in the order of the questions."""
        return tuple(finding for answer in self.answers for finding in answer.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return the answers and the numbers as plain Python values.

        Returns
        -------
        dict of str
            instance, num_qubits, instance_hash, schedule, unit, convention, tau, seed, status and
            missing; ``answers``, each as its own ``to_dict``; and the results minimum_gap,
            success_curve, selections, reduction, reads, comparisons, ground_shares and
            null_success, each as its own ``to_dict``, or None where it is not computed. ``reads``,
            ``comparisons`` and ``ground_shares`` are lists with the name of each source, and
            ``null_success`` is one of anneal times.
        """
        return plain(
            {
                "instance": self.name,
                "num_qubits": self.problem.num_qubits,
                "instance_hash": self.problem.content_hash,
                "schedule": self.schedule.name,
                "unit": self.schedule.unit,
                "convention": self.convention,
                "tau": self.taus,
                "seed": self.seed,
                "status": self.status,
                "missing": self.missing,
                "answers": self.answers,
                "minimum_gap": self.gap,
                "success_curve": self.success,
                "selections": self.selections,
                "reduction": self.reduction,
                "reads": self._reads(),
                "comparisons": [
                    {"source": source, **comparison.to_dict()}
                    for source, parts in self.comparisons.items()
                    for comparison in parts
                ],
                "ground_shares": [
                    {**comparison.to_dict(), "source": source}
                    for source, comparison in self.ground_shares.items()
                ],
                "null_success": [
                    {"tau": tau, "null_product": value}
                    for tau, value in sorted(self.null_success.items())
                ],
            }
        )

    def _reads(self) -> list[dict[str, Any]]:
        """Return the row of each source of reads, under the names of the table."""
        rows = self.frame[(self.frame.task == "sample") & self.frame.sampler.isin(self.reads)]
        names = ["num_reads", "ground_probability", "ground_probability_interval", "best_energy"]
        return [
            {"source": row["sampler"], **{name: row[name] for name in names}}
            for row in rows.to_dict("records")
        ]

    def to_dataframe(self) -> pd.DataFrame:
        """Return the rows as a study writes them.

        Returns
        -------
        pandas.DataFrame
            A row for each task, anneal time and source of reads;
            :func:`qxgap.study.describe_columns` describes the columns.
        """
        return self.frame.copy()

    def __str__(self) -> str:
        size = self.problem.num_qubits
        verdicts = "; ".join(answer.verdict for answer in self.answers)
        head = f"{self.name}, {size} qubit{'' if size == 1 else 's'}: {verdicts}"
        return "\n".join([head, *map(str, self.answers), *self.missing])
