"""Was annealing needed at all: the exact optimum, simple rules, and reduction."""

from __future__ import annotations

import pandas as pd

from .context import Context, distinct, once
from .finding import Answer, Finding, Question, Story
from .unanswered import unanswered
from .wording import all_of, sentence

ASKED = "Could the problems have been solved without an annealer?"

EXACT_TASKS = ("gap", "success", "compare")
"""Tasks whose rows come from the energies of all 2^d states."""


@once
def solved(context: Context) -> pd.DataFrame:
    """Return the instances whose optimum is known exactly, one row each."""
    results = context.results
    rows = [results.rows(task, every_tradeoff=True) for task in EXACT_TASKS]
    drawn = results.rows("sample", every_tradeoff=True)
    if len(drawn) and "ground_probability" in drawn:
        rows.append(drawn.dropna(subset=["ground_probability"]))
    return distinct(pd.concat([part for part in rows if len(part)] or [results.frame.iloc[:0]]))


@once
def need_answer(context: Context) -> Answer:
    """Return the answer to the fourth question."""
    known, total = len(solved(context)), context.num_problems
    if not known:
        return unanswered(context, Question.NEED, ASKED, "gap", "exact solution")
    finding = _shortest_proof(context, known, total)
    return Answer(
        Question.NEED,
        "no" if known == total else f"not for {known} of {total}",
        finding.words,
        f"proven by comparing all {context.terms.state}s",
        _story(context, known, total),
        (finding, *rule_findings(context)),
    )


def _shortest_proof(context: Context, known: int, total: int) -> Finding:
    """Return the simplest method that finds the optimum of all problems that are solved."""
    rows, optimum = rule_rows(context), context.terms.solution
    method, subject = f"comparing all {context.terms.state}s", "enumeration"
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
        did=f"We compared the energies of all 2^d {context.terms.state}s, at most 2^{largest}, "
        "and tried rules without any search.",
        saw=f"The optimum is known exactly for {all_of(known, total)}.",
        means="An annealer can only repeat what a computer proves at once."
        if known == total
        else "For the others this study cannot say whether an annealer helps.",
        limits="It says nothing about problems that are too large to be solved exactly.",
    )
