"""The command `qxgap qubo`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..blocks import Entry, Row
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
from ..options import AsCsv, AsJson
from ..output import Form, print_entries, refuse_inputs, require_distinct, results_folder
from ..running import progress_line
from ..words import counted, spread

if TYPE_CHECKING:
    from ...explain import ImageInstance


def qubo_command(
    model: Model,
    images: Annotated[str, typer.Option(help=f"The images: {IMAGES}")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder for the problems, as .npz files.")
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
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Build the selection problem (QUBO) of every image.

    The problem of an image is to select the feature maps of a layer that together support the class
    which the network predicts. Images without a problem are listed with the reason. The files count
    a pair of maps once; the commands that read them can count it twice (--pair-weight 2).

    Example: qxgap qubo --model digits --images images.npz --out problems
    """
    from ... import explain

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
    files = {name: out / file.problem for name, file in explain.image_files(source.names).items()}
    require_distinct([files[name].name for name in source.names], "images")
    refuse_inputs(files.values(), files_of(images))
    beta, terms = selection(tradeoff, tradeoff_at, reward_rule, select, size_weight)
    entries: list[Entry] = []
    with results_folder(out), progress_line() as say:
        say(f"network {model}: feature maps of the first images")
        for names, pixels, labels in source.batches():
            for item in explain.image_instances(
                network.module,
                network.layer,
                names,
                pixels,
                labels,
                tradeoff=beta,
                target=subject.target,
                class_names=subject.class_names,
                **terms,
            ):
                entries.append(_entry(item, _save_instance(item, files[item.name])))
                say(f"{len(entries)} of {len(source.names)} images  {item.name}")
    print_entries(entries, form, _summary)
    say_head(subject)
    say_size(select, max((row["d"] for entry in entries for row in entry.rows), default=0))


def _save_instance(item: ImageInstance, path: Path) -> dict[str, Any]:
    """Write the problem of an image, if there is one, and return the row to print."""
    from ...problem.formats import save

    facts = item.to_dict()
    columns = ["label", "pred", "target", "target_name", "d", "num_maps"]
    columns += item.selectable.counts
    if item.problem is None:
        columns += ["image", "status"]
    file = str(save(item.problem, path)) if item.problem else None
    return {"file": file} | {name: facts[name] for name in columns}


def _entry(item: ImageInstance, row: Row) -> Entry:
    """Return what is printed about the problem of one image."""
    reasons = ", ".join(f"{row[key]} {words}" for key, words in LEFT_OUT.items() if row[key])
    left = f"; {reasons}" if reasons else ""
    facts = [
        ("class", item.classes()),
        ("maps", f"{row['d']} of {row['num_maps']} can be selected{left}"),
    ]
    if row["file"] is None:
        facts.append(("no problem", row["status"]))
    else:
        facts.append(("written to", row["file"]))
    cells = {
        "class seen": str(row["pred"]),
        "true class": "" if row["label"] is None else str(row["label"]),
        "can be selected": str(row["d"]),
        "of maps": str(row["num_maps"]),
        "problem": "written" if row["file"] else "none",
    }
    return Entry(row["file"] or item.name, "", [row], facts, cells)


LEFT_OUT = {
    "num_nonpositive": "do not support the class",
    "num_dead": "are zero everywhere",
    "num_nonfinite": "have values that are no finite numbers",
}
"""The reason why a map cannot be selected, by the key of the number of such maps."""


def _summary(rows: Sequence[Row]) -> str:
    """Return how many images have a problem, and of which sizes."""
    sizes = [row["d"] for row in rows if row["file"]]
    images = counted(len(rows), "image")
    if not sizes:
        return f"None of the {images} has a map that can be selected."
    folder = Path(next(row["file"] for row in rows if row["file"])).parent
    return (
        f"{len(sizes)} of {images} have a problem, whose number of maps is {spread(sizes, str)}. "
        f"The files are in {folder}."
    )
