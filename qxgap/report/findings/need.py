"""Was annealing needed at all: the exact optimum, simple rules, and reduction."""

from __future__ import annotations

import pandas as pd

from ...statistics import Resampling
from ...study.tasks.sample import ENUMERATED
from ..results_table import is_estimated
from .claims import known, with_interval
from .context import Context, distinct, once
from .finding import Answer, Finding, Question, Story
from .rules import SMALL_PROBLEM
from .unanswered import unanswered
from .wording import SAMPLER_NAMES, all_of, percent, sentence

ASKED = "Could the problems have been solved without an annealer?"

EXACT_TASKS = ("gap", "success", "compare")
"""Tasks whose rows come from the energies of all 2^d states."""


@once
def enumerated(context: Context) -> pd.DataFrame:
    """Return the instances of which all 2^d states were compared, one row each."""
    results = context.results
    rows = [results.rows(task, every_tradeoff=True) for task in EXACT_TASKS]
    rows = [part[~is_estimated(part) & ~_is_unpredicted(part)] for part in rows]
    rows.append(_drawn(context).query(f"num_qubits <= {ENUMERATED}"))
    return distinct(pd.concat([part for part in rows if len(part)] or [results.frame.iloc[:0]]))


def _is_unpredicted(rows: pd.DataFrame) -> pd.Series:
    """Return which rows compare reads without a prediction, and so without the 2^d states."""
    if "predicted" not in rows:
        return pd.Series(False, rows.index)
    return (rows.task == "compare") & rows.predicted.isna()


@once
def solved(context: Context) -> pd.DataFrame:
    """Return the instances whose optimum is known exactly, one row each.

    Those that are not enumerated are solved by branch and bound.
    """
    rows = [enumerated(context), context.results.instances, _drawn(context), _counted(context)]
    return distinct(pd.concat([part for part in rows if len(part)] or rows[:1]))


def _drawn(context: Context) -> pd.DataFrame:
    """Return the rows of reads whose ground energy is known."""
    rows = context.results.rows("sample", every_tradeoff=True)
    known = "ground_probability" in rows
    return rows.dropna(subset=["ground_probability"]) if known else rows.iloc[:0]


def _counted(context: Context) -> pd.DataFrame:
    """Return the comparisons without a prediction whose ground energy is proven."""
    rows = context.results.unpredicted
    return rows.dropna(subset=["ground_probability"]) if len(rows) else rows


@once
def need_answer(context: Context) -> Answer:
    """Return the answer to the fourth question."""
    number, total = len(solved(context)), context.num_problems
    if not number:
        return unanswered(
            context, Question.NEED, ASKED, "gap", "exact solution", why=_unproven(context)
        )
    finding = _simplest_method(context, number, total)
    return Answer(
        Question.NEED,
        "no" if number == total else f"not for {number} of {total}",
        finding.words,
        f"proven by {_proof(context)}",
        _story(context, number, total),
        (finding, *need_findings(context)),
    )


def _unproven(context: Context) -> str:
    """Return why no optimum is known although branch and bound ran; empty if it did not."""
    searched = [context.results.rows("select", every_tradeoff=True), context.results.unpredicted]
    if all(rows.empty for rows in searched):
        return ""
    return "Branch and bound ended before it had ruled out every better state."


def _proof(context: Context) -> str:
    """Return how the optima of all solved instances are proven."""
    if len(enumerated(context)) < len(solved(context)):
        return "branch and bound"
    return f"comparing all {context.terms.state}s"


def _simplest_method(context: Context, number: int, total: int) -> Finding:
    """Return the simplest method that finds the optimum of all problems that are solved."""
    rows, optimum = rule_rows(context), context.terms.solution
    method, subject = _proof(context), "exact search"
    if len(rows) == number:
        if "num_fixed" in rows and (rows.num_fixed == rows.num_qubits).all():
            method, subject = "reducing the problem by exact rules", "reduction"
        if "greedy_is_optimal" in rows and (rows.greedy_is_optimal == 1).all():
            method, subject = RULES["greedy"], "greedy"
    words = sentence(method, f"finds {optimum} in", all_of(number, total))
    return Finding("annealer-not-needed", words, subject=subject)


RULES = {
    "greedy": "a greedy search",
    "top_k": "taking as many variables by their reward alone (top-k)",
    "random_k": "taking as many variables at random",
    "all_positive": "taking every variable of positive reward",
}
"""Rules that need no annealer; the first one needs to know nothing of the optimum."""


def _finds(context: Context, name: str, number: int, total: int) -> str:
    return sentence(RULES[name], f"finds {context.terms.solution} in", all_of(number, total))


@once
def rule_rows(context: Context) -> pd.DataFrame:
    """Return one row for each instance whose optimal selection is in the table."""
    rows = context.results.instances
    if rows.empty or "selected" not in rows:
        return rows.iloc[:0]
    return rows[rows.selected.notna()]


@once
def need_findings(context: Context) -> tuple[Finding, ...]:
    """Return how often each simple rule finds an optimum, and what reduction and size tell."""
    rows, findings = rule_rows(context), []
    if rows.empty:
        return ()
    for name in RULES:
        if f"{name}_is_optimal" in rows:
            known_hits = rows[f"{name}_is_optimal"].dropna()
            if known_hits.empty:
                continue
            words = _finds(context, name, int(known_hits.astype(bool).sum()), len(known_hits))
            minor = name not in ("greedy", "top_k")
            findings.append(Finding("rule-finds-optimum", words, subject=name, minor=minor))
    if "num_fixed" in rows:
        settled = int((rows.num_fixed == rows.num_qubits).sum())
        words = "exact rules that shrink a problem, without any search, settle {} entirely"
        words = sentence(words.format(all_of(settled, len(rows))))
        findings.append(Finding("reduction-settles", words))
    largest = int(rows.num_qubits.max())
    words = f"the largest problem has 2^{largest} {context.terms.state}s"
    if largest <= SMALL_PROBLEM:
        words += ", few enough for a computer to compare them one by one"
    return (*findings, Finding("largest-problem", sentence(words)), _size(context, rows))


def _size(context: Context, rows: pd.DataFrame) -> Finding:
    """Return how many variables the optimum selects."""
    sizes = rows.selected.map(len)
    share = Resampling.of(rows.cluster, seed=context.seed).median(sizes / rows.num_qubits)
    words = sentence(
        f"{context.terms.solution} typically takes {sizes.median():g} variables, a share of "
        f"{with_interval(share)} of those that could be taken"
    )
    return Finding("size-of-optimum", words, known(share), "", share, minor=True)


def _story(context: Context, number: int, total: int) -> Story:
    largest = int(solved(context).num_qubits.max())
    drawn = _drawn(context)
    saw = f"The optimum is known exactly for {all_of(number, total)}."
    if total == 1 and len(drawn):  # the annealer's rival of the same kind
        row = drawn.iloc[0]
        name = SAMPLER_NAMES.get(row.sampler, row.sampler)
        saw = sentence(
            f"the optimum is known exactly; {percent(row.ground_probability)} of the reads of",
            f"{name} are optimal",
        )
    return Story(
        asked=ASKED if total > 1 else "Could the problem have been solved without an annealer?",
        did=f"We {_did(context, largest)}, and tried rules without any search.",
        saw=saw,
        means="An annealer can only repeat what a computer proves without it."
        if number == total
        else "For the others this study cannot say whether an annealer helps.",
        limits="It says nothing about problems that are too large to be solved exactly.",
    )


def _did(context: Context, largest: int) -> str:
    states = f"{context.terms.state}s"
    if len(enumerated(context)) < len(solved(context)):
        return f"ruled out worse {states} of up to {largest} variables by branch and bound"
    if context.num_problems == 1:
        return f"compared the energies of all 2^{largest} {states}"
    return f"compared the energies of all 2^d {states}, at most 2^{largest}"
