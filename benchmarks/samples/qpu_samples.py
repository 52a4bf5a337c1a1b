"""What the statistics say of recorded hardware reads: ``python -m benchmarks.samples.qpu_samples``.

From the packaged reads of one 16-variable QUBO: ground probability and effective temperature of
every source, spread between runs, outlier runs, evenness within a level, the Boltzmann law at the
published temperatures, and simulated annealing at its defaults. Exit status 1 if a number leaves
the published one. Needs no network; one core, well under a minute.
"""

import sys

import dwave.samplers
import numpy as np

import qxgap as qx
from qxgap import samplers, samples, statistics

PUBLISHED = {
    ("Advantage_system6.4", 10.0): (0.214, 0.241),
    ("Advantage_system6.4", 100.0): (0.286, 0.214),
    ("Advantage_system6.4", 200.0): (0.317, 0.207),
    ("Advantage_system6.4", 500.0): (0.349, 0.198),
    ("Advantage2_system1.4", 10.0): (0.635, 0.147),
    ("Advantage2_system1.4", 100.0): (0.814, 0.119),
    ("Advantage2_system1.4", 200.0): (0.889, 0.105),
    ("Advantage2_system1.4", 500.0): (0.899, 0.102),
    ("neal", None): (0.897, 0.103),
}
"""Mean ground probability and effective temperature of the runs with 1000 reads, but for two."""
OUTLIERS = (255, 256)
"""Runs of Advantage2_system1.4 at 200 us that those numbers leave out."""
PREDICTED = {"Advantage_system6.4": 0.265, "Advantage2_system1.4": 0.853}


HEADING = (
    "source                  us  runs  P ground [95 %]          spread  T_eff [95 %]             "
    "T by flips  TV (chance)      holds  TTS99 anneal/access ms"
)
NOTE = """\
spread: standard deviation between runs over the binomial one. TV: between levels of a run and its
own Boltzmann fit. holds: runs that one temperature fits (false discovery rate 5 %)."""


class Gates:
    """Checks, printed with their outcome."""

    def __init__(self):
        self.failed = 0

    def require(self, holds, text):
        """Count and print one check."""
        self.failed += not holds
        print(f"  {'ok  ' if holds else 'FAIL'} {text}")


def main():
    recorded = samples.iitis()
    levels = samples.energy_levels(recorded.problem)
    gates = Gates()
    temperatures = sources(recorded, levels, gates)
    outliers(recorded, gates)
    within_a_level(recorded, levels, gates)
    predictions(recorded, levels, temperatures, gates)
    annealing(recorded, levels, temperatures, gates)
    return 1 if gates.failed else 0


def sources(recorded, levels, gates):
    """Table of all sources; returns their effective temperatures."""
    print(HEADING)
    temperatures, checks = {}, []
    for (source, time), (ground, temperature) in PUBLISHED.items():
        runs = recorded.select(source, time, num_reads=1000, without=OUTLIERS)
        aligned = [samples.align(recorded.problem, run) for run in runs]
        counts = np.array([samples.level_counts(levels, reads) for reads in aligned])
        found = samples.ground_probability(recorded.problem, runs, seed=0)
        fitted = samples.level_temperature(levels, counts, seed=0)
        flips = samples.pseudolikelihood_temperature(aligned)
        fits = [samples.boltzmann_fit(levels, row, num_resamples=199, seed=0) for row in counts]
        holds = statistics.adjusted_p_values([fit.p_value for fit in fits]) > 0.05
        temperatures[source, time] = fitted
        print(
            f"{source:22} {time or 0:4.0f}  {len(runs):4}  {_value(found)}  "
            f"{found.overdispersion.factor**0.5:6.2f}  {_value(fitted)}  {flips.value:10.3f}  "
            f"{np.mean([f.tv_distance for f in fits]):.4f} "
            f"({np.mean([f.tv_by_chance for f in fits]):.4f})  {holds.sum():2}/{holds.size:2}  "
            f"{_solution(found, runs)}"
        )
        near = round(found.value, 3) == ground
        inside = fitted.interval[0] <= temperature <= fitted.interval[1]
        checks.append((near and inside, f"{source} {time}: P {ground}, T {temperature}"))
        if source != "neal" and (source, time) != ("Advantage2_system1.4", 500.0):
            checks.append(
                (
                    found.overdispersion.p_value < 0.02,
                    f"{source} {time}: runs spread beyond the binomial",
                )
            )
    print(NOTE)
    for check in checks:
        gates.require(*check)
    return temperatures


def outliers(recorded, gates):
    """Outlier runs of every source, all numbers of reads together."""
    print("\noutlier runs (false alarm 1 % for each source)")
    for source, time in PUBLISHED:
        found = samples.ground_probability(recorded.problem, recorded.select(source, time), seed=0)
        if found.outliers:
            told = dict(zip(found.clusters, found.values, strict=True))
            named = ", ".join(f"{run} (P = {told[run]:.3f})" for run in found.outliers)
            print(f"{source} {time:g} us: {named} of {len(found.clusters)}")
        if (source, time) == ("Advantage2_system1.4", 200.0):
            few = set(OUTLIERS) <= set(found.outliers) and len(found.outliers) <= 4
            gates.require(few, f"runs {OUTLIERS} are named, and few others")
        else:
            gates.require(not found.outliers, f"{source} {time}: none is named")


def within_a_level(recorded, levels, gates):
    """How evenly the states of the first excited level are read: a Boltzmann law is even."""
    problem = recorded.problem
    first = levels.index(problem.diagonal, problem.ground_tolerance) == 1
    print(f"\nreads of the {first.sum()} states of the first excited level")
    for source, time in PUBLISHED:
        runs = recorded.select(source, time, num_reads=1000, without=OUTLIERS)
        counts = sum(samples.align(problem, run).state_counts()[first] for run in runs)
        found = samples.Fairness.from_counts(counts, seed=0)
        print(
            f"{source:22} {time or 0:4.0f} us: {min(counts)} to {max(counts)}, entropy "
            f"{found.entropy_ratio:.3f} of an even spread's, p = {found.p_value:.2g}"
        )
        gates.require(found.p_value < 0.001, "not even")


def predictions(recorded, levels, temperatures, gates):
    """Boltzmann laws at the published temperatures, against all anneal times."""
    print("\nBoltzmann law at the published single-qubit temperature")
    for solver, expected in PREDICTED.items():
        published = samplers.published_temperature(solver)
        law = levels.boltzmann(published.single_qubit_temperature)
        frozen = samplers.freezeout_temperature(
            qx.schedule_named(f"{solver}_standard"), published.freezeout_s, published.temperature
        )
        print(
            f"{solver}: T = {published.single_qubit_temperature} predicts P = {law[0]:.3f}; "
            f"2kT/B(s*) at {published.temperature:g} mK, s* = {published.freezeout_s}: "
            f"T = {frozen:.3f}, P = {levels.boltzmann(frozen)[0]:.3f}"
        )
        for time in (10.0, 100.0, 200.0, 500.0):
            runs = recorded.select(solver, time, num_reads=1000, without=OUTLIERS)
            aligned = [samples.align(recorded.problem, run) for run in runs]
            counts = np.array([samples.level_counts(levels, reads) for reads in aligned])
            tv = statistics.measured_distance(counts, law)
            low, high = temperatures[solver, time].interval
            inside = low <= published.single_qubit_temperature <= high
            print(
                f"   {time:3g} us: total variation {tv.value:.3f} [{tv.interval[0]:.3f}, "
                f"{tv.interval[1]:.3f}], {tv.by_chance:.3f} by chance; published T "
                f"{'inside' if inside else 'outside'} [{low:.3f}, {high:.3f}]"
            )
        gates.require(round(float(law[0]), 3) == expected, f"{solver}: predicts {expected}")


def annealing(recorded, levels, temperatures, gates):
    """Simulated annealing as recorded, and drawn now at its defaults."""
    print("\nsimulated annealing at its defaults")
    drawn = dwave.samplers.SimulatedAnnealingSampler().sample(
        recorded.problem.to_bqm(), num_reads=5000, seed=1
    )
    reads = samples.align(recorded.problem, drawn)
    now = samples.level_temperature(levels, samples.level_counts(levels, reads), seed=0)
    print(f"drawn now: T = {_value(now)}; ends at T = {1 / drawn.info['beta_range'][1]:.3f}")
    for solver in PREDICTED:
        hardware = temperatures[solver, 10.0]
        for name, cold in (("recorded", temperatures["neal", None]), ("drawn now", now)):
            gates.require(
                cold.interval[1] < hardware.interval[0],
                f"{name}: T = {cold.value:.3f} is colder than {solver} at 10 us, "
                f"T = {hardware.value:.3f}",
            )


def _value(found):
    return f"{found.value:.4f} [{found.interval[0]:.4f}, {found.interval[1]:.4f}]"


def _solution(found, runs):
    if "timing_us" not in runs[0].info:
        return ""
    access = np.mean([run.info["timing_us"]["qpu_access_time"] for run in runs]) / 1000
    time = samples.solution_time(found, runs[0].info["annealing_time_us"], access)
    return f"{time.anneal_time / 1000:.2f} / {time.access_time / 1000:.2f}"


if __name__ == "__main__":
    sys.exit(main())
