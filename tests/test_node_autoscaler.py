"""Cluster Autoscaler and Karpenter: when nodes are wanted, and which of them nobody needs."""

import pytest

from models.errors import InvalidInputError
from models.scaling.node_autoscaler import (
    ClusterAutoscaler,
    Karpenter,
    batch_closes,
    can_move,
    disruptions_allowed,
    nodes_to_add,
    requested_share,
)
from models.scaling.packing import Host, HostSize, Item

SIZE = HostSize(cpu=4, memory=16)
POD = Item(1, 2)


def test_the_constants_are_those_of_the_projects_own_pages():
    cluster, karpenter = ClusterAutoscaler(), Karpenter()
    assert cluster.scan_interval_seconds == 10
    assert cluster.scale_down_utilization_threshold == 0.5
    assert cluster.scale_down_unneeded_seconds == 600
    assert cluster.scale_down_delay_after_add_seconds == 600
    assert cluster.max_empty_bulk_delete == 10
    assert (karpenter.batch_idle_seconds, karpenter.batch_max_seconds) == (1, 10)
    assert karpenter.consolidate_after_seconds == 0
    assert karpenter.disruption_budget_share == 0.1


def test_a_node_of_karpenter_is_ready_within_a_minute_and_one_of_a_group_within_five():
    assert Karpenter().node_ready.mean_seconds == 45
    assert ClusterAutoscaler().node_ready.mean_seconds == 240


class TestNodesToAdd:
    @pytest.mark.parametrize(("pods", "nodes"), [(0, 0), (1, 1), (4, 1), (5, 2), (9, 3)])
    def test_as_many_as_the_pods_fill(self, pods, nodes):
        assert nodes_to_add([POD] * pods, [], SIZE) == nodes

    def test_nodes_on_their_way_take_pods_first_and_are_left_as_they_are(self):
        upcoming = [Host(SIZE), Host(SIZE, items=[POD] * 3)]
        assert nodes_to_add([POD] * 5, upcoming, SIZE) == 0
        assert nodes_to_add([POD] * 6, upcoming, SIZE) == 1
        assert [len(host.items) for host in upcoming] == [0, 3]

    def test_the_largest_pods_come_first(self):
        # Smallest first, the two of 1 share a node and each of 3 needs its own.
        assert nodes_to_add([Item(1, 1)] * 2 + [Item(3, 1)] * 2, [], SIZE) == 2

    def test_a_pod_that_fits_nowhere_is_refused(self):
        with pytest.raises(InvalidInputError, match="does not fit on a host"):
            nodes_to_add([Item(5, 1)], [], SIZE)


class TestRequestedShare:
    def test_the_larger_of_cpu_and_memory_counts(self):
        assert requested_share(Host(SIZE, items=[Item(1, 2)])) == 0.25
        assert requested_share(Host(SIZE, items=[Item(1, 12)])) == 0.75
        assert requested_share(Host(SIZE)) == 0

    def test_pods_that_run_everywhere_count_as_pods(self):
        size = HostSize(cpu=4, memory=16, reserved_cpu=1)  # half of it for them
        assert requested_share(Host(size, items=[Item(1.25, 0)]), Item(0.5, 0)) == 0.5


class TestCanMove:
    def test_pods_move_where_all_of_them_find_room_on_the_others(self):
        node = Host(SIZE, items=[POD] * 2)
        others = [Host(SIZE, items=[POD] * 3), Host(SIZE, items=[POD] * 3)]
        assert can_move(node, others)
        assert not can_move(node, others[:1])
        assert [len(host.items) for host in others] == [3, 3]

    def test_an_empty_node_has_nothing_to_move(self):
        assert can_move(Host(SIZE), [])


@pytest.mark.parametrize(
    ("nodes", "going", "not_ready", "allowed"),
    [(10, 0, 0, 1), (11, 0, 0, 2), (1, 0, 0, 1), (0, 0, 0, 0), (20, 1, 0, 1), (20, 1, 3, 0)],
)
def test_the_budget_is_rounded_up_and_what_goes_or_comes_counts(nodes, going, not_ready, allowed):
    assert disruptions_allowed(nodes, going, not_ready, 0.1) == allowed


@pytest.mark.parametrize(
    ("pending", "closes"),
    [
        ([5.0], 6.0),
        ([5.0, 5.9], 6.9),
        ([5.0, 6.0], 7.0),  # at the very end of the idle time
        ([5.0, 6.1], 6.0),
        ([5.0 + 0.5 * n for n in range(40)], 15.0),
    ],
)
def test_a_batch_closes_after_a_second_of_rest_or_ten_in_all(pending, closes):
    assert batch_closes(pending) == pytest.approx(closes)


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (ClusterAutoscaler, {"scan_interval_seconds": 0}, "scan_interval_seconds"),
        (ClusterAutoscaler, {"scale_down_utilization_threshold": 1.1}, "threshold"),
        (ClusterAutoscaler, {"max_empty_bulk_delete": 0}, "max_empty_bulk_delete"),
        (ClusterAutoscaler, {"batch_idle_seconds": 1}, "there is no such field"),
        (Karpenter, {"batch_max_seconds": float("nan")}, "batch_max_seconds"),
        (Karpenter, {"disruption_budget_share": -0.1}, "disruption_budget_share"),
    ],
)
def test_what_makes_no_sense_is_refused(kind, fields, said):
    with pytest.raises(InvalidInputError, match=said):
        kind(**fields)
