"""Random files and options against every command: no traceback, no hang, no input lost."""

import io
import json
import os
import resource
import shutil
import signal
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from mistakes import contents, make_images, make_inputs

from qxgap.study import Study, run_study
from qxgap.study.executors import ExistingExecutor

SECONDS = float(os.environ.get("QXGAP_FUZZ_SECONDS", "120"))
SEED = int(os.environ.get("QXGAP_FUZZ_SEED", "1"))
HANG = 60
"""Seconds that a command may take: all inputs are tiny."""
MEMORY = 12 << 30
"""Bytes of addresses; what asks for more gets MemoryError, as on a full machine."""

NUMBERS = (
    "0",
    "1",
    "2",
    "3",
    "7",
    "-1",
    "-0",
    "0.5",
    "1e-3",
    "1e-300",
    "1e300",
    "nan",
    "inf",
    "-inf",
    "",
    " ",
    "x",
    "1_0",
    "0x10",
    "1e",
    "½",
    "\udcff",
    "1" + 30 * "0",
    "-" + 30 * "9",
)
WORDS = (
    "linear",
    "sa",
    "exact",
    "gibbs",
    "tree",
    "tabu",
    "greedy",
    "rotor",
    "pathintegral",
    "schrodinger",
    "dwave",
    "mock-pegasus",
    "mock-zephyr",
    "clique",
    "minor",
    "pegasus",
    "paper",
    "authors-code",
    "split",
    "qutip",
    "cpu",
    "single",
    "double",
    "max",
    "min-max",
    "Advantage2_system1.4",
    "Advantage_system6_standard",
    "act",
    "pool",
    "fc",
    "mynet:load",
)
COMMANDS = {
    "gap": (
        "--schedule --convention --pair-weight --rtol --levels --grid --device --json --csv",
        1,
    ),
    "anneal": (
        "--tau --method --tol --schedule --convention --pair-weight --device --json --csv",
        1,
    ),
    "sample": (
        "--sampler --reads --seed --tau --convention --schedule --temperature --s --quantum "
        "--num-sweeps --solver --embedding --annealing-time --chain-strength --num-gauges "
        "--pair-weight --json --csv",
        1,
    ),
    "embed": (
        "--topology --embedding --chain-strength --noise --max-qubits --seed --json --csv",
        1,
    ),
    "schedule": (
        "--for --kind --pause --annealing-time --scale --max-points --properties --loss "
        "--convention --pair-weight --json --csv",
        1,
    ),
    "compare": ("--tau --solver --convention --pair-weight --seed --json --csv", 2),
    "select": ("--nodes --seed --pair-weight --json --csv", 1),
    "reduce": ("--pair-weight --json --csv", 1),
    "qubo": (
        "--model --images --layer --tradeoff --tradeoff-at --reward-rule --select --size-weight "
        "--channels --size --json --csv",
        0,
    ),
    "explain": (
        "--model --layer --tradeoff --tradeoff-at --reward-rule --select --size-weight "
        "--channels --size --limit --steps --fill --seed --json --csv",
        1,
    ),
    "study": ("--executor --workers --instances --strict --json", 1),
    "report": ("--seed --json", 1),
    "cite": ("", 1),
    "demo": ("", 0),
}
FLAGS = {"--json", "--csv", "--quantum", "--strict", "--loss"}
NEEDED = {
    "qubo": ["--model", "mynet:load", "--layer", "act", "--channels", "3", "--size", "8"],
    "explain": ["--model", "mynet:load", "--layer", "act", "--channels", "3", "--size", "8"],
    "anneal": ["--tau", "2"],
    "demo": ["--per-class", "0"],
}
PROBLEMS = ("a.npz", "b.npz", "own.json", "own.bqm", "zero.npz", "d1.npz", "strlabels.npz")
SAMPLES = ("neal.json", "s_energy.json", "neal.csv")
SCHEDULES = ("sched_ok.csv", "sched_dwave.csv")
FITTING = {
    "compare": ("a.npz", "own.json", "own.bqm"),
    "study": ("t_ok.toml", "t_mixed.toml"),
    "report": ("results/results.parquet",),
    "cite": ("results/results.parquet",),
    "qubo": ("rgb.png", "grey.png", "imgs.npz"),
    "explain": ("rgb.png", "grey.png", "imgs.npz"),
}


def mutated(rng, content):
    """``content`` with one to three changes that a disk, an editor or a careless hand makes."""
    for _ in range(rng.integers(1, 4)):
        at, end = sorted(rng.integers(0, len(content) + 1, 2).tolist())
        junk = rng.bytes(int(rng.integers(0, 9)))
        change = rng.integers(0, 7)
        if change == 0:
            content = content[:at]
        elif change == 1:
            content = content[:at] + junk + content[at:]
        elif change == 2:
            content = content[:at] + content[min(end, at + 40) :]
        elif change == 3:
            content = content[:at] + content[at:end] + content[at:]
        elif change == 4 and content:
            flipped = bytearray(content)
            flipped[at % len(content)] ^= 1 << int(rng.integers(0, 8))
            content = bytes(flipped)
        elif change == 5:
            content = _other_text(rng, content)
        else:
            content = _other_json(rng, content)
    return content


def _other_text(rng, content):
    """Another number or word in the place of one."""
    words = content.split(b",")
    at = int(rng.integers(0, len(words)))
    words[at] = os.fsencode(str(rng.choice(NUMBERS + WORDS)))
    return b",".join(words)


def _other_json(rng, content):
    """Another value somewhere in a JSON tree."""
    try:
        tree = json.loads(content)
    except ValueError:
        return content
    place = tree
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = keys[int(rng.integers(0, len(keys)))]
        if not isinstance(place[key], dict | list) or rng.random() < 0.3:
            place[key] = _value(rng)
            break
        place = place[key]
    return json.dumps(tree).encode()


def _value(rng):
    """Any JSON."""
    simple = (None, True, -1, 0, 3, 1e300, 10**30, float("nan"), "", "x", "0", [], {}, [[]])
    value = simple[int(rng.integers(0, len(simple)))]
    return [value, {"a": value}] if rng.random() < 0.2 else value


def _other_array(rng, content):
    """Another number, shape or kind of one array of an .npz."""
    try:
        with np.load(io.BytesIO(content)) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except Exception:
        return content
    name = str(rng.choice(list(arrays)))
    array = np.array(arrays[name])
    change = rng.integers(0, 5)
    if change == 0 and array.size and array.dtype.kind == "f":
        value = rng.choice([0.0, -1.0, 2.0, 1e-300, 1e300, np.nan, np.inf])
        array = array.astype(float)
        array.flat[int(rng.integers(0, array.size))] = value
    elif change == 1:
        array = array[..., None] if rng.random() < 0.5 else array.reshape(-1)
    elif change == 2:
        with np.errstate(all="ignore"), suppress(ValueError):
            array = array.astype(str(rng.choice(["f4", "i1", "?", "c16", "U5", "f2", ">f8"])))
    elif change == 3:
        array = array[:0] if array.ndim else np.array([array, array])
    else:
        arrays.pop(name)
        name = str(rng.choice(["size", "size_weight", "alpha", "beta", "labels", "images"]))
    stream = io.BytesIO()
    np.savez(stream, **{**arrays, name: array})
    return stream.getvalue()


def random_file(rng, folder, inputs, fitting):
    """An input, often mutated and mostly one that the command takes, under its own suffix."""
    known = sorted(path for path in inputs.rglob("*") if path.is_file() and path.suffix != ".py")
    likely = [inputs / name for name in fitting]
    choice = likely if rng.random() < 0.85 else known
    source = choice[int(rng.integers(0, len(choice)))]
    draw = rng.random()
    content = source.read_bytes()
    if draw > 0.95:
        content = rng.bytes(int(rng.integers(0, 200)))
    elif draw > 0.92:
        content = 20_000 * b"[" if source.suffix == ".json" else b"\0"
    elif draw > 0.5:
        content = (_other_array if source.suffix == ".npz" and draw > 0.6 else mutated)(
            rng, content
        )
    path = folder / f"f{len(list(folder.iterdir()))}{source.suffix}"
    path.write_bytes(content)
    return path


def random_command(rng, folder, inputs, out):
    """A command with random files and options."""
    command = str(rng.choice(list(COMMANDS)))
    options, files = COMMANDS[command]
    arguments = [command]
    for number in range(files):
        fitting = SAMPLES if number else FITTING.get(command, PROBLEMS)
        repeated = 1 + int(number == files - 1 and rng.random() < 0.2)
        arguments += [str(random_file(rng, folder, inputs, fitting)) for _ in range(repeated)]
    if command == "qubo":
        arguments += ["--images", str(random_file(rng, folder, inputs, FITTING["qubo"]))]
    arguments += NEEDED.get(command, [])
    if command == "study" and rng.random() < 0.95:  # a run starts processes, which takes seconds
        arguments.append("--dry-run")
    for option in rng.permutation(options.split())[: int(rng.choice(4, p=(0.4, 0.3, 0.2, 0.1)))]:
        arguments.append(str(option))
        if option in FLAGS:
            continue
        values = WORDS if rng.random() < 0.4 else NUMBERS
        value = str(rng.choice(values))
        if option == "--schedule" and rng.random() < 0.6:
            value = str(random_file(rng, folder, inputs, SCHEDULES))
        arguments.append(value)
    if command not in ("gap", "anneal", "embed", "select", "cite"):
        targets = (out / "new.json", out, out / "old", folder / "f0.json", folder, "/proc/x")
        weights = (0.4, 0.3, 0.1, 0.1, 0.05, 0.05)
        arguments += ["-o", str(targets[int(rng.choice(len(targets), p=weights))])]
    return arguments


class Hang(BaseException):
    """A command takes too long."""


def _ring(number, frame):
    raise Hang


def attempt(run, arguments, answers):
    """Run a command; return what is wrong with its answer, or None."""
    signal.alarm(HANG)
    try:
        status, _, error = run(*arguments)
        answers[arguments[0], status] += 1
    except Hang:
        return "hang", traceback.format_exc()
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [
            f"{frame.filename}:{frame.lineno}" for frame in frames if "/qxgap/" in frame.filename
        ]
        return f"{type(error).__name__} at {own[-1] if own else '?'}", traceback.format_exc()
    finally:
        signal.alarm(0)
    if status not in (0, 1, 2):
        return f"status {status}", error
    if "Traceback" in error or (status and not error.endswith("\n")):
        return "stderr", error
    if status == 2 and error.count("\n") != 1:
        return f"{error.count(chr(10))} lines on stderr", error
    return None


@pytest.mark.slow
def test_random_commands_are_answered(run, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    (tmp_path / "inputs").mkdir()
    inputs = make_inputs(tmp_path / "inputs")
    make_images(inputs)
    pool = ExistingExecutor(ThreadPoolExecutor(1))
    run_study(Study.load(inputs / "t_ok.toml"), inputs / "results", pool)
    monkeypatch.chdir(inputs)
    monkeypatch.setenv("DWAVE_CONFIG_FILE", str(inputs / "no.conf"))
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    run("sample", "a.npz", "-o", "neal.csv", "--reads", 9)
    before = contents(inputs)
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, limits[1]))
    previous = signal.signal(signal.SIGALRM, _ring)
    wrong, answers = {}, Counter()
    end, number = time.monotonic() + SECONDS, 0
    try:
        while time.monotonic() < end:
            rng = np.random.default_rng([SEED, number])
            folder, out = tmp_path / "files", tmp_path / "out"
            for place in (folder, out):
                shutil.rmtree(place, ignore_errors=True)
                place.mkdir()
            (out / "old").write_text("old")
            arguments = random_command(rng, folder, inputs, out)
            files = contents(folder)
            found = attempt(run, arguments, answers)
            kept = {name: content for name, content in contents(folder).items() if name in files}
            if found is None and kept != files:
                found = "an input was changed", ""
            if found is None and contents(inputs) != before:
                found = "a neighbour was changed", ""
            if found:
                wrong.setdefault(found[0], (number, arguments, found[1]))
            number += 1
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
        signal.signal(signal.SIGALRM, previous)
    print(f"{number} commands, by name and status: {dict(sorted(answers.items()))}")
    assert not wrong, "\n\n".join(
        f"{what}: case {case} of seed {SEED}: {words}\n{text[-1500:]}"
        for what, (case, words, text) in wrong.items()
    )
