"""Samplers, comparisons and sample files against dimod, enumeration and simulation."""

import json
import math

import dimod
import dimod.testing
import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap import dynamics, samplers, samples, statistics
from qxgap.problem.bits import bits_to_index, index_to_bits
from qxgap.testing import random_feature_selection

NAMES = tuple(f"f{i}" for i in range(12))


def named_problem(seed=0, labels=NAMES, offset=0.25):
    plain = random_feature_selection(len(labels), seed)
    return qx.QuboProblem(plain.h, plain.J, labels=labels, offset=offset)


def sampleset_of(problem, occupations, **kwargs):
    kwargs.setdefault("energy", problem.energy(occupations))
    return dimod.SampleSet.from_samples(
        (np.asarray(occupations, dtype=np.int8), list(problem.labels)), "BINARY", **kwargs
    )


@pytest.fixture(scope="module")
def run():
    return qx.anneal(qx.AnnealHamiltonian(named_problem()), 20.0)


@pytest.fixture(scope="module")
def reads(run):
    return run.sample(1000, seed=3)


# -- samplers -----------------------------------------------------------------------------------


def test_the_schrodinger_sampler_is_a_dimod_sampler():
    sampler = samplers.SchrodingerSampler()
    dimod.testing.assert_sampler_api(sampler)
    with pytest.warns(dimod.exceptions.SamplerUnknownArgWarning, match="colour"):
        empty = sampler.sample(dimod.BinaryQuadraticModel("SPIN"), colour="red")
    assert len(empty) == 0
    ising = sampler.sample_ising({"a": 0.5}, {("a", 3): -1.0}, tau=5, num_reads=7, seed=0)
    dimod.testing.assert_sampleset_energies(
        ising, dimod.BQM.from_ising({"a": 0.5}, {("a", 3): -1.0})
    )
    assert ising.vartype is dimod.SPIN
    assert len(ising) == 7
    assert sampler.sample_qubo({(0, 0): -1.0}, num_reads=3).vartype is dimod.BINARY


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(0, 2**32), st.sampled_from(["SPIN", "BINARY"]))
def test_schrodinger_samples_have_the_model_s_energies(d, seed, vartype):
    rng = np.random.default_rng(seed)
    labels = [f"x{i}" if i % 2 else i for i in rng.permutation(d).tolist()]
    J = {(labels[p], labels[q]): rng.normal() for p in range(d) for q in range(p)}
    bqm = dimod.BQM(dict.fromkeys(labels, 0.3), J, rng.normal(), vartype)
    sampleset = samplers.SchrodingerSampler().sample(bqm, tau=2.0, num_reads=10, seed=1)
    assert sampleset.vartype is bqm.vartype
    dimod.testing.assert_sampleset_energies(sampleset, bqm)
    json.dumps(sampleset.info)
    assert {"tau", "success_probability", "error_estimate", "instance_hash", "convention"} <= set(
        sampleset.info
    )


@pytest.mark.parametrize("convention", ["paper", "authors-code"])
def test_schrodinger_samples_follow_the_anneal(convention):
    problem = random_feature_selection(4, 5)
    driver = qx.Convention(convention).driver(4)
    run = qx.anneal(qx.AnnealHamiltonian(problem, driver=driver), 6.0)
    sampleset = samplers.SchrodingerSampler().sample(
        problem.to_bqm("SPIN"), tau=6.0, num_reads=20_000, seed=2, convention=convention
    )
    order = [sampleset.variables.index(label) for label in problem.labels]
    index = bits_to_index(sampleset.record.sample[:, order] > 0)
    counts = np.bincount(index, minlength=16)
    assert scipy.stats.chisquare(counts, 20_000 * run.probabilities).pvalue > 1e-4
    assert sampleset.info["success_probability"] == pytest.approx(run.success_probability, abs=1e-6)


@pytest.mark.parametrize("sampler", ["sa", "schrodinger", "exact"])
def test_every_sampler_tells_what_it_did(sampler):
    problem = named_problem()
    sampleset = samplers.sample(problem, samplers.sampler_named(sampler), num_reads=20, seed=4)
    again = samplers.sample(problem, samplers.sampler_named(sampler), num_reads=20, seed=4)
    assert np.array_equal(sampleset.record.sample, again.record.sample)
    assert sampleset.vartype is dimod.BINARY
    assert len(sampleset) == (2**12 if sampler == "exact" else 20)
    assert sampleset.info["sampler"] == sampler
    assert sampleset.info["seed"] == (None if sampler == "exact" else 4)
    assert sampleset.info["instance_hash"] == problem.content_hash
    np.testing.assert_allclose(
        sampleset.record.energy, problem.to_bqm().energies(sampleset), atol=1e-12
    )


def test_a_drawn_seed_is_told():
    problem = random_feature_selection(5, 0)
    first = samplers.sample(problem, num_reads=5, seed=np.random.default_rng(7))
    again = samplers.sample(problem, num_reads=5, seed=first.info["seed"])
    assert np.array_equal(first.record.sample, again.record.sample)
    assert samplers.sample(problem, num_reads=5).info["seed"] >= 0


@pytest.mark.parametrize("unit", [1.0, 1e-4, 1e4])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_simulated_annealing_finds_the_ground_state_in_any_unit(unit, seed):
    plain = random_feature_selection(12, seed)
    problem = qx.QuboProblem(unit * plain.h, unit * plain.J, labels=NAMES)
    sampleset = samplers.sample(problem, num_reads=200, seed=1)
    ground = problem.ground_energy + problem.classical_gap / 2
    assert (sampleset.record.energy < ground).mean() > 0.9
    assert sampleset.info["beta_range"] == list(samplers.beta_range(problem))


def test_the_beta_range_follows_its_rule():
    problem = qx.QuboProblem([-2.0, 1.0], [[0.0, 0.5], [0.0, 0.0]])
    assert samplers.beta_range(problem) == pytest.approx((math.log(2) / 2, 500 * math.log(200)))
    frustrated = qx.QuboProblem([1.0, -1.0, 0.0], [[0, 2, -4], [0, 0, 0], [0, 0, 0]])
    assert samplers.beta_range(frustrated)[0] == pytest.approx(math.log(2) / 4)  # of qubit 2
    flat = qx.QuboProblem(np.zeros(3), np.zeros((3, 3)))
    assert samplers.beta_range(flat) == (1.0, 1.0)
    assert len(samplers.sample(flat, num_reads=4, seed=0)) == 4


def test_exact_lists_every_state_once():
    problem = named_problem(labels=NAMES[:5])
    sampleset = samplers.sample(problem, samplers.ExactSampler(), num_reads=1)
    order = [sampleset.variables.index(label) for label in problem.labels]
    index = bits_to_index(sampleset.record.sample[:, order])
    assert sorted(index.tolist()) == list(range(32))
    with pytest.raises(qx.InputError, match="up to 20 variables"):
        samplers.sample(random_feature_selection(21, 0), samplers.ExactSampler(), num_reads=1)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"num_reads": 0}, "num_reads = 0"),
        ({"seed": -1}, "seed is an int, -1; give an integer of at least 0"),
        (
            {"sampler": samplers.SchrodingerSampler(), "convention": "mine"},
            "unknown convention 'mine'",
        ),
        ({"sampler": samplers.SchrodingerSampler(), "tau": -1.0}, "tau = -1"),
    ],
)
def test_bad_requests_are_refused(kwargs, message):
    problem = random_feature_selection(3, 0)
    with pytest.raises(qx.InputError, match=message):
        samplers.sample(problem, **({"num_reads": 1, "seed": 0} | kwargs))
    with pytest.raises(qx.InputError, match="give at least one"):
        samplers.sample(problem, num_reads=1, num_sweeps=0)


# -- comparison ---------------------------------------------------------------------------------


def test_own_samples_agree_with_the_prediction(run, reads):
    result = samples.compare(run, reads, seed=0)
    problem = run.problem
    index = bits_to_index(reads.record.sample[:, [reads.variables.index(v) for v in NAMES]])
    ground = np.isin(index, problem.ground_indices).sum()
    assert result.num_reads == 1000
    assert result.ground_probability == ground / 1000
    assert result.ground_probability_interval == statistics.jeffreys_interval(ground, 1000)
    assert result.predicted == run.success_probability
    assert result.p_value > 0.01
    assert result.tv_distance == pytest.approx(result.tv_expected, rel=0.2)
    assert result.tts99 == dynamics.time_to_solution(ground / 1000, 20.0)
    assert result.tts99_interval[0] <= result.tts99 <= result.tts99_interval[1]
    assert "1000 reads" in str(result)
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False)) == result.to_dict()
    assert result.effective_temperature > 0


def test_another_anneal_time_does_not_agree(run):
    other = qx.anneal(qx.AnnealHamiltonian(run.problem), 5.0)
    result = samples.compare(run, other.sample(1000, seed=0), num_resamples=999, seed=0)
    assert result.p_value == 1e-3
    assert result.tv_distance > 1.5 * result.tv_expected


@pytest.mark.parametrize("seed", [0, 1])
def test_neither_order_nor_vartype_matters(run, reads, seed):
    order = np.random.default_rng(seed).permutation(12)
    columns = [reads.variables.index(NAMES[i]) for i in order]
    shuffled = dimod.SampleSet.from_samples(
        (reads.record.sample[:, columns], [NAMES[i] for i in order]),
        "BINARY",
        energy=reads.record.energy,
        sort_labels=False,
    )
    assert list(shuffled.variables) != list(run.problem.labels)
    spin = shuffled.change_vartype("SPIN", inplace=False)
    expected = samples.compare(run, reads, seed=0)
    assert samples.compare(run, shuffled, seed=0) == samples.compare(run, spin, seed=0) == expected


def test_rows_count_as_often_as_they_occurred(run, reads):
    assert samples.compare(run, reads.aggregate(), seed=0) == samples.compare(run, reads, seed=0)
    state = index_to_bits(run.problem.ground_indices[:1], 12)
    rows = np.concatenate([state, 1 - state])
    result = samples.compare(run, sampleset_of(run.problem, rows, num_occurrences=[30, 10]), seed=0)
    assert result.num_reads == 40
    assert result.ground_probability == 0.75


def test_the_effective_temperature_of_boltzmann_reads(run):
    problem = run.problem
    weights = np.exp(-problem.diagonal / 0.3)
    rng = np.random.default_rng(0)
    index = rng.choice(weights.size, size=20_000, p=weights / weights.sum())
    result = samples.compare(run, sampleset_of(problem, index_to_bits(index, 12)), seed=0)
    assert result.effective_temperature == pytest.approx(0.3, rel=0.03)


def test_degenerate_grounds_and_no_ground_read_at_all():
    problem = qx.QuboProblem([-0.1, -0.1, 0.3], np.diag([0.3, 0.0], 1))
    run = qx.anneal(qx.AnnealHamiltonian(problem), 10.0)
    both = sampleset_of(problem, [[1, 0, 0], [0, 1, 0]])
    assert samples.compare(run, both, seed=0).ground_probability == 1.0
    assert samples.compare(run, both, seed=0).effective_temperature == 0.0
    worst = samples.compare(run, sampleset_of(problem, [[1, 1, 1]] * 5), seed=0)
    assert worst.tts99 == worst.tts99_interval[1] == math.inf
    assert worst.to_dict()["tts99"] is None
    assert worst.to_dict()["tts99_interval"][1] is None
    assert worst.ground_probability_interval[0] == 0.0


def test_energies_of_another_problem_are_refused(run, reads):
    doubled = qx.QuboProblem(run.problem.h, 2 * run.problem.J, labels=NAMES, offset=0.25)
    foreign = sampleset_of(doubled, index_to_bits(np.arange(4088, 4096), 12))
    with pytest.raises(qx.InputError, match=r"8 of 8 .*row 0: .*row 2: .*check_energies=False"):
        samples.compare(run, foreign, seed=0)
    assert samples.compare(run, foreign, check_energies=False, seed=0).num_reads == 8
    unknown = sampleset_of(run.problem, [[0] * 12], energy=[math.nan])
    with pytest.raises(qx.InputError, match="1 of 1"):
        samples.compare(run, unknown, seed=0)
    rounded = sampleset_of(run.problem, index_to_bits(np.arange(9), 12))
    rounded.record.energy[:] = rounded.record.energy.astype(np.float32)
    assert samples.compare(run, rounded, seed=0).num_reads == 9


def test_an_enumeration_is_no_sample(run):
    everything = qx.sample(run.problem, qx.samplers.ExactSampler(), num_reads=1)
    with pytest.raises(qx.InputError, match="enumerate all states"):
        qx.compare(run, everything, seed=0)


def test_what_cannot_be_aligned_is_refused(run, reads):
    with pytest.raises(qx.InputError, match=r"lack the labels \['f3'\] and have \['g'\]"):
        samples.compare(run, reads.relabel_variables({"f3": "g"}, inplace=False), seed=0)
    empty = dimod.SampleSet.from_samples(([], list(NAMES)), "BINARY", energy=[])
    with pytest.raises(qx.InputError, match="no reads"):
        samples.compare(run, empty, seed=0)
    never = sampleset_of(run.problem, [[0] * 12], num_occurrences=[0])
    with pytest.raises(qx.InputError, match="no reads"):
        samples.compare(run, never, seed=0)
    mislabelled = sampleset_of(run.problem, [[-1] * 12], energy=[0.0])
    with pytest.raises(qx.InputError, match="not BINARY"):
        samples.compare(run, mislabelled, seed=0)


# -- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sampler", ["sa", "schrodinger", "exact"])
@pytest.mark.parametrize("labels", [NAMES[:5], (3, 1, 40, 7, 0)])
def test_sample_sets_round_trip(tmp_path, sampler, labels):
    sampleset = samplers.sample(
        named_problem(labels=labels), samplers.sampler_named(sampler), num_reads=9, seed=0
    )
    again = samples.load_sampleset(samples.save_sampleset(sampleset, tmp_path / "reads.json"))
    assert again == sampleset
    assert again.info == sampleset.info
    assert list(again.variables) == list(sampleset.variables)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"type": "SampleSet"}', '{"type": "BinaryQuadraticModel"}', "\x00\xff"],
)
def test_bad_files_are_told(tmp_path, text):
    path = tmp_path / "reads.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(qx.InputError, match=r"reads\.json: ") as caught:
        samples.load_sampleset(path)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be(tmp_path, reads):
    with pytest.raises(qx.InputError, match="no such file"):
        samples.load_sampleset(tmp_path / "nothing.json")
    with pytest.raises(qx.InputError, match="cannot be written"):
        samples.save_sampleset(reads, tmp_path / "nowhere" / "reads.json")
    strange = dimod.SampleSet.from_samples([{"a": 1}], "BINARY", energy=[0.0], info={"x": {1, 2}})
    with pytest.raises(qx.InputError, match="does not serialise"):
        samples.save_sampleset(strange, tmp_path / "reads.json")
