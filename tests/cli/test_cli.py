"""The command line: JSON keys, values against the library, and bad input in one line."""

import json

import numpy as np
import pytest

import qxgap as qx
from qxgap import samplers, samples
from qxgap.testing import random_feature_selection


@pytest.fixture
def files(tmp_path):
    """Three problem files of 3, 4 and 5 qubits."""
    return [
        qx.save(random_feature_selection(d, seed=d), tmp_path / f"instance{d}.npz")
        for d in (3, 4, 5)
    ]


def test_anneal_on_a_torch_device_agrees(run, files):
    pytest.importorskip("torch")
    numba, torch = (
        json.loads(run("anneal", files[2], "--tau", 9, *more, "--json")[1])[0]
        for more in ((), ("--device", "cpu"))
    )
    assert torch["steps"] == numba["steps"]
    assert torch["success_probability"] == pytest.approx(numba["success_probability"], abs=1e-12)


def test_gap_gives_the_contracted_keys_in_order(run, files):
    status, out, _ = run("gap", *files, "--json", "--rtol", "1e-6")
    rows = json.loads(out)
    assert status == 0
    assert [row["instance"] for row in rows] == [str(file) for file in files]
    assert set(rows[0]) == {
        "instance", "num_qubits", "gap", "gap_lower", "s_star", "classical_gap", "degeneracy",
        "ground_energy", "status", "eigensolves", "matvecs", "unit", "interior_gap", "interior_s",
    }  # fmt: skip
    for row, file in zip(rows, files, strict=True):
        H = qx.AnnealHamiltonian(qx.load(file))
        values = np.linalg.eigvalsh(H.to_sparse(*H.schedule(row["s_star"])).toarray())
        assert row["gap"] == pytest.approx(values[1] - values[0], abs=1e-12)
        assert row["gap_lower"] <= row["gap"] <= row["gap_lower"] * 1.0000011
        assert row["status"] == "BRACKETED"


def test_gap_conventions_and_spectrum(run, files):
    options = ("--convention", "authors-code", "--pair-weight", "2")
    status, out, _ = run("gap", files[0], *options, "--grid", 5, "--levels", 3, "--json")
    problem = qx.load(files[0], pair_weight=2)
    H = qx.AnnealHamiltonian(problem, driver=qx.TransverseField(1 / 3))
    (row,) = json.loads(out)
    assert status == 0
    assert row["gap"] == pytest.approx(qx.minimum_gap(H).value)
    np.testing.assert_allclose(row["energies"], qx.spectrum(H, row["s"], levels=3).energies)
    status, out, _ = run("gap", files[0], *options, "--grid", 5, "--levels", 3)
    assert status == 0
    assert "E2" in out


def test_gap_of_hardware_and_user_schedules(run, files, tmp_path):
    own = tmp_path / "own.csv"
    own.write_text("s,A,B\n0,10,0.2\n0.5,1,4\n1,0,9\n")
    for schedule in ("Advantage_system6_standard", own):
        status, out, _ = run("gap", files[0], "--schedule", schedule, "--json")
        (row,) = json.loads(out)
        assert status == 0
        assert row["unit"] == "GHz"
        assert row["gap_millikelvin"] == pytest.approx(47.9924307 * row["gap"], rel=1e-8)
    H = qx.AnnealHamiltonian(qx.load(files[0]), qx.load_schedule(own))
    values = np.linalg.eigvalsh(H.to_sparse(*H.schedule(row["s_star"])).toarray())
    assert row["gap"] == pytest.approx(values[1] - values[0], abs=1e-9)


def test_a_flat_problem_has_no_gap(run, tmp_path):
    flat = qx.save(qx.QuboProblem([0.0, 0.0], np.zeros((2, 2))), tmp_path / "flat.json")
    status, out, _ = run("gap", flat, "--json")
    (row,) = json.loads(out)
    assert status == 0
    assert row["gap"] is None
    assert row["status"] == "NO_EXCITED_LEVEL"


@pytest.mark.parametrize("method", ["split", "qutip"])
def test_anneal(run, files, method):
    status, out, _ = run("anneal", *files[:2], "--tau", 2, "--tau", 5, "--method", method, "--json")
    rows = json.loads(out)
    assert status == 0
    assert [(row["num_qubits"], row["tau"]) for row in rows] == [(3, 2), (3, 5), (4, 2), (4, 5)]
    assert set(rows[0]) == {
        "instance", "num_qubits", "tau", "success_probability", "residual_energy", "null_product",
        "error_estimate", "norm_error", "steps",
    }  # fmt: skip
    expected = qx.anneal(qx.AnnealHamiltonian(qx.load(files[1])), 5.0).success_probability
    assert rows[3]["success_probability"] == pytest.approx(expected, abs=2e-6)


def test_select_sets_the_baselines_beside_the_optimum(run, files):
    status, out, _ = run("select", *files, "--seed", 5, "--json")
    rows = json.loads(out)
    assert status == 0
    assert [row["method"] for row in rows] == 3 * [
        "exact", "greedy", "top-k", "random-k", "all positive"
    ]  # fmt: skip
    for file, first in zip(files, range(0, 15, 5), strict=True):
        problem = qx.load(file)
        assert rows[first]["instance"] == str(file)
        assert rows[first]["labels"] in problem.ground_labels()
        for row in rows[first : first + 5]:
            state = np.isin(problem.labels, row["labels"])
            assert row["energy"] == pytest.approx(float(problem.energy(state)))
            assert row["excess"] == pytest.approx(row["energy"] - problem.ground_energy)
            assert row["is_optimal"] == (row["labels"] in problem.ground_labels())
            assert row["status"] == "OPTIMAL"
    status, out, _ = run("select", files[0])
    assert status == 0
    assert "all positive" in out


def test_reduce_writes_a_problem_of_equal_energies(run, tmp_path):
    whole = random_feature_selection(9, seed=4, tradeoff=0.5)
    easy = qx.QuboProblem([-1.0, 1.0], np.zeros((2, 2)))
    files = [qx.save(whole, tmp_path / "whole.npz"), qx.save(easy, tmp_path / "easy.json")]
    status, out, _ = run("reduce", *files, "-o", tmp_path / "out", "--json")
    hard, solved = json.loads(out)
    assert status == 0
    expected = qx.reduce(whole)
    assert 0 < hard["num_fixed"] == expected.num_fixed < 9
    rest = qx.load(hard["file"])
    assert rest.num_qubits == 9 - hard["num_fixed"]
    assert rest.ground_energy == pytest.approx(whole.ground_energy)
    chosen = [sorted([*hard["ones"], *labels]) for labels in rest.ground_labels()]
    assert chosen == whole.ground_labels()
    assert (solved["file"], solved["ones"], solved["zeros"]) == (None, [0], [1])
    assert solved["energy_fixed"] == -1.0
    other = tmp_path / "more" / "whole.npz"
    other.parent.mkdir()
    qx.save(whole, other)
    status, _, error = run("reduce", files[0], other, "-o", tmp_path / "out")
    assert status == 2
    assert "2 problems would be written to whole.json" in error


def test_sample_then_compare(run, files, tmp_path):
    outs = [tmp_path / "schrodinger.json", tmp_path / "sa.json"]
    for sampler, out in zip(("schrodinger", "sa"), outs, strict=True):
        status, _, error = run(
            "sample", files[2], "--sampler", sampler, "--reads", 400, "--tau", 20, "-o", out
        )
        assert (status, error) == (0, "")
    status, text, _ = run("compare", files[2], *outs, "--tau", 20, "--json")
    own, annealed = json.loads(text)
    assert status == 0
    assert set(own) >= {
        "instance", "source", "num_reads", "ground_probability", "ground_probability_interval",
        "predicted", "tv_distance", "p_value", "effective_temperature", "tts99", "tts99_interval",
    }  # fmt: skip
    assert own["num_reads"] == 400
    assert own["p_value"] > 1e-3
    assert annealed["p_value"] < 1e-2
    status, text, _ = run("compare", files[2], *outs, "--tau", 20)
    assert status == 0
    assert "the reads agree with it: if it were right" in text
    assert "the reads do not follow it: if it were right" in text


@pytest.mark.parametrize(
    ("sampler", "options", "told"),
    [
        ("sa", ["--num-sweeps", 50], {"num_sweeps": 50, "beta_schedule_type": "geometric"}),
        ("pathintegral", ["--temperature", 0.1, "--num-sweeps", 9], {"temperature": 0.1}),
        ("rotor", ["--convention", "authors-code"], {"convention": "authors-code"}),
        ("tabu", [], {}),
        ("greedy", [], {}),
        ("exact", [], {}),
        ("tree", ["--temperature", 0.2], {"temperature": 0.2}),
        ("schrodinger", ["--schedule", "OWN", "--tau", 3], {"tau": 3.0, "schedule": "own"}),
        ("gibbs", ["--quantum", "--s", 0.5, "--temperature", 0.2], {"quantum": True, "s": 0.5}),
    ],
)
def test_every_sampler_draws_and_tells_how(run, files, tmp_path, sampler, options, told):
    own, out = tmp_path / "own.csv", tmp_path / "reads.json"
    own.write_text("s,A,B\n0,10,0.2\n0.5,1,4\n1,0,9\n")
    given = [own if option == "OWN" else option for option in options]
    arguments = ("sample", files[0], "--sampler", sampler, "--reads", 6, "--seed", 4, *given)
    status, text, error = run(*arguments, "-o", out, "--json")
    assert (status, error) == (0, "")
    row, drawn = json.loads(text), samples.load_sampleset(out)
    assert row.items() >= {"sampler": sampler, **told}.items()
    assert row["seed"] == (None if sampler == "exact" else 4)
    assert row["num_reads"] == len(drawn) == (8 if sampler == "exact" else 6)
    assert row["lowest_energy"] == drawn.first.energy
    if sampler == "sa":
        assert row["beta_range"] == list(samplers.beta_range(qx.load(files[0])))
    status, text, _ = run(*arguments, "-o", tmp_path / "reads.csv")
    assert status == 0
    assert f"samples        {len(drawn)} by the sampler {sampler}, written to " in text
    assert f" of {len(drawn)} reads" in text
    again = samples.load_sampleset(tmp_path / "reads.csv")
    assert np.array_equal(again.record.sample, drawn.record.sample)


def test_sample_on_a_mock_annealer_reports_it(run, files, tmp_path, monkeypatch):
    pytest.importorskip("dwave.system")
    arguments = ("sample", files[2], "--sampler", "dwave", "--reads", 6, "-o", tmp_path / "r.json")
    options = ("--num-gauges", 2, "--chain-strength", 2, "--annealing-time", 30)
    status, text, error = run(*arguments, *options, "--solver", "mock-zephyr", "--json")
    row = json.loads(text)
    assert (status, error) == (0, "")
    assert row["solver"] == "mock-zephyr"
    assert (row["num_gauges"], row["chain_strength"], row["annealing_time_us"]) == (2, 2.0, 30.0)
    assert row["num_qubits"] == sum(row["chain_lengths"])
    report = samplers.hardware_report(samples.load_sampleset(tmp_path / "r.json"))
    assert row.items() >= json.loads(json.dumps(report.to_dict())).items()
    monkeypatch.delenv("DWAVE_API_TOKEN", raising=False)
    monkeypatch.setenv("DWAVE_CONFIG_FILE", str(tmp_path / "none.conf"))
    (tmp_path / "none.conf").write_text("")
    status, text, error = run(*arguments, "--embedding", "minor")
    assert status == 0
    assert "no D-Wave credentials" in error
    assert "mock-pegasus (no hardware)" in text


def test_embed_estimates_both_topologies(run, files):
    pytest.importorskip("dwave.system")
    status, text, _ = run("embed", *files[1:], "--noise", 50, "--max-qubits", 4, "--json")
    rows = json.loads(text)
    assert status == 0
    assert [(row["instance"], row["topology"]) for row in rows] == [
        (str(file), topology) for file in files[1:] for topology in ("pegasus", "zephyr")
    ]
    for row in rows:
        problem = qx.load(row["instance"])
        found = samplers.embedding_estimate(problem, row["topology"])
        assert row["num_variables"] == problem.num_qubits
        assert row["num_qubits"] == found.num_qubits
        assert row["scale"] == found.scale.factor
        if problem.num_qubits > 4:
            assert row["gap"] is row["ground_changes"] is None
            continue
        assert row["gap_ratio"] == row["gap"] / row["gap_without_chains"]
        assert row["gap_millikelvin"] == pytest.approx(47.9924307 * row["gap"], rel=1e-8)
        low, high = row["ground_changes_interval"]
        assert low <= row["ground_changes"] <= high
    status, text, _ = run(
        "embed", files[0], "--topology", "zephyr", "--embedding", "minor", "--noise", 0
    )
    assert status == 0
    assert "Advantage2_system1" in text
    assert "pegasus" not in text


def test_qubo_on_a_folder_of_images(run, tmp_path):
    xai = pytest.importorskip("qxgap.xai")
    from PIL import Image

    images, labels = xai.digits_images()
    for i in range(3):
        folder = tmp_path / "images" / str(int(labels[i]))
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray((images[i, 0].numpy() * 255).astype(np.uint8)).save(folder / f"{i}.png")
    out = tmp_path / "qubos"
    status, text, _ = run(
        "qubo", "--model", "digits", "--images", tmp_path / "images", "-o", out, "--json"
    )
    rows = json.loads(text)
    assert status == 0
    assert {row["label"] for row in rows} == {int(label) for label in labels[:3]}
    for row in rows:
        problem = qx.load(row["file"])
        assert problem.num_qubits == row["d"]
        assert problem.source.pred == row["pred"]
        assert row["num_maps"] == 16


def test_qubo_options_reach_the_files_and_gap_reads_them(run, tmp_path):
    xai = pytest.importorskip("qxgap.xai")
    from PIL import Image

    image = xai.digits_images()[0][:1]
    picture = tmp_path / "digit.png"
    Image.fromarray((image[0, 0].numpy() * 255).astype(np.uint8)).save(picture)
    plain = ("qubo", "--model", "digits", "--images", picture, "--layer", "conv", "--json")
    terms = ("--reward-rule", "min-max", "--select", 3, "--size-weight", 0.25, "--tradeoff-at", 8)
    pixels = xai.load_images(picture, 1, 28)[1]
    captured = xai.capture(xai.load_network("digits"), pixels, "conv")
    for options, out in (((), tmp_path / "plain"), (terms, tmp_path / "terms")):
        status, text, _ = run(*plain, *options, "-o", out)
        (row,) = json.loads(text)
        assert status == 0
        assert row["file"] == str(out / "digit.npz")
        assert row["d"] + row["num_nonpositive"] + row["num_dead"] + row["num_nonfinite"] == 16
        expected = xai.feature_selection(
            captured.maps[0],
            captured.gradients[0],
            qx.ScaledTradeoff(0.7, 8) if options else 0.7,
            reward_rule=qx.RewardRule.MIN_MAX if options else qx.RewardRule.MAX,
            size_term=qx.SizeTerm(3, 0.25) if options else None,
        )
        found = qx.load(row["file"])
        np.testing.assert_allclose(found.J, expected.J, atol=1e-12)
        np.testing.assert_allclose(found.h, expected.h, atol=1e-12)
        assert found.offset == expected.offset == (0.25 * 9 if options else 0.0)
        status, text, _ = run("gap", row["file"], "--json")
        (row,) = json.loads(text)
        assert status == 0
        assert row["ground_energy"] == pytest.approx(expected.ground_energy, abs=1e-9)
        assert row["classical_gap"] == pytest.approx(expected.classical_gap, abs=1e-9)


def test_images_that_would_overwrite_each_other_are_refused(run, tmp_path):
    pytest.importorskip("torch")
    from PIL import Image

    for name in ("a/b_c.png", "a_b/c.png"):
        (tmp_path / "images" / name).parent.mkdir(parents=True)
        Image.new("L", (28, 28)).save(tmp_path / "images" / name)
    arguments = ("--model", "digits", "--images", tmp_path / "images", "-o", tmp_path / "out")
    status, _, error = run("qubo", *arguments)
    assert status == 2
    assert "2 images would be written to a_b_c.png.npz" in error


def test_a_network_without_positive_importance_is_told(run, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    (tmp_path / "my_network.py").write_text(
        "from qxgap.xai import DigitsNet\n"
        "def build():\n"
        "    network = DigitsNet(4)\n"
        "    network.head.weight.data.fill_(-1.0)\n"
        "    return network.eval()\n"
    )
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "qubos"
    status, text, _ = run(
        "qubo", "--model", "my_network:build", "--images", "digits", "-o", out, "--json"
    )
    rows = json.loads(text)
    assert status == 0
    assert all(row["file"] is None and "d = 0" in row["status"] for row in rows)
    assert not list(out.iterdir())
