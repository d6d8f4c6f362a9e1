"""Requests, retrieval and transfer: what is counted whenever an object is touched."""

from __future__ import annotations

from models.metering import Meter

_FEWER = "Pack small objects into larger ones, and list less (an inventory is cheaper)."
_CACHE = "Cache in front of the bucket, or read larger objects less often."


def _requests(usage_type: str, name: str, rule: str, lever: str, operation: str = "") -> Meter:
    return Meter("AmazonS3", usage_type, "Requests", operation, name=name, rule=rule, lever=lever)


def _writes(infix: str, name: str) -> Meter:
    # LIST counts with the writes of Standard, whatever the class of what it lists.
    kinds = "PUT, COPY, POST" if infix else "PUT, COPY, POST, LIST"
    return _requests(
        f"Requests-{infix}Tier1", f"{kinds} requests to {name}",
        "Every such request counts, whatever its size; DELETE is free.", _FEWER,
    )  # fmt: skip


def _reads(infix: str, name: str) -> Meter:
    return _requests(
        f"Requests-{infix}Tier2", f"GET and other requests to {name}",
        "Every GET, HEAD and other request that is not a write counts.", _CACHE,
    )  # fmt: skip


#: Infix of a class's usage types and the name a reader knows. LIST requests are counted with the
#: writes of Standard. AWS counts the reads of Deep Archive as `Requests-GDA-Tier2`, at the price of
#: `Requests-Tier2` (https://aws.amazon.com/s3/pricing/), which counts them here.
#: Documented: https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report-understand.html
_INFIXES = {
    "STANDARD": ("", "S3 Standard"),
    "INTELLIGENT_TIERING": ("INT-", "S3 Intelligent-Tiering"),
    "STANDARD_IA": ("SIA-", "S3 Standard-IA"),
    "ONEZONE_IA": ("ZIA-", "S3 One Zone-IA"),
    "GLACIER_IR": ("GIR-", "S3 Glacier Instant Retrieval"),
    "GLACIER": ("GLACIER-", "S3 Glacier Flexible Retrieval"),
    "DEEP_ARCHIVE": ("GDA-", "S3 Glacier Deep Archive"),
    "EXPRESS_ONEZONE": ("XZ-", "S3 Express One Zone"),
}
WRITES = {name: _writes(*infix) for name, infix in _INFIXES.items()}
READS = {name: _reads(*infix) for name, infix in _INFIXES.items() if name != "DEEP_ARCHIVE"}
READS["DEEP_ARCHIVE"] = READS["STANDARD"]
LISTS = WRITES["STANDARD"]

_TRANSITION_RULE = "Each object that a lifecycle rule moves into the class is one request."
_TRANSITION_LEVER = "Move large objects only: set a minimum size in the rule, or pack them first."


def _transition(tier: int, operation: str, name: str) -> Meter:
    return _requests(
        f"Requests-Tier{tier}", f"Lifecycle transitions into {name}",
        _TRANSITION_RULE, _TRANSITION_LEVER, operation,
    )  # fmt: skip


TRANSITION_REQUESTS = {
    "STANDARD_IA": _transition(4, "S3-SIATransition", "S3 Standard-IA"),
    "ONEZONE_IA": _transition(4, "S3-ZIATransition", "S3 One Zone-IA"),
    "INTELLIGENT_TIERING": _transition(4, "S3-INTTransition", "S3 Intelligent-Tiering"),
    "GLACIER_IR": _transition(4, "S3-GIRTransition", "S3 Glacier Instant Retrieval"),
    "GLACIER": _transition(3, "S3-GlacierTransition", "S3 Glacier Flexible Retrieval"),
    "DEEP_ARCHIVE": _transition(3, "S3-GDATransition", "S3 Glacier Deep Archive"),
}

_RESTORE_RULE = "Each object that is restored is one request, and its bytes are charged on top."
_RESTORE_LEVER = "Restore in bulk where hours do not matter."
#: Bulk restores from Glacier Flexible Retrieval are free: https://aws.amazon.com/s3/pricing/.
RESTORE_REQUESTS = {
    ("GLACIER", "Standard"): _requests(
        "Requests-Tier3", "Standard restores from S3 Glacier Flexible Retrieval", _RESTORE_RULE,
        _RESTORE_LEVER, "RestoreObject",
    ),
    ("GLACIER", "Expedited"): _requests(
        "Requests-Tier6", "Expedited restores from S3 Glacier Flexible Retrieval", _RESTORE_RULE,
        _RESTORE_LEVER,
    ),
    ("DEEP_ARCHIVE", "Standard"): _requests(
        "Requests-GDA-Tier3", "Standard restores from S3 Glacier Deep Archive", _RESTORE_RULE,
        _RESTORE_LEVER,
    ),
    ("DEEP_ARCHIVE", "Bulk"): _requests(
        "Requests-GDA-Tier5", "Bulk restores from S3 Glacier Deep Archive", _RESTORE_RULE,
        "Restore fewer, larger objects.",
    ),
}  # fmt: skip


def _retrieval(usage_type: str, name: str, operation: str = "") -> Meter:
    return Meter(
        "AmazonS3", usage_type, "GB", operation, name=f"Retrieval from {name}",
        rule="Every GB that is read from the class or restored from it counts.",
        lever="Keep what is read often in a warmer class.",
    )  # fmt: skip


RETRIEVAL = {
    ("STANDARD_IA", "Standard"): _retrieval("Retrieval-SIA", "S3 Standard-IA"),
    ("ONEZONE_IA", "Standard"): _retrieval("Retrieval-ZIA", "S3 One Zone-IA"),
    ("GLACIER_IR", "Standard"): _retrieval("Retrieval-GIR", "S3 Glacier Instant Retrieval"),
    ("EXPRESS_ONEZONE", "Standard"): _retrieval("Retrieval-XZ", "S3 Express One Zone"),
    ("GLACIER", "Standard"): _retrieval(
        "Standard-Retrieval-Bytes", "S3 Glacier Flexible Retrieval, standard", "RestoreObject"
    ),
    ("GLACIER", "Bulk"): _retrieval(
        "Bulk-Retrieval-Bytes", "S3 Glacier Flexible Retrieval, bulk", "RestoreObject"
    ),
    ("GLACIER", "Expedited"): _retrieval(
        "Expedited-Retrieval-Bytes", "S3 Glacier Flexible Retrieval, expedited"
    ),
    ("DEEP_ARCHIVE", "Standard"): _retrieval(
        "Standard-Retrieval-Bytes", "S3 Glacier Deep Archive, standard", "DeepArchiveRestoreObject"
    ),
    ("DEEP_ARCHIVE", "Bulk"): _retrieval(
        "Bulk-Retrieval-Bytes", "S3 Glacier Deep Archive, bulk", "DeepArchiveRestoreObject"
    ),
}
EXPRESS_UPLOAD = Meter(
    "AmazonS3", "Upload-XZ", "GB", name="Uploads to S3 Express One Zone",
    rule="Every GB written to the class counts.",
    lever="Write to Standard what does not need the lowest latency.",
)  # fmt: skip
INTERNET_OUT = Meter(
    "AmazonS3", "DataTransfer-Out-Bytes", "GB", name="Data transfer out to the internet",
    rule="Every GB sent to the internet counts; tiers add up all services of the account in the"
    " region. What comes in, and what goes to CloudFront or stays in the region, is free.",
    lever="Serve through CloudFront: transfer from S3 to it is free.",
)  # fmt: skip
REPLICATION_TIME_CONTROL = Meter(
    "AmazonS3", "S3RTC-Out-Bytes", "GB", name="S3 Replication Time Control",
    rule="Every GB replicated under the 15-minute guarantee counts, on top of requests and"
    " transfer.",
    lever="Replicate without the guarantee what can wait.",
)  # fmt: skip
