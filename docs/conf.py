"""Sphinx configuration: `make docs` builds the site, warnings being errors."""

import os
import sys
from pathlib import Path

import qxgap

sys.path.insert(0, str(Path(__file__).parent))
import pages  # beside this file

project = "qxgap"
author = copyright = "The qxgap developers"
release = version = qxgap.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "signatures",  # beside this file
]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"qxgap {release}"

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
