"""What was studied: problems, networks, and what was left out."""

from __future__ import annotations

import pandas as pd

from ...study.cells import MISSING
from ...study.shortfall import failures, left_out
from .context import Context, once
from .finding import Finding
from .wording import counted, listed, percent, sentence


@once
def problem_findings(context: Context) -> tuple[Finding, ...]:
    """Return how many problems there are, of which networks, and what is missing."""
    return (*_counts(context), *_networks(context), *_shortfall(context.results.frame))


def _counts(context: Context) -> list[Finding]:
    frame = context.results.frame
    single = context.problems
    groups = single.group.nunique() if "group" in single else 1
    words = f"the study has {counted(len(single), 'problem')}"
    where = f", in {groups} groups" if groups > 1 else ""
    span = _span(single.num_qubits.dropna())
    findings = [Finding("problems", sentence(words, span, where))]
    if context.results.tradeoff == context.results.tradeoff:
        words = (
            f"the tradeoff between reward and redundancy, the paper's beta, is "
            f"{context.results.tradeoff:g}"
        )
        findings.append(Finding("tradeoff", sentence(words)))
    tasks = list(dict.fromkeys(frame.task))
    if tasks:
        words = f"the study has the tasks {listed(tasks)}"
        words = words if len(tasks) > 1 else f"the study has the task {tasks[0]}"
        findings.append(Finding("tasks", sentence(words), minor=True))
    return findings


def _span(sizes: pd.Series) -> str:
    """Return the smallest, largest and median number of qubits, where any is known."""
    if sizes.empty:
        return ""
    if sizes.min() == sizes.max():
        return f"of {counted(int(sizes.min()), 'qubit')}"
    return f"of {sizes.min():g} to {sizes.max():g} qubits (median {sizes.median():g})"


def _networks(context: Context) -> list[Finding]:
    """Return what is known of every network."""
    findings = []
    for name, facts in context.side.networks.items():
        if facts.get("test_accuracy") is not None:
            words = (
                f"the network {name} classifies {percent(facts['test_accuracy'])} of "
                f"{facts['test_images']} test images correctly"
            )
            findings.append(Finding("network-accuracy", sentence(words), subject=name))
        if facts.get("head"):
            words = (
                f"the problems of {name} come from its layer {facts['layer']!r}, of "
                f"{facts['num_maps']} maps"
            )
            findings.append(Finding("network-layer", sentence(words), subject=name))
            findings.append(_head(str(facts["head"]), name))
        if facts.get("num_without_problem"):
            words = (
                f"{facts['num_without_problem']} of {facts['num_images']} images of {name} have no "
                "map of positive importance, and so no problem"
            )
            findings.append(Finding("images-without-problem", sentence(words), subject=name))
    return findings


def _head(text: str, name: str) -> Finding:
    """Return whether the importance alpha depends on the image, from the report of the head."""
    words = text
    if text.startswith("alpha cannot depend on the image"):
        words = (
            f"the importance alpha of the maps of {name} depends on the class only, because this "
            "layer feeds the linear head"
        )
    return Finding("network-head", sentence(words), subject=name, minor=words == text)


def _shortfall(frame: pd.DataFrame) -> list[Finding]:
    """Return what the study asked for and the table lacks."""
    findings = [Finding("left-out", sentence(line)) for line in left_out(frame)]
    findings += [Finding("failed", sentence(line)) for line in failures(frame)]
    waiting = int((frame.status == MISSING).sum())
    if waiting:
        words = f"{waiting} of {counted(len(frame), 'row')} are not computed yet"
        findings.append(Finding("not-computed", sentence(words)))
    none = Finding("complete", "Nothing failed, and no problem was left out.")
    return findings or [none]
