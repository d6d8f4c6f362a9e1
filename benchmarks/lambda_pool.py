"""The Lambda simulator: its kernel, end to end, against its twin, against SimFaaS, and its memory.

Prints one JSON object, measured in this run, random numbers included (but for `kernel_per_second`),
and fails where a figure misses what it must reach. `invocations_per_second` and
`minutes_per_second_by_load` are `simulate_functions` as people call it, with a row of the timeline
for each simulated minute, which is most of the time at 10 a second and below. The ratios and
`per_second_by_load` leave the timeline out and run the engine in one go, because SimFaaS has no
such rows and because they would hide what an invocation costs; `simfaas_ratio_with_minutes` and
`_with_hours` are `simulate_functions` with rows of a minute and of an hour. Either side of a ratio
is the best of several runs.

SimFaaS comes from PyPI into an environment of its own, in the cache folder of this user; where that
fails, its figures are null. ``python -m benchmarks.lambda_pool``, or one part of it: ``pool``,
``twin``, ``load``, ``simfaas``, ``example``, ``memory``; about two minutes.
"""

import json
import os
import resource
import subprocess
import sys
import time
import venv
from pathlib import Path

#: The example in the README of SimFaaS: means of warm and of whole cold responses, expiry. [s]
WARM_SECONDS, COLD_SECONDS, EXPIRY_SECONDS = 1.991, 2.244, 600.0
EXAMPLE = (0.9, 1e6)  # arrivals a second, seconds
BUSY = (100.0, 1e3)
SEEDS = 300
LOADS = (1, 10, 100, 1000)
INVOCATIONS, TWIN_INVOCATIONS, MANY_INVOCATIONS = 5_000_000, 1_000_000, 100_000_000

SIMFAAS = "simfaas==0.2.2"
RUN_SIMFAAS = """
import json, sys, time
from simfaas.ServerlessSimulator import ServerlessSimulator
rate, seconds, warm, cold, expiry = map(float, sys.argv[1:])
simulator = ServerlessSimulator(
    arrival_rate=rate, warm_service_rate=1 / warm, cold_service_rate=1 / cold,
    expiration_threshold=expiry, max_time=seconds,
)
started = time.perf_counter()
simulator.generate_trace(debug_print=False, progress=False)
passed = time.perf_counter() - started
print(json.dumps(simulator.get_result_dict()["reqs_total"] / passed))
"""


def function(law, **environment):
    from models.services.lambda_ import ExecutionEnvironment, Function

    return Function(
        name="api", timeout_seconds=900, account_concurrency=10_000,
        environment=ExecutionEnvironment(cold_response=law(COLD_SECONDS), **environment),
    )  # fmt: skip


def as_in_simfaas():
    """Its rule and laws: newest first, everything exponential, no end but by expiry."""
    from models.distributions import Fixed

    return function(
        exponential, routing="newest_created", idle_timeout=Fixed(seconds=EXPIRY_SECONDS),
        life=Fixed(seconds=1e9),
    )  # fmt: skip


def lognormal(mean_seconds):
    from models.distributions import LogNormal

    return LogNormal.of_mean(mean_seconds, cv=1)


def exponential(mean_seconds):
    from models.distributions import Exponential

    return Exponential(mean_seconds=mean_seconds)


def arrivals(rate, seconds, law, seed=0):
    from models.workload import Constant

    work = law(WARM_SECONDS)
    return Constant(rate_per_second=rate, duration_seconds=seconds, work=work, seed=seed)


def compiled(serving, asked):
    from models.simulation.clock import Clock
    from models.simulation.functions.compiled import CompiledFunctions

    clock = Clock()
    return clock, CompiledFunctions(clock, serving, asked)


def readable(serving, asked):
    from models.simulation.clock import Clock
    from models.simulation.functions.twin import ReadableFunctions

    clock = Clock()
    return clock, ReadableFunctions(clock, serving, asked)


def serve(engine, one, trace, seed=0):
    """Invocations a second of an engine that runs in one go, drawing included; and its totals."""
    from models.services.lambda_ import Invocation
    from models.simulation.functions.assembling import requests, serving_of
    from models.simulation.functions.assumptions import FunctionAssumptions

    several = (Invocation(function=one),)
    serving = serving_of(several, (trace,), seed, FunctionAssumptions())
    started = time.perf_counter()
    clock, functions = engine(serving, requests(several, (trace,), seed))
    clock.run_to(trace.duration_seconds)
    functions.close()
    totals = functions.totals()
    return totals.requests.sum() / (time.perf_counter() - started), totals


def simulate(one, trace, **options):
    """Invocations a second of `simulate_functions`, drawing and timeline included."""
    from models.simulation.functions import simulate_functions

    started = time.perf_counter()
    run = simulate_functions(one, trace, **options)
    return run.requests / (time.perf_counter() - started)


def pool():
    """End to end, and the kernel alone, at 100 arrivals a second."""
    one, trace = function(lognormal), arrivals(100, INVOCATIONS / 100, lognormal)
    simulate(one, arrivals(100, 100, lognormal))
    return {
        "invocations_per_second": max(simulate(one, trace) for _ in range(8)),
        "kernel_per_second": max(serve_drawn(one, trace) for _ in range(5)),
    }


def serve_drawn(one, trace):
    """Invocations a second of the kernel, with all arrivals drawn before."""
    import numpy as np

    from models.services.lambda_ import Invocation
    from models.simulation.functions import kernel
    from models.simulation.functions.assembling import requests, serving_of
    from models.simulation.functions.assumptions import FunctionAssumptions

    several = (Invocation(function=one),)
    drawn = list(requests(several, (trace,), 0))
    times = np.concatenate([some.arrivals for some in drawn])
    works = np.concatenate([some.works for some in drawn])
    serving = serving_of(several, (trace,), 0, FunctionAssumptions())
    _, functions = compiled(serving, iter(()))
    started = time.perf_counter()
    served = kernel.serve(
        functions.state, times, works, drawn[0].functions, 0, 0, trace.duration_seconds
    )
    passed = time.perf_counter() - started
    assert served == len(times) == functions.state.starts.sum()
    return served / passed


def twin():
    """The compiled engine against the readable one, at 100 arrivals a second."""
    one, trace = function(lognormal), arrivals(100, TWIN_INVOCATIONS / 100, lognormal)
    serve(compiled, one, arrivals(100, 100, lognormal))
    ours = max(serve(compiled, one, trace)[0] for _ in range(5))
    plain = max(serve(readable, one, trace)[0] for _ in range(2))
    return {"twin_ratio": ours / plain, "twin_per_second": plain}


def load():
    """What an invocation costs as more of them arrive; rounds, so that noise hits every load."""
    one = function(lognormal)
    serve(compiled, one, arrivals(100, 100, lognormal))
    traces = {rate: arrivals(rate, INVOCATIONS / rate, lognormal) for rate in LOADS}
    rounds = [[serve(compiled, one, trace)[0] for trace in traces.values()] for _ in range(4)]
    speeds = dict(zip(LOADS, map(max, zip(*rounds, strict=True)), strict=True))
    # A fifth of the invocations: at 1 a second they are 16,667 simulated minutes.
    short = {rate: arrivals(rate, INVOCATIONS / 5 / rate, lognormal) for rate in LOADS}
    whole = {rate: max(simulate(one, trace) for _ in range(2)) for rate, trace in short.items()}
    return {
        "load_cost_ratio": speeds[LOADS[0]] / speeds[LOADS[-1]],
        "per_second_by_load": speeds,
        "minutes_per_second_by_load": whole,
    }


def simfaas():
    """Against SimFaaS on the example of its README, and at 100 arrivals a second."""
    one, found = as_in_simfaas(), {}
    serve(compiled, one, arrivals(*BUSY, exponential))
    python = python_with_simfaas()
    for suffix, (rate, seconds) in (("", EXAMPLE), ("_100rps", BUSY)):
        trace = arrivals(rate, seconds, exponential)
        ours = max(serve(compiled, one, trace)[0] for _ in range(7))
        minutes = max(simulate(one, trace) for _ in range(3))
        hours = max(simulate(one, trace, row_seconds=3600) for _ in range(3))
        theirs = python and max(simfaas_speed(python, rate, seconds) for _ in range(2))
        found |= {
            f"simfaas_ratio{suffix}": theirs and ours / theirs,
            f"simfaas_ratio{suffix}_with_minutes": theirs and minutes / theirs,
            f"simfaas_ratio{suffix}_with_hours": theirs and hours / theirs,
            f"simfaas_per_second{suffix}": theirs,
        }
    return found


def simfaas_speed(python, rate, seconds):
    given = map(str, (rate, seconds, WARM_SECONDS, COLD_SECONDS, EXPIRY_SECONDS))
    command = [python, "-I", "-c", RUN_SIMFAAS, *given]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def python_with_simfaas():
    """The interpreter of an environment that has SimFaaS, or none where it cannot be installed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "costlab-benchmarks" / SIMFAAS.replace("==", "-")
    python = folder / "bin" / "python"
    try:
        if not (python.exists() and imports_simfaas(python)):
            venv.create(folder, clear=True, with_pip=True)
            command = [python, "-m", "pip", "--disable-pip-version-check", "install", "-q", SIMFAAS]
            subprocess.run(command, check=True, capture_output=True, text=True)
        if imports_simfaas(python):
            return python
        why = "it was installed but cannot be imported"
    except (OSError, subprocess.CalledProcessError) as error:
        said = str(getattr(error, "stderr", None) or getattr(error, "output", None) or error)
        why = said.strip().splitlines()[-1]
    print(f"{SIMFAAS} cannot be installed, so its figures are null: {why}", file=sys.stderr)
    return None


def imports_simfaas(python):
    command = [python, "-I", "-c", "import simfaas.ServerlessSimulator"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def example():
    """Our figures of SimFaaS's example: mean of the seeds, half-width of its 99.9 % interval."""
    import numpy as np
    from scipy import stats

    from models.simulation.functions.outcomes import COLD

    one, (rate, seconds) = as_in_simfaas(), EXAMPLE
    runs = []
    for seed in range(SEEDS):
        _, totals = serve(compiled, one, arrivals(rate, seconds, exponential, seed), seed)
        share = totals.starts[0, COLD] / totals.starts.sum()
        runs.append(
            (share, totals.environment_seconds[0] / seconds, totals.busy_seconds[0] / seconds)
        )
    half = stats.t.ppf(0.9995, SEEDS - 1) * np.std(runs, axis=0, ddof=1) / np.sqrt(SEEDS)
    names = ("p_cold", "mean_instances", "mean_running")
    return dict(zip(names, np.mean(runs, axis=0).tolist(), strict=True)) | {
        "half_widths": dict(zip(names, half.tolist(), strict=True))
    }


def memory():
    """Peak of a process that simulates 100 million invocations, end to end."""
    simulate(function(lognormal), arrivals(1000, MANY_INVOCATIONS / 1000, lognormal))
    return {"peak_mib_100m": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


#: What each figure must reach: at least, at most, or as SimFaaS has it (mean, half-width).
AT_LEAST = {
    "invocations_per_second": 8_000_000,
    "kernel_per_second": 10_000_000,
    "simfaas_ratio": 100,
    "simfaas_ratio_100rps": 500,
    "twin_ratio": 50,
}
AT_MOST = {"load_cost_ratio": 2, "peak_mib_100m": 400}
NEAR = {
    "p_cold": (0.0013386, 0.0000014),
    "mean_instances": (7.6964, 0.0010),
    "mean_running": (1.79220, 0.000005),
}
PARTS = (pool, twin, load, simfaas, example, memory)


def figures(value):
    """Six digits of every number."""
    if isinstance(value, dict):
        return {name: figures(one) for name, one in value.items()}
    return value if value is None else float(f"{value:.6g}")


def main() -> None:
    found = {}
    for part in PARTS:
        command = [sys.executable, "-m", "benchmarks.lambda_pool", part.__name__]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found |= json.loads(done.stdout)
    print(json.dumps(figures(found), indent=2))
    missed = [name for name, least in AT_LEAST.items() if found[name] and found[name] < least]
    missed += [name for name, most in AT_MOST.items() if found[name] > most]
    missed += [
        name for name, (mean, half) in NEAR.items()
        if abs(found[name] - mean) > half + found["half_widths"][name]
    ]  # fmt: skip
    if missed:
        sys.exit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(next(part for part in PARTS if part.__name__ == sys.argv[1])()))
    else:
        main()
