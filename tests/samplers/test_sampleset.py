"""What sample sets say of the machine: as Ocean leaves them, as qxgap and others write them."""

import numpy as np
import pytest
from sampled import SOLVER, TIMING, as_ocean, two_sources, write

import qxgap as qx
from qxgap import samplers, samples
from qxgap.samplers import group_runs
from qxgap.testing import random_feature_selection


@pytest.fixture
def problem():
    return random_feature_selection(4, seed=3)


def test_other_anneal_times_are_other_sources(problem, tmp_path):
    drawn = {str(time): as_ocean(problem, time, qpu_anneal_time_per_sample=time) for time in (5, 9)}
    drawn["again"] = as_ocean(problem, 1, qpu_anneal_time_per_sample=5.0)
    groups = samplers.group_runs(drawn, solver=SOLVER)
    assert {name: len(runs) for name, runs in groups.items()} == {
        f"{SOLVER}, 5 us": 2,
        f"{SOLVER}, 9 us": 1,
    }
    assert set(samplers.group_runs(drawn)) == set(drawn)  # nothing says that they are of one source
    for sampleset in drawn.values():
        sampleset.info["chip_id"] = "Advantage_system6.4"  # as many add it themselves
    assert set(samplers.group_runs(drawn)) == {
        "Advantage_system6.4, 5 us",
        "Advantage_system6.4, 9 us",
    }


def test_the_report_tells_the_anneal_time_of_ocean(problem, tmp_path):
    path = write(as_ocean(problem, 0), tmp_path / "a.json")
    report = samplers.hardware_report(samples.load_sampleset(path))
    assert report.annealing_time_us == 20.0
    assert (report.access_time_us, report.programming_time_us) == (343272.8, 34592.8)
    text = str(report)
    assert "anneal          20 us\n" in text
    assert "343273 us, 34592.8 us of it programming" in text


def test_an_embedding_composite_of_ocean_has_a_report(problem, tmp_path):
    """``EmbeddingComposite`` over ``DWaveSampler``'s mock, as its users call and save it."""
    system = pytest.importorskip("dwave.system")
    testing = pytest.importorskip("dwave.system.testing")
    mock = testing.MockDWaveSampler(topology_type="zephyr", topology_shape=[2, 4])
    composite = system.EmbeddingComposite(mock)
    drawn = composite.sample(problem.to_bqm(), num_reads=20, return_embedding=True)
    again = samples.load_sampleset(write(drawn, tmp_path / "a.json"))
    report = samplers.hardware_report(again)
    told = drawn.info["timing"]
    assert report.annealing_time_us == told["qpu_anneal_time_per_sample"] == 20.0
    assert report.programming_time_us == told["qpu_programming_time"]
    context = drawn.info["embedding_context"]
    chains = context["embedding"]
    assert sorted(report.chain_lengths) == sorted(map(len, chains.values()))
    assert report.num_qubits == sum(map(len, chains.values()))
    assert report.chain_strength == context["chain_strength"]
    assert report.chain_break_method == context["chain_break_method"]
    assert report.num_reads == 20
    assert report.solver is None
    assert "20, gauges not recorded" in str(report)


@pytest.mark.parametrize("time", ["20", -1.0, 0, np.nan, True, [20.0]], ids=repr)
def test_an_anneal_time_that_is_none_is_refused(problem, time):
    sampleset = as_ocean(problem, 0)
    sampleset.info["annealing_time_us"] = time
    with pytest.raises(qx.InputError, match=r"^a.json: .*anneal time ="):
        samplers.group_runs({"a.json": sampleset})


JUNK = (None, 5, -1, "x", [], {}, [1], [[1]], {"a": 1}, True, np.nan)
ENTRIES = (
    "timing",
    "timing_us",
    "embedding_context",
    "embedding",
    "chip_id",
    "solver",
    "source",
    "annealing_time_us",
    "mock",
    "topology",
    "fast_anneal",
    "num_gauges",
    "chain_strength",
    "auto_scale_factors",
    "anneal_schedule_us_s",
    "chain_break_method",
    "run",
    "problem_id",
)


@pytest.mark.parametrize("entry", ENTRIES)
def test_whatever_a_file_says_there_is_an_answer_or_one_line(problem, tmp_path, entry):
    for value in JUNK:
        sampleset = as_ocean(problem, 0)
        sampleset.info[entry] = value
        again = samples.load_sampleset(write(sampleset, tmp_path / "a.json"))
        for call in (
            lambda read: samplers.group_runs({"a.json": read}, solver=SOLVER),
            lambda read: str(samplers.hardware_report(read)),
            lambda read: samples.ground_probability(problem, [read], seed=0),
        ):
            try:
                call(again)
            except qx.InputError as error:
                lines = str(error).splitlines()
            else:
                continue
            assert len(lines) == 1


def test_jobs_of_different_times_are_no_run():
    jobs = [TIMING, TIMING | {"qpu_anneal_time_per_sample": 5.0}]
    assert samplers.annealing_time_us({"timing_us": jobs[:1]}) == 20.0
    with pytest.raises(qx.InputError, match=r"for 5, 20 us.*a file of its own"):
        samplers.annealing_time_us({"timing_us": jobs})


def test_runs_of_one_source_belong_together(tmp_path):
    _, _, files = two_sources(tmp_path)
    drawn = {str(path): samples.load_sampleset(path) for path in files}
    groups = group_runs(drawn)
    assert {name: len(runs) for name, runs in groups.items()} == {
        "cold, 20 us": 2,
        "warm, 20 us": 2,
    }
    for sampleset in drawn.values():
        del sampleset.info["source"]
    assert set(group_runs(drawn)) == set(drawn)
