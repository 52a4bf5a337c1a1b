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
# # 10. A schedule for an annealer: what would you send to D-Wave?
#
# **For whom:** people with a network and access to an annealer, or curious what it would take.
#
# **Afterwards you know** the whole way from an image to the points that an annealer is sent, what
# is lost on it, and what is not worth sending.

# %%
import qxgap as qx

images, labels = qx.xai.digits_images()
network = qx.xai.open_network("digits")
explanation = qx.explain.explain_image(network, images[0], seed=1)
explanation.plot()

# %% [markdown]
# **A network looked at a digit, and a QUBO of six variables selects the feature maps that explain
# what it saw. An annealer is to solve this QUBO.**
#
# Six variables are solved exactly in no time. We take them because theory can follow every step.

# %% [markdown]
# ## Which numbers does the annealer get?
#
# The annealer multiplies all numbers, so that they fill its ranges. That changes the energies, and
# so the place and the size of the smallest gap.

# %%
problem = explanation.instance.problem
solver = "Advantage2_system1"
fitted = qx.samplers.scale_without_chains(problem, "zephyr")
print(fitted)
table = qx.AnnealSchedule.of_solver(solver, scale=fitted.factor)
H = qx.AnnealHamiltonian(problem, table)

# %% [markdown]
# ## Where is the anneal slow to follow?
#
# Where the gap between the two lowest levels is small, the state needs time to follow. This is
# proven for this problem, on the published schedule of the annealer.

# %%
gap = qx.minimum_gap(H)
print(gap)
gap.plot()

# %% [markdown]
# ## A schedule that waits there
#
# A *locally adiabatic* schedule goes slowly where the gap is small, and fast elsewhere (Roland and
# Cerf 2002); here its pace is the gap squared. An annealer takes at most twelve points, between
# which s changes evenly and by no more than 2 per microsecond. `to_dwave` takes the twelve that
# stay nearest.

# %%
local = qx.locally_adiabatic(H)
waveform = local.to_dwave(solver, tau=20_000, scale=fitted.factor)
print(waveform)
waveform.plot()

# %%
qx.annealing.check_anneal_schedule(waveform.anneal_schedule)  # the annealer's rules, offline
waveform.parameters()

# %% [markdown]
# With dwave-system these parameters are sent by `sampler.sample(bqm, **waveform.parameters())`.
# Nothing else is needed, and no annealer was needed to get here.

# %% [markdown]
# ## Does the schedule help, and do twelve points keep that?
#
# Without noise, and without a shortest time. The time has no unit here: the linear schedule goes
# from the driver to the problem, with energies as the network gave them.

# %%
linear = qx.AnnealHamiltonian(problem)
slow = qx.locally_adiabatic(linear)
schedules = {
    "linear": qx.LINEAR,
    "locally adiabatic": slow,
    "its 12 points": qx.annealing.with_fewer_points(slow, qx.LINEAR, 12),
}
times = [2.0, 5.0, 10.0, 20.0, 50.0, 100.0]
success = {
    name: [run.success_probability for run in qx.anneal(linear.with_schedule(one), times)]
    for name, one in schedules.items()
}
qx.plotting.curves(times, success, "anneal time tau", "success probability", log="x", markers=True)

# %% [markdown]
# Twelve points keep nearly all of it. Whether waiting at the gap helps depends on the time: nothing
# says that it must win when the anneal is too short to be adiabatic at all. The study task
# `schedules` asks this of many problems, with an interval.

# %% [markdown]
# ## What will the annealer make of it?
#
# The smallest gap is some GHz wide, and a fast path around it takes a fraction of a nanosecond. The
# shortest standard anneal takes 500 nanoseconds. Without noise *every* schedule succeeds in that
# time, so there is nothing to gain. What decides then is heat, which this prediction does not know.

# %%
temperature = qx.samplers.published_temperature("Advantage2_system1.4").temperature
print(f"{temperature} mK are {temperature / table.to_millikelvin(1.0):.2f} GHz")
print(f"the smallest gap is {gap.value:.2f} GHz")

# %% [markdown]
# ## Try it
#
# **1.** Send a pause at the gap instead: five microseconds at the place of the smallest gap.
#
# <details><summary>Answer</summary>
#
# Any waveform on the annealer's own table is sent as it is.
#
# ```python
# s = round(gap.s_star, 3)
# paused = table.with_waveform([(0, 0), (10 * s, s), (10 * s + 5, s), (15, 1)])
# print(paused.to_dwave(solver, tau=15_000, scale=fitted.factor).anneal_schedule)
# ```
#
# </details>
#
# **2.** What does the annealer refuse?
#
# <details><summary>Answer</summary>
#
# Among other things a step that is too fast. The message names the point and the remedy.
#
# ```python
# try:
#     qx.annealing.check_anneal_schedule([[0, 0], [10, 0.4], [10.1, 1]])
# except qx.InputError as error:
#     print(error)
# ```
#
# </details>

# %% [markdown]
# ## What did you learn?
#
# From an image to the points for an annealer it takes five steps: explain, scale, gap, schedule,
# `to_dwave`. Twelve points are enough. A schedule made from the gap pays where an anneal is nearly
# too fast; today's annealers are slow enough that heat decides. Say so before you claim a gain.
#
# **Next:** [9. A coherent experiment](9_a_coherent_experiment.ipynb), where an anneal is short
# enough for quantum mechanics alone.
