"""Mistakes in Python: each is an InputError in one line that names the value and the remedy."""

import math

import dimod
import numpy as np
import pytest
from scipy.sparse.linalg import aslinearoperator

import qxgap as qx
from qxgap import annealing, dynamics, samplers, samples, statistics
from qxgap.spectra import LandauZener
from qxgap.testing import random_feature_selection

PROBLEM = random_feature_selection(3, seed=1)
H = qx.AnnealHamiltonian(PROBLEM)
READS = qx.sample(PROBLEM, qx.samplers.GibbsSampler(), num_reads=20, seed=1, temperature=0.3)
RUN = qx.anneal(H, 5.0)
SQUARE = np.zeros((2, 2))
THREE = aslinearoperator(np.diag([1.0, 2.0, 3.0]))
CURVE = qx.success_curve(H, [1.0, 5.0])
FIT = LandauZener(0.1, 1.0, 0.5, 0.1, 0.0, 1.0)
HUGE = qx.QuboProblem([1e200, 2e200], SQUARE)


class Mistakes(dict):
    """Name -> (what is called, what the message says)."""

    def add(self, name, call, message):
        assert name not in self
        self[name] = pytest.param(call, message, id=name)


def cqm():
    model = dimod.ConstrainedQuadraticModel()
    model.add_constraint(dimod.Binary("x") == 1)
    return model


M = Mistakes()
# problems
M.add(
    "symmetric J",
    lambda: qx.QuboProblem([1.0, 1.0], [[0, 1], [1, 0]]),
    r"J\[1, 0\].*from_symmetric",
)
M.add("NaN", lambda: qx.QuboProblem([math.nan, 1.0], SQUARE), r"h\[0\] is not a finite number")
M.add("empty h", lambda: qx.QuboProblem([], np.zeros((0, 0))), r"h has shape \(0,\)")
M.add("h of strings", lambda: qx.QuboProblem(["a", "b"], SQUARE), "h ")
M.add("dict for a QUBO", lambda: qx.QuboProblem({(0, 0): 1.0}, SQUARE), "h ")
M.add("dict in from_bqm", lambda: qx.QuboProblem.from_bqm({(0, 0): 1.0}), "dict")
M.add("CQM in from_bqm", lambda: qx.QuboProblem.from_bqm(cqm()), "ConstrainedQuadraticModel")
M.add("CQM for a problem", lambda: qx.minimize(cqm()), "a ConstrainedQuadraticModel; give")
M.add("load(None)", lambda: qx.load(None), "None")
M.add("load of a folder", lambda: qx.load("/"), "/: ")
M.add("load of a missing file", lambda: qx.load("nosuch.npz"), r"nosuch\.npz: no such file")
M.add("load of an unknown ending", lambda: qx.load("x.foo"), r"unknown format '\.foo'")
M.add("save under an unknown ending", lambda: qx.save(PROBLEM, "x.foo"), r"'\.foo'")
M.add("save of reads", lambda: qx.save(READS, "x.json"), "problem is a SampleSet")
M.add("ground states of 158", lambda: random_feature_selection(158, 0).ground_states, "158 qubits")
# what is annealed, and how
M.add("path for a problem", lambda: qx.AnnealHamiltonian("a.npz"), r"'a\.npz'; .*qx\.load\(path\)")
M.add(
    "schedule by name", lambda: qx.AnnealHamiltonian(PROBLEM, "linear"), "'linear'.*schedule_named"
)
M.add(
    "driver by name",
    lambda: qx.AnnealHamiltonian(PROBLEM, driver="paper"),
    "Convention.PAPER.driver",
)
M.add("unknown schedule", lambda: qx.schedule_named("Advantage_sytem6.4"), "Advantage_sytem6.4")
TABLE = qx.schedule_named("Advantage2_system1_standard")
M.add("solver 3", lambda: TABLE.to_dwave(3, 20_000), "solver is an int, 3; give its name")
M.add("tau of text for points", lambda: TABLE.to_dwave("Advantage2_system1", "x"), "tau is a str")
M.add(
    "properties as a list",
    lambda: annealing.check_anneal_schedule([[0, 0], [1, 1]], [1]),
    r"properties is a list, \[1\]; give a mapping",
)
M.add(
    "half a point",
    lambda: annealing.with_fewer_points(TABLE, TABLE, 2.5),
    r"max_points is a float, 2\.5; give the largest number",
)
M.add(
    "half a point for an annealer",
    lambda: TABLE.to_dwave("Advantage2_system1", 20_000, max_points=2.5),
    r"max_points is a float, 2\.5; give the largest number",
)
M.add("base by name", lambda: annealing.waveform_on(TABLE, "linear"), "is a str, 'linear'; give an")
M.add("pause of text", lambda: qx.paused_at_gap(H, share="x"), "share is a str, 'x'; give the sh")
M.add("problem by name for a loss", lambda: qx.waveform_loss("a.npz", "x", 1), r"'a\.npz'")
M.add("missing table", lambda: qx.load_schedule("nosuch.csv"), r"nosuch\.csv: cannot be read")
M.add("s outside", lambda: qx.spectrum(H, [0.0, 1.5]), r"lies outside \[0, 1\]")
M.add("no levels", lambda: qx.spectrum(H, [0.5], levels=0), "0 levels of")
# gaps
M.add("rtol of 2", lambda: qx.minimum_gap(H, rtol=2.0), r"rtol = 2\.0 lies outside")
M.add(
    "eigensolver by name",
    lambda: qx.minimum_gap(H, method="davidson"),
    r"'davidson'; .*Davidson\(\)",
)
M.add("eigensolver's class", lambda: qx.spectrum(H, [0.5], method=qx.Davidson), "class Davidson")
M.add("dict for H", lambda: qx.minimum_gap({(0, 0): 1.0}), r"\(0, 0\): 1\.0.*from_qubo")
M.add("list for H", lambda: qx.spectrum([1.0, 2.0], [0.5]), r"list, \[1\.0, 2\.0\]; give an Anneal")
M.add("array for H", lambda: qx.minimum_gap(np.eye(4)), r"ndarray of shape \(4, 4\)")
M.add("None for H", lambda: qx.landau_zener(None, 0.5), "H is None")
M.add("run for H", lambda: qx.minimum_gap(RUN), "AnnealResult; give the AnnealHamiltonian")
M.add(
    "subspace for H",
    lambda: qx.minimum_gap(qx.FixedSizeSubspace(1)),
    r"subspace\.hamiltonian\(problem\)",
)
M.add("rtol of text", lambda: qx.minimum_gap(H, rtol="1e-3"), "rtol is a str, '1e-3'; give the rel")
M.add(
    "no rtol for two gaps",
    lambda: samplers.gap_cost(PROBLEM, samplers.embedding_estimate(PROBLEM), None),
    "rtol is None; give the relative width",
)
M.add(
    "rtol of text for two gaps",
    lambda: samplers.gap_cost(PROBLEM, samplers.embedding_estimate(PROBLEM), "x"),
    "rtol is a str, 'x'",
)
M.add("rtol of QuTiP", lambda: qx.QutipODE(rtol="x"), "rtol is a str, 'x'; give the tolerance")
M.add("rtol of 0", lambda: dynamics.DensityODE(rtol=0.0), r"rtol = 0\.0; give the tolerance")
M.add("atol of text", lambda: dynamics.DensityODE(atol="x"), "atol is a str, 'x'; give the tol")
M.add("tol of text", lambda: qx.SplitOperator(tol="x"), "tol is a str, 'x'; give the error")
M.add("steps of text", lambda: qx.SplitOperator(max_steps="x"), "max_steps is a str, 'x'; give")
M.add(
    "eigensolves of text",
    lambda: qx.minimum_gap(H, max_eigensolves="x"),
    "max_eigensolves is a str, 'x'; give the largest number",
)
M.add(
    "eigensolver's seed", lambda: qx.minimum_gap(H, seed="x"), "seed is a str, 'x'; give an integer"
)
M.add("levels of text", lambda: qx.spectrum(H, [0.5], "x"), "levels is a str, 'x'; give the number")
M.add("half a level", lambda: qx.spectrum(H, [0.5], levels=1.5), r"levels is a float, 1\.5; give")
M.add("s of text", lambda: qx.spectrum(H, "x"), "fraction s is a str, 'x'; give a number in")
M.add("s of a profile", lambda: qx.adiabatic_profile(H, "x"), "fraction s is a str, 'x'; give")
M.add("s* of text", lambda: qx.landau_zener(H, "x"), r"s_star is a str, 'x'; give one anneal frac")
M.add("window of text", lambda: qx.landau_zener(H, 0.5, "x"), "window is a str, 'x'; give the half")
M.add("window of 0", lambda: qx.landau_zener(H, 0.5, 0.0), r"window = 0\.0; give the half width")
M.add("k of text", lambda: qx.FixedSizeSubspace("x").hamiltonian(PROBLEM), "k is a str, 'x'; give")
M.add("schedule 3", lambda: qx.schedule_named(3), "name is an int, 3; give the name of a sched")
M.add("no schedule", lambda: qx.load_schedule(None), "path is None; give the name of a CSV file")
M.add(
    "random seed", lambda: random_feature_selection(3, "x"), "seed is a str, 'x'; give an integer"
)
M.add(
    "energies of 1e200",
    lambda: qx.spectrum(HUGE, [0.5]),
    "energies of H reach .*: divide h and J by",
)
# eigenpairs of an operator
M.add(
    "array for an operator",
    lambda: qx.lowest_eigenpairs(np.eye(3), 1, norm_bound=1.0),
    r"op is a ndarray of shape \(3, 3\); give a scipy LinearOperator: .*aslinearoperator",
)
M.add(
    "no operator", lambda: qx.lowest_eigenpairs(None, 1, norm_bound=1.0), "op is None; give a scipy"
)
for value in (1j, float("inf")):
    M.add(
        f"a label {value}",
        lambda value=value: qx.QuboProblem([-1.0, -1.0], np.zeros((2, 2)), labels=["a", value]),
        r"label (1j|inf) is not a finite real number; number the variables 0, 1",
    )
M.add(
    "H for an operator",
    lambda: qx.lowest_eigenpairs(H, 1, norm_bound=1.0),
    r"op is an AnnealHamiltonian; give H\.to_linear_operator\(A, B\)",
)
M.add(
    "operator that is not square",
    lambda: qx.lowest_eigenpairs(aslinearoperator(np.ones((3, 2))), 1, norm_bound=3.0),
    r"op has shape \(3, 2\); give an operator of as many rows as columns",
)
M.add(
    "complex operator",
    lambda: qx.lowest_eigenpairs(aslinearoperator(1j * np.eye(3)), 1, norm_bound=1.0),
    "op is of complex128; give a real symmetric operator",
)
for wrong, text in (
    (1.5, r"a float, 1\.5"),
    ("1", "a str, '1'"),
    (None, "None"),
    (True, "a bool, T"),
):
    M.add(
        f"k = {wrong!r}",
        lambda k=wrong: qx.lowest_eigenpairs(THREE, k, norm_bound=3.0),
        rf"k is {text}.*; give the number of eigenpairs",
    )
M.add("k = 4", lambda: qx.lowest_eigenpairs(THREE, 4, norm_bound=3.0), "4 levels.*give 1 to 3")
for wrong in (0.0, -1.0, math.nan, math.inf):
    M.add(
        f"norm of {wrong}",
        lambda norm=wrong: qx.lowest_eigenpairs(THREE, 1, norm_bound=norm),
        f"norm_bound = {wrong}; give an upper bound",
    )
M.add(
    "norm of text",
    lambda: qx.lowest_eigenpairs(THREE, 1, norm_bound="3"),
    "norm_bound is a str, '3'; give an upper bound",
)
M.add(
    "eigensolver of an operator by name",
    lambda: qx.lowest_eigenpairs(THREE, 1, "davidson", norm_bound=3.0),
    r"'davidson'; .*Davidson\(\)",
)
M.add(
    "diagonal of text",
    lambda: qx.lowest_eigenpairs(THREE, 1, norm_bound=3.0, diagonal="x"),
    "diagonal is a str, 'x'; give an array of numbers",
)
M.add(
    "seed of -1",
    lambda: qx.lowest_eigenpairs(THREE, 1, norm_bound=3.0, seed=-1),
    "seed is an int, -1; give an integer of at least 0",
)
# what is told from curves
M.add(
    "tts of a run",
    lambda: qx.optimal_tts(RUN),
    r"AnnealResult; give a result of success_curve\(H, taus",
)
M.add(
    "tts of nothing", lambda: qx.optimal_tts(None), "curve is None; give a result of success_curve"
)
M.add(
    "tts of a list",
    lambda: qx.optimal_tts([CURVE]),
    "curve is a list.*; give a result of success_curve",
)
M.add(
    "confidence of text", lambda: qx.optimal_tts(CURVE, "0.99"), "confidence is a str, '0.99'; give"
)
M.add("confidence in percent", lambda: qx.optimal_tts(CURVE, 99), r"99 lies outside \(0, 1\)")
M.add(
    "quantiles of a curve", lambda: dynamics.tts_quantiles(CURVE), "curves is a SuccessCurve; give"
)
M.add(
    "quantiles of 1",
    lambda: dynamics.tts_quantiles([1]),
    r"curves\[0\] is an int, 1; give a result of success_curve",
)
M.add(
    "one quantile",
    lambda: dynamics.tts_quantiles([CURVE], 0.5),
    r"quantiles is a float, 0\.5; give a list of numbers",
)
M.add(
    "tau of text in tts", lambda: dynamics.time_to_solution(0.5, "x"), "tau is a str, 'x'; give one"
)
M.add(
    "p of text", lambda: dynamics.runs_to_solution("x"), "probability is a str, 'x'; give one num"
)
M.add(
    "one curve",
    lambda: qx.landau_zener_collapse(CURVE, [FIT]),
    "curves is a SuccessCurve; give a l",
)
M.add(
    "one crossing",
    lambda: qx.landau_zener_collapse([CURVE], FIT),
    "crossings is a LandauZener; giv",
)
M.add(
    "curves and crossings swapped",
    lambda: qx.landau_zener_collapse([FIT], [CURVE]),
    r"curves\[0\] is a LandauZener; give a result of success_curve",
)
M.add(
    "gap for a crossing",
    lambda: qx.landau_zener_collapse([CURVE], [qx.minimum_gap(H)]),
    r"crossings\[0\] is a MinimumGap; give .*landau_zener\(H\)",
)
M.add(
    "no curves", lambda: qx.landau_zener_collapse([], []), "0 of 0 points are known; the test needs"
)
M.add(
    "ratio of a run",
    lambda: dynamics.LateTimeLaw(1.0, 1.0).ratio(RUN),
    "AnnealResult; give a result of success_curve",
)
# equilibrium
M.add("T of text", lambda: qx.gibbs(H, 0.5, "1"), "temperature is a str, '1'; give one number")
M.add("no T", lambda: qx.gibbs(H, 0.5, None), "temperature is None; give one number")
M.add("several T", lambda: qx.gibbs(H, 0.5, [1.0, 2.0]), "temperature is a list.*; give one number")
M.add("T of 0", lambda: qx.gibbs(H, 0.5, 0.0), r"temperature 0\.0 must be positive")
M.add("freeze-out of text", lambda: qx.gibbs(H, "x", 1.0), "fraction s is a str, 'x'; give one num")
M.add("several s", lambda: qx.gibbs(H, [0.1, 0.2], 1.0), "fraction s is a list.*; give one number")
M.add(
    "thermal reads of text",
    lambda: qx.gibbs(H, 0.5, 1.0).sample("x"),
    "num_reads is a str, 'x'; give a whole number",
)
M.add(
    "T of text for samples",
    lambda: qx.sample(PROBLEM, qx.samplers.GibbsSampler(), num_reads=1, temperature="1"),
    "temperature is a str, '1'; give one number",
)
M.add("orders", lambda: qx.SplitOperator(order=[2]), r"order \[2\] is unknown; use 2 or 4")
M.add(
    "successes of text",
    lambda: statistics.jeffreys_interval("x", 3),
    "successes is a str, 'x'; give the number of reads that",
)
# noise and embedding
M.add(
    "copies without end",
    lambda: samplers.noise_ensemble(PROBLEM, num_samples=10**30),
    f"num_samples = {10**30}; give at most 1000000 perturbed copies",
)
M.add(
    "sigma of text",
    lambda: samplers.noise_ensemble(PROBLEM, sigma_h="x"),
    "sigma_h is a str, 'x'; ",
)
M.add(
    "scale of text",
    lambda: samplers.noise_ensemble(PROBLEM, scale="x"),
    "scale is a str, 'x'; give",
)
M.add(
    "level of text",
    lambda: samplers.noise_ensemble(PROBLEM, confidence_level="x"),
    "confidence_level is a str, 'x'; give",
)
M.add(
    "no estimate",
    lambda: samplers.gap_cost(PROBLEM, None),
    "estimate is None; give a result of embedding",
)
M.add(
    "chains of a problem", lambda: samplers.chain_sigmas(PROBLEM), "estimate is a QuboProblem; give"
)
M.add(
    "chains without end",
    lambda: samplers.embedding_estimate(PROBLEM, chain_strength=math.inf),
    "chain_strength = inf; give a positive one",
)
M.add(
    "sweeps without end",
    lambda: qx.sample(PROBLEM, num_reads=1, num_sweeps=10**30),
    "no memory for 1000.* sweeps: .*; give fewer sweeps",
)
# anneals
M.add("negative tau", lambda: qx.anneal(H, -1.0), r"tau = -1\.0")
M.add("tau of text", lambda: qx.anneal(H, "10"), "tau.*'10'")
M.add("no tau", lambda: qx.anneal(H, None), "tau.*None")
M.add("empty tau", lambda: qx.anneal(H, []), "tau")
M.add("method by name", lambda: qx.anneal(H, 1.0, "split"), r"'split'; .*SplitOperator")
M.add("initial of another shape", lambda: qx.anneal(H, 1.0, initial=[1, 0]), "initial")
M.add("no bath", lambda: qx.open_anneal(H, 1.0, "ohmic"), "bath")
M.add("checkpoint nowhere", lambda: qx.anneal(H, 1.0, checkpoint="/proc/x"), "/proc/x")
M.add(
    "matrix that is annealed",
    lambda: qx.anneal(qx.FixedSizeSubspace(1).hamiltonian(PROBLEM), 1.0),
    "MatrixHamiltonian",
)
M.add(
    "matrix in equilibrium",
    lambda: qx.gibbs(qx.FixedSizeSubspace(1).hamiltonian(PROBLEM), 0.5, 1.0),
    "MatrixHamiltonian.*AnnealHamiltonian",
)
M.add("one of many", lambda: qx.anneal_many(H, 1.0), "give a list of them")
M.add("a number among many", lambda: qx.anneal_many([H, 3], 1.0), r"hamiltonians\[1\] is an int, 3")
M.add("taus scalar", lambda: qx.success_curve(H, 5.0), "taus")
M.add("taus empty", lambda: qx.success_curve(H, []), "tau")
# samples
M.add("H that is sampled", lambda: qx.sample(H, num_reads=1), r"AnnealHamiltonian; .*\.problem")
M.add("list that is sampled", lambda: qx.sample([1.0, 2.0], num_reads=1), r"\[1\.0, 2\.0\]")
M.add(
    "sampler that is none",
    lambda: qx.sample(PROBLEM, 5, num_reads=1),
    r"an int, 5; give a dimod sampler, such as qx\.samplers\.SimulatedAnnealingSampler\(\)",
)
M.add("unknown option", lambda: qx.sample(PROBLEM, num_reads=1, s=0.5), "takes no s;")
M.add("compare swapped", lambda: qx.compare(READS, RUN), "prediction comes first")
M.add("compare without anneal", lambda: qx.compare(PROBLEM, READS), r"give qx\.anneal\(H, tau\)")
M.add("compare with a list", lambda: qx.compare(RUN, [READS]), "list; give one sample set")
M.add("compare with a dict", lambda: qx.compare(RUN, {}), r"dict, \{\}; give a dimod\.SampleSet")
M.add(
    "compare a dict",
    lambda: qx.compare({}, READS),
    r"dict, \{\}; give a result of anneal or open_anneal",
)
M.add("compare a thermal state", lambda: qx.compare(qx.gibbs(H, 0.5, 1.0), READS), "a GibbsState")
M.add("align a list", lambda: samples.align(PROBLEM, [READS]), "list; give one sample set")
M.add("one run", lambda: samples.ground_probability(PROBLEM, READS), r"a run each: \[sampleset\]")
M.add(
    "a ladder of no runs",
    lambda: samples.model_ladder(PROBLEM, None, [samples.uniform_model(PROBLEM)]),
    "runs is None; give a list of sample sets",
)
M.add("report of a problem", lambda: samplers.hardware_report(PROBLEM), "QuboProblem; give a dimod")
M.add("save no samples", lambda: samples.save_sampleset(PROBLEM, "x.json"), "a QuboProblem; give")
M.add("load no samples", lambda: samples.load_sampleset(None), "path is None; give the name")
M.add("group a list", lambda: samplers.group_runs([READS]), "give a dict of name and sample set")
M.add("reads of text", lambda: qx.sample(PROBLEM, num_reads="5"), "num_reads is a str, '5'; give")
M.add("seed of text", lambda: qx.sample(PROBLEM, num_reads=1, seed="x"), "seed is a str, 'x'; give")
M.add("align H", lambda: samples.align(H, READS), r"AnnealHamiltonian; give its \.problem")
M.add("select from H", lambda: qx.selections(H, seed=1), r"AnnealHamiltonian; give its \.problem")
M.add("reduce a path", lambda: qx.reduce("a.npz"), r"'a\.npz'; read the file first")


@pytest.mark.parametrize(("call", "message"), M.values())
def test_a_mistake_is_one_clear_line(call, message):
    with pytest.raises(qx.InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


# -- networks and images --------------------------------------------------------------------------


def xai_mistakes():
    torch = pytest.importorskip("torch")
    from qxgap import xai

    network = xai.load_network("digits")
    image = torch.zeros(1, 1, 28, 28)
    maps = np.ones((2, 3, 3))
    return {
        "numpy images": (lambda: xai.capture(network, image.numpy(), "norm"), r"torch\.as_tensor"),
        "module for a layer": (
            lambda: xai.capture(network, image, network.norm),
            "a BatchNorm2d; give its name, 'norm'",
        ),
        "another network's module": (
            lambda: xai.capture(network, image, torch.nn.ReLU()),
            r"a ReLU; give its name, one of model\.named_modules\(\)",
        ),
        "number for a layer": (lambda: xai.capture(network, image, 3), "layer is an int, 3"),
        "unknown layer": (lambda: xai.capture(network, image, "nor"), "no layer 'nor'.*norm"),
        "path for a network": (lambda: xai.capture("digits", image, "norm"), "model is a str"),
        "unknown network": (lambda: xai.load_network("resnet50"), "'resnet50' is unknown"),
        "missing file": (
            lambda: xai.open_images("nosuch.png", 1, 28),
            "nosuch.png: no such images",
        ),
        "8-bit images": (lambda: xai.capture(network, image.byte(), "norm"), r"torch\.uint8"),
        "3-D images": (lambda: xai.capture(network, image[0], "norm"), r"\(1, 28, 28\)"),
        "NaN maps": (lambda: xai.feature_selection(maps * np.nan, maps), "not finite|finite"),
        "other shapes": (lambda: xai.feature_selection(maps, maps[:1]), r"\(1, 3, 3\)"),
        "no positive map": (lambda: xai.feature_selection(maps, -maps), "no map has positive"),
    }


XAI = (
    *("numpy images", "module for a layer", "another network's module", "number for a layer"),
    *("unknown layer", "path for a network", "unknown network", "missing file", "8-bit images"),
    "3-D images",
    "NaN maps",
    "other shapes",
    "no positive map",
)


@pytest.mark.parametrize("name", XAI)
def test_a_mistake_with_networks_is_one_clear_line(name):
    mistakes = xai_mistakes()
    assert set(mistakes) == set(XAI)
    call, message = mistakes[name]
    with pytest.raises(qx.InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


# -- what works instead: a problem, or a model, with what is usual ---------------------------------


def test_a_problem_or_a_model_is_annealed_by_what_is_usual():
    usual, bqm = qx.AnnealHamiltonian(PROBLEM), PROBLEM.to_bqm("SPIN")
    for given in (PROBLEM, bqm):
        gap, expected = qx.minimum_gap(given), qx.minimum_gap(usual)
        assert (gap.value, gap.lower) == pytest.approx((expected.value, expected.lower))
        assert gap.schedule == "linear (assumed)"
        assert "The linear schedule and the driver -sum sigma_x are assumed" in str(gap)
        assert "assumed" not in str(expected)
        run = qx.anneal(given, 5.0)
        assert run.success_probability == pytest.approx(RUN.success_probability)
        assert (run.schedule, run.driver) == ("linear (assumed)", "TransverseField(weight=1.0)")
        assert "assumed" in str(run)
        assert "assumed" not in str(RUN)
        levels = qx.spectrum(given, [0.0, 0.5])
        np.testing.assert_allclose(levels.energies, qx.spectrum(usual, [0.0, 0.5]).energies)
        assert levels.schedule == "linear (assumed)"
    assert qx.AnnealHamiltonian(bqm).problem.labels == PROBLEM.labels


def test_front_doors_take_models_of_dimod():
    bqm = PROBLEM.to_bqm()
    (many,) = qx.anneal_many([bqm], 5.0)
    assert many.success_probability == pytest.approx(RUN.success_probability)
    curve = qx.success_curve(bqm, [1.0, 5.0])
    assert curve.success[1] == pytest.approx(RUN.success_probability)
    assert qx.gibbs(bqm, 0.5, 1.0).energy == pytest.approx(qx.gibbs(H, 0.5, 1.0).energy)
    assert qx.product_success(bqm, 5.0) == pytest.approx(qx.product_success(H, 5.0))
    assert qx.random_guess(bqm) == 1 / 8
    assert qx.minimize(bqm).energy == pytest.approx(PROBLEM.ground_energy)
    assert qx.selections(bqm, seed=1).optimum.energy == pytest.approx(PROBLEM.ground_energy)
    assert qx.reduce(bqm).num_fixed == qx.reduce(PROBLEM).num_fixed
    assert qx.compare(qx.anneal(bqm, 5.0), READS).predicted == pytest.approx(
        RUN.success_probability
    )
    profile = qx.adiabatic_profile(bqm)
    assert qx.locally_adiabatic(bqm, profile).s.size > 2
    drawn = qx.sample(bqm, seed=1)
    assert (drawn.info["sampler"], drawn.record.num_occurrences.sum()) == ("sa", 1000)
    assert samples.align(bqm, READS).num_reads == 20
    assert samples.uniform_model(bqm).ground_probability == pytest.approx(1 / 8)
    assert samplers.beta_range(bqm) == samplers.beta_range(PROBLEM)
    assert qx.FixedSizeSubspace(1).hamiltonian(bqm).dimension == 3
