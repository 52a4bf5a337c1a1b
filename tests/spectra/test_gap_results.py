"""Results of gaps, spectra and criteria: numbers only, which say which method made them."""

import json
import pickle
import re
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.sparse.linalg import aslinearoperator

import qxgap as qx
from qxgap.linalg import EigenStatus, default_method
from qxgap.linalg.methods import EigenMethod
from qxgap.spectra import AdiabaticBound, LandauZener
from qxgap.spectra.low_levels import LevelSolver
from qxgap.spectra.minimum import NEAR_CLASSICAL, GapMeaning
from qxgap.testing import random_feature_selection

COMMAND_KEYS = (
    "gap",
    "gap_lower",
    "s_star",
    "classical_gap",
    "degeneracy",
    "ground_energy",
    "status",
    "eigensolves",
    "matvecs",
    "unit",
    "interior_gap",
    "interior_s",
)


def hamiltonian(d, seed=1, **options):
    return qx.AnnealHamiltonian(random_feature_selection(d, seed=seed), **options)


@pytest.fixture(scope="module")
def results():
    H = hamiltonian(4)
    op = aslinearoperator(H.to_dense(0.5, 0.5))
    return {
        "gap": qx.minimum_gap(H),
        "spectrum": qx.spectrum(H, np.linspace(0, 1, 9), 3),
        "profile": qx.adiabatic_profile(H, np.linspace(0, 1, 9)),
        "bound": qx.jansen_ruskai_seiler(H),
        "crossing": qx.landau_zener(qx.QuboProblem([-0.7], [[0.0]])),
        "pairs": qx.lowest_eigenpairs(op, 3, norm_bound=H.norm_bound(0.5, 0.5)),
    }


def test_the_gap_of_fourteen_qubits_is_a_few_kilobytes():
    gap = qx.minimum_gap(hamiltonian(14))
    assert len(pickle.dumps(gap)) < 100 * 1024
    again = pickle.loads(pickle.dumps(gap))
    assert (again.value, again.lower, again.method) == (gap.value, gap.lower, gap.method)
    np.testing.assert_array_equal(again.gaps, gap.gaps)


@pytest.mark.parametrize("d", [5, 10])
def test_a_pickled_gap_serves_another_schedule(d):
    H, weak = hamiltonian(d), qx.AnnealSchedule([0, 1], [0.4, 0], [0, 1], "weak")
    gap = pickle.loads(pickle.dumps(qx.minimum_gap(H)))
    served = gap.for_schedule(H, weak)
    fresh = qx.minimum_gap(H.with_schedule(weak))
    assert served.schedule == "weak"
    assert served.value == pytest.approx(fresh.value, rel=1e-3)
    assert served.eigensolves < fresh.eigensolves
    assert gap.for_schedule(H, qx.LINEAR).eigensolves == 0


def test_levels_of_another_hamiltonian_serve_no_schedule():
    H = hamiltonian(4)
    gap = qx.minimum_gap(H)
    others = (
        hamiltonian(4, seed=2),
        hamiltonian(4, driver=qx.TransverseField(0.5)),
        hamiltonian(4, driver=qx.TransverseField((1.0, 1.0, 1.0, 2.0))),
    )
    for other in others:
        with pytest.raises(qx.InputError, match="another driver or problem"):
            gap.for_schedule(other, qx.LINEAR)
    with pytest.raises(qx.InputError, match=r"schedule is a str, 'linear'; give H and an Anneal"):
        gap.for_schedule(H, "linear")


def test_the_keys_are_those_of_the_command(results):
    values = results["gap"].to_dict()
    assert tuple(values)[: len(COMMAND_KEYS)] == COMMAND_KEYS
    assert values["method"] == "Dense()"
    assert values["status"] == "BRACKETED"
    assert values["curve_gap"] == results["gap"].gaps.tolist()
    flat = qx.minimum_gap(qx.QuboProblem([0.0, 0.0], np.zeros((2, 2)))).to_dict()
    assert flat["gap"] is None


def test_results_print_themselves(results):
    for name, result in results.items():
        json.dumps(result.to_dict(), allow_nan=False)
        assert repr(result).startswith(f"<{type(result).__name__}: ")
        assert len(repr(result)) < 250, name
        assert "array" not in repr(result)
        assert "<table>" in result._repr_html_()
    infinite = AdiabaticBound(np.inf, np.inf, np.inf)
    assert "no bound" in str(infinite)
    assert infinite.to_dict()["time"] is None


def test_results_draw_themselves(results):
    for name in ("gap", "spectrum", "profile"):
        assert isinstance(results[name].plot(), Figure)
        axes = Figure().add_subplot()
        assert results[name].plot(axes) is axes.figure
        assert axes.lines


@pytest.mark.parametrize(("d", "method"), [(4, qx.Dense()), (10, qx.Davidson())])
def test_the_solver_that_ran_is_named(d, method):
    H = hamiltonian(d)
    gap = qx.minimum_gap(H)
    assert gap.method == method == default_method(2**d, 2)
    assert gap.requested_method is None
    asked = qx.minimum_gap(H, method=qx.Davidson(tol=1e-9))
    assert asked.method == asked.requested_method == qx.Davidson(tol=1e-9)
    assert qx.spectrum(H, [0.5]).method == method
    assert qx.adiabatic_profile(H, [0.5]).method == method


def test_a_tolerance_of_the_user_is_kept_and_others_follow_the_bracket():
    H = hamiltonian(10)
    usual, adaptive = qx.minimum_gap(H), qx.minimum_gap(H, method=qx.Davidson())
    assert (adaptive.value, adaptive.matvecs) == (usual.value, usual.matvecs)
    solver = LevelSolver(H, qx.Davidson(tol=1e-10))
    levels, _ = solver.solve(0.5, 0.5, 2, tol=1e-4)
    assert levels.method == qx.Davidson(tol=1e-10)
    levels, _ = LevelSolver(H, qx.Davidson()).solve(0.5, 0.5, 2, tol=1e-4)
    assert levels.method == qx.Davidson(tol=1e-4)


@pytest.mark.parametrize(
    ("method", "remedy"),
    [
        (qx.Lanczos(max_restarts=1), "raise max_restarts or tol of Lanczos"),
        (qx.Davidson(max_steps=3), "raise max_steps or tol of Davidson"),
        (qx.Lobpcg(max_steps=1), "raise max_steps or tol of Lobpcg"),
    ],
)
def test_the_remedy_is_one_of_the_method(method, remedy):
    H = hamiltonian(10)
    with pytest.raises(qx.ConvergenceError, match=f"before it reached its tolerance; {remedy}$"):
        qx.spectrum(H, [0.99], method=method)
    failed = qx.spectrum(H, [0.99], method=method, throw=False)
    assert failed.status is EigenStatus.NOT_CONVERGED
    assert str(failed).endswith(f"{remedy}.")


def test_references_are_in_the_bibliography():
    text = (files("qxgap.report") / "data" / "references.bib").read_text(encoding="utf-8")
    known = set(re.findall(r"^@\w+\{([^,]+),", text, re.M))
    for cited in (*EigenMethod.__args__, qx.MinimumGap, AdiabaticBound, LandauZener):
        assert set(cited.references) <= known
    assert qx.Davidson.references
    assert qx.Dense.references == ()


def test_seeds_are_recorded():
    H = hamiltonian(10)
    assert qx.minimum_gap(H, seed=7).seed == 7
    drawn = qx.minimum_gap(H, seed=np.random.default_rng(3))
    again = qx.minimum_gap(H, seed=drawn.seed)
    assert (again.value, again.lower) == (drawn.value, drawn.lower)


def test_a_narrow_bracket_across_the_threshold_is_not_open():
    """The value is 0.909 of the classical gap and the bound a little less: nothing is open."""
    gap = qx.minimum_gap(qx.AnnealHamiltonian(random_feature_selection(8, seed=8)))
    assert gap.lower < gap.classical_gap / NEAR_CLASSICAL < gap.value
    assert gap.meaning is GapMeaning.CLASSICAL
    assert replace(gap, lower=0.8 * gap.value).meaning is GapMeaning.OPEN
