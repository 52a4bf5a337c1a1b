"""The command `qxgap explain`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import InputError
from ..blocks import Entry, in_words
from ..interrupt import interruptible
from ..network_options import (
    DEFAULT_TRADEOFF,
    IMAGES,
    Channels,
    ClassNames,
    ExplainedClass,
    Layer,
    Mean,
    Model,
    Reward,
    RewardName,
    Select,
    Side,
    SizeWeight,
    Std,
    Tradeoff,
    TradeoffAt,
    Weights,
    files_of,
    open_subject,
    say_head,
    say_size,
    selection,
)
from ..options import AsCsv, AsJson, Seed
from ..output import Form, print_rows, refuse_inputs, require_distinct, results_folder
from ..running import progress_line
from ..text_table import fill, table, terminal_width
from ..words import listed, percent

if TYPE_CHECKING:
    import pandas as pd

    from ...explain import ImageFiles


def explain_command(
    images: Annotated[str, typer.Argument(help=f"The images: {IMAGES}")],
    model: Model,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The folder for pictures, problems and metrics."),
    ],
    layer: Layer = None,
    weights: Weights = None,
    tradeoff: Tradeoff = DEFAULT_TRADEOFF,
    tradeoff_at: TradeoffAt = None,
    reward_rule: Reward = RewardName.MAX,
    select: Select = None,
    size_weight: SizeWeight = 1.0,
    channels: Channels = None,
    size: Side = None,
    class_names: ClassNames = None,
    explained_class: ExplainedClass = None,
    mean: Mean = None,
    std: Std = None,
    limit: Annotated[
        int | None,
        typer.Option(help="The number of images to explain, the first ones; by default all."),
    ] = None,
    steps: Annotated[
        int,
        typer.Option(help="The number of steps of the insertion and deletion curves; 0 for none."),
    ] = 20,
    fill: Annotated[
        float, typer.Option(help="The value that replaces removed pixels, in the network's input.")
    ] = 0.0,
    methods: Annotated[
        str | None,
        typer.Option(
            help="The methods that are compared, with commas between them, such as "
            "exact,top-k,LayerCAM, or 'all'. By default all but HiResCAM, LayerCAM and Score-CAM; "
            "the last takes much longer."
        ),
    ] = None,
    seed: Seed = 1,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Explain images by the maps that the QUBO selects, with pictures and metrics.

    Every image gets a picture, a problem file and the scores of the QUBO and of simpler methods.

    Example: qxgap explain images.npz --model digits --limit 2 --steps 5 --out explained
    """
    from ... import explain, xai
    from ...explain.folder import METRICS, PAGE

    if limit is not None and limit < 1:
        raise InputError(f"--limit {limit}; give at least 1")
    if steps < 0:
        raise InputError(f"--steps {steps}; give 0, for no curves, or more")
    form = Form.of(as_json, as_csv)
    with progress_line() as say:
        say(f"opening the network {model} and the images")
        subject = open_subject(
            model,
            images,
            explained_class,
            layer=layer,
            channels=channels,
            size=size,
            class_names=class_names,
            mean=mean,
            std=std,
            weights=weights,
        )
    network, source = subject.network, subject.source
    files = explain.image_files(source.names)
    written = [files[name] for name in source.names[:limit]]
    require_distinct([file.problem for file in written], "images")
    outputs = [name for file in written for name in (file.picture, file.overlay, file.problem)]
    refuse_inputs([out / name for name in (*outputs, METRICS, PAGE)], files_of(images))
    beta, terms = selection(tradeoff, tradeoff_at, reward_rule, select, size_weight)
    terms |= {"target": subject.target, "class_names": subject.class_names}
    if methods is not None:
        terms["methods"] = _methods(methods)
    explainer = explain.Explainer(network.module, network.layer, beta, seed, **terms)
    metrics = explain.Metrics(fill=xai.Constant(fill), steps=steps)
    tables: list[pd.DataFrame] = []
    kept = f"the explanations so far are stored in {out}"
    with results_folder(out), interruptible(lambda: f"{kept} (images: {len(tables)})"):
        for scores in explain.explain_images(explainer, source, out, metrics, limit=limit):
            tables.append(scores)
    if form is Form.WORDS:
        _print_words(tables, files, out, subject.class_names, seed)
    else:
        _print_table(tables, form)
    typer.echo(f"\npage  {(out / PAGE).resolve()}", err=form is not Form.WORDS)
    say_head(subject, limit)
    say_size(select, max(int(scores.num_qubits.max()) for scores in tables))


def _methods(text: str) -> list[str]:
    """Return the names of the methods of explanation in an option."""
    from ...explain import ExplanationMethod

    if text.strip() == "all":
        return list(ExplanationMethod)
    return [name.strip() for name in text.split(",")]


def _print_table(tables: Sequence[pd.DataFrame], form: Form) -> None:
    """Print every row of the tables."""
    import pandas as pd

    whole = pd.concat(tables, ignore_index=True)
    print_rows(whole.astype(object).where(whole.notna(), None).to_dict("records"), form)


def _print_words(
    tables: Sequence[pd.DataFrame],
    files: Mapping[str, ImageFiles],
    out: Path,
    names: Sequence[str],
    seed: int,
) -> None:
    """Print what the tables of the images say together, and about each image."""
    import pandas as pd

    from ... import explain

    whole, width = pd.concat(tables, ignore_index=True), terminal_width()
    answer = explain.describe(whole, seed=seed)
    entries = [_entry(part, files, out, names) for part in tables]
    texts = ["\n".join(fill(line, width) for line in answer.splitlines())]
    texts += [in_words(entries, lambda rows: f"Pictures and metrics.csv are in {out}.", width)]
    means = explain.summary(whole)
    if len(means):
        overlaps = explain.mean_overlaps(whole)
        texts += [f"{table(_means(means, overlaps), width, digits=2)}\n{fill(MEANING, width)}"]
    typer.echo("\n\n".join(texts))


MEANING = (
    "Drop: how much confidence is lost, in percent, if only the marked pixels are shown (low is "
    "good). ADCC: a score of drop, coherency and simplicity together, in percent (high is good). "
    "Overlap: how alike the maps are that are selected for two classes, from 0 to 1. All metrics "
    "are in metrics.csv."
)


def _means(means: pd.DataFrame, overlaps: pd.Series) -> list[dict[str, Any]]:
    """Return the rows of the table of methods: a few metrics, each a mean over the images."""
    shown = {"selected": "maps", "drop_soft": "drop, soft", "drop_area": "drop, area"}
    shown |= {"adcc": "ADCC"}
    return [
        {"method": method}
        | {title: _whole_if_large(float(row[key])) for key, title in shown.items() if key in row}
        | {"overlap": float(overlaps.get(method, math.nan))}
        for method, row in means.iterrows()
    ]


def _whole_if_large(value: float) -> float:
    """Return a number of three digits or more as an integer, which the table does not round."""
    return round(value) if value >= 100 else value


def _entry(
    rows: pd.DataFrame, files: Mapping[str, ImageFiles], out: Path, names: Sequence[str]
) -> Entry:
    """Return what is printed about one image; ``rows`` has a row for each method."""
    by_method: Mapping[Any, Any] = rows.set_index("method").to_dict("index")
    exact = by_method["exact"]
    name, d = str(rows["name"].iloc[0]), exact["num_qubits"]
    selected = exact["selected"] if d else []
    facts = [
        ("class", _classes(exact, names)),
        (
            "selected",
            f"maps {listed(selected)}: {len(selected)} of {d} that can be selected"
            if d
            else f"none: no map of {exact['num_maps']} can be selected",
        ),
        ("picture", str(out / files[name].picture)),
    ]
    cells = {
        "class": str(exact["target"]),
        "confidence": percent(exact["confidence"]),
        "selected": str(len(selected)),
        "of": str(d),
    }
    return Entry(name, "", [], facts, cells)


def _classes(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return the class that is explained, and the predicted and the true one if they differ."""
    from ...xai import class_title

    other = []
    if row["pred"] != row["target"]:
        other.append(f"predicted: {class_title(row['pred'], names)}")
    if row["label"] is not None and row["label"] == row["label"] != row["target"]:
        other.append(f"true: {class_title(int(row['label']), names)}")
    beside = f" ({', '.join(other)})" if other else ""
    title = class_title(row["target"], names)
    return f"{title}{beside}, with a confidence of {percent(row['confidence'])}"
