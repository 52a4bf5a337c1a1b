"""Answers to questions that a table cannot answer: what is missing, and how to get it."""

from __future__ import annotations

import pandas as pd

from ...memory import BEYOND_COMPUTERS
from ...study.cells import FAILED, LEFT_OUT, MISSING
from ...study.tasks import TASKS
from ...study.tasks.base import AMPLITUDE
from .context import Context
from .finding import Answer, Question, Story

REMEDIES = {
    FAILED: "the reasons are in the column reason of the table",
    LEFT_OUT: "raise max_qubits in the study, or give smaller problems",
    MISSING: "run the same study again, and it goes on",
}


def unanswered(
    context: Context, question: Question, asked: str, task: str, what: str, *, why: str = ""
) -> Answer:
    """Return the answer that says what is missing.

    Parameters
    ----------
    context : Context
        The results of the study.
    question : Question
        The question.
    asked : str
        The question in one sentence, for the story.
    task : str
        The task of a study that computes what is missing.
    what : str
        Name of what is missing, such as ``"gap"``.
    why : str, optional
        A sentence for the case that the task has results which do not answer the question.
    """
    frame = context.results.frame
    states = set(frame.status[frame.task == task])
    undone = [state for state in (MISSING, LEFT_OUT, FAILED) if state in states]
    sizes = _beyond_states(frame[frame.task == task])
    if not states and not why and _needs_states(task):
        sizes = _all_beyond_states(context)
        undone = [LEFT_OUT] if sizes else []
    if why:
        missing, remedy = why, "Another problem or setting is needed."
    elif sizes and undone == [LEFT_OUT]:
        limit, remedy = "above the limit max_qubits", "Give smaller problems, or raise max_qubits."
        if AMPLITUDE << sizes >= BEYOND_COMPUTERS:
            limit, remedy = "more than any computer holds", "Only smaller problems have one."
        missing = f"The {what} is not computed: {sizes} qubits need 2^{sizes} amplitudes, {limit}."
    elif undone:
        state = undone[0]
        reasons = {
            FAILED: "could not be computed",
            LEFT_OUT: "was left out",
            MISSING: "is not computed yet",
        }
        missing = f"The {what} {reasons[state]}: {REMEDIES[state]}."
        remedy = f"{REMEDIES[state][:1].upper()}{REMEDIES[state][1:]}."
    else:
        missing = f'The table holds no {what}: add the task "{task}" to the study.'
        remedy = f'Add the task "{task}" to the study.'
    return Answer(
        question,
        "not known",
        missing,
        "nothing was computed",
        Story(
            asked,
            f"We looked for the {what} in the table.",
            missing,
            "The question stays open.",
            remedy,
        ),
        known=False,
    )


def _needs_states(task: str) -> bool:
    """Return whether a task has no way without the 2^d amplitudes of a state."""
    return task in TASKS and TASKS[task].exponential and not TASKS[task].any_size


def _all_beyond_states(context: Context) -> int:
    """Return the smallest number of qubits, if the study treats no problem with 2^d amplitudes."""
    sizes = context.problems.num_qubits.dropna()
    smallest, limit = (
        (int(sizes.min()) if len(sizes) else 0),
        context.side.settings.get("max_qubits"),
    )
    beyond = AMPLITUDE << smallest >= BEYOND_COMPUTERS
    return smallest if beyond or (limit is not None and smallest > int(limit)) else 0


def _beyond_states(rows: pd.DataFrame) -> int:
    """Return the smallest number of qubits among rows left out because of it; 0 if none is."""
    large = rows[(rows.status == LEFT_OUT) & rows.num_qubits.notna()]
    return int(large.num_qubits.min()) if len(large) else 0


def failed(question: Question, reason: str) -> Answer:
    """Return the answer for a question whose answer could not be worked out.

    Parameters
    ----------
    question : Question
        The question.
    reason : str
        The kind of the error and its message.
    """
    words = f"The answer could not be worked out ({reason})."
    remedy = "Report this error; the other answers do not depend on it."
    story = Story(str(question), "We read the table.", words, "The question stays open.", remedy)
    return Answer(question, "not known", words, "nothing was computed", story, known=False)
