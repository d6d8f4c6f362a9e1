"""Amazon CloudFront: edges all over the world that answer in front of an origin.

Models: transfer out to viewers in tiers by edge geography, HTTP and HTTPS requests, what viewers
    upload to the origin, price classes, invalidated paths, CloudFront Functions; and from the
    hit ratio the requests and GB that go on to the origin, so that S3 or a load balancer can
    stand behind.
Leaves out: the monthly plans at a flat rate, committed discounts, Origin Shield, real-time logs,
    field-level encryption, dedicated addresses and key-value stores. Requests that are passed on
    (POST, PUT...) have usage types of their own at the same price. What the origin charges is
    the origin's: describe it with `s3`, `elbv2` and so on, and Lambda@Edge with `lambda`. What
    an origin outside AWS charges for its bytes is unknown here. Free allowances come off the
    bill, not off the usage.
Pricing: https://aws.amazon.com/cloudfront/pricing/pay-as-you-go/ (fetches from an AWS origin are
    free; each geography has tiers of its own);
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PayingForInvalidation.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from models.errors import InvalidInputError, did_you_mean
from models.metering import Meter, Quantity
from models.resource import Amount, Resource, Share
from models.units import BillingPeriod

__all__ = [
    "Distribution",
    "Function",
    "allowed_edges",
    "break_even_response_kb",
    "origin_gb",
    "origin_requests",
    "response_gb",
    "served_shares",
]

KB_PER_GB = 1024 * 1024

#: Edge geographies by AWS's prefix of their usage types. Documented:
#: https://aws.amazon.com/cloudfront/pricing/pay-as-you-go/
GEOGRAPHIES = {
    "US": "United States, Mexico and Canada",
    "EU": "Europe, Israel and Turkey",
    "ZA": "South Africa, Kenya and Nigeria",
    "ME": "Middle East",
    "JP": "Japan",
    "AP": "Asia Pacific",
    "IN": "India",
    "AU": "Australia and New Zealand",
    "SA": "South America",
}

#: What a price class leaves out. Documented: the same page ("CloudFront price classes").
_LEFT_OUT = {
    "PriceClass_All": frozenset[str](),
    "PriceClass_200": frozenset({"AU", "SA"}),
    "PriceClass_100": frozenset(GEOGRAPHIES) - {"US", "EU"},
}

#: Shares that add up to 1 but for the last digits of a double count as 1.
_ROUNDING = 1e-9

INVALIDATIONS = Meter(
    "AmazonCloudFront", "Invalidations", "URL", name="CloudFront invalidation paths",
    rule="Every path asked to be invalidated; a path that ends in a wildcard is one path, however"
    " many files it stands for.",
    lever="Give files a new name with each version, or invalidate by wildcard.",
)  # fmt: skip
FUNCTION_INVOCATIONS = Meter(
    "AmazonCloudFront", "Executions-CloudFrontFunctions", "Invocations",
    name="CloudFront Functions invocations",
    rule="Every invocation, at the viewer's request or response, hit or miss.",
    lever="Attach the function only to the paths that need it.",
)  # fmt: skip


@cache
def transfer_out(geography: str) -> Meter:
    """What counts the GB sent to viewers by the edges of one geography.

    >>> transfer_out("EU").usage_type
    'EU-DataTransfer-Out-Bytes'
    """
    return Meter(
        "AmazonCloudFront", f"{geography}-DataTransfer-Out-Bytes", "GB",
        name=f"CloudFront transfer out, {GEOGRAPHIES[geography]}",
        rule="Every GB sent to viewers by edges of this geography, hit or miss; its tiers are its"
        " own. What the edges fetch from an origin in AWS is free.",
        lever="Compress, send smaller images, or choose a price class without dear geographies.",
    )  # fmt: skip


@cache
def transfer_to_origin(geography: str) -> Meter:
    """What counts the GB that viewers upload through the edges of one geography.

    >>> transfer_to_origin("EU").usage_type
    'EU-DataTransfer-Out-OBytes'
    """
    return Meter(
        "AmazonCloudFront", f"{geography}-DataTransfer-Out-OBytes", "GB",
        name=f"CloudFront transfer to the origin, {GEOGRAPHIES[geography]}",
        rule="Every GB of requests that edges pass on to the origin, such as uploads.",
        lever="Let clients upload to S3 directly, with presigned addresses.",
    )  # fmt: skip


@cache
def requests_meter(geography: str, *, https: bool) -> Meter:
    """What counts the requests to the edges of one geography.

    >>> requests_meter("US", https=True).usage_type, requests_meter("US", https=False).usage_type
    ('US-Requests-Tier2-HTTPS', 'US-Requests-Tier1')
    """
    kind, protocol = ("Requests-Tier2-HTTPS", "HTTPS") if https else ("Requests-Tier1", "HTTP")
    return Meter(
        "AmazonCloudFront", f"{geography}-{kind}", "Requests",
        name=f"CloudFront {protocol} requests, {GEOGRAPHIES[geography]}",
        rule="Every request of a viewer counts once, hit or miss, whatever its size.",
        lever="Let browsers cache longer (Cache-Control), and join small files.",
    )  # fmt: skip


def origin_requests(requests: Quantity, hit_ratio: Quantity) -> Quantity:
    """Requests that edges pass on to the origin: those they do not answer from the cache.

    >>> round(origin_requests(1_000_000, 0.8)), round(origin_requests(1_000_000, 0.95))
    (200000, 50000)
    """
    return requests * (1 - hit_ratio)


def origin_gb(transfer_out_gb: Quantity, byte_hit_ratio: Quantity) -> Quantity:
    """GB that edges fetch from the origin for `transfer_out_gb` sent to viewers. [GB]

    >>> origin_gb(1000, 0.75)
    250.0
    """
    return transfer_out_gb * (1 - byte_hit_ratio)


def response_gb(requests: Quantity, response_kb: Quantity) -> Quantity:
    """GB of `requests` answers of `response_kb` each. [GB]

    >>> response_gb(1_048_576, 50)
    50.0
    """
    return requests * response_kb / KB_PER_GB


def break_even_response_kb(request_to_gb_saving_price: Quantity) -> Quantity:
    """Size of an answer from which CloudFront costs no more than the way without it. [KB]

    Each request costs more, each GB costs less: both are proportional to the requests, so the
    size alone decides, as long as no tier ends on the way.

    Parameters
    ----------
    request_to_gb_saving_price : float or array
        What a request costs more (CloudFront's fee, less what a hit saves at the origin) over what
        a GB costs less. [GB]

    Examples
    --------
    >>> round(break_even_response_kb((1e-6 - 0.9 * 4e-7) / (0.09 - 0.085)), 1)
    134.2
    """
    return request_to_gb_saving_price * KB_PER_GB


def allowed_edges(price_class: str) -> frozenset[str]:
    """The geographies whose edges serve in a price class.

    >>> sorted(allowed_edges("PriceClass_100"))
    ['EU', 'US']
    """
    return frozenset(GEOGRAPHIES) - _LEFT_OUT[price_class]


def served_shares(
    viewers: Mapping[str, Quantity], price_class: str, excluded_served_from: str
) -> dict[str, Quantity]:
    """Which geography serves which share, once a price class has left some out.

    >>> served_shares({"US": 0.75, "AU": 0.25}, "PriceClass_200", "US")
    {'US': 1.0}
    """
    allowed = allowed_edges(price_class)
    served: dict[str, Quantity] = {}
    for geography, share in viewers.items():
        edge = geography if geography in allowed else excluded_served_from
        served[edge] = served.get(edge, 0.0) + share
    return served


def _north_american() -> dict[str, Quantity]:
    return {"US": 1.0}


class Distribution(Resource):
    """A distribution, charged by what it sends and by the request.

    Documented: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CloudFrontPricing.html
    """

    price_class: Literal["PriceClass_All", "PriceClass_200", "PriceClass_100"] = "PriceClass_All"
    """Which edges serve: all, all but the dearest geographies, or North America and Europe."""
    requests: Amount = 0
    """Requests of viewers in the period."""
    https_share: Share = 1
    """Share of the requests that are HTTPS, from 0 to 1."""
    transfer_out_gb: Amount = 0
    """Sent to viewers in the period. [GB]"""
    uploaded_gb: Amount = 0
    """Sent by viewers and passed on to the origin in the period. [GB]"""
    viewers: dict[str, Share] = Field(default_factory=_north_american)
    """Share of requests and GB by geography of the viewers (US, EU, ZA, ME, JP, AP, IN, AU, SA);
    the shares add up to 1. Viewers are served by edges of their own geography (assumed), unless
    the price class leaves it out."""
    excluded_served_from: Literal["US", "EU"] = "US"
    """Geography that serves, and is charged for, viewers whose own the price class leaves out.
    Assumed: AWS says only that the edge of lowest latency in the class serves."""
    cache_hit_ratio: Share = 0
    """Share of the requests answered from the cache, from 0 to 1."""
    byte_hit_ratio: Share | None = None
    """Share of the GB answered from the cache; as that of the requests if not given."""
    invalidation_paths: Amount = 0
    """Paths invalidated in the period; one that ends in a wildcard is one path."""

    @field_validator("viewers", mode="before")
    @classmethod
    def _known_geographies(cls, value: Any) -> Any:
        for geography in value if isinstance(value, Mapping) else ():
            if geography not in GEOGRAPHIES:
                hint = did_you_mean(str(geography), GEOGRAPHIES)
                raise ValueError(
                    f"has no geography {geography!r}{hint}; known: {', '.join(GEOGRAPHIES)}"
                )
        return value

    @model_validator(mode="after")
    def _everybody_is_somewhere(self) -> Self:
        total = sum((np.asarray(share) for share in self.viewers.values()), np.asarray(0.0))
        if np.any(np.abs(total - 1) > _ROUNDING):
            raise InvalidInputError(
                f"viewers have shares that add up to {np.max(total):g}; they must add up to 1"
            )
        return self

    @property
    def origin_requests(self) -> Quantity:
        """Requests in the period that go on to the origin."""
        return origin_requests(self.requests, self.cache_hit_ratio)

    @property
    def origin_gb(self) -> Quantity:
        """Fetched from the origin in the period; free where it is in AWS. [GB]"""
        ratio = self.cache_hit_ratio if self.byte_hit_ratio is None else self.byte_hit_ratio
        return origin_gb(self.transfer_out_gb, ratio)

    @property
    def served(self) -> dict[str, Quantity]:
        """Share of requests and GB by the geography that serves, from 0 to 1."""
        return served_shares(self.viewers, self.price_class, self.excluded_served_from)

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB and requests of each geography, and invalidated paths."""
        for geography, share in self.served.items():
            yield transfer_out(geography), self.transfer_out_gb * share
            yield transfer_to_origin(geography), self.uploaded_gb * share
            https = self.requests * self.https_share
            yield requests_meter(geography, https=True), https * share
            yield requests_meter(geography, https=False), (self.requests - https) * share
        yield INVALIDATIONS, self.invalidation_paths


class Function(Resource):
    """A CloudFront function: a few lines that run at the edge for a viewer's request.

    Documented: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-functions.html
    """

    invocations: Amount = 0
    """Invocations in the period."""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield invocations."""
        yield FUNCTION_INVOCATIONS, self.invocations
