"""Every sampler against Ocean's contracts, exact thermal states and closed forms."""

import importlib.util
import json
import math

import dimod
import dimod.testing
import dwave.samplers
import numpy as np
import pytest
import scipy.integrate
import scipy.stats

import qxgap as qx
from qxgap import samplers, samples, statistics
from qxgap.problem.bits import bits_to_index
from qxgap.testing import random_feature_selection

OFFLINE = [name for name in samplers.SAMPLERS if name != "dwave"]
SEEDED = [name for name in OFFLINE if name != "exact"]


def random_bqm(d, seed, vartype="SPIN"):
    rng = np.random.default_rng(seed)
    labels = [f"x{i}" if i % 2 else i for i in rng.permutation(d).tolist()]
    J = {(labels[p], labels[q]): rng.normal() for p in range(d) for q in range(p)}
    return dimod.BQM({v: rng.normal() for v in labels}, J, rng.normal(), vartype)


def counts_of(problem, sampleset):
    order = [sampleset.variables.index(label) for label in problem.labels]
    index = bits_to_index(sampleset.record.sample[:, order] > 0)
    return np.bincount(index, sampleset.record.num_occurrences, 1 << problem.num_qubits)


def p_value(counts, probabilities):
    return statistics.goodness_of_fit(counts, probabilities, num_resamples=999, seed=0)


# -- the contract of dimod ----------------------------------------------------------------------


@pytest.mark.parametrize("name", OFFLINE)
def test_samplers_keep_to_the_api_of_dimod(name):
    sampler = samplers.SAMPLERS[name]()
    dimod.testing.assert_sampler_api(sampler)
    for vartype in ("SPIN", "BINARY"):
        bqm = random_bqm(5, 1, vartype)
        sampleset = sampler.sample(bqm)
        assert sampleset.vartype is bqm.vartype
        assert set(sampleset.variables) == set(bqm.variables)
        dimod.testing.assert_sampleset_energies(sampleset, bqm)
    assert len(sampler.sample(dimod.BinaryQuadraticModel("SPIN"))) in (0, 1)


@pytest.mark.parametrize("name", SEEDED)
def test_samplers_work_inside_composites(name):
    bqm, options = random_bqm(5, 2), {"num_reads": 12, "seed": 3}
    sampler = samplers.SAMPLERS[name]()
    truncated = dimod.TruncateComposite(sampler, 4).sample(bqm, **options)
    assert truncated.record.num_occurrences.sum() == 4
    structured = dimod.StructureComposite(sampler, list(bqm.variables), list(bqm.quadratic))
    polished = dwave.samplers.SteepestDescentComposite(structured).sample(bqm, **options)
    assert polished.record.num_occurrences.sum() == 12
    for sampleset in (truncated, polished):
        dimod.testing.assert_sampleset_energies(sampleset, bqm)
    poly = dimod.BinaryPolynomial({("a", "b", "c"): -1.0, ("a",): 0.5}, "SPIN")
    cubic = dimod.HigherOrderComposite(sampler).sample_poly(poly, penalty_strength=3.0, **options)
    np.testing.assert_allclose(cubic.record.energy, poly.energies(cubic))


@pytest.mark.parametrize("name", SEEDED)
def test_a_seed_repeats_the_reads_and_another_does_not(name):
    problem = random_feature_selection(9, 3)
    hot = {} if "temperature" not in samplers.SAMPLERS[name]().parameters else {"temperature": 1.0}
    draws = [
        samplers.sample(problem, samplers.sampler_named(name), num_reads=30, seed=s, **hot)
        for s in (5, 5, 6)
    ]
    first, again, other = (draw.record.sample for draw in draws)
    assert np.array_equal(first, again)
    if name not in ("sa", "tabu", "greedy"):  # these end in the ground state whatever the seed
        assert not np.array_equal(first, other)
    assert draws[0].info["sampler"] == name
    assert draws[0].info["seed"] == 5
    assert draws[0].info["instance_hash"] == problem.content_hash
    json.dumps(draws[0].info)
    samples_again = draws[0].record.energy
    np.testing.assert_allclose(samples_again, problem.to_bqm().energies(draws[0]), atol=1e-12)


@pytest.mark.parametrize("name", SEEDED)
def test_undeclared_arguments_are_ignored_with_a_warning_or_refused(name):
    problem = random_feature_selection(3, 0)
    with pytest.raises(qx.InputError, match=f"sampler '{name}' takes no colour; it takes "):
        samplers.sample(problem, samplers.sampler_named(name), num_reads=1, seed=0, colour="red")


def test_any_dimod_sampler_can_be_asked():
    problem = random_feature_selection(4, 0)
    drawn = samplers.sample(problem, dwave.samplers.RandomSampler(), num_reads=7, seed=1)
    assert (len(drawn), drawn.info["sampler"], drawn.info["seed"]) == (7, "RandomSampler", 1)
    own = samplers.sample(problem, samplers.GibbsSampler(), num_reads=7, seed=1)
    assert own.info["sampler"] == "gibbs"
    by_class = samplers.sample(
        problem, samplers.GibbsSampler, num_reads=7, seed=1, temperature=own.info["temperature"]
    )
    assert by_class == own


def test_samplers_and_schedules_have_names_at_the_edges_only():
    problem = random_feature_selection(3, 0)
    for name, sampler in samplers.SAMPLERS.items():
        assert isinstance(samplers.sampler_named(name), sampler)
        with pytest.raises(
            qx.InputError,
            match=rf"sampler is a str, '{name}'; give .*Sampler\(\)|"
            rf"'{name}'; give qx.samplers.DWaveAnnealer\(\)",
        ):
            samplers.sample(problem, name, num_reads=1)
    with pytest.raises(qx.InputError, match="unknown sampler 'magic'; known: sa, exact, schrodin"):
        samplers.sampler_named("magic")
    with pytest.raises(qx.InputError, match="'magic'; give a dimod sampler, such as"):
        samplers.sample(problem, "magic", num_reads=1)
    with pytest.raises(qx.InputError, match=r"a dict, .*; give a dimod sampler, such as"):
        samplers.sample(problem, {}, num_reads=1)
    for sampler in (samplers.GibbsSampler, samplers.RotorSampler, qx.SchrodingerSampler):
        with pytest.raises(
            qx.InputError, match=r"a str, 'linear'; give .*schedule_named\('linear'"
        ):
            sampler().sample(problem.to_bqm(), schedule="linear")
        drawn = [
            sampler().sample(problem.to_bqm(), num_reads=3, seed=1, convention=convention)
            for convention in ("authors-code", qx.Convention.AUTHORS_CODE)
        ]
        assert drawn[0] == drawn[1]
        assert type(drawn[1].info["convention"]) is str  # for json


def test_what_a_sampler_cites_is_in_the_bibliography():
    known = qx.report.citations.references()
    kinds = [*samplers.SAMPLERS.values(), samplers.CliqueEmbedding, samplers.MinorEmbedding]
    own = [kind for kind in kinds if kind.__module__.startswith("qxgap")]
    assert len(own) == len(kinds) - 1  # steepest descent is dwave-samplers' own
    assert all(key in known for kind in own for key in kind.references)


# -- thermal states -----------------------------------------------------------------------------


@pytest.mark.parametrize(("quantum", "s"), [(False, 1.0), (False, 0.6), (True, 0.6)])
def test_gibbs_reads_follow_the_thermal_state(quantum, s):
    problem = random_feature_selection(6, 4)
    state = qx.gibbs(qx.AnnealHamiltonian(problem), s, 0.3, quantum)
    sampleset = samplers.sample(
        problem,
        samplers.GibbsSampler(),
        num_reads=20_000,
        seed=1,
        s=s,
        temperature=0.3,
        quantum=quantum,
    )
    assert p_value(counts_of(problem, sampleset), state.probabilities) > 1e-3
    assert sampleset.info["success_probability"] == state.success_probability
    other = qx.gibbs(qx.AnnealHamiltonian(problem), s, 0.3, not quantum)
    if s < 1:
        assert p_value(counts_of(problem, sampleset), other.probabilities) <= 2e-3


def test_gibbs_reads_of_a_hardware_schedule():
    problem = random_feature_selection(5, 4)
    H = qx.AnnealHamiltonian(problem, schedule=qx.schedule_named("Advantage_system6.4_standard"))
    schedule = qx.schedule_named("Advantage_system6.4_standard")
    options = {"schedule": schedule, "temperature": 16.0, "s": 0.3}
    sampleset = samplers.sample(
        problem, samplers.GibbsSampler(), num_reads=20_000, seed=1, **options
    )
    expected = qx.gibbs(H, 0.3, 16.0).probabilities
    assert p_value(counts_of(problem, sampleset), expected) > 1e-3
    with pytest.raises(qx.InputError, match="give temperature in mK"):
        samplers.sample(problem, samplers.GibbsSampler(), num_reads=1, schedule=schedule)


def test_tree_reads_follow_the_boltzmann_law():
    problem = random_feature_selection(7, 4)
    sampleset = samplers.sample(
        problem, samplers.TreeSampler(), num_reads=20_000, seed=1, temperature=0.3
    )
    state = qx.gibbs(qx.AnnealHamiltonian(problem), 1.0, 0.3)
    assert p_value(counts_of(problem, sampleset), state.probabilities) > 1e-3
    log_partition = state.log_partition - problem.offset / 0.3
    assert sampleset.info["log_partition_function"] == pytest.approx(log_partition)


def test_a_wide_tree_is_refused_and_a_long_one_is_not():
    clique = random_feature_selection(30, 0)
    with pytest.raises(qx.InputError, match="treewidth"):
        samplers.sample(clique, samplers.TreeSampler(), num_reads=1, seed=0)
    chain = qx.QuboProblem(np.full(200, -0.1), np.diag(np.full(199, 0.3), 1))
    sampleset = samplers.sample(
        chain, samplers.TreeSampler(), num_reads=50, seed=0, temperature=1e-3
    )
    assert sampleset.record.energy == pytest.approx(np.full(50, -10.0))  # every second one


def test_default_temperatures_follow_the_unit():
    problem = random_feature_selection(6, 1)
    scaled = qx.QuboProblem(1e3 * problem.h, 1e3 * problem.J)
    for name in ("gibbs", "tree", "pathintegral", "rotor"):
        first, second = (
            samplers.sample(p, samplers.sampler_named(name), num_reads=9, seed=1)
            for p in (problem, scaled)
        )
        assert second.info["temperature"] == pytest.approx(1e3 * first.info["temperature"])
    assert first.info["temperature"] == pytest.approx(samplers.flip_scale(problem) / 20)
    energies = problem.diagonal
    flips = [np.abs(energies - energies[np.arange(64) ^ (1 << k)]).max() for k in range(6)]
    assert samplers.flip_scale(problem) == pytest.approx(max(flips))
    flat = qx.QuboProblem(np.zeros(2), np.zeros((2, 2)))
    assert (
        samplers.sample(flat, samplers.TreeSampler(), num_reads=1, seed=0).info["temperature"]
        == 1.0
    )


# -- Monte Carlo in the fields of a schedule ----------------------------------------------------


def constant(A, B):
    return qx.AnnealSchedule(np.array([0.0, 1.0]), np.array([A, A]), np.array([B, B]), "constant")


def test_the_fields_are_those_of_d_wave_s_table():
    schedule = qx.schedule_named("Advantage_system6.4_standard")
    Hp, Hd = samplers.anneal_fields(schedule, 16.0, 3)
    A, B = schedule(np.array([0.0, 0.5, 1.0]))  # halved when the table was read
    kT = 16e-3 * 1.380649e-23 / 6.62607015e-34 / 1e9
    np.testing.assert_allclose(Hp, B / kT)
    np.testing.assert_allclose(Hd, A / kT)
    np.testing.assert_allclose(samplers.anneal_fields(schedule, 16.0, 3, 0.25)[1], A / kT / 4)


@pytest.mark.parametrize("convention", ["paper", "authors-code"])
@pytest.mark.parametrize("A", [0.3, 1.5])
def test_path_integrals_reach_the_quantum_gibbs_state(A, convention):
    problem = random_feature_selection(4, 6)
    driver = qx.Convention(convention).driver(4)
    H = qx.AnnealHamiltonian(problem, schedule=constant(A, 1.0), driver=driver)
    state = qx.gibbs(H, 0.5, 0.2, quantum=True)
    sampleset = samplers.sample(
        problem,
        samplers.PathIntegralSampler(),
        num_reads=8000,
        seed=1,
        schedule=constant(A, 1.0),
        temperature=0.2,
        num_sweeps=60,
        convention=convention,
    )
    counts = counts_of(problem, sampleset)
    assert p_value(counts, state.probabilities) > 1e-3
    classical = qx.gibbs(H, 0.5, 0.2).probabilities
    assert p_value(counts, classical) <= 2e-3


@pytest.mark.parametrize(("A", "h"), [(0.3, 0.4), (0.7, 0.4), (0.7, -1.2)])
def test_one_rotor_has_the_angle_of_its_fields(A, h):
    # E = h n = h/2 - (h/2) z, z = cos(theta) for n = (1 - z)/2
    kT, reads = 0.25, 20_000

    def weight(theta):
        return math.exp((h / 2 * math.cos(theta) + A * math.sin(theta)) / kT)

    total = scipy.integrate.quad(weight, 0, math.pi)[0]
    mean = scipy.integrate.quad(lambda t: math.cos(t) * weight(t), 0, math.pi)[0] / total
    ones = (1 - mean) / 2
    problem = qx.QuboProblem([h], [[0.0]])
    sampleset = samplers.sample(
        problem,
        samplers.RotorSampler(),
        num_reads=reads,
        seed=1,
        schedule=constant(A, 1.0),
        temperature=kT,
        num_sweeps=80,
    )
    found = int(sampleset.record.sample.sum())
    assert scipy.stats.binomtest(found, reads, ones).pvalue > 1e-3


@pytest.mark.parametrize("name", ["pathintegral", "rotor"])
def test_more_sweeps_find_the_ground_state_more_often(name):
    problem = random_feature_selection(8, 2)
    ground = problem.ground_energy + problem.ground_tolerance
    found = [
        (drawn.record.energy <= ground).sum()
        for sweeps in (2, 200)
        for drawn in [
            samplers.sample(
                problem,
                samplers.sampler_named(name),
                temperature=0.05,
                num_sweeps=sweeps,
                num_reads=100,
                seed=1,
            )
        ]
    ]
    assert found[1] > 1.5 * found[0]


# -- searches -----------------------------------------------------------------------------------


def test_greedy_reads_are_local_minima():
    problem = random_feature_selection(12, 5)
    sampleset = samplers.sample(
        problem, dwave.samplers.SteepestDescentSampler(), num_reads=40, seed=2
    )
    rows = sampleset.record.sample[
        :, [sampleset.variables.index(label) for label in problem.labels]
    ]
    for k in range(12):
        flipped = rows.copy()
        flipped[:, k] ^= 1
        assert np.all(problem.energy(flipped) >= problem.energy(rows) - 1e-12)


def test_tabu_finds_the_ground_state():
    problem = random_feature_selection(16, 5)
    sampleset = samplers.sample(problem, samplers.TabuSampler(), num_reads=5, seed=2)
    assert sampleset.first.energy == pytest.approx(problem.ground_energy)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("gibbs", {"temperature": 0.0}, "temperature 0.0 must be positive"),
        ("gibbs", {"s": 1.5}, "outside"),
        ("tree", {"temperature": -1.0}, "must be positive"),
        ("pathintegral", {"num_sweeps": 0}, "num_sweeps = 0; give at least one"),
        ("rotor", {"temperature": math.nan}, "must be positive"),
        ("rotor", {"schedule": "nothing"}, r"schedule is a str, 'nothing'; give an AnnealSchedule"),
        ("pathintegral", {"convention": "mine"}, "unknown convention 'mine'"),
        ("sa", {"beta_range": (0.0, 1.0)}, "give two positive numbers"),
    ],
)
def test_bad_options_are_refused(name, options, message):
    problem = random_feature_selection(3, 0)
    with pytest.raises(qx.InputError, match=message):
        samplers.sample(problem, samplers.sampler_named(name), num_reads=2, seed=0, **options)


def test_without_dwave_system_the_remedy_is_told(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    problem = random_feature_selection(3, 0)
    for call in (
        lambda: samplers.sample(problem, samplers.DWaveAnnealer(), num_reads=1),
        lambda: samplers.mock_annealer("zephyr"),
        lambda: samplers.connect("Advantage_system4"),
    ):
        with pytest.raises(qx.InputError, match=r"pip install 'qxgap\[dwave\]'"):
            call()


# -- hardware reports that need no dwave-system -------------------------------------------------


def test_recorded_reads_of_hardware_have_a_report():
    recorded = samples.iitis()
    runs = recorded.select("Advantage2_system1.4", annealing_time_us=200)
    embedded = next(run for run in runs if "embedding" in run.info)
    report = samplers.hardware_report(embedded)
    assert report.solver == "Advantage2_system1.4"
    assert report.schedule == "Advantage2_system1.4_standard"
    assert report.annealing_time_us == 200.0
    assert report.num_reads == embedded.record.num_occurrences.sum()
    assert report.num_variables == 16 <= report.num_qubits <= 32  # chains of 2 at most
    assert max(report.chain_lengths) <= 2
    assert report.access_time_us == embedded.info["timing_us"]["qpu_access_time"]
    assert report.auto_scale_factors is None
    assert "h, J divided by not recorded" in str(report)
    neal = recorded.select("neal")[0]
    with pytest.raises(qx.InputError, match="do not say how an annealer drew them"):
        samplers.hardware_report(neal)


def test_the_recorded_problem_was_programmed_as_it_is():
    # the authors of the reads report an auto_scale factor of 1
    bqm = samples.iitis().problem.to_bqm()
    for annealer in samplers.ANNEALERS.values():
        ranges = {n: limits for n, limits in annealer.ranges.items() if not n.startswith("per_")}
        assert samplers.auto_scale(bqm, ranges).factor == 1.0
