"""Feature selections: the problem they make, its equality, and the files that keep them."""

import dataclasses

import numpy as np
import pytest

import qxgap as qx


def feature_arrays(d, seed):
    rng = np.random.default_rng(seed)
    J = np.triu(rng.uniform(size=(d, d)), 1)
    return rng.uniform(0.1, 1.0, d), J + J.T


@pytest.mark.parametrize("tradeoff", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("term", [None, qx.SizeTerm(2, 0.3)])
def test_every_tradeoff_survives_the_npz(tmp_path, tradeoff, term):
    h, J = feature_arrays(5, 2)
    h[1] = 0.0
    problem = qx.FeatureSelection(
        h, J, tradeoff, pair_weight=2, size_term=term, labels=[3, 5, 7, 8, 9]
    ).qubo()
    path = qx.save(problem, tmp_path / "p.npz")
    with np.load(path) as stored:
        assert np.array_equal(stored["h"], h)
        assert np.array_equal(stored["J"], J)
    again = qx.load(path, pair_weight=2)
    assert again == problem
    assert np.array_equal(again.h, problem.h)
    for part, original in zip((again.source.rewards, again.source.redundancy), (h, J), strict=True):
        assert np.array_equal(part, original)


@pytest.mark.parametrize(
    "change", [{"h": -np.ones(4)}, {"offset": 1.0}, {"labels": "abcd"}, {"J": np.zeros((4, 4))}]
)
def test_rewards_that_are_no_longer_the_energies_are_refused(tmp_path, change):
    h, J = feature_arrays(4, 1)
    problem = qx.FeatureSelection(h, J, 0.7).qubo()
    with pytest.raises(qx.InputError, match=r"not those of its source.*or give source=None"):
        dataclasses.replace(problem, **change)
    changed = dataclasses.replace(problem, **change, source=None)
    with pytest.raises(qx.InputError, match=r"p\.npz.*save as \.json"):
        qx.save(changed, tmp_path / "p.npz")


def test_equal_problems_save_alike(tmp_path):
    h, J = feature_arrays(4, 1)
    selection = qx.FeatureSelection(h, J, 0.7, size_term=qx.SizeTerm(1, 9.0), alpha=3 * h)
    problem, again = selection.qubo(), qx.FeatureSelection(h, J, 0.7).qubo()
    assert problem == selection.qubo(meta={"file": "p.npz"})
    assert len({problem, selection.qubo(), again}) == 2
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path in paths:
        assert qx.load(qx.save(problem, path)) == problem
    assert paths[0].read_bytes() == paths[1].read_bytes()
    # the energies and the hash are the same, but only one of the two can be saved as .npz
    bare = qx.QuboProblem(problem.h, problem.J, offset=problem.offset)
    assert bare != problem
    assert bare.content_hash == problem.content_hash
    for other in ({"tradeoff": 0.6}, {"size_term": None}, {"alpha": h}, {"pair_weight": 2}):
        assert dataclasses.replace(selection, **other) != selection
    assert dataclasses.replace(selection, label=3, image=np.ones(2)) == selection


def test_a_feature_selection_keeps_what_belongs_to_the_image(tmp_path):
    h, J = feature_arrays(3, 4)
    selection = qx.FeatureSelection(
        h, J, 1.0, labels=[4, 7, 9], alpha=h, num_maps=np.int64(16), label=np.array([3]), pred=2.0,
        features=np.ones((3, 2, 2)), image=np.zeros((1, 4, 4)),
    )  # fmt: skip
    again = qx.load(qx.save(selection.qubo(), tmp_path / "p.npz")).source
    assert (again.num_maps, again.label, again.pred) == (16, 3, 2)
    assert [type(x) for x in (again.num_maps, again.label, again.pred)] == [int] * 3
    assert np.array_equal(again.features, selection.features)
    assert np.array_equal(again.image, selection.image)
    assert np.array_equal(again.alpha, h)
    small = again.without_arrays()
    assert small == again
    assert (small.features, small.image, small.label) == (None, None, 3)
    assert again.with_tradeoff(0.5).qubo().energy([1, 0, 0]) == pytest.approx(-0.5 * h[0])
    assert (
        repr(again) == "FeatureSelection(3 features, tradeoff=1.0, pair_weight=1, label=3, pred=2)"
    )
    for mistake in ({"label": [1, 2]}, {"pred": 0.5}, {"size_term": 3}, {"alpha": "x"}):
        with pytest.raises(qx.InputError, match=next(iter(mistake))):
            dataclasses.replace(selection, **mistake)
