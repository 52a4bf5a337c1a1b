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
# # 1. Quick start: which four questions does qxgap answer?
#
# **For whom:** everyone with a QUBO, a quadratic function of zeros and ones that is to be
# minimized.
#
# **Afterwards you know** how to put a problem in, and how to read the four answers that come out.

# %%
import qxgap as qx

images, labels = qx.xai.digits_images()
explanation = qx.explain.explain_image("digits-24", images[0], seed=1)
check = qx.check(explanation.instance.problem, seed=1)
check

# %% [markdown]
# **Four questions, four answers:** how hard is the problem for an annealer, will the annealer solve
# it, do samples agree with the prediction, and was an annealer needed at all?
#
# Each answer is one sentence, with how sure it is. The figures show why; the numbers are folded
# away.

# %% [markdown]
# ## Where does the problem come from?
#
# The package ships small networks that read digits. The network below has 24 feature maps: small
# images of where it found something. Which few of them explain its decision best? To ask for
# important maps that do not repeat each other is a QUBO, with one variable for each map.

# %%
print(explanation)
explanation.plot()

# %% [markdown]
# Bright is where the selected maps look. The problem could come from anywhere: a file (`qx.load`),
# an array (`qx.QuboProblem`), or any model of D-Wave's `dimod`.

# %%
problem = explanation.instance.problem
problem

# %% [markdown]
# ## How hard is it?
#
# An annealer starts in a state that is easy to prepare and changes slowly into the problem. The
# *minimum gap* is the energy of the cheapest mistake on the way. It is bracketed from both sides.

# %%
check.gap.plot()

# %% [markdown]
# Compare with the dotted line, the distance of the two lowest energies of the problem itself. Where
# the two agree, the annealer adds no difficulty of its own. [Lesson
# 2](2_what_the_minimum_gap_means.ipynb) shows why.

# %% [markdown]
# ## Will it succeed?
#
# The probability to read the best answer after one anneal, from the Schrödinger equation.

# %%
check.success.plot()

# %% [markdown]
# tau is the anneal time. Slower anneals succeed more often. The other curves are a yardstick:
# qubits that are annealed each on its own, and a blind guess.

# %% [markdown]
# ## Does reality agree?
#
# By default simulated annealing, which is no quantum annealer, draws 1000 reads of the problem. It
# need not agree with the prediction, and we see how far apart they are. With your own samples, for
# instance from D-Wave, give `qx.check(problem, samples=...)`.

# %%
check.comparisons["sa"][-1]  # with the slowest anneal

# %% [markdown]
# ## Was an annealer needed?
#
# The exact optimum, proven by branch and bound, beside what simple rules select.

# %%
check.selections

# %% [markdown]
# For problems of this size the exact answer takes milliseconds on a laptop. It is the yardstick for
# everything above.

# %% [markdown]
# ## Try it
#
# **1.** Check a problem of your own: the three numbers 3, 1 and 2 are to be divided into two groups
# of equal sum.
#
# <details><summary>Answer</summary>
#
# With a sign of +1 or -1 for each number the sum must vanish, so its square is minimized.
#
# ```python
# import dimod
#
# numbers = [3, 1, 2]
# pairs = {(i, j): 2 * numbers[i] * numbers[j] for i in range(3) for j in range(i)}
# division = dimod.BinaryQuadraticModel({}, pairs, "SPIN")
# print(qx.check(division, [1, 10], seed=1))
# ```
#
# </details>
#
# **2.** How large must tau be for a success probability of 99 %?
#
# <details><summary>Answer</summary>
#
# ```python
# curve = qx.success_curve(problem, [10, 100, 1000, 3000])
# print(dict(zip(curve.taus.tolist(), curve.success.round(3).tolist(), strict=True)))
# ```
#
# More than 3000. Shorter anneals that are repeated do it in less time: `qx.optimal_tts(curve)`
# finds the best balance.
#
# </details>

# %% [markdown]
# ## What did you learn?
#
# `qx.check` takes any QUBO and answers four questions in one sentence each. Every part of the
# answer is a result that prints, plots and tabulates itself. A problem that a laptop solves exactly
# needs no annealer, and qxgap says so.
#
# **Next:** [2. What does the minimum gap mean?](2_what_the_minimum_gap_means.ipynb)
