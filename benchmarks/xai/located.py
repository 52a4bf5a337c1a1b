"""Do the maps mark the digit? Metrics of Quantus: ``python -m benchmarks.xai.located``.

Needs qxgap with the extras ``quantus`` and ``dev``. Every method explains embedded digits that are
pasted on textures, as far as the network classifies them correctly. Pointing game, mass accuracy
and sparseness take all of these images, and ROAD, max-sensitivity and infidelity the first of each
class. Writes the tables and what they say to ``results/located.md``, and a figure of each layer.
"""

import argparse
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.common.machine import machine
from benchmarks.xai.average_drop import first_correct
from qxgap import explain, plotting, xai
from qxgap.explain.quantus import default_metrics
from qxgap.statistics import MeanInterval, mean_interval, paired_difference

RESULTS = Path(__file__).parents[1] / "results"
HOOKS = (("digits", "norm"), ("digits", "conv"), ("digits-nonlinear", "norm"))
"""The networks, and the layer of each that is hooked."""
ON_ALL = ("pointing_game", "mass_accuracy", "sparseness")
ON_SOME = ("road", "max_sensitivity", "infidelity")
SEED = 1
INTRODUCTION = """# Do the maps mark the digit?

Made by `python -m benchmarks.xai.located`; do not edit. (quantus {quantus}; {machine})

Every method explains embedded digits that are pasted, smaller, on textures
(`xai.pasted_digits(seed=1)`), and metrics of Quantus judge the maps. Intervals are 95 %, the wider
of those over images and over the classes.

* **Pointing game**: share of the images in which the largest value of the map lies in the box.
* **Mass accuracy**: share of the sum of the map that lies in the box.
* **Sparseness**: Gini index of the map; 0 is the same everywhere, 1 is a single pixel. No grade.
* **ROAD**: share of the images that keep their class after the most relevant 10, 30, 50, 70 and
  90 % of the pixels are replaced by their surroundings; lower is better.
* **Max-sensitivity**: largest relative change of the map under noise of at most 0.2; lower is
  steadier, and the steadiest map is one that ignores the image.
* **Infidelity**: mean squared difference between what patches of the map add up to, times their
  change, and what the logit loses. It assumes a map in units of the logit; here each map is divided
  by its maximum, so that it is no grade.
"""


def explained(network: str, layer: str) -> tuple[explain.Explainer, list[explain.Explanation]]:
    """The explanations of the images that the network classifies correctly."""
    module = xai.load_network(network)
    images, labels, _ = xai.pasted_digits(seed=SEED)
    with torch.no_grad():
        rows = (module(images).argmax(dim=1) == labels).nonzero()[:, 0]
    explainer = explain.Explainer(
        module, layer, seed=SEED, methods=tuple(explain.ExplanationMethod)
    )
    names = [str(row) for row in rows.tolist()]
    return explainer, list(explainer.explain(names, images[rows], labels[rows]))


def measure(network: str, layer: str, per_class: int) -> pd.DataFrame:
    """A row for each image and method, with NaN where a metric was not measured."""
    explainer, found = explained(network, layer)
    boxes = xai.pasted_digits(seed=SEED)[2]
    places = np.array([boxes[int(item.instance.name)] for item in found])
    metrics = default_metrics(located=True)
    table = explain.quantus_scores(
        explainer, found, {name: metrics[name] for name in ON_ALL}, places
    )
    labels = torch.tensor([item.instance.label for item in found])
    first = first_correct(labels, labels, per_class).tolist()
    some = explain.quantus_scores(
        explainer, [found[row] for row in first], {name: metrics[name] for name in ON_SOME}
    )
    table = table.merge(some[["name", "method", *ON_SOME]], on=["name", "method"], how="left")
    sizes = (places[:, 2] - places[:, 0]) * (places[:, 3] - places[:, 1])
    area = dict(zip([item.instance.name for item in found], sizes / 28**2, strict=True))
    return table.assign(area=table.name.map(area))


def mean(values: pd.Series, classes: pd.Series) -> MeanInterval:
    known = values.notna()
    return mean_interval(values[known].astype(float), classes[known], seed=SEED)


def cell(name: str, found: MeanInterval) -> str:
    """A mean with its interval, cut where no value can lie."""
    largest = np.inf if name in ("max_sensitivity", "infidelity") else 1.0
    low, high = np.clip(found.wider_interval, 0.0, largest)
    return f"{found.mean:.2f} [{low:.2f}, {high:.2f}]"


def table_of(rows: pd.DataFrame) -> str:
    """The means with intervals: a row for each method, a column for each metric."""
    metrics = [*ON_ALL, *ON_SOME]
    words = [name.replace("_", " ") for name in metrics]
    lines = [f"| method | {' | '.join(words)} |", "|---" * (len(metrics) + 1) + "|"]
    for method, part in rows.groupby("method", sort=False):
        cells = [cell(name, mean(part[name], part.target)) for name in metrics]
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def said(rows: pd.DataFrame) -> str:
    """What the intervals allow to say of the QUBO's maps against the others."""
    lines = []
    for name in ("pointing_game", "mass_accuracy"):
        values = rows.pivot(index="name", columns="method", values=name)
        classes = rows.drop_duplicates("name").set_index("name").target
        verdicts = []
        for other in (m for m in rows.method.unique() if m != "exact"):
            pair = values[["exact", other]].dropna().astype(float)
            difference = paired_difference(
                pair["exact"], pair[other], classes[pair.index], seed=SEED
            )
            mark = "**" if difference.excludes_zero else ""
            low, high = difference.wider_interval
            verdicts.append(f"{other} {mark}{difference.mean:+.2f} [{low:+.2f}, {high:+.2f}]{mark}")
        word = name.replace("_", " ").capitalize()
        lines.append(f"* {word}, QUBO exact minus another method: {', '.join(verdicts)}.")
    return "\n".join(lines)


def control() -> dict[str, float]:
    """Both metrics of the image itself, taken as a map of the images of the first network."""
    images, labels, boxes = xai.pasted_digits(seed=SEED)
    with torch.no_grad():
        right = xai.load_network(HOOKS[0][0])(images).argmax(dim=1) == labels
    inside, mass = [], []
    for image, (top, left, bottom, right_) in zip(images[right, 0], boxes[right], strict=True):
        box = image[top:bottom, left:right_]
        inside.append(float(box.max() == image.max()))
        mass.append(float(box.sum() / image.sum()))
    return {"pointing": float(np.mean(inside)), "mass": float(np.mean(mass))}


def section(network: str, layer: str, rows: pd.DataFrame, figure: str) -> str:
    """Words, figure and table of one layer."""
    number, total = rows.name.nunique(), len(xai.digits_images()[0])
    some = rows[rows.road.notna()].name.nunique()
    empty = rows.groupby("method").mass_accuracy.apply(lambda values: int(values.isna().sum()))
    without = [f"{method} {count}" for method, count in empty.items() if count]
    title = f"Network `{network}`, maps of layer `{layer}`"
    intro = (
        f"{number} of {total} images are classified correctly and are explained; {some} of them, "
        f"the first of each class, have the last three metrics. The box is {rows.area.mean():.0%} "
        "of an image in the mean: a map that knows nothing has that pointing game and mass "
        "accuracy."
    )
    if without:
        intro += f" Maps without any place are left out: {', '.join(without)}."
    return f"## {title}\n\n{intro}\n\n{said(rows)}\n\n![{title}]({figure})\n\n{table_of(rows)}"


def main() -> None:
    """Measure every layer, and write page and figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--per-class", type=int, default=10, help="images with the slow metrics")
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    found = control()
    parts = [
        INTRODUCTION.format(quantus=version("quantus"), machine=machine())
        + "\nThe image itself, taken as a map, has a pointing game of "
        f"{found['pointing']:.2f} and a mass accuracy of {found['mass']:.2f}: a high value alone "
        "does not show that a map is about the network. That is what [the sanity "
        "check](sanity_check.md) asks."
    ]
    for network, layer in HOOKS:
        rows = measure(network, layer, options.per_class)
        values = {}
        for method, part in rows.groupby("method", sort=False):
            one = mean(part.mass_accuracy, part.target)
            values[str(method)] = (one.mean, *one.wider_interval)
        figure = plotting.values_with_intervals(
            values,
            "mass accuracy: share of the map in the digit's box",
            reference=float(rows.area.mean()),
            reference_name="a map that is the same everywhere",
        )
        stem = f"located_{network.replace('-', '_')}_{layer.replace('.', '_')}"
        plotting.save(figure, options.output / stem)
        parts.append(section(network, layer, rows, f"{stem}.png"))
    (options.output / "located.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
