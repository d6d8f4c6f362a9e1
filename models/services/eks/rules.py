"""What of a node is there for pods: addresses, CPU and memory, as AWS's own image sets it up.

Documented in the code of the EKS optimized image, which computes these when a node starts
(https://github.com/awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go and maxpods.go), and
on https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from models.errors import PriceFileError, UnknownNameError, did_you_mean
from models.files import DATA, read_table
from models.quotas import instance_type, value_of
from models.scaling.packing import HostSize

MIB_PER_GIB = 1024
_COLUMNS = ("instance_type", "network_interfaces", "ipv4_per_interface", "source")


class NetworkLimits(NamedTuple):
    """How many addresses an instance can have.

    Parameters
    ----------
    interfaces : int
        Network interfaces.
    ipv4_per_interface : int
        IPv4 addresses of each, the primary one among them.
    """

    interfaces: int
    ipv4_per_interface: int


@cache
def _limits() -> Mapping[str, NetworkLimits]:
    """Every instance type held, by name."""
    path = DATA / "network_interfaces.csv"
    found = {}
    for line, row in read_table(path, _COLUMNS):
        counts = row["network_interfaces"], row["ipv4_per_interface"]
        if not all(text.isdecimal() and int(text) > 0 for text in counts):
            raise PriceFileError(f"{path}:{line}: {counts} must be whole numbers above 0")
        found[row["instance_type"]] = NetworkLimits(*map(int, counts))
    return found


def network_limits(name: str) -> NetworkLimits:
    """Interfaces and addresses of an instance type.

    Raises
    ------
    UnknownNameError
        For a type that is not held, with the nearest.

    Notes
    -----
    Documented: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-type-specifications.html;
    read from the list that AWS's image carries.

    Examples
    --------
    >>> network_limits("m5.large")
    NetworkLimits(interfaces=3, ipv4_per_interface=10)
    """
    held = _limits()
    if name not in held:
        raise UnknownNameError(f"no network limits of {name!r} are held{did_you_mean(name, held)}")
    return held[name]


def eni_max_pods(limits: NetworkLimits, *, prefix_delegation: bool = False) -> int:
    """Pods that have an address each, and the two on the node's own address.

    Parameters
    ----------
    limits : NetworkLimits
    prefix_delegation : bool
        Whether every place of an address takes a prefix of sixteen.

    Notes
    -----
    Documented: interfaces x (addresses - 1) + 2, since the primary address of each interface is
    not for pods (https://github.com/awslabs/amazon-eks-ami, eni-max-pods.txt).

    Examples
    --------
    >>> eni_max_pods(NetworkLimits(3, 10)), eni_max_pods(NetworkLimits(2, 2))
    (29, 4)
    >>> eni_max_pods(NetworkLimits(3, 10), prefix_delegation=True)
    434
    """
    places = limits.interfaces * (limits.ipv4_per_interface - 1)
    addresses = places * int(value_of("eks", "prefix_addresses") if prefix_delegation else 1)
    return addresses + int(value_of("eks", "host_network_pods"))


def managed_max_pods(pods: int, vcpus: int) -> int:
    """`pods`, but no more than EKS allows on a managed node of so many vCPUs.

    >>> managed_max_pods(434, vcpus=2), managed_max_pods(737, vcpus=64), managed_max_pods(29, 2)
    (110, 250, 29)
    """
    small = vcpus < value_of("eks", "managed_max_pods_vcpus")
    return min(pods, int(value_of("eks", f"managed_max_pods_{'small' if small else 'large'}")))


def kube_reserved_cpu(vcpus: int) -> float:
    """CPU kept back for the kubelet and the container runtime. [vCPU]

    Of the first vCPU 6 %, of the second 1 %, of the next two 0.5 %, of all further ones 0.25 %.

    >>> [round(kube_reserved_cpu(vcpus), 4) for vcpus in (1, 2, 4, 8, 64)]
    [0.06, 0.07, 0.08, 0.09, 0.23]
    """
    bands = (("first", 0, 1), ("second", 1, 2), ("next_two", 2, 4), ("further", 4, vcpus))
    percent = sum(
        value_of("eks", f"kube_reserved_cpu_percent_{name}") * max(min(vcpus, upper) - lower, 0)
        for name, lower, upper in bands
    )
    return float(percent / 100)


def kube_reserved_memory_mib(pods: int) -> int:
    """Memory kept back on a node whose interfaces allow so many pods: 255 MiB + 11 each. [MiB]

    >>> kube_reserved_memory_mib(29), kube_reserved_memory_mib(737)
    (574, 8362)
    """
    each = value_of("eks", "kube_reserved_memory_mib_per_pod")
    return int(value_of("eks", "kube_reserved_memory_mib") + each * pods)


def allocatable(name: str, max_pods: int | None = None) -> HostSize:
    """A node of an instance type as the scheduler sees it. [vCPU, GiB, pods]

    Parameters
    ----------
    name : str
        Instance type.
    max_pods : int, optional
        What the interfaces allow unless given, within what EKS allows on a managed node.

    Raises
    ------
    UnknownNameError
        As `network_limits`.

    Notes
    -----
    Documented: what is reserved follows from what the interfaces allow, whatever `max_pods` is
    set to, so that small nodes with many pods keep back too little and large ones too much; 100 MiB
    more are not allocatable, because below that much the kubelet evicts pods
    (https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/).

    Examples
    --------
    >>> node = allocatable("m5.large")
    >>> round(node.usable.cpu, 2), round(node.usable.memory, 2), node.most_items
    (1.93, 7.34, 29)
    """
    kind, by_address = instance_type(name), eni_max_pods(network_limits(name))
    most = managed_max_pods(by_address, kind.vcpus) if max_pods is None else max_pods
    held_back = kube_reserved_memory_mib(by_address) + value_of("eks", "eviction_memory_mib")
    return HostSize(
        cpu=kind.vcpus, memory=kind.memory_gib, most_items=most,
        reserved_cpu=kube_reserved_cpu(kind.vcpus), reserved_memory=held_back / MIB_PER_GIB,
    )  # fmt: skip
