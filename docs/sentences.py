"""The page of every kind of sentence that a report can say, with an example of each."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from qxgap.report import findings
from qxgap.report.findings import Context, Finding, Support
from qxgap.report.results_table import Results
from qxgap.report.sidefiles import SideFiles

TESTS = Path(__file__).parent.parent / "tests" / "report"

WHEN: Mapping[Support, str] = {
    Support.ABOVE: "the whole interval lies above the reference",
    Support.BELOW: "the whole interval lies below the reference",
    Support.EQUAL: "every value is the reference itself",
    Support.COMPATIBLE: "the interval contains the reference, which proves no equality",
    Support.UNDECIDED: "there is no interval, so that nothing can be claimed",
    Support.ESTIMATED: "always, with the interval of the number",
    Support.CERTAIN: "always: it is a count, a proven bound or a definition",
    Support.MIXED: "the single findings differ; each is named",
}
"""When a sentence is said, by what the data support."""

TOPICS = (
    "problem",
    "gap",
    "scaling",
    "success",
    "time",
    "law",
    "reality",
    "need",
    "coupling",
    "explanation",
)
"""Topics that :mod:`qxgap.report.findings` has a function for."""

NETWORK = {
    "test_accuracy": 0.97,
    "test_images": 500,
    "layer": "norm",
    "num_maps": 16,
    "num_without_problem": 2,
    "num_images": 60,
    "head": "alpha cannot depend on the image, only on its class",
}
"""What a study knows of a network, for the examples."""


@cache
def examples() -> dict[tuple[str, Support], str]:
    """Return a sentence for each kind of claim and each support, from the tables of the tests."""
    shown: dict[tuple[str, Support], str] = {}
    for finding in _every_finding():
        shown.setdefault((finding.claim, finding.support), finding.words)
    return shown


def _every_finding() -> Iterator[Finding]:
    sys.path.insert(0, str(TESTS))
    try:
        tables = importlib.import_module("made_tables")
    finally:
        sys.path.remove(str(TESTS))
    functions = [getattr(findings, f"{topic}_findings") for topic in TOPICS]
    for number, table in enumerate((*tables.TABLES.values(), *tables.MORE_TABLES.values())):
        side = SideFiles({"digits": NETWORK} if number == 0 else {})
        context = Context(Results(table()), side, 1)
        for answer in findings.ANSWERS.values():
            yield from answer(context).findings
        for function in functions:
            yield from function(context)
    yield from tables.source_examples()


def sentences_page() -> str:
    """Return the page as Markdown."""
    by_claim: dict[str, dict[Support, str]] = {}
    for (claim, support), words in examples().items():
        by_claim.setdefault(claim, {})[support] = words
    lines = ["| claim | said if | example |", "|---|---|---|"]
    for claim in sorted(by_claim):
        for support in sorted(by_claim[claim], key=list(Support).index):
            words = by_claim[claim][support].replace("|", "\\|")
            lines.append(f"| `{claim}` | {WHEN[support]} | {words} |")
    return "\n".join(lines) + "\n"
