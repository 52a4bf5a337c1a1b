"""Files of samples: SampleSet, counts and bqpjson."""

import csv

import dimod
import dimod.testing
import pytest
from sampled import NAMES, named_problem

import qxgap as qx
from qxgap import samplers, samples


@pytest.fixture(scope="module")
def run():
    return qx.anneal(qx.AnnealHamiltonian(named_problem()), 20.0)


@pytest.fixture(scope="module")
def reads(run):
    return run.sample(1000, seed=3)


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


@pytest.fixture(scope="module")
def iitis():
    return samples.iitis()


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize("text_labels", [False, True])
def test_counts_round_trip_as_csv(tmp_path, iitis, vartype, text_labels):
    run = iitis.runs[7].change_vartype(vartype, inplace=False)
    if text_labels:
        run = run.relabel_variables({v: f"q{v}" for v in run.variables}, inplace=False)
    path = samples.save_sampleset(run, tmp_path / "reads.csv")
    again = samples.load_sampleset(path)
    assert again == run
    assert again.info == run.info
    assert list(again.variables) == list(run.variables)


def test_counts_without_energies(tmp_path, iitis):
    path = tmp_path / "plain.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*reversed(range(16)), "num_occurrences"])
        writer.writerow([1, 0] * 8 + [3])
        writer.writerow([0, 1] * 8 + [4])
    with pytest.raises(qx.InputError, match="give the problem, which computes them"):
        samples.load_sampleset(path)
    reads = samples.align(iitis.problem, samples.load_sampleset(path, iitis.problem))
    assert reads.occupations[0].tolist() == [0, 1] * 8
    assert reads.multiplicity.tolist() == [3, 4]


BQPJSON = """{"version": "1.0.0", "id": 5, "variable_domain": "spin", "variable_ids": [7, 2],
"linear_terms": [{"id": 7, "coeff": 1.0}], "quadratic_terms": [], "scale": 1.0, "offset": 0.0,
"metadata": {"made": "by hand"}, "solutions": [
{"id": 0, "assignment": [{"id": 2, "value": 1}, {"id": 7, "value": -1}], "evaluation": -1.0},
{"id": 1, "assignment": [{"id": 2, "value": 1}, {"id": 7, "value": 1}], "evaluation": 1.0}]}"""


def test_bqpjson_solutions(tmp_path):
    path = tmp_path / "solved.json"
    path.write_text(BQPJSON)
    sampleset, problem = samples.load_sampleset(path), qx.load(path)
    assert sampleset.vartype is dimod.SPIN
    assert sampleset.info["metadata"] == {"made": "by hand"}
    reads = samples.align(problem, sampleset)
    assert reads.ground_reads() == 1
    assert reads.energies.tolist() == [-1.0, 1.0]
    path.write_text(BQPJSON.replace(', "evaluation": -1.0', ""))
    assert samples.load_sampleset(path, problem) == sampleset


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needs a header"),
        ("0,1\n1,0\n", "needs a header"),
        ("0,1,num_occurrences\n1,0\n", "as many cells"),
        ("0,1,num_occurrences,energy\n1,1,2,0.0\n", "neither SPIN nor BINARY"),
        ("0,1,num_occurrences,energy\n1,0,x,0.0\n", "invalid literal"),
        ("# vartype=WRONG\n0,num_occurrences,energy\n1,2,0.0\n", "not a readable"),
    ],
)
def test_bad_counts_are_told(tmp_path, text, message):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(qx.InputError, match=message) as caught:
        samples.load_sampleset(path)
    assert "bad.csv" in str(caught.value)
