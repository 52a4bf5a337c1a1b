"""Problems with named variables, and files of reads as Ocean and qxgap write them."""

import json

import dimod
import numpy as np

import qxgap as qx
from qxgap import samples
from qxgap.testing import random_feature_selection

NAMES = tuple(f"f{i}" for i in range(12))

SOLVER = "Advantage2_system1.4"

TIMING = {
    "qpu_sampling_time": 308680.0,
    "qpu_anneal_time_per_sample": 20.0,
    "qpu_readout_time_per_sample": 48.11,
    "qpu_access_time": 343272.8,
    "qpu_access_overhead_time": 9044.2,
    "qpu_programming_time": 34592.8,
    "qpu_delay_time_per_sample": 60.57,
    "total_post_processing_time": 1.0,
    "post_processing_overhead_time": 1.0,
}
"""The fields that D-Wave's solvers answer, in microseconds."""


def named_problem(seed=0, labels=NAMES, offset=0.25):
    plain = random_feature_selection(len(labels), seed)
    return qx.QuboProblem(plain.h, plain.J, labels=labels, offset=offset)


def as_ocean(problem, seed, **timing):
    """Reads with the info that ``DWaveSampler.sample`` leaves: the timing and an id, no more."""
    drawn = qx.sample(
        problem, qx.samplers.GibbsSampler(), num_reads=200, seed=seed, temperature=0.1
    )
    info = {"timing": TIMING | timing, "problem_id": f"8f40d662-{seed}"}
    return dimod.SampleSet(drawn.record, drawn.variables, info, drawn.vartype)


def write(sampleset, path):
    """As Ocean's users do."""
    path.write_text(json.dumps(sampleset.to_serializable()))
    return path


def two_sources(folder):
    """A problem of two components, and four runs of two sources on disk."""
    J = np.zeros((5, 5))
    J[:3, :3] = random_feature_selection(3, 1).J
    J[3:, 3:] = random_feature_selection(2, 2).J
    problem = qx.QuboProblem([-1.0, -0.5, -0.7, -1.0, -0.9], J, labels=[7, 3, 11, 2, 5])
    qx.save(problem, folder / "problem.bqm")
    files = []
    for number, (source, temperature) in enumerate([("cold", 0.1)] * 2 + [("warm", 0.5)] * 2):
        drawn = qx.sample(
            problem, qx.samplers.GibbsSampler(), num_reads=400, seed=number, temperature=temperature
        )
        drawn.info.update(source=source, annealing_time_us=20.0)
        files.append(samples.save_sampleset(drawn, folder / f"run{number}.json"))
    return problem, folder / "problem.bqm", files
