"""Service level agreements: what is held, what is refused; and availability of several parts."""

import re

import numpy as np
import pytest

from models import theory
from models.errors import InvalidInputError, PriceFileError, UnknownNameError
from models.quotas.reading import SLA_COLUMNS, read_slas
from models.quotas.sla import sla, slas
from models.theory.composition import MONTH_SECONDS, YEAR_SECONDS

HEADER = ",".join(SLA_COLUMNS) + "\n"
GOOD = "lambda,,99.95,request,https://aws.amazon.com/lambda/sla/,2019-01-31,medium,\n"


class TestData:
    @pytest.mark.parametrize(
        ("service", "configuration", "percent"),
        [
            ("ec2", "Multi-AZ", 99.99),
            ("ec2", "Instance", 99.5),
            ("ec2", "EBS volume", 99.9),
            ("elbv2", "Multi-AZ", 99.99),
            ("ecs", "Multi-AZ", 99.99),
            ("eks", "", 99.95),
            ("lambda", "", 99.95),
            ("apigateway", "", 99.95),
            ("dynamodb", "Standard", 99.99),
            ("dynamodb", "Global Tables", 99.999),
            ("rds", "Multi-AZ", 99.95),
            ("rds", "Aurora Multi-AZ", 99.99),
            ("s3", "STANDARD", 99.9),
            ("s3", "STANDARD_IA", 99),
            ("sqs", "", 99.9),
            ("route53", "", 100),
            ("cloudfront", "", 99.9),
            ("kms", "", 99.999),
        ],
    )
    def test_the_commitments_are_these(self, service, configuration, percent):
        found = sla(service, configuration)
        assert found.uptime_percent == percent
        assert found.availability == pytest.approx(percent / 100, abs=1e-15)

    def test_every_row_names_a_page_and_a_date(self):
        for row in slas().values():
            assert "https://aws.amazon.com/" in row.source
            assert re.fullmatch(r"20\d\d-\d\d-\d\d", row.date)
            assert row.confidence == "high" or "relay" in row.source or row.note

    def test_several_zones_never_promise_less_than_one(self):
        for service, single in (("rds", "Single-AZ"), ("elbv2", "Single-AZ"), ("ec2", "Instance")):
            assert sla(service, "Multi-AZ").availability > sla(service, single).availability

    def test_the_table_is_read_once_and_cannot_be_changed(self):
        assert slas() is slas()
        with pytest.raises(TypeError):
            slas()["lambda", ""] = None

    def test_a_row_says_itself_in_a_sentence(self):
        assert str(sla("rds", "Single-AZ")).startswith(
            "rds Single-AZ: 99.5 % a month by time (2024"
        )


class TestRefusals:
    def test_an_unknown_service_is_refused_with_the_nearest(self):
        with pytest.raises(UnknownNameError, match=r"'elbv3'; nearest: elbv2.*held: .*wafv2"):
            sla("elbv3")

    def test_a_service_with_several_commitments_needs_a_configuration(self):
        with pytest.raises(UnknownNameError, match=r"'multi-az'; nearest: Multi-AZ.*'Single-AZ'"):
            sla("elbv2", "multi-az")
        with pytest.raises(UnknownNameError, match=r"ec2 has no configuration ''.*'Instance'"):
            sla("ec2")

    def test_a_configuration_of_a_service_with_one_commitment_is_refused(self):
        with pytest.raises(UnknownNameError, match=r"lambda has no configuration 'Multi-AZ'"):
            sla("lambda", "Multi-AZ")

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("", "the file is empty"),
            (HEADER, "holds a header but no rows"),
            (HEADER + GOOD + GOOD, ":3: lambda stands twice"),
            (HEADER + GOOD.replace("lambda,", ",", 1), ":2: service is empty"),
            (HEADER + GOOD.replace("99.95", "100.1"), ":2: uptime_percent 100.1 must be at most"),
            (HEADER + GOOD.replace("99.95", "0"), ":2: uptime_percent '0' must be above 0"),
            (HEADER + GOOD.replace("99.95", "high"), "uptime_percent 'high' must be a finite"),
            (HEADER + GOOD.replace("request", "month"), "per 'month' must be one of time, request"),
            (HEADER + GOOD.replace("medium", "sure"), "confidence 'sure' must be one of high"),
            (HEADER + GOOD.replace("2019-01-31", "2019"), "date '2019' must be a date"),
            (HEADER + GOOD.rsplit(",", 1)[0], ":2: 7 fields in place of 8"),
        ],
    )
    def test_a_damaged_file_is_refused_with_its_line(self, tmp_path, content, said):
        path = tmp_path / "sla.csv"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(PriceFileError, match=re.escape(said)):
            list(read_slas(path))


class TestComposition:
    def test_a_load_balancer_instances_and_a_database_in_a_row(self):
        parts = sla("elbv2", "Multi-AZ"), sla("ec2", "Multi-AZ"), sla("rds", "Multi-AZ")
        whole = theory.series_availability(*(part.availability for part in parts))
        assert whole == pytest.approx(0.99930, abs=5e-6)
        assert theory.downtime_seconds(whole, MONTH_SECONDS) / 60 == pytest.approx(30.2, abs=0.05)
        assert theory.downtime_seconds(whole) / 3600 == pytest.approx(6.13, abs=0.005)

    def test_an_api_a_function_and_a_table_in_one_and_in_two_regions(self):
        whole = theory.series_availability(0.9995, 0.9995, 0.9999)
        assert whole == pytest.approx(0.99890, abs=5e-6)
        assert theory.downtime_seconds(whole) / 3600 == pytest.approx(9.63, abs=0.005)
        assert theory.redundant_availability(whole, whole) == pytest.approx(0.9999988, abs=5e-8)

    def test_three_of_which_one_is_enough(self):
        whole = theory.redundant_availability(0.995, 0.995, 0.995)
        assert whole == pytest.approx(0.999999875, abs=1e-12)
        assert theory.downtime_seconds(whole) == pytest.approx(3.94, abs=0.005)

    def test_the_two_ends_of_so_many_of_so_many(self):
        assert theory.availability(0.995, 4, 3) == pytest.approx(0.999851, abs=5e-7)
        assert theory.availability(0.9, 3, 3) == pytest.approx(
            theory.series_availability(*[0.9] * 3)
        )
        assert theory.availability(0.9, 3) == pytest.approx(
            theory.redundant_availability(*[0.9] * 3)
        )

    def test_one_outage_of_four_hours_a_year_and_with_failover(self):
        for down_hours, share in ((4, 0.999543), (1 / 6, 0.999981)):
            up = YEAR_SECONDS - down_hours * 3600
            found = theory.renewal_availability(up, down_hours * 3600)
            assert found == pytest.approx(share, abs=5e-7)

    @pytest.mark.parametrize(
        ("percent", "minutes"), [(99.9, 43.2), (99.95, 21.6), (99.99, 4.32), (99.999, 0.43)]
    )
    def test_nines_in_minutes_of_a_month(self, percent, minutes):
        down = theory.downtime_seconds(percent / 100, MONTH_SECONDS) / 60
        assert down == pytest.approx(minutes, abs=0.005)

    def test_arrays_go_through(self):
        one = np.array([0.9, 0.99])
        assert theory.series_availability(one, 0.5).tolist() == [0.45, 0.495]
        assert theory.redundant_availability(one, one) == pytest.approx([0.99, 0.9999])
        assert theory.renewal_availability(one, 0.0).tolist() == [1, 1]

    @pytest.mark.parametrize(
        ("call", "said"),
        [
            (theory.series_availability, "at least one"),
            (theory.redundant_availability, "at least one"),
            (lambda: theory.series_availability(99.9), "availability 99.9 must be a share"),
            (lambda: theory.renewal_availability(0, 5), "up_seconds 0 must be .*above 0"),
            (lambda: theory.renewal_availability(5, -1), "down_seconds -1"),
            (lambda: theory.downtime_seconds(0.9, -1), "period_seconds -1"),
            (lambda: theory.downtime_seconds(float("nan")), "availability nan"),
        ],
    )
    def test_what_is_no_availability_is_refused(self, call, said):
        with pytest.raises(InvalidInputError, match=said):
            call()
