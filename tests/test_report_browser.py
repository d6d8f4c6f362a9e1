"""The report opened in a real browser, without a network."""

import re

import pytest

from browser import console, probe
from models.comparison import compare_scenario
from models.report import write_report
from models.report.compared import write_comparison
from models.scenario import Scenario
from test_report import BILLED, hostile_scenario

SCENARIOS = {
    **{name: (lambda name=name: Scenario.load(name)) for name in BILLED},
    "hostile names": hostile_scenario,
}


def figures(dom):
    """Each figure by its name, as the elements that stand from it to the next one."""
    parts = re.split(r'id="figure-(\w+)" class="plotly-graph-div', dom)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def assert_drawn(dom, *names):
    found = figures(dom)
    assert list(found) == list(names)
    for name, inside in found.items():
        assert 'class="main-svg"' in inside, f"{name} is empty"
        assert re.search(r'class="point"[^>]*><path d="M', inside), f"{name} has no bars"


@pytest.mark.browser
@pytest.mark.parametrize("load", SCENARIOS.values(), ids=SCENARIOS)
def test_figures_draw_without_a_request_or_an_error(load, tmp_path):
    page, *_ = write_report(load(), tmp_path / "out")
    dom, found = probe(page, tmp_path)
    assert found == {"trouble": [], "requests": []}
    assert_drawn(dom, "services", "resources")


@pytest.mark.browser
def test_the_difference_is_drawn_too(tmp_path):
    before = Scenario.load("three-tier-web")
    after = before.with_settings(["nat.count=1"])
    page, *_ = write_report(after, tmp_path / "out", baseline=before)
    dom, found = probe(page, tmp_path)
    assert found == {"trouble": [], "requests": []}
    assert_drawn(dom, "difference", "services", "resources")


@pytest.mark.browser
def test_the_browser_itself_reports_no_error(tmp_path):
    page, *_ = write_report(Scenario.load("three-tier-web"), tmp_path / "out")
    assert console(page) == []


@pytest.mark.browser
def test_a_figure_that_does_not_draw_is_noticed(tmp_path):
    page, *_ = write_report(Scenario.load("three-tier-web"), tmp_path / "out")
    broken = page.read_text(encoding="utf-8").replace("Plotly.newPlot(", "Plotly.newSpot(")
    page.write_text(broken, encoding="utf-8")
    dom, found = probe(page, tmp_path)
    assert found["trouble"]
    assert any("newSpot" in line for line in console(page))
    with pytest.raises(AssertionError, match="services is empty"):
        assert_drawn(dom, "services", "resources")


@pytest.mark.browser
def test_the_probe_sees_what_goes_wrong(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "<html><head></head><body><script>nothing.here()</script>"
        '<img src="http://example.invalid/x.png"></body></html>'
    )
    _, found = probe(page, tmp_path)
    assert "ReferenceError" in found["trouble"][0]
    assert len(found["trouble"]) == 2


COMPARED = """
name: <b>Two</b> & a comparison
workload: {pattern: constant, rate_per_second: 3, duration_seconds: 600}
alternatives:
  servers: {architecture: api-on-ec2}
  "<i>functions</i>": {architecture: api-on-lambda}
"""


@pytest.mark.browser
def test_the_figures_of_a_comparison_draw_without_a_request_or_an_error(tmp_path):
    scenario = Scenario.from_text(COMPARED)
    found = compare_scenario(scenario, replications=2, progress=False)
    page, *_ = write_comparison(scenario, found, tmp_path / "out")
    dom, trouble = probe(page, tmp_path)
    assert trouble == {"trouble": [], "requests": []}
    assert dom.count('class="plotly-graph-div') == 4
    assert dom.count('class="main-svg"') >= 4
