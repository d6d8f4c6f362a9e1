"""On-Demand Instances and public addresses: what runs is billed, what is held is billed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.billed_time import billed_hours, billed_seconds
from models.errors import InvalidInputError
from models.services.ec2 import EIP, Instance
from models.units import TYPICAL, BillingPeriod

HOURS = "BoxUsage:t3.medium"


def totals(resource, period=TYPICAL):
    usage = resource.estimate(period)
    return {key.meter.usage_type: usage.total(key) for key in usage}


def web(**fields):
    return Instance(name="web", instance_type="t3.medium", **fields)


def test_an_instance_runs_the_whole_period_unless_told_otherwise():
    assert totals(web(count=2)) == {HOURS: 1460.0}
    assert totals(web(), BillingPeriod.of("2026-02"))[HOURS] == 672.0


def test_a_linux_instance_is_metered_under_run_instances():
    (key,) = web().estimate()
    assert (key.meter.service_code, key.meter.operation) == ("AmazonEC2", "RunInstances")


def test_windows_has_an_operation_of_its_own_and_no_linux_price():
    (key,) = web(platform_details="Windows").estimate()
    assert key.meter.operation == "RunInstances:0002"


def test_a_stopped_instance_costs_nothing_itself():
    assert totals(web(hours=0, monitoring=True, associate_public_ip_address=True)) == {}


def test_each_start_is_charged_for_a_minute_at_least():
    ten_seconds_sixty_times = web(hours=600 / 3600, starts=60)
    assert totals(ten_seconds_sixty_times)[HOURS] == pytest.approx(1.0)


def test_a_run_longer_than_a_minute_is_charged_by_the_second():
    assert totals(web(hours=61 / 3600))[HOURS] == pytest.approx(61 / 3600)


def test_a_part_of_a_second_counts_as_a_second():
    assert float(billed_seconds(90.2)) == 91.0


def test_an_instance_that_started_before_the_period_has_no_new_minimum():
    assert float(billed_seconds(10, starts=0)) == 10.0


def test_hours_that_are_whole_seconds_are_not_rounded_up_by_floating_point():
    # 1.1 x 3,600 is 3,960.0000000000005.
    assert float(billed_seconds(1.1 * 3600)) == 3960.0
    assert float(billed_hours(0.1 + 0.2 + 0.7)) == 1.0


@given(seconds=st.floats(0, 3e6, allow_nan=False), starts=st.integers(0, 1000))
def test_billed_seconds_are_never_fewer_than_those_used(seconds, starts):
    billed = float(billed_seconds(seconds, starts))
    # One microsecond of slack: below that, time is rounding error and not rounded up.
    assert billed >= seconds - max(starts, 1) * 1e-6
    assert billed <= seconds + 61 * max(starts, 1)


def test_more_hours_than_the_period_has_are_refused():
    with pytest.raises(InvalidInputError, match="web: hours 744 must be at most the 730"):
        web(hours=744).estimate()


def test_detailed_monitoring_is_seven_metrics_for_the_time_the_instance_runs():
    assert totals(web(count=10, monitoring=True))["CW:MetricMonitorUsage"] == 70
    assert totals(web(hours=73, monitoring=True))["CW:MetricMonitorUsage"] == pytest.approx(0.7)


def test_an_auto_assigned_address_is_charged_only_while_its_instance_runs():
    usage = totals(web(hours=100, associate_public_ip_address=True))
    assert usage["PublicIPv4:InUseAddress"] == 100


def test_sixty_surplus_credits_are_a_vcpu_hour():
    assert totals(web(surplus_credits=120))["CPUCredits:t3"] == 2.0


def test_surplus_credits_are_refused_for_a_family_that_has_none():
    with pytest.raises(InvalidInputError, match=r"surplus_credits: 5 must be 0: m5 earns no CPU"):
        Instance(name="web", instance_type="m5.large", surplus_credits=5)


def test_surplus_credits_on_windows_are_refused_rather_than_priced_as_linux():
    with pytest.raises(InvalidInputError, match="must be 0 on Windows"):
        web(platform_details="Windows", surplus_credits=5)


def test_optimize_cpus_charges_the_bare_instance_and_each_licensed_vcpu():
    server = web(platform_details="Windows", licensed_vcpus=4, hours=10)
    assert totals(server) == {HOURS: 10.0, "OptimizeCPUs:LicenseUsage": 40.0}
    assert {key.meter.operation for key in server.estimate()} == {"RunInstances", ""}


def test_licensed_vcpus_need_a_windows_image():
    with pytest.raises(InvalidInputError, match="must be 0 unless platform_details is 'Windows'"):
        web(licensed_vcpus=4)


@pytest.mark.parametrize("wrong", ["t3", "t3 medium", "", "T3.MEDIUM", "../t3.medium", 3])
def test_something_that_is_no_instance_type_is_refused(wrong):
    with pytest.raises(InvalidInputError, match="instance_type"):
        Instance(name="web", instance_type=wrong)


@pytest.mark.parametrize("field", ["count", "hours", "starts", "surplus_credits", "licensed_vcpus"])
@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), "many"])
def test_amounts_that_are_no_numbers_are_refused_by_field(field, wrong):
    with pytest.raises(InvalidInputError, match=field):
        web(**{field: wrong})


def test_a_sweep_over_hours_agrees_with_one_instance_at_a_time():
    hours = np.array([0.0, 0.005, 1.5, 730.0])
    swept = totals(web(hours=hours))[HOURS]
    single = [totals(web(hours=each)).get(HOURS, 0.0) for each in hours]
    assert swept == pytest.approx(single)


def test_an_address_costs_the_same_in_use_or_idle_on_lines_of_their_own():
    assert totals(EIP(name="ip", count=3)) == {"PublicIPv4:InUseAddress": 2190.0}
    assert totals(EIP(name="ip", associated=False)) == {"PublicIPv4:IdleAddress": 730.0}


def test_an_address_held_for_a_moment_is_charged_for_a_minute():
    assert totals(EIP(name="ip", hours=1 / 3600)) == {
        "PublicIPv4:InUseAddress": pytest.approx(1 / 60)
    }
