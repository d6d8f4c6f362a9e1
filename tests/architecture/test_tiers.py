"""Tiers: what passes through them is conserved, and what cannot work is said beforehand."""

import math

import numpy as np
import pytest

from models.architecture import (
    Architecture,
    Branch,
    Fleet,
    Functions,
    Load,
    Parallel,
    Pods,
    Queued,
    Static,
    Step,
    Tasks,
    Workflow,
    simulate_architecture,
)
from models.architecture.balancing import requests_by_hour
from models.architecture.sizing import whole_above
from models.architectures import build, parts
from models.billing import bill
from models.distributions import Exponential, Fixed
from models.errors import InvalidInputError
from models.metering import UsageKey
from models.scaling.horizontal_pod_autoscaler import HorizontalPodAutoscaler
from models.scaling.node_autoscaler import Karpenter
from models.services.apigateway import HttpApi
from models.services.autoscaling import Application, AutoScalingGroup, LaunchTemplate, Queries
from models.services.ec2 import NatGateway
from models.services.ecs import Service
from models.services.eks import Deployment, Nodegroup
from models.services.elbv2 import ApplicationLoadBalancer
from models.services.lambda_ import Client, ExecutionEnvironment, Function, Invocation, QueueMapping
from models.services.sqs import Queue
from models.services.stepfunctions import StateMachine
from models.simulation import Database
from models.units import TYPICAL
from models.workload import AtTimes, Constant
from models.workload import Step as StepTrace

HOUR = 3600
ALB = ApplicationLoadBalancer(name="alb")


def steady(per_second=2.0, hours=1, seconds=0.1, seed=0):
    return Constant(
        rate_per_second=per_second, duration_seconds=hours * HOUR, work=Fixed(seconds=seconds),
        seed=seed,
    )  # fmt: skip


def drawn(trace):
    return sum(len(chunk.arrivals) for chunk in trace.chunks())


def quantities(usage, resource):
    return {key.meter.usage_type: usage.total(key) for key in usage if key.resource == resource}


def function(name="f", **fields):
    return Functions(Invocation(function=Function(name=name, timeout_seconds=30, **fields)))


def fleet(workers=4, database=None, queries=None, name="fleet", **sizes):
    group = AutoScalingGroup(
        name=name, launch_template=LaunchTemplate(instance_type="m5.large"),
        application=Application(workers=workers, queries=queries), **sizes,
    )  # fmt: skip
    return Fleet(load_balancer=ALB, group=group, database=database)


def one(*tiers, **fields):
    return Architecture(name="test", summary="For a test.", tiers=tiers, **fields)


# --- load -----------------------------------------------------------------------------------------


def test_a_load_has_the_expected_requests_of_each_hour_and_the_rates_of_a_last_half_hour():
    load = Load.of(steady(per_second=2, hours=1.5))
    assert load.hourly_requests.tolist() == [7200, 3600]
    assert load.per_second.tolist() == [2, 2]
    assert load.requests_in(TYPICAL) == pytest.approx(2 * 730 * HOUR)


def test_the_busiest_hour_decides_and_not_the_mean():
    trace = StepTrace(
        from_per_second=1, to_per_second=9, at_seconds=HOUR, duration_seconds=3 * HOUR
    )
    assert Load.of(trace).busiest_per_second == 9
    assert Load.of(trace).times(0.5).busiest_per_second == 4.5


def test_drawn_requests_are_counted_in_the_hour_in_which_they_come():
    trace = AtTimes(times=[0, 10, 3599.9, 3600, 7300], duration_seconds=9000)
    assert requests_by_hour(trace).tolist() == [3, 1, 1]


def test_rounding_up_leaves_whole_numbers_alone_even_after_sums_of_floats():
    assert whole_above(np.array([3.0, 0.1 * 3 * 10, 3.1])).tolist() == [3, 3, 4]


# --- in series ------------------------------------------------------------------------------------


def test_two_tiers_in_series_conserve_the_requests():
    stingy = function("first", reserved_concurrent_executions=1)
    run = simulate_architecture(one(stingy, function("second")), steady(per_second=8))
    first, second = run.served
    answered = first.outcomes["ok"]
    assert first.outcomes["throttled_reserved"] > 0
    assert sum(second.outcomes.values()) == answered
    assert sum(run.outcomes.values()) == run.requests == drawn(steady(per_second=8))
    assert run.error_share == pytest.approx(1 - answered / run.requests, abs=1e-3)


def test_a_tier_without_records_of_requests_must_be_the_last():
    with pytest.raises(InvalidInputError, match="a tier without records of its requests"):
        simulate_architecture(one(Static("files"), function()), steady())


def test_the_client_waits_for_the_first_tier_alone():
    slow = Functions(function("second").invocation, slowdown=50)
    run = simulate_architecture(one(function("first"), slow), steady(hours=2))
    assert run.latency_seconds(0.5) == pytest.approx(0.1, rel=0.02)
    assert run.served[1].latency_seconds(0.5) == pytest.approx(5, rel=0.02)


# --- copies ---------------------------------------------------------------------------------------


def test_copies_share_the_requests_and_stand_side_by_side():
    nat = NatGateway(name="nat")
    single, three = one(fleet(), standing=(nat,)), one(fleet(), standing=(nat,), copies=3)
    trace = steady(per_second=6, hours=2)
    run = simulate_architecture(three, trace)
    assert run.requests == pytest.approx(drawn(trace), rel=0.02)
    assert run.requests % 3 == 0
    usage, alone = run.usage(), single.estimate(trace, TYPICAL)
    for name in ("NatGateway-Hours", "PublicIPv4:InUseAddress"):
        assert quantities(usage, "nat")[name] == 3 * quantities(alone, "nat")[name]
    assert quantities(usage, "alb")["LoadBalancerUsage"] == 3 * 730
    assert quantities(usage, "fleet")["BoxUsage:m5.large"] == pytest.approx(3 * 730)
    assert three.capacity_per_second(trace) == pytest.approx(3 * single.capacity_per_second(trace))


def test_copies_share_a_replay_that_has_no_rates_to_scale():
    times = AtTimes(times=np.arange(0, 3600, 0.5), duration_seconds=3600, work=Fixed(seconds=0.1))
    run = simulate_architecture(one(fleet(), copies=2), times)
    assert run.requests == pytest.approx(7200, rel=0.05)
    assert run.error_share == 0


# --- side by side ---------------------------------------------------------------------------------


def test_branches_share_out_the_very_requests_and_add_up_what_they_do():
    both = Parallel("both", (Branch(function("a"), 0.3), Branch(function("b"), 0.7)))
    trace = steady(per_second=20)
    run = simulate_architecture(one(both), trace)
    counts = [sum(each.run.outcomes.values()) for each in run.served[0].ran]
    assert sum(counts) == run.requests == drawn(trace)
    assert counts[0] / run.requests == pytest.approx(0.3, abs=0.01)
    assert run.served[0].histogram.sum() == run.outcomes["ok"]
    whole = simulate_architecture(one(function("a")), trace).usage()
    parted = run.usage()
    invoked = [quantities(parted, name)["Request"] for name in "ab"]
    assert sum(invoked) == pytest.approx(quantities(whole, "a")["Request"])


def test_the_latency_of_branches_is_that_of_all_answers_together():
    both = Parallel(
        "both",
        (Branch(Static("fast", answer_seconds=0.01), 0.9), Branch(Static("slow", 1.0), 0.1)),
    )
    run = simulate_architecture(one(both), steady(per_second=20))
    assert run.latency_seconds(0.5) == pytest.approx(0.01, rel=0.01)
    assert run.latency_seconds(0.89) == pytest.approx(0.01, rel=0.01)
    assert run.latency_seconds(0.95) == pytest.approx(1, rel=0.01)


def test_where_one_branch_has_no_latency_all_of_them_have_none():
    both = Parallel("both", (Branch(Static("known", 0.01), 0.5), Branch(Static("unknown"), 0.5)))
    assert math.isnan(simulate_architecture(one(both), steady()).latency_seconds(0.5))


def test_copies_of_a_branch_are_charged_each_with_what_stands_with_them():
    silos = Branch(
        fleet(name="silo", max_size=2), 0.5, copies=5, standing=(NatGateway(name="silo-nat"),)
    )
    shared = Branch(function(), 0.5)
    whole = one(Parallel("tenants", (shared, silos)))
    trace = steady(per_second=10, hours=2)
    for usage in (whole.estimate(trace, TYPICAL), simulate_architecture(whole, trace).usage()):
        assert quantities(usage, "silo-nat")["NatGateway-Hours"] == 5 * 730
        assert quantities(usage, "silo")["BoxUsage:m5.large"] == pytest.approx(5 * 730)
    assert whole.copies_of("silo-nat") == whole.copies_of("silo") == 5
    assert whole.copies_of("f") == 1


def test_a_shared_load_balancer_is_charged_once_and_for_all_requests():
    a, b = (fleet(name=name) for name in ("a", "b"))
    apart = Parallel("apart", (Branch(a, 0.5), Branch(b, 0.5)))
    together = Parallel("together", apart.branches, load_balancer=ALB)
    trace = steady(per_second=200, seconds=0.01)
    usages = [
        one(together).estimate(trace, TYPICAL), simulate_architecture(one(together), trace).usage()
    ]  # fmt: skip
    alone = one(fleet()).estimate(trace, TYPICAL)
    for usage in usages:
        assert quantities(usage, "alb")["LoadBalancerUsage"] == 730
        expected = quantities(alone, "alb")["LCUUsage"]
        assert quantities(usage, "alb")["LCUUsage"] == pytest.approx(expected, rel=0.01)
    assert [each.name for each in one(together).resources] == ["alb", "a", "b"]
    assert quantities(apart.estimate(Load.of(trace), TYPICAL), "alb")["LoadBalancerUsage"] == 1460


@pytest.mark.parametrize("shares", [(0.5, 0.4), (1.0, 0.0), (0.5, 0.6), ()])
def test_shares_must_add_up_and_be_above_nothing(shares):
    with pytest.raises(InvalidInputError, match=r"p: shares \(.*\) must be above 0 and add up"):
        Parallel("p", tuple(Branch(Static(f"s{place}"), one) for place, one in enumerate(shares)))


def test_the_branch_that_fails_first_limits_them_all():
    small, large = fleet(name="small", max_size=1), fleet(name="large", max_size=10)
    both = Parallel("both", (Branch(small, 0.5), Branch(large, 0.5)))
    # The small one does 4 / 0.1 s = 40 a second of its half.
    assert both.capacity_per_second(Load.of(steady())) == pytest.approx(80)
    (why,) = both.obstacles(Load.of(steady(per_second=90)))
    assert (
        why == "small: the busiest hour brings 45 requests a second, and max_size=1 can answer 40"
    )


# --- fleets ---------------------------------------------------------------------------------------


def test_the_most_of_a_fleet_is_workers_over_the_time_that_a_request_holds_one():
    tier = fleet(workers=4, max_size=5)
    assert tier.capacity_per_second(Load.of(steady(seconds=0.2))) == pytest.approx(5 * 4 / 0.2)


def test_headroom_is_capacity_over_the_busiest_hour():
    whole = one(fleet(workers=4, max_size=5))
    assert whole.headroom(steady(per_second=40)) == pytest.approx(200 / 40)
    assert not whole.obstacles(steady(per_second=199))
    assert whole.obstacles(steady(per_second=201))


def test_a_database_that_is_too_small_is_named():
    queries = Queries(time=Exponential(mean_seconds=0.1))
    tier = fleet(
        workers=10, max_size=50, queries=queries, database=Database(vcpus=2, max_connections=100)
    )
    assert tier.capacity_per_second(Load.of(steady())) == pytest.approx(2 / 0.1)
    (why,) = tier.obstacles(Load.of(steady(per_second=21)))
    assert "a database that does 2 statements at a time can answer 20" in why
    cached = tier.group.application.queries.replace(share=0.5)
    halved = fleet(
        workers=10, max_size=50, queries=cached, database=Database(vcpus=2, max_connections=100)
    )
    assert halved.capacity_per_second(Load.of(steady())) == pytest.approx(40)


def test_work_that_nobody_waits_for_is_an_obstacle():
    (why,) = fleet(max_size=10_000).obstacles(Load.of(steady(per_second=0.1, seconds=720)))
    assert why == (
        "fleet: a request takes 720 s on average, and its client or the load balancer waits 60 s"
    )


def test_a_slower_machine_is_slower_for_work_that_a_replay_gives_too():
    times = np.arange(0, 600, 1.0)
    trace = AtTimes(times=times, work_seconds=np.full(600, 0.2), duration_seconds=600)
    tier = Fleet(load_balancer=ALB, group=fleet().group, slowdown=3)
    assert tier.simulate(trace, seed=0).latency_seconds(0.5) == pytest.approx(0.6, rel=0.02)


def test_instances_follow_the_target_hour_by_hour():
    # 10 a second x 0.1 s = 1 busy worker of 4: a quarter of an instance, half of it at 50 %.
    # 90 a second: 9 busy workers, 2.25 instances, 4.5 at 50 %, so 5. One hour, then two.
    group = AutoScalingGroup(
        name="g", min_size=1, max_size=9, application=Application(workers=4),
        policies=parts.cpu_tracking(50),
    )  # fmt: skip
    trace = StepTrace(
        from_per_second=10, to_per_second=90, at_seconds=HOUR, duration_seconds=3 * HOUR,
        work=Fixed(seconds=0.1),
    )  # fmt: skip
    usage = Fleet(load_balancer=ALB, group=group).estimate(Load.of(trace), TYPICAL)
    expected = 730 * (1 + 2 * 5) / 3
    assert quantities(usage, "g")["BoxUsage:m5.large"] == pytest.approx(expected)


def test_two_shared_processors_do_exactly_what_they_can():
    for vcpus, share in ((0.25, 0.25), (0.5, 0.25), (2, 0.3), (1, 1.0), (0.25, 1.0)):
        held = parts.shared_slowdown(vcpus, share)  # for work of a second
        assert parts.workers(vcpus, share) / held == pytest.approx(vcpus / share)
        assert held >= parts.slowdown(vcpus, share) - 1e-12


def test_tasks_without_scaling_stay_as_many_as_they_are():
    service = Service(name="s", desired_count=3, application=Application(workers=2))
    tier = Tasks(load_balancer=ALB, service=service)
    load = Load.of(steady(per_second=1))
    assert tier.capacity_per_second(load) == pytest.approx(3 * 2 / 0.1)
    usage = quantities(tier.estimate(load, TYPICAL), "s")
    assert usage["Fargate-vCPU-Hours:perCPU"] == pytest.approx(3 * 0.25 * 730)


def test_hosts_are_as_many_as_managed_scaling_packs():
    # 2 vCPU to a host and 0.25 to a task: eight, but memory: (4096 - 256) / 512 = 7 to a host.
    platform = build("container-platform", compute="ec2", min_nodes=1, services=5, min_tasks=3)
    usage = platform.estimate(steady(per_second=1), TYPICAL)
    assert quantities(usage, "hosts")["BoxUsage:t4g.medium"] == pytest.approx(
        730 * math.ceil(15 / 7)
    )


# --- functions ------------------------------------------------------------------------------------


def test_what_runs_longer_than_a_function_may_is_an_obstacle():
    (why,) = function().obstacles(Load.of(steady(per_second=0.01, seconds=1200)))
    assert why == (
        "f: a request takes 1,200 s on average, and the function is ended after 30 s (AWS allows at"
        " most 900)"
    )


def test_an_api_that_gives_up_first_is_an_obstacle():
    waits = Invocation(
        function=Function(name="f", timeout_seconds=900), api=HttpApi(name="api")
    )  # fmt: skip
    (why,) = Functions(waits).obstacles(Load.of(steady(per_second=0.01, seconds=720)))
    assert "what stands in front waits 30 s" in why


def test_concurrency_and_the_ten_requests_a_second_for_each_limit_a_function():
    tier = function(reserved_concurrent_executions=10)
    assert tier.capacity_per_second(Load.of(steady(seconds=0.5))) == pytest.approx(20)
    assert tier.capacity_per_second(Load.of(steady(seconds=0.01))) == pytest.approx(100)
    (why,) = tier.obstacles(Load.of(steady(per_second=30, seconds=0.5)))
    assert "can answer 20" in why


def test_the_throttle_of_an_api_limits_what_is_behind_it():
    api = HttpApi(name="api", throttle_rate_per_second=50)
    tier = Functions(Invocation(function=Function(name="f"), api=api))
    assert tier.capacity_per_second(Load.of(steady(seconds=0.01))) == 50


def test_provisioned_environments_serve_what_erlang_lets_through():
    tier = function(provisioned_concurrent_executions=2, memory_size_mb=1024)
    trace = steady(per_second=10, hours=3)  # one erlang
    estimate = quantities(tier.estimate(Load.of(trace), TYPICAL), "f")
    served = 1 - 0.2  # of two servers and one erlang a fifth is lost: 1/2 over 1 + 1 + 1/2
    gb_seconds = 10 * 730 * HOUR * 0.1
    assert estimate["Lambda-Provisioned-GB-Second"] == pytest.approx(gb_seconds * served)
    assert estimate["Lambda-GB-Second"] == pytest.approx(gb_seconds * (1 - served))
    run = quantities(simulate_architecture(one(tier), trace).usage(), "f")
    for name, amount in estimate.items():
        assert run[name] == pytest.approx(amount, rel=0.02), name


def test_a_handler_is_charged_no_longer_than_it_may_run():
    tier = function(memory_size_mb=1024)
    usage = quantities(tier.estimate(Load.of(steady(seconds=100)), TYPICAL), "f")
    assert usage["Lambda-GB-Second"] == pytest.approx(2 * 730 * HOUR * 30)


# --- queues ---------------------------------------------------------------------------------------


def consumer(**fields):
    queue = Queue(name="q", visibility_timeout_seconds=180, max_receive_count=3)
    worker = Function(name="w", timeout_seconds=30, memory_size_mb=1024)
    return Queued(QueueMapping(queue=queue, function=worker, **fields))


def test_messages_are_received_in_the_batches_that_a_window_gathers():
    # 5 a second and a window of 1 s: 5.946 to a batch, as `expected_batch_size` has it by hand.
    tier = consumer(maximum_batching_window_seconds=1)
    trace = steady(per_second=5, hours=2)
    expected = quantities(tier.estimate(Load.of(trace), TYPICAL), "w")
    assert expected["Request"] == pytest.approx(5 * 730 * HOUR / 5.946, rel=1e-3)
    found = simulate_architecture(one(tier), trace).usage()
    assert quantities(found, "w")["Request"] == pytest.approx(expected["Request"], rel=0.03)
    polls = quantities(tier.estimate(Load.of(trace), TYPICAL), "q")["Requests-RBP"]
    assert quantities(found, "q")["Requests-RBP"] == pytest.approx(polls, rel=0.03)


def test_pollers_that_find_nothing_are_counted():
    # Five pollers, each a request every 20 s.
    usage = quantities(consumer().estimate(Load.of(steady(per_second=1e-6)), TYPICAL), "q")
    assert usage["Requests-RBP"] == pytest.approx(5 * 730 * HOUR / 20, rel=1e-3)


def test_messages_that_never_get_done_are_an_obstacle():
    why = list(consumer().obstacles(Load.of(steady(per_second=0.01, seconds=1200))))
    assert why[0].startswith("w: a message takes 1,200 s on average, and the function is ended")
    slow = consumer(maximum_concurrency=2, batch_size=1)
    assert not list(slow.obstacles(Load.of(steady(per_second=19))))
    (why,) = slow.obstacles(Load.of(steady(per_second=21)))
    assert why == ("w: 21 messages a second come in on average, and its concurrency works off 20")


def test_a_queue_run_ends_every_message_somehow():
    run = simulate_architecture(one(consumer(poison_share=0.1, report_batch_item_failures=True)),
                                steady(per_second=1))  # fmt: skip
    assert sum(run.outcomes.values()) == drawn(steady(per_second=1))
    assert run.outcomes["given_up"] > 0
    assert run.served[0].histogram.sum() == run.outcomes["ok"]


# --- workflows ------------------------------------------------------------------------------------


def steps(*shares, **fields):
    made = [
        Step(Function(name=f"f{n}", timeout_seconds=60, memory_size_mb=1024, **fields), share)
        for n, share in enumerate(shares)
    ]
    return tuple(made)


def workflow(kind="STANDARD", **fields):
    first, left, right, last = steps(0.1, 0.4, 0.3, 0.2, **fields)
    machine = StateMachine(name="machine", state_machine_type=kind)
    return Workflow(machine, ((first,), (left, right), (last,)))


def test_a_workflow_takes_as_long_as_its_longest_way_and_is_charged_for_every_step():
    tier, trace = workflow(), steady(per_second=1, hours=2, seconds=2)
    run = simulate_architecture(one(tier), trace)
    assert run.latency_seconds(0.5) == pytest.approx(2 * (0.1 + 0.4 + 0.2), rel=0.02)
    # Four tasks, the start, and the state that runs two of them.
    requests = run.outcomes["ok"] + run.outcomes["unfinished"]
    assert run.requests == requests == drawn(trace)
    scale = 730 / 2
    counted = quantities(run.usage(), "machine")["StateTransition"]
    assert counted == pytest.approx(6 * requests * scale, rel=1e-3)
    expected = quantities(tier.estimate(Load.of(trace), TYPICAL), "machine")["StateTransition"]
    assert expected == pytest.approx(6 * 730 * HOUR)


def test_an_express_workflow_is_charged_by_its_time_and_ended_after_five_minutes():
    tier = workflow("EXPRESS")
    usage = quantities(tier.estimate(Load.of(steady(per_second=1, seconds=10)), TYPICAL), "machine")
    # 7 s with 64 MB.
    assert usage["StepFunctions-GB-Second"] == pytest.approx(730 * HOUR * 7 * 64 / 1024)
    long = list(workflow("EXPRESS").obstacles(Load.of(steady(per_second=0.001, seconds=1000))))
    assert any(
        "takes 700 s on average, and an Express workflow is ended after 300 s" in w for w in long
    )
    assert any("f1: takes 400 s on average" in w for w in long)


def test_a_failing_step_is_retried_as_often_as_step_functions_does_and_each_try_is_charged():
    tier = workflow(environment=ExecutionEnvironment(error_share=0.5))
    trace = steady(per_second=1, hours=4, seconds=1)
    run = simulate_architecture(one(tier), trace)
    # A step of four attempts fails in one of sixteen; four steps, two of them together.
    survived = (1 - 1 / 16) ** 4
    decided = run.requests - run.outcomes["unfinished"]
    assert run.outcomes["ok"] / decided == pytest.approx(survived, rel=0.02)
    tried = quantities(run.usage(), "machine")["StateTransition"] / (run.requests * 730 / 4)
    # Attempts of a step: 1 + 1/2 + 1/4 + 1/8; the later steps are not always reached.
    reached = 1 + 2 * (15 / 16) + (15 / 16) ** 3
    assert tried == pytest.approx(2 + 1.875 * reached, rel=0.02)


def test_queues_in_place_of_a_workflow_carry_a_message_for_each_step():
    tier = Workflow(Queue(name="queues"), workflow().stages)
    usage = quantities(tier.estimate(Load.of(steady(per_second=1)), TYPICAL), "queues")
    assert usage["Requests-RBP"] == pytest.approx(4 * 3 * 730 * HOUR)


def test_steps_must_do_the_whole_work():
    with pytest.raises(InvalidInputError, match=r"machine: the shares .* add up to 0.9"):
        Workflow(StateMachine(name="machine"), ((steps(0.9)[0],),))


def test_files_that_come_at_one_instant_each_keep_their_own_work():
    # Three at once with 1, 2 and 3 s of work, of which the longer step of a stage does the most.
    trace = AtTimes(times=[10.0, 10, 10], work_seconds=[1.0, 2, 3], duration_seconds=100)
    at_once = ExecutionEnvironment(init=Fixed(seconds=0), first_run_seconds=0)
    one_after_another = workflow(environment=at_once).simulate(trace, seed=0)
    assert np.sort(one_after_another.took_seconds) == pytest.approx([0.7, 1.4, 2.1])
    stage = steps(0.1, 0.9, environment=at_once)
    together = Workflow(StateMachine(name="machine"), (stage,)).simulate(trace, seed=0)
    assert together.took_seconds == pytest.approx([0.9, 1.8, 2.7])


# --- pods -----------------------------------------------------------------------------------------


def pods(**fields):
    return Pods(
        load_balancer=ALB, deployment=Deployment(name="pods", replicas=2, cpu_request=0.5),
        nodegroup=Nodegroup(
            name="nodes", instance_type="m5.large", desired_size=1, min_size=1, max_size=4
        ),
        autoscaler=HorizontalPodAutoscaler(
            min_replicas=2, max_replicas=10, target_cpu_utilization_percent=50
        ),
        **{"node_autoscaler": Karpenter(), "workers": 2, "cpu_share": 0.25, **fields},
    )  # fmt: skip


def test_pods_follow_cpu_and_nodes_follow_pods():
    # 20 a second x 0.1 s x a quarter of CPU = 0.5 vCPU; at half of 0.5 each, two pods. At 60 a
    # second six pods; 3 to a node (1.93 - 0.15 vCPU over 0.5), so two nodes.
    for per_second, nodes in ((20, 1), (60, 2)):
        usage = pods().estimate(Load.of(steady(per_second)), TYPICAL)
        assert quantities(usage, "nodes")["BoxUsage:m5.large"] == pytest.approx(730 * nodes)


def test_pods_that_have_no_room_are_not_counted_on():
    tier = pods()
    assert (tier.most_nodes, tier.most_pods) == (4, 10)
    fewer = Pods(**{**vars(tier), "nodegroup": tier.nodegroup.replace(max_size=2)})
    assert fewer.most_pods == 6
    assert fewer.capacity_per_second(Load.of(steady())) == pytest.approx(6 * 0.5 / 0.025)
    (why,) = fewer.obstacles(Load.of(steady(per_second=130)))
    assert "6 pods on 2 nodes can answer 120" in why


def test_a_run_of_pods_agrees_with_the_estimate_and_has_a_latency():
    trace = steady(per_second=20, hours=4)
    run = simulate_architecture(one(pods()), trace)
    assert run.error_share == 0
    expected = bill(pods().estimate(Load.of(trace), TYPICAL)).total_usd
    assert bill(run.usage()).total_usd == pytest.approx(expected, rel=0.02)
    assert 0.1 <= run.latency_seconds(0.5) < 0.2
    assert run.latency_seconds(0.99) > run.latency_seconds(0.5)


def test_pods_that_are_too_few_turn_requests_away():
    tier = pods(node_autoscaler=None)
    run = simulate_architecture(one(tier), steady(per_second=100))  # room for 3 pods: 60 a second
    assert run.outcomes["rejected"] / run.requests == pytest.approx(0.4, abs=0.03)


# --- the whole ------------------------------------------------------------------------------------


def test_names_that_clash_or_lead_nowhere_are_refused():
    with pytest.raises(InvalidInputError, match="test: two resources are called 'f'"):
        one(function("f"), standing=(Function(name="f"),))
    with pytest.raises(InvalidInputError, match="test: 'x' in path or links is no resource"):
        one(function("f"), path=("x",))


def test_a_run_says_what_happened_in_a_line_and_in_a_table():
    run = simulate_architecture(one(function()), steady())
    assert repr(run).startswith("ArchitectureRun(test, 1 h, ")
    assert "99th percentile" in run._repr_html_()
    assert run.summary()["error_share"] == 0


def test_keys_of_usage_keep_the_region():
    usage = one(function()).estimate(steady(), TYPICAL)
    assert {key.region for key in usage} == {"us-east-1"}
    assert all(isinstance(key, UsageKey) for key in usage)


def test_clients_of_sdk_try_again_in_front_of_a_function():
    patient = Functions(
        Invocation(
            function=Function(name="f", timeout_seconds=30, reserved_concurrent_executions=1),
            invoked_by=Client.sdk(),
        )
    )
    once = simulate_architecture(one(function(reserved_concurrent_executions=1)), steady(8))
    again = simulate_architecture(one(patient), steady(8))
    assert again.error_share < once.error_share
