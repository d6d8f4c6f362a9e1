"""A bill as people read it: everything on it, adding up, and nothing that runs."""

import itertools
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings

from models.billing import bill
from models.metering import Meter, Usage
from models.naming import region_names, service, service_name, services
from models.tables import MOST_LINES, bill_frame, bill_html, bill_text, spreadsheet_text
from models.units import usd
from toy import (
    AWAY,
    EGRESS,
    GETS,
    HOME,
    HOURS,
    MONTH,
    NAT,
    STORED,
    TOY,
    catalogue,
    free_tiers,
    usages,
    use,
)

SCRIPT = "<script>alert('x')</script>"


def a_bill(plan="none"):
    usage = use(HOURS, 730.0) + use(EGRESS, 700.0) + use(STORED, 80.0, resource="logs", region=AWAY)
    return bill(usage, TOY, free_tier=plan)


def a_sweep():
    usage = Usage.of_resource("nat", HOME, [(NAT, np.array([1.0, 100.0])), (HOURS, 100.0)])
    return bill(usage, TOY)


class Page(HTMLParser):
    """Rows of cells, and every tag; complains about tags that do not close."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.tags, self._open = [], set(), []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


# --- Data frame -------------------------------------------------------------------------------


def test_the_frame_has_a_row_for_each_line_and_adds_up():
    made = a_bill("credits-2025")
    frame = made.to_frame()
    assert len(frame) == len(made.lines)
    assert frame["cost_usd"].sum() == pytest.approx(made.total_usd, rel=1e-12)
    assert (frame["quantity"] * frame["unit_price_usd"] == frame["cost_usd"]).all()


def test_the_frame_says_where_a_price_is_from_and_that_a_credit_has_none():
    frame = a_bill("credits-2025").to_frame()
    assert frame["price_date"].iloc[0] == "2026-09-01"
    assert frame[["price_date", "price_source", "price_confidence"]].iloc[-1].isna().all()


def test_the_frame_of_a_sweep_has_a_row_for_each_line_and_point():
    frame = bill_frame(a_sweep())
    assert len(frame) == 4
    by_point = frame.groupby("point")["cost_usd"].sum()
    assert by_point.to_numpy() == pytest.approx(a_sweep().total_usd, rel=1e-12)


def test_the_frame_of_an_empty_bill_has_its_columns():
    frame = bill_frame(bill(Usage(MONTH), TOY))
    assert len(frame) == 0
    assert {"cost_usd", "unit_price_usd", "quantity"} <= set(frame.columns)


# --- Invoice ----------------------------------------------------------------------------------


def test_the_invoice_names_services_as_a_bill_does_and_has_every_line():
    page = Page(bill_html(a_bill()))
    cells = {cell for row in page.rows for cell in row}
    assert "Amazon Elastic Compute Cloud" in cells
    assert "Amazon Simple Storage Service" in cells
    for line in a_bill().lines:
        assert line.description in cells
    assert "logs (eu-west-1)" in cells


def test_the_invoice_ends_with_the_total():
    made = a_bill()
    assert Page(bill_html(made)).rows[-1] == ["Total", usd(made.total_usd)]


def test_the_dearest_service_comes_first():
    page = Page(bill_html(a_bill()))
    services_shown = [row[0] for row in page.rows if len(row) == 2]
    assert services_shown == [
        "Amazon Elastic Compute Cloud", "Amazon Simple Storage Service", "Total",
    ]  # fmt: skip


def test_the_invoice_says_what_its_figures_rest_on():
    html = bill_html(a_bill("always-free"))
    assert "typical month (730 hours)" in html
    assert "Free tier: always-free" in html
    assert "AWS list prices of 2026-09-01" in html


def test_prices_of_low_confidence_are_counted():
    unsure = catalogue()
    prices = [vars(one) | ({"confidence": "low"} if one.unit == "Hrs" else {}) for one in unsure]
    doubtful = unsure.__class__(
        [type(next(iter(unsure)))(**fields) for fields in prices], regions=unsure.regions.values()
    )
    made = bill(use(HOURS, 1.0) + use(NAT, 1.0), doubtful)
    assert "1 of 2 lines use a price of low confidence" in bill_text(made)
    assert "low confidence" not in bill_text(a_bill())


def test_names_are_escaped():
    odd = Meter("AmazonEC2", "NatGateway-Bytes", "GB", name=SCRIPT)
    made = bill(use(odd, 1.0, resource=SCRIPT), TOY)
    assert "<script" not in bill_html(made)
    assert Page(bill_html(made)).tags.isdisjoint({"script", "img", "a"})
    assert f"{SCRIPT} (us-east-1)" in {cell for row in Page(bill_html(made)).rows for cell in row}


def test_the_invoice_takes_its_colors_from_the_page():
    html = bill_html(a_bill())
    assert not re.search(r"(?<![-\w])(color|background(-color)?):", html)
    assert "http" not in html


def many_lines(count):
    parts = [use(NAT, 1.0 + number, resource=f"nat-{number:03}") for number in range(count)]
    return bill(
        Usage.sum([*parts, use(STORED, 1.0), use(GETS, 1.0)]), TOY, free_tier="credits-2025"
    )


@pytest.mark.parametrize("count", [55, 56, 57, 58, 200])
def test_a_long_invoice_shows_fewer_than_sixty_lines_and_the_whole_sum(count):
    made = many_lines(count)
    rows = Page(bill_html(made)).rows
    lines = [row for row in rows if len(row) == 4][1:]
    assert len(lines) < MOST_LINES
    assert rows[-1] == ["Total", usd(made.total_usd)]
    summed = [re.match(r"(\d+) smaller line", row[0]) for row in lines]
    shown = sum(1 for found in summed if not found)
    assert shown + sum(int(found[1]) for found in summed if found) == len(made.lines)


def test_a_short_invoice_sums_nothing_up():
    assert "smaller line" not in bill_html(many_lines(40))


def test_the_sum_of_what_is_left_out_makes_the_subtotal_right():
    made = many_lines(100)
    rows = Page(bill_html(made)).rows
    start = next(number for number, row in enumerate(rows) if row[0].startswith("Amazon Elastic"))
    lines = itertools.takewhile(lambda row: len(row) == 4, rows[start + 1 :])
    costs = [float(row[3].replace("$", "")) for row in lines]
    subtotal = float(rows[start][1].replace("$", ""))
    # Every shown cost is rounded to a cent.
    assert sum(costs) == pytest.approx(subtotal, abs=0.01 * len(costs))


@pytest.mark.parametrize("plan", ["none", "credits-2025"])
def test_an_empty_bill_is_an_invoice_over_nothing(plan):
    made = bill(Usage(MONTH), TOY, free_tier=plan)
    assert Page(bill_html(made)).rows[-1] == ["Total", "$0.00"]
    assert "Total" in bill_text(made)


def test_a_swept_invoice_gives_ranges():
    html = bill_html(a_sweep())
    assert "1 - 100 GB" in html
    assert "$0.04 - $4.50" in html
    assert "2 sweep points" in html


def test_a_bill_shows_itself():
    made = a_bill()
    assert made._repr_html_() == bill_html(made)
    assert str(made) == bill_text(made)


# --- Plain text -------------------------------------------------------------------------------


def test_the_text_has_every_line_of_a_long_bill():
    text = bill_text(many_lines(200))
    assert all(f"nat-{number:03} " in text for number in range(200))


def test_costs_are_aligned():
    text = bill_text(a_bill("credits-2025"))
    ends = {len(line) for line in text.splitlines() if re.search(r"\$[\d,.]+$", line)}
    assert len(ends) == 1


@settings(max_examples=50)
@given(usages(), free_tiers)
def test_any_bill_can_be_read(usage, plan):
    made = bill(usage, TOY, free_tier=plan)
    total = usd(float(made.total_usd))
    assert Page(bill_html(made)).rows[-1] == ["Total", total]
    assert bill_text(made).splitlines()[-2].split() == ["Total", total]
    assert len(bill_frame(made)) == len(made.lines)


# --- Names ------------------------------------------------------------------------------------


def test_a_service_code_that_is_not_listed_is_shown_as_it_is():
    assert service_name("SomethingElse") == "SomethingElse"


def test_every_listed_service_is_found_by_its_code():
    assert all(service(code).code == code for code in services())


def test_every_region_has_a_name():
    assert all(region_names().values())


def test_tables_offer_the_escape_for_spreadsheets():
    assert spreadsheet_text("=1+1") == "'=1+1"
