"""A small price list with round figures, so that a test can be worked out by hand."""

import math

from hypothesis import strategies as st

from models.metering import Meter, Usage, UsageKey
from models.prices import Allowance, Catalogue, Credit, Price, Region, Tier
from models.units import TYPICAL, BillingPeriod

MONTH = BillingPeriod.of("2026-11")
HOME, AWAY = "us-east-1", "eu-west-1"

HOURS = Meter("AmazonEC2", "BoxUsage:t3.medium", "Hrs", "RunInstances", name="t3.medium Linux")
NAT = Meter("AmazonEC2", "NatGateway-Bytes", "GB", name="NAT gateway data")
EGRESS = Meter("AmazonEC2", "DataTransfer-Out-Bytes", "GB", name="internet egress of EC2")
S3_EGRESS = Meter("AmazonS3", "DataTransfer-Out-Bytes", "GB", name="internet egress of S3")
STORED = Meter("AmazonS3", "TimedStorage-ByteHrs", "GB-Mo", name="S3 Standard")
GETS = Meter("AmazonS3", "Requests-Tier2", "Requests", name="S3 GET requests")
ZONES = Meter("AmazonRoute53", "HostedZone", "HostedZones", name="hosted zone")
METERS = (HOURS, NAT, EGRESS, S3_EGRESS, STORED, GETS, ZONES)


def price(meter, region, *tiers, service_code=None, date="2026-09-01"):
    """A price from (start, USD) pairs; each tier ends where the next one starts."""
    ends = [start for start, _ in tiers[1:]] + [math.inf]
    return Price(
        service_code or meter.service_code, meter.usage_type, meter.operation, region, meter.unit,
        tuple(Tier(start, end, usd) for (start, usd), end in zip(tiers, ends, strict=True)),
        date, "made up for the tests", "high",
    )  # fmt: skip


def allowance(plan, name, meters, quantity, scope="all-regions"):
    return Allowance(
        plan, name, "*", tuple(meter.usage_type for meter in meters), (), scope, quantity,
        meters[0].unit, "2026-09-01", "made up for the tests", "high",
    )  # fmt: skip


def prices():
    for region, factor in ((HOME, 1.0), (AWAY, 1.25)):
        yield price(HOURS, region, (0, 0.04 * factor))
        yield price(NAT, region, (0, 0.045 * factor))
        egress = ((0, 0.09), (100, 0.085), (500, 0.07))
        yield price(EGRESS, region, *egress, service_code="AWSDataTransfer")
        yield price(STORED, region, (0, 0.023 * factor), (50, 0.022 * factor))
        yield price(GETS, region, (0, 0.0000004 * factor))
    yield price(ZONES, "global", (0, 0.5), (25, 0.1))


def catalogue(**changes):
    fields = {
        "allowances": (
            allowance("always-free", "Egress", [EGRESS], 10),
            allowance("always-free", "Requests", [GETS], 1000, scope="each-region"),
            allowance("legacy-12-months", "Instance hours", [HOURS], 750),
        ),
        "credits": (
            Credit("Sign-up credit", 100.0, "at-sign-up", 12, "2026-09-01", "made up"),
            Credit("Earned credit", 20.0, "earned", 12, "2026-09-01", "made up"),
        ),
        "regions": (
            Region(HOME, "US East (N. Virginia)", "USE1"),
            Region(AWAY, "Europe (Ireland)", "EU"),
        ),
        "pools": {("*", "DataTransfer-Out-Bytes"): "internet egress of all services"},
    }
    return Catalogue(prices(), **(fields | changes))


TOY = catalogue()

#: Quantities as they occur: nothing at all, or from a thousandth to a million of a unit.
quantities = st.one_of(st.just(0.0), st.floats(1e-3, 1e6))
keys = st.builds(
    UsageKey,
    st.sampled_from(["web", "db", "logs"]),
    st.sampled_from([HOME, AWAY]),
    st.sampled_from(METERS),
)


def usages(period=TYPICAL, amounts=quantities, **size):
    """Usage of a few resources in two regions, one number for the whole period each."""
    return st.dictionaries(keys, amounts, **({"max_size": 12} | size)).map(
        lambda found: Usage(period, found)
    )


free_tiers = st.sampled_from(["none", "always-free", "legacy-12-months", "credits-2025"])


def use(meter, quantity, resource="web", region=HOME, period=TYPICAL):
    return Usage(period, {UsageKey(resource, region, meter): [quantity]})
