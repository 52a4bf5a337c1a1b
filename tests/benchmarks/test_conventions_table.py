"""The table of Average Drop by its conventions: verdicts, and the mix of the published table."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")

METHODS = ("exact", "Grad-CAM", "Grad-CAM++")


def rows(shift):
    """Rows in which Grad-CAM++ drops ``shift`` more by every convention, and gains at times."""
    rng = np.random.default_rng(0)
    parts = []
    for seed in (1, 2):
        base = rng.uniform(-20, 60, 40)
        for method in METHODS:
            drop = base + shift * (method == "Grad-CAM++") + rng.normal(0, 1, 40)
            part = pd.DataFrame({"name": [f"i{i}" for i in range(40)], "method": method})
            for name in ("standard", "authors, clipped", "Score-CAM, half of the pixels"):
                part[name] = drop.clip(min=0)
            part["authors, signed"] = drop
            parts.append(part.assign(seed=seed, target=np.arange(40) % 4, network="net"))
    return pd.concat(parts)


@pytest.mark.parametrize(
    ("shift", "verdict", "said"),
    [
        (9.0, "lower", "the QUBO is better by every convention (4 lower, 0 higher"),
        (-9.0, "higher", "the QUBO is worse by every convention (0 lower, 4 higher"),
        (0.0, "undecided", "no difference is shown"),
    ],
)
def test_what_survives_every_convention(monkeypatch, shift, verdict, said):
    from benchmarks.xai import conventions

    monkeypatch.setattr(conventions, "METHODS", list(METHODS))
    found = conventions.compare(rows(shift)).assign(network="net")
    own = found[(found.method == "Grad-CAM++") & (found.convention != conventions.MIXED)]
    assert own.verdict.eq(verdict).all()
    assert own["mean"].to_numpy() == pytest.approx(-shift, abs=3)
    assert f"* Against Grad-CAM++: {said}" in conventions.survives(found)


def test_the_published_mix_counts_gains_of_one_method_only(monkeypatch):
    from benchmarks.xai import conventions

    monkeypatch.setattr(conventions, "METHODS", list(METHODS))
    table = rows(0.0)
    found = conventions.compare(table).set_index(["method", "convention"])["mean"]
    other = table[table.method == "Grad-CAM++"]["authors, signed"]
    moved = found["Grad-CAM++", conventions.MIXED] - found["Grad-CAM++", "authors, clipped"]
    assert moved == pytest.approx((other.clip(lower=0) - other).mean())
    assert moved > 1
