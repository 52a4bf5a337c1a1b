"""The embedded problems of photographs."""

import numpy as np
import pytest

import qxgap as qx
from qxgap.errors import InputError
from qxgap.problem import photograph_problems, photographs_folder
from qxgap.problem.photographs import PHOTOGRAPH_BLOCKS

SIZES = {15: (157, 183, 320), 10: (50, 64, 112)}


@pytest.mark.parametrize("block", PHOTOGRAPH_BLOCKS)
def test_six_feature_selections_of_one_block(block):
    smallest, largest, num_maps = SIZES[block]
    problems = photograph_problems(block)
    assert len(problems) == 6
    sizes = [problem.num_qubits for problem in problems.values()]
    assert (min(sizes), max(sizes)) == (smallest, largest)
    for name, problem in problems.items():
        source = problem.source
        assert (source.tradeoff, source.num_maps) == (0.7, num_maps)
        assert source.label == source.pred
        if name.startswith("imagenet"):
            assert name.endswith(f"_{source.label}")
        assert set(problem.labels) <= set(range(num_maps))
        assert source.rewards.max() == 1
        assert source.rewards.min() > 0
        np.testing.assert_allclose(problem.h, -0.7 * source.rewards)
        np.testing.assert_allclose(problem.J, 0.3 * np.triu(source.redundancy, 1))
        np.testing.assert_allclose(source.rewards, source.alpha / source.alpha.max())
        assert source.image is None
        assert source.features is None


def test_both_blocks_are_of_the_same_photographs():
    last, tenth = (photograph_problems(block) for block in PHOTOGRAPH_BLOCKS)
    assert {name: problem.source.label for name, problem in last.items()} == {
        name: problem.source.label for name, problem in tenth.items()
    }


def test_pairs_can_count_twice():
    once, twice = (photograph_problems(10, pair_weight=weight)["camera"] for weight in (1, 2))
    np.testing.assert_array_equal(twice.J, 2 * once.J)


def test_optima_are_proven():
    for problem in photograph_problems().values():
        assert qx.minimize(problem).status.name == "OPTIMAL"


def test_a_study_takes_the_folder():
    study = qx.study.Study(instances=[str(photographs_folder(10))], tasks=["select"])
    instances = qx.study.sources.open_instances(study).items
    assert [item.name for item in instances] == sorted(photograph_problems(10))
    assert {item.group for item in instances} == {"lite0_block10"}


def test_other_blocks_are_refused():
    with pytest.raises(InputError, match=r"block = 3; embedded are the problems of \(15, 10\)"):
        photographs_folder(3)
