"""The command line, as a person or a script uses it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models import BillingPeriod, Catalogue, bill
from models.cli import cli
from models.scenario import Scenario
from models.services import ec2, modules, resource_types
from running import costlab, refusal

COSTLAB = str(Path(sys.executable).parent / "costlab")


def test_a_price_is_shown_with_date_and_source():
    done = costlab("price", "AmazonEC2", "NatGateway-Hours", "--region", "eu-west-1")
    price = Catalogue.load().find("AmazonEC2", "NatGateway-Hours", region="eu-west-1")
    assert done.status == 0
    for part in ("$0.048 per Hrs", price.effective_date, price.source, price.confidence):
        assert part in done.out


def test_a_tiered_price_is_shown_with_all_its_tiers():
    done = costlab("price", "AmazonS3", "TimedStorage-ByteHrs", "--json")
    (price,) = json.loads(done.out)
    assert [tier["from"] for tier in price["tiers"]] == [0, 51_200, 512_000]
    assert price["tiers"][-1]["to"] is None


def test_every_operation_is_shown_where_none_is_given():
    done = costlab("price", "AWSELB", "LoadBalancerUsage", "--json")
    assert {price["operation"] for price in json.loads(done.out)} >= {
        "LoadBalancing:Application",
        "LoadBalancing:Network",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("AmazonEC2", "NatGateway-Hour"), "nearest: NatGateway-Hours"),
        (("AmazonEC3", "NatGateway-Hours"), "nearest: AmazonECS, AmazonECR, AmazonEC2"),
        (("AmazonEC2", "NatGateway-Hours", "--region", "eu-west-11"), "nearest: eu-west-1"),
        (("AmazonEC2",), "Missing argument 'USAGE_TYPE'."),
        (("AmazonEC2", "NatGateway-Hours", "--regoin", "x"), "No such option '--regoin'"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(arguments, said):
    assert said in refusal("price", *arguments)


def test_a_bill_is_printed_to_the_cent():
    done = costlab("bill", "three-tier-web")
    total = Scenario.load("three-tier-web").bill().total_usd
    assert f"${total:,.2f}" in done.out


def test_a_bill_as_json_adds_up():
    data = json.loads(costlab("bill", "three-tier-web", "--json").out)
    assert sum(line["cost_usd"] for line in data["lines"]) == pytest.approx(data["total_usd"])
    assert data["billing_period"] == "2026-11"


def test_a_setting_changes_the_bill():
    before = json.loads(costlab("bill", "three-tier-web", "--json").out)["total_usd"]
    after = json.loads(costlab("bill", "three-tier-web", "--json", "--set", "nat.count=1").out)[
        "total_usd"
    ]
    month = BillingPeriod.of("2026-11")
    two = ec2.NatGateway(name="nat", count=2, availability_zones=2, processed_gb=300)
    saved = sum(
        sign * bill(two.replace(count=count).estimate(month)).total_usd
        for sign, count in ((1, 2), (-1, 1))
    )
    assert before - after == pytest.approx(saved)
    assert saved > 30


def test_services_say_what_is_modelled_and_what_is_left_out():
    found = {one["id"]: one for one in json.loads(costlab("services", "--json").out)}
    assert found["ec2"]["status"] == "estimated"
    assert found["lambda"]["status"] == "modelled"
    assert found["dynamodb"]["status"] == "modelled"
    assert found["fsx"]["status"] == "left out"
    assert "ec2.NatGateway" in found["ec2"]["resources"]
    assert {"us-east-1", "eu-west-1"} <= set(found["ec2"]["regions"])
    assert all({"id", "status", "regions", "price_date"} <= set(one) for one in found.values())


def test_every_module_of_a_service_is_listed_with_its_resources():
    found = {one["id"]: one for one in json.loads(costlab("services", "--json").out)}
    assert set(modules()) <= set(found)
    assert {name for one in found.values() for name in one["resources"]} == set(resource_types())


def test_a_lesson_service_with_behavior_counts_as_modelled():
    found = {one["id"]: one for one in json.loads(costlab("services", "--json").out)}
    assert found["s3"]["status"] == "modelled"


def test_the_bundled_scenarios_are_listed():
    listed = json.loads(costlab("scenarios", "--json").out)
    assert {one["id"] for one in listed} >= {
        "three-tier-web",
        "forgotten-lab",
        "log-archive-10tb",
    }


def test_the_schema_is_json_on_screen_and_in_a_file(tmp_path):
    assert costlab("schema", "--out", tmp_path / "schema.json").status == 0
    assert json.loads((tmp_path / "schema.json").read_text()) == json.loads(costlab("schema").out)


def test_a_report_says_where_it_is_and_what_it_costs(tmp_path):
    done = costlab("report", "three-tier-web", "--out", tmp_path / "out", "--json")
    data = json.loads(done.out)
    assert data["total_usd"] == pytest.approx(Scenario.load("three-tier-web").bill().total_usd)
    assert all(Path(file).stat().st_size > 0 for file in data["files"])
    assert (tmp_path / "out" / "index.html").exists()


def test_a_report_with_settings_gives_the_total_before_too(tmp_path):
    done = costlab(
        "report", "three-tier-web", "--out", tmp_path / "out", "--json", "--set", "nat.count=1"
    )
    data = json.loads(done.out)
    assert data["baseline_total_usd"] > data["total_usd"]


def test_an_answer_is_marked():
    assert json.loads(costlab("check", "nat-per-az", "65.70", "--json").out)["right"] is True
    assert json.loads(costlab("check", "nat-per-az", "$1,000", "--json").out)["right"] is False


def test_a_negative_answer_is_an_answer_and_not_an_option():
    assert costlab("check", "nat-per-az", "-5").status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "nat-per-az", "much"), "answer 'much' must be a number"),
        (("check", "nat-per-zz", "1"), "nearest: nat-per-az"),
        (("hint", "nat-per-az", "9"), "must be 1 to 4"),
        (("quiz", "natt"), "nearest: nat"),
        (("frobnicate",), "No such command 'frobnicate'."),
    ],
)
def test_a_slip_at_the_exercises_is_one_line(arguments, said):
    assert said in refusal(*arguments)


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_explains_itself_and_speaks_json(name):
    done = costlab(name, "--help")
    assert done.status == 0
    assert "--json" in done.out


def test_without_a_command_there_is_help():
    assert "Usage: costlab" in costlab().out


def test_the_version_is_that_of_the_package():
    assert costlab("--version").out.startswith("costlab ")


def test_help_is_quick():
    start = time.perf_counter()
    subprocess.run([COSTLAB, "--help"], check=True, capture_output=True)
    assert time.perf_counter() - start < 1.0


def test_a_reader_that_goes_away_is_no_error():
    command = f"{COSTLAB} schema | head -c 10 > /dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
