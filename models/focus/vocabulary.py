"""The words of FOCUS 1.2: columns, their types, allowed values, and units.

Source of all of it: the FOCUS 1.2 specification (https://focus.finops.org/focus-specification/v1-2/).
"""

from __future__ import annotations

import re
from functools import cache

from models.errors import InvalidInputError, did_you_mean
from models.files import DATA, read_table

DECIMAL_COLUMNS = (
    "BilledCost", "CommitmentDiscountQuantity", "ConsumedQuantity", "ContractedCost",
    "ContractedUnitPrice", "EffectiveCost", "ListCost", "ListUnitPrice",
    "PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice", "PricingQuantity",
)  # fmt: skip
TIME_COLUMNS = ("BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart")
STRING_COLUMNS = (
    "AvailabilityZone", "BillingAccountId", "BillingAccountName", "BillingAccountType",
    "BillingCurrency", "CapacityReservationId", "CapacityReservationStatus", "ChargeCategory",
    "ChargeClass", "ChargeDescription", "ChargeFrequency", "CommitmentDiscountCategory",
    "CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountStatus",
    "CommitmentDiscountType", "CommitmentDiscountUnit", "ConsumedUnit", "InvoiceId",
    "InvoiceIssuerName", "PricingCategory", "PricingCurrency", "PricingUnit", "ProviderName",
    "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType",
    "ServiceCategory", "ServiceName", "ServiceSubcategory", "SkuId", "SkuMeter",
    "SkuPriceDetails", "SkuPriceId", "SubAccountId", "SubAccountName", "SubAccountType", "Tags",
)  # fmt: skip
#: AWS's own columns (x_UsageType was in AWS's 1.0 export; 1.2 has it as SkuMeter) and ours.
CUSTOM_COLUMNS = (
    "x_Discounts", "x_Operation", "x_ServiceCode", "x_UsageType",
    "x_FreeTierPlan", "x_MeterRule", "x_PriceConfidence", "x_PriceEffectiveDate", "x_PriceSource",
)  # fmt: skip
#: Every column in order: FOCUS's own by name, then the custom ones.
COLUMNS = (*sorted(DECIMAL_COLUMNS + TIME_COLUMNS + STRING_COLUMNS), *CUSTOM_COLUMNS)

ALLOWED = {
    "ChargeCategory": ("Usage", "Purchase", "Tax", "Credit", "Adjustment"),
    "ChargeClass": ("Correction",),
    "ChargeFrequency": ("One-Time", "Recurring", "Usage-Based"),
    "PricingCategory": ("Standard", "Committed", "Dynamic", "Other"),
    "CommitmentDiscountCategory": ("Spend", "Usage"),
    "CommitmentDiscountStatus": ("Used", "Unused"),
    "CapacityReservationStatus": ("Used", "Unused"),
    # List prices are in dollars, and nothing here converts.
    "BillingCurrency": ("USD",),
    "PricingCurrency": ("USD",),
    "x_PriceConfidence": ("high", "medium", "low"),
}

#: Property keys of SkuPriceDetails that FOCUS defines; any other must start with ``x_``.
SKU_PRICE_PROPERTIES = frozenset({
    "CoreCount", "DiskMaxIops", "DiskSpace", "DiskType", "GpuCount", "InstanceSeries",
    "InstanceType", "MemorySize", "NetworkMaxIops", "NetworkMaxThroughput", "OperatingSystem",
    "Redundancy", "StorageClass",
})  # fmt: skip

#: AWS's pricing unit -> the same in FOCUS's UnitFormat. A unit that is not here is refused.
UNITS = {
    "64K-Chunks": "Chunks",
    "8K-Chunks": "Chunks",
    "ACU-Hr": "ACU-Hours",
    "API Requests": "Requests",
    "Alarms": "Alarms",
    "Blocks": "Blocks",
    "CR-Hr": "CR-Hours",
    "ChangeDataCaptureUnits": "ChangeDataCaptureUnits",
    "ConfigRuleEvaluations": "ConfigRuleEvaluations",
    "DSU-Hours": "DSU-Hours",
    "Dashboards": "Dashboards",
    "EPU-Hrs": "EPU-Hours",
    "ElastiCacheProcessingUnits": "ElastiCacheProcessingUnits",
    "Events": "Events",
    "GB": "GB",
    "GB-Hours": "GB-Hours",
    "GB-Mo": "GB-Months",
    "GB-Seconds": "GB-Seconds",
    "GiBps-mo": "GiBps-Months",
    "HealthChecks": "HealthChecks",
    "HostedZones": "HostedZones",
    "Hrs": "Hours",
    "IOPS-Mo": "IOPS-Months",
    "IOs": "IOs",
    "Invocations": "Invocations",
    "Jobs": "Jobs",
    "Keys": "Keys",
    "LCU-Hrs": "LCU-Hours",
    "Lambda-GB-Second": "GB-Seconds",
    "MBps-Mo": "MBps-Months",
    "Messages": "Messages",
    "Metrics": "Metrics",
    "MiBps-Mo": "MiBps-Months",
    "Minutes": "Minutes",
    "Mo": "Months",
    "Notifications": "Notifications",
    "Objects": "Objects",
    "Operations": "Operations",
    "PutRequest": "Requests",
    "Queries": "Queries",
    "ReadCapacityUnit-Hrs": "ReadCapacityUnit-Hours",
    "ReadRequestUnits": "ReadRequestUnits",
    "Recipients": "Recipients",
    "ReplicatedWriteCapacityUnit-Hrs": "ReplicatedWriteCapacityUnit-Hours",
    "ReplicatedWriteRequestUnits": "ReplicatedWriteRequestUnits",
    "Requests": "Requests",
    "Secrets": "Secrets",
    "StateTransitions": "StateTransitions",
    "Tag-Mo": "Tag-Months",
    "Tokens": "Tokens",
    "URL": "URLs",
    "WriteCapacityUnit-Hrs": "WriteCapacityUnit-Hours",
    "WriteRequestUnits": "WriteRequestUnits",
    "hours": "Hours",
    "vCPU-Hours": "vCPU-Hours",
}

_TIMES = ("Year", "Month", "Day", "Hour", "Minute", "Second")
_SIZES = ("b", "B", *(scale + size for scale in ("K", "M", "G", "T", "P", "E")
                      for size in ("b", "B", "ib", "iB")))  # fmt: skip
_COUNTS = (
    "Count", "Unit", "Request", "Token", "Connection", "Certificate", "Domain", "Core",
)  # fmt: skip


def focus_unit(unit: str) -> str:
    """AWS's pricing unit in FOCUS's UnitFormat.

    Raises
    ------
    InvalidInputError
        Where the unit has no known counterpart, naming the nearest.

    Examples
    --------
    >>> focus_unit("GB-Mo"), focus_unit("Hrs")
    ('GB-Months', 'Hours')
    """
    if unit not in UNITS:
        raise InvalidInputError(
            f"unit {unit!r} has no FOCUS unit in models.focus.vocabulary.UNITS"
            f"{did_you_mean(unit, UNITS)}"
        )
    return UNITS[unit]


def is_focus_unit(text: str) -> bool:
    """Whether `text` is a unit in FOCUS's UnitFormat, made of base units that are known here.

    >>> [is_focus_unit(text) for text in ("GB-Hours", "1000 Requests", "GB/Hour")]
    [True, True, True]
    >>> [is_focus_unit(text) for text in ("Hrs", "GB-Mo", "1M Requests", "gb", "GB-Hour")]
    [False, False, False, False, False]
    """
    found = re.fullmatch(r"(?:[1-9]\d* )?([^ /]+)(?:/(?:[1-9]\d* )?([A-Za-z]+))?", text)
    if not found:
        return False
    measured, per = found.groups()
    *first, last = measured.split("-")
    return (
        len(first) <= 1
        and last in _plural_units()
        and all(unit in _base_units() for unit in first)
        and (per is None or per.removesuffix("s") in _TIMES)
    )


@cache
def _base_units() -> frozenset[str]:
    ours = {part for unit in UNITS.values() for part in unit.split("-")[:-1]}
    return frozenset(ours | {*_TIMES, *_SIZES, *_COUNTS})


@cache
def _plural_units() -> frozenset[str]:
    ours = {unit.split("-")[-1] for unit in UNITS.values()}
    return frozenset(ours | {name + "s" for name in (*_TIMES, *_COUNTS)} | {*_SIZES})


@cache
def subcategories() -> dict[str, str]:
    """Every ServiceSubcategory with its one ServiceCategory.

    >>> subcategories()["Object Storage"]
    'Storage'
    """
    columns = ("service_category", "service_subcategory", "source")
    rows = read_table(DATA / "focus_subcategories.csv", columns)
    return {row["service_subcategory"]: row["service_category"] for _, row in rows}
