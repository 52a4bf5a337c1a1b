"""The packaged reads of real hardware, and what the statistics find in them."""

import dimod
import numpy as np
import pytest

import qxgap as qx
from qxgap import samplers, samples, statistics

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


CONNECTED = [
    ("Advantage_system6.4", 10.0, 0.0004),
    ("Advantage_system6.4", 500.0, 0.0008),
    ("Advantage2_system1.4", 10.0, 0.0082),
    ("Advantage2_system1.4", 500.0, 0.0212),
    ("neal", None, 0.249),
]
"""Mean ground probabilities of the connected problem, as they were computed from the raw files."""


def test_the_connected_problem_is_what_it_says():
    recorded = samples.iitis24()
    problem = recorded.problem
    assert problem.num_qubits == 24
    assert len(recorded.runs) == 45
    assert np.all(np.count_nonzero(problem.J + problem.J.T, axis=1) == 14)
    assert problem.degeneracy == 1
    assert problem.ground_energy == pytest.approx(0, abs=1e-9)
    for run in recorded.runs:
        assert run.record.num_occurrences.sum() == 1000
        assert ("chain_break_fraction" in run.info) == (run.info["source"] != "neal")
    for source, time, share in CONNECTED:
        runs = recorded.select(source, time)
        assert len(runs) == 5
        hits = sum(int(run.record.num_occurrences[run.record.energy < 1e-9].sum()) for run in runs)
        assert hits / 5000 == pytest.approx(share, abs=5e-4)


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
        samples.ground_probability(recorded.problem, [run], ground=-52.0, seed=0).value
        for run in recorded.runs
    ]
    assert (min(values), max(values)) == pytest.approx((0.9966, 0.9971), abs=5e-5)
    bqm = recorded.problem.to_bqm("SPIN")
    assert set(np.abs(list(bqm.quadratic.values()))) == {1.0}
    assert not any(bqm.linear.values())
    tree = pytest.importorskip("dwave.samplers").TreeDecompositionSolver().sample(bqm)
    assert tree.first.energy == -52.0
