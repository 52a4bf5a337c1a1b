"""Simulated experiments with a known truth: how many, and what they must show."""

import numpy as np
import scipy.stats

EXPERIMENTS = 500


def uniform(p_values):
    """Whether the p-values follow the uniform law."""
    return scipy.stats.kstest(p_values, "uniform").pvalue > 1e-3


def covers(inside, level=0.95):
    """Whether so many of the experiments are those of a nominal interval, to 4 standard errors."""
    error = 4 * np.sqrt(level * (1 - level) / len(inside))
    return level - error < np.mean(inside) < level + error
