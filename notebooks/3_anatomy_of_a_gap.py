# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3. Anatomy of a gap: what stands behind the number?
#
# **For whom:** physicists, and everyone who has read lesson 2 and asks "how do you know?".
#
# **Afterwards you know** why a few points prove something about every s, what an avoided crossing
# is, when the gap sets the success probability and when it does not, and how to use the gap for a
# better schedule.

# %%
import numpy as np
from dimod.generators import anti_crossing_clique

import qxgap as qx

hard = anti_crossing_clique(6)
gap = qx.minimum_gap(hard)
gap.plot()

# %% [markdown]
# **The smallest gap is 0.13, and it is proven that there is no smaller one**, not even between the
# points that were computed.
#
# A grid of points could not say that: a narrow minimum hides between any two of them.

# %% [markdown]
# ## How can a few points prove something about all s?
#
# Two facts about energy levels help. The anneal changes the Hamiltonian along a straight line, from
# the driver to the problem. On a straight line
#
# * the lowest level E0 lies *below* its tangent at any point;
# * the sum of the two lowest levels, E0 + E1, lies *above* the chord between any two points.
#
# The gap is E1 - E0 = (E0 + E1) - 2 E0. So it is at least the chord minus twice the tangent.

# %%
rough = qx.minimum_gap(hard, rtol=0.5)
qx.gap_certificate(hard, rough).plot()

# %% [markdown]
# Below the grey line there is no gap, whatever s is. The next eigen-solve goes where this line is
# lowest, until the line and the smallest gap agree. Above, they had to agree within a factor of
# two, and here within one part in a thousand:

# %%
proof = qx.gap_certificate(hard, gap)
print(proof)
proof.plot()

# %% [markdown]
# ## What makes the gap small?
#
# Two states that differ in many qubits have the same energy at one moment. The driver couples them
# only a little, so their levels avoid each other, but narrowly. This is an *avoided crossing*.

# %%
crossing = qx.landau_zener(hard)
print(crossing)
qx.spectrum(hard, np.linspace(0.4, 0.7, 61), levels=4).plot()

# %% [markdown]
# A crossing is described by two numbers, the gap and the slope at which the levels would cross.
# From these follows the law of Landau and Zener: the chance to stay in the ground state is P = 1 -
# exp(-pi gap² tau / (2 slope)).

# %% [markdown]
# ## Does the gap set the success probability?
#
# We compare the law, which knows only the crossing, with the Schrödinger equation, which knows
# everything. A third curve knows no gap at all: every qubit is annealed alone.


# %%
def compare_laws(problem, taus):
    """Draw success probabilities: the true one, of the crossing alone, of single qubits."""
    crossing, curve = qx.landau_zener(problem), qx.success_curve(problem, taus)
    series = {
        "Schrödinger equation": curve.success,
        "Landau and Zener": [crossing.success_probability(tau) for tau in taus],
        "every qubit alone": curve.product,
    }
    axes = ("anneal time tau", "success probability")
    return qx.plotting.curves(taus, series, *axes, log="x", markers=True)


# %%
taus = np.geomspace(3, 1000, 12)
compare_laws(hard, taus)

# %% [markdown]
# Once the anneal is slow enough to see the crossing alone, from tau = 50 on, the law is right.
# Single qubits know nothing of it. Now the QUBO of six features from lesson 2, whose minimum is at
# the end:

# %%
usual = qx.testing.random_feature_selection(6, seed=3)
compare_laws(usual, taus)

# %% [markdown]
# Here the law and the single qubits are both within 0.07 of the truth, and single qubits know
# nothing of a gap. The law needs a crossing that is passed from far before to far behind, and half
# of this one is missing. So a success probability that follows the law does not show that there is
# a crossing, and "the gap is 0.1" means little unless you also say *where* it is.

# %% [markdown]
# ## Can the gap be used for a better schedule?
#
# Yes: go slowly near the crossing and fast elsewhere, in the same total time (Roland and Cerf
# 2002). `adiabatic_profile` computes how slowly at every s.

# %%
slow_there = qx.locally_adiabatic(hard, qx.adiabatic_profile(hard))
H = qx.AnnealHamiltonian(qx.QuboProblem.from_bqm(hard), schedule=slow_there)
series = {
    "linear": qx.success_curve(hard, taus).success,
    "slow at the crossing": qx.success_curve(H, taus).success,
}
axes = ("anneal time tau", "success probability")
qx.plotting.curves(taus, series, *axes, log="x", markers=True)

# %% [markdown]
# Between tau = 15 and 400 the new schedule wins, at tau = 40 by far. In shorter times it is too
# hasty away from the crossing, and in longer ones both come near 1. It has a price: one must know
# the crossing beforehand, and to find it is as hard as to solve the problem.

# %% [markdown]
# ## What would it be on a real annealer?
#
# All schedules pass the same states at another pace, so the levels above serve D-Wave's published
# schedules too. Gaps are then in GHz.

# %%
on_chip = gap.for_schedule(hard, qx.schedule_named("Advantage2_system1_standard"))
print(f"{on_chip.eigensolves} new eigen-solves were needed")
on_chip.plot()

# %% [markdown]
# The smallest gap is 0.29 GHz, and the thermal energy of a chip at 12 mK is 0.25 GHz. There the
# environment excites the qubits about as often as it cools them, and the Schrödinger equation alone
# is not the whole story. [Lesson 6](6_theory_against_dwave.ipynb) compares with real reads.

# %% [markdown]
# ## Try it
#
# **1.** How many eigen-solves does a bracket of one part in a million take?
#
# <details><summary>Answer</summary>
#
# Only a few more: the bound improves with the square of the distance between the points.
#
# ```python
# for rtol in (0.5, 1e-2, 1e-3, 1e-6):
#     print(rtol, qx.minimum_gap(hard, rtol).eigensolves)
# ```
#
# </details>
#
# **2.** By how much would a grid of 11 points miss the minimum?
#
# <details><summary>Answer</summary>
#
# The smallest gap of the grid is 0.21, more than half too large, and nothing warns you.
#
# ```python
# levels = qx.spectrum(hard, np.linspace(0, 1, 11)).energies
# print((levels[:, 1] - levels[:, 0]).min(), gap.value)
# ```
#
# </details>
#
# **3.** Which coefficient of the problem would you change to widen the gap?
#
# <details><summary>Answer</summary>
#
# `gap_gradient` tells how the gap changes with every h and J of the QUBO. All numbers are negative
# here, so to lower any coefficient widens the gap at this s. The couplings of the first three
# variables to the others count as much as those among them.
#
# ```python
# slopes_h, slopes_J = qx.gap_gradient(hard, gap.s_star)
# print(slopes_h.round(2), slopes_J.round(2), sep="\n")
# ```
#
# </details>

# %% [markdown]
# ## What did you learn?
#
# Tangents and chords turn a few eigen-solves into a proof about every s. A small gap inside the
# anneal is an avoided crossing, and there the law of Landau and Zener gives the success
# probability. Where the minimum sits at the end, qubits that are annealed alone describe the anneal
# as well, without any gap.
#
# **Next:** [4. Is my problem hard for an annealer?](4_is_my_problem_hard.ipynb)
