"""RDS: connections and who may open them, failover, serverless ranges, what AWS does not offer."""

import numpy as np
import pytest

from models.errors import InvalidInputError, UnknownNameError
from models.quotas import value_of
from models.services.rds import (
    ConnectionPoolConfiguration,
    DBCluster,
    DBInstance,
    DBProxy,
    ServerlessV2ScalingConfiguration,
    class_memory_bytes,
    connections_needed,
    downtime,
    expected_downtime_seconds,
    failover_time,
    largest_fleet,
    max_connections,
    max_connections_of_class,
    max_connections_serverless,
    proxy_connections_needed,
)

# --- how many a database takes ----------------------------------------------------------------

#: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Managing.Performance.html
AURORA_MYSQL = {
    "db.t3.small": 45, "db.t3.medium": 90, "db.t3.large": 135, "db.t4g.medium": 90,
    "db.t4g.large": 135, "db.r5.large": 1000, "db.r5.xlarge": 2000, "db.r5.2xlarge": 3000,
    "db.r5.4xlarge": 4000, "db.r5.8xlarge": 5000, "db.r5.12xlarge": 6000, "db.r5.16xlarge": 6000,
    "db.r6g.large": 1000, "db.r6i.xlarge": 2000, "db.r7g.12xlarge": 6000, "db.r8g.4xlarge": 4000,
}  # fmt: skip
#: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
SERVERLESS = {
    1: (90, 189), 4: (135, 823), 8: (1000, 1669), 16: (2000, 3360), 32: (3000, 5000),
    64: (4000, 5000), 128: (5000, 5000), 192: (6000, 5000), 256: (6000, 5000),
}  # fmt: skip


@pytest.mark.parametrize(("name", "connections"), AURORA_MYSQL.items())
def test_aurora_mysql_takes_what_awss_table_says(name, connections):
    assert max_connections_of_class("aurora-mysql", name) == connections


@pytest.mark.parametrize(
    ("gib", "connections"), [(32, 2000), (768, 7000), (1024, 7000), (1536, 8000)]
)
def test_aurora_mysql_counts_doublings_rounded_also_for_classes_without_a_price(gib, connections):
    assert max_connections("aurora-mysql", gib) == connections


@pytest.mark.parametrize(("most", "mysql", "postgres"), [(a, *b) for a, b in SERVERLESS.items()])
def test_a_serverless_instance_takes_what_its_largest_capacity_would(most, mysql, postgres):
    assert max_connections_serverless("aurora-mysql", 0.5, most) == mysql
    assert max_connections_serverless("aurora-postgresql", 1, most) == postgres


@pytest.mark.parametrize(("least", "connections"), [(0, 2000), (0.5, 2000), (1, 5000)])
def test_postgres_that_may_become_tiny_is_capped(least, connections):
    assert max_connections_serverless("aurora-postgresql", least, 128) == connections
    assert max_connections_serverless("aurora-mysql", least, 128) == 5000


@pytest.mark.parametrize(("gib", "about"), [(8, 630), (1, 60)])
def test_mysql_takes_about_what_aws_gives_as_examples(gib, about):
    assert max_connections("mysql", gib) == pytest.approx(about, rel=0.06)


def test_memory_for_the_system_comes_off_before_the_division():
    assert max_connections("mysql", 8) < 8 * 1024**3 // 12_582_880 == 682
    assert class_memory_bytes(8) == pytest.approx(8 * 1024**3 * 0.9383 - 201.8 * 1024**2)


def test_limits_stop_growing_where_aws_stops_them():
    gib = np.array([64.0, 512.0, 1024.0])
    assert max_connections("postgres", gib).tolist() == [5000] * 3
    assert max_connections("mariadb", gib)[1:].tolist() == [12_000] * 2
    assert max_connections("mysql", 1024) > 80_000


def test_mariadb_takes_half_of_mysql():
    assert max_connections("mariadb", 16) == max_connections("mysql", 16) // 2


def test_both_postgres_take_the_same():
    assert max_connections("aurora-postgresql", 16) == max_connections("postgres", 16)


def test_resources_know_their_own_limit():
    db = DBInstance(
        name="db", engine="mysql", db_instance_class="db.m7g.large", allocated_storage_gb=20
    )
    assert db.max_connections == max_connections("mysql", 8)
    aurora = DBCluster(name="a", engine="aurora-mysql", db_instance_class="db.r6g.large")
    assert aurora.max_connections == 1000
    scaling = ServerlessV2ScalingConfiguration(min_capacity_acu=0.5, max_capacity_acu=1)
    serverless = DBCluster(
        name="s", engine="aurora-postgresql", serverless_v2_scaling_configuration=scaling
    )
    assert serverless.max_connections == 189
    with pytest.raises(InvalidInputError, match="give db_instance_class or serverless"):
        _ = DBCluster(name="n", engine="aurora-mysql").max_connections


@pytest.mark.parametrize(
    ("engine", "name", "error", "said"),
    [
        ("oracle-ee", "db.r6g.large", InvalidInputError, "engine 'oracle-ee' must be one of mysql"),
        ("mysql", "db.x2g.large", UnknownNameError, "no instance type 'x2g.large'"),
        ("aurora-mysql", "db.t3.micro", InvalidInputError, "db.t3.micro' is not offered"),
    ],
)
def test_a_class_without_a_limit_is_refused(engine, name, error, said):
    with pytest.raises(error, match=said):
        max_connections_of_class(engine, name)


def test_a_serverless_limit_is_for_aurora_only():
    with pytest.raises(InvalidInputError, match="must be aurora-mysql or aurora-postgresql"):
        max_connections_serverless("mysql", 1, 2)


# --- how many a fleet opens -------------------------------------------------------------------


def test_a_fleet_opens_a_pool_each():
    assert connections_needed(np.array([10, 40]), 20).tolist() == [200, 800]


@pytest.mark.parametrize(
    ("limit", "pool", "reserved", "fleet"),
    [(500, 20, 0, 25), (150, 20, 0, 7), (500, 20, 1, 24), (10, 20, 0, 0), (10, 1, 20, 0)],
)
def test_the_largest_fleet_is_the_last_one_without_refusals(limit, pool, reserved, fleet):
    found = largest_fleet(limit, pool, reserved)
    assert found == fleet
    if limit >= reserved:
        assert connections_needed(found, pool) + reserved <= limit
    assert connections_needed(found + 1, pool) + reserved > limit


def test_a_pool_of_nothing_is_refused():
    with pytest.raises(InvalidInputError, match="pool_size"):
        largest_fleet(500, 0)


def test_a_proxy_needs_a_connection_for_the_time_of_a_transaction_and_one_for_each_pinned():
    assert proxy_connections_needed(500, 0.2) == 100  # rate x time
    assert proxy_connections_needed(500, 0.2, clients=300, pinned_share=1) == 300
    assert proxy_connections_needed(500, 0.2, clients=300, pinned_share=0.5) == 50 + 150


def test_the_pool_of_a_proxy_is_a_part_of_what_the_database_takes():
    pool = ConnectionPoolConfiguration(max_connections_percent=95)
    assert pool.largest_pool(1000) == 950  # AWS's own example
    assert pool.kept_idle(1000) == 470  # 47.5 %, in whole percent
    assert ConnectionPoolConfiguration(max_connections_percent=80).kept_idle(1000) == 400
    none_idle = ConnectionPoolConfiguration(max_idle_connections_percent=0)
    assert none_idle.kept_idle(1000) == 0
    assert none_idle.largest_pool(np.array([90.0, 1000.0])).tolist() == [90, 1000]


def test_a_proxy_waits_two_minutes_for_a_connection_unless_told_otherwise():
    pool = DBProxy(name="p", vcpus=2).connection_pool_configuration
    assert pool.connection_borrow_timeout_seconds == 120
    assert ConnectionPoolConfiguration(connection_borrow_timeout_seconds=0) != pool


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"max_connections_percent": 0}, r"from 1 to 100 \[%\] \(https://docs"),
        ({"max_connections_percent": 101}, "from 1 to 100"),
        ({"connection_borrow_timeout_seconds": 301}, r"from 0 to 300 \[s\]"),
        ({"connection_borrow_timeout_seconds": -1}, "from 0 to 300"),
        (
            {"max_connections_percent": 50, "max_idle_connections_percent": 51},
            r"from 0 to max_.*50",
        ),
        ({"max_idle_connections_percent": -1}, "max_idle_connections_percent -1"),
    ],
)
def test_a_pool_that_aws_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        ConnectionPoolConfiguration(**fields)


# --- failover ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("configuration", "high"),
    [("multi-az-instance", 120), ("multi-az-cluster", 35), ("aurora-with-replica", 60),
     ("aurora-alone", 600)],
)  # fmt: skip
def test_a_failover_takes_at_most_what_aws_calls_typical(configuration, high):
    found = failover_time(configuration)
    assert found.high_seconds == high
    assert 0 < found.low_seconds < found.high_seconds
    assert found.source.startswith("https://docs.aws.amazon.com/AmazonRDS/")


def test_what_aws_gives_no_lower_bound_for_is_called_assumed():
    from models.quotas import quota

    kinds = {
        name: quota("rds", f"failover_{name}_seconds_min").kind
        for name in ("multi_az_instance", "multi_az_cluster", "aurora_replica", "aurora_alone")
    }
    assert kinds.pop("multi_az_instance") == "documented"
    assert set(kinds.values()) == {"assumed"}


def test_a_proxy_shortens_failover_of_aurora_and_spares_everybody_the_cached_address():
    bare, proxied = (failover_time("aurora-with-replica", behind_proxy=p) for p in (False, True))
    assert proxied.low_seconds == pytest.approx(bare.low_seconds * 0.34)
    assert proxied.high_seconds == bare.high_seconds
    assert downtime("multi-az-instance", behind_proxy=True)[:2] == (60, 120)
    assert downtime("multi-az-instance", dns_cache_seconds=5)[:2] == (60, 125)
    assert downtime("multi-az-instance")[:2] == (60, 180)


def test_downtime_is_expected_in_the_middle():
    assert expected_downtime_seconds("multi-az-instance", dns_cache_seconds=0) == 90
    assert expected_downtime_seconds("multi-az-instance", 3, dns_cache_seconds=30) == 3 * 105
    assert expected_downtime_seconds("multi-az-cluster", behind_proxy=True) == 22.5


def test_a_configuration_that_cannot_fail_over_is_refused():
    with pytest.raises(InvalidInputError, match="'single-az' must be one of multi-az-instance"):
        failover_time("single-az")


# --- serverless ranges ------------------------------------------------------------------------


def scaling(least=0.5, most=8, **more):
    return ServerlessV2ScalingConfiguration(min_capacity_acu=least, max_capacity_acu=most, **more)


@pytest.mark.parametrize(
    ("least", "most", "more", "said"),
    [
        (0.25, 8, {}, r"acu: 0.25 must be from 0 to 256 \[ACU\] in steps of 0.5 .*API"),
        (-0.5, 8, {}, "from 0 to 256"),
        (8, 256.5, {}, "max_capacity_acu: 256.5 must be from 0 to 256"),
        (0.5, 0.5, {}, "max_capacity_acu 0.5 must be at least 1 .*setting-capacity"),
        (8, 4, {}, "min_capacity_acu 8 must be at most max_capacity_acu"),
        (0, 4, {"seconds_until_auto_pause": 299}, r"from 300 to 86,400 \[s\]"),
        (0, 4, {"seconds_until_auto_pause": 86_401}, r"from 300 to 86,400"),
        (0.5, 4, {"seconds_until_auto_pause": 300}, "needs min_capacity_acu 0, not 0.5"),
        (float("nan"), 4, {}, "min_capacity_acu"),
    ],
)  # fmt: skip
def test_a_range_that_aws_would_refuse_is_refused(least, most, more, said):
    with pytest.raises(InvalidInputError, match=said):
        scaling(least, most, **more)


def test_it_pauses_after_five_minutes_where_the_minimum_is_zero_and_never_else():
    assert scaling(0).pause_after_seconds == 300
    assert scaling(0, seconds_until_auto_pause=3600).pause_after_seconds == 3600
    assert scaling(0.5).pause_after_seconds == float("inf")
    assert scaling(256, 256).pauses is False


# --- what AWS does not offer ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("engine", "name"),
    [
        ("aurora-mysql", "db.m6g.large"), ("aurora-postgresql", "db.t3.small"),
        ("aurora-mysql", "db.r6gd.xlarge"), ("aurora-postgresql", "db.t4g.xlarge"),
        ("aurora-mysql", "db.t2.small"),
    ],
)  # fmt: skip
def test_a_class_that_aurora_does_not_run_on_is_refused(engine, name):
    with pytest.raises(InvalidInputError, match=r"is not offered for aurora-.*SupportAurora"):
        DBCluster(name="a", engine=engine, db_instance_class=name)


@pytest.mark.parametrize("name", ["db.m8i.large", "db.r8i.large", "db.z1d.large", "db.t2.micro"])
def test_a_class_that_rds_does_not_run_on_is_refused(name):
    with pytest.raises(
        InvalidInputError, match=r"not offered for postgres: .*Class\.Support\.html"
    ):
        DBInstance(name="d", engine="postgres", db_instance_class=name, allocated_storage_gb=20)


def instance(**fields):
    given = {"engine": "postgres", "db_instance_class": "db.t3.large", "allocated_storage_gb": 400}
    return DBInstance(name="db", **{**given, **fields})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"allocated_storage_gb": 19}, r"19 must be from 20 to 65,536 \[GiB\] for gp3 .*CHAP_Stor"),
        ({"allocated_storage_gb": 65_537}, "from 20 to 65,536"),
        ({"allocated_storage_gb": 99, "storage_type": "io1", "iops": 1000}, "from 100 to 65,536"),
        ({"allocated_storage_gb": np.array([50.0, 5.0])}, "5 must be from 20"),
        ({"iops": 64_001}, "at most 64,000 and 500 times"),
        ({"storage_type": "io1", "iops": 999}, "from 1,000 to 256,000 for io1"),
        ({"storage_type": "io1", "iops": 20_001}, "0.5 to 50 times allocated_storage_gb"),
        ({"storage_type": "io1", "iops": 1000, "allocated_storage_gb": 2001}, "0.5 to 50 times"),
    ],
)
def test_storage_that_aws_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        instance(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"allocated_storage_gb": 20}, {"allocated_storage_gb": 65_536}, {"iops": 64_000},
        {"storage_type": "io1", "iops": 20_000}, {"storage_type": "gp2"},
        {"storage_type": "io1", "iops": 1000, "allocated_storage_gb": 2000},
    ],
)  # fmt: skip
def test_the_bounds_themselves_are_taken(fields):
    assert instance(**fields)


def test_the_constants_are_those_of_awss_pages():
    named = {"resume_seconds": 15, "deep_resume_seconds": 30, "proxies_per_region": 20,
             "idle_client_timeout_seconds": 1800, "proxy_headroom_share": 0.3}  # fmt: skip
    assert {name: value_of("rds", name) for name in named} == named
