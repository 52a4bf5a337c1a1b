"""Reads of the Schrödinger equation as a dimod sampler."""

import json

import dimod
import dimod.testing
import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap import samplers, samples, statistics
from qxgap.problem.bits import bits_to_index, index_to_bits
from qxgap.testing import random_feature_selection


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
def test_schrodinger_reads_follow_the_exact_distribution_in_the_right_bit_order(vartype):
    problem = random_feature_selection(8, 6)
    run = qx.anneal(qx.AnnealHamiltonian(problem), 12.0, qx.SplitOperator(1e-9))
    sampleset = samplers.SchrodingerSampler().sample(
        problem.to_bqm(vartype), tau=12.0, num_reads=100_000, seed=7, tol=1e-9
    )
    counts = samples.align(problem, sampleset).state_counts()
    reversed_bits = index_to_bits(np.arange(256), 8)[:, ::-1].astype(np.int64)
    wrong = counts[qx.problem.bits.bits_to_index(reversed_bits)]
    for statistic in (statistics.likelihood_ratio, statistics.pearson):
        p = statistics.goodness_of_fit(counts, run.probabilities, statistic=statistic, seed=0)
        assert p > 0.01
        assert (
            statistics.goodness_of_fit(wrong, run.probabilities, statistic=statistic, seed=0) < 1e-3
        )
    levels = samples.energy_levels(problem)
    law = np.zeros(levels.energies.size)
    np.add.at(law, levels.index(problem.diagonal, problem.ground_tolerance), run.probabilities)
    by_level = samples.level_counts(levels, samples.align(problem, sampleset))
    assert statistics.goodness_of_fit(by_level, law, seed=0) > 0.01


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
