"""What was studied."""

from __future__ import annotations

import pandas as pd

from ... import plotting
from .parts import Context, Picture, Section, Table, number, plural, word

TITLE = "What was studied?"


def section(context: Context) -> Section:
    """Counts, sizes, failures and the network."""
    frame = context.results.frame
    single = frame.drop_duplicates([*(["group"] if "group" in frame else []), "instance"])
    sizes = single.num_qubits.dropna()
    found = Section(TITLE)
    groups = single.group.nunique() if "group" in single else 1
    known = context.results.tradeoff
    at = (
        f", at tradeoff {known:g} (others only where the tradeoff is varied)"
        if known == known
        else ""
    )
    found.findings.append(
        f"{plural(len(single), 'instance')} in {plural(max(groups, 1), 'group')}, of "
        f"{sizes.min():g} to {sizes.max():g} qubits (median {sizes.median():g}){at}. Tasks: "
        f"{', '.join(dict.fromkeys(frame.task))}."
    )
    found.findings.extend(_networks(context))
    found.findings.extend(_failures(context))
    found.pictures.extend(_loss(context))
    rows = context.results.instances
    if len(rows):
        found.tables.append(_sizes(rows))
    return found


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


def _failures(context: Context) -> list[str]:
    failed = context.results.failed
    if failed.empty:
        return ["No task failed."]
    reasons = failed.reason.value_counts() if "reason" in failed else pd.Series(dtype=int)
    told = "; ".join(f"{reason} ({count})" for reason, count in reasons.head(3).items())
    return [f"{len(failed)} of {len(context.results.frame)} tasks failed and are left out: {told}."]


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
