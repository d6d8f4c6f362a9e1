"""Lambda's cold starts: what was measured, what is read from it, and what is refused."""

import math
import re
import statistics

import pytest

from models import quotas
from models.errors import InvalidInputError, PriceFileError, UnknownNameError
from models.quotas.reading import COLD_START_COLUMNS, read_cold_starts

SIZES = (128, 256, 512, 1024)
HEADER = ",".join(COLD_START_COLUMNS) + "\n"
GOOD = "java21,zip,x86_64,128,10,243.1,0.05,261.9,89.5,92.9,somebody,2026-08-22\n"
#: Runtimes that AWS manages and that start an interpreter or a virtual machine.
MANAGED = re.compile(r"(python|nodejs|ruby|java|dotnet)[\d.]+(x|al2)?")


def rows_of(runtime, package_type="zip", architecture="x86_64"):
    return quotas.cold_starts()[runtime, package_type, architecture]


class TestData:
    def test_every_function_was_measured_at_the_four_sizes(self):
        assert len(quotas.cold_starts()) == 155
        for rows in quotas.cold_starts().values():
            assert tuple(row.memory_mb for row in rows) == SIZES

    def test_forty_runtimes_in_both_packages_and_architectures_but_for_two(self):
        assert len(quotas.runtimes()) == 40
        kinds = [key[0] for key in quotas.cold_starts()]
        partial = {name: kinds.count(name) for name in quotas.runtimes() if kinds.count(name) < 4}
        assert partial == {"bun_layer": 1, "quarkus_native_on_provided_al2": 2}

    def test_a_row_is_ten_starts_or_nine_and_makes_sense(self):
        for rows in quotas.cold_starts().values():
            for row in rows:
                assert row.n in (9, 10)
                assert row.init_median_ms < row.init_max_ms
                assert row.memory_used_mb < row.memory_mb

    def test_managed_runtimes_go_by_the_identifiers_of_aws(self):
        managed = {name for name in quotas.runtimes() if MANAGED.fullmatch(name)}
        assert {"python3.12", "nodejs22.x", "java8.al2", "ruby3.4", "dotnet8"} <= managed
        assert len(managed) == 19

    def test_the_file_is_read_once(self):
        assert quotas.cold_starts() is quotas.cold_starts()
        with pytest.raises(TypeError):
            quotas.cold_starts()["new", "zip", "arm64"] = ()


class TestInit:
    def test_init_of_python_does_not_fall_with_memory(self):
        medians = [row.init_median_ms for row in rows_of("python3.12")]
        assert max(medians) / min(medians) < 1.15

    @pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
    def test_eight_times_the_cpu_does_not_help_init_of_any_managed_runtime(self, architecture):
        for name in filter(MANAGED.fullmatch, quotas.runtimes()):
            small, *_, large = (row.init_median_ms for row in rows_of(name, "zip", architecture))
            assert large / small > 0.8, name  # medians of ten

    @pytest.mark.parametrize("runtime", ["python3.12", "nodejs22.x", "java21", "dotnet8"])
    def test_an_image_starts_slower_than_a_zip_file_and_varies_more(self, runtime):
        zipped, image = quotas.init_seconds(runtime), quotas.init_seconds(runtime, "image")
        assert image.median_seconds > 1.2 * zipped.median_seconds
        assert image.sigma > 1.5 * zipped.sigma

    def test_an_image_starts_faster_where_the_function_is_a_native_program(self):
        for runtime in ("graalvm_java21_on_provided_al2023", "dotnet8_aot_on_provided_al2023"):
            zipped, image = quotas.init_seconds(runtime), quotas.init_seconds(runtime, "image")
            assert image.median_seconds < zipped.median_seconds

    def test_the_fit_pools_the_sizes(self):
        rows, fit = rows_of("python3.12"), quotas.init_seconds("python3.12")
        logs = [math.log(row.init_median_ms) for row in rows]
        assert fit.median_seconds == pytest.approx(math.prod(map(math.exp, logs)) ** 0.25 / 1000)
        within = statistics.fmean(row.init_sigma**2 for row in rows)  # ten starts each
        assert fit.sigma**2 == pytest.approx(within + statistics.pvariance(logs))

    def test_unequal_counts_weigh_by_their_degrees_of_freedom(self):
        rows = rows_of("nodejs22.x", "image")
        assert [row.n for row in rows] == [10, 10, 9, 10]
        within = sum((row.n - 1) * row.init_sigma**2 for row in rows) / 35
        between = statistics.pvariance(math.log(row.init_median_ms) for row in rows)
        found = quotas.init_seconds("nodejs22.x", "image").sigma
        assert found == pytest.approx(math.sqrt(within + between))


class TestFirstRun:
    def test_a_measured_size_gives_the_measured_mean(self):
        for (runtime, package, chip), rows in quotas.cold_starts().items():
            for row in rows:
                found = quotas.first_run_seconds(runtime, row.memory_mb, package, chip)
                assert found == pytest.approx(row.first_run_ms / 1000, rel=1e-12)

    @pytest.mark.parametrize("runtime", ["dotnet8", "dotnet10", "java21", "java25"])
    def test_the_first_run_falls_with_memory(self, runtime):
        found = [quotas.first_run_seconds(runtime, size) for size in SIZES]
        assert found == sorted(found, reverse=True)
        assert found[0] > 4 * found[-1]

    def test_the_first_run_of_python_hardly_falls(self):
        found = [quotas.first_run_seconds("python3.12", size) for size in SIZES]
        assert max(found) / min(found) < 1.1

    def test_work_that_goes_as_one_over_memory_does_so_between_the_sizes(self):
        small, large = (quotas.first_run_seconds("dotnet8", size) for size in (256, 512))
        between = quotas.first_run_seconds("dotnet8", 362)  # 256 x the square root of 2
        assert between == pytest.approx(math.sqrt(small * large), rel=1e-3)

    def test_beyond_the_largest_size_measured_it_stays_as_there(self):
        largest = quotas.first_run_seconds("java25", 1024)
        assert quotas.first_run_seconds("java25", 1025) == pytest.approx(largest)
        assert quotas.first_run_seconds("java25", 10240) == pytest.approx(largest)


class TestRefusals:
    def test_an_unknown_runtime_is_refused_with_the_nearest(self):
        with pytest.raises(
            UnknownNameError, match=r"'python3\.21'; nearest: python3\.1\d, .*held: .*java21"
        ):
            quotas.init_seconds("python3.21")
        with pytest.raises(UnknownNameError, match=r"nearest: nodejs2\d\.x"):
            quotas.first_run_seconds("nodejs22", 128)

    @pytest.mark.parametrize(
        ("package_type", "architecture", "said"),
        [
            ("zip", "x86", "'zip x86'; nearest: zip x86_64"),
            ("Zip", "arm64", "'Zip arm64'; nearest: zip arm64"),
            ("layer", "x86_64", "held: zip x86_64, zip arm64, image x86_64, image arm64"),
        ],
    )
    def test_an_unknown_package_or_architecture_is_refused(self, package_type, architecture, said):
        with pytest.raises(UnknownNameError, match=re.escape(said)):
            quotas.init_seconds("java21", package_type, architecture)

    def test_what_was_not_measured_of_a_runtime_is_refused(self):
        with pytest.raises(
            UnknownNameError, match=r"of bun_layer .*'zip arm64'.*held: zip x86_64$"
        ):
            quotas.init_seconds("bun_layer", architecture="arm64")

    @pytest.mark.parametrize("memory", [0, 127, 10241, 300.5, math.nan, math.inf])
    def test_a_memory_that_lambda_does_not_offer_is_refused(self, memory):
        with pytest.raises(InvalidInputError, match=r"memory_size_mb is .* from 128 to 10,240"):
            quotas.first_run_seconds("java21", memory)

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("", "the file is empty"),
            (HEADER, "holds a header but no rows"),
            (HEADER + GOOD + GOOD, ":3: java21 zip x86_64 128 stands twice"),
            (HEADER + GOOD.replace("java21", " "), ":2: runtime is empty"),
            (HEADER + GOOD.replace("zip", "jar"), ":2: package_type 'jar' must be one of zip"),
            (HEADER + GOOD.replace("x86_64", "arm"), ":2: architecture 'arm' must be one of"),
            (HEADER + GOOD.replace(",128,", ",128.5,"), "memory_mb '128.5' must be a whole number"),
            (HEADER + GOOD.replace(",10,", ",0,"), ":2: n '0' must be above 0"),
            (HEADER + GOOD.replace(",0.05,", ",-0.05,"), "init_sigma '-0.05' must be above 0"),
            (HEADER + GOOD.replace("243.1", "fast"), "init_median_ms 'fast' must be a finite"),
            (HEADER + GOOD.replace("89.5", "nan"), "first_run_ms 'nan' must be a finite number"),
            (HEADER + GOOD.replace("somebody", ""), ":2: source is empty"),
            (HEADER + GOOD.replace("2026-08-22", "22.8.2026"), "date '22.8.2026' must be a date"),
            (HEADER + GOOD.rsplit(",", 1)[0], ":2: 11 fields in place of 12"),
        ],
    )
    def test_a_damaged_file_is_refused_with_its_line(self, tmp_path, content, said):
        path = tmp_path / "cold_starts.csv"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(PriceFileError, match=re.escape(said)):
            list(read_cold_starts(path))

    def test_the_same_file_undamaged_is_read(self, tmp_path):
        path = tmp_path / "cold_starts.csv"
        path.write_text(HEADER + GOOD, encoding="utf-8")
        (row,) = read_cold_starts(path)
        assert (row.runtime, row.memory_mb, row.first_run_ms) == ("java21", 128, 89.5)
