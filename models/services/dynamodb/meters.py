"""What AWS counts for DynamoDB, under the names its bill uses."""

from __future__ import annotations

from models.metering import Meter

_CODE = "AmazonDynamoDB"
#: What comes before the usage type, by table class.
_PREFIXES = {"STANDARD": "", "STANDARD_INFREQUENT_ACCESS": "IA-"}
_NAMES = {"STANDARD": "", "STANDARD_INFREQUENT_ACCESS": ", Standard-IA"}

_CAPACITY_RULE = "Units provisioned, used or not, for each hour, of the table and of each index."
_CAPACITY_LEVER = (
    "Let auto scaling follow the load, take on-demand where utilization is low, or reserve units."
)
_READ_RULE = (
    "Every 4 KB of an item, or part of them: half a unit read eventually, one strongly, two in a"
    " transaction; a Query adds up its items first."
)
_READ_LEVER = "Read eventually, query in place of single reads, or provision a steady load."
_WRITE_RULE = "Every KB of an item, or part of it, two units in a transaction; each index again."
_WRITE_LEVER = "Make items smaller, project less into indexes, or provision a steady load."


def _each_class(usage_type: str, unit: str, name: str, rule: str, lever: str) -> dict[str, Meter]:
    """The same meter of both table classes."""
    return {
        table_class: Meter(
            _CODE,
            prefix + usage_type,
            unit,
            name=name + _NAMES[table_class],
            rule=rule,
            lever=lever,
        )
        for table_class, prefix in _PREFIXES.items()
    }


READ_CAPACITY = _each_class(
    "ReadCapacityUnit-Hrs", "ReadCapacityUnit-Hrs", "read capacity", _CAPACITY_RULE, _CAPACITY_LEVER
)
WRITE_CAPACITY = _each_class(
    "WriteCapacityUnit-Hrs", "WriteCapacityUnit-Hrs", "write capacity", _CAPACITY_RULE,
    _CAPACITY_LEVER,
)  # fmt: skip
READ_REQUESTS = _each_class(
    "ReadRequestUnits", "ReadRequestUnits", "reads on demand", _READ_RULE, _READ_LEVER
)
WRITE_REQUESTS = _each_class(
    "WriteRequestUnits", "WriteRequestUnits", "writes on demand", _WRITE_RULE, _WRITE_LEVER
)
STORAGE = _each_class(
    "TimedStorage-ByteHrs", "GB-Mo", "table storage",
    "Items with 100 bytes more for each, in the table and again in each index.",
    "Delete what is old (time to live does so for free), or take Standard-IA where storage costs"
    " more than requests.",
)  # fmt: skip
REPLICATED_WRITE_CAPACITY = Meter(
    _CODE, "ReplWriteCapacityUnit-Hrs", "ReplicatedWriteCapacityUnit-Hrs",
    name="replicated write capacity",
    rule="Write units provisioned for a replica of a global table, in each of its Regions.",
    lever=f"Replicate to fewer Regions. {_CAPACITY_LEVER}",
)  # fmt: skip
REPLICATED_WRITE_REQUESTS = Meter(
    _CODE, "ReplWriteRequestUnits", "ReplicatedWriteRequestUnits", name="replicated writes",
    rule="Every KB written to a replica of a global table, in each of its Regions.",
    lever=f"Replicate to fewer Regions. {_WRITE_LEVER}",
)  # fmt: skip
BACKUP = Meter(
    _CODE, "TimedBackupStorage-ByteHrs", "GB-Mo", name="on-demand backups",
    rule="Size of every backup for as long as it is kept.",
    lever="Delete old backups; nothing else does.",
)  # fmt: skip
RECOVERY = Meter(
    _CODE, "TimedPITRStorage-ByteHrs", "GB-Mo", name="point-in-time recovery",
    rule="Size of the table while point-in-time recovery is on, however short the window.",
    lever="Leave it off for tables that can be built again.",
)  # fmt: skip
RESTORED = Meter(
    _CODE, "RestoreDataSize-Bytes", "GB", name="restored data",
    rule="Size of what is restored, each time.",
    lever="Restore without the indexes that are not needed.",
)  # fmt: skip
EXPORTED = Meter(
    _CODE, "ExportDataSize-Bytes", "GB", name="export to S3",
    rule="Size of the table for a full export, or of what changed for an incremental one.",
    lever="Export what changed in place of everything.",
)  # fmt: skip
IMPORTED = Meter(
    _CODE, "ImportDataSize-Bytes", "GB", name="import from S3",
    rule="Size of the uncompressed source files; the writes themselves are included.",
    lever="Leave out of the files what nobody will read.",
)  # fmt: skip
STREAM_READS = Meter(
    _CODE, "Streams-Requests", "Requests", name="reads of the stream",
    rule="Every GetRecords call; those of Lambda triggers and global tables are free.",
    lever="Read the stream with Lambda, or poll less often.",
)  # fmt: skip
CHANGE_RECORDS = Meter(
    _CODE, "ChangeDataCaptureUnits-Kinesis", "ChangeDataCaptureUnits",
    name="changes sent to Kinesis",
    rule="Every change that is sent to a Kinesis data stream, for each KB of the item.",
    lever="Use DynamoDB Streams with Lambda where one consumer is enough.",
)  # fmt: skip
