"""The lower bound of the gap at every s."""

import numpy as np
import pytest
from dimod.generators import anti_crossing_clique
from matplotlib.figure import Figure

import qxgap as qx
from qxgap.testing import random_feature_selection

S = np.linspace(0, 1, 60)
TWO_GROUND_STATES = qx.QuboProblem([-1.0, -1.0], [[0.0, 5.0], [0.0, 0.0]])
ON_CHIP = qx.AnnealHamiltonian(
    random_feature_selection(4, seed=2), schedule=qx.schedule_named("Advantage2_system1_standard")
)
HAMILTONIANS = [
    qx.AnnealHamiltonian(qx.QuboProblem.from_bqm(anti_crossing_clique(6))),
    qx.AnnealHamiltonian(TWO_GROUND_STATES),
    ON_CHIP,
]


@pytest.mark.parametrize("H", HAMILTONIANS, ids=["crossing", "degenerate", "on chip"])
@pytest.mark.parametrize("rtol", [0.5, 1e-2])
def test_no_gap_lies_below_it_and_it_proves_the_bracket(H, rtol):
    gap = qx.minimum_gap(H, rtol)
    proof = qx.gap_certificate(H, gap, S)
    g = H.problem.degeneracy
    energies = qx.spectrum(H, S, levels=g + 1).energies
    gaps = energies[:, g] - energies[:, 0]
    assert np.all(proof.lower <= gaps + 1e-9 * gaps.max())
    everywhere = qx.gap_certificate(H, gap)
    assert everywhere.lower.min() >= gap.lower * (1 - 1e-9)
    assert everywhere.lower.min() <= gap.value


def test_it_is_tight_at_the_eigen_solves():
    H = HAMILTONIANS[0]
    gap = qx.minimum_gap(H, 0.5)
    at_nodes = qx.gap_certificate(H, gap, gap.s)
    np.testing.assert_allclose(at_nodes.lower, gap.gaps, rtol=1e-6)


def test_it_shows_itself():
    problem = random_feature_selection(3, seed=1)
    proof = qx.gap_certificate(problem, qx.minimum_gap(problem, 0.5))
    assert isinstance(proof.plot(), Figure)
    assert "eigen-solves prove" in str(proof)
    assert list(proof.to_dataframe()) == ["s", "lower"]
    assert proof.to_dict()["gap"]["status"] == "BRACKETED"


def test_a_gap_of_another_hamiltonian_is_refused():
    problem = random_feature_selection(3, seed=1)
    gap = qx.minimum_gap(problem)
    with pytest.raises(qx.InputError, match="that it was computed for"):
        qx.gap_certificate(random_feature_selection(3, seed=2), gap)
    with pytest.raises(qx.InputError, match="that it was computed for"):
        qx.gap_certificate(ON_CHIP, qx.minimum_gap(ON_CHIP.problem))
    with pytest.raises(qx.InputError, match="give a result of minimum_gap"):
        qx.gap_certificate(problem, 0.3)
    flat = qx.QuboProblem([0.0], [[0.0]])
    with pytest.raises(qx.InputError, match="nothing to prove"):
        qx.gap_certificate(flat, qx.minimum_gap(flat))
