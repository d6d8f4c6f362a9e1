"""The catalogue: found by AWS's names, refused with the nearest, and never read half."""

import math
import re
import shutil
import statistics
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import PriceFileError, UnknownNameError, UnknownPriceError
from models.files import DATA
from models.metering import Meter
from models.prices import CONFIDENCES, GLOBAL, PRICE_COLUMNS, Catalogue, Price, Tier, read_prices
from models.prices import catalogue as catalogue_module
from toy import AWAY, EGRESS, HOME, HOURS, NAT, STORED, TOY, ZONES, catalogue, price, prices

HEADER = ",".join(PRICE_COLUMNS)
ROW = {
    "service_code": "AmazonS3", "usage_type": "TimedStorage-ByteHrs", "operation": "",
    "region": "us-east-1", "unit": "GB-Mo", "tier_from": "0", "tier_to": "Inf",
    "price_usd": "0.023", "effective_date": "2026-09-01", "source": "AWS page",
    "confidence": "high",
}  # fmt: skip
SMALL = ROW | {"tier_to": "50"}
LARGE = ROW | {"tier_from": "50", "price_usd": "0.022"}


def text(*rows, header=HEADER):
    return "\n".join([header, *(",".join(row.values()) for row in rows)]) + "\n"


def read(tmp_path, content):
    path = tmp_path / "AmazonS3.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_prices(path))


def refusal(tmp_path, content):
    with pytest.raises(PriceFileError) as refused:
        read(tmp_path, content)
    message = str(refused.value)
    assert "\n" not in message
    return message.removeprefix(str(tmp_path))


# --- Finding ----------------------------------------------------------------------------------


def test_a_price_is_found_by_service_usage_type_and_region():
    found = TOY.find("AmazonEC2", "NatGateway-Bytes", region=AWAY)
    assert found.tiers[0].price_usd == pytest.approx(0.045 * 1.25)


@pytest.mark.parametrize(("region", "prefix"), [(HOME, "USE1"), (AWAY, "EU")])
def test_the_region_prefix_of_a_real_bill_is_accepted(region, prefix):
    plain = TOY.find("AmazonEC2", "NatGateway-Bytes", region=region)
    assert TOY.find("AmazonEC2", f"{prefix}-NatGateway-Bytes", region=region) is plain


def test_the_prefix_of_another_region_is_not_accepted():
    with pytest.raises(UnknownPriceError, match=r"EU-NatGateway-Bytes has no price in us-east-1"):
        TOY.find("AmazonEC2", "EU-NatGateway-Bytes", region=HOME)


@pytest.mark.parametrize("service_code", ["AmazonEC2", "AmazonS3", "AWSDataTransfer"])
def test_data_transfer_is_found_under_any_service_that_has_prices(service_code):
    found = TOY.find(service_code, "DataTransfer-Out-Bytes", region=HOME)
    assert found.service_code == "AWSDataTransfer"


def test_data_transfer_of_a_service_that_does_not_exist_is_refused():
    with pytest.raises(UnknownPriceError, match="service code 'AmazonEC9' has no prices"):
        TOY.find("AmazonEC9", "DataTransfer-Out-Bytes", region=HOME)


def test_misspelt_data_transfer_is_refused_with_the_nearest_of_data_transfer():
    with pytest.raises(UnknownPriceError, match="nearest: DataTransfer-Out-Bytes"):
        TOY.find("AmazonEC2", "DataTransfer-Out-Byte", region=HOME)


def test_data_transfer_priced_elsewhere_is_refused_with_where():
    only_home = Catalogue(
        [price(EGRESS, HOME, (0, 0.09), service_code="AWSDataTransfer"), price(NAT, HOME, (0, 1))],
        regions=TOY.regions.values(),
    )
    with pytest.raises(UnknownPriceError, match="no price in eu-west-1; held for us-east-1"):
        only_home.find("AmazonEC2", "DataTransfer-Out-Bytes", region=AWAY)


def test_every_operation_of_a_usage_type_can_be_listed():
    found = two_operations().find_all("AmazonEC2", "BoxUsage:t3.medium", region=HOME)
    assert {one.operation for one in found} == {"RunInstances", "RunInstances:0002"}
    (one,) = two_operations().find_all(
        "AmazonEC2", "BoxUsage:t3.medium", region=HOME, operation="RunInstances:0002"
    )
    assert one.tiers[0].price_usd == 0.06


def test_a_services_own_price_goes_before_the_one_for_data_transfer():
    own = price(EGRESS, HOME, (0, 0.01))
    both = Catalogue([*prices(), own], regions=TOY.regions.values())
    assert both.find("AmazonEC2", "DataTransfer-Out-Bytes", region=HOME) is own


@pytest.mark.parametrize("region", [HOME, AWAY, GLOBAL])
def test_a_price_for_the_world_is_found_from_any_region(region):
    assert TOY.find("AmazonRoute53", "HostedZone", region=region).region == GLOBAL


def test_a_regions_own_price_goes_before_the_one_for_the_world():
    own = price(ZONES, HOME, (0, 0.01))
    both = Catalogue([*prices(), own], regions=TOY.regions.values())
    assert both.find("AmazonRoute53", "HostedZone", region=HOME) is own
    assert both.find("AmazonRoute53", "HostedZone", region=AWAY).region == GLOBAL


def test_the_one_operation_that_has_a_price_need_not_be_named():
    named = TOY.find("AmazonEC2", "BoxUsage:t3.medium", region=HOME, operation="RunInstances")
    assert TOY.find("AmazonEC2", "BoxUsage:t3.medium", region=HOME) is named


def test_an_operation_that_does_not_decide_the_price_finds_the_price():
    found = TOY.find("AmazonEC2", "NatGateway-Bytes", region=HOME, operation="NatGateway")
    assert found.operation == ""


def two_operations():
    windows = Meter("AmazonEC2", "BoxUsage:t3.medium", "Hrs", "RunInstances:0002")
    return Catalogue([*prices(), price(windows, HOME, (0, 0.06))], regions=TOY.regions.values())


def test_of_two_operations_one_must_be_named():
    with pytest.raises(UnknownPriceError, match=r"without an operation.*'RunInstances:0002'"):
        two_operations().find("AmazonEC2", "BoxUsage:t3.medium", region=HOME)


def test_a_wrong_operation_is_refused_with_those_held():
    with pytest.raises(UnknownPriceError, match=r"operation 'RunInstances:0004'.*'RunInstances'"):
        two_operations().find(
            "AmazonEC2", "BoxUsage:t3.medium", region=HOME, operation="RunInstances:0004"
        )


def test_a_wrong_usage_type_is_refused_with_the_nearest():
    with pytest.raises(UnknownPriceError, match="nearest: NatGateway-Bytes"):
        TOY.find("AmazonEC2", "NatGateway-Byte", region=HOME)


def test_a_wrong_service_code_is_refused_with_the_nearest():
    with pytest.raises(UnknownPriceError, match=r"'AmazonEc3' has no prices; nearest: AmazonEC2"):
        TOY.find("AmazonEc3", "NatGateway-Bytes", region=HOME)


def test_a_usage_type_priced_elsewhere_is_refused_with_where():
    only_home = Catalogue([price(NAT, HOME, (0, 0.045))], regions=TOY.regions.values())
    with pytest.raises(UnknownPriceError, match="no price in eu-west-1; held for us-east-1"):
        only_home.find("AmazonEC2", "NatGateway-Bytes", region=AWAY)


def test_a_wrong_region_is_refused_with_the_nearest():
    with pytest.raises(
        UnknownNameError, match=r"'eu-west-11' is not an AWS region; nearest: eu-we"
    ):
        TOY.find("AmazonEC2", "NatGateway-Bytes", region="eu-west-11")


def test_two_prices_under_one_key_are_refused():
    with pytest.raises(PriceFileError, match="two prices for AmazonEC2 NatGateway-Bytes"):
        Catalogue([price(NAT, HOME, (0, 0.1)), price(NAT, HOME, (0, 0.2))])


def test_egress_of_all_services_shares_one_pool_in_a_region():
    here, there = (TOY.find("AmazonS3", EGRESS.usage_type, region=place) for place in (HOME, AWAY))
    assert TOY.pool(here) == ("internet egress of all services", HOME)
    assert TOY.pool(here) != TOY.pool(there)


def test_any_other_price_is_a_pool_of_its_own():
    stored = TOY.find("AmazonS3", STORED.usage_type, region=HOME)
    assert TOY.pool(stored) == stored.key


def test_always_free_allowances_belong_to_every_plan_but_none():
    assert TOY.free_allowances("none") == ()
    always = TOY.free_allowances("always-free")
    assert set(always) < set(TOY.free_allowances("legacy-12-months"))
    assert set(always) == set(TOY.free_allowances("credits-2025"))


def test_an_allowance_covers_usage_types_by_pattern():
    boxes = catalogue().allowances[2]
    pattern = boxes.__class__(**{**vars(boxes), "usage_types": ("BoxUsage:t?.micro",)})
    assert pattern.covers(Meter("AmazonEC2", "BoxUsage:t3.micro", "Hrs"))
    assert not pattern.covers(Meter("AmazonEC2", "BoxUsage:t3.medium", "Hrs"))


# --- Tiers ------------------------------------------------------------------------------------


@given(st.floats(0, 1e9))
def test_the_parts_of_a_quantity_add_up_to_it(quantity):
    egress = TOY.find("AmazonEC2", EGRESS.usage_type, region=HOME)
    parts = [float(part) for _, part in egress.split(quantity)]
    assert all(part >= 0 for part in parts)
    assert math.fsum(parts) == pytest.approx(quantity, rel=1e-12)


@pytest.mark.parametrize(
    ("quantity", "parts"),
    [(0, [0, 0, 0]), (100, [100, 0, 0]), (101, [100, 1, 0]), (501, [100, 400, 1])],
)
def test_a_quantity_fills_one_tier_before_the_next(quantity, parts):
    egress = TOY.find("AmazonEC2", EGRESS.usage_type, region=HOME)
    assert [float(part) for _, part in egress.split(quantity)] == parts


# --- Reading ----------------------------------------------------------------------------------


def test_tiers_are_joined_whatever_the_order_of_their_rows(tmp_path):
    (read_back,) = read(tmp_path, text(LARGE, SMALL))
    assert read_back.tiers == (Tier(0, 50, 0.023), Tier(50, math.inf, 0.022))


def test_a_price_is_as_sure_as_its_least_sure_tier(tmp_path):
    (read_back,) = read(tmp_path, text(SMALL, LARGE | {"confidence": "low"}))
    assert read_back.confidence == "low"


def test_a_quoted_source_may_hold_commas(tmp_path):
    (read_back,) = read(tmp_path, text(ROW | {"source": '"AWS page, ""S3"""'}))
    assert read_back.source == 'AWS page, "S3"'


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([SMALL, SMALL, LARGE], ":3: duplicate tier of AmazonS3 TimedStorage-ByteHrs us-east-1"),
        ([ROW, ROW], ":3: duplicate tier"),
        ([SMALL, LARGE | {"tier_from": "40"}], ":3: tier of .* from 40 overlaps the one to 50"),
        ([SMALL, LARGE | {"tier_from": "60"}], ":3: tier of .* leaves a gap after the one to 50"),
        ([LARGE], ":2: the first tier of .* must start at 0"),
        ([SMALL], ":2: the last tier of .* must end at Inf"),
        ([SMALL | {"tier_to": "0"}], ":2: tier_to 0 must be above tier_from 0"),
        ([ROW | {"tier_from": "-1"}], ":2: the first tier of .* must start at 0"),
        ([ROW | {"tier_from": "nan"}], ":2: tier_from 'nan' must be a number"),
        ([ROW | {"tier_to": ""}], ":2: tier_to '' must be a number"),
        ([ROW | {"price_usd": ""}], ":2: price_usd '' must be a number"),
        ([ROW | {"price_usd": "free"}], ":2: price_usd 'free' must be a number"),
        ([ROW | {"price_usd": "NaN"}], ":2: price_usd 'NaN' must be a number"),
        ([ROW | {"price_usd": "-0.01"}], ":2: price_usd '-0.01' must be finite and at least 0"),
        ([ROW | {"price_usd": "inf"}], ":2: price_usd 'inf' must be finite and at least 0"),
        ([ROW | {"effective_date": ""}], ":2: effective_date is empty; every price needs one"),
        ([ROW | {"effective_date": "1 May"}], ":2: effective_date '1 May' must be a date as YYYY"),
        (
            [ROW | {"effective_date": "2026-02-30"}],
            ":2: effective_date '2026-02-30' must be a date",
        ),
        ([ROW | {"source": ""}], ":2: source is empty; every price needs one"),
        ([ROW | {"source": "  "}], ":2: source is empty; every price needs one"),
        ([SMALL, LARGE | {"source": ""}], ":3: source is empty; every price needs one"),
        ([ROW | {"confidence": "sure"}], ":2: confidence 'sure' must be one of high, medium, low"),
        ([ROW | {"unit": ""}], ":2: unit is empty"),
        ([ROW | {"region": ""}], ":2: region is empty"),
        ([ROW | {"usage_type": ""}], ":2: usage_type is empty"),
        ([SMALL, LARGE | {"unit": "GB"}], ":3: unit GB differs from GB-Mo of the first tier"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(tmp_path, rows, message):
    refused = refusal(tmp_path, text(*rows))
    assert re.search(message, refused), refused


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty; it must start with service_code"),
        (text(), "holds a header but no prices; is the file truncated?"),
        (text(ROW, header=HEADER.replace("unit", "units")), ":1: columns are service_code"),
        (text(ROW)[:-20], ":2: 9 fields in place of 11; is the file truncated?"),
        (text(ROW) + "AmazonS3,Tim", ":3: 2 fields in place of 11; is the file truncated?"),
        (text(ROW)[:-14] + '"half a field', ":2: is not CSV"),
        (text(ROW | {"source": "x" * 200_000}), ":2: is not CSV (field larger than field limit"),
        (b"\xff\xfe" + text(ROW).encode(), "is not UTF-8 text (byte 0)"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, content, message):
    assert message in refusal(tmp_path, content)


def test_every_way_of_cutting_a_file_short_is_refused_or_leaves_whole_prices(tmp_path):
    whole = text(SMALL, LARGE, ROW | {"usage_type": "TimedStorage-SIA-ByteHrs"})
    full = read(tmp_path, whole)
    for length in range(len(whole) - 1):
        try:
            kept = read(tmp_path, whole[:length])
        except PriceFileError:
            continue
        assert [one.key for one in kept] == [one.key for one in full[: len(kept)]]
        assert all(one.tiers == other.tiers for one, other in zip(kept, full, strict=False))


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(PriceFileError, match=r"nothing\.csv: there is no such file"):
        list(read_prices(tmp_path / "nothing.csv"))


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    with pytest.raises(PriceFileError, match="cannot be read"):
        list(read_prices(tmp_path))


def test_a_folder_without_prices_is_refused(tmp_path):
    with pytest.raises(PriceFileError, match="holds no price files"):
        Catalogue.load(tmp_path)


@pytest.fixture
def copied(tmp_path):
    """The bundled data in a folder of its own."""
    for name in ("free_tier.csv", "free_tier_credits.csv", "regions.csv", "tier_pools.csv"):
        shutil.copy(DATA / name, tmp_path)
    (tmp_path / "prices").mkdir()
    shutil.copy(DATA / "prices" / "AmazonS3.csv", tmp_path / "prices")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "column", "wrong", "message"),
    [
        ("free_tier.csv", "scope", "everywhere", "scope 'everywhere' must be all-regions or each-"),
        ("free_tier.csv", "plan", "forever", "plan 'forever' must be one of"),
        ("free_tier.csv", "quantity", "lots", "quantity 'lots' must be a number"),
        ("free_tier_credits.csv", "amount_usd", "", "amount_usd '' must be a number"),
    ],
)
def test_a_wrong_free_tier_is_refused_with_its_line(copied, name, column, wrong, message):
    lines = (copied / name).read_text().splitlines()
    cells = dict(zip(lines[0].split(","), ["x"] * 20, strict=False))
    first = dict(zip(cells, next(csv_rows(lines[1])), strict=True)) | {column: wrong}
    (copied / name).write_text("\n".join([lines[0], ",".join(f'"{v}"' for v in first.values())]))
    with pytest.raises(PriceFileError) as refused:
        Catalogue.load(copied)
    assert f"{name}:2: {message}" in str(refused.value)


def csv_rows(line):
    import csv

    return csv.reader([line])


# --- The catalogue that ships -----------------------------------------------------------------


def bundled_files():
    return sorted((DATA / "prices").glob("*.csv"))


@pytest.mark.parametrize("path", bundled_files(), ids=lambda path: path.stem)
def test_a_price_file_holds_the_prices_of_its_own_service(path):
    assert {found.service_code for found in read_prices(path)} == {path.stem}


def test_every_bundled_price_has_a_region_a_date_a_source_and_a_confidence():
    bundled = Catalogue.load()
    for found in bundled:
        assert bundled.region(found.region) == found.region
        assert found.effective_date
        assert found.source
        assert found.confidence in CONFIDENCES


def test_every_bundled_price_is_found_by_its_own_key():
    bundled = Catalogue.load()
    for found in bundled:
        assert bundled.find(
            found.service_code, found.usage_type, region=found.region, operation=found.operation
        ) is found  # fmt: skip


def test_every_allowance_is_in_the_unit_of_the_prices_it_makes_free():
    bundled = Catalogue.load()
    for free in bundled.allowances:
        covered = {
            found.unit
            for found in bundled
            if free.covers(Meter(found.service_code, found.usage_type, found.unit, found.operation))
        }
        assert covered <= {free.unit}, free


def test_the_bundled_catalogue_is_read_in_under_50_milliseconds():
    Catalogue.load()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        catalogue_module._load.__wrapped__(DATA.resolve())
        times.append(time.perf_counter() - start)
    # The quickest of five: what else the machine does can only add to it.
    assert min(times) < 0.050, statistics.median(times)


def test_loading_twice_reads_once():
    assert Catalogue.load() is Catalogue.load(Path(DATA))


def test_a_price_knows_its_key():
    found = price(HOURS, HOME, (0, 1))
    assert isinstance(found, Price)
    assert found.key == ("AmazonEC2", "BoxUsage:t3.medium", "RunInstances", HOME)
