"""A bill in FOCUS 1.2: every row right, and every wrong row caught."""

import csv
import io
import json
import math
from functools import cache

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.billing import bill
from models.errors import InvalidInputError, UnknownNameError
from models.focus import check_focus, focus_csv, focus_frame, write_parquet
from models.focus.checks import RULES
from models.focus.vocabulary import (
    COLUMNS,
    DECIMAL_COLUMNS,
    STRING_COLUMNS,
    TIME_COLUMNS,
    UNITS,
    focus_unit,
    is_focus_unit,
    subcategories,
)
from models.metering import Meter, Usage
from models.naming import services
from models.prices import Catalogue
from models.units import BillingPeriod
from toy import (
    AWAY,
    EGRESS,
    GETS,
    HOME,
    HOURS,
    MONTH,
    NAT,
    S3_EGRESS,
    STORED,
    TOY,
    ZONES,
    catalogue,
    free_tiers,
    price,
    prices,
    usages,
    use,
)

#: FOCUS 1.2 has 57 columns; the list in the specification, section 3.1.
FOCUS_COLUMNS = 57


def use_all():
    """A bit of everything: tiers, free usage, two regions, a price for the world, a credit."""
    parts = (
        (HOURS, 720.0, HOME), (EGRESS, 700.0, HOME), (S3_EGRESS, 20.0, AWAY), (GETS, 5e6, AWAY),
        (STORED, 80.0, HOME), (ZONES, 2.0, "global"),
    )  # fmt: skip
    return Usage.sum(
        (use(meter, amount, region=region, period=MONTH) for meter, amount, region in parts),
        period=MONTH,
    )


def ledger(**options):
    return focus_frame(bill(use_all(), TOY, free_tier="credits-2025"), **options)


# --- What a bill becomes ----------------------------------------------------------------------


def test_every_column_of_focus_is_there_then_awss_then_ours():
    frame = ledger()
    assert tuple(frame.columns) == COLUMNS
    assert sum(not name.startswith("x_") for name in COLUMNS) == FOCUS_COLUMNS
    assert list(COLUMNS[:FOCUS_COLUMNS]) == sorted(COLUMNS[:FOCUS_COLUMNS])


def test_a_ledger_keeps_every_rule():
    assert check_focus(ledger()) == []
    assert check_focus(ledger(hourly=True)) == []


@settings(max_examples=40, deadline=None)
@given(usages(period=MONTH), free_tiers, st.booleans())
def test_any_bill_keeps_every_rule_and_its_total(usage, plan, hourly):
    made = bill(usage, TOY, free_tier=plan)
    frame = focus_frame(made, hourly=hourly)
    assert check_focus(frame) == []
    size = frame["BilledCost"].abs().sum()
    # An hourly table adds up hundreds of rows for each line.
    assert frame["BilledCost"].sum() == pytest.approx(made.total_usd, rel=1e-9, abs=size * 1e-9)


def test_a_bill_gives_its_focus_table_itself():
    made = bill(use_all(), TOY)
    pd.testing.assert_frame_equal(made.to_focus(), focus_frame(made))


def test_there_is_one_row_for_each_line_over_the_whole_month():
    made = bill(use_all(), TOY, free_tier="credits-2025")
    frame = made.to_focus()
    assert frame["BilledCost"].tolist() == [line.cost_usd for line in made.lines]
    assert set(frame["ChargePeriodStart"]) == {pd.Timestamp("2026-11-01", tz="UTC")}
    assert set(frame["ChargePeriodEnd"]) == {pd.Timestamp("2026-12-01", tz="UTC")}


def test_list_unit_price_times_pricing_quantity_is_list_cost_on_every_row():
    frame = ledger()
    priced = frame[frame["ListUnitPrice"].notna()]
    assert (priced["ListUnitPrice"] * priced["PricingQuantity"] == priced["ListCost"]).all()


def test_a_credit_is_negative_and_has_no_price():
    credit = ledger().iloc[-1]
    assert credit["ChargeCategory"] == "Credit"
    assert credit["BilledCost"] == credit["ListCost"] == credit["EffectiveCost"] < 0
    for name in ("ListUnitPrice", "PricingQuantity", "PricingUnit", "SkuId", "ConsumedQuantity",
                 "ResourceId", "RegionId", "PricingCategory"):  # fmt: skip
        assert pd.isna(credit[name]), name


def test_free_usage_costs_nothing_at_a_price_of_nothing():
    frame = ledger()
    free = frame[frame["SkuPriceId"].str.contains("/free/", na=False)]
    assert len(free) > 0
    assert (free[["ListUnitPrice", "ListCost", "BilledCost"]] == 0).all(axis=None)
    assert (free["PricingQuantity"] > 0).all()


def test_units_are_those_of_focus():
    frame = ledger()
    units = dict(zip(frame["x_UsageType"], frame["PricingUnit"], strict=True))
    assert units["BoxUsage:t3.medium"] == "Hours"
    assert units["TimedStorage-ByteHrs"] == "GB-Months"
    assert units["Requests-Tier2"] == "Requests"


def test_a_region_has_its_name_and_the_world_has_none():
    frame = ledger()
    named = dict(zip(frame["RegionId"], frame["RegionName"], strict=True))
    assert named[AWAY] == "Europe (Ireland)"
    zones = frame[frame["x_UsageType"] == "HostedZone"].iloc[0]
    assert pd.isna(zones["RegionId"])
    assert pd.isna(zones["RegionName"])


def test_a_row_says_where_its_price_is_from():
    first = ledger().iloc[0]
    assert first["x_PriceSource"] == "made up for the tests"
    assert first["x_PriceEffectiveDate"] == "2026-09-01"
    assert first["x_PriceConfidence"] == "high"
    assert first["x_FreeTierPlan"] == "credits-2025"


def test_a_tier_and_an_instance_type_are_in_the_price_details():
    frame = ledger()
    details = [json.loads(text) for text in frame["SkuPriceDetails"].dropna()]
    assert {"InstanceType": "t3.medium"} in details
    assert {"x_TierFrom": "100", "x_TierTo": "500"} in details


def test_each_tier_has_a_price_id_of_its_own_under_one_sku():
    frame = ledger()
    egress = frame[(frame["x_ServiceCode"] == "AmazonEC2") & (frame["PricingUnit"] == "GB")]
    assert egress["SkuId"].nunique() == 1
    assert egress["SkuPriceId"].nunique() == len(egress) == 4


def test_the_rule_of_a_meter_is_kept():
    ruled = Meter("AmazonEC2", "NatGateway-Bytes", "GB", rule="Each GB through the gateway.")
    frame = bill(use(ruled, 1.0, period=MONTH), TOY).to_focus()
    assert frame["x_MeterRule"].tolist() == ["Each GB through the gateway."]


def test_an_empty_bill_is_an_empty_table_with_types():
    frame = focus_frame(bill(Usage(MONTH), TOY), hourly=True)
    assert len(frame) == 0
    assert check_focus(frame) == []


def test_the_typical_month_has_no_focus_table():
    with pytest.raises(InvalidInputError, match="'typical' has no dates; name a calendar month"):
        bill(use(NAT, 1.0), TOY).to_focus()


def test_a_swept_bill_has_no_focus_table():
    swept = Usage.of_resource("web", HOME, [(NAT, np.array([1.0, 2.0]))], period=MONTH)
    with pytest.raises(InvalidInputError, match="a swept bill is one bill for each point"):
        bill(swept, TOY).to_focus()


def test_a_unit_without_a_focus_word_is_refused_with_the_nearest():
    odd = Meter("AmazonEC2", "Oddity", "GB-Month")
    odd_prices = Catalogue([price(odd, HOME, (0, 1.0))], regions=TOY.regions.values())
    with pytest.raises(
        InvalidInputError, match=r"unit 'GB-Month' has no FOCUS unit.*nearest: GB-Mo"
    ):
        bill(use(odd, 1.0, period=MONTH), odd_prices).to_focus()


def test_a_service_without_a_name_is_refused():
    odd = Meter("AmazonEC3", "Oddity", "GB")
    odd_prices = Catalogue([price(odd, HOME, (0, 1.0))], regions=TOY.regions.values())
    with pytest.raises(UnknownNameError, match=r"'AmazonEC3' is not listed.*nearest: Amazon"):
        bill(use(odd, 1.0, period=MONTH), odd_prices).to_focus()


# --- By the hour ------------------------------------------------------------------------------


def at_work():
    """Eight hours of every day."""
    return np.where(np.arange(MONTH.hours) % 24 < 8, 1.0, 0.0)


def by_the_hour(plan="none"):
    usage = Usage(MONTH, {key: at_work() for key in use(HOURS, 1.0, period=MONTH)})
    return focus_frame(bill(usage, TOY, free_tier=plan), hourly=True)


def test_hourly_rows_are_the_hours_in_which_there_was_usage():
    frame = by_the_hour()
    assert len(frame) == at_work().sum()
    assert frame["ChargePeriodStart"].dt.hour.max() == 7
    assert (frame["PricingQuantity"] == 1.0).all()


def test_an_hourly_row_lasts_an_hour():
    frame = by_the_hour()
    assert set(frame["ChargePeriodEnd"] - frame["ChargePeriodStart"]) == {pd.Timedelta(hours=1)}


def test_hours_add_up_to_the_month():
    hours, month = ledger(hourly=True), ledger()
    for name in ("BilledCost", "ListCost", "EffectiveCost", "PricingQuantity", "ConsumedQuantity"):
        assert hours[name].sum() == pytest.approx(month[name].sum(), rel=1e-9), name


def test_a_credit_stays_one_row_for_the_month():
    frame = by_the_hour(plan="credits-2025")
    credit = frame[frame["ChargeCategory"] == "Credit"]
    assert credit["ChargePeriodEnd"].tolist() == [pd.Timestamp("2026-12-01", tz="UTC")]


# --- Words and units --------------------------------------------------------------------------


def test_every_service_that_has_prices_has_a_name_and_a_category():
    priced = {found.service_code for found in Catalogue.load()}
    assert priced - set(services()) == set()


def test_every_service_is_filed_where_focus_has_a_place():
    for known in services().values():
        assert subcategories()[known.subcategory] == known.category, known
        assert known.name
        assert known.short_name


def test_every_unit_of_the_price_list_has_a_focus_unit():
    units = {found.unit for found in Catalogue.load()}
    assert units - set(UNITS) == set()


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_every_focus_unit_is_in_the_format_of_focus(unit):
    assert is_focus_unit(focus_unit(unit))


@pytest.mark.parametrize(
    "text",
    ["", "Hrs", "hours", "Hour", "GB-Mo", "GB-Month", "Gb-hours", "1M Requests", "1.5 GB", "0 GB",
     "GB Hours", "GB-", "-GB", "GB--Hours", "GB/", "GB/Fortnight", "Request", "GB-Hours-Hours"],
)  # fmt: skip
def test_anything_else_is_no_focus_unit(text):
    assert not is_focus_unit(text)


@pytest.mark.parametrize(
    "text", ["GB", "MiB", "Hours", "GB-Hours", "1000 Requests", "Requests/Day", "Units/3 Months"]
)
def test_the_units_of_the_specification_are_focus_units(text):
    assert is_focus_unit(text)


def test_every_bundled_price_makes_a_right_row():
    bundled = Catalogue.load()
    usage = Usage.sum(
        (
            Usage.of_resource(
                "one-of-each",
                found.region,
                [(Meter(found.service_code, found.usage_type, found.unit, found.operation), 3.0)],
                period=MONTH,
            )
            for found in bundled
        ),
        period=MONTH,
    )
    assert check_focus(bill(usage, bundled).to_focus()) == []


# --- Files ------------------------------------------------------------------------------------


def test_parquet_gives_back_the_same_table(tmp_path):
    frame = ledger(hourly=True)
    write_parquet(frame, tmp_path / "focus.parquet")
    back = pd.read_parquet(tmp_path / "focus.parquet").astype(frame.dtypes)
    pd.testing.assert_frame_equal(back, frame)
    assert check_focus(pd.read_parquet(tmp_path / "focus.parquet")) == []


@pytest.mark.parametrize("hourly", [False, True])
def test_parquet_has_the_types_that_validators_expect(tmp_path, hourly):
    write_parquet(ledger(hourly=hourly), tmp_path / "focus.parquet")
    schema = pq.read_schema(tmp_path / "focus.parquet")
    assert {str(schema.field(name).type) for name in DECIMAL_COLUMNS} == {"double"}
    assert {str(schema.field(name).type) for name in TIME_COLUMNS} == {"timestamp[us, tz=UTC]"}
    assert {str(schema.field(name).type) for name in STRING_COLUMNS} == {"string"}


def test_parquet_has_null_where_there_is_no_number(tmp_path):
    write_parquet(ledger(), tmp_path / "focus.parquet")
    table = pq.read_table(tmp_path / "focus.parquet")
    assert table.column("ListUnitPrice").to_pylist()[-1] is None


def test_csv_has_no_number_in_scientific_form():
    tiny = catalogue(allowances=())
    frame = bill(use(GETS, 3.0, period=MONTH), tiny).to_focus()
    row = next(csv.DictReader(io.StringIO(focus_csv(frame))))
    assert row["ListUnitPrice"] == "0.0000004"
    assert float(row["ListCost"]) == 3 * 0.0000004
    assert "e" not in row["ListCost"].lower()


def test_csv_gives_back_every_number_to_the_last_bit():
    frame = ledger(hourly=True)
    rows = list(csv.DictReader(io.StringIO(focus_csv(frame))))
    for name in DECIMAL_COLUMNS:
        back = [float(row[name]) if row[name] else math.nan for row in rows]
        np.testing.assert_array_equal(back, frame[name].to_numpy())


def test_csv_has_times_as_focus_wants_them_and_nothing_for_null():
    row = next(csv.DictReader(io.StringIO(focus_csv(ledger()))))
    assert row["BillingPeriodStart"] == "2026-11-01T00:00:00Z"
    assert row["BillingAccountId"] == "000000000000"
    assert row["CommitmentDiscountId"] == ""


def test_csv_never_hands_a_spreadsheet_a_formula():
    named = use(NAT, 1.0, resource="=HYPERLINK(1)", period=MONTH)
    text = focus_csv(bill(named, TOY).to_focus())
    assert ",=HYPERLINK" not in text
    assert "'=HYPERLINK" in text


# --- Planted errors ---------------------------------------------------------------------------

_SAVINGS_PLAN = {
    "CommitmentDiscountId": "sp-1", "CommitmentDiscountName": "one year",
    "CommitmentDiscountCategory": "Spend", "CommitmentDiscountType": "Savings Plan",
    "CommitmentDiscountQuantity": 1.0, "CommitmentDiscountUnit": "USD",
}  # fmt: skip


@cache
def _right():
    """A right table with one row of each kind, by name; commitments as AWS would book them."""
    frame = ledger()
    usage = frame[frame["x_UsageType"] == "BoxUsage:t3.medium"].iloc[0]
    credit = frame[frame["ChargeCategory"] == "Credit"].iloc[0]
    used = _SAVINGS_PLAN | {
        "CommitmentDiscountStatus": "Used", "BilledCost": 0.0, "PricingCategory": "Committed",
        "SkuPriceId": "sp-used",
    }  # fmt: skip
    purchase = _SAVINGS_PLAN | {
        "ChargeCategory": "Purchase", "ChargeFrequency": "Recurring", "EffectiveCost": 0.0,
        "PricingCurrencyEffectiveCost": 0.0, "ConsumedQuantity": np.nan, "ConsumedUnit": None,
        "SkuPriceId": "sp-bought",
    }  # fmt: skip
    unused = used | {
        "CommitmentDiscountStatus": "Unused", "ConsumedQuantity": np.nan, "ConsumedUnit": None,
        "SkuPriceId": "sp-idle",
    }  # fmt: skip
    reserved = {"CapacityReservationId": "cr-1", "CapacityReservationStatus": "Used"}
    tax = {"ChargeCategory": "Tax", "BilledCost": 7.0, "ListCost": 7.0, "EffectiveCost": 7.0,
           "ContractedCost": 7.0, "PricingCurrencyEffectiveCost": 7.0}  # fmt: skip
    kinds = {
        "usage": (usage, {}), "other": (usage, {}), "credit": (credit, {}), "tax": (credit, tax),
        "used": (usage, used), "unused": (usage, unused), "purchase": (usage, purchase),
        "reserved": (usage, reserved),
    }  # fmt: skip
    rows = {kind: base.to_dict() | changes for kind, (base, changes) in kinds.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=frame.columns).astype(frame.dtypes)


def right():
    return _right().copy()


def planted(row, changes):
    frame = right()
    for column, value in changes.items():
        in_time = column in TIME_COLUMNS and value is not None
        frame.loc[row, column] = pd.Timestamp(value, tz="UTC") if in_time else value
    return frame


def test_the_table_in_which_errors_are_planted_is_right():
    assert check_focus(right()) == []


NEVER_NULL = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType",
    "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory",
    "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "ContractedCost", "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost",
    "PricingCurrency", "PricingCurrencyEffectiveCost", "ProviderName", "PublisherName",
    "ServiceCategory", "ServiceName", "ServiceSubcategory", "x_FreeTierPlan", "x_ServiceCode",
)  # fmt: skip
UNIT_PRICES = (
    "ContractedUnitPrice", "ListUnitPrice", "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyListUnitPrice",
)  # fmt: skip
COSTS = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost")
PRICED = ("PricingQuantity", "PricingCategory", "SkuId", "SkuPriceId", *UNIT_PRICES)
ENUMS = (
    "ChargeCategory", "ChargeClass", "ChargeFrequency", "PricingCategory",
    "CommitmentDiscountCategory", "CommitmentDiscountStatus", "CapacityReservationStatus",
    "BillingCurrency", "PricingCurrency", "x_PriceConfidence",
)  # fmt: skip
PARTNERS = {
    "PricingUnit": "PricingQuantity", "ConsumedUnit": "ConsumedQuantity", "SkuMeter": "SkuId",
    "ResourceType": "ResourceId", "RegionName": "RegionId", "SubAccountName": "SubAccountId",
    "SubAccountType": "SubAccountId", "CommitmentDiscountCategory": "CommitmentDiscountId",
    "CommitmentDiscountType": "CommitmentDiscountId",
    "CommitmentDiscountUnit": "CommitmentDiscountQuantity", "x_PriceConfidence": "ListUnitPrice",
    "x_PriceEffectiveDate": "ListUnitPrice", "x_PriceSource": "ListUnitPrice",
}  # fmt: skip
NEEDS = {
    "ResourceName": "ResourceId", "SkuPriceDetails": "SkuPriceId",
    "CommitmentDiscountName": "CommitmentDiscountId",
    "CommitmentDiscountStatus": "CommitmentDiscountId",
    "CapacityReservationStatus": "CapacityReservationId",
}  # fmt: skip
WRONG_CURRENCY = "though prices and bill are in one currency"


def value_for(column):
    return 1.0 if column in DECIMAL_COLUMNS else "x"


#: Row, what is planted there, the column to blame, and the end of its line.
PLANTED = [
    *[("usage", {name: None}, name, "must not be null") for name in NEVER_NULL],
    *[("usage", {name: " "}, name, "must not be blank: a missing value is null")
      for name in STRING_COLUMNS],
    *[("usage", {name: "Nonsense"}, name, "must be one of") for name in ENUMS],
    *[("usage", {name: None}, name, "must not be null on usage or a purchase") for name in PRICED],
    *[("purchase", {name: None}, name, "must not be null on usage or a purchase")
      for name in PRICED],
    *[(row, {name: value_for(name)}, name, "must be null on a tax or a credit")
      for name in PRICED for row in ("tax", "credit")],
    *[("used", {name: None}, name, f"must be null exactly where {other} is null")
      for name, other in PARTNERS.items()],
    *[("credit", {name: "x", other: None}, name, f"must be null exactly where {other} is null")
      for name, other in PARTNERS.items()],
    *[("credit", {name: "x", other: None}, name, f"must be null where {other} is null")
      for name, other in NEEDS.items()],
    *[("usage", {name: np.inf}, name, "must be finite") for name in DECIMAL_COLUMNS],
    *[("usage", {name: -0.01}, name, "must not be negative") for name in UNIT_PRICES],
    *[("usage", {name: -0.01}, name, "must not be negative on usage or a purchase")
      for name in (*COSTS, "PricingQuantity", "ConsumedQuantity")],
    *[("credit", {name: 0.01}, name, "must not be positive on a credit") for name in COSTS],
    *[("credit", {name: -0.01}, name, "must equal BilledCost on a credit")
      for name in ("ContractedCost", "EffectiveCost", "ListCost")],
    *[("usage", {name: 1.0}, name, "must equal ContractedCost on usage without a commitment")
      for name in ("BilledCost", "EffectiveCost")],
    *[("usage", {name: unit}, name, "is not a unit of FOCUS's UnitFormat")
      for name in ("PricingUnit", "ConsumedUnit") for unit in ("Hrs", "GB-Mo", "1M Requests")],
    *[("usage", {name: text}, name, "must be a JSON object of plain values under distinct keys")
      for name in ("Tags", "SkuPriceDetails", "x_Discounts")
      for text in ("team=web", '["web"]', '{"a": {"b": 1}}', '{"a": 1, "a": 2}', "{", "7", "null")],
    ("used", {"CommitmentDiscountUnit": "Dollars"}, "CommitmentDiscountUnit", "or USD"),
    ("usage", {"ServiceCategory": "Computing"}, "ServiceCategory", "is no service category"),
    ("usage", {"ServiceSubcategory": "VMs"}, "ServiceSubcategory", "is no service subcategory"),
    ("usage", {"ServiceSubcategory": "Object Storage"}, "ServiceCategory", "is not the one parent"),
    ("usage", {"ServiceCategory": "Storage"}, "ServiceCategory", "is not the one parent"),
    ("usage", {"x_ServiceCode": "AmazonEC3"}, "x_ServiceCode", "is not listed"),
    ("usage", {"ServiceName": "EC2"}, "ServiceName", "is not the name of x_ServiceCode"),
    ("usage", {"RegionId": "us-east-9"}, "RegionId", "is no AWS region"),
    ("usage", {"RegionId": AWAY}, "RegionName", "is not the name of RegionId"),
    ("usage", {"SkuMeter": "BoxUsage:t3.large"}, "SkuMeter", "must be the row's x_UsageType"),
    *[("usage", {"x_PriceEffectiveDate": text}, "x_PriceEffectiveDate", "must be a date as")
      for text in ("2026-9-1", "20260901", "yesterday")],
    ("usage", {"SkuPriceDetails": '{"Tier": "1"}'}, "SkuPriceDetails", "does not start with x_"),
    ("purchase", {"ConsumedQuantity": 1.0}, "ConsumedQuantity", "must be null unless"),
    ("unused", {"ConsumedQuantity": 1.0}, "ConsumedQuantity", "must be null unless"),
    ("usage", {"ConsumedQuantity": None}, "ConsumedQuantity", "must not be null on usage"),
    ("purchase", {"ChargeFrequency": "Usage-Based"}, "ChargeFrequency", "on a purchase"),
    ("used", {"CommitmentDiscountStatus": None}, "CommitmentDiscountStatus", "must not be null on"),
    *[(row, {"CommitmentDiscountQuantity": None}, "CommitmentDiscountQuantity", "of a commitment")
      for row in ("used", "unused", "purchase")],
    ("usage", {"CommitmentDiscountQuantity": 1.0}, "CommitmentDiscountQuantity",
     "must be null where there is no commitment"),
    ("reserved", {"CapacityReservationStatus": None}, "CapacityReservationStatus",
     "must not be null on usage of a capacity reservation"),
    ("usage", {"PricingCategory": "Committed"}, "PricingCategory", "needs a CommitmentDiscountId"),
    ("usage", {"ListCost": 28.9}, "ListCost", "is not ListUnitPrice x PricingQuantity"),
    ("usage", {"PricingQuantity": 721.0}, "ListCost", "is not ListUnitPrice x PricingQuantity"),
    ("usage", {"ContractedUnitPrice": 0.05}, "ContractedCost", "is not ContractedUnitPrice x"),
    ("usage", {"PricingCurrencyEffectiveCost": 1.0}, "PricingCurrencyEffectiveCost",
     WRONG_CURRENCY),
    ("usage", {"PricingCurrencyListUnitPrice": 1.0}, "PricingCurrencyListUnitPrice",
     WRONG_CURRENCY),
    ("usage", {"PricingCurrencyContractedUnitPrice": 1.0}, "PricingCurrencyContractedUnitPrice",
     WRONG_CURRENCY),
    ("used", {"BilledCost": 28.8}, "BilledCost", "must be 0 on usage that a commitment covers"),
    ("purchase", {"EffectiveCost": 1.0}, "EffectiveCost", "must be 0 on the purchase"),
    ("usage", {"InvoiceIssuerName": "A reseller"}, "BilledCost", "must be 0 where another than"),
    ("usage", {"BillingPeriodStart": "2026-11-02"}, "BillingPeriodStart", "first instant of a"),
    ("usage", {"BillingPeriodStart": "2026-11-01T01"}, "BillingPeriodStart", "first instant of a"),
    ("usage", {"BillingPeriodEnd": "2026-11-30"}, "BillingPeriodEnd", "after BillingPeriodStart"),
    ("usage", {"BillingPeriodEnd": "2027-01-01"}, "BillingPeriodEnd", "after BillingPeriodStart"),
    ("usage", {"ChargePeriodStart": "2026-10-31"}, "ChargePeriodStart", "must not be before"),
    ("usage", {"ChargePeriodEnd": "2026-12-02"}, "ChargePeriodEnd", "must not be after"),
    ("usage", {"ChargePeriodEnd": "2026-11-01"}, "ChargePeriodEnd", "after ChargePeriodStart"),
    ("usage", {"SkuId": "another"}, "SkuId", "not the same on every row of its SkuPriceId"),
    ("usage", {"ListUnitPrice": 0.05}, "ListUnitPrice", "not the same on every row of its SkuPri"),
    ("usage", {"BillingAccountId": "1"}, "BillingAccountId", "on every row of its InvoiceId"),
    ("usage", {"BillingPeriodStart": "2026-10-01"}, "BillingPeriodStart", "row of its InvoiceId"),
    ("usage", {"x_FreeTierPlan": "none"}, "x_FreeTierPlan", "on every row of its InvoiceId"),
]  # fmt: skip


def id_of(plant):
    row, changes, column, why = plant
    return f"{row}-{column}-{'-'.join(str(value) for value in changes.values())}-{why[:24]}"


@pytest.mark.parametrize("plant", PLANTED, ids=id_of)
def test_a_planted_error_is_reported_with_row_and_column(plant):
    row, changes, column, why = plant
    number = list(right().index).index(row)
    found = check_focus(planted(row, changes))
    assert all("\n" not in line for line in found)
    assert any(line.startswith(f"row {number}: {column} ") and why in line for line in found), found


def test_every_rule_catches_something_planted():
    tables = [planted(row, changes).reset_index(drop=True) for row, changes, _, _ in PLANTED]
    idle = [
        f"{rule.column} {rule.why}"
        for rule in RULES
        if not any(rule.broken(table).any() for table in tables)
    ]
    assert idle == []


def test_one_wrong_row_among_many_right_ones_is_found():
    frame = ledger(hourly=True)
    frame.loc[1234, "PricingUnit"] = "Hrs"
    assert len(check_focus(frame)) == 1
    assert check_focus(frame)[0].startswith("row 1234: PricingUnit 'Hrs': is not a unit")


def test_problems_come_in_the_order_of_the_rows():
    frame = right()
    frame.loc["other", "ChargeClass"] = "Wrong"
    frame.loc["usage", "Tags"] = "wrong"
    rows = [int(line.split(":")[0].removeprefix("row ")) for line in check_focus(frame)]
    assert rows == sorted(rows)
    assert len(rows) >= 2


@pytest.mark.parametrize("name", COLUMNS)
def test_a_missing_column_is_reported(name):
    assert check_focus(right().drop(columns=name)) == [f"column {name}: is missing"]


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("BilledCost", "string"), ("BillingAccountId", "int64"), ("ChargePeriodStart", "string"),
     ("ChargePeriodStart", "datetime64[ns, UTC]"), ("Tags", "object"), ("PricingQuantity", "int64"),
     ("ListCost", "float32")],
)  # fmt: skip
def test_a_column_of_the_wrong_type_is_reported(name, dtype):
    frame = ledger().iloc[:3].astype({name: dtype})
    (problem,) = check_focus(frame)
    assert problem.startswith(f"column {name}: is of type {dtype}; it must be ")


def test_a_period_in_local_time_is_reported():
    frame = right()
    frame["BillingPeriodEnd"] = frame["BillingPeriodEnd"].dt.tz_convert("Europe/Berlin")
    assert "column BillingPeriodEnd: is of type" in check_focus(frame)[0]


def test_a_column_that_is_nobodys_is_reported():
    assert check_focus(right().assign(Color="red"))[0].startswith("column Color: is no column of")


def test_a_correction_may_lack_a_price():
    frame = planted("usage", {"ChargeClass": "Correction", "ListCost": -3.0})
    blamed = [line for line in check_focus(frame) if " ListCost " in line]
    assert blamed == []


def test_prices_of_a_ledger_that_is_read_back_with_other_rounding_are_right():
    frame = right()
    frame.loc["usage", "ListCost"] *= 1 + 1e-12
    assert check_focus(frame) == []


def test_another_month_is_right_too():
    december = BillingPeriod.of("2026-12")
    frame = bill(use(NAT, 1.0, period=december), TOY).to_focus()
    assert check_focus(frame) == []
    assert frame["BillingPeriodEnd"].iloc[0] == pd.Timestamp("2027-01-01", tz="UTC")


def test_the_toy_prices_are_complete():
    assert len(list(prices())) == len(TOY)
