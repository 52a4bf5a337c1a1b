"""The four questions, answered from the table of a study."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..results_table import Results
from ..sidefiles import SideFiles
from .context import Context
from .finding import Answer, Question
from .hardness import hardness_answer
from .need import need_answer
from .reads.reality import reality_answer
from .success import success_answer

ANSWERS: Mapping[Question, Callable[[Context], Answer]] = {
    Question.HARDNESS: hardness_answer,
    Question.SUCCESS: success_answer,
    Question.REALITY: reality_answer,
    Question.NEED: need_answer,
}
"""The function that answers each question, in the order of a report."""


def answers(results: Results, side: SideFiles, *, seed: int = 1) -> tuple[Answer, ...]:
    """Answer the four questions about the problems of a study, or about a single problem.

    Parameters
    ----------
    results : Results
        The table of the study.
    side : SideFiles
        The files beside the table; ``SideFiles()`` if there are none.
    seed : int, optional
        Seed of the bootstrap.

    Returns
    -------
    tuple of Answer
        Always four, in the order of :class:`Question`. What the table cannot answer has ``known``
        False, and its sentence says what is missing and how to get it.

    Examples
    --------
    >>> import pandas as pd
    >>> from qxgap.report import Results
    >>> from qxgap.report.findings import answers
    >>> from qxgap.report.sidefiles import SideFiles
    >>> row = {"task": "gap", "instance": "a", "num_qubits": 3, "convention": "paper"}
    >>> row |= {"schedule": "linear", "tradeoff": 0.7, "status": "BRACKETED", "unit": ""}
    >>> row |= {"gap": 0.1999, "gap_lower": 0.199, "classical_gap": 0.2, "s_star": 1.0}
    >>> hardness, success, *_ = answers(Results(pd.DataFrame([row])), SideFiles())
    >>> print(hardness)  # doctest: +ELLIPSIS
    How hard is it? No quantum bottleneck: The gap never falls below 0.99 of the spacing of the...
    >>> success.known
    False
    """
    context = Context(results, side, seed)
    return tuple(work_out(context) for work_out in ANSWERS.values())
