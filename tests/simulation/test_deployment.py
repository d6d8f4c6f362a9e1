"""A Deployment on the nodes of a cluster: pods and nodes that come and go, against hand counts."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.billing import bill
from models.distributions import Fixed, Uniform
from models.errors import InvalidInputError
from models.scaling.horizontal_pod_autoscaler import HorizontalPodAutoscaler
from models.scaling.node_autoscaler import ClusterAutoscaler, Karpenter
from models.scaling.packing import HostSize, Item
from models.services.eks import Cluster, Deployment, Nodegroup
from models.simulation.deployment import simulate_deployment
from models.simulation.deployment.fleet import NEVER, Node
from models.simulation.deployment.pods import Pod, goes_first
from models.units import TYPICAL, BillingPeriod
from models.workload import ClosedLoop, Constant, Diurnal, Spike, Step

HOUR = 3600
#: A request is 0.1 s of CPU: a pod of 1 vCPU serves 10 a second.
WORK = Fixed(seconds=0.1)
#: Takes 15 pods of 1 vCPU, and 31 of half a vCPU.
LARGE = Nodegroup(name="nodes", instance_type="m5.4xlarge", desired_size=4)
#: Takes 3 pods of half a vCPU: 1.78 vCPU are left beside what runs everywhere.
SMALL = Nodegroup(name="nodes", instance_type="m5.large", max_size=20, launch=Fixed(seconds=20))
SOON = ClusterAutoscaler(node_ready=Fixed(seconds=100))


def constant(rate, seconds=HOUR):
    return Constant(rate_per_second=rate, duration_seconds=seconds, work=WORK)


def pods_of(count, **fields):
    return Deployment(**{"replicas": count, "cpu_request": 1.0, **fields})


def tracking(percent, **fields):
    return HorizontalPodAutoscaler(
        **{"max_replicas": 60, "target_cpu_utilization_percent": percent, **fields}
    )


def sizes(run, group="web"):
    """When the number of pods changed, and to what."""
    return [
        (activity.start_seconds, int(activity.description.rpartition(" ")[2]))
        for activity in run.activities
        if activity.group == group
    ]


def nodes_moved(run):
    return [
        (activity.start_seconds, activity.change)
        for activity in run.activities
        if activity.group == "nodes"
    ]


class TestPodScaling:
    def test_ten_pods_at_90_percent_of_60_become_15(self):
        run = simulate_deployment(
            pods_of(10), constant(90), nodegroup=LARGE, autoscaler=tracking(60)
        )
        assert sizes(run) == [(15, 15)]
        assert run.column("cpu_percent")[-1] == pytest.approx(60)

    def test_ten_pods_at_64_percent_of_60_stay(self):
        run = simulate_deployment(
            pods_of(10), constant(64), nodegroup=LARGE, autoscaler=tracking(60)
        )
        assert run.activities == ()

    def test_saturated_cpu_takes_a_step_for_each_doubling(self):
        """Eight times the load, target 50 %: ln 8 / ln 2 = 3 steps, since CPU ends at 100 %."""
        run = simulate_deployment(
            pods_of(2, start=Fixed(seconds=0)), constant(80), nodegroup=LARGE,
            autoscaler=tracking(50),
        )  # fmt: skip
        assert sizes(run) == [(15, 4), (30, 8), (45, 16)]
        assert len(sizes(run)) == math.ceil(math.log(16 / 2) / math.log(100 / 50))

    def test_pods_that_are_starting_hold_back_the_next_step(self):
        # At 30 s two of four are not ready for a whole reading: (2 x 100 + 2 x 0) / 4 = 50.
        run = simulate_deployment(
            pods_of(2, start=Fixed(seconds=10)), constant(80), nodegroup=LARGE,
            autoscaler=tracking(50),
        )  # fmt: skip
        assert sizes(run) == [(15, 4), (45, 8), (75, 16)]

    def test_a_limit_above_the_request_shows_more_of_the_load(self):
        # 2 pods use 4 vCPU of the 8: 200 % of 50 asks for 8, four may be added; then 12 at once.
        run = simulate_deployment(
            pods_of(2, start=Fixed(seconds=0), cpu_limit=2.0), constant(80), nodegroup=LARGE,
            autoscaler=tracking(50),
        )  # fmt: skip
        assert sizes(run) == [(15, 6), (30, 12), (45, 16)]

    def test_a_pod_without_a_node_counts_as_idle(self):
        # Nine at 60 % of 50 alone would ask for 11; with the tenth they are at 54, close enough.
        run = simulate_deployment(
            pods_of(10, cpu_request=0.5), constant(27), nodegroup=SMALL.replace(desired_size=3),
            autoscaler=tracking(50),
        )  # fmt: skip
        assert run.activities == ()
        assert run.column("pending")[-1] == 1

    def test_a_pod_that_goes_while_it_starts_never_serves(self):
        drop = Step(
            from_per_second=90, to_per_second=20, at_seconds=30, duration_seconds=1800, work=WORK
        )
        run = simulate_deployment(
            pods_of(10, start=Fixed(seconds=1000)), drop, nodegroup=LARGE, autoscaler=tracking(60)
        )
        assert sizes(run) == [(15, 15), (330, 4)]
        assert run.column("ready")[-1] == 4
        assert (run.column("starting") >= 0).all()

    def test_pods_go_five_minutes_after_the_load(self):
        run = simulate_deployment(
            pods_of(10), constant(25), nodegroup=LARGE, autoscaler=tracking(50)
        )
        assert sizes(run) == [(300, 5)]

    def test_a_dip_shorter_than_five_minutes_removes_nothing(self):
        dips = Spike(
            base_per_second=50, peak_per_second=5, at_seconds=600, hold_seconds=270,
            duration_seconds=HOUR, work=WORK,
        )  # fmt: skip
        run = simulate_deployment(pods_of(10), dips, nodegroup=LARGE, autoscaler=tracking(50))
        assert run.activities == ()

    def test_without_an_autoscaler_pods_stay_and_the_rest_is_lost(self):
        run = simulate_deployment(pods_of(4), constant(50), nodegroup=LARGE)
        assert run.unserved_share == pytest.approx(0.2)  # 40 of 50
        assert run.activities == ()

    def test_the_activity_says_why(self):
        run = simulate_deployment(
            pods_of(10), constant(90), nodegroup=LARGE, autoscaler=tracking(60)
        )
        (activity,) = run.activities
        assert activity.description == "New size: 15"
        assert activity.change == 5
        assert activity.cause == (
            "At 2026-06-01T00:00:15Z CPU utilization of the pods was 90% of their requests, above"
            " the target of 60%, changing the number of pods from 10 to 15."
        )


class TestClusterAutoscaler:
    def test_by_hand_from_pending_to_ready(self):
        """Six pods, three find room: seen at 10 s, a node is ready at 110 s, the pods at 120 s."""
        run = simulate_deployment(
            pods_of(6, cpu_request=0.5), constant(30), nodegroup=SMALL, node_autoscaler=SOON
        )
        assert nodes_moved(run) == [(10, 1)]
        assert run.activities[0].end_seconds == 110
        assert run.column("pending")[:3].tolist() == [3, 0, 0]
        assert run.column("starting")[:3].tolist() == [0, 3, 0]  # at 60, 120 - and 180 s
        assert run.column("nodes_starting")[:2].tolist() == [1, 0]
        assert run.requests - run.served == pytest.approx(15 * 120)
        # The second is charged from running on, 20 s after it was asked for; its volume at once.
        assert run.node_hours == pytest.approx(1 + (HOUR - 30) / HOUR)
        metered = run.metered_hourly()
        (volumes,) = (hours for key, hours in metered.items() if "Volume" in key.meter.usage_type)
        assert volumes.sum() == pytest.approx(20 / 730 * (1 + (HOUR - 10) / HOUR))

    def test_an_empty_node_goes_once_it_was_unneeded_for_ten_minutes(self):
        run = simulate_deployment(
            pods_of(1, cpu_request=0.5), constant(5),
            nodegroup=SMALL.replace(desired_size=2), node_autoscaler=ClusterAutoscaler(),
        )  # fmt: skip
        assert nodes_moved(run) == [(610, -1)]
        assert run.node_hours == pytest.approx(1 + 610 / HOUR)
        assert run.unserved_share == 0

    def test_a_little_used_node_is_drained_and_its_pod_starts_anew(self):
        # A pod on each of two: (0.5 + 0.15) / 1.93 = 0.34 of the CPU is requested.
        run = simulate_deployment(
            pods_of(2, cpu_request=0.5, start=Fixed(seconds=30)), constant(10),
            nodegroup=SMALL.replace(desired_size=2), node_autoscaler=ClusterAutoscaler(),
        )  # fmt: skip
        assert nodes_moved(run) == [(610, -1)]
        assert run.requests - run.served == pytest.approx(5 * 30)
        assert "Pods on the node: 1; it was unneeded." in run.activities[0].cause

    def test_a_node_that_is_half_used_stays(self):
        # Two pods on each: (1.0 + 0.15) / 1.93 = 0.60.
        run = simulate_deployment(
            pods_of(4, cpu_request=0.5), constant(10),
            nodegroup=SMALL.replace(desired_size=2), node_autoscaler=ClusterAutoscaler(),
        )  # fmt: skip
        assert run.activities == ()

    def test_even_where_its_pods_would_fit_elsewhere(self):
        run = simulate_deployment(
            pods_of(6, cpu_request=0.5), constant(10),
            nodegroup=SMALL.replace(desired_size=3), node_autoscaler=ClusterAutoscaler(),
        )  # fmt: skip
        assert run.activities == ()

    def test_a_node_is_charged_for_a_minute_at_least(self):
        at_once = ClusterAutoscaler(scale_down_unneeded_seconds=0)
        run = simulate_deployment(
            pods_of(1, cpu_request=0.5), constant(5),
            nodegroup=SMALL.replace(desired_size=2), node_autoscaler=at_once,
        )  # fmt: skip
        assert nodes_moved(run) == [(10, -1)]
        assert run.node_hours == pytest.approx(1 + 60 / HOUR)

    @pytest.mark.parametrize(("delay", "gone"), [(0, 310), (900, 910)])
    def test_no_node_goes_for_a_while_after_one_was_added(self, delay, gone):
        # A node is added at 10 s; at 300 s the pods are down to one.
        eager = SOON.replace(
            scale_down_unneeded_seconds=0, scale_down_delay_after_add_seconds=delay
        )
        run = simulate_deployment(
            pods_of(4, cpu_request=0.5), constant(1), nodegroup=SMALL,
            autoscaler=tracking(50), node_autoscaler=eager,
        )  # fmt: skip
        assert sizes(run) == [(300, 1)]
        assert nodes_moved(run)[0] == (10, 1)
        when, change = nodes_moved(run)[1]
        assert change == -1
        assert gone - 10 <= when <= gone

    def test_empty_nodes_go_ten_at_a_time_and_never_below_the_smallest_size(self):
        run = simulate_deployment(
            pods_of(0), constant(1), nodegroup=SMALL.replace(desired_size=16, min_size=2),
            node_autoscaler=ClusterAutoscaler(),
        )  # fmt: skip
        assert nodes_moved(run) == [(610, -1)] * 10 + [(620, -1)] * 4
        assert run.unserved_share == 1

    def test_the_largest_size_leaves_pods_pending(self):
        run = simulate_deployment(
            pods_of(12, cpu_request=0.5), constant(60), nodegroup=SMALL.replace(max_size=3),
            node_autoscaler=SOON,
        )  # fmt: skip
        assert nodes_moved(run) == [(10, 1)] * 2
        assert run.column("pending")[-1] == 3
        assert run.column("nodes")[-1] == 3

    def test_without_it_no_node_comes(self):
        run = simulate_deployment(pods_of(6, cpu_request=0.5), constant(30), nodegroup=SMALL)
        assert run.unserved_share == pytest.approx(0.5)
        assert run.column("pending")[-1] == 3


class TestKarpenter:
    def test_a_batch_of_pods_gets_its_nodes_after_a_second(self):
        run = simulate_deployment(
            pods_of(9, cpu_request=0.5), constant(45), nodegroup=SMALL,
            node_autoscaler=Karpenter(node_ready=Fixed(seconds=49)),
        )  # fmt: skip
        assert nodes_moved(run) == [(1, 1), (1, 1)]
        assert [activity.end_seconds for activity in run.activities] == [50, 50]
        # 15 of 45 requests a second until the six pods are ready at 60 s.
        assert run.requests - run.served == pytest.approx(30 * 60)

    def test_pods_that_come_before_the_batch_closes_share_its_nodes(self):
        # Two scale-ups 15 s apart fall into one batch of 20 s; each adds what no node has room for.
        patient = Karpenter(
            batch_idle_seconds=20, batch_max_seconds=100, node_ready=Fixed(seconds=30)
        )
        run = simulate_deployment(
            pods_of(3, cpu_request=0.5, cpu_limit=1.0), constant(100), nodegroup=SMALL,
            autoscaler=tracking(10), node_autoscaler=patient,
        )  # fmt: skip
        grown = [when for when, _ in sizes(run)]
        launched = {when for when, change in nodes_moved(run) if change > 0}
        assert grown[:1] == [15]
        assert min(launched) == max(when for when in grown if when < min(launched)) + 20

    def test_the_budget_lets_one_empty_node_of_ten_go_at_a_time(self):
        run = simulate_deployment(
            pods_of(1, cpu_request=0.5), constant(1), nodegroup=SMALL.replace(desired_size=10),
            node_autoscaler=Karpenter(),
        )  # fmt: skip
        assert nodes_moved(run) == [(10 * tick, -1) for tick in range(1, 10)]

    def test_nodes_wait_for_as_long_as_no_pod_moved(self):
        run = simulate_deployment(
            pods_of(1, cpu_request=0.5), constant(1), nodegroup=SMALL.replace(desired_size=2),
            node_autoscaler=Karpenter(consolidate_after_seconds=305),
        )  # fmt: skip
        assert nodes_moved(run) == [(310, -1)]

    def test_a_node_whose_pods_fit_elsewhere_goes_however_much_it_is_used(self):
        # Two and two pods on two of three nodes with room for three: nobody's pods fit on the rest
        # but those of the empty one; then none.
        run = simulate_deployment(
            pods_of(4, cpu_request=0.5), constant(1), nodegroup=SMALL.replace(desired_size=3),
            node_autoscaler=Karpenter(),
        )  # fmt: skip
        # Spread 2, 1, 1: one of those with a single pod goes, its pod finds room; then 2 and 2.
        assert nodes_moved(run) == [(10, -1)]
        assert "Pods on the node: 1;" in run.activities[0].cause
        assert run.column("nodes")[-1] == 2
        assert run.column("ready")[-1] == 4

    def test_a_node_on_its_way_counts_against_the_budget(self):
        # The third node is asked for at 1 s; at 300 s one pod is left; nobody goes before it came.
        run = simulate_deployment(
            pods_of(7, cpu_request=0.5), constant(1), nodegroup=SMALL.replace(desired_size=2),
            autoscaler=tracking(50),
            node_autoscaler=Karpenter(node_ready=Fixed(seconds=1000)),
        )  # fmt: skip
        assert sizes(run) == [(300, 1)]
        assert nodes_moved(run) == [(1, 1), (1010, -1), (1020, -1)]


def test_which_pods_go_first():
    """Those without a node, those that start, those in company, and of these the newest."""
    size = HostSize(cpu=4, memory=4)
    alone, busy = Node(size, items=[Item(1, 1)]), Node(size, items=[Item(1, 1)] * 3)

    def pod(number, node, ready=True):
        made = Pod(number)
        made.node = node
        made.ready_seconds = 0.0 if ready else NEVER
        return made

    right = [
        pod(0, None, ready=False), pod(1, alone, ready=False), pod(5, busy), pod(2, busy),
        pod(6, alone),
    ]  # fmt: skip
    assert sorted([*right[2:], *right[:2]], key=goes_first) == right


class TestRoadsThatMeet:
    def test_a_steady_run_is_metered_as_the_closed_form_says(self):
        group = SMALL.replace(desired_size=3, associate_public_ip_address=True, disk_size_gb=50)
        cluster = Cluster(name="eks", extended_support_share=0.5)
        run = simulate_deployment(
            pods_of(6, cpu_request=0.5), constant(15, 2 * HOUR), nodegroup=group, cluster=cluster
        )
        for period in (TYPICAL, BillingPeriod.of("2026-11")):
            expected = group.estimate(period) + cluster.estimate(period)
            found = run.usage(period)
            assert set(found) == set(expected)
            for key in expected:
                assert found.total(key) == pytest.approx(expected.total(key), rel=1e-9)
        assert bill(run.usage()).total_usd == pytest.approx(
            bill(group.estimate() + cluster.estimate()).total_usd
        )

    def test_a_run_of_a_whole_period_keeps_its_hours(self):
        month = BillingPeriod.of("2026-02")
        run = simulate_deployment(pods_of(2), constant(1, month.hours * HOUR), nodegroup=LARGE)
        (key,) = (key for key in run.usage(month) if "BoxUsage" in key.meter.usage_type)
        assert run.usage(month).hourly(key).tolist() == [4.0] * month.hours

    @pytest.mark.parametrize("node_autoscaler", [ClusterAutoscaler(), Karpenter()])
    @pytest.mark.parametrize("rate", [20, 47, 110])
    def test_a_steady_load_ends_where_arithmetic_does(self, rate, node_autoscaler):
        """As many pods as bring CPU to the target, give or take the tolerance, and their nodes."""
        run = simulate_deployment(
            pods_of(3, cpu_request=0.5), constant(rate), nodegroup=SMALL,
            autoscaler=tracking(70), node_autoscaler=node_autoscaler,
        )  # fmt: skip
        pods = run.column("ready")[-1]
        percent = 100 * rate * 0.1 / (pods * 0.5)
        assert 70 * 0.9 - 100 / pods <= percent <= 70 * 1.1
        assert run.column("cpu_percent")[-1] == pytest.approx(percent)
        needed = SMALL.nodes_needed([pods_of(1, cpu_request=0.5).pod] * int(pods))
        assert needed <= run.column("nodes")[-1] <= needed + 1
        assert run.column("unserved")[-1] == 0


class TestRun:
    def run(self, **fields):
        return simulate_deployment(
            pods_of(3, cpu_request=0.5),
            Diurnal(low_per_second=10, high_per_second=70, duration_seconds=6 * HOUR, work=WORK),
            nodegroup=SMALL.replace(min_size=1), autoscaler=tracking(60),
            **{"node_autoscaler": ClusterAutoscaler(), **fields},
        )  # fmt: skip

    def test_every_request_is_served_or_not_and_every_pod_is_somewhere(self):
        run = self.run()
        table = run.timeline
        assert table["requests"].sum() == pytest.approx(run.requests)
        assert table["served"].sum() == pytest.approx(run.served)
        assert np.allclose(table["requests"], table["served"] + table["unserved"])
        assert (table["desired"] == table["ready"] + table["starting"] + table["pending"]).all()
        assert len(table) == 360
        assert run.requests == pytest.approx(
            Diurnal(
                low_per_second=10, high_per_second=70, duration_seconds=6 * HOUR
            ).expected_requests
        )

    def test_the_same_seed_gives_the_same_run_and_another_another(self):
        one, again, other = self.run(), self.run(), self.run(seed=1)
        assert one.activities == again.activities
        assert one.timeline.equals(again.timeline)
        assert one.activities != other.activities

    def test_it_says_what_happened_in_a_line_and_in_a_table(self):
        run = self.run()
        assert repr(run).startswith("DeploymentRun(6 h, ")
        assert f"{run.unserved_share:.2%} unserved" in repr(run)
        assert "<td>6 hours</td>" in run._repr_html_()
        assert run.summary()["node_hours"] == run.node_hours
        assert run.summary()["most_nodes"] == run.timeline["nodes"].max()

    def test_an_unknown_column_is_refused(self):
        with pytest.raises(InvalidInputError, match=r"no column 'cpu'; it has .*cpu_percent"):
            self.run().column("cpu")

    def test_a_row_that_the_end_cuts_off_is_kept(self):
        run = simulate_deployment(pods_of(1), constant(1, 90), nodegroup=LARGE)
        assert run.column("seconds").tolist() == [60, 30]
        assert run.column("requests").tolist() == pytest.approx([60, 30])

    @settings(max_examples=25, deadline=None)
    @given(
        before=st.floats(1, 100), after=st.floats(1, 100), replicas=st.integers(1, 12),
        low=st.integers(1, 4), target=st.integers(20, 90), most=st.integers(1, 12),
        karpenter=st.booleans(), seed=st.integers(0, 99),
    )  # fmt: skip
    def test_pods_and_nodes_stay_within_their_bounds(
        self, before, after, replicas, low, target, most, karpenter, seed
    ):
        trace = Step(
            from_per_second=before, to_per_second=after, at_seconds=600,
            duration_seconds=2400, work=WORK,
        )  # fmt: skip
        run = simulate_deployment(
            pods_of(replicas, cpu_request=0.5, start=Uniform(low_seconds=1, high_seconds=40)),
            trace,
            nodegroup=SMALL.replace(desired_size=1, max_size=most),
            autoscaler=tracking(target, min_replicas=low, max_replicas=30),
            node_autoscaler=Karpenter() if karpenter else ClusterAutoscaler(),
            seed=seed,
        )
        table = run.timeline
        assert table["desired"].between(low, 30).all()
        assert (table["nodes"] + table["nodes_starting"] <= most).all()
        assert (table["ready"] + table["starting"] <= 3 * table["nodes"]).all()
        assert (table["desired"] == table["ready"] + table["starting"] + table["pending"]).all()
        assert (table["starting"] >= 0).all()
        assert run.served <= run.requests * (1 + 1e-9)
        assert table["cpu_percent"].between(0, 100 + 1e-9).all()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"deployment": pods_of(1, cpu_request=2.0)}, "does not fit on a host"),
        ({"nodegroup": SMALL.replace(desired_size=np.array([1, 2]))}, "must be one number"),
        (
            {"trace": ClosedLoop(connections=3, requests=60)},
            "trace must be an open workload",
        ),
    ],
)
def test_what_cannot_be_run_is_refused(fields, said):
    given = {"deployment": pods_of(1), "trace": constant(1), "nodegroup": SMALL, **fields}
    with pytest.raises(InvalidInputError, match=said):
        simulate_deployment(given.pop("deployment"), given.pop("trace"), **given)
