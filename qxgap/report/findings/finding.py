"""What a result says, as data: findings, and the answers to the four questions.

A finding is one claim with its interval, what the interval supports, and the sentence that says so.
Terminal, report page, notebooks and JSON all show the same findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ...errors import InputError
from ...results import Result, plain
from ...statistics import Estimate


class Question(StrEnum):
    """The four questions, in the order of a report."""

    HARDNESS = "How hard is it?"
    SUCCESS = "Will it succeed?"
    REALITY = "Does reality agree?"
    NEED = "Was annealing needed at all?"


class Support(StrEnum):
    """What the data support about a quantity and its reference value.

    ``ABOVE`` and ``BELOW`` need an interval that lies wholly on that side of the reference.
    ``COMPATIBLE`` means that the interval contains the reference, which proves no equality.
    ``UNDECIDED`` means that there is no interval, so nothing can be claimed. ``CERTAIN`` marks a
    count or a proven bound, which has no sampling error.
    """

    ABOVE = "ABOVE"
    BELOW = "BELOW"
    COMPATIBLE = "COMPATIBLE"
    UNDECIDED = "UNDECIDED"
    CERTAIN = "CERTAIN"


_SIDES = {1: Support.ABOVE, -1: Support.BELOW}


def support_of(estimate: Estimate, reference: float) -> Support:
    """Return what the interval of an estimate supports about a reference value.

    Parameters
    ----------
    estimate : Estimate
        The quantity with its interval.
    reference : float
        The value that the quantity is compared with.

    Returns
    -------
    Support
        Never more than the interval supports: without an interval it is UNDECIDED.

    Examples
    --------
    >>> from qxgap.report.findings import support_of
    >>> from qxgap.statistics import Estimate
    >>> support_of(Estimate(0.9, 0.7, 1.2, 10), 1.0)
    <Support.COMPATIBLE: 'COMPATIBLE'>
    """
    if estimate.low != estimate.low or estimate.high != estimate.high:
        return Support.UNDECIDED
    return _SIDES.get(estimate.side(reference), Support.COMPATIBLE)


@dataclass(frozen=True, repr=False)
class Finding(Result):
    """One claim, what the data support of it, and the sentence that says so.

    Attributes
    ----------
    claim : str
        The kind of the claim, the same for every study, such as ``"gap-over-classical-gap"``.
    words : str
        The sentence. It says what the claim means before it gives the number.
    support : Support
        What the interval supports.
    subject : str
        To what the claim refers where a study has several: a driver, an anneal time, a method.
    estimate : Estimate or None
        The quantity with its interval; None for a count or a proven bound.
    reference : float or None
        The value that the quantity is compared with.

    Raises
    ------
    InputError
        If ``support`` is more or less than what the interval of ``estimate`` supports.
    """

    claim: str
    words: str
    support: Support = Support.CERTAIN
    subject: str = ""
    estimate: Estimate | None = None
    reference: float | None = None

    def __post_init__(self) -> None:
        if self.estimate is None or self.reference is None:
            return
        held = support_of(self.estimate, self.reference)
        if self.support is not held:
            raise InputError(
                f"the finding {self.claim!r} says {self.support}, but its interval {self.estimate} "
                f"says {held} of {self.reference:g}; build it with the functions of this package"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name; the estimate as a dictionary or None.
        """
        return plain(vars(self))

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class Story:
    """How a question was answered, in one sentence for each step.

    Attributes
    ----------
    asked : str
        What we asked.
    did : str
        What we did.
    saw : str
        What we saw.
    means : str
        What it means.
    limits : str
        What we cannot say.
    """

    asked: str
    did: str
    saw: str
    means: str
    limits: str


@dataclass(frozen=True, repr=False)
class Answer(Result):
    """The answer to one of the four questions.

    Attributes
    ----------
    question : Question
        The question.
    verdict : str
        The answer in one to five words, such as ``"easy"`` or ``"no annealer needed"``.
    sentence : str
        The answer in one plain sentence of at most 20 words.
    certainty : str
        How sure the answer is, in at most ten words, such as ``"proven for all 60 problems"``.
    story : Story
        How the question was answered.
    findings : tuple of Finding
        Every claim behind the answer, the most important one first.
    known : bool
        Whether the question could be answered; if not, the sentence says what is missing.
    """

    question: Question
    verdict: str
    sentence: str
    certainty: str
    story: Story
    findings: tuple[Finding, ...] = ()
    known: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Return the answer, its story and its findings as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name; the story as a dictionary and the findings as a list of them.
        """
        return plain({**vars(self), "story": vars(self.story)})

    def __str__(self) -> str:
        return f"{self.question} {self.verdict[:1].upper()}{self.verdict[1:]}: {self.sentence}"
