"""Public IPv4 addresses: billed by the hour, whether anything uses them or not."""

from __future__ import annotations

from collections.abc import Iterator

from models.billed_time import billed_seconds, hours_within
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource
from models.units import SECONDS_PER_HOUR, BillingPeriod

_RULE = (
    "Every public IPv4 address is charged per second (at least 60 seconds) for as long as the"
    " account holds it, in use or idle."
)

ADDRESS_IN_USE = Meter(
    "AmazonVPC", "PublicIPv4:InUseAddress", "Hrs",
    name="Public IPv4 address in use",
    rule=_RULE,
    lever="Use IPv6, put several services behind one load balancer, or reach instances privately"
    " (Session Manager).",
)  # fmt: skip
ADDRESS_IDLE = Meter(
    "AmazonVPC", "PublicIPv4:IdleAddress", "Hrs",
    name="Public IPv4 address, idle",
    rule=_RULE,
    lever="Release Elastic IP addresses that nothing is attached to.",
)  # fmt: skip


def address_hours(hours: Quantity) -> Quantity:
    """Hours charged for one public IPv4 address held for `hours`. [h]

    Documented: one-second increments, at least 60 seconds (https://aws.amazon.com/vpc/pricing/,
    "Public IPv4 Addresses").

    >>> float(address_hours(730)), round(float(address_hours(1 / 3600)), 4)
    (730.0, 0.0167)
    """
    return billed_seconds(hours * SECONDS_PER_HOUR) / SECONDS_PER_HOUR


class EIP(Resource):
    """Elastic IP addresses. They go on costing when the instance they belong to is stopped."""

    count: Count = 1
    """How many addresses."""
    associated: bool = True
    """Whether they are attached to something. Idle ones cost the same, on a line of their own."""
    hours: Amount | None = None
    """Hours each is held in the period; the whole period if not given. [h]"""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield address-hours, in use or idle."""
        hours = address_hours(hours_within(self.hours, period, self.name))
        yield (ADDRESS_IN_USE if self.associated else ADDRESS_IDLE), self.count * hours
