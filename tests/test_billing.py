"""A bill is the sum of its lines, every line is a product, and tiers only ever make a curve."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.billing import GROUPS, Bill, bill
from models.errors import InvalidInputError, UnknownNameError, UnknownPriceError
from models.metering import Meter, Usage, UsageKey
from models.units import TYPICAL, usd
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
    allowance,
    catalogue,
    free_tiers,
    keys,
    quantities,
    usages,
    use,
)  # fmt: skip

#: Sums of at most a few hundred floats.
ROUNDING = 1e-12


def costs(made):
    return [line.cost_usd for line in made.lines]


def tiers(made, meter):
    return {
        line.tier.price_usd: line.quantity
        for line in made.lines
        if line.meter == meter and line.tier
    }


# --- Properties -------------------------------------------------------------------------------


@given(usages(), free_tiers)
def test_a_bill_is_the_sum_of_its_lines(usage, plan):
    made = bill(usage, TOY, free_tier=plan)
    assert made.total_usd == math.fsum(float(cost) for cost in costs(made))


@given(usages(), free_tiers)
def test_on_every_line_unit_price_times_quantity_is_the_cost(usage, plan):
    for line in bill(usage, TOY, free_tier=plan).lines:
        assert line.cost_usd == line.unit_price_usd * line.quantity
        if line.tier:
            assert line.unit_price_usd == line.tier.price_usd


@given(usages(), free_tiers)
def test_every_quantity_used_is_on_the_bill(usage, plan):
    made = bill(usage, TOY, free_tier=plan)
    for key in usage:
        billed = math.fsum(
            float(line.quantity)
            for line in made.lines
            if (line.resource, line.region, line.meter) == key
        )
        assert billed == pytest.approx(usage.total(key), rel=ROUNDING)


@given(st.lists(st.tuples(keys, quantities), max_size=10), free_tiers, st.randoms())
def test_the_order_of_usage_does_not_matter_to_the_last_bit(parts, plan, random):
    shuffled = random.sample(parts, len(parts))
    one, other = (
        bill(
            Usage.sum(Usage(TYPICAL, {key: [amount]}) for key, amount in order), TOY, free_tier=plan
        )
        for order in (parts, shuffled)
    )
    assert one.total_usd == other.total_usd
    assert one.lines == other.lines


@given(usages(), st.sampled_from(GROUPS), free_tiers)
def test_totals_by_any_field_add_up(usage, field, plan):
    made = bill(usage, TOY, free_tier=plan)
    # Absolute: a credit may bring the whole to nothing, whatever the size of its parts.
    size = sum(abs(float(cost)) for cost in costs(made))
    total = math.fsum(float(part) for part in made.by(field).values())
    assert total == pytest.approx(float(made.total_usd), rel=ROUNDING, abs=size * ROUNDING)


@given(usages(), free_tiers)
def test_a_credit_never_exceeds_the_bill(usage, plan):
    made = bill(usage, TOY, free_tier=plan)
    usage_usd = math.fsum(float(line.cost_usd) for line in made.lines if line.price)
    credit_usd = math.fsum(float(line.cost_usd) for line in made.lines if not line.price)
    assert -min(usage_usd, 100.0) <= credit_usd <= 0
    assert made.total_usd >= -usage_usd * ROUNDING


@given(usages(), free_tiers)
def test_the_free_tier_never_adds_cost_nor_gives_more_than_it_has(usage, plan):
    made, paid = bill(usage, TOY, free_tier=plan), bill(usage, TOY)
    assert made.total_usd <= paid.total_usd * (1 + ROUNDING)
    for free in TOY.free_allowances(plan):
        for region in (HOME, AWAY) if free.scope == "each-region" else (None,):
            given_away = math.fsum(
                float(line.quantity)
                for line in made.lines
                if line.allowance == free and region in (None, line.region)
            )
            assert 0 <= given_away <= free.quantity * (1 + ROUNDING)


@given(usages(), free_tiers)
def test_no_line_has_a_negative_quantity(usage, plan):
    assert all(line.quantity > 0 for line in bill(usage, TOY, free_tier=plan).lines)


@given(usages(min_size=1), st.data())
def test_more_usage_never_costs_less(usage, data):
    more = data.draw(usages(max_size=3))
    before, after = bill(usage, TOY).total_usd, bill(usage + more, TOY).total_usd
    assert after >= before * (1 - ROUNDING)


@given(st.floats(0, 2000), st.floats(0, 1))
def test_tiered_cost_is_continuous_and_never_falls(quantity, step):
    price = TOY.find("AmazonEC2", "DataTransfer-Out-Bytes", region=HOME)
    here, beyond = price.cost_usd(quantity), price.cost_usd(quantity + step)
    # Between two points the curve can rise by no more than its steepest tier allows.
    assert -1e-9 <= beyond - here <= 0.09 * step + 1e-9


@pytest.mark.parametrize("bound", [100, 500])
def test_tiered_cost_does_not_jump_at_a_bound(bound):
    price = TOY.find("AmazonEC2", "DataTransfer-Out-Bytes", region=HOME)
    below, above = math.nextafter(bound, 0), math.nextafter(bound, math.inf)
    assert price.cost_usd(above) - price.cost_usd(below) == pytest.approx(0, abs=1e-11)


@given(st.lists(usages(max_size=8), min_size=1, max_size=4), free_tiers)
@settings(max_examples=50)
def test_a_swept_bill_agrees_with_the_bill_of_each_point(points, plan):
    everything = {key for point in points for key in point}
    swept = Usage(
        TYPICAL,
        {
            key: np.array([point.total(key) if key in point else 0.0 for point in points])[:, None]
            for key in everything
        },
    )
    totals = np.broadcast_to(bill(swept, TOY, free_tier=plan).total_usd, len(points))
    alone = [bill(point, TOY, free_tier=plan) for point in points]
    for total, single in zip(totals, alone, strict=True):
        size = sum(abs(float(cost)) for cost in costs(single))
        assert total == pytest.approx(single.total_usd, rel=ROUNDING, abs=size * ROUNDING)


@given(
    st.lists(st.tuples(st.sampled_from([EGRESS, S3_EGRESS]), quantities), min_size=1, max_size=6)
)
def test_shares_of_a_pool_add_up_to_the_tiers_of_the_pool(members):
    usage = Usage.sum(
        use(meter, amount, resource=f"r{number}") for number, (meter, amount) in enumerate(members)
    )
    pooled = math.fsum(amount for _, amount in members)
    price = TOY.find("AmazonEC2", "DataTransfer-Out-Bytes", region=HOME)
    made = bill(usage, TOY)
    for tier, part in price.split(pooled):
        billed = math.fsum(float(line.quantity) for line in made.lines if line.tier == tier)
        assert billed == pytest.approx(float(part), rel=1e-9)
    assert made.total_usd == pytest.approx(float(price.cost_usd(pooled)), rel=1e-9)


@given(usages(), free_tiers)
def test_hourly_usage_costs_what_the_same_usage_for_the_period_costs(usage, plan):
    by_hour = Usage(TYPICAL, {key: usage.hourly(key) for key in usage})
    made, whole = (bill(part, TOY, free_tier=plan) for part in (by_hour, usage))
    size = sum(abs(float(cost)) for cost in costs(whole))
    assert made.total_usd == pytest.approx(whole.total_usd, rel=1e-9, abs=size * 1e-9)


# --- Worked by hand ---------------------------------------------------------------------------


def test_a_tiered_price_makes_one_line_for_each_tier():
    made = bill(use(EGRESS, 700.0), TOY)
    assert tiers(made, EGRESS) == {0.09: 100.0, 0.085: 400.0, 0.07: 200.0}
    assert made.total_usd == pytest.approx(100 * 0.09 + 400 * 0.085 + 200 * 0.07, rel=ROUNDING)


def test_services_share_the_tiers_of_internet_egress():
    made = bill(use(EGRESS, 150.0) + use(S3_EGRESS, 50.0, resource="logs"), TOY)
    assert tiers(made, EGRESS) == {0.09: 75.0, 0.085: 75.0}
    assert tiers(made, S3_EGRESS) == {0.09: 25.0, 0.085: 25.0}


def test_regions_do_not_share_tiers():
    made = bill(use(EGRESS, 80.0) + use(EGRESS, 80.0, region=AWAY), TOY)
    assert tiers(made, EGRESS) == {0.09: 80.0}
    assert len(made.lines) == 2


def test_resources_of_one_region_share_tiers():
    made = bill(use(STORED, 50.0) + use(STORED, 50.0, resource="logs"), TOY)
    assert made.total_usd == pytest.approx(50 * 0.023 + 50 * 0.022, rel=ROUNDING)


def test_a_price_for_the_world_pools_all_regions():
    made = bill(use(ZONES, 20.0) + use(ZONES, 20.0, region=AWAY), TOY)
    assert made.total_usd == pytest.approx(25 * 0.5 + 15 * 0.1, rel=ROUNDING)


def test_a_free_allowance_comes_off_before_the_tiers():
    made = bill(use(EGRESS, 110.0), TOY, free_tier="always-free")
    assert [line.quantity for line in made.lines] == [10.0, 100.0]
    assert made.total_usd == pytest.approx(9.0, rel=ROUNDING)


def test_a_free_allowance_for_all_regions_is_given_once():
    usage = use(EGRESS, 30.0) + use(S3_EGRESS, 10.0, region=AWAY, resource="logs")
    free = {
        line.resource: line.quantity
        for line in bill(usage, TOY, free_tier="always-free").lines
        if line.allowance
    }
    assert free == {"web": 7.5, "logs": 2.5}


def test_a_free_allowance_for_each_region_is_given_in_each():
    usage = use(GETS, 1500.0) + use(GETS, 1500.0, region=AWAY)
    free = [
        line.quantity for line in bill(usage, TOY, free_tier="always-free").lines if line.allowance
    ]
    assert free == [1000.0, 1000.0]


def test_what_is_below_the_allowance_is_wholly_free():
    made = bill(use(EGRESS, 4.0) + use(EGRESS, 3.0, resource="db"), TOY, free_tier="always-free")
    assert made.total_usd == 0.0
    assert all(line.allowance for line in made.lines)


def test_two_allowances_on_one_usage_are_drawn_one_after_the_other():
    two = catalogue(
        allowances=(
            allowance("always-free", "first", [EGRESS], 10),
            allowance("legacy-12-months", "second", [EGRESS], 5),
        )
    )
    made = bill(use(EGRESS, 20.0), two, free_tier="legacy-12-months")
    assert {line.allowance.name: line.quantity for line in made.lines if line.allowance} == {
        "first": 10.0, "second": 5.0,
    }  # fmt: skip


def test_no_free_tier_is_given_unless_asked_for():
    assert bill(use(EGRESS, 10.0), TOY).total_usd == pytest.approx(0.9, rel=ROUNDING)


@pytest.mark.parametrize(("plan", "cost"), [("none", 30.0), ("legacy-12-months", 0.0)])
def test_750_instance_hours_are_free_in_the_first_year_only(plan, cost):
    assert bill(use(HOURS, 750.0), TOY, free_tier=plan).total_usd == pytest.approx(cost)


def test_an_unknown_free_tier_is_refused_with_the_nearest():
    with pytest.raises(
        UnknownNameError, match=r"'always_free' must be one of .*nearest: always-free"
    ):
        bill(use(EGRESS, 1.0), TOY, free_tier="always_free")


def test_a_credit_pays_the_bill_down():
    made = bill(use(HOURS, 5000.0), TOY, free_tier="credits-2025")
    assert made.total_usd == pytest.approx(200 - 100, rel=ROUNDING)
    assert made.lines[-1].charge_category == "Credit"
    assert made.lines[-1].cost_usd == -100.0


def test_a_credit_that_must_be_earned_is_left_out():
    made = bill(use(HOURS, 50_000.0), TOY, free_tier="credits-2025")
    assert [line.description for line in made.lines if not line.price] == ["Sign-up credit"]


def test_a_bill_that_a_credit_pays_whole_shows_as_nothing():
    made = bill(
        use(EGRESS, 333.3) + use(STORED, 0.1) + use(NAT, 7.7), TOY, free_tier="credits-2025"
    )
    # The sum of the lines is a rounded number, so the last bit may be left over.
    assert made.total_usd == pytest.approx(0.0, abs=1e-14)
    assert usd(made.total_usd) == "$0.00"


def test_a_swept_credit_stops_at_each_points_own_bill():
    usage = Usage.of_resource("web", HOME, [(HOURS, np.array([100.0, 10_000.0]))])
    made = bill(usage, TOY, free_tier="credits-2025")
    assert made.total_usd == pytest.approx([0.0, 300.0], rel=ROUNDING)


def test_every_missing_price_is_named_at_once():
    usage = (
        use(Meter("AmazonEC2", "BoxUsage:t3.large", "Hrs", "RunInstances"), 1.0)
        + use(Meter("AmazonS4", "TimedStorage-ByteHrs", "GB-Mo"), 1.0, resource="logs")
        + use(NAT, 1.0)
    )
    with pytest.raises(UnknownPriceError) as refused:
        bill(usage, TOY)
    message = str(refused.value)
    assert "web: AmazonEC2 BoxUsage:t3.large has no price in us-east-1" in message
    assert "nearest: BoxUsage:t3.medium" in message
    assert "logs: service code 'AmazonS4' has no prices; nearest: AmazonS3" in message
    assert "NatGateway" not in message
    assert "\n" not in message


def test_an_unknown_region_is_among_what_is_named():
    with pytest.raises(UnknownPriceError, match=r"db: region 'eu-west-9'.*nearest: eu-west-1"):
        bill(use(NAT, 1.0, resource="db", region="eu-west-9"), TOY)


def test_usage_in_another_unit_than_the_price_is_refused():
    wrong = Meter("AmazonEC2", "NatGateway-Bytes", "Bytes")
    with pytest.raises(UnknownPriceError, match="is metered in Bytes but priced in GB"):
        bill(use(wrong, 1.0), TOY)


def test_the_bundled_prices_are_used_where_none_are_given():
    usage = Usage.of_resource("nat", HOME, [(NAT, 100.0)])
    assert bill(usage).lines[0].price.source != "made up for the tests"


def test_nothing_used_makes_an_empty_bill_that_costs_nothing():
    made = bill(Usage(MONTH), TOY, free_tier="credits-2025")
    assert made.lines == ()
    assert made.total_usd == 0.0
    assert made.by("service_code") == {}
    assert made.largest() == ()


def test_grouping_puts_the_dearest_first():
    made = bill(use(NAT, 1.0) + use(HOURS, 730.0) + use(STORED, 100.0), TOY)
    assert list(made.by("service_code")) == ["AmazonEC2", "AmazonS3"]
    assert next(iter(made.by("usage_type"))) == "BoxUsage:t3.medium"


def test_grouping_by_anything_else_is_refused():
    with pytest.raises(InvalidInputError, match=r"groups by resource, region.*not by 'color'"):
        bill(use(NAT, 1.0), TOY).by("color")


def test_the_largest_lines_come_dearest_first():
    made = bill(use(NAT, 1.0) + use(HOURS, 730.0) + use(STORED, 100.0), TOY)
    largest = [line.cost_usd for line in made.largest(2)]
    assert largest == sorted(costs(made), reverse=True)[:2]


def test_an_explanation_gives_rule_quantity_tier_price_date_and_source():
    ruled = Meter("AmazonEC2", "DataTransfer-Out-Bytes", "GB", name="egress", rule="Counted by GB.")
    made = bill(use(ruled, 150.0), TOY)
    text = made.explain(made.lines[1])
    for part in (
        "web in us-east-1", "next 400 GB", "Rule: Counted by GB.", "50 GB x $0.085 = $4.25",
        "2026-09-01", "confidence high", "made up for the tests",
    ):  # fmt: skip
        assert part in text


def test_an_explanation_of_a_free_line_names_the_allowance():
    made = bill(use(EGRESS, 5.0), TOY, free_tier="always-free")
    text = made.explain(made.lines[0])
    assert "free tier: Egress" in text
    assert "Free: 10 GB a month (always-free, made up for the tests)" in text


def test_an_explanation_of_a_swept_line_has_every_point():
    usage = Usage.of_resource("web", HOME, [(NAT, np.array([1.0, 2.0]))])
    made = bill(usage, TOY)
    assert "1 GB x $0.045" in made.explain(made.lines[0])
    assert "2 GB x $0.045" in made.explain(made.lines[0])


@pytest.mark.parametrize(
    ("quantity", "wordings"),
    [
        (100.0, [", first 100 GB"]),
        (600.0, [", first 100 GB", ", next 400 GB", ", over 500 GB"]),
    ],
)
def test_a_tier_is_worded_as_on_an_aws_bill(quantity, wordings):
    made = bill(use(EGRESS, quantity), TOY)
    assert [line.description.removesuffix(end)[-len("EC2"):] for line, end in
            zip(made.lines, wordings, strict=True)] == ["EC2"] * len(wordings)  # fmt: skip


def test_one_flat_price_is_worded_without_a_tier():
    made = bill(use(NAT, 1.0), TOY)
    assert made.lines[0].description == "$0.045 per GB - NAT gateway data"


def test_a_bill_cannot_be_scaled():
    assert not hasattr(Bill, "scaled")


def test_the_keys_of_a_bill_are_those_of_the_usage():
    usage = use(NAT, 1.0) + use(HOURS, 1.0, resource="db")
    made = bill(usage, TOY)
    assert {UsageKey(line.resource, line.region, line.meter) for line in made.lines} == set(usage)
