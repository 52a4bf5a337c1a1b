"""Reduce downloaded samples to the packaged ``qxgap/samples/data/*.json.gz``.

    python -m benchmarks.samples.pack_reads iitis FOLDER  # iitis/dynamics-benchmark, SampleSets
    python -m benchmarks.samples.pack_reads iitis24 FOLDER  # the same, problem sys3
    python -m benchmarks.samples.pack_reads dwisc FOLDER  # lanl-ansi/dwisc, bqpjson

Every run becomes its distinct states (index in the problem's bit order, ascending) and how often
each was read; recorded energies are compared with the problem's and dropped. Writing the same
input twice gives the same bytes.
"""

import gzip
import json
import re
import sys
from pathlib import Path

import numpy as np

import qxgap as qx
from qxgap.samples import align, load_sampleset

DATA = Path(qx.__file__).parent / "samples" / "data"

IITIS = {
    "title": "one 16-variable QUBO on Advantage_system6.4, Advantage2_system1.4 and neal",
    "source": "iitis/dynamics-benchmark, commit eb5ca24c, results of problem sys2, n = 16",
    "licence": "CC-BY-4.0",
}
IITIS24 = {
    "title": "one 24-variable QUBO on Advantage_system6.4, Advantage2_system1.4 and neal",
    "source": "iitis/dynamics-benchmark, commit eb5ca24c, results of problem sys3, n = 24",
    "licence": "CC-BY-4.0",
}
DWISC = {
    "title": "ran1_1 on 32 qubits of DW_2000Q_2_1, J = +-1, four sets of 25000 reads",
    "source": "lanl-ansi/dwisc, commit 88bedf38",
    "licence": "LANL BSD-style, see LICENSE-dwisc",
}
CHANGES = "reads reduced to counts per distinct state and run; energies dropped"
KEPT_TIMES = ("qpu_access_time", "qpu_sampling_time", "qpu_programming_time")


def pack(name, about, problem, runs):
    packed = []
    for info, path in runs:
        reads = align(problem, load_sampleset(path))
        states, at = np.unique(reads.indices, return_inverse=True)
        counts = np.bincount(at, reads.multiplicity).astype(int)
        packed.append({"info": info, "states": states.tolist(), "counts": counts.tolist()})
    content = {
        **about,
        "changes": CHANGES,
        "problem": problem.to_bqm().to_serializable(),
        "runs": packed,
    }
    text = json.dumps(content, separators=(",", ":")).encode()
    path = DATA / f"{name}.json.gz"
    path.write_bytes(gzip.compress(text, 9, mtime=0))
    print(f"{path.name}: {len(packed)} runs, {path.stat().st_size} bytes")


def iitis(folder):
    problem = qx.load(folder / "problem_sys2_n16.bqm.json")
    runs = [(_iitis_info(path), path) for path in (folder / "sys2_n16").glob("*/*.json")]
    order = ("Advantage_system6.4", "Advantage2_system1.4", "neal")
    runs.sort(key=lambda x: (order.index(x[0]["source"]), x[0].get("run")))
    pack("iitis", IITIS, problem, runs)


def iitis24(folder):
    problem = qx.load(folder / "problem_sys3_n24.bqm.json")
    order = ("Advantage_system6.4", "Advantage2_system1.4", "neal")
    runs = [(_iitis_info(path), path) for path in folder.glob("*/*.json")]
    for info, path in runs:
        reads = load_sampleset(path).record
        if "chain_break_fraction" in reads.dtype.names:
            broken = np.average(reads.chain_break_fraction, weights=reads.num_occurrences)
            info["chain_break_fraction"] = round(float(broken), 6)
    runs.sort(
        key=lambda x: (
            order.index(x[0]["source"]),
            x[0].get("annealing_time_us", 0.0),
            x[0]["run"],
        )
    )
    pack("iitis24", IITIS24, problem, runs)


def _iitis_info(path):
    anneal_time, run = re.match(r"(?:ta(\d+)us_)?(\d+)", path.name).groups()
    told = load_sampleset(path).info
    info = {"source": path.parent.name, "run": int(run)}
    if anneal_time:
        info["annealing_time_us"] = float(anneal_time)
        info["timing_us"] = {key: told["timing"][key] for key in KEPT_TIMES}
    else:
        info |= {key: told[key] for key in ("beta_range", "beta_schedule_type")}
    context = told.get("embedding_context")
    if context:
        info |= {key: context[key] for key in ("embedding", "chain_strength")}
    return info


def dwisc(folder):
    problem = qx.load(folder / "ran1_1.json")
    pack("dwisc", DWISC, problem, [_dwisc_run(folder, run) for run in (1, 2, 3, 4)])


def _dwisc_run(folder, run):
    path = folder / f"ran1_1_is_{run}.json"
    told = load_sampleset(path).info
    info = {
        "source": told["metadata"]["dw_solver_name"],
        "run": run,
        "annealing_time_us": float(told["solve_ising_args"]["annealing_time"]),
        "timing_us": {key: told["timing"][key] for key in KEPT_TIMES},
        "collected": [told["collection_start"], told["collection_end"]],
    }
    return info, path


if __name__ == "__main__":
    {"iitis": iitis, "iitis24": iitis24, "dwisc": dwisc}[sys.argv[1]](Path(sys.argv[2]))
