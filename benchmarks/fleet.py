"""The Auto Scaling simulator: kernel against its twin, a day of requests, a year of streams.

Prints one JSON object, measured in this run, random numbers included, and fails where a figure
misses what it must reach (numba's private option that the kernel's speed rests on may change). Each
part runs in a process of its own after a warm-up call, so that its peak memory is its own; the two
sides of a ratio run one after the other in the same process. ``python -m benchmarks.fleet``; about
three minutes.
"""

import json
import resource
import subprocess
import sys
import time

#: 20 instances x 4 workers at three quarters of what they can do.
INSTANCES, WORKERS, LOAD, MEAN_SECONDS = 20, 4, 0.75, 0.1
RATE_PER_SECOND = INSTANCES * WORKERS * LOAD / MEAN_SECONDS
KERNEL_REQUESTS, TWIN_REQUESTS = 12_000_000, 10_000_000
DAY_SECONDS, YEAR_DAYS = 86_400, 365


def serve(engine, algorithm, requests):
    """Requests a second through a fixed fleet, drawing included."""
    from models.distributions import LogNormal
    from models.simulation.clock import Clock
    from models.simulation.targets import Serving
    from models.workload import Constant

    trace = Constant(
        rate_per_second=RATE_PER_SECOND, duration_seconds=requests / RATE_PER_SECOND,
        work=LogNormal.of_mean(MEAN_SECONDS, cv=0.5),
    )  # fmt: skip
    clock = Clock()
    started = time.perf_counter()
    targets = engine(clock, Serving(WORKERS, 50, algorithm=algorithm), trace.chunks())
    targets.grow_to(INSTANCES)
    for slot in range(INSTANCES):
        targets.restore(slot)
    targets.route_to([range(INSTANCES)])
    clock.run_to(trace.duration_seconds)
    targets.close()
    served = float(targets.read().outcomes.sum())
    return served / (time.perf_counter() - started)


def fleet():
    from models.simulation.compiled import CompiledTargets
    from models.simulation.targets import LEAST_OUTSTANDING, ROUND_ROBIN
    from models.simulation.twin import ReadableTargets

    speeds = {}
    for suffix, algorithm in (("", ROUND_ROBIN), ("_least_outstanding", LEAST_OUTSTANDING)):
        serve(CompiledTargets, algorithm, 100_000)
        kernel = serve(CompiledTargets, algorithm, KERNEL_REQUESTS)
        twin = serve(ReadableTargets, algorithm, TWIN_REQUESTS)
        speeds[f"twin_ratio{suffix}"] = kernel / twin
        speeds[f"requests_per_second{suffix}"] = kernel
        if not suffix:
            speeds["twin_per_second"] = twin
    return speeds


def group(algorithm, **application):
    from models.scaling import TargetTrackingPolicy
    from models.services.autoscaling import (
        Application,
        AutoScalingGroup,
        TargetGroup,
    )

    return AutoScalingGroup(
        name="web", min_size=4, max_size=60, health_check_type="ELB",
        health_check_grace_period_seconds=90, default_instance_warmup_seconds=120,
        application=Application(workers=WORKERS, client_timeout_seconds=10, **application),
        target_group=TargetGroup(algorithm=algorithm),
        policies=[
            TargetTrackingPolicy(
                name="cpu", predefined_metric="ASGAverageCPUUtilization", target_value=60
            )
        ],
    )  # fmt: skip


def day(algorithm):
    """A day at a mean of 1,000 requests a second, with target tracking and crashes."""
    from models import simulate
    from models.distributions import LogNormal
    from models.workload import Diurnal

    web = group(algorithm, mean_seconds_between_crashes=5 * DAY_SECONDS)
    trace = Diurnal(
        duration_seconds=DAY_SECONDS, low_per_second=300, high_per_second=1700,
        work=LogNormal.of_mean(MEAN_SECONDS, cv=0.5),
    )  # fmt: skip
    simulate(web, trace.replace(duration_seconds=120))
    started = time.perf_counter()
    run = simulate(web, trace)
    assert run.requests > 86e6
    assert run.outcomes["failed"] > 0
    return time.perf_counter() - started


def least_outstanding_day():
    return {"day_seconds_least_outstanding": day("least_outstanding_requests")}


def round_robin_day():
    return {"day_seconds": day("round_robin"), "day_peak_mib": peak_mib()}


def year():
    """A year at one-minute steps; the day's group without crashes."""
    from models import simulate
    from models.distributions import LogNormal
    from models.workload import Diurnal

    trace = Diurnal(
        duration_seconds=YEAR_DAYS * DAY_SECONDS, low_per_second=300, high_per_second=1700,
        work=LogNormal.of_mean(MEAN_SECONDS, cv=0.5),
    )  # fmt: skip
    web = group("round_robin")
    simulate(web, trace.replace(duration_seconds=600), engine="fluid")
    started = time.perf_counter()
    run = simulate(web, trace, engine="fluid")
    seconds = time.perf_counter() - started
    assert len(run.column("seconds")) == YEAR_DAYS * DAY_SECONDS / 60
    return {"fluid_year_seconds": seconds, "fluid_year_peak_mib": peak_mib()}


def start():
    """From the first import of the engine to its first answer, with the kernel in the cache."""
    import numpy  # noqa: F401 - not ours to count

    started = time.perf_counter()
    from models.simulation.compiled import CompiledTargets
    from models.simulation.targets import ROUND_ROBIN

    serve(CompiledTargets, ROUND_ROBIN, 1_000)
    return {"cached_start_seconds": time.perf_counter() - started}


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


#: What each figure must reach: at least, or at most.
AT_LEAST = {
    "twin_ratio": 100,
    "twin_ratio_least_outstanding": 50,
    "twin_per_second": 30_000,
    "requests_per_second": 7_000_000,
    "requests_per_second_least_outstanding": 3_000_000,
}
AT_MOST = {
    "day_seconds": 15,
    "day_seconds_least_outstanding": 30,
    "day_peak_mib": 400,
    "fluid_year_seconds": 15,
    "fluid_year_peak_mib": 500,
    "cached_start_seconds": 1,
}
PARTS = (fleet, round_robin_day, least_outstanding_day, year, start)


def main() -> None:
    found = {}
    for part in PARTS:
        command = [sys.executable, "-m", "benchmarks.fleet", part.__name__]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found |= json.loads(done.stdout)
    print(json.dumps({name: round(value, 3) for name, value in found.items()}, indent=2))
    missed = [name for name, least in AT_LEAST.items() if found[name] < least]
    missed += [name for name, most in AT_MOST.items() if found[name] > most]
    if missed:
        sys.exit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(next(part for part in PARTS if part.__name__ == sys.argv[1])()))
    else:
        main()
