"""Which policy wins where several ask for capacity at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple


class Proposal(NamedTuple):
    """A capacity and the policy that asks for it.

    Parameters
    ----------
    policy : str or None
        Name of the policy; None where nothing changes.
    capacity : int
        [units]
    """

    policy: str | None
    capacity: int


def decide(
    desired: int, proposals: Collection[Proposal], *, tracking: Collection[str] = ()
) -> Proposal:
    """The proposal that counts: the largest that adds capacity, or else the largest that removes.

    Parameters
    ----------
    desired : int
        Desired capacity now. [units]
    proposals : collection of Proposal
        Of all policies that ask for a change; of equals the first counts.
    tracking : collection of str
        Names of all target tracking policies that may scale in, whether they propose or not.

    Notes
    -----
    Documented: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scale-based-on-demand.html
    (the largest capacity counts, out and in; a step policy removes whatever target tracking thinks
    of it) and
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html (any
    target tracking policy adds; only all of those that scale in together remove).

    Examples
    --------
    >>> decide(4, [Proposal("cpu", 5), Proposal("queue", 6)])
    Proposal(policy='queue', capacity=6)
    >>> decide(8, [Proposal("cpu", 5), Proposal("requests", 6)], tracking={"cpu", "requests"})
    Proposal(policy='requests', capacity=6)
    >>> decide(8, [Proposal("cpu", 5)], tracking={"cpu", "requests"})
    Proposal(policy=None, capacity=8)
    """
    outward = [proposal for proposal in proposals if proposal.capacity > desired]
    inward = [proposal for proposal in proposals if proposal.capacity < desired]
    if not {proposal.policy for proposal in inward} >= set(tracking):
        inward = [proposal for proposal in inward if proposal.policy not in tracking]
    unchanged = Proposal(None, desired)
    return max(outward or inward, key=lambda proposal: proposal.capacity, default=unchanged)
