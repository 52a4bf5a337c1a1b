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
# # 7. Your own network: does the QUBO explain it better than simpler rules?
#
# **For whom:** people of explainable AI with a PyTorch network. You need no quantum mechanics.
#
# **Afterwards you know** how to explain an image by the feature maps that a QUBO selects, how to
# compare that with top-k, random maps and Grad-CAM, and how sure the comparison is.

# %%
import os

import qxgap as qx

small = os.environ.get("QXGAP_NOTEBOOK_SIZE") == "small"  # a quick run, for tests
images, labels = qx.xai.digits_images()
packaged = qx.xai.open_network("digits")
qx.explain.explain_image(packaged, images[0], seed=1).plot()

# %% [markdown]
# **The bright places are what the network saw, as far as the selected feature maps show it.**
#
# The last layers of a CNN hold feature maps: small images of where something was found. Some matter
# for the class, and some repeat each other. The QUBO rewards maps that matter and fines pairs that
# repeat each other. Its lowest energy is a short list of maps, and their sum is the explanation.

# %% [markdown]
# ## A network of your own
#
# Any `torch.nn.Module` will do. This one has twelve feature maps, in the layer named `maps`, and
# two linear layers behind them.

# %%
from collections import OrderedDict

import torch
from torch import nn

torch.manual_seed(1)
first = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
maps = nn.Sequential(nn.Conv2d(8, 12, 3, padding=1), nn.ReLU())
head = nn.Sequential(
    nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12 * 49, 48), nn.ReLU(), nn.Linear(48, 10)
)
network = nn.Sequential(OrderedDict(first=first, maps=maps, head=head))

# %%
rows = qx.xai.split_rows(images.numpy(), labels, {"train": 0.6, "check": 0.1, "test": 0.3}, seed=1)
parts = {
    name: torch.utils.data.TensorDataset(images[part], labels[part]) for name, part in rows.items()
}
history = qx.xai.fit(network, parts["train"], parts["check"], epochs=30, seed=1, learning_rate=3e-3)
qx.plotting.loss_curves(history.train_loss, history.validation_loss, history.best_epoch)

# %%
loss, accuracy = qx.xai.evaluate(network, parts["test"])
number = len(parts["test"])
low, high = qx.statistics.jeffreys_interval(round(accuracy * number), number)
print(
    f"{accuracy:.0%} of {number} unseen digits are right; the interval is {low:.0%} to {high:.0%}"
)

# %% [markdown]
# ## Explain it
#
# An explainer needs the network and the name of a layer, as in `network.named_modules()`. It
# explains what the network *predicts*, right or wrong. We take unseen digits.

# %%
explainer = qx.explain.Explainer(network, "maps", seed=1)
chosen = rows["test"][: 40 if small else 120]
names = [f"digit {row}" for row in chosen]
explanations = list(explainer.explain(names, images[chosen], labels[chosen]))
print(explanations[0])
explanations[0].plot()

# %% [markdown]
# One look at all methods for the same image, with numbers below. *Drop* is the confidence that the
# network loses when everything outside the bright places is removed: low is good.

# %%
table = qx.explain.score(explainer, explanations, qx.explain.Metrics(steps=0))
qx.explain.picture(explanations[0], table[table.name == names[0]])

# %% [markdown]
# ## Is the selection better than simpler ones?
#
# A picture convinces, whatever it shows: `random-k` takes as many maps as the QUBO, blindly, and
# looks fine too. So we take all images and subtract, image by image, the drop of each simpler rule
# from that of the QUBO. To be fair, each rule may keep the same quarter of the image.

# %%
drops = qx.explain.differences(table, seed=1)["area"]
values = {f"against {name}": (drop.mean, *drop.wider_interval) for name, drop in drops.items()}
xlabel = "Average Drop, QUBO minus other rule (percentage points)"
qx.plotting.values_with_intervals(values, xlabel, reference=0.0)

# %% [markdown]
# Left of the dashed line the QUBO is better, right of it worse. A grey interval holds zero: these
# images do not tell the two apart. That is not a proof that they are equal.
#
# With six comparisons, one interval that misses zero by chance is no rarity. A study for a paper
# takes more images, several trained networks, and corrects for the number of comparisons.

# %%
qx.explain.summary(table).filter(regex="selected|area").round(1)

# %% [markdown]
# ## Does the importance depend on the image?
#
# For some networks it cannot. If a *single* linear layer follows the maps, as in the paper, all
# images of a class share one list of importances, and only the redundancies are an image's own.

# %%
print("this network: ", qx.xai.check_layer(network, images[:40], "maps"))
print("the packaged one:", qx.xai.check_layer(packaged.module, images[:40], packaged.layer))

# %% [markdown]
# ## Was a quantum annealer needed?
#
# The problem of each image is an ordinary QUBO, so all of qxgap takes it.

# %%
problem = max((e.instance.problem for e in explanations), key=lambda p: p.num_qubits if p else 0)
print(qx.minimum_gap(problem))
qx.selections(problem, seed=1).to_dataframe()

# %% [markdown]
# The first row is the proven optimum, found without an annealer in milliseconds. `qx.save` writes
# the problem to a file for other tools; `qxgap explain` does all of this on the command line, for a
# folder of images.

# %% [markdown]
# ## Try it
#
# **1.** `tradeoff` weighs importance against redundancy, from 0 to 1. What does 0.3 do to the
# number of selected maps?
#
# <details><summary>Answer</summary>
#
# It selects fewer maps: repetition is fined more, importance rewarded less.
#
# ```python
# for tradeoff in (0.3, 0.7, 0.9):
#     bold = qx.explain.Explainer(network, "maps", tradeoff=tradeoff, seed=1)
#     one = next(bold.explain(names, images[chosen], labels[chosen]))
#     print(tradeoff, len(one.selections["exact"]))
# ```
#
# </details>
#
# **2.** Take the layer `first` instead of `maps`. What changes?
#
# <details><summary>Answer</summary>
#
# Eight maps compete instead of twelve, and they show strokes and edges rather than parts of digits.
#
# ```python
# early = qx.explain.Explainer(network, "first", seed=1)
# print(next(early.explain(names, images[chosen], labels[chosen])))
# ```
#
# </details>
#
# **3.** Which images does the network get wrong, and what did it look at?
#
# <details><summary>Answer</summary>
#
# The explanation is that of the wrong class, which is often the most useful one to see.
#
# ```python
# wrong = [e for e in explanations if e.instance.pred != e.instance.label]
# wrong[0].plot() if wrong else "all are right"
# ```
#
# </details>

# %% [markdown]
# ## What did you learn?
#
# One line explains an image, `explain_image`, and an `Explainer` explains many. A picture proves
# nothing; paired differences with intervals over many images do, and grey means "not decided". The
# QUBO's optimum is found without an annealer at this size, so the question is whether the
# *selection* is good, not whether it is quantum.
#
# **Next:** use your own images with `qx.xai.open_images`, or go back to [1. Quick
# start](1_quick_start.ipynb).
