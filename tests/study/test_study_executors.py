"""Workers that die, worker processes with pinned threads, and dask clusters that lose workers."""

import os
import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field

import pandas as pd
import pytest

from qxgap.errors import InputError
from qxgap.study import Dask, ExistingExecutor, Processes, Study, pool_named, run_study
from qxgap.study.deal import deal
from qxgap.study.executors import PINNED
from qxgap.study.plan import plan_batches, plan_rows
from qxgap.study.sources import open_instances
from qxgap.testing import random_feature_selection


def study_of(sizes, **changes):
    problems = [random_feature_selection(d, seed) for seed, d in enumerate(sizes)]
    keys = {"instances": problems, "tau": (5.0,), "tasks": ("success",), "seed": 5}
    return Study(**keys | changes)


@dataclass
class Fragile:
    """A pool whose executor breaks at problems of ``deadly`` qubits, as when memory runs out.

    It runs two batches at a time: the one beside the deadly one is lost with it.
    """

    deadly: int
    num_workers: int = 2
    opened: int = 0
    lost: list = field(default_factory=list)

    def open(self):
        self.opened += 1
        return FragileExecutor(self)

    def close(self, executor):
        executor.broken = True


class FragileExecutor:
    def __init__(self, pool):
        self.pool, self.broken, self.waiting = pool, False, []

    def submit(self, function, batch):
        if self.broken:
            raise BrokenProcessPool("broken before")
        future = Future()
        self.waiting.append((future, function, batch))
        if len(self.waiting) > 1:
            self.run()
        else:
            threading.Timer(0.3, self.run).start()  # alone: run soon
        return future

    def run(self):
        waiting, self.waiting = self.waiting, []
        dies = any(b.num_qubits == self.pool.deadly for _, _, b in waiting)
        self.broken |= dies
        for future, function, batch in waiting:
            if dies:
                self.pool.lost.append(batch.num_qubits)
                future.set_exception(BrokenProcessPool("died"))
            else:
                future.set_result(function(batch))


def test_only_the_problem_that_kills_its_worker_fails(tmp_path):
    study = study_of([3, 4, 4, 5, 6, 2])
    pool = Fragile(deadly=5)
    done = run_study(study, tmp_path, pool)
    assert list(done.failures.num_qubits) == [5]
    assert done.failures.reason.str.contains("its worker died").all()
    assert pool.opened >= 2
    assert len(pool.lost) > pool.lost.count(5)  # a neighbour was lost, and computed again
    alone = run_study(study, tmp_path / "other", ExistingExecutor(ThreadPoolExecutor(1))).frame
    good = done.frame.status != "FAILED"
    pd.testing.assert_frame_equal(done.frame[good], alone[good])
    again = run_study(study, tmp_path, ExistingExecutor(ThreadPoolExecutor(1)))
    assert again.num_computed == 1  # tried again


def test_of_a_batch_that_kills_its_worker_every_problem_is_tried_alone(tmp_path):
    study = study_of([4, 4, 4])
    (batch,) = plan_batches(plan_rows(study, open_instances(study).items))
    found = list(deal(Fragile(deadly=4), [batch]))
    assert [len(rows) for _, rows in found] == [1, 1, 1]
    assert {row["status"] for _, rows in found for row in rows} == {"FAILED"}


class Immediate:
    """An executor that has finished a batch before it returns."""

    def submit(self, function, batch):
        future = Future()
        future.set_result(function(batch))
        return future


def test_batches_that_end_together_are_dealt_in_their_order():
    """Else a study that stops at a failure could lose batches that were computed before."""
    study = study_of(range(2, 10))
    batches = plan_batches(plan_rows(study, open_instances(study).items))
    dealt = [batch for batch, _ in deal(ExistingExecutor(Immediate(), num_workers=4), batches)]
    assert len(batches) > 4
    assert dealt == list(batches)


def test_an_executor_that_drops_its_work_is_told(tmp_path):
    class Dropping:
        def submit(self, function, batch):
            future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with pytest.raises(ConnectionError, match="run the same command again"):
        run_study(study_of([3]), tmp_path, ExistingExecutor(Dropping()))


def look_around(_):
    import numba

    time.sleep(0.5)  # so that the next call goes to another process
    return os.getpid(), numba.get_num_threads(), [os.environ.get(name) for name in PINNED]


def test_every_worker_process_has_one_thread_and_one_that_is_killed_is_noticed(monkeypatch):
    for name in PINNED:
        monkeypatch.delenv(name, raising=False)
    pool = Processes(2)
    executor = pool.open()
    seen = list(executor.map(look_around, range(4)))
    assert not set(PINNED) & set(os.environ)
    pids = {pid for pid, _, _ in seen}
    assert len(pids) == 2
    assert all((n, env) == (1, ["1"] * len(PINNED)) for _, n, env in seen)
    os.kill(min(pids), signal.SIGKILL)
    with pytest.raises(BrokenProcessPool):
        list(executor.map(look_around, range(4)))
    pool.close(executor)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_pools_by_name():
    assert pool_named("processes", 3) == Processes(3)
    assert pool_named("dask=tcp://somewhere:1").address == "tcp://somewhere:1"
    for wrong in ("dask", "threads", "processes=2"):
        with pytest.raises(InputError, match=r"use processes or dask=ADDRESS"):
            pool_named(wrong)
    with pytest.raises(InputError, match="workers = -1"):
        Processes(-1)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # what dask says when its workers are killed
def test_a_dask_cluster_that_loses_a_worker(tmp_path):
    distributed = pytest.importorskip("distributed")
    study = study_of([3, 4, 5, 6, 7, 8, 9, 10], tasks=("gap", "success", "sample"), num_reads=50)
    alone = run_study(study, tmp_path / "alone", ExistingExecutor(ThreadPoolExecutor(1))).frame
    results = tmp_path / "dask"
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        pids = [worker.pid for worker in cluster.workers.values()]
        killed = threading.Event()

        def kill():
            while len(list((results / "parts").glob("*.parquet"))) < 2:
                time.sleep(0.01)
            os.kill(pids[0], signal.SIGKILL)
            killed.set()

        threading.Thread(target=kill, daemon=True).start()
        done = run_study(study, results, Dask(cluster.scheduler_address))
        assert killed.wait(0)
    pd.testing.assert_frame_equal(done.frame, alone)


def test_a_dask_scheduler_that_is_not_there(tmp_path):
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="no scheduler answers"):
        run_study(study_of([3]), tmp_path, Dask("tcp://127.0.0.1:9", timeout=0.5))
