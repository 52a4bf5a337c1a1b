"""What the commands say in words: a block for each problem, a table of many, CSV beside JSON."""

import csv
import io
import json
import math

import dimod
import numpy as np
import pytest
from rich.cells import cell_len

import qxgap as qx
from qxgap.cli.blocks import MOST_BLOCKS, Entry, in_words
from qxgap.cli.commands import gap as gap_command
from qxgap.cli.words import at_least, counted, listed, number, percent, percent_spread, spread
from qxgap.report.findings import rules
from qxgap.testing import random_feature_selection


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with small problems; the output is as wide as in a pipe."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    qx.save(qx.QuboProblem([-1.0, -0.5], [[0, 1.2], [0, 0]]), "two.json")
    qx.save(qx.QuboProblem([-1.0, -1.0], [[0, 1.0], [0, 0]]), "three.json")
    qx.save(qx.QuboProblem([0.0, 0.0], [[0, 0], [0, 0]]), "zero.json")
    qx.save(random_feature_selection(8, seed=8), "eight.npz")
    return tmp_path


def printed(run, *command):
    status, out, error = run(*command)
    assert (status, error) == (0, "")
    return out


TWO = """\
two.json: 2 qubits
  smallest gap   0.397, proven to be at least 0.396, at s = 0.834 (late in the anneal)
  own spacing    0.5 between the two lowest energies of the problem itself, at the end
  what it means  it is an avoided crossing inside the anneal, 1.3 times narrower than the spacing \
of the problem's own two lowest energies: no quantum bottleneck
  lowest energy  -1, of a single state
"""

THREE = """\
three.json: 2 qubits
  smallest gap   1, proven to be at least 0.999, at s = 1.000 (the end of the anneal)
  own spacing    1 between the two lowest energies of the problem itself, at the end
  what it means  it is the spacing of the problem's own two lowest energies: no quantum bottleneck
  lowest energy  -1, shared by 3 states
"""

ZERO = """\
zero.json: 2 qubits
  no gap  all 4 states have the same energy, so each of them is a solution
"""


def test_the_block_of_a_gap(run, folder):
    assert printed(run, "gap", "two.json") == TWO
    assert printed(run, "gap", "two.json", "three.json", "zero.json") == "\n".join(
        [TWO, THREE, ZERO]
    )


def test_a_block_of_80_columns_breaks_its_lines_below_their_beginning(run, folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert (
        printed(run, "gap", "two.json")
        == """\
two.json: 2 qubits
  smallest gap   0.397, proven to be at least 0.396, at s = 0.834 (late in the
                 anneal)
  own spacing    0.5 between the two lowest energies of the problem itself, at
                 the end
  what it means  it is an avoided crossing inside the anneal, 1.3 times narrower
                 than the spacing of the problem's own two lowest energies: no
                 quantum bottleneck
  lowest energy  -1, of a single state
"""
    )


def test_on_a_narrow_terminal_the_text_is_below_its_label(run, folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert (
        printed(run, "gap", "three.json")
        == """\
three.json: 2 qubits
  smallest gap
    1, proven to be at least 0.999, at s
    = 1.000 (the end of the anneal)
  own spacing
    1 between the two lowest energies of
    the problem itself, at the end
  what it means
    it is the spacing of the problem's
    own two lowest energies: no quantum
    bottleneck
  lowest energy
    -1, shared by 3 states
"""
    )


def test_many_gaps_are_a_table_of_80_columns_and_a_sentence(run, folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert (
        printed(run, "gap", "two.json", "three.json", "zero.json", "eight.npz")
        == """\
file        qubits     gap  at least   at s  bottleneck
two.json         2   0.397     0.396  0.834  no
three.json       2       1     0.999  1.000  no
zero.json        2                           no gap
eight.npz        8  0.0275    0.0275  0.991  no

The gaps are from 0.028 to 1. 3 of the 4 problems have no quantum bottleneck:
their gap stays above half the spacing of their own lowest energies. All columns
and digits: --json or --csv.
"""
    )


def test_a_gap_of_a_schedule_has_a_unit_and_a_temperature(run, folder):
    out = printed(run, "gap", "two.json", "--schedule", "Advantage2_system1.4_standard")
    (row,) = json.loads(
        printed(run, "gap", "two.json", "--schedule", "Advantage2_system1.4_standard", "--json")
    )
    assert f"smallest gap    {row['gap']:.3g} GHz, proven" in out
    assert f"as temperature  {row['gap_millikelvin']:.2g} mK" in out


def test_the_levels_of_a_grid_stand_below_the_block(run, folder):
    block, levels = printed(run, "gap", "two.json", "--grid", 3).split("\n\n")
    assert block + "\n" == TWO
    head, first, *_, last = levels.splitlines()
    assert (head.split(), first.split()) == (["s", "E0", "E1"], ["0", "-2", "0"])
    assert last.split() == ["1", "-1", "-0.5"]


def test_the_block_of_an_anneal(run, folder):
    assert (
        printed(run, "anneal", "two.json", "--tau", 5, "--tau", 100)
        == """\
two.json: 2 qubits
  tau = 5    50 % of the anneals end in a state of lowest energy; qubits annealed one by one would \
reach 72 %. 7 anneals find one with 99 % certainty. On average the energy ends 0.33 above the \
lowest.
  tau = 100  99.943 % of the anneals end in a state of lowest energy; qubits annealed one by one \
would reach 99.949 %. One anneal is enough. On average the energy ends 0.00043 above the lowest.
"""
    )


def test_many_anneals_are_a_table(run, folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    files = ("two.json", "three.json", "zero.json", "eight.npz")
    assert (
        printed(run, "anneal", *files, "--tau", 5, "--tau", 100)
        == """\
file        qubits  success, tau = 5  success, tau = 100
two.json         2              50 %            99.943 %
three.json       2              96 %             99.99 %
zero.json        2             100 %               100 %
eight.npz        8               1 %                12 %

At tau = 5, from 1 to 100 % of the anneals end in a state of lowest energy. At
tau = 100, from 12 to 100 % of the anneals end in a state of lowest energy. All
columns and digits: --json or --csv.
"""
    )


def test_the_block_of_a_selection(run, folder):
    assert (
        printed(run, "select", "eight.npz")
        == """\
eight.npz: 8 variables
  best selection  1, 2, 4, 6 (4 of 8), with energy -1.6
  how sure        proven: no selection has a lower energy, so no annealer is needed
  greedy          finds a selection of the same energy
  top-k           finds a selection of the same energy
  random-k        selects 4, with an energy 0.95 above the best
  all positive    selects 8, with an energy 0.94 above the best
"""
    )


def test_a_selection_that_is_not_proven_says_so(run, folder):
    rng = np.random.default_rng(1)
    glass = qx.QuboProblem(rng.normal(size=40), np.triu(rng.normal(size=(40, 40)), 1))
    qx.save(glass, "glass.json")
    out = printed(run, "select", "glass.json", "--nodes", 1)
    exact, *_ = json.loads(printed(run, "select", "glass.json", "--nodes", 1, "--json"))
    assert exact["status"] == "BEST_KNOWN"
    assert (
        "how sure        not proven: the search ended at --nodes; no selection has an energy "
        f"below {at_least(exact['lower'])}\n"
    ) in out
    assert "annealer" not in out


def test_the_block_of_a_reduction(run, folder):
    qx.save(random_feature_selection(12, seed=4, tradeoff=0.4), "mid.npz")
    assert (
        printed(run, "reduce", "eight.npz", "mid.npz", "-o", "out")
        == """\
eight.npz: 8 variables
  fixed  all 8: the problem is solved, its lowest energy is -1.6, and nothing is written
  at 1   1, 2, 4, 6
  at 0   0, 3, 5, 7

mid.npz: 12 variables
  fixed       2 of 12, which have the same value in every best solution; 10 are left
  at 0        3, 11
  written to  out/mid.json
"""
    )


def test_the_block_of_samples(run, folder):
    out = printed(run, "sample", "eight.npz", "--sampler", "exact", "-o", "reads.json")
    assert out.startswith("""\
eight.npz: 8 variables
  samples        256 by the sampler exact, written to reads.json
  lowest energy  -1.6, in 1 of 256 reads (0.39 %)
""")
    assert "None" not in out


def test_a_comparison_says_whether_the_reads_follow_the_prediction(run, folder):
    printed(run, "sample", "eight.npz", "-o", "sa.json", "--reads", 200)
    out = printed(run, "compare", "eight.npz", "sa.json")
    assert out.startswith("""\
sa.json: 200 reads of eight.npz
  lowest energy  100 % of the reads have it (95 % interval from 98.8 to 100 %); the model \
Schrödinger predicts 6.9 %
  prediction     the reads do not follow it: if it were right, a misfit as large would happen with \
probability 0.0005
  best model     simulated annealing is the nearest and may explain the reads; so may classical \
Gibbs, fitted
  temperature    all reads are in a state of lowest energy, as at zero temperature
  time           50 of annealing in all find the lowest energy with 99 % certainty (95 % interval \
from 50 to 100)

model                    lowest energy  distance  by chance  fits
simulated annealing            99.96 %""")


def test_many_sources_are_a_table(run, folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    names = [f"reads{i}.csv" for i in range(MOST_BLOCKS + 1)]
    for seed, name in enumerate(names):
        options = ("--sampler", "schrodinger", "--tau", 50, "--reads", 100, "--seed", seed)
        printed(run, "sample", "eight.npz", "-o", name, *options)
    out = printed(run, "compare", "eight.npz", *names)
    head, *lines = out.split("\n\n")[0].splitlines()
    assert head == "file        reads  lowest energy  predicted  nearest model  fits"
    assert [line.split()[0] for line in lines] == names
    assert all(line.split()[-3:] == ["%", "Schrödinger", "yes"] for line in lines)
    assert "The nearest model fits 4 of 4 sources of reads." in out


def test_the_block_of_an_embedding(run, folder):
    pytest.importorskip("dwave.system")
    assert (
        printed(run, "embed", "eight.npz", "zero.json", "--topology", "zephyr")
        == """\
eight.npz: 8 variables
  zephyr      16 qubits of Advantage2_system1, in chains of 2
    energies  multiplied by 22, to fit the range of the annealer; chains make them 1.5 times weaker
    gap       1.2 GHz or 55 mK, 2.8 times the temperature of the qubits (20 mK); without chains \
1.5 GHz
    errors    control errors change the best state in none of the copies (at most 0.25 %); without \
chains in 0 %

zero.json: 2 variables
  zephyr      2 qubits of Advantage2_system1, one for each variable
    energies  as they are; chains do not make them weaker
    gap       none, since all states have the same energy
    errors    control errors change the best state in none of the copies (at most 0.25 %); without \
chains in 0 %
"""
    )
    out = printed(run, "embed", "eight.npz", "--topology", "pegasus", "--max-qubits", 4)
    assert "    gap, errors  not computed for a problem above --max-qubits\n" in out


def test_a_problem_of_every_image(run, folder):
    xai = pytest.importorskip("qxgap.xai")
    images, labels = xai.digits_images()
    np.savez("one.npz", images=images[:1].numpy(), labels=labels[:1].numpy())
    np.savez("four.npz", images=images[:4].numpy(), labels=labels[:4].numpy())
    status, out, _ = run("qubo", "--model", "digits", "--images", "one.npz", "-o", "q")
    assert (status, out) == (
        0,
        """\
one-0000.npz
  class       class 8 (true: class 8), confidence 100.0%
  maps        6 of 16 can be selected; 10 do not support the class
  written to  q/one-0000.npz
""",
    )
    status, out, _ = run("qubo", "--model", "digits", "--images", "four.npz", "-o", "q")
    assert status == 0
    assert "4 of 4 images have a problem, whose number of maps is from 6 to 9." in out


ALL_ROWS = [
    ("gap", "two.json", "three.json", "zero.json"),
    ("gap", "two.json", "--grid", "3"),
    ("anneal", "two.json", "eight.npz", "--tau", "5", "--tau", "10"),
    ("anneal", "two.json", "--tau", "5", "--method", "qutip"),
    ("select", "two.json", "eight.npz"),
    ("reduce", "two.json", "eight.npz", "-o", "out"),
    ("compare", "eight.npz", "reads.json"),
    ("embed", "two.json", "zero.json", "--noise", "9"),
]


@pytest.mark.parametrize("command", ALL_ROWS, ids=" ".join)
def test_csv_has_the_numbers_of_json(run, folder, command):
    if command[0] == "embed":
        pytest.importorskip("dwave.system")
    printed(run, "sample", "eight.npz", "-o", "reads.json", "--reads", 50)
    rows = json.loads(printed(run, *command, "--json"))
    text = printed(run, *command, "--csv")
    read = list(csv.DictReader(io.StringIO(text)))
    assert len(read) == len(rows)
    for line, row in zip(read, rows, strict=True):
        assert list(line) == list(row)
        for key, value in row.items():
            if value is None:
                assert line[key] == ""
            elif isinstance(value, list | dict):
                assert json.loads(line[key]) == value
            elif isinstance(value, float):
                assert float(line[key]) == value
            else:
                assert line[key] == str(value)


@pytest.mark.parametrize("command", ALL_ROWS, ids=" ".join)
@pytest.mark.parametrize("columns", ["40", "80", "120", ""])
def test_blocks_fit_and_say_nothing_that_is_no_word(run, folder, monkeypatch, command, columns):
    if command[0] == "embed":
        pytest.importorskip("dwave.system")
    printed(run, "sample", "eight.npz", "-o", "reads.json", "--reads", 50)
    monkeypatch.setenv("COLUMNS", columns)
    out = printed(run, *command)
    words = out.replace(",", " ").replace("(", " ").replace(")", " ").split()
    assert {"None", "nan", "inf", "-inf", "-", "True", "False"} & set(words) == set()
    if columns:
        assert max(map(cell_len, out.splitlines())) <= int(columns)


def test_json_and_csv_exclude_each_other(run, folder):
    status, out, error = run("gap", "two.json", "--json", "--csv")
    assert (status, out) == (2, "")
    assert error == "qxgap: --json and --csv exclude each other; give one of them\n"


def test_samples_have_one_row(run, folder):
    text = printed(run, "sample", "eight.npz", "-o", "reads.json", "--reads", 5, "--csv")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["num_reads"], row["sampler"], row["file"]) == ("5", "sa", "reads.json")


def test_explanations_have_a_row_for_each_method(run, folder):
    xai = pytest.importorskip("qxgap.xai")
    np.savez("one.npz", images=xai.digits_images()[0][:1].numpy())
    status, text, _ = run(
        "explain", "one.npz", "--model", "digits", "-o", "e", "--steps", 0, "--csv"
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert status == 0
    assert [row["method"] for row in rows][:2] == ["exact", "greedy"]
    assert json.loads(rows[0]["selected"])


def test_names_of_files_in_two_folders_are_told_apart(run, folder):
    for name in ("a", "b"):
        (folder / name).mkdir()
        qx.save(qx.load("two.json"), folder / name / "two.json")
    out = printed(run, "gap", folder / "a" / "two.json", folder / "b" / "two.json")
    assert [line for line in out.splitlines() if line.endswith("qubits")] == [
        "a/two.json: 2 qubits",
        "b/two.json: 2 qubits",
    ]


@pytest.mark.parametrize(
    ("gap", "lower", "kind"),
    [(0.95, 0.949, "no"), (0.7, 0.699, "no"), (0.4, 0.399, "yes"), (0.7, 0.1, "unknown")],
)
def test_a_bottleneck_is_what_the_bound_proves(gap, lower, kind):
    row = {"gap": gap, "gap_lower": lower, "classical_gap": 1.0}
    assert gap_command._bottleneck(row) == kind


def test_a_narrow_crossing_is_a_bottleneck(run, folder):
    """Ten qubits that pay only if all of them flip: the gap is smallest inside the anneal."""
    J = np.triu(np.full((10, 10), -0.9), 1)
    qx.save(qx.QuboProblem(np.full(10, 4.0), J), "far.json")
    out = printed(run, "gap", "far.json")
    assert (
        "it is an avoided crossing inside the anneal, 2.7 times narrower than the spacing of the "
        "problem's own two lowest energies: a quantum bottleneck\n"
    ) in out


def test_the_words_of_a_gap_have_the_thresholds_of_the_findings():
    assert gap_command.BOTTLENECK == rules.BOTTLENECK


@pytest.mark.parametrize("number_of_entries", [1, MOST_BLOCKS, MOST_BLOCKS + 1])
def test_blocks_become_a_table_where_there_are_many(number_of_entries):
    entries = [
        Entry(f"{i}.npz", "", [{"n": i}], [("label", "sentence")], {"n": str(i)})
        for i in range(number_of_entries)
    ]
    out = in_words(entries, lambda rows: f"{len(rows)} in all.", 60)
    many = number_of_entries > MOST_BLOCKS
    assert out.count("  label  sentence") == (0 if many else number_of_entries)
    assert ("in all." in out) == many


def test_a_sampleset_of_many_rows_counts_its_reads(run, folder):
    """Reads that a file counts together are counted one by one."""
    problem = qx.load("two.json")
    drawn = dimod.SampleSet.from_samples_bqm([{0: 1, 1: 0}] * 3, problem.to_bqm()).aggregate()
    assert len(drawn) == 1
    qx.samples.save_sampleset(drawn, "three.csv")
    assert "three.csv: 3 reads of two.json" in printed(run, "compare", "two.json", "three.csv")


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (1e-9, "1e-07 %"),
        (0.0104, "1 %"),
        (0.123, "12 %"),
        (0.99, "99 %"),
        (0.9957, "99.57 %"),
        (0.999943, "99.9943 %"),
    ],
)
def test_a_share_in_percent(share, text):
    assert percent(share) == text


def test_a_lower_bound_is_never_rounded_up():
    rng = np.random.default_rng(1)
    for value in 10 ** rng.uniform(-12, 6, 2000):
        shown = float(at_least(value))
        assert shown <= value * (1 + 1e-12)
        assert shown == pytest.approx(value, rel=0.011)
    assert at_least(0.0) == "0"
    assert at_least(math.inf) == "inf"


def test_numbers_in_words():
    assert (number(1097.6), number(0.00012345), number(3e-9), number(12)) == (
        "1100", "0.00012", "3e-09", "12",
    )  # fmt: skip
    assert (counted(1, "image"), counted(2, "image"), listed([]), listed([1, "b"])) == (
        "1 image", "2 images", "nothing", "1, b",
    )  # fmt: skip
    assert (spread([0.1, 0.25]), spread([2.0])) == ("from 0.1 to 0.25", "2")
    assert percent_spread([0.025, 0.1]) == "from 2.5 to 10 %"
