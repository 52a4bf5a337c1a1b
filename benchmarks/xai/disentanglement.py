"""Whether the QUBO's selections tell classes apart, from the images of ``average_drop.csv.gz``.

Writes ``results/disentanglement.md``, the class-class maps of one network to
``disentanglement.png`` and the differences of all networks to ``disentanglement_differences.png``
(and SVG); seconds. That table, made by ``average_drop.py``, has the selections of every rule; one
packaged network is run besides.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from benchmarks.xai.average_drop import correct_digits
from benchmarks.xai.average_drop_table import labels_of, markdown, usable
from qxgap import plotting, xai
from qxgap.explain import (
    ClassDisentanglement,
    Explainer,
    ExplanationMethod,
    class_disentanglement,
)
from qxgap.explain.disentanglement import SIMPLE_RULES
from qxgap.statistics import mean_interval
from qxgap.version import versions

RESULTS = Path(__file__).parents[1] / "results"
DRAWN = ("digits, N_f = 16", 1)
PHOTOGRAPHS = "EfficientNet-Lite0"
HIDDEN = "digits, N_f = 16, hidden layer"


def measured(rows: pd.DataFrame) -> dict[tuple[str, int], ClassDisentanglement]:
    """The comparison of every network and seed; images have the class that is explained."""
    part = usable(rows)
    chosen = part.selected.map(lambda text: labels_of(text) if isinstance(text, str) else None)
    part = part.assign(selected=chosen, target=part.pred)
    groups = part.groupby(["network", "seed"], sort=False)
    return {
        (str(network), int(seed)): class_disentanglement(own, seed=1)
        for (network, seed), own in groups
    }


def measured_here() -> ClassDisentanglement:
    """The comparison of a packaged network with a hidden layer: alpha is the image's own."""
    network = xai.open_network("digits-nonlinear")
    explainer = Explainer(network.module, network.layer, seed=1)
    table = [
        {"name": one.instance.name, "target": one.instance.pred, "method": rule.value}
        | {"num_maps": one.instance.num_maps, "num_qubits": one.instance.num_qubits}
        | {"selected": list(one.selections.get(rule, ()))}
        for one in explainer.explain(*correct_digits(network.module, per_class=20))
        for rule in (ExplanationMethod.EXACT, *SIMPLE_RULES)
    ]
    return class_disentanglement(pd.DataFrame(table), seed=1)


def interval(value: float, low: float, high: float, sign: str = "") -> str:
    if np.isnan(low):
        return f"{value:{sign}.3f}"
    return f"{value:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"


def overlap_table(found: dict[tuple[str, int], ClassDisentanglement]) -> pd.DataFrame:
    """A row for each network, a column for each rule."""
    rows = {}
    for (network, seed), one in found.items():
        table = one.to_dataframe().set_index("rule")
        rows[f"{network}, seed {seed}"] = {
            "QUBO" if rule == "exact" else rule: f"{row.overlap:.3f}; "
            + interval(row.corrected, row.low, row.high)
            for rule, row in table.iterrows()
        }
    return pd.DataFrame(rows).T.rename_axis("network")


def difference_table(found: dict[tuple[str, int], ClassDisentanglement]) -> pd.DataFrame:
    rows = {}
    for (network, seed), one in found.items():
        table = one.to_dataframe().set_index("rule")
        rows[f"{network}, seed {seed}"] = {
            rule.value: difference_cell(table.loc[rule.value]) for rule in SIMPLE_RULES
        }
    return pd.DataFrame(rows).T.rename_axis("QUBO minus")


def difference_cell(row: pd.Series) -> str:
    cell = interval(row.difference, row.difference_low, row.difference_high, "+")
    text = f"{cell}, p = {row.adjusted_p_value:.2g}"
    return text if row.verdict == "undecided" else f"**{text}** {row.verdict}"


def over_networks(found: dict[tuple[str, int], ClassDisentanglement]) -> dict[str, list[str]]:
    """For each rule, the mean difference over the digits networks, and the verdicts."""
    said = {}
    networks = [one for (name, _), one in found.items() if name not in (PHOTOGRAPHS, HIDDEN)]
    for rule in SIMPLE_RULES:
        values = [one.differences[rule].difference.value for one in networks]
        mean = mean_interval(values)
        verdicts = [one.verdicts[rule] for one in networks]
        said[rule.value] = [
            interval(mean.mean, *mean.interval, "+"),
            f"{sum(value < 0 for value in values)} of {len(values)}",
            *(str(verdicts.count(word)) for word in ("better", "worse", "undecided")),
        ]
    return said


def differences_drawn(found: dict[tuple[str, int], ClassDisentanglement]) -> Figure:
    """QUBO minus top-k and minus all positive, network by network."""
    values = {}
    for rule in (SIMPLE_RULES[0], SIMPLE_RULES[-1]):
        for (network, seed), one in found.items():
            if network not in (PHOTOGRAPHS, HIDDEN):
                own = one.differences[rule].difference
                size = network.removeprefix("digits, ")
                values[f"{rule.value}: {size}, seed {seed}"] = (own.value, own.low, own.high)
    xlabel = "mean class overlap, QUBO minus other rule"
    return plotting.values_with_intervals(values, xlabel, reference=0.0)


def main() -> None:
    """Compare, draw and write."""
    found = measured(pd.read_csv(RESULTS / "average_drop.csv.gz"))
    found[HIDDEN, 1] = measured_here()
    plotting.save(found[DRAWN].plot(), RESULTS / "disentanglement")
    plotting.save(differences_drawn(found), RESULTS / "disentanglement_differences")
    columns = [
        "mean difference over networks",
        "QUBO lower",
        "QUBO better",
        "QUBO worse",
        "undecided",
    ]
    summary = pd.DataFrame(over_networks(found), index=columns).T.rename_axis("QUBO minus")
    text = TEXT.format(
        versions=", ".join(f"{k} {v}" for k, v in versions().items()),
        drawn=f"{DRAWN[0]}, seed {DRAWN[1]}",
        summary=markdown(summary),
        conclusion=CONCLUSION,
        overlaps=markdown(overlap_table(found)),
        differences=markdown(difference_table(found)),
    )
    (RESULTS / "disentanglement.md").write_text(text, encoding="utf-8")


TEXT = """# Do the selections tell classes apart?

Made by `python -m benchmarks.xai.disentanglement` from `average_drop.csv.gz`; do not edit. Nine
digits networks (16, 24 and 32 maps, three seeds each), 20 correctly classified images of each of
10 classes; a packaged digits network with a hidden layer; and EfficientNet-Lite0 with one
photograph of each of 11 classes. ({versions})

The overlap of two classes is the Bhattacharyya coefficient of the normalized histograms of the
selected map numbers, as in arXiv 2604.25649; a lower one is more distinct. The paper reads from
low overlaps that the QUBO's selections tell classes apart. They do, but so do those of simple
rules, and the question is which rule does it better.

## What can be said

{summary}

Intervals of this table are Student's over nine trained networks, which use the same images. With
three differences at a time, the QUBO counts as better or worse than a rule on one network if the
interval over images excludes 0 and the adjusted p-value of the test over classes is at most 0.05
([how that was checked](overlap_calibration.md)).

{conclusion}

![class-class maps of four rules](disentanglement.png)

Class-class maps of {drawn}, without a correction; values below 0.10 are printed as 0.

![differences of all networks](disentanglement_differences.png)

Left of the line the QUBO is more distinct. Each interval is about more images of the same classes
by the same network; a grey one holds 0. Random-k differs from the QUBO as all positive maps do.

## Mean overlap over the pairs of classes

That of the images at hand; and what is expected of many images, with its interval of 95 % over
images.

{overlaps}

## Differences

QUBO minus the other rule, with the interval over images and the adjusted p-value of the test over
classes. The photographs have no interval, as there is one of each class.

{differences}
"""

CONCLUSION = """The selections of the QUBO tell the classes of these networks apart better than
all maps of positive importance, and better than as many of them at random. They do not tell them
apart better than the k most important maps: on eight of nine networks top-k has the lower
overlap, and over the networks it is lower by 0.025 (0.008 to 0.042). What separates classes is
that few important maps are taken, and not the penalty on redundancy, so a class-class map of the
QUBO alone is no evidence for the QUBO. That holds for digits networks whose importance is a
constant of the class, as in the paper. A packaged one with a hidden layer, whose importance
depends on the image, shows the same: the QUBO is better than all positive maps and than random
ones, and no difference from top-k is shown. Images other than digits were not measured, but for
eleven photographs. The photographs show why images must be many: with one image of a class,
random maps look most distinct of all (0.021), because two random draws of six maps from 160
rarely share one."""


if __name__ == "__main__":
    main()
