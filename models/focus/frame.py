"""From the lines of a bill to the rows of a FOCUS table."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInputError
from models.focus.rule import COSTS, UNIT_PRICES
from models.focus.vocabulary import (
    COLUMNS,
    DECIMAL_COLUMNS,
    TIME_COLUMNS,
    focus_unit,
)
from models.metering import UsageKey
from models.naming import region_names, service
from models.prices import GLOBAL, Price, Tier

if TYPE_CHECKING:
    import pandas as pd

    from models.billing import Bill, LineItem

#: A simulated bill belongs to no real account; AWS's account ids have twelve digits.
_ACCOUNT = {"Id": "000000000000", "Name": "Simulated account", "Type": "AWS account"}
#: Provider, publisher and issuer in one: FOCUS takes an issuer by another name for a third party.
_SELLER = "AWS"
_COSTS = (*COSTS, "PricingCurrencyEffectiveCost")
#: Usage types that name an instance type after the colon.
_INSTANCE = re.compile(
    r"(?:BoxUsage|InstanceUsage|Multi-AZUsage|NodeUsage|SpotUsage|DedicatedUsage):(.+)"
)


def focus_frame(bill: Bill, *, hourly: bool = False) -> pd.DataFrame:
    """The bill as a FOCUS 1.2 table, one row per line.

    Parameters
    ----------
    bill : Bill
        Of a calendar month, without a sweep.
    hourly : bool
        One row per line and hour in which there was usage, in place of one per line and month.
        Assumed: a line's tier is spread over the hours as its usage is; AWS fills tiers in the
        order of time. Credits stay one row for the month.

    Raises
    ------
    InvalidInputError
        For the typical month, which has no dates; for a sweep, which is many bills; for a unit
        that FOCUS has no word for here.
    UnknownNameError
        For a service code or a region that has no name here.
    """
    _refuse_sweep(bill)
    common = _common(bill)
    frame = _typed([common | _row(line) for line in bill.lines])
    return _by_hour(frame, bill) if hourly else frame


def _refuse_sweep(bill: Bill) -> None:
    if any(np.ndim(line.quantity) for line in bill.lines):
        raise InvalidInputError(
            "a swept bill is one bill for each point and FOCUS holds one bill;"
            " make the usage of one point and bill it"
        )


def _common(bill: Bill) -> dict[str, Any]:
    start, end = bill.period.start, bill.period.end
    account = {
        f"{kind}{part}": text
        for kind in ("BillingAccount", "SubAccount")
        for part, text in _ACCOUNT.items()
    }
    return account | {
        "BillingCurrency": "USD", "PricingCurrency": "USD",
        "BillingPeriodStart": start, "BillingPeriodEnd": end,
        "ChargePeriodStart": start, "ChargePeriodEnd": end,
        # The bill itself is the provisional invoice that this names.
        "InvoiceId": f"SIMULATED-{bill.period.name}",
        "InvoiceIssuerName": _SELLER, "ProviderName": _SELLER, "PublisherName": _SELLER,
        "x_FreeTierPlan": bill.free_tier,
    }  # fmt: skip


def _row(line: LineItem) -> dict[str, Any]:
    specific = _usage(line, line.price) if line.price else {"ChargeFrequency": "One-Time"}
    return _what(line) | dict.fromkeys(_COSTS, float(line.cost_usd)) | specific


def _what(line: LineItem) -> dict[str, Any]:
    known = service(line.service_code)
    return {
        "ChargeCategory": line.charge_category,
        "ChargeDescription": line.description,
        "ServiceName": known.name,
        "ServiceCategory": known.category,
        "ServiceSubcategory": known.subcategory,
        "x_ServiceCode": line.service_code,
        "x_UsageType": line.usage_type,
        "x_Operation": line.operation or None,
        "x_MeterRule": line.meter.rule or None,
    }


def _usage(line: LineItem, price: Price) -> dict[str, Any]:
    quantity, unit = float(line.quantity), focus_unit(line.unit)
    sku = "/".join(part for part in price.key if part)
    tier = f"free/{line.allowance.name}" if line.allowance else f"tier/{_plain(_start(line.tier))}"
    return _place(line) | dict.fromkeys(UNIT_PRICES, line.unit_price_usd) | {
        "ChargeFrequency": "Usage-Based", "PricingCategory": "Standard",
        "ConsumedQuantity": quantity, "ConsumedUnit": unit,
        "PricingQuantity": quantity, "PricingUnit": unit,
        "ResourceId": line.resource, "ResourceName": line.resource,
        "ResourceType": f"{service(line.service_code).short_name} resource",
        "SkuId": sku, "SkuMeter": line.usage_type, "SkuPriceId": f"{sku}/{tier}",
        "SkuPriceDetails": _price_details(line, price),
        "x_PriceEffectiveDate": price.effective_date,
        "x_PriceSource": price.source,
        "x_PriceConfidence": price.confidence,
    }  # fmt: skip


def _place(line: LineItem) -> dict[str, Any]:
    if line.region == GLOBAL:
        return {}
    if line.region not in region_names():
        raise InvalidInputError(
            f"{line.resource}: region {line.region!r} has no name in data/regions.csv"
        )
    return {"RegionId": line.region, "RegionName": region_names()[line.region]}


def _price_details(line: LineItem, price: Price) -> str | None:
    details: dict[str, str] = {}
    if found := _INSTANCE.fullmatch(line.usage_type):
        details["InstanceType"] = found[1]
    if line.tier and len(price.tiers) > 1:
        # Text, because FOCUS reads a number here as an amount per one pricing unit.
        details["x_TierFrom"] = _plain(line.tier.start)
        details["x_TierTo"] = _plain(line.tier.end)
    return json.dumps(details) if details else None


def _start(tier: Tier | None) -> float:
    return tier.start if tier else 0.0


def _plain(number: float) -> str:
    return np.format_float_positional(number, trim="-")


def _typed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            name: pd.Series([row.get(name) for row in rows], dtype=column_type(name))
            for name in COLUMNS
        }
    )


def column_type(name: str) -> Any:
    """The pandas type of a column.

    >>> column_type("BilledCost"), column_type("Tags")
    ('float64', 'string')
    """
    if name in DECIMAL_COLUMNS:
        return "float64"
    return "datetime64[us, UTC]" if name in TIME_COLUMNS else "string"


def _by_hour(frame: pd.DataFrame, bill: Bill) -> pd.DataFrame:
    import pandas as pd

    if frame.empty:
        return frame
    shares = [_hourly_shares(line, bill) for line in bill.lines]
    used = [np.flatnonzero(share) for share in shares]
    rows = np.repeat(np.arange(len(frame)), [len(hours) for hours in used])
    share = np.concatenate([share[hours] for share, hours in zip(shares, used, strict=True)])
    hours = pd.to_timedelta(np.concatenate(used), unit="h")
    result = frame.take(rows).reset_index(drop=True)
    amounts = ["ConsumedQuantity", "PricingQuantity", *_COSTS]
    result[amounts] = result[amounts].mul(share, axis=0)
    return _with_hours(result, hours)


def _with_hours(frame: pd.DataFrame, hours: pd.TimedeltaIndex) -> pd.DataFrame:
    """Narrow the charge period of usage to its hour."""
    import pandas as pd

    metered = frame["ChargeCategory"].eq("Usage").to_numpy(dtype=bool)
    starts = (frame["BillingPeriodStart"] + hours).astype(column_type("ChargePeriodStart"))
    frame.loc[metered, "ChargePeriodStart"] = starts[metered]
    frame.loc[metered, "ChargePeriodEnd"] = starts[metered] + pd.Timedelta(hours=1)
    return frame


def _hourly_shares(line: LineItem, bill: Bill) -> NDArray[np.float64]:
    """Which share of a line falls in each hour; a credit falls in one piece."""
    if line.price is None:
        return np.ones(1)
    key = UsageKey(line.resource, line.region, line.meter)
    return np.asarray(bill.usage.hourly(key) / bill.usage.total(key), dtype=np.float64)
