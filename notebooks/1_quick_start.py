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
# # 1. Quick start
#
# One image, one QUBO, and the four questions that qxgap answers of it:
#
# 1. **How hard is it?** The minimum gap of the anneal, with a certified lower bound.
# 2. **Will it succeed?** The success probability, with an error estimate.
# 3. **Does reality agree?** Samples against the prediction, with intervals.
# 4. **Was annealing needed?** The same selection without an annealer.

# %%
# %matplotlib inline
import os

import matplotlib.pyplot as plt
import numpy as np

import qxgap as qx
from qxgap import plotting

SMALL = os.environ.get("QXGAP_NOTEBOOK_SIZE") == "small"  # the reduced size that CI runs
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#7F7F7F"

# %% [markdown]
# ## From an image to a QUBO
#
# The package ships small networks for digits, each with the paper's last block (arXiv
# 2604.25649), and 500 digits that they have never seen. `capture` records the feature maps of a
# layer and the gradients of the predicted class; `feature_selection` keeps the maps of positive
# importance and builds the QUBO: reward important maps, penalise pairs that show the same.

# %%
network = qx.xai.load_network("digits-24")
images, labels = qx.xai.digits_images()
seen = qx.xai.capture(network, images[:1], layer="norm")
problem = qx.xai.feature_selection(seen.maps[0], seen.gradients[0], tradeoff=0.7)
print(f"a {labels[0]}, taken for a {seen.predicted[0]}: {problem.num_qubits} of 24 maps compete")

# %%
chosen = qx.selections(problem, seed=1)
alpha = problem.source.alpha
size = images.shape[-2:]
all_alpha = qx.xai.importance(seen.gradients[0])


def look(selected):
    """Where a selection of maps looks, and how many maps it takes."""
    cam = qx.xai.subset_cam(seen.maps[0], all_alpha, selected, size)
    return cam.numpy(), f"{len(selected)} maps"


grad_cam = qx.xai.grad_cam(seen.maps[0], seen.gradients[0], size).numpy()
by_importance = sorted(chosen.exact, key=lambda label: -all_alpha[label])
plotting.explanation_picture(
    f"Which of {problem.num_qubits} maps explain the {seen.predicted[0]}?",
    images[0, 0].numpy(),
    {
        "QUBO": look(chosen.exact),
        "top-k": look(chosen.top_k),
        "all positive": look(chosen.all_positive),
        "Grad-CAM": (grad_cam, "all 24 maps"),
    },
    [
        (f"map {label}", qx.xai.subset_cam(seen.maps[0], all_alpha, [label], size).numpy())
        for label in by_importance
    ],
    [
        (str(label), reward, label in chosen.exact)
        for label, reward in zip(problem.labels, alpha / alpha.max(), strict=True)
    ],
)

# %% [markdown]
# First row: the image, and where four rules look. Second row: the maps that the QUBO chose. Third
# row: the rewards $h$. The QUBO may leave out an important map that repeats another one; of this
# image it takes the same maps as top-k, which looks at the importance alone.

# %% [markdown]
# ## How hard is it?
#
# The anneal runs from $H_D = -\sum_p \sigma^x_p$ to the problem, $H(s) = (1-s) H_D + s H_P$.
# Branch and bound brackets the smallest gap over *all* $s$, not only over the points of a grid.

# %%
H = qx.AnnealHamiltonian(problem, schedule=qx.LINEAR, driver=qx.TransverseField())
gap = qx.minimum_gap(H, rtol=1e-3)
print(gap)
print(f"{gap.eigensolves} eigen-solves; the minimum is certified to lie in")
print(f"[{gap.lower:.6f}, {gap.value:.6f}]")

# %% [markdown]
# The classical gap, the distance of the two lowest energies of the QUBO itself, is printed beside
# it. If the two are close and s\* is near 1, the "quantum" gap tells little more than the QUBO's
# own level spacing. Notebook 3 looks inside.

# %% [markdown]
# ## Will it succeed?
#
# Two null models stand beside the success probability: every qubit swept alone, and a random
# guess.

# %%
taus = np.geomspace(1, 200 if SMALL else 1000, 7 if SMALL else 16)
curve = qx.success_curve(H, taus)
figure, axis = plt.subplots(figsize=(6, 3.6), layout="constrained")
axis.plot(taus, curve.success, color=BLUE, marker="o", label="Schrödinger equation")
axis.plot(taus, curve.product, color=ORANGE, linestyle="--", label="independent qubits (null)")
axis.axhline(curve.random_guess, color=GREY, linestyle=":", label="random guess")
axis.set(xscale="log", yscale="log", xlabel="anneal time tau", ylabel="success probability")
axis.grid(alpha=0.25)
axis.legend(frameon=False)
print(f"largest error estimate: {curve.errors.max():.0e}")
plt.show()

# %% [markdown]
# What matters in practice is the time until a ground state has been read with 99 % probability:
# the best anneal time balances success against length.

# %%
best = qx.optimal_tts(curve)
print(f"{best.runs:.0f} runs of tau = {best.tau:.0f}: {best.tts:.0f} in all")
if best.at_end:
    print("that is an end of the curve, so the best anneal time may lie outside")
print(f"there are 2^d = {2**problem.num_qubits} states to look at without any annealing")

# %% [markdown]
# ## Does reality agree?
#
# Simulated annealing is no quantum annealer, so it need not agree: the comparison says how far
# apart the two are and whether chance could do it.

# %%
run = qx.anneal(H, tau=50, method=qx.SplitOperator(tol=1e-6))
reads = qx.sample(problem, num_reads=1000, seed=1)
own = run.sample(1000, seed=1)
print("simulated annealing:\n", qx.compare(run, reads, seed=1), sep="")
print("\nreads of the prediction itself:\n", qx.compare(run, own, seed=1), sep="")

# %%
levels = qx.samples.energy_levels(problem)
index = levels.index(problem.diagonal, problem.ground_tolerance)
predicted = np.bincount(index, run.probabilities, minlength=levels.energies.size)
shown = min(12, levels.energies.size)
place = np.arange(shown)
figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
axis.plot(place, predicted[:shown], "_", color="black", markersize=22, label="predicted, tau = 50")
for shift, (name, drawn, colour) in enumerate(
    [("reads of the prediction", own, BLUE), ("simulated annealing", reads, ORANGE)]
):
    counts = qx.samples.level_counts(levels, qx.samples.align(problem, drawn))
    ends = np.array([qx.statistics.jeffreys_interval(k, 1000) for k in counts.tolist()])[:shown]
    share = counts[:shown] / 1000
    bars = np.maximum([share - ends[:, 0], ends[:, 1] - share], 0)
    axis.bar(place + 0.36 * shift - 0.18, share, 0.34, yerr=bars, color=colour, label=name)
axis.set(xlabel="energy level (0 = ground state)", ylabel="share of 1000 reads", xticks=place)
axis.set(yscale="log", ylim=(1e-3, 1.5))
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# Bars with 95 % Jeffreys intervals (of levels that were never read only the upper end shows), the
# prediction as black strokes. The reads drawn from the prediction follow it, as they must; those
# of simulated annealing come from another process.

# %% [markdown]
# ## Was annealing needed?

# %%
chosen.to_frame()

# %% [markdown]
# `is_optimal` is against the exact optimum, proven by branch and bound. One image decides
# nothing: notebook 5 asks the same of many.
