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
# # 3. Anatomy of a gap
#
# Where is the minimum gap, what makes it small, how can it be *certified*, and does it set the
# success probability? Two problems, side by side, give two different answers:
#
# * a **feature-selection** QUBO of a digit, as in arXiv 2604.25649;
# * an **anti-crossing** problem (dimod's `anti_crossing_clique`), built to have a narrow avoided
#   crossing in the middle of the anneal.

# %%
# %matplotlib inline
import os

import matplotlib.pyplot as plt
import numpy as np
from dimod.generators import anti_crossing_clique

import qxgap as qx

SMALL = os.environ.get("QXGAP_NOTEBOOK_SIZE") == "small"  # the reduced size that CI runs
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#7F7F7F"

network = qx.xai.load_network("digits")
images, labels = qx.xai.digits_images()
seen = qx.xai.capture(network, images[16:17], layer="norm")
problems = {
    "feature selection": qx.xai.feature_selection(seen.maps[0], seen.gradients[0]),
    "anti-crossing": qx.QuboProblem.from_bqm(anti_crossing_clique(6)),
}
hamiltonians = {name: qx.AnnealHamiltonian(problem) for name, problem in problems.items()}
gaps = {name: qx.minimum_gap(H, rtol=1e-3) for name, H in hamiltonians.items()}
for name, found in gaps.items():
    print(f"{name} (d = {problems[name].num_qubits}): {found}")

# %% [markdown]
# ## The levels
#
# Energies above the ground state, $E_k(s) - E_0(s)$. The dot is the certified minimum.

# %%
s = np.linspace(0, 1, 61 if SMALL else 201)
figure, axes = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
for axis, (name, H) in zip(axes, hamiltonians.items(), strict=True):
    energies = qx.spectrum(H, s, levels=8).energies
    above = energies - energies[:, :1]
    axis.plot(s, above[:, 2:], color=GREY, linewidth=0.9)
    axis.plot(s, above[:, 1], color=BLUE, linewidth=2)
    found = gaps[name]
    axis.plot(found.s_star, found.value, "o", color=ORANGE, zorder=3, clip_on=False)
    text = f"gap {found.value:.3g}\nat s* = {found.s_star:.3f}"
    axis.annotate(
        text,
        (found.s_star, found.value),
        (-78, 46),
        textcoords="offset points",
        arrowprops={"arrowstyle": "-", "color": ORANGE},
        fontsize=9,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8},
    )
    axis.set(title=name, xlabel="s", xlim=(0, 1), ylim=(0, 4 if name != "feature selection" else 2))
    axis.grid(alpha=0.25)
axes[0].set_ylabel("energy above the ground state")
plt.show()

# %% [markdown]
# The gap of the feature-selection QUBO falls to the very end, where it is all but the distance of
# the QUBO's two lowest energies, the *classical* gap. In the anti-crossing problem the lowest
# excited level dives down halfway, far below its classical gap.

# %% [markdown]
# ## A lower bound, not a grid
#
# On the linear schedule $H$ is linear in $s$. So the ground energy $E_0$ is concave and lies
# *below* its tangents, and so is $E_0 + E_1$, which lies *above* its chord between two points.
# Together,
#
# $$E_1 - E_0 = (E_0 + E_1) - 2 E_0 \;\ge\; \text{chord} - 2 \min(\text{tangents}),$$
#
# for *all* $s$ between two eigen-solves. The next solve goes where this bound is lowest, until
# bound and best gap agree. Here the bound is drawn from a few evenly spaced eigen-solves.


# %%
def lower_bound(H, nodes, s):
    """Chord of E_0 + E_1 minus twice the lower tangent of E_0, between each two of the nodes."""
    energies = qx.spectrum(H, nodes, levels=2).energies
    step = 1e-6  # slopes by differences towards the inside
    side = np.where(nodes < 0.5, step, -step)
    slopes = (qx.spectrum(H, nodes + side, levels=1).energies[:, 0] - energies[:, 0]) / side
    chord = np.interp(s, nodes, energies.sum(axis=1))
    left = np.clip(np.searchsorted(nodes, s, side="right") - 1, 0, nodes.size - 2)
    tangents = [energies[i, 0] + slopes[i] * (s - nodes[i]) for i in (left, left + 1)]
    return chord - 2 * np.minimum(*tangents)


H = hamiltonians["anti-crossing"]
levels = qx.spectrum(H, s, levels=2).energies
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained", sharey=True)
for axis, count in zip(axes, (6, 16), strict=True):
    nodes = np.linspace(0, 1, count)
    bound = lower_bound(H, nodes, s)
    axis.fill_between(s, -1, bound, color=GREY, alpha=0.25, linewidth=0, label="excluded")
    axis.plot(s, levels[:, 1] - levels[:, 0], color=BLUE, label="gap")
    at_nodes = np.diff(qx.spectrum(H, nodes, levels=2).energies, axis=1)[:, 0]
    axis.plot(nodes, at_nodes, "o", color=ORANGE, markersize=5, label=f"{count} eigen-solves")
    axis.set(xlabel="s", title=f"min of the bound {bound.min():.2f}", xlim=(0, 1), ylim=(-0.6, 2.2))
    axis.grid(alpha=0.25)
    axis.legend(frameon=False, loc="upper center")
axes[0].set_ylabel("gap")
plt.show()

# %% [markdown]
# `minimum_gap` puts its eigen-solves where they count, and adds what the solver's residuals
# allow:

# %%
found = gaps["anti-crossing"]
figure, axis = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
axis.plot(s, levels[:, 1] - levels[:, 0], color=BLUE, label="gap")
axis.plot(found.s, found.gaps, "o", color=ORANGE, markersize=4, label="eigen-solves of the search")
axis.set(
    xlabel="s",
    ylabel="gap",
    yscale="log",
    title=f"{found.eigensolves} eigen-solves, minimum in [{found.lower:.5f}, {found.value:.5f}]",
)
axis.grid(alpha=0.25)
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What couples the levels
#
# A small gap does harm where $\langle 1|dH/ds|0\rangle$ is large. The ratio of this coupling to
# the squared gap has the meaning of a time: anneals much shorter than its maximum leave the
# ground state.

# %%
profiles = {name: qx.adiabatic_profile(H) for name, H in hamiltonians.items()}
figure, axis = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
for (name, profile), colour in zip(profiles.items(), (GREEN, PURPLE), strict=True):
    axis.plot(profile.s, profile.gap_coupling / profile.gap**2, color=colour, label=name)
    print(f"{name}: largest coupling / gap^2 is {qx.adiabatic_time(profile):.3g}")
axis.set(xlabel="s", ylabel="coupling / gap²", yscale="log", ylim=(1e-2, None), xlim=(0, 1))
axis.grid(alpha=0.25)
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Does the gap set the success probability?
#
# Landau and Zener's law, $P = 1 - \exp(-\pi\,\mathrm{gap}^2 \tau / 2v)$ with $v$ the slope of the
# crossing levels, is for *one* avoided crossing that is swept from far before it to far behind.
# Half of that is missing where the minimum sits at the end. A null model stands beside it: every
# qubit swept alone.

# %%
laws = {name: qx.landau_zener(H) for name, H in hamiltonians.items()}
for name, law in laws.items():
    print(f"{name}: crossing at s = {law.s0:.4f}, width {law.width:.3f}, misfit {law.misfit:.1%}")

taus = np.geomspace(3, 300 if SMALL else 1000, 8 if SMALL else 14)
curves = {name: qx.success_curve(H, taus) for name, H in hamiltonians.items()}
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained", sharey=True)
for axis, (name, curve) in zip(axes, curves.items(), strict=True):
    axis.plot(taus, curve.success, "o-", color=BLUE, label="Schrödinger equation")
    axis.plot(taus, curve.product, "--", color=ORANGE, label="independent qubits (null)")
    axis.axhline(curve.random_guess, color=GREY, linestyle=":", label="random guess")
    law = [laws[name].success_probability(tau) for tau in taus]
    axis.plot(taus, law, "-.", color=GREEN, label="Landau-Zener, from the levels alone")
    axis.set(title=name, xscale="log", xlabel="tau", ylim=(0, 1.03))
    axis.grid(alpha=0.25)
axes[0].set_ylabel("success probability")
figure.legend(*axes[1].get_legend_handles_labels(), loc="outside lower center", ncols=2)
plt.show()

# %% [markdown]
# The largest distance of each law from the Schrödinger equation, over the times drawn:

# %%
for name, curve in curves.items():
    crossing = np.array([laws[name].success_probability(tau) for tau in taus])
    distance = abs(crossing - curve.success).max(), abs(curve.product - curve.success).max()
    print("{}: Landau-Zener {:.2f}, independent qubits {:.2f}".format(name, *distance))

# %% [markdown]
# The crossing follows Landau and Zener once the anneal is slow enough to see it alone;
# independent qubits know nothing of it. Of the feature-selection QUBO it is independent qubits
# that come nearer, without knowing the gap at all. These are two problems, not a statistic;
# notebook 5 has many.

# %% [markdown]
# ## Slow down where it matters
#
# The locally adiabatic schedule (Roland and Cerf 2002) spends its time around the crossing:
# $ds/dt \propto \mathrm{gap}^2 / \text{coupling}$, at the same total time.

# %%
H = hamiltonians["anti-crossing"]
local = qx.locally_adiabatic(H, profiles["anti-crossing"])
slowed = qx.success_curve(qx.AnnealHamiltonian(problems["anti-crossing"], schedule=local), taus)
fraction = np.linspace(0, 1, 201)
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.5), layout="constrained")
axes[0].plot(fraction, local.canonical(fraction)[0], color=GREEN, label="locally adiabatic")
axes[0].plot(fraction, fraction, color=BLUE, label="linear")
axes[0].axhline(found.s_star, color=ORANGE, linestyle=":", label="s* of the minimum gap")
axes[0].set(xlabel="t / tau", ylabel="s", xlim=(0, 1), ylim=(0, 1))
axes[1].plot(taus, slowed.success, "s-", color=GREEN, label="locally adiabatic")
axes[1].plot(taus, curves["anti-crossing"].success, "o-", color=BLUE, label="linear")
axes[1].set(xscale="log", xlabel="tau", ylabel="success probability", ylim=(0, 1.03))
for axis in axes:
    axis.grid(alpha=0.25)
    axis.legend(frameon=False)
plt.show()

# %% [markdown]
# At the same total time the slow passage pays once the rest of the anneal is not too hasty; for
# the shortest times it is, and the linear schedule wins. The advantage shrinks as both come near
# 1.

# %% [markdown]
# ## Another schedule for free
#
# All schedules are the same path at another pace and scale, so the eigen-solves above serve
# D-Wave's published $A(s)$, $B(s)$ too; only a few new ones are needed. Gaps are then in GHz.

# %%
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
for axis, (name, found) in zip(axes, gaps.items(), strict=True):
    for solver, colour in (("Advantage_system6", BLUE), ("Advantage2_system1", GREEN)):
        schedule = qx.schedule_named(f"{solver}_standard")
        on_chip = found.for_schedule(hamiltonians[name], schedule)
        label = f"{solver}\n{on_chip.value:.3g} GHz, {on_chip.eigensolves} new eigen-solves"
        points = np.union1d(np.linspace(0, 1, 41 if SMALL else 121), on_chip.s)
        curve = qx.spectrum(qx.AnnealHamiltonian(problems[name], schedule=schedule), points)
        axis.plot(points, np.diff(curve.energies, axis=1), color=colour, label=label)
        axis.plot(on_chip.s_star, on_chip.value, "o", color=ORANGE, zorder=3, clip_on=False)
    axis.axhline(schedule.thermal_energy(12.0), color=GREY, linestyle=":", label="kT at 12 mK")
    axis.set(title=name, xlabel="s", ylabel="gap in GHz", yscale="log", xlim=(0, 1))
    axis.grid(alpha=0.25)
    axis.legend(fontsize=8, framealpha=0.9, edgecolor="white")
plt.show()

# %% [markdown]
# The same feature-selection path has its minimum inside the anneal now, because the energy scale
# $A + B$ still grows towards the end: where a minimum lies is a matter of the schedule as well.
# The dotted line is the thermal energy of a chip at 12 mK. Where the gap is below it the
# environment excites about as often as it cools, and the closed anneal is not the whole story;
# notebook 6 holds models against real reads.
