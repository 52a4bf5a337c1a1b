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
# # 2. What does the minimum gap mean?
#
# **For whom:** everyone who reads "the minimum gap is 0.13" and wants to see what that is. You need
# to know what a QUBO is, and no physics beyond energy levels.
#
# **Afterwards you know** what the gap is at every moment of an anneal, why a small one asks for a
# slow anneal, and when the number says nothing about annealing at all.

# %%
import numpy as np
from dimod.generators import anti_crossing_clique

import qxgap as qx

hard = anti_crossing_clique(6)  # six variables, made to be hard for an annealer
qx.anneal_course(hard, tau=[10, 100, 1000])

# %% [markdown]
# **The gap is the energy of the cheapest mistake.** Where it is small, a small push takes the
# qubits out of the lowest level, and the anneal must pass slowly.
#
# Move the slider from left to right, or press Play.
#
# * **Left:** the energies of the allowed levels, measured from the lowest one. The thick line is
#   the first level above; its height is the gap, and the circle marks where it is smallest.
# * **Right, blue:** what one would read in the lowest level, the *ground state*, at this moment.
# * **Right, orange:** what one would read from qubits that are annealed in the time tau.
#
# As long as blue and orange agree, the anneal follows the ground state.

# %% [markdown]
# ## What happens at the circle?
#
# At s = 0 all 64 answers are equally likely. Up to s = 0.5 the ground state prefers answers such as
# `000111`, which are many and almost good. Then the single best answer, `111111`, takes over within
# a few hundredths of s. The whole register has to turn over at once. The slow anneal does so, the
# fast one stays behind.

# %%
course = qx.anneal_course(hard, tau=[10, 100, 1000])
course.plot_populations()

# %% [markdown]
# Each curve falls at the minimum gap and nowhere else. The curve of tau = 1000 hardly falls: at
# this pace the gap of 0.13 is large enough.

# %% [markdown]
# ## How slow is slow enough?
#
# A rule of thumb says: tau must be larger than one over the gap squared, here 1/0.13² = 60.

# %%
curve = qx.success_curve(hard, np.geomspace(3, 1000, 12))
curve.plot()

# %% [markdown]
# The success probability starts to rise near tau = 60 and comes close to 1 at ten times that. The
# rule gives the scale, not the value: half the gap would need four times the time.
#
# The ring marks where a solution is found soonest if anneals are repeated: here many hasty ones
# win, because six qubits have only 64 states. With every further qubit such luck gets rarer.
#
# For shorter times the curve goes *down*. A fast anneal is only a guess from the start, and the
# better it follows the ground state at first, the more surely it is misled at the circle.

# %% [markdown]
# ## A small gap that does not matter
#
# The same picture for a QUBO that selects six features, of the kind this package was made for.

# %%
usual = qx.testing.random_feature_selection(6, seed=3)
qx.anneal_course(usual, tau=[10, 100, 1000])

# %% [markdown]
# Its gap is *smaller*, 0.096 against 0.13, and still the anneal of tau = 100 succeeds more often.
# The circle is at the very end. Nothing turns over there: the gap is merely the difference in
# energy between the best answer and the second best. Whoever reads the second best has lost little.

# %%
for problem in (hard, usual):
    gap = qx.minimum_gap(problem)
    print(f"minimum {gap.value:.3f} at s = {gap.s_star:.2f}, classical {gap.classical_gap:.3f}")

# %% [markdown]
# So compare two numbers: the minimum gap, and the *classical gap*, the distance of the two lowest
# final energies. If they agree, the gap is a property of the QUBO that no annealer changes. If the
# minimum gap is much smaller, there is a bottleneck of the anneal itself.

# %% [markdown]
# ## Try it
#
# **1.** Multiply all numbers of the problem by two. What happens to the minimum gap, to its place,
# and to the success probability at tau = 100?
#
# <details><summary>Answer</summary>
#
# The gap grows to 0.18, but is not doubled. The energies at the start stay as they are, so the
# circle moves to s = 0.38, where the driver is stronger. The success probability grows from 0.52 to
# 0.61. A real annealer has a largest energy, so this trick has an end.
#
# ```python
# doubled = hard.copy()
# doubled.scale(2)
# print(qx.minimum_gap(doubled))
# print(qx.anneal(doubled, 100))
# ```
#
# </details>
#
# **2.** With the slider: at which s does the anneal of tau = 10 leave the ground state of the first
# problem? Is it before, at or after the circle?
#
# <details><summary>Answer</summary>
#
# Between s = 0.5 and 0.65, around the circle. Before that the probability to be in the ground state
# is above 0.97, afterwards it is below 0.26.
#
# ```python
# course.to_dataframe().query("0.45 < s < 0.7")[["s", "gap", "population_tau_10"]]
# ```
#
# </details>
#
# **3.** `anti_crossing_clique(8)` has eight variables instead of six. Guess its gap, then compute
# it. How much longer must an anneal be?
#
# <details><summary>Answer</summary>
#
# The gap falls to 0.006, so an anneal must be 500 times longer. With ten variables it would take
# another factor of 3,000. Such a fall with the size is what makes a problem hard.
#
# ```python
# for size in (6, 8, 10):
#     gap = qx.minimum_gap(anti_crossing_clique(size)).value
#     print(f"{size} variables: gap {gap:.2g}, time {gap**-2:.2g}")
# ```
#
# </details>

# %% [markdown]
# ## What did you learn?
#
# The gap is the distance of the two lowest levels at one moment, and the minimum gap is where an
# anneal most easily leaves the ground state. The time that an anneal needs grows like one over the
# gap squared if many qubits have to turn over there. If the minimum is at the end and equals the
# classical gap, it tells how good the second best answer is, and nothing about annealing.
#
# **Next:** [3. Anatomy of a gap](3_anatomy_of_a_gap.ipynb) looks inside the number: how it is
# proven, what makes it small, and what else follows from it.
