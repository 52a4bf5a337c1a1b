"""The command line. Exit status: 0 success, 2 bad input (one line on stderr), 1 failure."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from .anneal.hamiltonian import AnnealHamiltonian, TransverseField
from .anneal.precision import Precision
from .cli_options import (
    AsJson,
    Convention,
    Driver,
    File,
    Files,
    PairWeight,
    Schedule,
    Seed,
    Tau,
    schedule_of,
)
from .cli_output import make_folder as _make_folder
from .cli_output import plain as _plain
from .cli_output import print_rows as _print
from .cli_output import progress as _progress
from .cli_samples import embed, sample_command
from .dynamics import IntegrationError, QutipODE, SplitOperator, anneal, product_success
from .problem.errors import InputError
from .problem.formats import load, save
from .problem.qubo import QuboProblem
from .problem.reduction import reduce
from .problem.rules import RewardRule, ScaledTradeoff
from .problem.selections import selections
from .problem.size import SizeTerm
from .samples import compare, load_sampleset
from .spectrum import ConvergenceError, minimum_gap, spectrum

if TYPE_CHECKING:
    from .study import ImageInstance

UsageError: Any = typer.BadParameter.__mro__[1]
"""click's own, wherever typer takes click from."""

app = typer.Typer(
    help="Quantum-annealing analysis of feature-selection QUBOs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Integrator(StrEnum):
    """Who integrates the Schrödinger equation."""

    SPLIT = "split"
    QUTIP = "qutip"


@app.command()
def gap(
    files: Files,
    schedule: Schedule = "linear",
    convention: Driver = Convention.PAPER,
    pair_weight: PairWeight = 1,
    rtol: Annotated[float, typer.Option(help="relative width of the bracket")] = 1e-3,
    levels: Annotated[int, typer.Option(help="levels printed with --grid")] = 2,
    grid: Annotated[int, typer.Option(help="also the spectrum at N equidistant s")] = 0,
    device: Annotated[str | None, typer.Option(help="cpu or cuda, by PyTorch")] = None,
    precision: Annotated[
        Precision, typer.Option(help="of the vectors that a --device seeks")
    ] = Precision.DOUBLE,
    as_json: AsJson = False,
) -> None:
    """Certified minimum gap of each problem."""
    if grid < 0 or grid == 1:
        raise InputError(f"--grid {grid}; give 0 or at least 2 points")
    rows = []
    for file, H in _progress(_hamiltonians(files, convention, pair_weight, schedule)):
        found = minimum_gap(H, rtol=rtol, device=device, precision=precision, throw=False)
        row = {
            "instance": file,
            "num_qubits": H.num_qubits,
            "gap": found.value,
            "gap_lower": found.lower,
            "s_star": found.s_star,
            "classical_gap": found.classical_gap,
            "degeneracy": found.degeneracy,
            "ground_energy": found.ground_energy,
            "status": found.status.name.lower(),
            "eigensolves": found.eigensolves,
            "matvecs": found.matvecs,
            "unit": found.unit,
            "interior_gap": found.interior_gap,
            "interior_s": found.interior_s,
        }
        if found.unit == "GHz":
            row["gap_millikelvin"] = float(H.schedule.to_millikelvin(found.value))
        if grid:
            spec = spectrum(
                H, np.linspace(0.0, 1.0, grid), levels, device=device, precision=precision
            )
            row |= {"s": spec.s.tolist(), "energies": spec.energies.tolist()}
        rows.append(row)
    _print(rows, as_json, lists=["s", "energies"])


@app.command(name="anneal")
def anneal_command(
    files: Files,
    tau: Annotated[
        list[float], typer.Option(help="anneal time (hbar = 1; ns for GHz); repeatable")
    ],
    method: Annotated[Integrator, typer.Option(help="integrator")] = Integrator.SPLIT,
    tol: Annotated[float, typer.Option(help="error of the probability (split)")] = 1e-6,
    schedule: Schedule = "linear",
    device: Annotated[str | None, typer.Option(help="cpu or cuda, by PyTorch (split)")] = None,
    convention: Driver = Convention.PAPER,
    pair_weight: PairWeight = 1,
    as_json: AsJson = False,
) -> None:
    """Success probability of each problem at each anneal time."""
    if device and method is not Integrator.SPLIT:
        raise InputError(f"--device {device} needs --method split; QuTiP integrates on the CPU")
    how = SplitOperator(tol, device=device) if method is Integrator.SPLIT else QutipODE()
    rows = []
    for file, H in _progress(_hamiltonians(files, convention, pair_weight, schedule)):
        for time in tau:
            run = anneal(H, time, how)
            rows.append(
                {
                    "instance": file,
                    "num_qubits": H.num_qubits,
                    "tau": run.tau,
                    "success_probability": run.success_probability,
                    "residual_energy": run.residual_energy,
                    "null_product": product_success(H, time, SplitOperator(tol)),
                    "error_estimate": run.error_estimate,
                    "norm_error": run.norm_error,
                    "steps": run.steps,
                }
            )
    _print(rows, as_json)


app.command(name="sample")(sample_command)
app.command(name="embed")(embed)


@app.command(name="compare")
def compare_command(
    file: File,
    samples: Annotated[list[Path], typer.Argument(help="SampleSet files (.json)")],
    tau: Tau = 50.0,
    convention: Driver = Convention.PAPER,
    pair_weight: PairWeight = 1,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Compare the Schrödinger prediction with samples."""
    problem = load(file, pair_weight=pair_weight)
    drawn = [(str(path), load_sampleset(path)) for path in samples]
    prediction = anneal(_hamiltonian(problem, convention, "linear"), tau)
    rows = [
        {
            "instance": file,
            "source": source,
            **compare(prediction, sampleset, seed=seed).to_dict(),
        }
        for source, sampleset in drawn
    ]
    _print(rows, as_json)


@app.command()
def select(
    files: Files,
    pair_weight: PairWeight = 1,
    nodes: Annotated[int, typer.Option(help="of branch and bound, per problem")] = 200_000,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Exact selection, greedy, top-k, random-k and all positive side by side; no annealing."""
    rows: list[dict[str, Any]] = []
    for file, problem in _progress([(file, load(file, pair_weight=pair_weight)) for file in files]):
        found = selections(problem, seed=seed, max_nodes=nodes)
        shared = {
            "instance": file,
            "num_qubits": problem.num_qubits,
            "num_fixed": found.optimum.num_fixed,
            "status": found.optimum.status.name.lower(),
            "lower": found.optimum.lower,
        }
        for method, row in found.to_frame().iterrows():
            rows.append({**shared, "method": method, **row.to_dict()})
    _print(rows, as_json)


@app.command(name="reduce")
def reduce_command(
    files: Files,
    out: Annotated[Path, typer.Option("--out", "-o", help="folder for what remains (.json)")],
    pair_weight: PairWeight = 1,
    as_json: AsJson = False,
) -> None:
    """Fix variables whose optimal value is certain; write the smaller problem of equal energies."""
    problems = [(file, load(file, pair_weight=pair_weight)) for file in files]
    _require_distinct([Path(file).stem for file in files], "problems", ".json")
    _make_folder(out)
    rows = []
    for file, problem in _progress(problems):
        found = reduce(problem)
        rest = found.problem
        rows.append(
            {
                "instance": file,
                "num_qubits": problem.num_qubits,
                "num_fixed": found.num_fixed,
                "first_order": found.num_first_order,
                "dominated": found.num_dominated,
                "roof_duality": found.num_roof_duality,
                "merged": found.num_merged,
                "unmergeable": len(found.unmergeable),
                "energy_fixed": found.energy,
                "file": str(save(rest, out / f"{Path(file).stem}.json")) if rest else None,
                "ones": [label for label, value in found.fixed.items() if value],
                "zeros": [label for label, value in found.fixed.items() if not value],
            }
        )
    _print(rows, as_json)


@app.command()
def qubo(
    model: Annotated[str, typer.Option(help="'digits', or package.module:callable")],
    images: Annotated[str, typer.Option(help="'digits', an image, a folder, or an .npz file")],
    out: Annotated[Path, typer.Option("--out", "-o", help="folder for the .npz problems")],
    layer: Annotated[str, typer.Option(help="the layer whose maps are selected")] = "norm",
    tradeoff: Annotated[float, typer.Option(help="the paper's beta")] = 0.7,
    tradeoff_at: Annotated[
        int | None, typer.Option(help="maps d at which it holds: (1-tradeoff)/tradeoff ~ 1/d")
    ] = None,
    reward_rule: Annotated[RewardRule, typer.Option(help="of h")] = RewardRule.MAX,
    select: Annotated[
        int | None, typer.Option(help="K of a size term: weight (sum n - K)^2 is added")
    ] = None,
    size_weight: Annotated[float, typer.Option(help="weight of the size term")] = 1.0,
    channels: Annotated[int, typer.Option(help="image channels that the network takes")] = 1,
    size: Annotated[int, typer.Option(help="image side that the network takes")] = 28,
    as_json: AsJson = False,
) -> None:
    """Build the selection QUBO of every image; images without one are listed with their reason.

    Files count a pair once; pair weight 2 is chosen where they are read (gap --pair-weight 2).
    """
    from . import xai
    from .study import instances

    sys.path.insert(0, os.getcwd())
    network = xai.load_network(model)
    source = xai.open_images(images, channels, size)
    _require_distinct(map(_problem_file, source.names), "images")
    options: dict[str, Any] = {
        "tradeoff": tradeoff if tradeoff_at is None else ScaledTradeoff(tradeoff, tradeoff_at),
        "reward_rule": reward_rule,
        "size_term": None if select is None else SizeTerm(select, size_weight),
    }
    _make_folder(out)
    rows = [
        _save_instance(item, out)
        for batch in source.batches()
        for item in instances(network, layer, *batch, **options)
    ]
    _print(rows, as_json)


def _require_distinct(names: Iterable[str], what: str, suffix: str = "") -> None:
    """Refuse to write two results to one file."""
    ((name, number),) = Counter(names).most_common(1)
    if number > 1:
        raise InputError(f"{number} {what} would be written to {name}{suffix}; rename them")


def _problem_file(image: str) -> str:
    return image.replace("/", "_") + ".npz"


def _save_instance(item: ImageInstance, out: Path) -> dict[str, Any]:
    path = out / _problem_file(item.name) if item.problem else None
    if item.problem and path:
        save(item.problem, path)
    row = {
        "file": str(path) if path else None,
        "label": item.label,
        "pred": item.pred,
        "d": item.num_qubits,
        "num_maps": len(item.alpha),
        **item.selectable.counts,
    }
    return row if path else {**row, "image": item.name, "status": item.status}


@app.command()
def explain(
    images: Annotated[
        str, typer.Argument(help="'digits', 'photographs', an image, a folder or an .npz file")
    ],
    model: Annotated[
        str, typer.Option(help="'digits', 'efficientnet-lite0', or package.module:callable")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="folder for pictures and metrics.csv")],
    layer: Annotated[
        str | None, typer.Option(help="layer to select from; default its HOOK")
    ] = None,
    tradeoff: Annotated[float, typer.Option(help="the paper's beta")] = 0.7,
    channels: Annotated[int | None, typer.Option(help="image channels of the network")] = None,
    size: Annotated[int | None, typer.Option(help="image side of the network")] = None,
    limit: Annotated[int | None, typer.Option(help="only the first N images")] = None,
    steps: Annotated[int, typer.Option(help="of insertion and deletion; 0: none")] = 10,
    fill: Annotated[float, typer.Option(help="what removed pixels become")] = 0.0,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Picture which maps the QUBO chooses and where they look, with baselines and metrics."""
    from . import study, xai

    if limit is not None and limit < 1:
        raise InputError(f"--limit {limit}; give at least 1")
    sys.path.insert(0, os.getcwd())
    network = xai.load_network(model)
    hook, shape = _network_input(network, model, layer, channels, size)
    source = xai.open_images(images, *shape, crop=True)
    _require_distinct(map(study.picture_file, source.names[:limit]), "images")
    explainer = study.Explainer(network, hook, tradeoff, seed)
    metrics = study.Metrics(fill=xai.Constant(fill), steps=steps)
    _make_folder(out)
    table = study.explain_images(explainer, source, out, metrics, limit=limit)
    _print_explanations(table, as_json)


def _network_input(
    network: Any, model: str, layer: str | None, channels: int | None, size: int | None
) -> tuple[str, tuple[int, int]]:
    """Layer, channels and side as asked, or as the network's HOOK and INPUT say."""
    known = getattr(network, "INPUT", (0, 0))
    hook = layer or str(getattr(network, "HOOK", ""))
    shape = (int(channels or known[0]), int(size or known[1]))
    if not (hook and min(shape)):
        raise InputError(
            f"network {model!r} has no HOOK and INPUT; give --layer, --channels and --size"
        )
    return hook, shape


def _print_explanations(table: Any, as_json: bool) -> None:
    """Every row as JSON, or the means of the methods as a table."""
    from . import study

    if as_json:
        rows = table.astype(object).where(table.notna(), None).to_dict("records")
        typer.echo(json.dumps(_plain(rows), indent=1, allow_nan=False, default=lambda x: x.item()))
        return
    without = int((table.num_qubits == 0).sum()) // len(study.METHODS)
    if without:
        typer.echo(f"{without} images have no map to select and are left out of the means")
    means = study.summary(table)
    typer.echo(f"means over {means.images.max() if len(means) else 0} images, in percent")
    typer.echo(means.drop(columns="images").T.to_string(float_format=lambda x: f"{x:.1f}"))


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="results folder")] = Path("qxgap-demo"),
    per_class: Annotated[int, typer.Option(help="images of each digit")] = 6,
    seed: Seed = 1,
) -> None:
    """Run the whole chain on embedded real data: CNN and images in, results and a report out."""
    from .study import run_demo

    report, findings = run_demo(out, per_class=per_class, seed=seed)
    typer.echo("\n".join(["", *(f"* {line}" for line in findings), ""]))
    typer.echo(f"table    {out / 'results.parquet'}")
    typer.echo(f"figures  {out}/*.png")
    typer.echo(f"report   {report.resolve()}")


def _hamiltonian(problem: QuboProblem, convention: Convention, schedule: str) -> AnnealHamiltonian:
    driver = TransverseField.of_convention(convention.value, problem.num_qubits)
    return AnnealHamiltonian(problem, schedule_of(schedule), driver)


def _hamiltonians(
    files: Sequence[str], convention: Convention, pair_weight: int, schedule: str
) -> list[tuple[str, AnnealHamiltonian]]:
    """Load everything first, so that a bad file costs no computed result."""
    problems = [(file, load(file, pair_weight=pair_weight)) for file in files]
    return [(file, _hamiltonian(problem, convention, schedule)) for file, problem in problems]


def main() -> None:
    """Entry point: a user's mistake is one line on stderr and exit status 2."""
    try:
        sys.exit(app(standalone_mode=False))
    except InputError as error:
        _fail(str(error), 2)
    except UsageError as error:
        _fail(error.format_message(), 2)
    except (ConvergenceError, IntegrationError, OSError) as error:
        _fail(str(error), 1)
    except (typer.Abort, KeyboardInterrupt):
        _fail("interrupted", 1)


def _fail(message: str, status: int) -> None:
    print("qxgap:", " ".join(message.split()), file=sys.stderr)
    sys.exit(status)
