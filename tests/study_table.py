"""A small study of random instances, for the tests of figures and report."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from qxgap.study import ExistingExecutor, Study, run_study
from qxgap.testing import random_feature_selection


@cache
def study_table() -> pd.DataFrame:
    """Ten instances of 3 to 6 qubits in four classes, all tasks but xai; read only."""
    problems = [
        replace(
            random_feature_selection(3 + number % 4, seed=number).source,
            pred=(number + number // 4) % 4,
        ).qubo()
        for number in range(10)
    ]
    study = Study(
        instances=problems,
        tasks=["gap", "success", "sample", "compare"],
        conventions=["paper", "authors-code"],
        tau=[5, 20],
        num_reads=50,
    )
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        return run_study(study, Path(folder), ExistingExecutor(pool)).frame


def xai_rows(tradeoffs: tuple[float, ...] = (0.5, 0.7), images: int = 12) -> pd.DataFrame:
    """Rows as the task xai writes them, with made-up scores of three methods."""
    rng, rows = np.random.default_rng(0), []
    for tradeoff in tradeoffs:
        for image in range(images):
            for method, shift in (("exact", 10.0), ("top-k", 10.0), ("Grad-CAM", 60.0)):
                count = 1 + image % 3
                chosen = None if method == "Grad-CAM" else rng.choice(8, count, replace=False)
                drop = shift + 3 * (image % 4) + rng.normal()
                rows.append(
                    {
                        **{"task": "xai", "instance": f"image-{image}", "source": "made up"},
                        **{"group": "network", "num_qubits": 6, "num_maps": 8, "pred": image % 4},
                        **{"convention": "", "schedule": "", "status": "DONE", "reason": ""},
                        **{"tradeoff": tradeoff, "explanation": method, "selected": chosen},
                        **{"drop_soft": drop, "coverage_soft": 30.0, "insertion": 50.0},
                    }
                )
    return pd.DataFrame(rows)
