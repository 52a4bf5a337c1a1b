"""``qxgap cite``."""

import pandas as pd
import pytest

from qxgap import cli


def row(task, **values):
    return {"task": task, "num_qubits": 8, "method": "", "status": "DONE", **values}


def test_the_command(tmp_path, monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["qxgap", "cite", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return stop.value.code or 0, capsys.readouterr()

    code, printed = call()
    assert code == 0
    assert "@article{raymond2016," in printed.out
    pd.DataFrame([row("gap", method="by size", num_qubits=12)]).to_parquet(tmp_path / "a.parquet")
    code, printed = call(tmp_path / "a.parquet")
    assert code == 0
    assert "davidson1975" in printed.out
    assert "raymond2016" not in printed.out
    code, printed = call(tmp_path / "missing.parquet")
    assert code == 2
    assert printed.err.startswith("qxgap: ")
    assert printed.err.count("\n") == 1
