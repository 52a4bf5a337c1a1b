"""The command line ``qxgap``, with one command for each kind of computation.

``main`` runs the command line as the installed script does. The exit status is 0 on success, 2 for
bad input (one line on stderr), 1 for a failure and 130 after Ctrl-C.
"""

from .app import main as main
