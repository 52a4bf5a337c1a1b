"""Sphinx configuration: `make docs` builds the site, warnings being errors."""

import os
import sys
from pathlib import Path

import qxgap

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the benchmarks
sys.path.insert(0, str(Path(__file__).parent))
import names  # beside this file
import pages

project = "qxgap"
author = copyright = "The qxgap developers"
release = version = qxgap.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "figures",  # beside this file
    "formulas",
    "signatures",
]
exclude_patterns = ["_build", "reference/generated"]
html_theme = "furo"
html_title = f"qxgap {release}"
html_static_path = ["static"]
html_css_files = ["qxgap.css"]
html_math_renderer = "mathml"
smartquotes_action = "qe"  # leave the hyphens of --options

os.environ.setdefault("QXGAP_NOTEBOOK_SIZE", "small")  # the notebooks' pages show these results
nb_execution_mode = "off" if pages.write_all(Path(__file__).parent) else "cache"
nb_execution_timeout = 1800
nb_execution_raise_on_error = True
nb_merge_streams = True

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3

autosummary_generate = False
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 90
autodoc_member_order = "bysource"
numpydoc_show_class_members = False


def _find_short_name(app, env, node, contnode):
    """Lead a reference to ``qxgap.name`` to the package that documents the name."""
    parts = node.get("reftarget", "").split(".")
    if node.get("refdomain") != "py" or parts[0] != "qxgap" or len(parts) not in (2, 3):
        return None
    home = names.home(parts[1]) if parts[1] in names.public("qxgap") else None
    if home is None:
        return None
    target = ".".join([home, *parts[1:]])
    domain = env.get_domain("py")
    return domain.resolve_xref(
        env, node["refdoc"], app.builder, node["reftype"], target, node, contnode
    )


def setup(app):
    """Connect to Sphinx."""
    app.connect("missing-reference", _find_short_name)
