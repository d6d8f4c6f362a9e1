"""Content delivery: requests against GB, near viewers against far ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, crossing, priced
from models.prices import Catalogue
from models.services.cloudfront import Distribution, response_gb
from models.services.s3 import Bucket

_TOPIC, _LESSON = "content delivery", "23_content_delivery"

#: Images of the first exercise: a month's requests, their size, the share that edges answer.
_IMAGES, _IMAGE_KB, _IMAGE_HITS = 500_000_000, 10, 0.9
#: Downloads of which the break-even size is asked.
_DOWNLOADS, _HITS = 1_000_000, 0.8
#: Videos for two countries: a month's GB in answers of 10 MB.
_VIDEO_GB, _VIDEO_KB = 5_000, 10_240


def _direct(requests: float, kb: float) -> Bucket:
    sent_gb = float(response_gb(requests, kb))
    return Bucket(name="bucket", get_requests=requests, internet_egress_gb=sent_gb)


def _edges(requests: float, kb: float, hits: float) -> tuple[Distribution, Bucket]:
    sent_gb = float(response_gb(requests, kb))
    edges = Distribution(
        name="edges", requests=requests, transfer_out_gb=sent_gb, cache_hit_ratio=hits
    )
    return edges, Bucket(name="origin", get_requests=edges.origin_requests)


def _added(prices: Catalogue, requests: float, kb: float, hits: float) -> float:
    """What CloudFront adds to the bill of a bucket, above 0 where it costs more. [USD]"""
    return cost_usd(prices, *_edges(requests, kb, hits)) - cost_usd(prices, _direct(requests, kb))


def _images(prices: Catalogue) -> float:
    return _added(prices, _IMAGES, _IMAGE_KB, _IMAGE_HITS)


def _images_without_gets(prices: Catalogue) -> float:
    edges, _ = _edges(_IMAGES, _IMAGE_KB, _IMAGE_HITS)
    return cost_usd(prices, edges) - cost_usd(prices, _direct(_IMAGES, _IMAGE_KB))


def _images_fee(prices: Catalogue) -> float:
    return cost_usd(prices, Distribution(name="edges", requests=_IMAGES))


def _images_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Straight from the bucket, every image is a request and GB to the internet:"
    yield priced(prices, _direct(_IMAGES, _IMAGE_KB))
    yield (
        "Through CloudFront the GB are a little cheaper and the bucket gets a tenth of the"
        " requests, but each request is charged at the edge:"
    )
    yield priced(prices, *_edges(_IMAGES, _IMAGE_KB, _IMAGE_HITS))


def _even_kb(hits: float) -> Callable[[Catalogue], float]:
    """Size from which CloudFront adds nothing to the bill of the downloads."""
    return lambda prices: crossing(lambda kb: _added(prices, _DOWNLOADS, kb, hits), 1, 2_000)


def _even_kb_working(prices: Catalogue) -> Iterator[str | Bill]:
    kb = _even_kb(_HITS)(prices)
    yield "At the break-even both bills are equal. Straight from the bucket:"
    yield priced(prices, _direct(_DOWNLOADS, kb))
    yield "Through CloudFront:"
    yield priced(prices, *_edges(_DOWNLOADS, kb, _HITS))


def _abroad(share: float) -> Distribution:
    requests = _VIDEO_GB * 1024 * 1024 / _VIDEO_KB
    return Distribution(
        name="edges", requests=requests, transfer_out_gb=_VIDEO_GB,
        viewers={"US": 1 - share, "JP": share}, cache_hit_ratio=1,
    )  # fmt: skip


def _video_direct() -> Bucket:
    requests = _VIDEO_GB * 1024 * 1024 / _VIDEO_KB
    return Bucket(name="bucket", get_requests=requests, internet_egress_gb=_VIDEO_GB)


def _japan_percent(prices: Catalogue) -> float:
    def excess(share: float) -> float:
        return cost_usd(prices, _abroad(share)) - cost_usd(prices, _video_direct())

    return 100 * crossing(excess, 0, 1)


def _per_gb(prices: Catalogue, resource: Distribution | Bucket) -> float:
    return cost_usd(prices, resource) / _VIDEO_GB


def _japan_by_ratio(prices: Catalogue) -> float:
    """What one gets by comparing Japan's own price with the direct one. [%]"""
    return 100 * (1 - _per_gb(prices, _video_direct()) / _per_gb(prices, _abroad(1)))


def _japan_working(prices: Catalogue) -> Iterator[str | Bill]:
    share = _japan_percent(prices) / 100
    yield "Straight from us-east-1 a GB costs the same wherever it goes:"
    yield priced(prices, _video_direct())
    yield f"With {share:.1%} of the viewers in Japan CloudFront costs as much:"
    yield priced(prices, _abroad(share))


EXERCISES = (
    Exercise(
        id="cdn-small-images",
        topic=_TOPIC,
        lesson=_LESSON,
        question="A shop sends 500 million images of 10 KB a month from S3 in us-east-1 to North"
        " America. CloudFront in front of the bucket would answer 90 percent of the HTTPS requests"
        " from its cache. What would it add to the bill, without free allowances?",
        unit="USD a month",
        kind="change something",
        difficulty="basic",
        answer=_images,
        look="Put both bills side by side. Which line is new, and how large is it?",
        concept="CloudFront's GB are a little cheaper than S3's, but every request of a viewer is"
        " charged at the edge, hit or miss. S3 charges for the misses on top.",
        formula="requests x fee at the edge - hits x price of a GET - GB x difference of the GB",
        working=_images_working,
        why="With small objects the fee for requests is larger than everything else CloudFront"
        " saves. It may still be worth it for speed; then it is speed that is bought.",
        mistakes=(
            Mistake(
                _images_without_gets,
                "You left out the GET requests that S3 still charges for the misses.",
            ),
            Mistake(
                _images_fee,
                "That is the fee for requests alone. Cheaper GB and fewer GET requests come off.",
            ),
            Mistake(
                lambda prices: -_images(prices),
                "The sign is the wrong way round: it costs more, so it adds to the bill.",
            ),
        ),
        source="The learning material moves static files to CloudFront to take load off servers and"
        " gives no figures for the bill. Ours, with its logo of 45,678 bytes made smaller.",
    ),
    Exercise(
        id="cdn-break-even-size",
        topic=_TOPIC,
        lesson=_LESSON,
        question="A million downloads a month go from S3 in us-east-1 to North America. From which"
        " size of a download does CloudFront with a hit ratio of 80 percent cost no more, without"
        " free allowances?",
        unit="KB",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_even_kb(_HITS),
        look="What does one request cost more through CloudFront, and one GB less?",
        concept="The fee for a request does not depend on the size, the saving on GB does. At the"
        " break-even one pays for the other.",
        formula="(fee at the edge - 0.8 x price of a GET) / (GB from S3 - GB from the edge) x 1024"
        " x 1024 KB in a GB",
        working=_even_kb_working,
        why="The number of downloads drops out: it is the size that decides. Web pages are mostly"
        " below it, photographs and videos above.",
        mistakes=(
            Mistake(
                _even_kb(0),
                "That is without any hit. Hits save the GET requests of S3.",
            ),
            Mistake(
                _even_kb(1),
                "That is with hits only. One request in five still goes on to S3.",
            ),
            Mistake(
                lambda prices: _even_kb(_HITS)(prices) * 1000**2 / 1024**2,
                "AWS's GB has 1024 x 1024 KB, not a million.",
            ),
        ),
        source="Ours: the learning material puts CloudFront in front of S3 without asking from"
        " which size on the bill falls.",
    ),
    Exercise(
        id="cdn-viewers-in-japan",
        topic=_TOPIC,
        lesson=_LESSON,
        question="5,000 GB of video a month, in answers of 10 MB, go to North America and Japan."
        " CloudFront answers everything from its cache, at all edges. Which percentage of the"
        " viewers must be in Japan for it to cost as much as S3 in us-east-1 alone?",
        unit="percent",
        kind="break it",
        difficulty="intermediate",
        answer=_japan_percent,
        look="What does a GB cost at the edges of both countries, and what from S3?",
        concept="S3 charges by where the data is, CloudFront by where the edge is. A GB from an"
        " edge in Japan costs more than one from Virginia to Japan.",
        formula="(S3 - edge in America) / (edge in Japan - edge in America), each for a GB with its"
        " requests",
        working=_japan_working,
        why="Far away a CDN sells speed, not savings. A price class without these edges keeps the"
        " price and gives up the nearness.",
        mistakes=(
            Mistake(
                _japan_by_ratio,
                "That is how much more a GB in Japan costs. The savings in America pay for some.",
            ),
            Mistake(
                lambda prices: 100 - _japan_percent(prices),
                "That is the percentage in North America.",
            ),
        ),
        source="The learning material asks what it saves to drop the dear edges and has no answer;"
        " it does not mention that they cost more than no CDN at all.",
        tolerance=0.01,
    ),
)
