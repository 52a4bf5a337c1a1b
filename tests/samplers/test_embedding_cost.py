"""What embedding costs, against graphs, dense spectra and Ocean's own embedding."""

import functools
import json

import numpy as np
import pytest

import qxgap as qx
from qxgap import samplers
from qxgap.samplers.dwave.embedding import embedded_model
from qxgap.testing import random_feature_selection

pytest.importorskip("dwave.system")
full_graph = functools.cache(samplers.mock_annealer)


@pytest.mark.parametrize(
    ("topology", "d", "mean", "longest"),
    [
        ("pegasus", 16, 3.0, 3),
        ("zephyr", 16, 3.0, 3),
        ("pegasus", 32, 4.8, 5),
        ("zephyr", 32, 4, 4),
    ],
)
def test_cliques_take_the_chains_they_are_known_to_take(topology, d, mean, longest):
    from dwave.embedding import verify_embedding

    problem = random_feature_selection(d, 1)
    found = samplers.embedding_estimate(problem, topology)
    assert found.chain_lengths.mean() == pytest.approx(mean, abs=0.02)
    assert found.chain_lengths.max() == longest
    assert found.num_qubits == found.chain_lengths.sum()
    graph = full_graph(topology).to_networkx_graph()
    assert verify_embedding(found.chains, list(problem.to_bqm().quadratic), graph.edges)
    for p in range(d):
        for q in range(p + 1, d):
            ends = [(a, b) for a in found.chains[p] for b in found.chains[q]]
            assert found.num_couplers[p, q] == sum(graph.has_edge(*end) for end in ends) > 0
    assert str(found.num_qubits) in str(found)


@pytest.mark.parametrize("topology", ["pegasus", "zephyr"])
def test_the_scale_is_that_of_the_embedded_model(topology):
    problem, child = random_feature_selection(7, 2), full_graph(topology)
    for strength in (None, 0.01, 4.0):
        found = samplers.embedding_estimate(problem, topology, chain_strength=strength)
        ising = problem.to_bqm("SPIN")
        used = strength or samplers.torque_compensation(ising)
        assert found.chain_strength == pytest.approx(used)
        embedded = embedded_model(ising, found.chains, child.adjacency, used)
        expected = samplers.auto_scale(embedded, child.properties, child.to_networkx_graph())
        assert found.scale == expected
        fields = (
            max(map(abs, ising.linear.values())) / samplers.ANNEALERS[topology].ranges["h_range"][1]
        )
        pairs = max(ising.quadratic.values())
        assert found.scale_without_chains.factor == pytest.approx(max(fields, pairs))
        assert found.scaling_cost == found.scale.factor / found.scale_without_chains.factor
    assert found.scale.factor == pytest.approx(2.0)  # chains of 4 in a range that ends at -2
    assert found.scale.limited_by == "J"


def test_shorter_chains_for_sparse_problems():
    ring = qx.QuboProblem(np.full(12, -0.3), np.diag(np.full(11, 0.5), 1))
    clique, minor = (
        samplers.embedding_estimate(ring, method=method, seed=3)
        for method in (samplers.CliqueEmbedding(), samplers.MinorEmbedding())
    )
    assert minor.num_qubits == 12 < clique.num_qubits
    assert np.count_nonzero(minor.num_couplers) == 11


@pytest.mark.parametrize("topology", ["pegasus", "zephyr"])
@pytest.mark.parametrize("strength", [None, 2.0])
def test_the_gap_is_that_of_the_weakened_problem(topology, strength):
    problem = random_feature_selection(5, 3)
    estimate = samplers.embedding_estimate(problem, topology, chain_strength=strength)
    cost = samplers.gap_cost(problem, estimate, rtol=1e-4)
    schedule = qx.schedule_named(samplers.ANNEALERS[topology].schedule_name)
    for found, factor in (
        (cost.embedded, estimate.scale.factor),
        (cost.without_chains, estimate.scale_without_chains.factor),
    ):
        weak = qx.QuboProblem(problem.h / factor, problem.J / factor)
        H = qx.AnnealHamiltonian(weak, schedule=schedule)

        def gap(s, H=H):
            values = np.linalg.eigvalsh(H.to_sparse(*H.schedule(s)).toarray())
            return values[1] - values[0]

        assert found.unit == "GHz"
        assert found.value == pytest.approx(gap(found.s_star), rel=1e-9)
        assert found.lower <= min(gap(s) for s in np.linspace(0, 1, 101)) * (1 + 1e-9)
    assert cost.ratio == cost.embedded.value / cost.without_chains.value
    assert f"{cost.ratio:.3g} times the {cost.without_chains.value:.3g} GHz" in str(cost)
    if strength:
        assert cost.ratio < 0.5


def test_errors_of_chains_add_up():
    problem = random_feature_selection(6, 1)
    estimate = samplers.embedding_estimate(problem)
    sigma_h, sigma_J = samplers.chain_sigmas(estimate, 0.1, 0.2)
    np.testing.assert_allclose(sigma_h, 0.1 * np.sqrt(estimate.chain_lengths))
    np.testing.assert_allclose(sigma_J, 0.2 * np.sqrt(estimate.num_couplers))
    noisy = samplers.noise_ensemble(
        problem, sigma_h=sigma_h, sigma_J=sigma_J, scale=estimate.scale.factor, seed=1
    )
    assert noisy.num_samples == 1000


def test_the_whole_cost_is_that_of_its_parts():
    problem, chains = random_feature_selection(8, 1), samplers.CliqueEmbedding()
    cost = samplers.annealer_cost(problem, "zephyr", method=chains, num_copies=50, seed=3)
    estimate = samplers.embedding_estimate(problem, "zephyr", method=chains)
    gaps = samplers.gap_cost(problem, estimate)
    sigma_h, sigma_J = samplers.chain_sigmas(estimate)
    options = {"sigma_h": sigma_h, "sigma_J": sigma_J, "scale": estimate.scale.factor}
    noise = samplers.noise_ensemble(problem, num_samples=50, seed=3, **options)
    row = cost.to_dict()
    assert row | estimate.to_dict() | gaps.to_dict() == row
    assert (row["ground_changes"], row["ground_changes_interval"]) == (
        noise.probability,
        list(noise.interval),
    )
    assert (
        row["temperature_millikelvin"]
        == samplers.published_temperature(cost.estimate.solver).temperature
    )
    schedule = samplers.solver_schedule(estimate.solver)
    assert row["gap_millikelvin"] == float(schedule.to_millikelvin(gaps.embedded.value))
    for result in (cost, estimate, gaps, noise, estimate.scale):
        assert len(repr(result)) < 250
        assert "<table>" in result._repr_html_()
        json.dumps(result.to_dict())


def test_above_the_limit_neither_gap_nor_errors_are_computed():
    problem = random_feature_selection(5, 1)
    cost = samplers.annealer_cost(problem, max_qubits=4)
    assert (cost.gaps, cost.noise, cost.noise_without_chains) == (None, None, None)
    small = samplers.annealer_cost(problem, num_copies=0)
    assert (small.noise, small.gaps is None) == (None, False)
    assert list(cost.to_dict()) == list(small.to_dict())
    assert cost.to_dict()["gap"] is None
    with pytest.raises(qx.InputError, match="num_copies = -1; give the number of copies, or 0"):
        samplers.annealer_cost(problem, num_copies=-1)


def test_bad_estimates_are_refused():
    problem = random_feature_selection(4, 1)
    with pytest.raises(qx.InputError, match="unknown topology 'torus'; known: pegasus, zephyr"):
        samplers.embedding_estimate(problem, "torus")
    with pytest.raises(qx.InputError, match="chain_strength = -1"):
        samplers.embedding_estimate(problem, chain_strength=-1.0)
    with pytest.raises(qx.InputError, match="no clique of 400 variables fits"):
        samplers.embedding_estimate(random_feature_selection(400, 1))
    with pytest.raises(qx.InputError, match="the estimate is of"):
        samplers.gap_cost(random_feature_selection(4, 2), samplers.embedding_estimate(problem))
