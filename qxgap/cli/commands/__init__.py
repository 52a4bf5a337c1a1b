"""The commands of ``qxgap``: the module of each has its name and the function ``NAME_command``.

:func:`qxgap.cli.app.load_command` imports the module when the command is run.
"""
