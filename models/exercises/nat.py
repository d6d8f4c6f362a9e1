"""NAT gateways: hours, gigabytes, zones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, crossing, priced
from models.prices import Catalogue
from models.services import ec2

_FIRST_LESSON = "00_start_here"
_LESSON = "01_nat_and_endpoints"
_PER_ZONE = ec2.NatGateway(name="nat", count=2, availability_zones=2)
_ONE = ec2.NatGateway(name="nat")

#: The bill in the interview question, and the one after a day. [USD]
_INVOICE_USD, _DAY_INVOICE_USD = 500, 50
_WEEKEND_HOURS = 48
#: More than any gateway passes in a month: where the search for a break-even ends. [GB]
_MOST_GB = 1e7


def _on_line(prices: Catalogue, usage_type: str, gateway: ec2.NatGateway) -> float:
    """What one line of the gateway's bill comes to. [USD]"""
    return float(priced(prices, gateway).by("usage_type").get(usage_type, 0.0))


def _gateway_usd(prices: Catalogue, gateway: ec2.NatGateway) -> float:
    """Hours and GB of a gateway, without its address, which is billed as VPC. [USD]"""
    return float(priced(prices, gateway).by("service_code")["AmazonEC2"])


def _gb_behind(invoice_usd: float, gateway: ec2.NatGateway = _ONE) -> Callable[[Catalogue], float]:
    """GB that bring the hours and GB of `gateway` to `invoice_usd`."""

    def gb(prices: Catalogue) -> float:
        return crossing(
            lambda gb: _gateway_usd(prices, gateway.replace(processed_gb=gb)) - invoice_usd,
            0,
            _MOST_GB,
        )

    return gb


def _gb_if_hours_were_free(invoice_usd: float) -> Callable[[Catalogue], float]:
    return lambda prices: (
        invoice_usd / _on_line(prices, "NatGateway-Bytes", _ONE.replace(processed_gb=1))
    )


def _forgotten(hours: float) -> ec2.NatGateway:
    return _ONE.replace(hours=hours)


def _gb_from_which(first: ec2.NatGateway, second: ec2.NatGateway) -> Callable[[Catalogue], float]:
    """GB in the month from which the second set-up costs no more than the first."""

    def excess(prices: Catalogue, gb: float) -> float:
        bills = [cost_usd(prices, gateway.replace(processed_gb=gb)) for gateway in (first, second)]
        return bills[0] - bills[1]

    return lambda prices: crossing(lambda gb: excess(prices, gb), 0, _MOST_GB)


_SHARED = ec2.NatGateway(name="shared", availability_zones=2)
_EACH = ec2.NatGateway(name="per zone", count=2, availability_zones=2)
_shared_break_even = _gb_from_which(_SHARED, _EACH)


def _hours_only(prices: Catalogue) -> float:
    return _on_line(prices, "NatGateway-Hours", _PER_ZONE)


def _per_az_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Two gateways stand for all 730 hours of a typical month: 1,460 gateway-hours."
    yield priced(prices, _PER_ZONE)
    yield "The question asks for the line of gateway hours. The addresses are billed apart."


def _invoice_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Take the hours off the invoice; what is left is gigabytes at the price of one."
    yield priced(prices, _ONE.replace(processed_gb=_gb_behind(_INVOICE_USD)(prices)))
    yield "Hours and data together are the invoice; the address stands elsewhere on the bill."


def _day_working(prices: Catalogue) -> Iterator[str | Bill]:
    day = _forgotten(24)
    yield "A whole day of one gateway, without traffic:"
    yield priced(prices, day)
    yield "The rest of the invoice can only be gigabytes:"
    yield priced(prices, day.replace(processed_gb=_gb_behind(_DAY_INVOICE_USD, day)(prices)))


def _weekend_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Nothing passes through the gateway, but it and its address exist for 48 hours:"
    yield priced(prices, _forgotten(_WEEKEND_HOURS))


def _shared_working(prices: Catalogue) -> Iterator[str | Bill]:
    gb = _shared_break_even(prices)
    yield "At the break-even both bills are equal. One gateway, half of the traffic crossing:"
    yield priced(prices, _SHARED.replace(processed_gb=gb))
    yield "One in each zone, nothing crossing:"
    yield priced(prices, _EACH.replace(processed_gb=gb))


EXERCISES = (
    Exercise(
        id="nat-per-az",
        topic="nat",
        lesson=_FIRST_LESSON,
        question="A network has one NAT gateway in each of its two Availability Zones. No traffic"
        " passes. What do the gateway hours cost in a typical month of 730 hours?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=_hours_only,
        look="Find the line of gateway hours on a bill of two idle gateways.",
        concept="A NAT gateway is charged for every hour it exists, whether anything passes or"
        " not; each gateway is charged apart.",
        formula="gateways x hours in the month x price of a gateway-hour",
        working=_per_az_working,
        why="The hours are the fixed price of a gateway: they are due before the first byte, once"
        " for every zone and every environment.",
        mistakes=(
            Mistake(
                lambda prices: _on_line(prices, "NatGateway-Hours", _ONE),
                "That is one gateway. There is one in each of two zones.",
            ),
            Mistake(
                lambda prices: _hours_only(prices) * 720 / 730,
                "That is a month of 30 days (720 hours). AWS's calculator, and this question,"
                " count 730 hours: 365 x 24 / 12.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _PER_ZONE),
                "That includes the public IPv4 address of each gateway. It belongs on the bill,"
                " but the question asks for the gateway hours alone.",
            ),
        ),
        source="VPC article: two gateways are about 64 dollars a month. That counts 720 hours and"
        " leaves out the public address each gateway needs.",
    ),
    Exercise(
        id="nat-forgotten-weekend",
        topic="nat",
        lesson=_FIRST_LESSON,
        question="You forget to delete a lab on Friday night: one NAT gateway with its public"
        " address, no traffic, 48 hours. What did the weekend cost?",
        unit="USD",
        kind="change something",
        difficulty="basic",
        answer=lambda prices: cost_usd(prices, _forgotten(_WEEKEND_HOURS)),
        look="Bill a gateway that exists for 48 hours, and look at every line.",
        concept="An idle gateway costs as much as a busy one, apart from gigabytes. Its public"
        " IPv4 address is charged by the hour as well.",
        formula="48 x (price of a gateway-hour + price of an address-hour)",
        working=_weekend_working,
        why="A weekend is cheap. The same gateway forgotten for a year is not, and every"
        " forgotten resource of the lab adds its own hours.",
        mistakes=(
            Mistake(
                lambda prices: _gateway_usd(prices, _forgotten(_WEEKEND_HOURS)),
                "You have the gateway but not its public IPv4 address, which AWS has charged for"
                " since February 2024.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _ONE),
                "That is the whole month. Only 48 hours went by.",
            ),
            Mistake(
                lambda prices: 0.0,
                "Idle is not free: a NAT gateway is charged by the hour, used or not.",
            ),
        ),
        source="Project guide, tearing a network down: asks what forgetting for a weekend costs"
        " and gives no answer; the address is not mentioned.",
    ),
    Exercise(
        id="nat-500-dollars",
        topic="nat",
        lesson=_LESSON,
        question="An invoice shows 500 dollars for one NAT gateway, hours and data processing"
        " together, for a typical month. How many GB went through it?",
        unit="GB a month",
        kind="check a claim",
        difficulty="intermediate",
        answer=_gb_behind(_INVOICE_USD),
        look="How much of the invoice can be hours at all?",
        concept="Hours are a fixed amount for each gateway. Whatever is above it is gigabytes,"
        " because a gateway has only these two charges.",
        formula="(invoice - hours x price of a gateway-hour) / price of a GB",
        working=_invoice_working,
        why="Nearly all of such a bill is gigabytes. Removing a gateway saves little;"
        " finding out where the gigabytes go (S3? container images?) saves most.",
        mistakes=(
            Mistake(
                _gb_if_hours_were_free(_INVOICE_USD),
                "You took the whole invoice for gigabytes. The gateway's hours come off first.",
            ),
            Mistake(
                _gb_behind(_INVOICE_USD, _PER_ZONE),
                "That fits two gateways. The invoice is for one.",
            ),
        ),
        source="Project guide, interview questions: how to reduce a NAT bill of 500 dollars. Its"
        " first advice is to check the number of gateways, which is the smaller lever.",
    ),
    Exercise(
        id="nat-50-dollar-day",
        topic="nat",
        lesson=_LESSON,
        question="After one day (24 hours) a learner's single NAT gateway shows 50 dollars of"
        " hours and data processing. How many GB must have passed in that day?",
        unit="GB",
        kind="check a claim",
        difficulty="intermediate",
        answer=_gb_behind(_DAY_INVOICE_USD, _forgotten(24)),
        look="What do 24 hours of a gateway cost when nothing passes?",
        concept="The hourly charge cannot grow faster than the clock. What it does not explain"
        " must be the data processed.",
        formula="(50 - 24 x price of a gateway-hour) / price of a GB",
        working=_day_working,
        why="The hourly charge explains next to nothing of it. Such a bill after a day means a"
        " great deal of traffic, a loop of downloads for instance, or dozens of gateways.",
        mistakes=(
            Mistake(
                _gb_if_hours_were_free(_DAY_INVOICE_USD),
                "You took everything for gigabytes; 24 hours of the gateway come off first.",
            ),
            Mistake(
                _gb_behind(_DAY_INVOICE_USD, _ONE),
                "You took off a month of gateway hours. Only 24 hours went by.",
            ),
        ),
        source="Project guide, pitfalls: blames 50 dollars after a day on the gateway's hourly"
        " charge. That cannot be: a day of hours is about a dollar.",
    ),
    Exercise(
        id="nat-shared-break-even",
        topic="nat",
        lesson=_LESSON,
        question="Traffic is spread evenly over two zones. One shared NAT gateway saves a gateway"
        " and its address, but the other zone's traffic crosses a zone boundary. From how many GB"
        " a month in total does a gateway in each zone cost no more?",
        unit="GB a month",
        kind="find the break-even",
        difficulty="advanced",
        answer=_shared_break_even,
        look="Which lines differ between the two bills, and which are the same on both?",
        concept="The GB processed are the same either way. Sharing saves one gateway-hour and one"
        " address-hour each hour, and half of the GB cross the boundary, charged out and in.",
        formula="hours x (gateway-hour + address-hour) / (1/2 x 2 x price of a zone-crossing GB)",
        working=_shared_working,
        why="Below that, the second gateway is bought for availability: losing the zone of a"
        " shared gateway takes the way out from the other zone too.",
        mistakes=(
            Mistake(
                lambda prices: _shared_break_even(prices) / 2,
                "Those are the GB that cross. Only half of all traffic does.",
            ),
            Mistake(
                lambda prices: _shared_break_even(prices) * 2,
                "A GB that crosses a zone boundary is charged twice: out of one zone and into the"
                " other.",
            ),
            Mistake(
                _gb_from_which(
                    _SHARED.replace(addresses=0),
                    _EACH.replace(addresses=0),
                ),
                "The second gateway needs a public IPv4 address too, which a shared one saves.",
            ),
            Mistake(
                lambda prices: (
                    (cost_usd(prices, _EACH) - cost_usd(prices, _SHARED))
                    / _on_line(prices, "NatGateway-Bytes", _ONE.replace(processed_gb=1))
                ),
                "A second gateway does not save data processing: every GB passes one gateway"
                " either way.",
            ),
        ),
        source="Project guide: per zone or shared, without the transfer between zones, which it"
        " never mentions. Other notes give 1,643 to 3,285 GB and leave the address out.",
    ),
)
