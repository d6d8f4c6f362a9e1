"""The report: one bill, told alike in every format, whole or not at all, and inert."""

import csv
import json
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.metering import Meter
from models.prices import FREE_TIER_PLANS, Catalogue
from models.report import FILES, Content, write_report
from models.resource import Resource
from models.scenario import Scenario
from models.services import ec2, s3
from models.units import usd

TODAY = date(2026, 11, 20)
HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd()|'x'!A1",
    "[a](javascript:alert(1))",
    "a | b",
    "**bold** `code`",
    "</script><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}",
)


def hostile_scenario():
    resources = {name: ec2.NatGateway(name=name, processed_gb=7) for name in HOSTILE}
    return Scenario(
        name=HOSTILE[0], description=HOSTILE[5], billing_period="2026-11",
        assumptions=list(HOSTILE), resources=resources,
    )  # fmt: skip


class Elements(HTMLParser):
    """What a browser would make of a page: elements with their attributes, and the text."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text, self.open = [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        self.open = tag

    def handle_endtag(self, tag):
        self.open = ""

    def handle_data(self, data):
        if self.open not in ("script", "style"):
            self.text.append(data)

    def handle_startendtag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def count(self, tag):
        return sum(found == tag for found, _ in self.found)


def page_text(path):
    """What a reader sees of a page, with single spaces."""
    return " ".join("".join(Elements(path.read_text()).text).split())


def written(tmp_path, scenario, **more):
    files = write_report(scenario, tmp_path / "out", today=TODAY, **more)
    return {path.name: path for path in files}


@pytest.fixture(scope="module")
def three_tier(tmp_path_factory):
    return written(tmp_path_factory.mktemp("report"), Scenario.load("three-tier-web"))


#: Bundled scenarios that have one bill.
BILLED = [name for name in Scenario.bundled() if not Scenario.load(name).alternatives]


@pytest.mark.parametrize("name", BILLED)
def test_every_format_of_every_bundled_scenario_gives_the_same_total(tmp_path, name):
    scenario = Scenario.load(name)
    files = written(tmp_path, scenario)
    total = scenario.bill().total_usd
    assert usd(total) in files["index.html"].read_text()
    assert usd(total).replace("$", "\\$") in files["report.md"].read_text()
    assert json.loads(files["bill.json"].read_text())["total_usd"] == pytest.approx(total)
    with files["bill.csv"].open() as file:
        rows = list(csv.DictReader(file))
    assert sum(float(row["cost_usd"]) for row in rows) == pytest.approx(total)
    focus = pd.read_parquet(files["focus.parquet"])
    assert focus["BilledCost"].sum() == pytest.approx(total)
    assert pd.read_csv(files["focus.csv"])["BilledCost"].sum() == pytest.approx(total)
    assert sheet_total(files["bill.xlsx"]) == pytest.approx(total)


def sheet_total(path):
    sheet = openpyxl.load_workbook(path)["Bill"]
    head = [cell.value for cell in sheet[1]]
    (row,) = (row for row in sheet.iter_rows(values_only=True) if row[0] == "Total")
    return row[head.index("cost_usd")]


def test_a_spreadsheet_holds_numbers_as_numbers(three_tier):
    sheet = openpyxl.load_workbook(three_tier["bill.xlsx"])["Bill"]
    head = [cell.value for cell in sheet[1]]
    for name in ("quantity", "unit_price_usd", "cost_usd"):
        column = head.index(name)
        rows = sheet.iter_rows(min_row=2, max_row=sheet.max_row - 1, values_only=True)
        assert all(isinstance(row[column], float | int) for row in rows)


def test_a_spreadsheet_gives_every_tier_of_every_price_as_numbers(three_tier):
    sheet = openpyxl.load_workbook(three_tier["bill.xlsx"])["Prices"]
    head, *rows = sheet.iter_rows(values_only=True)
    found = {(row[1], row[head.index("tier_from")]): row[head.index("unit_price_usd")]
             for row in rows}  # fmt: skip
    for line in Scenario.load("three-tier-web").bill().lines:
        for tier in line.price.tiers:
            assert found[line.price.usage_type, tier.start] == tier.price_usd


def test_every_sheet_has_its_header_frozen(three_tier):
    book = openpyxl.load_workbook(three_tier["bill.xlsx"])
    assert book.sheetnames == ["Bill", "By service", "By resource", "Assumptions", "Prices"]
    assert {sheet.freeze_panes for sheet in book} == {"A2"}


def test_a_long_text_goes_on_in_the_next_cell(tmp_path):
    text = "ab" * 20_000
    scenario = Scenario(name="x", assumptions=[text], resources=hostile_scenario().resources)
    sheet = openpyxl.load_workbook(written(tmp_path, scenario)["bill.xlsx"])["Assumptions"]
    notes = [row[1] for row in sheet.iter_rows(values_only=True) if row[0] == "assumption"]
    assert text in "".join(notes)


def test_a_month_without_dates_has_no_focus_files_and_says_why(tmp_path):
    dated = Scenario.load("three-tier-web")
    assert "focus.csv" in written(tmp_path, dated)
    files = written(tmp_path, dated.with_settings(["billing_period=typical"]))
    assert not {"focus.csv", "focus.parquet"} & {path.name for path in (tmp_path / "out").iterdir()}
    assert "Name a calendar month" in files["index.html"].read_text()
    assert "Name a calendar month" in files["report.md"].read_text()


def test_the_difference_is_told_line_by_line_and_adds_up(tmp_path):
    before = Scenario.load("three-tier-web")
    after = before.with_settings(["nat.count=1"])
    content = Content(after, None, TODAY, before)
    saved = before.bill().total_usd - after.bill().total_usd
    assert -sum(change.change_usd for change in content.changes) == pytest.approx(saved)
    files = written(tmp_path, after, baseline=before)
    page = files["index.html"].read_text()
    assert usd(saved) in page
    assert usd(saved * 12) in page
    assert "figure-difference" in page
    assert json.loads(files["bill.json"].read_text())["baseline_total_usd"] == pytest.approx(
        before.bill().total_usd
    )


def test_what_was_changed_is_said(tmp_path):
    before = Scenario.load("three-tier-web")
    after = before.with_settings(["nat.count=1", "free_tier=always-free", "web.region=eu-west-1"])
    settings = Content(after, None, TODAY, before).settings
    assert {(one.path, one.before, one.after) for one in settings} == {
        ("free_tier", "none", "always-free"), ("nat.count", "2", "1"),
        ("web.region", "not given", "eu-west-1"),
    }  # fmt: skip
    files = written(tmp_path, after, baseline=before)
    assert "nat.count: 2 → 1" in page_text(files["index.html"])
    assert "nat.count: 2 becomes **1**" in files["report.md"].read_text()


def test_a_move_of_the_whole_scenario_is_one_change():
    before = Scenario.load("three-tier-web")
    after = before.with_settings(["region=eu-west-1"])
    (only,) = Content(after, None, TODAY, before).settings
    assert (only.path, only.before, only.after) == ("region", "us-east-1", "eu-west-1")


def test_resources_that_come_and_go_are_changes():
    nat = ec2.NatGateway(name="nat", processed_gb=1)
    before = Scenario(name="x", resources={"nat": nat, "same": ec2.EIP(name="same")})
    after = Scenario(name="x", resources={"same": ec2.EIP(name="same"), "new": nat})
    settings = Content(after, None, TODAY, before).settings
    assert [(one.path, one.before, one.after) for one in settings] == [
        ("nat", "NatGateway", "not there"), ("new", "not there", "NatGateway"),
    ]  # fmt: skip


def test_a_credit_is_not_saved_twelve_times_a_year():
    before = Scenario.load("three-tier-web")
    after = before.with_settings(["free_tier=credits-2025"])
    content = Content(after, None, TODAY, before)
    always_free = before.with_settings(["free_tier=always-free"]).bill().total_usd
    lasting = before.bill().total_usd - always_free
    assert content.saving_usd == pytest.approx(lasting + 100)  # the sign-up credit, USD
    assert content.saving_per_year_usd == pytest.approx(12 * lasting)
    assert content.credit_note


def test_shares_are_of_what_is_charged_before_credits():
    content = Content(
        Scenario.load("three-tier-web").with_settings(["free_tier=credits-2025"]), None, TODAY
    )
    services = content.charges_by("service_code")
    assert sum(services.values()) == pytest.approx(content.total_usd + 100)
    assert "AWSCredit" not in services
    share = services["AmazonEC2"] / (content.total_usd + 100)
    assert content.share_title("service_code").startswith(
        f"{share:.0%} of the charges before credits goes to Amazon Elastic Compute Cloud"
    )
    assert sum(line.share for line in content.largest) <= 1


def test_the_finding_names_the_dearest_resource_and_its_dearest_line():
    content = Content(Scenario.load("three-tier-web"), None, TODAY)
    name, cost = next(iter(content.bill.by("resource").items()))
    dearest = max((line for line in content.bill.lines if line.resource == name),
                  key=lambda line: line.cost_usd)  # fmt: skip
    assert content.finding.startswith(f"{cost / content.total_usd:.0%} of this bill goes to {name}")
    assert usd(cost) in content.finding
    assert usd(dearest.cost_usd) in content.finding


def test_a_month_that_credits_pay_for_says_what_it_would_cost():
    scenario = Scenario(name="x", free_tier="credits-2025",
                        resources={"nat": ec2.NatGateway(name="nat", processed_gb=1)})  # fmt: skip
    content = Content(scenario, None, TODAY)
    assert content.total_usd == pytest.approx(0)
    assert f"Credits pay for all of the {usd(content.charged_usd)}." in content.finding
    assert content.largest[0].share == pytest.approx(
        float(content.bill.largest(1)[0].cost_usd) / content.charged_usd
    )


def test_a_change_that_changes_nothing_is_said_to(tmp_path):
    before = Scenario.load("three-tier-web")
    page = written(tmp_path, before.with_settings(["nat.count=2"]), baseline=before)
    assert "No line of the bill changes." in page["index.html"].read_text()
    assert "No line of the bill changes." in page["report.md"].read_text()
    assert "figure-difference" not in page["index.html"].read_text()


def test_the_largest_lines_say_why_and_what_would_lower_them(three_tier):
    text = "".join(Elements(three_tier["index.html"].read_text()).text)
    for line in Scenario.load("three-tier-web").bill().largest(5):
        assert line.meter.rule in text
        assert line.meter.lever in text


@pytest.mark.parametrize("plan", FREE_TIER_PLANS)
def test_each_free_tier_plan_is_priced(three_tier, plan):
    usage = Scenario.load("three-tier-web").estimate()
    total = usd(bill(usage, free_tier=plan).total_usd)
    assert f"{plan} | " in three_tier["report.md"].read_text().replace(" (this report)", "")
    assert total in three_tier["index.html"].read_text()


def test_what_was_free_is_listed_with_how_much_of_how_much(tmp_path):
    files = written(tmp_path, Scenario.load("forgotten-lab"))
    free = Content(Scenario.load("forgotten-lab"), None, TODAY).free
    said = {(one.name, one.used, one.of) for one in free}
    assert ("EBS storage", "30 GB-Mo", "30 GB-Mo a month") in said
    # Three resources share these: 375, 187.5 and 187.5 hours.
    assert ("Public IPv4 address in use", "750 Hrs", "750 Hrs a month") in said
    text = page_text(files["index.html"])
    assert all(" ".join(one.source.split()) in text for one in free)


def test_a_price_of_low_confidence_is_marked_in_the_bill_and_in_the_prices(tmp_path):
    ours = Catalogue.load()
    prices = [
        replace(price, confidence="low") if price.usage_type == "NatGateway-Hours" else price
        for price in ours
    ]
    unsure = Catalogue(prices, regions=ours.regions.values())
    scenario = Scenario(name="x", resources={"nat": ec2.NatGateway(name="nat", processed_gb=1)})
    assert "unsure" not in page_text(written(tmp_path, scenario)["index.html"])
    files = written(tmp_path, scenario, catalogue=unsure)
    assert page_text(files["index.html"]).count("unsure") == 2
    assert "(unsure)" in files["report.md"].read_text()
    assert "lowest confidence low." in files["report.md"].read_text()


def test_every_price_used_is_listed_with_date_source_and_confidence(three_tier):
    text = "".join(Elements(three_tier["index.html"].read_text()).text)
    for line in Scenario.load("three-tier-web").bill().lines:
        for part in (line.price.usage_type, line.price.effective_date, line.price.source):
            assert part in text


def test_old_prices_are_warned_of_by_the_day_of_the_report():
    scenario = Scenario.load("log-archive-10tb")
    assert not Content(scenario, None, date(2026, 11, 20)).stale
    assert Content(scenario, None, date(2027, 11, 20)).stale


def test_the_warning_is_on_the_page_only_where_prices_are_old(tmp_path):
    scenario = Scenario.load("log-archive-10tb")
    fresh = write_report(scenario, tmp_path / "fresh", today=date(2026, 11, 20))[0]
    old = write_report(scenario, tmp_path / "old", today=date(2027, 11, 20))[0]
    assert 'class="warning"' not in fresh.read_text()
    assert 'class="warning"' in old.read_text()


def test_what_a_service_leaves_out_is_what_its_module_says(three_tier):
    left_out = json.loads(three_tier["bill.json"].read_text())["left_out"]
    assert set(left_out) == {"ec2", "elbv2", "rds", "s3"}
    said = " ".join(s3.__doc__.split())
    assert left_out["s3"] in said


def test_names_are_inert_in_html(tmp_path):
    page = written(tmp_path, hostile_scenario())["index.html"].read_text()
    plain = written(tmp_path, Scenario.load("forgotten-lab"))["index.html"].read_text()
    hostile, harmless = Elements(page), Elements(plain)
    assert hostile.count("script") == harmless.count("script")
    assert hostile.count("img") == 0
    assert "<script>alert(1)</script>" in "".join(hostile.text)
    assert "{{ 7 * 7 }}" in "".join(hostile.text)
    handlers = [name for _, attributes in hostile.found for name in attributes
                if name.startswith("on")]  # fmt: skip
    assert handlers == []


def test_names_are_inert_in_markdown(tmp_path):
    text = written(tmp_path, hostile_scenario())["report.md"].read_text()
    assert "<script>" not in text
    assert "](javascript" not in text
    assert "**bold**" not in text
    assert "a \\| b" in text


def test_names_are_inert_in_json(tmp_path):
    data = json.loads(written(tmp_path, hostile_scenario())["bill.json"].read_text())
    assert {line["resource"] for line in data["lines"]} == set(HOSTILE)


def test_names_are_no_formulas_in_spreadsheets(tmp_path):
    files = written(tmp_path, hostile_scenario())
    book = openpyxl.load_workbook(files["bill.xlsx"])
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    names = {cell.value for cell in book["By resource"]["A"]}
    assert "'=cmd()|'x'!A1" in names
    for name in ("bill.csv", "focus.csv"):
        with files[name].open(newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert any("cmd()" in cell for cell in cells)
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_the_page_loads_nothing(three_tier):
    page = Elements(three_tier["index.html"].read_text())
    loads = [
        attributes
        for tag, attributes in page.found
        if tag not in ("a",)
        and any(attributes.get(name, "").startswith("http") for name in ("src", "href", "data"))
    ]
    assert loads == []


@pytest.mark.parametrize("field", ["src", "href", "data", "srcset", "action", "poster"])
def test_every_address_on_the_page_is_a_link_a_place_on_it_or_data(three_tier, field):
    page = Elements(three_tier["index.html"].read_text())
    led = [(tag, attributes[field]) for tag, attributes in page.found if field in attributes]
    assert all(tag == "a" or address.startswith("data:") for tag, address in led)


def test_the_style_asks_for_nothing(three_tier):
    page = three_tier["index.html"].read_text()
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_headings_go_down_one_step_at_a_time(three_tier):
    page = Elements(three_tier["index.html"].read_text())
    levels = [int(tag[1]) for tag, _ in page.found if tag in ("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_everything_that_scrolls_can_be_reached_and_is_named(three_tier):
    page = Elements(three_tier["index.html"].read_text())
    scrolling = [attributes for _, attributes in page.found if attributes.get("class") == "scroll"]
    assert scrolling
    for attributes in scrolling:
        assert (attributes["tabindex"], attributes["role"]) == ("0", "region")
        assert attributes["aria-label"]


def test_a_figure_says_its_numbers_to_who_cannot_see_it(three_tier):
    page = Elements(three_tier["index.html"].read_text())
    words = [attributes["aria-label"] for _, attributes in page.found
             if attributes.get("role") == "img"]  # fmt: skip
    assert len(words) == 2
    for name, cost in Scenario.load("three-tier-web").bill().by("resource").items():
        assert f"{name} {usd(cost)}" in words[1]


@pytest.mark.parametrize("part", ["workbook", "focus_table", "markdown_page", "write_parquet"])
def test_a_failure_half_way_leaves_the_old_report_and_no_litter(tmp_path, monkeypatch, part):
    scenario = Scenario.load("three-tier-web")
    written(tmp_path, scenario)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(f"models.report.{part}", fail)
    with pytest.raises(OSError, match="disk full"):
        write_report(scenario.with_settings(["nat.count=1"]), tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", FILES)
def test_a_failure_in_replacing_puts_every_file_back(tmp_path, monkeypatch, name):
    scenario = Scenario.load("three-tier-web")
    written(tmp_path, scenario)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    replace_file = Path.replace

    def fail_once(path, target):
        if path.parent.name == "new" and path.name == name:
            raise KeyboardInterrupt
        return replace_file(path, target)

    monkeypatch.setattr(Path, "replace", fail_once)
    with pytest.raises(KeyboardInterrupt):
        write_report(scenario.with_settings(["nat.count=1"]), tmp_path / "out", today=TODAY)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_failure_in_replacing_takes_away_what_was_not_there_before(tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    replace_file = Path.replace

    def fail(path, target):
        if path.name == "bill.json":
            raise OSError("disk full")
        return replace_file(path, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_report(Scenario.load("three-tier-web"), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_failure_before_the_first_report_leaves_no_folder(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("models.report.workbook", fail)
    with pytest.raises(OSError, match="disk full"):
        write_report(Scenario.load("three-tier-web"), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_a_file_is_refused_and_kept(tmp_path):
    (tmp_path / "out" / "report.md").mkdir(parents=True)
    with pytest.raises(InvalidInputError, match=r"report\.md: is a folder"):
        written(tmp_path, Scenario.load("three-tier-web"))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["report.md"]


def test_a_text_that_is_not_unicode_is_refused(tmp_path):
    scenario = Scenario(name="x", description="\ud800", resources=hostile_scenario().resources)
    with pytest.raises(InvalidInputError, match=r"'\\ud800', which is no character"):
        written(tmp_path, scenario)
    assert list(tmp_path.iterdir()) == []


def test_files_can_be_read_as_widely_as_any_other(tmp_path):
    """A temporary folder is the owner's alone; what comes out of it is not."""
    (tmp_path / "plain").mkdir()
    files = written(tmp_path, Scenario.load("three-tier-web"))
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert len({path.stat().st_mode for path in files.values()}) == 1


def test_a_resource_class_of_the_readers_own_can_be_reported(tmp_path):
    class Rack(Resource):
        def metered(self, period):
            yield Meter("AmazonEC2", "NatGateway-Hours", "Hrs"), period.hours

    files = written(tmp_path, Scenario(name="x", resources={"rack": Rack(name="rack")}))
    text = page_text(files["index.html"])
    assert "goes to rack" in text
    assert "What is left out" not in text
    assert "Why." not in text


def test_files_that_are_not_ours_stay(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    written(tmp_path, Scenario.load("three-tier-web"))
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_a_sweep_is_refused(tmp_path):
    gateway = ec2.NatGateway(name="nat", processed_gb=np.array([1.0, 2.0]))
    swept = Scenario(name="x", resources={"nat": gateway})
    with pytest.raises(InvalidInputError, match="no sweep"):
        write_report(swept, tmp_path / "out")
    with pytest.raises(InvalidInputError, match="no sweep"):
        write_report(Scenario.load("three-tier-web"), tmp_path / "out", baseline=swept)
    assert not (tmp_path / "out").exists()


def test_a_bill_of_nothing_is_a_report_too(tmp_path):
    scenario = Scenario(name="nothing", resources={"nat": ec2.VPCEndpoint(
        name="nat", vpc_endpoint_type="Gateway", service_name="s3")})  # fmt: skip
    page = written(tmp_path, scenario)["index.html"]
    assert "costs nothing" in page_text(page)
    assert "plotly-graph-div" not in page.read_text().split("</script>", 1)[1]
