"""The entry point: the list of the commands, their loading, and errors as exit statuses.

A command's module is imported when that command is run or its help is shown, so that
``qxgap --help`` needs none of the libraries that compute.
"""

from __future__ import annotations

import errno
import importlib
import io
import sys
import traceback
from collections import Counter
from contextvars import ContextVar
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from ..errors import InputError
from ..version import __version__
from .failures import failures
from .interrupt import INTERRUPTED, Interrupted, leave_at_once
from .words import printable

PANELS = {
    "All four questions": {
        "check": "Answer all four questions about one problem, and write its page.",
        "study": "Compute a study of many problems, or the rest of an interrupted one.",
        "report": "Write the report of a study as one self-contained page.",
        "demo": "Run the whole chain on embedded images of digits, from a network to a report.",
    },
    "How hard is it?": {
        "gap": "Compute the smallest gap of the anneal of each problem, with a proven bound.",
    },
    "Will it succeed?": {
        "anneal": "Compute the success probability of each problem at each anneal time.",
        "embed": "Estimate the cost of embedding a problem into an annealer.",
        "schedule": "Write the anneal schedule of a problem as points that an annealer accepts.",
    },
    "Does reality agree?": {
        "sample": "Draw samples of a problem, write them to a file, and count those that reach "
        "the optimum.",
        "compare": "Compare samples of a problem with the predictions of models.",
    },
    "Was annealing needed at all?": {
        "select": "Compare the exact selection with simple rules that need no annealing.",
        "reduce": "Fix the variables with a certain optimal value, and write the smaller problem.",
    },
    "Images and networks": {
        "qubo": "Build the selection problem (QUBO) of every image.",
        "explain": "Explain images by the maps that the QUBO selects, with pictures and metrics.",
    },
    "Publications": {
        "cite": "Print the BibTeX entries of the methods that a study used.",
    },
}
"""The commands by the question that they answer, in the order of ``qxgap --help``, and the first
sentence of the help of each."""

COMMANDS = {name: text for commands in PANELS.values() for name, text in commands.items()}
"""The first sentence of the help of every command."""

VERBOSE = ContextVar("verbose", default=False)
"""Whether the place in the code where an error arose is printed before its message."""

SHOWN_NAME = 60
"""Number of characters that are printed of a file name that is too long."""

UsageError: Any = typer.BadParameter.__mro__[1]
"""The class of click's usage errors, from the copy of click that typer uses."""


class OptionOnceCommand(TyperCommand):
    """A command that refuses an option that is given twice, since only the last would count."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse ``args`` into ``ctx``, as every command does."""
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for parameter, number in Counter(given).items():
            takes_a_value = isinstance(parameter, TyperOption) and not parameter.is_flag
            if number > 1 and takes_a_value and not parameter.multiple:
                name = max(parameter.opts, key=len)
                raise InputError(f"{name} is given {number} times; give it once")
        return super().parse_args(ctx, args)


class CommandGroup(TyperGroup):
    """The commands, each loaded when it is run; before, only its help text is known."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the name, the loaded command and the rest of ``args``."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name in COMMANDS else command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; typer itself would end after Ctrl-C without a message."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted("interrupted") from None
        finally:
            _say_where_code_is()


def _say_where_code_is() -> None:
    """Name the folder in which numba stores compiled code, if that is not the usual one."""
    compiled = sys.modules.get(f"{__package__.rpartition('.')[0]}.compiled")
    if compiled is not None and compiled.CACHE_NOTE is not None:
        typer.echo(f"qxgap: {compiled.CACHE_NOTE}", err=True)


def load_command(name: str) -> Any:
    """Import the module of a command and return the command.

    Ctrl-C during the import ends the process.
    """
    with leave_at_once():
        module = importlib.import_module(f".commands.{name}", __package__)
    single = _application()
    single.command(name=name, cls=OptionOnceCommand)(getattr(module, f"{name}_command"))
    return typer.main.get_command(single)


def _application(add_completion: bool = False, **options: Any) -> typer.Typer:
    return typer.Typer(
        add_completion=add_completion,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        **options,
    )


app = _application(
    True,
    cls=CommandGroup,
    epilog="Begin with `qxgap demo`, or with `qxgap check FILE` for a problem of your own. "
    "`qxgap COMMAND --help` explains a command.",
)


def _set_verbose(wanted: bool) -> None:
    VERBOSE.set(wanted)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qxgap {__version__}")
        raise typer.Exit


@app.callback()
def _qxgap(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            help="If a command fails, print also where in the code (the traceback).",
            is_eager=True,
            callback=_set_verbose,
        ),
    ] = False,
) -> None:
    """Find out whether a quantum annealer can solve your problem, and whether you need one.

    A problem is a QUBO: variables that are 0 or 1, rewards, and couplings of pairs.
    """


def _list_only() -> None:
    """Do nothing: this function represents a command in the list of commands."""


for _panel, _commands in PANELS.items():
    for _name, _summary in _commands.items():
        app.command(name=_name, help=_summary, rich_help_panel=_panel)(_list_only)


def main() -> None:
    """Run the command line; a user's mistake is one line on stderr and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for names that no encoding has
    arguments = sys.argv[1:] or ["--help"]
    VERBOSE.set(False)
    try:
        status = app(arguments, prog_name="qxgap", standalone_mode=False)
    except InputError as error:  # a missing extra too
        _fail(str(error), 2)
    except UsageError as error:
        _fail(error.format_message(), 2)
    except Interrupted as error:
        _fail(str(error), INTERRUPTED)
    except MemoryError as error:
        _fail(f"out of memory: {error or 'nothing more is free'}", 1)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            name = str(error.filename)
            shown = name if len(name) <= SHOWN_NAME else f"{name[:SHOWN_NAME]}..."
            _fail(f"{shown}: the name is too long for this file system; give a shorter one", 2)
        _fail(str(error), 1)
    except (typer.Abort, KeyboardInterrupt):
        _fail("interrupted", INTERRUPTED)
    except failures() as error:
        _fail(str(error), 1)
    sys.exit(status)


def _fail(message: str, status: int) -> NoReturn:
    if sys.stderr is not None:  # else closed by the shell
        if VERBOSE.get():
            traceback.print_exc()
        print("qxgap:", printable(" ".join(message.split())), file=sys.stderr)
    sys.exit(status)
