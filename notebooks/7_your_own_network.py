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
# # 7. Your own network
#
# Any `torch.nn.Module` will do. This notebook writes and trains one, and takes it all the way:
# maps and gradients, QUBO, gap and anneal, selections, explanation maps and their metrics.
#
# The question at the end: **does the QUBO's choice of maps explain the classification better than
# simpler choices?** The answer is as strong as its interval, and no stronger.

# %%
# %matplotlib inline
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from torch import nn

import qxgap as qx
from qxgap import plotting

SMALL = os.environ.get("QXGAP_NOTEBOOK_SIZE") == "small"  # the reduced size that CI runs
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#7F7F7F"

# %% [markdown]
# ## A network and its training
#
# Twelve feature maps after a ReLU, and *two* linear layers behind them: with a single one the
# importance of a map could not depend on the image (more on this below). Of the 500 digits that
# come with the package 350 are for training.


# %%
class SmallNet(nn.Module):
    """Two convolutions, twelve maps of 14 x 14, and a head of two linear layers."""

    def __init__(self, num_maps=12, num_classes=10):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.maps = nn.Sequential(nn.Conv2d(8, num_maps, 3, padding=1), nn.ReLU())
        self.head = nn.Sequential(
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(num_maps * 49, 48),
            nn.ReLU(),
            nn.Linear(48, num_classes),
        )

    def forward(self, images):
        """Logits of the ten digits."""
        return self.head(self.maps(self.first(images)))


images, labels = qx.xai.digits_images()
order = torch.randperm(len(images), generator=torch.Generator().manual_seed(1))
train, test = order[:350], order[350:]
torch.manual_seed(1)
network = SmallNet()
optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
losses, held_out = [], []
for _ in range(15 if SMALL else 40):
    network.train()
    total = 0.0
    for rows in train[torch.randperm(len(train))].split(50):
        loss = nn.functional.cross_entropy(network(images[rows]), labels[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total += loss.item() * len(rows) / len(train)
    network.eval()
    with torch.no_grad():
        losses.append(total)
        held_out.append(float(nn.functional.cross_entropy(network(images[test]), labels[test])))

with torch.no_grad():
    correct = network(images[test]).argmax(dim=1) == labels[test]
low, high = qx.statistics.jeffreys_interval(int(correct.sum()), len(test))
print(f"{int(correct.sum())} of {len(test)} held-out digits right: {low:.0%} to {high:.0%}")

# %%
figure, axis = plt.subplots(figsize=(5.4, 3.2), layout="constrained")
epochs = np.arange(1, len(losses) + 1)
axis.plot(epochs, losses, "o-", markersize=3, color=BLUE, label="training")
axis.plot(epochs, held_out, "s-", markersize=3, color=ORANGE, label="held out")
axis.set(xlabel="epoch", ylabel="mean cross entropy", yscale="log")
axis.grid(alpha=0.25)
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# ## From the network to QUBOs
#
# `capture` takes the name of a layer, as in `network.named_modules()`, and leaves the network as
# it was. As in the paper, only images that are classified correctly are explained.

# %%
shown = test[correct][: 60 if SMALL else 130]
seen = qx.xai.capture(network, images[shown], layer="maps")
print("maps:", tuple(seen.maps.shape))
print(qx.xai.check_head(seen))

packaged = qx.xai.load_network("digits")
print(f"the packaged network: {qx.xai.check_layer(packaged, images[:40], packaged.HOOK)}")

# %% [markdown]
# The packaged network has the last block of arXiv 2604.25649, whose head is linear in the maps: all
# images of a class share one set of importances there, and only the redundancies $J$ are an image's
# own. `check_head` and `check_layer` say so of any network.

# %%
found = [
    qx.xai.selectable_maps(maps, gradients)
    for maps, gradients in zip(seen.maps, seen.gradients, strict=True)
]
sizes = pd.Series([len(one.labels) for one in found])
print("maps that compete (d), and how many images:", sizes.value_counts().sort_index().to_dict())
kept = np.flatnonzero(sizes > 1)
problems = [qx.xai.feature_selection(seen.maps[i], seen.gradients[i], 0.7) for i in kept]

# %% [markdown]
# ## Gap and anneal
#
# Images whose QUBO has at least two variables; `anneal_many` runs them side by side.

# %%
number = 12 if SMALL else 40
hamiltonians = [qx.AnnealHamiltonian(problem) for problem in problems[:number]]
gaps = [qx.minimum_gap(H) for H in hamiltonians]
runs = qx.anneal_many(hamiltonians, 50.0)
table = pd.DataFrame(
    {
        "digit": seen.predicted[kept[:number]].numpy(),
        "d": [problem.num_qubits for problem in problems[:number]],
        "gap": [gap.value for gap in gaps],
        "gap_lower": [gap.lower for gap in gaps],
        "classical_gap": [gap.classical_gap for gap in gaps],
        "s_star": [gap.s_star for gap in gaps],
        "success": [run.success_probability for run in runs],
        "independent": [qx.product_success(H, 50.0) for H in hamiltonians],
    }
)
table.round(4).head(6)

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
dots = {"s": 30, "alpha": 0.8, "cmap": "viridis", "c": table.d}
axes[0].scatter(table.classical_gap, table.gap, **dots)
picture = axes[1].scatter(table.independent, table.success, **dots)
axes[0].set(xscale="log", yscale="log", xlabel="classical gap", ylabel="minimum gap")
axes[1].set(xlabel="independent qubits, tau = 50", ylabel="success probability, tau = 50")
for axis in axes:
    axis.axline((0.1, 0.1), (0.2, 0.2), color="black", linestyle="--", linewidth=1)
    axis.grid(alpha=0.25)
figure.colorbar(picture, ax=axes, label="qubits d", ticks=sorted(table.d.unique()))
plt.show()

# %% [markdown]
# A dot per image; on the dashed lines both numbers are equal. Left: how much of the minimum gap
# is the QUBO's own level spacing. Right: how much of the success is that of qubits annealed
# alone.

# %% [markdown]
# ## Selections, and what they look at

# %%
chosen = [qx.selections(problem, seed=1) for problem in problems]
optimal = pd.DataFrame(
    {name: one.is_optimal(labels) for name, labels in one.by_method.items()} for one in chosen
)
for name, hits in optimal.items():
    low, high = qx.statistics.jeffreys_interval(int(hits.sum()), len(hits))
    print(f"{name}: an optimum in {hits.sum()} of {len(hits)} images, {low:.0%} to {high:.0%}")

# %%
size = images.shape[-2:]


def cams(method):
    """Explanation maps (n, 28, 28) of one rule for all images with a QUBO."""
    return torch.stack(
        [
            qx.xai.subset_cam(seen.maps[i], found[i].alpha, one.by_method[method], size)
            for i, one in zip(kept, chosen, strict=True)
        ]
    )


rules = {
    "QUBO": cams("exact"),
    "top-k": cams("top-k"),
    "random-k": cams("random-k"),
    "all positive": cams("all positive"),
    "Grad-CAM": torch.stack([qx.xai.grad_cam(seen.maps[i], seen.gradients[i], size) for i in kept]),
}
predicted = seen.predicted[kept]
first = [int(np.flatnonzero(predicted == digit)[0]) for digit in predicted.unique().tolist()][:8]
plotting.explanation_maps(
    [images[shown[kept[i]], 0].numpy() for i in first],
    {name: [rule[i].numpy() for i in first] for name, rule in rules.items()},
    [f"{int(predicted[i])}: {chosen[i].k} of {problems[i].num_qubits}" for i in first],
)

# %% [markdown]
# A column per image: the digit, and how many of the selectable maps the QUBO takes. `random-k`
# takes as many, drawn blindly: a map that looks convincing need not mean much.

# %% [markdown]
# ## Do they explain the classification?
#
# Average Drop: the loss of confidence, in percent, when everything outside the explanation is
# removed; lower is better. It depends on how much a mask keeps, so the coverage stands beside it,
# and a second mask keeps the same quarter of the image for every rule.

# %%
originals = images[shown[kept]]
masks = {"soft": qx.xai.SoftMask(), "a quarter of the area": qx.xai.AreaMask(0.25)}
scores = {
    (name, mask): qx.xai.mask_scores(network, originals, rule, predicted, masks[mask])
    for name, rule in rules.items()
    for mask in masks
}
for (name, mask), score in scores.items():
    print(f"{name:13}{mask:22} {score}")

# %%
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.4), layout="constrained", sharey=True)
others = [name for name in rules if name != "QUBO"]
for axis, mask in zip(axes, masks, strict=True):
    differences = [
        qx.statistics.paired_difference(
            scores["QUBO", mask].drop, scores[name, mask].drop, predicted, seed=1
        )
        for name in others
    ]
    for place, difference in enumerate(differences):
        low, high = difference.wider_interval
        colour = ORANGE if difference.excludes_zero else GREY
        axis.plot([low, high], [place, place], color=colour, linewidth=2)
        axis.plot(difference.mean, place, "D", color=colour)
        sign = "differs" if difference.excludes_zero else "no difference shown"
        print(f"{mask}: QUBO minus {others[place]} {difference}: {sign}")
    axis.axvline(0, color="black", linestyle="--", linewidth=1)
    axis.set(title=f"mask: {mask}", xlabel="Average Drop, QUBO minus other (points)")
    axis.grid(alpha=0.25)
axes[0].set_yticks(range(len(others)), [f"against {name}" for name in others])
axes[0].invert_yaxis()
plt.show()

# %% [markdown]
# Differences on the same images with 95 % intervals, the wider one of resampling images and
# resampling digits. Right of the line the QUBO loses more confidence, left of it less. Grey
# intervals hold zero: these images do not tell the two rules apart. With eight intervals, one
# that misses zero by chance is no rarity; a real study takes more images and several trained
# networks (`benchmarks/xai/average_drop.py`).

# %% [markdown]
# ## Keep it
#
# A QUBO is a file, for other tools or for a study of thousands (`qxgap study`):

# %%
with TemporaryDirectory() as folder:
    qx.save(problems[0], Path(folder) / "image-0.npz")
    again = qx.load(Path(folder) / "image-0.npz")
print(again.content_hash == problems[0].content_hash)

# %% [markdown]
# On the command line the same takes a function that returns the trained network:
# `qxgap qubo --model package.module:function --layer maps --images FOLDER -o DIR`.
