"""The packaged reads of real hardware, and what the statistics find in them."""

import csv
import gzip
import json
from collections import Counter

import dimod
import numpy as np
import pytest

import qxgap as qx
from benchmarks.samples import pack_reads, qpu_samples
from qxgap import samplers, samples, statistics
from qxgap.testing import random_feature_selection

# ground probability and effective temperature of the runs with 1000 reads, as published
TABLE = [
    ("Advantage_system6.4", 10.0, 0.214, 0.241),
    ("Advantage_system6.4", 100.0, 0.286, 0.214),
    ("Advantage_system6.4", 200.0, 0.317, 0.207),
    ("Advantage_system6.4", 500.0, 0.349, 0.198),
    ("Advantage2_system1.4", 10.0, 0.635, 0.147),
    ("Advantage2_system1.4", 100.0, 0.814, 0.119),
    ("Advantage2_system1.4", 200.0, 0.889, 0.105),
    ("Advantage2_system1.4", 500.0, 0.899, 0.102),
    ("neal", None, 0.897, 0.103),
]


@pytest.fixture(scope="module")
def iitis():
    return samples.iitis()


@pytest.fixture(scope="module")
def levels(iitis):
    return samples.energy_levels(iitis.problem)


def per_level(recorded, levels, runs):
    aligned = [samples.align(recorded.problem, run) for run in runs]
    return np.array([samples.level_counts(levels, reads) for reads in aligned])


def test_the_data_are_what_they_say(iitis):
    assert len(iitis.runs) == 110
    assert iitis.problem.num_qubits == 16
    assert iitis.problem.degeneracy == 1
    assert sum(int(run.record.num_occurrences.sum()) for run in iitis.runs) == 95_600
    assert set(iitis.sources) == {(source, time) for source, time, _, _ in TABLE}
    assert iitis.credit["licence"] == "CC-BY-4.0"
    for run in iitis.runs:
        dimod.testing.assert_sampleset_energies(run, iitis.problem.to_bqm())
        if run.info["source"] != "neal":
            reads = run.record.num_occurrences.sum()
            assert run.info["timing_us"]["qpu_access_time"] > reads * run.info["annealing_time_us"]
    with pytest.raises(qx.InputError, match="no run of 'magic'"):
        iitis.select("magic")


@pytest.mark.parametrize(("source", "time", "ground", "temperature"), TABLE)
def test_ground_probabilities_and_temperatures(iitis, levels, source, time, ground, temperature):
    runs = iitis.select(source, time, num_reads=1000, without=(255, 256))
    found = samples.ground_probability(iitis.problem, runs, seed=0)
    assert round(found.value, 3) == ground
    fitted = samples.level_temperature(levels, per_level(iitis, levels, runs), seed=0)
    assert fitted.value == pytest.approx(temperature, abs=5.1e-4)
    assert fitted.interval[0] < temperature < fitted.interval[1]


def test_outliers_are_named(iitis):
    newer = iitis.select("Advantage2_system1.4", 200.0)
    assert len(newer) == 28
    found = samples.ground_probability(iitis.problem, newer, seed=0)
    assert {255, 256} <= set(found.outliers)
    assert len(found.outliers) <= 4
    older = samples.ground_probability(
        iitis.problem, iitis.select("Advantage_system6.4", 200.0), seed=0
    )
    assert older.outliers == ()


def test_hardware_runs_spread_and_simulated_annealing_does_not(iitis):
    for source, time, _, _ in TABLE:
        runs = iitis.select(source, time, num_reads=1000, without=(255, 256))
        found = samples.ground_probability(iitis.problem, runs, seed=0)
        wide, narrow = np.ptp(found.clustered), np.ptp(found.jeffreys)
        if source == "neal" or (source, time) == ("Advantage2_system1.4", 500.0):
            assert found.overdispersion.p_value > 0.05
        else:
            assert found.overdispersion.factor > 3
            assert found.overdispersion.p_value < 0.02
            assert wide > 1.5 * narrow
            assert found.effective_sample_size < found.num_reads / 3


@pytest.mark.parametrize(
    ("solver", "predicted"), [("Advantage_system6.4", 0.265), ("Advantage2_system1.4", 0.853)]
)
def test_the_published_temperature_predicts_the_ground_probability(levels, solver, predicted):
    temperature = samplers.published_temperature(solver).single_qubit_temperature
    assert round(float(levels.boltzmann(temperature)[0]), 3) == predicted


def test_simulated_annealing_is_colder_than_the_hardware_at_10_us(iitis, levels):
    def temperature(source, time=None):
        counts = per_level(iitis, levels, iitis.select(source, time, num_reads=1000))
        return samples.level_temperature(levels, counts, seed=0)

    cold = temperature("neal")
    for solver in ("Advantage_system6.4", "Advantage2_system1.4"):
        assert cold.interval[1] < temperature(solver, 10.0).interval[0]


def test_one_temperature_describes_single_runs(iitis, levels):
    for source, time, _, _ in TABLE:
        runs = iitis.select(source, time, num_reads=1000, without=(255, 256))[:5]
        fits = [
            samples.boltzmann_fit(levels, counts, num_resamples=199, seed=0)
            for counts in per_level(iitis, levels, runs)
        ]
        adjusted = statistics.adjusted_p_values([fit.p_value for fit in fits])
        assert np.all(adjusted > 0.01)
        assert np.mean([fit.tv_distance for fit in fits]) < 0.03
    strange = iitis.select("Advantage2_system1.4", 200.0)
    strange = [run for run in strange if run.info["run"] == 255]
    fit = samples.boltzmann_fit(levels, per_level(iitis, levels, strange)[0], seed=0)
    assert fit.p_value == 1e-3
    assert fit.tv_distance > 0.5


def test_states_of_one_level_are_not_read_alike(iitis, levels):
    """What the level histogram hides: simulated annealing is furthest from a Boltzmann law."""
    problem = iitis.problem
    first = levels.index(problem.diagonal, problem.ground_tolerance) == 1
    found = {}
    for source, time in (("Advantage_system6.4", 200.0), ("neal", None)):
        runs = [samples.align(problem, run) for run in iitis.select(source, time)]
        counts = sum(reads.state_counts()[first] for reads in runs)
        found[source] = samples.Fairness.from_counts(counts, seed=0)
        assert len(found[source].counts) == levels.degeneracies[1] == 14
        assert found[source].p_value < 1e-3
        flips = samples.pseudolikelihood_temperature(runs)
        by_level = samples.level_temperature(
            levels, per_level(iitis, levels, iitis.select(source)), seed=0
        )
        assert flips.interval[1] < by_level.interval[0]
    assert found["neal"].entropy_ratio < 0.7 < found["Advantage_system6.4"].entropy_ratio


def test_the_32_qubit_reads_of_a_2000q():
    recorded = samples.dwisc()
    assert recorded.problem.num_qubits == 32
    values = [
        samples.ground_probability(recorded.problem, [run], ground_energy=-52.0, seed=0).value
        for run in recorded.runs
    ]
    assert (min(values), max(values)) == pytest.approx((0.9966, 0.9971), abs=5e-5)
    bqm = recorded.problem.to_bqm("SPIN")
    assert set(np.abs(list(bqm.quadratic.values()))) == {1.0}
    assert not any(bqm.linear.values())
    tree = pytest.importorskip("dwave.samplers").TreeDecompositionSolver().sample(bqm)
    assert tree.first.energy == -52.0


# -- stored reads in other formats ----------------------------------------------------------------


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize("text_labels", [False, True])
def test_counts_round_trip_as_csv(tmp_path, iitis, vartype, text_labels):
    run = iitis.runs[7].change_vartype(vartype, inplace=False)
    if text_labels:
        run = run.relabel_variables({v: f"q{v}" for v in run.variables}, inplace=False)
    path = samples.save_sampleset(run, tmp_path / "reads.csv")
    again = samples.load_sampleset(path)
    assert again == run
    assert again.info == run.info
    assert list(again.variables) == list(run.variables)


def test_counts_without_energies(tmp_path, iitis):
    path = tmp_path / "plain.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*reversed(range(16)), "num_occurrences"])
        writer.writerow([1, 0] * 8 + [3])
        writer.writerow([0, 1] * 8 + [4])
    with pytest.raises(qx.InputError, match="give the problem, which computes them"):
        samples.load_sampleset(path)
    reads = samples.align(iitis.problem, samples.load_sampleset(path, iitis.problem))
    assert reads.occupations[0].tolist() == [0, 1] * 8
    assert reads.multiplicity.tolist() == [3, 4]


BQPJSON = """{"version": "1.0.0", "id": 5, "variable_domain": "spin", "variable_ids": [7, 2],
"linear_terms": [{"id": 7, "coeff": 1.0}], "quadratic_terms": [], "scale": 1.0, "offset": 0.0,
"metadata": {"made": "by hand"}, "solutions": [
{"id": 0, "assignment": [{"id": 2, "value": 1}, {"id": 7, "value": -1}], "evaluation": -1.0},
{"id": 1, "assignment": [{"id": 2, "value": 1}, {"id": 7, "value": 1}], "evaluation": 1.0}]}"""


def test_bqpjson_solutions(tmp_path):
    path = tmp_path / "solved.json"
    path.write_text(BQPJSON)
    sampleset, problem = samples.load_sampleset(path), qx.load(path)
    assert sampleset.vartype is dimod.SPIN
    assert sampleset.info["metadata"] == {"made": "by hand"}
    reads = samples.align(problem, sampleset)
    assert reads.ground_reads() == 1
    assert reads.energies.tolist() == [-1.0, 1.0]
    path.write_text(BQPJSON.replace(', "evaluation": -1.0', ""))
    assert samples.load_sampleset(path, problem) == sampleset


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needs a header"),
        ("0,1\n1,0\n", "needs a header"),
        ("0,1,num_occurrences\n1,0\n", "as many cells"),
        ("0,1,num_occurrences,energy\n1,1,2,0.0\n", "neither SPIN nor BINARY"),
        ("0,1,num_occurrences,energy\n1,0,x,0.0\n", "invalid literal"),
        ("# vartype=WRONG\n0,num_occurrences,energy\n1,2,0.0\n", "not a readable"),
    ],
)
def test_bad_counts_are_told(tmp_path, text, message):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(qx.InputError, match=message) as caught:
        samples.load_sampleset(path)
    assert "bad.csv" in str(caught.value)


# -- the scripts that pack and print them ---------------------------------------------------------


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
