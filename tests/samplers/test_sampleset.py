"""What sample sets say of the machine: as Ocean leaves them, as qxgap and others write them."""

import json

import dimod
import numpy as np
import pytest

import qxgap as qx
from qxgap import samplers, samples
from qxgap.samples import model_sets as rungs
from qxgap.testing import random_feature_selection

SOLVER = "Advantage2_system1.4"
TIMING = {
    "qpu_sampling_time": 308680.0,
    "qpu_anneal_time_per_sample": 20.0,
    "qpu_readout_time_per_sample": 48.11,
    "qpu_access_time": 343272.8,
    "qpu_access_overhead_time": 9044.2,
    "qpu_programming_time": 34592.8,
    "qpu_delay_time_per_sample": 60.57,
    "total_post_processing_time": 1.0,
    "post_processing_overhead_time": 1.0,
}
"""The fields that D-Wave's solvers answer, in microseconds."""


@pytest.fixture
def problem():
    return random_feature_selection(4, seed=3)


def as_ocean(problem, seed, **timing):
    """Reads with the info that ``DWaveSampler.sample`` leaves: the timing and an id, no more."""
    drawn = qx.sample(
        problem, qx.samplers.GibbsSampler(), num_reads=200, seed=seed, temperature=0.1
    )
    info = {"timing": TIMING | timing, "problem_id": f"8f40d662-{seed}"}
    return dimod.SampleSet(drawn.record, drawn.variables, info, drawn.vartype)


def write(sampleset, path):
    """As Ocean's users do."""
    path.write_text(json.dumps(sampleset.to_serializable()))
    return path


@pytest.fixture
def repeated(problem, tmp_path, monkeypatch):
    """A problem and three runs of it, on disk; path integrals are drawn few."""
    monkeypatch.setattr(rungs, "MOST_WORLDLINES", 60)
    files = [write(as_ocean(problem, n), tmp_path / f"ta20us_{n}.json") for n in range(3)]
    return qx.save(problem, tmp_path / "problem.json"), files


def test_reads_of_ocean_need_no_tau_and_repeated_runs_are_pooled(repeated, run):
    problem, files = repeated
    status, text, error = run("compare", problem, *files, "--solver", SOLVER, "--json")
    assert (status, error) == (0, "")
    (row,) = json.loads(text)
    assert row["source"] == f"{SOLVER}, 20 us"
    assert (row["num_runs"], row["num_reads"], row["tau"]) == (3, 600, 20_000.0)
    counts = [
        samples.align(qx.load(problem), samples.load_sampleset(file)).ground_reads()
        for file in files
    ]
    assert row["ground_probability"] == pytest.approx(sum(counts) / 600)


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


def test_runs_of_says_which_files_belong_together(repeated, run):
    problem, files = repeated
    status, text, _ = run("compare", problem, *files, "--runs-of", "mine=*us_[01].json", "--json")
    assert status == 0
    mine, other = json.loads(text)
    assert (mine["source"], mine["num_runs"], mine["num_reads"]) == ("mine, 20 us", 2, 400)
    assert (other["source"], other["num_runs"]) == (str(files[2]), 1)
    loaded = [samples.load_sampleset(file) for file in files[:2]]
    measured = samples.ground_probability(qx.load(problem), loaded, seed=1)
    assert mine["ground_probability"] == measured.value
    assert mine["ground_probability_interval"] == list(measured.interval)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--runs-of", "mine"], "give NAME=PATTERN"),
        (["--runs-of", "mine=nothing*"], "no sample file fits 'nothing*'"),
        (["--runs-of", "a=*0.json", "--runs-of", "b=*us*"], "a run of a and of b"),
        (["--solver", "DW_9000"], "DW_9000"),
        (["--tau", "10", "--tau", "50"], "--tau is given 2 times; give it once"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_what_compare_refuses_of_runs(repeated, run, options, message):
    problem, files = repeated
    status, text, error = run("compare", problem, *files, *options)
    assert (status, text, error.count("\n")) == (2, "", 1)
    assert message in error


def test_an_unknown_solver_is_refused_before_the_anneal_time_is(problem, run, tmp_path):
    silent = qx.sample(problem, qx.samplers.GibbsSampler(), num_reads=5, seed=1, temperature=0.3)
    path = samples.save_sampleset(silent, tmp_path / "silent.json")
    _, _, error = run(
        "compare", qx.save(problem, tmp_path / "a.npz"), path, "--solver", "Advantage9"
    )
    assert "Advantage9" in error
    assert SOLVER.partition(".")[0] in error


def test_reads_of_another_solver_are_noted(repeated, problem, tmp_path, run):
    file, _ = repeated
    drawn = as_ocean(problem, 0)
    drawn.info["chip_id"] = "Advantage_system6.4"
    path = write(drawn, tmp_path / "six.json")
    status, text, error = run("compare", file, path, "--solver", SOLVER, "--json")
    assert status == 0
    assert f"{path} says that Advantage_system6.4 drew it" in error
    assert json.loads(text)[0]["source"] == "Advantage_system6.4, 20 us"


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


def test_states_only_counts_states_of_other_energies(problem, tmp_path, run):
    """The remedy that the message names exists on the command line."""
    drawn = as_ocean(problem, 0)
    drawn.record.energy += 3.0
    path, file = write(drawn, tmp_path / "a.json"), qx.save(problem, tmp_path / "p.json")
    status, _, error = run("compare", file, path, "--tau", 5)
    assert status == 2
    assert "--states-only" in error
    status, text, _ = run("compare", file, path, "--tau", 5, "--states-only", "--json")
    assert status == 0
    drawn.record.energy -= 3.0
    _, same, _ = run("compare", file, write(drawn, path), "--tau", 5, "--json")
    assert text == same


def test_a_folder_is_no_sample_file(problem, tmp_path, run):
    file = qx.save(problem, tmp_path / "p.json")
    status, _, error = run("compare", file, tmp_path)
    assert (status, error.count("\n")) == (2, 1)
    assert f"{tmp_path}: a folder; give the sample files in it" in error


@pytest.mark.parametrize("name", ["x.parquet", "x", "x.json.gz"])
def test_samples_are_written_as_json_or_csv(problem, tmp_path, run, name):
    file = qx.save(problem, tmp_path / "p.json")
    status, _, error = run("sample", file, "-o", tmp_path / name)
    assert (status, error.count("\n")) == (2, 1)
    assert ".json or .csv" in error
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("time", [-1, 0, 1e9, "nan"])
def test_an_anneal_time_that_no_annealer_can_do_is_refused(problem, tmp_path, run, time):
    pytest.importorskip("dwave.system")
    file, out = qx.save(problem, tmp_path / "p.json"), tmp_path / "r.json"
    options = ("--sampler", "dwave", "--solver", "mock-pegasus", "--annealing-time", time)
    status, _, error = run("sample", file, "-o", out, *options)
    assert (status, error.count("\n")) == (2, 1)
    assert "0.5 to 2000 us" in error
    assert not out.exists()


def test_fast_anneals_have_a_range_of_their_own():
    properties = {"annealing_time_range": [0.5, 2000.0], "fast_anneal_time_range": [0.005, 2000.0]}
    from qxgap.samplers.dwave.sampler import require_annealing_time

    require_annealing_time(0.01, properties, fast=True)
    with pytest.raises(qx.InputError, match=r"0\.01 us"):
        require_annealing_time(0.01, properties, fast=False)


def test_noise_takes_no_negative_number(problem, tmp_path, run):
    status, _, error = run("embed", qx.save(problem, tmp_path / "p.json"), "--noise", "-1")
    assert (status, error.count("\n")) == (2, 1)
    assert "--noise -1" in error


def test_the_exact_sampler_names_a_way_that_works(run, tmp_path):
    """158 variables: no enumeration, but ``qxgap select`` proves the optimum."""
    file = qx.save(random_feature_selection(30, seed=1), tmp_path / "p.json")
    status, _, error = run("sample", file, "-o", tmp_path / "x.json", "--sampler", "exact")
    assert status == 2
    assert "qxgap select" in error
    assert run("select", file)[0] == 0


def test_dwave_neal_is_the_class_that_is_imported():
    import dwave.samplers
    import neal

    assert neal.SimulatedAnnealingSampler.__mro__[
        1
    ] is dwave.samplers.SimulatedAnnealingSampler or (
        neal.SimulatedAnnealingSampler is dwave.samplers.SimulatedAnnealingSampler
    )
