"""D-Wave's annealers by mocks: embedding, gauges, scaling and reports against Ocean itself."""

import json

import dimod
import dimod.testing
import numpy as np
import pytest
import scipy.optimize
import scipy.signal
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap import samplers, samples
from qxgap.samplers.dwave.embedding import embedded_model
from qxgap.testing import random_feature_selection

dwave_system = pytest.importorskip("dwave.system")
MOCKS = [("pegasus", [2]), ("zephyr", [2, 4])]


@pytest.fixture(scope="module", params=MOCKS, ids=lambda mock: mock[0])
def mock(request):
    return samplers.mock_annealer(*request.param)


@pytest.fixture(scope="module")
def problem():
    plain = random_feature_selection(5, 4)
    return qx.QuboProblem(plain.h, plain.J, labels=("c", 7, "a", 0, "b"), offset=0.5)


class Fixed(dimod.Sampler):
    """Answers ``draw(rng, (reads, variables))`` spins, and keeps the models it was given."""

    parameters = {"num_reads": [], "seed": []}  # noqa: RUF012
    properties = {}  # noqa: RUF012

    def __init__(self, draw):
        self.draw, self.models = draw, []

    def sample(self, bqm, num_reads=1, seed=None):
        self.models.append(bqm.spin.copy())
        rows = self.draw(np.random.default_rng(seed), (num_reads, bqm.num_variables))
        return dimod.SampleSet.from_samples_bqm((rows, list(bqm.variables)), bqm.spin)


def up(rng, shape):
    return np.ones(shape, dtype=np.int8)


def random_spins(rng, shape):
    return rng.choice(np.array([-1, 1], dtype=np.int8), shape)


# -- the sampler --------------------------------------------------------------------------------


def test_the_annealer_keeps_to_the_api_of_dimod(mock, problem):
    annealer = samplers.DWaveAnnealer(mock)
    dimod.testing.assert_sampler_api(annealer)
    assert {"num_reads", "seed", "chain_strength", "num_gauges", "annealing_time"} <= set(
        annealer.parameters
    )
    for vartype in ("SPIN", "BINARY"):
        bqm = problem.to_bqm(vartype)
        sampleset = annealer.sample(bqm, num_reads=7, seed=1)
        assert sampleset.vartype is bqm.vartype
        assert list(sampleset.variables) == list(problem.labels)
        assert len(sampleset) == 7
        dimod.testing.assert_sampleset_energies(sampleset, bqm)
        json.dumps(sampleset.info)
    assert sampleset.first.energy == pytest.approx(problem.ground_energy)
    assert len(annealer.sample(dimod.BQM("SPIN"))) == 0
    with pytest.warns(dimod.exceptions.SamplerUnknownArgWarning, match="colour"):
        annealer.sample(bqm, num_reads=1, colour="red")


@pytest.mark.parametrize("method", [samplers.CliqueEmbedding(), samplers.MinorEmbedding()])
def test_a_seed_repeats_the_reads(method, mock, problem):
    topology = mock.properties["topology"]
    mock = samplers.mock_annealer(topology["type"], topology["shape"], Fixed(random_spins))
    annealer = samplers.DWaveAnnealer(mock, method)
    options = {"num_reads": 30, "num_gauges": 3, "chain_strength": 0.2}
    drawn = [samplers.sample(problem, annealer, seed=s, **options) for s in (1, 1, 2)]
    first, again, other = (d.record.sample for d in drawn)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert drawn[0].info["sampler"] == "dwave"


def test_gauges_are_submitted_and_undone(mock, problem):
    recorder = Fixed(up)
    shape = mock.properties["topology"]["shape"]
    child = samplers.mock_annealer(mock.properties["topology"]["type"], shape, recorder)
    drawn = samplers.DWaveAnnealer(child).sample(
        problem.to_bqm("SPIN"), num_reads=11, num_gauges=4, seed=5
    )
    assert drawn.record.gauge.tolist() == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 2
    patterns = [drawn.record.sample[drawn.record.gauge == gauge] for gauge in range(4)]
    assert len({pattern[0].tobytes() for pattern in patterns}) > 1
    for pattern, model in zip(patterns, recorder.models, strict=True):
        assert np.all(pattern == pattern[0])  # all spins up, reversed alike
        energy = model.energy(dict.fromkeys(model.variables, 1))
        state = problem.to_bqm("SPIN").energy((pattern[0], list(problem.labels)))
        assert energy == pytest.approx(state)
    plain = samplers.DWaveAnnealer(child).sample(problem.to_bqm(), num_reads=2, seed=5)
    assert np.all(plain.record.sample == 1)


def test_gauges_are_clusters_of_the_statistics(mock, problem):
    drawn = samplers.sample(
        problem, samplers.DWaveAnnealer(mock), num_reads=60, num_gauges=6, seed=1
    )
    parts = samplers.by_gauge(drawn)
    assert [len(part) for part in parts] == [10] * 6
    rows = np.concatenate([part.record.sample for part in parts])
    assert np.array_equal(rows, drawn.record.sample)
    found = samples.ground_probability(problem, parts, seed=0)
    assert (found.num_reads, len(found.clusters)) == (60, 6)
    assert found.value == np.mean(drawn.record.energy < problem.ground_energy + 1e-9)
    with pytest.raises(qx.InputError, match="number no gauges"):
        samplers.by_gauge(samplers.sample(problem, num_reads=2))


def test_the_annealer_works_inside_composites(mock, problem):
    annealer = dimod.TrackingComposite(samplers.DWaveAnnealer(mock))
    bqm = problem.to_bqm("SPIN")
    drawn = dimod.TruncateComposite(annealer, 2).sample(bqm, num_reads=5, seed=2, num_gauges=2)
    assert drawn.record.num_occurrences.sum() == 2
    assert annealer.input["num_gauges"] == 2
    dimod.testing.assert_sampleset_energies(drawn, bqm)


def test_reverse_anneals_start_in_the_state_of_each_gauge(mock, problem, monkeypatch):
    starts, sample = [], mock.sample

    def watched(bqm, **kwargs):
        starts.append((bqm.spin.copy(), kwargs["initial_state"]))
        return sample(bqm, **kwargs)

    monkeypatch.setattr(mock, "sample", watched)
    start = dict(zip(problem.labels, [1, 0, 1, 1, 0], strict=True))
    drawn = samplers.DWaveAnnealer(mock).sample(
        problem.to_bqm(),
        num_reads=4,
        num_gauges=4,
        seed=1,
        initial_state=start,
        anneal_schedule=[[0, 1], [5, 0.4], [10, 1]],
    )
    assert len(drawn) == len(starts) == 4
    for model, state in starts:  # whatever the gauge, the energy is that of the start
        assert model.energy(state) == pytest.approx(problem.to_bqm().energy(start))


def test_broken_chains_are_counted(mock, problem):
    shape = mock.properties["topology"]["shape"]
    child = samplers.mock_annealer(mock.properties["topology"]["type"], shape, Fixed(random_spins))
    drawn = samplers.sample(problem, samplers.DWaveAnnealer(child), num_reads=2000, seed=3)
    report = samplers.hardware_report(drawn)
    expected = np.mean([1 - 2.0 ** (1 - length) for length in report.chain_lengths])
    assert report.chain_break_fraction == pytest.approx(expected, abs=0.03)
    unbroken = np.prod([2.0 ** (1 - length) for length in report.chain_lengths])
    broken = round(2000 * report.broken_reads)
    assert scipy.stats.binomtest(broken, 2000, 1 - unbroken).pvalue > 1e-3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_reads": 0}, "num_reads = 0"),
        ({"num_gauges": 0}, "num_gauges = 0"),
        ({"num_gauges": 4, "num_reads": 3}, "num_reads = 3 for 4 gauges"),
        ({"chain_strength": 0.0}, "chain_strength = 0.0; give a positive one"),
        ({"seed": -1}, "seed is an int, -1; give an integer of at least 0"),
    ],
)
def test_bad_requests_are_refused(options, message, mock, problem):
    with pytest.raises(qx.InputError, match=message):
        samplers.DWaveAnnealer(mock).sample(problem.to_bqm(), **options)


def test_what_does_not_fit_is_refused(mock):
    big = random_feature_selection(60, 0).to_bqm()
    with pytest.raises(qx.InputError, match="no clique of 60 variables fits"):
        samplers.DWaveAnnealer(mock).sample(big)
    with pytest.raises(qx.InputError, match="no embedding of 60 variables found in 1 tries"):
        samplers.DWaveAnnealer(mock, samplers.MinorEmbedding(tries=1)).sample(big)


# -- our samplers inside Ocean ------------------------------------------------------------------

SEEDED = [name for name in samplers.SAMPLERS if name not in ("dwave", "exact")]


@pytest.mark.parametrize("name", SEEDED)
def test_samplers_serve_as_substitute_under_embedding_composites(name):
    from dwave.system.testing import MockDWaveSampler

    child = MockDWaveSampler(
        topology_type="pegasus",
        topology_shape=[2],
        substitute_sampler=samplers.SAMPLERS[name](),
        substitute_kwargs={"seed": 4},
    )
    bqm = dimod.BQM.from_ising({"a": 0.3, "b": -0.2}, {"ab": 0.5, "bc": -0.4, "ac": 0.6})
    drawn = dwave_system.EmbeddingComposite(child).sample(bqm, num_reads=9, return_embedding=True)
    assert drawn.record.num_occurrences.sum() == 9
    dimod.testing.assert_sampleset_energies(drawn, bqm)
    report = samplers.hardware_report(drawn)
    assert report.num_qubits == sum(report.chain_lengths)
    assert report.chain_strength == drawn.info["embedding_context"]["chain_strength"]
    assert report.solver is None
    assert "not recorded" in str(report)


@pytest.mark.parametrize("name", SEEDED)
def test_samplers_work_under_spin_reversal_and_tracking(name):
    preprocessing = pytest.importorskip("dwave.preprocessing")
    bqm = random_feature_selection(4, 1).to_bqm("SPIN")
    tracked = dimod.TrackingComposite(samplers.SAMPLERS[name]())
    reversal = preprocessing.SpinReversalTransformComposite(tracked, seed=3)
    drawn = reversal.sample(bqm, num_reads=5, seed=2, num_spin_reversal_transforms=3)
    assert drawn.record.num_occurrences.sum() == 15
    assert len(tracked.outputs) == 3
    assert tracked.input["num_reads"] == 5
    dimod.testing.assert_sampleset_energies(drawn, bqm)


# -- connecting ---------------------------------------------------------------------------------


def test_without_credentials_there_is_a_mock_and_a_warning(monkeypatch, tmp_path, problem):
    monkeypatch.setenv("DWAVE_CONFIG_FILE", str(tmp_path / "none.conf"))
    (tmp_path / "none.conf").write_text("")
    monkeypatch.delenv("DWAVE_API_TOKEN", raising=False)
    with pytest.warns(UserWarning, match="reads of a mock"):
        drawn = samplers.sample(problem, samplers.DWaveAnnealer(), num_reads=2, seed=0)
    assert drawn.info["mock"]
    assert drawn.info["solver"] == "mock-pegasus"
    with pytest.raises(qx.InputError, match=r"'Advantage_system9' needs credentials"):
        samplers.connect("Advantage_system9")
    assert samplers.connect("mock-zephyr").properties["topology"]["type"] == "zephyr"
    with pytest.raises(qx.InputError, match="unknown topology 'torus'"):
        samplers.connect("mock-torus")


def test_credentials_lead_to_a_solver(monkeypatch, tmp_path):
    from dwave.cloud.exceptions import SolverNotFoundError

    class Solver:
        def __init__(self, solver=None):
            if solver == "gone":
                raise SolverNotFoundError("no such solver")
            self.asked = solver

    monkeypatch.setenv("DWAVE_CONFIG_FILE", str(tmp_path / "own.conf"))
    (tmp_path / "own.conf").write_text("[defaults]\ntoken = abc\n")
    monkeypatch.setattr(dwave_system, "DWaveSampler", Solver)
    assert samplers.connect().asked is None
    assert samplers.connect("Advantage_system6.4").asked == "Advantage_system6.4"
    with pytest.raises(qx.InputError, match="D-Wave solver gone: no such solver"):
        samplers.connect("gone")
    (tmp_path / "own.conf").write_text("nonsense")
    with pytest.raises(qx.InputError, match="D-Wave solver"):
        samplers.connect()


def test_what_the_annealer_refuses_is_the_user_s_error(mock, problem, monkeypatch):
    from dwave.cloud.exceptions import SolverFailureError

    def refuse(bqm, **kwargs):
        raise SolverFailureError("h value out of range")

    monkeypatch.setattr(mock, "sample", refuse)
    with pytest.raises(qx.InputError, match="the annealer refused: h value out of range"):
        samplers.DWaveAnnealer(mock).sample(problem.to_bqm(), auto_scale=False)


# -- scaling ------------------------------------------------------------------------------------


def test_the_scale_of_d_wave_s_documentation():
    ranges = {"h_range": [-4, 4], "j_range": [-1, 1], "extended_j_range": [-2, 1]}
    bqm = dimod.BQM.from_ising({"a": -7.2, "b": 2.3}, {"ab": 1.5})
    found = samplers.auto_scale(bqm, ranges)
    assert found.factor == pytest.approx(1.8)
    assert found.limited_by == "h"
    assert found.ratios == {"h": pytest.approx(1.8), "J": pytest.approx(1.5)}
    weak = samplers.auto_scale(dimod.BQM.from_ising({"a": 0.5}, {"ab": -0.5}), ranges)
    assert (weak.factor, weak.limited_by) == (0.25, "J")  # they grow by 4
    assert samplers.auto_scale(dimod.BQM.from_ising({"a": 0}, {}), ranges).factor == 1.0


def largest_use(ising, properties, graph):
    """Share of its range that the most demanding quantity takes, from the definitions alone."""

    def share(value, name):
        low, high = properties[name]
        return value / high if value > 0 else value / low

    uses = [share(bias, "h_range") for bias in ising.linear.values()]
    uses += [share(bias, "extended_j_range") for bias in ising.quadratic.values()]
    if "per_qubit_coupling_range" in properties:
        for qubit in ising.variables:
            uses.append(share(sum(ising.adj[qubit].values()), "per_qubit_coupling_range"))
    else:
        from dwave.system.coupling_groups import coupling_groups

        for group in coupling_groups(graph):
            total = sum(
                ising.get_quadratic(p, q, default=0.0) if {p, q} <= set(ising.variables) else 0.0
                for p, q in group
            )
            uses.append(share(total, "per_group_coupling_range"))
    return max(uses)


@settings(max_examples=12, deadline=None)
@given(st.integers(2, 6), st.integers(0, 2**32), st.floats(0.01, 30), st.sampled_from(MOCKS))
def test_scaled_models_fill_the_range_that_limits_them(d, seed, strength, mock):
    child, rng = samplers.mock_annealer(*mock), np.random.default_rng(seed)
    bqm = dimod.BQM.from_ising(
        dict(enumerate(rng.normal(size=d).tolist())),
        {(p, q): rng.normal() for p in range(d) for q in range(p)},
    )
    chains = samplers.CliqueEmbedding()(bqm, child, 0)
    embedded, graph = (
        embedded_model(bqm, chains, child.adjacency, strength),
        child.to_networkx_graph(),
    )
    found = samplers.auto_scale(embedded, child.properties, graph)
    assert largest_use(embedded, child.properties, graph) == pytest.approx(found.factor)
    embedded.scale(1 / found.factor)
    assert largest_use(embedded, child.properties, graph) == pytest.approx(1.0)


@pytest.mark.parametrize(("mock", "limit"), [(MOCKS[0], "per_qubit"), (MOCKS[1], "per_group")])
def test_many_couplings_are_limited_on_a_qubit_and_in_a_group(mock, limit):
    child = samplers.mock_annealer(*mock)
    graph = child.to_networkx_graph()
    hub = max(graph, key=graph.degree)
    star = dimod.BQM.from_ising({}, {(hub, neighbour): -2.0 for neighbour in graph[hub]})
    found = samplers.auto_scale(star, child.properties, graph)
    assert found.ratios["J"] == 1.0  # each alone fits
    assert found.factor == pytest.approx(largest_use(star, child.properties, graph))
    assert found.limited_by == f"{limit}_coupling"
    if limit == "per_qubit":
        assert found.factor == pytest.approx(2 * graph.degree[hub] / 18)


# -- reports ------------------------------------------------------------------------------------


def test_the_report_tells_all_that_was_set(mock, problem):
    drawn = samplers.sample(
        problem,
        samplers.DWaveAnnealer(mock),
        num_reads=12,
        seed=1,
        num_gauges=3,
        chain_strength=1.5,
        annealing_time=50.0,
    )
    report = samplers.hardware_report(drawn)
    topology = mock.properties["topology"]
    assert report.solver == f"mock-{topology['type']}"
    assert report.mock
    assert report.topology == topology
    assert report.schedule is None  # a mock has none
    assert report.annealing_time_us == 50.0
    assert (report.num_reads, report.num_gauges, report.num_variables) == (12, 3, 5)
    assert (report.chain_strength, report.chain_strength_method) == (1.5, "given")
    assert report.chain_break_method == "majority vote"
    assert report.auto_scale_factors == pytest.approx([1.5 / 2] * 3)  # chains take all of J
    chains = samplers.CliqueEmbedding()(problem.to_bqm(), mock, 0)
    assert sorted(report.chain_lengths) == sorted(len(chain) for chain in chains.values())
    assert report.access_time_us is None
    text = str(report)
    for part in ("(no hardware)", "50 us", "12 in 3 gauges", "0.75", "1.5 (given)", "majority"):
        assert part in text
    assert json.loads(json.dumps(report.to_dict()))["num_qubits"] == report.num_qubits


def test_waveforms_and_fixed_scales_are_told(mock, problem):
    points = [[0.0, 0.0], [10.0, 0.4], [60.0, 0.4], [70.0, 1.0]]
    drawn = samplers.sample(
        problem,
        samplers.DWaveAnnealer(mock),
        num_reads=2,
        anneal_schedule=points,
        auto_scale=False,
    )
    report = samplers.hardware_report(drawn)
    assert report.annealing_time_us == 70.0
    assert report.auto_scale_factors == [1.0]
    assert report.chain_strength_method == "uniform torque compensation"
    ising = problem.to_bqm("SPIN")
    rms = np.sqrt(np.mean(np.square(list(ising.quadratic.values()))))
    assert report.chain_strength == pytest.approx(1.414 * rms * 2)  # degree 4
    assert "(10.0, 0.4)" in str(report)


def test_reports_survive_files(mock, problem, tmp_path):
    drawn = samplers.sample(problem, samplers.DWaveAnnealer(mock), num_reads=4, seed=0)
    again = samples.load_sampleset(samples.save_sampleset(drawn, tmp_path / "reads.json"))
    assert samplers.hardware_report(again) == samplers.hardware_report(drawn)


def test_solvers_have_their_published_schedules():
    names = {
        "Advantage_system6.4": "Advantage_system6.4_standard",
        "Advantage_system6.9": "Advantage_system6_standard",
        "Advantage2_system1.4": "Advantage2_system1.4_standard",
        "mock-pegasus": None,
        "DW_2000Q_6": None,
    }
    assert {solver: samplers.solver_schedule_name(solver) for solver in names} == names
    assert samplers.solver_schedule_name("Advantage2_system4.3", fast=True) == (
        "Advantage2_system4_fast"
    )
    for annealer in samplers.ANNEALERS.values():
        assert qx.schedule_named(annealer.schedule_name).unit == "GHz"


def test_samples_without_an_annealer_have_no_report(problem):
    with pytest.raises(qx.InputError, match="do not say how an annealer drew them"):
        samplers.hardware_report(samplers.sample(problem, num_reads=1))


def test_fast_anneals_have_a_range_of_their_own():
    properties = {"annealing_time_range": [0.5, 2000.0], "fast_anneal_time_range": [0.005, 2000.0]}
    from qxgap.samplers.dwave.sampler import require_annealing_time

    require_annealing_time(0.01, properties, fast=True)
    with pytest.raises(qx.InputError, match=r"0\.01 us"):
        require_annealing_time(0.01, properties, fast=False)


def test_published_temperatures():
    found = samplers.published_temperature("Advantage_system6.4")
    assert (found.temperature, found.single_qubit_temperature) == (16.0, 0.221)
    assert samplers.published_temperature("Advantage2_system1.99").solver == "Advantage2_system1"
    with pytest.raises(qx.InputError, match="no published temperature of 'magic'; known: "):
        samplers.published_temperature("magic")
