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
# # 4. Is my problem hard for an annealer?
#
# **For whom:** everyone who thinks of giving a problem to an annealer.
#
# **Afterwards you know** how to find out before you do, what makes a problem hard, and which of
# four changes helps. The example is small; put in your own problem.

# %%
import dimod

import qxgap as qx

worth = {talk: 1 + talk / 10 for talk in range(8)}  # eight talks at a conference
overlaps = [(0, 3), (0, 4), (1, 2), (1, 6), (2, 3), (3, 5), (3, 6), (3, 7), (4, 6), (4, 7)]
penalties = dict.fromkeys(overlaps, 20.0)  # the price of two talks at once
bqm = dimod.BinaryQuadraticModel({t: -w for t, w in worth.items()}, penalties, "BINARY")
bqm.change_vartype("SPIN")
bqm.normalize(1.0)  # the largest coefficient of an annealer is 1
qx.check(bqm, seed=1)

# %% [markdown]
# **The anneal is likely to fail, but not because of quantum mechanics:** the smallest gap is the
# distance of the two best plans themselves.
#
# The problem: which of eight talks do you attend, if some of them overlap? Each talk has a worth,
# and a pair that overlaps costs a penalty. Read the four answers from the top. "How hard" and "will
# it succeed" speak of an annealer; "was annealing needed" says what a laptop can do.

# %% [markdown]
# ## Your own problem
#
# Replace the model above by yours and run the lesson again. `qx.check` takes
#
# * any `dimod.BinaryQuadraticModel`, of zeros and ones or of spins;
# * `qx.QuboProblem(h, J)`, with arrays;
# * `qx.load("file")`, for `.npz`, `.bqm`, `.json`, `.coo` and `.qubo` files.
#
# Up to about 20 variables everything is computed exactly.

# %% [markdown]
# ## Change 1: lower the penalty
#
# A penalty must only be larger than what one can gain by cheating, here 1.7. But people choose
# "large, to be sure". An annealer has a largest coefficient; a penalty of 20 takes all of it, and
# the worth of the talks shrinks to a few percent. Then good and best plans differ by almost
# nothing.


# %%
def talks(penalty):
    """Return the problem with another penalty, scaled to coefficients of at most 1."""
    costs = {talk: -value for talk, value in worth.items()}
    model = dimod.BinaryQuadraticModel(costs, dict.fromkeys(overlaps, penalty), "BINARY")
    model.change_vartype("SPIN")
    model.normalize(1.0)
    return model


# %%
taus = [10, 30, 100, 300, 1000]
curves = {penalty: qx.success_curve(talks(penalty), taus) for penalty in (20, 5, 2)}
series = {f"penalty {penalty}": curve.success for penalty, curve in curves.items()}
axes = ("anneal time tau", "success probability")
qx.plotting.curves(taus, series, *axes, log="x", markers=True)

# %% [markdown]
# The best plan is the same, and at tau = 100 the probability to find it rises from 8 % to more than
# 99 %. Nothing else that you can do is as cheap. The gap says why:

# %%
for penalty in (20, 5, 2):
    gap = qx.minimum_gap(talks(penalty))
    print(f"penalty {penalty}: smallest gap {gap.value:.2f}, classical gap {gap.classical_gap:.2f}")

# %% [markdown]
# ## Change 2: remove what is decided already
#
# Some variables have the same value in every optimum, and that can be proven without a search.

# %%
print(qx.reduce(talks(2)))

# %% [markdown]
# Here all eight are decided, so nothing is left to anneal. Try this first: a problem that vanishes
# is the easiest one.

# %% [markdown]
# ## Change 3: anneal shorter, but more often
#
# Ten fast anneals may find the optimum sooner than one slow anneal. `optimal_tts` finds the best
# balance: the total time until the optimum has been read with a probability of 99 %.

# %%
for penalty, curve in curves.items():
    print(f"penalty {penalty}: {qx.optimal_tts(curve)}")

# %% [markdown]
# ## Change 4: another schedule
#
# It helps where the smallest gap is inside the anneal, as [lesson 3](3_anatomy_of_a_gap.ipynb)
# shows. If `check` says that there is no quantum bottleneck, as here, there is no place where to
# slow down.

# %% [markdown]
# ## Does size make it hard?
#
# Not by itself. Three random problems of each size, annealed in the time tau = 100:

# %%
for size in (6, 8, 10):
    models = [
        dimod.generators.gnm_random_bqm(size, 2 * size, "SPIN", random_state=i) for i in range(3)
    ]
    for model in models:
        model.normalize(1.0)
    runs = qx.anneal_many([qx.AnnealHamiltonian(qx.QuboProblem.from_bqm(m)) for m in models], 100.0)
    print(size, "variables, success:", [f"{run.success_probability:.2f}" for run in runs])

# %% [markdown]
# Problems of one size differ more than problems of different sizes. Whether hardness *grows* with
# the size, and how fast, takes many problems of each size and is decided by the hardest of them.
# [Lesson 5](5_the_paper_and_its_claims.ipynb) does so.

# %% [markdown]
# ## Try it
#
# **1.** What happens with a penalty of 1.2, below what cheating gains?
#
# <details><summary>Answer</summary>
#
# Nothing breaks at 1.2 yet, but at 0.5 the best plan attends talks that overlap. Check the plan,
# not only the penalty.
#
# ```python
# for penalty in (2.0, 1.2, 0.5):
#     best = qx.minimize(talks(penalty)).selection
#     broken = [pair for pair in overlaps if set(pair) <= set(best)]
#     print(penalty, sorted(best), "overlap:", broken)
# ```
#
# </details>
#
# **2.** Is `anti_crossing_clique(6)` of lesson 2 hard? Which of the four changes would help?
#
# <details><summary>Answer</summary>
#
# There is a quantum bottleneck: the gap is 16 times narrower than the distance of the two lowest
# energies. Change 4 helps, as lesson 3 has shown.
#
# ```python
# print(qx.check(dimod.generators.anti_crossing_clique(6), seed=1))
# ```
#
# </details>
#
# **3.** How would it look on a D-Wave annealer, with its schedule and in nanoseconds?
#
# <details><summary>Answer</summary>
#
# The energies of the chip grow during the anneal, so the smallest gap moves to the inside. In 20
# nanoseconds nearly every anneal would succeed, if the chip were isolated from heat and noise.
#
# ```python
# chip = qx.schedule_named("Advantage2_system1_fast")
# print(qx.check(talks(2), [5.0, 20.0], schedule=chip, seed=1))
# ```
#
# </details>

# %% [markdown]
# ## What did you learn?
#
# Ask whether a problem is hard before you send it: `qx.check` takes any QUBO. The formulation often
# matters more than the annealer, the size of a penalty above all. If the smallest gap is that of
# the best two answers, change the problem; if it is inside the anneal, change the anneal.
#
# **Next:** [5. The paper and its claims](5_the_paper_and_its_claims.ipynb) asks the same of many
# problems.
