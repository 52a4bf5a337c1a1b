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
# # 8. The gap of a large network: how small is it with 160 qubits?
#
# **For whom:** everyone who has read lesson 2 and whose problem does not fit into memory.
#
# **Afterwards you know** how a gap is estimated where no computer can hold the state, what is
# proven of it, and what that says of an anneal.

# %%
import os

import qxgap as qx

small = os.environ.get("QXGAP_NOTEBOOK_SIZE") == "small"  # a quick run, for tests
problem = qx.problem.photograph_problems(10 if small else 15)["camera"]
gap = qx.minimum_gap(problem)
gap.plot()

# %% [markdown]
# **A photograph of a camera, seen by a network with the weights of ImageNet, gives a problem of 159
# qubits, and its smallest gap is a twelfth of what the energies of the problem suggest.**
#
# The figure stretches the end of the anneal, because everything happens there. The state of 159
# qubits has 2^159 amplitudes, and no computer can hold 2^60. So how can its gap be known?
#
# The words of this lesson are about these 159 qubits. A quick run, as on the page of the
# documentation, shows the 50 qubits of the same photograph in an earlier layer instead.

# %%
print(gap)

# %% [markdown]
# ## How can a gap be estimated without the state?
#
# Late in the anneal every qubit points nearly where its neighbors, on average, push it. In that
# picture the true state is one simple state and a few corrections: this qubit is turned over, or
# these two. Such a set of turned qubits is called a *configuration*. Only some thousand of them
# matter, and they find each other: from those that are known, the strongest couplings lead to the
# next ones. What is still left out is added by perturbation theory.

# %%
levels = qx.spectra.selected_levels(problem, s=gap.s_star, num_levels=3)
print(levels)
print(f"{levels.num_outside} further configurations are in the correction")

# %% [markdown]
# ## What is proven, and what is estimated?
#
# An estimate may be wrong. So two things stand beside it. The *interval* says how far the estimate
# may be off, judged from how much the last steps changed it. The *bounds* need no judgement: they
# follow from inequalities.

# %%
low, high = gap.interval
print(f"estimate, 95 %: {low:.4g} to {high:.4g}")
print(f"proven, over the whole anneal: at most {gap.upper:.4g}")
print(f"proven, from s = {gap.proven_from:.3f} on: at least {gap.proven_lower:.4g}")

# %% [markdown]
# Earlier in the anneal a lower bound cannot be proven today. There the gap is much larger than the
# smallest one, as far as the estimate says.
#
# ## What happens at the smallest gap?
#
# Two selections of feature maps have nearly the same energy. Before this point the driver favors
# one, after it the energy of the problem favors the other.

# %%
print("maps that the ground state gains:", gap.gained, "and loses:", gap.lost)
print(f"distance of the two lowest energies of the problem: {gap.classical_gap:.4g}")

# %% [markdown]
# The distance of the two energies is a *classical* number: branch and bound finds it without any
# quantum mechanics. Where the gap is much smaller, the anneal has a bottleneck that the energies do
# not show.
#
# ## Does the other driver help?
#
# The code of the paper's authors divides the driver by the number of qubits. Both drivers follow
# the same path from driver to problem, but at another pace.

# %%
driver = qx.Convention.AUTHORS_CODE.driver(problem.num_qubits)
other = qx.minimum_gap(qx.AnnealHamiltonian(problem, driver=driver))
print(other)
other.plot()

# %% [markdown]
# The crossing is the same one, earlier in the anneal, because the weak driver loses sooner.
#
# ## Does the gap fall as 1/d?
#
# The paper reads its gaps as a law 1/d: twice the qubits, half the gap. Leave out all but the most
# important maps, and see whether the gap grows as the law says.

# %%
import numpy as np

few = 20 if small else 40
kept = np.sort(np.argsort(problem.h)[:few])  # the most important maps have the lowest h
fewer = qx.QuboProblem(problem.h[kept], problem.J[np.ix_(kept, kept)])
smaller = qx.minimum_gap(fewer, method=qx.SelectedConfigurations())
law = gap.value * problem.num_qubits / fewer.num_qubits
print(f"all {problem.num_qubits} maps: gap {gap.value:.3g}")
print(f"{fewer.num_qubits} maps: gap {smaller.value:.3g}, where a law 1/d asks for {law:.3g}")

# %% [markdown]
# Here the gap depends little on the number of maps, because the most important ones already hold
# the lowest states. Over six photographs in this layer, with 20 to 183 maps, the mean exponent of d
# lies between -0.6 and 0.4 (95 %); a law 1/d is an exponent of -1 (page *Benchmarks* of the
# documentation). One problem alone says little: in a quick run, with another layer, the two numbers
# are close. In small problems of digits a fall near 1/d is seen, but it is that of the classical
# gap (lesson 5).
#
# ## How long must an anneal take?
#
# Of an avoided crossing two numbers matter, the gap and the slope. From them follows the law of
# Landau and Zener: the chance to stay in the ground state there.

# %%
crossing = qx.landau_zener(problem, gap.s_star)
for tau in (100.0, 1e4, 1e6):
    low, high = crossing.success_interval(tau)
    print(f"tau = {tau:g}: between {low:.2g} and {high:.2g}, from this crossing alone")

# %% [markdown]
# ## Try it
#
# **1.** Which energies lie close to the lowest one? Prove it.
#
# <details><summary>Answer</summary>
#
# `lowest_states` lists them by branch and bound, and says whether the list is complete.
#
# ```python
# states = qx.problem.lowest_states(problem, 4)
# print(states.energies - states.energies[0], states.is_proven)
# ```
#
# </details>
#
# **2.** Compare the estimate with the exact gap where both are possible.
#
# <details><summary>Answer</summary>
#
# ```python
# few = qx.testing.random_feature_selection(12, seed=3)
# print(qx.minimum_gap(few).value)
# print(qx.minimum_gap(few, method=qx.SelectedConfigurations()).interval)
# ```
#
# </details>

# %% [markdown]
# ## What did you learn?
#
# With 160 qubits a gap can be estimated within a few percent, because few configurations matter
# where it is small. An upper bound is proven for the whole anneal, and a lower one for its end. The
# gap may be much smaller than the energies of the problem suggest, so it must be computed.
#
# **Next:** take your own problem, or go back to [4. Is my problem
# hard?](4_is_my_problem_hard.ipynb).
