"""What was studied."""

from __future__ import annotations

import pandas as pd

from ... import plotting
from ...study.cells import MISSING
from ...study.shortfall import failures, left_out
from .parts import Context, Picture, Section, Table, number, plural, word

TITLE = "What was studied?"


def section(context: Context) -> Section:
    """Counts, sizes, failures and the network."""
    frame = context.results.frame
    keys = [name for name in ("group", "source", "instance") if name in frame]
    single = frame.drop_duplicates(keys)
    found = Section(TITLE)
    groups = single.group.nunique() if "group" in single else 1
    known = context.results.tradeoff
    at = (
        f", at tradeoff {known:g} (others only where the tradeoff is varied)"
        if known == known
        else ""
    )
    found.findings.append(
        f"{plural(len(single), 'instance')} in {plural(max(groups, 1), 'group')}"
        f"{_span(single.num_qubits.dropna())}{at}. Tasks: "
        f"{', '.join(dict.fromkeys(frame.task)) or 'none'}."
    )
    found.findings.extend(_networks(context))
    found.findings.extend(_shortfall(frame))
    found.pictures.extend(_loss(context))
    rows = context.results.instances
    if len(rows):
        found.tables.append(_sizes(rows))
    return found


def _span(sizes: pd.Series) -> str:
    """Smallest, largest and median number of qubits, where any is known."""
    if sizes.empty:
        return ""
    return f", of {sizes.min():g} to {sizes.max():g} qubits (median {sizes.median():g})"


def _networks(context: Context) -> list[str]:
    lines = []
    for name, facts in context.side.networks.items():
        told = []
        if facts.get("test_accuracy") is not None:
            told.append(
                f"classifies {facts['test_accuracy']:.1%} of {facts['test_images']} images "
                "correctly"
            )
        if facts.get("head"):
            told.append(f"layer {facts['layer']!r} of {facts['num_maps']} maps: {facts['head']}")
        if facts.get("num_without_problem"):
            told.append(
                f"{facts['num_without_problem']} of {facts['num_images']} images have no map of "
                "positive importance and so no QUBO"
            )
        if told:
            lines.append(f"Network {name}: {'; '.join(told)}.")
    return lines


def _shortfall(frame: pd.DataFrame) -> list[str]:
    """What the study asked for and the table does not hold."""
    lines = [f"{line[0].upper()}{line[1:]}." for line in [*left_out(frame), *failures(frame)]]
    waiting = int((frame.status == MISSING).sum())
    if waiting:
        lines.append(f"{waiting} of {len(frame)} rows are not computed yet.")
    return lines or ["No task failed, and no instance was left out."]


def _loss(context: Context) -> list[Picture]:
    found = []
    for name, facts in context.side.networks.items():
        history = facts.get("history")
        if not history:
            continue
        train, validation = history["train_loss"], history["validation_loss"]
        figure = plotting.loss_curves(train, validation, int(history["best_epoch"]))
        found.append(
            Picture(
                f"loss_{word(name)}",
                figure,
                f"Training and validation loss of {name} over {len(train)} epochs.",
                f"Network {name}: training and validation loss per epoch; dotted, the epoch whose "
                "weights were kept.",
            )
        )
    return found


def _sizes(rows: pd.DataFrame) -> Table:
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
