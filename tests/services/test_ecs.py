"""Amazon ECS and Fargate: what is billed, which sizes there are, what AWS would refuse."""

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError, UnknownPriceError
from models.scaling import (
    Alarm,
    ScheduledAction,
    SimpleScalingPolicy,
    StepAdjustment,
    StepScalingPolicy,
    TargetTrackingPolicy,
)
from models.services.autoscaling import Application, Crash, LaunchTemplate
from models.services.ecs import (
    CapacityProvider,
    Deployment,
    DeploymentConfiguration,
    ScalableTarget,
    Service,
    TaskDefinition,
    circuit_breaker_failures,
    launch_times,
    rolling_bounds,
    service_tracking,
    smallest_size,
)
from models.services.ecs.fargate import MEMORY_MIB

WINDOWS = "WINDOWS_SERVER_2022_CORE"


def service(**fields):
    definition = {
        name: fields.pop(name)
        for name in list(fields)
        if name in TaskDefinition.model_fields and name != "name"
    }
    return Service(name="web", task_definition=TaskDefinition(**definition), **fields)


def quantities(resource):
    usage = resource.estimate()
    return {key.meter.usage_type: usage.total(key) for key in usage}


# --- what is billed ---------------------------------------------------------------------------


def test_a_task_is_charged_for_what_it_asks_for():
    found = quantities(service(cpu_units=512, memory_mib=1024, desired_count=3))
    assert found == {
        "Fargate-vCPU-Hours:perCPU": 3 * 0.5 * 730, "Fargate-GB-Hours": 3 * 1 * 730
    }  # fmt: skip


def test_a_quarter_of_a_vcpu_and_half_a_gb_cost_nine_dollars_a_month():
    total = bill(service().estimate()).total_usd
    assert total == pytest.approx(730 * (0.25 * 0.04048 + 0.5 * 0.004445))


def test_every_start_is_charged_for_a_minute_at_least():
    ten_seconds = service(cpu_units=1024, memory_mib=2048, hours=100 * 10 / 3600, starts=100)
    assert quantities(ten_seconds)["Fargate-vCPU-Hours:perCPU"] == pytest.approx(100 / 60)
    longer = service(cpu_units=1024, memory_mib=2048, hours=100 * 90.2 / 3600, starts=100)
    assert quantities(longer)["Fargate-vCPU-Hours:perCPU"] == pytest.approx(100 * 91 / 3600)


def test_windows_is_charged_for_five_minutes_at_least_and_for_its_license():
    found = quantities(
        service(cpu_units=2048, memory_mib=4096, operating_system_family=WINDOWS, hours=1 / 60)
    )
    assert found == pytest.approx({
        "Fargate-Windows-vCPU-Hours:perCPU": 2 / 12, "Fargate-Windows-OS-Hours:perCPU": 2 / 12,
        "Fargate-Windows-GB-Hours": 4 / 12,
    })  # fmt: skip


def test_storage_counts_above_twenty_gb():
    found = quantities(service(ephemeral_storage_gib=21, desired_count=2, hours=10))
    assert found["Fargate-EphemeralStorage-GB-Hours"] == 20
    assert "Fargate-EphemeralStorage-GB-Hours" not in quantities(service())


def test_arm_is_a_fifth_cheaper():
    x86, arm = (
        bill(service(cpu_architecture=one).estimate()).total_usd for one in ("X86_64", "ARM64")
    )
    assert arm / x86 == pytest.approx(0.8, abs=0.001)


def test_spot_tasks_have_usage_types_of_their_own():
    found = quantities(service(desired_count=4, fargate_spot_share=0.75, hours=10))
    assert found == {
        "Fargate-vCPU-Hours:perCPU": 2.5, "Fargate-GB-Hours": 5,
        "SpotUsage-Fargate-vCPU-Hours:perCPU": 7.5, "SpotUsage-Fargate-GB-Hours": 15,
    }  # fmt: skip


def test_a_bill_of_spot_tasks_is_refused_while_no_price_of_their_memory_is_held():
    with pytest.raises(UnknownPriceError, match="SpotUsage-Fargate-GB-Hours"):
        bill(service(fargate_spot_share=1).estimate())


def test_a_public_address_is_charged_while_its_task_runs():
    found = quantities(service(assign_public_ip=True, desired_count=2, hours=10))
    assert found["PublicIPv4:InUseAddress"] == 20


def test_tasks_on_instances_cost_nothing_themselves_and_the_instances_as_ec2():
    assert quantities(service(launch_type="EC2", desired_count=50)) == {}
    hosts = CapacityProvider(
        name="hosts", desired_capacity=2, launch_template=LaunchTemplate(monitoring=False)
    )
    assert quantities(hosts) == {
        "BoxUsage:m5.large": 2 * 730, "EBS:VolumeUsage.gp3": pytest.approx(2 * 8)
    }  # fmt: skip


def test_a_sweep_of_tasks_is_one_estimate():
    found = quantities(service(desired_count=np.array([1, 10]), fargate_spot_share=np.zeros(2)))
    assert found["Fargate-GB-Hours"] == pytest.approx([365, 3650])


# --- sizes ------------------------------------------------------------------------------------


def test_the_sizes_of_the_table():
    pairs = {units: (min(sizes), max(sizes), len(sizes)) for units, sizes in MEMORY_MIB.items()}
    gb = 1024
    assert pairs == {
        256: (gb // 2, 2 * gb, 3), 512: (gb, 4 * gb, 4), 1024: (2 * gb, 8 * gb, 7),
        2048: (4 * gb, 16 * gb, 13), 4096: (8 * gb, 30 * gb, 23), 8192: (16 * gb, 60 * gb, 12),
        16384: (32 * gb, 120 * gb, 12), 32768: (60 * gb, 244 * gb, 3),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cpu_units": 300}, r"cpu_units \(300\) must be one of 256, .*32768 .*fargate-tasks"),
        ({"memory_mib": 1536}, r"memory_mib \(1536\) must be one of 512, 1024, 2048 with cpu_un"),
        ({"cpu_units": 1024}, r"memory_mib \(512\) must be from 2048 to 8192 in steps of 1024"),
        ({"cpu_units": 8192, "memory_mib": 17 * 1024}, "from 16384 to 61440 in steps of 4096"),
        ({"cpu_units": 32768, "memory_mib": 65536}, "one of 61440, 122880, 249856"),
        ({"operating_system_family": WINDOWS}, r"cpu_units \(256\) must be one of 1024, 2048, 409"),
        ({"ephemeral_storage_gib": 19}, r"must be from 20 to 200 \[GiB\] .*fargate-task-storage"),
        ({"ephemeral_storage_gib": 201}, "must be from 20 to 200"),
        ({"stop_timeout_seconds": 121}, r"must be from 0 to 120 \[s\]"),
        ({"launch_type": "EC2", "cpu_units": 127}, "must be from 128 to 196,608"),
        ({"cpu_architecture": "arm64"}, "nearest: 'ARM64'|must be one of 'X86_64' or 'ARM64'"),
        ({"fargate_spot_share": 1, "launch_type": "EC2"}, "fargate_spot_share must be 0 on EC2"),
        ({"assign_public_ip": True, "launch_type": "EC2"}, "assign_public_ip must be off"),
        ({"placement_strategies": ["binpack"]}, "placement_strategies"),
        ({"desired_count": -1}, "desired_count"),
        ({"hours": 731}, "hours 731 must be at most"),
    ],
)
def test_a_service_that_aws_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        service(**fields).estimate()


def test_windows_takes_no_arm_no_spot_and_no_storage():
    fits = {"cpu_units": 1024, "memory_mib": 2048, "operating_system_family": WINDOWS}
    service(**fits)
    for wrong, said in (
        ({"cpu_architecture": "ARM64"}, "'X86_64', for Windows"),
        ({"ephemeral_storage_gib": 30}, "left at 20 for"),
        ({"fargate_spot_share": 0.5}, "fargate_spot_share must be 0"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            service(**fits, **wrong)


def test_on_instances_any_memory_goes_with_any_cpu():
    assert service(launch_type="EC2", cpu_units=300, memory_mib=333).desired_count == 1


@pytest.mark.parametrize(
    ("asked", "size"),
    [((256, 512), (256, 512)), ((257, 512), (512, 1024)), ((1, 40_000), (8192, 40_960))],
)
def test_the_smallest_size_that_is_enough(asked, size):
    assert smallest_size(*asked) == size


def test_no_task_is_larger_than_the_largest():
    with pytest.raises(InvalidInputError, match="must be at most 32768 and 249856 on Fargate"):
        smallest_size(32769, 1)


# --- rules ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("desired", "minimum", "maximum", "bounds"),
    [
        (4, 100, 200, (4, 8)),
        (4, 50, 100, (2, 4)),
        (5, 50, 150, (3, 7)),
        (1, 100, 150, (1, 1)),
        (3, 0, 100, (0, 3)),
        (0, 100, 200, (0, 0)),
    ],
)
def test_the_bounds_of_a_rolling_update(desired, minimum, maximum, bounds):
    assert rolling_bounds(desired, minimum, maximum) == bounds
    settings = DeploymentConfiguration(minimum_healthy_percent=minimum, maximum_percent=maximum)
    assert settings.bounds(desired) == bounds


def test_tasks_are_launched_a_hundred_at_once_and_twenty_a_second():
    times = list(launch_times(1000))
    assert times[:100] == [0] * 100
    assert times[-1] == 45


@pytest.mark.parametrize(("desired", "failures"), [(1, 3), (6, 3), (7, 4), (25, 13), (401, 200)])
def test_a_circuit_breaker_counts_to_half_the_desired_count(desired, failures):
    assert circuit_breaker_failures(desired) == failures


def test_target_tracking_of_a_service_has_its_low_alarm_at_ninety_percent():
    """Seen in public records of ECS: 30 to 27, 50 to 45, 75 to 67.5."""
    for target, low in ((30, 27), (50, 45), (75, 67.5)):
        alarms = service_tracking(target).alarms("web")
        assert (alarms.high.threshold, alarms.low.threshold) == (target, low)
        assert (alarms.high.evaluation_periods, alarms.low.evaluation_periods) == (3, 15)


def test_a_metric_that_services_do_not_have_is_refused():
    with pytest.raises(InvalidInputError, match="'ASGAverageCPUUtilization' must be ECSService"):
        service_tracking(50, "ASGAverageCPUUtilization")


ALARM = Alarm(
    metric_name="CPUUtilization", threshold=50, evaluation_periods=1,
    comparison_operator="GreaterThanThreshold",
)  # fmt: skip
STEPS = [StepAdjustment(lower_bound=0, scaling_adjustment=1)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"min_capacity": 5}, r"min_capacity \(5\) must be at most max_capacity \(4\)"),
        (
            {"policies": [SimpleScalingPolicy(name="x", alarm=ALARM, scaling_adjustment=1)]},
            "'x' is simple scaling",
        ),
        (
            {"policies": [TargetTrackingPolicy(
                name="x", predefined_metric="ASGAverageCPUUtilization", target_value=50)]},
            "must not follow a metric of Auto Scaling groups, as 'x' does",
        ),
        (
            {"policies": [StepScalingPolicy(
                name="x", alarm=ALARM, step_adjustments=STEPS,
                estimated_instance_warmup_seconds=60)]},
            "must not have a warm-up, as 'x' has",
        ),
        ({"policies": [service_tracking(50), service_tracking(60)]}, "different names"),
        (
            {"scheduled_actions": [ScheduledAction(
                name="x", recurrence="0 8 * * *", desired_capacity=3)]},
            "'x' sets desired_capacity, which",
        ),
    ],
)  # fmt: skip
def test_scaling_that_application_auto_scaling_does_not_have_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        ScalableTarget(**{"min_capacity": 1, "max_capacity": 4, **fields})


def test_the_desired_count_lies_within_the_bounds():
    bounds = ScalableTarget(min_capacity=2, max_capacity=4)
    with pytest.raises(InvalidInputError, match=r"desired_count \(1\) must be from min_capacity"):
        service(scaling=bounds)
    assert service(scaling=bounds, desired_count=4).desired_count == 4


def test_versions_must_serve_alike_and_fit_the_launch_type():
    with pytest.raises(InvalidInputError, match="at 60 s must have the same workers"):
        service(deployments=[Deployment(at_seconds=60, application=Application(workers=9))])
    with pytest.raises(InvalidInputError, match=r"memory_mib \(100\) must be one of"):
        service(deployments=[Deployment(
            at_seconds=60, task_definition=TaskDefinition(memory_mib=100))])  # fmt: skip
    with pytest.raises(InvalidInputError, match="crashes of a deployment must be empty"):
        Deployment(at_seconds=1, application=Application(crashes=[Crash(at_seconds=3)]))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"target_capacity_percent": 0}, "must be from 1 to 100"),
        ({"target_capacity_percent": 101}, "must be from 1 to 100"),
        ({"minimum_scaling_step_size": 0}, "must be from 1 to 10,000"),
        (
            {"minimum_scaling_step_size": 5, "maximum_scaling_step_size": 4},
            r"minimum_scaling_step_size \(5\) must be at most maximum_scaling_step_size \(4\)",
        ),
        ({"instance_warmup_seconds": 10_001}, "must be from 0 to 10,000"),
        ({"min_size": 11}, r"min_size \(11\) must be at most max_size \(10\)"),
        ({"reserved_memory_mib": 8192}, "must have something left"),
        ({"launch_template": LaunchTemplate}, "launch_template"),
    ],
)
def test_a_capacity_provider_that_cannot_be_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        CapacityProvider(name="hosts", **fields)


def test_an_instance_has_its_cpu_and_its_memory_less_what_is_reserved():
    usable = CapacityProvider(name="hosts").host_size.usable
    assert usable == (2 * 1024, 8 * 1024 - 256)
