"""Lambda: what is billed, what AWS would refuse, and sweeps."""

import numpy as np
import pytest

from models.errors import InvalidInputError
from models.services.lambda_ import EdgeFunction, EventPollers, Function, vcpus
from models.units import BillingPeriod

THIRTY_DAYS = BillingPeriod("30 days", 720)


def function(**fields):
    given = {"memory_size_mb": 1024, "timeout_seconds": 10, "requests": 1000, "duration_ms": 100}
    return Function(**{"name": "api", **given, **fields})


def quantities(resource, *period):
    usage = resource.estimate(*period)
    return {key.meter.usage_type: usage.total(key) for key in usage}


def gb_seconds(**fields):
    return quantities(function(**fields))["Lambda-GB-Second"]


def test_an_invocation_is_billed_by_whole_milliseconds_and_configured_memory():
    found = quantities(function(duration_ms=99.2, memory_size_mb=512))
    assert found == {"Request": 1000, "Lambda-GB-Second": pytest.approx(1000 * 0.1 * 0.5)}


def test_arm_has_usage_types_of_its_own():
    fields = {"provisioned_concurrent_executions": 1, "provisioned_requests": 10}
    x86 = quantities(function(**fields))
    assert quantities(function(**fields, architecture="arm64")) == {
        f"{usage_type}-ARM": quantity for usage_type, quantity in x86.items()
    }


COLD = {"cold_start_share": 0.01, "init_ms": 400}


def test_a_cold_start_adds_its_initialising_once():
    assert gb_seconds(**COLD) == pytest.approx(100 + 10 * 0.4)


def test_initialising_and_handling_are_rounded_up_together():
    found = gb_seconds(requests=1, duration_ms=250.06, cold_start_share=1, init_ms=100.77)
    assert found == pytest.approx(0.351)


def test_before_august_2025_initialising_a_zip_on_a_managed_runtime_was_free():
    assert gb_seconds(**COLD, bill_init=False) == pytest.approx(100)


@pytest.mark.parametrize("fields", [{"package_type": "image"}, {"runtime": "provided.al2023"}])
def test_images_and_own_runtimes_were_billed_for_it_before(fields):
    assert gb_seconds(**COLD, **fields, bill_init=False) == pytest.approx(104)


def test_what_provisioned_concurrency_serves_has_no_cold_start_and_its_own_price():
    found = quantities(
        function(
            **COLD, provisioned_concurrent_executions=2, provisioned_requests=400,
            provisioned_duration_ms=50,
        ),
        THIRTY_DAYS,
    )  # fmt: skip
    assert found == {
        "Request": 1000,
        "Lambda-GB-Second": pytest.approx(600 * 0.1 + 6 * 0.4),
        "Lambda-Provisioned-GB-Second": pytest.approx(400 * 0.05),
        "Lambda-Provisioned-Concurrency": 2 * 720 * 3600,
    }


def test_provisioned_concurrency_is_rounded_up_to_five_minutes():
    kept = function(requests=0, provisioned_concurrent_executions=1, provisioned_hours=1.01)
    assert quantities(kept) == {"Lambda-Provisioned-Concurrency": 65 * 60}


def test_storage_beyond_what_is_included_is_charged_for_all_billed_time():
    fields = {"provisioned_concurrent_executions": 1, "provisioned_requests": 500, **COLD}
    found = quantities(function(ephemeral_storage_mb=1536, **fields))
    assert found["Lambda-Storage-GB-Second"] == pytest.approx(100 + 5 * 0.4)
    assert "Lambda-Storage-GB-Second" not in quantities(function(ephemeral_storage_mb=512))


def test_a_response_streams_six_mb_free():
    found = quantities(function(streamed_mb_per_request=8.5))
    assert found["Lambda-Streaming-Response-Processed-Bytes"] == pytest.approx(2500 / 1024)


def snapshots(**fields):
    return quantities(function(snap_start=True, snap_start_restores=5, **fields))


def test_a_snapshot_is_cached_for_three_hours_at_least_and_restored_by_memory():
    found = snapshots(snapshot_hours=1, memory_size_mb=2048)
    assert found["Lambda-SnapStart-Cached-GB-S"] == 3 * 3600 * 2
    assert found["Lambda-SnapStart-Restored-GB"] == 10


def test_snap_start_is_free_for_java():
    assert set(snapshots(runtime="java21")) == {"Request", "Lambda-GB-Second"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"memory_size_mb": 127},
            r"memory_size_mb: 127 must be from 128 to 10,240 \[MB\] \(https://docs",
        ),
        ({"memory_size_mb": 10_241}, "from 128 to 10,240 .*configuration-memory"),
        ({"memory_size_mb": 512.5}, "memory_size_mb"),
        ({"timeout_seconds": 901}, "from 1 to 900 .*configuration-timeout"),
        ({"timeout_seconds": 0}, "from 1 to 900"),
        ({"ephemeral_storage_mb": 511}, "from 512 to 10,240 .*configuration-ephemeral-storage"),
        ({"account_concurrency": 9}, "account_concurrency"),
        (
            {"reserved_concurrent_executions": 901},
            r"\(901\) must be at most 900.*configuration-con",
        ),
        ({"reserved_concurrent_executions": -1}, "reserved_concurrent_executions"),
        ({"reserved_concurrent_executions": 1, "account_concurrency": 100}, "at most 0"),
        ({"provisioned_concurrent_executions": 901}, r"\(901\) must be at most 900"),
        (
            {"provisioned_concurrent_executions": 6, "reserved_concurrent_executions": 5},
            r"provisioned_concurrent_executions \(6\) must be at most 5",
        ),
        ({"snap_start": True, "runtime": "python3.11"}, "from java11, python3.12.*snapstart"),
        ({"snap_start": True, "runtime": "nodejs22.x"}, "snap_start must be false with runtime"),
        (
            {"snap_start": True, "provisioned_concurrent_executions": 1},
            "false with provisioned concurrency .*snapstart",
        ),
        ({"snap_start": True, "ephemeral_storage_mb": 513}, r"\(513\) above 512 .*snapstart"),
        ({"snap_start_restores": 1}, "without snap_start"),
        ({"snapshot_hours": 1}, "without snap_start"),
        ({"duration_ms": 10_001}, "duration_ms must be at most 10,000, the timeout_seconds"),
        ({"provisioned_requests": 1}, "must be 0 where provisioned_concurrent_executions is 0"),
        (
            {"provisioned_requests": 1001, "provisioned_concurrent_executions": 1},
            "must not be more than requests",
        ),
        ({"cold_start_share": 1.1}, "share from 0 to 1"),
        ({"runtime": "Python 3"}, "runtime"),
        ({"architecture": "arm"}, "nearest: arm64"),
    ],
)
def test_a_function_that_aws_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        function(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"memory_size_mb": 128},
        {"memory_size_mb": 10_240},
        {"reserved_concurrent_executions": 900},
        {"reserved_concurrent_executions": 0, "account_concurrency": 10},
        {"reserved_concurrent_executions": 5, "provisioned_concurrent_executions": 5},
        {"snap_start": True, "runtime": "python3.12"},
        {"snap_start": True, "runtime": "java11"},
    ],
)
def test_the_limits_themselves_are_allowed(fields):
    function(**fields)


def test_hours_beyond_the_month_are_refused():
    kept = function(provisioned_concurrent_executions=1, provisioned_hours=721)
    with pytest.raises(InvalidInputError, match="hours 721 must be at most the 720"):
        kept.estimate(THIRTY_DAYS)


def test_a_sweep_of_durations_and_shares_gives_a_point_for_each():
    swept = gb_seconds(duration_ms=np.array([10, 100.5]), cold_start_share=np.array([0, 0.5]))
    assert swept == pytest.approx([1000 * 0.010, 1000 * 0.101])
    shares = np.array([0.0, 0.01, 1.0])
    assert gb_seconds(cold_start_share=shares, init_ms=400) == pytest.approx([100, 104, 500])


def test_a_sweep_points_at_the_one_that_is_refused():
    with pytest.raises(InvalidInputError, match="at most 10,000"):
        function(duration_ms=np.array([100, 20_000]))


def test_processors_come_with_the_memory():
    assert vcpus(np.array([884.5, 1769, 10_240, 20_000])) == pytest.approx(
        [0.5, 1, 10_240 / 1769, 6]
    )


def test_pollers_are_charged_by_the_second_with_a_minute_at_least():
    short = EventPollers(name="p", kind="kafka", units=2, hours=1 / 3600)
    assert quantities(short) == {"EventPollerUnit-Kafka": pytest.approx(2 / 60)}
    month = EventPollers(name="p", kind="sqs", units=2)
    assert quantities(month, THIRTY_DAYS) == {"EventPollerUnit-SQS": 1440}


def test_a_mapping_for_sqs_has_two_pollers_at_least():
    with pytest.raises(InvalidInputError, match=r"at least 2 for 'sqs' .*lambda/pricing"):
        EventPollers(name="p", kind="sqs", units=1)


def test_the_edge_has_meters_of_its_own():
    edge = EdgeFunction(name="edge", requests=1000, duration_ms=9.5, memory_mb=256)
    assert quantities(edge) == {
        "Lambda-Edge-Request": 1000,
        "Lambda-Edge-GB-Second": pytest.approx(1000 * 0.010 * 0.25),
    }


def test_memory_at_the_edge_has_the_limits_of_lambda():
    with pytest.raises(InvalidInputError, match=r"memory_mb: 64 must be from 128 to 10,240"):
        EdgeFunction(name="edge", memory_mb=64)
