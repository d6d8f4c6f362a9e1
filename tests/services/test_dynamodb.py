"""DynamoDB: what a request takes, what a table is billed, and what AWS would refuse."""

import math
import time

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.scaling import ScheduledAction
from models.services.dynamodb import (
    GlobalSecondaryIndex,
    ScalableTarget,
    Table,
    burst_seconds,
    partitions,
    query_units,
    read_units,
    stored_gb,
    utilization_tracking,
    write_units,
)
from models.units import TYPICAL, BillingPeriod


def quantities(table, period=TYPICAL):
    usage = table.estimate(period)
    return {key.meter.usage_type: usage.total(key) for key in usage}


def provisioned(**fields):
    given = {"read_capacity_units": 10, "write_capacity_units": 5, **fields}
    return Table(name="table", billing_mode="PROVISIONED", **given)


# --- units ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "units"), [("eventual", 0.5), ("strong", 1.0), ("transactional", 2.0)]
)
def test_a_read_of_an_item_of_3_5_kb_takes_what_aws_says(kind, units):
    assert read_units(3.5, kind) == units


def test_a_write_of_an_item_of_3_5_kb_takes_4_units_and_8_in_a_transaction():
    assert write_units(3.5) == 4
    assert write_units(3.5, transactional=True) == 8


@pytest.mark.parametrize(
    ("kb", "read", "write"), [(0, 1, 1), (1, 1, 1), (1.001, 1, 2), (4, 1, 4), (4.001, 2, 5),
                              (400, 100, 400)],
)  # fmt: skip
def test_sizes_are_rounded_up_to_4_kb_and_to_1_kb(kb, read, write):
    assert read_units(kb) == read
    assert write_units(kb) == write


def test_what_floats_leave_over_is_not_rounded_up():
    assert write_units(0.1 + 0.2 + 0.7) == 1  # 1.0000000000000002 or less
    assert query_units(30, 0.4 / 3, strong=True) == 1  # 4.0 KB


@pytest.mark.parametrize(
    ("items", "kb", "units"),
    [
        (0, 1, 1), (4, 1, 1), (5, 1, 2), (80, 0.1, 2), (1024, 1, 256),
        # Two pages of 1 MB each and 1 KB more: a third page of its own.
        (2049, 1, 513), (1025, 1, 257),
    ],
)  # fmt: skip
def test_a_query_adds_up_its_items_before_it_rounds(items, kb, units):
    assert query_units(items, kb, strong=True) == units
    assert query_units(items, kb) == units / 2


def test_storage_counts_100_bytes_more_for_each_item():
    assert stored_gb(2**30, 1 / 1024) == pytest.approx(101)
    assert stored_gb(0, 400) == 0


@pytest.mark.parametrize(
    ("reads", "writes", "gb", "number"),
    [(0, 0, 0, 1), (3000, 0, 0, 1), (3001, 0, 0, 2), (1500, 500, 0, 1), (1500, 501, 0, 2),
     (10, 10, 10, 1), (10, 10, 10.1, 2), (12_000, 4000, 0, 8)],
)  # fmt: skip
def test_partitions_follow_capacity_and_size(reads, writes, gb, number):
    assert partitions(reads, writes, gb) == number


def test_a_burst_lasts_as_long_as_aws_calculates():
    assert burst_seconds(200, 100, idle_seconds=300) == 300
    assert burst_seconds(200, 150, idle_seconds=300) == 900  # 45,000 / 50
    assert burst_seconds(200, 150, idle_seconds=30_000) == 900
    assert burst_seconds(200, 100, idle_seconds=30) == 30
    assert math.isinf(burst_seconds(100, 100, idle_seconds=0))


# --- on demand --------------------------------------------------------------------------------


def test_requests_on_demand_are_counted_in_units():
    table = Table(
        name="table", item_size_kb=3.5, eventual_reads=100, strong_reads=10, transactional_reads=1,
        queries=20, query_items=4, writes=50, transactional_writes=5,
    )  # fmt: skip
    # Reads 50 + 10 + 2; queries of 14 KB take 4 units, read eventually 2, so 40; writes 200 + 40.
    assert quantities(table) == {"ReadRequestUnits": 102, "WriteRequestUnits": 240}
    assert table.units_per_read == pytest.approx(102 / 131)
    assert table.units_per_write == pytest.approx(240 / 55)


def test_queries_can_be_strongly_consistent():
    asked = {"queries": 10, "query_items": 8}
    assert quantities(Table(name="t", **asked)) == {"ReadRequestUnits": 10}
    assert quantities(Table(name="t", strong_queries=True, **asked)) == {"ReadRequestUnits": 20}


def test_without_requests_a_read_is_eventual_and_a_write_plain():
    table = Table(name="table", item_size_kb=9)
    assert table.units_per_read == 1.5
    assert table.units_per_write == 9


def test_the_infrequent_class_has_usage_types_of_its_own():
    table = Table(
        name="t", table_class="STANDARD_INFREQUENT_ACCESS", strong_reads=1, writes=1, storage_gb=1
    )
    found = {"IA-ReadRequestUnits": 1, "IA-WriteRequestUnits": 1, "IA-TimedStorage-ByteHrs": 1}
    assert quantities(table) == found
    both = provisioned(table_class="STANDARD_INFREQUENT_ACCESS")
    assert quantities(both) == {"IA-ReadCapacityUnit-Hrs": 7300, "IA-WriteCapacityUnit-Hrs": 3650}


def test_storage_is_that_of_the_items_unless_it_is_given():
    table = Table(name="t", items=2**30, item_size_kb=1)
    assert quantities(table) == {"TimedStorage-ByteHrs": pytest.approx(1124)}
    assert quantities(table.replace(storage_gb=7)) == {"TimedStorage-ByteHrs": 7}


def test_what_keeps_data_safe_and_moves_it_is_charged_by_size():
    table = Table(
        name="t", storage_gb=10, point_in_time_recovery=True, backup_storage_gb=20, restored_gb=3,
        exported_gb=4, imported_gb=5, stream_read_requests=6, kinesis_records=7, item_size_kb=1.5,
    )  # fmt: skip
    assert quantities(table) == {
        "TimedStorage-ByteHrs": 10, "TimedPITRStorage-ByteHrs": 10,
        "TimedBackupStorage-ByteHrs": 20, "RestoreDataSize-Bytes": 3, "ExportDataSize-Bytes": 4,
        "ImportDataSize-Bytes": 5, "Streams-Requests": 6, "ChangeDataCaptureUnits-Kinesis": 14,
    }  # fmt: skip


def test_three_indexes_make_a_write_cost_four_times_as_much():
    plain = Table(name="t", writes=1000)
    indexes = [GlobalSecondaryIndex(index_name=f"i{number}") for number in range(3)]
    indexed = plain.replace(global_secondary_indexes=indexes)
    assert bill(indexed.estimate()).total_usd == pytest.approx(
        4 * bill(plain.estimate()).total_usd, rel=1e-12
    )


def test_an_index_has_sizes_reads_and_storage_of_its_own():
    index = GlobalSecondaryIndex(
        index_name="by-date", item_size_kb=0.5, items=2**20, writes_per_write=2, eventual_reads=10,
        queries=3, query_items=16,
    )  # fmt: skip
    table = Table(name="t", item_size_kb=3, writes=100, global_secondary_indexes=[index])
    # Writes 300 + 100 x 2 x 1; reads 10 x 0.5 + 3 x (8 KB: 2 units, halved).
    found = quantities(table)
    assert found["WriteRequestUnits"] == 500
    assert found["ReadRequestUnits"] == 8
    assert found["TimedStorage-ByteHrs"] == pytest.approx(2**20 * (512 + 100) / 2**30)


def test_writes_of_a_replica_are_replicated_and_those_of_its_indexes_are_not():
    index = GlobalSecondaryIndex(index_name="i")
    table = Table(name="t", writes=10, global_table=True, global_secondary_indexes=[index])
    assert quantities(table) == {"ReplWriteRequestUnits": 10, "WriteRequestUnits": 10}
    assert quantities(provisioned(global_table=True)) == {
        "ReadCapacityUnit-Hrs": 7300, "ReplWriteCapacityUnit-Hrs": 3650,
    }  # fmt: skip


# --- provisioned ------------------------------------------------------------------------------


def test_capacity_is_charged_by_the_hour_whoever_asks():
    table = provisioned(writes=1e9, eventual_reads=1e9)
    month = BillingPeriod.of("2026-11")
    assert quantities(table, month) == {
        "ReadCapacityUnit-Hrs": 10 * 720, "WriteCapacityUnit-Hrs": 5 * 720,
    }  # fmt: skip


def test_capacity_of_indexes_comes_on_top():
    index = GlobalSecondaryIndex(index_name="i", read_capacity_units=3, write_capacity_units=5)
    found = quantities(provisioned(global_secondary_indexes=[index]))
    assert found == {"ReadCapacityUnit-Hrs": 13 * 730, "WriteCapacityUnit-Hrs": 10 * 730}


def test_a_hundred_thousand_points_are_quick():
    counts = np.linspace(0, 1e9, 100_000)
    index = GlobalSecondaryIndex(index_name="i", item_size_kb=np.linspace(0, 400, 100_000))
    table = Table(
        name="t", writes=counts, eventual_reads=counts, queries=counts, items=counts,
        item_size_kb=np.linspace(0, 400, 100_000), global_secondary_indexes=[index],
    )  # fmt: skip
    bill(table.estimate())
    start = time.perf_counter()
    priced = bill(table.estimate())
    assert time.perf_counter() - start < 0.1
    assert priced.total_usd.shape == (100_000,)


# --- auto scaling -----------------------------------------------------------------------------


def test_the_alarms_are_two_minutes_high_and_fifteen_minutes_low():
    high, low = utilization_tracking("DynamoDBReadCapacityUtilization", 70).alarms("table/t")
    assert (high.threshold, high.evaluation_periods) == (70, 2)
    assert (low.threshold, low.evaluation_periods) == (50, 15)
    assert {high.treat_missing_data, low.treat_missing_data} == {"ignore"}


def test_the_low_alarm_lies_twenty_points_below_the_target():
    assert utilization_tracking("x", 90).scale_in_threshold == pytest.approx(70)
    assert 0 < utilization_tracking("x", 20).scale_in_threshold < 1e-4


def test_scale_in_can_be_switched_off():
    policy = ScalableTarget(max_capacity=10, disable_scale_in=True).policy("x")
    assert policy.alarms("t").low is None


@pytest.mark.parametrize("target", [19.9, 90.1, float("nan")])
def test_a_target_that_aws_refuses_is_refused(target):
    with pytest.raises(InvalidInputError, match=r"target_percent.*(20 to 90|finite)"):
        ScalableTarget(max_capacity=10, target_percent=target)


@pytest.mark.parametrize("target", [20, 90])
def test_the_targets_at_the_ends_are_taken(target):
    assert ScalableTarget(max_capacity=10, target_percent=target).target_percent == target


@pytest.mark.parametrize("fields", [{"min_capacity": 0}, {"max_capacity": 40_001}])
def test_bounds_that_no_table_can_have_are_refused(fields):
    with pytest.raises(InvalidInputError, match=r"1 to 40,000.*https://docs\.aws"):
        ScalableTarget(**{"max_capacity": 10, **fields})


def test_bounds_in_the_wrong_order_are_refused():
    with pytest.raises(InvalidInputError, match=r"min_capacity \(11\) must be at most"):
        ScalableTarget(min_capacity=11, max_capacity=10)


def test_schedules_belong_to_the_target():
    night = ScheduledAction(name="night", recurrence="0 0 * * *", max_size=5)
    assert ScalableTarget(max_capacity=10, scheduled_actions=[night]).scheduled_actions == (night,)


# --- what is refused --------------------------------------------------------------------------


def test_an_item_above_400_kb_is_refused_with_awss_page():
    assert Table(name="t", item_size_kb=400).item_size_kb == 400
    with pytest.raises(InvalidInputError, match=r"item_size_kb: 400.5 must be at most 400 \[KB\]"):
        Table(name="t", item_size_kb=400.5)
    with pytest.raises(InvalidInputError, match=r"at most 400 .*https://docs\.aws"):
        GlobalSecondaryIndex(index_name="i", item_size_kb=np.array([1.0, 401.0]))


@pytest.mark.parametrize("units", [0, 40_001])
@pytest.mark.parametrize("name", ["read_capacity_units", "write_capacity_units"])
def test_capacity_that_no_table_can_have_is_refused(name, units):
    with pytest.raises(InvalidInputError, match=rf"{name}: {units} must be from 1 to 40,000"):
        provisioned(**{name: units})
    with pytest.raises(InvalidInputError, match="from 1 to 40,000"):
        GlobalSecondaryIndex(index_name="i", **{name: units})


def test_capacity_goes_with_provisioned_mode_and_with_no_other():
    with pytest.raises(InvalidInputError, match="write_capacity_units must be given"):
        Table(name="t", billing_mode="PROVISIONED", read_capacity_units=1)
    with pytest.raises(InvalidInputError, match="read_capacity_units must not be given"):
        Table(name="t", read_capacity_units=1)
    with pytest.raises(InvalidInputError, match="read_scaling must not be given"):
        Table(name="t", read_scaling=ScalableTarget(max_capacity=5))
    with pytest.raises(InvalidInputError, match="max_read_request_units must not be given"):
        provisioned(max_read_request_units=5)


def test_an_index_has_capacity_where_its_table_has():
    with pytest.raises(InvalidInputError, match="i: read_capacity_units must be given"):
        provisioned(global_secondary_indexes=[GlobalSecondaryIndex(index_name="i")])
    index = GlobalSecondaryIndex(index_name="i", read_capacity_units=1, write_capacity_units=1)
    with pytest.raises(InvalidInputError, match="i: read_capacity_units must not be given"):
        Table(name="t", global_secondary_indexes=[index])


def test_capacity_must_start_within_the_bounds_of_its_scaling():
    with pytest.raises(InvalidInputError, match=r"read_capacity_units \(10\).*1 to 9"):
        provisioned(read_scaling=ScalableTarget(max_capacity=9))
    assert provisioned(read_scaling=ScalableTarget(max_capacity=10)).read_capacity_units == 10


def test_more_indexes_than_aws_allows_are_refused():
    indexes = [GlobalSecondaryIndex(index_name=f"i{number}") for number in range(21)]
    assert Table(name="t", global_secondary_indexes=indexes[:20])
    with pytest.raises(InvalidInputError, match=r"\(21\) must be at most 20 \(https://docs\.aws"):
        Table(name="t", global_secondary_indexes=indexes)


def test_a_replica_of_the_infrequent_class_has_no_price_here():
    with pytest.raises(InvalidInputError, match="no price here"):
        Table(name="t", global_table=True, table_class="STANDARD_INFREQUENT_ACCESS")


@pytest.mark.parametrize(
    "fields",
    [{"billing_mode": "ON_DEMAND"}, {"table_class": "IA"}, {"items": -1}, {"writes": "many"},
     {"writes": math.inf}, {"max_read_request_units": 1.5}],
)  # fmt: skip
def test_what_is_no_value_is_refused_by_name(fields):
    (name,) = fields
    with pytest.raises(InvalidInputError, match=name):
        Table(name="t", **fields)
