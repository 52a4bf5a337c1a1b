"""The sanity check of every method of explanation: ``python -m benchmarks.xai.sanity_check``.

For each network the embedded test images that it classifies correctly, the first of each class, are
explained by every method, before and after layers of the network get random weights. Writes the
tables and what they say to ``results/sanity_check.md``, and a figure of each network.
"""

import argparse
from pathlib import Path

import pandas as pd

from benchmarks.common.machine import machine
from benchmarks.xai.average_drop import correct_digits
from qxgap import explain, plotting, xai

RESULTS = Path(__file__).parents[1] / "results"
HOOKS = (("digits", "norm"), ("digits", "conv"), ("digits-nonlinear", "norm"))
"""The networks, and the layer of each that is hooked."""
INTRODUCTION = """# Do the maps show what the network has learnt?

Made by `python -m benchmarks.xai.sanity_check`; do not edit. ({machine})

The check is that of Adebayo et al., arXiv 1810.03292: layers of the network get random weights,
and every method explains the same class of the same image again. A map of what the network has
learnt must change; a map that stays shows the image. Each number is the mean of Spearman's rank
correlation with the map of the trained network, over {images} images that the network classifies
correctly and {draws} draws of random weights, with the wider of the 95 % intervals over images and
over draws. 1 is the same order of the pixels, 0 is nothing in common. *Layers to X* means that all
layers from the output to X are random; *only X* means that X alone is. A map that vanishes counts
as 0; *empty* is the share of such maps, where it is 10 % or more.
"""


def check(network: str, layer: str, per_class: int, draws: int) -> explain.RandomizationCheck:
    """The check of one network with one hooked layer, by every method."""
    module = xai.load_network(network)
    _, images, _ = correct_digits(module, per_class)
    explainer = explain.Explainer(module, layer, seed=1, methods=tuple(explain.ExplanationMethod))
    return explain.randomization_check(explainer, images, draws=draws, seed=1)


def section(title: str, found: explain.RandomizationCheck, figure: str) -> str:
    """The words, the figure and the table of one network."""
    words = "\n".join(f"* {line}" for line in str(found).splitlines())
    return f"## {title}\n\n{words}\n\n![{title}]({figure})\n\n{markdown(found)}"


def markdown(found: explain.RandomizationCheck) -> str:
    """The table: a row for each method, a column for each order and layer."""
    table = found.to_dataframe()
    words = {"cascading": "layers to", "independent": "only"}
    table["column"] = table.order.map(words) + " `" + table.layer + "`"
    table["cell"] = [cell(row) for row in table.itertuples()]
    columns = [
        f"{word} `{name}`"
        for word in words.values()
        for name in found.layers
        if (word, name) != ("only", found.layers[0])  # the same as the first of the others
    ]
    cells = table.pivot_table(index="method", columns="column", values="cell", aggfunc="first")
    rows = [f"| method | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for method in found.methods:
        rows.append(f"| {method} | {' | '.join(cells.loc[method, columns])} |")
    return "\n".join(rows)


def cell(row: pd.Series) -> str:
    """A rank correlation with its interval."""
    low, high = row.rank_correlation_low, row.rank_correlation_high
    empty = f", {row.vanished:.0%} empty" if row.vanished >= 0.1 else ""
    return f"{row.rank_correlation:.2f} [{low:.2f}, {high:.2f}]{empty}"


def main() -> None:
    """Check every network, and write page and figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--per-class", type=int, default=10)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    sections, images = [], 0
    for network, layer in HOOKS:
        found = check(network, layer, options.per_class, options.draws)
        images = found.num_images + found.num_left_out
        stem = f"sanity_check_{network.replace('-', '_')}_{layer.replace('.', '_')}"
        plotting.save(found.plot(), options.output / stem)
        title = f"Network `{network}`, maps of layer `{layer}`"
        sections.append(section(title, found, f"{stem}.png"))
    introduction = INTRODUCTION.format(machine=machine(), images=images, draws=options.draws)
    text = "\n\n".join([introduction.rstrip(), *sections]) + "\n"
    (options.output / "sanity_check.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
