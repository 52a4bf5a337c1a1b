"""The whole chain on the embedded digits: images in, a study's results folder and a report out."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from ..anneal.hamiltonian import CONVENTIONS
from ..problem.errors import InputError
from .config import Network, Study
from .executor import Engine
from .instances import ImageInstance, instances
from .report import write_report
from .table import COLUMNS

TAU = (10.0, 50.0, 100.0)
COMPARE_AT = 50.0
NETWORK = "digits"


def run_demo(
    out: str | Path,
    *,
    per_class: int = 6,
    num_reads: int = 1000,
    seed: int = 1,
    engine: Engine | None = None,
) -> tuple[Path, list[str]]:
    """Run the chain; return the report's path and its findings.

    Parameters
    ----------
    out : results folder, made if needed: that of a study, PNG figures, ``report.html``. If it holds
        the rest of an interrupted demo, this goes on from there.
    per_class : correctly classified images taken of each digit, in the order of the test set.
    num_reads : of simulated annealing, per instance.
    seed : of all that is random.
    engine : as in :func:`qxgap.study.run_study`.
    """
    if per_class < 1:
        raise InputError(f"per_class = {per_class}; take at least one image of each digit")
    study = Study(
        networks=[Network(NETWORK, per_class=per_class)],
        tasks=("gap", "success", "compare"),
        conventions=CONVENTIONS,
        tau=TAU,
        num_reads=num_reads,
        seed=seed,
    )
    done = study.run(out, engine)
    told = json.loads((done.results / "study.json").read_text(encoding="utf-8"))
    facts = told["networks"][NETWORK] | {
        "tradeoff": float(done.frame.tradeoff.iloc[0]),
        "num_reads": num_reads,
        "seed": seed,
    }
    frame = _wide(done.frame)
    return write_report(done.results, frame, _images_of(frame, facts["layer"]), facts)


def _images_of(frame: pd.DataFrame, layer: str) -> list[ImageInstance]:
    """The images of the table's instances with their maps, which the report pictures."""
    from .. import xai

    names = list(dict.fromkeys(frame.instance))
    images, labels = xai.digits_images()
    rows = [int(name.rpartition("-")[2]) for name in names]
    network = xai.load_network(NETWORK)
    return list(instances(network, layer, names, images[rows], labels[rows]))


def _wide(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per instance and convention, as the report takes it: values at all tau as lists."""
    place = ["instance", "convention"]
    gap, success, compared = (
        frame[frame.task == task].set_index(place) for task in ("gap", "success", "compare")
    )
    wide = gap[["instance_hash", "num_qubits", "label", "pred", "seed", *COLUMNS["gap"]]]
    plain = {"Int64": "int64", "boolean": "bool"}
    wide = wide.astype({c: plain[str(t)] for c, t in wide.dtypes.items() if str(t) in plain})
    lists = success.groupby(place, sort=False)[["tau", *COLUMNS["success"], "status"]].agg(list)
    compared = compared[compared.tau == COMPARE_AT][["tau", *COLUMNS["compare"]]]
    return wide.assign(
        **lists.drop(columns=["random_guess", "status"]),
        gap_status=gap.status,
        anneal_status=lists.status,
        random_guess=lists.random_guess.str[0],
        compared_at_tau=compared.tau,
        **compared.drop(columns="tau").add_prefix("sa_"),
    ).reset_index()
