"""One module for each command of ``qxgap``, named as the command, with ``NAME_command``."""
