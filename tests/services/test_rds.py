"""Amazon RDS: what an instance, its storage, its backups and its stops are charged for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.billing import bill
from models.errors import InvalidInputError, UnknownPriceError
from models.prices import Catalogue
from models.services.rds import DBCluster, DBInstance, DBProxy, DBSnapshot
from models.units import TYPICAL, BillingPeriod

CATALOGUE = Catalogue.load()


def postgres(**fields):
    given = {
        "name": "db",
        "engine": "postgres",
        "db_instance_class": "db.t3.medium",
        "allocated_storage_gb": 100,
    }
    return DBInstance(**{**given, **fields})


def used(resource, usage_type, period=TYPICAL):
    """Quantity of one usage type; 0 where there is none."""
    usage = resource.estimate(period)
    return sum(usage.total(key) for key in usage if key.meter.usage_type == usage_type)


def test_an_instance_is_charged_for_every_hour_it_exists():
    assert used(postgres(), "InstanceUsage:db.t3.medium") == 730
    assert used(postgres(), "InstanceUsage:db.t3.medium", BillingPeriod.of("2026-02")) == 672


def test_hours_are_counted_to_the_second_and_not_rounded_up():
    assert used(postgres(hours=10.5), "InstanceUsage:db.t3.medium") == 10.5


def test_an_instance_runs_for_ten_minutes_at_least():
    assert used(postgres(hours=1 / 60), "InstanceUsage:db.t3.medium") == pytest.approx(1 / 6)


def test_an_instance_that_never_exists_costs_nothing():
    assert len(postgres(hours=0).estimate()) == 0


def test_multi_az_is_another_usage_type_for_instance_and_storage():
    types = {key.meter.usage_type for key in postgres(multi_az=True).estimate()}
    assert types == {"Multi-AZUsage:db.t3.medium", "RDS:Multi-AZ-GP3-Storage"}


def test_multi_az_costs_twice_as_much():
    single, double = (
        bill(postgres(multi_az=multi).estimate(), CATALOGUE) for multi in (False, True)
    )
    # The Multi-AZ price list is rounded to a tenth of a cent an hour: a percent is enough.
    assert double.total_usd == pytest.approx(2 * single.total_usd, rel=0.01)


@pytest.mark.parametrize(
    ("engine", "operation"),
    [
        ("mysql", "CreateDBInstance:0002"),
        ("postgres", "CreateDBInstance:0014"),
        ("mariadb", "CreateDBInstance:0018"),
    ],
)
def test_the_engine_is_told_apart_by_the_operation(engine, operation):
    (found,) = {
        key.meter.operation for key in postgres(engine=engine).estimate() if key.meter.unit == "Hrs"
    }
    assert found == operation


@pytest.mark.parametrize("multi_az", [False, True])
@pytest.mark.parametrize("storage_type", ["gp2", "gp3"])
def test_every_instance_that_can_be_described_by_default_has_a_price(storage_type, multi_az):
    resource = postgres(storage_type=storage_type, multi_az=multi_az, backup_storage_gb=500)
    assert bill(resource.estimate(), CATALOGUE).total_usd > 0


def test_storage_is_charged_as_provisioned_and_by_the_share_of_the_month():
    assert used(postgres(), "RDS:GP3-Storage") == 100
    assert used(postgres(hours=365), "RDS:GP3-Storage") == 50


def test_stopping_saves_instance_hours_and_nothing_else():
    stopped = postgres(stopped_hours=100, allocated_storage_gb=500, iops=13000)
    assert used(stopped, "InstanceUsage:db.t3.medium") == 630
    assert used(stopped, "RDS:GP3-Storage") == 500
    assert used(stopped, "RDS:GP3-PIOPS") == 1000


def test_an_instance_forgotten_while_stopped_runs_again_after_seven_days():
    assert used(postgres(stopped_hours=730), "InstanceUsage:db.t3.medium") == 730 - 168


def test_an_instance_stopped_again_each_week_stays_stopped():
    assert used(postgres(stopped_hours=730, stops=5), "InstanceUsage:db.t3.medium") == 0


def test_an_instance_cannot_be_stopped_for_longer_than_it_exists():
    with pytest.raises(InvalidInputError, match="stopped_hours 200 must not exceed the 100 hours"):
        postgres(hours=100, stopped_hours=200).estimate()


def test_hours_beyond_the_month_are_refused():
    with pytest.raises(InvalidInputError, match="hours 744 must be at most the 730"):
        postgres(hours=744).estimate()


def test_gp3_includes_twelve_thousand_iops_from_400_gib_on():
    assert used(postgres(allocated_storage_gb=400, iops=12000), "RDS:GP3-PIOPS") == 0
    assert used(postgres(allocated_storage_gb=400, iops=14000), "RDS:GP3-PIOPS") == 2000


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"iops": 3000.0, "allocated_storage_gb": 400}, "iops 3000 must be at least the 12000"),
        ({"iops": 1000}, "iops 1000 must be at least the 3000"),
        ({"iops": 5000}, "iops 5000 need allocated_storage_gb of at least 400"),
        ({"storage_type": "io1"}, "iops must be given with storage_type 'io1'"),
        ({"storage_type": "gp2", "iops": 3000}, "iops must not be given with storage_type 'gp2'"),
        ({"extended_support": "PostgreSQL12"}, "vcpus must be given"),
        ({"extended_support": "Postgres 12", "vcpus": 2}, "such as PostgreSQL12"),
        ({"db_instance_class": "t3.medium"}, "must be a DB instance class such as db.t3.medium"),
        ({"engine": "postgresql"}, "nearest: postgres"),
        ({"storage_type": "gp4"}, "must be one of"),
        ({"allocated_storage_gb": -1}, "must not be negative"),
        ({"multi_az": "perhaps"}, "multi_az"),
    ],
)
def test_what_aws_would_not_accept_is_refused_in_one_line(fields, message):
    with pytest.raises(InvalidInputError, match=message) as caught:
        postgres(**fields)
    assert "\n" not in str(caught.value)


def test_io1_charges_for_every_iops():
    assert used(postgres(storage_type="io1", iops=1000), "RDS:PIOPS") == 1000


def test_backups_are_free_up_to_the_size_of_the_storage():
    assert used(postgres(backup_storage_gb=100), "RDS:ChargedBackupUsage") == 0
    assert used(postgres(backup_storage_gb=130), "RDS:ChargedBackupUsage") == 30


def test_the_allowance_of_other_instances_in_the_region_can_be_given():
    resource = postgres(backup_storage_gb=500, free_backup_storage_gb=300)
    assert used(resource, "RDS:ChargedBackupUsage") == 200


def test_snapshots_kept_after_deletion_are_charged_from_the_first_gigabyte():
    assert used(DBSnapshot(name="old", storage_gb=80, hours=365), "RDS:ChargedBackupUsage") == 40


def test_extended_support_counts_vcpus_and_the_standby_too():
    usage_type = "ExtendedSupport:Yr1-Yr2:PostgreSQL12"
    fields = {"extended_support": "PostgreSQL12", "vcpus": 2}
    assert used(postgres(**fields), usage_type) == 1460
    assert used(postgres(**fields, multi_az=True), usage_type) == 2920


def test_extended_support_stops_while_the_instance_is_stopped():
    resource = postgres(extended_support="PostgreSQL12", vcpus=2, stopped_hours=130)
    assert used(resource, "ExtendedSupport:Yr1-Yr2:PostgreSQL12") == 1200


def test_the_third_year_of_extended_support_is_dearer_and_has_its_own_name():
    resource = postgres(extended_support="PostgreSQL11", vcpus=2, extended_support_year=3)
    assert used(resource, "ExtendedSupport:Yr3:PostgreSQL11") == 1460


def test_a_class_without_a_price_is_refused_and_not_guessed():
    with pytest.raises(UnknownPriceError, match=r"db\.x2iedn\.32xlarge"):
        bill(postgres(db_instance_class="db.x2iedn.32xlarge").estimate(), CATALOGUE)


def test_a_proxy_counts_two_vcpus_at_least():
    assert used(DBProxy(name="pool", vcpus=1), "RDS:ProxyUsage") == 1460
    assert used(DBProxy(name="pool", vcpus=8, hours=10), "RDS:ProxyUsage") == 80


def cluster(**fields):
    return DBCluster(**{"name": "aurora", "engine": "aurora-postgresql", **fields})


def test_a_cluster_counts_its_storage_once_however_many_instances_read_it():
    resource = cluster(db_instance_class="db.r6g.large", instances=3, storage_gb=200)
    assert used(resource, "InstanceUsage:db.r6g.large") == 2190
    assert used(resource, "Aurora:StorageUsage") == 200


def test_aurora_io_optimized_charges_no_io_requests():
    fields = {"db_instance_class": "db.r6g.large", "storage_gb": 200, "io_requests": 1e9}
    types = {
        key.meter.usage_type for key in cluster(**fields, storage_type="aurora-iopt1").estimate()
    }
    assert types == {"InstanceUsageIOOptimized:db.r6g.large", "Aurora:IO-OptimizedStorageUsage"}
    assert used(cluster(**fields), "Aurora:StorageIOUsage") == 1e9


def test_a_serverless_cluster_has_no_instance_hours():
    usage = cluster(serverless_acu_hours=365, storage_gb=10).estimate()
    assert {key.meter.usage_type for key in usage} == {
        "Aurora:ServerlessV2Usage",
        "Aurora:StorageUsage",
    }


def test_aurora_backups_are_free_up_to_the_size_of_the_cluster():
    assert used(cluster(storage_gb=100, backup_storage_gb=500), "Aurora:BackupUsage") == 400


def test_a_sweep_of_storage_prices_every_point():
    sizes = np.array([100.0, 400.0, 1000.0])
    swept = bill(postgres(allocated_storage_gb=sizes, backup_storage_gb=500).estimate(), CATALOGUE)
    each = [
        bill(postgres(allocated_storage_gb=size, backup_storage_gb=500).estimate(), CATALOGUE)
        for size in sizes
    ]
    assert swept.total_usd == pytest.approx([one.total_usd for one in each])


@given(
    stopped=st.floats(0, 730),
    stops=st.integers(0, 6),
    hours=st.floats(0, 730),
)
def test_running_hours_lie_between_nothing_and_the_whole_life(stopped, stops, hours):
    resource = postgres(hours=hours, stopped_hours=min(stopped, hours), stops=stops)
    running = float(resource.running_hours(TYPICAL))
    # Ten minutes is the least a run is charged for.
    assert 0 <= running <= max(hours, 1 / 6)
    assert running >= hours - 168 * stops - 1e-9
