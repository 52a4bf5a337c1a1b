"""Statistics of counts against scipy, enumeration and simulation."""

import math

import numpy as np
import pytest
import scipy.signal
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap import dynamics, samples, statistics
from qxgap.testing import random_feature_selection


@given(st.integers(1, 10_000), st.floats(0, 1), st.floats(0.5, 0.999))
def test_jeffreys_intervals_are_beta_quantiles(reads, fraction, level):
    successes = round(fraction * reads)
    low, high = statistics.jeffreys_interval(successes, reads, level)
    beta = scipy.stats.beta(successes + 0.5, reads - successes + 0.5)
    assert low == (pytest.approx(beta.ppf((1 - level) / 2), rel=1e-8) if successes else 0.0)
    assert high == (pytest.approx(beta.ppf((1 + level) / 2), rel=1e-8) if successes < reads else 1)
    assert 0 <= low <= successes / reads <= high <= 1


@pytest.mark.parametrize("n", [20, 200])
def test_jeffreys_intervals_cover_what_they_say(n):
    intervals = np.array([statistics.jeffreys_interval(k, n) for k in range(n + 1)])
    p = np.linspace(0.002, 0.998, 499)
    inside = (intervals[:, :1] <= p) & (p <= intervals[:, 1:])
    coverage = (scipy.stats.binom.pmf(np.arange(n + 1)[:, None], n, p) * inside).sum(axis=0)
    assert coverage.mean() == pytest.approx(0.95, abs=0.01)
    assert coverage.min() > 0.85


def test_runs_and_time_to_solution_at_the_edges():
    assert dynamics.runs_to_solution(0.0) == math.inf
    assert dynamics.time_to_solution(0.0, 0.0) == math.inf
    assert dynamics.runs_to_solution(1.0) == dynamics.runs_to_solution(0.99) == 1.0
    assert dynamics.runs_to_solution(0.9) == 2.0  # 1 - 0.1^2 is 0.99 exactly
    assert dynamics.runs_to_solution(0.5) == 7.0
    assert dynamics.time_to_solution(0.5, 20.0, confidence=0.75) == 40.0
    assert dynamics.runs_to_solution(1e-300) == pytest.approx(4.605e300, rel=1e-3)


@given(st.floats(1e-9, 1 - 1e-9), st.floats(0.01, 0.9999))
def test_runs_to_solution_are_the_fewest(p, confidence):
    runs = dynamics.runs_to_solution(p, confidence)
    assert -math.expm1(runs * math.log1p(-p)) >= confidence * (1 - 1e-9)
    assert -math.expm1((runs - 1) * math.log1p(-p)) < confidence * (1 + 1e-9)


def test_total_variation_and_what_chance_gives():
    assert statistics.total_variation([0.5, 0.5, 0.0], [0.5, 0.0, 0.5]) == 0.5
    assert statistics.total_variation([1.0, 0.0], [0.0, 1.0]) == 1.0
    assert statistics.expected_total_variation([1.0, 0.0], 7) == 0.0
    assert statistics.expected_total_variation([0.5, 0.5], 1) == 0.5
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.full(200, 0.3))
    drawn = rng.multinomial(150, p, size=4000) / 150
    distances = np.abs(drawn - p).sum(axis=1) / 2
    mean, error = distances.mean(), distances.std() / math.sqrt(4000)
    assert statistics.expected_total_variation(p, 150) == pytest.approx(mean, abs=4 * error)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.just(0.0) | st.floats(1e-9, 1))
def test_expected_total_variation_by_enumeration(n, p):
    k = np.arange(n + 1)
    exact = (scipy.stats.binom.pmf(k, n, p) * np.abs(k / n - p)).sum()
    assert statistics.expected_total_variation([p, 1 - p], n) == pytest.approx(exact, abs=1e-11)


@pytest.mark.parametrize(("cells", "reads"), [(8, 300), (1000, 400)])
def test_p_values_are_uniform_under_the_prediction(cells, reads):
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.full(cells, 0.5))
    values = [
        statistics.goodness_of_fit(rng.multinomial(reads, p), p, num_resamples=199, seed=rng)
        for _ in range(300)
    ]
    assert scipy.stats.kstest(values, "uniform").pvalue > 1e-3


def test_p_values_tell_a_wrong_model():
    rng = np.random.default_rng(2)
    p, q = rng.dirichlet(np.ones(64)), rng.dirichlet(np.ones(64))
    counts = rng.multinomial(1000, p)
    assert statistics.goodness_of_fit(counts, q, num_resamples=999, seed=0) == 1e-3
    assert statistics.goodness_of_fit(counts, p, seed=0) > 0.01
    assert statistics.goodness_of_fit(counts, p, seed=5) == statistics.goodness_of_fit(
        counts, p, seed=5
    )


def test_the_p_value_is_that_of_the_exact_test():
    # two cells of 10 and 30 expected reads: enumerate the binomial
    k = np.arange(41)
    G = 2 * (scipy.special.xlogy(k, k / 10) + scipy.special.xlogy(40 - k, (40 - k) / 30))
    exact = scipy.stats.binom.pmf(k, 40, 0.25)[G[14] - 1e-9 <= G].sum()
    value = statistics.goodness_of_fit([14, 26], [0.25, 0.75], num_resamples=20_000, seed=0)
    assert value == pytest.approx(exact, abs=4 * math.sqrt(exact / 20_000))


@pytest.mark.parametrize("nothing", [0.0, 1e-30, 1e-15])
def test_reads_in_impossible_cells(nothing):
    p = np.array([0.5, nothing, 0.5 - nothing])
    assert statistics.goodness_of_fit([50, 1, 49], p, num_resamples=99, seed=0) == 0.01
    assert statistics.goodness_of_fit([50, 0, 50], p, num_resamples=99, seed=0) == 1.0


def test_very_many_cells_are_pooled_further():
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.full(30_000, 20.0))
    counts = rng.multinomial(600_000, p)
    assert statistics.goodness_of_fit(counts, p, num_resamples=50, seed=0) > 0.02
    wrong = rng.permutation(p)
    assert statistics.goodness_of_fit(counts, wrong, num_resamples=19, seed=0) == 0.05


def test_too_few_reads_are_no_evidence():
    assert statistics.goodness_of_fit([3, 0, 0], [0.2, 0.4, 0.4], seed=0) == 1.0
    assert statistics.goodness_of_fit([0, 9], [0.0, 1.0], seed=0) == 1.0
    assert statistics.goodness_of_fit([1, 0, 99], [0.01, 0.01, 0.98], seed=0) > 0.3


def inverse_temperature(energies, degeneracies, counts):
    """Of reads per level, the levels in any order."""
    order = np.argsort(energies, kind="stable")
    levels = samples.Levels(np.asarray(energies)[order], np.asarray(degeneracies)[order])
    return samples.level_temperature(levels, np.asarray(counts)[order]).inverse


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.floats(-30, 30), st.floats(1e-6, 1e6))
def test_the_effective_temperature_is_that_of_a_boltzmann_law(seed, beta, unit):
    rng = np.random.default_rng(seed)
    energies, degeneracies = np.sort(rng.normal(size=9)), rng.integers(1, 50, size=9)
    weights = degeneracies * np.exp(-beta * (energies - energies.mean()))
    found = inverse_temperature(unit * energies, degeneracies, 1e6 * weights / weights.sum())
    assert found * unit == pytest.approx(beta, rel=1e-6, abs=1e-6)


def test_the_effective_temperature_of_drawn_states():
    problem = random_feature_selection(10, 4)
    weights = np.exp(-5.0 * problem.diagonal)
    counts = np.random.default_rng(0).multinomial(100_000, weights / weights.sum())
    ones = np.ones(counts.size)
    found = inverse_temperature(problem.diagonal, ones, counts)
    assert found == pytest.approx(5.0, rel=0.02)


def test_the_effective_temperature_at_the_edges():
    beta = inverse_temperature
    assert beta([0, 1], [1, 3], [5, 0]) == math.inf
    assert beta([0, 1], [1, 3], [0, 5]) == -math.inf
    assert beta([0, 1], [1, 3], [10, 30]) == pytest.approx(0, abs=1e-12)
    assert beta([0, 1], [1, 1], [1, 3]) == pytest.approx(-math.log(3))
    assert beta([2.0], [4], [5]) == 0.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: statistics.jeffreys_interval(1, 0),
        lambda: statistics.jeffreys_interval(3, 2),
        lambda: statistics.jeffreys_interval(1, 2, 1.0),
        lambda: dynamics.runs_to_solution(math.nan),
        lambda: dynamics.runs_to_solution(0.5, 1.0),
        lambda: statistics.total_variation([1.0], [0.5, 0.5]),
        lambda: statistics.expected_total_variation([1.0], 0),
        lambda: statistics.goodness_of_fit([0, 0], [0.5, 0.5]),
        lambda: statistics.goodness_of_fit([1, 1], [0.5, 0.6]),
        lambda: statistics.goodness_of_fit([1], [0.5, 0.5]),
        lambda: inverse_temperature([0, 1], [1, 1], [0, 0]),
        lambda: samples.level_temperature(samples.Levels([0, 1], [1]), [1, 0]),
    ],
)
def test_senseless_statistics_are_refused(call):
    with pytest.raises(qx.InputError):
        call()


# -- clusters -----------------------------------------------------------------------------------


def test_overdispersion_is_pearson_s():
    k, n = np.array([30, 41, 55, 20]), np.array([100, 100, 120, 90])
    expected = scipy.stats.contingency.chi2_contingency(np.array([k, n - k]), correction=False)
    found = statistics.overdispersion(k, n)
    assert found.factor == pytest.approx(expected.statistic / 3)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert statistics.overdispersion([0, 0], [5, 5]).factor == 1.0
    assert statistics.effective_sample_size(k, n) == pytest.approx(410 / found.factor)
    assert statistics.effective_sample_size([10, 10], [20, 20]) == 40


def test_the_cluster_interval_is_student_s_for_many_normal_totals():
    rng = np.random.default_rng(4)
    y = rng.normal(500, 30, size=40)
    t = scipy.stats.t(39, y.mean(), y.std(ddof=1) / math.sqrt(40)).interval(0.95)
    low, high = statistics.cluster_interval(y, np.ones(40), num_resamples=40_000, seed=0)
    assert (low, high) == pytest.approx(t, abs=0.05 * (t[1] - t[0]))
    assert statistics.cluster_interval(y, np.ones(40), seed=3) == statistics.cluster_interval(
        y, np.ones(40), seed=3
    )


def test_outliers_are_named_and_few():
    rng = np.random.default_rng(0)
    p = rng.normal(0.6, 0.05, size=20)
    k = rng.binomial(1000, p)
    assert statistics.outlier_runs(k, np.full(20, 1000)).size == 0
    k[[4, 11]] = 0, 1000
    assert statistics.outlier_runs(k, np.full(20, 1000)).tolist() == [4, 11]
    assert statistics.outlier_runs([0, 10], [10, 10]).size == 0
    agreeing = [500] * 9 + [502]  # less spread than binomial: the floor of the scale is 1
    assert statistics.outlier_runs(agreeing, [1000] * 10).size == 0
    assert abs(statistics.outlier_scores(agreeing, [1000] * 10)[-1]) < 0.2


def test_serial_sample_sizes_of_an_autoregression():
    rng, rho, n = np.random.default_rng(0), 0.8, 20_000
    x = scipy.signal.lfilter([1], [1, -rho], rng.normal(size=n))
    assert statistics.serial_sample_size(x) == pytest.approx(n * (1 - rho) / (1 + rho), rel=0.15)
    assert statistics.serial_sample_size(rng.normal(size=n)) == pytest.approx(n, rel=0.1)
    assert statistics.serial_sample_size(np.ones(7)) == 7


# -- ground probability, residual energy, time to solution ----------------------------------------


def reads_of(problem, index_counts):
    index = np.array(sorted(index_counts))
    occupations = qx.problem.bits.index_to_bits(index, problem.num_qubits).astype(np.int64)
    counts = np.array([index_counts[i] for i in index])
    return samples.Reads(problem, occupations, counts)


def test_ground_probability_over_runs():
    problem = qx.QuboProblem([-1.0, 1.0], np.zeros((2, 2)), offset=3.0)  # ground: index 2
    runs = [reads_of(problem, {2: k, 0: 100 - k}) for k in (50, 61, 70, 44)]
    found = samples.ground_probability(problem, runs, seed=0)
    assert found.value == 225 / 400
    assert found.values == (0.5, 0.61, 0.7, 0.44)
    assert found.jeffreys == statistics.jeffreys_interval(225, 400)
    assert found.interval[0] <= found.clustered[0]
    assert found.interval[1] >= found.jeffreys[1]
    assert found.overdispersion == statistics.overdispersion([50, 61, 70, 44], [100] * 4)
    assert "spread 2.3 times binomial" in str(found)
    gauges = samples.ground_probability(problem, runs, clusters=["g1", "g1", "g2", "g2"], seed=0)
    assert gauges.clusters == ("g1", "g2")
    assert gauges.values == (111 / 200, 114 / 200)
    one = samples.ground_probability(problem, runs[:1], seed=0)
    assert one.clustered is None
    assert one.interval == one.jeffreys
    with pytest.raises(qx.InputError, match="3 clusters for 4 runs"):
        samples.ground_probability(problem, runs, clusters=[1, 2, 3], seed=0)


def test_residual_energy():
    problem = qx.QuboProblem([-1.0, 1.0], np.zeros((2, 2)), offset=3.0)
    run = reads_of(problem, {2: 60, 0: 30, 1: 10})
    found = samples.residual_energy(run, seed=0)
    drawn = np.repeat([0.0, 1.0, 2.0], [60, 30, 10])
    margin = 1.959963985 * drawn.std(ddof=1) / 10
    assert found.value == pytest.approx(0.5)
    assert found.interval == pytest.approx((0.5 - margin, 0.5 + margin))
    both = samples.residual_energy(
        [run, reads_of(problem, {2: 90, 0: 10})], ground_energy=2.0, seed=0
    )
    assert both.value == pytest.approx(0.3)
    assert both.interval[0] <= 0.3 <= both.interval[1]


@pytest.mark.parametrize("runs", [1, 3])
@pytest.mark.parametrize("state", [2, 0])
def test_reads_of_one_energy_leave_room_for_others(runs, state):
    """No variance was seen; that is no proof of none."""
    problem = qx.QuboProblem([-1.0, 1.0], np.zeros((2, 2)), offset=3.0)
    found = samples.residual_energy([reads_of(problem, {state: 50})] * runs, seed=0)
    unseen = statistics.jeffreys_interval(0, 50 * runs)[1]
    value = {2: 0.0, 0: 1.0}[state]
    assert found.value == value
    low, high = found.interval
    assert low == pytest.approx(value * (1 - unseen))
    assert high == pytest.approx(value + unseen * (2.0 - value))


def test_time_to_solution_with_its_two_times():
    problem = qx.QuboProblem([-1.0, 1.0], np.zeros((2, 2)))
    half = samples.ground_probability(problem, [reads_of(problem, {2: 50, 0: 50})], seed=0)
    found = samples.solution_time(half, 20.0, 150.0)
    assert (found.reads, found.anneal_time, found.access_time) == (7, 140, 1050)
    assert found.reads_interval[0] <= 7 <= found.reads_interval[1]
    assert found.access_interval == tuple(150 * r for r in found.reads_interval)
    none = samples.ground_probability(problem, [reads_of(problem, {0: 1000})], seed=0)
    never = samples.solution_time(none, 20.0)
    assert never.reads == never.anneal_time == never.anneal_interval[1] == math.inf
    assert never.anneal_interval[0] == 20 * dynamics.runs_to_solution(none.interval[1])
    assert never.access_time is None
    every = samples.solution_time(
        samples.ground_probability(problem, [reads_of(problem, {2: 1000})], seed=0), 20.0
    )
    assert (every.reads, every.anneal_time) == (1, 20)


# -- distances, two samples, fairness, many tests -------------------------------------------------


def test_distances_against_scipy():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(9)), rng.dirichlet(np.ones(9))
    assert statistics.kullback_leibler(p, q) == pytest.approx(scipy.stats.entropy(p, q))
    assert statistics.kullback_leibler([0.5, 0.5], [1.0, 0.0]) == math.inf
    assert statistics.hellinger(p, q) == pytest.approx(
        np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / math.sqrt(2)
    )
    assert statistics.hellinger(p, p) == pytest.approx(0, abs=1e-7)
    assert statistics.hellinger(p, q) ** 2 <= statistics.total_variation(p, q)


@pytest.mark.parametrize(
    "distance", [statistics.total_variation, statistics.hellinger, statistics.kullback_leibler]
)
def test_the_bias_of_finite_reads_is_stated(distance):
    rng = np.random.default_rng(5)
    p = rng.dirichlet(np.ones(30))
    null = statistics.measured_distance(rng.multinomial(500, p), p, distance, seed=0)
    assert null.value == pytest.approx(null.by_chance, rel=0.5)
    q = rng.dirichlet(np.ones(30))
    truth, inside = distance(q, p), 0
    for _ in range(60):
        far = statistics.measured_distance(
            rng.multinomial(500, q), p, distance, num_resamples=200, seed=0
        )
        assert far.interval[0] > 3 * far.by_chance
        inside += far.interval[0] <= truth <= far.interval[1]
    assert inside >= 48


def test_distances_by_chance_and_of_runs():
    rng = np.random.default_rng(5)
    p = rng.dirichlet(np.ones(30))
    found = statistics.measured_distance(rng.multinomial(500, p), p, num_resamples=4000, seed=0)
    assert found.by_chance == pytest.approx(statistics.expected_total_variation(p, 500), rel=0.02)
    runs = np.array([rng.multinomial(500, rng.dirichlet(50 * p)) for _ in range(8)])
    together = statistics.measured_distance(runs.sum(axis=0), p, seed=0)
    apart = statistics.measured_distance(runs, p, seed=0)
    assert apart.value == together.value
    assert np.ptp(apart.interval) > 2 * np.ptp(together.interval)
    impossible = statistics.measured_distance(
        [5, 5], [1.0, 0.0], statistics.kullback_leibler, seed=0
    )
    assert impossible.interval == (math.inf, math.inf)


def test_the_permutation_test_is_fisher_s_exact_test():
    table = np.array([[30, 70], [48, 52]])
    found = statistics.same_distribution(*table, num_resamples=40_000, seed=0)
    G = scipy.stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
    k = np.arange(79)
    tables = [np.array([[i, 100 - i], [78 - i, 22 + i]]) for i in k]
    every = np.array(
        [2 * scipy.special.xlogy(t, t / np.outer(t.sum(1), t.sum(0)) * 200).sum() for t in tables]
    )
    exact = scipy.stats.hypergeom.pmf(k, 200, 78, 100)[every >= G - 1e-9].sum()
    assert found == pytest.approx(exact, abs=4 * math.sqrt(exact / 40_000))
    assert statistics.same_distribution(*table, statistic=statistics.pearson, seed=0) < 0.05


def test_runs_are_dealt_out_whole():
    rng = np.random.default_rng(0)
    pooled, whole, shifted = [], [], []
    for _ in range(200):  # runs differ by more than their reads let expect, samplers do not
        k = rng.binomial(1000, np.clip(rng.normal(0.5, 0.1, size=12), 0, 1))
        runs = np.stack([k, 1000 - k], axis=1)
        other = np.stack([k // 2, 1000 - k // 2], axis=1)
        options = {"num_resamples": 199, "seed": rng}
        pooled.append(statistics.same_distribution(runs[:6].sum(0), runs[6:].sum(0), **options))
        whole.append(statistics.same_distribution(runs[:6], runs[6:], **options))
        shifted.append(statistics.same_distribution(runs[:6], other[6:], **options))
    assert np.mean(np.array(pooled) < 0.05) > 0.5
    assert scipy.stats.kstest(whole, "uniform").pvalue > 1e-3
    assert np.mean(np.array(shifted) < 0.05) > 0.9
    assert statistics.same_distribution([5, 0], [9, 0], seed=0) == 1.0


def test_fairness_among_ground_states():
    problem = qx.QuboProblem([-0.1, -0.1, 0.3], np.diag([0.3, 0.0], 1))  # grounds 2 and 4
    even = samples.fairness(reads_of(problem, {2: 500, 4: 510, 0: 77}), seed=0)
    assert even.counts == (500, 510)
    assert even.p_value > 0.05
    assert even.entropy_ratio == pytest.approx(1, abs=1e-3)
    skewed = samples.fairness(reads_of(problem, {2: 700, 4: 300}), seed=0)
    assert skewed.p_value < 1e-3
    assert samples.Fairness.from_counts([0, 9, 9]).missed == 1
    assert samples.Fairness.from_counts([9]).p_value == 1.0
    with pytest.raises(qx.InputError, match="no read is in the ground space"):
        samples.fairness(reads_of(problem, {0: 3}), seed=0)


def test_false_discoveries_are_kept_to_their_rate():
    rng = np.random.default_rng(0)
    false, found = 0, 0
    for _ in range(200):
        p = np.concatenate([rng.random(40), rng.random(10) * 1e-4])
        below = statistics.adjusted_p_values(p) < 0.1
        false, found = false + below[:40].sum(), found + below.sum()
    assert false / found < 0.1
    assert statistics.adjusted_p_values([0.01, 0.5]).tolist() == [0.02, 0.5]
    assert statistics.adjusted_p_values([0.01, 0.5], independent=False).tolist() == [0.03, 0.75]


@pytest.mark.parametrize(
    "call",
    [
        lambda: statistics.overdispersion([1], [2]),
        lambda: statistics.overdispersion([3, 1], [2, 2]),
        lambda: statistics.cluster_interval([1.0], [2]),
        lambda: statistics.cluster_interval([1.0, 2.0], [2, 0]),
        lambda: statistics.cluster_interval([1.0, 2.0], [2, 2], confidence_level=1.0),
        lambda: statistics.outlier_runs([1, 1], [2, 2], false_alarm=0.0),
        lambda: statistics.serial_sample_size([1.0]),
        lambda: statistics.measured_distance([1, 2], [1.0]),
        lambda: statistics.measured_distance([0, 0], [0.5, 0.5]),
        lambda: statistics.same_distribution([1, 2], [1]),
        lambda: statistics.same_distribution([1, 2], [0, 0]),
        lambda: samples.Fairness.from_counts([0, 0]),
        lambda: statistics.adjusted_p_values([1.5]),
        lambda: samples.residual_energy([], seed=0),
    ],
)
def test_senseless_comparisons_are_refused(call):
    with pytest.raises(qx.InputError):
        call()


def test_reads_where_hardly_any_are_expected_are_evidence():
    """A law that puts all but 1e-6 on one cell does not explain a tenth of the reads elsewhere."""
    law = np.array([1 - 1e-6, 4e-7, 6e-7])
    assert statistics.goodness_of_fit([900, 60, 40], law, seed=0) < 1e-3
    assert (
        statistics.goodness_of_fit([900, 60, 40], law, statistic=statistics.pearson, seed=0) < 1e-3
    )
    assert statistics.goodness_of_fit([1000, 0, 0], law, seed=0) == 1.0
    assert statistics.same_distribution([900, 100, 0], [9000, 0, 0], seed=0) < 1e-3
