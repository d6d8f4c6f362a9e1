"""Queues and streams that a function works off: order, repetition, limits, and nothing lost."""

import re

import pytest

from models.billing import bill
from models.distributions import Fixed, LogNormal
from models.errors import InvalidInputError
from models.services.lambda_ import Function, QueueMapping, StreamMapping
from models.services.sqs import Queue
from models.simulation import FunctionAssumptions, simulate_queue, simulate_stream
from models.simulation.functions.queue import QueueConsumer
from models.simulation.functions.stream import StreamConsumer
from models.theory import expected_batch_size, little_length
from models.workload import Constant, Counts, Spike

WORKER = Function(name="worker", memory_size_mb=512, timeout_seconds=20)
JOBS = Queue(name="jobs", visibility_timeout_seconds=120)
MAPPING = QueueMapping(function=WORKER, queue=JOBS)
SENT = Constant(rate_per_second=20, duration_seconds=900, work=Fixed(seconds=0.2))
STREAM = StreamMapping(function=WORKER, shards=4)


def instant(function=WORKER):
    """The same function without cold starts, so that times can be worked out by hand."""
    return function.replace(
        environment={"init": {"distribution": "fixed", "seconds": 0}, "first_run_seconds": 0}
    )


def burst(count, seconds=600, work=0.2):
    """So many messages within the first second, and nothing after."""
    return Counts(
        duration_seconds=seconds, interval_seconds=1.0, requests=[count, *[0] * (seconds - 1)],
        work=Fixed(seconds=work),
    )  # fmt: skip


CASES = {
    "plain": (MAPPING, SENT),
    "windowed": (MAPPING.replace(batch_size=100, maximum_batching_window_seconds=5), SENT),
    "limited": (MAPPING.replace(maximum_concurrency=2), SENT),
    "poisoned": (
        MAPPING.replace(queue=JOBS.replace(max_receive_count=3), poison_share=0.01),
        SENT,
    ),
    "fifo": (MAPPING.replace(queue=JOBS.replace(fifo=True), message_groups=5), SENT),
    "shortened": (
        MAPPING.replace(shortened_visibility_timeout_seconds=1, overhead_seconds=2),
        SENT,
    ),
    "throttled": (
        MAPPING.replace(
            function=WORKER.replace(reserved_concurrent_executions=2),
            queue=JOBS.replace(max_receive_count=2),
        ),
        SENT,
    ),
    "expired": (
        MAPPING.replace(maximum_concurrency=2, queue=JOBS.replace(message_retention_seconds=60)),
        SENT,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_message_ends_once_or_is_still_there(name):
    mapping, trace = CASES[name]
    run = simulate_queue(mapping, trace)
    sent = sum(len(chunk.arrivals) for chunk in trace.chunks())
    assert run.sent == sent
    assert run.column("sent").sum() == sent
    assert run.column("delivered").sum() == run.messages["delivered"] > 0
    assert run.receives >= run.messages["delivered"]


def test_the_same_seed_gives_the_same_run():
    first, second = (simulate_queue(MAPPING, SENT, seed=4) for _ in range(2))
    assert first.messages == second.messages
    assert first.batches == second.batches
    assert simulate_queue(MAPPING, SENT, seed=5).totals.created[0] > 0


class TestBatches:
    def test_a_window_gathers_what_arrives_in_it(self):
        mapping = MAPPING.replace(
            function=instant(), batch_size=10, maximum_batching_window_seconds=2
        )
        trace = Constant(rate_per_second=2, duration_seconds=20_000, work=Fixed(seconds=0.01))
        run = simulate_queue(mapping, trace)
        mean = run.receives / run.batches
        assert mean == pytest.approx(expected_batch_size(2, 2, 10), rel=0.02)
        assert mean != pytest.approx(expected_batch_size(2, 1, 10), rel=0.2)

    def test_without_a_window_nobody_waits(self):
        quiet = Constant(rate_per_second=0.5, duration_seconds=2000, work=Fixed(seconds=0.01))
        run = simulate_queue(MAPPING.replace(function=instant()), quiet)
        assert run.batches == run.sent
        assert run.age_seconds(1) == pytest.approx(0.01, rel=0.02)

    def test_the_handler_works_on_the_messages_one_after_another(self):
        run = simulate_queue(MAPPING.replace(function=instant(), overhead_seconds=1), burst(10))
        by_hand = run.batches * 1000 + 10 * 200
        assert run.totals.billed_ms[0] == by_hand


class TestScaling:
    def test_it_starts_with_five_and_adds_three_hundred_a_minute(self):
        mapping = MAPPING.replace(function=instant(), batch_size=1)
        run = simulate_queue(mapping, burst(20_000, work=10.0))
        at_work = run.column("concurrency")
        assert at_work[0] == pytest.approx(5 + 300, abs=10)
        assert at_work[1] == pytest.approx(5 + 600, abs=10)

    def test_maximum_concurrency_is_never_exceeded(self):
        run = simulate_queue(MAPPING.replace(maximum_concurrency=3), burst(3000))
        assert run.column("concurrency").max() == 3
        free = simulate_queue(MAPPING, burst(3000, work=2.0))
        assert free.column("concurrency").max() > 3

    def test_few_pollers_work_off_a_burst_at_their_own_pace(self):
        mapping = MAPPING.replace(function=instant(), maximum_concurrency=2, batch_size=10)
        run = simulate_queue(mapping, burst(3000))
        # 3,000 x 0.2 s of work through two handlers.
        assert run.age_seconds(1) == pytest.approx(300, rel=0.02)

    def test_a_fifo_queue_has_no_more_batches_in_flight_than_groups(self):
        fifo = MAPPING.replace(queue=JOBS.replace(fifo=True), message_groups=3, batch_size=1)
        run = simulate_queue(fifo, burst(2000))
        assert run.column("concurrency").max() <= 3
        assert simulate_queue(
            fifo.replace(message_groups=50), burst(2000, work=2.0)
        ).column("concurrency").max() > 3  # fmt: skip

    def test_concurrency_is_rate_times_time(self):
        work = LogNormal.of_mean(0.5, cv=1)
        trace = Constant(rate_per_second=10, duration_seconds=7200, work=work)
        run = simulate_queue(MAPPING.replace(function=instant(), batch_size=1), trace)
        busy = run.totals.busy_seconds[0] / trace.duration_seconds
        assert busy == pytest.approx(little_length(10, 0.5), rel=0.03)


class TestRepetition:
    def test_a_visibility_timeout_below_the_work_delivers_twice(self):
        slow = MAPPING.replace(function=instant(), overhead_seconds=5, batch_size=1)
        assert simulate_queue(slow, burst(20)).duplicates == 0
        shortened = slow.replace(shortened_visibility_timeout_seconds=3)
        run = simulate_queue(shortened, burst(5))
        assert run.messages["delivered"] == 5
        assert run.duplicates == 5

    def test_a_poisoned_message_goes_to_the_dead_letter_queue_after_its_receipts(self):
        queue = JOBS.replace(max_receive_count=3, visibility_timeout_seconds=20)
        mapping = MAPPING.replace(queue=queue, poison_share=1.0, batch_size=1)
        run = simulate_queue(mapping, burst(50))
        assert run.messages["given_up"] == 50
        assert run.receives == 3 * 50

    def test_without_a_dead_letter_queue_it_comes_back_until_it_expires(self):
        queue = JOBS.replace(message_retention_seconds=300, visibility_timeout_seconds=20)
        mapping = MAPPING.replace(queue=queue, poison_share=1.0, batch_size=1)
        run = simulate_queue(mapping, burst(10))
        assert run.messages["expired"] == 10
        assert run.receives / 10 == pytest.approx(300 / 20, abs=1)

    def test_reported_failures_spare_the_rest_of_the_batch(self):
        queue = JOBS.replace(max_receive_count=2, visibility_timeout_seconds=20)
        mapping = MAPPING.replace(
            queue=queue, poison_share=0.05, batch_size=10, maximum_batching_window_seconds=1
        )
        whole = simulate_queue(mapping, burst(1000))
        reported = simulate_queue(mapping.replace(report_batch_item_failures=True), burst(1000))
        poisoned = reported.messages["given_up"]
        assert poisoned == pytest.approx(50, abs=20)
        assert whole.messages["given_up"] > 3 * poisoned

    def test_throttles_push_good_messages_into_the_dead_letter_queue(self):
        mapping, trace = CASES["throttled"]
        run = simulate_queue(mapping.replace(overhead_seconds=2), trace)
        assert run.messages["given_up"] > 100
        spared = mapping.replace(maximum_concurrency=2, overhead_seconds=2)
        assert simulate_queue(spared, trace).messages["given_up"] == 0


def test_the_queue_is_billed_for_sending_receiving_deleting_and_empty_polls():
    quiet = Constant(rate_per_second=0.01, duration_seconds=36_000, work=Fixed(seconds=0.1))
    run = simulate_queue(MAPPING.replace(function=instant()), quiet)
    (meter,) = [key for key in run.usage() if key.meter.service_code == "AWSQueueService"]
    hours = 730 / 10
    polls = 5 * 36_000 / 20
    assert run.usage().total(meter) == pytest.approx((3 * run.sent + polls) * hours, rel=0.01)
    assert bill(run.usage()).total_usd > 0


def test_deletes_go_out_ten_at_a_time():
    mapping = MAPPING.replace(function=instant(), batch_size=100, maximum_batching_window_seconds=1)
    run = simulate_queue(mapping, burst(1000, seconds=3600, work=0.001))
    (meter,) = [key for key in run.usage() if key.meter.service_code == "AWSQueueService"]
    deletes = 1000 / 10
    receipts = 1000 / (1000 / run.batches)  # a message of 1 KB: a request for each batch
    polls = 5 * 3600 / 20
    hourly = run.usage().total(meter) / 730
    assert hourly == pytest.approx(1000 + receipts + deletes + polls, rel=0.01)


def test_busy_pollers_do_not_poll_in_vain():
    mapping = MAPPING.replace(function=instant(), maximum_concurrency=2, batch_size=1)
    steady = Constant(rate_per_second=2, duration_seconds=3600, work=Fixed(seconds=0.5))
    run = simulate_queue(mapping, steady)
    (meter,) = [key for key in run.usage() if key.meter.service_code == "AWSQueueService"]
    vain = run.usage().total(meter) / 730 - 3 * run.sent
    # Two pollers, half of their time at work.
    assert vain == pytest.approx(2 * 3600 / 20 / 2, rel=0.1)


class TestThrottled:
    """A function that may not run at all: its batches are tried until their messages reappear."""

    STOPPED = MAPPING.replace(
        function=instant(WORKER.replace(reserved_concurrent_executions=0)), batch_size=1
    )

    def test_the_waits_double(self):
        run = simulate_queue(self.STOPPED, burst(1, seconds=119))
        # At 0, 1, 3, 7, 15 and 31 s, and then every 20 s within the 120 s of its visibility.
        assert run.totals.attempts[0].sum() == 6 + 4
        assert run.receives == 1
        longer = self.STOPPED.replace(throttle_backoff_most_seconds=900)
        assert simulate_queue(longer, burst(1, seconds=119)).totals.attempts[0].sum() == 7

    def test_a_poller_that_gives_up_takes_the_next_batch_at_once(self):
        mapping = self.STOPPED.replace(maximum_concurrency=2)
        run = simulate_queue(mapping, burst(4, seconds=130))
        # The first two at 0 s; the pollers are free when these have reappeared, at 120 s.
        assert run.receives == 4

    def test_a_short_throttle_does_not_cost_the_visibility_timeout(self):
        one = MAPPING.replace(
            function=instant(WORKER.replace(reserved_concurrent_executions=1)), batch_size=1
        )
        run = simulate_queue(one, burst(2, work=4.0))
        assert run.messages["delivered"] == 2
        assert run.receives == 2
        assert run.age_seconds(1) < 30


def ended(consumer_class, mapping, trace):
    """Numbers of the messages in the order in which they were done with, and the messages."""
    seen = []

    class Watched(consumer_class):
        def end(self, message, how):
            if not message.done:
                seen.append(message)
            super().end(message, how)

    consumer = Watched(mapping, trace, 0, FunctionAssumptions())
    consumer.finish(trace.duration_seconds)
    return seen


def in_order(messages):
    """Whether the messages of each group ended in the order in which they were sent."""
    groups = {}
    for message in messages:
        groups.setdefault(message.group, []).append(message.number)
    return all(numbers == sorted(numbers) for numbers in groups.values())


def test_a_fifo_queue_keeps_the_order_of_each_group_even_after_failures():
    flaky = instant()
    flaky = flaky.replace(environment=flaky.environment.replace(error_share=0.3))
    queue = JOBS.replace(fifo=True, visibility_timeout_seconds=20)
    mapping = MAPPING.replace(function=flaky, queue=queue, message_groups=4, batch_size=2)
    messages = ended(QueueConsumer, mapping, burst(200, seconds=4000, work=0.1))
    assert len(messages) == 200
    assert in_order(messages)
    standard = ended(
        QueueConsumer, mapping.replace(queue=queue.replace(fifo=False)), burst(200, seconds=4000)
    )
    assert not in_order(standard)


def test_a_message_that_came_back_waits_for_its_window_again():
    queue = JOBS.replace(visibility_timeout_seconds=20, max_receive_count=2)
    mapping = MAPPING.replace(
        function=instant(), queue=queue, maximum_batching_window_seconds=10, poison_share=1.0
    )
    run = simulate_queue(mapping, burst(1, seconds=120))
    busy = run.column("attempts")
    # Received at about 10 s and, 20 s of hiding and another window later, at 40 s.
    assert busy[0] == 2
    late = simulate_queue(mapping.replace(maximum_batching_window_seconds=25), burst(1, 120))
    assert list(late.column("attempts")) == [1, 1]


def test_provisioned_concurrency_serves_batches_without_a_cold_start():
    run = simulate_queue(
        MAPPING.replace(function=WORKER.replace(provisioned_concurrent_executions=20)), SENT
    )
    assert run.totals.starts[0].tolist()[1] == 0
    assert "Lambda-Provisioned-Concurrency" in {key.meter.usage_type for key in run.usage()}


class TestStreams:
    def test_a_lane_for_each_shard_and_factor(self):
        trace = Constant(rate_per_second=50, duration_seconds=600, work=Fixed(seconds=0.1))
        narrow = simulate_stream(STREAM.replace(function=instant()), trace)
        assert narrow.column("concurrency").max() <= 4
        wide = simulate_stream(STREAM.replace(function=instant(), parallelization_factor=10), trace)
        assert wide.messages["delivered"] > narrow.messages["delivered"]
        for run in (narrow, wide):
            assert run.sent == sum(len(chunk.arrivals) for chunk in trace.chunks())

    def test_records_wait_for_the_next_poll_of_their_shard(self):
        trace = Constant(rate_per_second=0.05, duration_seconds=40_000, work=Fixed(seconds=0.01))
        run = simulate_stream(STREAM.replace(function=instant()), trace)
        # Uniform within a second: the median is half of it.
        assert run.age_seconds(0.5) == pytest.approx(0.51, abs=0.06)
        assert run.age_seconds(1) < 1.05

    def test_one_poisoned_record_holds_up_its_shard_for_ever(self):
        trace = Constant(rate_per_second=20, duration_seconds=1800, work=Fixed(seconds=0.001))
        stuck = simulate_stream(STREAM.replace(poison_share=0.0005), trace)
        assert stuck.messages["waiting"] > 0.2 * stuck.sent
        assert stuck.messages["given_up"] == 0

    def test_retries_and_bisecting_give_up_little_more_than_the_poison(self):
        trace = Constant(rate_per_second=20, duration_seconds=1800, work=Fixed(seconds=0.001))
        limited = STREAM.replace(poison_share=0.0005, maximum_retry_attempts=2, batch_size=100)
        coarse = simulate_stream(limited, trace)
        fine = simulate_stream(limited.replace(bisect_batch_on_function_error=True), trace)
        assert 0 < fine.messages["given_up"] <= coarse.messages["given_up"] / 3
        assert fine.messages["waiting"] < 200

    def test_old_records_are_given_up(self):
        trace = Constant(rate_per_second=20, duration_seconds=1800, work=Fixed(seconds=0.001))
        run = simulate_stream(
            STREAM.replace(poison_share=0.0005, maximum_record_age_seconds=60), trace
        )
        assert run.messages["given_up"] > 0
        assert run.column("oldest_seconds").max() < 130

    def test_records_of_a_key_end_in_the_order_in_which_they_were_sent(self):
        trace = Constant(rate_per_second=20, duration_seconds=900, work=Fixed(seconds=0.001))
        mapping = STREAM.replace(
            function=instant(), partition_keys=20, parallelization_factor=3, poison_share=0.01,
            maximum_retry_attempts=1, bisect_batch_on_function_error=True,
        )  # fmt: skip
        messages = ended(StreamConsumer, mapping, trace)
        assert len(messages) > 15_000
        assert in_order(messages)

    def test_each_half_has_its_own_retries(self):
        mapping = STREAM.replace(
            function=instant(), shards=1, poison_share=1.0, batch_size=4,
            maximum_batching_window_seconds=2, maximum_retry_attempts=2,
            bisect_batch_on_function_error=True,
        )  # fmt: skip
        run = simulate_stream(mapping, burst(4, seconds=120, work=0.001))
        assert run.messages["given_up"] == 4
        # Once all four, twice two of them, and each one alone three times.
        assert run.batches == 1 + 2 + 4 * 3

    def test_a_batch_is_given_up_after_its_retries(self):
        mapping = STREAM.replace(
            function=instant(), shards=1, poison_share=1.0, maximum_retry_attempts=4,
            retry_seconds=5.0,
        )  # fmt: skip
        run = simulate_stream(mapping, burst(1, seconds=120))
        assert run.batches == 5
        assert simulate_stream(mapping, burst(1, seconds=14)).batches == 3

    def test_records_expire_with_the_stream(self):
        trace = Constant(rate_per_second=0.001, duration_seconds=200_000, work=Fixed(seconds=0.1))
        mapping = STREAM.replace(poison_share=1.0, retry_seconds=900)
        run = simulate_stream(mapping, trace)
        assert run.messages["expired"] > 0
        assert run.messages["given_up"] == 0
        assert run.column("oldest_seconds").max() < 2 * 86_400

    def test_throttles_are_not_counted_as_retries(self):
        function = instant(WORKER.replace(reserved_concurrent_executions=1))
        mapping = STREAM.replace(function=function, maximum_retry_attempts=0, overhead_seconds=1)
        trace = Constant(rate_per_second=5, duration_seconds=600, work=Fixed(seconds=0.001))
        run = simulate_stream(mapping, trace)
        assert run.messages["given_up"] == 0
        assert run.totals.attempts[0].sum() > run.totals.starts[0].sum()


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"batch_size": 0}, "batch_size: 0 must be from 1 to 10,000"),
            ({"batch_size": 10_001, "maximum_batching_window_seconds": 1}, "from 1 to 10,000"),
            ({"batch_size": 11}, "maximum_batching_window_seconds (0) must be at least 1 where"),
            ({"maximum_batching_window_seconds": 301}, "301 must be from 0 to 300"),
            ({"maximum_concurrency": 1}, "1 must be from 2 to 1,000"),
            ({"queue": JOBS.replace(fifo=True), "maximum_batching_window_seconds": 1}, "FIFO"),
            ({"queue": JOBS.replace(visibility_timeout_seconds=19)}, "(19) of the queue must be"),
            ({"poison_share": 1.5}, "poison_share"),
            ({"batchsize": 3}, "there is no such field; nearest: batch_size"),
        ],
    )
    def test_what_aws_refuses_is_refused(self, fields, said):
        with pytest.raises(InvalidInputError, match=re.escape(said)):
            QueueMapping(**{"function": WORKER, "queue": JOBS, **fields})

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"shards": 0}, "shards"),
            ({"parallelization_factor": 11}, "11 must be from 1 to 10"),
            ({"batch_size": 10_001}, "10001 must be from 1 to 10,000"),
            ({"maximum_record_age_seconds": 59}, "maximum_record_age_seconds"),
            ({"retry_seconds": 0}, "retry_seconds"),
        ],
    )
    def test_streams_too(self, fields, said):
        with pytest.raises(InvalidInputError, match=re.escape(said)):
            StreamMapping(**{"function": WORKER, **fields})

    def test_a_timeout_shortened_later_needs_the_explicit_argument(self):
        hidden = JOBS.replace(visibility_timeout_seconds=19)
        with pytest.raises(InvalidInputError, match="shortened_visibility_timeout_seconds"):
            QueueMapping(function=WORKER, queue=hidden)
        assert MAPPING.replace(
            shortened_visibility_timeout_seconds=19
        ).visibility_timeout_seconds == 19  # fmt: skip

    def test_an_unknown_column_is_refused_with_those_that_exist(self):
        run = simulate_queue(MAPPING, burst(5, seconds=60))
        with pytest.raises(InvalidInputError, match=r"no column 'bakclog'; it has .*backlog"):
            run.column("bakclog")


def test_a_run_shows_itself():
    run = simulate_queue(MAPPING, burst(5, seconds=60), assumptions=FunctionAssumptions())
    assert repr(run).startswith("ConsumerRun(0.0166667 h, 5 delivered")
    assert "Messages sent" in run._repr_html_()
    assert list(run.timeline["sent"]) == [5]


def test_a_spike_is_worked_off_after_it_is_over():
    trace = Spike(
        base_per_second=1, peak_per_second=200, at_seconds=60, hold_seconds=60,
        duration_seconds=1200, work=Fixed(seconds=1.0),
    )  # fmt: skip
    run = simulate_queue(MAPPING.replace(maximum_concurrency=20, batch_size=1), trace)
    assert run.column("backlog").argmax() in {1, 2}
    assert run.column("backlog")[-1] == 0
