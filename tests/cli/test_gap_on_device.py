"""``qxgap gap`` on a torch device."""

import json

import pytest
from typer.testing import CliRunner

import qxgap as qx
from qxgap.cli.app import app
from qxgap.testing import random_feature_selection

pytest.importorskip("torch")

DOUBLE, SINGLE = qx.Precision.DOUBLE, qx.Precision.SINGLE

IN_EACH_PRECISION = pytest.mark.parametrize("precision", [DOUBLE, SINGLE])


@IN_EACH_PRECISION
def test_the_command_line_takes_a_device(tmp_path, precision):
    path = tmp_path / "problem.npz"
    qx.save(random_feature_selection(10, seed=1), path)
    options = ["--device", "cpu", "--precision", precision.value, "--grid", "3"]
    result = CliRunner().invoke(app, ["gap", str(path), "--json", *options])
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.output)
    plain = json.loads(CliRunner().invoke(app, ["gap", str(path), "--json"]).output)[0]
    assert row["gap"] == pytest.approx(plain["gap"], rel=1e-6)
    assert row["status"] == "BRACKETED"
