"""Mistakes with samples, reductions, embeddings: one line, status 2, nothing written."""

import json

import pytest
from mistakes import check

MISTAKES = {
    "C01": ("compare a.npz s_other.json", "the samples lack the labels [0, 1] and have ['p', 'q']"),
    "C02": ("compare a.npz s_energy.json", "6 of 6 sample energies are not the problem's"),
    "C03": ("compare a.npz s_none.json", "the sample set holds no reads"),
    "C04": ("compare a.npz s_part.json", "the samples lack the labels [2, 3] and have []"),
    "C05": ("compare a.npz s_notss.json", "s_notss.json: it holds no dimod SampleSet"),
    "C06": ("compare a.npz s_trunc.json", "s_trunc.json: not a readable sample set"),
    "C07": ("compare a.npz s_list.json", "s_list.json: it holds no dimod SampleSet"),
    "C08": ("compare a.npz s_cols.csv", "s_cols.csv: it needs a header with the labels"),
    "C09": ("compare a.npz s_txt.csv", "s_txt.csv: it needs a header with the labels"),
    "C10": ("compare a.npz own.json", "own.json: it holds no dimod SampleSet"),
    "C11": ("compare neal.json a.npz", "neal.json: neither a dimod model"),
    "C12": ("compare a.npz nosuch.json", "nosuch.json: no such file"),
    "C13": ("compare a.npz emptydir", "emptydir: a folder"),
    "C14": ("compare a.npz neal.json --solver Advantage9", "Advantage9"),
    "C15": ("compare d158.npz neal.json", "neal.json: the samples lack the labels [4, 5,"),
    "C16": ("compare a.npz neal.json --tau -1", "tau = -1.0 must be finite and not negative"),
    "C17": ("compare a.npz neal.json -o /proc/x", "/proc/x: cannot be made a folder"),
    "C18": ("compare a.npz neal.json -o afile", "afile: cannot be made a folder"),
    "C19": ("compare d40.npz neal.json", "neal.json: the samples lack the labels [4, 5,"),
    "S01": ("sample a.npz -o /proc/x.json", "/proc/x.json: cannot be written"),
    "S02": ("sample a.npz -o nodir/sub/x.json", "nodir/sub/x.json: cannot be written"),
    "S03": ("sample a.npz -o emptydir", "emptydir: "),
    "S05": ("sample own.json -o own.json", "own.json: is an input"),
    "S05b": ("sample own.json -o ./emptydir/../own.json", "own.json: is an input"),
    "R01": ("reduce a.npz -o /proc/x", "/proc/x: cannot be made a folder"),
    "R02": ("reduce a.npz -o afile", "afile: cannot be made a folder"),
    "R03": ("reduce own.json a.npz -o .", "own.json: is an input"),
    "R04": ("reduce x/p.json y/p.json -o OUT", "2 problems would be written to p.json"),
    "K05": ("select a.npz --nodes 0", "max_nodes = 0"),
    "K06": ("select a.npz --nodes -1", "max_nodes = -1"),
}

EMBEDDING = {
    "O32": ("sample a.npz -o OUT.json --sampler dwave --solver Advantage9", "needs credentials"),
    "O33": (
        "sample a.npz -o OUT.json --sampler dwave --solver Advantage2_system1.4",
        "solver 'Advantage2_system1.4' needs credentials (`dwave config create`)",
    ),
    "K01": ("embed a.npz --topology chimera", "unknown topology 'chimera'; known: pegasus, zephyr"),
    "K02": ("embed a.npz --noise -1", "noise"),
    "K03": (f"embed a.npz --noise 1{30 * '0'}", "0; give at most 1000000 perturbed copies"),
    "K04": ("embed d40.npz --max-qubits 40", "d40.npz: no memory for the energies of 40 qubits"),
    "K07": ("embed a.npz --chain-strength 0", "chain_strength = 0.0; give a positive one"),
    "K08": ("embed a.npz --chain-strength nan", "chain_strength = nan; give a positive one"),
    "K09": (
        "sample a.npz -o OUT.json --sampler dwave --solver mock-pegasus --annealing-time -1",
        "annealing",
    ),
    "K10": (
        "sample a.npz -o OUT.json --sampler dwave --solver mock-pegasus --num-gauges 0",
        "num_reads = 1000, num_gauges = 0; give at least one",
    ),
}


@pytest.mark.parametrize(("command", "text"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line(run, inputs, tmp_path, monkeypatch, command, text):
    check(run, inputs, tmp_path, monkeypatch, command, text)


@pytest.mark.parametrize(("command", "text"), EMBEDDING.values(), ids=EMBEDDING)
def test_a_mistake_with_an_annealer(run, inputs, tmp_path, monkeypatch, command, text):
    pytest.importorskip("dwave.system")
    monkeypatch.delenv("DWAVE_API_TOKEN", raising=False)
    monkeypatch.setenv("DWAVE_CONFIG_FILE", str(inputs / "no.conf"))
    check(run, inputs, tmp_path, monkeypatch, command, text)


@pytest.mark.slow
def test_a_clique_that_does_not_fit(run, inputs, tmp_path, monkeypatch):
    """K03, which asks for the whole graph of an annealer."""
    pytest.importorskip("dwave.system")
    import numpy as np

    import qxgap as qx

    large = qx.QuboProblem(np.ones(230), np.triu(np.ones((230, 230)), 1))
    monkeypatch.chdir(tmp_path)
    qx.save(large, tmp_path / "large.json")
    status, out, error = run("embed", "large.json", "--topology", "pegasus")
    assert (status, out) == (2, "")
    assert "no clique of 230 variables fits into 5640 qubits" in error
    assert error.count("\n") == 1


def test_samples_over_another_file_are_as_usual_for_out(run, inputs, tmp_path, monkeypatch):
    """S04."""
    monkeypatch.chdir(inputs)
    out = tmp_path / "x.json"
    out.write_text("old")
    status, _, error = run("sample", "a.npz", "-o", out)
    assert (status, error) == (0, "")
    assert json.loads(out.read_text())["type"] == "SampleSet"
