"""The ten real problems that benchmarks of exact answers share."""

import pytest

import qxgap as qx
from benchmarks.common import real_problems


def test_names_tell_qubits_and_digits():
    pytest.importorskip("torch")
    problems = real_problems.real_problems()
    assert len(problems) == 10
    assert len({problem.content_hash for problem in problems.values()}) == 10
    for name, problem in problems.items():
        assert name == f"d{problem.num_qubits}_digit{problem.source.pred}"
        assert 18 <= problem.num_qubits <= 24


def test_files_hold_the_problems(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr("sys.argv", ["real_problems", str(tmp_path)])
    real_problems.main()
    for name, problem in real_problems.real_problems().items():
        assert qx.load(tmp_path / f"{name}.npz") == problem
