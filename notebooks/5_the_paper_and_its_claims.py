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
# # 5. The paper and its claims: do they hold?
#
# **For whom:** readers of "Towards interpretable AI with quantum annealing feature selection"
# (arXiv 2604.25649), and everyone who reads such papers.
#
# **Afterwards you know** how to run the paper's experiment on many images, which simpler
# explanation to put beside each of its five claims, and how to read an interval.

# %%
import os
import tempfile

import numpy as np

import qxgap as qx
from qxgap import plotting
from qxgap.report import findings

small = os.environ.get("QXGAP_NOTEBOOK_SIZE") == "small"  # a quick run, for tests
folder = tempfile.mkdtemp()
report = qx.report.run_demo(folder, network="digits", per_class=1 if small else 6)
results = qx.report.load_results(folder)
plotting.gap_against_classical(results.gap)

# %% [markdown]
# **On the dashed line the smallest gap of the anneal is the distance of the two best selections
# themselves: a property of the QUBO, and not of annealing.**
#
# Each dot is an image. This is the most important figure of this lesson: whatever the smallest gap
# does as the problems grow, the QUBO alone does the same.

# %% [markdown]
# ## What was done?
#
# The paper takes a CNN and selects, for each image, the feature maps that explain the class, by
# simulated quantum annealing. We do the same with a small CNN for digits that comes with this
# package and ends in the paper's last block. These are other images and another network than the
# paper's. What we see here is a statement about them.
#
# Two *drivers* are compared: that of the paper's text has strength 1, and that of its authors' code
# has strength 1/d for d qubits.

# %%
for answer in report.answers:
    print(answer, end="\n\n")

# %% [markdown]
# The whole report is one page, at `report.path`. Here we take it claim by claim. A finding is a
# sentence with its interval; it claims no more than the interval holds.


# %%
context = findings.Context(results)


def say(found):
    """Print what was found, without the details."""
    print(*[finding for finding in found if not finding.minor], sep="\n\n")


say(findings.problem_findings(context))

# %% [markdown]
# ## Claim 1: annealing selects the right maps
#
# True, but does it need annealing? Other rules select maps too.

# %%
say(findings.need_findings(context))

# %% [markdown]
# A greedy search takes microseconds. And does the best selection explain the class better than
# other selections? *Average Drop* is the confidence that is lost when all but the explanation is
# removed.

# %%
scores = qx.analysis.score_means(results.xai, "drop_soft", seed=1)
plotting.average_drop(scores)

# %%
say(findings.explanation_findings(context))

# %% [markdown]
# "No difference can be shown" is not "there is none". It says that so few images cannot tell. With
# more images an interval gets narrower, like one over the square root of their number.

# %% [markdown]
# ## Claim 2: the gap falls as 1/d, so annealing is efficient
#
# First ask *where* the gap is smallest. s = 1 is the end of the anneal.

# %%
plotting.minimum_position(results.gap)

# %%
say(findings.gap_findings(context))

# %% [markdown]
# Then ask how it depends on the number of qubits d.

# %%
plotting.gap_by_size(results.gap)

# %%
say(findings.scaling_findings(context))

# %% [markdown]
# The classical gap, the dotted line, has the same trend. So the trend is one of the QUBOs. A bound
# on the time of an anneal does not follow from it.

# %% [markdown]
# ## Claim 3: failures are Landau-Zener transitions
#
# If a law described all anneals, all dots would lie on one line. Left: Landau and Zener's law.
# Middle: the squared gap. Right: no gap at all, every qubit annealed on its own.

# %%
points = qx.analysis.collapse_points(results.success, results.gap)
plotting.success_collapse(points[points.y > 0])

# %%
say(findings.law_findings(context))

# %% [markdown]
# Agreement with a law is no evidence for it as long as a simpler law agrees as well.

# %% [markdown]
# ## Claim 4: the couplings are Gaussian, as in a spin glass
#
# In the spin glass of Sherrington and Kirkpatrick couplings are positive and negative alike, with a
# mean of zero. Here a coupling is how much two maps look alike.

# %%
values = np.concatenate(list(results.instances.couplings)) / 0.3  # weighed by 1 - 0.7 in the QUBO
plotting.coupling_histogram(values, qx.analysis.fit_laws(values))

# %%
say(findings.coupling_findings(context))

# %% [markdown]
# None is negative, and so their mean is not zero: all maps push each other out of the selection. A
# theory of the spin glass with mean zero does not speak of such problems.

# %% [markdown]
# ## Claim 5: at long times success does not depend on d

# %%
plotting.success_by_size(results.success)

# %%
say(findings.success_findings(context))

# %% [markdown]
# The answer depends on the driver, which the paper's text and its code have differently: both pass
# the same states, at another pace. A statement about success needs the driver beside it.

# %% [markdown]
# ## Try it
#
# **1.** How narrow would the interval of an exponent get with networks of several sizes?
#
# <details><summary>Answer</summary>
#
# Describe the study yourself; it runs a few minutes.
#
# ```python
# names = ["digits", "digits-24", "digits-32"]
# study = qx.study.Study(
#     networks=[qx.study.Network(name, per_class=6) for name in names],
#     tasks=["gap", "success"],
#     conventions=["paper", "authors-code"],
#     tau=[10, 50, 100],
#     max_qubits=14,
# )
# print(study)  # qx.study.run_study(study, "three-networks") runs it
# ```
#
# </details>
#
# **2.** Which image has the smallest gap, and what is it?
#
# <details><summary>Answer</summary>
#
# ```python
# hardest = results.gap.sort_values("gap").iloc[0]
# print(hardest[["name", "class_name", "num_qubits", "gap", "classical_gap"]])
# ```
#
# </details>
#
# **3.** A sentence above has an interval that holds its reference. What may you conclude?
#
# <details><summary>Answer</summary>
#
# Only that these data do not exclude the reference. An interval from 0.9 to 1.1 around 1 says more
# than one from -1 to 3, though both hold 1.
#
# </details>

# %% [markdown]
# ## What did you learn?
#
# Each claim has a simpler rival: a greedy search, the classical gap, qubits that are annealed
# alone. A claim stands only if the data tell it from its rival, and an interval says whether they
# do. Of these images, none of the five claims is evidence that quantum annealing was needed.
#
# **Next:** [6. Theory against D-Wave](6_theory_against_dwave.ipynb)
