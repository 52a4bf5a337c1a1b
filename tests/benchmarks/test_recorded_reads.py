"""The benchmark of the recorded reads, and the packing of its data."""

import gzip
import json
from collections import Counter

import pytest

import qxgap as qx
from benchmarks.samples import pack_reads, qpu_samples
from qxgap.testing import random_feature_selection


@pytest.mark.slow
def test_recorded_samples_give_the_published_numbers(capsys):
    assert qpu_samples.main() == 0
    assert "FAIL" not in capsys.readouterr().out


def test_a_failing_number_fails_the_benchmark(capsys):
    gates = qpu_samples.Gates()
    gates.require(False, "this")
    assert gates.failed == 1
    assert "FAIL this" in capsys.readouterr().out


def test_packed_reads_are_the_reads(tmp_path, monkeypatch):
    problem = random_feature_selection(12, 0)
    drawn = [qx.sample(problem, num_reads=50, seed=seed) for seed in (1, 2)]
    paths = [
        qx.samples.save_sampleset(reads.change_vartype("SPIN"), tmp_path / f"{i}.json")
        for i, reads in enumerate(drawn)
    ]
    monkeypatch.setattr(pack_reads, "DATA", tmp_path)
    pack_reads.pack("x", {"title": "t"}, problem, [({"run": i}, p) for i, p in enumerate(paths)])
    content = json.loads(gzip.decompress((tmp_path / "x.json.gz").read_bytes()))
    for packed, reads in zip(content["runs"], drawn, strict=True):
        index = qx.samples.align(problem, reads).indices
        assert dict(zip(packed["states"], packed["counts"], strict=True)) == Counter(index.tolist())
