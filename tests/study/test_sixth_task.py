"""A sixth task is one object in one file: here it is, and study, table and report take it as is."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

import qxgap as qx
from qxgap.report import cited_methods, write_report
from qxgap.study import (
    TASKS,
    ExistingExecutor,
    Study,
    describe_columns,
    forecast,
    register,
    run_study,
    to_xarray,
    unregister,
)
from qxgap.study.tasks import Column, Kind, ProblemTask
from qxgap.testing import random_feature_selection


class MiddleGap(ProblemTask):
    """The gap at the middle of the anneal, a number that no other task computes."""

    name = "middle"
    summary = "The gap at the middle of the anneal."
    axes = ("convention", "schedule")
    settings = ("rtol",)
    references = ("davidson1975",)
    columns: ClassVar = {
        "middle_gap": Column(Kind.FLOAT, "Gap at s = 1/2."),
        "middle_levels": Column(Kind.LIST, "The two lowest energies there."),
    }

    def seconds(self, cell):
        return 0.01 + 1e-6 * 2.0**cell.num_qubits

    def compute(self, cell, work):
        levels = qx.spectrum(work.hamiltonian(cell), [0.5], 2).energies[0]
        return {
            "middle_gap": float(levels[1] - levels[0]),
            "middle_levels": levels.tolist(),
            "method": "spectrum",
            "tolerance": cell.settings.rtol,
        }


@pytest.fixture
def task():
    """The task, known for the time of a test."""
    register(task := MiddleGap())
    yield task
    unregister(task.name)


@pytest.fixture
def study(task):
    problems = [random_feature_selection(d, seed=d) for d in (3, 4, 3)]
    table = {"tasks": ["gap", "middle"], "conventions": ["paper", "authors-code"], "seed": 2}
    return Study.from_dict(table | {"instances": problems})


def run(study, folder):
    with ThreadPoolExecutor(1) as pool:
        return run_study(study, folder, ExistingExecutor(pool))


def test_a_sixth_task_has_rows_a_forecast_and_axes(study, tmp_path):
    expected = forecast(study, tmp_path)
    assert dict(expected.rows) == {"gap": 6, "middle": 6}
    done = run(study, tmp_path)
    rows = done.frame[done.frame.task == "middle"]
    assert list(rows.status) == ["DONE"] * 6
    for row, problem in zip(rows.itertuples(), np.repeat(study.instances, 2), strict=True):
        driver = qx.Convention(row.convention).driver(problem.num_qubits)
        H = qx.AnnealHamiltonian(problem, driver=driver)
        levels = qx.spectrum(H, [0.5], 2).energies[0]
        assert row.middle_gap == levels[1] - levels[0]
        assert row.middle_levels == pytest.approx(levels)
        assert row.references.split()[-1] == "davidson1975"
    assert run(study, tmp_path).num_computed == 0
    assert "middle_gap" in set(describe_columns().column)
    if pytest.importorskip("xarray"):
        data = to_xarray(done.frame, "middle")
        assert data.middle_gap.dims == ("instance", "convention", "schedule")


def test_the_report_counts_a_sixth_task(study, tmp_path):
    run(study, tmp_path)
    report = write_report(tmp_path)
    text = re.sub("<[^>]*>", "", report.path.read_text(encoding="utf-8"))  # terms are links
    assert "The study has the tasks gap and middle." in text
    assert not report.failures
    assert cited_methods(pd.read_parquet(tmp_path / "results.parquet"))
    settings = json.loads((tmp_path / "study.json").read_text())["settings"]
    assert settings["tasks"] == ["gap", "middle"]


def test_a_name_is_taken_once_and_forgotten_afterwards(task):
    with pytest.raises(qx.InputError, match="task 'middle' exists"):
        register(MiddleGap())
    unregister("middle")
    assert "middle" not in TASKS
    with pytest.raises(qx.InputError, match="tasks: unknown value 'middle'"):
        Study(instances="*.npz", tasks="middle")
    study = Study(instances="*.npz", tasks=["gap", MiddleGap()])  # an object needs no name
    assert [task.name for task in study.tasks] == ["gap", "middle"]
