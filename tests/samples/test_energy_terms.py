"""Boltzmann laws with further terms, against dwave-system and reads drawn from known laws."""

import dimod
import numpy as np
import pytest

import qxgap as qx
from qxgap.problem.bits import index_to_bits
from qxgap.samples import FitStatus, TermStatus, background_term, boltzmann_terms, offset_term


def drawn(problem, beta, extra, num_reads, seed):
    """Reads of the law exp(-beta E - sum c_k E_k), drawn from all 2^d states."""
    bits = index_to_bits(np.arange(2**problem.num_qubits), problem.num_qubits)
    exponent = -beta * problem.energy(bits)
    for c, term in extra:
        exponent = exponent - c * term.energy(bits)
    weights = np.exp(exponent - exponent.max())
    counts = np.random.default_rng(seed).multinomial(num_reads, weights / weights.sum())
    rows = np.flatnonzero(counts)
    return dimod.SampleSet.from_samples(
        (bits[rows].astype(np.int8), list(problem.labels)),
        "BINARY",
        energy=problem.energy(bits[rows]),
        num_occurrences=counts[rows],
    )


def glass(d, seed):
    """A spin glass with fields and half of all couplings."""
    rng = np.random.default_rng(seed)
    pairs = {(i, j): rng.normal() for i in range(d) for j in range(i) if rng.random() < 0.5}
    bqm = dimod.BinaryQuadraticModel.from_ising({i: rng.normal() / 2 for i in range(d)}, pairs)
    return qx.QuboProblem.from_bqm(bqm)


def named(problem):
    return {"offset": offset_term(problem), "background": background_term(problem)}


@pytest.mark.parametrize(("d", "seed"), [(5, 0), (8, 1), (11, 2)])
def test_estimates_are_those_of_dwave_system(d, seed):
    temperatures = pytest.importorskip("dwave.system.temperatures")
    problem = glass(d, seed)
    terms = named(problem)
    reads = drawn(problem, 0.6, [(0.2, terms["offset"])], 3000, seed)
    law = boltzmann_terms(problem, [reads], terms)
    bqms = [one.to_bqm() for one in (problem, *terms.values())]
    theirs, _ = temperatures.maximum_pseudolikelihood(bqms=bqms, sampleset=reads)
    ours = [law.temperature.inverse, *(term.coefficient for term in law.terms)]
    assert np.allclose(ours, -np.asarray(theirs), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("d", "seed"), [(3, 0), (6, 1), (9, 2)])
def test_the_background_term_is_that_of_dwave_system(d, seed):
    temperatures = pytest.importorskip("dwave.system.temperatures")
    problem = glass(d, seed)
    bqm = problem.to_bqm().change_vartype("SPIN", inplace=False)
    theirs = temperatures.background_susceptibility_bqm(bqm)
    bits = index_to_bits(np.arange(2**d), d)
    ours = background_term(problem).energy(bits)
    wanted = theirs.energies((2 * bits.astype(np.int8) - 1, list(problem.labels)))
    shift = ours - wanted
    assert np.allclose(shift, shift[0])


def test_intervals_cover_known_coefficients():
    """95 % intervals of a law with both terms, over 60 sets of reads."""
    problem = glass(8, 4)
    terms = named(problem)
    truth = {"offset": 0.3, "background": -0.04}
    extra = [(c, terms[name]) for name, c in truth.items()]
    hits = dict.fromkeys(("beta", *truth), 0)
    for seed in range(60):
        law = boltzmann_terms(problem, [drawn(problem, 0.7, extra, 1500, seed)], terms)
        low, high = law.temperature.inverse_interval
        hits["beta"] += low <= 0.7 <= high
        for name, c in truth.items():
            hits[name] += law[name].interval[0] <= c <= law[name].interval[1]
            ratio = c / 0.7
            assert (
                law[name].relative_interval[0] - 0.3 < ratio < law[name].relative_interval[1] + 0.3
            )
    assert all(count >= 51 for count in hits.values()), hits


def test_a_bias_distorts_the_temperature_unless_it_is_fitted():
    problem = glass(8, 5)
    term = offset_term(problem)
    reads = drawn(problem, 0.8, [(0.9, term)], 40_000, seed=3)
    law = boltzmann_terms(problem, [reads], {"offset": term})
    low, high = law.temperature.inverse_interval
    assert low <= 0.8 <= high
    assert law["offset"].status is TermStatus.PRESENT
    alone = qx.samples.pseudolikelihood_temperature(qx.samples.align(problem, reads))
    assert not alone.inverse_interval[0] <= 0.8 <= alone.inverse_interval[1]


def test_reads_without_further_terms_do_not_show_them():
    problem = glass(9, 6)
    runs = [drawn(problem, 0.5, [], 2000, seed) for seed in range(6)]
    law = boltzmann_terms(problem, runs, named(problem))
    assert [term.status for term in law.terms] == [TermStatus.NOT_SEEN] * 2
    assert law.status is FitStatus.DETERMINED
    assert "runs" in law.temperature.kind


def test_variables_of_a_term_may_be_in_any_order():
    problem = qx.QuboProblem([-1.0, 0.5, 0.2], np.triu(np.ones((3, 3)), 1), labels=["a", "b", "c"])
    term = qx.QuboProblem([3.0, 1.0, 2.0], np.zeros((3, 3)), labels=["c", "a", "b"])
    ordered = qx.QuboProblem([1.0, 2.0, 3.0], np.zeros((3, 3)), labels=["a", "b", "c"])
    reads = [drawn(problem, 1.0, [(0.2, ordered)], 5000, seed=1)]
    assert (
        boltzmann_terms(problem, reads, {"x": term}).to_dict()
        == boltzmann_terms(problem, reads, {"x": ordered}).to_dict()
    )


def test_few_flips_are_told():
    problem = glass(6, 8)
    reads = drawn(problem, 3.0, [], 60, seed=2)
    law = boltzmann_terms(problem, [reads], {"offset": offset_term(problem)})
    assert law.status is FitStatus.FEW_FLIPS
    assert "measure more reads" in str(law)


def test_reads_that_are_all_local_minima_have_no_further_terms():
    problem = glass(6, 8)
    reads = drawn(problem, 500.0, [], 100, seed=2)
    with pytest.raises(qx.InputError, match="every read is a local minimum"):
        boltzmann_terms(problem, [reads], {"offset": offset_term(problem)})


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({}, "terms is empty"),
        ({"twice": "problem"}, "cannot be told apart"),
        ({"nothing": "zero"}, "no field at any variable"),
        ({"other": "other"}, "variable"),
    ],
)
def test_errors_name_value_and_remedy(terms, message):
    problem = glass(4, 9)
    known = {
        "problem": problem,
        "zero": qx.QuboProblem(np.zeros(4), np.zeros((4, 4)), labels=problem.labels),
        "other": qx.QuboProblem([1.0], [[0.0]], labels=["q"]),
    }
    reads = drawn(problem, 0.5, [], 1000, seed=1)
    with pytest.raises(qx.InputError, match=message):
        boltzmann_terms(problem, [reads], {name: known[which] for name, which in terms.items()})
    with pytest.raises(qx.InputError, match="samplesets is empty"):
        boltzmann_terms(problem, [], {"offset": offset_term(problem)})
