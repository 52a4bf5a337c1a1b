"""The selector against scikit-learn's checks, SelectKBest and enumeration."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx

pytest.importorskip("sklearn")

from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.feature_selection import SelectKBest, f_classif, f_regression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from qxgap.tabular import QuboSelector


@parametrize_with_checks([QuboSelector("f")])
def test_scikit_learn_accepts_the_selector(estimator, check):
    check(estimator)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.data())
def test_with_rewards_only_it_is_select_k_best(seed, d, data):
    k, rng = data.draw(st.integers(1, d)), np.random.default_rng(seed)
    X, y = rng.normal(size=(40, d)), rng.integers(0, 2, 40)
    X += rng.uniform(0, 2, d) * y[:, None]
    ours = QuboSelector("f", tradeoff=1.0, k=k).fit(X, y)
    best = SelectKBest(f_classif, k=k).fit(X, y)
    np.testing.assert_array_equal(ours.get_support(), best.get_support())
    np.testing.assert_allclose(ours.scores_, best.scores_)


@pytest.mark.parametrize("k", [None, 3])
@pytest.mark.parametrize("redundancy", ["correlation", "mutual_info"])
def test_the_selection_is_the_best_of_all(redundancy, k):
    X, y = load_diabetes(return_X_y=True)
    X = X[:, :8]
    selector = QuboSelector("mutual_info", redundancy=redundancy, k=k, random_state=1).fit(X, y)
    J, h = selector.selection_.redundancy, selector.selection_.rewards

    def energy(chosen):
        pairs = sum(J[p, q] for p, q in itertools.combinations(chosen, 2))
        return 0.3 * pairs - 0.7 * h[list(chosen)].sum()

    sizes = range(9) if k is None else [k]
    everything = (c for size in sizes for c in itertools.combinations(range(8), size))
    best = min(everything, key=energy)
    assert tuple(np.flatnonzero(selector.get_support())) == best
    assert selector.optimum_.status is qx.problem.OptimumStatus.OPTIMAL
    assert J.min() >= 0
    assert J.max() <= 1 + 1e-12
    assert h.max() == 1


def test_a_copy_of_a_feature_is_not_selected():
    X, y = load_wine(return_X_y=True)
    doubled = np.hstack([X, X])
    support = QuboSelector("f", tradeoff=0.4).fit(doubled, y).get_support()
    assert not np.any(support[:13] & support[13:])
    rewarded = QuboSelector("f", tradeoff=1.0, k=4).fit(doubled, y).get_support()
    assert np.any(rewarded[:13] & rewarded[13:])


def test_it_works_in_a_pipeline_and_a_grid_search():
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    steps = make_pipeline(StandardScaler(), QuboSelector("f"), LogisticRegression())
    search = GridSearchCV(steps, {"quboselector__tradeoff": [0.3, 0.7]}, cv=2).fit(X, y)
    assert search.best_score_ > 0.9
    chosen = QuboSelector("f", k=5).fit(X, y)
    assert set(chosen.get_feature_names_out()) == set(chosen.optimum_.selection)
    assert chosen.problem_.labels == tuple(X.columns)


def test_it_says_how_hard_its_problem_is():
    X, y = load_diabetes(return_X_y=True)
    selector = QuboSelector("f").fit(X[:, :6], y)
    gap = selector.minimum_gap(rtol=1e-2)
    assert gap.value == qx.minimum_gap(selector.problem_, 1e-2).value
    run = selector.anneal(20.0)
    assert run.success_probability == qx.anneal(selector.problem_, 20.0).success_probability
    path = selector.tradeoff_path()
    assert path.selections[int(path.at(0.7))] == selector.optimum_.selection


def test_functions_and_matrices_are_accepted():
    X, y = load_diabetes(return_X_y=True)
    matrix = np.abs(np.corrcoef(X, rowvar=False))
    given_matrix = QuboSelector(f_regression, redundancy=matrix).fit(X, y)
    named = QuboSelector("f").fit(X, y)
    by_function = QuboSelector(lambda X, y: f_regression(X, y)[0], redundancy=lambda X: matrix)
    for other in (named, by_function.fit(X, y)):
        np.testing.assert_array_equal(given_matrix.get_support(), other.get_support())


def test_bad_input_is_refused():
    X, y = load_diabetes(return_X_y=True)
    for selector, message in (
        (QuboSelector("best"), r"score_func = 'best'; give one of"),
        (QuboSelector(lambda X, y: [1.0]), r"scores have shape \(1,\); give \(10,\)"),
        (QuboSelector("f", redundancy="cosine"), r"redundancy = 'cosine'; give one of"),
        (QuboSelector("f", redundancy=np.eye(3)), r"shape \(3, 3\); give a symmetric \(10, 10\)"),
        (QuboSelector("f", redundancy=[["a"]]), "give a matrix"),
        (QuboSelector("f", tradeoff=2.0), r"tradeoff = 2\.0 is not one number in \[0, 1\]"),
        (QuboSelector("f", k=-1), "size = -1"),
    ):
        with pytest.raises(qx.InputError, match=message):
            selector.fit(X, y)
