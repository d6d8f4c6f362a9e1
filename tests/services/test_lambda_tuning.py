"""Memory power tuning: closed forms against every size, fits, and files written here."""

import base64
import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidInputError
from models.quotas import value_of
from models.services.lambda_.tuning import (
    Measurement,
    Work,
    balanced_memory_mb,
    cheapest_in_closed_form,
    cheapest_memory_mb,
    cheapest_within,
    fastest_memory_mb,
    fit,
    read_measurements,
)

SIZES = np.arange(128, 10_241)
POWERS = (128, 256, 512, 1024, 1536, 3008)

#: At most 30 s of each: no size takes longer than the 900 s that an invocation may.
SECONDS = st.one_of(st.just(0.0), st.floats(0.001, 30))
WORKS = (
    st.fixed_dictionaries(
        {
            "cpu_seconds": SECONDS,
            "parallel_cpu_seconds": SECONDS,
            "waiting_seconds": SECONDS,
        }
    )
    .filter(lambda fields: any(fields.values()))
    .map(lambda fields: Work(**fields))
)


def unrounded(work):
    """GB-seconds at every size, were durations billed as they are."""
    return work.duration_seconds(SIZES) * SIZES / 1024


class TestDurations:
    def test_one_thread_takes_as_long_as_its_share_and_costs_the_same_up_to_one_vcpu(self):
        work = Work(cpu_seconds=2)
        below = SIZES[SIZES <= 1769]
        assert work.duration_seconds(below) == pytest.approx(2 * 1769 / below)
        assert unrounded(work)[: len(below)] == pytest.approx(2 * 1769 / 1024)

    def test_beyond_one_vcpu_it_takes_the_same_and_costs_more(self):
        work = Work(cpu_seconds=2)
        beyond = SIZES[SIZES >= 1769]
        assert set(work.duration_seconds(beyond)) == {2.0}
        assert work.gb_seconds(beyond) == pytest.approx(2 * beyond / 1024)

    def test_parallel_work_falls_to_the_largest_size_at_one_cost(self):
        work = Work(parallel_cpu_seconds=6)
        durations = work.duration_seconds(SIZES)
        assert np.all(np.diff(durations) < 0)
        assert durations[-1] == pytest.approx(6 * 1769 / 10_240)
        assert unrounded(work) == pytest.approx(6 * 1769 / 1024)

    def test_the_largest_size_has_no_more_than_the_documented_vcpus(self):
        assert SIZES[-1] / 1769 < value_of("lambda", "vcpus_max") == 6

    def test_waiting_takes_the_same_at_every_size(self):
        assert set(Work(waiting_seconds=0.3).duration_seconds(SIZES)) == {0.3}

    def test_a_faster_architecture_does_the_work_faster_and_waits_as_long(self):
        work = Work(cpu_seconds=1, parallel_cpu_seconds=2, waiting_seconds=0.5)
        faster = work.replace(speed=1.25)
        assert faster.duration_seconds(SIZES) - 0.5 == pytest.approx(
            (work.duration_seconds(SIZES) - 0.5) / 1.25
        )

    def test_whole_milliseconds_are_billed(self):
        assert Work(waiting_seconds=0.0101).gb_seconds(1024) == pytest.approx(0.011)
        assert Work(waiting_seconds=0.12).gb_seconds(2048) == pytest.approx(0.24)

    def test_one_size_gives_a_number_and_several_an_array(self):
        work = Work(cpu_seconds=1)
        assert isinstance(work.duration_seconds(128), float)
        assert isinstance(work.gb_seconds(128), float)
        assert work.gb_seconds(np.array([[128, 256]])).shape == (1, 2)


class TestChoices:
    @settings(max_examples=60, deadline=None)
    @given(work=WORKS)
    def test_the_closed_form_is_the_fastest_of_the_cheapest_sizes(self, work):
        charged = unrounded(work)
        cheapest = charged <= charged.min() * (1 + 1e-12)
        durations = np.where(cheapest, work.duration_seconds(SIZES), np.inf)
        assert cheapest_in_closed_form(work) == SIZES[np.argmin(durations)]
        assert np.all(np.diff(charged) > -1e-9 * charged[1:])

    @settings(max_examples=60, deadline=None)
    @given(work=WORKS)
    def test_rounding_costs_the_closed_form_a_millisecond_at_most(self, work):
        closed, found = cheapest_in_closed_form(work), cheapest_memory_mb(work)
        assert work.gb_seconds(found) == pytest.approx(work.gb_seconds(SIZES).min(), rel=1e-12)
        dearer = work.gb_seconds(closed) - work.gb_seconds(found)
        assert -1e-9 <= dearer <= closed / 1024 / 1000 + 1e-9

    @settings(max_examples=60, deadline=None)
    @given(work=WORKS)
    def test_the_fastest_is_the_smallest_that_is_as_fast(self, work):
        durations = work.duration_seconds(SIZES)
        assert fastest_memory_mb(work) == SIZES[np.flatnonzero(durations == durations.min())[0]]

    @settings(max_examples=100, deadline=None)
    @given(work=WORKS, speed=st.sampled_from([0.8, 1.0, 1.25]), slack=st.floats(1.0, 20))
    def test_within_a_limit_the_closed_form_is_what_trying_all_sizes_finds(
        self, work, speed, slack
    ):
        work = work.replace(speed=speed)
        limit = work.duration_seconds(10_240) * slack
        found = cheapest_within(work, limit)
        # A size that is whole but for a millionth of a MB counts as whole: 4 parts in 10^9.
        assert work.duration_seconds(found) <= limit * (1 + 5e-9)
        keeps = work.duration_seconds(SIZES) <= limit * (1 - 5e-9)
        least = np.where(keeps, unrounded(work), np.inf).min()
        assert unrounded(work)[found - 128] <= least * (1 + 1e-9)

    def test_waiting_and_one_thread_within_a_limit_is_the_formula(self):
        work = Work(cpu_seconds=0.4, parallel_cpu_seconds=0.6, waiting_seconds=0.5)
        assert cheapest_within(work, 2.5) == np.ceil(1769 / 2)
        assert cheapest_within(work, 1.1) == np.ceil(0.6 * 1769 / 0.2)
        assert cheapest_within(work, 1e6) == 128

    def test_a_limit_that_only_just_holds_is_met(self):
        one_thread = Work(cpu_seconds=0.1, waiting_seconds=0.7)
        assert cheapest_within(one_thread, one_thread.duration_seconds(1769)) == 1769
        shared = Work(cpu_seconds=0.1, parallel_cpu_seconds=0.3, waiting_seconds=0.7)
        assert cheapest_within(shared, shared.duration_seconds(10_240)) == 10_240
        assert cheapest_within(Work(waiting_seconds=0.2), 0.2) == 128

    def test_a_limit_that_no_size_keeps_is_refused_with_the_least(self):
        with pytest.raises(InvalidInputError, match=r"limit_seconds 1.4 .* 1.5, .* 10,240 MB \[s"):
            cheapest_within(Work(cpu_seconds=1, waiting_seconds=0.5), 1.4)

    @settings(max_examples=40, deadline=None)
    @given(work=WORKS)
    def test_balance_ends_in_the_cheapest_and_the_fastest(self, work):
        assert balanced_memory_mb(work, 1) == cheapest_memory_mb(work)
        assert balanced_memory_mb(work, 0) == fastest_memory_mb(work)

    def test_balance_is_the_weighted_sum_that_the_tool_takes(self):
        work = Work(cpu_seconds=1, parallel_cpu_seconds=2, waiting_seconds=0.3)
        seconds = [work.duration_seconds(size) for size in POWERS]
        costs = [work.gb_seconds(size) for size in POWERS]
        for weight in (0.1, 0.5, 0.7, 0.95):
            values = [
                weight * cost / max(costs) + (1 - weight) * took / max(seconds)
                for cost, took in zip(costs, seconds, strict=True)
            ]
            best = POWERS[values.index(min(values))]
            assert balanced_memory_mb(work, weight, sizes_mb=POWERS) == best

    def test_a_charge_for_requests_favours_the_faster_sizes(self):
        work = Work(cpu_seconds=0.01, waiting_seconds=0.02)
        plain = balanced_memory_mb(work, 0.7)
        assert balanced_memory_mb(work, 0.7, request_equivalent_gb_seconds=0.012) > plain

    def test_of_sizes_that_cost_the_same_the_fastest_is_the_cheapest(self):
        # 145 MB take 12.2 s and 1,769 MB 1 s: the same GB-seconds, to the millisecond.
        work = Work(cpu_seconds=1)
        assert work.gb_seconds(145) == pytest.approx(work.gb_seconds(1769), rel=1e-15)
        assert cheapest_memory_mb(work) == 1769

    def test_sizes_to_choose_from_may_be_given(self):
        work = Work(cpu_seconds=1)
        assert cheapest_memory_mb(work, [3008, 512]) == 512
        assert fastest_memory_mb(work, POWERS) == 3008

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: Work(speed=2), "one of cpu_seconds, .* must be above 0"),
            (lambda: Work(cpu_seconds=-1), "Work.cpu_seconds: -1"),
            (lambda: Work(cpu_seconds=1, speed=0), "Work.speed: 0"),
            (lambda: Work(cpu_seconds=1).duration_seconds(127), "memory_size_mb 127 .* 128 to"),
            (lambda: Work(cpu_seconds=1).duration_seconds(10_241), "128 to 10,240"),
            (lambda: Work(cpu_seconds=1).gb_seconds(np.array([128, 128.5])), "whole number"),
            (lambda: Work(cpu_seconds=1).gb_seconds("128"), "memory_size_mb '128'"),
            (lambda: balanced_memory_mb(Work(cpu_seconds=1), 1.1), "weight 1.1 .* from 0 to 1"),
            (lambda: balanced_memory_mb(Work(cpu_seconds=1), 0.5, -1), "request_equivalent_gb"),
            (lambda: cheapest_memory_mb(Work(cpu_seconds=1), []), "at least one memory size"),
            (lambda: cheapest_within(Work(cpu_seconds=1), float("nan")), "limit_seconds nan"),
        ],
    )
    def test_what_makes_no_sense_is_refused_by_name(self, call, message):
        with pytest.raises(InvalidInputError, match=message):
            call()


class TestFit:
    @settings(max_examples=60, deadline=None)
    @given(work=WORKS)
    def test_exact_durations_give_the_work_back(self, work):
        found, off = fit([(size, work.duration_seconds(size)) for size in POWERS])
        largest = work.duration_seconds(128)
        for part in ("cpu_seconds", "parallel_cpu_seconds", "waiting_seconds"):
            assert getattr(found, part) == pytest.approx(getattr(work, part), abs=1e-9 * largest)
        assert off <= 1e-9 * largest

    def test_noise_moves_it_about_as_much_as_there_is_noise(self):
        work = Work(cpu_seconds=0.8, parallel_cpu_seconds=0.5, waiting_seconds=0.2)
        noise = np.random.default_rng(3).normal(0, 0.005, len(SIZES[::50]))
        seconds = work.duration_seconds(SIZES[::50]) + noise
        found, off = fit(zip(SIZES[::50], seconds, strict=True))
        assert off == pytest.approx(0.005, rel=0.2)
        assert found.duration_seconds(SIZES) == pytest.approx(
            work.duration_seconds(SIZES), abs=0.005
        )

    def test_no_part_is_ever_negative(self):
        found, off = fit([(128, 1.0), (1024, 1.2), (3008, 1.4)])
        assert (found.cpu_seconds, found.parallel_cpu_seconds) == (0, 0)
        assert found.waiting_seconds == pytest.approx(1.2)
        assert off == pytest.approx(np.std([1.0, 1.2, 1.4]))

    def test_up_to_one_vcpu_all_work_is_taken_for_one_thread(self):
        work = Work(parallel_cpu_seconds=3, waiting_seconds=0.1)
        found, off = fit([(size, work.duration_seconds(size)) for size in (128, 512, 1769)])
        assert found.cpu_seconds == pytest.approx(3)
        assert found.parallel_cpu_seconds == 0
        assert off == pytest.approx(0, abs=1e-9)

    @pytest.mark.parametrize(
        ("measurements", "message"),
        [
            ([], "of 0 memory sizes; must be of at least 3"),
            ([(128, 1), (128, 1.1), (256, 0.5), (256, 0.6)], "of 2 memory sizes"),
            ([(1769, 1), (2048, 1), (4096, 1)], "start at 1769 MB; one must be below 1,769"),
            ([(128, 1), (256, 1), (64, 1)], "measurement 3: memory_size_mb 64 must be"),
            ([(128, 1), (256, 0), (512, 1)], r"measurement 2: seconds 0 .* most 900.* \[s\]"),
        ],
    )
    def test_what_tells_too_little_is_refused(self, measurements, message):
        with pytest.raises(InvalidInputError, match=message):
            fit(measurements)


@pytest.fixture
def written(tmp_path):
    def write(text, name="measured.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def address(sizes, durations, costs):
    """As the tool writes it."""
    kinds = zip("hff", (sizes, durations, costs), strict=True)
    parts = [struct.pack(f"<{len(values)}{kind}", *values) for kind, values in kinds]
    return "https://lambda-power-tuning.show/#" + ";".join(
        base64.b64encode(part).decode() for part in parts
    )


def output(sizes, durations, *, stats=True, picture=True):
    """What the tool prints, in part."""
    costs = [1e-6] * len(sizes)
    found = {"power": sizes[0], "cost": costs[0], "duration": durations[0], "stateMachine": {}}
    if stats:
        found["stats"] = [
            {"averagePrice": 1e-6, "averageDuration": duration, "value": size}
            for size, duration in zip(sizes, durations, strict=True)
        ]
    if picture:
        found["stateMachine"]["visualization"] = address(sizes, durations, costs)
    return found


DURATIONS = (2000.125, 1000.0625, 500.5, 250.25, 200.0, 150.75)
EXPECTED = tuple(Measurement(size, ms / 1000) for size, ms in zip(POWERS, DURATIONS, strict=True))
CSV = "memory_mb,duration_ms\n" + "".join(
    f"{size},{ms}\n" for size, ms in zip(POWERS, DURATIONS, strict=True)
)
TUNED = output(POWERS, DURATIONS)


class TestFiles:
    @pytest.mark.parametrize(
        "text",
        [
            CSV,
            "\ufeff" + CSV.replace("\n", "\r\n") + "\r\n",
            CSV.replace("memory_mb,duration_ms", "Memory_MB, Duration_ms"),
            "".join(f"x,{line}\n" for line in CSV.splitlines()),
            json.dumps(TUNED),
            json.dumps(TUNED, indent=2),
            json.dumps({"results": TUNED}),
            json.dumps({"output": TUNED}),
            json.dumps({"status": "SUCCEEDED", "output": json.dumps(TUNED)}),
            json.dumps(output(POWERS, DURATIONS, picture=False)),
            json.dumps(output(POWERS, DURATIONS, stats=False)),
        ],
        ids=["CSV", "Windows", "capitals", "more columns", "JSON", "indented", "results", "output",
             "execution", "stats only", "picture only"],
    )  # fmt: skip
    def test_a_file_gives_its_measurements(self, written, text):
        assert read_measurements(written(text)) == EXPECTED

    def test_the_published_example_of_an_address_is_read(self, written):
        # README-INPUT-OUTPUT.md of alexcasalboni/aws-lambda-power-tuning.
        link = (
            "https://lambda-power-tuning.show/#gAAAAQACAAQABsAL;ZooQR4yvkUa/pQRGRC5zRaADHUVjOftE;"
            "QdWhOEMkoziDT5Q4xhiIOMYYiDi6RNc4"
        )
        found = read_measurements(written(json.dumps({"stateMachine": {"visualization": link}})))
        assert [size for size, _ in found] == [128, 256, 512, 1024, 1536, 3008]
        # The README says of this picture: from 37 s to less than 3 s.
        assert found[0].seconds == pytest.approx(37.0024, abs=5e-5)
        assert found[-1].seconds == pytest.approx(2.00979, abs=5e-6)

    def test_what_was_read_can_be_fitted(self, written):
        work = Work(cpu_seconds=0.8, parallel_cpu_seconds=0.5, waiting_seconds=0.2)
        durations = [work.duration_seconds(size) * 1000 for size in POWERS]
        file = written(json.dumps(output(POWERS, durations, stats=False)))
        found, _ = fit(read_measurements(file))
        assert found.cpu_seconds == pytest.approx(0.8, rel=1e-4)
        assert found.parallel_cpu_seconds == pytest.approx(0.5, rel=1e-4)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", r"csv:1: must have a column memory_mb; it has none"),
            (
                "memory_mb,ms\n128,5\n",
                r"csv:1: must have a column duration_ms; it has memory_mb, m",
            ),
            ("memory_mb,duration_ms\n", r"csv: holds no measurements"),
            (CSV + "9000\n", r"csv:8: 1 fields in place of 2"),
            (
                CSV + "many,5\n",
                r"csv:8: memory_mb 'many' must be a whole number from 128 to 10,240",
            ),
            (CSV + ",5\n", r"csv:8: memory_mb '' must be"),
            (CSV + "4096.5,5\n", r"csv:8: memory_mb '4096.5' must be a whole number"),
            (CSV + "10241,5\n", r"csv:8: memory_mb '10241' must be .* \[MB\]"),
            (CSV.replace("128,", "127,"), r"csv:2: memory_mb '127' must be"),
            (CSV + "512,5\n", r"csv:8: memory_mb 512 comes after 3008; sizes must rise"),
            (CSV + "3008,5\n", r"csv:8: memory_mb 3008 comes after 3008"),
            (CSV + "4096,fast\n", r"csv:8: duration_ms 'fast' must be a number above 0"),
            (CSV + "4096,-5\n", r"csv:8: duration_ms '-5' must be a number above 0"),
            (CSV + "4096,0\n", r"csv:8: duration_ms '0' must be"),
            (CSV + "4096,nan\n", r"csv:8: duration_ms 'nan' must be"),
            (CSV + "4096,900001\n", r"csv:8: duration_ms '900001' .* at most 900,000 \[ms\]"),
            (CSV + '4096,"5', r"csv:8: is not CSV"),
            (b"\xff\xfe\x00", "cannot be read"),
            ("{", r"csv:1: is not JSON"),
            ('{\n"power": 128,\n}', r"csv:3: is not JSON"),
            ('{"a":' * 100_000, "too deep"),
            ("{}", "must hold a list stats or .* it holds nothing"),
            ('{"power": 128, "stateMachine": {}}', "it holds power, stateMachine"),
            ('{"output": 5}', "output must be an object"),
            ('{"output": "oops"}', "csv:1: is not JSON"),
            ('{"stats": []}', "holds no measurements"),
            ('{"stats": [5]}', r"csv: stats\[0\]: memory_mb None must be"),
            ('{"stats": [{"value": 128}]}', r"stats\[0\]: duration_ms None must be"),
            ('{"stats": [{"value": true, "averageDuration": 5}]}', r"memory_mb True must be"),
            ('{"stats": [{"value": 128, "averageDuration": true}]}', r"duration_ms True must be"),
            ('{"stats": [{"value": 128, "averageDuration": NaN}]}', r"duration_ms nan must be"),
            (json.dumps(output((256, 128), (5, 6))), r"stats\[1\]: memory_mb 128 comes after 256"),
            (
                json.dumps(output((256, 128), (5, 6), stats=False)),
                r"visualization, size 1: memory_mb 128 comes after 256",
            ),
            (
                json.dumps(output((128, 256), (5, -6), stats=False)),
                r"visualization, size 1: duration_ms -6.0 must be",
            ),
        ],
    )
    def test_a_file_that_is_none_is_refused_by_its_line(self, written, text, message):
        with pytest.raises(InvalidInputError, match=message):
            read_measurements(written(text))

    @pytest.mark.parametrize(
        "link",
        [
            "https://lambda-power-tuning.show/",
            "https://lambda-power-tuning.show/#<encoded_data>",
            "#gAAA;AAAA",
            "#gAAAAQ==;AAAAQA==;AAAAQA==",
            "#gAAA;AAAAQA==;AAAAQA==",
            "#gA==;AAAAQA==;AAAAQA==",
            "#gA!A=;AAAAQA==;AAAAQA==",
        ],
        ids=[
            "no data",
            "placeholder",
            "two parts",
            "lengths differ",
            "odd bytes",
            "half a size",
            "stray",
        ],
    )
    def test_an_address_that_holds_no_data_is_refused(self, written, link):
        with pytest.raises(
            InvalidInputError, match=r"csv: visualization .* must end in # and three"
        ):
            read_measurements(written(json.dumps({"stateMachine": {"visualization": link}})))

    def test_a_file_that_is_not_there_is_refused(self, tmp_path):
        with pytest.raises(InvalidInputError, match="there is no such file"):
            read_measurements(tmp_path / "none.csv")
