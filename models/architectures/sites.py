"""Files: a site of them, and images that are made smaller when they are uploaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.architecture import Architecture, Branch, Parallel, Queued, Static, Tier, Traffic
from models.architectures import parts
from models.architectures.checked import (
    Amount,
    Number,
    Positive,
    PositiveShare,
    Processor,
    SomeShare,
    checked,
)
from models.architectures.queues import consumers
from models.resource import Resource
from models.services.lambda_.rules import vcpus
from models.services.route53 import HostedZone
from models.services.s3 import Bucket
from models.units import HOURS_PER_DAY, KB_PER_GB, MB_PER_GB, SECONDS_PER_HOUR

DAY_SECONDS = HOURS_PER_DAY * SECONDS_PER_HOUR
KB_PER_MB = KB_PER_GB / MB_PER_GB


@dataclass(frozen=True)
class SiteFollowing:
    """What follows the requests for files: zone, distribution, bucket.

    Parameters
    ----------
    region : str
    response_kb : float
        [KB]
    hit_ratio : float
        Of the distribution. [share]
    site_gb : float
        All files. [GB]
    queries_per_request : float
        Of DNS, since resolvers keep answers.
    """

    region: str
    response_kb: float
    hit_ratio: float
    site_gb: float
    queries_per_request: float

    def __call__(self, traffic: Traffic) -> Iterator[Resource]:
        """The resources for so many requests."""
        # An alias record of a distribution is answered free of charge.
        yield HostedZone(
            name="zone", region=self.region, alias_share=1,
            queries=traffic.requests * self.queries_per_request,
        )  # fmt: skip
        cdn = parts.distribution(self.region, traffic, self.response_kb, self.hit_ratio)
        yield cdn
        yield Bucket(
            name="bucket", region=self.region, storage_gb=self.site_gb,
            get_requests=cdn.origin_requests,
        )  # fmt: skip


@checked
def static_site(
    *, region: str = "us-east-1", response_kb: Amount = 50, site_gb: Amount = 1,
    hit_ratio: SomeShare = 0.9, hit_seconds: Positive = 0.02, miss_seconds: Positive = 0.1,
    queries_per_request: Amount = 0.05,
) -> Architecture:  # fmt: skip
    """Files in a bucket behind a distribution; a request is one file.

    The work of the requests does not matter here: an answer takes `hit_seconds` or `miss_seconds`,
    which is assumed.
    """
    misses = Branch(Static("bucket", answer_seconds=miss_seconds), 1 - hit_ratio)
    hits = [Branch(Static("edge", answer_seconds=hit_seconds), hit_ratio)] if hit_ratio else []
    return Architecture(
        name="static-site",
        summary="Files in S3 behind CloudFront, with a name in Route 53.",
        tiers=(Parallel("files", (*hits, misses)),),
        following=SiteFollowing(region, response_kb, hit_ratio, site_gb, queries_per_request),
        path=("zone", "cdn", "bucket"),
        left_out="Uploads of the site, invalidations, access logs, the domain itself.",
    )


@dataclass(frozen=True)
class ImagesFollowing:
    """What follows the uploads: buckets, logs, and thumbnails on their way to viewers.

    Parameters
    ----------
    region : str
    image_mb, thumbnail_kb, log_kb : float
        [MB], [KB]
    views_per_image : float
        Of its thumbnail.
    hit_ratio : float
        Of the distribution. [share]
    kept_days : float
        After which images and thumbnails are deleted. [d]
    """

    region: str
    image_mb: float
    thumbnail_kb: float
    log_kb: float
    views_per_image: float
    hit_ratio: float
    kept_days: float

    def __call__(self, traffic: Traffic) -> Iterator[Resource]:
        """The resources for so many uploads."""
        kept = traffic.per_second * self.kept_days * DAY_SECONDS
        views = traffic.requests * self.views_per_image
        cdn = parts.distribution(
            self.region, Traffic(views, traffic.per_second * self.views_per_image),
            self.thumbnail_kb, self.hit_ratio,
        )  # fmt: skip
        yield Bucket(
            name="images", region=self.region, storage_gb=kept * self.image_mb / MB_PER_GB,
            objects=kept, put_requests=traffic.requests, get_requests=traffic.requests,
        )  # fmt: skip
        yield Bucket(
            name="thumbnails", region=self.region, objects=kept,
            storage_gb=kept * self.thumbnail_kb / KB_PER_GB, put_requests=traffic.requests,
            get_requests=cdn.origin_requests,
        )  # fmt: skip
        yield cdn
        yield parts.logs(self.region, traffic, self.log_kb)


@checked
def image_processing(
    *, region: str = "us-east-1", memory_size_mb: Number = 1769,
    architecture: Processor = "arm64", timeout_seconds: Number = 60,
    batch_size: Number = 1, maximum_concurrency: Number | None = None,
    cpu_share: PositiveShare = 0.8, image_mb: Positive = 3, thumbnail_kb: Positive = 30,
    views_per_image: Amount = 20, hit_ratio: SomeShare = 0.9, kept_days: Positive = 30,
    log_kb: Amount = 1,
) -> Architecture:  # fmt: skip
    """Images are uploaded to a bucket, made smaller by a function, and looked at.

    A request is an upload; its work is what the function does. Viewers get the thumbnail from a
    distribution.
    """
    mapping = consumers(
        region=region, name="resize", memory_size_mb=memory_size_mb, architecture=architecture,
        timeout_seconds=timeout_seconds, batch_size=batch_size,
        maximum_concurrency=maximum_concurrency,
    )  # fmt: skip
    tier: Tier = Queued(mapping, slowdown=parts.slowdown(float(vcpus(memory_size_mb)), cpu_share))
    return Architecture(
        name="image-processing",
        summary="Images in S3, made smaller by a function behind a queue, shown by CloudFront.",
        tiers=(tier,),
        following=ImagesFollowing(
            region, image_mb, thumbnail_kb, log_kb, views_per_image, hit_ratio, kept_days
        ),
        path=("images", "queue", "resize", "thumbnails"),
        links=(("thumbnails", "cdn"), ("resize", "logs")),
        clients="uploads",
        left_out=(
            "Who uploads, and how (a signed URL needs no server). Viewers' own waiting time; the"
            " time to read and write the buckets is part of a request's work."
        ),
    )
