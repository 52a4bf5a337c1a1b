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
# # 6. Theory against D-Wave: which theory explains the reads?
#
# **For whom:** physicists who want to compare a model of an annealer with its answers.
#
# **Afterwards you know** how to compare reads with eight theories at once, what "as far as chance
# alone" means, and why the nearest theory may still be wrong.

# %%
import qxgap as qx

recorded = qx.samples.iitis()
solver, odd_runs = "Advantage2_system1.4", (255, 256)
runs = recorded.select(solver, 100, without=odd_runs)
answer = qx.samples.compare_with_solver(recorded.problem, runs, solver, seed=1)
answer.plot()

# %% [markdown]
# **No prediction explains these reads. The nearest is a thermal state at the temperature that
# D-Wave publishes; the Schrödinger equation alone is nearly five times as far away.**
#
# Each row is a theory, and each point its distance from the reads: the share of the reads that
# would have to move to other energies. The upright stroke is the distance that reads *of the theory
# itself* would have, from chance alone. A theory may be right only if its point is at its stroke.

# %% [markdown]
# ## What was measured?
#
# The package carries 110 runs of one QUBO of 16 variables, from two D-Wave annealers at anneal
# times of 10 to 500 microseconds, and from simulated annealing (iitis/dynamics-benchmark,
# CC-BY-4.0).
#
# The QUBO consists of four separate groups of four variables. So every theory can be solved
# exactly, with D-Wave's published schedules and temperatures. What disagrees is the theory, not the
# numerics.

# %%
for name in ("title", "source", "licence"):
    print(recorded.credit[name])
recorded

# %% [markdown]
# ## Do the runs agree with each other?
#
# Ask this before any theory. If all reads were independent, the runs would differ by chance only.

# %%
all_runs = recorded.select(solver, 200)
measured = qx.samples.ground_probability(recorded.problem, all_runs, seed=1)
print(measured)
measured.plot()

# %% [markdown]
# They differ several times more than chance allows. Three runs are called outliers, and two of
# them, 255 and 256, are far off: these two we have left out above. All intervals come from drawing
# whole runs, because reads of one run are not independent of each other.

# %% [markdown]
# ## Does a longer anneal help?

# %%
values = {}
for name in ("Advantage_system6.4", solver):
    for time in (10, 100, 200, 500):
        part = recorded.select(name, time, without=odd_runs)
        measured = qx.samples.ground_probability(recorded.problem, part, seed=1)
        values[f"{name}, {time} us"] = (measured.value, *measured.interval)
qx.plotting.values_with_intervals(values, "share of ground states among the reads")

# %% [markdown]
# Yes, on the newer annealer clearly. This is already a test of theories. A chip in equilibrium
# would not care how long the anneal is. The Schrödinger equation predicts a share of 1:
# microseconds are so long that an isolated system would nearly always end in the ground state.

# %% [markdown]
# ## How cold do the reads look?
#
# The temperature at which a thermal state would be nearest to the reads, in units of the problem:

# %%
temperatures = {}
for time in (10, 100, 200, 500):
    part = recorded.select(solver, time, without=odd_runs)
    fitted = qx.samples.effective_temperature(recorded.problem, part, seed=1)
    temperatures[f"{time} us"] = (fitted.value, *fitted.interval)
published = qx.samplers.published_temperature(solver).single_qubit_temperature
qx.plotting.values_with_intervals(
    temperatures, "temperature", reference=published, reference_name="published by D-Wave"
)

# %% [markdown]
# The reads get colder as the anneal gets longer. One published temperature cannot be right at all
# anneal times, though it is near in the middle.

# %% [markdown]
# ## The energies, one by one
#
# Bars are reads, lines are theories. The vertical axis is logarithmic, because rare energies tell
# the theories apart.

# %%
answer.ladder.plot_levels()

# %%
answer.ladder.table[["model", "ground_probability", "tv", "tv_by_chance", "rejected_runs"]].round(3)

# %% [markdown]
# `tv` is the distance of the first figure. `rejected_runs` counts the runs, of five, that a test
# finds incompatible with the theory. The last row was fitted to these very reads. It has seen the
# answer, so its small distance is no success of a theory.

# %% [markdown]
# ## Try it
#
# **1.** Are the reads of the older annealer nearer to a thermal state at *its* published
# temperature?
#
# <details><summary>Answer</summary>
#
# A little. The distance is 0.035, three times that of chance alone, and two of the five runs reject
# it. One theory is enough to see this, so we need not compute the others.
#
# ```python
# older = "Advantage_system6.4"
# cold = qx.samplers.published_temperature(older).single_qubit_temperature
# model = qx.samples.boltzmann_model(recorded.problem, cold, "thermal")
# older_runs = recorded.select(older, 100)
# print(qx.samples.model_ladder(recorded.problem, older_runs, [model], seed=1))
# ```
#
# </details>
#
# **2.** Simulated annealing is no quantum annealer. Does a thermal state explain *its* reads?
#
# <details><summary>Answer</summary>
#
# Yes: at a temperature of 0.10 the distance is that of chance, and no run rejects it. But the
# temperature was fitted to these reads, so this is a description and no prediction.
#
# ```python
# classical = recorded.select("neal", num_reads=1000)
# fitted = qx.samples.effective_temperature(recorded.problem, classical, seed=1)
# model = qx.samples.boltzmann_model(recorded.problem, fitted.value, "thermal")
# print(fitted, qx.samples.model_ladder(recorded.problem, classical, [model], seed=1), sep="\n")
# ```
#
# </details>
#
# **3.** What would a chance-level distance be with ten times as many reads?
#
# <details><summary>Answer</summary>
#
# About three times smaller: it falls like one over the square root of the number of reads. So more
# reads reject more theories, and a theory that "agrees" may only have been tested with few reads.
#
# </details>

# %% [markdown]
# ## What did you learn?
#
# A distance means little without the distance that chance alone gives. Of eight theories a thermal
# state is the nearest here, and it is still rejected; that the anneal time matters speaks against
# every theory of equilibrium. One QUBO on two annealers is a case, not a law.
#
# **Next:** [7. Your own network](7_your_own_network.ipynb), for people of explainable AI.
