"""Rules on the numbers and the periods of a FOCUS table: signs, products, sums, months."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.focus.rule import (
    COSTS,
    UNIT_PRICES,
    Rows,
    Rule,
    committed,
    differ,
    distinct,
    null,
    numbers,
    one_of,
    ordinary,
    priced,
    usage,
)
from models.focus.vocabulary import DECIMAL_COLUMNS

if TYPE_CHECKING:
    import pandas as pd


def _finite(name: str) -> Rule:
    return Rule(name, "must be finite", lambda f: abs(numbers(f, name)) == float("inf"))


def _price_not_negative(name: str) -> Rule:
    return Rule(name, "must not be negative", lambda f: numbers(f, name) < 0)


def _amount_not_negative(name: str) -> Rule:
    why = "must not be negative on usage or a purchase, unless it is a correction"
    return Rule(name, why, lambda f: priced(f) & (numbers(f, name) < 0))


def _credit_not_positive(name: str) -> Rule:
    why = "must not be positive on a credit, unless it is a correction"
    return Rule(
        name,
        why,
        lambda f: one_of(f, "ChargeCategory", "Credit") & ordinary(f) & (numbers(f, name) > 0),
    )


def _is_product(cost: str, price: str) -> Rule:
    why = f"is not {price} x PricingQuantity"
    return Rule(
        cost,
        why,
        lambda f: (
            ordinary(f)
            & differ(numbers(f, cost), numbers(f, price) * numbers(f, "PricingQuantity"))
        ),
    )


def _same_currency(name: str, other: str) -> Rule:
    why = f"differs from {other}, though prices and bill are in one currency"
    return Rule(name, why, lambda f: differ(numbers(f, name), numbers(f, other)))


def _credit_matches(name: str) -> Rule:
    return Rule(
        name,
        "must equal BilledCost on a credit",
        lambda f: (
            one_of(f, "ChargeCategory", "Credit")
            & differ(numbers(f, name), numbers(f, "BilledCost"))
        ),
    )


def _uncommitted_matches(name: str) -> Rule:
    why = "must equal ContractedCost on usage without a commitment"
    return Rule(
        name,
        why,
        lambda f: usage(f) & ~committed(f)
        & differ(numbers(f, name), numbers(f, "ContractedCost")),
    )  # fmt: skip


def _ahead(first: str, second: str, frame: pd.DataFrame) -> Rows:
    """Rows where instant `first` lies before instant `second`."""
    return (frame[first] < frame[second]).to_numpy(dtype=bool)


def _not_month(column: str, months: int, frame: pd.DataFrame) -> Rows:
    """Rows where `column` is not the month of BillingPeriodStart, `months` later."""
    import pandas as pd

    start = frame["BillingPeriodStart"].dt.tz_localize(None).dt.to_period("M") + months
    wanted = start.dt.to_timestamp().dt.tz_localize("UTC")
    known = frame[column].notna() & frame["BillingPeriodStart"].notna()
    return (known & (frame[column] != pd.Series(wanted))).to_numpy(dtype=bool)


_PERIODS = (
    Rule("BillingPeriodStart", "must be the first instant of a month",
         lambda f: _not_month("BillingPeriodStart", 0, f)),
    Rule("BillingPeriodEnd", "must be the first instant of the month after BillingPeriodStart",
         lambda f: _not_month("BillingPeriodEnd", 1, f)),
    Rule("ChargePeriodStart", "must not be before the billing period",
         lambda f: _ahead("ChargePeriodStart", "BillingPeriodStart", f)),
    Rule("ChargePeriodEnd", "must not be after the billing period",
         lambda f: _ahead("BillingPeriodEnd", "ChargePeriodEnd", f)),
    Rule("ChargePeriodEnd", "must be after ChargePeriodStart",
         lambda f: ~(null(f, "ChargePeriodStart") | null(f, "ChargePeriodEnd")
                     | _ahead("ChargePeriodStart", "ChargePeriodEnd", f))),
)  # fmt: skip

_COMMITMENTS = (
    Rule("BilledCost", "must be 0 on usage that a commitment covers",
         lambda f: usage(f) & committed(f) & (numbers(f, "BilledCost") != 0)),
    Rule("EffectiveCost", "must be 0 on the purchase of a commitment",
         lambda f: one_of(f, "ChargeCategory", "Purchase") & committed(f)
         & (numbers(f, "EffectiveCost") != 0)),
    Rule("BilledCost", "must be 0 where another than ProviderName issues the invoice",
         lambda f: distinct(f, "ProviderName", "InvoiceIssuerName")
         & (numbers(f, "BilledCost") != 0)),
)  # fmt: skip

RULES: tuple[Rule, ...] = (
    *(_finite(name) for name in DECIMAL_COLUMNS),
    *(_price_not_negative(name) for name in UNIT_PRICES),
    *(_amount_not_negative(name) for name in (*COSTS, "PricingQuantity", "ConsumedQuantity")),
    *(_credit_not_positive(name) for name in COSTS),
    *_PERIODS,
    _is_product("ListCost", "ListUnitPrice"),
    _is_product("ContractedCost", "ContractedUnitPrice"),
    _same_currency("PricingCurrencyEffectiveCost", "EffectiveCost"),
    _same_currency("PricingCurrencyListUnitPrice", "ListUnitPrice"),
    _same_currency("PricingCurrencyContractedUnitPrice", "ContractedUnitPrice"),
    *(_credit_matches(name) for name in ("ContractedCost", "EffectiveCost", "ListCost")),
    *(_uncommitted_matches(name) for name in ("BilledCost", "EffectiveCost")),
    *_COMMITMENTS,
)
