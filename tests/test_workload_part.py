"""Parts of a trace share out its very requests; slower work is slower however it is given."""

import numpy as np
import pytest

from models.distributions import Fixed
from models.errors import InvalidInputError
from models.services.autoscaling import Queries
from models.simulation.database.tier import with_statements
from models.workload import AtTimes, Constant, Counts, Diurnal, Part

TRACES = {
    "constant": Constant(rate_per_second=3, duration_seconds=7200, clients=10, seed=4),
    "diurnal": Diurnal(low_per_second=1, high_per_second=5, duration_seconds=7200),
    "counts": Counts(interval_seconds=60, requests=[30, 0, 90], duration_seconds=180),
    "at_times": AtTimes(times=np.linspace(0, 99, 400), duration_seconds=100),
}
each_trace = pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)


def requests(trace):
    chunks = list(trace.chunks())
    return np.array([
        np.concatenate([chunk.arrivals for chunk in chunks]),
        np.concatenate([chunk.work for chunk in chunks]),
    ])  # fmt: skip


@each_trace
def test_parts_share_out_every_request_with_its_work(trace):
    parts = [Part.of(trace, low, high) for low, high in ((0, 0.2), (0.2, 0.5), (0.5, 1))]
    together = np.concatenate([requests(part) for part in parts], axis=1)
    whole = requests(trace)
    order = np.lexsort(together[::-1])
    assert np.array_equal(together[:, order], whole[:, np.lexsort(whole[::-1])])
    shares = [requests(part).shape[1] / whole.shape[1] for part in parts]
    assert shares == pytest.approx([0.2, 0.3, 0.5], abs=0.1)


@each_trace
def test_a_part_expects_its_share(trace):
    part = Part.of(trace, 0.25, 0.75)
    assert part.expected_requests == pytest.approx(trace.expected_requests / 2)
    edges = np.linspace(0, trace.duration_seconds, 5)
    assert part.rates(edges) == pytest.approx(trace.rates(edges) / 2)
    assert part.changes(0, trace.duration_seconds).tolist() == pytest.approx(
        trace.changes(0, trace.duration_seconds).tolist()
    )


def test_a_part_keeps_its_clients_and_its_statements():
    part = Part.of(TRACES["constant"], 0, 0.5)
    for chunk in part.chunks():
        assert len(chunk.clients) == len(chunk.arrivals) > 0
    for chunk in with_statements(part, Queries(time=Fixed(seconds=0.1))):
        assert chunk.statements.tolist() == [0.1] * len(chunk.arrivals)


def test_what_changes_changes_in_the_whole_trace():
    part = Part.of(TRACES["constant"], 0, 0.5)
    assert part.replace(seed=9).trace.seed == part.replace(seed=9).seed == 9
    assert part.scaled(2).expected_requests == 2 * part.expected_requests
    assert part.replace(high=0.25).expected_requests == part.expected_requests / 2
    assert requests(part.replace(work=Fixed(seconds=7)))[1].tolist()[:2] == [7, 7]


@pytest.mark.parametrize(("low", "high"), [(0.5, 0.5), (0.6, 0.5), (-0.1, 1), (0, 1.1)])
def test_a_part_must_be_a_part(low, high):
    with pytest.raises(InvalidInputError):
        Part.of(TRACES["constant"], low, high)


@each_trace
def test_slower_requests_are_the_same_requests_with_more_work(trace):
    for one in (trace, Part.of(trace, 0, 0.5)):
        before, after = requests(one), requests(one.slowed(3))
        assert np.array_equal(after[0], before[0])
        assert after[1] == pytest.approx(3 * before[1])
        assert one.slowed(3).work.mean_seconds == pytest.approx(3 * one.work.mean_seconds)


def test_work_that_was_given_is_slower_too():
    trace = AtTimes(times=[0, 1], work_seconds=[0.5, 2], duration_seconds=10)
    assert requests(trace.slowed(2))[1].tolist() == [1, 4]
    assert requests(Part.of(trace, 0, 1).slowed(2))[1].tolist() == [1, 4]
