"""Verdicts and tables of the benchmark of Average Drop."""

import math

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")

import torch

from qxgap.explain import DEFAULT_METHODS

torch.set_num_threads(1)

METHODS = [method.value for method in DEFAULT_METHODS]


def rows(shift, seeds=(1, 2), images=40):
    """A table in which Grad-CAM drops ``shift`` more than the QUBO, and all else is equal."""
    rng = np.random.default_rng(0)
    parts = []
    for seed in seeds:
        base = rng.uniform(0, 60, images)
        for method in METHODS:
            more = shift if method == "Grad-CAM" else 0
            part = pd.DataFrame({"name": [f"i{i}" for i in range(images)], "method": method})
            part["pred"] = np.arange(images) % 4
            for mask in ("soft", "threshold", "area"):
                part[f"drop_{mask}"] = base + more + rng.normal(0, 1, images)
                part[f"increase_{mask}"] = part[f"coverage_{mask}"] = 10.0
            for name in ("insertion", "deletion", "coherency", "complexity", "adcc"):
                part[name] = 50.0
            part["selected"] = None if method.startswith("Grad") else "[0, 3]"
            parts.append(part.assign(seed=seed, num_qubits=5, num_maps=16, network="net"))
    found = pd.concat(parts).assign(layer="norm", tradeoff=0.7, alpha_spread=1e-7, steps=20)
    return found.sort_values(["seed", "name"], kind="stable")


@pytest.mark.parametrize(
    ("shift", "verdict"), [(8.0, "lower"), (-8.0, "higher"), (0.0, "undecided")]
)
def test_verdicts(shift, verdict):
    from benchmarks.xai import average_drop_table

    found = average_drop_table.compare(rows(shift))
    own = found[found.method == "Grad-CAM"]
    assert own.verdict.eq(verdict).all()
    assert own["mean"].tolist() == pytest.approx([-shift] * 3, abs=1)
    assert found[found.method != "Grad-CAM"].verdict.eq("undecided").mean() > 0.8


def test_a_sign_that_changes_with_the_seed_is_no_difference():
    from benchmarks.xai import average_drop_table

    mixed = pd.concat([rows(20.0, [1]), rows(-2.0, [2])])
    found = average_drop_table.compare(mixed)
    own = found[found.method == "Grad-CAM"]
    assert (own.high < 0).all()
    assert own.verdict.eq("undecided").all()


def test_tables(tmp_path):
    from benchmarks.xai import average_drop_table

    average_drop_table.write_tables(rows(8.0), tmp_path / "t.md")
    text = (tmp_path / "t.md").read_text()
    assert "* Against Grad-CAM: better (soft mask: 1 lower, 0 higher, 0 undecided; half" in text
    assert "* Against greedy: no difference shown" in text
    assert "| 10 % against 10 % |" in text
    assert "| class | QUBO exact | greedy | top-k |" in text
    assert "2 seeds, 80 explained images, 0 of them without" in text
    assert "constant of the class" in text
    assert "Insertion and deletion in 20 steps." in text
    assert average_drop_table.labels_of("[0, 13]") == [0, 13]
    assert average_drop_table.labels_of("[]") == []
    assert math.isclose(average_drop_table.overlap_of(rows(0.0, [1]), "exact"), 1.0)
