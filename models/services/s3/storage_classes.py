"""The storage classes: their minimums, what each object adds, and the meters of their storage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.metering import Meter

StorageClass = Literal[
    "STANDARD", "INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "GLACIER",
    "DEEP_ARCHIVE", "EXPRESS_ONEZONE",
]  # fmt: skip

#: An object in an infrequent-access class is billed as if it had at least this size.
#: Documented: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
MINIMUM_BILLABLE_KB = 128
#: What S3 adds to each archived object: an index at the Standard rate, metadata at the archive's.
#: Documented: https://docs.aws.amazon.com/AmazonS3/latest/userguide/
#: lifecycle-transition-general-considerations.html
OVERHEAD_STANDARD_KB = 8
OVERHEAD_ARCHIVE_KB = 32


def _storage(usage_type: str, name: str, lever: str) -> Meter:
    return Meter(
        "AmazonS3", usage_type, "GB-Mo", name=f"{name} storage",
        rule="Bytes are counted by the hour and billed as GB-months over the hours of the month;"
        " a GB is 1,024^3 bytes.",
        lever=lever,
    )  # fmt: skip


def _early(usage_type: str, name: str, days: int) -> Meter:
    return Meter(
        "AmazonS3", usage_type, "GB-Mo", name=f"{name} deleted early",
        rule=f"What is deleted, overwritten or moved on before {days} days, also by a rule, is"
        " charged as storage for the days that are left.",
        lever=f"Keep objects in the class for at least {days} days, or move them later.",
    )  # fmt: skip


def _padding(usage_type: str, name: str) -> Meter:
    return Meter(
        "AmazonS3", usage_type, "GB-Mo", name=f"{name} charged for small objects",
        rule="An object below 128 KB is charged as 128 KB; this is the part that it lacks.",
        lever="Keep small objects in Standard, or pack them into larger ones.",
    )  # fmt: skip


_IF_RARE = "Move what is rarely read to a colder class, delete what nobody needs."
_EXPIRE = "Let a lifecycle rule expire what nobody needs."


@dataclass(frozen=True)
class Traits:
    """What AWS documents about one storage class.

    Parameters
    ----------
    storage : Meter
    minimum_days : int
        Storage is charged for at least so long. [d]
    early_delete : Meter or None
        Meter of the days that are left when an object leaves too early.
    padding : Meter or None
        Meter of what small objects lack to 128 KB.
    archived : bool
        Whether each object carries the 8 + 32 KB overhead and must be restored to be read.
    """

    storage: Meter
    minimum_days: int = 0
    early_delete: Meter | None = None
    padding: Meter | None = None
    archived: bool = False


#: Documented: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html and
#: https://aws.amazon.com/s3/pricing/ (minimum durations); usage types:
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report-understand.html.
#: What small objects lack when they leave early has usage types of its own at AWS
#: (`EarlyDelete-SIA-SmObjects`, ...), at the price of `EarlyDelete-SIA`, which counts it here.
TRAITS: dict[str, Traits] = {
    "STANDARD": Traits(_storage("TimedStorage-ByteHrs", "S3 Standard", _IF_RARE)),
    "STANDARD_IA": Traits(
        _storage("TimedStorage-SIA-ByteHrs", "S3 Standard-IA", _EXPIRE),
        30,
        _early("EarlyDelete-SIA", "S3 Standard-IA", 30),
        _padding("TimedStorage-SIA-SmObjects", "S3 Standard-IA"),
    ),
    "INTELLIGENT_TIERING": Traits(
        _storage("TimedStorage-INT-FA-ByteHrs", "S3 Intelligent-Tiering Frequent", _IF_RARE)
    ),
    "ONEZONE_IA": Traits(
        _storage("TimedStorage-ZIA-ByteHrs", "S3 One Zone-IA", _EXPIRE),
        30,
        _early("EarlyDelete-ZIA", "S3 One Zone-IA", 30),
        _padding("TimedStorage-ZIA-SmObjects", "S3 One Zone-IA"),
    ),
    "GLACIER_IR": Traits(
        _storage("TimedStorage-GIR-ByteHrs", "S3 Glacier Instant Retrieval", _EXPIRE),
        90,
        _early("EarlyDelete-GIR", "S3 Glacier Instant Retrieval", 90),
        _padding("TimedStorage-GIR-SmObjects", "S3 Glacier Instant Retrieval"),
    ),
    "GLACIER": Traits(
        _storage("TimedStorage-GlacierByteHrs", "S3 Glacier Flexible Retrieval", _EXPIRE),
        90,
        _early("EarlyDelete-ByteHrs", "S3 Glacier Flexible Retrieval", 90),
        archived=True,
    ),
    "DEEP_ARCHIVE": Traits(
        _storage("TimedStorage-GDA-ByteHrs", "S3 Glacier Deep Archive", _EXPIRE),
        180,
        _early("EarlyDelete-GDA", "S3 Glacier Deep Archive", 180),
        archived=True,
    ),
    "EXPRESS_ONEZONE": Traits(_storage("TimedStorage-XZ-ByteHrs", "S3 Express One Zone", _IF_RARE)),
}

#: Where lifecycle rules may lead from each class: the waterfall. Documented:
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/
#: lifecycle-transition-general-considerations.html ("Supported transitions")
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "STANDARD": (
        "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER",
        "DEEP_ARCHIVE",
    ),
    "STANDARD_IA": (
        "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE",
    ),
    "INTELLIGENT_TIERING": ("ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"),
    "ONEZONE_IA": ("GLACIER", "DEEP_ARCHIVE"),
    "GLACIER_IR": ("GLACIER", "DEEP_ARCHIVE"),
    "GLACIER": ("DEEP_ARCHIVE",),
    "DEEP_ARCHIVE": (),
}  # fmt: skip

#: Tiers of Intelligent-Tiering beside the frequent one, and when an object that nobody reads gets
#: there. Documented: https://docs.aws.amazon.com/AmazonS3/latest/userguide/
#: intelligent-tiering-overview.html
TIERING_INFREQUENT = _storage(
    "TimedStorage-INT-IA-ByteHrs", "S3 Intelligent-Tiering Infrequent", _EXPIRE
)
TIERING_ARCHIVE_INSTANT = _storage(
    "TimedStorage-INT-AIA-ByteHrs", "S3 Intelligent-Tiering Archive Instant", _EXPIRE
)
TIERING_ARCHIVE = _storage("TimedStorage-INT-AA-ByteHrs", "S3 Intelligent-Tiering Archive", _EXPIRE)
TIERING_DEEP_ARCHIVE = _storage(
    "TimedStorage-INT-DAA-ByteHrs", "S3 Intelligent-Tiering Deep Archive", _EXPIRE
)
#: Tiers whose objects carry the overhead of archived ones. Documented:
#: https://aws.amazon.com/s3/pricing/ (notes on S3 Intelligent-Tiering)
OPT_IN_TIER_METERS = (TIERING_ARCHIVE, TIERING_DEEP_ARCHIVE)
TIERING_INFREQUENT_DAYS = 30
TIERING_ARCHIVE_INSTANT_DAYS = 90
TIERING_MONITORING = Meter(
    "AmazonS3", "Monitoring-Automation-INT", "Objects", name="S3 Intelligent-Tiering monitoring",
    rule="Each object of 128 KB or more is charged for monitoring every month; smaller ones are"
    " not monitored and stay in the frequent tier.",
    lever="Keep small or short-lived objects in Standard.",
)  # fmt: skip
