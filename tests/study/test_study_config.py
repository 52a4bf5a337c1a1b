"""Study files: what they may say, and what is told when they say something else."""

import pytest

import qxgap as qx
from qxgap.errors import InputError
from qxgap.study import Network, Study, run_study
from qxgap.testing import random_feature_selection

GOOD = """
instances = "some/*.npz"
conventions = ["paper", "authors-code"]
schedules = "linear"
tau = 10
tradeoff = [0.5, 0.7]
tasks = ["gap", "success"]
samplers = "sa"
seed = 7

[[networks]]
model = "digits-24"
per_class = 2
"""


def test_a_file_says_what_the_keys_say(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(GOOD)
    study = Study.load(path)
    assert study.instances == ("some/*.npz",)
    assert study.conventions == ("paper", "authors-code")
    assert (study.tau, study.tradeoff, study.seed) == ((10.0,), (0.5, 0.7), 7)
    assert study.networks == (Network("digits-24", per_class=2),)
    assert (study.folder, study.text) == (tmp_path, GOOD)
    assert [schedule.name for schedule in study.schedules] == ["linear"]


def test_one_network_needs_no_list():
    assert Study.from_dict({"networks": {"model": "digits"}}).networks == (Network("digits"),)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"taus": [1]}, ["unknown key 'taus', perhaps 'tau'", "conventions", "networks"]),
        ({"tasks": ["gaps"]}, ["tasks: unknown value 'gaps', perhaps 'gap'", "success"]),
        ({"tasks": ["gap", "gap"]}, ["tasks: 'gap' is listed twice"]),
        ({"tasks": []}, ["tasks is empty"]),
        ({"conventions": "papers"}, ["conventions: unknown value 'papers', perhaps 'paper'"]),
        ({"samplers": "annealing"}, ["samplers: unknown value", "sa"]),
        ({"tau": [10, "x"]}, ["tau = 'x'; give a number"]),
        ({"tau": -1}, ["tau = -1; give a number of at least 0"]),
        ({"tau": float("inf")}, ["tau = inf"]),
        ({"tau": [1, 1.0]}, ["tau: 1.0 is listed twice"]),
        ({"tau": True}, ["tau = True"]),
        ({"tradeoff": 1.5}, ["tradeoff = 1.5; give a number between 0 and 1"]),
        ({"seed": 1.5}, ["seed = 1.5; give an integer"]),
        ({"seed": 2**31}, ["below 2^31"]),
        ({"num_reads": 0}, ["num_reads = 0; give at least 1"]),
        ({"rtol": 0}, ["rtol = 0"]),
        ({"lz_slope": 1}, ["lz_slope = 1; give true or false"]),
        ({"pair_weight": 3}, ["pair_weight = 3; use 1 or 2"]),
        ({"instances": []}, ["no instances"]),
        ({"tasks": "xai"}, ["needs [[networks]]"]),
        ({"tasks": "compare", "samplers": "exact"}, ["'exact' enumerates"]),
        ({"networks": [{"images": "digits"}]}, ["no key 'model'"]),
        ({"networks": [{"model": "digits", "img": 1}]}, ["unknown key 'img', perhaps 'images'"]),
        ({"networks": [{"model": "digits", "limit": 0}]}, ["limit = 0"]),
        ({"networks": "digits"}, ["write each under [[networks]]"]),
        ({"networks": [{"model": "digits"}] * 2}, ["'digits' is listed twice"]),
    ],
)
def test_what_is_wrong_is_named_with_what_is_right(change, words):
    with pytest.raises(InputError) as caught:
        Study.from_dict({"instances": "*.npz"} | change)
    for word in words:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_is_named_where_it_is_wrong(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text("tau = [1,")
    with pytest.raises(InputError, match=r"study\.toml: not a TOML file"):
        Study.load(path)
    path.write_text("task = 1")
    with pytest.raises(InputError, match=r"study\.toml: unknown key 'task', perhaps 'tasks'"):
        Study.load(path)
    with pytest.raises(InputError, match=r"none\.toml: cannot be read"):
        Study.load(tmp_path / "none.toml")


@pytest.mark.parametrize("key", ["instances", "schedules"])
def test_what_matches_nothing_is_named_before_anything_is_computed(tmp_path, key):
    qx.save(random_feature_selection(3, 0), tmp_path / "one.npz")

    def compute(table):
        run_study(Study.from_dict(table, tmp_path), tmp_path / "results")

    with pytest.raises(InputError, match="nowhere-to-be-found"):
        compute({"instances": "*.npz", key: "nowhere-to-be-found"})
    assert not (tmp_path / "results").exists()


def test_instances_by_file_pattern_folder_and_problem(tmp_path):
    from qxgap.study.sources import open_instances

    (tmp_path / "a" / "b").mkdir(parents=True)
    problems = [random_feature_selection(3, i) for i in range(3)]
    for problem, name in zip(problems, ["a/x.npz", "a/b/y.npz", "z.npz"], strict=True):
        qx.save(problem, tmp_path / name)
    study = Study(["a", "*.npz", tmp_path / "a" / "x.npz", problems[2]], folder=tmp_path)
    items = open_instances(study).items
    assert [item.source for item in items] == ["a/b/y.npz", "a/x.npz", "z.npz", "python"]
    assert [item.group for item in items] == ["b", "a", tmp_path.name, ""]
    assert [item.problem for item in items] == [problems[i] for i in (1, 0, 2, 2)]


def test_a_tradeoff_rebuilds_the_problem(tmp_path):
    from qxgap.study.sources import open_instances

    problem = random_feature_selection(4, 1, tradeoff=0.7)
    qx.save(problem, tmp_path / "x.npz")
    study = Study.from_dict({"instances": "x.npz", "tradeoff": [0.3, 0.7]}, tmp_path)
    low, same = open_instances(study).items
    assert (low.tradeoff, same.tradeoff) == (0.3, 0.7)
    again = random_feature_selection(4, 1, tradeoff=0.3)
    assert low.problem.h == pytest.approx(again.h, rel=1e-14)
    assert pytest.approx(again.J, rel=1e-14) == low.problem.J
    assert pytest.approx(problem.J, rel=1e-14) == same.problem.J
