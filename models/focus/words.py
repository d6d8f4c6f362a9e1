"""Rules on the words of a FOCUS table: allowed values, units, names, JSON, and what may be null."""

from __future__ import annotations

import json
from typing import Any

from models.files import is_date
from models.focus.rule import (
    UNIT_PRICES,
    Rule,
    committed,
    consuming,
    distinct,
    each,
    null,
    one_of,
    ordinary,
    priced,
    unlike,
    usage,
)
from models.focus.vocabulary import (
    ALLOWED,
    SKU_PRICE_PROPERTIES,
    STRING_COLUMNS,
    is_focus_unit,
    subcategories,
)
from models.naming import region_names, services

_NEVER_NULL = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType",
    "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory",
    "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "ContractedCost", "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost",
    "PricingCurrency", "PricingCurrencyEffectiveCost", "ProviderName", "PublisherName",
    "ServiceCategory", "ServiceName", "ServiceSubcategory", "x_FreeTierPlan", "x_ServiceCode",
)  # fmt: skip
#: What a priced row needs, and a tax or a credit must not have.
_PRICED = ("PricingQuantity", "PricingCategory", "SkuId", "SkuPriceId", *UNIT_PRICES)
#: Column -> the column with which it comes and goes.
_GOES_WITH = {
    "PricingUnit": "PricingQuantity",
    "ConsumedUnit": "ConsumedQuantity",
    "SkuMeter": "SkuId",
    "ResourceType": "ResourceId",
    "RegionName": "RegionId",
    "SubAccountName": "SubAccountId",
    "SubAccountType": "SubAccountId",
    "CommitmentDiscountCategory": "CommitmentDiscountId",
    "CommitmentDiscountType": "CommitmentDiscountId",
    "CommitmentDiscountUnit": "CommitmentDiscountQuantity",
    "x_PriceConfidence": "ListUnitPrice",
    "x_PriceEffectiveDate": "ListUnitPrice",
    "x_PriceSource": "ListUnitPrice",
}
#: Column -> the column without which it says nothing.
_NEEDS = {
    "ResourceName": "ResourceId",
    "SkuPriceDetails": "SkuPriceId",
    "CommitmentDiscountName": "CommitmentDiscountId",
    "CommitmentDiscountStatus": "CommitmentDiscountId",
    "CapacityReservationStatus": "CapacityReservationId",
}


def _never_null(name: str) -> Rule:
    return Rule(name, "must not be null", lambda f: null(f, name))


def _not_blank(name: str) -> Rule:
    why = "must not be blank: a missing value is null"
    return Rule(name, why, lambda f: each(f, name, lambda text: not text.strip()))


def _allowed(name: str, values: tuple[str, ...]) -> Rule:
    why = f"must be one of {', '.join(values)}"
    return Rule(name, why, lambda f: ~(null(f, name) | one_of(f, name, *values)))


def _is_unit(name: str) -> Rule:
    why = "is not a unit of FOCUS's UnitFormat, such as Hours or GB-Months"
    return Rule(name, why, lambda f: each(f, name, lambda text: not is_focus_unit(text)))


def _needed_when_priced(name: str) -> Rule:
    why = "must not be null on usage or a purchase, unless it is a correction"
    return Rule(name, why, lambda f: priced(f) & null(f, name))


def _null_when_unpriced(name: str) -> Rule:
    why = "must be null on a tax or a credit"
    return Rule(name, why, lambda f: one_of(f, "ChargeCategory", "Tax", "Credit") & ~null(f, name))


def _goes_with(name: str, other: str) -> Rule:
    why = f"must be null exactly where {other} is null"
    return Rule(name, why, lambda f: null(f, name) != null(f, other))


def _needs(name: str, other: str) -> Rule:
    why = f"must be null where {other} is null"
    return Rule(name, why, lambda f: ~null(f, name) & null(f, other))


def _is_object(name: str) -> Rule:
    why = "must be a JSON object of plain values under distinct keys"
    return Rule(name, why, lambda f: each(f, name, lambda text: _object(text) is None))


def _one_for_each(key: str, value: str) -> Rule:
    """Every row of a `key` has the same `value`."""
    why = f"is not the same on every row of its {key}"
    return Rule(
        value,
        why,
        lambda f: ~null(f, value) & ~null(f, key)
        & (f.groupby(key)[value].transform("nunique") > 1).to_numpy(dtype=bool),
    )  # fmt: skip


def _object(text: str) -> dict[str, Any] | None:
    """The JSON object in `text`, or None where it is no object of plain values.

    >>> _object('{"team": "web"}'), _object('{"a": 1, "a": 2}'), _object('{"a": []}'), _object("7")
    ({'team': 'web'}, None, None, None)
    """
    try:
        plain = json.loads(text)
        pairs = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return None
    if not isinstance(plain, dict) or len(plain) != len(pairs):
        return None
    nested = any(isinstance(value, dict | list) for value in plain.values())
    return None if nested else plain


def _has_foreign_key(text: str) -> bool:
    keys = _object(text) or {}
    return any(key not in SKU_PRICE_PROPERTIES and not key.startswith("x_") for key in keys)


_CONDITIONS = (
    Rule("ConsumedQuantity", "must be null unless the row is usage of something",
         lambda f: ~consuming(f) & ~null(f, "ConsumedQuantity")),
    Rule("ConsumedQuantity", "must not be null on usage, unless it is a correction",
         lambda f: consuming(f) & ordinary(f) & null(f, "ConsumedQuantity")),
    Rule("ChargeFrequency", "must not be Usage-Based on a purchase",
         lambda f: one_of(f, "ChargeCategory", "Purchase")
         & one_of(f, "ChargeFrequency", "Usage-Based")),
    Rule("CommitmentDiscountStatus", "must not be null on usage under a commitment",
         lambda f: usage(f) & committed(f) & null(f, "CommitmentDiscountStatus")),
    Rule("CommitmentDiscountQuantity", "must not be null on usage or a purchase of a commitment",
         lambda f: priced(f) & committed(f) & null(f, "CommitmentDiscountQuantity")),
    Rule("CommitmentDiscountQuantity", "must be null where there is no commitment",
         lambda f: ~(committed(f) & one_of(f, "ChargeCategory", "Usage", "Purchase"))
         & ~null(f, "CommitmentDiscountQuantity")),
    Rule("CapacityReservationStatus", "must not be null on usage of a capacity reservation",
         lambda f: usage(f) & ~null(f, "CapacityReservationId")
         & null(f, "CapacityReservationStatus")),
    Rule("PricingCategory", "Committed needs a CommitmentDiscountId",
         lambda f: one_of(f, "PricingCategory", "Committed") & ~committed(f)),
)  # fmt: skip

_NAMES = (
    Rule("CommitmentDiscountUnit", "must be a unit of FOCUS's UnitFormat, or USD",
         lambda f: each(f, "CommitmentDiscountUnit",
                        lambda text: text != "USD" and not is_focus_unit(text))),
    Rule("ServiceCategory", "is no service category of FOCUS",
         lambda f: each(f, "ServiceCategory", lambda text: text not in subcategories().values())),
    Rule("ServiceSubcategory", "is no service subcategory of FOCUS",
         lambda f: each(f, "ServiceSubcategory", lambda text: text not in subcategories())),
    Rule("ServiceCategory", "is not the one parent of ServiceSubcategory",
         lambda f: unlike(f, "ServiceCategory", "ServiceSubcategory", subcategories())),
    Rule("x_ServiceCode", "is not listed in data/services.csv",
         lambda f: each(f, "x_ServiceCode", lambda text: text not in services())),
    Rule("ServiceName", "is not the name of x_ServiceCode",
         lambda f: unlike(f, "ServiceName", "x_ServiceCode",
                          {code: known.name for code, known in services().items()})),
    Rule("RegionId", "is no AWS region",
         lambda f: each(f, "RegionId", lambda text: text not in region_names())),
    Rule("RegionName", "is not the name of RegionId",
         lambda f: unlike(f, "RegionName", "RegionId", region_names())),
    Rule("SkuMeter", "must be the row's x_UsageType",
         lambda f: ~null(f, "SkuMeter") & distinct(f, "SkuMeter", "x_UsageType")),
    Rule("x_PriceEffectiveDate", "must be a date as YYYY-MM-DD",
         lambda f: each(f, "x_PriceEffectiveDate", lambda text: not is_date(text))),
    Rule("SkuPriceDetails", "has a key that FOCUS does not define and does not start with x_",
         lambda f: each(f, "SkuPriceDetails", _has_foreign_key)),
)  # fmt: skip

RULES: tuple[Rule, ...] = (
    *(_never_null(name) for name in _NEVER_NULL),
    *(_not_blank(name) for name in STRING_COLUMNS),
    *(_allowed(name, values) for name, values in ALLOWED.items()),
    *(_is_unit(name) for name in ("PricingUnit", "ConsumedUnit")),
    *_NAMES,
    *(_needed_when_priced(name) for name in _PRICED),
    *(_null_when_unpriced(name) for name in _PRICED),
    *(_goes_with(name, other) for name, other in _GOES_WITH.items()),
    *(_needs(name, other) for name, other in _NEEDS.items()),
    *_CONDITIONS,
    *(_is_object(name) for name in ("Tags", "SkuPriceDetails", "x_Discounts")),
    _one_for_each("SkuPriceId", "SkuId"),
    _one_for_each("SkuPriceId", "ListUnitPrice"),
    _one_for_each("InvoiceId", "BillingAccountId"),
    _one_for_each("InvoiceId", "BillingPeriodStart"),
    _one_for_each("InvoiceId", "x_FreeTierPlan"),
)
