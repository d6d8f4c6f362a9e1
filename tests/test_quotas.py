"""Every behavioural constant says what it rests on; unknown names and damaged files are refused."""

import math
import re
import statistics
from datetime import date

import pytest

from models import quotas
from models.errors import PriceFileError, UnknownNameError
from models.files import DATA, read_table
from models.prices.reading import PRICE_COLUMNS
from models.quotas.reading import read_instance_types, read_launches, read_quotas

EVERY_QUOTA = [item for service in quotas.services() for item in quotas.quotas(service).values()]
HEADER = "name,value,unit,kind,source,date,note\n"
GOOD = "wait_seconds,5,s,documented,https://docs.aws.amazon.com/x.html,2026-10-01,\n"


def priced_types(region="us-east-1"):
    rows = read_table(DATA / "prices" / "AmazonEC2.csv", PRICE_COLUMNS)
    return {
        row["usage_type"].removeprefix("BoxUsage:")
        for _, row in rows
        if row["usage_type"].startswith("BoxUsage:") and row["region"] == region
    }


class TestData:
    def test_the_four_services_of_scaling_are_held(self):
        assert {"autoscaling", "cloudwatch", "ec2", "elbv2"} <= set(quotas.services())

    @pytest.mark.parametrize("item", EVERY_QUOTA, ids=lambda item: f"{item.service}-{item.name}")
    def test_every_quota_says_what_it_rests_on(self, item):
        assert item.kind in quotas.KINDS
        assert item.source.startswith("https://") or item.kind != "documented"
        assert date.fromisoformat(item.date).isoformat() == item.date
        assert item.unit or item.name.startswith("target_group_weight")
        assert item.note or item.kind == "documented" or _is_bound_or_partner(item.name)
        assert re.fullmatch(r"[a-z0-9_]+", item.name)

    @pytest.mark.parametrize("item", EVERY_QUOTA, ids=lambda item: f"{item.service}-{item.name}")
    def test_the_unit_is_the_one_in_the_name(self, item):
        assert (re.search(r"_seconds(_min|_max)?$", item.name) is not None) is (item.unit == "s")

    def test_least_default_and_most_are_in_order(self):
        checked = 0
        for item in EVERY_QUOTA:
            held = quotas.quotas(item.service)
            low, high = held.get(f"{item.name}_min"), held.get(f"{item.name}_max")
            if low and high:
                # Slow start and warm-up may also be off: 0, below the least that is on.
                assert low.value <= item.value <= high.value or item.value == 0
                checked += 1
        assert checked >= 10

    @pytest.mark.parametrize(
        ("service", "name", "value"),
        [
            ("autoscaling", "default_cooldown_seconds", 300),
            ("autoscaling", "health_check_grace_period_seconds", 0),
            ("autoscaling", "heartbeat_timeout_seconds", 3600),
            ("autoscaling", "step_adjustments_per_policy", 20),
            ("autoscaling", "target_tracking_low_ratio", 0.7),
            ("autoscaling", "application_auto_scaling_low_ratio", 0.9),
            ("cloudwatch", "auto_scaling_action_repeat_seconds", 60),
            ("cloudwatch", "metric_delivery_delay_seconds", 60),
            ("ec2", "minimum_billed_seconds", 60),
            ("ec2", "on_demand_standard_vcpus", 5),
            ("ec2", "subnet_reserved_addresses", 5),
            ("elbv2", "deregistration_delay_seconds", 300),
            ("elbv2", "health_check_interval_seconds", 30),
            ("elbv2", "health_check_timeout_seconds", 5),
            ("elbv2", "idle_timeout_seconds", 60),
            ("elbv2", "unhealthy_threshold_count", 2),
        ],
    )
    def test_the_constants_of_the_aws_pages_are_these(self, service, name, value):
        assert quotas.value_of(service, name) == value

    def test_what_aws_publishes_nothing_about_is_not_called_documented(self):
        for service, name in (
            ("autoscaling", "target_tracking_low_ratio"),
            ("autoscaling", "target_tracking_high_evaluation_periods"),
            ("autoscaling", "health_check_period_seconds"),
            ("cloudwatch", "metric_delivery_delay_seconds"),
            ("ec2", "ready_sigma"),
        ):
            assert quotas.quota(service, name).kind in ("measured", "assumed")


def _is_bound_or_partner(name):
    return name.endswith(("_min", "_max", "_datapoints_to_alarm"))


class TestLookUp:
    def test_a_quota_is_a_sentence(self):
        found = str(quotas.quota("cloudwatch", "metric_delivery_delay_seconds"))
        assert found.startswith("cloudwatch metric_delivery_delay_seconds is 60 s (assumed, 2026-")
        assert "https://docs.aws.amazon.com/" in found

    def test_large_numbers_are_grouped_and_a_missing_unit_leaves_no_gap(self):
        assert " is 1,000 targets (" in str(quotas.quota("elbv2", "targets_per_target_group"))
        assert " is 999 (documented" in str(quotas.quota("elbv2", "target_group_weight_max"))

    def test_counts_are_whole_numbers(self):
        assert isinstance(quotas.value_of("elbv2", "unhealthy_threshold_count"), int)

    def test_the_range_is_least_and_most(self):
        assert quotas.range_of("elbv2", "slow_start_duration_seconds") == (30, 900)

    def test_an_unknown_name_is_refused_with_the_nearest(self):
        with pytest.raises(UnknownNameError, match="nearest: default_cooldown_seconds"):
            quotas.value_of("autoscaling", "default_cooldown_second")

    def test_an_unknown_service_is_refused_with_the_nearest(self):
        with pytest.raises(UnknownNameError, match="nearest: autoscaling"):
            quotas.quota("auto-scaling", "default_cooldown_seconds")

    @pytest.mark.parametrize("service", ["ec2_launch", "../terms/rates", ""])
    def test_only_files_of_constants_are_services(self, service):
        with pytest.raises(UnknownNameError, match="no quotas are held for"):
            quotas.quota(service, "anything")

    def test_a_range_without_bounds_is_refused(self):
        with pytest.raises(UnknownNameError, match="default_cooldown_seconds_min"):
            quotas.range_of("autoscaling", "default_cooldown_seconds")

    def test_the_files_are_read_once(self):
        assert quotas.quotas("ec2") is quotas.quotas("ec2")
        with pytest.raises(TypeError):
            quotas.quotas("ec2")["new"] = 1


class TestDamagedFiles:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("", "the file is empty"),
            ("name,value\n", "columns are name,value"),
            (HEADER, "holds a header but no rows"),
            (HEADER + GOOD + GOOD, ":3: name 'wait_seconds' stands twice"),
            (HEADER + GOOD.replace("wait_seconds", " "), ":2: name is empty"),
            (HEADER + GOOD.replace(",5,", ",five,"), ":2: value 'five' must be a finite number"),
            (HEADER + GOOD.replace(",5,", ",,"), "value '' must be a finite number"),
            (HEADER + GOOD.replace(",5,", ",nan,"), "value 'nan' must be a finite number"),
            (HEADER + GOOD.replace(",5,", ",inf,"), "value 'inf' must be a finite number"),
            (
                HEADER + GOOD.replace("documented", "known"),
                "kind 'known' must be one of documented",
            ),
            (HEADER + GOOD.replace("documented", ""), "kind '' must be one of"),
            (HEADER + GOOD.replace("https://docs.aws.amazon.com/x.html", ""), "source is empty"),
            (HEADER + GOOD.replace("2026-10-01", "20261001"), "date '20261001' must be a date"),
            (HEADER + GOOD.replace("2026-10-01", ""), "date '' must be a date"),
            (HEADER + GOOD.rstrip(",\n"), "is the file truncated"),
        ],
    )
    def test_a_damaged_file_of_constants_is_refused(self, tmp_path, content, said):
        path = tmp_path / "toy.csv"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(PriceFileError, match=re.escape(said)):
            list(read_quotas(path))

    def test_the_same_file_undamaged_is_read(self, tmp_path):
        path = tmp_path / "toy.csv"
        path.write_text(HEADER + GOOD, encoding="utf-8")
        (found,) = read_quotas(path)
        assert (found.service, found.name, found.value) == ("toy", "wait_seconds", 5)

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("m5.large,2.5,8,Standard,x", "vcpus '2.5' must be a whole number"),
            ("m5.large,0,8,Standard,x", "vcpus '0' must be above 0"),
            ("m5.large,2,lots,Standard,x", "memory_gib 'lots' must be a finite number"),
            ("m5.large,2,8,,x", "quota_bucket is empty"),
            ("m5.large,2,8,Standard,x\nm5.large,2,8,Standard,x", "stands twice"),
        ],
    )
    def test_a_damaged_instance_type_is_refused(self, tmp_path, row, said):
        path = tmp_path / "types.csv"
        path.write_text(f"instance_type,vcpus,memory_gib,quota_bucket,source\n{row}\n")
        with pytest.raises(PriceFileError, match=re.escape(said)):
            list(read_instance_types(path))

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("2026-01-31,r,t,cold,1,2,0,x,", "boot_seconds '0' must be above 0"),
            ("2026-01-31,r,t,,1,2,3,x,", "scenario is empty"),
            ("31.1.2026,r,t,cold,1,2,3,x,", "date '31.1.2026' must be a date"),
        ],
    )
    def test_a_damaged_measurement_is_refused(self, tmp_path, row, said):
        path = tmp_path / "launches.csv"
        path.write_text(
            "date,region,instance_type,scenario,api_seconds,pending_to_running_seconds,"
            f"boot_seconds,source,n\n{row}\n"
        )
        with pytest.raises(PriceFileError, match=re.escape(said)):
            list(read_launches(path))


class TestInstanceTypes:
    def test_every_type_with_a_price_is_held_and_no_other(self):
        assert set(quotas.instance_types()) == priced_types()

    @pytest.mark.parametrize(
        ("name", "vcpus", "memory"),
        [("t2.micro", 1, 1), ("t3.nano", 2, 0.5), ("t3.medium", 2, 4), ("t4g.2xlarge", 8, 32),
         ("c6g.medium", 1, 2), ("c7g.16xlarge", 64, 128), ("m8g.medium", 1, 4),
         ("m5.large", 2, 8), ("r6g.medium", 1, 8), ("r5.16xlarge", 64, 512),
         ("c5.12xlarge", 48, 96)],
    )  # fmt: skip
    def test_the_specifications_are_those_of_the_aws_page(self, name, vcpus, memory):
        found = quotas.instance_type(name)
        assert (found.vcpus, found.memory_gib) == (vcpus, memory)

    def test_within_a_family_memory_goes_with_vcpus(self):
        ratio = {"c": 2, "m": 4, "r": 8}
        for found in quotas.instance_types().values():
            if found.name[0] in ratio:
                assert found.memory_gib == ratio[found.name[0]] * found.vcpus, found.name

    def test_all_that_are_held_count_against_the_standard_quota(self):
        assert {found.quota_bucket for found in quotas.instance_types().values()} == {"Standard"}
        families = set("acdhimrtz")
        assert {found.name[0] for found in quotas.instance_types().values()} <= families

    def test_an_unknown_type_is_refused_with_the_nearest(self):
        with pytest.raises(UnknownNameError, match=r"no instance type 'm7g\.larg' .*m7g\.large"):
            quotas.instance_type("m7g.larg")


class TestLaunches:
    def test_the_phases_are_those_measured(self):
        launches = quotas.launch_times()
        assert len(launches) == 14
        totals = [launch.launch_seconds + launch.boot_seconds for launch in launches]
        assert max(totals) == pytest.approx(25.825)  # the total that the source states
        assert [launch.n for launch in launches if launch.n] == [3]

    def test_the_fit_has_the_moments_of_the_logarithms(self):
        cold = [item for item in quotas.launch_times() if item.scenario == quotas.COLD_LAUNCH]
        assert len(cold) == 12
        for fit, values in (
            (quotas.launch_seconds(), [item.launch_seconds for item in cold]),
            (quotas.boot_seconds(), [item.boot_seconds for item in cold]),
        ):
            logs = [math.log(value) for value in values]
            assert math.log(fit.median_seconds) == pytest.approx(sum(logs) / len(logs))
            assert fit.sigma == pytest.approx(statistics.stdev(logs))
            assert min(values) < fit.median_seconds < max(values)

    def test_a_start_from_stopped_saves_little_of_the_launch(self):
        cold, stopped = quotas.launch_seconds(), quotas.launch_seconds("start from stopped")
        assert 0.8 < stopped.median_seconds / cold.median_seconds < 1
        assert stopped.sigma == 0  # one row

    def test_the_measured_spread_is_below_the_one_assumed_for_single_launches(self):
        assert quotas.launch_seconds().sigma < quotas.value_of("ec2", "ready_sigma")

    def test_a_scenario_that_was_not_measured_is_refused(self):
        with pytest.raises(UnknownNameError, match=r"'windows' .* cold launch AL2023"):
            quotas.boot_seconds("windows")
