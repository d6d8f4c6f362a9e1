"""VPC endpoints: the free gateways, and the interfaces that have to earn their hours."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, crossing, priced
from models.prices import Catalogue
from models.services import ec2
from models.units import GB_PER_TB

_LESSON = "01_nat_and_endpoints"
_NAT = ec2.NatGateway(name="nat")
_TERABYTE = _NAT.replace(processed_gb=GB_PER_TB)
_INTERFACE = ec2.VPCEndpoint(name="endpoint", service_name="kinesis-streams")
_ECR = ec2.VPCEndpoint(
    name="ecr", service_name="ecr.api and ecr.dkr", count=2, availability_zones=2
)
_LAYERS = ec2.VPCEndpoint(name="layers", vpc_endpoint_type="Gateway", service_name="s3")
#: Where the search for a break-even ends. [GB]
_MOST_GB = 1e6


def _through_nat_usd(prices: Catalogue, gb: float) -> float:
    """What `gb` more through a gateway that stands anyway add to its bill. [USD]"""
    return cost_usd(prices, _NAT.replace(processed_gb=gb)) - cost_usd(prices, _NAT)


def _gb_that_pay_for(endpoint: ec2.VPCEndpoint) -> Callable[[Catalogue], float]:
    """GB from which the endpoint costs no more than sending them through the NAT gateway."""

    def excess(prices: Catalogue, gb: float) -> float:
        return _through_nat_usd(prices, gb) - cost_usd(prices, endpoint.replace(processed_gb=gb))

    return lambda prices: crossing(lambda gb: excess(prices, gb), 0, _MOST_GB)


_break_even = _gb_that_pay_for(_INTERFACE)


def _terabyte_usd(prices: Catalogue) -> float:
    return _through_nat_usd(prices, GB_PER_TB)


def _terabyte_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "1 TB is 1,024 GB on an AWS bill. Through the NAT gateway:"
    yield priced(prices, _TERABYTE)
    yield "Through the gateway endpoint that traffic is free. The NAT gateway stays for the rest:"
    yield priced(prices, _NAT)


def _break_even_working(prices: Catalogue) -> Iterator[str | Bill]:
    gb = _break_even(prices)
    yield "At the break-even the endpoint costs what the same GB cost through the NAT gateway:"
    yield priced(prices, _INTERFACE.replace(processed_gb=gb))
    yield "The NAT gateway with that traffic (its hours and address are due either way):"
    yield priced(prices, _NAT.replace(processed_gb=gb))


def _ecr_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Two services, each with an interface in two zones, for 730 hours:"
    yield priced(prices, _ECR)
    yield "The image layers come from S3 through a gateway endpoint, which adds nothing."


EXERCISES = (
    Exercise(
        id="endpoint-s3-terabyte",
        topic="endpoints",
        lesson=_LESSON,
        question="Servers in a private subnet move 1 TB a month to and from S3 in their own region"
        " through a NAT gateway. The gateway stays for other traffic. What does a gateway endpoint"
        " for S3 save a month?",
        unit="USD a month",
        kind="change something",
        difficulty="basic",
        answer=_terabyte_usd,
        look="Bill the NAT gateway with and without that terabyte.",
        concept="A gateway endpoint is a route to S3 or DynamoDB that avoids the NAT gateway and"
        " has no charge of its own, neither by the hour nor by the GB.",
        formula="1,024 x price of a NAT gateway GB",
        working=_terabyte_working,
        why="A gateway endpoint for S3 and DynamoDB is always worth it: it costs nothing and"
        " takes effect as soon as the route table has the route.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _TERABYTE),
                "The gateway stays for other traffic, and with it its hours and its address.",
            ),
            Mistake(
                lambda prices: _through_nat_usd(prices, 1000),
                "AWS bills 1 TB as 1,024 GB, not 1,000.",
            ),
            Mistake(
                lambda prices: (
                    _through_nat_usd(prices, GB_PER_TB)
                    - cost_usd(prices, _INTERFACE.replace(processed_gb=GB_PER_TB))
                ),
                "That is what an interface endpoint would save. A gateway endpoint has no charge.",
            ),
            Mistake(
                lambda prices: 0.0,
                "Transfer to S3 in the same region is free, but the NAT gateway charges for every"
                " GB that passes it, wherever it goes.",
            ),
        ),
        source="VPC article: S3 through an endpoint in place of NAT; the guide's tip to add a"
        " gateway endpoint is right. Its figure of 45 dollars takes a terabyte as 1,000 GB.",
    ),
    Exercise(
        id="endpoint-interface-break-even",
        topic="endpoints",
        lesson=_LESSON,
        question="Servers in one zone call an AWS service that has no gateway endpoint. The NAT"
        " gateway stays for other traffic. From how many GB a month is an interface endpoint in"
        " that zone no dearer than sending them through the NAT gateway?",
        unit="GB a month",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_break_even,
        look="What does the endpoint cost before the first GB, and what does each GB save?",
        concept="An interface endpoint is charged by the hour in each zone and by the GB. Each GB"
        " saves the difference between the two prices of a GB, not the whole NAT price.",
        formula="hours x price of an endpoint-hour / (NAT GB - endpoint GB)",
        working=_break_even_working,
        why="A quiet service does not pay for its endpoint; a busy one pays for it within days."
        " Each further zone and each further service has to earn its own hours.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _INTERFACE) / _through_nat_usd(prices, 1),
                "The endpoint charges for each GB too, so a GB saves only the difference.",
            ),
            Mistake(
                _gb_that_pay_for(_INTERFACE.replace(availability_zones=2)),
                "That is an endpoint in two zones. The servers stand in one.",
            ),
        ),
        source="VPC sections on endpoints: private access at a price by the hour and by the"
        " GB, with no break-even.",
    ),
    Exercise(
        id="endpoint-ecr-free",
        topic="endpoints",
        lesson=_LESSON,
        question="A container platform in two zones pulls private images from ECR: an interface"
        " endpoint for each of ecr.api and ecr.dkr in both zones, and a gateway endpoint for S3,"
        " where image layers are. What do these endpoints cost a month before the first image is"
        " pulled?",
        unit="USD a month",
        kind="check a claim",
        difficulty="basic",
        answer=lambda prices: cost_usd(prices, _ECR, _LAYERS),
        look="Which of the three endpoints is charged by the hour, and how often?",
        concept="Only the gateway endpoints of S3 and DynamoDB are free. ECR has interface"
        " endpoints, and each is charged for every hour in every zone it has an interface in.",
        formula="services x zones x hours x price of an endpoint-hour",
        working=_ecr_working,
        why="'Free with endpoints' is wrong for ECR: the endpoints pay off only once enough images"
        " are pulled, or where they replace a NAT gateway altogether.",
        mistakes=(
            Mistake(
                lambda prices: 0.0,
                "That is the claim of the learning material. Gateway endpoints are free, interface"
                " endpoints are not.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _INTERFACE),
                "That is one endpoint in one zone. There are two, each in two zones.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _ECR.replace(count=1)),
                "That is half: there are two services, and each is charged in both zones.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _ECR.replace(count=3)),
                "The endpoint for S3 is a gateway endpoint, which is free.",
            ),
        ),
        source="Project guide, container platform: '$0.045/GB vs free with endpoints'. Wrong for"
        " ECR, which has interface endpoints"
        " (https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html).",
    ),
)
