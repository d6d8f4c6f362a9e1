"""Figures draw what they are given, say what to see, and do not rely on color alone."""

import json
import math
import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from models import plots
from models.architecture import Architecture, Static
from models.architectures import ARCHITECTURES, build
from models.billing import bill
from models.errors import InvalidInputError
from models.metering import Usage
from models.prices import Catalogue
from models.scenario import Scenario
from models.services.ec2 import NatGateway
from models.simulation.outcomes import OUTCOMES
from models.units import usd
from toy import HOURS, NAT, TOY, use

X = np.array([0.0, 10.0, 20.0])
#: What `models.experiments` makes of a sweep over two arguments; one point was measured once.
SWEPT = pd.DataFrame({
    "point": range(6),
    "zones": [1, 1, 1, 2, 2, 2],
    "gb": [1.0, 100.0, 10.0] * 2,
    "value": [1.0, 3.0, 2.0, 2.0, 6.0, 4.0],
    "value_low": [0.5, 2.0, 1.0, -1.0, 5.0, np.nan],
    "value_high": [1.5, 4.0, 3.0, 5.0, 7.0, np.nan],
})  # fmt: skip


def made():
    bill = Scenario.load("three-tier-web").bill()
    price = Catalogue.load().find("AmazonS3", "TimedStorage-ByteHrs", region="us-east-1")
    lines = {"one": X, "two": 20 - X}
    titles = {"title": "What to see", "x_title": "GB in the month"}
    return {
        "curves": plots.curves(X, lines, marked_x=10, marked_as="even", **titles),
        "sweep": plots.sweep(SWEPT, "gb", series="zones", log_x=True, **titles),
        "stacked_bars": plots.stacked_bars([1, 2, 3], lines, **titles),
        "cost_by_service": plots.cost_by_service(bill),
        "cost_by_resource": plots.cost_by_resource(bill),
        "difference": plots.difference({"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 1.5}),
        "tier_staircase": plots.tier_staircase(price, up_to=1e6),
    }


FIGURES = made()
each_figure = pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)


def bars(figure):
    return [trace for trace in figure.data if trace.type == "bar"]


def is_text(trace):
    return trace.type == "scatter" and trace.mode == "text"


def is_band(trace):
    return trace.type == "scatter" and trace.fill == "toself"


def amounts(figure):
    """The text beside each bar, by the bar's name."""
    (beside,) = [trace for trace in figure.data if is_text(trace)]
    named = dict(zip(figure.layout.yaxis.tickvals, figure.layout.yaxis.ticktext, strict=True))
    return {named[y]: text.strip() for y, text in zip(beside.y, beside.text, strict=True)}


def look(trace):
    """What a reader sees of a series: color, and dash or pattern."""
    if trace.type == "bar":
        return trace.marker.color, trace.marker.pattern.shape or ""
    return trace.line.color, trace.line.dash


@each_figure
def test_a_figure_says_what_to_see_and_names_its_units(figure):
    assert figure.layout.title.text
    titles = [axis.title.text for axis in (figure.layout.xaxis, figure.layout.yaxis)]
    assert any(word in " ".join(filter(None, titles)) for word in ("USD", "GB"))


@each_figure
def test_series_differ_in_more_than_color(figure):
    shown = [
        trace for trace in figure.data
        if not is_text(trace) and not is_band(trace) and trace.yaxis != "y2"
    ]  # fmt: skip
    beyond_color = [look(trace)[1] for trace in shown]
    assert len(set(beyond_color)) == len(shown)


@pytest.mark.parametrize("draw", [plots.curves, plots.stacked_bars])
def test_twenty_series_are_all_told_apart(draw):
    figure = draw(X, {str(n): X + n for n in range(20)}, title="many", x_title="GB")
    assert len({look(trace) for trace in figure.data}) == 20


@each_figure
def test_a_figure_fits_any_background(figure):
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.plot_bgcolor == "rgba(0,0,0,0)"


@each_figure
def test_a_figure_can_be_written_as_json(figure):
    assert json.loads(figure.to_json())["data"]


def test_curves_draw_the_numbers_given():
    one, two = FIGURES["curves"].data
    assert list(one.y) == [0, 10, 20]
    assert list(two.y) == [20, 10, 0]
    assert list(one.x) == list(X)


def test_a_crossing_is_marked_where_it_is():
    figure = FIGURES["curves"]
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1) == (10, 10)
    assert [note.text for note in figure.layout.annotations] == ["even"]


def test_a_sweep_is_a_line_for_each_series_in_order_of_x():
    drawn = {trace.name: trace for trace in FIGURES["sweep"].data if not is_band(trace)}
    assert list(drawn) == ["zones = 1", "zones = 2"]
    assert [list(line.x) for line in drawn.values()] == [[1, 10, 100]] * 2
    assert list(drawn["zones = 1"].y) == [1, 2, 3]
    assert list(drawn["zones = 2"].y) == [2, 4, 6]
    axes = FIGURES["sweep"].layout
    assert (axes.xaxis.type, axes.yaxis.type) == ("log", "linear")


def test_a_band_goes_along_its_low_end_and_back_along_its_high_end():
    bands = {trace.name: trace for trace in FIGURES["sweep"].data if is_band(trace)}
    assert list(bands["zones = 1"].x) == [1, 10, 100, 100, 10, 1]
    assert list(bands["zones = 1"].y) == [0.5, 1, 2, 4, 3, 1.5]
    # A point without an interval has no band, but its mean is drawn.
    assert list(bands["zones = 2"].y) == [-1, 5, 7, 5]
    assert all(band.showlegend is False for band in bands.values())


def test_on_a_logarithmic_axis_a_band_ends_where_it_would_reach_zero():
    figure = plots.sweep(SWEPT[SWEPT["zones"] == 2], "gb", title="t", x_title="GB", log_y=True)
    (band,) = filter(is_band, figure.data)
    assert list(band.y) == [5, 7]
    assert figure.layout.yaxis.type == "log"


def test_on_a_logarithmic_axis_a_crossing_and_its_name_stand_at_the_same_place():
    marked = {"marked_as": "even", "title": "t", "x_title": "GB", "log_x": True}
    figure = plots.curves(X, {"one": X}, marked_x=100.0, **marked)
    assert figure.layout.shapes[0].x0 == 100
    assert figure.layout.annotations[0].x == pytest.approx(2)
    with pytest.raises(InvalidInputError, match=r"marked_x \(0\) must be above 0"):
        plots.curves(X, {"one": X}, marked_x=0.0, **marked)


def test_a_sweep_without_intervals_has_no_bands():
    plain = SWEPT[["zones", "gb", "value"]]
    assert not any(
        map(is_band, plots.sweep(plain, "gb", series="zones", title="t", x_title="GB").data)
    )


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"x": "bg"}, "table has no column 'bg'; nearest: gb"),
        ({"x": "gb", "y": "cost"}, "table has no column 'cost'"),
        ({"x": "gb", "series": "zone"}, "table has no column 'zone'; nearest: zones"),
        ({"x": "gb"}, "several rows for gb = 1.0; name a series"),
    ],
)
def test_a_sweep_that_cannot_be_drawn_is_refused(columns, said):
    with pytest.raises(InvalidInputError, match=said):
        plots.sweep(SWEPT, **columns, title="t", x_title="GB")


def test_a_band_without_its_line_or_of_another_length_is_refused():
    with pytest.raises(InvalidInputError, match="band 'tow' has no line; nearest: two"):
        plots.curves(X, {"two": X}, bands={"tow": (X, X)}, title="t", x_title="GB")
    with pytest.raises(InvalidInputError, match=r"'low end of two' has shape \(2,\)"):
        plots.curves(X, {"two": X}, bands={"two": (X[:2], X)}, title="t", x_title="GB")


@pytest.mark.parametrize("draw", [plots.curves, plots.stacked_bars])
def test_a_series_of_another_length_is_refused(draw):
    with pytest.raises(InvalidInputError, match=r"'short' has shape \(2,\); x has 3 points"):
        draw(X, {"short": [1, 2]}, title="t", x_title="GB")


def test_costs_by_service_are_those_of_the_bill_with_the_dearest_on_top():
    bill = Scenario.load("three-tier-web").bill()
    (drawn,) = bars(FIGURES["cost_by_service"])
    assert list(drawn.x) == list(map(float, bill.by("service_code").values()))
    assert list(drawn.y) == list(range(len(drawn.x)))[::-1]


def test_costs_by_resource_add_up_to_the_bill():
    bill = Scenario.load("three-tier-web").bill()
    drawn = math.fsum(cost for part in bars(FIGURES["cost_by_resource"]) for cost in part.x)
    assert drawn == pytest.approx(bill.total_usd)


def test_the_amount_beside_a_stack_is_its_sum():
    both = Usage.sum([use(HOURS, 100, "web"), use(NAT, 100, "web"), use(NAT, 10, "idle")])
    made = bill(both, TOY)
    assert amounts(plots.cost_by_resource(made)) == {"web": "$8.50", "idle": "$0.45"}


def test_many_resources_are_drawn_as_the_largest_and_a_rest_that_adds_up():
    many = bill(Usage.sum([use(NAT, n + 1, f"r{n:03}") for n in range(200)]), TOY)
    figure = plots.cost_by_resource(many)
    names = figure.layout.yaxis.ticktext
    assert len(names) == plots.MOST_BARS + 1
    assert (names[0], names[-1]) == ("r199", "175 smaller")
    rest = sum(range(1, 176)) * 0.045
    assert bars(figure)[0].x[-1] == pytest.approx(rest)
    assert amounts(figure)["175 smaller"] == usd(rest)
    assert math.fsum(bars(figure)[0].x) == pytest.approx(many.total_usd)


def test_a_difference_leaves_out_what_stays_the_same():
    figure = plots.difference({"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 5.0})
    assert amounts(figure) == {"b": "+$3.00"}


def test_a_difference_shows_savings_first_and_counts_what_came_and_went():
    figure = plots.difference({"gone": 4.0, "less": 3.0}, {"less": 1.0, "new": 2.0})
    assert list(amounts(figure).items()) == [("gone", "-$4.00"), ("less", "-$2.00"),
                                             ("new", "+$2.00")]  # fmt: skip
    more, less = bars(figure)
    assert list(more.x) == [None, None, 2.0]
    assert list(less.x) == [-4.0, -2.0, None]


def test_the_staircase_has_a_step_for_each_tier_and_the_sum_below_it():
    steps = [trace for trace in FIGURES["tier_staircase"].data if trace.yaxis == "y"]
    sums = [trace for trace in FIGURES["tier_staircase"].data if trace.yaxis == "y2"]
    assert [step.y[0] for step in steps] == [0.023, 0.022, 0.021]
    assert steps[-1].x[-1] == 1e6
    # 51,200 GB at 0.023, 460,800 GB at 0.022, the rest at 0.021.
    assert sums[-1].y[-1] == pytest.approx(51200 * 0.023 + 460800 * 0.022 + 488000 * 0.021)
    assert [part.y[1] for part in sums[:-1]] == [part.y[0] for part in sums[1:]]


@pytest.mark.parametrize("up_to", [0, -1, math.inf, math.nan])
def test_a_staircase_needs_an_end(up_to):
    price = Catalogue.load().find("AmazonS3", "TimedStorage-ByteHrs", region="us-east-1")
    with pytest.raises(InvalidInputError, match="up_to"):
        plots.tier_staircase(price, up_to=up_to)


def test_names_on_an_axis_are_text_and_not_markup():
    figure = plots.difference({"<b>x</b>": 1.0}, {"<b>x</b>": 2.0})
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;x&lt;/b&gt;"]
    assert bars(figure)[0].customdata[0][0] == "&lt;b&gt;x&lt;/b&gt;"


def test_long_names_that_begin_alike_keep_a_bar_each():
    before = {"n" * 100 + "1": 1.0, "n" * 100 + "2": 1.0}
    figure = plots.difference(before, dict.fromkeys(before, 3.0))
    assert list(bars(figure)[0].y) == [1, 0]
    assert all(len(label) <= 2 * plots.LABEL_WIDTH + len("<br>")
               for label in figure.layout.yaxis.ticktext)  # fmt: skip


@pytest.mark.parametrize("name", ["2026-01", "7", "1e3", "$x$", " "])
def test_names_that_look_like_something_else_stay_names(name):
    figure = plots.difference({name: 1.0, "other": 1.0}, {name: 2.0, "other": 2.0})
    assert list(bars(figure)[0].y) == [1, 0]


def test_nothing_at_all_can_be_drawn():
    figure = plots.difference({}, {})
    assert list(figure.layout.yaxis.ticktext) == []


# --- runs -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run():
    from models import simulate, workload
    from models.scaling import TargetTrackingPolicy
    from models.services.autoscaling import AutoScalingGroup

    policy = TargetTrackingPolicy(
        name="cpu", predefined_metric="ASGAverageCPUUtilization", target_value=50
    )
    web = AutoScalingGroup(name="web", min_size=1, max_size=4, policies=[policy])
    jump = workload.Step(
        duration_seconds=1800, from_per_second=10, to_per_second=60, at_seconds=300
    )
    return simulate(web, jump)


def test_a_fleet_shows_traffic_capacity_and_latency_with_its_activities(run):
    figure = plots.fleet(run, title="Capacity follows")
    drawn = {trace.name: trace for trace in figure.data}
    assert figure.layout.title.text == "Capacity follows"
    assert list(drawn["arriving"].y) == list(run.column("requests") / run.column("seconds"))
    assert list(drawn["in service"].y) == list(run.column("in_service"))
    launches = [one for one in run.activities if one.change == 1]
    assert len(drawn["launch"].x) == len(launches) > 0
    assert figure.layout.yaxis3.title.text == "seconds to an answer"


def test_errors_are_all_that_was_neither_answered_nor_still_in_hand():
    assert {*plots.runs.ERRORS, "ok", "unfinished"} == set(OUTCOMES)


def test_the_cost_of_each_hour_is_a_panel_of_its_own(run):
    figure = plots.fleet(run, title="", hourly_usd=np.array([0.1, 0.2]))
    assert figure.layout.yaxis4.title.text == "USD an hour"


def test_runs_are_compared_line_by_line(run):
    figure = plots.compared(
        {"one": run, "other": run}, "p99_seconds", title="t", y_title="ms", scale=1000
    )
    assert [trace.name for trace in figure.data] == ["one", "other"]
    assert np.allclose(figure.data[0].y, run.column("p99_seconds") * 1000, equal_nan=True)


def test_runs_that_do_not_fit_together_are_refused(run):
    with pytest.raises(InvalidInputError, match="at least one run"):
        plots.compared({}, "p99_seconds", title="t", y_title="ms")
    with pytest.raises(InvalidInputError, match="timeline has no column 'p98'"):
        plots.compared({"one": run}, "p98", title="t", y_title="ms")


# --- architectures --------------------------------------------------------------------------------

DRAWN = {
    name: plots.architecture(build(kind, **given))
    for name, kind, given in (
        *((name, name, {}) for name in ARCHITECTURES),
        ("eight services", "container-platform", {"services": 8}),
        ("tiers of tenants", "saas-platform", {"isolation": "tiered"}),
        ("all around the web", "three-tier-web",
         {"cdn": True, "proxy": True, "cache_node_type": "cache.t4g.micro"}),
    )
}  # fmt: skip
each_drawn = pytest.mark.parametrize("figure", DRAWN.values(), ids=DRAWN)


def boxes(figure):
    return [shape for shape in figure.layout.shapes if shape.type == "rect"]


def texts(figure):
    return [note for note in figure.layout.annotations if note.text]


def arrows(figure):
    return [note for note in figure.layout.annotations if note.showarrow and not note.text]


def inside(note, box):
    return box.x0 < note.x < box.x1 and box.y0 < note.y < box.y1


@each_drawn
def test_boxes_lie_in_the_picture_and_not_on_each_other(figure):
    found = boxes(figure)
    wide, (high, _) = figure.layout.xaxis.range[1], figure.layout.yaxis.range
    for number, box in enumerate(found):
        assert 0 <= box.x0 < box.x1 <= wide
        assert 0 <= box.y0 < box.y1 <= high
        for other in found[:number]:
            assert box.x1 < other.x0 or other.x1 < box.x0 or box.y1 < other.y0 or other.y1 < box.y0


@each_drawn
def test_every_box_has_one_text_that_fits_into_it(figure):
    for box in boxes(figure):
        (note,) = [note for note in texts(figure) if inside(note, box)]
        lines = re.sub("<b [^>]*>|</b>", "", note.text).split("<br>")
        # Letters of 11 pixels are 6 wide and 13 apart, rather less.
        assert max(map(len, lines)) * 6 <= box.x1 - box.x0
        assert len(lines) * 14 + 6 <= box.y1 - box.y0


@each_drawn
def test_arrows_begin_and_end_outside_of_boxes_and_cross_none(figure):
    for arrow in arrows(figure):
        for share in np.linspace(0.02, 0.98, 49):
            x = arrow.ax + share * (arrow.x - arrow.ax)
            y = arrow.ay + share * (arrow.y - arrow.ay)
            assert not [b for b in boxes(figure) if b.x0 < x < b.x1 and b.y0 < y < b.y1]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_picture_names_every_resource_and_links_what_is_linked(name):
    made, figure = build(name), DRAWN[name]
    labels = {re.search("<b [^>]*>(.*)</b>", note.text)[1].replace("<br>", "")
              for note in texts(figure) if "<b style" in note.text}  # fmt: skip
    assert labels == {one.name for one in made.resources}
    assert figure.layout.title.text.replace("<br>", " ") == made.summary
    ways = len(made.path) + len(set(made.links) - set(pairwise(made.path)))
    assert len(arrows(figure)) == ways


def test_what_is_needed_linked_and_beside_is_told_apart_without_color():
    styles = {(box.line.dash, box.line.width) for box in boxes(DRAWN["api-on-ec2"])}
    assert styles == {("solid", 2.5), ("solid", 1.2), ("dot", 1.2)}


def test_many_alike_are_one_box_that_says_how_many():
    told = [note.text for note in texts(DRAWN["eight services"])]
    (together,) = [text for text in told if "service-2" in text]
    assert "7 of them" in together
    assert not [text for text in told if "service-3" in text]
    assert any("10 copies" in note.text for note in texts(DRAWN["tiers of tenants"]))


def test_names_in_a_picture_are_no_markup():
    strange = Architecture(
        name="x", summary="<b>bold</b> & more.", tiers=(Static("files"),),
        standing=(NatGateway(name="<i>nat</i>"),), path=("<i>nat</i>",), clients="<u>",
    )  # fmt: skip
    figure = plots.architecture(strange, title=None)
    shown = figure.layout.title.text + "".join(note.text for note in texts(figure))
    assert "<i>" not in shown
    assert "<u>" not in shown
    assert "&lt;b&gt;bold" in shown
    assert plots.architecture(strange, title="Mine").layout.title.text == "Mine"


@pytest.mark.parametrize("resources", [1, 6, 7, 40])
def test_resources_without_any_link_fill_rows(resources):
    standing = tuple(NatGateway(name=f"nat-{number}") for number in range(resources))
    made = Architecture(name="x", summary="Many.", tiers=(Static("files"),), standing=standing)
    assert len(boxes(plots.architecture(made))) == resources
