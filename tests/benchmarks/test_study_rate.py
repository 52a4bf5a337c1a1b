"""The benchmark of the rate of a study."""

from concurrent.futures import ThreadPoolExecutor

from benchmarks.study import study_rate
from qxgap.study import ExistingExecutor, run_study


def pool():
    """Run in a thread of this process, which spares the tests the start of others."""
    return ExistingExecutor(ThreadPoolExecutor(1))


def test_the_rate_benchmark_counts_what_it_computed(tmp_path, monkeypatch):
    monkeypatch.setattr(study_rate, "PERIOD", 0.01)
    with study_rate.MemoryWatch() as watch:
        done = run_study(study_rate.study(3, 2), tmp_path, pool())
    text = study_rate.report(done, 1, wall=2.0, cpu=1.5, watch=watch)
    assert "| rows computed in this run, and kept from one before | 12, 0 |" in text
    assert "| instances per second of processor time | 2.00 |" in text
    assert text.count("| 5th |") == 1
