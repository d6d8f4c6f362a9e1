"""The group: instances come, fail and go as AWS documents.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html,
https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-checks-overview.html,
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
"""

import pytest

from models import simulate
from models.distributions import Fixed
from models.errors import InvalidInputError
from models.scaling import ScheduledAction
from models.services.autoscaling import (
    Application,
    AutoScalingGroup,
    Crash,
    HealthCheck,
    TargetGroup,
)
from models.simulation import Assumptions
from models.workload import Constant

QUIET = Constant(rate_per_second=1, duration_seconds=3600, work=Fixed(seconds=0.05))
GROUP = AutoScalingGroup(
    name="web", min_size=1, max_size=10, desired_capacity=2, launch=Fixed(seconds=20),
    os_boot=Fixed(seconds=5), application=Application(workers=2, boot=Fixed(seconds=35)),
)  # fmt: skip


def at(minute, **sizes):
    """Sizes that change so many minutes after midnight."""
    return ScheduledAction(name=f"at {minute}", recurrence=f"{minute} 0 * * *", **sizes)


def launches(run):
    return [one for one in run.activities if one.change > 0]


def terminations(run):
    return [one for one in run.activities if one.change < 0]


def crashing(*crashes, **fields):
    application = GROUP.application.replace(crashes=crashes)
    return GROUP.replace(application=application, **fields)


def test_the_fleet_is_there_and_warm_when_time_begins():
    run = simulate(GROUP, QUIET)
    assert run.activities == ()
    assert run.column("healthy")[0] == 2
    assert run.outcomes["ok"] >= run.requests - 1


def test_a_launch_runs_after_its_launch_time_and_serves_after_boot_and_a_check():
    group = GROUP.replace(
        scheduled_actions=[at(10, desired_capacity=3)],
        target_group=TargetGroup(health_check=HealthCheck(unhealthy_threshold_count=10)),
    )
    run = simulate(group, QUIET)
    (launch,) = launches(run)
    assert (launch.start_seconds, launch.end_seconds) == (600, 620)
    assert launch.status == "Successful"
    in_service, healthy = run.column("in_service"), run.column("healthy")
    assert (in_service[9], in_service[10]) == (2, 3)
    # A row holds the sizes at its end. Ready at 660 s; a check that passes comes within 30 s.
    assert (healthy[10], healthy[11]) == (2, 3)


def test_a_launch_hook_holds_the_instance_before_it_is_in_service():
    hooked = GROUP.replace(launch_hook_seconds=100, scheduled_actions=[at(10, desired_capacity=3)])
    (launch,) = launches(simulate(hooked, QUIET))
    assert launch.end_seconds == 720


def test_a_terminate_hook_holds_it_after_draining_and_is_billed():
    plain = GROUP.replace(scheduled_actions=[at(10, desired_capacity=1)])
    hooked = plain.replace(terminate_hook_seconds=600)
    first, second = (simulate(one, QUIET) for one in (plain, hooked))
    assert terminations(second)[0].end_seconds == terminations(first)[0].end_seconds + 600
    assert second.instance_hours - first.instance_hours == pytest.approx(600 / 3600, abs=2 / 3600)


def test_causes_are_worded_with_times_and_sizes():
    run = simulate(GROUP.replace(scheduled_actions=[at(10, desired_capacity=3)]), QUIET)
    cause = launches(run)[0].cause
    assert cause == (
        "At 2026-06-01T00:10:00Z a scheduled action update of AutoScalingGroup constraints to"
        " min: 1, max: 10, desired: 3 changing the desired capacity from 2 to 3."
        " At 2026-06-01T00:10:00Z an instance was started in response to a difference between"
        " desired and actual capacity, increasing the capacity from 2 to 3."
    )
    assert launches(run)[0].description.startswith("Launching a new EC2 instance: i-")


def test_a_schedule_may_change_minimum_and_maximum_and_desired_follows():
    run = simulate(GROUP.replace(scheduled_actions=[at(10, min_size=4), at(20, max_size=6)]), QUIET)
    assert run.column("desired")[[8, 9, 30]].tolist() == [2, 4, 4]


def test_a_schedule_that_contradicts_the_sizes_at_its_time_is_refused():
    with pytest.raises(InvalidInputError, match="sets min_size 11, above max_size 10"):
        simulate(GROUP.replace(scheduled_actions=[at(10, min_size=11)]), QUIET)


def test_a_schedule_cannot_ask_for_more_than_the_maximum():
    run = simulate(GROUP.replace(scheduled_actions=[at(10, desired_capacity=12)]), QUIET)
    assert run.column("desired")[-1] == 10
    assert "max: 10, desired: 10 changing the desired capacity from 2 to 10." in (
        launches(run)[0].cause
    )


def test_new_instances_go_to_the_zone_that_has_fewest():
    group = GROUP.replace(
        availability_zones=3, min_size=3, scheduled_actions=[at(10, desired_capacity=8)],
        desired_capacity=3,
    )  # fmt: skip
    zones = [one.zone for one in simulate(group, QUIET)._instances[0]]
    assert sorted(zones.count(zone) for zone in range(3)) == [2, 3, 3]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("OldestInstance", {0, 1}), ("NewestInstance", {2, 3}), ("Default", {0, 1})],
)
def test_the_termination_policy_chooses_within_the_fullest_zone(policy, expected):
    """Two old instances and two younger ones; after ten more minutes two must go."""
    group = GROUP.replace(
        termination_policy=policy,
        scheduled_actions=[at(10, desired_capacity=4), at(20, desired_capacity=2)],
    )
    run = simulate(group, QUIET)
    gone = [one.slot for one in run._instances[0] if one.terminated_seconds < 3600]
    # By default those nearest to their next full hour go: the ones that started first.
    assert set(gone) == expected


def test_a_terminated_instance_goes_from_the_fullest_zone():
    group = GROUP.replace(
        desired_capacity=3, termination_policy="OldestInstance",
        scheduled_actions=[at(10, desired_capacity=2)],
    )  # fmt: skip
    (gone,) = [one for one in simulate(group, QUIET)._instances[0] if one.zone == 0][:1]
    assert gone.terminated_seconds < 3600


@pytest.mark.parametrize("check", ["EC2", "ELB"])
def test_an_instance_that_stops_is_replaced_whatever_the_health_check_type(check):
    """Desired 5, one fails: the group comes back to 5, not to its minimum of 2."""
    group = crashing(Crash(at_seconds=600, kind="instance"), min_size=2, desired_capacity=5,
                     health_check_type=check,
                     health_check_grace_period_seconds=300)  # fmt: skip
    run = simulate(group, QUIET)
    assert len(terminations(run)) == len(launches(run)) == 1
    assert run.column("in_service")[-1] == 5
    assert "EC2 health check" in terminations(run)[0].cause


def test_a_dead_program_is_replaced_only_on_the_load_balancers_verdict():
    kept, replaced = (
        simulate(crashing(Crash(at_seconds=600), health_check_type=check,
                          health_check_grace_period_seconds=300), QUIET)
        for check in ("EC2", "ELB")
    )  # fmt: skip
    assert kept.activities == ()
    assert (kept.column("healthy")[-1], kept.column("in_service")[-1]) == (1, 2)
    assert len(launches(replaced)) == 1
    assert replaced.column("healthy")[-1] == 2
    assert "ELB system health check failure" in terminations(replaced)[0].cause


def test_a_program_that_is_restarted_serves_again():
    application = GROUP.application.replace(crashes=[Crash(at_seconds=600)], restart_seconds=300)
    run = simulate(GROUP.replace(application=application), QUIET)
    healthy = run.column("healthy")
    assert (healthy[13], healthy[-1]) == (1, 2)


def test_a_grace_period_shorter_than_the_start_launches_without_end():
    slow = GROUP.application.replace(boot=Fixed(seconds=180), crashes=[Crash(at_seconds=60)])
    group = GROUP.replace(
        min_size=1, desired_capacity=1, health_check_type="ELB",
        health_check_grace_period_seconds=30, application=slow,
    )  # fmt: skip
    endless = simulate(group, QUIET)
    assert len(launches(endless)) > 20
    assert not endless.column("healthy")[5:].any()
    patient = simulate(group.replace(health_check_grace_period_seconds=300), QUIET)
    assert len(launches(patient)) == 1
    assert patient.column("healthy")[-1] == 1


def test_replacements_go_one_at_a_time_where_ten_percent_are_less_than_one():
    crashes = [Crash(at_seconds=600, kind="instance") for _ in range(3)]
    run = simulate(crashing(*crashes, desired_capacity=6), QUIET)
    starts = [one.start_seconds for one in terminations(run)]
    assert len(starts) == 3
    # The next begins only when the one before is in service again: 20 s, seen each minute.
    assert starts[1] - starts[0] >= 60
    assert starts[2] - starts[1] >= 60


def test_a_vcpu_quota_stops_a_scale_out_in_aws_words_and_is_tried_again():
    group = GROUP.replace(vcpu_quota=6, scheduled_actions=[at(10, desired_capacity=5)])
    run = simulate(group, QUIET, assumptions=Assumptions(launch_retry_seconds=300))
    failed = [one for one in run.activities if one.status == "Failed"]
    assert run.column("in_service").max() == 3
    assert "vCPU limit of 6 allows for the instance bucket" in failed[0].status_message
    assert [one.start_seconds for one in failed] == list(range(600, 3601, 300))


def test_a_full_subnet_stops_a_scale_out():
    group = GROUP.replace(subnet_addresses=2, scheduled_actions=[at(10, desired_capacity=9)])
    run = simulate(group, QUIET)
    assert run.column("in_service").max() == 4
    failed = [one for one in run.activities if one.status == "Failed"]
    assert failed[0].status_message.startswith("There are not enough free addresses")


def test_random_crashes_come_at_their_mean_time():
    application = GROUP.application.replace(mean_seconds_between_crashes=2000, restart_seconds=1)
    group = GROUP.replace(application=application, min_size=10, desired_capacity=10)
    long = QUIET.replace(duration_seconds=200_000, rate_per_second=20)
    check = HealthCheck(interval_seconds=5, timeout_seconds=2)
    run = simulate(
        group.replace(target_group=TargetGroup(health_check=check)), long, engine="readable"
    )
    # 1,000 crashes expected; each refuses one second of a tenth of 20 requests a second: 2.
    assert run.outcomes["failed"] == pytest.approx(2000, rel=4 / 1000**0.5)


def test_no_instance_is_chosen_twice_where_several_must_go_at_once():
    run = simulate(
        GROUP.replace(desired_capacity=6, scheduled_actions=[at(10, desired_capacity=3)]), QUIET
    )
    gone = {one.description for one in terminations(run)}
    assert len(terminations(run)) == len(gone) == 3
