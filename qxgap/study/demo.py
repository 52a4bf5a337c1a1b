"""The whole chain on the embedded digits: images in, a results folder and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from ..anneal.hamiltonian import CONVENTIONS
from ..problem.errors import InputError
from ..problem.qubo import QuboProblem
from .analyse import analyse
from .instances import ImageInstance, instances
from .report import write_report

TAU = (10.0, 50.0, 100.0)
COMPARE_AT = 50.0
TRADEOFF = 0.7
CHECKED = 100
"""Images on which the head is checked."""


def run_demo(
    out: str | Path, *, per_class: int = 6, num_reads: int = 1000, seed: int = 1
) -> tuple[Path, list[str]]:
    """Run the chain; return the report's path and its findings.

    Parameters
    ----------
    out : results folder, made if needed: ``results.parquet``, PNG figures, ``report.html``.
    per_class : correctly classified images taken of each digit, in the order of the test set.
    num_reads : of simulated annealing, per instance.
    seed : of all that is random.
    """
    if per_class < 1:
        raise InputError(f"per_class = {per_class}; take at least one image of each digit")
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made a results folder ({error})") from error
    seen, facts = _instances(per_class)
    usable = [(item, item.problem) for item in seen if item.problem]
    frame = _analyse(usable, num_reads, seed)
    frame.to_parquet(folder / "results.parquet", index=False)
    facts |= {
        "num_images": len(seen),
        "num_without_problem": len(seen) - len(usable),
        "num_reads": num_reads,
        "seed": seed,
    }
    return write_report(folder, frame, [item for item, _ in usable], facts)


def _instances(per_class: int) -> tuple[list[ImageInstance], dict[str, Any]]:
    """Instances of the first correctly classified images, and what was found on the way."""
    from .. import xai

    network = xai.load_network("digits")
    images, labels = xai.digits_images()
    names = [f"digits-{i:04d}" for i in range(len(images))]
    layer = xai.DigitsNet.HOOK
    captured = xai.capture(network, images, layer)
    correct = (captured.predicted == labels).numpy()
    digits = labels.numpy()
    chosen = np.sort(
        np.concatenate([np.flatnonzero(correct & (digits == c))[:per_class] for c in range(10)])
    )
    progress = tqdm(
        instances(
            network,
            layer,
            [names[i] for i in chosen],
            images[chosen],
            labels[chosen],
            tradeoff=TRADEOFF,
        ),
        total=len(chosen),
        desc="images -> QUBOs",
        unit="image",
    )
    facts = {
        "test_images": len(images),
        "test_accuracy": float(correct.mean()),
        "head": str(xai.check_layer(network, images[:CHECKED], layer)),
        "layer": layer,
        "tradeoff": TRADEOFF,
        "num_maps": captured.maps.shape[1],
    }
    return list(progress), facts


def _analyse(
    usable: list[tuple[ImageInstance, QuboProblem]], num_reads: int, seed: int
) -> pd.DataFrame:
    """One row per instance and convention."""
    rows = []
    progress = tqdm(usable, desc="gap, anneal, sample", unit="instance")
    for index, (item, problem) in enumerate(progress):
        progress.set_postfix_str(f"d = {item.num_qubits}")
        for convention in CONVENTIONS:
            row = analyse(
                problem,
                convention=convention,
                tau=TAU,
                num_reads=num_reads,
                seed=seed + index,
                compare_at=COMPARE_AT,
            )
            rows.append({"instance": item.name, "label": item.label, "pred": item.pred, **row})
    return pd.DataFrame(rows)
