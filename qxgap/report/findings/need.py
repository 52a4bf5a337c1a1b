"""Was annealing needed at all: the exact optimum, simple rules, and reduction."""

from __future__ import annotations

import pandas as pd

from ...study.tasks.sample import ENUMERATED
from .context import Context, distinct, once
from .finding import Answer, Finding, Question, Story
from .unanswered import unanswered
from .wording import all_of, sentence

ASKED = "Could the problems have been solved without an annealer?"

EXACT_TASKS = ("gap", "success", "compare")
"""Tasks whose rows come from the energies of all 2^d states."""


@once
def enumerated(context: Context) -> pd.DataFrame:
    """Return the instances of which all 2^d states were compared, one row each."""
    results = context.results
    rows = [results.rows(task, every_tradeoff=True) for task in EXACT_TASKS]
    rows.append(_drawn(context).query(f"num_qubits <= {ENUMERATED}"))
    return distinct(pd.concat([part for part in rows if len(part)] or [results.frame.iloc[:0]]))


@once
def solved(context: Context) -> pd.DataFrame:
    """Return the instances whose optimum is known exactly, one row each.

    Those that are not enumerated are solved by branch and bound.
    """
    rows = [enumerated(context), context.results.instances, _drawn(context)]
    return distinct(pd.concat([part for part in rows if len(part)] or rows[:1]))


def _drawn(context: Context) -> pd.DataFrame:
    """Return the rows of reads whose ground energy is known."""
    rows = context.results.rows("sample", every_tradeoff=True)
    known = "ground_probability" in rows
    return rows.dropna(subset=["ground_probability"]) if known else rows.iloc[:0]


@once
def need_answer(context: Context) -> Answer:
    """Return the answer to the fourth question."""
    known, total = len(solved(context)), context.num_problems
    if not known:
        return unanswered(
            context, Question.NEED, ASKED, "gap", "exact solution", why=_unproven(context)
        )
    finding = _shortest_proof(context, known, total)
    return Answer(
        Question.NEED,
        "no" if known == total else f"not for {known} of {total}",
        finding.words,
        f"proven by {_proof(context)}",
        _story(context, known, total),
        (finding, *rule_findings(context)),
    )


def _unproven(context: Context) -> str:
    """Return why no optimum is known although branch and bound ran; empty if it did not."""
    if context.results.rows("select", every_tradeoff=True).empty:
        return ""
    return "Branch and bound ended before it had ruled out every better state."


def _proof(context: Context) -> str:
    """Return how the optima of all solved instances are proven."""
    if len(enumerated(context)) < len(solved(context)):
        return "branch and bound"
    return f"comparing all {context.terms.state}s"


def _shortest_proof(context: Context, known: int, total: int) -> Finding:
    """Return the simplest method that finds the optimum of all problems that are solved."""
    rows, optimum = rule_rows(context), context.terms.solution
    method, subject = _proof(context), "exact search"
    if len(rows) == known:
        if "num_fixed" in rows and (rows.num_fixed == rows.num_qubits).all():
            method, subject = "reducing the problem by exact rules", "reduction"
        if "greedy_is_optimal" in rows and rows.greedy_is_optimal.astype(bool).all():
            method, subject = RULES["greedy"], "greedy"
    words = sentence(method, f"finds {optimum} in", all_of(known, total))
    return Finding("annealer-not-needed", words, subject=subject)


RULES = {
    "greedy": "a simple greedy search",
    "top_k": "taking the most important ones by themselves",
}


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
def rule_findings(context: Context) -> tuple[Finding, ...]:
    """Return how often each simple rule finds an optimum."""
    rows, findings = rule_rows(context), []
    for name in RULES:
        if f"{name}_is_optimal" in rows and len(rows):
            hits = int(rows[f"{name}_is_optimal"].astype(bool).sum())
            findings.append(
                Finding("rule-finds-optimum", _finds(context, name, hits, len(rows)), subject=name)
            )
    return tuple(findings)


def _story(context: Context, known: int, total: int) -> Story:
    largest = int(solved(context).num_qubits.max())
    return Story(
        asked=ASKED,
        did=f"We {_did(context, largest)}, and tried rules without any search.",
        saw=f"The optimum is known exactly for {all_of(known, total)}.",
        means="An annealer can only repeat what a computer proves at once."
        if known == total
        else "For the others this study cannot say whether an annealer helps.",
        limits="It says nothing about problems that are too large to be solved exactly.",
    )


def _did(context: Context, largest: int) -> str:
    states = f"{context.terms.state}s"
    if len(enumerated(context)) < len(solved(context)):
        return f"ruled out worse {states} of up to {largest} variables by branch and bound"
    return f"compared the energies of all 2^d {states}, at most 2^{largest}"
