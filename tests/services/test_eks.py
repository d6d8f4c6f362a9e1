"""EKS and ECR: what is billed, how many pods a node takes, and what AWS would refuse."""

import time

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError, PriceFileError, UnknownNameError
from models.quotas import instance_types
from models.scaling.packing import Item
from models.services.ec2 import Instance, Volume
from models.services.ecr import Repository
from models.services.eks import (
    Cluster,
    Deployment,
    Nodegroup,
    allocatable,
    eni_max_pods,
    kube_reserved_cpu,
    kube_reserved_memory_mib,
    managed_max_pods,
    network_limits,
    rules,
)
from models.units import TYPICAL, BillingPeriod


def quantities(resource, period=TYPICAL):
    usage = resource.estimate(period)
    return {key.meter.usage_type: usage.total(key) for key in usage}


def nodes(**fields):
    return Nodegroup(**{"name": "nodes", "instance_type": "m5.large", **fields})


# --- Cluster ----------------------------------------------------------------------------------


def test_a_cluster_is_charged_by_the_hour():
    assert quantities(Cluster(name="eks")) == {"AmazonEKS-Hours:perCluster": 730}
    assert quantities(Cluster(name="eks", count=3, hours=10)) == {"AmazonEKS-Hours:perCluster": 30}


def test_extended_support_comes_on_top_of_the_cluster_hour():
    found = quantities(Cluster(name="eks", extended_support_share=1))
    assert found == {"AmazonEKS-Hours:perCluster": 730, "AmazonEKS-Hours:extendedSupport": 730}
    assert bill(Cluster(name="eks", extended_support_share=1).estimate()).total_usd == 438
    aging = Cluster(name="eks", count=2, hours=100, extended_support_share=0.25)
    assert quantities(aging)["AmazonEKS-Hours:extendedSupport"] == 50


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"extended_support_share": 1.1}, "extended_support_share.* from 0 to 1"),
        ({"count": 0.5}, "count.*whole number"),
        ({"hours": -1}, "hours.*must not be negative"),
    ],
)
def test_a_cluster_that_makes_no_sense_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        Cluster(name="eks", **fields)


def test_more_hours_than_the_period_has_are_refused():
    with pytest.raises(InvalidInputError, match="hours 731 must be at most the 730"):
        Cluster(name="eks", hours=731).estimate()


# --- Room for pods ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pods"),
    [
        # As in AWS's own list (awslabs/amazon-eks-ami, eni-max-pods.txt).
        ("t3.nano", 4), ("t3.small", 11), ("t3.medium", 17), ("t3.large", 35), ("t4g.xlarge", 58),
        ("t2.micro", 4), ("c6g.medium", 8), ("m5.large", 29), ("m5.xlarge", 58),
        ("r6i.2xlarge", 58), ("c5.12xlarge", 234), ("m6g.16xlarge", 737), ("m7i.8xlarge", 234),
        ("m8i.large", 59), ("c8i.xlarge", 118), ("m8i.4xlarge", 394),
    ],
)  # fmt: skip
def test_the_interfaces_of_a_type_allow_as_many_pods_as_aws_lists(name, pods):
    assert eni_max_pods(network_limits(name)) == pods


def test_network_limits_are_held_of_every_instance_type():
    assert all(eni_max_pods(network_limits(name)) >= 4 for name in instance_types())


def test_an_unknown_type_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"'m5\.larg' .*nearest: m5\.large"):
        network_limits("m5.larg")


@pytest.mark.parametrize("count", ["0", "-1", "1.5", "", "²"])
def test_a_damaged_file_of_network_limits_is_refused(tmp_path, monkeypatch, count):
    header = "instance_type,network_interfaces,ipv4_per_interface,source\n"
    (tmp_path / "network_interfaces.csv").write_text(f"{header}m5.large,3,{count},x\n", "utf-8")
    monkeypatch.setattr(rules, "DATA", tmp_path)
    with pytest.raises(PriceFileError, match=r":2: .*must be whole numbers above 0"):
        rules._limits.__wrapped__()


@pytest.mark.parametrize(("vcpus", "most"), [(2, 110), (29, 110), (30, 250), (64, 250)])
def test_a_managed_node_takes_no_more_pods_than_eks_allows(vcpus, most):
    assert managed_max_pods(5_000, vcpus) == most
    assert managed_max_pods(17, vcpus) == 17


@pytest.mark.parametrize(
    ("vcpus", "millicores"), [(1, 60), (2, 70), (4, 80), (8, 90), (16, 110), (64, 230)]
)
def test_cpu_is_kept_back_in_steps(vcpus, millicores):
    assert kube_reserved_cpu(vcpus) == pytest.approx(millicores / 1000)


def test_memory_is_kept_back_for_each_pod():
    assert kube_reserved_memory_mib(29) == 11 * 29 + 255 == 574
    assert kube_reserved_memory_mib(4) == 299


@pytest.mark.parametrize(
    ("name", "millicores", "mib", "pods"),
    [
        # 8 GiB less 574 MiB and the 100 MiB below which pods are evicted.
        ("m5.large", 1930, 8 * 1024 - 674, 29),
        ("t3.medium", 1930, 4 * 1024 - (11 * 17 + 355), 17),
        # What is kept back follows from the 234 pods of its interfaces, not from the 110 allowed.
        ("m5.4xlarge", 15890, 64 * 1024 - (11 * 234 + 355), 110),
        ("m5.16xlarge", 63770, 256 * 1024 - (11 * 737 + 355), 250),
    ],
)
def test_what_a_node_has_for_pods(name, millicores, mib, pods):
    node = allocatable(name)
    assert node.usable.cpu == pytest.approx(millicores / 1000)
    assert node.usable.memory == pytest.approx(mib / 1024)
    assert node.most_items == pods


# --- Nodegroup --------------------------------------------------------------------------------


def test_a_node_group_costs_what_its_instances_and_volumes_cost():
    group = nodes(desired_size=3, hours=100, associate_public_ip_address=True)
    instances = Instance(
        name="nodes", instance_type="m5.large", count=3, hours=100,
        associate_public_ip_address=True,
    )  # fmt: skip
    volumes = Volume(name="nodes", size_gb=20, count=3, hours=100)
    assert quantities(group) == quantities(instances) | quantities(volumes)
    assert quantities(group)["BoxUsage:m5.large"] == 300


def test_by_hand_a_small_cluster_for_a_month():
    # 730 x 0.10, 2 x 730 x 0.096, 2 x 20 GB x 0.08.
    usage = Cluster(name="eks").estimate() + nodes(desired_size=2).estimate()
    assert bill(usage).total_usd == pytest.approx(73 + 140.16 + 3.2)


def test_a_nodes_room_leaves_out_the_pods_that_run_everywhere():
    room = nodes(daemonset_memory_gib=0.5).room
    assert room.usable.cpu == pytest.approx(1.93 - 0.15)
    assert room.usable.memory == pytest.approx((8 * 1024 - 674) / 1024 - 0.5)
    assert room.most_items == 29 - 2


@pytest.mark.parametrize(
    ("fields", "pod", "pods"),
    [
        ({}, Item(0.5, 1), 3),  # CPU: 1.78 / 0.5
        ({}, Item(0.1, 2), 3),  # memory: 7.34 / 2
        ({}, Item(0.01, 0.01), 27),  # addresses: 29 - 2
        ({"max_pods": 10}, Item(0.01, 0.01), 8),
        ({"prefix_delegation": True}, Item(0.01, 0.01), 108),  # 110 - 2
        ({"instance_type": "t3.micro", "daemonset_cpu": 0}, Item(0.01, 0.01), 2),
    ],
)
def test_pods_per_node_by_what_runs_out_first(fields, pod, pods):
    assert nodes(**fields).pods_per_node(pod) == pods


def test_nodes_needed_by_packing():
    # Three of 0.5 fit on a node (1.78 vCPU); or one of 1 and one of 0.5.
    assert nodes().nodes_needed([]) == 0
    assert nodes().nodes_needed([Item(0.5, 1)] * 7) == 3
    assert nodes().nodes_needed([Item(0.5, 1)] * 4 + [Item(1, 1)] * 4) == 4


def test_a_pod_that_fits_on_no_node_is_refused():
    for call in (
        lambda: nodes().pods_per_node(Item(2, 1)),
        lambda: nodes().nodes_needed([Item(2, 1)]),
    ):
        with pytest.raises(InvalidInputError, match=r"cpu 2 .* does not fit on a host"):
            call()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"instance_type": "m5.larg"}, r"size is known.*m5\.large"),
        ({"desired_size": 1, "min_size": 2}, r"desired_size \(1\) must be at least min_size \(2\)"),
        ({"desired_size": 5, "max_size": 4}, r"desired_size \(5\) must be at most max_size \(4\)"),
        ({"desired_size": np.array([1, 5]), "max_size": 4}, r"desired_size \(5\)"),
        ({"min_size": -1}, "min_size"),
        ({"disk_size_gb": 0}, "disk_size_gb"),
        ({"max_pods": 30}, r"max_pods \(30\) must be at most 29 on m5.large .*choosing-instance"),
        ({"max_pods": 111, "prefix_delegation": True}, r"must be at most 110"),
        ({"max_pods": 2}, r"daemonset_pods \(2\) must leave room"),
        ({"instance_type": "t2.micro", "prefix_delegation": True}, r"t2\.micro is not .* Nitro"),
        ({"daemonset_cpu": -0.1}, "daemonset_cpu"),
    ],
)  # fmt: skip
def test_a_node_group_that_aws_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        nodes(**fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cpu_limit": 0.4}, r"cpu_limit \(0.4\) must be at least cpu_request \(0.5\) \[vCPU\]"),
        ({"cpu_request": 0}, "cpu_request"),
        ({"memory_request_gib": float("inf")}, "memory_request_gib"),
        ({"replicas": -1}, "replicas"),
    ],
)
def test_a_deployment_that_kubernetes_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        Deployment(**fields)


def test_a_pods_limit_is_its_request_unless_given():
    assert Deployment(cpu_request=0.25).most_cpu == 0.25
    assert Deployment(cpu_request=0.25, cpu_limit=1).most_cpu == 1


def test_a_hundred_thousand_points_are_metered_and_priced_in_a_moment():
    points = 100_000
    group = nodes(desired_size=np.arange(points) % 50)
    cluster = Cluster(name="eks", extended_support_share=np.linspace(0, 1, points))
    taken = []
    for _ in range(3):
        start = time.process_time()
        total = bill(group.estimate() + cluster.estimate()).total_usd
        taken.append(time.process_time() - start)
    assert min(taken) < 0.1
    assert total.shape == (points,)
    assert total[0] == pytest.approx(73)


# --- ECR --------------------------------------------------------------------------------------


def test_images_are_charged_for_the_part_of_the_month_that_they_lie_there():
    assert quantities(Repository(name="app", storage_gb=50)) == {"TimedStorage-ByteHrs": 50}
    half = Repository(name="app", storage_gb=50, hours=360)
    assert quantities(half, BillingPeriod.of("2026-11")) == {"TimedStorage-ByteHrs": 25}


def test_images_sent_elsewhere_are_charged_as_data_transfer():
    repository = Repository(
        name="app", storage_gb=10, internet_egress_gb=200, inter_region_gb={"eu-west-1": 100}
    )
    assert quantities(repository) == {
        "TimedStorage-ByteHrs": 10, "DataTransfer-Out-Bytes": 200, "EU-AWS-Out-Bytes": 100,
    }  # fmt: skip
    # 10 x 0.10, 200 x 0.09 (the free GB come off the bill), 100 x 0.02.
    assert bill(repository.estimate()).total_usd == pytest.approx(1 + 18 + 2)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"storage_gb": -1}, "storage_gb.*must not be negative"),
        ({"inter_region_gb": {"eu-west-9": 1}}, "must name an AWS region.*eu-west-1"),
        ({"inter_region_gb": {"us-east-1": 1}}, "must name another region"),
    ],
)
def test_a_repository_that_makes_no_sense_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        Repository(name="app", **fields)
