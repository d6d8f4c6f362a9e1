"""Experiments: what processes add to speed, what a run costs by itself, and two whole questions.

Prints one JSON object, measured in this run, and fails where a figure misses what it must reach.
``python -m benchmarks.experiments``, or one part of it: ``efficiency``, ``overhead``,
``crossover``, ``surface``; about six minutes.

- `parallel_efficiency`: a comparison of 200 replications of a day on two processes against two
  copies of it, each on one, side by side. Whole commands: starting Python and its processes counts.
- `task_overhead_ms`: time of a run that does nothing, on two processes that are already there.
- `crossover_seconds`: three architectures x 25 loads from 0.1 to 100 requests a second x 8 days,
  request by request: the chart of lesson 17.
- `surface_seconds`: which of two architectures is cheaper for a million pairs of requests and
  durations, in closed form: `estimate()` and `bill()` of both.
"""

import json
import multiprocessing
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from benchmarks._timing import best_seconds

REPLICATIONS, PROCESSES, ROUNDS = 200, 2, 2
EMPTY_RUNS = 5000
LEAST_LOAD, MOST_LOAD, LOADS, DAYS = 0.1, 100, 25, 8
ARCHITECTURES = ("api-on-ec2", "api-on-fargate", "api-on-lambda")
SIDE = 1000  # points of the surface: SIDE x SIDE
FULL_CORE_MB = 1769  # what buys a function a whole virtual core
HANDLER_SECONDS, REQUEST_SECONDS = 0.2, 0.1


def function_run(*, rate_per_second, duration_seconds, memory_size_mb=1024, row_seconds=3600, seed):
    """A Lambda function under constant traffic, simulated."""
    from models import simulate_functions, workload
    from models.distributions import LogNormal
    from models.services.lambda_ import Function

    trace = workload.Constant(
        rate_per_second=rate_per_second, duration_seconds=duration_seconds,
        work=LogNormal.of_mean(HANDLER_SECONDS, cv=1), seed=seed,
    )  # fmt: skip
    function = Function(name="api", timeout_seconds=30, memory_size_mb=memory_size_mb)
    return simulate_functions(function, trace, seed=seed, row_seconds=row_seconds)


def cold_share(*, seed, **arguments):
    """A number out of a day of traffic."""
    starts = function_run(seed=seed, **arguments).totals.starts
    return float(starts[:, 1:].sum() / starts.sum())


def compared(workers=None):
    """The comparison whose speed is measured."""
    from models.experiments import compare

    sides = {f"{mb} MB": (cold_share, {"memory_size_mb": mb}) for mb in (512, 1024)}
    traffic = {"rate_per_second": 25.0, "duration_seconds": 86_400.0}  # a day
    compare(sides, REPLICATIONS, arguments=traffic, workers=workers, progress=False)


def alone():
    compared()


def together():
    compared(workers=PROCESSES)


def command(part):
    return [sys.executable, "-m", "benchmarks.experiments", part]


def efficiency():
    """The best of a few rounds, because other work on the machine only ever slows one down."""
    alone_seconds, together_seconds = [], []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run(command("together"), check=True, stdout=subprocess.DEVNULL)
        together_seconds.append(time.perf_counter() - started)
        started = time.perf_counter()
        copies = [
            subprocess.Popen(command("alone"), stdout=subprocess.DEVNULL) for _ in range(PROCESSES)
        ]
        assert [copy.wait() for copy in copies] == [0] * PROCESSES
        alone_seconds.append(time.perf_counter() - started)
    return {"parallel_efficiency": min(alone_seconds) / PROCESSES / min(together_seconds)}


def nothing(*, seed):
    return 0.0


def overhead():
    from models.experiments import replicate

    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=spawn) as executor:
        replicate(nothing, 100, executor=executor)
        started = time.perf_counter()
        replicate(nothing, EMPTY_RUNS, executor=executor)
        return {"task_overhead_ms": 1000 * (time.perf_counter() - started) / EMPTY_RUNS}


def crossover():
    import numpy as np

    from models import architectures
    from models.comparison import crossover as chart
    from models.distributions import LogNormal

    built = {name: architectures.build(name) for name in ARCHITECTURES}
    loads = np.geomspace(LEAST_LOAD, MOST_LOAD, LOADS)
    started = time.perf_counter()
    found = chart(
        built, loads, LogNormal.of_mean(REQUEST_SECONDS, cv=1), replications=DAYS,
        workers=PROCESSES, progress=False,
    )  # fmt: skip
    assert found.complete
    assert found.summary["cost_usd"].notna().all()
    return {"crossover_seconds": time.perf_counter() - started}


def surface():
    """A function against as many instances as its work keeps busy three quarters of the time."""
    import numpy as np

    from models import Catalogue, bill
    from models.services.ec2 import Instance
    from models.services.lambda_ import Function
    from models.units import TYPICAL

    catalogue = Catalogue.load()
    requests = np.repeat(np.geomspace(1e4, 1e10, SIDE), SIDE)
    duration_ms = np.tile(np.geomspace(1, 10_000, SIDE), SIDE)

    def function_is_cheaper():
        function = Function(
            name="api", timeout_seconds=30, memory_size_mb=FULL_CORE_MB, requests=requests,
            duration_ms=duration_ms,
        )  # fmt: skip
        busy = requests * duration_ms / 1000 / (TYPICAL.hours * 3600)
        count = np.maximum(2, np.ceil(busy / (2 * 0.75)))
        fleet = Instance(name="fleet", instance_type="m7g.large", count=count)
        usd = [bill(one.estimate(), catalogue).total_usd for one in (function, fleet)]
        return usd[0] < usd[1]

    cheaper = function_is_cheaper()
    assert cheaper[0]
    assert not cheaper[-1]
    return {"surface_seconds": best_seconds(function_is_cheaper)}


#: What each figure must reach: at least, or at most.
AT_LEAST = {"parallel_efficiency": 0.9}
AT_MOST = {"task_overhead_ms": 5, "crossover_seconds": 180, "surface_seconds": 2}
PARTS = (efficiency, overhead, crossover, surface)


def main() -> None:
    found = {}
    for part in PARTS:
        done = subprocess.run(command(part.__name__), check=True, stdout=subprocess.PIPE, text=True)
        found |= json.loads(done.stdout)
    rounded = {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in found.items()
    }
    print(json.dumps(rounded, indent=2))
    missed = [name for name, least in AT_LEAST.items() if found[name] < least]
    missed += [name for name, most in AT_MOST.items() if found[name] > most]
    if missed:
        sys.exit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asked = next(part for part in (*PARTS, alone, together) if part.__name__ == sys.argv[1])
        print(json.dumps(asked()))
    else:
        main()
