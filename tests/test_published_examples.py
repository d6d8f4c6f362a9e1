"""Every worked example that AWS (or a third party) prints comes out of our own models.

`tests/data/published_examples.csv` holds the examples as printed, `published_prices.csv` the
prices each of them uses, `published_parts.csv` the amounts it prints on the way. The usage comes
from `tests/published/<service>.py`, built with the service classes that everything else uses.
"""

import csv
import importlib.util
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from models.billing import Bill, bill
from models.files import DATA
from models.metering import Usage
from models.prices import Catalogue, Price, Tier
from models.prices.reading import read_pools, read_regions

HERE = Path(__file__).parent
OWN_DATA = HERE / "data"

#: Where a page's own arithmetic is not exact: what exact arithmetic gives, printed alike, and why.
DIFFERENCES = {
    "CW-04": ("8447.49", "the page prints 153.01 for 6.5 TB x 0.023 per GB, which is 153.088"),
    "ELC-07": ("443", "the page cuts 442.80 off instead of rounding it"),
    "LAM-07": ("39.05", "the page adds parts that it has rounded to cents, all of them down"),
    "LAM-08": ("1147.3", "the page prints 12.00 for 30 million requests x 0.20, which is 6.00"),
    "RDS-01": ("155.00", "the page prints 45.60 for 400 GiB x 0.115, which is 46.00"),
    "RDS-02": ("166.18", "the page prints 45.60 for 400 GiB x 0.115, which is 46.00"),
}
#: Examples of accounts that are billed one by one, so that their tiers are not shared.
BILLED_APART = {"CB-02"}


def rows(name: str) -> list[dict[str, str]]:
    with (OWN_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_id(found: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    grouped: dict[str, list[dict[str, str]]] = {}
    for row in found:
        grouped.setdefault(row["id"], []).append(row)
    return grouped


def load_examples() -> dict[str, Callable[[], Usage]]:
    """The EXAMPLES of every module in tests/published, loaded by path: it is not a package."""
    found: dict[str, Callable[[], Usage]] = {}
    for path in sorted((HERE / "published").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"published_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        twice = found.keys() & module.EXAMPLES.keys()
        assert not twice, f"{path.name} builds {sorted(twice)}, which another module builds too"
        found |= module.EXAMPLES
    return found


PRINTED = {row["id"]: row for row in rows("published_examples.csv")}
PRICES = by_id(rows("published_prices.csv"))
PARTS = rows("published_parts.csv")
EXAMPLES = load_examples()
BOTH = [example for example in PRINTED if example in EXAMPLES]

REGIONS = tuple(read_regions(DATA / "regions.csv"))
POOLS = read_pools(DATA / "tier_pools.csv")


def catalogue_of(example: str) -> Catalogue:
    """A catalogue that holds the example's own prices and nothing else."""
    grouped: dict[tuple[str, ...], list[Tier]] = {}
    for row in PRICES[example]:
        key = tuple(
            row[name] for name in ("service_code", "usage_type", "operation", "region", "unit")
        )
        tier = Tier(float(row["tier_from"]), float(row["tier_to"]), float(row["price_usd"]))
        grouped.setdefault(key, []).append(tier)
    source = PRINTED[example]["source"]
    prices = [
        Price(*key, tuple(tiers), PRINTED[example]["date"], source, "high")
        for key, tiers in grouped.items()
    ]
    return Catalogue(prices, regions=REGIONS, pools=POOLS)


def bills_of(example: str) -> list[Bill]:
    usage, catalogue = EXAMPLES[example](), catalogue_of(example)
    if example not in BILLED_APART:
        return [bill(usage, catalogue)]
    return [bill(usage.of(resource=name), catalogue) for name in {key.resource for key in usage}]


def total_usd(example: str) -> float:
    return sum(float(each.total_usd) for each in bills_of(example))


def printed_as(amount: float, like: str) -> str:
    """`amount` with as many decimals as `like` has, halves rounded up as on a bill.

    Ten decimals are kept first, so that 24.424999999999997 is the 24.425 it stands for.
    """
    exact = Decimal(repr(round(amount, 10)))
    return str(exact.quantize(Decimal(like), rounding=ROUND_HALF_UP))


@pytest.mark.parametrize("example", BOTH)
def test_the_total_is_what_the_page_prints(example):
    printed = PRINTED[example]["expected_total_usd"]
    exact, _why = DIFFERENCES.get(example, (printed, ""))
    assert printed_as(total_usd(example), printed) == exact


@pytest.mark.parametrize("example", DIFFERENCES)
def test_a_page_that_differs_from_exact_arithmetic_is_told_apart_and_explained(example):
    exact, why = DIFFERENCES[example]
    assert exact != PRINTED[example]["expected_total_usd"]
    assert why


@pytest.mark.parametrize(
    ("example", "page_usd", "exact_usd"),
    [
        ("CW-04", 8447.41, 8447.41 + (153.088 - 153.01)),
        ("LAM-07", 39.04, 39.04 + (30.833395 - 30.83) + (7.8125 - 7.81)),
        ("LAM-08", 1153.3, 1153.3 + (6.00 - 12.00) + (993.33532 - 993.3)),
        ("RDS-01", 154.60, 154.60 + (46.00 - 45.60)),
        ("RDS-02", 165.778, 165.778 + (46.00 - 45.60)),
        ("ELC-07", 442, 442.80),
    ],
)
def test_the_difference_is_exactly_the_slip_of_the_page(example, page_usd, exact_usd):
    printed = PRINTED[example]["expected_total_usd"]
    assert printed_as(page_usd, printed) == printed
    assert total_usd(example) == pytest.approx(exact_usd, abs=1e-9)


@pytest.mark.parametrize(
    "part", PARTS, ids=[f"{part['id']} {part['usage_type']} {part['tier_from']}" for part in PARTS]
)
def test_a_part_is_what_the_page_prints(part):
    lines = [
        line
        for each in bills_of(part["id"])
        for line in each.lines
        if line.usage_type == part["usage_type"]
        and part["tier_from"] in ("", str(int(line.tier.start)))
    ]
    assert lines
    cost = sum(float(line.cost_usd) for line in lines)
    assert printed_as(cost, part["printed_usd"]) == part["printed_usd"]


def test_every_example_has_a_function_and_every_function_an_example():
    assert set(EXAMPLES) == set(PRINTED)


def test_every_example_has_prices_and_every_price_and_part_an_example():
    assert set(PRICES) == set(PRINTED)
    assert {part["id"] for part in PARTS} <= set(PRINTED)


@pytest.mark.parametrize("example", BOTH)
def test_an_example_uses_all_the_prices_it_lists(example):
    used = {
        (line.price.usage_type, line.price.operation)
        for each in bills_of(example)
        for line in each.lines
    }
    assert used == {(row["usage_type"], row["operation"]) for row in PRICES[example]}


@pytest.mark.parametrize("row", PRINTED.values(), ids=PRINTED)
def test_an_example_says_where_and_when_it_was_printed_and_how_exactly(row):
    assert row["source"]
    assert row["date"]
    assert row["inputs"]
    assert len(row["expected_total_usd"].partition(".")[2]) == int(row["decimals"])


@pytest.mark.parametrize("example", PRICES)
def test_the_tiers_of_an_example_join(example):
    for price in catalogue_of(example):
        bounds = [(tier.start, tier.end) for tier in price.tiers]
        assert bounds[0][0] == 0
        assert bounds[-1][1] == float("inf")
        assert [end for _, end in bounds[:-1]] == [start for start, _ in bounds[1:]]


def test_a_wrong_price_is_noticed():
    example = "IC-VPC-02"
    right = PRICES[example]
    try:
        PRICES[example] = [{**row, "price_usd": "0.0451"} for row in right]
        with pytest.raises(AssertionError):
            test_the_total_is_what_the_page_prints(example)
    finally:
        PRICES[example] = right
