"""Average Drop of the QUBO's selection and of every baseline: ``average_drop.py --networks DIR``.

Digits networks of 16, 24 and 32 maps, each trained with three seeds by ``train_digits.py`` (into
DIR, if they are not there yet), on the embedded test images that they classify correctly, the first
20 of each class; and EfficientNet-Lite0 on scikit-image's photographs, where the extra ``imagenet``
is installed. Writes a row per network, image and method to ``results/average_drop.csv.gz``
(networks that are in it are not measured again), and the tables and what they say to
``results/average_drop.md``.
"""

import argparse
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from benchmarks.xai.average_drop_table import write_tables
from benchmarks.xai.train_digits import save_weights, train_digits
from qxgap import xai
from qxgap.explain import Explainer, Metrics, score

RESULTS = Path(__file__).parents[1] / "results"
TRADEOFF = 0.7
IMAGENET = "EfficientNet-Lite0"


def digits_network(folder: Path, seed: int, num_maps: int, hidden: int = 0) -> xai.DigitsNet:
    """The network of one seed, trained now if its file is not there."""
    path = folder / f"seed{seed}" / f"digits_nf{num_maps}{f'_hidden{hidden}' if hidden else ''}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        network, metadata, _ = train_digits(num_maps, seed, hidden=hidden)
        print(json.dumps({k: v for k, v in metadata.items() if k != "history"}))
        save_weights(path, network, metadata, "float32")
    network = xai.DigitsNet(num_maps, hidden)
    with np.load(path, allow_pickle=False) as arrays:
        state = {k: torch.from_numpy(arrays[k]) for k in arrays.files if k != "metadata"}
    network.load_state_dict(state, strict=False)  # the batch counter is not stored
    return network.eval()


def first_correct(predicted: Tensor, labels: Tensor, per_class: int) -> Tensor:
    """Rows of the first ``per_class`` correctly classified images of each class, ascending."""
    correct = predicted == labels
    rows = [(correct & (labels == c)).nonzero()[:per_class, 0] for c in labels.unique()]
    return torch.cat(rows).sort().values


def correct_digits(network: nn.Module, per_class: int) -> tuple[list[str], Tensor, Tensor]:
    """Names, images and labels of the first test images of each class that are classified right."""
    images, labels = xai.digits_images()
    rows = first_correct(xai.predictions(network, images), labels, per_class)
    return [f"digits-{row:04d}" for row in rows.tolist()], images[rows], labels[rows]


def measure(
    explainer: Explainer, names: list[str], images: Tensor, labels: Tensor | None, metrics: Metrics
) -> pd.DataFrame:
    explanations = list(explainer.explain(names, images, labels))
    head = xai.check_layer(explainer.network, images, explainer.layer)
    table = score(explainer, explanations, metrics)
    return table.assign(
        layer=explainer.layer,
        tradeoff=explainer.tradeoff,
        alpha_spread=head.max_within_class_spread,
        steps=metrics.steps,
    )


def measure_digits(
    folder: Path, seed: int, num_maps: int, per_class: int, steps: int
) -> pd.DataFrame:
    network = digits_network(folder, seed, num_maps)
    explainer = Explainer(network, network.HOOK, TRADEOFF, seed)
    return measure(explainer, *correct_digits(network, per_class), Metrics(steps=steps))


def measure_photographs(steps: int) -> pd.DataFrame:
    network = xai.load_network("efficientnet-lite0")
    names, images, _ = xai.load_images("photographs", *network.INPUT, crop=True)
    explainer = Explainer(network, network.HOOK, TRADEOFF, 1)
    return measure(explainer, names, images, None, Metrics(steps=steps))


def main() -> None:
    """Measure what is missing, then write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=Path, required=True, help="folder of trained networks")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--num-maps", type=int, nargs="+", default=[16, 24, 32])
    parser.add_argument("--per-class", type=int, default=20)
    parser.add_argument("--steps", type=int, default=20, help="of insertion and deletion")
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    path = options.output / "average_drop.csv.gz"
    done = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=["network", "seed"])
    seen = set(zip(done.network, done.seed, strict=True))
    wanted = [(f"digits, N_f = {n}", s, n) for n in options.num_maps for s in options.seeds]
    if find_spec("efficientnet_lite_pytorch") and find_spec("skimage"):
        wanted.append((IMAGENET, 1, 320))
    for network, seed, num_maps in wanted:
        if (network, seed) in seen:
            continue
        if network == IMAGENET:
            found = measure_photographs(options.steps)
        else:
            found = measure_digits(
                options.networks, seed, num_maps, options.per_class, options.steps
            )
        done = pd.concat([done, found.assign(network=network, seed=seed)])
        packed = {"method": "gzip", "mtime": 0}
        done.to_csv(path, index=False, float_format="%.5g", compression=packed)
    write_tables(pd.read_csv(path), options.output / "average_drop.md")


if __name__ == "__main__":
    main()
