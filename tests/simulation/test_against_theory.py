"""A fixed fleet against queueing theory: disagreement beyond sampling error is a bug.

Each comparison is a 99.9 % t-interval over independent replications; each was seen to fail when
the work was made 3 % longer (see the last tests).
"""

import numpy as np
import pytest
from scipy import stats

from models import theory
from models.distributions import Exponential, Fixed, LogNormal
from models.simulation.clock import Clock
from models.simulation.compiled import CompiledTargets
from models.simulation.outcomes import REJECTED
from models.simulation.targets import Serving
from models.simulation.twin import ReadableTargets
from models.workload import Constant

REPLICATIONS, WARM_SHARE = 12, 0.1


def agrees(samples, expected, confidence=0.999):
    """Whether `expected` lies in the t-interval of independent replications."""
    interval = stats.t.interval(
        confidence, len(samples) - 1, loc=np.mean(samples), scale=stats.sem(samples)
    )
    return interval[0] <= expected <= interval[1]


def records(rate, work, workers, places=10**6, seconds=4000.0, seed=0, engine=CompiledTargets):
    """Arrival times and records of one target, without its first tenth."""
    trace = Constant(rate_per_second=rate, duration_seconds=seconds, work=work, seed=seed)
    clock = Clock()
    serving = Serving(workers=workers, places=places)
    targets = engine(clock, serving, trace.chunks(), keep_records=True)
    targets.grow_to(1)
    targets.restore(0)
    targets.route_to([[0]])
    clock.run_to(seconds)
    targets.close()
    arrivals = np.concatenate([chunk.arrivals for chunk in trace.chunks()])
    warm = arrivals > seconds * WARM_SHARE
    return arrivals[warm], targets.records[warm]


def mean_waits(rate, work, workers, **options):
    """Mean wait in line of each replication, of the requests that were served."""
    found = []
    for seed in range(REPLICATIONS):
        arrivals, kept = records(rate, work, workers, seed=seed, **options)
        served = ~np.isnan(kept["start"])
        found.append(float(np.mean((kept["start"] - arrivals)[served])))
    return found


@pytest.mark.parametrize(("workers", "load"), [(1, 0.5), (1, 0.8), (4, 0.8), (16, 0.9)])
def test_mean_wait_in_an_mmc_queue_is_erlangs(workers, load):
    work = Exponential(mean_seconds=0.1)
    rate = workers * load / 0.1
    waits = mean_waits(rate, work, workers)
    assert agrees(waits, theory.mmc_mean_wait_seconds(rate, 0.1, workers))


def test_share_of_requests_that_wait_is_erlang_c():
    shares = []
    for seed in range(REPLICATIONS):
        arrivals, kept = records(32.0, Exponential(mean_seconds=0.1), 4, seed=seed)
        shares.append(float(np.mean(kept["start"] > arrivals)))
    assert agrees(shares, theory.erlang_c(4, 3.2))


@pytest.mark.parametrize("work", [Fixed(seconds=0.1), LogNormal.of_mean(0.1, cv=1.5)])
def test_mean_wait_in_an_mg1_queue_is_pollaczek_and_khinchines(work):
    waits = mean_waits(7.0, work, 1, seconds=20_000.0)
    assert agrees(waits, theory.mg1_mean_wait_seconds(7.0, 0.1, work.cv2))


@pytest.mark.parametrize(("workers", "places"), [(1, 4), (3, 5)])
def test_lost_share_of_an_mmck_queue(workers, places):
    rate = workers * 1.1 / 0.1
    shares = []
    for seed in range(REPLICATIONS):
        _, kept = records(rate, Exponential(mean_seconds=0.1), workers, places=places, seed=seed)
        shares.append(float(np.mean(kept["outcome"] == REJECTED)))
    assert agrees(shares, theory.mmck_loss(workers, workers + places, workers * 1.1))


def test_the_twin_waits_as_erlang_says_too():
    work = Exponential(mean_seconds=0.1)
    waits = mean_waits(32.0, work, 4, seconds=600.0, engine=ReadableTargets)
    assert agrees(waits, theory.mmc_mean_wait_seconds(32.0, 0.1, 4))


@pytest.mark.parametrize("seed", range(5))
def test_littles_law_holds_on_every_run(seed):
    """Requests in the system, counted at random instants, are the rate times the time in it."""
    arrivals, kept = records(36.0, LogNormal.of_mean(0.1, cv=1.0), 4, seed=seed)
    first, last = arrivals[0], arrivals[-1]
    inside = np.random.default_rng(seed).uniform(first + 60, last, 40_000)
    here = np.searchsorted(arrivals, inside) - np.searchsorted(np.sort(kept["finish"]), inside)
    rate = len(arrivals) / (last - first)
    expected = theory.little_length(rate, float(np.mean(kept["finish"] - arrivals)))
    # Instants are independent of the requests; their sampling error is the only one left, and the
    # first minute, which counts requests whose arrival was left out.
    assert here.mean() == pytest.approx(expected, rel=0.05)


def test_a_slower_worker_is_noticed():
    waits = mean_waits(32.0, Exponential(mean_seconds=0.103), 4)
    assert not agrees(waits, theory.mmc_mean_wait_seconds(32.0, 0.1, 4))


def test_a_place_too_many_in_the_line_is_noticed():
    shares = []
    for seed in range(REPLICATIONS):
        _, kept = records(11.0, Exponential(mean_seconds=0.1), 1, places=5, seed=seed)
        shares.append(float(np.mean(kept["outcome"] == REJECTED)))
    assert not agrees(shares, theory.mm1k_loss(5, 1.1))
