"""Files with the mistakes that users make, and what the command line must answer to them."""

import json
import pickle
import shlex
import shutil

import dimod
import numpy as np

import qxgap as qx
from qxgap.testing import random_feature_selection

D = 4
"""Variables of the problems that nothing is wrong with."""

SCHEDULE = "s,A,B\n0,10,0.2\n0.5,1,4\n1,0,9\n"

NETWORKS = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.conv = nn.Conv2d(3, 6, 3, padding=1)
        self.act = nn.ReLU()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(6, 5)
    def forward(self, x):
        return self.fc(self.pool(self.act(self.conv(x))).flatten(1))

class Flat(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3 * 8 * 8, 5)
    def forward(self, x):
        return self.fc(x.flatten(1))

class Cut(Net):
    def forward(self, x):
        with torch.no_grad():
            maps = self.act(self.conv(x))
        return self.fc(self.pool(maps).flatten(1))

class Named(Net):
    def forward(self, x):
        return {"logits": super().forward(x)}

def load():
    return Net().eval()

def flat():
    return Flat().eval()

def cut():
    return Cut().eval()

def named():
    return Named().eval()

def needsarg(x):
    return x

def raises():
    raise RuntimeError("my weights are missing")

def returns_int():
    return 3

notcallable = 3
"""


def make_inputs(folder):
    """Write right and wrong inputs into ``folder``; nothing is computed."""
    _problems(folder)
    _schedules(folder)
    _samples(folder)
    _studies(folder)
    (folder / "mynet.py").write_text(NETWORKS)
    (folder / "afile").write_text("a file\n")
    (folder / "no.conf").touch()
    (folder / "emptydir").mkdir()
    return folder


def _problems(folder):
    problem = random_feature_selection(D, seed=1)
    qx.save(problem, folder / "a.npz")
    qx.save(random_feature_selection(3, seed=2), folder / "b.npz")
    qx.save(problem, folder / "own.json")
    qx.save(problem, folder / "own.bqm")
    with np.load(folder / "a.npz") as archive:
        good = {name: archive[name] for name in archive.files}
    J = good["J"]

    def write(name, drop=(), **changed):
        np.savez(
            folder / name,
            **{key: value for key, value in {**good, **changed}.items() if key not in drop},
        )

    asymmetric, diagonal, infinite = J.copy(), J.copy(), J.copy()
    asymmetric[0, 1] = asymmetric[1, 0] + 0.0625
    diagonal[1, 1] = 1.0
    infinite[0, 1] = infinite[1, 0] = np.inf
    write("nan_h.npz", h=np.array([np.nan, *good["h"][1:]]))
    write("inf_J.npz", J=infinite)
    write("asym.npz", J=asymmetric)
    write("diag.npz", J=diagonal)
    write("nonsquare.npz", J=J[:, 1:])
    write("mismatch.npz", h=good["h"][1:], labels=good["labels"][1:])
    write("strlabels.npz", labels=np.array(["w", "x", "y", "z"]))
    write("duplabels.npz", labels=np.array([0, 0, 1, 2]))
    write("nanlabels.npz", labels=np.array([0, 1, np.nan, 3]))
    write("strh.npz", h=np.array(["x"] * D))
    write("complexh.npz", h=good["h"] + 1j)
    write("trade2.npz", tradeoff=2.0)
    write("tradenan.npz", tradeoff=np.nan)
    write("wrongkeys.npz", drop=("h",), alpha=good["h"])
    write("wrongkeys2.npz", drop=("h", "J"), field=good["h"], coupling=J)
    write("pickle.npz", labels=np.array([0, 1, None, 3], dtype=object))
    write("zero.npz", h=np.zeros(D), J=np.zeros((D, D)))
    for d in (0, 1, 40, 158):
        pairs = 0.5 * (1.0 - np.eye(d))
        h = np.linspace(0.5, 1.0, d)
        np.savez(folder / f"d{d}.npz", h=h, J=pairs, tradeoff=0.7, labels=np.arange(d))
    junk = np.random.default_rng(1).bytes(300)
    for name in ("junk.npz", "junk.bqm", "junk.json"):
        (folder / name).write_bytes(junk)
    for name in ("empty.npz", "empty.json"):
        (folder / name).touch()
    (folder / "trunc.npz").write_bytes((folder / "a.npz").read_bytes()[:400])
    (folder / "trunc.bqm").write_bytes((folder / "own.bqm").read_bytes()[:-7])
    (folder / "trunc.json").write_text((folder / "own.json").read_text()[:200])
    np.save(folder / "plain.npy", good["h"])
    shutil.copy(folder / "plain.npy", folder / "plain.npz")
    (folder / "pickled.npz").write_bytes(pickle.dumps({"h": [1, 2]}))
    (folder / "a.foo").write_text("?")
    for name in ("x", "y"):
        (folder / name).mkdir()
        qx.save(problem, folder / name / "p.json")


def _schedules(folder):
    texts = {
        "ok": SCHEDULE,
        "bom": "\ufeff" + SCHEDULE,
        "dwave": SCHEDULE.replace("s,A,B", "s,A(s) (GHz),B(s) (GHz)"),
        "cols": SCHEDULE.replace("s,A,B", "time,x,y"),
        "dec": "s,A,B\n0,10,0.2\n1,0,9\n0.5,1,4\n",
        "nan": SCHEDULE.replace("0.5,1,4", "0.5,nan,4"),
        "txt": "hello world\nthis is no table\n",
        "semi": SCHEDULE.replace(",", ";"),
        "half": "s,A,B\n0,10,0.2\n0.5,1,4\n",
        "empty": "",
        "neg": SCHEDULE.replace("0,10,0.2", "0,-5,0.2"),
    }
    for name, text in texts.items():
        (folder / f"sched_{name}.csv").write_text(text, encoding="utf-8")
    (folder / "sched_latin.csv").write_bytes(b"s,A,B\n# Zeit f\xfcr\n")


def _samples(folder):
    bqm = qx.load(folder / "a.npz").to_bqm()
    best = dimod.ExactSolver().sample(bqm).truncate(3, sorted_by="energy").aggregate()
    reads = dimod.SampleSet.from_samples_bqm([dict(best.first.sample)] * 6, bqm)

    def write(name, sampleset):
        (folder / name).write_text(json.dumps(sampleset.to_serializable()))

    write("neal.json", reads)
    write("s_energy.json", dimod.SampleSet.from_samples(reads.record.sample, "BINARY", energy=5.0))
    write("s_other.json", reads.relabel_variables({0: "p", 1: "q"}, inplace=False))
    write(
        "s_none.json", dimod.SampleSet.from_samples(np.zeros((0, D), np.int8), "BINARY", energy=[])
    )
    part = dimod.SampleSet.from_samples(reads.record.sample[:, :2], "BINARY", energy=[0.0] * 6)
    write("s_part.json", part)
    (folder / "s_notss.json").write_text('{"type": "nothing"}')
    (folder / "s_list.json").write_text("[1, 2]")
    (folder / "s_trunc.json").write_text((folder / "neal.json").read_text()[:300])
    (folder / "s_cols.csv").write_text("a,b\n0,1\n")
    (folder / "s_txt.csv").write_text("hello world\n")


def _studies(folder):
    gap, success = 'tasks = ["gap"]\n', 'tasks = ["success"]\ntau = 1\n'
    texts = {
        "ok": f'instances = ["a.npz"]\n{gap}',
        "other": f'instances = ["b.npz"]\n{gap}',
        "mixed": f'instances = ["a.npz", "nan_h.npz", "d158.npz"]\n{success}',
        "syntax": f"{gap}instances = [\n",
        "typo": 'instances = ["a.npz"]\ntask = ["gap"]\n',
        "type": f'instances = ["a.npz"]\n{gap}tau = "fast"\n',
        "notask": 'instances = ["a.npz"]\ntasks = ["gapp"]\n',
        "noinst": gap,
        "nomatch": f'instances = ["nosuch/*.npz"]\n{gap}',
        "negtau": f'instances = ["a.npz"]\ntau = -1\n{gap}',
        "conv": f'instances = ["a.npz"]\nconventions = "papre"\n{gap}',
        "empty": "",
        "bool": f'instances = ["a.npz"]\nseed = true\n{gap}',
        "samp": 'instances = ["a.npz"]\nsamplers = ["saa"]\ntasks = ["sample"]\n',
    }
    for name, text in texts.items():
        (folder / f"t_{name}.toml").write_text(text)
    (folder / "t_latin.toml").write_bytes(b'instances = ["\xe9.npz"]\n')
    (folder / "cor").mkdir()
    (folder / "cor" / "results.parquet").write_bytes(b"no parquet at all")


def make_images(folder):
    """Add the images, which Pillow writes."""
    from PIL import Image

    rng = np.random.default_rng(3)
    colours = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)
    picture = Image.fromarray(colours)
    picture.save(folder / "rgb.png")
    picture.convert("RGBA").save(folder / "rgba.png")
    picture.convert("L").save(folder / "grey.png")
    picture.convert("P").save(folder / "palette.png")
    picture.convert("1").save(folder / "bit.png")
    Image.fromarray(colours[:1, :1]).save(folder / "dot.png")
    Image.fromarray(colours[..., 0].astype(np.uint16) * 99).save(folder / "i16.png")
    (folder / "text.png").write_text("no image")
    (folder / "empty.png").touch()
    (folder / "mixdir").mkdir()
    picture.save(folder / "mixdir" / "good.png")
    (folder / "mixdir" / "text.png").write_text("no image")
    numbers = rng.random((2, 3, 8, 8)).astype(np.float32)
    holed = numbers.copy()
    holed[0, 0, 0, 0] = np.nan
    np.savez(folder / "imgs.npz", images=numbers)
    np.savez(folder / "imgs_badkey.npz", x=numbers)
    np.savez(folder / "imgs_shape.npz", images=numbers[0, 0])
    np.savez(folder / "imgs_nan.npz", images=holed)
    np.savez(folder / "imgs_255.npz", images=numbers * 255)
    np.savez(folder / "imgs_huge.npz", images=np.full((1, 3, 8, 8), 1e300))


def contents(folder):
    """Return every file below ``folder`` with its bytes, except for the caches of Python."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


def check(run, inputs, tmp_path, monkeypatch, command, text, status=2):
    """Run ``command`` in the folder of the inputs, and check that it refuses in one line.

    The line contains ``text``, and no file is changed or written. ``OUT`` in a command stands for a
    path that does not exist. A command with ``status`` 0 is no mistake: then ``text`` is in the
    output, and stderr may have other lines.
    """
    monkeypatch.chdir(inputs)
    before = contents(inputs)
    out = tmp_path / "out"
    found, printed, error = run(*(word.replace("OUT", str(out)) for word in shlex.split(command)))
    assert contents(inputs) == before
    assert "Traceback" not in error
    assert "Warning:" not in error
    assert found == status, error
    if status == 0:
        assert text in printed + error
        return
    assert error.startswith("qxgap: ")
    assert error.count("\n") == 1, error
    assert text in error, error
    assert printed == ""
    assert not any(tmp_path.iterdir())
