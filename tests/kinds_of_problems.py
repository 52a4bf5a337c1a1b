"""Small problems of the kinds that estimates of levels and gaps are attacked with."""

import numpy as np

import qxgap as qx
from qxgap.testing import random_feature_selection

KINDS = ["features", "glass", "degenerate", "duplicate", "ferromagnetic"]


def problem_of(kind, d, seed):
    rng = np.random.default_rng(seed)
    if kind == "features":
        return random_feature_selection(d, seed=seed)
    h, J = rng.normal(size=d), np.triu(rng.normal(size=(d, d)), 1)
    if kind == "degenerate":
        h, J = np.round(h), np.round(J)
    if kind == "duplicate":
        h[-1] = h[0]
        J[0, -1] = 0.0
        for q in range(1, d - 1):
            J[q, -1] = J[0, q]
    if kind == "ferromagnetic":
        J = -np.abs(J)
    return qx.QuboProblem(h, J)


def hamiltonian_of(kind, d, seed, driver="paper"):
    problem = problem_of(kind, d, seed)
    return qx.AnnealHamiltonian(problem, driver=qx.Convention(driver).driver(d))
