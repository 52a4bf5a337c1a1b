"""The command line. Exit status: 0 success, 2 bad input (one line on stderr), 1 failure."""

from __future__ import annotations

import io
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from .. import __version__
from ..compiled import CACHE_NOTE
from ..dynamics import IntegrationError
from ..errors import InputError
from ..linalg import ConvergenceError
from ..problem.baselines import selections
from ..problem.formats import save
from ..problem.qubo import QuboProblem
from ..problem.reduction import reduce
from ..problem.rules import RewardRule, ScaledTradeoff
from ..problem.size import SizeTerm
from .anneal import anneal_command
from .cite import cite as cite_command
from .compare import compare_command
from .gap import gap_command
from .interrupt import interruptible
from .options import AsJson, Files, OptionsOnce, PairWeight, Seed, load_all
from .output import (
    Interrupted,
    Row,
    Say,
    plain,
    print_each,
    print_rows,
    refuse_inputs,
    results_folder,
)
from .report import report as report_command
from .report import say_failures
from .samples import embed, sample_command
from .study import GOES_ON, Overwrite
from .study import study as study_command
from .tables import printable

if TYPE_CHECKING:
    from ..explain import ImageInstance
    from ..xai import ImageSource

INTERRUPTED = 130
"""Exit status after Ctrl-C; typer returns it too."""
CHECKED = 64
"""Images that the head check looks at."""
UsageError: Any = typer.BadParameter.__mro__[1]
"""click's own, wherever typer takes click from."""


class Commands(TyperGroup):
    """The commands; typer would take Ctrl-C for an exit that has said why."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted("interrupted") from None


app = typer.Typer(
    cls=Commands,
    help="Quantum-annealing analysis of feature-selection QUBOs.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"qxgap {__version__}")
        raise typer.Exit


@app.callback()
def _qxgap(
    version: Annotated[
        bool,
        typer.Option("--version", help="print it", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Analyse selection problems on quantum annealers."""


Model = Annotated[
    str,
    typer.Option(
        help="'digits', 'digits-24', 'digits-32', 'efficientnet-lite0', "
        "module:callable or file.py:callable"
    ),
]
Layer = Annotated[str | None, typer.Option(help="layer to select from; default its HOOK")]
Tradeoff = Annotated[float, typer.Option(help="the paper's beta")]
TradeoffAt = Annotated[int | None, typer.Option(help="at d maps; (1-tradeoff)/tradeoff ~ 1/d")]
Reward = Annotated[RewardRule, typer.Option(help="of h")]
Select = Annotated[int | None, typer.Option(help="K of a size term: weight (sum n - K)^2 is added")]
SizeWeight = Annotated[float, typer.Option(help="weight of the size term")]
Channels = Annotated[
    int | None, typer.Option(max=4096, help="image channels; default the network's INPUT")
]
Side = Annotated[int | None, typer.Option(max=4096, help="image side; default the network's INPUT")]


app.command(name="gap")(gap_command)
app.command(name="anneal")(anneal_command)
app.command(name="sample")(sample_command)
app.command(name="embed")(embed)


app.command(name="compare")(compare_command)


@app.command()
def select(
    files: Files,
    pair_weight: PairWeight = 1,
    nodes: Annotated[int, typer.Option(help="of branch and bound, per problem")] = 200_000,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Exact selection, greedy, top-k, random-k and all positive side by side; no annealing."""

    def rows(file: str, problem: QuboProblem, say: Say) -> Iterator[Row]:
        found = selections(problem, seed=seed, max_nodes=nodes)
        problem_row = {
            "instance": file,
            "num_qubits": problem.num_qubits,
            "num_fixed": found.optimum.num_fixed,
            "status": found.optimum.status.name.lower(),
            "lower": found.optimum.lower,
        }
        for method, row in found.to_frame().iterrows():
            yield {**problem_row, "method": method, **row.to_dict()}

    shared = ("instance", "num_qubits", "num_fixed", "status", "lower")
    show = partial(print_rows, as_json=as_json, group="instance", shared=shared)
    print_each(load_all(files, pair_weight), rows, show)


@app.command(name="reduce")
def reduce_command(
    files: Files,
    out: Annotated[Path, typer.Option("--out", "-o", help="folder for what remains (.json)")],
    pair_weight: PairWeight = 1,
    as_json: AsJson = False,
) -> None:
    """Fix variables whose optimal value is certain; write the smaller problem of equal energies."""
    problems = load_all(files, pair_weight)
    outputs = {file: out / f"{Path(file).stem}.json" for file in files}
    _require_distinct([Path(file).stem for file in files], "problems", ".json")
    refuse_inputs(outputs.values(), files)

    def rows(file: str, problem: QuboProblem, say: Say) -> Iterator[Row]:
        found = reduce(problem)
        rest = found.problem
        yield {
            "instance": file,
            "num_qubits": problem.num_qubits,
            "num_fixed": found.num_fixed,
            "first_order": found.num_first_order,
            "dominated": found.num_dominated,
            "roof_duality": found.num_roof_duality,
            "merged": found.num_merged,
            "unmergeable": len(found.unmergeable),
            "energy_fixed": found.energy,
            "file": str(save(rest, outputs[file])) if rest else None,
            "ones": [label for label, value in found.fixed.items() if value],
            "zeros": [label for label, value in found.fixed.items() if not value],
        }

    with results_folder(out):
        print_each(problems, rows, partial(print_rows, as_json=as_json))


@app.command()
def qubo(
    model: Model,
    images: Annotated[
        str, typer.Option(help="'digits', 'photographs', an image, a folder or an .npz file")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="folder for the .npz problems")],
    layer: Layer = None,
    tradeoff: Tradeoff = 0.7,
    tradeoff_at: TradeoffAt = None,
    reward_rule: Reward = RewardRule.MAX,
    select: Select = None,
    size_weight: SizeWeight = 1.0,
    channels: Channels = None,
    size: Side = None,
    as_json: AsJson = False,
) -> None:
    """Build the selection QUBO of every image; images without one are listed with their reason.

    Files count a pair once; pair weight 2 is chosen where they are read (gap --pair-weight 2).
    """
    from .. import explain

    network, hook, source = _network_and_images(model, images, layer, channels, size)
    files = [out / explain.problem_file(name) for name in source.names]
    _require_distinct([file.name for file in files], "images")
    refuse_inputs(files, _files_of(images))
    beta, terms = _selection(tradeoff, tradeoff_at, reward_rule, select, size_weight)
    with results_folder(out):
        rows = [
            _save_instance(item, out / explain.problem_file(item.name))
            for batch in source.batches()
            for item in explain.instances(network, hook, *batch, tradeoff=beta, **terms)
        ]
    print_rows(rows, as_json)
    _say_head(network, source, hook)
    _say_size(select, max((row["d"] for row in rows), default=0))


def _network_and_images(
    model: str, images: str, layer: str | None, channels: int | None, size: int | None
) -> tuple[Any, str, ImageSource]:
    """Network, hooked layer and images cropped to its input, as asked or as HOOK and INPUT say."""
    from .. import xai

    sys.path.insert(0, os.getcwd())
    network = xai.load_network(model)
    for option, value in (("--channels", channels), ("--size", size)):
        if value is not None and value < 1:
            raise InputError(f"{option} {value}; give at least 1")
    known = getattr(network, "INPUT", (0, 0))
    hook = layer or str(getattr(network, "HOOK", ""))
    shape = (channels or known[0], size or known[1])
    if not (hook and min(shape)):
        raise InputError(
            f"network {model!r} has no HOOK and INPUT; give --layer, --channels and --size"
        )
    return network, hook, xai.open_images(images, *shape, crop=True).for_network(network)


def _files_of(images: str) -> list[Path]:
    """Every file that ``images`` names: itself, or those of the folder and its class folders.

    A class folder may be a link, which ``rglob`` would not follow. Hidden folders are no classes.
    """
    path = Path(images)
    if not path.is_dir():
        return [path]
    classes = [p for p in path.iterdir() if p.is_dir() and not p.name.startswith(".")]
    return [file for folder in (path, *classes) for file in folder.iterdir() if file.is_file()]


def _selection(
    tradeoff: float, tradeoff_at: int | None, rule: RewardRule, select: int | None, weight: float
) -> tuple[float | ScaledTradeoff, dict[str, Any]]:
    """The tradeoff, and the other options of ``xai.feature_selection``."""
    beta = tradeoff if tradeoff_at is None else ScaledTradeoff(tradeoff, tradeoff_at)
    return beta, {
        "reward_rule": rule,
        "size_term": None if select is None else SizeTerm(select, weight),
    }


def _say_head(network: Any, source: ImageSource, layer: str, limit: int | None = None) -> None:
    """Whether alpha depends on the image, from the first images; on stderr, beside any results."""
    from .. import xai

    images = source.read(slice(0, min(limit or CHECKED, CHECKED)))
    for note in [str(xai.check_layer(network, images, layer)), *source.notes]:
        typer.echo(note, err=True)


def _say_size(select: int | None, largest: int) -> None:
    """Say on stderr that a size term asks for more maps than any image has."""
    if select is not None and select > largest:
        typer.echo(
            f"--select {select} is more than the {largest} maps that an image offers at most: the "
            "size term only pulls towards all of them",
            err=True,
        )


def _require_distinct(names: Iterable[str], what: str, suffix: str = "") -> None:
    """Refuse to write two results to one file."""
    ((name, number),) = Counter(names).most_common(1)
    if number > 1:
        raise InputError(f"{number} {what} would be written to {name}{suffix}; rename them")


def _save_instance(item: ImageInstance, path: Path) -> dict[str, Any]:
    row = {
        "file": str(save(item.problem, path)) if item.problem else None,
        "label": item.label,
        "pred": item.pred,
        "d": item.num_qubits,
        "num_maps": len(item.alpha),
        **item.selectable.counts,
    }
    return row if item.problem else {**row, "image": item.name, "status": item.status}


@app.command()
def explain(
    images: Annotated[
        str, typer.Argument(help="'digits', 'photographs', an image, a folder or an .npz file")
    ],
    model: Model,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="folder for pictures, problems, metrics")
    ],
    layer: Layer = None,
    tradeoff: Tradeoff = 0.7,
    tradeoff_at: TradeoffAt = None,
    reward_rule: Reward = RewardRule.MAX,
    select: Select = None,
    size_weight: SizeWeight = 1.0,
    channels: Channels = None,
    size: Side = None,
    limit: Annotated[int | None, typer.Option(help="only the first N images")] = None,
    steps: Annotated[int, typer.Option(help="of insertion and deletion; 0: none")] = 20,
    fill: Annotated[float, typer.Option(help="what removed pixels become")] = 0.0,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Picture which maps the QUBO chooses and where they look, with baselines and metrics."""
    from .. import explain, xai

    if limit is not None and limit < 1:
        raise InputError(f"--limit {limit}; give at least 1")
    if steps < 0:
        raise InputError(f"--steps {steps}; give 0, for no curves, or more")
    network, hook, source = _network_and_images(model, images, layer, channels, size)
    names = source.names[:limit]
    _require_distinct(map(explain.picture_file, names), "images")
    written = [
        make(name) for make in (explain.picture_file, explain.problem_file) for name in names
    ]
    refuse_inputs([out / name for name in (*written, "metrics.csv")], _files_of(images))
    beta, terms = _selection(tradeoff, tradeoff_at, reward_rule, select, size_weight)
    explainer = explain.Explainer(network, hook, beta, seed, terms)
    metrics = explain.Metrics(fill=xai.Constant(fill), steps=steps)
    tables: list[Any] = []
    kept = f"what was explained is kept in {out}"
    with results_folder(out), interruptible(lambda: f"{kept} (images: {len(tables)})"):
        for table in explain.explain_images(explainer, source, out, metrics, limit=limit):
            tables.append(table)
    _print_explanations(tables, seed, as_json)
    _say_head(network, source, hook, limit)
    _say_size(select, max(int(table.num_qubits.max()) for table in tables))


def _print_explanations(tables: Sequence[Any], seed: int, as_json: bool) -> None:
    """Every row of the images' tables as JSON, or what they say."""
    import pandas as pd

    from .. import explain

    table = pd.concat(tables, ignore_index=True)
    if as_json:
        rows = table.astype(object).where(table.notna(), None).to_dict("records")
        typer.echo(json.dumps(plain(rows), indent=1, allow_nan=False, default=lambda x: x.item()))
        return
    typer.echo(explain.describe(table, seed=seed))


app.command(name="study")(study_command)
app.command(name="report")(report_command)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="results folder")] = Path("qxgap-demo"),
    per_class: Annotated[int, typer.Option(help="images of each digit")] = 6,
    seed: Seed = 1,
    overwrite: Overwrite = False,
) -> None:
    """Run the whole chain on embedded real data: CNN and images in, results and a report out."""
    from ..report import run_demo

    with interruptible(lambda: GOES_ON):
        found = run_demo(out, per_class=per_class, seed=seed, overwrite=overwrite)
    lines = [line for lines in found.findings.values() for line in lines]
    typer.echo("\n".join(["", *(f"* {line}" for line in lines), ""]))
    typer.echo(f"table    {out / 'results.parquet'}")
    typer.echo(str(found))
    say_failures(found)


app.command(name="cite")(cite_command)


for registered in app.registered_commands:
    registered.cls = OptionsOnce


def main() -> None:
    """Entry point: a user's mistake is one line on stderr and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for names that no encoding has
    arguments = sys.argv[1:] or ["--help"]
    if CACHE_NOTE is not None:
        typer.echo(f"qxgap: {CACHE_NOTE}", err=True)
    try:
        status = app(arguments, prog_name="qxgap", standalone_mode=False)
    except InputError as error:
        _fail(str(error), 2)
    except UsageError as error:
        _fail(error.format_message(), 2)
    except Interrupted as error:
        _fail(str(error), INTERRUPTED)
    except MemoryError as error:
        _fail(f"out of memory: {error or 'nothing more is free'}", 1)
    except (ConvergenceError, IntegrationError, OSError) as error:
        _fail(str(error), 1)
    except (typer.Abort, KeyboardInterrupt):
        _fail("interrupted", INTERRUPTED)
    sys.exit(status)


def _fail(message: str, status: int) -> NoReturn:
    if sys.stderr is not None:  # else closed by the shell
        print("qxgap:", printable(" ".join(message.split())), file=sys.stderr)
    sys.exit(status)
