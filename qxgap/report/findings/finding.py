"""What a result says, as data: findings, and the answers to the four questions.

A finding is one claim with its interval, what the interval supports, and the sentence that says so.
Terminal, report page, notebooks and JSON all show the same findings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
    ``EQUAL`` means that every value is the reference itself, as for identical scores.
    ``COMPATIBLE`` means that the interval contains the reference, which proves no equality.
    ``UNDECIDED`` means that there is no interval, so nothing can be claimed. ``ESTIMATED`` marks a
    number with its interval that is compared with nothing. ``CERTAIN`` marks a count or a proven
    bound, which has no sampling error. ``MIXED`` marks a sentence about several findings whose
    supports differ.
    """

    ABOVE = "ABOVE"
    BELOW = "BELOW"
    EQUAL = "EQUAL"
    COMPATIBLE = "COMPATIBLE"
    UNDECIDED = "UNDECIDED"
    ESTIMATED = "ESTIMATED"
    CERTAIN = "CERTAIN"
    MIXED = "MIXED"


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
        ABOVE, BELOW, EQUAL, COMPATIBLE, or, without an interval, UNDECIDED. EQUAL needs an interval
        of no width at the reference.

    Examples
    --------
    >>> from qxgap.report.findings import support_of
    >>> from qxgap.statistics import Estimate
    >>> support_of(Estimate(0.9, 0.7, 1.2, 10), 1.0)
    <Support.COMPATIBLE: 'COMPATIBLE'>
    """
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return Support.UNDECIDED
    if estimate.low == estimate.value == estimate.high == reference:
        return Support.EQUAL
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
        The value that the quantity is compared with; None if it is compared with nothing.
    minor : bool
        Whether the finding is shown under the details only.
    evidence : tuple of Finding
        The findings that the sentence sums up; empty for a finding of its own.

    Raises
    ------
    InputError
        If ``support`` is more or less than what the interval of ``estimate``, or the evidence,
        supports.
    """

    claim: str
    words: str
    support: Support = Support.CERTAIN
    subject: str = ""
    estimate: Estimate | None = None
    reference: float | None = None
    minor: bool = False
    evidence: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        held = self.support
        if self.estimate is not None and self.reference is not None:
            held = support_of(self.estimate, self.reference)
        elif self.evidence:
            held = common_support(self.evidence)
        if self.support is not held:
            of = "its evidence" if self.estimate is None else f"its interval {self.estimate}"
            raise InputError(
                f"the finding {self.claim!r} says {self.support}, but {of} supports {held}; build "
                "it with judged or summed_up"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name; the estimate as a dictionary or None, and of the evidence the
            subjects.
        """
        return plain({**vars(self), "evidence": [each.subject for each in self.evidence]})

    def __str__(self) -> str:
        return self.words


def common_support(findings: Sequence[Finding]) -> Support:
    """Return the support that all findings share; MIXED if they do not share one.

    Parameters
    ----------
    findings : sequence of Finding
        At least one finding.
    """
    kinds = {finding.support for finding in findings}
    return kinds.pop() if len(kinds) == 1 else Support.MIXED


def judged(
    claim: str,
    estimate: Estimate,
    reference: float,
    words: Mapping[Support, str],
    *,
    subject: str = "",
    minor: bool = False,
) -> Finding:
    """Return the finding about a quantity and a reference, in the words that its interval supports.

    Parameters
    ----------
    claim : str
        The kind of the claim.
    estimate : Estimate
        The quantity with its interval.
    reference : float
        The value that it is compared with.
    words : mapping of Support to str
        The sentence for each support. A missing EQUAL or UNDECIDED falls back on COMPATIBLE.
    subject : str, optional
        To what the claim refers.
    minor : bool, optional
        Whether the finding is shown under the details only.

    Examples
    --------
    >>> from qxgap.report.findings import Support, judged
    >>> from qxgap.statistics import Estimate
    >>> words = {
    ...     Support.ABOVE: "The gap is wider.",
    ...     Support.BELOW: "The gap is narrower.",
    ...     Support.COMPATIBLE: "No difference can be shown.",
    ... }
    >>> print(judged("gap", Estimate(0.9, 0.7, 1.2, 10), 1.0, words))
    No difference can be shown.
    """
    support = support_of(estimate, reference)
    text = words.get(support, words[Support.COMPATIBLE])
    return Finding(claim, text, support, subject, estimate, reference, minor)


def summed_up(
    claim: str, evidence: Sequence[Finding], words: str, *, subject: str = "", minor: bool = False
) -> Finding:
    """Return one finding about several others, with the support that they share.

    Parameters
    ----------
    claim : str
        The kind of the claim.
    evidence : sequence of Finding
        At least one finding.
    words : str
        The sentence that sums them up.
    subject : str, optional
        To what the claim refers.
    minor : bool, optional
        Whether the finding is shown under the details only.
    """
    support = common_support(evidence)
    return Finding(claim, words, support, subject, minor=minor, evidence=tuple(evidence))


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
    is_open : bool
        Whether the question stays open although something can be said, as without reads of hardware
        nothing is known about a device.
    """

    question: Question
    verdict: str
    sentence: str
    certainty: str
    story: Story
    findings: tuple[Finding, ...] = ()
    known: bool = True
    is_open: bool = False

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
