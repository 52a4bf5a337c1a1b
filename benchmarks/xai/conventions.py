"""How much of Average Drop is its definition: ``conventions.py --networks DIR``.

The networks and images are those of ``average_drop.py``: digits networks of 16, 24 and 32 maps with
the paper's linear head, and of 16 maps with a hidden layer in the head, each trained with three
seeds (into DIR, if they are not there yet). Every method explains every image, and its map is
scored by four conventions of the same name. Writes a row per network, image and method to
``results/conventions.csv.gz`` (networks that are in it are not measured again), and the tables with
what survives to ``results/conventions.md``.
"""

import argparse
from pathlib import Path

import pandas as pd

from benchmarks.common.machine import machine
from benchmarks.xai.average_drop import RESULTS, TRADEOFF, correct_digits, digits_network
from benchmarks.xai.average_drop_table import SEED, cell, contrast, markdown
from qxgap import xai
from qxgap.explain import Explainer, ExplanationMethod, drops_by_convention
from qxgap.statistics import mean_interval
from qxgap.version import versions

NAMES = [convention.name for convention in xai.AverageDrop.ALL]
MIXED = "as published"
"""The annealer clipped and every other method signed, as in the table of the paper."""
METHODS = [method.value for method in ExplanationMethod]
KEPT = ["name", "target", "confidence", "num_qubits", "num_maps", "method"]


def measure(folder: Path, seed: int, num_maps: int, hidden: int, per_class: int) -> pd.DataFrame:
    """Return a row for each image and method, with a column for each convention."""
    network = digits_network(folder, seed, num_maps, hidden)
    explainer = Explainer(network, network.HOOK, TRADEOFF, seed, methods=tuple(ExplanationMethod))
    explained = list(explainer.explain(*correct_digits(network, per_class)))
    table = drops_by_convention(explainer, explained)
    return table[[*KEPT, *(f"drop_{name}" for name in NAMES)]].rename(
        columns=lambda name: name.removeprefix("drop_")
    )


def write_page(rows: pd.DataFrame, path: Path) -> None:
    """Write the tables and what they say."""
    used = rows[rows.num_qubits > 0]
    found = pd.concat(
        [compare(part).assign(network=name) for name, part in used.groupby("network", sort=False)]
    )
    parts = [
        INTRODUCTION.format(machine=machine(), mixed=MIXED, versions=said_versions()),
        survives(found),
    ]
    for name, part in used.groupby("network", sort=False):
        own = found[found.network == name]
        parts += [
            f"## {name}",
            f"{part.seed.nunique()} seeds, {part.groupby('seed').name.nunique().sum()} explained "
            "images. Average Drop, percent:",
            markdown(means(part)),
            "Average Drop of the QUBO minus that of the other method, percentage points:",
            markdown(differences(own)),
        ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def means(part: pd.DataFrame) -> pd.DataFrame:
    """Return the mean drop with its interval: a row for each method, a column a convention."""
    cells = {}
    for name in NAMES:
        column = {}
        for method in METHODS:
            own = part[part.method == method]
            mean = mean_interval(own[name], own.target, seed=SEED)
            low, high = mean.wider_interval
            column[method] = f"{mean.mean:.1f} [{low:.1f}, {high:.1f}]"
        cells[name] = column
    return pd.DataFrame(cells).rename_axis("method")


def compare(part: pd.DataFrame) -> pd.DataFrame:
    """Return the difference of the QUBO from each other method, by each convention and the mix."""
    keys = ["seed", "name"]
    ordered = {m: part[part.method == m].sort_values(keys) for m in METHODS}
    exact, rows = ordered["exact"], []
    for method in METHODS[1:]:
        other = ordered[method]
        for name in (*NAMES, MIXED):
            one = exact["authors, clipped" if name == MIXED else name].to_numpy()
            two = other["authors, signed" if name == MIXED else name].to_numpy()
            found, verdict = contrast(one, two, exact.target, exact.seed)
            rows.append((method, name, found.mean, *found.wider_interval, verdict))
    return pd.DataFrame(rows, columns=["method", "convention", "mean", "low", "high", "verdict"])


def differences(found: pd.DataFrame) -> pd.DataFrame:
    """Return the table of differences: a row for each other method, a column a convention."""
    cells = found.assign(cell=[cell(row) for row in found.itertuples()])
    table = cells.pivot_table("cell", "method", "convention", aggfunc="first")
    return table.loc[METHODS[1:], [*NAMES, MIXED]].rename_axis("against")


def survives(found: pd.DataFrame) -> str:
    """Say of every other method what holds by all conventions on all networks."""
    lines = ["## What survives", ""]
    pure = found[found.convention != MIXED]
    for method in METHODS[1:]:
        own = pure[pure.method == method]
        lower, higher = (int((own.verdict == word).sum()) for word in ("lower", "higher"))
        whole = len(own)
        if whole in (lower, higher):
            verdict = f"the QUBO is {'better' if lower else 'worse'} by every convention"
        elif lower and higher:
            verdict = "which of the two is better depends on the convention or the network"
        elif lower or higher:
            verdict = f"where a difference is shown, the QUBO is {'better' if lower else 'worse'}"
        else:
            verdict = "no difference is shown"
        signs = own.groupby("network")["mean"].agg(lambda x: x.min() < 0 < x.max())
        lines.append(
            f"* Against {method}: {verdict} ({lower} lower, {higher} higher, "
            f"{whole - lower - higher} undecided, of {whole} pairs of a network and a convention; "
            f"the sign of the difference changes with the convention in {int(signs.sum())} of "
            f"{len(signs)} networks)."
        )
    mixed = found[found.convention == MIXED].set_index(["network", "method"])["mean"]
    clipped = found[found.convention == "authors, clipped"].set_index(["network", "method"])["mean"]
    shift = (mixed - clipped).xs("Grad-CAM++", level="method")
    lines.append(
        "* The mix of the published table, clipped for the annealer and signed for Grad-CAM++, "
        "moves the difference from Grad-CAM++ against the annealer by "
        f"{shift.min():.1f} to {shift.max():.1f} percentage points. It is so little because these "
        "networks are nearly sure of every image, so that a mask adds no confidence; with a less "
        "sure network it moves more."
    )
    lines.append(
        "* A mask that keeps more of the image drops less. Only the last convention keeps the same "
        "share of every image with every method."
    )
    return "\n".join(lines)


def said_versions() -> str:
    """Return the versions of the packages in one line."""
    return ", ".join(f"{name} {version}" for name, version in versions().items())


INTRODUCTION = """# Average Drop by four conventions

Made by `python -m benchmarks.xai.conventions --networks DIR` ({machine}); do not edit. Four things
are called Average Drop: `standard` (Grad-CAM++'s paper: the map over its maximum is the mask, gains
count as no drop); the two of the programs behind the table of arXiv 2604.25649, where the map from
its smallest to its largest value becomes a mask of 256 levels and gains count as no drop
(`authors, clipped`) or as negative drops (`authors, signed`); and that of Score-CAM's paper, where
half of the pixels remain. The published table takes the clipped one for the annealer and the signed
one for Grad-CAM++; the column `{mixed}` does the same. Removed pixels are black. Intervals are 95 %
bootstrap intervals, the wider of those for images and for classes; a difference is marked if its
interval excludes zero and its sign is the same with every seed of the network. ({versions})"""


def main() -> None:
    """Measure what is missing, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=Path, required=True, help="folder of trained networks")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--per-class", type=int, default=20)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    path = options.output / "conventions.csv.gz"
    done = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=["network", "seed"])
    seen = set(zip(done.network, done.seed, strict=True))
    for num_maps, hidden in ((16, 0), (24, 0), (32, 0), (16, 16)):
        head = f"hidden layer of {hidden}" if hidden else "linear head"
        network = f"digits, N_f = {num_maps}, {head}"
        for seed in options.seeds:
            if (network, seed) in seen:
                continue
            found = measure(options.networks, seed, num_maps, hidden, options.per_class)
            done = pd.concat([done, found.assign(network=network, seed=seed)])
            packed = {"method": "gzip", "mtime": 0}
            done.to_csv(path, index=False, float_format="%.5g", compression=packed)
    write_page(pd.read_csv(path), options.output / "conventions.md")


if __name__ == "__main__":
    main()
