"""What was studied: instances, networks, and what is missing."""

from __future__ import annotations

import pandas as pd

from ... import plotting
from ...study.cells import MISSING
from ...study.shortfall import failures, left_out
from ..findings import Context
from .parts import Picture, Section, Table, number, plural, word

TITLE = "What was studied?"


def write_section(context: Context) -> Section:
    """Answer with counts, sizes, failures and networks."""
    frame = context.results.frame
    keys = [name for name in ("group", "source", "instance") if name in frame]
    single = frame.drop_duplicates(keys)
    section = Section(TITLE)
    groups = single.group.nunique() if "group" in single else 1
    known = context.results.tradeoff
    at_tradeoff = (
        f", at tradeoff {known:g} (others only where the tradeoff is varied)"
        if known == known
        else ""
    )
    section.findings.append(
        f"{plural(len(single), 'instance')} in {plural(max(groups, 1), 'group')}"
        f"{_span(single.num_qubits.dropna())}{at_tradeoff}. Tasks: "
        f"{', '.join(dict.fromkeys(frame.task)) or 'none'}."
    )
    section.findings.extend(_networks(context))
    section.findings.extend(_shortfall(frame))
    section.pictures.extend(_loss(context))
    rows = context.results.instances
    if len(rows):
        section.tables.append(_sizes(rows))
    return section


def _span(sizes: pd.Series) -> str:
    """Return the smallest, largest and median number of qubits, where any is known."""
    if sizes.empty:
        return ""
    return f", of {sizes.min():g} to {sizes.max():g} qubits (median {sizes.median():g})"


def _networks(context: Context) -> list[str]:
    """Return a sentence for every network of which anything is known."""
    lines = []
    for name, facts in context.side.networks.items():
        clauses = []
        if facts.get("test_accuracy") is not None:
            clauses.append(
                f"classifies {facts['test_accuracy']:.1%} of {facts['test_images']} images "
                "correctly"
            )
        if facts.get("head"):
            clauses.append(f"layer {facts['layer']!r} of {facts['num_maps']} maps: {facts['head']}")
        if facts.get("num_without_problem"):
            clauses.append(
                f"{facts['num_without_problem']} of {facts['num_images']} images have no map of "
                "positive importance and so no QUBO"
            )
        if clauses:
            lines.append(f"Network {name}: {'; '.join(clauses)}.")
    return lines


def _shortfall(frame: pd.DataFrame) -> list[str]:
    """Return what the study asked for and the table lacks."""
    lines = [f"{line[0].upper()}{line[1:]}." for line in [*left_out(frame), *failures(frame)]]
    waiting = int((frame.status == MISSING).sum())
    if waiting:
        lines.append(f"{waiting} of {len(frame)} rows are not computed yet.")
    return lines or ["No task failed, and no instance was left out."]


def _loss(context: Context) -> list[Picture]:
    """Return the loss curves of every network whose training is recorded."""
    pictures = []
    for name, facts in context.side.networks.items():
        history = facts.get("history")
        if not history:
            continue
        train, validation = history["train_loss"], history["validation_loss"]
        figure = plotting.loss_curves(train, validation, int(history["best_epoch"]))
        pictures.append(
            Picture(
                f"loss_{word(name)}",
                figure,
                f"Training and validation loss of {name} over {len(train)} epochs.",
                f"Network {name}: training and validation loss per epoch; dotted, the epoch whose "
                "weights were kept.",
            )
        )
    return pictures


def _sizes(rows: pd.DataFrame) -> Table:
    """Return how many instances there are of every group and size."""
    groups = rows.groupby(["group", "num_qubits"], dropna=False)
    lines = [
        [
            str(group),
            str(int(size)),
            str(len(part)),
            str(part.class_name[part.class_name != ""].nunique() or "-"),
            str(int((part.degeneracy > 1).sum())),
            number(part.mean_coupling.median() if "mean_coupling" in part else float("nan")),
        ]
        for (group, size), part in groups
    ]
    header = ["group", "d", "instances", "classes", "degenerate", "mean J (median)"]
    return Table("Instances by group and number of qubits.", header, lines, labels=2)
