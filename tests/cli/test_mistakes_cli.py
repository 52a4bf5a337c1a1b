"""Mistakes in problem files, options and schedules: one line, status 2, nothing written."""

import pytest
from mistakes import check

KNOWN = "known are .npz, .bqm, .coo, .json, .qubo"
BEYOND = "more needed than any computer has; use fewer qubits"

MISTAKES = {
    "P01": ("gap nosuch.npz", "nosuch.npz: no such file"),
    "P02": ("gap emptydir", "emptydir: "),
    "P03": ("gap empty.npz", "empty.npz: not a readable .npz file"),
    "P04": ("gap junk.npz", "junk.npz: not a readable .npz file"),
    "P04b": ("gap pickled.npz", "pickled.npz: not a readable .npz file"),
    "P05": ("gap trunc.npz", "trunc.npz: not a readable .npz file"),
    "P06": ("gap pickle.npz", "pickle.npz: array labels holds Python objects; save numbers"),
    "P07": ("gap wrongkeys.npz", "wrongkeys.npz: no array h or linear; it has ['J', 'alpha'"),
    "P08": ("gap wrongkeys2.npz", "wrongkeys2.npz: no array h or linear; it has ['coupling'"),
    "P09": ("gap nan_h.npz", "nan_h.npz: h[0] is not a finite number"),
    "P10": ("gap inf_J.npz", "inf_J.npz: J holds entries that are not finite"),
    "P11": (
        "gap asym.npz",
        "asym.npz: J is not symmetric: it differs from its transpose by ",
    ),
    "P12": ("gap nonsquare.npz", "nonsquare.npz: J has shape (4, 3)"),
    "P13": ("gap mismatch.npz", "mismatch.npz: J has shape (4, 4); 3 entries of h need (3, 3)"),
    "P15": ("gap duplabels.npz", "duplabels.npz: label 0 is used twice"),
    "P16": ("gap strh.npz", "strh.npz: "),
    "P17": ("gap complexh.npz", "complexh.npz: "),
    "P18": ("gap d0.npz", "d0.npz: h has shape (0,); give one number for each of d >= 1"),
    "P23": (
        "anneal d40.npz --tau 1 --method split",
        "d40.npz: no memory for the state vectors of 40 qubits: 1",
    ),
    "P24": (
        "anneal d158.npz --tau 1 --method split",
        "d158.npz: no memory for the state vectors of 158 qubits",
    ),
    "P26": ("gap trade2.npz", "trade2.npz: tradeoff = 2.0 is not one number in [0, 1]"),
    "P27": ("gap tradenan.npz", "tradenan.npz: tradeoff = nan is not one number in [0, 1]"),
    "P28": ("gap diag.npz", "diag.npz: J has entries on its diagonal; put them into h"),
    "P29": ("gap plain.npy", f"plain.npy: unknown format '.npy'; {KNOWN}"),
    "P30": ("gap plain.npz", "plain.npz: not a readable .npz file"),
    "P31": ("gap junk.bqm", "junk.bqm: not a readable .bqm file"),
    "P32": ("gap trunc.bqm", "trunc.bqm: it is damaged: it is shorter than its header says"),
    "P33": ("gap junk.json", "junk.json: not a readable .json file"),
    "P34": ("gap trunc.json", "trunc.json: not a readable .json file"),
    "P35": ("gap empty.json", "empty.json: not a readable .json file"),
    "P36": (
        "gap neal.json",
        "neal.json: neither a dimod model (type BinaryQuadraticModel) nor bqp",
    ),
    "P37": ("gap a.foo", f"a.foo: unknown format '.foo'; {KNOWN}"),
    "P39": ("select d0.npz", "d0.npz: h has shape (0,)"),
    "P40": ("reduce d0.npz -o OUT", "d0.npz: h has shape (0,)"),
    "P41": ("sample d0.npz -o OUT.json", "d0.npz: h has shape (0,)"),
    "P42": ("embed d0.npz", "d0.npz: h has shape (0,)"),
    "O01": ("anneal a.npz --tau -5", "tau = -5.0 must be finite and not negative"),
    "O03": ("anneal a.npz --tau nan", "tau = nan must be finite and not negative"),
    "O04": ("anneal a.npz --tau inf", "tau = inf must be finite and not negative"),
    "O05": ("anneal a.npz --tau fast", "Invalid value for '--tau'"),
    "O06": ("anneal a.npz", "Missing option '--tau'"),
    "O07": ("anneal a.npz --tau 1e9", "tau"),
    "O08": ("anneal a.npz --tau 1 --tol 0", "tol = 0.0 lies outside (0, 1)"),
    "O09": ("anneal a.npz --tau 1 --tol -1", "tol = -1.0 lies outside (0, 1)"),
    "O11": ("gap a.npz --rtol 0", "rtol = 0.0 lies outside (0, 1)"),
    "O12": ("gap a.npz --rtol nan", "rtol = nan lies outside (0, 1)"),
    "O13": ("gap a.npz --rtol 2", "rtol = 2.0 lies outside (0, 1)"),
    "O14": ("gap a.npz --grid -1", "--grid -1; give 0 or at least 2 points"),
    "O15": ("gap a.npz --grid 1", "--grid 1; give 0 or at least 2 points"),
    "O15b": (f"gap a.npz --grid 1{30 * '0'}", "no memory for a grid of 1000"),
    "O16": ("gap a.npz --grid 3 --levels 0", "0 levels of a Hamiltonian of dimension 16"),
    "O17": ("gap a.npz --grid 3 --levels 1000", "1000 levels of a Hamiltonian of dimension 16"),
    "O18": (
        "gap a.npz --schedule Advantage_sytem6.4",
        "unknown schedule 'Advantage_sytem6.4'; did you mean Advantage_system6.4_fast or "
        "Advantage_system6.4_standard? known: Advantage2_prototype2.6_fast, ",
    ),
    "O19": ("gap a.npz --convention papre", "'papre' is not one of 'paper', 'authors-code'"),
    "O20": ("gap a.npz --pair-weight 3", "a.npz: pair weight 3 is unknown; use 1 or 2"),
    "O21": ("sample a.npz -o OUT.json --sampler saa", "unknown sampler 'saa'; known: sa, exact"),
    "O22": ("sample a.npz -o OUT.json --reads 0", "num_reads = 0; give at least one"),
    "O23": ("sample a.npz -o OUT.json --reads -1", "num_reads = -1; give at least one"),
    "O24": (
        "sample a.npz -o OUT.json --seed -1",
        "Invalid value for '--seed'",
    ),
    "O25": (
        "sample a.npz -o OUT.json --sampler gibbs --temperature -1",
        "temperature -1.0 must be positive and finite",
    ),
    "O26": (
        "sample a.npz -o OUT.json --sampler gibbs --temperature 1 --s 2 --quantum",
        "anneal fraction 2.0 lies outside [0, 1]",
    ),
    "O27": ("sample a.npz -o OUT.json --temperature 1", "sampler 'sa' takes no temperature"),
    "O28": ("sample d158.npz -o OUT.json --sampler exact", "158 variables have 2^158 states"),
    "O29": ("sample d158.npz -o OUT.json --sampler schrodinger", f"158 qubits: {BEYOND}"),
    "O30": ("sample d158.npz -o OUT.json --sampler tree", "exceeds 25; use another sampler"),
    "O31": (
        "sample d158.npz -o OUT.json --sampler gibbs --temperature 1",
        f"d158.npz: no memory for the probabilities of 158 qubits: {BEYOND}",
    ),
    "O36": ("gap a.npz --device tpu", "device 'tpu' is "),
    "O37": ("gap a.npz --precision single", "single precision needs a device"),
    "O38": ("anneal a.npz --tau 1 --method rk4", "'rk4' is not one of 'split', 'qutip'"),
    "O39": ("sample a.npz -o OUT.parquet", ".parquet"),
    "O40": ("sample a.npz", "Missing option '--out' / '-o'"),
    "G02": ("gap a.npz nan_h.npz b.npz", "nan_h.npz: h[0] is not a finite number"),
    "G03": ("gap", "Missing argument 'files'"),
    "G06": ("gap a.npz --schedule sched_cols.csv", "sched_cols.csv, line 1: headings 'time, x, y'"),
    "G07": ("gap a.npz --schedule sched_dec.csv", "sched_dec.csv, line 4: s = 0.5 follows 1"),
    "G08": ("gap a.npz --schedule sched_nan.csv", "sched_nan.csv, line 3: A = nan must be finite"),
    "G09": ("gap a.npz --schedule sched_txt.csv", "sched_txt.csv, line 1: headings 'hello world'"),
    "G10": ("gap a.npz --schedule sched_semi.csv", "sched_semi.csv, line 1: headings 's;A;B'"),
    "G11": ("gap a.npz --schedule sched_half.csv", "sched_half.csv, line 3: s = 0.5 where 1 is"),
    "G12": ("gap a.npz --schedule sched_empty.csv", "sched_empty.csv: holds 0 rows of numbers"),
    "G13": ("gap a.npz --schedule sched_neg.csv", "sched_neg.csv, line 2: A = -5 must be finite"),
    "G14": ("gap a.npz --schedule sched_latin.csv", "sched_latin.csv: is not UTF-8 text"),
    "G16": ("gap a.npz --schedule nosuch.csv", "nosuch.csv: cannot be read (No such file"),
    "G17": ("gap a.npz --schedule emptydir", "--schedule emptydir: is a folder"),
    "X01": ("gapp a.npz", "No such command 'gapp'. Did you mean 'gap'?"),
    "X08": ("sample nanlabels.npz -o OUT.json", "nanlabels.npz: a label is nan"),
    "X09": ("select a.npz --seed -1", "Invalid value for '--seed'"),
    "X03": ("anneal a.npz --tau 1 --device cpu --method qutip", "needs --method split"),
    "X04": ("sample a.npz -o OUT.json --solver mock-zephyr", "need --sampler dwave"),
    "X05": ("sample a.npz -o OUT.json --schedule nothing", "unknown schedule 'nothing'"),
    "X06": ("sample a.npz -o OUT.json --num-gauges 2", "'sa' takes no num_gauges"),
    "X07": ("gap own.json --pair-weight 2", "own.json: a pair weight applies to .npz files only"),
    "X02": ("gap a.npz --nothing 1", "No such option: --nothing"),
}

LONG = "x" * 300
TOO_LONG = {
    "N01": f"gap {LONG}.npz",
    "N02": f"compare a.npz {LONG}.json",
    "N03": f"reduce a.npz -o {LONG}",
    "N04": f"study t_ok.toml -o {LONG}",
    "N05": f"report {LONG}",
    "N06": f"cite {LONG}",
    "N07": f"gap a.npz --schedule {LONG}.csv",
}
MISTAKES |= {name: (command, f"{LONG[:60]}...: the name is") for name, command in TOO_LONG.items()}

NO_MISTAKES = {
    "P14": ("select strlabels.npz --json", '"w"'),
    "P19": ("gap d1.npz", "proven"),
    "P20": ("anneal d1.npz --tau 1", "d1.npz"),
    "P25": ("gap zero.npz", "states have the same energy"),
    "P38": ("anneal zero.npz --tau 1", "zero.npz"),
    "O02": ("anneal a.npz --tau 0", "a.npz"),
    "G04": ("gap a.npz --schedule sched_ok.csv", "GHz"),
    "G05": ("gap a.npz --schedule sched_bom.csv", "GHz"),
    "G15": ("gap a.npz --schedule sched_dwave.csv", "GHz"),
}


@pytest.mark.parametrize(("command", "text"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line(run, inputs, tmp_path, monkeypatch, command, text):
    if "--device" in command:
        pytest.importorskip("torch")
    check(run, inputs, tmp_path, monkeypatch, command, text)


@pytest.mark.parametrize(("command", "text"), NO_MISTAKES.values(), ids=NO_MISTAKES)
def test_what_is_no_mistake_works(run, inputs, tmp_path, monkeypatch, command, text):
    check(run, inputs, tmp_path, monkeypatch, command, text, status=0)


@pytest.mark.parametrize("command", ["gap a.npz", "anneal a.npz --tau 1"], ids=["O34", "O35"])
def test_a_gpu_that_is_not_there(run, inputs, tmp_path, monkeypatch, command):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is one")
    text = "device 'cuda' is not available"
    check(run, inputs, tmp_path, monkeypatch, f"{command} --device cuda", text)


def test_a_tolerance_that_cannot_be_met_is_a_failure(run, inputs, tmp_path, monkeypatch):
    command = "anneal a.npz --tau 1 --tol 1e-30"
    check(run, inputs, tmp_path, monkeypatch, command, "> tol = 1e-30", status=1)


def test_the_first_of_several_files_is_kept(run, inputs, monkeypatch):
    """G01."""
    monkeypatch.chdir(inputs)
    status, out, error = run(
        "anneal", "a.npz", "d158.npz", "b.npz", "--tau", 1, "--method", "split"
    )
    assert status == 2
    assert "a.npz" in out
    assert "b.npz" not in out
    assert error.startswith("qxgap: d158.npz: no memory for ")
